import type { Duration, Instant } from '../../kernel/time.ts';
import { unitsIn } from '../../recording/billing.ts';
import type { JsonValue } from '../../scenario/scenario.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import { NO_TIMES } from './arrival-times.ts';
import type { WriteLevel } from './write-level.ts';

const NONE: readonly never[] = [];

/** Records in the order of a shard: all of them, or those of a slice. It can be read from any position passed before. */
export interface RecordLog {
  readonly beginning: LogPosition;
  /** No record lies after this second; Infinity where the shard stays open. */
  readonly lastSecond: number;
  /** The second that follows a position. */
  secondAt(position: LogPosition): ShardSecond;
  /** Data bytes of every record, null where they differ. */
  readonly constantBytes: number | null;
  keyOf(second: ShardSecond, position: number): string;
  /** The number of a record's key among `keyCount` that the producers draw from; −1 where it has none. */
  keyNumberOf(second: ShardSecond, position: number): number;
  readonly keyCount: number;
  /** What a record holds, as text; null: zero bytes. */
  dataOf(second: ShardSecond, position: number): string | null;
  /** The same as a filter sees it (P10): JSON objects and arrays parsed; '' for zero bytes. Good until the next call. */
  parsedOf(second: ShardSecond, position: number): JsonValue;
}

/**
 * One second of a shard: the records it accepted, and what became of those it refused. Readonly once it is made; readers
 * share it. A class, its fields named one by one: all are alike to the engine then, and it does not take them for
 * long-lived because the first ones were.
 */
export class ShardSecond {
  readonly second: number;
  /** Index of the first record of this second in its log: in the shard (D3), or in the slice. */
  readonly first: number;
  readonly count: number;
  readonly times: ArrivalTimes;
  /** Data bytes of each record, or of all of them. */
  readonly bytes: Int32Array | number;
  /** Which producer put each record; null where there is one producer. */
  readonly producers: Uint16Array | null;
  /** Each record's identity among the producer's offers; null where they are numbered in order, from the first one's on. */
  readonly identities: Float64Array | null;
  readonly firstIdentity: number;
  /** The second in which each record was first offered, where retries make it another one; else null. */
  readonly offeredIn: Float64Array | null;
  /** Whether the records lie uniformly in [from, to), so that their times need not be looked at one by one (M7). */
  readonly uniform: boolean;
  readonly from: Duration;
  readonly to: Duration;
  /** Of a stream with so many records that those of a uniform second are summed as if they lay evenly (M7). */
  readonly isSummedTogether: boolean;
  /** Microseconds after the second's start at which a record was first offered, refused, lost; ordered. */
  readonly offered: number;
  readonly offeredTimes: ArrivalTimes;
  readonly refusals: readonly Duration[];
  readonly losses: readonly Duration[];
  /** Of a slice (P4); null: this is the whole. */
  readonly slice: SlicePlaces | null;
  /** Where the next second goes on from. */
  readonly after: LogPosition;

  constructor(made: ShardSecond) {
    this.second = made.second;
    this.first = made.first;
    this.count = made.count;
    this.times = made.times;
    this.bytes = made.bytes;
    this.producers = made.producers;
    this.identities = made.identities;
    this.firstIdentity = made.firstIdentity;
    this.offeredIn = made.offeredIn;
    this.uniform = made.uniform;
    this.from = made.from;
    this.to = made.to;
    this.isSummedTogether = made.isSummedTogether;
    this.offered = made.offered;
    this.offeredTimes = made.offeredTimes;
    this.refusals = made.refusals;
    this.losses = made.losses;
    this.slice = made.slice;
    this.after = made.after;
  }
}

/** The shard's whole second, and the positions in it of a slice's records: in an array from a place on. */
export interface SlicePlaces {
  readonly whole: ShardSecond;
  readonly places: Int32Array;
  readonly begin: number;
}

/** A second without records, as those are in which the shard is closed. */
export function emptySecond({ second, first }: LogPosition): ShardSecond {
  return new ShardSecond({
    second,
    first,
    count: 0,
    times: NO_TIMES,
    bytes: 0,
    producers: null,
    identities: null,
    firstIdentity: 0,
    offeredIn: null,
    uniform: false,
    from: 0,
    to: 0,
    offered: 0,
    offeredTimes: NO_TIMES,
    refusals: NONE,
    losses: NONE,
    isSummedTogether: false,
    slice: null,
    after: new LogPosition(second + 1, first, null, NONE, null),
  });
}

/** The position in the shard's whole second of a record that a slice has at a position. */
export function placeInWhole({ places, begin }: SlicePlaces, position: number): number {
  return places[begin + position]!;
}

/** Index in the shard of the record at a position of a second. */
export function indexIn({ first, slice }: ShardSecond, position: number): number {
  return slice === null ? first + position : slice.whole.first + placeInWhole(slice, position);
}

/** Data bytes of the records at positions [from, to) of a second. */
export function bytesOf(second: ShardSecond, from: number, to: number): number {
  if (typeof second.bytes === 'number') return (to - from) * second.bytes;
  let sum = 0;
  for (let i = from; i < to; i++) sum += second.bytes[i]!;
  return sum;
}

/** Units of so many bytes that the records at positions [from, to) of a second fill, each for itself (C2). */
export function unitsOf(second: ShardSecond, from: number, to: number, unit: number): number {
  if (typeof second.bytes === 'number') return (to - from) * unitsIn(second.bytes, unit);
  let sum = 0;
  for (let i = from; i < to; i++) sum += unitsIn(second.bytes[i]!, unit);
  return sum;
}

/** The state of a pass over a shard's records at the start of a second. */
export class LogPosition {
  readonly second: number;
  readonly first: number;
  readonly limit: WriteLevel | null;
  readonly retries: readonly Retry[];
  /** Of a slice: where the shard itself goes on. */
  readonly whole: LogPosition | null;

  constructor(
    second: number,
    first: number,
    limit: WriteLevel | null,
    retries: readonly Retry[],
    whole: LogPosition | null,
  ) {
    this.second = second;
    this.first = first;
    this.limit = limit;
    this.retries = retries;
    this.whole = whole;
  }
}

/** A refused put on its way back (K3). */
export interface Retry {
  readonly at: Instant;
  readonly tries: number;
  readonly producer: number;
  readonly identity: number;
  readonly offeredIn: number;
}

const RECENT = 4;

/** The seconds of a log that were made last, for its readers to share. */
export class MadeSeconds {
  readonly #recent: (ShardSecond | null)[] = Array.from({ length: RECENT }, () => null);

  /** The second that follows a position, made where it is not known. */
  at(position: LogPosition, make: (position: LogPosition) => ShardSecond): ShardSecond {
    const place = position.second % RECENT;
    const known = this.#recent[place]!;
    if (known?.second === position.second) return known;
    const made = make(position);
    if (known === null || known.second < made.second) this.#recent[place] = made; // a reader far behind keeps its own
    return made;
  }
}
