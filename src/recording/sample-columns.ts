import { Histogram } from '../statistics/histogram.ts';

/** Samples over time, in microseconds: for each period how many, their sum, the largest (−1: none) and a percentile. */
export class SampleColumns {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly maximum: Float64Array;
  readonly p99: Float64Array;
  #current = new Histogram();
  /** Of the period before. */
  #closed = new Histogram();

  constructor(periods: number) {
    this.count = new Float64Array(periods);
    this.sum = new Float64Array(periods);
    this.maximum = new Float64Array(periods).fill(-1);
    this.p99 = new Float64Array(periods).fill(-1);
  }

  add(period: number, value: number): void {
    this.count[period]! += 1;
    this.sum[period]! += value;
    if (value > this.maximum[period]!) this.maximum[period] = value;
  }

  /** So many samples at once. */
  addMany(period: number, count: number, sum: number, maximum: number): void {
    this.count[period]! += count;
    this.sum[period]! += sum;
    if (maximum > this.maximum[period]!) this.maximum[period] = maximum;
  }

  /** One for the percentile of the period that is open; count, sum and maximum are added with others. */
  sample(value: number): void {
    this.#current.add(value);
  }

  /** For samples that are filed in the period that is open. */
  addNow(period: number, value: number): void {
    this.add(period, value);
    this.#current.add(value);
  }

  /** The samples of another's open period count in this one's. */
  takeIn(other: SampleColumns): void {
    this.#current.merge(other.#current);
  }

  /** Counts, sums and maxima of another. */
  gather(other: SampleColumns): void {
    addTo(this.count, other.count);
    addTo(this.sum, other.sum);
    for (let i = 0; i < this.maximum.length; i++) {
      this.maximum[i] = Math.max(this.maximum[i]!, other.maximum[i]!);
    }
  }

  closePeriod(period: number): void {
    [this.#closed, this.#current] = [this.#current, this.#closed];
    this.#current.clear();
    if (this.#closed.count > 0) this.p99[period] = this.#closed.quantile(99)!;
  }

  /** A period that is open counts in the one before, which has been closed. */
  join(period: number): void {
    this.addMany(period - 1, this.count[period]!, this.sum[period]!, this.maximum[period]!);
    this.count[period] = 0;
    this.sum[period] = 0;
    this.maximum[period] = -1;
    this.#current.merge(this.#closed);
    this.closePeriod(period - 1);
  }
}

/** A column's entries are added to another's. */
export function addTo(column: Float64Array, other: Float64Array): void {
  for (let i = 0; i < column.length; i++) column[i]! += other[i]!;
}
