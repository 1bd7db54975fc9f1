import type { JsonValue } from '../../scenario/scenario.ts';
import type { HashKeyRange } from '../../scenario/shard-history.ts';
import { ListedTimes, SharedRoom } from './arrival-times.ts';
import { hashKeyOf } from './partition.ts';
import type { RecordLog } from './record-log.ts';
import { LogPosition, MadeSeconds, placeInWhole, ShardSecond } from './record-log.ts';
import type { CursorPlace, Shard } from './shard.ts';
import { ArrivalCount } from './shard.ts';
import type { ShardLog } from './shard-log.ts';

/** The records a lane reads: its shard's, or those of its slice of it (P4). */
export interface LaneRecords {
  readonly log: RecordLog;
  readonly arrivals: ArrivalCount;
}

/** @param from a place in the shard's own log before which no record of a slice is asked for; null: its beginning */
export function laneRecords(shard: Shard, slices: Slices, slice: number, from: CursorPlace | null): LaneRecords {
  if (slices.factor === 1) return shard;
  const log = new SliceLog(shard.log, { slices, slice, from });
  return { log, arrivals: new ArrivalCount(log, null, slices.counts) };
}

const MOST_KEYS = 1_000_000;
/** Of the newest seconds, so many are kept divided. */
const NEWEST_KEPT = 4;
/**
 * And of older ones, over all shards of a stream, and at the most of one: lanes that are behind go on in turns, each in a
 * second of its own. Where records are few the most is kept of every shard.
 */
const OLDER_KEPT = 1_024;
const MOST_KEPT = 64;
const FEW_RECORDS = 128;
const ROOM_OF_A_SHARD = 1_024;
const NONE = -1;
const MOST_SLICES = 10; // P4

/**
 * A second, and its records by slice, in one array from a place on: where each slice's records begin, and where the last
 * one's end; their positions in the second, ascending; and their arrivals.
 */
class DividedSecond {
  readonly second: number;
  readonly whole: ShardSecond;
  readonly array: Int32Array;
  readonly starts: number;
  readonly places: number;
  readonly times: number;

  constructor(whole: ShardSecond, array: Int32Array, starts: number, slices: number) {
    this.second = whole.second;
    this.whole = whole;
    this.array = array;
    this.starts = starts;
    this.places = starts + slices + 1;
    this.times = this.places + whole.count;
  }
}

/** Of a second's records the slice, and how many of each slice have been put in their places; used again for every second. */
let sliceOf = new Uint8Array(0);
const placed = new Int32Array(MOST_SLICES);

/**
 * P4: how the records of a shard are divided over `factor` lanes: slice ⌊PF · (hash − start) / (end − start + 1)⌋ of its
 * hash-key range. A record that was put with an explicit shard may have a key of another range; that key's place in the
 * whole space decides then.
 */
export class Slices {
  readonly factor: number;
  /** What has come of each, as far as lanes read them. */
  readonly counts: ArrivalCount[] = [];
  readonly #range: HashKeyRange;
  readonly #known = new Map<string, number>();
  /** Of a log, by the number of a key: its slice, and NONE where that is not known yet. */
  #numbered: ShardLog | null = null;
  #byNumber = new Int8Array(0);
  /** Seconds that were divided last: all lanes of a shard ask about the same one at about the same time. */
  readonly #divided: (DividedSecond | null)[];
  readonly #olderKept: number;
  #newest = 0;
  readonly #room = new SharedRoom(ROOM_OF_A_SHARD);

  /** @param shards of the stream */
  constructor(factor: number, range: HashKeyRange, shards: number) {
    this.factor = factor;
    this.#range = range;
    this.#olderKept = Math.min(MOST_KEPT, Math.max(1, Math.floor(OLDER_KEPT / shards)));
    this.#divided = Array.from({ length: NEWEST_KEPT + MOST_KEPT }, () => null);
  }

  /** The shard's second that follows a position in its log. */
  secondAt(log: ShardLog, position: LogPosition): DividedSecond {
    const { second } = position;
    const newest = this.#divided[second % NEWEST_KEPT]!;
    if (newest !== null && newest.second === second) return newest;
    const ofFew = this.#divided[NEWEST_KEPT + (second % MOST_KEPT)]!;
    if (ofFew !== null && ofFew.second === second) return ofFew;
    const older = this.#divided[NEWEST_KEPT + (second % this.#olderKept)]!;
    if (older !== null && older.second === second) return older;
    return this.divide(log, log.secondAt(position));
  }

  /** One of the shard's own seconds. */
  divide(log: ShardLog, whole: ShardSecond): DividedSecond {
    const { factor } = this;
    const { count, second } = whole;
    const { array, place: starts } = this.#room.take(factor + 1 + 2 * count);
    const divided = new DividedSecond(whole, array, starts, factor);
    if (sliceOf.length < count) sliceOf = new Uint8Array(2 * count);
    array.fill(0, starts, divided.places);
    for (let i = 0; i < count; i++) {
      const slice = this.of(log, whole, i);
      sliceOf[i] = slice;
      array[starts + slice + 1]! += 1;
    }
    for (let slice = 0; slice < factor; slice++) {
      placed[slice] = array[starts + slice]!;
      array[starts + slice + 1]! += array[starts + slice]!;
    }
    const { places, times } = divided;
    const all = whole.times.all();
    for (let i = 0; i < count; i++) {
      const to = placed[sliceOf[i]!]!++;
      array[places + to] = i;
      array[times + to] = all[i]!;
    }
    this.#newest = Math.max(this.#newest, second);
    let place = second % NEWEST_KEPT;
    if (count <= FEW_RECORDS) place = NEWEST_KEPT + (second % MOST_KEPT);
    else if (second <= this.#newest - NEWEST_KEPT) place = NEWEST_KEPT + (second % this.#olderKept);
    this.#divided[place] = divided;
    return divided;
  }

  /** Of a record at a place in one of the shard's own seconds. */
  of(log: ShardLog, second: ShardSecond, position: number): number {
    if (this.factor === 1) return 0;
    const fraction = log.fractionOf(second, position);
    if (fraction !== null) return Math.floor(fraction * this.factor);
    const number = log.keyNumberOf(second, position);
    if (number < 0) return this.ofKey(log.keyOf(second, position));
    if (this.#numbered !== log) {
      this.#numbered = log;
      this.#byNumber = new Int8Array(log.keyCount).fill(NONE);
    }
    const known = this.#byNumber[number]!;
    if (known !== NONE) return known;
    const slice = this.ofKey(log.keyOf(second, position));
    this.#byNumber[number] = slice;
    return slice;
  }

  ofKey(partitionKey: string): number {
    const known = this.#known.get(partitionKey);
    if (known !== undefined) return known;
    const hashKey = hashKeyOf(partitionKey);
    const { startingHashKey: start, endingHashKey: end } = this.#range;
    const isInside = hashKey >= start && hashKey <= end;
    const factor = BigInt(this.factor);
    const slice = Number(isInside ? (factor * (hashKey - start)) / (end - start + 1n) : (factor * hashKey) >> 128n);
    if (this.#known.size < MOST_KEYS) this.#known.set(partitionKey, slice);
    return slice;
  }
}

/** The records of one slice of a shard, counted from 0 on their own; each knows its index in the shard. */
class SliceLog implements RecordLog {
  readonly #log: ShardLog;
  readonly #slices: Slices;
  readonly #slice: number;
  readonly #from: CursorPlace | null;
  readonly #made = new MadeSeconds();

  constructor(
    log: ShardLog,
    part: { readonly slices: Slices; readonly slice: number; readonly from: CursorPlace | null },
  ) {
    this.#log = log;
    this.#slices = part.slices;
    this.#slice = part.slice;
    this.#from = part.from;
  }

  get beginning(): LogPosition {
    const whole = this.#log.beginning;
    if (this.#from === null) return { ...whole, whole };
    return { ...whole, second: this.#from.second.second, whole: null };
  }

  get lastSecond(): number {
    return this.#log.lastSecond;
  }

  get constantBytes(): number | null {
    return this.#log.constantBytes;
  }

  secondAt(position: LogPosition): ShardSecond {
    return this.#made.at(position, this.#make);
  }

  keyOf(second: ShardSecond, position: number): string {
    return this.#log.keyOf(second.slice!.whole, placeInWhole(second.slice!, position));
  }

  get keyCount(): number {
    return this.#log.keyCount;
  }

  keyNumberOf(second: ShardSecond, position: number): number {
    return this.#log.keyNumberOf(second.slice!.whole, placeInWhole(second.slice!, position));
  }

  dataOf(second: ShardSecond, position: number): string | null {
    return this.#log.dataOf(second.slice!.whole, placeInWhole(second.slice!, position));
  }

  parsedOf(second: ShardSecond, position: number): JsonValue {
    return this.#log.parsedOf(second.slice!.whole, placeInWhole(second.slice!, position));
  }

  readonly #make = (position: LogPosition): ShardSecond => {
    const isFirst = position.whole === null;
    const [log, slices] = [this.#log, this.#slices];
    const divided = isFirst ? slices.divide(log, this.#from!.second) : slices.secondAt(log, position.whole!);
    const { whole, array, starts, places, times } = divided;
    const end = array[starts + this.#slice + 1]!;
    let begin = array[starts + this.#slice]!;
    if (isFirst) while (begin < end && array[places + begin]! < this.#from!.position) begin++;
    const count = end - begin;
    const { second, bytes, after } = whole;
    return new ShardSecond({
      second,
      first: position.first,
      count,
      times: new ListedTimes(array, times + begin, count),
      bytes: typeof bytes === 'number' ? bytes : taken(bytes, array, places + begin, count),
      producers: whole.producers,
      identities: whole.identities,
      firstIdentity: whole.firstIdentity,
      offeredIn: whole.offeredIn,
      uniform: whole.uniform,
      from: whole.from,
      to: whole.to,
      offered: whole.offered,
      offeredTimes: whole.offeredTimes,
      refusals: whole.refusals,
      losses: whole.losses,
      isSummedTogether: whole.isSummedTogether,
      slice: { whole, places: array, begin: places + begin },
      after: new LogPosition(after.second, position.first + count, after.limit, after.retries, after),
    });
  };
}

/** The values at so many places, which are written down in an array. */
function taken(values: Int32Array, places: Int32Array, begin: number, count: number): Int32Array {
  const some = new Int32Array(count);
  for (let i = 0; i < count; i++) some[i] = values[places[begin + i]!]!;
  return some;
}
