import type { Duration, Instant } from '../kernel/time.ts';
import type { LaneState } from './causes.ts';
import type { LaneActivity } from './lane-history.ts';
import { valueOfRank } from './thinning.ts';

let room = new Float64Array(0);

/** For numbers of nobody's, until the next who asks: lanes look for their longest spans by turns. */
function roomFor(count: number): Float64Array {
  if (room.length < count) room = new Float64Array(2 * count);
  return room;
}

/** What a lane may be doing, as timelines number it. */
export const STATES: readonly LaneState[] = ['idle', 'window', 'running', 'backingOff', 'throttled', 'blocked'];
const IDLE = 0;

/** By activity, as places in `STATES`: what is refused and what does not poll is blocked. */
const STATE_OF = Uint8Array.of(IDLE, 1, 2, 3, 4, 5, 5);

/** A span is two numbers: from when it is, with what it was as the last of its digits, and to when. */
const SPAN = 2;
const TO = 1;
const DIGIT = 8;

/** How much of a timeline is kept. */
export interface TimelineRoom {
  /** Spans. */
  readonly spans: number;
  /** Stretches of the run, of each of which it is kept how long the other spans were. */
  readonly stretches: number;
  /** Until then the run may go on. */
  readonly until: Instant;
}

/** Of each of so many lanes, of a run that may go on until an instant. */
export function timelineRoom(lanes: number, until: Instant): TimelineRoom {
  const part = Math.floor(STRETCHES_IN_ALL / Math.max(1, lanes));
  const stretches = Math.max(FEWEST_STRETCHES, Math.min(STRETCHES_OF_A_LANE, part));
  return { spans: mostSpans(lanes), stretches, until };
}

/** As many spans are kept of each of so many lanes. */
export function mostSpans(lanes: number): number {
  return Math.min(SPANS_OF_A_LANE, Math.floor(SPANS_IN_ALL / Math.max(1, lanes)));
}

const SPANS_OF_A_LANE = 2_000;
const SPANS_IN_ALL = 400_000;
const STRETCHES_OF_A_LANE = 240;
const FEWEST_STRETCHES = 24;
const STRETCHES_IN_ALL = 24_000;

/** What was too short to be kept as a span: microseconds in each state, a row for each stretch of the run. */
export interface ShortSpans {
  readonly stretch: Duration;
  readonly times: Float64Array;
}

/**
 * A lane's states over time, the longest spans kept where there are too many: of idle ones, which no reader looks for, last.
 * Of the others it stays known how long they were in all in each stretch of the run.
 */
export class LaneTimeline {
  readonly #most: number;
  /** So many are gathered before the longest are looked for. */
  readonly #room: number;
  readonly #stretches: number;
  readonly #stretch: Duration;
  /** Null: each span is kept, but for idle ones. */
  #short: Float64Array | null = null;
  /** The spans in order of time. */
  #spans = new Float64Array(16 * SPAN);
  #count = 0;
  /** As many are as long as that, or longer, as will be left: those that follow must be longer. */
  #idleAbove: Duration = 0;
  #othersAbove: Duration = 0;
  #state: number = IDLE;
  #since: Instant;
  #hasStopped = false;

  /** @param from when the lane's shard opens (K6) */
  constructor({ spans, stretches, until }: TimelineRoom, from: Instant) {
    this.#most = spans;
    this.#room = spans + (spans >> 2) + 16;
    this.#stretches = stretches;
    this.#stretch = Math.ceil(until / stretches);
    this.#since = from;
  }

  turn(at: Instant, activity: LaneActivity): void {
    const state = STATE_OF[activity]!;
    if (state === this.#state) return;
    this.#close(at);
    this.#state = state;
    this.#since = at;
    const previous = (this.#count - 1) * SPAN;
    if (previous >= 0 && this.#spans[previous + TO] === at && stateOf(this.#spans[previous]!) === state) {
      this.#count--;
      this.#since = fromOf(this.#spans[previous]!);
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

  /** The run ends: so does what is open. */
  finish(end: Instant): void {
    if (!this.#hasStopped) this.#close(end);
    this.#since = end;
    this.#keepLongest();
  }

  /** What is made of each stretch in one state, in time order, the last one ending with the run or where the lane has stopped. */
  map<T>(make: (state: LaneState, from: Instant, to: Instant) => T): T[] {
    const spans = this.#spans;
    const made: T[] = [];
    for (let place = 0; place < this.#count * SPAN; place += SPAN) {
      made.push(make(STATES[stateOf(spans[place]!)]!, fromOf(spans[place]!), spans[place + TO]!));
    }
    return made;
  }

  /** Null where every span but idle ones is kept. */
  get short(): ShortSpans | null {
    return this.#short === null ? null : { stretch: this.#stretch, times: this.#short };
  }

  #close(at: Instant): void {
    if (at === this.#since) return;
    // Only now is the one before it sure to have ended.
    if (this.#count > 0 && this.#isTooShort((this.#count - 1) * SPAN)) this.#noteShort(--this.#count * SPAN);
    if (this.#count === this.#room) this.#keepLongest();
    const place = this.#count++ * SPAN;
    if (place === this.#spans.length) this.#makeRoom();
    const spans = this.#spans;
    spans[place] = this.#since * DIGIT + this.#state;
    spans[place + TO] = at;
  }

  #isTooShort(place: number): boolean {
    const span = this.#spans[place]!;
    const length = this.#spans[place + TO]! - fromOf(span);
    return length <= (stateOf(span) === IDLE ? this.#idleAbove : this.#othersAbove);
  }

  /** A span is not kept. */
  #noteShort(place: number): void {
    const span = this.#spans[place]!;
    const state = stateOf(span);
    if (state === IDLE) return;
    this.#short ??= new Float64Array(this.#stretches * STATES.length);
    const end = this.#spans[place + TO]!;
    for (let from = fromOf(span), stretch = Math.floor(from / this.#stretch); from < end; stretch++) {
      const to = Math.min(end, (stretch + 1) * this.#stretch);
      this.#short[stretch * STATES.length + state]! += to - from;
      from = to;
    }
  }

  #makeRoom(): void {
    const spans = new Float64Array(Math.min(2 * this.#spans.length, this.#room * SPAN));
    spans.set(this.#spans);
    this.#spans = spans;
  }

  #keepLongest(): void {
    if (this.#count <= this.#most) return;
    let idle = 0;
    for (let i = 0; i < this.#count; i++) if (stateOf(this.#spans[i * SPAN]!) === IDLE) idle++;
    const others = this.#count - idle;
    const room = Math.max(0, this.#most - others);
    this.#idleAbove = room === 0 ? Number.POSITIVE_INFINITY : this.#lengthOf(room, true);
    this.#drop(this.#idleAbove, room, true);
    if (others <= this.#most) return;
    this.#othersAbove = this.#lengthOf(this.#most, false);
    this.#drop(this.#othersAbove, this.#most, false);
  }

  /** Keeps so many of the idle spans, or of the others: all longer than a length, and the first of just that length. */
  #drop(length: Duration, most: number, areIdle: boolean): void {
    const spans = this.#spans;
    const end = this.#count * SPAN;
    let longer = 0;
    for (let place = 0; place < end; place += SPAN) {
      const span = spans[place]!;
      if ((stateOf(span) === IDLE) === areIdle && spans[place + TO]! - fromOf(span) > length) longer++;
    }
    let ofThatLength = most - longer;
    let kept = 0;
    for (let place = 0; place < end; place += SPAN) {
      const span = spans[place]!;
      const own = spans[place + TO]! - fromOf(span);
      const concerned = (stateOf(span) === IDLE) === areIdle;
      if (concerned && (own < length || (own === length && ofThatLength-- <= 0))) {
        this.#noteShort(place);
        continue;
      }
      spans[kept] = span;
      spans[kept + TO] = spans[place + TO]!;
      kept += SPAN;
    }
    this.#count = kept / SPAN;
  }

  /** The length of the `rank`th longest of the idle spans, or of the others; 0 where there are fewer. */
  #lengthOf(rank: number, areIdle: boolean): Duration {
    const spans = this.#spans;
    const lengths = roomFor(this.#count);
    let count = 0;
    for (let place = 0; place < this.#count * SPAN; place += SPAN) {
      const span = spans[place]!;
      if ((stateOf(span) === IDLE) === areIdle) lengths[count++] = spans[place + TO]! - fromOf(span);
    }
    return rank > count ? 0 : valueOfRank(lengths, count, count - rank);
  }
}

function fromOf(span: number): Instant {
  return Math.floor(span / DIGIT);
}

function stateOf(span: number): number {
  return span - DIGIT * Math.floor(span / DIGIT);
}
