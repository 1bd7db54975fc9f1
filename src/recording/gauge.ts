import type { Instant } from '../kernel/time.ts';

/** A level over time, in whole units: its mean and maximum, over the measured time and in each period. */
export class Gauge {
  #level = 0;
  /** Σ change · instant, whole: the integral of the level until an instant is level · instant less this. */
  #moments = 0;
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
    const level = this.#level + by;
    this.#level = level;
    this.#moments += by * at;
    if (level > this.#maximum) this.#maximum = level;
    if (level > this.#periodMaximum) this.#periodMaximum = level;
  }

  /** Mean and maximum until now begin anew: the warm-up is over. */
  startMeasuring(at: Instant): void {
    this.#areaAtMeasuring = this.#areaUntil(at);
    this.#maximum = this.#level;
  }

  /** The integral over the measured time, in level-microseconds. */
  measuredArea(at: Instant): number {
    return this.#areaUntil(at) - this.#areaAtMeasuring;
  }

  closePeriod(at: Instant): { area: number; maximum: number } {
    const until = this.#areaUntil(at);
    const period = { area: until - this.#areaAtPeriod, maximum: this.#periodMaximum };
    this.#areaAtPeriod = until;
    this.#periodMaximum = this.#level;
    return period;
  }

  #areaUntil(at: Instant): number {
    return this.#level * at - this.#moments;
  }
}

/** One of several whose levels add up to that of another at every instant. */
export class PartGauge extends Gauge {
  readonly #whole: Gauge;

  constructor(whole: Gauge) {
    super();
    this.#whole = whole;
  }

  override change(at: Instant, by: number): void {
    super.change(at, by);
    this.#whole.change(at, by);
  }
}
