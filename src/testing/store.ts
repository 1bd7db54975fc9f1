import type { Scheduler } from 'fast-check';

/**
 * Makes of an object one of the same kind for a handler in a test: some of its calls fail before they do anything, and
 * fast-check's scheduler decides which of its asynchronous ones comes first.
 */
export type StoreUnderTest = <T extends object>(store: T) => T;

/** The stores of one run. */
export class Stores {
  readonly #scheduler: Scheduler;
  readonly #failing: Set<number>;
  /** Since the last invocation began: so a counterexample keeps failing where records before it are left out. */
  #calls = 0;

  /** @param failing the n-th call after the start of an invocation fails, the first time that there is one; from 1 */
  constructor(scheduler: Scheduler, failing: Iterable<number>) {
    this.#scheduler = scheduler;
    this.#failing = new Set(failing);
  }

  invocationBegins(): void {
    this.#calls = 0;
  }

  readonly store: StoreUnderTest = (store) =>
    new Proxy(store, {
      get: (target, name): unknown => {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown =>
          this.#call(String(name), value, () => Reflect.apply(value, target, args));
      },
    });

  #call(name: string, method: object, act: () => unknown): unknown {
    const call = ++this.#calls;
    const failure = this.#failing.delete(call) ? new Error(`the store fails: ${name}, call ${call}`) : null;
    const isAsync = method.constructor.name === 'AsyncFunction';
    if (!isAsync) {
      if (failure !== null) throw failure;
      const result = act();
      return result instanceof Promise ? this.#scheduler.schedule(result, `${name} ${call}`) : result;
    }
    // The effect comes when the scheduler lets it come.
    return this.#scheduler.schedule(Promise.resolve(), `${name} ${call}`).then(() => {
      if (failure !== null) throw failure;
      return act();
    });
  }
}
