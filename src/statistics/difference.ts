import type { MeanInterval } from './interval.ts';
import { meanInterval, studentQuantile, studentTails } from './interval.ts';

/** What samples of A and of B say of the difference of their means, B − A. */
export interface DifferenceInterval {
  /** Pairs; of samples that are not in pairs, those of the smaller side. */
  readonly count: number;
  /** Null without samples on both sides. */
  readonly mean: number | null;
  /** Null with fewer than two samples, as are `low`, `high` and `pValue`. */
  readonly standardError: number | null;
  /** Ends of the confidence interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** How probable a difference at least as large is by chance alone. */
  readonly pValue: number | null;
}

/**
 * Student's t on the differences of pairs. Where all differences are the same it has no spread to go by. Then it matters
 * whether chance shows in the samples themselves. Where all of A's are equal, and so all of B's, two values that were drawn
 * alike for both would have parted like that with a probability of at most 2 · 4^−n; the same is taken where each of A's is
 * another, and only the difference never is. Between the two, small counts for example, the sign test speaks: 2 · 2^−n.
 *
 * @param confidence between 0 and 1; default 0.95
 */
export function pairedDifference(a: readonly number[], b: readonly number[], confidence = 0.95): DifferenceInterval {
  if (a.length !== b.length) throw new RangeError('expected as many samples of B as of A');
  const { count, mean, standardError, low, high } = meanInterval(
    a.map((before, index) => withoutRounding(before, b[index]!)),
    confidence,
  );
  const distinct = new Set(a).size;
  const ofEqualOnes = distinct === 1 || distinct === count ? parted(count, count) : 2 ** (1 - count);
  return { count, mean, standardError, low, high, pValue: pValueOf(mean, standardError, count - 1, ofEqualOnes) };
}

/**
 * Welch's t on samples of A and of B that have nothing to do with each other. Where all of A's are equal, and all of B's, it
 * is as with pairs.
 *
 * @param one of A's samples
 * @param other of B's
 */
export function unpairedDifference(one: MeanInterval, other: MeanInterval, confidence = 0.95): DifferenceInterval {
  const count = Math.min(one.count, other.count);
  const mean = one.mean === null || other.mean === null ? null : withoutRounding(one.mean, other.mean);
  if (mean === null || count < 2) return { count, mean, standardError: null, low: null, high: null, pValue: null };
  const standardError = Math.sqrt(one.standardError! ** 2 + other.standardError! ** 2);
  const share = standardError === 0 ? 0.5 : (one.standardError! / standardError) ** 2;
  const degreesOfFreedom = 1 / (share ** 2 / (one.count - 1) + (1 - share) ** 2 / (other.count - 1));
  const half = studentQuantile((1 + confidence) / 2, degreesOfFreedom) * standardError;
  const pValue = pValueOf(mean, standardError, degreesOfFreedom, parted(one.count, other.count));
  return { count, mean, standardError, low: mean - half, high: mean + half, pValue };
}

/**
 * Holm's adjustment for judging several at once: an adjusted value of at most 5 % keeps the chance of any false alarm among
 * all of them at 5 %.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((one, other) => pValues[one]! - pValues[other]!);
  const adjusted: number[] = [];
  let least = 0;
  for (const [rank, index] of order.entries()) {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = least;
  }
  return adjusted;
}

function pValueOf(
  mean: number | null,
  standardError: number | null,
  degreesOfFreedom: number,
  ofEqualOnes: number,
): number | null {
  if (mean === null || standardError === null) return null;
  if (mean === 0 && standardError === 0) return 1;
  const areEqual = standardError <= ROUNDING * Math.abs(mean);
  return areEqual ? Math.min(1, ofEqualOnes) : studentTails(mean / standardError, degreesOfFreedom);
}

/** Two sums of the same numbers may differ in their last digits. */
function withoutRounding(a: number, b: number): number {
  return Math.abs(b - a) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b)) ? 0 : b - a;
}

const ROUNDING = 1e-9;

/** How probable it is at most that one value comes to all of A and another to all of B, both drawn by the same law. */
function parted(ofA: number, ofB: number): number {
  const share = ofA / (ofA + ofB);
  return 2 * share ** ofA * (1 - share) ** ofB;
}
