import fc from 'fast-check';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

/** Scenarios of a minute or so that go wrong in every way the model knows, as the documents they are written in. */
export const scenarioDocuments: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    shards: fc.integer({ min: 1, max: 5 }),
    rate: fc.integer({ min: 1, max: 300 }),
    arrivals: fc.constantFrom('poisson', 'even'),
    duration: fc.integer({ min: 5, max: 90 }),
    drain: fc.constantFrom('0s', '30s', '10m'),
    warmup: fc.constantFrom('0s', '3s'),
    batchSize: fc.constantFrom(1, 7, 100),
    handler: fc.constantFrom('0ms', '20ms', '900ms', '4s'),
    keys: fc.constantFrom(undefined, { count: 5 }, { zipf: { count: 50, exponent: 1.1 } }),
    polling: fc.record({
      period: fc.constantFrom('1s', '250ms', '3s'),
      phase: fc.constantFrom('spread', 'aligned', '100ms'),
      pacing: fc.constantFrom('grid', 'sincePoll'),
      continueAfter: fc.constantFrom('fullBatch', 'anyBatch'),
    }),
    concurrency: fc.constantFrom(undefined, 0, 1, 3),
    coldStart: fc.constantFrom('0ms', '300ms'),
    idleTimeout: fc.constantFrom('2s', '10m'),
    faults: fc.array(
      fc.constantFrom<Record<string, unknown>>(
        { probability: '20%' },
        { from: '5s', to: '20s' },
        { from: '10s', to: '30s', after: '1s' },
        { from: '0s', to: '40s', slowdown: 3 },
        { poison: { stream: 's', shard: 0, record: 3 }, until: '40s' },
        { poison: { oneIn: 50 } },
        { invocations: 4 },
        { probability: '30%', responseLost: true, until: '35s' },
        { from: '5s', to: '20s', after: '1s', responseLost: true },
        { poison: { stream: 's', shard: 0, record: 5 }, fail: 'record' },
        { poison: { oneIn: 20 }, fail: 'record' },
        { poison: { oneIn: 30 }, after: '5s' },
      ),
      { maxLength: 2 },
    ),
    retries: fc.constantFrom(-1, 0, 2),
    age: fc.constantFrom(-1, -1, 60),
    bisect: fc.boolean(),
    reports: fc.boolean(),
    window: fc.constantFrom(0, 0, 1, 5),
    factor: fc.constantFrom(1, 1, 2, 5),
    destination: fc.boolean(),
    throttleBackoff: fc.constantFrom<unknown>(undefined, 'queue'),
    position: fc.constantFrom('TRIM_HORIZON', 'LATEST'),
    enabled: fc.boolean(),
    timeline: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 80 }).map((s) => `${s}s`),
        verb: fc.constantFrom<'enable' | 'disable' | number>('enable', 'disable', 1, 3),
      }),
      { maxLength: 4 },
    ),
    transitions: fc.constantFrom('0s', '2s'),
    second: fc.boolean(),
    fansOut: fc.boolean(),
    pattern: fc.constantFrom<unknown>(
      undefined,
      undefined,
      { data: { kind: ['a'] } },
      { partitionKey: [{ suffix: '1' }] },
    ),
  })
  .map((g) => ({
    shardclock: 1,
    name: 'generated',
    seed: g.seed,
    duration: `${g.duration}s`,
    drain: g.drain,
    warmup: g.warmup,
    period: '10s',
    stallAfter: '1s',
    polling: g.polling,
    streams: { s: { ShardCount: g.shards, consumers: ['fast'] } },
    producers: {
      p: {
        stream: 's',
        rate: `${g.rate}/s`,
        ...(g.pattern === undefined ? {} : { data: { template: { kind: '${pick:a,b,c}', id: '${index}' } } }),
        arrivals: g.arrivals,
        ...(g.keys === undefined ? {} : { keys: g.keys }),
      },
    },
    functions: {
      f: {
        duration: { base: g.handler, perRecord: '1ms' },
        coldStart: g.coldStart,
        idleTimeout: g.idleTimeout,
        faults: g.faults,
        ...(g.concurrency === undefined ? {} : { ReservedConcurrentExecutions: g.concurrency }),
      },
      ...(g.second ? { g: { duration: { exponential: { mean: '50ms' } } } } : {}),
    },
    mappings: {
      m: {
        ...(g.fansOut ? { consumer: 's/fast' } : { stream: 's' }),
        function: 'f',
        StartingPosition: g.position,
        Enabled: g.enabled,
        BatchSize: g.batchSize,
        MaximumRetryAttempts: g.retries,
        MaximumRecordAgeInSeconds: g.age,
        BisectBatchOnFunctionError: g.bisect,
        FunctionResponseTypes: g.reports ? ['ReportBatchItemFailures'] : [],
        MaximumBatchingWindowInSeconds: g.window,
        ParallelizationFactor: g.factor,
        ...(g.destination ? { DestinationConfig: { OnFailure: { Destination: 'dlq' } } } : {}),
        transitions: g.transitions,
        ...(g.pattern === undefined ? {} : { FilterCriteria: { Filters: [{ Pattern: JSON.stringify(g.pattern) }] } }),
        ...(g.throttleBackoff === undefined ? {} : { throttleBackoff: g.throttleBackoff }),
      },
      ...(g.second ? { n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' } } : {}),
    },
    timeline: g.timeline.map(({ at, verb }) =>
      typeof verb === 'string' ? { at, [verb]: 'm' } : { at, update: 'm', set: { ParallelizationFactor: verb } },
    ),
  }));

/** The scenario of a document that is meant to be without problems. */
export function scenarioOf(document: Record<string, unknown>): Scenario {
  const parsed = parseScenario(JSON.stringify(document), {
    readFile: (name) => {
      throw new Error(`no file ${name} here`);
    },
  });
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return parsed.scenario;
}
