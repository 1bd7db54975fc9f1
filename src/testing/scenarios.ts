import fc from 'fast-check';
import type { ParseResult, Scenario } from '../index.ts';
import { formatIssue, parseScenario } from '../index.ts';

/** A scenario as a file holds it: `JSON.stringify` makes one that `shardclock run` takes. */
export type ScenarioDocument = Readonly<Record<string, unknown>>;

/** What a generated scenario keeps as it is; everything else is drawn. */
export interface ScenarioParts {
  /** Settings of mapping `m`, which reads stream `s` for function `f`. */
  readonly mapping?: ScenarioDocument;
  /** Settings of function `f`. */
  readonly function?: ScenarioDocument;
  /** Of producer `p`, whose records are drawn: what they hold, as its `data` or `bytes` say. */
  readonly producer?: ScenarioDocument;
  /** The account. */
  readonly account?: ScenarioDocument;
}

/**
 * Small scenarios in which much goes wrong: one stream `s`, one producer `p`, one function `f`, one mapping `m`. They
 * shrink toward one shard, few records, no faults and AWS's default settings.
 *
 * @throws Error with every issue where no scenario has these parts
 */
export function scenarios(parts: ScenarioParts = {}): fc.Arbitrary<ScenarioDocument> {
  const plain = { seed: 0, shards: 1, records: [{ at: '0s', key: 'a' }], settings: {}, environment: {}, faults: [] };
  scenarioOf(documentOf({ ...plain, duration: '100ms', timeline: [] }, parts));
  return fc
    .record({
      shards: fc.integer({ min: 1, max: 3 }),
      records: traffic(),
      faults: faults(),
      settings: mappingSettings(),
      timeline: timelines().map((entries) =>
        parts.mapping === undefined ? entries : entries.filter((entry) => !('update' in entry)),
      ),
      environment: fc.record({ coldStart: fc.constantFrom('200ms', '1s') }, { requiredKeys: [] }),
      duration: fc.constantFrom('100ms', '10ms', '900ms', '2500ms'),
      seed: fc.integer({ min: 0, max: 999 }),
    })
    .map((drawn) => documentOf(drawn, parts))
    .filter((document) => parsed(document).ok);
}

interface Drawn {
  readonly seed: number;
  readonly shards: number;
  readonly records: readonly ScenarioDocument[];
  readonly settings: ScenarioDocument;
  readonly environment: ScenarioDocument;
  readonly duration: string;
  readonly faults: readonly ScenarioDocument[];
  readonly timeline: readonly ScenarioDocument[];
}

function documentOf(
  { seed, shards, records, settings, environment, duration, faults: some, timeline }: Drawn,
  parts: ScenarioParts,
): ScenarioDocument {
  return {
    shardclock: 1,
    name: 'generated',
    seed,
    duration: '30s',
    drain: '10m',
    ...(parts.account === undefined ? {} : { account: parts.account }),
    streams: { s: { ShardCount: shards } },
    producers: { p: { stream: 's', ...parts.producer, records } },
    functions: { f: { duration, Timeout: 5, ...environment, ...parts.function, faults: some } },
    mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', ...settings, ...parts.mapping } },
    ...(timeline.length === 0 ? {} : { timeline }),
  };
}

/** Records written out, of a few partition keys, in the first ten seconds: for a producer's `records`. */
export function traffic(): fc.Arbitrary<readonly ScenarioDocument[]> {
  const record = fc.record({ at: fc.integer({ min: 0, max: 100 }), key: fc.constantFrom('a', 'b', 'c', 'd') });
  return fc
    .array(record, { minLength: 1, maxLength: 24 })
    .map((records) => records.map(({ at, key }) => ({ at: `${at * 100}ms`, key })));
}

/** For a function's `faults`. All of them end, so that every record may be processed at last. */
export function faults(): fc.Arbitrary<readonly ScenarioDocument[]> {
  const window = fc
    .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 15 }))
    .map(([from, length]) => ({ from: `${from}s`, to: `${from + length}s` }));
  const responseLost = fc.constantFrom({}, { responseLost: true });
  const first = fc.integer({ min: 1, max: 3 }).map((invocations) => ({ invocations }));
  const fault = fc.oneof(
    fc.tuple(first, responseLost).map(([count, lost]) => ({ ...count, ...lost })),
    fc.tuple(window, responseLost).map(([outage, lost]) => ({ ...outage, ...lost })),
    fc.tuple(window, responseLost).map(([outage, lost]) => ({ ...outage, ...lost, after: '6s' })),
    fc.tuple(window, responseLost).map(([part, lost]) => ({ probability: '40%', ...part, ...lost })),
    window.map((part) => ({ slowdown: 4, ...part })),
  );
  return fc.array(fault, { maxLength: 2 });
}

/** For a mapping: what AWS lets one set, and its defaults where a setting is absent. */
export function mappingSettings(): fc.Arbitrary<ScenarioDocument> {
  return fc.record(
    {
      BatchSize: fc.constantFrom(1, 2, 3, 10),
      ParallelizationFactor: fc.constantFrom(2, 4),
      MaximumBatchingWindowInSeconds: fc.constantFrom(1, 3),
      BisectBatchOnFunctionError: fc.constant(true),
      FunctionResponseTypes: fc.constant(['ReportBatchItemFailures']),
    },
    { requiredKeys: [] },
  );
}

/** For a scenario's `timeline`: mapping `m` is switched off and on, gets other lanes, its stream other shards. */
export function timelines(): fc.Arbitrary<readonly ScenarioDocument[]> {
  const change = fc.constantFrom<ScenarioDocument>(
    { disable: 'm' },
    { enable: 'm' },
    { update: 'm', set: { ParallelizationFactor: 1 } },
    { update: 'm', set: { ParallelizationFactor: 3 } },
    { update: 'm', set: { BatchSize: 4 } },
    { reshard: 's', ShardCount: 2 },
  );
  const entry = fc.record({ at: fc.integer({ min: 1, max: 20 }), change });
  return fc
    .array(entry, { maxLength: 2 })
    .map((entries) => entries.map(({ at, change: what }) => ({ at: `${at}s`, ...what })))
    .map((entries) => [...entries, ...(entries.some((one) => 'disable' in one) ? [{ at: '25s', enable: 'm' }] : [])]);
}

/** The scenario of a document. @throws Error with every issue where it is none */
export function scenarioOf(document: ScenarioDocument): Scenario {
  const result = parsed(document);
  if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
  return result.scenario;
}

/** A generated document is asked about twice in a row: whether it is one, and then for its scenario. */
let last: { readonly text: string; readonly result: ParseResult } | null = null;

function parsed(document: ScenarioDocument): ParseResult {
  const text = JSON.stringify(document);
  if (last?.text === text) return last.result;
  const result = parseScenario(text, {
    readFile: (name) => {
      throw new Error(`a generated scenario reads no file, not even ${name}`);
    },
  });
  last = { text, result };
  return result;
}
