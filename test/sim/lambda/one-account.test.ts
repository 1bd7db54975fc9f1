import { describe, expect, it } from 'vitest';
import { eventsOf, parse, run, seriesOf, timeLine } from '../../support/scenario.ts';

const at = (result: ReturnType<typeof run>, mapping: string) =>
  timeLine(result, mapping).map(([start, end]) => [start / 1_000, end / 1_000]);

describe('one function fed by several streams', () => {
  const both = (target: object, more: object = {}) =>
    run({
      streams: { s: {}, t: { ShardCount: 1 } },
      producers: {
        p: { records: [{ at: '500ms' }, { at: '2500ms' }] },
        q: { stream: 't', records: [{ at: '600ms' }, { at: '2600ms' }] },
      },
      functions: { f: target },
      mappings: {
        m: { throttleBackoff: 'queue' },
        n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON', throttleBackoff: 'queue' },
      },
      ...more,
    });

  it('shares its slots and environments among them (A2, L1, L4)', () => {
    const result = both({ duration: '100ms', coldStart: '300ms', ReservedConcurrentExecutions: 1 });
    expect(at(result, 'm')).toEqual([
      [1_000, 1_400],
      [3_000, 3_100],
    ]);
    expect(at(result, 'n')).toEqual([
      [1_400, 1_500],
      [3_100, 3_200],
    ]);
    expect(result.summary.functions.f).toMatchObject({
      invocations: 4,
      throttles: 2,
      coldStarts: 1,
      concurrency: { max: 1, mean: 0.07 },
    });
    expect([result.m.throttles, result.summary.mappings.n!.throttles]).toEqual([0, 2]);
  });

  it("has one set of AWS's metrics, over all its mappings (A2, M2)", () => {
    const result = both({ duration: '100ms', ReservedConcurrentExecutions: 1 }, { period: '2s', duration: '4s' });
    expect(seriesOf(result, 'Invocations', 'Sum', 'AWS/Lambda')).toEqual([2, 2]);
    expect(seriesOf(result, 'Throttles', 'Sum', 'AWS/Lambda')).toEqual([1, 1]);
    expect(seriesOf(result, 'ConcurrentExecutions', 'Average', 'AWS/Lambda')).toEqual([0.1, 0.1]);
    // Of s 600 ms, of t 600 ms as well, for it waits.
    expect(seriesOf(result, 'IteratorAge', 'Maximum', 'AWS/Lambda')).toEqual([600, 600]);
    const ofFunctions = result.summary.series.metrics.filter(({ Dimensions }) => 'FunctionName' in Dimensions);
    expect(new Set(ofFunctions.map(({ MetricName }) => MetricName)).size).toBe(ofFunctions.length);
  });

  it('counts its invocations over all of them (A2, L6)', () => {
    const result = both(
      { duration: '100ms', faults: [{ invocations: 3 }] },
      { mappings: { n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON' } } },
    );
    const outcomes = [...eventsOf(result, 'invocation'), ...eventsOf(result, 'invocation', 'n')]
      .sort((a, b) => a.start - b.start)
      .map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['functionError', 'functionError', 'functionError', ...Array(4).fill('success')]);
  });

  it('goes on with one stream while the other is disabled, each from its own checkpoint (A2)', () => {
    const result = both(
      { duration: '100ms' },
      {
        timeline: [
          { at: '2s', disable: 'n' },
          { at: '5s', enable: 'n' },
        ],
      },
    );
    expect(at(result, 'm')).toEqual([
      [1_000, 1_100],
      [3_000, 3_100],
    ]);
    expect(at(result, 'n')).toEqual([
      [1_000, 1_100],
      [5_000, 5_100],
    ]);
  });
});

describe('several functions on one account', () => {
  /** Function f wants 101 slots at every second, of the 102 that are unreserved; g wants two half a second later. */
  const neighbours = (more: object = {}) =>
    run({
      account: { ConcurrentExecutions: 102 },
      duration: '4s',
      polling: { period: '500ms' },
      streams: { s: { ShardCount: 101 }, t: { ShardCount: 2 } },
      producers: {
        p: { records: Array.from({ length: 101 }, (_, shard) => ({ at: '900ms', shard })) },
        q: { stream: 't', records: [0, 1].map((shard) => ({ at: '1400ms', shard })) },
      },
      functions: { f: { duration: '2s' }, g: { duration: '100ms', coldStart: '50ms', ...more } },
      mappings: { n: { stream: 't', function: 'g', StartingPosition: 'TRIM_HORIZON' } },
    });

  it('take slots from each other, and environments only from themselves (A2, L1, L4)', () => {
    const result = neighbours();
    // Shard 1 of t finds the pool full at 1.5 s and tries again at 1.75 s.
    expect(at(result, 'n')).toEqual([
      [1_500, 1_650],
      [1_750, 1_850],
    ]);
    expect(eventsOf(result, 'throttle', 'n').map(({ t }) => t)).toEqual([1_500_000]);
    const { f, g } = result.summary.functions;
    expect([f!.throttles, g!.throttles, f!.coldStarts, g!.coldStarts]).toEqual([0, 1, 101, 1]);
  });

  it('are told how full the pool is that they share, whoever fills it (A2, M3a)', () => {
    const result = neighbours();
    const used = (101 * 2_000 + 150 + 100) / (4_000 * 102);
    expect(result.m.utilization.slots.worst).toBeCloseTo(used, 12);
    expect(result.summary.mappings.n!.utilization.slots.worst).toBeCloseTo(used, 12);
    expect(result.summary.mappings.n!.utilization.bindsFirst).toBe('slots');
  });

  it('do not touch what one of them has reserved (L1)', () => {
    const result = run({
      account: { ConcurrentExecutions: 101 },
      streams: { s: { ShardCount: 101 }, t: { ShardCount: 1 } },
      producers: {
        p: { records: Array.from({ length: 101 }, (_, shard) => ({ at: '500ms', shard })) },
        q: { stream: 't', records: [{ at: '500ms' }] },
      },
      functions: { f: { duration: '100ms' }, g: { duration: '100ms', ReservedConcurrentExecutions: 1 } },
      mappings: { n: { stream: 't', function: 'g', StartingPosition: 'TRIM_HORIZON' } },
    });
    expect(at(result, 'n')).toEqual([[1_000, 1_100]]);
    expect(result.summary.functions.f).toMatchObject({ throttles: 1, concurrency: { max: 100, limit: 100 } });
    expect(result.summary.mappings.n!.utilization.slots).toMatchObject({ limit: 1, worst: 0.01 });
  });

  it('may reserve all but 100 of it together, and set aside no more (L1, L4)', () => {
    const provisioned = { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 41 } };
    const over = "at least 100 of the account's 200 must stay unreserved; expected at most 40, got 41";
    const producers = { producers: { p: { records: [] } } };
    const setUp = (f: object, g: object) =>
      parse({ ...producers, account: { ConcurrentExecutions: 200 }, functions: { f, g: { duration: '1ms', ...g } } });
    expect(() => setUp({ ReservedConcurrentExecutions: 60 }, { ReservedConcurrentExecutions: 40 })).not.toThrow();
    expect(() => setUp({ ReservedConcurrentExecutions: 60 }, { ReservedConcurrentExecutions: 41 })).toThrow(over);
    expect(() => setUp({ ReservedConcurrentExecutions: 60 }, provisioned)).toThrow(over);
    // What is provisioned of a reserved part counts once.
    expect(() => setUp({ ReservedConcurrentExecutions: 100, ...provisioned }, {})).not.toThrow();
    expect(() => setUp({ ReservedConcurrentExecutions: 100 }, { ReservedConcurrentExecutions: 0 })).not.toThrow();
  });
});
