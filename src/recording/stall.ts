import type { Duration, Instant } from '../kernel/time.ts';
import type { StallCause } from './causes.ts';

/** A record of a shard, as far as a stall names it. */
export interface RecordPlace {
  readonly index: number;
  readonly arrival: Instant;
}

/** M3. */
export interface Stall {
  readonly start: Instant;
  /** Null: still open at the end of the run. */
  readonly end: Instant | null;
  readonly cause: StallCause;
  /** Of the batch that was held; null where none was cut. */
  readonly first: RecordPlace | null;
  readonly last: RecordPlace | null;
  readonly recordsHeld: number;
  readonly recordsLost: number;
}

/** Watches one lane for stalls. */
export class StallWatch {
  /** Only what is longer is a stall. */
  readonly stallAfter: Duration;
  readonly #most: number;
  #kept: Stall[] = [];
  count = 0;
  length: Duration = 0;
  longest: Duration = 0;
  lost = 0;

  readonly #warmup: Duration;
  #open = false;
  #start: Instant = 0;
  /** What hinders now; null: nothing, while an invocation runs that has not failed yet, or a tick is waited for. */
  #cause: StallCause | null = null;
  #since: Instant = 0;
  /** In the order in which they came. */
  #times = new Map<StallCause, Duration>();
  #first: RecordPlace | null = null;
  #last: RecordPlace | null = null;
  #held = 0;
  #lostNow = 0;

  /**
   * @param warmup stalls that are over by its end do not count (D5)
   * @param most so many are kept
   */
  constructor(stallAfter: Duration, warmup: Duration, most: number) {
    this.stallAfter = stallAfter;
    this.#warmup = warmup;
    this.#most = most;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** It is open, and ends when the batch in hand is settled: it is of that batch, or of a read. @param isOff nothing polls */
  endsWithBatch(isOff: boolean): boolean {
    return this.#open && (this.#first !== null || !isOff);
  }

  /**
   * A failed or throttled attempt, a refused read, a disabling: opens a stall or goes on with the one that is open. Since
   * `from` it has been this that hinders.
   */
  hinder(
    from: Instant,
    now: Instant,
    cause: StallCause,
    held: number,
    batch: readonly [RecordPlace, RecordPlace] | null,
  ): void {
    if (this.#open) this.#accrue(Math.min(now, Math.max(from, this.#since)));
    else {
      this.#open = true;
      this.#start = from;
      this.#since = from;
      this.#cause = null;
      this.#times.clear();
      this.#first = null;
      this.#held = 0;
      this.#lostNow = 0;
    }
    this.#cause = cause;
    if (!this.#times.has(cause)) this.#times.set(cause, 0);
    this.#held = Math.max(this.#held, held);
    if (batch !== null && this.#first === null) [this.#first, this.#last] = batch;
  }

  /** Nothing hinders for the time being; what is held goes on being held. */
  pause(at: Instant): void {
    if (!this.#open) return;
    this.#accrue(at);
    this.#cause = null;
  }

  /** So many records wait. */
  hold(records: number): void {
    if (this.#open) this.#held = Math.max(this.#held, records);
  }

  lose(records: number): void {
    if (this.#open) this.#lostNow += records;
  }

  /** The batch is settled, or the next read succeeds. */
  clear(at: Instant, held: number): void {
    if (this.#open) this.#close(at, at, held);
  }

  /** Nothing hinders any more, unless a batch is held. */
  release(at: Instant, held: number): void {
    if (this.#first !== null) this.pause(at);
    else this.clear(at, held);
  }

  /** The run ends: an open stall stays open. */
  finish(at: Instant, held: number): readonly Stall[] {
    if (this.#open) this.#close(at, null, held);
    return longestStalls(this.#kept, this.#most, at);
  }

  #close(at: Instant, end: Instant | null, held: number): void {
    this.#accrue(at);
    this.#open = false;
    const length = at - this.#start;
    if (length <= this.stallAfter || at <= this.#warmup) return;
    this.count++;
    this.length += length;
    this.longest = Math.max(this.longest, length);
    this.lost += this.#lostNow;
    const [[cause]] = [...this.#times].sort(([, one], [, other]) => other - one) as [[StallCause, Duration]];
    this.#kept.push({
      start: this.#start,
      end,
      cause,
      first: this.#first,
      last: this.#first === null ? null : this.#last,
      recordsHeld: Math.max(this.#held, held),
      recordsLost: this.#lostNow,
    });
    if (this.#kept.length >= 2 * this.#most) this.#kept = longestStalls(this.#kept, this.#most, at);
  }

  #accrue(now: Instant): void {
    if (this.#cause !== null) this.#times.set(this.#cause, this.#times.get(this.#cause)! + now - this.#since);
    this.#since = now;
  }
}

/** The longest, in order of their start. */
export function longestStalls<S extends Stall>(stalls: readonly S[], most: number, end: Instant): S[] {
  const length = (stall: S) => (stall.end ?? end) - stall.start;
  return [...stalls]
    .sort((a, b) => length(b) - length(a) || a.start - b.start)
    .slice(0, most)
    .sort((a, b) => a.start - b.start);
}
