import type { Instant } from '../kernel/time.ts';
import { leastMissed } from './thinning.ts';

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

/** A turning point is four numbers in a row: its instant, and the sums by then. */
const POINT = 4;
const QUEUE = 1;
const READ_LIMIT = 2;
const NOT_POLLING = 3;

/** Which of the sums grows, by activity; 0: none. A record's own time in a window is counted from where it joined. */
const SUM_OF = Uint8Array.of(0, 0, QUEUE, QUEUE, QUEUE, READ_LIMIT, NOT_POLLING);

/**
 * How much of its time a lane has spent on what, as cumulative sums that are linear between turning points. It reaches
 * back to the oldest record that waits; what no waiting record has seen is forgotten.
 */
export class LaneHistory {
  #points = new Float64Array(16 * POINT);
  /** Where the oldest turning point that is kept begins, and the last one. */
  #head = 0;
  #last = 0;
  /** Which of the sums grows now. */
  #grows = 0;
  /** The other sums have grown, too: most lanes only ever wait for batches before. */
  #isMoreThanQueue = false;

  /** The same, to be gone on with on its own. */
  copy(): LaneHistory {
    const copy = new LaneHistory();
    copy.#points = this.#points.slice();
    copy.#head = this.#head;
    copy.#last = this.#last;
    copy.#grows = this.#grows;
    copy.#isMoreThanQueue = this.#isMoreThanQueue;
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
    points[next] = at;
    points[next + QUEUE] = points[last + QUEUE]!;
    points[next + READ_LIMIT] = points[last + READ_LIMIT]!;
    points[next + NOT_POLLING] = points[last + NOT_POLLING]!;
    if (this.#grows > 0) points[next + this.#grows]! += at - points[last]!;
    if (this.#grows > QUEUE) this.#isMoreThanQueue = true;
    this.#last = next;
    if (next - this.#head >= KEPT * POINT) this.#thin();
  }

  #makeRoom(): void {
    const kept = this.#points.subarray(this.#head, this.#last + POINT);
    const most = (KEPT + SPARE) * POINT;
    const { length } = this.#points;
    if (2 * kept.length <= length || length === most) this.#points.copyWithin(0, this.#head, this.#last + POINT);
    else {
      const points = new Float64Array(Math.min(2 * length, most));
      points.set(kept);
      this.#points = points;
    }
    this.#last -= this.#head;
    this.#head = 0;
  }

  timesAt(instant: Instant, into = new CauseTimes()): CauseTimes {
    return this.#timesIn(this.#placeOf(instant), instant, into);
  }

  /** Of an instant between a turning point and the next one, or beyond the last. */
  #timesIn(place: number, instant: Instant, into: CauseTimes): CauseTimes {
    const points = this.#points;
    const since = instant - points[place]!;
    if (place === this.#last) {
      const grows = this.#grows;
      into.queue = points[place + QUEUE]! + (grows === QUEUE ? since : 0);
      into.readLimit = points[place + READ_LIMIT]! + (grows === READ_LIMIT ? since : 0);
      into.notPolling = points[place + NOT_POLLING]! + (grows === NOT_POLLING ? since : 0);
      return into;
    }
    const share = since / (points[place + POINT]! - points[place]!);
    const queue = points[place + QUEUE]!;
    into.queue = queue + share * (points[place + POINT + QUEUE]! - queue);
    into.readLimit = 0;
    into.notPolling = 0;
    if (!this.#isMoreThanQueue) return into;
    const readLimit = points[place + READ_LIMIT]!;
    const notPolling = points[place + NOT_POLLING]!;
    into.readLimit = readLimit + share * (points[place + POINT + READ_LIMIT]! - readLimit);
    into.notPolling = notPolling + share * (points[place + POINT + NOT_POLLING]! - notPolling);
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
      if (endsThere) atTo.set(points[next + QUEUE]!, points[next + READ_LIMIT]!, points[next + NOT_POLLING]!);
      else this.#timesIn(place, to, atTo);
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
    const errors = new Float64Array(last - first - 1);
    for (let i = 0; i < errors.length; i++) errors[i] = this.#errorWithout((first + 1 + i) * POINT);
    const goes = leastMissed(errors, KEPT / 4);
    let to = 0;
    for (let place = first; place <= last; place++) {
      if (goes[place - first - 1] === 1) continue;
      points.copyWithin(to, place * POINT, (place + 1) * POINT);
      to += POINT;
    }
    this.#head = 0;
    this.#last = to - POINT;
  }

  /** The area between the sums as they are and the straight line past a turning point. */
  #errorWithout(place: number): number {
    const points = this.#points;
    const before = place - POINT;
    const after = place + POINT;
    const length = points[after]! - points[before]!;
    const share = (points[place]! - points[before]!) / length;
    let off = 0;
    for (let cause = QUEUE; cause <= NOT_POLLING; cause++) {
      const from = points[before + cause]!;
      off += Math.abs(points[place + cause]! - (from + share * (points[after + cause]! - from)));
    }
    return length * off;
  }
}
