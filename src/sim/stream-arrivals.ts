import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import type { ArrivalTimes } from './kinesis/arrival-times.ts';
import { FEW } from './kinesis/arrival-times.ts';
import type { Shard } from './kinesis/shard.ts';

/** A second's arrivals are put into parts of 2^10 microseconds. */
const PART_BITS = 10;
const PARTS = (SECOND >> PART_BITS) + 1;

/** To ask one shard costs as much as so many records that are gathered, or parts that they are put into. */
const ASK = 3;

/**
 * How many records of a stream have come. Each shard is asked; where that is done so often in a second that it would cost
 * more, the second's arrivals are gathered from all of them once. Exact, unless it need not be: of streams with so many
 * records that their sums are taken as if those of a second lay evenly in it (M7), it is as if they did; of n records in a
 * second, a count is off by some √n / 2 then.
 */
export class StreamArrivals {
  readonly #shards: readonly Shard[];
  readonly #isExact: boolean;
  #second = -1;
  /** Records before the second, and in it. */
  #before = 0;
  #count = 0;
  /** The second's arrivals in each shard that has any, how many they are, and of how many shards. */
  readonly #arrivals: ArrivalTimes[] = [];
  readonly #counts: number[] = [];
  #filled = 0;
  /** The second's arrivals are taken as even, from when to when. */
  #isEven = false;
  #from: Duration = 0;
  #to: Duration = 0;
  /** How often it has been asked about; −1: its arrivals have been gathered. */
  #asked = 0;
  /** Two counts that were answered last for the second, the earlier instant first; before any, that of its beginning. */
  #earlier: Duration = 0;
  #byEarlier = 0;
  #later: Duration = 0;
  #byLater = 0;
  /** Each of them, by the part of the second it lies in, and where each part begins. */
  #times = new Int32Array(64);
  #asTheyLie = new Int32Array(64);
  readonly #starts = new Int32Array(PARTS + 1);

  /**
   * @param shards of the stream, also those that open later or are closed
   * @param isExact whatever the stream's size
   */
  constructor(shards: readonly Shard[], isExact: boolean) {
    this.#shards = shards;
    this.#isExact = isExact;
  }

  /** Whether more than so many have come at or before an instant: it may be known from what was answered before. */
  areMoreBy(instant: Instant, count: number): boolean {
    const second = Math.floor(instant / SECOND);
    if (second !== this.#second) this.#turnTo(second, instant);
    const time = instant - second * SECOND;
    let least = this.#before;
    let most = this.#before + this.#count;
    if (time >= this.#later) least = this.#byLater;
    else {
      most = this.#byLater;
      if (time >= this.#earlier) least = this.#byEarlier;
      else most = this.#byEarlier;
    }
    if (time === SECOND - 1) least = most;
    if (least > count) return true;
    return most > count && this.by(instant) > count;
  }

  /** Records that have come at or before an instant. Instants go on, but for those of one second. */
  by(instant: Instant): number {
    const second = Math.floor(instant / SECOND);
    if (second !== this.#second) this.#turnTo(second, instant);
    const time = instant - second * SECOND;
    if (this.#isEven) {
      const reached = Math.min(this.#to, Math.max(this.#from, time + 1));
      return this.#before + Math.round((this.#count * (reached - this.#from)) / (this.#to - this.#from));
    }
    const isSeldom = this.#asked >= 0 && this.#asked++ * this.#filled * ASK <= this.#count + PARTS;
    const come = isSeldom ? this.#sumBy(time) : this.#gatheredBy(time);
    const isLater = time >= this.#later;
    this.#earlier = isLater ? this.#later : time;
    this.#byEarlier = isLater ? this.#byLater : come;
    if (isLater) {
      this.#later = time;
      this.#byLater = come;
    }
    return come;
  }

  #sumBy(time: Duration): number {
    let come = this.#before;
    for (let i = 0; i < this.#filled; i++) come += this.#arrivals[i]!.before(time + 1);
    return come;
  }

  #gatheredBy(time: Duration): number {
    if (this.#asked >= 0) this.#gather();
    const part = time >> PART_BITS;
    const first = this.#starts[part]!;
    const end = this.#starts[part + 1]!;
    let come = first;
    for (let i = first; i < end; i++) if (this.#times[i]! <= time) come++;
    return this.#before + come;
  }

  #turnTo(second: number, instant: Instant): void {
    this.#second = second;
    this.#before = 0;
    this.#count = 0;
    this.#filled = 0;
    this.#isEven = !this.#isExact && this.#shards.length > 0;
    for (const [place, { arrivals }] of this.#shards.entries()) {
      const current = arrivals.secondOf(instant);
      this.#before += current.first;
      if (current.second === second && current.count > 0) {
        this.#count += current.count;
        this.#arrivals[this.#filled] = current.times;
        this.#counts[this.#filled] = current.count;
        this.#filled++;
      }
      if (place === 0) {
        this.#from = current.from;
        this.#to = current.to;
      }
      const isAlike = current.from === this.#from && current.to === this.#to && current.to > current.from;
      this.#isEven &&= current.uniform && current.isSummedTogether && isAlike;
    }
    this.#asked = 0;
    this.#earlier = 0;
    this.#byEarlier = this.#before;
    this.#later = 0;
    this.#byLater = this.#before;
  }

  #gather(): void {
    this.#asked = -1;
    if (this.#times.length < this.#count) {
      this.#times = new Int32Array(2 * this.#count);
      this.#asTheyLie = new Int32Array(2 * this.#count);
    }
    const times = this.#times;
    const starts = this.#starts;
    const asTheyLie = this.#asTheyLie;
    let gathered = 0;
    for (let i = 0; i < this.#filled; i++) {
      const [own, count] = [this.#arrivals[i]!, this.#counts[i]!];
      if (count > FEW) own.all(); // they are all asked for
      own.copy(0, count, asTheyLie, gathered);
      gathered += count;
    }
    starts.fill(0);
    for (let i = 0; i < gathered; i++) starts[asTheyLie[i]! >> PART_BITS]!++;
    for (let part = 0, end = 0; part <= PARTS; part++) {
      end += starts[part]!;
      starts[part] = end;
    }
    // From the last on, so that each part's end becomes its beginning.
    for (let i = 0; i < gathered; i++) times[--starts[asTheyLie[i]! >> PART_BITS]!] = asTheyLie[i]!;
  }
}
