import type { Instant } from '../kernel/time.ts';
import { grown, leastMissed, roomFor } from './thinning.ts';

/**
 * What a lane spends its time on, as far as the age of the records that wait for it is concerned (M4). Numbers, since one is
 * looked up at every turn.
 */
export const ACTIVITY = {
  idle: 0,
  window: 1,
  running: 2,
  backingOff: 3,
  throttled: 4,
  readLimit: 5,
  notPolling: 6,
} as const;
export type LaneActivity = (typeof ACTIVITY)[keyof typeof ACTIVITY];

/** Time in each of the causes, up to some instant; or sums of such. Where many are asked for, one is used again and again. */
export class CauseTimes {
  /** The lane is busy with a batch: invocations, backoffs and throttles alike. */
  queue = 0;
  readLimit = 0;
  notPolling = 0;

  set(queue: number, readLimit: number, notPolling: number): this {
    this.queue = queue;
    this.readLimit = readLimit;
    this.notPolling = notPolling;
    return this;
  }

  times(factor: number): this {
    return this.set(this.queue * factor, this.readLimit * factor, this.notPolling * factor);
  }
}

/** As many turning points as are kept exactly; past that they are thinned, and read by interpolation. */
const KEPT = 1_024;

/** Room for so many more is enough: what is kept moves to its front when that is full. */
const SPARE = KEPT / 4;

/** A turning point is two numbers in a row: its instant, and how long the lane had been busy by then. */
const POINT = 2;
const BUSY = 1;
/** The other sums by then stand in a row of their own, at the same place: most lanes only ever wait for batches before. */
const READ_LIMIT = 0;
const NOT_POLLING = 1;

const MOST = (KEPT + SPARE) * POINT;

/** Which of the sums grows. */
const NONE = 0;
const QUEUE = 1;
const REFUSED = 2;
const STOPPED = 3;

/** By activity. A record's own time in a window is counted from where it joined. */
const SUM_OF = Uint8Array.of(NONE, NONE, QUEUE, QUEUE, QUEUE, REFUSED, STOPPED);

/**
 * How much of its time a lane has spent on what, as cumulative sums that are linear between turning points. It reaches
 * back to the oldest record that waits; what no waiting record has seen is forgotten.
 */
export class LaneHistory {
  #points: Float64Array = new Float64Array(16 * POINT);
  /** Where the oldest turning point that is kept begins, and the last one. */
  #head = 0;
  #last = 0;
  /** Null as long as the lane has only ever waited for batches before. */
  #others: Float64Array | null = null;
  #grows = NONE;

  /** The same, to be gone on with on its own. */
  copy(): LaneHistory {
    const copy = new LaneHistory();
    copy.#points = this.#points.slice();
    copy.#head = this.#head;
    copy.#last = this.#last;
    copy.#others = this.#others?.slice() ?? null;
    copy.#grows = this.#grows;
    return copy;
  }

  turn(at: Instant, activity: LaneActivity): void {
    const grows = SUM_OF[activity]!;
    if (grows === this.#grows) return;
    if (at > this.#points[this.#last]!) this.#addPoint(at);
    this.#grows = grows;
  }

  #addPoint(at: Instant): void {
    if (this.#last + 2 * POINT > this.#points.length) this.#makeRoom();
    const points = this.#points;
    const last = this.#last;
    const next = last + POINT;
    const passed = at - points[last]!;
    points[next] = at;
    points[next + BUSY] = points[last + BUSY]! + (this.#grows === QUEUE ? passed : 0);
    if (this.#grows > QUEUE) this.#others ??= new Float64Array(points.length);
    const others = this.#others;
    if (others !== null) {
      others[next + READ_LIMIT] = others[last + READ_LIMIT]! + (this.#grows === REFUSED ? passed : 0);
      others[next + NOT_POLLING] = others[last + NOT_POLLING]! + (this.#grows === STOPPED ? passed : 0);
    }
    this.#last = next;
    if (next - this.#head >= KEPT * POINT) this.#thin();
  }

  #makeRoom(): void {
    const { length } = this.#points;
    const kept = this.#last + POINT - this.#head;
    const room = 2 * kept <= length || length === MOST ? length : grown(length, MOST);
    this.#points = this.#movedToFront(this.#points, room);
    if (this.#others !== null) this.#others = this.#movedToFront(this.#others, room);
    this.#last -= this.#head;
    this.#head = 0;
  }

  /** A row of numbers, in an array with so much room, which may be its own. */
  #movedToFront(numbers: Float64Array, room: number): Float64Array {
    if (room === numbers.length) return numbers.copyWithin(0, this.#head, this.#last + POINT);
    const moved = new Float64Array(room);
    moved.set(numbers.subarray(this.#head, this.#last + POINT));
    return moved;
  }

  timesAt(instant: Instant, into = new CauseTimes()): CauseTimes {
    return this.#timesIn(this.#placeOf(instant), instant, into);
  }

  /** Of an instant between a turning point and the next one, or beyond the last. */
  #timesIn(place: number, instant: Instant, into: CauseTimes): CauseTimes {
    const points = this.#points;
    const since = instant - points[place]!;
    const isBeyond = place === this.#last;
    const share = isBeyond ? 0 : since / (points[place + POINT]! - points[place]!);
    const queue = points[place + BUSY]!;
    into.queue = isBeyond
      ? queue + (this.#grows === QUEUE ? since : 0)
      : queue + share * (points[place + POINT + BUSY]! - queue);
    const others = this.#others;
    if (others === null) {
      into.readLimit = this.#grows === REFUSED && isBeyond ? since : 0;
      into.notPolling = this.#grows === STOPPED && isBeyond ? since : 0;
      return into;
    }
    const readLimit = others[place + READ_LIMIT]!;
    const notPolling = others[place + NOT_POLLING]!;
    if (isBeyond) {
      into.readLimit = readLimit + (this.#grows === REFUSED ? since : 0);
      into.notPolling = notPolling + (this.#grows === STOPPED ? since : 0);
      return into;
    }
    into.readLimit = readLimit + share * (others[place + POINT + READ_LIMIT]! - readLimit);
    into.notPolling = notPolling + share * (others[place + POINT + NOT_POLLING]! - notPolling);
    return into;
  }

  /** The sum of `timesAt` over instants in order: `opens` + `times[i]` for i in [from, to). */
  sumOver(
    { opens, times, from, to }: { opens: Instant; times: Int32Array; from: number; to: number },
    into: CauseTimes,
  ): CauseTimes {
    let queue = 0;
    let readLimit = 0;
    let notPolling = 0;
    let i = from;
    for (let place = this.#placeOf(opens + times[from]!); i < to; place += POINT) {
      // Between two turning points the sums are linear: those of the first and of the mean instant are enough.
      const end = place < this.#last ? this.#points[place + POINT]! - opens : Number.POSITIVE_INFINITY;
      const first = i;
      let sum = 0;
      while (i < to && times[i]! < end) sum += times[i++]!;
      if (i === first) continue;
      const mean = this.timesAt(opens + sum / (i - first), into);
      queue += mean.queue * (i - first);
      readLimit += mean.readLimit * (i - first);
      notPolling += mean.notPolling * (i - first);
    }
    return into.set(queue, readLimit, notPolling);
  }

  /** The mean of `timesAt` over [from, to], and what it is at both ends. */
  meanOver(from: Instant, to: Instant, atFrom: CauseTimes, atTo: CauseTimes, into: CauseTimes): CauseTimes {
    const points = this.#points;
    let place = this.#placeOf(from);
    this.#timesIn(place, from, atFrom);
    atTo.set(atFrom.queue, atFrom.readLimit, atFrom.notPolling);
    if (to === from) return into.set(atFrom.queue, atFrom.readLimit, atFrom.notPolling);
    let queue = 0;
    let readLimit = 0;
    let notPolling = 0;
    for (let start = from; start < to; place += POINT) {
      const next = place + POINT;
      const endsThere = next <= this.#last && points[next]! < to;
      const end = endsThere ? points[next]! : to;
      const half = (end - start) / 2;
      queue += atTo.queue * half;
      readLimit += atTo.readLimit * half;
      notPolling += atTo.notPolling * half;
      this.#timesIn(endsThere ? next : place, end, atTo);
      queue += atTo.queue * half;
      readLimit += atTo.readLimit * half;
      notPolling += atTo.notPolling * half;
      start = end;
    }
    const length = to - from;
    return into.set(queue / length, readLimit / length, notPolling / length);
  }

  /** No record that arrived before an instant will be asked about again. */
  forgetBefore(instant: Instant): void {
    const points = this.#points;
    while (this.#head < this.#last && points[this.#head + POINT]! <= instant) this.#head += POINT;
  }

  /** The last turning point at or before an instant, or the oldest that is kept. */
  #placeOf(instant: Instant): number {
    const points = this.#points;
    let high = this.#last;
    for (let looks = 0; looks < 4; looks++) {
      if (high <= this.#head || points[high]! <= instant) return Math.max(high, this.#head);
      high -= POINT;
    }
    let low = this.#head / POINT;
    high /= POINT;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (points[middle * POINT]! <= instant) low = middle;
      else high = middle - 1;
    }
    return low * POINT;
  }

  /** Drops the quarter of the turning points that are missed least, no two next to one another. */
  #thin(): void {
    const points = this.#points;
    const first = this.#head / POINT;
    const last = this.#last / POINT;
    const count = last - first - 1;
    const errors = roomFor(count);
    for (let i = 0; i < count; i++) errors[i] = this.#errorWithout((first + 1 + i) * POINT);
    const goes = leastMissed(errors, count, KEPT / 4);
    const others = this.#others;
    let to = 0;
    for (let place = first; place <= last; place++) {
      if (place > first && place < last && goes[place - first - 1] === 1) continue;
      points.copyWithin(to, place * POINT, (place + 1) * POINT);
      others?.copyWithin(to, place * POINT, (place + 1) * POINT);
      to += POINT;
    }
    this.#head = 0;
    this.#last = to - POINT;
  }

  /** The area between the sums as they are and the straight line past a turning point. */
  #errorWithout(place: number): number {
    const points = this.#points;
    const others = this.#others;
    const length = points[place + POINT]! - points[place - POINT]!;
    const share = (points[place]! - points[place - POINT]!) / length;
    let off = offTheLine(points, place + BUSY, share);
    if (others !== null) {
      off += offTheLine(others, place + READ_LIMIT, share);
      off += offTheLine(others, place + NOT_POLLING, share);
    }
    return length * off;
  }
}

/** How far one of the sums lies from the straight line between its neighbours. */
function offTheLine(sums: Float64Array, place: number, share: number): number {
  const from = sums[place - POINT]!;
  return Math.abs(sums[place]! - (from + share * (sums[place + POINT]! - from)));
}
