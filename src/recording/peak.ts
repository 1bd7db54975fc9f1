import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';

/**
 * The highest rate of a period, in units a second. The end of the run may leave a sliver of a period, in which one call
 * would be a thousand a second: its rate is taken over a second, or over a whole period where that is less.
 */
export class Peak {
  rate = 0;
  at: Instant | null = null;
  #longest: Duration = 0;

  see(amount: number, from: Instant, to: Instant): void {
    this.#longest = Math.max(this.#longest, to - from);
    const rate = (amount * SECOND) / Math.max(to - from, Math.min(SECOND, this.#longest));
    if (rate > this.rate) {
      this.rate = rate;
      this.at = from;
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
