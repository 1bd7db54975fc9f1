import type { Chance } from '../../kernel/chance.ts';
import { type Draws, hash } from '../../kernel/chance.ts';
import { binomial, binomialHalf } from '../../kernel/counts.ts';
import { quantileOf } from '../../kernel/distribution.ts';
import type { Duration } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ProducerSettings } from '../../scenario/scenario.ts';
import type { HashKeyRange } from '../../scenario/shard-history.ts';
import type { Cell, CellSource } from './cells.ts';
import { KeyTable } from './keys.ts';
import type { OfferList, ShardOffers } from './offers.ts';
import { sortByTime, utf8Length } from './offers.ts';
import { fractionOf } from './partition.ts';
import { RecordData } from './record-data.ts';

/**
 * A producer with `arrivals: poisson`. A second's count is halved over the hash-key space until a part lies in one shard,
 * then over the second's time until few are left, each node keyed by its place (D3).
 */
export class ScatteredProducer {
  readonly #settings: ProducerSettings;
  readonly #duration: Duration;
  readonly #cells: CellSource;
  readonly #chance: Chance;
  readonly #space: Chance;
  readonly #draws: Draws;
  readonly #keys: KeyTable | null;
  readonly #data: RecordData | null;

  constructor(settings: ProducerSettings, duration: Duration, cells: CellSource, chance: Chance, draws: Draws) {
    this.#settings = settings;
    this.#duration = duration;
    this.#cells = cells;
    this.#chance = chance;
    this.#space = chance.fork('space');
    this.#draws = draws;
    this.#keys = settings.keys.kind === 'fresh' ? null : new KeyTable(settings.keys);
    this.#data = settings.data === null ? null : new RecordData(settings.data, chance);
  }

  offersTo(range: HashKeyRange): ShardOffers {
    const share =
      this.#keys === null ? new FreshShare(range, this.#draws) : new KeyedShare(this.#keys, range, this.#draws);
    const chance = this.#chance.fork('shard', String(range.startingHashKey), String(range.endingHashKey));
    return new ScatteredOffers({
      settings: this.#settings,
      duration: this.#duration,
      cells: this.#cells,
      space: this.#space,
      chance,
      share,
      draws: this.#draws,
      data: this.#data,
    });
  }
}

/** The part of a cell's records that a shard receives, and the keys they carry. */
interface Share {
  readonly constantKeyBytes: number | null;
  /** The draws stand at the cell. */
  countOf(total: number): number;
  keyAt(chance: Chance, second: number, identity: number): string;
  keyBytesAt(chance: Chance, second: number, identity: number): number;
  /** Whether each record has a fresh key, so that nothing but chance says where in the shard's range it lies. */
  readonly isFresh: boolean;
}

const DEEPEST = 48; // a node this small holds less than 2^-48 of the space; it goes whole to the shard it begins in

class FreshShare implements Share {
  readonly constantKeyBytes = FRESH_KEY_LENGTH;
  readonly isFresh = true;
  readonly #from: number;
  readonly #to: number;
  readonly #draws: Draws;

  constructor(range: HashKeyRange, draws: Draws) {
    this.#from = fractionOf(range.startingHashKey);
    this.#to = range.endingHashKey === 2n ** 128n - 1n ? 1 : fractionOf(range.endingHashKey + 1n);
    this.#draws = draws;
  }

  countOf(total: number): number {
    return this.#countIn(0, 0, total);
  }

  #countIn(depth: number, index: number, count: number): number {
    if (count === 0) return 0;
    const width = 2 ** -depth;
    const low = index * width;
    if (low >= this.#from && low + width <= this.#to) return count;
    if (low + width <= this.#from || low >= this.#to) return 0;
    if (depth === DEEPEST) return low >= this.#from ? count : 0;
    seekNode(this.#draws, depth, index);
    const left = binomialHalf(count, this.#draws);
    return this.#countIn(depth + 1, 2 * index, left) + this.#countIn(depth + 1, 2 * index + 1, count - left);
  }

  keyAt(chance: Chance, second: number, identity: number): string {
    return freshKey(hash(chance.key0, chance.key1, second, identity), hash(chance.key1, chance.key0, second, identity));
  }

  keyBytesAt(): number {
    return FRESH_KEY_LENGTH;
  }
}

class KeyedShare implements Share {
  readonly isFresh = false;
  readonly constantKeyBytes: number | null;
  readonly #keys: KeyTable;
  readonly #first: number;
  readonly #end: number;
  readonly #draws: Draws;

  constructor(keys: KeyTable, range: HashKeyRange, draws: Draws) {
    this.#keys = keys;
    const { first, end } = keys.within(range);
    this.#first = first;
    this.#end = end;
    this.#draws = draws;
    const lengths = new Set(keys.lengths.subarray(first, end));
    this.constantKeyBytes = lengths.size === 1 ? [...lengths][0]! : null;
  }

  countOf(total: number): number {
    return this.#first === this.#end ? 0 : this.#countIn(0, 0, 0, this.#keys.names.length, total);
  }

  /** `first` and `end`: the keys that the node holds. */
  #countIn(depth: number, index: number, first: number, end: number, count: number): number {
    if (count === 0 || end <= this.#first || first >= this.#end) return 0;
    if (first >= this.#first && end <= this.#end) return count;
    const middle = this.#keys.positionAt((index + 0.5) * 2 ** -depth);
    if (middle === first) return this.#countIn(depth + 1, 2 * index + 1, first, end, count);
    if (middle === end) return this.#countIn(depth + 1, 2 * index, first, end, count);
    seekNode(this.#draws, depth, index);
    const left = binomial(count, this.#keys.shareBefore(middle, first, end), this.#draws);
    return (
      this.#countIn(depth + 1, 2 * index, first, middle, left) +
      this.#countIn(depth + 1, 2 * index + 1, middle, end, count - left)
    );
  }

  keyAt(chance: Chance, second: number, identity: number): string {
    return this.#keys.names[this.#positionAt(chance, second, identity)]!;
  }

  keyBytesAt(chance: Chance, second: number, identity: number): number {
    return this.constantKeyBytes ?? this.#keys.lengths[this.#positionAt(chance, second, identity)]!;
  }

  #positionAt(chance: Chance, second: number, identity: number): number {
    const unit = ((hash(chance.key0, chance.key1, second, identity) >>> 0) + 0.5) / 2 ** 32;
    return this.#keys.pick(unit, this.#first, this.#end);
  }
}

interface ScatteredParts {
  readonly settings: ProducerSettings;
  readonly duration: Duration;
  readonly cells: CellSource;
  readonly space: Chance;
  /** Of the shard. */
  readonly chance: Chance;
  readonly share: Share;
  readonly draws: Draws;
  readonly data: RecordData | null;
}

class ScatteredOffers implements ShardOffers {
  readonly constantBytes: number | null;
  readonly constantKeyBytes: number | null;
  readonly #settings: ProducerSettings;
  readonly #duration: Duration;
  readonly #cells: CellSource;
  readonly #space: Chance;
  readonly #times: Chance;
  readonly #sizes: Chance;
  readonly #keyChance: Chance;
  readonly #placeChance: Chance;
  readonly #share: Share;
  readonly #draws: Draws;
  readonly #data: RecordData | null;

  constructor({ settings, duration, cells, space, chance, share, draws, data }: ScatteredParts) {
    this.#settings = settings;
    this.#duration = duration;
    this.#cells = cells;
    this.#space = space;
    this.#data = data;
    this.#times = chance.fork('times');
    this.#sizes = chance.fork('bytes');
    this.#keyChance = chance.fork('keys');
    this.#placeChance = chance.fork('places');
    this.#share = share;
    this.#draws = draws;
    this.constantBytes = settings.bytes.kind === 'constant' && data === null ? settings.bytes.value : null;
    this.constantKeyBytes = share.constantKeyBytes;
  }

  fill(second: number, into: OfferList): void {
    const cells = this.#cells.cellsOf(second);
    const before = into.length;
    for (const cell of cells) {
      if (cell.count === 0) continue;
      this.#draws.seek(this.#space, second, cell.ordinal);
      const count = this.#share.countOf(cell.count);
      if (count > 0) this.#place(second, cell, count, into);
    }
    if (cells.length > 1) sortByTime(into, before);
    into.uniform = cells.length === 1;
    into.isNumbered = cells.length === 1 && before === 0;
    into.from = cells[0]?.from ?? 0;
    into.to = cells[0]?.to ?? 0;
    into.clip(this.#duration - second * SECOND);
  }

  #place(second: number, cell: Cell, count: number, into: OfferList): void {
    this.#draws.seek(this.#times, second, cell.ordinal);
    const origin = into.length;
    const identity = cell.ordinal * MOST_IN_A_CELL - origin;
    const halve = (depth: number, index: number, left: number): void => {
      const width = (cell.to - cell.from) * 2 ** -depth;
      const start = cell.from + index * width;
      seekNode(this.#draws, depth, index);
      if (left > LEAF && depth < 20) {
        const early = binomialHalf(left, this.#draws);
        if (early > 0) halve(depth + 1, 2 * index, early);
        if (early < left) halve(depth + 1, 2 * index + 1, left - early);
        return;
      }
      const first = into.length;
      for (let i = 0; i < left; i++) {
        const time = Math.floor(start + this.#draws.unit() * width);
        into.add(time, identity + into.length);
      }
      inOrder(into.times, first, into.length);
    };
    halve(0, 0, count);
  }

  bytesOf(second: number, identity: number): number {
    if (this.constantBytes !== null) return this.constantBytes;
    if (this.#data !== null) return utf8Length(this.dataOf(second, identity)!);
    const unit = ((hash(this.#sizes.key0, this.#sizes.key1, second, identity) >>> 0) + 0.5) / 2 ** 32;
    return Math.max(0, Math.round(quantileOf(this.#settings.bytes, unit)));
  }

  dataOf(second: number, identity: number): string | null {
    return this.#data?.textOf(second * NUMBERS_IN_A_SECOND + identity, this.keyOf(second, identity), false) ?? null;
  }

  keyOf(second: number, identity: number): string {
    return this.#share.keyAt(this.#keyChance, second, identity);
  }

  fractionOf(second: number, identity: number): number | null {
    if (!this.#share.isFresh) return null;
    const { key0, key1 } = this.#placeChance;
    return (hash(key0, key1, second, identity) >>> 0) / 2 ** 32;
  }

  keyBytesOf(second: number, identity: number): number {
    return this.#share.keyBytesAt(this.#keyChance, second, identity);
  }
}

const NUMBERS_IN_A_SECOND = 2 ** 26; // a record's own number in its shard, as its data may name it
const LEAF = 8;
const MOST_IN_A_CELL = 2 ** 24;

/** Insertion sort of a leaf: at most a handful of times. */
function inOrder(times: Int32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const time = times[i]!;
    let place = i;
    for (; place > from && times[place - 1]! > time; place--) times[place] = times[place - 1]!;
    times[place] = time;
  }
}

function seekNode(draws: Draws, depth: number, index: number): void {
  const node = 2 ** depth + index;
  draws.node(node | 0, (node / 4294967296) | 0);
}

export const FRESH_KEY_LENGTH = 16;

/** Sixteen hexadecimal digits. */
export function freshKey(high: number, low: number): string {
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}
