import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../support/scenario.ts';
import { run } from '../support/scenario.ts';

/** One shard whose lane takes 100 records in each second and no more. */
const hundredPerSecond = { f: { duration: '1s' } };

describe('the trend', () => {
  it('rises while more arrives than is processed, by the share that is left behind (M5)', () => {
    // 150/s in, 100/s out: at t the record settled came at t · 2/3, so its age rises by 1/3 s each second.
    const { m } = run({
      duration: '30m',
      functions: hundredPerSecond,
      producers: { p: { rate: '150/s', arrivals: 'even' } },
    });
    expect(m.trend.verdict).toBe('rising');
    expect(m.trend.slope! / 1_000).toBeCloseTo(1 / 3, 2);
    // At 30 min the age is 600 s; 24 h are reached (86,400 − 600) · 3 s later. Three digits.
    expect(m.trend.lossBeginsInSeconds! / (85_800 * 3)).toBeCloseTo(1, 2);
  });

  it('recovers while a backlog is worked off (M5)', () => {
    // 80,000 records in 200 s are processed by 800 s, when the age is 600 s; at 50/s in and 100/s out it then falls by one
    // second a second. The last half of 23 min begins at 690 s.
    const { m } = run({
      duration: '23m',
      functions: hundredPerSecond,
      producers: {
        p: {
          arrivals: 'even',
          phases: [
            { duration: '200s', rate: '400/s' },
            { duration: '20m', rate: '50/s' },
          ],
        },
      },
    });
    expect(m.trend.verdict).toBe('recovering');
    expect(m.trend.slope).toBeLessThan(0);
    expect(m.trend.lossBeginsInSeconds).toBeNull();
  });

  it('forecasts no loss where the rise has turned into a fall before the end (M5)', () => {
    // 120,000 records of five minutes are processed by 20 min, when the age is 15 min; from then it falls by 1 s a second.
    const { m } = run({
      duration: '22m',
      functions: hundredPerSecond,
      producers: {
        p: {
          arrivals: 'even',
          phases: [
            { duration: '5m', rate: '400/s' },
            { duration: '17m', rate: '50/s' },
          ],
        },
      },
    });
    expect(m.trend).toMatchObject({ verdict: 'rising', lossBeginsInSeconds: null });
    expect(m.trend.slope).toBeGreaterThan(0);
  });

  it('forecasts what comes sooner, the retention or the age limit that is in force at the end (M5, K5, E2)', () => {
    // The age rises by 1/3 s a second, to 200 s after ten minutes.
    const trend = (MaximumRecordAgeInSeconds: number, more: ScenarioPart = {}) =>
      run({
        duration: '10m',
        functions: hundredPerSecond,
        mappings: { m: { MaximumRecordAgeInSeconds } },
        producers: { p: { rate: '150/s', arrivals: 'even' } },
        ...more,
      }).m.trend;
    const discarded = { lossBy: 'MaximumRecordAgeInSeconds', lossBeginsInSeconds: expect.closeTo(1_200, -2) };
    const expired = { lossBy: 'RetentionPeriodHours', lossBeginsInSeconds: expect.closeTo(258_600, -4) };
    expect(trend(600)).toMatchObject(discarded);
    expect(trend(-1)).toMatchObject(expired);
    expect(trend(86_400)).toMatchObject(expired);
    const update = { at: '9m', update: 'm', set: { MaximumRecordAgeInSeconds: 600 } };
    expect(trend(-1, { timeline: [update] })).toMatchObject(discarded);
  });

  it('says that the loss has begun where records are lost already (M5, E2)', () => {
    // The age limit is reached after half an hour, when most of the last half of 36 min is over.
    const { m } = run({
      duration: '36m',
      functions: hundredPerSecond,
      mappings: { m: { MaximumRecordAgeInSeconds: 600 } },
      producers: { p: { rate: '150/s', arrivals: 'even' } },
    });
    expect(m.records.discarded.RecordAgeExceeded).toBeGreaterThan(0);
    expect(m.trend).toMatchObject({ verdict: 'rising', lossBeginsInSeconds: 0 });
  });

  it('is steady where it keeps up (M5)', () => {
    const { m } = run({ duration: '30m', producers: { p: { rate: '50/s' } } });
    expect(m.trend.verdict).toBe('steady');
  });

  it('is steady where the rise is within one polling period (M5)', () => {
    // The age rises by 1 ms a second, 900 ms over the second half of 30 min: less than the period of 1 s.
    const rising = (period: string) =>
      run({
        duration: '30m',
        polling: { period, phase: 'aligned' },
        functions: { f: { duration: '1s' } },
        mappings: { m: { BatchSize: 1_000 } },
        streams: { s: { writeLimits: 'off', readLimits: 'off' } },
        producers: { p: { rate: '1001/s', arrivals: 'even', bytes: '1B' } },
      }).m.trend;
    expect(rising('1s').slope).toBeCloseTo(1, 1);
    expect(rising('1s').verdict).toBe('steady');
    expect(rising('500ms').verdict).toBe('rising');
  });

  it('has no verdict with fewer than five minutes of samples in the half that counts (M5)', () => {
    expect(run({ duration: '8m', producers: { p: { rate: '5/s' } } }).m.trend).toEqual({
      verdict: null,
      slope: null,
      lossBeginsInSeconds: null,
    });
    expect(run({ duration: '10m', producers: { p: { rate: '5/s' } } }).m.trend.verdict).toBe('steady');
  });
});

describe('warnings', () => {
  const warnings = (scenario: ScenarioPart) => run({ duration: '60s', ...scenario }).summary.warnings;
  const about = (text: string, scenario: ScenarioPart) =>
    warnings(scenario).filter((warning) => warning.includes(text));

  it('a healthy run has none (M6)', () => {
    expect(warnings({ producers: { p: { rate: '20/s' } } })).toEqual([]);
  });

  it('concurrency below the shards of the mappings that share it (M6)', () => {
    const lanes = (ShardCount: number) =>
      about('lanes', {
        streams: { s: { ShardCount }, t: { ShardCount: 2 } },
        functions: { f: { duration: '100ms', ReservedConcurrentExecutions: 5 } },
        mappings: { n: { stream: 't', function: 'f', StartingPosition: 'LATEST' } },
        producers: { p: { records: [] } },
      });
    expect(lanes(3)).toEqual([]);
    expect(lanes(4)).toHaveLength(1);
    expect(lanes(4)[0]).toContain('f');
  });

  it('an offered rate above the write limits (M6, K3)', () => {
    const offered = (rate: string) => about('refused', { producers: { p: { rate, arrivals: 'even', bytes: '10B' } } });
    expect(offered('1000/s')).toEqual([]);
    expect(offered('1200/s')).toHaveLength(1);
  });

  it('readers that want more than the read limits give (M6, K4)', () => {
    const readers = (bytes: string) =>
      about('2 MB/s', {
        streams: { s: { otherReaders: [{ calls: '1/s', bytes }] } },
        producers: { p: { rate: '10/s', arrivals: 'even', bytes: '10KB' } },
      });
    expect(readers('1MB/s')).toEqual([]);
    expect(readers('1.95MB/s')).toHaveLength(1);
  });

  it('a duration that cannot keep up (M6)', () => {
    const slow = (rate: string) =>
      about('cannot keep up', { functions: hundredPerSecond, producers: { p: { rate, arrivals: 'even' } } });
    expect(slow('90/s')).toEqual([]);
    expect(slow('150/s')).toHaveLength(1);
  });

  it('pending records at the end (M6)', () => {
    expect(
      about('pending', {
        functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
        producers: { p: { records: [{ at: '500ms' }] } },
      }),
    ).toHaveLength(1);
  });

  it('a backlogAge above the largest IteratorAge (M6)', () => {
    expect(
      about('IteratorAge', {
        functions: { f: { ReservedConcurrentExecutions: 0 } },
        producers: { p: { records: [{ at: '500ms' }] } },
      }),
    ).toHaveLength(1);
  });
});
