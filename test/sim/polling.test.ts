import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../support/scenario.ts';
import { askTimes, eventsOf, recordsEvery, run, seriesOf, timeLine } from '../support/scenario.ts';

const producer = (records: readonly ScenarioPart[]) => ({ producers: { p: { records } } });
const S = 1_000_000;

describe('the grid', () => {
  it('an idle lane asks at φ + k · period, from t = 0 of the run (P1)', () => {
    const result = run({ duration: '3s', polling: { phase: '300ms' }, ...producer([]) });
    expect(askTimes(result)).toEqual([300_000, 1_300_000, 2_300_000]);
  });

  it('the phase is taken within one period (P1)', () => {
    expect(askTimes(run({ duration: '2s', polling: { phase: '2300ms' }, ...producer([]) }))).toEqual([
      300_000, 1_300_000,
    ]);
  });

  it('an ask that finds nothing invokes nothing (P2)', () => {
    const { m } = run({ duration: '5s', ...producer([]) });
    expect(m.polls).toMatchObject({ asks: 5, ticks: 5, empty: 5 });
    expect(m.invocations).toBe(0);
  });

  it('a spread phase is drawn for each mapping and shard, within the period (P1, D2)', () => {
    const firstAsks = (others: ScenarioPart) => {
      const result = run({
        duration: '1s',
        polling: { phase: 'spread' },
        streams: { s: { ShardCount: 50 } },
        ...producer([]),
        ...others,
      });
      return eventsOf(result, 'poll').map(({ t }) => t);
    };
    const alone = firstAsks({});
    expect(alone).toHaveLength(50);
    expect(new Set(alone).size).toBe(50);
    // The mean of 50 phases uniform in [0, 1 s) is 0.5 s with a standard error of 0.289 / √50 = 0.041 s; 4 of them.
    expect(Math.abs(alone.reduce((sum, t) => sum + t, 0) / 50 - 500_000)).toBeLessThan(164_000);
    expect(
      firstAsks({
        functions: { g: { duration: '1ms' } },
        mappings: { n: { stream: 's', function: 'g', StartingPosition: 'LATEST' } },
      }),
    ).toEqual(alone);
  });

  it('a record waits for the tick after its arrival (P1, M1)', () => {
    const result = run(producer([{ at: '200ms' }, { at: '1s' }, { at: '2000001us' }]));
    // The record at exactly 1 s is there for the ask of 1 s (D4); the third misses the ask of 2 s by 1 µs.
    expect(timeLine(result)).toEqual([
      [1 * S, 1_100_000, 0, 1],
      [3 * S, 3_100_000, 2, 2],
    ]);
    expect(eventsOf(result, 'invocation').map(({ iteratorAgeMs }) => iteratorAgeMs)).toEqual([100, 1_099.999]);
  });

  it('a lone record waits half a period on average (P1)', () => {
    // 2,000 records, at most one for each ask. Uniform in [0, 1 s): the mean has a standard error of 6.5 ms; 4 of them.
    const result = run({
      duration: '20000s',
      polling: { phase: 'spread' },
      producers: { p: { rate: '0.1/s' } },
      functions: { f: { duration: '0ms' } },
    });
    const { mean, count } = result.m.waitingTimeMs;
    expect(count).toBeGreaterThan(1_500);
    expect(Math.abs(mean! - 500)).toBeLessThan(4 * (1_000 / Math.sqrt(12 * count)));
  });

  it('a mapping that starts later keeps the grid of the run (P1, P9)', () => {
    const result = run({
      duration: '4s',
      polling: { phase: '300ms' },
      mappings: { m: { Enabled: false } },
      timeline: [{ at: '1700ms', enable: 'm' }],
      ...producer([]),
    });
    expect(askTimes(result)).toEqual([2_300_000, 3_300_000]);
  });
});

describe('full and short batches', () => {
  it('a short batch waits for its tick (P1, P3)', () => {
    const result = run(producer([{ at: '100ms' }, { at: '1050ms' }]));
    // The second record is there when the first batch ends at 1.1 s, but that batch was short.
    expect(timeLine(result)).toEqual([
      [1 * S, 1_100_000, 0, 0],
      [2 * S, 2_100_000, 1, 1],
    ]);
    expect(result.m.fullBatches).toBe(0);
  });

  it('a full batch is followed at once, until a short one (P3)', () => {
    const result = run({
      mappings: { m: { BatchSize: 2 } },
      ...producer([{ at: '100ms', count: 5 }, { at: '1250ms' }]),
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 1],
      [1_100_000, 1_200_000, 2, 3],
      [1_200_000, 1_300_000, 4, 4],
      [2_000_000, 2_100_000, 5, 5],
    ]);
    expect(result.m.fullBatches).toBe(2);
    expect(result.m.polls).toMatchObject({ asks: 12, ticks: 10, empty: 8 });
  });

  it('a full batch with nothing behind it makes one more ask, which finds nothing (P3)', () => {
    const result = run({ duration: '3s', mappings: { m: { BatchSize: 2 } }, ...producer([{ at: '100ms', count: 2 }]) });
    expect(askTimes(result)).toEqual([0, 1 * S, 1_100_000, 2 * S]);
    expect(result.m.polls).toMatchObject({ asks: 4, ticks: 3, empty: 3 });
  });

  it('records that come while a batch runs join the ask that follows it (P3)', () => {
    const result = run({
      duration: '3s',
      mappings: { m: { BatchSize: 2 } },
      ...producer([{ at: '100ms', count: 2 }, { at: '1050ms' }, { at: '1100ms' }, { at: '1100001us' }]),
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 1],
      [1_100_000, 1_200_000, 2, 3],
      [1_200_000, 1_300_000, 4, 4],
    ]);
  });

  it('a batch that ends exactly at a tick lets the lane ask at that tick (P1, P3, D4)', () => {
    const result = run({
      duration: '3s',
      functions: { f: { duration: '1s' } },
      ...producer([{ at: '500ms' }, { at: '1500ms' }]),
    });
    expect(timeLine(result)).toEqual([
      [1 * S, 2 * S, 0, 0],
      [2 * S, 3 * S, 1, 1],
    ]);
  });

  it('a busy lane skips its ticks (P2)', () => {
    const result = run({
      duration: '6s',
      functions: { f: { duration: '2500ms' } },
      ...producer([{ at: '500ms' }, { at: '1500ms' }]),
    });
    expect(askTimes(result)).toEqual([0, 1 * S, 4 * S]);
    expect(timeLine(result)).toEqual([[1 * S, 3_500_000, 0, 0]]);
    expect(result.m.records).toMatchObject({ arrived: 2, succeeded: 1, pending: 1 });
  });

  it('a full batch of 0 µs is followed at its own instant, a short one at the next tick (P3, D4)', () => {
    const result = run({
      duration: '3s',
      functions: { f: { duration: '0ms' } },
      mappings: { m: { BatchSize: 2 } },
      ...producer([{ at: '500ms', count: 5 }]),
    });
    expect(timeLine(result)).toEqual([
      [1 * S, 1 * S, 0, 1],
      [1 * S, 1 * S, 2, 3],
      [1 * S, 1 * S, 4, 4],
    ]);
    expect(askTimes(result)).toEqual([0, 1 * S, 1 * S, 1 * S, 2 * S]);
  });

  it('anyBatch asks again after every batch until one ask finds nothing (P3)', () => {
    const result = run({
      duration: '3s',
      polling: { continueAfter: 'anyBatch' },
      ...producer([{ at: '100ms' }, { at: '1050ms' }, { at: '1150ms' }, { at: '1900ms' }]),
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 0],
      [1_100_000, 1_200_000, 1, 1],
      [1_200_000, 1_300_000, 2, 2],
      [2_000_000, 2_100_000, 3, 3],
    ]);
    expect(askTimes(result)).toEqual([0, 1_000_000, 1_100_000, 1_200_000, 1_300_000, 2_000_000, 2_100_000]);
  });

  it('a batch that failed and was retried is still full when it is settled (P3, E3)', () => {
    const result = run({
      duration: '3s',
      functions: { f: { faults: [{ invocations: 1 }] } },
      mappings: { m: { BatchSize: 2 } },
      ...producer([{ at: '100ms', count: 3 }]),
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 1],
      [1_350_000, 1_450_000, 0, 1],
      [1_450_000, 1_550_000, 2, 2],
    ]);
  });
});

describe('sincePoll', () => {
  it('the first ask is on the grid, an ask that found nothing is repeated one period later (P1)', () => {
    const result = run({
      duration: '4s',
      polling: { pacing: 'sincePoll', phase: '300ms' },
      mappings: { m: { Enabled: false } },
      timeline: [{ at: '500ms', enable: 'm' }],
      ...producer([]),
    });
    expect(askTimes(result)).toEqual([1_300_000, 2_300_000, 3_300_000]);
  });

  it('after a short batch the next ask is a period after the one that took it, or when it was settled (P1)', () => {
    const result = run({
      duration: '5s',
      polling: { pacing: 'sincePoll' },
      functions: { f: { duration: { base: '0ms', perRecord: '700ms' } } },
      ...producer([{ at: '500ms' }, { at: '1900ms', count: 2 }, { at: '3s' }]),
    });
    // 1 s: one record, 700 ms, next ask 2 s. 2 s: two records, 1.4 s, settled past the period: next ask 3.4 s.
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_700_000, 0, 0],
      [2_000_000, 3_400_000, 1, 2],
      [3_400_000, 4_100_000, 3, 3],
    ]);
    expect(askTimes(result)).toEqual([0, 1_000_000, 2_000_000, 3_400_000, 4_400_000]);
  });

  it('the pace counts from the ask that took the last batch of a chain (P1, P3)', () => {
    const result = run({
      duration: '4s',
      polling: { pacing: 'sincePoll' },
      mappings: { m: { BatchSize: 2 } },
      ...producer([{ at: '500ms', count: 3 }]),
    });
    // Full at 1.0 s, short at 1.1 s, so the asks go on from 1.1 s.
    expect(askTimes(result)).toEqual([0, 1_000_000, 1_100_000, 2_100_000, 3_100_000]);
  });
});

describe('lanes', () => {
  it('one batch at a time for each shard, in shard order, shards beside one another (P4)', () => {
    const result = run({
      duration: '4s',
      streams: { s: { ShardCount: 2 } },
      mappings: { m: { BatchSize: 1 } },
      functions: { f: { duration: '300ms' } },
      ...producer([
        { at: '100ms', shard: 1 },
        { at: '200ms', shard: 0, count: 2 },
      ]),
    });
    expect(eventsOf(result, 'invocation').map(({ shardId, start, first }) => [shardId, start, first])).toEqual([
      ['shardId-000000000000', 1_000_000, 0],
      ['shardId-000000000001', 1_000_000, 0],
      ['shardId-000000000000', 1_300_000, 1],
    ]);
  });
});

describe('the buffer', () => {
  it('one call brings up to 10,000 records, from which later batches are cut without a call (P7, K4)', () => {
    const result = run({
      duration: '3s',
      streams: { s: { writeLimits: 'off' } },
      functions: { f: { duration: '10ms' } },
      mappings: { m: { BatchSize: 4_000 } },
      producers: { p: { records: [{ at: '500ms', count: 12_000 }], bytes: '10B' } },
    });
    // Asks at 0 (a call of nothing), 1.00 (10,000), 1.01 (6,000 buffered: no call), 1.02 (2,000 buffered: the other
    // 2,000), 1.03 (nothing left), 2.00.
    expect(timeLine(result).map(([start, , first, last]) => [start, first, last])).toEqual([
      [1_000_000, 0, 3_999],
      [1_010_000, 4_000, 7_999],
      [1_020_000, 8_000, 11_999],
    ]);
    expect(askTimes(result)).toEqual([0, 1_000_000, 1_010_000, 1_020_000, 1_030_000, 2_000_000]);
    expect(result.m.polls.getRecordsCalls).toBe(5);
  });

  it('fetchLimit batchSize makes each call bring one batch (P7)', () => {
    const result = run({
      duration: '3s',
      streams: { s: { readLimits: 'off' } },
      mappings: { m: { BatchSize: 10, fetchLimit: 'batchSize' } },
      ...producer([{ at: '500ms', count: 25 }]),
    });
    // 0, 1.0 (10), 1.1 (10), 1.2 (5, short), 2.0: every ask is a call.
    expect(result.m.polls).toMatchObject({ asks: 5, getRecordsCalls: 5 });
    expect(timeLine(result).map(([, , first, last]) => [first, last])).toEqual([
      [0, 9],
      [10, 19],
      [20, 24],
    ]);
    expect(result.recording.streams[0]!.readRecords[0]).toBe(25);
  });

  it('a call brings at most 10 MB (P7, K4)', () => {
    // 25 records of 500,000 B: twenty are 10,000,000 B, twenty-one 10,500,000 B and more than 10,485,760 B.
    const read = (duration: string) => {
      const result = run({
        duration,
        streams: { s: { writeLimits: 'off', readLimits: 'off' } },
        mappings: { m: { BatchSize: 1_000 } },
        producers: { p: { records: [{ at: '500ms', count: 25 }], bytes: '500000B' } },
      });
      return { calls: result.m.polls.getRecordsCalls, bytes: seriesOf(result, 'GetRecords.Bytes', 'Sum') };
    };
    expect(read('1050ms')).toEqual({ calls: 2, bytes: [10_000_000] });
    // The payload limit fills the first batch (P3), so the next call follows at 1.1 s and brings the other five.
    expect(read('1150ms')).toEqual({ calls: 3, bytes: [12_500_000] });
  });

  it('the records that a lane has taken stay taken: nothing is read twice (P7, E9)', () => {
    const result = run({ ...producer(recordsEvery(37_000, 0, 200)), mappings: { m: { BatchSize: 7 } } });
    const taken = timeLine(result).flatMap(([, , first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
    expect(taken).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });
});
