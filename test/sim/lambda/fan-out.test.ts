import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, parse, recordsEvery, run, timeLine } from '../../support/scenario.ts';

/** The mapping reads as a consumer with enhanced fan-out. */
function fannedOut(more: ScenarioPart & { mapping?: ScenarioPart; stream?: ScenarioPart } = {}) {
  const { mapping, stream, ...rest } = more;
  return run({
    duration: '10s',
    streams: { s: { ShardCount: 1, consumers: ['fast'], ...stream } },
    functions: { f: { duration: '100ms' } },
    mappings: { m: { stream: undefined, consumer: 's/fast', ...mapping } },
    ...rest,
  });
}

describe('enhanced fan-out', () => {
  it('a record reaches an idle lane 70 ms after it arrives, without ticks (K8)', () => {
    const result = fannedOut({ producers: { p: { records: [{ at: '500ms' }, { at: '3210ms', count: 2 }] } } });
    expect(timeLine(result)).toEqual([
      [570_000, 670_000, 0, 0],
      [3_280_000, 3_380_000, 1, 2],
    ]);
    expect(result.m.polls).toEqual({ asks: 2, ticks: 0, empty: 0, getRecordsCalls: 0, refused: 0 });
    expect(result.m.ageBreakdownMs).toMatchObject({ propagation: 70, tick: 0, queue: 0, processing: 100 });
    expect(result.m.timeInSystemMs).toMatchObject({ min: 170, max: 170 });
  });

  it('a lane without a record is caught up from its start, also where its shard has opened later (M7, K8)', () => {
    const quiet = fannedOut({
      streams: { s: { ShardCount: 2, consumers: ['fast'] } },
      producers: { p: { records: [{ at: '500ms', shard: 0 }] } },
    });
    expect(quiet.m.caughtUpAtSeconds).toBe(0);
    const split = fannedOut({
      duration: '60s',
      functions: { f: { duration: '100ms', faults: [{ from: '10s', to: '20s' }] } },
      producers: { p: { rate: '1/s', arrivals: 'even', keys: { list: ['a'] } } },
      timeline: [{ at: '40s', split: 's', shard: 0 }],
    });
    expect(split.m.caughtUpAtSeconds).toBeGreaterThan(20);
    expect(split.m.caughtUpAtSeconds).toBeLessThan(30);
  });

  it('after any batch it goes on at once if something has been delivered (K8)', () => {
    // Every 30 ms a record; the first goes at 570 ms; at 670 ms those of up to 600 ms have been delivered.
    const result = fannedOut({ producers: { p: { records: recordsEvery(30_000, 500_000, 10) } } });
    expect(timeLine(result)).toEqual([
      [570_000, 670_000, 0, 0],
      [670_000, 770_000, 1, 3],
      [770_000, 870_000, 4, 6],
      [870_000, 970_000, 7, 9],
    ]);
    expect(result.m.ageBreakdownMs.tick).toBe(0);
    expect(result.m.ageBreakdownMs.propagation).toBeCloseTo(70, 9);
  });

  it('does not load the limits that the pollers share (K8, K4)', () => {
    const both = run({
      duration: '20s',
      streams: { s: { ShardCount: 1, consumers: ['fast'], otherReaders: [{ calls: '4/s', bytes: '1900KB/s' }] } },
      functions: { f: { duration: '10ms' }, g: { duration: '10ms' } },
      mappings: {
        m: { stream: undefined, consumer: 's/fast' },
        n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' },
      },
      producers: { p: { rate: '500/s', arrivals: 'even' } },
    });
    expect(both.m.polls.refused).toBe(0);
    expect(both.summary.mappings.n!.polls.refused).toBeGreaterThan(0);
    expect(both.m.iteratorAgeMs.max).toBeLessThan(100);
  });

  it('brings 2 MB/s to each consumer and shard, however much waits (K8)', () => {
    const result = fannedOut({
      duration: '60s',
      functions: { f: { duration: '0ms' } },
      stream: { writeLimits: 'off' },
      mapping: { Enabled: false, BatchSize: 1 },
      producers: { p: { bytes: '64KB', records: [{ at: '0s', count: 640 }] } },
      timeline: [{ at: '10s', enable: 'm' }],
    });
    // 40 MB: the bucket's 2 MB at once, then 2 MB in each second.
    const ends = eventsOf(result, 'invocation').map(({ end }) => end);
    expect(ends.filter((end) => end <= 10_000_000)).toHaveLength(32);
    for (const second of [1, 2, 5, 19]) {
      expect(ends.filter((end) => end <= 10_000_000 + second * 1_000_000)).toHaveLength(32 * (second + 1));
    }
    expect(result.m.records.succeeded).toBe(640);
    expect(result.m.ageBreakdownMs.readLimit).toBeGreaterThan(9_000);
  });

  it.each([
    ['is changed', [600, 700].map((at) => ({ at: `${at}ms`, update: 'm', set: { MaximumRetryAttempts: at } }))],
    [
      'is disabled for a moment',
      [
        { at: '600ms', disable: 'm' },
        { at: '650ms', enable: 'm' },
      ],
    ],
  ])("the 2 MB/s are the consumer's, and no more while its mapping %s (K8, P9)", (_, timeline) => {
    const result = fannedOut({
      stream: { writeLimits: 'off', MaxRecordSizeInKiB: 2_048 },
      functions: { f: { duration: '10ms' } },
      mapping: { BatchSize: 1 },
      producers: { p: { records: [{ at: '500ms', count: 8, bytes: '1MB' }] } },
      timeline,
    });
    // 2 MB at once, then 1 MB in half a second.
    const starts = timeLine(result).map(([start]) => start);
    expect(starts).toEqual([570, 580, 1_070, 1_570, 2_070, 2_570, 3_070, 3_570].map((ms) => ms * 1_000));
  });

  it('LATEST begins when the consumer subscribes (K8, P8)', () => {
    const result = fannedOut({
      mapping: { StartingPosition: 'LATEST', Enabled: false },
      producers: { p: { records: [{ at: '500ms' }, { at: '1990ms' }, { at: '2010ms' }] } },
      timeline: [{ at: '2s', enable: 'm' }],
    });
    expect(timeLine(result)).toEqual([[2_080_000, 2_180_000, 2, 2]]);
    expect(result.m.records.arrived).toBe(1);
  });

  it('reads on where it was after disable and enable (K8, P9)', () => {
    const result = fannedOut({
      producers: { p: { records: recordsEvery(1_000_000, 500_000, 8) } },
      timeline: [
        { at: '2200ms', disable: 'm' },
        { at: '5s', enable: 'm' },
      ],
    });
    expect(timeLine(result).map(([start, , first, last]) => [start, first, last])).toEqual([
      [570_000, 0, 0],
      [1_570_000, 1, 1],
      [5_000_000, 2, 4],
      [5_570_000, 5, 5],
      [6_570_000, 6, 6],
      [7_570_000, 7, 7],
    ]);
  });

  it('lanes of a shard share its deliveries, each takes its own (K8, P4)', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const result = fannedOut({
      mapping: { ParallelizationFactor: 4 },
      producers: { p: { records: keys.flatMap((key, i) => [{ at: `${500 + 50 * i}ms`, key }]) } },
    });
    const starts = eventsOf(result, 'invocation').map(({ start, first }) => [start, first]);
    for (const [start, first] of starts) expect(start! - (500_000 + 50_000 * first!)).toBeGreaterThanOrEqual(70_000);
    expect(result.m.records.succeeded).toBe(6);
    expect(result.m.polls.empty).toBe(0);
  });

  it('a window gathers what is delivered while it is open (K8, P6)', () => {
    const result = fannedOut({
      mapping: { MaximumBatchingWindowInSeconds: 2 },
      producers: { p: { records: recordsEvery(500_000, 250_000, 8) } },
    });
    expect(timeLine(result)[0]).toEqual([2_000_000, 2_100_000, 0, 3]);
    expect(result.m.records.succeeded).toBe(8);
  });

  it('is caught up although something is always on its way (K8, M7)', () => {
    const { m } = fannedOut({
      duration: '120s',
      functions: { f: { duration: '20ms', faults: [{ from: '10s', to: '20s' }] } },
      producers: { p: { rate: '200/s', arrivals: 'even' } },
    });
    expect(m.caughtUpAtSeconds).toBeGreaterThan(20);
    expect(m.recoveryMs.count).toBe(1);
  });

  it('a consumer has to be one of the stream (K8)', () => {
    const wrong = (mapping: ScenarioPart) => () =>
      parse({
        streams: { s: { ShardCount: 1, consumers: ['fast'] } },
        mappings: { m: mapping },
        producers: { p: { rate: '1/s' } },
      });
    expect(wrong({ stream: undefined, consumer: 's/fats' })).toThrow(
      "unknown consumer 'fats' of stream s; expected one of fast; did you mean 'fast'?",
    );
    expect(wrong({ stream: undefined, consumer: 't/fast' })).toThrow("unknown stream 't'");
    expect(wrong({ consumer: 's/fast' })).toThrow('leave out stream, or the consumer');
    expect(wrong({ stream: undefined })).toThrow('needs a stream, or a consumer of one');
    expect(wrong({ stream: undefined, consumer: 'fast' })).toThrow('expected STREAM/CONSUMER');
  });

  it('the lanes of a shard share its 2 MB/s, from the first delivery on (K8, P4)', () => {
    // 1.5 MB each, of two slices: the bucket holds 2 MB when polling starts, the other 1 MB takes half a second.
    const record = (key: string) => ({ at: '0s', key, bytes: '1536KB' });
    const result = fannedOut({
      stream: { writeLimits: 'off', MaxRecordSizeInKiB: 2_048 },
      producers: { p: { records: [record('a'), record('b')] } },
      mapping: { ParallelizationFactor: 2, transitions: '2s' },
    });
    expect(timeLine(result)).toEqual([
      [2_000_000, 2_100_000, 0, 0],
      [2_500_000, 2_600_000, 1, 1],
    ]);
  });

  it('LATEST takes a record that arrives at the instant of its subscription (D4, P8)', () => {
    const { m } = fannedOut({
      producers: { p: { records: [{ at: '0s' }] } },
      mapping: { StartingPosition: 'LATEST' },
    });
    expect(m.records).toMatchObject({ arrived: 1, succeeded: 1 });
  });

  describe('how near a consumer came to its own 2 MB/s (M3a, K8)', () => {
    const LIMIT = 2_097_152;
    const RECORDS = {
      p: {
        records: [
          { at: '1s', bytes: '100KB' },
          { at: '3s', bytes: '300KB', count: 2 },
        ],
      },
    };

    it('is the bytes delivered to it, of each shard', () => {
      const { m, summary } = fannedOut({ period: '1s', producers: RECORDS });
      const { bytesPut } = summary.streams.s!;
      expect(bytesPut).toBe(700 * 1_024);
      const { fanOutBytes } = m.utilization;
      expect(fanOutBytes).toMatchObject({ limit: LIMIT, unit: 'B/s', worstShardId: 'shardId-000000000000' });
      expect(fanOutBytes!.worst).toBeCloseTo(bytesPut / 10 / LIMIT, 12);
      expect(fanOutBytes!.peak).toBeCloseTo((bytesPut - 100 * 1_024) / LIMIT, 3);
      expect(fanOutBytes!.peakAtSeconds).toBe(3);
    });

    it('is the same for several lanes of a shard, and for one that stands still', () => {
      const plain = fannedOut({ producers: RECORDS }).m.utilization.fanOutBytes;
      const sliced = fannedOut({ producers: RECORDS, mapping: { ParallelizationFactor: 5 } });
      const faults = [{ poison: { stream: 's', shard: 0, record: 0 } }];
      const stuck = fannedOut({ producers: RECORDS, functions: { f: { duration: '100ms', faults } } });
      expect(sliced.m.utilization.fanOutBytes).toEqual(plain);
      expect(stuck.m.records.succeeded).toBe(0);
      expect(stuck.m.utilization.fanOutBytes).toEqual(plain);
    });

    it('leaves out the warm-up, and what comes while the mapping is off comes again later', () => {
      const { worst } = fannedOut({ producers: RECORDS }).m.utilization.fanOutBytes!;
      const warm = fannedOut({ warmup: '2s', producers: RECORDS }).m.utilization.fanOutBytes!;
      expect(warm.worst).toBeCloseTo((6 / 7) * worst * (10 / 8), 3);
      const timeline = [
        { at: '2s', disable: 'm' },
        { at: '6s', enable: 'm' },
      ];
      expect(fannedOut({ producers: RECORDS, timeline }).m.utilization.fanOutBytes!.worst).toBeCloseTo(worst, 12);
    });

    it('is 1 while the limit holds up what waits', () => {
      const { m } = fannedOut({
        duration: '60s',
        period: '5s',
        timeline: [
          { at: '10s', disable: 'm' },
          { at: '30s', enable: 'm' },
        ],
        producers: { p: { rate: '900/s', arrivals: 'even' } },
        functions: { f: { duration: '10ms' } },
        mapping: { BatchSize: 10_000 },
      });
      expect(m.utilization.fanOutBytes!.peak).toBeGreaterThan(0.97);
      expect(m.utilization.fanOutBytes!.peak).toBeLessThan(1.21); // the bucket is a second deep
    });

    it('is not told of a mapping that polls', () => {
      const { m } = run({ producers: RECORDS });
      expect(m.utilization).not.toHaveProperty('fanOutBytes');
    });
  });
});
