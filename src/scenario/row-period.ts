import type { Duration } from '../kernel/time.ts';
import { MINUTE, SECOND } from '../kernel/time.ts';

/**
 * What each of several rows stands for, by when they begin, in order: the longest period that all their steps are whole
 * numbers of, since a period without data has no row. Where that is none that anybody measures by, the times are no grid, and
 * it is the least step. Null where all have one time.
 */
export function rowPeriod(times: readonly number[]): Duration | null {
  let least = Number.POSITIVE_INFINITY;
  let common = 0;
  for (const step of stepsOf(times)) {
    least = Math.min(least, step);
    common = commonDivisor(common, step);
  }
  if (common === 0) return null;
  return common % MINUTE === 0 || SHORT_PERIODS.includes(common) ? common : least;
}

/** Whether any two rows are one period apart; where none are, it may be a part of the one that was meant, or several. */
export function hasStep(times: readonly number[], period: Duration): boolean {
  return stepsOf(times).includes(period);
}

/** The steps between rows; those of one time have none between them. */
export function stepsOf(times: readonly number[]): Duration[] {
  return times.flatMap((at, i) => (i > 0 && at > times[i - 1]! ? [at - times[i - 1]!] : []));
}

/** CloudWatch's below a minute, but for the second: all times lie on that, those of no grid, too. */
const SHORT_PERIODS = [5, 10, 20, 30].map((seconds) => seconds * SECOND);

/** The largest of two whole numbers; of 0 and another, that. */
export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
