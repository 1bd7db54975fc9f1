import type { HashKeyRange } from '../../scenario/shard-history.ts';
import { ListedTimes } from './arrival-times.ts';
import { hashKeyOf } from './partition.ts';
import type { LogPosition, RecordLog, ShardSecond } from './record-log.ts';
import { MadeSeconds } from './record-log.ts';
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
  return { log, arrivals: new ArrivalCount(log) };
}

const MOST_KEYS = 1_000_000;

/**
 * P4: how the records of a shard are divided over `factor` lanes: slice ⌊PF · (hash − start) / (end − start + 1)⌋ of its
 * hash-key range. A record that was put with an explicit shard may have a key of another range; that key's place in the
 * whole space decides then.
 */
export class Slices {
  readonly factor: number;
  readonly #range: HashKeyRange;
  readonly #known = new Map<string, number>();
  /** The second that was asked about last, and the slice of each of its records. */
  #second: ShardSecond | null = null;
  #ofSecond = new Uint8Array(0);

  constructor(factor: number, range: HashKeyRange) {
    this.factor = factor;
    this.#range = range;
  }

  /** Of a record at a place in one of the shard's own seconds. */
  of(log: ShardLog, second: ShardSecond, position: number): number {
    if (this.factor === 1) return 0;
    const fraction = log.fractionOf(second, position);
    return fraction === null ? this.ofKey(log.keyOf(second, position)) : Math.floor(fraction * this.factor);
  }

  /** Of every record of one of the shard's own seconds; its lanes ask about the same one after another. */
  allOf(log: ShardLog, second: ShardSecond): Uint8Array {
    if (second === this.#second) return this.#ofSecond;
    const slices = new Uint8Array(second.count); // P4: 10 lanes at most
    for (let i = 0; i < second.count; i++) slices[i] = this.of(log, second, i);
    this.#second = second;
    this.#ofSecond = slices;
    return slices;
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
    return this.#log.keyOf(second.slice!.whole, second.slice!.places[position]!);
  }

  dataOf(second: ShardSecond, position: number): string | null {
    return this.#log.dataOf(second.slice!.whole, second.slice!.places[position]!);
  }

  readonly #make = (position: LogPosition): ShardSecond => {
    const isFirst = position.whole === null;
    const whole = position.whole === null ? this.#from!.second : this.#log.secondAt(position.whole);
    const slices = this.#slices.allOf(this.#log, whole);
    const places = new Int32Array(whole.count);
    let count = 0;
    for (let i = isFirst ? this.#from!.position : 0; i < whole.count; i++) {
      if (slices[i] === this.#slice) places[count++] = i;
    }
    const { bytes } = whole;
    const all = whole.times.all();
    const times = new Int32Array(count);
    for (let i = 0; i < count; i++) times[i] = all[places[i]!]!;
    const { second, after } = whole;
    // Named one by one: an object that is spread out has a shape of its own in the engine, and readers ask these often.
    return {
      second,
      first: position.first,
      count,
      times: new ListedTimes(times),
      bytes: typeof bytes === 'number' ? bytes : times.map((_, i) => bytes[places[i]!]!),
      producers: whole.producers,
      identities: whole.identities,
      offeredIn: whole.offeredIn,
      uniform: whole.uniform,
      from: whole.from,
      to: whole.to,
      offered: whole.offered,
      offeredTimes: whole.offeredTimes,
      refusals: whole.refusals,
      losses: whole.losses,
      isSummedTogether: whole.isSummedTogether,
      slice: { whole, places: places.slice(0, count) },
      after: {
        second: after.second,
        first: position.first + count,
        limit: after.limit,
        retries: after.retries,
        whole: after,
      },
    };
  };
}
