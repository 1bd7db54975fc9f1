import type { RunDetails, Scheduler } from 'fast-check';
import fc from 'fast-check';
import type { Handler, HandlerMaker, Law, TraceEvent } from '../index.ts';
import { formatIssue, laws, parseScenario, simulate } from '../index.ts';
import type { Delivery } from './counterexample.ts';
import { CounterexampleError, deliveriesOf } from './counterexample.ts';
import type { ScenarioDocument } from './scenarios.ts';
import { scenarioOf, scenarios } from './scenarios.ts';
import type { StoreUnderTest } from './store.ts';
import { Stores } from './store.ts';

/** What is made anew for each run. */
export interface HandlerUnderTest {
  /** The handler, or `{ makeHandler }` that makes one for each environment: what it keeps is gone with a cold start. */
  readonly handler: Handler | HandlerMaker;
  /** Looks at the effects, once all is over; false, or an error thrown, says that they are wrong. */
  readonly check?: (deliveries: readonly Delivery[]) => unknown;
}

/** What a test's handler may be made with. */
export interface HandlerTools {
  readonly store: StoreUnderTest;
}

export interface CheckHandlerOptions {
  /** Beside the library's own, which hold whatever a handler does. */
  readonly laws?: readonly Law[];
  /**
   * A scenario file's text, or a document, with one mapping: its settings, those of its function and of the account are kept
   * as they are, and what the records of the first producer of its stream hold (`data`, or `bytes`). Absent: the settings are
   * drawn, too, and records hold no data.
   */
  readonly scenario?: string | ScenarioDocument;
  /** How many scenarios are tried; 100. */
  readonly runs?: number;
  /** Of fast-check: the same seed tries the same scenarios. */
  readonly seed?: number;
  /** Of a counterexample: begins with it. */
  readonly path?: string;
}

/**
 * Drives a handler through deliveries that Lambda may make: batches of all sizes, retries, splits, duplicates, several
 * shards and lanes at once, invocations that fail before the handler, in it, or when it has done its work.
 *
 * @param makeHandler called anew for each run
 * @throws RangeError where `runs` is not a whole number from 1; TypeError where no handler is made, or one that takes a
 * callback; Error where the scenario is none
 * @throws CounterexampleError where a run breaks a law or its check fails: the shrunk deliveries, a scenario, seed and path
 */
export async function checkHandler(
  makeHandler: (tools: HandlerTools) => HandlerUnderTest,
  options: CheckHandlerOptions = {},
): Promise<void> {
  const { runs = 100, seed, path } = options;
  if (!(Number.isInteger(runs) && runs >= 1)) throw new RangeError(`runs: expected a whole number from 1, got ${runs}`);
  const failing = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 2 });
  let last: { reason: string; cause: unknown; trace: readonly TraceEvent[] } | null = null;
  const property = fc.asyncProperty(
    scenariosFor(options),
    failing,
    fc.scheduler(),
    async (document, failingCalls, scheduler) => {
      const trace: TraceEvent[] = [];
      try {
        await runOnce(makeHandler, { document, failingCalls, scheduler, trace, extra: options.laws ?? [] });
      } catch (cause) {
        last = { reason: cause instanceof Error ? cause.message : String(cause), cause, trace };
        throw cause;
      }
    },
  );
  const details: RunDetails<[ScenarioDocument, number[], Scheduler]> = await fc.check(property, {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
  });
  if (!details.failed) return;
  if (details.counterexample === null || last === null)
    throw new Error(`no scenario could be tried: ${String(details.errorInstance)}`);
  const { reason, cause, trace } = last as { reason: string; cause: unknown; trace: readonly TraceEvent[] };
  if (cause instanceof MisuseError) throw cause;
  const [document, failingCalls] = details.counterexample;
  const known = { reason, document, trace, failingCalls: [...failingCalls].sort((a, b) => a - b) };
  throw new CounterexampleError(
    { ...known, seed: details.seed, path: details.counterexamplePath ?? '', runs: details.numRuns },
    cause,
  );
}

interface OneRun {
  readonly document: ScenarioDocument;
  readonly failingCalls: readonly number[];
  readonly scheduler: Scheduler;
  readonly trace: TraceEvent[];
  readonly extra: readonly Law[];
}

async function runOnce(makeHandler: (tools: HandlerTools) => HandlerUnderTest, one: OneRun): Promise<void> {
  const { document, failingCalls, scheduler, trace, extra } = one;
  const stores = new Stores(scheduler, failingCalls);
  const { handler, check } = checked(makeHandler({ store: stores.store }));
  const recording = await simulate(scenarioOf(document), {
    handlers: { f: watched(handler, () => stores.invocationBegins()) },
    trace: (event) => trace.push(event),
    traceRecords: true,
    overlap: (answer) => scheduler.waitFor(answer.then(() => undefined)),
  });
  for (const law of [...Object.values(laws), ...extra]) {
    const [breach] = law({ recording, trace });
    if (breach !== undefined) throw new Error(`${law.rule}: ${breach}`);
  }
  if (check === undefined) return;
  const verdict = await check(deliveriesOf(trace));
  if (verdict === false) throw new Error('the check says that the effects are wrong');
}

/** What is made is no handler: no fault of the handler under test. */
class MisuseError extends TypeError {}

function checked(made: HandlerUnderTest): HandlerUnderTest {
  const handler: unknown = (made as Partial<HandlerUnderTest> | null | undefined)?.handler;
  const isMaker = typeof handler === 'object' && typeof (handler as HandlerMaker | null)?.makeHandler === 'function';
  if (typeof handler === 'function' || isMaker) return made;
  throw new MisuseError(
    'makeHandler: expected a function that returns { handler, check? }, the handler a function (event, context) or { makeHandler }',
  );
}

function checkedHandler(handler: unknown): Handler {
  if (typeof handler === 'function' && handler.length <= 2) return handler as Handler;
  const fault = typeof handler === 'function' ? 'the handler takes a callback, which is never called; ' : '';
  throw new MisuseError(
    `makeHandler: ${fault}expected a function (event, context) that returns its answer or a promise of it`,
  );
}

function watched(handler: Handler | HandlerMaker, begins: () => void): Handler | HandlerMaker {
  const watch = (made: Handler): Handler => {
    const inner = checkedHandler(made);
    return (event, context) => {
      begins();
      return inner(event, context);
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

/** Generated, with the settings of the one that is given. */
function scenariosFor({ scenario }: CheckHandlerOptions): fc.Arbitrary<ScenarioDocument> {
  if (scenario === undefined) return scenarios();
  const document = typeof scenario === 'string' ? documentOf(scenario) : scenario;
  const mappings = Object.values((document.mappings ?? {}) as Record<string, ScenarioDocument>);
  const [mapping] = mappings;
  if (mapping === undefined || mappings.length > 1) {
    throw new Error(`expected a scenario with one mapping, got ${mappings.length}`);
  }
  const target = ((document.functions ?? {}) as Record<string, ScenarioDocument>)[String(mapping.function)];
  if (target === undefined) throw new Error(`expected a scenario with function '${String(mapping.function)}'`);
  const { faults: _, handler: __, ...kept } = target;
  const { stream, consumer, function: ___, ...settings } = mapping;
  const from = String(stream ?? consumer).split('/')[0]!;
  const producers = Object.values((document.producers ?? {}) as Record<string, ScenarioDocument>);
  const { data, bytes } = producers.find((one) => one.stream === from) ?? {};
  return scenarios({
    mapping: settings,
    function: kept,
    ...(data === undefined && bytes === undefined ? {} : { producer: data === undefined ? { bytes } : { data } }),
    ...(document.account === undefined ? {} : { account: document.account as ScenarioDocument }),
  });
}

function documentOf(text: string): ScenarioDocument {
  const result = parseScenario(text, { readFile: () => new Uint8Array() });
  if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
  return result.scenario.source.resolved as ScenarioDocument;
}
