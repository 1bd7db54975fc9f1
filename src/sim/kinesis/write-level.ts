import type { Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import { FEW } from './arrival-times.ts';
import type { WriteRates } from './write-limit.ts';
import { WriteLimit } from './write-limit.ts';

/** Records of one size that a shard took in one second, all of them. */
interface WholeSecond {
  readonly opens: Instant;
  readonly times: ArrivalTimes;
  readonly count: number;
  /** Of each record. */
  readonly charged: number;
}

/** So many seconds after the level was known it is worked out again. */
const UNKNOWN_FOR = 16;

/**
 * A shard's write limit where a second begins (K3). Most seconds bring so few records that none can be refused: then nobody
 * has to know when they came, nor what exactly is left in the buckets. A lower bound of it goes from quarter to quarter of a
 * second; where that does not suffice, the level is worked out. Buckets that run from the bound, and from the brim, hold the
 * same once the lower one has overflowed, and what they hold then is the level.
 */
export class WriteLevel {
  readonly #rates: WriteRates;
  readonly #maximumRecordSize: number;
  /** At least so many records and bytes are left. */
  readonly #records: number;
  readonly #bytes: number;
  #known: WriteLimit | null;
  /** The level one second earlier, and what came since; null: it is known. */
  #before: { readonly level: WriteLevel; readonly since: WholeSecond } | null;
  readonly #unknownFor: number;

  private constructor(
    of: { readonly rates: WriteRates; readonly maximumRecordSize: number },
    left: { readonly records: number; readonly bytes: number },
    known: WriteLimit | null,
    before: { readonly level: WriteLevel; readonly since: WholeSecond } | null,
  ) {
    this.#rates = of.rates;
    this.#maximumRecordSize = of.maximumRecordSize;
    this.#records = left.records;
    this.#bytes = left.bytes;
    this.#known = known;
    this.#before = before;
    this.#unknownFor = before === null ? 0 : before.level.#unknownFor + 1;
  }

  /** Of a limit as it stands when a second begins. */
  static of(limit: WriteLimit, opens: Instant): WriteLevel {
    return new WriteLevel(limit, limit.leftAt(opens), limit, null);
  }

  /** The limit as it stands, to be gone on with. */
  limit(): WriteLimit {
    this.#known ??= this.#workOut();
    this.#before = null;
    return this.#known.copy();
  }

  /** The level after a second in which every record is taken; null where one is refused. */
  after(second: WholeSecond): WriteLevel | null {
    const { opens, times, count, charged } = second;
    const isCheap = this.#known !== null && count <= FEW;
    const bound = isCheap ? null : this.#boundAfter(second);
    if (bound === null || this.#unknownFor >= UNKNOWN_FOR) {
      const limit = this.limit();
      return limit.acceptsAll(opens, times.all(), count, charged) ? WriteLevel.of(limit, opens + SECOND) : null;
    }
    const of = { rates: this.#rates, maximumRecordSize: this.#maximumRecordSize };
    return new WriteLevel(of, bound, null, { level: this, since: second });
  }

  /** Null where some record may be refused. */
  #boundAfter({ times, count, charged }: WholeSecond): { records: number; bytes: number } | null {
    const { records: recordRate, bytes: byteRate } = this.#rates;
    const byteDepth = Math.max(byteRate, this.#maximumRecordSize);
    let records = this.#records;
    let bytes = this.#bytes;
    let before = 0;
    for (let quarter = 1; quarter <= 4; quarter++) {
      const until = quarter === 4 ? count : times.before((quarter * SECOND) / 4);
      const came = until - before;
      if (came > records || came * charged > bytes) return null;
      records = Math.min(recordRate, records + recordRate / 4) - came;
      bytes = Math.min(byteDepth, bytes + byteRate / 4) - came * charged;
      before = until;
    }
    return { records, bytes };
  }

  #workOut(): WriteLimit {
    for (let most = 2; ; most *= 2) {
      const seconds: WholeSecond[] = [];
      let from: WriteLevel = this;
      while (from.#before !== null && seconds.length < most) {
        seconds.unshift(from.#before.since);
        from = from.#before.level;
      }
      const { opens } = seconds[0]!;
      const lowest = from.#known?.copy() ?? from.#filledTo({ records: from.#records, bytes: from.#bytes }, opens);
      const highest = from.#filledTo(null, opens);
      for (const { opens: start, times, count, charged } of seconds) {
        for (const limit of [lowest, highest]) limit.acceptsAll(start, times.all(), count, charged);
      }
      if (from.#known !== null || lowest.equals(highest)) return lowest;
    }
  }

  /** Null: to the brim. */
  #filledTo(left: { records: number; bytes: number } | null, at: Instant): WriteLimit {
    return new WriteLimit(this.#rates, this.#maximumRecordSize, left === null ? null : { ...left, at });
  }
}
