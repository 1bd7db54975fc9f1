import type { Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import type { Account, FunctionSettings } from '../../scenario/scenario.ts';

/** A function, as those see it who wait for a slot. */
export interface Invocable {
  /** When one of its invocations can start, if nothing is released before; NEVER where that alone would help. */
  nextStart(at: Instant): Instant;
}

/**
 * A pool of slots, units of concurrency (L1): a function's reserved part, or what the account leaves unreserved. What is
 * provisioned is set aside from either.
 * Invocations that wait for a slot (`throttleBackoff: queue`) stand in line, first come first served (L2); who waits for a
 * new environment (L3) lets those of other functions pass.
 */
export class SlotPool<Waiter> {
  readonly limit: number;
  #used = 0;
  /** One for each function that someone has waited for. */
  readonly #lines = new Map<Invocable, Line<Waiter>>();
  #joined = 0;
  #waiting = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  get hasFree(): boolean {
    return this.#used < this.limit;
  }

  /** Takes a slot, one of those that are free. */
  take(): void {
    this.#used++;
  }

  release(): void {
    this.#used--;
  }

  join(waiter: Waiter, target: Invocable): void {
    let line = this.#lines.get(target);
    if (line === undefined) {
      line = new Line();
      this.#lines.set(target, line);
    }
    line.join(waiter, this.#joined++);
    this.#waiting++;
  }

  leave(waiter: Waiter, target: Invocable): void {
    if (this.#lines.get(target)?.leave(waiter)) this.#waiting--;
  }

  get isAwaited(): boolean {
    return this.#waiting > 0;
  }

  /** The first in line who can go, and leaves it. */
  serve(at: Instant): Waiter | null {
    let first: Line<Waiter> | null = null;
    for (const [target, line] of this.#lines) {
      const isFirst = line.firstJoined < (first?.firstJoined ?? NEVER);
      if (isFirst && target.nextStart(at) <= at) first = line;
    }
    if (first === null) return null;
    this.#waiting--;
    return first.serve();
  }

  /** When someone in line can go, if nothing is released before. */
  nextServe(at: Instant): Instant {
    let next = NEVER;
    for (const [target, line] of this.#lines) {
      if (line.firstJoined < NEVER) next = Math.min(next, target.nextStart(at));
    }
    return next;
  }
}

/** Those who wait for one function, in order. */
class Line<Waiter> {
  readonly #waiters: (Waiter | null)[] = [];
  /** The place of each among all who joined the pool's lines. */
  readonly #joined: number[] = [];
  #served = 0;

  join(waiter: Waiter, joined: number): void {
    this.#waiters.push(waiter);
    this.#joined.push(joined);
  }

  /** @returns whether the waiter stood in the line */
  leave(waiter: Waiter): boolean {
    const place = this.#waiters.indexOf(waiter, this.#served);
    if (place < 0) return false;
    this.#waiters[place] = null;
    return true;
  }

  /** Of the first; NEVER without one. */
  get firstJoined(): number {
    while (this.#served < this.#waiters.length && this.#waiters[this.#served] === null) this.#served++;
    return this.#joined[this.#served] ?? NEVER;
  }

  /** The first, of one or more. */
  serve(): Waiter {
    const first = this.#waiters[this.#served++]!;
    if (this.#served > 1_024 && 2 * this.#served > this.#waiters.length) {
      this.#waiters.splice(0, this.#served);
      this.#joined.splice(0, this.#served);
      this.#served = 0;
    }
    return first;
  }
}

/** One pool for each function with reserved concurrency, one for all others (L1). */
export function slotPools<Waiter>(
  account: Account,
  functions: readonly FunctionSettings[],
): Map<string, SlotPool<Waiter>> {
  const setAside = functions.reduce(
    (sum, settings) => sum + (settings.reservedConcurrentExecutions ?? settings.provisionedConcurrentExecutions),
    0,
  );
  const unreserved = new SlotPool<Waiter>(account.concurrentExecutions - setAside);
  return new Map(
    functions.map(({ name, reservedConcurrentExecutions: reserved, provisionedConcurrentExecutions }) => [
      name,
      reserved === null ? unreserved : new SlotPool<Waiter>(reserved - provisionedConcurrentExecutions),
    ]),
  );
}
