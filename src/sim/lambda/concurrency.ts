import type { Duration, Instant } from '../../kernel/time.ts';
import type { Account, FunctionSettings } from '../../scenario/scenario.ts';

/**
 * A pool of slots, units of concurrency (L1): a function's reserved part, or what the account leaves unreserved.
 * Invocations that wait for a slot (`throttleBackoff: queue`) stand in line, first come first served (L2).
 */
export class SlotPool<Waiter> {
  readonly limit: number;
  #used = 0;
  readonly #line: (Waiter | null)[] = [];
  #served = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes a slot if one is free. */
  acquire(): boolean {
    if (this.#used >= this.limit) return false;
    this.#used++;
    return true;
  }

  release(): void {
    this.#used--;
  }

  join(waiter: Waiter): void {
    this.#line.push(waiter);
  }

  leave(waiter: Waiter): void {
    const place = this.#line.indexOf(waiter, this.#served);
    if (place >= 0) this.#line[place] = null;
  }

  /** Whether someone waits and could go. */
  get canServe(): boolean {
    return this.#used < this.limit && this.#first() !== null;
  }

  /** The first in line, who leaves it. */
  serve(): Waiter | null {
    const first = this.#first();
    if (first !== null) this.#served++;
    if (this.#served > 1_024 && 2 * this.#served > this.#line.length) {
      this.#line.splice(0, this.#served);
      this.#served = 0;
    }
    return first;
  }

  #first(): Waiter | null {
    while (this.#served < this.#line.length) {
      const first = this.#line[this.#served]!;
      if (first !== null) return first;
      this.#served++;
    }
    return null;
  }
}

/** One pool for each function with reserved concurrency, one for all others (L1). */
export function slotPools<Waiter>(
  account: Account,
  functions: readonly FunctionSettings[],
): Map<string, SlotPool<Waiter>> {
  const reserved = functions.reduce((sum, settings) => sum + (settings.reservedConcurrentExecutions ?? 0), 0);
  const unreserved = new SlotPool<Waiter>(account.concurrentExecutions - reserved);
  return new Map(
    functions.map(({ name, reservedConcurrentExecutions }) => [
      name,
      reservedConcurrentExecutions === null ? unreserved : new SlotPool<Waiter>(reservedConcurrentExecutions),
    ]),
  );
}

/** One environment of a function, from its cold start until it has been idle for too long (L4). */
export class Environment {
  /** When the last invocation left it. */
  idleSince: Instant = 0;
}

/** A function's warm environments: the one that was used last is used first; the idle ones go after a while (L4). */
export class Environments {
  readonly #idleTimeout: Duration;
  /** In the order in which they were left. */
  readonly #idle: Environment[] = [];

  constructor(idleTimeout: Duration) {
    this.#idleTimeout = idleTimeout;
  }

  /** Takes a warm environment; null: a new one has to be started. */
  take(at: Instant): Environment | null {
    const environment = this.#idle.pop();
    if (environment === undefined) return null;
    if (at - environment.idleSince < this.#idleTimeout) return environment;
    this.#idle.length = 0; // all others have been idle for longer
    return null;
  }

  giveBack(environment: Environment, at: Instant): void {
    environment.idleSince = at;
    this.#idle.push(environment);
  }
}
