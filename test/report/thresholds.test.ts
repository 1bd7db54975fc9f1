import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summaryText } from '../../src/report/text.ts';
import { recordsEvery, run, type ScenarioPart, seriesOf } from '../support/scenario.ts';

/** Three records at 0.4, 0.9 and 1.4 s, each alone in a batch that ends at the next whole second and 0.1 s. */
const THREE: ScenarioPart = { producers: { p: { records: recordsEvery(500_000, 400_000, 3) } } };

function judged(metric: string, expression: string, scenario: ScenarioPart = THREE) {
  const { summary } = run({ ...scenario, thresholds: { [metric]: [expression] } });
  const { value, unit, ok } = summary.thresholds[0]!;
  return { value, unit, ok };
}

test.each([
  ['IteratorAge', 'count > 1', 2],
  ['Duration', 'count == 2', 2],
  ['backlogAge', 'count >= 1', 1],
  ['timeInSystem', 'count == 3', 3],
  ['waitingTime', 'count == 3', 3],
  ['caughtUp', 'count == 1', 1],
  ['GetRecords.IteratorAgeMilliseconds', 'count == 1', 1],
  ['IncomingBytes', 'count == 1', 1],
])('the count of %s is a number of samples, in no unit of its own', (metric, expression, value) => {
  expect(judged(metric, expression)).toEqual({ value, unit: 'count', ok: true });
});

test('a backlog has every statistic, over the highest of its periods', () => {
  const scenario = { ...THREE, duration: '3s', period: '1s' };
  const value = (expression: string) => judged('backlog', expression, scenario).value;
  expect([value('max >= 0'), value('end >= 0')]).toEqual([2, 0]);
  // Two in the first second, and in the next; one in the last, until its invocation ends.
  expect(['min', 'p50', 'p99', 'sum', 'count'].map((one) => value(`${one} >= 0`))).toEqual([1, 2, 2, 5, 3]);
});

test('times are in seconds, sizes in bytes, everything else in a plain number', () => {
  expect(judged('IteratorAge', 'max < 1s')).toEqual({ value: 0.7, unit: 's', ok: true });
  expect(judged('IncomingBytes', 'sum >= 1KB').unit).toBe('bytes');
  expect(judged('Invocations', 'sum == 2')).toEqual({ value: 2, unit: 'count', ok: true });
});

test('a largest value has its shard and its instant, a percentile the shard where it is highest', () => {
  const { summary } = run({
    streams: { s: { ShardCount: 2 } },
    producers: {
      p: {
        records: [
          { at: '500ms', shard: 1 },
          { at: '1700ms', shard: 0 },
          { at: '2100ms', shard: 0 },
        ],
      },
    },
    thresholds: { IteratorAge: ['max < 1h', 'p90 < 1h'], Invocations: ['sum > 0'] },
  });
  expect(summary.thresholds.map(({ worst }) => worst)).toEqual([
    { mapping: 'm', shardId: 'shardId-000000000000', atSeconds: 3.1 },
    { mapping: 'm', shardId: 'shardId-000000000000', atSeconds: null },
    { mapping: null, shardId: null, atSeconds: 0 },
  ]);
});

test('the sums of invocations, errors and throttles begin with the measured time, also within a period', () => {
  expect(judged('Invocations', 'sum == 1', { ...THREE, warmup: '1500ms' })).toMatchObject({ value: 1, ok: true });
});

test('backlogAge has samples of the lanes that there are at the end of a period, and of no others (M7, K6, A1)', () => {
  const scenario: ScenarioPart = {
    duration: '100s',
    period: '10s',
    producers: { p: { records: [{ at: '0s' }, { at: '55s', key: 'partitionKey-3' }] } },
    mappings: { m: { Enabled: false } },
    timeline: [
      { at: '50s', split: 's', shard: 0 },
      {
        at: '80s',
        create: 'n',
        mapping: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON', Enabled: false },
      },
      { at: '95s', delete: 'm' },
    ],
    functions: { f: { duration: '1s' }, g: { duration: '1s' } },
  };
  const value = (metric: string, expression: string, of = scenario) => judged(metric, expression, of).value;
  // One shard to 50 s, three to 95 s; the other mapping has three from 80 s on.
  expect(value('backlogAge{mapping:m}', 'count > 0')).toBe(5 + 4 * 3);
  expect(value('backlogAge{mapping:n}', 'count > 0')).toBe(2 * 3);
  expect(value('backlogAge{mapping:m}', 'max > 0s')).toBe(90);
  expect(value('backlogAge{mapping:n}', 'end > 0s')).toBe(100);
  expect(value('backlogAge{mapping:m}', 'end > 0s')).toBeNull();
  // A closed shard whose records are settled has no lane any more.
  const settled = { ...scenario, mappings: { m: { Enabled: true } }, timeline: [{ at: '50s', split: 's', shard: 0 }] };
  expect(value('backlogAge', 'count > 0', settled)).toBe(5 + 5 * 2);
  expect(value('backlogAge', 'end == 0s', settled)).toBe(0);
});

describe('the concurrency of several functions (L1)', () => {
  /** Two slots in the account: never more are in use at once, however many each function has at times. */
  const scenario: ScenarioPart = {
    duration: '40s',
    period: '10s',
    account: { ConcurrentExecutions: 2 },
    streams: { s: { ShardCount: 2 }, u: { ShardCount: 2 } },
    producers: {
      p: {
        records: [
          { at: '500ms', shard: 0 },
          { at: '500ms', shard: 1 },
        ],
      },
      q: {
        stream: 'u',
        records: [
          { at: '5500ms', shard: 0 },
          { at: '5500ms', shard: 1 },
        ],
      },
    },
    functions: { f: { duration: '2s' }, g: { duration: '2s' } },
    mappings: { n: { stream: 'u', function: 'g', StartingPosition: 'TRIM_HORIZON' } },
  };
  const value = (metric: string, statistic: string, of: ScenarioPart = scenario) =>
    judged(metric, `${statistic} >= 0`, of).value;

  test('is the most at once, not the sum of what each had at most', () => {
    expect(value('ConcurrentExecutions', 'max')).toBe(2);
    expect(value('ConcurrentExecutions', 'p99')).toBe(2);
    expect(value('ConcurrentExecutions', 'end')).toBe(0);
    expect(value('ConcurrentExecutions{function:f}', 'max')).toBe(2);
    expect(value('ConcurrentExecutions', 'avg')).toBeCloseTo(8 / 40, 12);
    const after = { ...scenario, warmup: '7500ms' };
    expect(value('ConcurrentExecutions', 'max', after)).toBe(2);
    expect(value('ConcurrentExecutions{function:f}', 'max', after)).toBe(0);
    expect(value('ConcurrentExecutions', 'max', { ...scenario, warmup: '8500ms' })).toBe(0);
  });

  test('adds up where they run at once', () => {
    const together = {
      ...scenario,
      account: { ConcurrentExecutions: 10 },
      producers: {
        p: { records: [{ at: '500ms', shard: 0 }] },
        q: { stream: 'u', records: [{ at: '1500ms', shard: 0 }] },
      },
    };
    expect(value('ConcurrentExecutions', 'max', together)).toBe(2);
    expect(value('ConcurrentExecutions{function:g}', 'max', together)).toBe(1);
  });
});

test.each([
  ['a duration', { duration: '150s' }, 1_500],
  ['a drain', { duration: '120s', drain: '60s' }, 1_200],
] as const)(
  'a period that the end of %s cuts is compared with whole periods for its highest alone (D5)',
  (_, length, sum) => {
    const scenario: ScenarioPart = { ...length, producers: { p: { rate: '10/s', arrivals: 'even' } } };
    const all = ['avg', 'min', 'p50', 'p99', 'max', 'sum', 'count'];
    expect(all.map((statistic) => judged('IncomingRecords', `${statistic} >= 0`, scenario).value)).toEqual([
      ...[600, 600, 600, 600, 600],
      ...[sum, sum],
    ]);
    // The first tick finds nothing.
    expect(judged('Invocations', 'min >= 0', scenario).value).toBe(59);
  },
);

describe('a warm-up that ends within a period (D5)', () => {
  /** Ten records a second, one batch a second. */
  const scenario = (duration: string, warmup: string): ScenarioPart => ({
    duration,
    warmup,
    producers: { p: { rate: '10/s', arrivals: 'even' } },
    functions: { f: { duration: '100ms' } },
  });
  const value = (metric: string, statistic: string, of: ScenarioPart) =>
    judged(metric, `${statistic} >= 0${metric.endsWith('Milliseconds') ? 's' : ''}`, of).value;

  test.each([
    ['IncomingRecords', 900],
    ['PolledEventCount', 900],
    ['InvokedEventCount', 900],
    ['Invocations', 90],
    ['GetRecords.Records', 900],
    ['Invocations{mapping:m}', 90],
  ])('the sum and the count of %s are those of the measured time', (metric, expected) => {
    expect(value(metric, 'sum', scenario('120s', '30s'))).toBe(expected);
    expect(value(metric, 'count', scenario('120s', '30s'))).toBe(expected);
    // Within the only period there is.
    expect(value(metric, 'sum', scenario('60s', '30s'))).toBe(expected / 3);
    expect(value(metric, 'max', scenario('60s', '30s'))).toBe(expected / 3);
  });

  test('its rest is compared with whole periods for its highest alone', () => {
    const all = (of: ScenarioPart) =>
      ['avg', 'min', 'p50', 'max', 'end'].map((statistic) => value('IncomingRecords', statistic, of));
    expect(all(scenario('120s', '30s'))).toEqual([600, 600, 600, 600, 600]);
    expect(all(scenario('60s', '30s'))).toEqual([300, 300, 300, 300, 300]);
    const fewer = { producers: { p: { phases: [{ duration: '60s', rate: '10/s' }], arrivals: 'even' } } };
    expect(all({ ...scenario('120s', '30s'), ...fewer })).toEqual([0, 0, 0, 300, 0]);
  });

  test('with a run that ends within the next, there is no whole period, and all are compared', () => {
    expect(value('IncomingRecords', 'min', scenario('90s', '30s'))).toBe(300);
    expect(value('IncomingRecords', 'avg', scenario('100s', '30s'))).toBe(350);
  });

  test('what happened before counts in no sum and in no maximum', () => {
    const busy: ScenarioPart = {
      ...scenario('60s', '30s'),
      producers: {
        p: {
          records: [
            { at: '500ms', count: 1_500, bytes: '1B' },
            { at: '5s' },
            ...recordsEvery(1_000_000, 40_500_000, 5),
          ],
        },
      },
      functions: { f: { duration: '100ms', faults: [{ from: '2s', to: '20s' }] } },
      mappings: { m: { BatchSize: 500, fetchLimit: 'batchSize', MaximumRetryAttempts: 1 } },
    };
    const names = [
      ...['WriteProvisionedThroughputExceeded', 'FailedInvokeEventCount', 'DroppedEventCount', 'Errors'],
      'GetRecords.IteratorAgeMilliseconds',
    ];
    for (const name of names) {
      expect([name, value(name, 'max', { ...busy, warmup: '0s' })]).not.toEqual([name, 0]);
      expect([name, value(name, 'max', busy)]).toEqual([name, 0]);
    }
    expect(value('backlog', 'p99', busy)).toBe(1);
    expect(value('ConcurrentExecutions', 'p99', busy)).toBe(1);
  });

  test('an invocation belongs to its start: one that runs over the end of the warm-up is not in it', () => {
    const long: ScenarioPart = {
      ...scenario('60s', '30s'),
      producers: {
        p: {
          records: [
            { at: '28500ms', count: 3 },
            { at: '40500ms', count: 2 },
          ],
        },
      },
      functions: { f: { duration: '2s' } },
    };
    expect(value('InvokedEventCount', 'sum', long)).toBe(2);
    expect(value('Invocations', 'max', long)).toBe(1);
    expect(value('PolledEventCount', 'sum', long)).toBe(2);
  });

  test('the series show the whole period', () => {
    const { summary } = run(scenario('60s', '30s'));
    expect(seriesOf({ summary }, 'PolledEventCount', 'Sum')).toEqual([590]);
    expect(seriesOf({ summary }, 'IncomingRecords', 'Sum')).toEqual([600]);
  });
});

test('a fault window that ended in the warm-up gives no recovery (D5, M7)', () => {
  const scenario: ScenarioPart = {
    duration: '60s',
    warmup: '30s',
    producers: { p: { rate: '10/s', arrivals: 'even' } },
    functions: { f: { duration: '100ms', faults: [{ from: '5s', to: '10s' }] } },
  };
  expect(judged('recovery', 'max < 1h', scenario)).toMatchObject({ value: null, ok: false });
  expect(judged('recovery', 'max < 1h', { ...scenario, warmup: '10s' })).toMatchObject({ ok: true });
});

test('a statistic without samples does not meet its threshold', () => {
  expect(judged('IteratorAge', 'max < 1h', { producers: { p: { records: [] } } })).toMatchObject({ ok: false });
});

test('caughtUp is a time of each mapping, and its statistics are those of the mappings', () => {
  const scenario = {
    ...THREE,
    functions: { f: { duration: '100ms' }, slow: { duration: '3s' } },
    mappings: { n: { stream: 's', function: 'slow', StartingPosition: 'TRIM_HORIZON', BatchSize: 1 } },
  };
  const first = judged('caughtUp', 'min < 1h', scenario).value!;
  const last = judged('caughtUp', 'max < 1h', scenario).value!;
  expect(first).toBeLessThan(last);
});

/** Every invocation fails until 3.5 s, and in two more windows; the last is not recovered from. */
const THREE_FAULTS: ScenarioPart = {
  duration: '60s',
  producers: { p: { rate: '10/s', arrivals: 'even' } },
  functions: {
    f: {
      duration: '100ms',
      faults: [
        { from: '1s', to: '3500ms' },
        { from: '20s', to: '21500ms' },
        { from: '25s', to: '59s' },
      ],
    },
  },
};

test('a recovery threshold is not met where a fault window was never recovered from (M7)', () => {
  const { summary, m } = run({
    ...THREE_FAULTS,
    thresholds: { recovery: ['max < 5m', 'count == 2'], 'recovery{mapping:m}': ['p99 < 5m'], caughtUp: ['max < 5m'] },
  });
  expect(m.recoveryMs).toMatchObject({ count: 2 });
  const reason = '1 of 3 fault windows not recovered from';
  expect(summary.thresholds).toMatchObject([
    { ok: false, value: null, reason },
    { ok: true, value: 2 },
    { ok: false, value: null, reason },
    { ok: false, value: null, reason: '1 of 1 mapping never caught up for good' },
  ]);
  expect(summaryText(summary)).toMatch(/✗ recovery max < 5m +1 of 3 fault windows not recovered from/);
});

test('a fault window that outlasts the run has no recovery to be judged by (M7)', () => {
  const first = judged('recovery', 'max < 5m', { ...THREE_FAULTS, duration: '30s' });
  expect(first).toMatchObject({ ok: true });
});

test('what was lost at write counts for the mappings and functions that read the stream, and for no other (K3)', () => {
  const scenario: ScenarioPart = {
    duration: '2s',
    streams: { s: { ShardCount: 1 }, crowded: { ShardCount: 1 } },
    producers: {
      p: { records: recordsEvery(100_000, 0, 5) },
      q: { stream: 'crowded', records: [{ at: '500ms', count: 1_100, bytes: '1B' }], onThrottle: 'drop' },
    },
    functions: { f: { duration: '100ms' }, g: { duration: '100ms' } },
    mappings: { n: { stream: 'crowded', function: 'g', StartingPosition: 'TRIM_HORIZON' } },
  };
  const lost = (selector: string) => judged(`records.lost${selector}`, 'count == 0', scenario).value;
  expect(['{mapping:m}', '{function:f}', '{stream:s}'].map(lost)).toEqual([0, 0, 0]);
  expect(['', '{mapping:n}', '{function:g}', '{stream:crowded}'].map(lost)).toEqual([100, 100, 100, 100]);
});

test('of several streams the one that is furthest behind counts, not their sum', () => {
  const twice: ScenarioPart = {
    streams: { s: { ShardCount: 1 }, t: { ShardCount: 1 } },
    producers: {
      p: { records: [{ at: '300ms' }, { at: '400ms' }, { at: '500ms' }] },
      q: { stream: 't', records: [{ at: '300ms' }, { at: '400ms' }, { at: '500ms' }] },
    },
    mappings: {
      m: { BatchSize: 2, fetchLimit: 'batchSize' },
      n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON', BatchSize: 2, fetchLimit: 'batchSize' },
    },
  };
  expect(judged('GetRecords.IteratorAgeMilliseconds', 'max <= 600ms', twice)).toMatchObject({ value: 0.6, ok: true });
});

describe('seconds and milliseconds of whole microseconds', () => {
  const anyScenario = fc.record({
    every: fc.integer({ min: 1, max: 400_000 }),
    from: fc.integer({ min: 0, max: 3_000_000 }),
    duration: fc.integer({ min: 1, max: 3_000_000 }),
    coldStart: fc.integer({ min: 0, max: 1_000_000 }),
    phase: fc.integer({ min: 0, max: 999_999 }),
    failing: fc.integer({ min: 1, max: 3 }),
  });

  test('are the nearest numbers to them: no noise of two roundings', () => {
    fc.assert(
      fc.property(anyScenario, ({ every, from, duration, coldStart, phase, failing }) => {
        const { summary } = run({
          polling: { phase: `${phase}us` },
          stallAfter: '100ms',
          producers: { p: { records: recordsEvery(every, from, 20) } },
          functions: {
            f: { duration: `${duration}us`, coldStart: `${coldStart}us`, faults: [{ invocations: failing }] },
          },
          thresholds: {
            IteratorAge: ['max < 1h', 'min < 1h'],
            timeInSystem: ['max < 1h', 'sum < 1h'],
            backlogAge: ['max < 1h', 'end < 1h'],
            Duration: ['max < 1h'],
            caughtUp: ['max < 1h'],
          },
        });
        for (const { value } of summary.thresholds) {
          if (value !== null) expect(value).toBe(Math.round(value * 1e6) / 1e6);
        }
        for (const [key, value] of numbersOf({ ...summary, cost: undefined })) {
          if (/\.(\w*Seconds|seconds)$/.test(key)) expect([key, value]).toEqual([key, Math.round(value * 1e6) / 1e6]);
          if (/Ms\.(min|max)$/.test(key)) expect([key, value]).toEqual([key, Math.round(value * 1e3) / 1e3]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('means are sums divided once', () => {
    fc.assert(
      fc.property(anyScenario, ({ every, from, duration, phase }) => {
        const { m, trace } = run({
          polling: { phase: `${phase}us` },
          producers: { p: { records: recordsEvery(every, from, 20) } },
          functions: { f: { duration: `${duration}us` } },
        });
        const durations = trace.flatMap((event) => (event.type === 'invocation' ? [event.end - event.start] : []));
        fc.pre(durations.length > 0);
        const sum = durations.reduce((total, one) => total + one, 0);
        expect(m.durationMs.mean).toBe(sum / (1_000 * durations.length));
      }),
      { numRuns: 20 },
    );
  });
});

/** Every number of a result by its path. */
function numbersOf(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => numbersOf(part, `${path}.${key}`));
}
