import type { Duration, Instant } from '../kernel/time.ts';
import { MILLISECOND, SECOND } from '../kernel/time.ts';
import type { MappingTally } from './mapping-tally.ts';
import type { RecorderClock } from './recorder-clock.ts';

/** What a look at a mapping's backlog asks the model for. */
export interface BacklogSight {
  /** All of a mapping's records that have expired before an instant are to be counted as such. */
  countExpired(mapping: number, at: Instant): void;
  /** The same; and from then on none expires unread or waiting before the instant that it answers. */
  nextExpiry(mapping: number, at: Instant): Instant;
  /** Records that have arrived for a mapping before an instant. */
  arrivedBefore(mapping: number, at: Instant): number;
  /** Whether more than so many arrive for it before an instant of the current second; null while that is open. */
  arriveMore(mapping: number, at: Instant, count: number): boolean | null;
}

interface WatchedMapping {
  readonly tally: MappingTally;
  readonly mapping: number;
  readonly sight: BacklogSight;
  readonly clock: RecorderClock;
  readonly warmup: Duration;
}

/**
 * A mapping's highest backlog, of the measured time and of each period. It is looked at before something leaves: before
 * records are settled and, where they may be gone unread, before they expire, since else it only rises. Lanes are counted one
 * by one only where the maximum could rise by more than a thousandth; below 1,000 records it is exact (M7).
 */
export class BacklogWatch {
  /** Until then it cannot be higher than it was. */
  safeUntil: Instant = 0;
  /** How far the next look may reach. */
  #ahead: Duration = 10 * MILLISECOND;
  readonly #tally: MappingTally;
  readonly #mapping: number;
  readonly #sight: BacklogSight;
  readonly #clock: RecorderClock;
  readonly #warmup: Duration;

  constructor({ tally, mapping, sight, clock, warmup }: WatchedMapping) {
    this.#tally = tally;
    this.#mapping = mapping;
    this.#sight = sight;
    this.#clock = clock;
    this.#warmup = warmup;
  }

  look(at: Instant): void {
    if (at < this.safeUntil) return;
    const sight = this.#sight;
    const m = this.#mapping;
    sight.countExpired(m, at + 1);
    const { settled } = this.#tally;
    if (sight.arriveMore(m, at + 1, settled + this.#highest(at)) !== false) {
      this.note(sight.arrivedBefore(m, at + 1) - settled, at);
    }
    const until = Math.min(at + this.#ahead, endOfSecond(at));
    if (this.#mayRiseBefore(until, at) === false) {
      this.safeUntil = until;
      this.#ahead = Math.min(SECOND, 2 * this.#ahead);
    } else this.#ahead = Math.max(MILLISECOND, Math.floor(this.#ahead / 2));
  }

  /** When it must be looked at next although nothing happens, all before an instant having been seen. */
  next(at: Instant): Instant {
    const expiry = this.#sight.nextExpiry(this.#mapping, at);
    const end = endOfSecond(at);
    if (expiry >= end) return expiry;
    // While it is not known what arrives, it is looked at as if nothing could.
    return this.#mayRiseBefore(end, at) === true ? Math.max(expiry, at + 1, this.safeUntil) : end;
  }

  /** A period ends, or the measured time begins, with so many records. */
  begin(at: Instant, backlog: number, period: number): void {
    const { backlogMaximum } = this.#tally.columns;
    if (period < backlogMaximum.length) backlogMaximum[period] = Math.max(backlogMaximum[period]!, backlog);
    this.safeUntil = at;
  }

  note(backlog: number, at: Instant): void {
    const tally = this.#tally;
    const { backlogMaximum } = tally.columns;
    const { period } = this.#clock;
    backlogMaximum[period] = Math.max(backlogMaximum[period]!, backlog);
    if (at >= this.#warmup) tally.backlogMaximum = Math.max(tally.backlogMaximum, backlog);
  }

  /** By more than may go unseen; null: it is not known. */
  #mayRiseBefore(until: Instant, at: Instant): boolean | null {
    const highest = this.#highest(at);
    const most = this.#tally.settled + highest + Math.floor(highest / 1_000);
    return this.#sight.arriveMore(this.#mapping, until, most);
  }

  /** What a backlog must be above to be noted; a period that the warm-up ends in may have had more before. */
  #highest(at: Instant): number {
    const { columns, backlogMaximum } = this.#tally;
    const ofPeriod = columns.backlogMaximum[this.#clock.period]!;
    return at < this.#warmup ? ofPeriod : Math.min(ofPeriod, backlogMaximum);
  }
}

/** Of the second that an instant lies in. */
function endOfSecond(at: Instant): Instant {
  return (Math.floor(at / SECOND) + 1) * SECOND;
}
