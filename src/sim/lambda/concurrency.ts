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
  readonly #lines: Line<Waiter>[] = [];
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
    this.#lineOf(target).join(waiter, this.#joined++);
    this.#waiting++;
  }

  leave(waiter: Waiter, target: Invocable): void {
    if (this.#lineOf(target).leave(waiter)) this.#waiting--;
  }

  #lineOf(target: Invocable): Line<Waiter> {
    for (const line of this.#lines) if (line.target === target) return line;
    const line = new Line<Waiter>(target);
    this.#lines.push(line);
    return line;
  }

  get isAwaited(): boolean {
    return this.#waiting > 0;
  }

  /** The first in line who can go, and leaves it. */
  serve(at: Instant): Waiter | null {
    let first: Line<Waiter> | null = null;
    for (const line of this.#lines) {
      const isFirst = line.firstJoined < (first?.firstJoined ?? NEVER);
      if (isFirst && line.target.nextStart(at) <= at) first = line;
    }
    if (first === null) return null;
    this.#waiting--;
    return first.serve();
  }

  /** When someone in line can go, if nothing is released before. */
  nextServe(at: Instant): Instant {
    let next = NEVER;
    for (const line of this.#lines) {
      if (line.firstJoined < NEVER) next = Math.min(next, line.target.nextStart(at));
    }
    return next;
  }
}

/** Those who wait for one function, in order: a ring, since some join and some leave it at every turn. */
class Line<Waiter> {
  readonly target: Invocable;
  /** Null where one has left it out of turn. As many places as a power of two. */
  #waiters: (Waiter | null)[] = new Array<null>(16).fill(null);
  /** The place of each among all who joined the pool's lines. */
  #joined = new Float64Array(16);
  /** Of the first, and behind the last, numbered on from the line's beginning. */
  #first = 0;
  #end = 0;

  constructor(target: Invocable) {
    this.target = target;
  }

  join(waiter: Waiter, joined: number): void {
    if (this.#end - this.#first === this.#waiters.length) this.#makeRoom();
    const place = this.#placeOf(this.#end++);
    this.#waiters[place] = waiter;
    this.#joined[place] = joined;
  }

  /** @returns whether the waiter stood in the line */
  leave(waiter: Waiter): boolean {
    for (let number = this.#first; number < this.#end; number++) {
      const place = this.#placeOf(number);
      if (this.#waiters[place] !== waiter) continue;
      this.#waiters[place] = null;
      return true;
    }
    return false;
  }

  /** Of the first; NEVER without one. */
  get firstJoined(): number {
    while (this.#first < this.#end && this.#waiters[this.#placeOf(this.#first)] === null) this.#first++;
    return this.#first === this.#end ? NEVER : this.#joined[this.#placeOf(this.#first)]!;
  }

  /** The first, of one or more. */
  serve(): Waiter {
    const place = this.#placeOf(this.#first++);
    const first = this.#waiters[place]!;
    this.#waiters[place] = null;
    return first;
  }

  #placeOf(number: number): number {
    return number & (this.#waiters.length - 1);
  }

  #makeRoom(): void {
    const { length } = this.#waiters;
    const numbers = Array.from({ length }, (_, i) => this.#placeOf(this.#first + i));
    const joined = numbers.map((place) => this.#joined[place]!);
    this.#waiters = [...numbers.map((place) => this.#waiters[place]!), ...new Array<null>(length).fill(null)];
    this.#joined = new Float64Array(2 * length);
    this.#joined.set(joined);
    this.#first = 0;
    this.#end = length;
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
