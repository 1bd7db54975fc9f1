import type { Chance } from '../../kernel/chance.ts';
import { type Draws, hash } from '../../kernel/chance.ts';
import type { Duration } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import { WholeQuantiles } from '../../kernel/whole-quantiles.ts';
import type { JsonValue, ProducerSettings } from '../../scenario/scenario.ts';
import type { HashKeyRange } from '../../scenario/shard-history.ts';
import { SharedRoom, timesOf } from './arrival-times.ts';
import type { Cell, CellSource } from './cells.ts';
import { boundsOf, HalvedSpace } from './halved-space.ts';
import { KeyedSpace } from './keyed-space.ts';
import { KeyTable, longestOf } from './keys.ts';
import type { KeySizes, OfferList, ShardOffers, WholeStretch } from './offers.ts';
import { jsonTextBytes, sortByTime } from './offers.ts';
import type { RecordData } from './record-data.ts';
import { recordDataOf } from './record-data.ts';
import { TimeFinder } from './time-finder.ts';

/**
 * A producer with `arrivals: poisson`. A second's count is halved over the hash-key space until a part lies in one shard,
 * then over the second's time until few are left, each node keyed by its place (D3).
 */
export class ScatteredProducer {
  readonly #settings: ProducerSettings;
  readonly #duration: Duration;
  readonly #cells: CellSource;
  readonly #chance: Chance;
  readonly #shareOf: (range: HashKeyRange) => Share;
  readonly #data: RecordData | null;
  readonly #size: WholeQuantiles;
  readonly #isEachLookedAt: boolean;
  readonly #room = new SharedRoom();

  /**
   * @param ranges of all shards of the stream
   * @param isEachLookedAt every record's arrival will be asked for, once there is a reader
   */
  constructor(
    settings: ProducerSettings,
    duration: Duration,
    cells: CellSource,
    chance: Chance,
    draws: Draws,
    ranges: readonly HashKeyRange[],
    isEachLookedAt: boolean,
  ) {
    this.#isEachLookedAt = isEachLookedAt;
    this.#settings = settings;
    this.#duration = duration;
    this.#cells = cells;
    this.#chance = chance;
    const space = chance.fork('space');
    if (settings.keys.kind === 'fresh') {
      const halves = new HalvedSpace(space, ranges);
      this.#shareOf = (range) => new FreshShare(range, halves);
    } else {
      const keys = new KeyTable(settings.keys);
      const keyed = new KeyedSpace(keys, space, draws, ranges);
      this.#shareOf = (range) => new KeyedShare(keys, range, keyed);
    }
    this.#data = settings.data === null ? null : recordDataOf(settings.data, chance, false);
    this.#size = new WholeQuantiles(settings.bytes);
  }

  offersTo(range: HashKeyRange): ShardOffers {
    const chance = this.#chance.fork('shard', String(range.startingHashKey), String(range.endingHashKey));
    return new ScatteredOffers({
      settings: this.#settings,
      duration: this.#duration,
      cells: this.#cells,
      chance,
      share: this.#shareOf(range),
      data: this.#data,
      size: this.#size,
      room: this.#room,
      isEachLookedAt: this.#isEachLookedAt,
    });
  }
}

/** The part of a cell's records that a shard receives, and the keys they carry. */
interface Share {
  readonly constantKeyBytes: number | null;
  readonly keySizes: KeySizes;
  readonly longestKeyBytes: number;
  readonly keyCount: number;
  countOf(second: number, cell: Cell): number;
  keyAt(chance: Chance, second: number, identity: number): string;
  keyNumberAt(chance: Chance, second: number, identity: number): number;
  keyBytesAt(chance: Chance, second: number, identity: number): number;
  /** Whether each record has a fresh key, so that nothing but chance says where in the shard's range it lies. */
  readonly isFresh: boolean;
}

class FreshShare implements Share {
  readonly constantKeyBytes = FRESH_KEY_LENGTH;
  readonly keySizes = FRESH_KEY_SIZES;
  readonly longestKeyBytes = FRESH_KEY_LENGTH;
  readonly keyCount = 0;
  readonly isFresh = true;
  /** Places of where it begins and ends among the bounds of all shards. */
  readonly #from: number;
  readonly #to: number;
  readonly #halves: HalvedSpace;

  constructor(range: HashKeyRange, halves: HalvedSpace) {
    const [from, to] = boundsOf(range);
    this.#from = halves.placeOf(from);
    this.#to = halves.placeOf(to);
    this.#halves = halves;
  }

  countOf(second: number, cell: Cell): number {
    return this.#halves.countBetween(second, cell, this.#from, this.#to);
  }

  keyAt(chance: Chance, second: number, identity: number): string {
    return freshKey(hash(chance.key0, chance.key1, second, identity), hash(chance.key1, chance.key0, second, identity));
  }

  keyNumberAt(): number {
    return 0;
  }

  keyBytesAt(): number {
    return FRESH_KEY_LENGTH;
  }
}

class KeyedShare implements Share {
  readonly isFresh = false;
  readonly constantKeyBytes: number | null;
  readonly longestKeyBytes: number;
  readonly keyCount: number;
  readonly #keys: KeyTable;
  readonly #first: number;
  readonly #end: number;
  /** Places of these among the bounds of all shards. */
  readonly #from: number;
  readonly #to: number;
  readonly #space: KeyedSpace;

  constructor(keys: KeyTable, range: HashKeyRange, space: KeyedSpace) {
    this.#keys = keys;
    this.keyCount = keys.names.length;
    this.#space = space;
    const { first, end } = keys.within(range);
    this.#first = first;
    this.#end = end;
    this.#from = space.placeFrom(first);
    this.#to = space.placeFrom(end);
    const lengths = new Set(keys.lengths.subarray(first, end));
    this.constantKeyBytes = lengths.size === 1 ? [...lengths][0]! : null;
    this.longestKeyBytes = longestOf(keys.lengths.subarray(first, end));
  }

  get keySizes(): KeySizes {
    return this.#keys.sizesWithin(this.#first, this.#end);
  }

  countOf(second: number, cell: Cell): number {
    return this.#space.countBetween(second, cell, this.#from, this.#to);
  }

  keyAt(chance: Chance, second: number, identity: number): string {
    return this.#keys.names[this.keyNumberAt(chance, second, identity)]!;
  }

  keyBytesAt(chance: Chance, second: number, identity: number): number {
    return this.constantKeyBytes ?? this.#keys.lengths[this.keyNumberAt(chance, second, identity)]!;
  }

  keyNumberAt(chance: Chance, second: number, identity: number): number {
    const unit = ((hash(chance.key0, chance.key1, second, identity) >>> 0) + 0.5) / 2 ** 32;
    return this.#keys.pick(unit, this.#first, this.#end);
  }
}

interface ScatteredParts {
  readonly settings: ProducerSettings;
  readonly duration: Duration;
  readonly cells: CellSource;
  /** Of the shard. */
  readonly chance: Chance;
  readonly share: Share;
  readonly data: RecordData | null;
  readonly size: WholeQuantiles;
  /** For arrivals that are drawn together, of all shards. */
  readonly room: SharedRoom;
  readonly isEachLookedAt: boolean;
}

class ScatteredOffers implements ShardOffers {
  readonly constantBytes: number | null;
  readonly constantKeyBytes: number | null;
  readonly isEven = false;
  readonly #duration: Duration;
  readonly #cells: CellSource;
  readonly #finder: TimeFinder;
  readonly #sizes: Chance;
  readonly #size: WholeQuantiles;
  readonly #keyChance: Chance;
  readonly #placeChance: Chance;
  readonly #share: Share;
  readonly #data: RecordData | null;
  readonly #room: SharedRoom;
  readonly #isEachLookedAt: boolean;

  constructor({ settings, duration, cells, chance, share, data, size, room, isEachLookedAt }: ScatteredParts) {
    this.#room = room;
    this.#isEachLookedAt = isEachLookedAt;
    this.#duration = duration;
    this.#cells = cells;
    this.#data = data;
    this.#finder = new TimeFinder(chance.fork('times'));
    this.#sizes = chance.fork('bytes');
    this.#size = size;
    this.#keyChance = chance.fork('keys');
    this.#placeChance = chance.fork('places');
    this.#share = share;
    this.constantBytes = settings.bytes.kind === 'constant' && data === null ? settings.bytes.value : null;
    this.constantKeyBytes = share.constantKeyBytes;
  }

  get keySizes(): KeySizes {
    return this.#share.keySizes;
  }

  fill(second: number, into: OfferList): void {
    const cells = this.#cells.cellsOf(second);
    const before = into.length;
    for (const cell of cells) {
      const { ordinal, from, to } = cell;
      const count = this.#countIn(second, cell);
      if (count === 0) continue;
      const place = into.growBy(count);
      this.#finder.fill({ second, ordinal, from, to, count }, into.times, place);
      for (let i = 0; i < count; i++) into.identities[place + i] = ordinal * MOST_IN_A_CELL + i;
    }
    if (cells.length > 1) sortByTime(into, before);
    into.uniform = cells.length === 1;
    into.isNumbered = cells.length === 1 && before === 0;
    into.from = cells[0]?.from ?? 0;
    into.to = cells[0]?.to ?? 0;
    into.clip(this.#duration - second * SECOND);
  }

  stretchIn(second: number): WholeStretch | null {
    const cells = this.#cells.cellsOf(second);
    const [cell] = cells;
    if (cell === undefined || cells.length > 1 || cell.to > this.#duration - second * SECOND) return null;
    const { from, to, ordinal } = cell;
    const count = this.#countIn(second, cell);
    const times = timesOf(this.#finder, { second, ordinal, from, to, count }, this.#room, this.#isEachLookedAt);
    return { count, from, to, times, firstIdentity: 0, longestKeyBytes: this.#share.longestKeyBytes };
  }

  #countIn(second: number, cell: Cell): number {
    return cell.count === 0 ? 0 : this.#share.countOf(second, cell);
  }

  bytesOf(second: number, identity: number): number {
    if (this.constantBytes !== null) return this.constantBytes;
    if (this.#data !== null) {
      const key = this.#data.holdsKey && !this.#share.isFresh ? this.keyOf(second, identity) : '';
      const keyBytes = this.#share.isFresh ? FRESH_KEY_LENGTH : jsonTextBytes(key);
      return this.#data.bytesOf(numberOf(second, identity), keyBytes, key);
    }
    return this.#size.at(hash(this.#sizes.key0, this.#sizes.key1, second, identity));
  }

  dataOf(second: number, identity: number): string | null {
    if (this.#data === null) return null;
    return this.#data.textOf(numberOf(second, identity), this.#data.holdsKey ? this.keyOf(second, identity) : '');
  }

  parsedOf(second: number, identity: number): JsonValue {
    return this.#data?.parsedOf(numberOf(second, identity), () => this.keyOf(second, identity)) ?? '';
  }

  keyOf(second: number, identity: number): string {
    return this.#share.keyAt(this.#keyChance, second, identity);
  }

  get keyCount(): number {
    return this.#share.keyCount;
  }

  keyNumberOf(second: number, identity: number): number {
    return this.#share.keyNumberAt(this.#keyChance, second, identity);
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

/** A record's own number in its shard, as its data may name it. */
function numberOf(second: number, identity: number): number {
  return second * NUMBERS_IN_A_SECOND + identity;
}

const NUMBERS_IN_A_SECOND = 2 ** 26;
const MOST_IN_A_CELL = 2 ** 24;

export const FRESH_KEY_LENGTH = 16;
export const FRESH_KEY_SIZES: KeySizes = {
  mean: FRESH_KEY_LENGTH,
  meanInJson: FRESH_KEY_LENGTH,
  longestInJson: FRESH_KEY_LENGTH,
  shortestInJson: FRESH_KEY_LENGTH,
};

/** Sixteen hexadecimal digits, as one flat text: pieces that are joined cost as much again when somebody looks into them. */
export function freshKey(high: number, low: number): string {
  return String.fromCharCode(
    digit(high, 28),
    digit(high, 24),
    digit(high, 20),
    digit(high, 16),
    digit(high, 12),
    digit(high, 8),
    digit(high, 4),
    digit(high, 0),
    digit(low, 28),
    digit(low, 24),
    digit(low, 20),
    digit(low, 16),
    digit(low, 12),
    digit(low, 8),
    digit(low, 4),
    digit(low, 0),
  );
}

/** The character for four bits of a word. */
function digit(word: number, shift: number): number {
  return DIGITS[(word >>> shift) & 15]!;
}

const DIGITS = Uint8Array.from('0123456789abcdef', (character) => character.charCodeAt(0));
