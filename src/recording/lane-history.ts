import type { Instant } from '../kernel/time.ts';
import type { LaneState } from './causes.ts';

/** What a lane spends its time on, as far as the age of the records that wait for it is concerned (M4). */
export type LaneActivity = 'idle' | 'window' | 'running' | 'backingOff' | 'throttled' | 'readLimit' | 'notPolling';

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

type Cause = 'none' | 'queue' | 'readLimit' | 'notPolling';

const CAUSE_OF: Readonly<Record<LaneActivity, Cause>> = {
  idle: 'none',
  window: 'none', // a record's own time in the window is counted from where it joined
  running: 'queue',
  backingOff: 'queue',
  throttled: 'queue',
  readLimit: 'readLimit',
  notPolling: 'notPolling',
};

/** As many turning points as are kept exactly; past that they are thinned, and read by interpolation. */
const KEPT = 1_024;

/**
 * How much of its time a lane has spent on what, as cumulative sums that are linear between turning points. It reaches
 * back to the oldest record that waits; what no waiting record has seen is forgotten.
 */
export class LaneHistory {
  #at: number[] = [0];
  #queue: number[] = [0];
  #readLimit: number[] = [0];
  #notPolling: number[] = [0];
  #head = 0;
  #cause: Cause = 'none';

  /** The same, to be gone on with on its own. */
  copy(): LaneHistory {
    const copy = new LaneHistory();
    copy.#at = [...this.#at];
    copy.#queue = [...this.#queue];
    copy.#readLimit = [...this.#readLimit];
    copy.#notPolling = [...this.#notPolling];
    copy.#head = this.#head;
    copy.#cause = this.#cause;
    return copy;
  }

  turn(at: Instant, activity: LaneActivity): void {
    const cause = CAUSE_OF[activity];
    if (cause === this.#cause) return;
    const last = this.#at.length - 1;
    const elapsed = at - this.#at[last]!;
    const queue = this.#queue[last]! + (this.#cause === 'queue' ? elapsed : 0);
    const readLimit = this.#readLimit[last]! + (this.#cause === 'readLimit' ? elapsed : 0);
    const notPolling = this.#notPolling[last]! + (this.#cause === 'notPolling' ? elapsed : 0);
    this.#cause = cause;
    if (elapsed === 0) return;
    this.#at.push(at);
    this.#queue.push(queue);
    this.#readLimit.push(readLimit);
    this.#notPolling.push(notPolling);
    if (this.#at.length - this.#head > KEPT) this.#thin();
  }

  timesAt(instant: Instant, into = new CauseTimes()): CauseTimes {
    const last = this.#at.length - 1;
    if (instant >= this.#at[last]!) return this.#beyond(last, instant, into);
    const place = this.#placeOf(instant);
    const from = this.#at[place]!;
    const share = (instant - from) / (this.#at[place + 1]! - from);
    return into.set(
      between(this.#queue, place, share),
      between(this.#readLimit, place, share),
      between(this.#notPolling, place, share),
    );
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
    for (let place = this.#placeOf(opens + times[from]!); i < to; place++) {
      // Between two turning points the sums are linear: those of the first and of the mean instant are enough.
      const end = place + 1 < this.#at.length ? this.#at[place + 1]! - opens : Number.POSITIVE_INFINITY;
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

  /** The mean of `timesAt` over [from, to]. */
  meanOver(from: Instant, to: Instant, into: CauseTimes): CauseTimes {
    let queue = 0;
    let readLimit = 0;
    let notPolling = 0;
    this.timesAt(from, into);
    if (to === from) return into;
    let start = from;
    for (let place = this.#placeOf(from) + 1; start < to; place++) {
      const end = place < this.#at.length ? Math.min(to, this.#at[place]!) : to;
      if (end <= start) continue;
      const half = (end - start) / 2;
      queue += into.queue * half;
      readLimit += into.readLimit * half;
      notPolling += into.notPolling * half;
      this.timesAt(end, into);
      queue += into.queue * half;
      readLimit += into.readLimit * half;
      notPolling += into.notPolling * half;
      start = end;
    }
    const length = to - from;
    return into.set(queue / length, readLimit / length, notPolling / length);
  }

  /** No record that arrived before an instant will be asked about again. */
  forgetBefore(instant: Instant): void {
    while (this.#head + 1 < this.#at.length && this.#at[this.#head + 1]! <= instant) this.#head++;
    if (this.#head < 64 || 2 * this.#head < this.#at.length) return;
    for (const column of [this.#at, this.#queue, this.#readLimit, this.#notPolling]) column.splice(0, this.#head);
    this.#head = 0;
  }

  #beyond(last: number, instant: Instant, into: CauseTimes): CauseTimes {
    const elapsed = instant - this.#at[last]!;
    return into.set(
      this.#queue[last]! + (this.#cause === 'queue' ? elapsed : 0),
      this.#readLimit[last]! + (this.#cause === 'readLimit' ? elapsed : 0),
      this.#notPolling[last]! + (this.#cause === 'notPolling' ? elapsed : 0),
    );
  }

  /** The last turning point at or before an instant, or the oldest that is kept. */
  #placeOf(instant: Instant): number {
    let low = this.#head;
    let high = this.#at.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#at[middle]! <= instant) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Drops the quarter of the turning points that are missed least, no two next to one another. */
  #thin(): void {
    const last = this.#at.length - 1;
    const errors = this.#at.map((_, place) => (place > this.#head && place < last ? this.#errorWithout(place) : 0));
    const inner = Array.from({ length: last - this.#head - 1 }, (_, i) => this.#head + 1 + i);
    inner.sort((a, b) => errors[a]! - errors[b]! || a - b);
    const dropped = new Set<number>();
    for (const place of inner) {
      if (dropped.size >= KEPT / 4) break;
      if (!dropped.has(place - 1) && !dropped.has(place + 1)) dropped.add(place);
    }
    const keep = (_: number, place: number) => place >= this.#head && !dropped.has(place);
    const queue = this.#queue.filter(keep);
    const readLimit = this.#readLimit.filter(keep);
    const notPolling = this.#notPolling.filter(keep);
    this.#at = this.#at.filter(keep);
    this.#queue = queue;
    this.#readLimit = readLimit;
    this.#notPolling = notPolling;
    this.#head = 0;
  }

  /** The area between the sums as they are and the straight line past a turning point. */
  #errorWithout(place: number): number {
    const length = this.#at[place + 1]! - this.#at[place - 1]!;
    const share = (this.#at[place]! - this.#at[place - 1]!) / length;
    const off = (column: readonly number[]) => Math.abs(column[place]! - between(column, place - 1, share, place + 1));
    return length * (off(this.#queue) + off(this.#readLimit) + off(this.#notPolling));
  }
}

function between(column: readonly number[], place: number, share: number, next = place + 1): number {
  return column[place]! + share * (column[next]! - column[place]!);
}

const STATE_OF: Readonly<Record<LaneActivity, LaneState>> = {
  idle: 'idle',
  window: 'window',
  running: 'running',
  backingOff: 'backingOff',
  throttled: 'throttled',
  readLimit: 'blocked',
  notPolling: 'blocked',
};

/** A stretch of a lane's time in one state. */
export interface Span {
  readonly state: LaneState;
  readonly from: Instant;
  readonly to: Instant;
}

/** A lane's states over time, the longest spans kept where there are too many: of idle ones, which no reader looks for, last. */
export class LaneTimeline {
  readonly #most: number;
  #spans: Span[] = [];
  #state: LaneState = 'idle';
  #since: Instant;
  #hasStopped = false;

  /** @param from when the lane's shard opens (K6) */
  constructor(most: number, from: Instant) {
    this.#most = most;
    this.#since = from;
  }

  turn(at: Instant, activity: LaneActivity): void {
    const state = STATE_OF[activity];
    if (state === this.#state) return;
    this.#close(at);
    const previous = this.#spans[this.#spans.length - 1];
    this.#state = state;
    this.#since = at;
    if (previous !== undefined && previous.state === state && previous.to === at) {
      this.#spans.pop();
      this.#since = previous.from;
    }
  }

  /** The lane has come to the end of its shard, or other lanes go on in it. */
  stop(at: Instant): void {
    if (!this.#hasStopped) this.#close(at);
    this.#hasStopped = true;
  }

  /** There is such a lane again (P4). */
  goOn(at: Instant): void {
    if (this.#hasStopped) this.#since = at;
    this.#hasStopped = false;
  }

  /** In time order, the last one ending at `end` or where the lane has stopped. */
  spans(end: Instant): readonly Span[] {
    if (!this.#hasStopped) this.#close(end);
    this.#since = end;
    return longest(this.#spans, this.#most);
  }

  #close(at: Instant): void {
    if (at === this.#since) return;
    this.#spans.push({ state: this.#state, from: this.#since, to: at });
    if (this.#spans.length >= 2 * this.#most + 16) this.#spans = longest(this.#spans, this.#most);
  }
}

function longest(spans: Span[], most: number): Span[] {
  if (spans.length <= most) return spans;
  return [...spans]
    .sort((a, b) => idleLast(a, b) || b.to - b.from - (a.to - a.from) || a.from - b.from)
    .slice(0, most)
    .sort((a, b) => a.from - b.from);
}

function idleLast(a: Span, b: Span): number {
  return Number(a.state === 'idle') - Number(b.state === 'idle');
}
