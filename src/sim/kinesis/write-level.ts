import type { Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import { FEW } from './arrival-times.ts';
import type { Bucket } from './token-bucket.ts';
import { highestGain, leastLeft, UNIT } from './token-bucket.ts';
import type { Charges } from './write-charges.ts';
import { EqualCharges } from './write-charges.ts';
import type { Tokens, WriteLimit } from './write-limit.ts';

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

/** A level, and what came in the second after it. */
interface Earlier {
  readonly level: WriteLevel;
  readonly since: WholeSecond;
}

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
  /** A limit with the same rates; where the level is known, what is left is this level's. */
  readonly #limit: WriteLimit;
  readonly #opens: Instant;
  /** At least so much is left; where the level is known, that is it. */
  #least: Tokens;
  /** The level one second earlier, and what came since; null: the level is known. */
  #before: Earlier | null;
  #unknownFor: number;

  private constructor(limit: WriteLimit, opens: Instant, least: Tokens, before: Earlier | null) {
    this.#limit = limit;
    this.#opens = opens;
    this.#least = least;
    this.#before = before;
    this.#unknownFor = before === null ? 0 : before.level.#unknownFor + 1;
  }

  /** Of a limit as it stands when a second begins. */
  static of(limit: WriteLimit, opens: Instant): WriteLevel {
    return new WriteLevel(limit, opens, limit.leftAt(opens), null);
  }

  /** The limit as it stands, to be gone on with. */
  limit(): WriteLimit {
    this.#workOut();
    return this.#limit.holding(this.#least, this.#opens);
  }

  /** The level after a second in which every record is taken; null where one is refused. */
  after(second: WholeSecond): WriteLevel | null {
    const { opens, times, count, charges } = second;
    if (this.#unknownFor >= UNKNOWN_FOR) this.#workOut();
    const least = this.#isNearlyFull(second) ? null : this.#boundAfter(second);
    if (least !== null) return new WriteLevel(this.#limit, opens + SECOND, least, { level: this, since: second });
    const limit = this.limit();
    return limit.acceptsAll(opens, times.all(), count, charges.each) ? WriteLevel.of(limit, opens + SECOND) : null;
  }

  /** Bounds that hold would have to be so close that to look at each record is less work. */
  #isNearlyFull({ count, charges }: WholeSecond): boolean {
    const { recordBucket, byteBucket } = this.#limit;
    return count > NEARLY_FULL * recordBucket.rate || charges.atMost(0, count) > NEARLY_FULL * byteBucket.rate;
  }

  #boundAfter(second: WholeSecond): Tokens | null {
    if (this.#before === null) return second.count <= FEW ? null : this.#leastAfter(second);
    const least = this.#leastAfter(second);
    if (least !== null) return least;
    this.#workOut();
    return this.#leastAfter(second);
  }

  /** Null where some record may be refused. */
  #leastAfter(second: WholeSecond): Tokens | null {
    const { recordBucket, byteBucket } = this.#limit;
    const { times, count } = second;
    const records = leastLeft({ times, count, charges: ONE_EACH }, recordBucket, this.#least.records);
    if (records < 0) return null;
    const bytes = leastLeft(second, byteBucket, this.#least.bytes);
    return bytes < 0 ? null : { records, bytes };
  }

  #workOut(): void {
    if (this.#before === null) return;
    const { recordBucket, byteBucket } = this.#limit;
    this.#least = { records: this.#left('records', recordBucket), bytes: this.#left('bytes', byteBucket) };
    this.#before = null;
    this.#unknownFor = 0;
  }

  /**
   * What is left in one of the buckets: what was left at any time before and what it has gained since, and no more than
   * when it was full last, if it was. Second by second back, until what was left at least cannot bring it lower.
   */
  #left(kind: 'records' | 'bytes', bucket: Bucket): number {
    const { depth, rate } = bucket;
    let left = depth;
    let gained = 0;
    let level: WriteLevel = this;
    while (level.#before !== null) {
      const { since } = level.#before;
      const { times, count } = since;
      const charges = kind === 'records' ? ONE_EACH : since.charges;
      const taken = UNIT * charges.of(0, count);
      gained += rate * SECOND - taken;
      const highest = highestGain({ times, count, charges }, bucket, taken, depth + gained - left);
      left = Math.min(left, depth + gained - highest);
      level = level.#before.level;
      if (level.#least[kind] + gained >= left) return left;
    }
    return level.#least[kind] + gained;
  }
}
