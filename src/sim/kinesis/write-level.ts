import type { Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import { FEW } from './arrival-times.ts';
import type { Bucket } from './token-bucket.ts';
import { highestGain, leastLeft, UNIT } from './token-bucket.ts';
import type { Charges } from './write-charges.ts';
import { EqualCharges } from './write-charges.ts';
import type { WriteLimit } from './write-limit.ts';

/** Records that a shard took in one second, all of them. */
interface WholeSecond {
  readonly opens: Instant;
  readonly times: ArrivalTimes;
  readonly count: number;
  /** Bytes of data and key. */
  readonly charges: Charges;
}

/** Each record is one. */
const ONE_EACH = new EqualCharges(1);

/** So many seconds after the level was known it is worked out again. */
const UNKNOWN_FOR = 16;

/** A part of what is refilled in a second. */
const NEARLY_FULL = 0.9;

/**
 * A shard's write limit where a second begins (K3). Most seconds bring so few records that none can be refused: then nobody
 * has to know when they came, nor what exactly is left in the buckets. A lower bound of it goes from second to second; where
 * that does not suffice, the level is worked out, and the times of the records are looked at where they can matter only.
 */
export class WriteLevel {
  /** A limit with the same rates. */
  readonly #limit: WriteLimit;
  readonly #opens: Instant;
  /** At least so much is left; where the level is known, that is it. */
  #records: number;
  #bytes: number;
  /** The level one second earlier, and what came since; null: the level is known. */
  #before: WriteLevel | null;
  #since: WholeSecond | null;
  #unknownFor: number;

  private constructor(
    limit: WriteLimit,
    opens: Instant,
    records: number,
    bytes: number,
    before: WriteLevel | null,
    since: WholeSecond | null,
  ) {
    this.#limit = limit;
    this.#opens = opens;
    this.#records = records;
    this.#bytes = bytes;
    this.#before = before;
    this.#since = since;
    this.#unknownFor = before === null ? 0 : before.#unknownFor + 1;
  }

  /** Of a limit as it stands when a second begins. */
  static of(limit: WriteLimit, opens: Instant): WriteLevel {
    const { records, bytes } = limit.leftAt(opens);
    return new WriteLevel(limit, opens, records, bytes, null, null);
  }

  /** The limit as it stands, to be gone on with. */
  limit(): WriteLimit {
    this.#workOut();
    return this.#limit.holding({ records: this.#records, bytes: this.#bytes }, this.#opens);
  }

  /** The level after a second in which every record is taken; null where one is refused. */
  after(opens: Instant, times: ArrivalTimes, count: number, charges: Charges): WriteLevel | null {
    if (this.#unknownFor >= UNKNOWN_FOR) this.#workOut();
    if (count <= FEW) return this.#afterFew(opens, times, count, charges);
    if (!this.#isNearlyFull(count, charges)) {
      const second = { opens, times, count, charges };
      const level = this.#bounded(second);
      if (level !== null) return level;
      if (this.#before !== null) {
        this.#workOut();
        const another = this.#bounded(second);
        if (another !== null) return another;
      }
    }
    const limit = this.limit();
    return limit.acceptsAll(opens, times.all(), count, charges.each) ? WriteLevel.of(limit, opens + SECOND) : null;
  }

  /**
   * Where few records come, what is left when they all have: of those near the end it matters when. Where a bucket has been
   * full on the way, that what was left before is not known does not matter; nor does what keys there are where it is full in
   * the end.
   */
  #afterFew(opens: Instant, times: ArrivalTimes, count: number, charges: Charges): WriteLevel | null {
    const { recordBucket, byteBucket } = this.#limit;
    const isKnown = this.#before === null;
    const areTaken =
      leave(ofRecords, recordBucket, this.#records, times, count, ONE_EACH) &&
      leave(ofBytes, byteBucket, this.#bytes, times, count, charges);
    const isExact = charges.isExact || ofBytes.left === byteBucket.depth;
    if (!areTaken || (isKnown && !isExact)) {
      const limit = this.limit();
      return limit.acceptsAll(opens, times.all(), count, charges.each) ? WriteLevel.of(limit, opens + SECOND) : null;
    }
    const becomesKnown = isExact && (isKnown || (ofRecords.wasFull && ofBytes.wasFull));
    const before = becomesKnown ? null : this;
    const since = becomesKnown ? null : { opens, times, count, charges };
    return new WriteLevel(this.#limit, opens + SECOND, ofRecords.left, ofBytes.left, before, since);
  }

  /** Bounds that hold would have to be so close that to look at each record is less work. */
  #isNearlyFull(count: number, charges: Charges): boolean {
    const { recordBucket, byteBucket } = this.#limit;
    return count > NEARLY_FULL * recordBucket.rate || charges.atMost(0, count) > NEARLY_FULL * byteBucket.rate;
  }

  /** What is left at least; null where some record may be refused. */
  #bounded(second: WholeSecond): WriteLevel | null {
    const { recordBucket, byteBucket } = this.#limit;
    const { opens, times, count } = second;
    const records = leastLeft({ times, count, charges: ONE_EACH }, recordBucket, this.#records);
    if (records < 0) return null;
    const bytes = leastLeft(second, byteBucket, this.#bytes);
    return bytes < 0 ? null : new WriteLevel(this.#limit, opens + SECOND, records, bytes, this, second);
  }

  #workOut(): void {
    if (this.#before === null) return;
    const { recordBucket, byteBucket } = this.#limit;
    const records = this.#left(recordBucket, true);
    this.#bytes = this.#left(byteBucket, false);
    this.#records = records;
    this.#before = null;
    this.#since = null;
    this.#unknownFor = 0;
  }

  /**
   * What is left in one of the buckets: what was left at any time before and what it has gained since, and no more than
   * when it was full last, if it was. Second by second back, until what was left at least cannot bring it lower.
   */
  #left(bucket: Bucket, isOfRecords: boolean): number {
    const { depth, rate } = bucket;
    let left = depth;
    let gained = 0;
    let level: WriteLevel = this;
    while (level.#before !== null) {
      const { times, count, charges: ofBytesTaken } = level.#since!;
      const charges = isOfRecords ? ONE_EACH : ofBytesTaken;
      const taken = UNIT * charges.of(0, count);
      gained += rate * SECOND - taken;
      const highest = highestGain({ times, count, charges }, bucket, taken, depth + gained - left);
      left = Math.min(left, depth + gained - highest);
      level = level.#before;
      if ((isOfRecords ? level.#records : level.#bytes) + gained >= left) return left;
    }
    return (isOfRecords ? level.#records : level.#bytes) + gained;
  }
}

/** What is left in a bucket at a second's end, and whether it has been full in the second. */
interface Filling {
  left: number;
  wasFull: boolean;
}

/** Used again for every second of few records. */
const ofRecords: Filling = { left: 0, wasFull: false };
const ofBytes: Filling = { left: 0, wasFull: false };

/**
 * What is left of a bucket at the end of a second: what it gains more than is taken, and no more than if it was full when
 * some record came. Records so early that it has since gained all that is taken do not matter.
 *
 * @param left when the second begins
 * @returns false where a record may be refused
 */
function leave(
  filling: Filling,
  { depth, rate }: Bucket,
  left: number,
  times: ArrivalTimes,
  count: number,
  charges: Charges,
): boolean {
  const taken = UNIT * charges.atMost(0, count);
  if (taken > left) return false;
  const neverFull = left + rate * SECOND - taken;
  let onceFull = depth;
  for (let i = count - 1; i >= 0; i--) {
    const gained = rate * (SECOND - times.at(i));
    if (gained >= taken) break;
    onceFull = Math.min(onceFull, depth - UNIT * charges.atMost(i, count) + gained);
  }
  filling.wasFull = onceFull <= neverFull;
  filling.left = Math.min(onceFull, neverFull);
  return true;
}
