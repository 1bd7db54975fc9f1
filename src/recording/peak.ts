import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';

/**
 * The highest rate of a period, in units a second. The end of the run, or of a shard, may leave a sliver of a period, in
 * which one call would be a thousand a second: its rate is taken over a second, or over a whole period where that is less.
 */
export class Peak {
  rate = 0;
  /** When its period began. */
  at: Instant | null = null;
  /** Over what time the rate is taken. */
  length: Duration = 0;
  #longest: Duration = 0;

  /** @param counted the time within the period that it is measured by */
  see(amount: number, from: Instant, to: Instant, counted: Duration = to - from): void {
    this.#longest = Math.max(this.#longest, to - from);
    const length = Math.max(counted, Math.min(SECOND, this.#longest));
    const rate = (amount * SECOND) / length;
    if (rate > this.rate) {
      this.rate = rate;
      this.at = from;
      this.length = length;
    }
  }
}

/** A largest value and its place. */
export class Worst {
  value = -1;
  shard = 0;
  at: Instant = 0;

  see(value: number, shard: number, at: Instant): void {
    if (value > this.value) {
      this.value = value;
      this.shard = shard;
      this.at = at;
    }
  }
}
