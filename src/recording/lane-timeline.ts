import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import type { LaneState } from './causes.ts';
import { LANE_STATES } from './causes.ts';
import type { LaneActivity } from './lane-history.ts';
import { grown, roomFor, valueOfRank } from './thinning.ts';

const IDLE = 0;

/** By activity, as places in `LANE_STATES`: what is refused and what does not poll is blocked. */
const STATE_OF = Uint8Array.of(IDLE, 1, 2, 3, 4, 5, 5);

/** A span is two numbers: from when to when. */
const SPAN = 2;
const TO = 1;

/** How much of a timeline is kept. */
export interface TimelineRoom {
  /** Spans. */
  readonly spans: number;
  /** Stretches of the run, of each of which it is kept how long the other spans were; an even number. */
  readonly stretches: number;
}

/** Of each of so many lanes. */
export function timelineRoom(lanes: number): TimelineRoom {
  const part = 2 * Math.floor(STRETCHES_IN_ALL / Math.max(1, lanes) / 2);
  return { spans: mostSpans(lanes), stretches: Math.max(FEWEST_STRETCHES, Math.min(STRETCHES_OF_A_LANE, part)) };
}

/** As many spans are kept of each of so many lanes. */
export function mostSpans(lanes: number): number {
  const enough = Math.min(SPANS_OF_A_LANE, SPANS_IN_ALL / Math.max(1, lanes));
  return Math.floor(Math.max(enough, Math.min(FEWEST_SPANS, MOST_SPANS / Math.max(1, lanes))));
}

const SPANS_OF_A_LANE = 2_000;
const SPANS_IN_ALL = 50_000;
/** Of lanes that are many: a dozen are drawn. */
const FEWEST_SPANS = 200;
const MOST_SPANS = 400_000;
const STRETCHES_OF_A_LANE = 240;
const FEWEST_STRETCHES = 24;
const STRETCHES_IN_ALL = 24_000;

/**
 * What was too short to be kept as a span: microseconds in each state but idle, a row for each stretch of the run; no rows
 * where there were idle ones alone.
 */
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
  /** How long one is: twice as long whenever the run goes on beyond them. */
  #stretch: Duration = SECOND;
  /** Some spans have been left out. */
  #isCut = false;
  /** How long those were that were not idle; empty until the first of them. */
  #short = new Float64Array(0);
  /** The stretch in which the last one lay that was not kept: from when to when, and where its row begins. */
  #stretchFrom: Instant = 0;
  #stretchEnd: Instant = 0;
  #stretchRow = 0;
  /** The spans in order of time, and what each was. */
  #spans = new Float64Array(16 * SPAN);
  #states = new Uint8Array(16);
  #count = 0;
  /** As many are as long as that, or longer, as will be left: those that follow must be longer. */
  #idleAbove: Duration = 0;
  #othersAbove: Duration = 0;
  #state: number = IDLE;
  #since: Instant;
  #stoppedAt: Instant | null = null;

  /** @param from when the lane's shard opens (K6) */
  constructor({ spans, stretches }: TimelineRoom, from: Instant) {
    this.#most = spans;
    this.#room = spans + (spans >> 2) + 16;
    this.#stretches = stretches;
    this.#since = from;
  }

  turn(at: Instant, activity: LaneActivity): void {
    const state = STATE_OF[activity]!;
    if (state === this.#state) return;
    this.#close(at);
    this.#state = state;
    this.#since = at;
    const previous = this.#count - 1;
    if (previous >= 0 && this.#states[previous] === state && this.#spans[previous * SPAN + TO] === at) {
      this.#count--;
      this.#since = this.#spans[previous * SPAN]!;
    }
  }

  /** The lane has come to the end of its shard, or other lanes go on in it. */
  stop(at: Instant): void {
    if (this.#stoppedAt !== null) return;
    this.#close(at);
    this.#stoppedAt = at;
  }

  /** When that was; null where there is such a lane. */
  get stoppedAt(): Instant | null {
    return this.#stoppedAt;
  }

  /** There is such a lane again (P4). */
  goOn(at: Instant): void {
    if (this.#stoppedAt !== null) this.#since = at;
    this.#stoppedAt = null;
  }

  /** The run ends: so does what is open. */
  finish(end: Instant): void {
    if (this.#stoppedAt === null) this.#close(end);
    this.#since = end;
    this.#keepLongest();
  }

  /**
   * What is made of each span within [from, to), in time order: the last one ends with the run, or where the lane has
   * stopped. They are counted first, since an array that grows leaves its shorter ones behind.
   */
  mapWithin<T>(from: Instant, to: Instant, make: (state: LaneState, from: Instant, to: Instant) => T): T[] {
    const spans = this.#spans;
    let first = 0;
    let end = from < to ? this.#count : 0;
    while (first < end && spans[first * SPAN + TO]! <= from) first++;
    while (first < end && spans[(end - 1) * SPAN]! >= to) end--;
    return Array.from({ length: end - first }, (_, i) => {
      const place = (first + i) * SPAN;
      const state = LANE_STATES[this.#states[first + i]!]!;
      return make(state, Math.max(spans[place]!, from), Math.min(spans[place + TO]!, to));
    });
  }

  /** Null where every span is kept. */
  get short(): ShortSpans | null {
    return this.#isCut ? { stretch: this.#stretch, times: this.#short } : null;
  }

  #close(at: Instant): void {
    if (at === this.#since) return;
    // Only now is the one before it sure to have ended.
    if (this.#count > 0 && this.#isTooShort(this.#count - 1)) this.#noteShort(--this.#count);
    if (this.#count === this.#room) this.#keepLongest();
    const last = this.#count++;
    if (last === this.#states.length) this.#makeRoom();
    this.#states[last] = this.#state;
    this.#spans[last * SPAN] = this.#since;
    this.#spans[last * SPAN + TO] = at;
  }

  #isTooShort(span: number): boolean {
    return this.#lengthOf(span) <= (this.#states[span] === IDLE ? this.#idleAbove : this.#othersAbove);
  }

  #lengthOf(span: number): Duration {
    return this.#spans[span * SPAN + TO]! - this.#spans[span * SPAN]!;
  }

  /** A span is not kept. */
  #noteShort(span: number): void {
    const state = this.#states[span]!;
    this.#isCut = true;
    if (state === IDLE) return;
    if (this.#short.length === 0) this.#short = new Float64Array(this.#stretches * LANE_STATES.length);
    const end = this.#spans[span * SPAN + TO]!;
    for (let from = this.#spans[span * SPAN]!; from < end; ) {
      if (from < this.#stretchFrom || from >= this.#stretchEnd) this.#turnToStretch(from);
      const to = Math.min(end, this.#stretchEnd);
      this.#short[this.#stretchRow + state]! += to - from;
      from = to;
    }
  }

  #turnToStretch(at: Instant): void {
    while (at >= this.#stretches * this.#stretch) this.#joinStretches();
    const stretch = Math.floor(at / this.#stretch);
    this.#stretchFrom = stretch * this.#stretch;
    this.#stretchEnd = this.#stretchFrom + this.#stretch;
    this.#stretchRow = stretch * LANE_STATES.length;
  }

  /** Two and two. */
  #joinStretches(): void {
    const times = this.#short;
    const row = LANE_STATES.length;
    const half = (this.#stretches / 2) * row;
    for (let place = 0; place < half; place++) {
      const first = 2 * place - (place % row);
      times[place] = times[first]! + times[first + row]!;
    }
    times.fill(0, half);
    this.#stretch *= 2;
  }

  #makeRoom(): void {
    const room = grown(this.#states.length, this.#room);
    const [states, spans] = [new Uint8Array(room), new Float64Array(room * SPAN)];
    states.set(this.#states);
    spans.set(this.#spans);
    this.#states = states;
    this.#spans = spans;
  }

  #keepLongest(): void {
    if (this.#count <= this.#most) return;
    let idle = 0;
    for (let span = 0; span < this.#count; span++) if (this.#states[span] === IDLE) idle++;
    const others = this.#count - idle;
    const room = Math.max(0, this.#most - others);
    this.#idleAbove = room === 0 ? Number.POSITIVE_INFINITY : this.#lengthOfRank(room, true);
    this.#drop(this.#idleAbove, room, true);
    if (others <= this.#most) return;
    this.#othersAbove = this.#lengthOfRank(this.#most, false);
    this.#drop(this.#othersAbove, this.#most, false);
  }

  /** Keeps so many of the idle spans, or of the others: all longer than a length, and the first of just that length. */
  #drop(length: Duration, most: number, areIdle: boolean): void {
    const [spans, states] = [this.#spans, this.#states];
    let longer = 0;
    for (let span = 0; span < this.#count; span++) {
      if ((states[span] === IDLE) === areIdle && this.#lengthOf(span) > length) longer++;
    }
    let ofThatLength = most - longer;
    let kept = 0;
    for (let span = 0; span < this.#count; span++) {
      const own = this.#lengthOf(span);
      const isConcerned = (states[span] === IDLE) === areIdle;
      if (isConcerned && (own < length || (own === length && ofThatLength-- <= 0))) {
        this.#noteShort(span);
        continue;
      }
      states[kept] = states[span]!;
      spans[kept * SPAN] = spans[span * SPAN]!;
      spans[kept * SPAN + TO] = spans[span * SPAN + TO]!;
      kept++;
    }
    this.#count = kept;
  }

  /** The length of the `rank`th longest of the idle spans, or of the others; 0 where there are fewer. */
  #lengthOfRank(rank: number, areIdle: boolean): Duration {
    const lengths = roomFor(this.#count);
    let count = 0;
    for (let span = 0; span < this.#count; span++) {
      if ((this.#states[span] === IDLE) === areIdle) lengths[count++] = this.#lengthOf(span);
    }
    return rank > count ? 0 : valueOfRank(lengths, count, count - rank);
  }
}
