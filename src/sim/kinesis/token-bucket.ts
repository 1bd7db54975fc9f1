import type { Duration } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import type { Charges } from './write-charges.ts';

/*
 * What becomes of a token bucket (K3) in a second of records that are all taken, found by looking at no more of their times,
 * and of what each is charged, than matter: a stretch of the second is judged by what came before it and in it, and halved
 * where that does not tell. Whole numbers, so nothing is rounded.
 */

/** Tokens of one record, or of one byte: a bucket is refilled by its rate each microsecond. */
export const UNIT = SECOND;

/** A bucket that is refilled each microsecond. */
export interface Bucket {
  readonly depth: number;
  readonly rate: number;
}

/** A second's records, and what the bucket is charged for each. */
export interface Charged {
  readonly times: ArrivalTimes;
  readonly count: number;
  readonly charges: Charges;
}

/** So many records of a stretch are looked at one by one. */
const NEAR = 12;
const near = new Int32Array(NEAR);

/**
 * What is left at the end of a second, at least, of what was left at its start; less than 0 where a record may be refused.
 * The bound is low by what a stretch's records would have let overflow if all had come at its end, and by what they are
 * charged less than they might be.
 */
export function leastLeft(records: Charged, bucket: Bucket, left: number): number {
  return leastLeftIn(records, bucket, left, 0, SECOND, 0, records.count);
}

function leastLeftIn(
  records: Charged,
  bucket: Bucket,
  left: number,
  from: Duration,
  to: Duration,
  before: number,
  end: number,
): number {
  const { times, charges } = records;
  const { depth, rate } = bucket;
  const taken = UNIT * charges.atMost(before, end);
  if (taken <= left) return Math.min(depth, left + rate * (to - from)) - taken;
  if (to - from === 1) return -1;
  if (end - before <= NEAR) {
    times.copy(before, end, near, 0);
    let now = left;
    let at = from;
    for (let i = 0; i < end - before; i++) {
      now = Math.min(depth, now + rate * (near[i]! - at)) - UNIT * charges.atMost(before + i, before + i + 1);
      if (now < 0) return -1;
      at = near[i]!;
    }
    return Math.min(depth, now + rate * (to - at));
  }
  const middle = (from + to) >> 1;
  const between = times.before(middle);
  const halfway = leastLeftIn(records, bucket, left, from, middle, before, between);
  return halfway < 0 ? -1 : leastLeftIn(records, bucket, halfway, middle, to, between, end);
}

/**
 * The most that a bucket without a brim would have gained by any time of a second, where that is more than `least`; else
 * `least`. By a time it has gained the refill until then, less what the records before it took.
 *
 * @param taken by all records of the second
 */
export function highestGain(records: Charged, bucket: Bucket, taken: number, least: number): number {
  return highestGainIn(records, bucket, 0, SECOND, 0, records.count, 0, taken, least);
}

/** After `from`, up to `to`; `taken` by the records before `before`, and by those before `end`. */
function highestGainIn(
  records: Charged,
  bucket: Bucket,
  from: Duration,
  to: Duration,
  before: number,
  end: number,
  taken: number,
  takenToEnd: number,
  least: number,
): number {
  const { times, charges } = records;
  const { rate } = bucket;
  if (rate * to - taken <= least) return least;
  let highest = Math.max(least, rate * to - takenToEnd);
  if (end === before || to - from === 1) return highest;
  if (end - before <= NEAR) {
    times.copy(before, end, near, 0);
    let now = taken;
    for (let i = 0; i < end - before; i++) {
      highest = Math.max(highest, rate * near[i]! - now);
      now += UNIT * charges.of(before + i, before + i + 1);
    }
    return highest;
  }
  const middle = (from + to) >> 1;
  const between = times.before(middle);
  const halfway = taken + UNIT * charges.of(before, between);
  highest = highestGainIn(records, bucket, middle, to, between, end, halfway, takenToEnd, highest);
  return highestGainIn(records, bucket, from, middle, before, between, taken, halfway, highest);
}
