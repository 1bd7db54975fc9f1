/** As many points of single shards' series as a result holds; past that the worst so many shards of each mapping. */
export const MOST_POINTS = 200 * 2_000;
export const KEPT_SHARDS = 12;
