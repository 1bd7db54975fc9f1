import type { Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import { FEW } from './arrival-times.ts';
import { highestGain, leastLeft } from './token-bucket.ts';
import type { Tokens, WriteLimit } from './write-limit.ts';

/** Records of one size that a shard took in one second, all of them. */
interface WholeSecond {
  readonly opens: Instant;
  readonly times: ArrivalTimes;
  readonly count: number;
  /** Of each record. */
  readonly charged: number;
}

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
    const { opens, times, count, charged } = second;
    if (this.#unknownFor >= UNKNOWN_FOR) this.#workOut();
    const least = this.#isNearlyFull(second) ? null : this.#boundAfter(second);
    if (least !== null) return new WriteLevel(this.#limit, opens + SECOND, least, { level: this, since: second });
    const limit = this.limit();
    return limit.acceptsAll(opens, times.all(), count, charged) ? WriteLevel.of(limit, opens + SECOND) : null;
  }

  /** Bounds that hold would have to be so close that to look at each record is less work. */
  #isNearlyFull({ count, charged }: WholeSecond): boolean {
    const { records, bytes } = this.#limit.buckets(charged);
    return (
      count * records.cost > NEARLY_FULL * records.rate * SECOND ||
      count * bytes.cost > NEARLY_FULL * bytes.rate * SECOND
    );
  }

  #boundAfter(second: WholeSecond): Tokens | null {
    if (this.#before === null) return second.count <= FEW ? null : this.#leastAfter(second);
    const least = this.#leastAfter(second);
    if (least !== null) return least;
    this.#workOut();
    return this.#leastAfter(second);
  }

  /** Null where some record may be refused. */
  #leastAfter({ times, count, charged }: WholeSecond): Tokens | null {
    const { records, bytes } = this.#limit.buckets(charged);
    const leastRecords = leastLeft(times, records, this.#least.records, count);
    if (leastRecords < 0) return null;
    const leastBytes = leastLeft(times, bytes, this.#least.bytes, count);
    return leastBytes < 0 ? null : { records: leastRecords, bytes: leastBytes };
  }

  #workOut(): void {
    if (this.#before === null) return;
    this.#least = { records: this.#left('records'), bytes: this.#left('bytes') };
    this.#before = null;
    this.#unknownFor = 0;
  }

  /**
   * What is left in one of the buckets: what was left at any time before and what it has gained since, and no more than
   * when it was full last, if it was. Second by second back, until what was left at least cannot bring it lower.
   */
  #left(kind: 'records' | 'bytes'): number {
    let left = this.#limit.buckets(0)[kind].depth;
    let gained = 0;
    let level: WriteLevel = this;
    while (level.#before !== null) {
      const { times, count, charged } = level.#before.since;
      const bucket = this.#limit.buckets(charged)[kind];
      gained += bucket.rate * SECOND - bucket.cost * count;
      const highest = highestGain(times, bucket, count, bucket.depth + gained - left);
      left = Math.min(left, bucket.depth + gained - highest);
      level = level.#before.level;
      if (level.#least[kind] + gained >= left) return left;
    }
    return level.#least[kind] + gained;
  }
}
