import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarise } from '../../src/report/summarise.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { SteadyLane } from '../../src/sim/lambda/steady-lane.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { comparedDocuments } from '../reference/scenarios.ts';
import { scenarioDocuments, scenarioOf } from '../support/arbitrary-scenario.ts';
import { runs } from '../support/runs.ts';
import { shippedScenario } from '../support/shipped-scenarios.ts';

/** Mostly healthy: what the short path is for, and now and then something that it has to give up for. */
const healthy = fc
  .record({
    seed: fc.nat(999),
    shards: fc.constantFrom(1, 3, 7),
    rate: fc.constantFrom('8/s', '60/s', '400/s'),
    duration: fc.constantFrom('31s', '64s'),
    warmup: fc.constantFrom('0s', '13s'),
    period: fc.constantFrom('60s', '7s', '1500ms'),
    limits: fc.constantFrom({}, { readLimits: false, writeLimits: false }, { RetentionPeriodHours: 24 }),
    bytes: fc.constantFrom<unknown>(
      '1KB',
      '30KB',
      '0B',
      { lognormal: { median: '1KB', p99: '20KB' } },
      { lognormal: { median: '6KB', p99: '200KB' } },
    ),
    keys: fc.constantFrom(undefined, { count: 40 }),
    polling: fc.record({
      phase: fc.constantFrom('spread', 'aligned'),
      pacing: fc.constantFrom('grid', 'sincePoll'),
      continueAfter: fc.constantFrom('fullBatch', 'anyBatch'),
    }),
    lambda: fc.record(
      {
        duration: fc.constantFrom(
          '40ms',
          '0ms',
          '2500ms',
          { base: '20ms', perRecord: '1ms' },
          { base: '20ms', perRecord: '0.1ms', perKB: '0.3ms' },
          { exponential: { mean: '90ms' } },
        ),
        coldStart: fc.constantFrom('0ms', '500ms'),
        ReservedConcurrentExecutions: fc.constantFrom(2, 5, 100),
        faults: fc.array(
          fc.constantFrom(
            { probability: '1%' },
            { from: '20s', to: '25s' },
            { from: '10s', to: '30s', slowdown: 3 },
            { poison: { oneIn: 900 }, until: '40s' },
            { poison: { stream: 's', shard: 0, record: 150 }, until: '50s' },
            { invocations: 3 },
          ),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: ['duration'] },
    ),
    settings: fc.record(
      {
        BatchSize: fc.constantFrom(1, 10, 100, 1_000),
        ParallelizationFactor: fc.constantFrom(1, 2, 10),
        StartingPosition: fc.constantFrom('TRIM_HORIZON', 'LATEST'),
        MaximumRetryAttempts: fc.constantFrom(0, 2),
        throttleBackoff: fc.constant('queue'),
        iteratorAge: fc.constant('atInvoke'),
        fetchLimit: fc.constant('batchSize'),
      },
      { requiredKeys: ['BatchSize', 'StartingPosition'] },
    ),
    update: fc.constantFrom(
      [],
      [{ at: '17s', update: 'm', set: { BatchSize: 50 } }],
      [{ at: '17s', update: 'm', set: { ParallelizationFactor: 3 } }],
      [
        { at: '11s', disable: 'm' },
        { at: '15s', enable: 'm' },
      ],
    ),
  })
  .map(({ seed, shards, rate, duration, warmup, period, limits, bytes, keys, polling, lambda, settings, update }) =>
    scenarioOf({
      ...{ shardclock: 1, name: 'healthy', seed, duration, drain: '5s', warmup, period, polling },
      streams: { s: { ShardCount: shards, ...limits } },
      producers: { p: { stream: 's', rate, bytes, ...(keys === undefined ? {} : { keys }) } },
      functions: { f: lambda },
      mappings: { m: { stream: 's', function: 'f', ...settings } },
      ...(update.length === 0 ? {} : { timeline: update }),
    }),
  );

/** Everything that a result says; those of handlers are asked elsewhere. */
function bytes(scenario: Scenario, plain: boolean): string {
  return JSON.stringify(summarise(simulateSync(scenario, { plain })));
}

describe('the short path of usual batches changes no byte of a result (D1)', () => {
  it.each([
    ['healthy ones', healthy, 80],
    ['troubled ones', scenarioDocuments.map(scenarioOf), 8],
    ['those of the reference model', comparedDocuments.map(scenarioOf), 5],
  ])('of generated scenarios: %s', (_, scenarios, number) => {
    fc.assert(
      fc.property(scenarios as fc.Arbitrary<Scenario>, (scenario) => {
        expect(bytes(scenario, false)).toBe(bytes(scenario, true));
      }),
      { numRuns: runs(number) },
    );
  });

  // Of the shipped ones, those that take it at all.
  const shipped = [
    ...['steady', 'spike', 'outage', 'deploy', 'too-little-concurrency', 'reshard', 'shared-throughput'],
    ...['noisy-neighbour', 'few-keys', 'black-friday'],
  ];
  it.each(shipped)('of %s', (name) => {
    const scenario = shippedScenario(name);
    expect(bytes(scenario, false)).toBe(bytes(scenario, true));
  });
});

it('nor of a stream with more than 10,000,000 records, whose sums are taken as if those of a second lay evenly (M7)', () => {
  const scenario = scenarioOf({
    ...{ shardclock: 1, name: 'many', duration: '170s', drain: '5s' },
    streams: { s: { ShardCount: 150 } },
    producers: { p: { stream: 's', phases: [10, 120, 40].map((s, i) => ({ duration: `${s}s`, rate: RATES[i] })) } },
    functions: { f: { duration: { base: '40ms', perRecord: '0.1ms' } } },
    mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', BatchSize: 300 } },
  });
  expect(bytes(scenario, false)).toBe(bytes(scenario, true));
});

it("nor where batches in line are given back, whose throttles stay their records' own (M4, P9)", () => {
  const scenario = scenarioOf({
    ...{ shardclock: 1, name: 'given back', duration: '31s', drain: '5s', polling: { continueAfter: 'anyBatch' } },
    streams: { s: { ShardCount: 7 } },
    producers: { p: { stream: 's', rate: '400/s' } },
    functions: { f: { duration: '40ms', ReservedConcurrentExecutions: 2 } },
    mappings: {
      m: {
        ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', throttleBackoff: 'queue' },
        ...{ ParallelizationFactor: 10, fetchLimit: 'batchSize' },
      },
    },
    timeline: [{ at: '17s', update: 'm', set: { BatchSize: 50 } }],
  });
  expect(shareOf(scenario, false)).toBeGreaterThan(0.5);
  expect(bytes(scenario, false)).toBe(bytes(scenario, true));
});

/** In turn few, many and some records of a shard come in a second. */
const RATES = ['1500/s', '90000/s', '6000/s'];

/** The share of a scenario's invocations that end on the short path. */
function shareOf(scenario: Scenario, plain: boolean): number {
  let batches = 0;
  const count = SteadyLane.prototype.end;
  SteadyLane.prototype.end = function end(this: SteadyLane, at) {
    const isSettled = count.call(this, at);
    if (isSettled) batches++;
    return isSettled;
  };
  const { invocations } = summarise(simulateSync(scenario, { plain })).mappings.m!;
  SteadyLane.prototype.end = count;
  return batches / invocations;
}

it.each([
  ['of a healthy scenario', '5ms', 1_000, 1, {}],
  ['where many wait in line for a slot', '15ms', 13, 1, {}],
  ['of slices', '5ms', 1_000, 4, { keys: { count: 500 } }],
  [
    'of keys and sizes that differ',
    '5ms',
    1_000,
    1,
    { keys: { count: 90 }, bytes: { uniform: { min: '1B', max: '9KB' } } },
  ],
])('most batches take it: it is there for them: %s', (_, duration, slots, ParallelizationFactor, records) => {
  const scenario = scenarioOf({
    shardclock: 1,
    name: 'healthy',
    duration: '60s',
    account: { ConcurrentExecutions: 2_000 },
    streams: { s: { ShardCount: 20 } },
    producers: { p: { stream: 's', rate: '600/s', ...records } },
    functions: { f: { duration, ReservedConcurrentExecutions: slots } },
    mappings: {
      m: {
        ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' },
        ...{ BatchSize: 1, throttleBackoff: 'queue', ParallelizationFactor },
      },
    },
  });
  expect(shareOf(scenario, false)).toBeGreaterThan(0.97);
  expect(shareOf(scenario, true)).toBe(0);
});
