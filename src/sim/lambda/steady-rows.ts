import type { Duration, Instant } from '../../kernel/time.ts';
import type { ArrivalPart } from '../../recording/record-statistics.ts';
import { ROW_LENGTH } from '../../recording/steady-row.ts';
import { FEW } from '../kinesis/arrival-times.ts';

/** Records of a batch in one second. */
export interface SteadyPart {
  second: ArrivalPart['second'];
  from: number;
  to: number;
  joinedAt: Instant;
}

/** The rows of all lanes of a run, their few arrivals, and what one event needs at a time. */
export class SteadyRows {
  numbers = new Float64Array(4 * ROW_LENGTH);
  /** Of each lane the arrivals of an even and of an odd second, where they are few. */
  times = new Int32Array(4 * 2 * FEW);
  readonly load = { size: 0, bytes: 0 };
  /** What the lane made last has in common with others of its mapping. */
  last: unknown = null;
  /** Parts of the batch at hand, which lies in one second or in two. */
  readonly one: readonly SteadyPart[];
  readonly two: readonly SteadyPart[];
  readonly #seconds: readonly ListedSecond[];
  #claimed = 0;

  constructor() {
    this.#seconds = [new ListedSecond(this), new ListedSecond(this)];
    const part = () => ({ second: this.#seconds[0]!, from: 0, to: 0, joinedAt: 0 });
    this.one = [part()];
    this.two = [part(), part()];
  }

  /** @returns where a new lane's row begins */
  claim(): number {
    const row = this.#claimed++ * ROW_LENGTH;
    if (row + ROW_LENGTH > this.numbers.length) {
      const { numbers, times } = this;
      this.numbers = new Float64Array(2 * numbers.length);
      this.numbers.set(numbers);
      this.times = new Int32Array(2 * times.length);
      this.times.set(times);
    }
    return row;
  }

  /** Where the arrivals of a second begin, of the lane with a row. */
  placeOf(row: number, second: number): number {
    return (row / ROW_LENGTH) * (2 * FEW) + (second & 1) * FEW;
  }

  /** A second whose arrivals are written down, for a part; good until the next one of that part. */
  listed(part: number, row: number, second: number): ListedSecond {
    const listed = this.#seconds[part]!;
    listed.second = second;
    listed.times.place = this.placeOf(row, second);
    return listed;
  }
}

/** One of few records, which are looked at one by one. */
class ListedSecond {
  second = 0;
  readonly times: ListedArrivals;
  readonly count = 0;
  readonly uniform = false;
  readonly from = 0;
  readonly to = 0;
  readonly isSummedTogether = false;

  constructor(rows: SteadyRows) {
    this.times = new ListedArrivals(rows);
  }
}

class ListedArrivals {
  place = 0;
  readonly #rows: SteadyRows;

  constructor(rows: SteadyRows) {
    this.#rows = rows;
  }

  at(position: number): Duration {
    return this.#rows.times[this.place + position]!;
  }

  all(): Int32Array {
    return this.#rows.times.subarray(this.place, this.place + FEW);
  }
}
