import type { Instant } from '../../kernel/time.ts';
import { NEVER, SECOND } from '../../kernel/time.ts';
import { WRITE_BYTES_PER_SECOND, WRITE_RECORDS_PER_SECOND } from '../../recording/limits.ts';
import type { JsonValue, StreamSettings } from '../../scenario/scenario.ts';
import type { HashKeyRange, ShardSettings } from '../../scenario/shard-history.ts';
import { ListedTimes } from './arrival-times.ts';
import { KeyBytes } from './key-bytes.ts';
import { passPuts } from './lone-puts.ts';
import type { Passed, ShardProducer } from './merged-puts.ts';
import { mergedOrder, passMerged, sizesOf, takeMerged } from './merged-puts.ts';
import { InheritedOffers, OfferList } from './offers.ts';
import { hashKeyOf, holds } from './partition.ts';
import type { RecordLog, Retry } from './record-log.ts';
import { bytesOf, emptySecond, LogPosition, MadeSeconds, ShardSecond } from './record-log.ts';
import { inOrder } from './returning-puts.ts';
import { bytesIn, chargesOf } from './write-charges.ts';
import { WriteLevel } from './write-level.ts';
import type { WriteRates } from './write-limit.ts';
import { WriteLimit } from './write-limit.ts';

/** What a shard's log is made of. */
export interface ShardLogParts {
  readonly shard: ShardSettings;
  readonly producers: readonly ShardProducer[];
  /** The stream has so many records (M7). */
  readonly isSummedTogether: boolean;
  /** The closed shards it takes over from. */
  readonly parents: readonly { readonly log: ShardLog; readonly range: HashKeyRange }[];
}

const NONE: readonly never[] = [];
const PROVISIONED: WriteRates = { records: WRITE_RECORDS_PER_SECOND, bytes: WRITE_BYTES_PER_SECOND };

/**
 * The records of one shard as an arrival log: it can be read from any position passed before, holds no reader's place and
 * no backlog. Seconds are made when they are asked for, and made again for a reader that is far behind.
 */
export class ShardLog implements RecordLog {
  readonly #shard: ShardSettings;
  readonly #closesAt: Instant;
  readonly lastSecond: number;
  readonly #parents: ShardLogParts['parents'];
  /** Those that offer records to this shard, and behind them those of its parents, whose refused puts come here. */
  readonly #producers: readonly ShardProducer[];
  readonly #own: number;
  /** By producer, how many keys those before it draw from; and behind the last one how many all do. */
  readonly #keysBefore: readonly number[];
  readonly #maximumRecordSize: number;
  readonly #limited: boolean;
  /** K7; null: provisioned. */
  readonly #capacity: readonly number[] | null;
  readonly #constantBytes: number | null;
  /** Records of a uniform second may be taken together: even ones, which are no sample of it, only where all are (M7). */
  readonly #mayScatter: boolean;
  readonly #isSummedTogether: boolean;
  readonly #made = new MadeSeconds();
  readonly keyBytes: KeyBytes;
  readonly #lists: readonly OfferList[];
  /** Null: not worked out yet. */
  #beginning: LogPosition | null = null;
  /** Refused puts that come back when the shard is closed; null: its last second has not been made. */
  #leftOver: readonly Retry[] | null = null;

  constructor(stream: StreamSettings, { shard, producers, parents, isSummedTogether }: ShardLogParts) {
    this.#isSummedTogether = isSummedTogether;
    this.#shard = shard;
    this.#closesAt = shard.closesAt;
    this.lastSecond = shard.closesAt === NEVER ? Number.POSITIVE_INFINITY : Math.ceil(shard.closesAt / SECOND) - 1;
    this.#parents = parents;
    this.#own = producers.length;
    this.#producers = [
      ...producers,
      ...parents.flatMap(({ log, range }) =>
        log.#producers.map(({ offers, onThrottle }) => ({
          offers: new InheritedOffers(offers, range, shard),
          onThrottle,
        })),
      ),
    ];
    this.keyBytes = new KeyBytes(this.#producers.map(({ offers }) => offers));
    const keysBefore = [0];
    for (const { offers } of this.#producers) keysBefore.push(keysBefore.at(-1)! + offers.keyCount);
    this.#keysBefore = keysBefore;
    this.#maximumRecordSize = stream.maximumRecordSize;
    this.#limited = stream.writeLimits;
    this.#capacity = stream.capacity;
    this.#lists = producers.map(() => new OfferList());
    const sizes = new Set(this.#producers.map((producer) => producer.offers.constantBytes));
    this.#mayScatter = isSummedTogether || !this.#producers.some(({ offers }) => offers.isEven);
    this.#constantBytes = sizes.size === 1 ? [...sizes][0]! : sizes.size === 0 ? 0 : null;
  }

  get beginning(): LogPosition {
    const opens = Math.floor(this.#shard.opensAt / SECOND) * SECOND;
    this.#beginning ??= {
      second: opens / SECOND,
      first: 0,
      limit: this.#limited
        ? WriteLevel.of(new WriteLimit(this.#ratesIn(opens / SECOND), this.#maximumRecordSize), opens)
        : null,
      retries: this.#limited ? this.#inherited() : NONE,
      whole: null,
    };
    return this.#beginning;
  }

  /**
   * What the shard takes in a second: of an on-demand stream its part of the hash-key space, at least as much as any shard
   * (K3, K7; choice).
   */
  #ratesIn(second: number): WriteRates {
    if (this.#capacity === null) return PROVISIONED;
    const { startingHashKey, endingHashKey } = this.#shard;
    const share = Number(endingHashKey - startingHashKey + 1n) / 2 ** 128;
    const capacity = Math.max(1, this.#capacity[Math.min(Math.floor(second / 60), this.#capacity.length - 1)]! * share);
    return {
      records: Math.ceil(capacity * WRITE_RECORDS_PER_SECOND),
      bytes: Math.ceil(capacity * WRITE_BYTES_PER_SECOND),
    };
  }

  /** Of a second's records: what the write limits count, data and keys (K3). */
  chargedIn(second: ShardSecond): number {
    return bytesOf(second, 0, second.count) + this.keyBytes.exactIn(second, (i) => this.keyOf(second, i));
  }

  /** A put that a parent refused comes back to the shard that holds its hash key then (K3, K6). */
  #inherited(): readonly Retry[] {
    const retries: Retry[] = [];
    let before = this.#own;
    for (const { log, range } of this.#parents) {
      for (const retry of log.#closing()) {
        const producer = before + retry.producer;
        const { offers } = this.#producers[producer]!;
        const fraction = offers.fractionOf(retry.offeredIn, retry.identity);
        const isHere =
          fraction === null
            ? this.#takesOver(hashKeyOf(offers.keyOf(retry.offeredIn, retry.identity)), range)
            : fraction >= 0 && fraction < 1;
        if (isHere) retries.push({ ...retry, producer });
      }
      before += log.#producers.length;
    }
    return inOrder(retries);
  }

  /** A record that was put into the parent by name may have a key of another range; it goes where the parent's begin. */
  #takesOver(hashKey: bigint, parent: HashKeyRange): boolean {
    const place = holds(parent, hashKey) ? hashKey : parent.startingHashKey;
    return holds(this.#shard, place);
  }

  /** The puts that are on their way back to the shard when it is closed. */
  #closing(): readonly Retry[] {
    let position = this.beginning;
    if (this.#leftOver === null && position.second > this.lastSecond) this.#leftOver = position.retries;
    while (this.#leftOver === null) position = this.secondAt(position).after;
    return this.#leftOver;
  }

  /** The second that follows a position. */
  secondAt(position: LogPosition): ShardSecond {
    return this.#made.at(position, this.#make);
  }

  /** Data bytes of every record, null where they differ. */
  get constantBytes(): number | null {
    return this.#constantBytes;
  }

  keyOf(second: ShardSecond, position: number): string {
    const { offers } = this.#producers[second.producers?.[position] ?? 0]!;
    return offers.keyOf(second.offeredIn?.[position] ?? second.second, identityOf(second, position));
  }

  keyNumberOf(second: ShardSecond, position: number): number {
    const producer = second.producers?.[position] ?? 0;
    const { offers } = this.#producers[producer]!;
    if (offers.keyCount === 0) return -1;
    const number = offers.keyNumberOf(second.offeredIn?.[position] ?? second.second, identityOf(second, position));
    return this.#keysBefore[producer]! + number;
  }

  get keyCount(): number {
    return this.#keysBefore.at(-1)!;
  }

  dataOf(second: ShardSecond, position: number): string | null {
    const { offers } = this.#producers[second.producers?.[position] ?? 0]!;
    return offers.dataOf(second.offeredIn?.[position] ?? second.second, identityOf(second, position));
  }

  parsedOf(second: ShardSecond, position: number): JsonValue {
    const { offers } = this.#producers[second.producers?.[position] ?? 0]!;
    return offers.parsedOf(second.offeredIn?.[position] ?? second.second, identityOf(second, position));
  }

  /** Where in the shard's hash-key range a record lies, from 0 to 1; null where its key decides. */
  fractionOf(second: ShardSecond, position: number): number | null {
    const { offers } = this.#producers[second.producers?.[position] ?? 0]!;
    return offers.fractionOf(second.offeredIn?.[position] ?? second.second, identityOf(second, position));
  }

  readonly #make = (position: LogPosition): ShardSecond => {
    const { second } = position;
    if (second > this.lastSecond) return emptySecond(position);
    const made = this.#acceptStretch(position) ?? this.#acceptOffers(position);
    if (second !== this.lastSecond) return made;
    this.#leftOver = made.after.retries;
    const { after } = made;
    return new ShardSecond({
      ...made,
      after: new LogPosition(after.second, after.first, after.limit, NONE, after.whole),
    });
  };

  #acceptOffers(position: LogPosition): ShardSecond {
    const { second } = position;
    let offered = 0;
    for (let p = 0; p < this.#own; p++) {
      const list = this.#lists[p]!;
      list.clear();
      this.#producers[p]!.offers.fill(second, list);
      offered += list.length;
    }
    return this.#acceptWhole(position) ?? this.#passLone(position) ?? this.#passMerged(position, offered);
  }

  /** The write limit when a second begins. */
  #limitIn({ limit, second }: LogPosition): WriteLimit {
    const current = limit!.limit();
    if (this.#capacity !== null && second % 60 === 0) current.turnTo(this.#ratesIn(second), second * SECOND);
    return current;
  }

  /** One producer, records that come uniformly, nothing refused: what nobody looks at is not drawn. Else null. */
  #acceptStretch(position: LogPosition): ShardSecond | null {
    const { second, first, retries } = position;
    if (this.#own !== 1 || retries.length > 0) return null;
    const { offers } = this.#producers[0]!;
    const stretch = offers.stretchIn(second);
    if (stretch === null) return null;
    const { count, from, to, times, firstIdentity } = stretch;
    const bytes = this.#constantBytes ?? bytesIn(second, offers, stretch);
    let limit: WriteLevel | null = null;
    if (position.limit !== null) {
      const charges = chargesOf(second, offers, stretch, bytes, this.#maximumRecordSize);
      if (charges === null) return null;
      const turns = this.#capacity !== null && second % 60 === 0; // K7
      const before = turns ? WriteLevel.of(this.#limitIn(position), second * SECOND) : position.limit;
      limit = before.after(second * SECOND, times, count, charges);
      if (limit === null) return null;
    }
    return new ShardSecond({
      second,
      first,
      count,
      times,
      bytes,
      producers: null,
      identities: null,
      firstIdentity,
      offeredIn: null,
      uniform: this.#mayScatter,
      from,
      to,
      offered: count,
      offeredTimes: times,
      refusals: NONE,
      losses: NONE,
      isSummedTogether: this.#isSummedTogether,
      slice: null,
      after: new LogPosition(second + 1, first + count, limit, NONE, null),
    });
  }

  /** The usual second: one producer, nothing to merge, nothing refused. Null where it is not like that. */
  #acceptWhole(position: LogPosition): ShardSecond | null {
    const { second, first, retries } = position;
    if (this.#own !== 1 || retries.length > 0) return null;
    const { offers } = this.#producers[0]!;
    const list = this.#lists[0]!;
    const bytes = this.#constantBytes ?? list.workOutBytes(offers, second);
    let limit: WriteLimit | null = null;
    if (position.limit !== null) {
      const charged = this.#chargesOf(second, list, bytes);
      if (charged === null) return null;
      limit = this.#limitIn(position);
      if (!limit.acceptsAll(second * SECOND, list.times, list.length, charged)) return null;
    }
    const times = list.times.slice(0, list.length);
    const identities = list.isNumbered ? null : list.identities.slice(0, list.length);
    return new ShardSecond({
      second,
      first,
      count: list.length,
      times: new ListedTimes(times),
      bytes,
      producers: null,
      identities,
      firstIdentity: 0,
      offeredIn: null,
      uniform: list.uniform && this.#mayScatter,
      from: list.from,
      to: list.to,
      offered: list.length,
      offeredTimes: new ListedTimes(times),
      refusals: NONE,
      losses: NONE,
      isSummedTogether: this.#isSummedTogether,
      slice: null,
      after: new LogPosition(second + 1, first + list.length, levelAfter(limit, second), NONE, null),
    });
  }

  /** What each record of the one producer is charged, or all of them; null where one is larger than a stream takes. */
  #chargesOf(second: number, list: OfferList, bytes: Int32Array | number): Int32Array | number | null {
    const { offers } = this.#producers[0]!;
    const { constantKeyBytes } = offers;
    if (typeof bytes === 'number' && constantKeyBytes !== null) {
      return bytes + constantKeyBytes > this.#maximumRecordSize ? null : bytes + constantKeyBytes;
    }
    const charges = typeof bytes === 'number' ? new Int32Array(list.length).fill(bytes) : bytes.slice();
    for (let i = 0; i < list.length; i++) {
      charges[i]! += constantKeyBytes ?? offers.keyBytesOf(second, list.identities[i]!);
      if (charges[i]! > this.#maximumRecordSize) return null;
    }
    return charges;
  }

  /** Of several producers, or what parents have left. */
  #passMerged(position: LogPosition, offered: number): ShardSecond {
    const { second, retries } = position;
    const puts = {
      second,
      closes: this.#closesAt,
      producers: this.#producers,
      lists: this.#lists,
      offered,
      retries,
      constantBytes: this.#constantBytes,
      maximumRecordSize: this.#maximumRecordSize,
    };
    const limit = position.limit === null ? null : this.#limitIn(position);
    const order = mergedOrder(this.#lists, offered);
    const sizes = sizesOf(puts, order, limit !== null);
    const made = takeMerged(puts, order, sizes, limit) ?? passMerged(puts, order, sizes, limit);
    return this.#passed(position, made);
  }

  /** One producer: as `#passMerged` lets its records through, with less ado. Null where it is not like that. */
  #passLone(position: LogPosition): ShardSecond | null {
    const { second, limit, retries } = position;
    if (this.#own !== 1 || limit === null || retries.some(({ producer }) => producer > 0)) return null;
    const { offers, onThrottle } = this.#producers[0]!;
    const list = this.#lists[0]!;
    const bytes = this.#constantBytes ?? list.bytes ?? list.workOutBytes(offers, second);
    const charges = this.#chargesOf(second, list, bytes);
    if (charges === null) return null;
    const opens = second * SECOND;
    const closes = Math.min(SECOND, this.#closesAt - opens);
    const { times, identities: all, length: offered, isNumbered } = list;
    const identities = isNumbered ? null : all;
    const current = this.#limitIn(position);
    const { recordBucket, byteBucket } = current;
    const passed = passPuts({
      ...{ second, closes, times, identities, count: offered, retries, onThrottle, bytes, charges, offers },
      ...{ recordBucket, byteBucket, left: current.leftAt(opens) },
    });
    return this.#passed(position, {
      count: passed.count,
      times: new ListedTimes(passed.times),
      bytes: passed.bytes,
      producers: null,
      identities: passed.identities,
      offeredIn: passed.offeredIn,
      refusals: passed.refusals,
      losses: passed.losses,
      retries: passed.retries,
      offered,
      offeredTimes: new ListedTimes(times.slice(0, offered)),
      limit: current.holding(passed.left, opens + passed.at),
    });
  }

  #passed(position: LogPosition, made: Passed): ShardSecond {
    const { second, first } = position;
    const { refusals, losses, offeredTimes, limit, retries } = made;
    const lists = this.#lists.filter((list) => list.length > 0);
    const [one] = lists;
    const uniform =
      this.#mayScatter &&
      refusals.length === 0 &&
      losses.length === 0 &&
      position.retries.length === 0 &&
      lists.every((list) => list.uniform && list.from === one!.from && list.to === one!.to);
    return new ShardSecond({
      second,
      first,
      count: made.count,
      times: made.times,
      bytes: made.bytes,
      producers: made.producers,
      identities: made.identities,
      firstIdentity: 0,
      offeredIn: made.offeredIn,
      uniform: uniform && one !== undefined,
      from: one?.from ?? 0,
      to: one?.to ?? SECOND,
      offered: made.offered,
      offeredTimes,
      refusals,
      losses,
      isSummedTogether: this.#isSummedTogether,
      slice: null,
      after: new LogPosition(second + 1, first + made.count, levelAfter(limit, second), retries, null),
    });
  }
}

function identityOf({ identities, firstIdentity }: ShardSecond, position: number): number {
  return identities?.[position] ?? firstIdentity + position;
}

function levelAfter(limit: WriteLimit | null, second: number): WriteLevel | null {
  return limit === null ? null : WriteLevel.of(limit, (second + 1) * SECOND);
}
