import type { Handler, HandlerContext, HandlerMaker } from '../index.ts';
import { checkedHandler } from './misuse.ts';

/** What a handler under test did when it was called. */
export class WatchedCalls {
  count = 0;
  /** Of them came to an answer. */
  answered = 0;
  /** What the others threw, in their order. */
  readonly thrown: unknown[] = [];

  /** The same handler, its calls counted. @param begins is told of each */
  watch(handler: Handler | HandlerMaker, begins: () => void): Handler | HandlerMaker {
    const watch = (made: Handler): Handler => {
      const inner = checkedHandler(made);
      return (event, context) => {
        begins();
        this.count++;
        return this.#settle(() => inner(event, deafTo(context)));
      };
    };
    if (typeof handler === 'function') return watch(handler);
    return {
      makeHandler: () => {
        const made = handler.makeHandler();
        return made instanceof Promise ? made.then(watch) : watch(made);
      },
    };
  }

  #settle(call: () => unknown): unknown {
    const fail = (error: unknown): never => {
      this.thrown.push(error);
      throw error;
    };
    const succeed = (answer: unknown): unknown => {
      this.answered++;
      return answer;
    };
    let answer: unknown;
    try {
      answer = call();
    } catch (error) {
      fail(error);
    }
    const isPromise = typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function';
    return isPromise ? (answer as PromiseLike<unknown>).then(succeed, fail) : succeed(answer);
  }
}

/** How long a handler says it takes is not heard here: handlers overlap, and their durations are drawn. */
function deafTo(context: HandlerContext): HandlerContext {
  const shardclock = Object.create(context.shardclock, { duration: { value: () => undefined } });
  return Object.create(context, { shardclock: { value: shardclock, enumerable: true } }) as HandlerContext;
}

/** The different messages of errors, each with how often it came. */
export function messagesOf(errors: readonly unknown[]): string[] {
  const counts = new Map<string, number>();
  for (const error of errors) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    counts.set(message, (counts.get(message) ?? 0) + 1);
  }
  return [...counts].map(([message, count]) => (count === 1 ? message : `${message} (${count} times)`));
}
