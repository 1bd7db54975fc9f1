import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import type { Shard } from './kinesis/shard.ts';

/**
 * How many records of a stream have come, as if those of a second lay evenly in it: looked up once a second for all shards,
 * where a look at each would cost more than the run itself. For streams with so many records that their sums are taken so
 * (M7): of n records in a second, a count is off by some √n / 2.
 */
export class EvenArrivals {
  readonly #shards: readonly Shard[];
  #second = -1;
  /** Of the second: records before it, and in it; from when to when. */
  #before = 0;
  #count = 0;
  #from: Duration = 0;
  #to: Duration = 0;
  /** Each shard's are uniform over the same time. */
  #isKnown = false;

  /** @param shards of the stream; all stay open */
  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
  }

  /** Records that have come at or before an instant; null where it has to be looked at each shard. Instants go on. */
  by(instant: Instant): number | null {
    const second = Math.floor(instant / SECOND);
    if (second !== this.#second) this.#turnTo(second, instant);
    if (!this.#isKnown) return null;
    const time = Math.min(this.#to, Math.max(this.#from, instant - second * SECOND + 1));
    return this.#before + Math.round((this.#count * (time - this.#from)) / (this.#to - this.#from));
  }

  #turnTo(second: number, instant: Instant): void {
    this.#second = second;
    this.#before = 0;
    this.#count = 0;
    this.#isKnown = this.#shards.length > 0;
    for (const [place, { arrivals }] of this.#shards.entries()) {
      const current = arrivals.secondOf(instant);
      this.#before += current.first;
      this.#count += current.count;
      if (place === 0) {
        this.#from = current.from;
        this.#to = current.to;
      }
      const isAlike = current.from === this.#from && current.to === this.#to && current.to > current.from;
      this.#isKnown &&= current.uniform && current.isSummedTogether && isAlike;
    }
  }
}
