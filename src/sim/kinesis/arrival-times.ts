import type { Duration } from '../../kernel/time.ts';
import type { Stretch, TimeFinder } from './time-finder.ts';

/** When the records of a second arrive, in order, as microseconds after its start. */
export interface ArrivalTimes {
  /** The arrival of the record at a position, from 0. */
  at(position: number): Duration;
  /** How many come before so many whole microseconds after the second's start. */
  before(time: Duration): number;
  /** Writes the arrivals of the records at positions [from, to) into an array, from its start on. */
  copy(from: number, to: number, into: Int32Array): void;
  /** Every arrival; an array that is not to be changed. */
  all(): Int32Array;
}

/** Arrivals that are written down. */
export class ListedTimes implements ArrivalTimes {
  readonly #times: Int32Array;
  /** The last answer: who asks mostly goes on in time. */
  #before = 0;

  constructor(times: Int32Array) {
    this.#times = times;
  }

  at(position: number): Duration {
    return this.#times[position]!;
  }

  before(time: Duration): number {
    const times = this.#times;
    let place = this.#before;
    if (place > 0 && times[place - 1]! >= time) place = lowerBound(times, time);
    else {
      const near = Math.min(times.length, place + 8);
      while (place < near && times[place]! < time) place++;
      if (place === near && place < times.length) place = lowerBound(times, time);
    }
    this.#before = place;
    return place;
  }

  copy(from: number, to: number, into: Int32Array): void {
    for (let i = from; i < to; i++) into[i - from] = this.#times[i]!;
  }

  all(): Int32Array {
    return this.#times;
  }
}

/** Of a second without records. */
export const NO_TIMES: ArrivalTimes = new ListedTimes(new Int32Array(0));

function lowerBound(times: Int32Array, time: Duration): number {
  const count = times.length;
  if (count === 0 || time > times[count - 1]!) return count;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** So many records are drawn sooner than looked for. */
export const FEW = 32;

/** The arrivals of a stretch: found as far as somebody looks, or, where they are few, all at once. */
export function timesOf(finder: TimeFinder, stretch: Stretch, room: SharedRoom): ArrivalTimes {
  const { count } = stretch;
  if (count === 0) return NO_TIMES;
  if (count > FEW) return new FoundTimes(finder, stretch);
  const { array, place } = room.take(count);
  finder.fill(stretch, array, place);
  return new FewTimes(array, place, count);
}

/** Arrivals of many seconds with few records each share an array: one of their own would cost more than they do. */
export class SharedRoom {
  array = new Int32Array(0);
  place = 0;
  #end = 0;

  /** @returns itself: room for so many, in the array from the place on */
  take(count: number): this {
    if (this.#end + count > this.array.length) {
      this.array = new Int32Array(ROOM);
      this.#end = 0;
    }
    this.place = this.#end;
    this.#end += count;
    return this;
  }
}

const ROOM = 512;

/** The arrivals of few records, in an array that others share. */
class FewTimes implements ArrivalTimes {
  readonly #array: Int32Array;
  readonly #place: number;
  readonly #count: number;

  constructor(array: Int32Array, place: number, count: number) {
    this.#array = array;
    this.#place = place;
    this.#count = count;
  }

  at(position: number): Duration {
    return this.#array[this.#place + position]!;
  }

  before(time: Duration): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#array[this.#place + middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  copy(from: number, to: number, into: Int32Array): void {
    for (let i = from; i < to; i++) into[i - from] = this.#array[this.#place + i]!;
  }

  all(): Int32Array {
    return this.#array.subarray(this.#place, this.#place + this.#count);
  }
}

/** The arrivals of one stretch, found as far as somebody looks. */
export class FoundTimes implements ArrivalTimes, Stretch {
  readonly second: number;
  readonly ordinal: number;
  readonly from: Duration;
  readonly to: Duration;
  readonly count: number;
  readonly #finder: TimeFinder;
  #all: Int32Array | null = null;
  /**
   * Of the first record, the last one, the two that were asked for last and the one that follows them: they are asked for
   * again, or next. -1: not looked up.
   */
  #first: Duration = -1;
  #last: Duration = -1;
  #lately = -1;
  #latelyAt: Duration = 0;
  #before = -1;
  #beforeAt: Duration = 0;
  #nextAt: Duration = -1;

  constructor(finder: TimeFinder, { second, ordinal, from, to, count }: Stretch) {
    this.#finder = finder;
    this.second = second;
    this.ordinal = ordinal;
    this.from = from;
    this.to = to;
    this.count = count;
  }

  at(position: number): Duration {
    if (this.#all !== null) return this.#all[position]!;
    if (position === 0) {
      if (this.#first < 0) this.#first = this.#finder.edge(this, false);
      return this.#first;
    }
    if (position === this.count - 1) {
      if (this.#last < 0) this.#last = this.#finder.edge(this, true);
      return this.#last;
    }
    if (position === this.#lately) return this.#latelyAt;
    if (position === this.#before) return this.#beforeAt;
    const isNext = position === this.#lately + 1 && this.#nextAt >= 0;
    const time = isNext ? this.#nextAt : this.#finder.at(this, position);
    this.#before = this.#lately;
    this.#beforeAt = this.#latelyAt;
    this.#lately = position;
    this.#latelyAt = time;
    // A batch ends here, it may be, and the next begins: that is found now, while the finder stands beside it.
    this.#nextAt = isNext ? -1 : this.#finder.at(this, position + 1);
    return time;
  }

  before(time: Duration): number {
    return this.#all === null ? this.#finder.before(this, time) : lowerBound(this.#all, time);
  }

  copy(from: number, to: number, into: Int32Array): void {
    if (this.#all === null) this.#finder.copy(this, from, to, into);
    else for (let i = from; i < to; i++) into[i - from] = this.#all[i]!;
  }

  all(): Int32Array {
    if (this.#all === null) {
      this.#all = new Int32Array(this.count);
      this.#finder.fill(this, this.#all, 0);
    }
    return this.#all;
  }
}
