export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A slope and its 95 % confidence interval, in y a unit of x. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

const MOST_POINTS = 500;
const Z975 = 1.959963984540054;

/**
 * Theil–Sen: the median of the slopes between all pairs of points, which single outliers cannot move. The interval is
 * Sen's, from the variance of Kendall's statistic with its correction for ties (P. K. Sen, 1968). More than 500 points
 * are thinned evenly first.
 *
 * @param points at least two with different x
 */
export function theilSen(points: readonly Point[]): Slope {
  const kept = thinned(points);
  const slopes = slopesBetween(kept);
  const spread = Z975 * Math.sqrt(kendallVariance(kept.map(({ y }) => y)));
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, rank))]!;
  const middle = slopes.length / 2;
  return {
    slope: (at(Math.ceil(middle) - 1) + at(Math.floor(middle))) / 2,
    low: at(Math.floor((slopes.length - spread) / 2) - 1),
    high: at(Math.ceil((slopes.length + spread) / 2)),
  };
}

/** Ascending, of all pairs that differ in x. */
function slopesBetween(points: readonly Point[]): Float64Array {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2);
  let count = 0;
  for (let i = 0; i < points.length; i++) {
    const { x, y } = points[i]!;
    for (let j = i + 1; j < points.length; j++) {
      const run = points[j]!.x - x;
      if (run !== 0) slopes[count++] = (points[j]!.y - y) / run;
    }
  }
  return slopes.subarray(0, count).sort();
}

/** Of Kendall's S over a sample without trend. */
function kendallVariance(values: readonly number[]): number {
  const n = values.length;
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  let variance = n * (n - 1) * (2 * n + 5);
  for (const count of ties.values()) variance -= count * (count - 1) * (2 * count + 5);
  return variance / 18;
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MOST_POINTS) return points;
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.floor((i * points.length) / MOST_POINTS)]!);
}
