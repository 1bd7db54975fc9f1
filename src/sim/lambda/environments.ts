import type { Duration, Instant } from '../../kernel/time.ts';
import type { EnvironmentKind } from '../../recording/causes.ts';
import { ENVIRONMENTS_AT_ONCE } from '../../recording/limits.ts';

/** One environment of a function, from its start until it has been idle for too long (L4). */
export class Environment {
  /** As the invocation that runs in it, or the next, finds it. */
  kind: EnvironmentKind;
  /** When the last invocation left it. */
  idleSince: Instant = 0;

  constructor(kind: EnvironmentKind) {
    this.kind = kind;
  }
}

/** The environments that a function starts when it needs them (L3, L4). */
export class Environments {
  readonly #idleTimeout: Duration;
  readonly #scaling = new ScalingRate();
  /** In the order in which they were left. */
  readonly #idle: Environment[] = [];

  constructor(idleTimeout: Duration) {
    this.#idleTimeout = idleTimeout;
  }

  /** L4: the warm environment that was used last, else a new one; null where L3 allows none. */
  take(at: Instant): Environment | null {
    if (this.#hasWarm(at)) return this.#idle.pop()!;
    return this.#scaling.take(at) ? new Environment('new') : null;
  }

  giveBack(environment: Environment, at: Instant): void {
    environment.kind = 'warm';
    environment.idleSince = at;
    this.#idle.push(environment);
  }

  /** When one can be taken, if none is given back before. */
  nextAt(at: Instant): Instant {
    return this.#hasWarm(at) ? at : this.#scaling.nextAt(at);
  }

  #hasWarm(at: Instant): boolean {
    const { length } = this.#idle;
    if (length === 0) return false;
    if (at - this.#idle[length - 1]!.idleSince < this.#idleTimeout) return true;
    this.#idle.length = 0; // all others have been idle for longer
    return false;
  }
}

const REFILL: Duration = 10_000; // L3: one more each, 100/s

/** L3: a bucket of new environments, full at the start. It is kept in the microseconds of refill that it holds. */
class ScalingRate {
  #held: Duration = ENVIRONMENTS_AT_ONCE * REFILL;
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
    this.#held = Math.min(ENVIRONMENTS_AT_ONCE * REFILL, this.#held + at - this.#at);
    this.#at = at;
  }
}
