import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalSource } from '../../scenario/scenario.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import type { OfferList } from './offers.ts';
import { sortByTime } from './offers.ts';

/**
 * `arrivals: even`: record i arrives where the producer's cumulative rate is i + ½, rounded down to a microsecond, across
 * phases, ramps and rows.
 */
export class EvenTimes {
  readonly #stretches: readonly Stretch[];

  constructor(source: Exclude<ArrivalSource, { kind: 'listed' }>) {
    this.#stretches = source.kind === 'phases' ? stretchesOfPhases(source) : stretchesOfRows(source);
  }

  /** The highest rate of all, in records a second. */
  get highestRate(): number {
    return this.#stretches.reduce((highest, { rate, rampTo }) => Math.max(highest, rate, rampTo), 0);
  }

  /** Appends every record of a second in order of time; its identity is its index among all of the producer's. */
  fill(second: number, into: OfferList): void {
    const opens = second * SECOND;
    const before = into.length;
    for (const stretch of this.#within(opens)) fillFrom(stretch, opens, into);
    sortByTime(into, before);
  }

  /** Whether the rate is constant over a whole second. */
  isSteadyIn(second: number): boolean {
    return this.#steadyIn(second) !== null;
  }

  /** The records of a second with a constant rate, of which none is looked at; null where the rate is not constant. */
  timesIn(second: number): SteadyTimes | null {
    const stretch = this.#steadyIn(second);
    return stretch === null ? null : new SteadyTimes(stretch, second * SECOND);
  }

  #steadyIn(second: number): Stretch | null {
    const opens = second * SECOND;
    const first = this.#firstIn(opens);
    const stretch = this.#stretches[first];
    if (stretch === undefined || stretch.start > opens || stretch.end < opens + SECOND) return null;
    if (stretch.rate !== stretch.rampTo) return null;
    const next = this.#stretches[first + 1];
    return next === undefined || next.start >= opens + SECOND || this.#within(opens).length === 1 ? stretch : null;
  }

  /** The first stretch that may lie in a second. */
  #firstIn(opens: Instant): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#stretches[middle]!.reaches <= opens) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #within(opens: Instant): readonly Stretch[] {
    const within: Stretch[] = [];
    for (let i = this.#firstIn(opens); i < this.#stretches.length && this.#stretches[i]!.start < opens + SECOND; i++) {
      if (this.#stretches[i]!.end > opens) within.push(this.#stretches[i]!);
    }
    return within;
  }
}

/** Of a second in which the rate is constant: worked out where somebody asks. */
export class SteadyTimes implements ArrivalTimes {
  /** Index of the first record, among all of the producer's. */
  readonly first: number;
  readonly count: number;
  readonly #stretch: Stretch;
  readonly #opens: Instant;
  #all: Int32Array | null = null;

  constructor(stretch: Stretch, opens: Instant) {
    this.#stretch = stretch;
    this.#opens = opens;
    this.first = this.#firstFrom(opens);
    this.count = this.#firstFrom(opens + SECOND) - this.first;
  }

  at(position: number): Duration {
    return timeAt(this.#stretch, this.first + position) - this.#opens;
  }

  before(time: Duration): number {
    if (time <= 0) return 0;
    return time >= SECOND ? this.count : this.#firstFrom(this.#opens + time) - this.first;
  }

  copy(from: number, to: number, into: Int32Array, place: number): void {
    for (let i = from; i < to; i++) into[place + i - from] = this.at(i);
  }

  all(): Int32Array {
    if (this.#all === null) {
      this.#all = new Int32Array(this.count);
      this.copy(0, this.count, this.#all, 0);
    }
    return this.#all;
  }

  /** Index of the first record of the stretch that arrives at an instant or later. */
  #firstFrom(instant: Instant): number {
    const stretch = this.#stretch;
    const isBefore = (index: number) => index + 0.5 < stretch.before || timeAt(stretch, index) < instant;
    // Reckoned, and then looked at: a rounding may have moved it by one.
    let index = Math.max(0, Math.floor(countBy(stretch, instant)));
    while (index > 0 && !isBefore(index - 1)) index--;
    while (index + 0.5 < stretch.before + stretch.count && isBefore(index)) index++;
    return index;
  }
}

/** When the record with an index arrives. */
function timeAt(stretch: Stretch, index: number): Instant {
  return Math.floor(timeOf(stretch, index + 0.5 - stretch.before));
}

function fillFrom(stretch: Stretch, opens: Instant, into: OfferList): void {
  const last = Math.ceil(countBy(stretch, opens + SECOND) + 0.5);
  const first = Math.max(0, Math.floor(countBy(stretch, opens) - 1.5));
  let place = into.growBy(last - first + 1);
  const { times, identities } = into;
  for (let index = first; index <= last; index++) {
    const due = index + 0.5;
    if (due < stretch.before || due >= stretch.before + stretch.count) continue;
    const time = timeAt(stretch, index) - opens;
    if (time < 0 || time >= SECOND) continue;
    times[place] = time;
    identities[place++] = index;
  }
  into.length = place;
}

/** A time in which the rate is linear. */
interface Stretch {
  readonly start: Instant;
  readonly end: Instant;
  /** The latest end among this stretch and those before it. */
  readonly reaches: Instant;
  /** Records a second. */
  readonly rate: number;
  readonly rampTo: number;
  /** The cumulative rate at the start, and how much it grows until the end. */
  readonly before: number;
  readonly count: number;
}

function stretchesOfPhases(source: Extract<ArrivalSource, { kind: 'phases' }>): Stretch[] {
  let start = 0;
  let before = 0;
  return source.phases.map(({ duration, rate, rampTo }) => {
    const count = ((rate + rampTo) * duration) / (2 * SECOND);
    const stretch = { start, end: start + duration, reaches: start + duration, rate, rampTo, before, count };
    start += duration;
    before += count;
    return stretch;
  });
}

function stretchesOfRows(source: Extract<ArrivalSource, { kind: 'counts' }>): Stretch[] {
  let before = 0;
  return source.starts.map((start, row) => {
    const count = source.counts[row]!;
    const rate = (count * SECOND) / source.period;
    const end = start + source.period;
    const stretch = { start, end, reaches: end, rate, rampTo: rate, before, count };
    before += count;
    return stretch;
  });
}

/** The cumulative rate at an instant inside the stretch. */
function countBy(stretch: Stretch, instant: Instant): number {
  const elapsed = Math.min(Math.max(instant, stretch.start), stretch.end) - stretch.start;
  const slope = (stretch.rampTo - stretch.rate) / (stretch.end - stretch.start);
  return stretch.before + (elapsed * (stretch.rate + (slope * elapsed) / 2)) / SECOND;
}

/** When the stretch's own cumulative rate reaches `due`; one division where the rate is constant, so that whole times stay whole. */
function timeOf(stretch: Stretch, due: number): Instant {
  if (stretch.rate === stretch.rampTo) {
    return stretch.start + (due * (stretch.end - stretch.start)) / stretch.count;
  }
  if (due === 0) return stretch.start; // a ramp that begins at 0 would divide that by 0
  const length = stretch.end - stretch.start;
  const slope = (stretch.rampTo - stretch.rate) / length;
  const elapsed =
    (2 * due * SECOND) /
    (stretch.rate + Math.sqrt(Math.max(0, stretch.rate * stretch.rate + 2 * slope * due * SECOND)));
  return stretch.start + Math.min(elapsed, length - 0.5);
}
