import type { Duration, Instant } from '../../kernel/time.ts';

/** The environments that a function starts when it needs them (L3, L4). */
export class Environments {
  readonly #idleTimeout: Duration;
  readonly #scaling = new ScalingRate();
  /** When each idle environment was left, in order. */
  readonly #idleSince: Instant[] = [];

  constructor(idleTimeout: Duration) {
    this.#idleTimeout = idleTimeout;
  }

  /** L4: the warm environment that was used last, else a new one; null where L3 allows none. */
  take(at: Instant): 'warm' | 'new' | null {
    if (this.#hasWarm(at)) {
      this.#idleSince.pop();
      return 'warm';
    }
    return this.#scaling.take(at) ? 'new' : null;
  }

  giveBack(at: Instant): void {
    this.#idleSince.push(at);
  }

  /** When one can be taken, if none is given back before. */
  nextAt(at: Instant): Instant {
    return this.#hasWarm(at) ? at : this.#scaling.nextAt(at);
  }

  #hasWarm(at: Instant): boolean {
    const last = this.#idleSince.at(-1);
    if (last === undefined) return false;
    if (at - last < this.#idleTimeout) return true;
    this.#idleSince.length = 0; // all others have been idle for longer
    return false;
  }
}

const BURST = 1_000; // L3: new environments at once
const REFILL: Duration = 10_000; // L3: one more each, 100/s

/** L3: a bucket of new environments, full at the start. It is kept in the microseconds of refill that it holds. */
class ScalingRate {
  #held: Duration = BURST * REFILL;
  #at: Instant = 0;

  take(at: Instant): boolean {
    this.#refill(at);
    if (this.#held < REFILL) return false;
    this.#held -= REFILL;
    return true;
  }

  nextAt(at: Instant): Instant {
    this.#refill(at);
    return at + Math.max(0, REFILL - this.#held);
  }

  #refill(at: Instant): void {
    this.#held = Math.min(BURST * REFILL, this.#held + at - this.#at);
    this.#at = at;
  }
}
