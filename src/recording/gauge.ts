import type { Instant } from '../kernel/time.ts';

/** A level over time, in whole units: its mean and maximum, over the measured time and in each period. */
export class Gauge {
  #level = 0;
  #since: Instant = 0;
  #area = 0;
  #areaAtPeriod = 0;
  #areaAtMeasuring = 0;
  #maximum = 0;
  #periodMaximum = 0;

  get level(): number {
    return this.#level;
  }

  get maximum(): number {
    return this.#maximum;
  }

  change(at: Instant, by: number): void {
    this.#area += this.#level * (at - this.#since);
    this.#since = at;
    this.#level += by;
    if (this.#level > this.#maximum) this.#maximum = this.#level;
    if (this.#level > this.#periodMaximum) this.#periodMaximum = this.#level;
  }

  /** Mean and maximum until now begin anew: the warm-up is over. */
  startMeasuring(at: Instant): void {
    this.change(at, 0);
    this.#areaAtMeasuring = this.#area;
    this.#maximum = this.#level;
  }

  /** The integral over the measured time, in level-microseconds. */
  measuredArea(at: Instant): number {
    this.change(at, 0);
    return this.#area - this.#areaAtMeasuring;
  }

  closePeriod(at: Instant): { area: number; maximum: number } {
    this.change(at, 0);
    const period = { area: this.#area - this.#areaAtPeriod, maximum: this.#periodMaximum };
    this.#areaAtPeriod = this.#area;
    this.#periodMaximum = this.#level;
    return period;
  }
}
