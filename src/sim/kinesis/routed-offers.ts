import type { Chance } from '../../kernel/chance.ts';
import { hash } from '../../kernel/chance.ts';
import { quantileOf } from '../../kernel/distribution.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { HashKeyRange, ListedRecords, ProducerSettings } from '../../scenario/scenario.ts';
import { RecentSeconds } from './cells.ts';
import type { EvenTimes } from './even-times.ts';
import { KeyTable } from './keys.ts';
import type { ShardOffers } from './offers.ts';
import { utf8Length } from './offers.ts';
import { fractionOf, hashKeyOf, shardOf } from './partition.ts';
import { FRESH_KEY_LENGTH, freshKey } from './scattered-offers.ts';

/** Keys, sizes and shards of records that are numbered over the whole stream: each is drawn from (seed, producer, index). */
export class RecordDraws {
  readonly keys: KeyTable | null;
  readonly #settings: ProducerSettings;
  readonly #keyChance: Chance;
  readonly #sizes: Chance;
  readonly #places: Float64Array;

  constructor(settings: ProducerSettings, chance: Chance, shards: readonly HashKeyRange[]) {
    this.#settings = settings;
    this.keys = settings.keys.kind === 'fresh' ? null : new KeyTable(settings.keys);
    this.#keyChance = chance.fork('keys');
    this.#sizes = chance.fork('bytes');
    this.#places = Float64Array.from(shards.slice(1), (range) => fractionOf(range.startingHashKey));
  }

  /** The key that a producer without a key of its own for this record draws, and the shard that the key falls into. */
  keyOf(index: number): string {
    if (this.keys !== null) return this.keys.names[this.#position(index)]!;
    const high = (index / 4294967296) | 0;
    const { key0, key1 } = this.#keyChance;
    return freshKey(hash(key0, key1, index | 0, high), hash(key1, key0, index | 0, high));
  }

  keyBytesOf(index: number): number {
    return this.keys === null ? FRESH_KEY_LENGTH : this.keys.lengths[this.#position(index)]!;
  }

  shardOf(index: number, shardsByPosition: Int32Array | null): number {
    if (shardsByPosition !== null) return shardsByPosition[this.#position(index)]!;
    const place = this.#keyChance.unit(index);
    let shard = 0;
    while (shard < this.#places.length && this.#places[shard]! <= place) shard++;
    return shard;
  }

  /** Where in a shard's hash-key range the record lies, from 0 to 1; null where its key decides. */
  fractionIn(shard: number, index: number): number | null {
    if (this.keys !== null) return null;
    const place = this.#keyChance.unit(index);
    const from = this.#places[shard - 1] ?? 0;
    const to = this.#places[shard] ?? 1;
    return place >= from && place < to ? (place - from) / (to - from) : place; // else it was put into this shard by name
  }

  bytesOf(index: number): number {
    const { bytes } = this.#settings;
    return bytes.kind === 'constant'
      ? bytes.value
      : Math.max(0, Math.round(quantileOf(bytes, this.#sizes.unit(index))));
  }

  #position(index: number): number {
    return this.keys!.pick(this.#keyChance.unit(index), 0, this.keys!.names.length);
  }
}

/** A producer with `arrivals: even`: record i comes at a time of its own and is then routed by its key. */
export class EvenProducer {
  readonly #settings: ProducerSettings;
  readonly #times: EvenTimes;
  readonly #records: RecordDraws;
  readonly #shardsByPosition: Int32Array | null;
  readonly #duration: Duration;
  readonly #recent: RecentSeconds<RoutedSecond>;

  constructor(
    settings: ProducerSettings,
    duration: Duration,
    times: EvenTimes,
    chance: Chance,
    shards: readonly HashKeyRange[],
  ) {
    this.#settings = settings;
    this.#duration = duration;
    this.#times = times;
    this.#records = new RecordDraws(settings, chance, shards);
    this.#shardsByPosition =
      this.#records.keys && Int32Array.from(this.#records.keys.names, (key) => shardOf(hashKeyOf(key), shards));
    this.#recent = new RecentSeconds((second) => this.#route(second));
  }

  offersTo(shard: number): ShardOffers {
    const records = this.#records;
    return {
      constantBytes: this.#settings.bytes.kind === 'constant' ? this.#settings.bytes.value : null,
      constantKeyBytes: records.keys === null ? FRESH_KEY_LENGTH : null,
      fill: (second, into) => {
        const { times, first, shards } = this.#recent.of(second);
        for (let i = 0; i < times.length; i++) if (shards[i] === shard) into.add(times[i]!, first[i]!);
        into.uniform = this.#times.isSteadyIn(second);
        into.from = 0;
        into.to = Math.max(0, Math.min(SECOND, this.#duration - second * SECOND));
      },
      bytesOf: (_second, identity) => records.bytesOf(identity),
      keyOf: (_second, identity) => records.keyOf(identity),
      fractionOf: (_second, identity) => records.fractionIn(shard, identity),
      keyBytesOf: (_second, identity) => records.keyBytesOf(identity),
    };
  }

  #route(second: number): RoutedSecond {
    const times: number[] = [];
    const first: number[] = [];
    this.#times.each(second, (time, index) => {
      if (second * SECOND + time >= this.#duration) return;
      times.push(time);
      first.push(index);
    });
    return { times, first, shards: first.map((index) => this.#records.shardOf(index, this.#shardsByPosition)) };
  }
}

interface RoutedSecond {
  readonly times: readonly Duration[];
  readonly first: readonly number[];
  readonly shards: readonly number[];
}

/** A producer whose records the scenario, or a file of arrival times, writes out one by one. */
export class ListedProducer {
  readonly #settings: ProducerSettings;
  readonly #listed: ListedRecords;
  readonly #records: RecordDraws;
  /** For each shard, the records' indices in order of time. */
  readonly #byShard: readonly (readonly number[])[];

  constructor(
    settings: ProducerSettings,
    duration: Duration,
    listed: ListedRecords,
    chance: Chance,
    shards: readonly HashKeyRange[],
  ) {
    this.#settings = settings;
    this.#listed = listed;
    this.#records = new RecordDraws(settings, chance, shards);
    const byShard: number[][] = shards.map(() => []);
    const { keys } = this.#records;
    const shardsByPosition = keys && Int32Array.from(keys.names, (key) => shardOf(hashKeyOf(key), shards));
    listed.times.forEach((time, index) => {
      if (time >= duration) return;
      const key = listed.keys?.[index] ?? null;
      const shard =
        listed.shards?.[index] ??
        (key === null ? this.#records.shardOf(index, shardsByPosition) : shardOf(hashKeyOf(key), shards));
      byShard[shard]!.push(index);
    });
    this.#byShard = byShard;
  }

  offersTo(shard: number): ShardOffers {
    const listed = this.#listed;
    const indices = this.#byShard[shard]!;
    const bytesOf = (index: number) => listed.bytes?.[index] ?? this.#records.bytesOf(index);
    const keyOf = (index: number) => listed.keys?.[index] ?? this.#records.keyOf(index);
    return {
      constantBytes: commonValue(indices, bytesOf, this.#settings.bytes.kind === 'constant' && listed.bytes === null),
      constantKeyBytes: commonValue(indices, (index) => utf8Length(keyOf(index)), false),
      fill: (second, into) => {
        for (let i = firstAt(listed.times, indices, second * SECOND); i < indices.length; i++) {
          const time = listed.times[indices[i]!]! - second * SECOND;
          if (time >= SECOND) break;
          into.add(time, indices[i]!);
        }
        into.uniform = false;
      },
      bytesOf: (_second, identity) => bytesOf(identity),
      keyOf: (_second, identity) => keyOf(identity),
      fractionOf: (_second, identity) =>
        (listed.keys?.[identity] ?? null) === null ? this.#records.fractionIn(shard, identity) : null,
      keyBytesOf: (_second, identity) => utf8Length(keyOf(identity)),
    };
  }
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
