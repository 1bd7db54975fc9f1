import type { Handler, HandlerMaker, Law } from '../index.ts';
import type { CheckHandlerOptions, HandlerTools, HandlerUnderTest } from './under-test.ts';

/** What is given is no handler, or not what checkHandler takes: no fault of the handler under test. */
export class MisuseError extends TypeError {}

const OPTIONS: readonly (keyof CheckHandlerOptions)[] = ['laws', 'scenario', 'runs', 'seed', 'path'];

/** @throws MisuseError, RangeError */
export function checkOptions(
  makeHandler: (tools: HandlerTools) => HandlerUnderTest,
  options: CheckHandlerOptions,
): void {
  if (typeof makeHandler !== 'function')
    throw new MisuseError(
      `makeHandler: expected a function that returns { handler, check? }, got ${typeof makeHandler}`,
    );
  if (typeof options !== 'object' || options === null) throw new MisuseError('expected an object of options');
  for (const name of Object.keys(options)) {
    if (!OPTIONS.some((known) => known === name))
      throw new MisuseError(`unknown option '${name}'; expected one of ${OPTIONS.join(', ')}`);
  }
  const { runs = 100, seed, path, laws = [], scenario } = options;
  if (!(Number.isInteger(runs) && runs >= 1)) throw new RangeError(`runs: expected a whole number from 1, got ${runs}`);
  if (seed !== undefined && !Number.isInteger(seed)) throw new RangeError(`seed: expected a whole number, got ${seed}`);
  if (path !== undefined && seed === undefined)
    throw new MisuseError('path: expected the seed of the counterexample beside it');
  if (!Array.isArray(laws) || !laws.every((law: unknown) => isLaw(law)))
    throw new MisuseError("laws: expected a list of functions of a run, each with its 'rule' in words");
  if (scenario === null || (typeof scenario === 'object' && 'source' in scenario))
    throw new MisuseError("scenario: expected a scenario file's text, or its document, and not what is made of it");
}

function isLaw(law: unknown): law is Law {
  return typeof law === 'function' && typeof (law as Partial<Law>).rule === 'string';
}

/** What a law answers. */
export function breachesOf(law: Law, answer: unknown): readonly string[] {
  if (Array.isArray(answer)) return answer as string[];
  throw new MisuseError(`laws: '${law.rule}' must answer with a list of its breaches, at once`);
}

export function checked(made: HandlerUnderTest): HandlerUnderTest {
  const { handler, check } = ((made as unknown) ?? {}) as { readonly handler?: unknown; readonly check?: unknown };
  const isMaker = typeof handler === 'object' && typeof (handler as HandlerMaker | null)?.makeHandler === 'function';
  if (check !== undefined && typeof check !== 'function')
    throw new MisuseError(`makeHandler: check: expected a function of the deliveries, got ${typeof check}`);
  if (typeof handler === 'function' || isMaker) return made;
  throw new MisuseError(
    'makeHandler: expected a function that returns { handler, check? }, the handler a function (event, context) or { makeHandler }',
  );
}

export function checkedHandler(handler: unknown): Handler {
  if (typeof handler === 'function' && handler.length <= 2) return handler as Handler;
  const fault = typeof handler === 'function' ? 'the handler takes a callback, which is never called; ' : '';
  throw new MisuseError(
    `makeHandler: ${fault}expected a function (event, context) that returns its answer or a promise of it`,
  );
}
