import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/kernel/time.ts';
import { summarise } from '../../src/report/summarise.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { scenarioDocuments, scenarioOf } from '../support/arbitrary-scenario.ts';
import { runs } from '../support/runs.ts';
import { parse, type ScenarioPart } from '../support/scenario.ts';

/** AWS keeps records for a day at least; here they are gone after seconds, so that much expires in a short run. */
function keptFor(seconds: number, scenario: Scenario): Scenario {
  const streams = scenario.streams.map((stream) => ({ ...stream, retention: seconds * SECOND }));
  return { ...scenario, streams };
}

/** What happens, whoever looks. */
function happened(scenario: Scenario) {
  const trace: string[] = [];
  const { digest, mappings } = summarise(
    simulateSync(scenario, { trace: (event) => trace.push(JSON.stringify(event)) }),
  );
  const balances = Object.values(mappings).map(({ records, invocations, caughtUpAtSeconds }) => ({
    records,
    invocations,
    caughtUpAtSeconds,
  }));
  return { digest, balances, trace };
}

/** How many waited in a stall at the most is as near as the looks are, where records expire meanwhile. */
function withoutHeld(summary: unknown): unknown {
  return JSON.parse(JSON.stringify(summary), (key, value) => (key === 'recordsHeld' ? null : value));
}

const FAILS = { f: { duration: '100ms', faults: [{ from: '0s', to: '2h' }] } };

const EXPIRING: Readonly<Record<string, ScenarioPart>> = {
  'lanes whose reads are refused': {
    drain: '3m',
    polling: { phase: '130ms' },
    streams: { s: { ShardCount: 1, otherReaders: [{ calls: '50/s' }] } },
    producers: { p: { rate: '3/s' } },
    functions: { f: { duration: '2s' } },
    mappings: { m: { ParallelizationFactor: 3 } },
  },
  'pieces of batches that are halved': {
    producers: { p: { rate: '30/s', arrivals: 'even' } },
    functions: FAILS,
    mappings: { m: { BisectBatchOnFunctionError: true } },
  },
  'what an invocation holds for long': {
    duration: '20s',
    drain: '3m',
    producers: { p: { rate: '10/s', arrivals: 'even' } },
    functions: { f: { duration: '560ms', Timeout: 900, faults: [{ invocations: 100, after: '5s' }] } },
    mappings: { m: { BatchSize: 2, retryBackoff: 'none' } },
  },
  'what waits while it is off': {
    producers: { p: { rate: '40/s' } },
    mappings: { m: { ParallelizationFactor: 2 } },
    timeline: [
      { at: '7s', disable: 'm' },
      { at: '41s', enable: 'm' },
    ],
  },
};

describe('what expires does not depend on when somebody looks (D1, K5)', () => {
  test.each(Object.entries(EXPIRING))('%s', (_, part) => {
    const scenario = keptFor(13, parse({ duration: '60s', ...part }));
    const once = happened(scenario);
    expect(once.balances[0]!.records.expired).toBeGreaterThan(0);
    for (const period of [0.5, 0.7, 7]) expect(happened({ ...scenario, period: period * SECOND })).toEqual(once);
    for (const warmup of [13.8, 14.5])
      expect(happened({ ...scenario, warmup: warmup * SECOND }).trace).toEqual(once.trace);
  });

  test('in any scenario, on the short path and the plain one', () => {
    fc.assert(
      fc.property(scenarioDocuments, fc.constantFrom(1.3, 3, 11, 20), (document, seconds) => {
        const scenario = keptFor(seconds, scenarioOf(document));
        const once = happened(scenario);
        expect(happened({ ...scenario, period: 0.7 * SECOND })).toEqual(once);
        const warmup = 0.4 * scenario.duration;
        expect(happened({ ...scenario, warmup }).trace).toEqual(once.trace);
        const result = (plain: boolean) => withoutHeld(summarise(simulateSync(scenario, { plain })));
        expect(result(true)).toEqual(result(false));
      }),
      { numRuns: runs(20) },
    );
  });
});

test('a run that drains ends what expires before a lane asks again, on both paths (D5, K5)', () => {
  const scenario = parse({
    duration: '7s',
    drain: '3m',
    polling: { period: '3s' },
    streams: { s: { ShardCount: 2 } },
    producers: { p: { rate: '4/s' } },
    functions: { f: { duration: '10ms' } },
    mappings: { m: { BatchSize: 2 } },
  });
  for (const retention of [1.3, 2, 3.1]) {
    const short = keptFor(retention, scenario);
    expect(summarise(simulateSync(short)).digest).toBe(summarise(simulateSync(short, { plain: true })).digest);
  }
});

test('the highest backlog is that before records expire, just where the producers stop, too (M7, D4)', () => {
  const scenario = parse({
    duration: '18s',
    drain: '30s',
    producers: {
      p: {
        records: [
          { at: '7s', count: 10 },
          { at: '14s', count: 4 },
        ],
      },
    },
    mappings: { m: { Enabled: false } },
  });
  for (const period of [60, 0.1]) {
    const { mappings } = summarise(simulateSync({ ...keptFor(11, scenario), period: period * SECOND }));
    expect(mappings.m!.backlog.max).toBe(14);
  }
});

test('where a read is refused nothing is invoked, whatever expires meanwhile (K4, P7)', () => {
  const scenario = keptFor(13, parse({ duration: '60s', ...EXPIRING['lanes whose reads are refused'] }));
  expect(happened(scenario).balances[0]).toMatchObject({ invocations: 0, records: { pending: 0 } });
});

test('what a window has gathered may expire before the tumbling window has it (K5, P11)', () => {
  const scenario = parse({
    duration: '40s',
    producers: { p: { records: [{ at: '0s', count: 1 }] } },
    mappings: { m: { Enabled: false, MaximumBatchingWindowInSeconds: 20, TumblingWindowInSeconds: 20 } },
    timeline: [{ at: '10s', enable: 'm' }],
  });
  expect(happened(keptFor(13, scenario)).balances[0]!.records).toMatchObject({ expired: 1, pending: 0 });
});
