import type { Chance, Draws } from '../../kernel/chance.ts';
import { binomial, poisson } from '../../kernel/counts.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalSource, Phase } from '../../scenario/scenario.ts';

/** A stretch of one second in which a producer's records arrive uniformly, and how many they are (D3). */
export interface Cell {
  /** Microseconds after the second's start. */
  readonly from: Duration;
  readonly to: Duration;
  readonly count: number;
  /** Which of the second's cells; the others' draws do not depend on it. */
  readonly ordinal: number;
}

/** What a second holds for a producer with `arrivals: poisson`, all of it drawn from (seed, producer, second). */
export interface CellSource {
  cellsOf(second: number): readonly Cell[];
}

export function cellSource(
  source: Exclude<ArrivalSource, { kind: 'listed' }>,
  duration: Duration,
  chance: Chance,
  draws: Draws,
): CellSource {
  const uncached =
    source.kind === 'phases'
      ? new PhaseCells(source.phases, duration, chance, draws)
      : new RowCells(source, chance, draws);
  const recent = new RecentSeconds((second) => (second * SECOND >= duration ? [] : uncached.cellsOf(second)));
  return { cellsOf: (second) => recent.of(second) };
}

/** All shards of a stream ask for the same second at about the same time. */
export class RecentSeconds<T> {
  readonly #make: (second: number, old: T | undefined) => T;
  readonly #seconds: Float64Array;
  readonly #values: T[] = [];

  /**
   * @param make may use the one that it takes the place of again
   * @param kept how many
   */
  constructor(make: (second: number, old: T | undefined) => T, kept = RECENT) {
    this.#make = make;
    this.#seconds = new Float64Array(kept).fill(-1);
  }

  of(second: number): T {
    const place = second % this.#seconds.length;
    if (this.#seconds[place] !== second) {
      this.#values[place] = this.#make(second, this.#values[place]);
      this.#seconds[place] = second;
    }
    return this.#values[place]!;
  }
}

export const RECENT = 16;

/** Poisson counts, the rate constant within each cell: a ramp's is the mean over the cell. */
class PhaseCells implements CellSource {
  readonly #chance: Chance;
  readonly #draws: Draws;
  readonly #phases: readonly (Phase & { readonly start: Instant; readonly end: Instant })[];

  constructor(phases: readonly Phase[], duration: Duration, chance: Chance, draws: Draws) {
    this.#chance = chance;
    this.#draws = draws;
    let start = 0;
    this.#phases = phases.map((phase) => {
      const from = start;
      start += phase.duration;
      return { ...phase, start: from, end: Math.min(start, duration) };
    });
  }

  cellsOf(second: number): readonly Cell[] {
    const opens = second * SECOND;
    const cells: Cell[] = [];
    for (const phase of this.#phases) {
      if (phase.start >= opens + SECOND) break;
      const from = Math.max(phase.start, opens);
      const to = Math.min(phase.end, opens + SECOND);
      if (to <= from) continue;
      const ordinal = cells.length;
      const middle = (from + to) / 2 - phase.start;
      const rate = phase.rate + ((phase.rampTo - phase.rate) * middle) / phase.duration;
      this.#draws.seek(this.#chance, second, ordinal);
      const count = poisson((rate * (to - from)) / SECOND, this.#draws);
      cells.push({ from: from - opens, to: to - opens, count, ordinal });
    }
    return cells;
  }
}

/**
 * A trace's rows: each row's exact count is halved over its seconds again and again, so any second can be asked for
 * without those before it.
 */
class RowCells implements CellSource {
  readonly #chance: Chance;
  readonly #draws: Draws;
  readonly #period: Duration;
  readonly #starts: readonly Instant[];
  readonly #counts: readonly number[];

  constructor(source: Extract<ArrivalSource, { kind: 'counts' }>, chance: Chance, draws: Draws) {
    this.#chance = chance;
    this.#draws = draws;
    this.#period = source.period;
    this.#starts = source.starts;
    this.#counts = source.counts;
  }

  cellsOf(second: number): readonly Cell[] {
    const opens = second * SECOND;
    const cells: Cell[] = [];
    for (let row = this.#firstRowPast(opens - this.#period); row < this.#starts.length; row++) {
      const start = this.#starts[row]!;
      if (start >= opens + SECOND) break;
      const from = Math.max(start, opens);
      const to = Math.min(start + this.#period, opens + SECOND);
      const count = this.#countIn(row, second);
      cells.push({ from: from - opens, to: to - opens, count, ordinal: cells.length });
    }
    return cells;
  }

  #countIn(row: number, second: number): number {
    const start = this.#starts[row]!;
    const end = start + this.#period;
    let first = Math.floor(start / SECOND);
    let last = Math.ceil(end / SECOND);
    let count = this.#counts[row]!;
    let node = 1;
    this.#draws.seek(this.#chance, row, 0);
    while (last - first > 1 && count > 0) {
      const middle = (first + last) >> 1;
      const from = Math.max(start, first * SECOND);
      const share = (middle * SECOND - from) / (Math.min(end, last * SECOND) - from);
      this.#draws.node(node, 0);
      const left = binomial(count, share, this.#draws);
      if (second < middle) {
        last = middle;
        count = left;
        node = 2 * node;
      } else {
        first = middle;
        count -= left;
        node = 2 * node + 1;
      }
    }
    return count;
  }

  /** The first row that begins after an instant. */
  #firstRowPast(instant: Instant): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
