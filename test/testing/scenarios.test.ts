import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/index.ts';
import { laws, simulateSync } from '../../src/index.ts';
import type { ScenarioDocument } from '../../src/testing/testing.ts';
import { comparisons, scenarioOf, scenarios } from '../../src/testing/testing.ts';
import { runs as numberOf, timeout } from '../support/runs.ts';

const runOf = (document: ScenarioDocument) => {
  const trace: TraceEvent[] = [];
  const recording = simulateSync(scenarioOf(document), {
    trace: (event) => trace.push(event),
    traceRecords: true,
    debug: true,
  });
  return { recording, trace };
};

describe('scenarios for a test of one’s own', () => {
  it('keep every law', { timeout: timeout(180_000) }, () => {
    fc.assert(
      fc.property(scenarios(), (document) => {
        const run = runOf(document);
        for (const [name, law] of Object.entries(laws)) expect(law(run), name).toEqual([]);
      }),
      { numRuns: numberOf(2_000) },
    );
  });

  it('keep what holds between two runs', { timeout: timeout(180_000) }, () => {
    fc.assert(
      fc.property(scenarios(), (document) => {
        for (const [name, compare] of Object.entries(comparisons)) expect(compare(document), name).toEqual([]);
      }),
      { numRuns: numberOf(150) },
    );
  });

  it('bring retries, splits and other lanes', () => {
    const runs = fc.sample(scenarios(), { numRuns: 200, seed: 5 }).map(runOf);
    const share = (holds: (run: ReturnType<typeof runOf>) => boolean) => runs.filter(holds).length / runs.length;
    const some = (holds: (event: TraceEvent) => boolean) => share(({ trace }) => trace.some(holds));
    expect(some((event) => event.type === 'invocation' && event.attempt > 1)).toBeGreaterThan(0.3);
    expect(some(({ type }) => type === 'split')).toBeGreaterThan(0.05);
    expect(some((event) => event.type === 'poll' && event.lane > 0)).toBeGreaterThan(0.2);
    expect(some((event) => event.type === 'state' && event.state === 'Updating')).toBeGreaterThan(0.1);
  });

  it('shrink to one shard, one record, no faults and the default settings', () => {
    const { counterexample } = fc.check(
      fc.property(scenarios(), () => false),
      { seed: 3 },
    );
    const [smallest] = counterexample!;
    expect(smallest).toMatchObject({
      streams: { s: { ShardCount: 1 } },
      producers: { p: { records: [{ at: '0ms', key: 'a' }] } },
      functions: { f: { duration: '100ms', faults: [] } },
      mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
    });
    expect(Object.keys(((smallest as ScenarioDocument).mappings as { m: object }).m)).toHaveLength(3);
  });
});

describe('a comparison that does not hold says so', () => {
  it('with the first event that differs: one slot for two functions', () => {
    const shared = fc
      .sample(scenarios(), { numRuns: 50, seed: 1 })
      .map((document) => ({ ...document, account: { ConcurrentExecutions: 1 } }));
    const [breach] = shared.flatMap((document) => comparisons.additionChangesNoOtherDraws(document));
    expect(breach).toMatch(/^event \d+: \{.*\} in one run, \{.*\} in the other$/);
  });
});
