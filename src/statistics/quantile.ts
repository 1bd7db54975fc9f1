/**
 * The nearest-rank quantile of values in ascending order; null without values.
 *
 * @param percent 0 to 100
 */
export function quantileOfSorted(values: readonly number[], percent: number): number | null {
  if (values.length === 0) return null;
  const rank = Math.min(values.length, Math.max(1, Math.ceil((percent * values.length) / 100)));
  return values[rank - 1]!;
}
