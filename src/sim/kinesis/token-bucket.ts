import type { Duration } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalTimes } from './arrival-times.ts';

/*
 * What becomes of a token bucket (K3) in a second of records that all cost the same and are all taken, found by looking at
 * no more of their times than matter: a stretch of the second is judged by how many records came before it and in it, and
 * halved where that does not tell. Whole numbers, so nothing is rounded.
 */

/** A bucket that is refilled each microsecond, and what a record takes out of it. */
export interface Bucket {
  readonly depth: number;
  readonly rate: number;
  readonly cost: number;
}

/** So many records of a stretch are looked at one by one. */
const NEAR = 12;
const near = new Int32Array(NEAR);

/**
 * What is left at the end of a second, at least, of what was left at its start; less than 0 where a record may be refused.
 * The bound is low by what a stretch's records would have let overflow if all had come at its end.
 */
export function leastLeft(times: ArrivalTimes, bucket: Bucket, left: number, count: number): number {
  return leastLeftIn(times, bucket, left, 0, SECOND, 0, count);
}

function leastLeftIn(
  times: ArrivalTimes,
  bucket: Bucket,
  left: number,
  from: Duration,
  to: Duration,
  before: number,
  end: number,
): number {
  const { depth, rate, cost } = bucket;
  const taken = cost * (end - before);
  if (taken <= left) return Math.min(depth, left + rate * (to - from)) - taken;
  if (to - from === 1) return -1;
  if (end - before <= NEAR) {
    times.copy(before, end, near);
    let now = left;
    let at = from;
    for (let i = 0; i < end - before; i++) {
      now = Math.min(depth, now + rate * (near[i]! - at)) - cost;
      if (now < 0) return -1;
      at = near[i]!;
    }
    return Math.min(depth, now + rate * (to - at));
  }
  const middle = (from + to) >> 1;
  const between = times.before(middle);
  const halfway = leastLeftIn(times, bucket, left, from, middle, before, between);
  return halfway < 0 ? -1 : leastLeftIn(times, bucket, halfway, middle, to, between, end);
}

/**
 * The most that a bucket without a brim would have gained by any time of a second, where that is more than `least`; else
 * `least`. By a time it has gained the refill until then, less what the records before it took.
 */
export function highestGain(times: ArrivalTimes, bucket: Bucket, count: number, least: number): number {
  return highestGainIn(times, bucket, 0, SECOND, 0, count, least);
}

/** After `from`, up to `to`. */
function highestGainIn(
  times: ArrivalTimes,
  bucket: Bucket,
  from: Duration,
  to: Duration,
  before: number,
  end: number,
  least: number,
): number {
  const { rate, cost } = bucket;
  if (rate * to - cost * before <= least) return least;
  let highest = Math.max(least, rate * to - cost * end);
  if (end === before || to - from === 1) return highest;
  if (end - before <= NEAR) {
    times.copy(before, end, near);
    for (let i = 0; i < end - before; i++) highest = Math.max(highest, rate * near[i]! - cost * (before + i));
    return highest;
  }
  const middle = (from + to) >> 1;
  const between = times.before(middle);
  highest = highestGainIn(times, bucket, middle, to, between, end, highest);
  return highestGainIn(times, bucket, from, middle, before, between, highest);
}
