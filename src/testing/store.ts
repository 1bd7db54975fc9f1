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

  readonly store: StoreUnderTest = (store) => this.#wrapped(store, '');

  /** @param path of names that lead to it from what was given */
  #wrapped<T extends object>(store: T, path: string): T {
    // Of the same kind, and not the store itself: what is frozen there could not be told in other words.
    const stand = typeof store === 'function' ? () => undefined : Object.create(Object.getPrototypeOf(store));
    const parts = new WeakMap<object, object>();
    return new Proxy(stand, {
      apply: (_, self, args: unknown[]) =>
        this.#call(path || (store as { readonly name?: string }).name || 'call', store, () =>
          Reflect.apply(store as () => unknown, self, args),
        ),
      get: (_, name): unknown => {
        const value = Reflect.get(store, name) as unknown;
        const full = `${path}${path === '' ? '' : '.'}${String(name)}`;
        if (typeof value === 'function')
          return (...args: unknown[]): unknown => this.#call(full, value, () => Reflect.apply(value, store, args));
        if (!isPart(value)) return value;
        const known = parts.get(value) ?? this.#wrapped(value, full);
        parts.set(value, known);
        return known;
      },
      set: (_, name, value) => Reflect.set(store, name, value),
      has: (_, name) => Reflect.has(store, name),
      ownKeys: () => Reflect.ownKeys(store),
      getOwnPropertyDescriptor: (_, name) => {
        const property = Reflect.getOwnPropertyDescriptor(store, name);
        return property && { ...property, configurable: true };
      },
    });
  }

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

/** A part of a store with calls of its own, as `db.users` is: no list, date or map, which are data. */
function isPart(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]';
}
