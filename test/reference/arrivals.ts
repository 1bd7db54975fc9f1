import { md5 } from '@noble/hashes/legacy.js';
import { Chance, Draws, hash } from '../../src/kernel/chance.ts';
import { binomial, binomialHalf, poisson } from '../../src/kernel/counts.ts';
import { quantileOf } from '../../src/kernel/distribution.ts';
import { pow } from '../../src/kernel/elementary.ts';
import type { Instant } from '../../src/kernel/time.ts';
import { SECOND } from '../../src/kernel/time.ts';
import type {
  ArrivalSource,
  KeyLaw,
  ListedRecords,
  ProducerSettings,
  Scenario,
  StreamSettings,
} from '../../src/scenario/scenario.ts';
import type { HashKeyRange } from '../../src/scenario/shard-history.ts';

/** A record that a producer offers to a shard, whether or not it is accepted. */
export interface Offer {
  readonly at: Instant;
  readonly shard: number;
  readonly key: string;
  /** Where in the shard's hash-key range a fresh key lies, from 0 to 1; null where the key itself decides. */
  readonly place: number | null;
  readonly bytes: number;
  /** What a filter looks at (P10), before base64. */
  readonly data: string | null;
  readonly onThrottle: 'retry' | 'drop';
}

/** The shards that are open for a while, in order of hash key, and their numbers in the stream (K6). */
interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
  readonly shards: readonly HashKeyRange[];
  readonly numbers: readonly number[];
  /** The place among the open shards that a record goes to which names a shard by its number. */
  readonly placeOf: (number: number) => number;
}

/** Every record that is offered to a stream in a run, ordered by time, then producer, then as the producer makes them. */
export function allOffers(scenario: Scenario, stream: StreamSettings): Offer[] {
  const producers = scenario.producers.filter((producer) => producer.stream === stream.name);
  const offers = stretchesWithShards(stream).flatMap((stretch) =>
    producers.flatMap((producer) =>
      offersOf(scenario, stretch, producer)
        .filter(({ at }) => at >= stretch.from && at < stretch.to)
        .map((offer) => ({ ...offer, shard: stretch.numbers[offer.shard]! })),
    ),
  );
  return offers.sort((a, b) => a.at - b.at);
}

/** K6: a record goes to a shard that is open when it arrives. */
function stretchesWithShards({ shards }: StreamSettings): Stretch[] {
  const starts = [...new Set([0, ...shards.map(({ opensAt }) => opensAt)])].sort((a, b) => a - b);
  return starts.map((from, i) => {
    const open = shards
      .map((shard, number) => ({ shard, number }))
      .filter(({ shard }) => shard.opensAt <= from && from < shard.closesAt)
      .sort((a, b) => (a.shard.startingHashKey < b.shard.startingHashKey ? -1 : 1));
    const placeOf = (number: number) => {
      const itself = open.findIndex((one) => one.number === number);
      return itself >= 0
        ? itself
        : shardOf(shards[number]!.startingHashKey, { shards: open.map(({ shard }) => shard) });
    };
    return {
      from,
      to: starts[i + 1] ?? Number.POSITIVE_INFINITY,
      shards: open.map(({ shard }) => shard),
      numbers: open.map(({ number }) => number),
      placeOf,
    };
  });
}

/** K1: the place of a key in the space of 2^128. */
export function hashKeyOf(key: string): bigint {
  const digits = [...md5(new TextEncoder().encode(key))].map((byte) => byte.toString(16).padStart(2, '0'));
  return BigInt(`0x${digits.join('')}`);
}

/** K1: the shard whose inclusive range holds a hash key. */
function shardOf(hashKey: bigint, stream: Pick<Stretch, 'shards'>): number {
  return stream.shards.findIndex((range) => range.startingHashKey <= hashKey && hashKey <= range.endingHashKey);
}

function offersOf(scenario: Scenario, stream: Stretch, producer: ProducerSettings): Offer[] {
  const chance = new Chance(scenario.seed).fork('producer', producer.name);
  const { source } = producer;
  const offers =
    source.kind === 'listed'
      ? listedOffers(stream, producer, source.records, chance)
      : producer.arrivals === 'even'
        ? evenOffers(stream, producer, source, chance)
        : scatteredOffers(scenario, stream, producer, source, chance);
  return offers.filter((offer) => offer.at < scenario.duration).sort((a, b) => a.at - b.at);
}

/** Records written out; what a record does not say is drawn from (seed, producer, index). */
function listedOffers(stream: Stretch, producer: ProducerSettings, listed: ListedRecords, chance: Chance): Offer[] {
  const drawn = numberedRecords(stream, producer, chance);
  return listed.times.map((at, index) => {
    const named = listed.keys?.[index] ?? null;
    const own = drawn(index);
    const number = listed.shards?.[index] ?? null;
    const drawnShard = named === null ? own.shard : shardOf(hashKeyOf(named), stream);
    const shard = number === null ? drawnShard : stream.placeOf(number);
    const bytes = listed.bytes?.[index] ?? own.bytes;
    const place = named === null ? own.placeIn(shard) : null;
    const key = named ?? own.key;
    const data = listed.data?.[index] ?? dataOf(producer, chance, index, key);
    return { at, shard, key, place, bytes: sizeIn(data, bytes), data, onThrottle: producer.onThrottle };
  });
}

/** `even`: record i comes where the producer's cumulative rate is i + ½, rounded down to a microsecond. */
function evenOffers(
  stream: Stretch,
  producer: ProducerSettings,
  source: Exclude<ArrivalSource, { kind: 'listed' }>,
  chance: Chance,
): Offer[] {
  const drawn = numberedRecords(stream, producer, chance);
  const offers: Offer[] = [];
  let before = 0;
  for (const { start, length, rate, rampTo, count } of stretchesOf(source)) {
    for (let index = Math.max(0, Math.ceil(before - 0.5)); index + 0.5 < before + count; index++) {
      const due = index + 0.5 - before;
      const at = Math.floor(
        rate === rampTo ? start + (due * length) / count : start + ramped(due, rate, rampTo, length),
      );
      const { shard, key, bytes, placeIn } = drawn(index);
      const data = dataOf(producer, chance, index, key);
      const place = placeIn(shard);
      offers.push({ at, shard, key, place, bytes: sizeIn(data, bytes), data, onThrottle: producer.onThrottle });
    }
    before += count;
  }
  return offers;
}

/** When a linear rate has brought `due` records: the root of rate · t + slope · t² / 2 = due. */
function ramped(due: number, rate: number, rampTo: number, length: number): number {
  if (due === 0) return 0;
  const slope = (rampTo - rate) / length;
  const root = Math.sqrt(Math.max(0, rate * rate + 2 * slope * due * SECOND));
  return Math.min((2 * due * SECOND) / (rate + root), length - 0.5);
}

function stretchesOf(source: Exclude<ArrivalSource, { kind: 'listed' }>) {
  if (source.kind === 'counts') {
    return source.starts.map((start, row) => {
      const count = source.counts[row]!;
      const rate = (count * SECOND) / source.period;
      return { start, length: source.period, rate, rampTo: rate, count };
    });
  }
  let start = 0;
  return source.phases.map(({ duration, rate, rampTo }) => {
    const stretch = { start, length: duration, rate, rampTo, count: ((rate + rampTo) * duration) / (2 * SECOND) };
    start += duration;
    return stretch;
  });
}

/** The key, shard and size of the record with a number in its producer. */
function numberedRecords(stream: Stretch, producer: ProducerSettings, chance: Chance) {
  const keyChance = chance.fork('keys');
  const sizes = chance.fork('bytes');
  const keys = producer.keys.kind === 'fresh' ? null : orderedKeys(producer.keys);
  return (index: number) => {
    const bytes = sizeOf(producer, sizes.unit(index));
    if (keys !== null) {
      const { name, hashKey } = keys[pick(keys, keyChance.unit(index))]!;
      return { key: name, shard: shardOf(hashKey, stream), bytes, placeIn: () => null };
    }
    const place = keyChance.unit(index);
    const shard = stream.shards.findLastIndex((range) => fractionOf(range.startingHashKey) <= place);
    const high = (index / 4294967296) | 0;
    const placeIn = (put: number) => {
      const from = fractionOf(stream.shards[put]!.startingHashKey);
      const to = put + 1 < stream.shards.length ? fractionOf(stream.shards[put + 1]!.startingHashKey) : 1;
      return put === shard ? (place - from) / (to - from) : place;
    };
    return { key: freshKey(keyChance, index | 0, high), shard, bytes, placeIn };
  };
}

/**
 * `poisson`: a second's count is drawn for each of its cells, halved over the hash-key space down to the shards, and a
 * shard's part halved over the cell's time down to eight records, whose times are uniform (D3).
 */
function scatteredOffers(
  scenario: Scenario,
  stream: Stretch,
  producer: ProducerSettings,
  source: Exclude<ArrivalSource, { kind: 'listed' }>,
  chance: Chance,
): Offer[] {
  const draws = new Draws();
  const space = chance.fork('space');
  const keys = producer.keys.kind === 'fresh' ? null : orderedKeys(producer.keys);
  const shardChances = stream.shards.map((range) => {
    const own = chance.fork('shard', String(range.startingHashKey), String(range.endingHashKey));
    return { times: own.fork('times'), bytes: own.fork('bytes'), keys: own.fork('keys'), places: own.fork('places') };
  });
  const offers: Offer[] = [];
  for (let second = 0; second * SECOND < scenario.duration; second++) {
    for (const cell of cellsOf(source, scenario.duration, second, chance.fork('counts'), draws)) {
      draws.seek(space, second, cell.ordinal);
      const counts =
        keys === null ? spreadFresh(stream.shards, cell.count, draws) : spreadKeyed(keys, stream, cell.count, draws);
      counts.forEach((count, shard) => {
        const own = shardChances[shard]!;
        draws.seek(own.times, second, cell.ordinal);
        const times = spreadOverTime(cell.from, cell.to, count, draws);
        const inShard =
          keys === null ? [] : keys.flatMap((key, k) => (shardOf(key.hashKey, stream) === shard ? [k] : []));
        times.forEach((time, order) => {
          const identity = cell.ordinal * 2 ** 24 + order;
          const key =
            keys === null
              ? freshKey(own.keys, second, identity)
              : keys[pick(keys, unitAt(own.keys, second, identity), inShard[0]!, inShard.at(-1)! + 1)]!.name;
          const data = dataOf(producer, chance, second * 2 ** 26 + identity, key);
          const bytes = sizeIn(data, sizeOf(producer, unitAt(own.bytes, second, identity)));
          const place =
            keys === null ? (hash(own.places.key0, own.places.key1, second, identity) >>> 0) / 2 ** 32 : null;
          offers.push({ at: second * SECOND + time, shard, key, place, bytes, data, onThrottle: producer.onThrottle });
        });
      });
    }
  }
  return offers;
}

interface Cell {
  /** Microseconds after the second's start. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly ordinal: number;
}

function cellsOf(
  source: Exclude<ArrivalSource, { kind: 'listed' }>,
  duration: Instant,
  second: number,
  chance: Chance,
  draws: Draws,
): Cell[] {
  if (source.kind === 'counts') return rowCells(source, second, chance, draws);
  const opens = second * SECOND;
  const cells: Cell[] = [];
  let start = 0;
  for (const phase of source.phases) {
    const from = Math.max(start, opens);
    const to = Math.min(start + phase.duration, duration, opens + SECOND);
    if (from < to) {
      // Within a cell the rate is constant: a ramp's at the cell's middle.
      const rate = phase.rate + ((phase.rampTo - phase.rate) * ((from + to) / 2 - start)) / phase.duration;
      draws.seek(chance, second, cells.length);
      const count = poisson((rate * (to - from)) / SECOND, draws);
      cells.push({ from: from - opens, to: to - opens, count, ordinal: cells.length });
    }
    start += phase.duration;
  }
  return cells;
}

/** A row's exact count is divided over its seconds, half of the seconds at a time. */
function rowCells(
  source: Extract<ArrivalSource, { kind: 'counts' }>,
  second: number,
  chance: Chance,
  draws: Draws,
): Cell[] {
  const opens = second * SECOND;
  const cells: Cell[] = [];
  source.starts.forEach((start, row) => {
    const end = start + source.period;
    if (start >= opens + SECOND || end <= opens) return;
    const divide = (first: number, last: number, node: number, count: number): number => {
      if (last - first === 1 || count === 0) return count;
      const middle = Math.floor((first + last) / 2);
      const from = Math.max(start, first * SECOND);
      const share = (middle * SECOND - from) / (Math.min(end, last * SECOND) - from);
      draws.node(node, 0);
      const left = binomial(count, share, draws);
      return second < middle ? divide(first, middle, 2 * node, left) : divide(middle, last, 2 * node + 1, count - left);
    };
    draws.seek(chance, row, 0);
    const count = divide(Math.floor(start / SECOND), Math.ceil(end / SECOND), 1, source.counts[row]!);
    const from = Math.max(start, opens) - opens;
    cells.push({ from, to: Math.min(end, opens + SECOND) - opens, count, ordinal: cells.length });
  });
  return cells;
}

/** Fresh random keys: the space is halved until a part lies in one shard; one of 2^-48 goes whole where it begins. */
function spreadFresh(shards: readonly HashKeyRange[], total: number, draws: Draws): number[] {
  const counts = shards.map(() => 0);
  const starts = shards.map((range) => fractionOf(range.startingHashKey));
  const shardAt = (place: number) => starts.findLastIndex((start) => start <= place);
  const divide = (depth: number, index: number, count: number): void => {
    const low = index * 2 ** -depth;
    const high = (index + 1) * 2 ** -depth;
    const shard = shardAt(low);
    if (depth === 48 || high <= (starts[shard + 1] ?? 1)) {
      counts[shard]! += count;
      return;
    }
    seekNode(draws, depth, index);
    const left = binomialHalf(count, draws);
    divide(depth + 1, 2 * index, left);
    divide(depth + 1, 2 * index + 1, count - left);
  };
  divide(0, 0, total);
  return counts;
}

/** Named keys: the space is halved, and the count by the shares of the keys on both sides, until one shard has all keys. */
function spreadKeyed(keys: readonly WeightedKey[], stream: Stretch, total: number, draws: Draws): number[] {
  const counts = stream.shards.map(() => 0);
  const divide = (depth: number, index: number, first: number, end: number, count: number): void => {
    const shards = new Set(keys.slice(first, end).map((key) => shardOf(key.hashKey, stream)));
    if (shards.size <= 1) {
      for (const shard of shards) counts[shard]! += count;
      return;
    }
    const middle = keys.filter((key) => fractionOf(key.hashKey) < (index + 0.5) * 2 ** -depth).length;
    if (middle <= first || middle >= end) {
      divide(depth + 1, middle <= first ? 2 * index + 1 : 2 * index, first, end, count);
      return;
    }
    seekNode(draws, depth, index);
    const share = (keys[middle]!.before - keys[first]!.before) / (keys[end - 1]!.upTo - keys[first]!.before);
    const left = binomial(count, share, draws);
    divide(depth + 1, 2 * index, first, middle, left);
    divide(depth + 1, 2 * index + 1, middle, end, count - left);
  };
  divide(0, 0, 0, keys.length, total);
  return counts;
}

function spreadOverTime(from: number, to: number, total: number, draws: Draws): number[] {
  const times: number[] = [];
  const divide = (depth: number, index: number, count: number): void => {
    const width = (to - from) * 2 ** -depth;
    seekNode(draws, depth, index);
    if (count > 8 && depth < 20) {
      const early = binomialHalf(count, draws);
      divide(depth + 1, 2 * index, early);
      divide(depth + 1, 2 * index + 1, count - early);
      return;
    }
    const leaf = Array.from({ length: count }, () => Math.floor(from + index * width + draws.unit() * width));
    times.push(...leaf.sort((a, b) => a - b));
  };
  divide(0, 0, total);
  return times;
}

interface WeightedKey {
  readonly name: string;
  readonly hashKey: bigint;
  /** Weight of all keys before it, and with it, in order of hash key. */
  readonly before: number;
  readonly upTo: number;
}

function orderedKeys(law: Exclude<KeyLaw, { kind: 'fresh' }>): WeightedKey[] {
  let sum = 0;
  return [...weightsOf(law)]
    .filter(([, weight]) => weight > 0)
    .map(([name, weight]) => ({ name, weight, hashKey: hashKeyOf(name) }))
    .sort((a, b) => (a.hashKey < b.hashKey ? -1 : 1))
    .map(({ name, weight, hashKey }) => {
      const before = sum;
      sum += weight;
      return { name, hashKey, before, upTo: sum };
    });
}

function weightsOf(law: Exclude<KeyLaw, { kind: 'fresh' }>): Map<string, number> {
  const weights = new Map<string, number>();
  const add = (name: string, weight: number) => weights.set(name, (weights.get(name) ?? 0) + weight);
  switch (law.kind) {
    case 'uniform':
      for (let i = 0; i < law.count; i++) add(`partitionKey-${i}`, 1);
      break;
    case 'zipf':
      for (let i = 0; i < law.count; i++) add(`partitionKey-${i}`, 1 / pow(i + 1, law.exponent));
      break;
    case 'hot':
      for (let i = 0; i < law.count; i++) add(`partitionKey-${i}`, (1 - law.share) / law.count);
      add(law.key, law.share);
      break;
    case 'list':
      for (const name of law.keys) add(name, 1);
      break;
  }
  return weights;
}

/** The key below which a share `unit` of the weight of keys [first, end) lies. */
function pick(keys: readonly WeightedKey[], unit: number, first = 0, end = keys.length): number {
  const from = keys[first]!.before;
  const target = from + unit * (keys[end - 1]!.upTo - from);
  for (let k = first; k < end - 1; k++) if (keys[k]!.upTo > target) return k;
  return end - 1;
}

/** A template with its places filled, as JSON. @param number the record's own number in its producer */
function dataOf({ data }: ProducerSettings, chance: Chance, number: number, key: string): string | null {
  if (data === null) return null;
  if (data.kind !== 'template') throw new Error('the reference fills templates only');
  let picks = 0;
  return JSON.stringify(data.template, (_name, value) => {
    if (value === '${index}') return number;
    if (typeof value !== 'string') return value;
    return value
      .replaceAll('${index}', String(number))
      .replaceAll('${key}', key)
      .replaceAll(/\$\{pick:(.*?)\}/g, (_all, words: string) => {
        const unit = chance.fork('data', String(picks++)).unit(number);
        return words.split(',')[Math.floor(unit * words.split(',').length)]!;
      });
  });
}

function sizeIn(data: string | null, bytes: number): number {
  return data === null ? bytes : new TextEncoder().encode(data).length;
}

function sizeOf(producer: ProducerSettings, unit: number): number {
  return Math.max(0, Math.round(quantileOf(producer.bytes, unit)));
}

function unitAt(chance: Chance, low: number, high: number): number {
  return ((hash(chance.key0, chance.key1, low, high) >>> 0) + 0.5) / 2 ** 32;
}

function freshKey({ key0, key1 }: Chance, low: number, high: number): string {
  const words = [hash(key0, key1, low, high), hash(key1, key0, low, high)];
  return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** A hash key as a number from 0 to 1, good to 53 bits. */
export function fractionOf(hashKey: bigint): number {
  return Number(hashKey / 2n ** 75n) / 2 ** 53;
}

function seekNode(draws: Draws, depth: number, index: number): void {
  const node = 2 ** depth + index;
  draws.node(node | 0, (node / 4294967296) | 0);
}
