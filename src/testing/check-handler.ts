import type { RunDetails } from 'fast-check';
import fc from 'fast-check';
import type { Law, TraceEvent } from '../index.ts';
import { formatIssue, laws, parseScenario, simulate } from '../index.ts';
import { CounterexampleError, deliveriesOf } from './counterexample.ts';
import { breachesOf, checked, checkOptions, MisuseError } from './misuse.ts';
import type { ScenarioDocument } from './scenarios.ts';
import { scenarioOf, scenarios } from './scenarios.ts';
import { Stores } from './store.ts';
import type { CheckHandlerOptions, HandlerTools, HandlerUnderTest } from './under-test.ts';
import { messagesOf, WatchedCalls } from './watched-calls.ts';

/**
 * Drives a handler through deliveries that Lambda may make: batches of all sizes, retries, splits, duplicates, several
 * shards and lanes at once, invocations that fail before the handler, in it, or when it has done its work.
 *
 * @param makeHandler called anew for each run
 * @throws RangeError where `runs` or `seed` is no such number; TypeError where no handler is made, one that takes a callback,
 * or an option is not what it should be; Error where the scenario is none, or the handler threw whenever it was called
 * @throws CounterexampleError where a run breaks a law, its check fails, or a response is malformed (E6): the shrunk
 * deliveries, a scenario, seed and path
 */
export async function checkHandler(
  makeHandler: (tools: HandlerTools) => HandlerUnderTest,
  options: CheckHandlerOptions = {},
): Promise<void> {
  checkOptions(makeHandler, options);
  const { runs = 100, seed, path, laws: extra = [] } = options;
  const failing = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 2 });
  // fast-check's schedulers share what they draw from, so that one that is tried again would depend on those before it.
  const schedule = fc.noShrink(fc.nat());
  const all = { count: 0, answered: 0, error: undefined as unknown };
  const failed: { cause: unknown; trace: readonly TraceEvent[]; calls: WatchedCalls }[] = [];
  const property = fc.asyncProperty(
    scenariosFor(options),
    failing,
    schedule,
    async (document, failingCalls, scheduleSeed) => {
      const trace: TraceEvent[] = [];
      const calls = new WatchedCalls();
      try {
        await runOnce(makeHandler, { document, failingCalls, scheduleSeed, trace, calls, extra });
      } catch (cause) {
        failed.splice(0, 1, { cause, trace, calls });
        throw cause;
      }
      all.count += calls.count;
      all.answered += calls.answered;
      all.error ??= calls.thrown[0];
    },
  );
  const details: RunDetails<[ScenarioDocument, number[], number]> = await fc.check(property, {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
  });
  if (!details.failed) {
    if (all.count === 0 || all.answered > 0) return;
    const [message] = messagesOf([all.error]);
    throw new Error(
      `the handler threw each of the ${all.count} times that it was called, so nothing was checked; first ${message}`,
      {
        cause: all.error,
      },
    );
  }
  const last = failed.at(-1);
  if (details.counterexample === null || last === undefined)
    throw new Error(`no scenario could be tried: ${String(details.errorInstance)}`);
  const { cause, trace, calls } = last;
  if (cause instanceof MisuseError) throw cause;
  const [document, failingCalls] = details.counterexample;
  const known = {
    reason: cause instanceof Error ? cause.message : String(cause),
    ...{ document, trace, thrown: messagesOf(calls.thrown) },
    failingCalls: [...failingCalls].sort((a, b) => a - b),
    given: (['scenario', 'laws'] as const).filter((name) => options[name] !== undefined),
  };
  throw new CounterexampleError(
    { ...known, seed: details.seed, path: details.counterexamplePath ?? '', runs: details.numRuns },
    cause,
  );
}

interface OneRun {
  readonly document: ScenarioDocument;
  readonly failingCalls: readonly number[];
  readonly scheduleSeed: number;
  readonly trace: TraceEvent[];
  readonly calls: WatchedCalls;
  readonly extra: readonly Law[];
}

async function runOnce(makeHandler: (tools: HandlerTools) => HandlerUnderTest, one: OneRun): Promise<void> {
  const { document, failingCalls, scheduleSeed, trace, calls, extra } = one;
  const [scheduler] = fc.sample(fc.scheduler(), { seed: scheduleSeed, numRuns: 1 });
  const stores = new Stores(scheduler!, failingCalls);
  const { handler, check } = checked(makeHandler({ store: stores.store }));
  const recording = await simulate(scenarioOf(document), {
    handlers: { f: calls.watch(handler, () => stores.invocationBegins()) },
    trace: (event) => trace.push(event),
    traceRecords: true,
    overlap: (answer) => scheduler!.waitFor(answer.then(() => undefined)),
  });
  for (const law of [...Object.values(laws), ...extra]) {
    const [breach] = breachesOf(law, law({ recording, trace }));
    if (breach !== undefined) throw new Error(`${law.rule}: ${breach}`);
  }
  const malformed = trace.find((event) => event.type === 'invocation' && event.outcome === 'malformedResponse');
  if (malformed !== undefined)
    throw new Error(
      `at ${malformed.t / 1e6} s a response is malformed, and its whole batch comes again (E6): each itemIdentifier must be the sequence number of one of its records, and in a tumbling window there must be a state (P11)`,
    );
  if (check === undefined) return;
  const verdict = await check(deliveriesOf(trace));
  if (verdict === false) throw new Error('the check says that the effects are wrong');
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
  const readFile = (): never => {
    throw new Error('checkHandler reads no files and draws the traffic; leave the file out, as by rate: 1/s');
  };
  const result = parseScenario(text, { readFile });
  if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
  return result.scenario.source.resolved as ScenarioDocument;
}
