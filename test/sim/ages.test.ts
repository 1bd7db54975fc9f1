import { describe, expect, it } from 'vitest';
import { meanStretch } from '../../src/report/series.ts';
import type { ScenarioPart } from '../support/scenario.ts';
import { eventsOf, recordsEvery, run, runWithRecords, seriesOf } from '../support/scenario.ts';

const records = (...list: ScenarioPart[]) => ({ producers: { p: { records: list } } });
const NOTHING = {
  tick: 0,
  queue: 0,
  window: 0,
  readLimit: 0,
  notPolling: 0,
  propagation: 0,
  throttle: 0,
  retry: 0,
  coldStart: 0,
  processing: 0,
};

describe('the stretches of a record', () => {
  const breakdown = (scenario: ScenarioPart) => run({ duration: '20s', drain: '1h', ...scenario }).m.ageBreakdownMs;

  it('tick, then cold start and processing (M4)', () => {
    expect(
      breakdown({ functions: { f: { duration: '100ms', coldStart: '250ms' } }, ...records({ at: '300ms' }) }),
    ).toEqual({ ...NOTHING, tick: 700, coldStart: 250, processing: 100 });
  });

  it('queue: the lane is busy with others (M4)', () => {
    // Records at 0.5 s and at 1.2 s. The first: 0.5 s tick, 1.5 s work. The second: until 2.5 s the lane is busy, 0.5 s tick.
    expect(
      breakdown({ functions: { f: { duration: '1500ms' } }, ...records({ at: '500ms' }, { at: '1200ms' }) }),
    ).toEqual({ ...NOTHING, tick: (500 + 500) / 2, queue: 1_300 / 2, processing: 1_500 });
  });

  it('what others suffer in retries and throttles is queue too (M4)', () => {
    // The first fails at 1.0 and 1.35, is done at 2.05 s; the second comes at 1.2 s, and is taken at 3 s.
    expect(
      breakdown({
        functions: { f: { duration: '100ms', faults: [{ invocations: 2 }] } },
        ...records({ at: '500ms' }, { at: '1200ms' }),
      }),
    ).toEqual({
      ...NOTHING,
      tick: (500 + 950) / 2,
      queue: 850 / 2,
      retry: 950 / 2,
      processing: 100,
    });
  });

  it('retry: failed invocations and backoffs, cold starts of them included (M4)', () => {
    // Fails from 1.0 to 1.4 s (cold), waits until 1.65 s.
    expect(
      breakdown({
        functions: { f: { duration: '100ms', coldStart: '300ms', faults: [{ invocations: 1 }] } },
        ...records({ at: '1s' }),
      }),
    ).toEqual({ ...NOTHING, retry: 650, processing: 100 });
  });

  it('throttle: waiting for a slot, whatever the backoff (M4, L2)', () => {
    // Two shards, one slot of 600 ms: the second waits from 1.0 to 1.6 s in line, to 1.75 s with backoffs.
    const two = (mapping: ScenarioPart) =>
      breakdown({
        streams: { s: { ShardCount: 2 } },
        functions: { f: { duration: '600ms', ReservedConcurrentExecutions: 1 } },
        mappings: { m: mapping },
        ...records({ at: '1s', shard: 0 }, { at: '1s', shard: 1 }),
      });
    expect(two({ throttleBackoff: 'queue' })).toEqual({ ...NOTHING, throttle: 300, processing: 600 });
    expect(two({})).toEqual({ ...NOTHING, throttle: 375, processing: 600 });
  });

  it('notPolling: disabled, or in a transition (M4, P9)', () => {
    // Disabled from 1.5 s, enabled at 4.2 s, Enabled at 4.7 s, asked at 5 s.
    expect(
      breakdown({
        mappings: { m: { transitions: '500ms' } },
        timeline: [
          { at: '1500ms', disable: 'm' },
          { at: '4200ms', enable: 'm' },
        ],
        ...records({ at: '1200ms' }),
      }),
    ).toEqual({ ...NOTHING, tick: 600, notPolling: 3_200, processing: 100 });
  });

  it('a record that waits through everything: the stretches add up to its time in the system (M4)', () => {
    const { m } = run({
      duration: '10m',
      drain: '1h',
      streams: { s: { ShardCount: 3, otherReaders: [{ calls: '4/s', bytes: '1MB/s' }] } },
      functions: {
        f: {
          duration: { lognormal: { median: '300ms', p99: '2s' } },
          coldStart: '1s',
          idleTimeout: '2s',
          ReservedConcurrentExecutions: 2,
          faults: [{ probability: '10%' }, { from: '100s', to: '110s' }],
        },
      },
      mappings: { m: { MaximumRetryAttempts: 3 } },
      timeline: [
        { at: '200s', disable: 'm' },
        { at: '230s', enable: 'm' },
      ],
      producers: { p: { rate: '20/s', arrivals: 'even', keys: { count: 30 } } },
    });
    const sum = Object.values(m.ageBreakdownMs).reduce((total, part) => total + part, 0);
    expect(sum / m.timeInSystemMs.mean!).toBeCloseTo(1, 9);
    for (const cause of ['tick', 'queue', 'notPolling', 'throttle', 'retry', 'coldStart', 'processing'] as const) {
      expect(m.ageBreakdownMs[cause], cause).toBeGreaterThan(0);
    }
  });

  describe('of a batch that is given back: its own failures and throttles are its own still (M4, P9)', () => {
    const update = (at: string, set: ScenarioPart = { BatchSize: 50 }) => ({ timeline: [{ at, update: 'm', set }] });

    it('retry', () => {
      // Fails 14.3–14.5 and 14.75–14.95 s, is given back at 15.2 and taken again at 15.3 s.
      const faults = [{ from: '14s', to: '15s', after: '200ms' }];
      const result = breakdown({
        polling: { phase: '300ms' },
        functions: { f: { duration: '2s', faults } },
        ...update('15200ms'),
        ...records({ at: '14s' }),
      });
      expect(result).toEqual({ ...NOTHING, tick: 300 + 100, retry: 900, processing: 2_000 });
    });

    it('throttle', () => {
      // Throttled from 14.3 s on, given back at 15.2 s, taken again and throttled at 15.3, accepted at 15.55 s.
      const result = breakdown({
        polling: { phase: '300ms' },
        streams: { s: { ShardCount: 1 }, t: { ShardCount: 1 } },
        producers: { p: { records: [{ at: '14s' }] }, q: { stream: 't', records: [{ at: '13s' }] } },
        functions: { f: { duration: '100ms' }, g: { duration: '2100ms' } },
        account: { ConcurrentExecutions: 1 },
        mappings: { n: { stream: 't', function: 'g', StartingPosition: 'TRIM_HORIZON' } },
        ...update('15200ms'),
      });
      expect(result).toEqual({ ...NOTHING, tick: 300 + 100, throttle: 900 + 250, processing: 100 });
    });

    it('of each record those of its own: others of the lane waited for them', () => {
      // The pair fails 1.0–1.1 and is given back at 1.3 s; with the third record it succeeds at 2.0–2.1 s.
      const result = breakdown({
        functions: { f: { duration: '100ms', faults: [{ invocations: 1 }] } },
        mappings: { m: { retryBackoff: { initial: '10s', maximum: '10s' } } },
        ...update('1300ms'),
        ...records({ at: '500ms', count: 2 }, { at: '1200ms' }),
      });
      const tick = (2 * (500 + 700) + 700) / 3;
      expect(result.tick).toBeCloseTo(tick, 9);
      expect(result).toEqual({ ...NOTHING, tick: result.tick, queue: 100 / 3, retry: (2 * 300) / 3, processing: 100 });
    });

    it('of each half that it was split into', () => {
      // The whole fails 1.0–1.1 s; the lower half is done at 1.2 s, when the upper one is given back: the disable was at 1.15 s.
      const result = breakdown({
        functions: { f: { duration: '100ms', faults: [{ invocations: 1 }] } },
        mappings: { m: { BisectBatchOnFunctionError: true } },
        timeline: [
          { at: '1150ms', disable: 'm' },
          { at: '2500ms', enable: 'm' },
        ],
        ...records({ at: '1s', count: 2 }),
      });
      // The lower one: 100 ms of retry. The upper one: 200 ms of it, off until 2.5 s, then the tick at 3 s.
      expect(result).toEqual({
        ...NOTHING,
        tick: 500 / 2,
        notPolling: 1_300 / 2,
        retry: (100 + 200) / 2,
        processing: 100,
      });
    });
  });

  it('are never below 0, as rounding could leave their sums (M4)', () => {
    expect([-1e-7, -0, 0, 3_000].map((sum) => meanStretch(sum, 3))).toEqual([0, 0, 0, 1]);
  });

  it('only succeeded records count (M4)', () => {
    const { m } = run({
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 0 } }] } },
      mappings: { m: { BatchSize: 1, MaximumRetryAttempts: 0 } },
      ...records({ at: '500ms', count: 2 }),
    });
    expect(m.timeInSystemMs.count).toBe(1);
    expect(m.waitingTimeMs.count).toBe(2);
    expect(m.ageBreakdownMs).toEqual({ ...NOTHING, tick: 500, queue: 100, processing: 100 });
  });
});

describe('times of records', () => {
  it('waitingTime ends with the first start, timeInSystem with the end of the last (M7)', () => {
    const { m } = run({
      functions: { f: { duration: '100ms', faults: [{ invocations: 1 }] } },
      ...records({ at: '200ms' }, { at: '600ms' }),
    });
    expect(m.waitingTimeMs).toMatchObject({ count: 2, mean: 600, min: 400, max: 800 });
    // Done at 1.45 s.
    expect(m.timeInSystemMs).toMatchObject({ count: 2, mean: 1_050, min: 850, max: 1_250 });
    expect(m.recordStatistics).toBe('each record');
  });

  it('in steady traffic the mean time in the system is half a period and the work (M7)', () => {
    // 1,000/s spread evenly over the second, taken at each whole second in one batch of 200 ms.
    const { m } = run({
      duration: '60s',
      drain: '1m',
      functions: { f: { duration: '200ms' } },
      mappings: { m: { BatchSize: 10_000 } },
      producers: { p: { rate: '1000/s', arrivals: 'even' } },
    });
    // Record i of a second waits 1 − (i + 0.5)/1000 s: exactly 500 ms on average.
    expect(m.waitingTimeMs.count).toBe(60_000);
    expect(Math.abs(m.waitingTimeMs.mean! / 500 - 1)).toBeLessThan(0.001);
    expect(Math.abs(m.timeInSystemMs.mean! / 700 - 1)).toBeLessThan(0.001);
    expect(Math.abs(m.waitingTimeMs.p90! / 900 - 1)).toBeLessThan(0.01);
    expect(m.recordStatistics).toBe('each record');
    // Those of a second that comes by chance are taken together.
    const byChance = run({
      duration: '10s',
      producers: { p: { rate: '1000/s' } },
      mappings: { m: { BatchSize: 10_000 } },
    });
    expect(byChance.m.recordStatistics).toBe('parts of a batch');
  });
});

describe('backlog', () => {
  it('mean, max and end against a hand integral (M7)', () => {
    // Two records at 0.5 s, settled at 1.1 s; one at 1.2 s, settled at 2.1 s; one at 9.5 s, pending.
    const { m } = run({ ...records({ at: '500ms', count: 2 }, { at: '1200ms' }, { at: '9500ms' }) });
    expect(m.backlog.mean).toBeCloseTo((2 * 0.6 + 0.9 + 0.5) / 10, 12);
    expect(m.backlog).toMatchObject({ max: 2, end: 1 });
  });

  it('the maximum is taken between the ticks and periods too (M7)', () => {
    const { m } = run({
      polling: { period: '1s', phase: '900ms' },
      mappings: { m: { BatchSize: 10 } },
      ...records({ at: '100ms', count: 7 }, { at: '950ms', count: 5 }),
    });
    // 7 from 0.1 s, and 12 from 0.95 until 1.0 s, when the seven are settled.
    expect(m.backlog.max).toBe(12);
  });

  it('over the measured time only (M7, D5)', () => {
    const { m } = run({
      warmup: '1s',
      ...records({ at: '500ms', count: 2 }, { at: '1200ms' }),
    });
    expect(m.backlog.mean).toBeCloseTo((2 * 0.1 + 0.9) / 9, 12);
    expect(m.backlog.max).toBe(2);
  });

  it('in each period (M2, M7)', () => {
    const result = run({ duration: '3s', period: '1s', ...records({ at: '500ms', count: 2 }, { at: '1200ms' }) });
    const mean = seriesOf(result, 'Backlog', 'Average');
    [1, 2 * 0.1 + 0.8, 0.1].forEach((expected, i) => {
      expect(mean[i]).toBeCloseTo(expected, 12);
    });
    expect(seriesOf(result, 'Backlog', 'Maximum')).toEqual([2, 2, 1]);
    expect(seriesOf(result, 'BacklogAge', 'Maximum')).toEqual([500, 800, 0]);
  });

  it("Little's law: backlog = arrival rate × time in the system (M7)", () => {
    for (const seed of [1, 2, 3]) {
      const { m } = run({
        seed,
        duration: '1000s',
        drain: '1h',
        streams: { s: { ShardCount: 4 } },
        functions: { f: { duration: { exponential: { mean: '400ms' } }, ReservedConcurrentExecutions: 3 } },
        producers: { p: { rate: '80/s' } },
      });
      // All records leave before the end, so the law is an identity; record times are within 0.1 % (M7).
      const perSecond = m.throughput.recordsInPerSecond;
      expect(m.records.pending).toBe(0);
      expect(Math.abs(m.backlog.mean / (perSecond * (m.timeInSystemMs.mean! / 1_000)) - 1)).toBeLessThan(0.001);
    }
  });

  it('slots in use = invocation rate × duration (M7)', () => {
    const { m, summary } = run({
      duration: '1000s',
      drain: '1h',
      streams: { s: { ShardCount: 4 } },
      functions: { f: { duration: { exponential: { mean: '400ms' } } } },
      producers: { p: { rate: '80/s' } },
    });
    const seconds = summary.measured.toSeconds;
    expect(m.concurrency.mean).toBeCloseTo(((m.invocations / seconds) * m.durationMs.mean!) / 1_000, 9);
  });

  it('backlogAge is the age of the oldest unsettled record, at every period and at the end (M7)', () => {
    const result = run({
      duration: '3500ms',
      period: '1s',
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
      ...records({ at: '500ms' }, { at: '1500ms' }),
    });
    expect(seriesOf(result, 'BacklogAge', 'Maximum')).toEqual([500, 1_500, 2_500, 3_000]);
    expect(result.m.backlogAgeMs).toMatchObject({ count: 4, min: 500, max: 3_000 });
  });

  it('a dead lane shows there, where IteratorAge has no samples (M7, M1)', () => {
    const { m } = run({
      duration: '120s',
      functions: { f: { ReservedConcurrentExecutions: 0 } },
      ...records({ at: '500ms' }),
    });
    expect(m.iteratorAgeMs.count).toBe(0);
    expect(m.backlogAgeMs.max).toBe(119_500);
  });
});

describe('throughput', () => {
  it('in and out, records and bytes, over the measured time (M7)', () => {
    const { m } = run({ ...records({ at: '500ms', count: 30, bytes: '100B' }, { at: '9500ms', count: 5 }) });
    expect(m.throughput).toEqual({ recordsInPerSecond: 3.5, recordsOutPerSecond: 3, bytesOutPerSecond: 300 });
  });

  it('when the mapping was caught up: not at all while it fails (M7)', () => {
    const caughtUp = (duration: string) =>
      run({
        duration,
        functions: { f: { duration: '100ms', faults: [{ from: '2s', to: '60s' }] } },
        producers: { p: { rate: '50/s', arrivals: 'even' } },
      }).m.caughtUpAtSeconds;
    // The batch of 2.0 s is tried for the ninth time at 66.55 s and was short. From 67.0 s on the lane takes 100 records
    // every 100 ms, in which 5 come; 3,250 wait at 67.0 s, so 20 are left for the 35th batch, from 70.4 to 70.5 s.
    expect(caughtUp('60s')).toBeNull();
    expect(caughtUp('200s')).toBe(70.5);
  });

  it('recovery is the time from the end of a fault window until the mapping was caught up (M7)', () => {
    // Fails at 1.0, 1.35, 1.95 and 3.05; succeeds from 5.15 to 5.25 s, and nothing else waits.
    const { m } = run({
      functions: { f: { duration: '100ms', faults: [{ from: '0s', to: '3500ms' }] } },
      ...records({ at: '500ms' }),
    });
    expect(m.recoveryMs).toMatchObject({ count: 1, mean: 1_750 });
  });

  it('a batch that was cut before the outage does not end it: what came meanwhile has to be settled (M7)', () => {
    const { m } = run({
      duration: '200s',
      functions: { f: { duration: '100ms', faults: [{ from: '2s', to: '60s' }] } },
      producers: { p: { rate: '50/s', arrivals: 'even' } },
    });
    expect(m.recoveryMs).toMatchObject({ count: 1, mean: 10_500 });
  });
});

describe('backlog', () => {
  it.each([1, 17])('its maximum is exact however many shards there are: %i (M7)', (ShardCount) => {
    const result = run({
      polling: { phase: '500ms' },
      streams: { s: { ShardCount } },
      functions: { f: { duration: '0ms' } },
      ...records({ at: '100ms', shard: 0 }),
    });
    expect(result.m.backlog).toMatchObject({ max: 1, end: 0 });
    expect(result.m.backlog.mean).toBeCloseTo(0.04, 12);
    expect(seriesOf(result, 'Backlog', 'Maximum')).toEqual([1]);
  });

  it('its maximum is of the measured time, though there was more before in the same period (M7, D5)', () => {
    const { m } = run({
      warmup: '3s',
      duration: '20s',
      polling: { period: '100ms' },
      functions: { f: { duration: '1ms' } },
      ...records({ at: '0s', count: 200 }, ...recordsEvery(100_000, 4_050_000, 60), { at: '10450ms', count: 4 }),
    });
    expect(m.backlog).toMatchObject({ max: 4, end: 0 });
  });

  it.each(['60s', '7h'])(
    'what nobody reads leaves it when its retention is over, whatever the period: %s (M7, K5)',
    (period) => {
      const { m } = run({
        duration: '48h',
        period,
        mappings: { m: { Enabled: false } },
        ...records({ at: '0s' }, { at: '1h' }, { at: '2h' }, { at: '3h' }),
      });
      // Four records of 24 h each in 48 h; all four wait from 3 h to 24 h.
      expect(m.backlog).toEqual({ mean: 2, max: 4, end: 0 });
      expect(m.records.expired).toBe(4);
    },
  );
});

it('percentiles of even arrivals are within 1 % of what the records went through (M7)', () => {
  const result = runWithRecords({
    duration: '60s',
    streams: { s: { ShardCount: 2 } },
    producers: { p: { rate: '30/s', arrivals: 'even' }, q: { stream: 's', rate: '1/s', arrivals: 'even' } },
  });
  const waits = eventsOf(result, 'invocation').flatMap(({ start, records: given }) =>
    (given ?? []).map(({ arrival }) => (start - arrival) / 1_000),
  );
  waits.sort((a, b) => a - b);
  const spread = result.m.waitingTimeMs;
  expect(spread.count).toBeGreaterThan(1_500);
  for (const [share, told] of [
    [0.5, spread.p50!],
    [0.9, spread.p90!],
  ] as const) {
    const exact = waits[Math.ceil(share * waits.length) - 1]!;
    expect(Math.abs(told - exact) / exact).toBeLessThan(0.01);
  }
});
