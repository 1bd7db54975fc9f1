import type { HashKeyRange } from '../../scenario/shard-history.ts';
import { hashKeyOf } from './partition.ts';
import type { LogPosition, RecordLog, ShardSecond } from './record-log.ts';
import { MadeSeconds } from './record-log.ts';
import type { ShardLog } from './shard-log.ts';

const MOST_KEYS = 1_000_000;

/**
 * P4: how the records of a shard are divided over `factor` lanes: slice ⌊PF · (hash − start) / (end − start + 1)⌋ of its
 * hash-key range. A record that was put with an explicit shard may have a key of another range; that key's place in the
 * whole space decides then.
 */
export class Slices {
  readonly factor: number;
  readonly #range: HashKeyRange;
  readonly #ofKey = new Map<string, number>();

  constructor(factor: number, range: HashKeyRange) {
    this.factor = factor;
    this.#range = range;
  }

  ofKey(partitionKey: string): number {
    const known = this.#ofKey.get(partitionKey);
    if (known !== undefined) return known;
    const hashKey = hashKeyOf(partitionKey);
    const { startingHashKey: start, endingHashKey: end } = this.#range;
    const isInside = hashKey >= start && hashKey <= end;
    const factor = BigInt(this.factor);
    const slice = Number(isInside ? (factor * (hashKey - start)) / (end - start + 1n) : (factor * hashKey) >> 128n);
    if (this.#ofKey.size < MOST_KEYS) this.#ofKey.set(partitionKey, slice);
    return slice;
  }
}

/** The records of one slice of a shard, counted from 0 on their own; each knows its index in the shard. */
export class SliceLog implements RecordLog {
  readonly #log: ShardLog;
  readonly #slices: Slices;
  readonly #slice: number;
  readonly #made = new MadeSeconds();

  constructor(log: ShardLog, slices: Slices, slice: number) {
    this.#log = log;
    this.#slices = slices;
    this.#slice = slice;
  }

  get beginning(): LogPosition {
    const whole = this.#log.beginning;
    return { ...whole, whole };
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
    const whole = this.#log.secondAt(position.whole!);
    const places: number[] = [];
    for (let i = 0; i < whole.count; i++) {
      const fraction = this.#log.fractionOf(whole, i);
      const slice = fraction === null ? this.#slices.ofKey(this.#log.keyOf(whole, i)) : fraction * this.#slices.factor;
      if (Math.floor(slice) === this.#slice) places.push(i);
    }
    const { bytes } = whole;
    return {
      ...whole,
      first: position.first,
      count: places.length,
      times: Int32Array.from(places, (place) => whole.times[place]!),
      bytes: typeof bytes === 'number' ? bytes : Int32Array.from(places, (place) => bytes[place]!),
      slice: { whole, places: Int32Array.from(places) },
      after: { ...whole.after, first: position.first + places.length, whole: whole.after },
    };
  };
}
