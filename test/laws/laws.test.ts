import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/laws/law.ts';
import { allBreaches, laws } from '../../src/laws/laws.ts';
import type { TraceEvent } from '../../src/recording/trace.ts';
import { summarise } from '../../src/report/summarise.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { scenarioDocuments, scenarioOf } from '../support/arbitrary-scenario.ts';
import { Exercised } from '../support/exercised.ts';
import { runs, timeout } from '../support/runs.ts';
import { run } from '../support/scenario.ts';

function runOf(scenario: Scenario): Run {
  const trace: TraceEvent[] = [];
  const recording = simulateSync(scenario, { trace: (event) => trace.push(event), traceRecords: true, debug: true });
  return { recording, trace };
}

describe('on generated scenarios', () => {
  const exercised = new Exercised();
  afterAll(() => console.log(['settings of the runs that keep every law:', ...exercised.lines()].join('\n')));

  it('every law holds (E1, E9, K5, L1, M2, M4, O1, O2, P3, P4)', { timeout: timeout(180_000) }, () => {
    fc.assert(
      fc.property(scenarioDocuments, (document) => {
        const generated = runOf(scenarioOf(document));
        exercised.note(generated.recording.scenario);
        for (const [name, law] of Object.entries(laws)) expect(law(generated), name).toEqual([]);
      }),
      { numRuns: runs(200) },
    );
  });

  it('a run repeats itself, whatever the period of its series (D1)', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(scenarioDocuments, (document) => {
        const scenario = scenarioOf(document);
        const first = summarise(simulateSync(scenario));
        expect(summarise(simulateSync(scenario))).toEqual(first);
        const finer = simulateSync(scenarioOf({ ...document, period: '3s' }));
        expect(finer.digest).toBe(first.digest);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a law that is broken says so', () => {
  const healthy = () => {
    const { recording, trace } = run({ producers: { p: { rate: '50/s' } } });
    return { recording, trace };
  };
  const invocation = {
    t: 20,
    type: 'invocation',
    mapping: 'm',
    shardId: 'shardId-000000000000',
    lane: 0,
    start: 10,
    end: 20,
    attempt: 1,
    size: 1,
    first: 0,
    last: 0,
    startSequenceNumber: '1',
    endSequenceNumber: '1',
    outcome: 'success',
    iteratorAgeMs: 0.01,
  } as const satisfies TraceEvent;

  const given = (index: number, partitionKey: string) => ({
    ...{ ...invocation, first: index, last: index },
    records: [{ index, partitionKey, sequenceNumber: String(index), arrival: 5 }],
  });

  it.each([
    ['order', [invocation, { ...invocation, first: 2, last: 2, start: 30, end: 40 }]],
    [
      'order',
      [
        { ...invocation, first: 1, last: 1 },
        { ...invocation, start: 30, end: 40 },
      ],
    ],
    ['oneBatchInFlight', [invocation, { ...invocation, first: 1, last: 1, start: 15, end: 25 }]],
    ['batchSize', [{ ...invocation, size: 20_000, last: 19_999 }]],
    ['retention', [{ ...invocation, iteratorAgeMs: 90_000_000_000 }]],
    ['countsAgree', [invocation, invocation, invocation]],
    ['checkpointsNeverGoBack', [{ ...invocation, first: 5, last: 5 }, invocation]],
    ['orderPerPartitionKey', [given(1, 'a'), given(0, 'a')]],
    ['keyOrderUnderRetries', [{ ...given(0, 'a'), outcome: 'functionError' }, given(1, 'a')]],
    ['atLeastOnce', [given(0, 'a')]],
    ['throttlesAreNoAttempts', [invocation, { ...invocation, attempt: 3 }]],
    ['iteratorAgeCoversDuration', [{ ...invocation, iteratorAgeMs: 0.009 }]],
    ['stateCarriedWhole', [{ ...invocation, state: { records: 1 } }]],
    [
      'stateCarriedWhole',
      [
        { ...invocation, state: {}, outcome: 'functionError' },
        { ...invocation, state: { records: 1 } },
      ],
    ],
    [
      'nothingLostWithoutReason',
      [{ t: 5, type: 'expire', mapping: 'm', shardId: 'shardId-000000000000', lane: 0, size: 1, first: 0, last: 0 }],
    ],
  ] as const)('%s', (name, trace) => {
    const { recording } = healthy();
    const breaches = laws[name]({ recording, trace });
    expect(breaches).not.toEqual([]);
    expect(allBreaches({ recording, trace })[name]).toEqual(breaches);
  });

  it('conservation', () => {
    const { recording, trace } = healthy();
    recording.mappings[0]!.lanes[0]!.balance.succeeded += 1;
    expect(laws.conservation({ recording, trace })).not.toEqual([]);
    expect(allBreaches({ recording, trace }).conservation).toEqual(laws.conservation({ recording, trace }));
  });

  it('ageAddsUp', () => {
    const { recording, trace } = healthy();
    recording.mappings[0]!.records.timeInSystem.add(1_000_000);
    expect(laws.ageAddsUp({ recording, trace })).not.toEqual([]);
  });

  it('keyOrderUnderRetries, but a retry may bring both', () => {
    const { recording } = healthy();
    const both = { ...given(0, 'a'), records: [...given(0, 'a').records, ...given(1, 'a').records], last: 1 };
    const trace = [{ ...both, outcome: 'functionError' }, both] as const;
    expect(laws.keyOrderUnderRetries({ recording, trace })).toEqual([]);
    expect(laws.keyOrderUnderRetries({ recording, trace: [trace[0], given(1, 'b')] })).toEqual([]);
  });

  it('parentsFirst, but what expires unread may be told of in any order (K5)', () => {
    const { recording } = run({
      producers: { p: { rate: '5/s' } },
      timeline: [{ at: '1s', reshard: 's', ShardCount: 2 }],
    });
    const parent = { ...invocation, t: 50, start: 40, end: 50 };
    const child = { ...invocation, shardId: 'shardId-000000000001' };
    const breaches = (...trace: TraceEvent[]) => laws.parentsFirst({ recording, trace });
    expect(breaches({ ...child, t: 70, start: 60, end: 70 }, parent)).toEqual([]);
    expect(breaches(child, parent)).toEqual([expect.stringContaining('begins at 10, before shard 0 is settled at 50')]);
    const { mapping, shardId, lane, size, first, last } = child;
    expect(breaches({ t: 20, type: 'expire', mapping, shardId, lane, size, first, last }, parent)).toEqual([]);
  });

  it('attemptsWithinLimit', () => {
    const { recording } = run({ mappings: { m: { MaximumRetryAttempts: 2 } }, producers: { p: { rate: '5/s' } } });
    const attempts = (attempt: number) => laws.attemptsWithinLimit({ recording, trace: [{ ...invocation, attempt }] });
    expect([attempts(3), attempts(4)]).toEqual([[], [expect.stringContaining('for the 4th time (E3)')]]);
  });

  it('readLimit', () => {
    const { recording, trace } = healthy();
    const { peakCalls } = recording.streams[0]!.shards[0]!;
    Object.assign(peakCalls, { rate: 100, at: 0, length: 1_000_000 });
    expect(laws.readLimit({ recording, trace })).toEqual([expect.stringContaining('100 calls')]);
  });

  it('readLimit, by the time of which the bytes are: one response may bring 10 MB', () => {
    const { recording, trace } = healthy();
    const { peakReadBytes } = recording.streams[0]!.shards[0]!;
    Object.assign(peakReadBytes, { rate: 1e8, at: 0, length: 1_000_000 });
    expect(laws.readLimit({ recording, trace })).toHaveLength(1);
    Object.assign(peakReadBytes, { rate: 1e8, at: 0, length: 100_000 });
    expect(laws.readLimit({ recording, trace })).toEqual([]);
  });

  it('order, but an invocation may hold what lies before records that expire (K5)', () => {
    const { recording } = healthy();
    for (const { balance } of recording.mappings[0]!.lanes) balance.pending = 0;
    const holding = { ...invocation, first: 1, last: 2, size: 2, start: 30, end: 60 };
    const place = { mapping: 'm', shardId: 'shardId-000000000000', lane: 0 };
    const expiry = { ...place, t: 50, type: 'expire', first: 3, last: 4, size: 2 } as const;
    const breaches = (...trace: TraceEvent[]) => laws.order({ recording, trace: [invocation, expiry, ...trace] });
    expect(breaches(holding)).toEqual([]);
    expect(breaches({ ...holding, outcome: 'functionError' }, { ...expiry, t: 60, first: 1, last: 2 })).toEqual([]);
    expect(breaches({ ...holding, start: 51 })).toEqual([expect.stringContaining('comes again')]);
    expect(breaches()).toEqual([expect.stringContaining('records 1 to 2 were passed over')]);
    recording.mappings[0]!.lanes[0]!.balance.pending = 2;
    expect(breaches()).toEqual([]);
  });

  it('each has a rule with the letters of the model', () => {
    const rules = Object.entries(laws).map(([name, { rule }]) => [name, /\([A-Z]\d+a?(, [A-Z]\d+a?)*\)$/.test(rule)]);
    expect(rules.filter(([, isRule]) => isRule !== true)).toEqual([]);
  });
});
