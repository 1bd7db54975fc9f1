import type { Duration } from '../../kernel/time.ts';
import type { Stretch, TimeFinder } from './time-finder.ts';

/** When the records of a second arrive, in order, as microseconds after its start. */
export interface ArrivalTimes {
  /** The arrival of the record at a position, from 0. */
  at(position: number): Duration;
  /** How many come before so many whole microseconds after the second's start. */
  before(time: Duration): number;
  /** Writes the arrivals of the records at positions [from, to) into an array, from a place on. */
  copy(from: number, to: number, into: Int32Array, place: number): void;
  /** Every arrival; an array that is not to be changed. */
  all(): Int32Array;
}

/** Arrivals that are written down, in an array that others may share. */
export class ListedTimes implements ArrivalTimes {
  readonly #times: Int32Array;
  /** Where they begin in it, and behind the last of them. */
  readonly #place: number;
  readonly #end: number;
  /** The last answer, as a place: who asks mostly goes on in time. */
  #before: number;

  constructor(times: Int32Array, place = 0, count = times.length) {
    this.#times = times;
    this.#place = place;
    this.#end = place + count;
    this.#before = place;
  }

  at(position: number): Duration {
    return this.#times[this.#place + position]!;
  }

  before(time: Duration): number {
    const times = this.#times;
    const end = this.#end;
    let place = this.#before;
    if (place > this.#place && times[place - 1]! >= time) place = lowerBound(times, this.#place, end, time);
    else {
      const near = Math.min(end, place + 8);
      while (place < near && times[place]! < time) place++;
      if (place === near && place < end) place = lowerBound(times, place, end, time);
    }
    this.#before = place;
    return place - this.#place;
  }

  copy(from: number, to: number, into: Int32Array, place: number): void {
    const times = this.#times;
    const first = this.#place;
    for (let i = from; i < to; i++) into[place + i - from] = times[first + i]!;
  }

  all(): Int32Array {
    const isWhole = this.#place === 0 && this.#end === this.#times.length;
    return isWhole ? this.#times : this.#times.subarray(this.#place, this.#end);
  }
}

/** Of a second without records. */
export const NO_TIMES: ArrivalTimes = new ListedTimes(new Int32Array(0));

/** The first place of [from, end) whose time is not before one, of times in order. */
function lowerBound(times: Int32Array, from: number, end: number, time: Duration): number {
  if (end === from || time > times[end - 1]!) return end;
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** So many records are drawn sooner than looked for. */
export const FEW = 64;

/** The arrivals of a stretch: found as far as somebody looks, or, where they are few or each will be looked at, all at once. */
export function timesOf(finder: TimeFinder, stretch: Stretch, room: SharedRoom, isEachLookedAt: boolean): ArrivalTimes {
  const { count } = stretch;
  if (count === 0) return NO_TIMES;
  if (count > FEW) return new FoundTimes(finder, stretch, room, isEachLookedAt);
  const { array, place } = room.take(count);
  finder.fill(stretch, array, place);
  return new ListedTimes(array, place, count);
}

/**
 * What is known of many seconds shares an array: one of their own would cost as much as drawing some thirty records. As long
 * as one of them is held, so is the array: where a thousand lanes are behind, each holds another.
 */
export class SharedRoom {
  array = new Int32Array(0);
  place = 0;
  readonly #length: number;
  #end = 0;

  /** @param length of an array */
  constructor(length = ROOM) {
    this.#length = length;
  }

  /** @returns itself: room for so many, in the array from the place on */
  take(count: number): this {
    if (this.#end + count > this.array.length) {
      this.array = new Int32Array(Math.max(this.#length, count));
      this.#end = 0;
    }
    this.place = this.#end;
    this.#end += count;
    return this;
  }
}

const ROOM = 1_024;

/** To look for one costs as much as so many of all that are drawn together. */
const LOOK = 24;

/** The arrivals of one stretch, found as far as somebody looks, or all with the first look. */
export class FoundTimes implements ArrivalTimes, Stretch {
  readonly second: number;
  readonly ordinal: number;
  readonly from: Duration;
  readonly to: Duration;
  readonly count: number;
  readonly #finder: TimeFinder;
  readonly #room: SharedRoom;
  readonly #isEachLookedAt: boolean;
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
  /** How many have been looked up. */
  #looks = 0;

  /** @param isEachLookedAt then all are drawn with the first look */
  constructor(
    finder: TimeFinder,
    { second, ordinal, from, to, count }: Stretch,
    room: SharedRoom,
    isEachLookedAt = false,
  ) {
    this.#finder = finder;
    this.#room = room;
    this.#isEachLookedAt = isEachLookedAt;
    this.second = second;
    this.ordinal = ordinal;
    this.from = from;
    this.to = to;
    this.count = count;
  }

  /** All are drawn, or will be with the first look. */
  get #isWhole(): boolean {
    return this.#isEachLookedAt || this.#all !== null;
  }

  at(position: number): Duration {
    if (this.#isWhole) return this.all()[position]!;
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
    if (!isNext && ++this.#looks * LOOK > this.count) return this.all()[position]!;
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
    return this.#isWhole ? lowerBound(this.all(), 0, this.count, time) : this.#finder.before(this, time);
  }

  copy(from: number, to: number, into: Int32Array, place: number): void {
    if (!this.#isWhole) {
      this.#finder.copy(this, from, to, into, place);
      return;
    }
    const all = this.all();
    for (let i = from; i < to; i++) into[place + i - from] = all[i]!;
  }

  all(): Int32Array {
    if (this.#all === null) {
      const { array, place } = this.#room.take(this.count);
      this.#finder.fill(this, array, place);
      this.#all = array.subarray(place, place + this.count);
    }
    return this.#all;
  }
}
