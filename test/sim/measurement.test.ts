import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../support/scenario.ts';
import { askTimes, eventsOf, run, seriesOf, timeLine } from '../support/scenario.ts';

const one = (at: string) => ({ producers: { p: { records: [{ at }] } } });

describe('the end of a run', () => {
  it('without drain is duration (D5)', () => {
    const { summary } = run({ duration: '90s', ...one('500ms') });
    expect(summary.measured).toEqual({ fromSeconds: 0, toSeconds: 90 });
  });

  it('events before it are handled, an invocation end at it too, an ask at it is not (D5)', () => {
    const result = run({ duration: '2s', functions: { f: { duration: '1s' } }, ...one('500ms') });
    expect(timeLine(result)).toEqual([[1_000_000, 2_000_000, 0, 0]]);
    expect(result.m.records).toMatchObject({ succeeded: 1, pending: 0 });
    expect(askTimes(result)).toEqual([0, 1_000_000]);
  });

  it('a full batch that ends at it is not followed by another (D5, P3)', () => {
    const result = run({
      duration: '2s',
      functions: { f: { duration: '1s' } },
      mappings: { m: { BatchSize: 1 } },
      producers: { p: { records: [{ at: '500ms', count: 2 }] } },
    });
    expect(result.m.records).toMatchObject({ succeeded: 1, pending: 1 });
  });

  it('a retry at it is not made (D5)', () => {
    const result = run({
      duration: '1350ms',
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
      ...one('500ms'),
    });
    expect(result.m.invocations).toBe(1);
  });

  it('an invocation that is still running counts in concurrency and pending only (D5)', () => {
    const result = run({ duration: '2s', functions: { f: { duration: '2s' } }, ...one('500ms') });
    expect(result.m).toMatchObject({
      invocations: 0,
      deliveries: 0,
      concurrency: { mean: 0.5, max: 1 },
      records: { arrived: 1, succeeded: 0, pending: 1 },
      durationMs: { count: 0 },
      iteratorAgeMs: { count: 0, mean: null, max: null },
    });
  });
});

describe('drain', () => {
  it('runs on to the instant at which nothing is pending (D5)', () => {
    const result = run({ duration: '1200ms', drain: '1h', functions: { f: { duration: '700ms' } }, ...one('1100ms') });
    // Asked for at 2 s, settled at 2.7 s.
    expect(result.recording.end).toBe(2_700_000);
    expect(result.m.records.pending).toBe(0);
  });

  it('with nothing pending the run ends at duration (D5)', () => {
    expect(run({ duration: '5s', drain: '1h', ...one('500ms') }).recording.end).toBe(5_000_000);
  });

  it('is at most so long (D5)', () => {
    const result = run({
      duration: '5s',
      drain: '20s',
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
      ...one('500ms'),
    });
    expect(result.recording.end).toBe(25_000_000);
    expect(result.m.records.pending).toBe(1);
  });

  it('does not wait for what is settled and delivered again (D5, P4)', () => {
    // The poison record, its lane's first, is discarded at 3.4 s; the other of its batch had been settled at 1.7 s.
    const { recording, m } = run({
      duration: '3s',
      drain: '60s',
      producers: {
        p: {
          records: [
            { at: '500ms', key: 'a' },
            { at: '500ms', key: 'b' },
          ],
        },
      },
      functions: { f: { duration: '700ms', faults: [{ poison: { key: 'a' } }] } },
      mappings: { m: { ParallelizationFactor: 2 } },
      timeline: [
        {
          at: '1800ms',
          update: 'm',
          set: { ParallelizationFactor: 1, MaximumRetryAttempts: 0, BisectBatchOnFunctionError: true },
        },
      ],
    });
    expect(recording.end).toBe(3_400_000);
    expect(m.records).toMatchObject({ succeeded: 1, pending: 0, duplicates: 1 });
  });

  it('waits for the timeline to be done (D5)', () => {
    const result = run({
      duration: '5s',
      drain: '1h',
      mappings: { m: { Enabled: false } },
      timeline: [{ at: '100s', enable: 'm' }],
      ...one('500ms'),
    });
    expect(result.recording.end).toBe(100_100_000);
    const idle = run({ duration: '5s', drain: '1h', timeline: [{ at: '100s', disable: 'm' }], ...one('500ms') });
    expect(idle.recording.end).toBe(100_000_000);
  });

  it('offers nothing: producers stop at duration (D5, D3)', () => {
    const { summary } = run({
      duration: '10s',
      drain: '1m',
      producers: { p: { rate: '10/s', arrivals: 'even' } },
      mappings: { m: { Enabled: false } },
    });
    expect(summary.streams.s!.recordsOffered).toBe(100);
    expect(summary.measured.toSeconds).toBe(70);
  });

  it('a record at duration is not offered, one just before is (D5)', () => {
    const offered = (at: string) => run({ duration: '5s', ...one(at) }).summary.streams.s!.recordsOffered;
    expect(offered('5s')).toBe(0);
    expect(offered('4999999us')).toBe(1);
  });
});

it('with a drain the run ends when the last refused record has been put or lost, read or not (D5, K3)', () => {
  // 700 KB twice: the second is refused at 9.95 s, 10.05 s and 10.25 s, and accepted at 10.65 s.
  const { recording, summary } = run({
    drain: '1m',
    producers: { p: { records: [{ at: '9950ms', bytes: '700KB', count: 2 }] } },
    mappings: { m: { StartingPosition: 'LATEST', Enabled: false } },
  });
  // What is put at an instant is not before it.
  expect(recording.end).toBe(10_650_001);
  expect(summary.streams.s!.recordsPut).toBe(2);
});

it('a refused record whose last try ends the drain is lost (D5, K3)', () => {
  // Tries at 9.91, 10.01, 10.21 and 10.61 s; what was put at 9.9 s leaves no room for so much.
  const { summary } = run({
    drain: '1m',
    producers: { p: { bytes: '1000KB', records: [{ at: '9900ms' }, { at: '9910ms' }] } },
  });
  expect(summary.streams.s).toMatchObject({ recordsOffered: 2, recordsPut: 1, writeThrottled: 4, lostAtWrite: 1 });
});

describe('what ends with the run at the end of a period counts in the period before', () => {
  const document = (more: ScenarioPart): ScenarioPart => ({
    duration: '60s',
    period: '20s',
    functions: {
      f: {
        duration: '1s',
        faults: [{ poison: { key: 'b' } }],
        ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 },
      },
    },
    mappings: { m: { MaximumRetryAttempts: 0 } },
    producers: {
      p: {
        records: [
          { at: '10500ms', key: 'a' },
          { at: '58500ms', key: 'b', count: 4 },
        ],
      },
    },
    ...more,
  });

  it('with a drain as without (D5, M2)', () => {
    // Nothing is pending from 60 s on, where the last invocation ends.
    const [drained, whole] = [document({ drain: '5m' }), document({})].map((one) => run(one));
    expect(drained!.recording.end).toBe(60_000_000);
    // The age of the backlog has a sample of just before, as at the end of every period.
    expect(drained!.summary).toMatchObject({ ...whole!.summary, scenario: expect.anything(), mappings: { m: {} } });
    const { backlogAgeMs: _, ...ofDrained } = drained!.m;
    const { backlogAgeMs: __, ...ofWhole } = whole!.m;
    expect(ofDrained).toEqual(ofWhole);
    expect(seriesOf(drained!, 'FailedInvokeEventCount', 'Sum')).toEqual([0, 0, 4]);
    expect(seriesOf(drained!, 'DroppedEventCount', 'Sum')).toEqual([0, 0, 4]);
  });

  it('where the warm-up ends within it, too (D5)', () => {
    const sum = (drain: ScenarioPart) =>
      run(document({ warmup: '50s', thresholds: { FailedInvokeEventCount: ['sum < 1000'] }, ...drain })).summary
        .thresholds[0]!.value;
    expect(sum({ drain: '5m' })).toBe(sum({}));
    expect(sum({})).toBe(4);
  });

  it('an invocation of no time that begins and ends there (D4, D5)', () => {
    const result = run({
      duration: '9900ms',
      drain: '20s',
      period: '10s',
      functions: { f: { duration: '0s' } },
      producers: { p: { records: [{ at: '9500ms', count: 7 }] } },
    });
    expect(result.recording.end).toBe(10_000_000);
    expect(result.m.invocations).toBe(1);
    expect(seriesOf(result, 'Invocations', 'Sum')).toEqual([1]);
    expect(seriesOf(result, 'RecordsOut', 'Sum')).toEqual([7]);
    expect(seriesOf(result, 'IteratorAge', 'Maximum')).toEqual([500]);
    expect(seriesOf(result, 'GetRecords.Records', 'Sum')).toEqual([7]);
  });
});

it('what a mapping leaves unread that is disabled in the drain expires, and the run ends with the last (D5, K5)', () => {
  const { summary, m } = run({
    drain: '48h',
    functions: { f: { duration: '5s', Timeout: 10 } },
    mappings: { m: { BatchSize: 1 } },
    producers: { p: { records: [{ at: '500ms', count: 6 }, { at: '9s' }] } },
    timeline: [{ at: '12s', disable: 'm' }],
  });
  // Invocations from 1, 6 and 11 s; the one that runs at the disable ends at 16 s.
  expect(m.records).toMatchObject({ arrived: 7, succeeded: 3, expired: 4, pending: 0 });
  expect(summary.measured.toSeconds).toBe(9 + 24 * 3_600);
});

describe('warm-up', () => {
  const scenario: ScenarioPart = {
    duration: '10s',
    warmup: '3s',
    functions: { f: { duration: '600ms' } },
    mappings: { m: { BatchSize: 2 } },
    producers: { p: { records: [{ at: '1500ms', count: 2 }, { at: '2500ms', count: 3 }, { at: '4500ms' }] } },
  };

  it('is part of duration and not of what is measured (D5)', () => {
    expect(run(scenario).summary.measured).toEqual({ fromSeconds: 3, toSeconds: 10 });
  });

  it('an invocation belongs to its start (D5)', () => {
    const result = run(scenario);
    expect(timeLine(result)).toEqual([
      [2_000_000, 2_600_000, 0, 1],
      [2_600_000, 3_200_000, 2, 3],
      [3_200_000, 3_800_000, 4, 4],
      [5_000_000, 5_600_000, 5, 5],
    ]);
    expect(result.m).toMatchObject({ invocations: 2, deliveries: 2, fullBatches: 0 });
    expect(result.m.iteratorAgeMs).toMatchObject({ count: 2, min: 1_100, max: 1_300 });
    expect(result.summary.functions.f).toMatchObject({ invocations: 2, coldStarts: 0 });
  });

  it('one that starts at its very end is measured (D5)', () => {
    const { m } = run({ ...scenario, producers: { p: { records: [{ at: '2500ms' }] } } });
    expect(m.invocations).toBe(1);
  });

  it('a record sample belongs to its arrival (D5)', () => {
    const { m } = run(scenario);
    expect(m.timeInSystemMs).toMatchObject({ count: 1, mean: 1_100 });
    expect(m.waitingTimeMs).toMatchObject({ count: 1, mean: 500 });
  });

  it('concurrency is the time average over what is measured (D5)', () => {
    // From 3.0 to 3.8 and from 5.0 to 5.6 s, over 7 s.
    expect(run(scenario).m.concurrency.mean).toBeCloseTo(1.4 / 7, 12);
  });

  it('balances cover the whole run (D5, E9)', () => {
    const { m, summary } = run(scenario);
    expect(m.records).toMatchObject({ arrived: 6, succeeded: 6 });
    expect(summary.streams.s!.recordsPut).toBe(6);
  });

  it('asks and throttles before its end are not counted (D5)', () => {
    const { m } = run({
      ...scenario,
      functions: { f: { ReservedConcurrentExecutions: 0 } },
      producers: { p: { records: [{ at: '1500ms' }] } },
    });
    // Throttled at 2.0, 2.25, 2.75, 3.75, 5.75, 9.75 s; asked at 0, 1 and 2 s.
    expect(m).toMatchObject({ throttles: 3, polls: { asks: 0 } });
  });

  it.each([
    ['30s', 0],
    ['5s', 1],
    ['2s', 1],
  ])('a stall counts that ends after it: %s (D5, M3)', (warmup, count) => {
    // Failures from 1 s on; the retry at 4.75 s fails, the one at 9.85 s succeeds.
    const result = run({
      duration: '60s',
      stallAfter: '1s',
      warmup,
      functions: { f: { duration: '100ms', faults: [{ from: '0s', to: '5s' }] } },
      ...one('500ms'),
    });
    expect(result.m.stallsTotal.count).toBe(count);
    expect(result.m.stalls).toHaveLength(count);
  });

  it('the series begin at t = 0 all the same (M2)', () => {
    const result = run({ ...scenario, period: '1s' });
    expect(seriesOf(result, 'Invocations', 'Sum', 'AWS/Lambda')).toEqual([0, 0, 2, 1, 0, 1, 0, 0, 0, 0]);
  });
});

it('the mapping is created before anything else, at t = 0 (D4, P9)', () => {
  const result = run({ ...one('0s'), duration: '1s' });
  expect(result.trace.slice(0, 3).map(({ type }) => type)).toEqual(['state', 'state', 'poll']);
  expect(eventsOf(result, 'poll')[0]).toMatchObject({ t: 0, found: 1 });
});
