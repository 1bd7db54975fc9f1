import type { Scheduler } from 'fast-check';

/**
 * Makes of an object one of the same kind for a handler in a test: some of its calls fail before they do anything, and
 * fast-check's scheduler decides which of its asynchronous ones comes first.
 */
export type StoreUnderTest = <T extends object>(store: T) => T;

/** @param failing which calls of all stores fail, the first being 1 */
export function storeUnderTest(scheduler: Scheduler, failing: ReadonlySet<number>): StoreUnderTest {
  let calls = 0;
  return <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name): unknown {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          calls++;
          const failure = failing.has(calls) ? new Error(`the store fails at its call ${calls}`) : null;
          const isAsync = value.constructor.name === 'AsyncFunction';
          if (failure !== null && !isAsync) throw failure;
          if (failure !== null) return scheduler.schedule(Promise.reject(failure), failure.message);
          if (!isAsync) return Reflect.apply(value, target, args);
          // The effect comes when the scheduler lets it come.
          return scheduler
            .schedule(Promise.resolve(), `${String(name)} ${calls}`)
            .then(() => Reflect.apply(value, target, args) as unknown);
        };
      },
    });
}
