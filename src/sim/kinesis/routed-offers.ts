import type { Chance } from '../../kernel/chance.ts';
import { hash } from '../../kernel/chance.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import { WholeQuantiles } from '../../kernel/whole-quantiles.ts';
import type { JsonValue, ListedRecords, ProducerSettings } from '../../scenario/scenario.ts';
import { RECENT, RecentSeconds } from './cells.ts';
import type { EvenTimes } from './even-times.ts';
import { KeyTable, longestOf } from './keys.ts';
import type { KeySizes, ShardOffers, WholeStretch } from './offers.ts';
import { jsonTextBytes, OfferList, utf8Length } from './offers.ts';
import { hashKeyOf } from './partition.ts';
import type { RecordData } from './record-data.ts';
import { parsedData, recordDataOf } from './record-data.ts';
import type { Epoch, Routing } from './routing.ts';
import { FRESH_KEY_LENGTH, FRESH_KEY_SIZES, freshKey } from './scattered-offers.ts';

/** Keys, sizes and shards of records that are numbered over the whole stream: each is drawn from (seed, producer, index). */
export class RecordDraws {
  readonly keys: KeyTable | null;
  /** Of those that are drawn. */
  readonly longestKeyBytes: number;
  readonly #data: RecordData | null;
  readonly #settings: ProducerSettings;
  readonly #keyChance: Chance;
  readonly #sizes: Chance;
  readonly #size: WholeQuantiles;
  readonly #routing: Routing;
  /** For each stretch of time, the shard of each named key. */
  readonly #shardsByPosition = new Map<Epoch, Int32Array>();

  constructor(settings: ProducerSettings, chance: Chance, routing: Routing) {
    this.#settings = settings;
    this.keys = settings.keys.kind === 'fresh' ? null : new KeyTable(settings.keys);
    this.longestKeyBytes = this.keys === null ? FRESH_KEY_LENGTH : longestOf(this.keys.lengths);
    this.#data = settings.data === null ? null : recordDataOf(settings.data, chance, true);
    this.#keyChance = chance.fork('keys');
    this.#sizes = chance.fork('bytes');
    this.#size = new WholeQuantiles(settings.bytes);
    this.#routing = routing;
  }

  /** The key that a producer without a key of its own for this record draws, and the shard that the key falls into. */
  keyOf(index: number): string {
    if (this.keys !== null) return this.keys.names[this.#position(index)]!;
    const high = (index / 4294967296) | 0;
    const { key0, key1 } = this.#keyChance;
    return freshKey(hash(key0, key1, index | 0, high), hash(key1, key0, index | 0, high));
  }

  /** Of a record without a key of its own, where its producer's keys are named. */
  keyNumberOf(index: number): number {
    return this.#position(index);
  }

  keyBytesOf(index: number): number {
    return this.keys === null ? FRESH_KEY_LENGTH : this.keys.lengths[this.#position(index)]!;
  }

  /** Of the records that fall into a shard. */
  keySizesIn(shard: number): KeySizes {
    if (this.keys === null) return FRESH_KEY_SIZES;
    const { first, end } = this.keys.within(this.#routing.shards[shard]!);
    return this.keys.sizesWithin(first, end);
  }

  /** The shard that takes a record without a key or a shard of its own, of those that are open when it arrives. */
  shardOf(index: number, epoch: Epoch): number {
    if (this.keys === null) return epoch.ofPlace(this.#keyChance.unit(index));
    let shards = this.#shardsByPosition.get(epoch);
    if (shards === undefined) {
      shards = Int32Array.from(this.keys.names, (key) => epoch.ofHashKey(hashKeyOf(key)));
      this.#shardsByPosition.set(epoch, shards);
    }
    return shards[this.#position(index)]!;
  }

  /** Where in a shard's hash-key range the record lies, from 0 to 1; null where its key decides. */
  fractionIn(shard: number, index: number): number | null {
    if (this.keys !== null) return null;
    const place = this.#keyChance.unit(index);
    const { from, to } = this.#routing.placesOf(shard);
    return place >= from && place < to ? (place - from) / (to - from) : place; // else it was put into this shard by name
  }

  dataOf(index: number, key: () => string): string | null {
    return this.#data?.textOf(index, this.#data.holdsKey ? key() : '') ?? null;
  }

  parsedOf(index: number, key: () => string): JsonValue {
    return this.#data?.parsedOf(index, key) ?? '';
  }

  bytesOf(index: number, key: () => string): number {
    if (this.#data !== null) {
      const own = this.#data.holdsKey ? key() : '';
      return this.#data.bytesOf(index, jsonTextBytes(own), own);
    }
    const { bytes } = this.#settings;
    return bytes.kind === 'constant' ? bytes.value : this.#size.at(this.#sizes.word(index));
  }

  #position(index: number): number {
    return this.keys!.pick(this.#keyChance.unit(index), 0, this.keys!.names.length);
  }
}

/**
 * Seconds of which it is known which shard takes which record, and records in all of them, at the most: each shard asks about
 * the second that its readers have come to, and some may be minutes behind others. To find out takes longer than all else
 * that is done for a record.
 */
const MOST_KEPT = 64;
const RECORDS_KEPT = 400_000;

/** A producer with `arrivals: even`: record i comes at a time of its own and is then routed by its key. */
export class EvenProducer {
  readonly #settings: ProducerSettings;
  readonly #times: EvenTimes;
  readonly #records: RecordDraws;
  readonly #routing: Routing;
  readonly #duration: Duration;
  readonly #recent: RecentSeconds<RoutedSecond>;
  /** The second that is being routed. */
  readonly #list = new OfferList();

  constructor(settings: ProducerSettings, duration: Duration, times: EvenTimes, chance: Chance, routing: Routing) {
    this.#settings = settings;
    this.#duration = duration;
    this.#times = times;
    this.#records = new RecordDraws(settings, chance, routing);
    this.#routing = routing;
    const kept = Math.min(MOST_KEPT, Math.max(RECENT, Math.floor(RECORDS_KEPT / times.highestRate)));
    this.#recent = new RecentSeconds(
      (second, old) => this.#route(second, old ?? new RoutedSecond(routing.shards.length)),
      kept,
    );
  }

  offersTo(shard: number): ShardOffers {
    const records = this.#records;
    return {
      isEven: true,
      constantBytes:
        this.#settings.bytes.kind === 'constant' && this.#settings.data === null ? this.#settings.bytes.value : null,
      constantKeyBytes: records.keys === null ? FRESH_KEY_LENGTH : null,
      get keySizes() {
        return records.keySizesIn(shard);
      },
      fill: (second, into) => {
        this.#recent.of(second).fill(shard, into);
        into.uniform = this.#times.isSteadyIn(second);
        into.from = 0;
        into.to = Math.max(0, Math.min(SECOND, this.#duration - second * SECOND));
      },
      stretchIn: (second) => this.#stretchOf(shard, second),
      bytesOf: (_second, identity) => records.bytesOf(identity, () => records.keyOf(identity)),
      dataOf: (_second, identity) => records.dataOf(identity, () => records.keyOf(identity)),
      parsedOf: (_second, identity) => records.parsedOf(identity, () => records.keyOf(identity)),
      keyOf: (_second, identity) => records.keyOf(identity),
      keyCount: records.keys?.names.length ?? 0,
      keyNumberOf: (_second, identity) => records.keyNumberOf(identity),
      fractionOf: (_second, identity) => records.fractionIn(shard, identity),
      keyBytesOf: (_second, identity) => records.keyBytesOf(identity),
    };
  }

  /** Where the shard is the only one, nothing has to be looked up to know whose a record is. */
  #stretchOf(shard: number, second: number): WholeStretch | null {
    const closes = (second + 1) * SECOND;
    const epoch = this.#routing.at(closes - 1);
    if (epoch.only !== shard || epoch.from > second * SECOND || closes > this.#duration) return null;
    const times = this.#times.timesIn(second);
    if (times === null) return null;
    const { longestKeyBytes } = this.#records;
    return { count: times.count, from: 0, to: SECOND, times, firstIdentity: times.first, longestKeyBytes };
  }

  #route(second: number, into: RoutedSecond): RoutedSecond {
    const list = this.#list;
    list.clear();
    this.#times.fill(second, list);
    list.clip(this.#duration - second * SECOND);
    into.take(list, this.#shardsOf(second, list));
    return into;
  }

  /** Of each record; a number: of all of them, one shard being open. */
  #shardsOf(second: number, { times, identities, length }: OfferList): Int32Array | number {
    const opens = second * SECOND;
    const epoch = this.#routing.at(opens + SECOND - 1);
    const isOne = epoch.from <= opens;
    if (isOne && epoch.only !== null) return epoch.only;
    const shards = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const at = isOne ? epoch : this.#routing.at(opens + times[i]!);
      shards[i] = this.#records.shardOf(identities[i]!, at);
    }
    return shards;
  }
}

/** A second's records by their shards, of each in order of time. One is used again for a later second. */
class RoutedSecond {
  #times = new Int32Array(0);
  #identities = new Float64Array(0);
  /** Where each shard's records begin, and where the last one's end. */
  readonly #starts: Int32Array;
  readonly #next: Int32Array;

  constructor(shards: number) {
    this.#starts = new Int32Array(shards + 1);
    this.#next = new Int32Array(shards + 1);
  }

  /** @param shards of each record, or of all of them */
  take({ times, identities, length }: OfferList, shards: Int32Array | number): void {
    if (length > this.#times.length) {
      this.#times = new Int32Array(times.length);
      this.#identities = new Float64Array(times.length);
    }
    const starts = this.#starts.fill(0);
    if (typeof shards === 'number') {
      starts.fill(length, shards + 1);
      this.#times.set(times.subarray(0, length));
      this.#identities.set(identities.subarray(0, length));
      return;
    }
    for (let i = 0; i < length; i++) starts[shards[i]! + 1]! += 1;
    for (let shard = 1; shard < starts.length; shard++) starts[shard]! += starts[shard - 1]!;
    const next = this.#next;
    next.set(starts);
    for (let i = 0; i < length; i++) {
      const place = next[shards[i]!]!++;
      this.#times[place] = times[i]!;
      this.#identities[place] = identities[i]!;
    }
  }

  fill(shard: number, into: OfferList): void {
    const from = this.#starts[shard]!;
    const to = this.#starts[shard + 1]!;
    const place = into.growBy(to - from);
    into.times.set(this.#times.subarray(from, to), place);
    into.identities.set(this.#identities.subarray(from, to), place);
  }
}

/** A producer whose records the scenario, or a file of arrival times, writes out one by one. */
export class ListedProducer {
  readonly #settings: ProducerSettings;
  readonly #listed: ListedRecords;
  readonly #records: RecordDraws;
  /** For each shard, the records' indices in order of time. */
  readonly #byShard: readonly (readonly number[])[];

  constructor(settings: ProducerSettings, duration: Duration, listed: ListedRecords, chance: Chance, routing: Routing) {
    this.#settings = settings;
    this.#listed = listed;
    this.#records = new RecordDraws(settings, chance, routing);
    const byShard: number[][] = routing.shards.map(() => []);
    listed.times.forEach((time, index) => {
      if (time >= duration) return;
      byShard[this.#shardOf(index, routing.at(time), routing)]!.push(index);
    });
    this.#byShard = byShard;
  }

  /** One that names a closed shard goes where that shard's hash keys begin. */
  #shardOf(index: number, epoch: Epoch, { shards }: Routing): number {
    const shard = this.#listed.shards?.[index] ?? null;
    if (shard !== null) return epoch.has(shard) ? shard : epoch.ofHashKey(shards[shard]!.startingHashKey);
    const key = this.#listed.keys?.[index] ?? null;
    return key === null ? this.#records.shardOf(index, epoch) : epoch.ofHashKey(hashKeyOf(key));
  }

  offersTo(shard: number): ShardOffers {
    const listed = this.#listed;
    const indices = this.#byShard[shard]!;
    const keyOf = (index: number) => listed.keys?.[index] ?? this.#records.keyOf(index);
    const dataOf = (index: number) => listed.data?.[index] ?? this.#records.dataOf(index, () => keyOf(index));
    const parsedOf = (index: number) => {
      const data = listed.data?.[index] ?? null;
      return data === null ? this.#records.parsedOf(index, () => keyOf(index)) : parsedData(data);
    };
    const bytesOf = (index: number) => {
      const data = dataOf(index);
      return data === null
        ? (listed.bytes?.[index] ?? this.#records.bytesOf(index, () => keyOf(index)))
        : utf8Length(data);
    };
    const isConstant = this.#settings.bytes.kind === 'constant' && this.#settings.data === null;
    return {
      isEven: false,
      constantBytes: commonValue(indices, bytesOf, isConstant && listed.bytes === null && listed.data === null),
      constantKeyBytes: commonValue(indices, (index) => utf8Length(keyOf(index)), false),
      get keySizes() {
        return sizesOf(indices, keyOf);
      },
      fill: (second, into) => {
        for (let i = firstAt(listed.times, indices, second * SECOND); i < indices.length; i++) {
          const time = listed.times[indices[i]!]! - second * SECOND;
          if (time >= SECOND) break;
          into.add(time, indices[i]!);
        }
        into.uniform = false;
      },
      stretchIn: () => null,
      bytesOf: (_second, identity) => bytesOf(identity),
      dataOf: (_second, identity) => dataOf(identity),
      parsedOf: (_second, identity) => parsedOf(identity),
      keyOf: (_second, identity) => keyOf(identity),
      keyCount: 0,
      keyNumberOf: () => 0,
      fractionOf: (_second, identity) =>
        (listed.keys?.[identity] ?? null) === null ? this.#records.fractionIn(shard, identity) : null,
      keyBytesOf: (_second, identity) => utf8Length(keyOf(identity)),
    };
  }
}

function sizesOf(indices: readonly number[], keyOf: (index: number) => string): KeySizes {
  let [bytes, jsonBytes, longestInJson, shortestInJson] = [0, 0, 0, Number.POSITIVE_INFINITY];
  for (const index of indices) {
    const key = keyOf(index);
    const inJson = jsonTextBytes(key);
    bytes += utf8Length(key);
    jsonBytes += inJson;
    longestInJson = Math.max(longestInJson, inJson);
    shortestInJson = Math.min(shortestInJson, inJson);
  }
  const count = Math.max(1, indices.length);
  return { mean: bytes / count, meanInJson: jsonBytes / count, longestInJson, shortestInJson };
}

/** The value that all indices share, null where they differ. */
function commonValue(indices: readonly number[], valueAt: (index: number) => number, known: boolean): number | null {
  if (indices.length === 0) return 0;
  const first = valueAt(indices[0]!);
  return known || indices.every((index) => valueAt(index) === first) ? first : null;
}

/** The position of the first of the indices whose time is at or after an instant. */
function firstAt(times: readonly Instant[], indices: readonly number[], instant: Instant): number {
  let low = 0;
  let high = indices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[indices[middle]!]! < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
