/**
 * D5: of the period in which the warm-up ends, what columns over time have of its measured rest. Columns of what is filed
 * when it happens are watched while that period is open; of all others it is told.
 */
export class MeasuredPart {
  /** Null where the warm-up ends with a period, or there is none. */
  period: number | null = null;
  readonly #values = new Map<Float64Array, number>();
  /** What the columns had of the warm-up: counts; and the largest of some age, −1 for none. */
  readonly #counts = new Map<Float64Array, number>();
  readonly #ages = new Map<Float64Array, number>();

  /** The warm-up is over. */
  begin(period: number, counts: readonly Float64Array[], ages: readonly Float64Array[]): void {
    this.period = period;
    for (const column of counts) {
      this.#counts.set(column, column[period]!);
      column[period] = 0;
    }
    for (const column of ages) {
      this.#ages.set(column, column[period]!);
      column[period] = -1;
    }
  }

  /** The period is over too. */
  close(): void {
    if (this.period === null) return;
    for (const [column, before] of this.#counts) {
      this.#values.set(column, column[this.period]!);
      column[this.period]! += before;
    }
    for (const [column, before] of this.#ages) {
      this.#values.set(column, column[this.period]!);
      column[this.period] = Math.max(column[this.period]!, before);
    }
    this.#counts.clear();
    this.#ages.clear();
  }

  /** What came to the period after it was over, as far as it is one that is watched. */
  join(column: Float64Array, amount: number): void {
    const value = this.#values.get(column);
    if (value !== undefined) this.#values.set(column, value + amount);
  }

  note(column: Float64Array, value: number): void {
    if (this.period !== null) this.#values.set(column, value);
  }

  /** The rest of a column whose entries from the end of the warm-up on make a total. */
  noteByTotal(column: Float64Array, total: number): void {
    if (this.period === null) return;
    let later = 0;
    for (let period = this.period + 1; period < column.length; period++) later += column[period]!;
    this.#values.set(column, total - later);
  }

  /** The column with the measured part of that period in its place. */
  within(column: Float64Array): Float64Array {
    const value = this.#values.get(column);
    if (value === undefined) return column;
    const measured = column.slice();
    measured[this.period!] = value;
    return measured;
  }
}
