import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalSource } from '../../scenario/scenario.ts';

/**
 * `arrivals: even`: record i arrives where the producer's cumulative rate is i + ½, rounded down to a microsecond, across
 * phases, ramps and rows.
 */
export class EvenTimes {
  readonly #stretches: readonly Stretch[];

  constructor(source: Exclude<ArrivalSource, { kind: 'listed' }>) {
    this.#stretches = source.kind === 'phases' ? stretchesOfPhases(source) : stretchesOfRows(source);
  }

  /** Calls back with every record of a second, in order of time: microseconds after its start, and the record's index. */
  each(second: number, visit: (time: Duration, index: number) => void): void {
    const opens = second * SECOND;
    const found: { time: Duration; index: number }[] = [];
    for (const stretch of this.#within(opens)) {
      const last = Math.ceil(countBy(stretch, opens + SECOND) + 0.5);
      const first = Math.max(0, Math.floor(countBy(stretch, opens) - 1.5));
      for (let index = first; index <= last; index++) {
        const due = index + 0.5;
        if (due < stretch.before || due >= stretch.before + stretch.count) continue;
        const time = Math.floor(timeOf(stretch, due - stretch.before)) - opens;
        if (time >= 0 && time < SECOND) found.push({ time, index });
      }
    }
    if (found.some((record, i) => i > 0 && found[i - 1]!.time > record.time)) found.sort((a, b) => a.time - b.time);
    for (const record of found) visit(record.time, record.index);
  }

  /** Whether the rate is constant over a whole second. */
  isSteadyIn(second: number): boolean {
    const within = this.#within(second * SECOND);
    const [only] = within;
    return (
      within.length === 1 &&
      only!.start <= second * SECOND &&
      only!.end >= (second + 1) * SECOND &&
      only!.rate === only!.rampTo
    );
  }

  #within(opens: Instant): readonly Stretch[] {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#stretches[middle]!.reaches <= opens) low = middle + 1;
      else high = middle;
    }
    const within: Stretch[] = [];
    for (let i = low; i < this.#stretches.length && this.#stretches[i]!.start < opens + SECOND; i++) {
      if (this.#stretches[i]!.end > opens) within.push(this.#stretches[i]!);
    }
    return within;
  }
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
  const length = stretch.end - stretch.start;
  const slope = (stretch.rampTo - stretch.rate) / length;
  const elapsed =
    (2 * due * SECOND) /
    (stretch.rate + Math.sqrt(Math.max(0, stretch.rate * stretch.rate + 2 * slope * due * SECOND)));
  return stretch.start + Math.min(elapsed, length - 0.5);
}
