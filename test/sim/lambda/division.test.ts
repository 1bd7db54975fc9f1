import { describe, expect, it } from 'vitest';
import { laws } from '../../../src/laws/laws.ts';
import { hashKeyOf } from '../../../src/sim/kinesis/partition.ts';
import type { ScenarioPart, SmallRun } from '../../support/scenario.ts';
import { eventsOf, finalsOf, runWithRecords, seriesOf, timeLine } from '../../support/scenario.ts';

/** Keys of the lower half of a shard's hash keys, and of the upper: lanes 0 and 1 of two. */
const [LOW, HIGH] = [0n, 1n].map((half) => {
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  return keys.filter((key) => hashKeyOf(key) >> 127n === half);
}) as [string[], string[]];

/** Records 0, 2, 4 … of one low key and 1, 3, 5 … of a high one, one every 100 ms from 50 ms on; 10 s of them. */
const ALTERNATING = Array.from({ length: 100 }, (_, i) => ({
  at: `${50 + 100 * i}ms`,
  key: i % 2 === 0 ? LOW[0] : HIGH[0],
}));

/** Two lanes at first. Record 40, of lane 0, is poison until 8 s; nobody else waits. */
function divided(more: ScenarioPart & { mapping?: ScenarioPart; f?: ScenarioPart; set?: ScenarioPart; at?: string }) {
  const { mapping, f, set = { ParallelizationFactor: 1 }, at = '6500ms', ...rest } = more;
  const faults = [{ poison: { stream: 's', shard: 0, record: 40 }, until: '8s' }];
  return runWithRecords({
    duration: '10s',
    drain: '10m',
    producers: { p: { records: ALTERNATING } },
    functions: { f: { faults, ...f } },
    mappings: { m: { ParallelizationFactor: 2, ...mapping } },
    timeline: [{ at, update: 'm', set }],
    ...rest,
  });
}

const keepsEveryLaw = (result: SmallRun) => {
  for (const [name, law] of Object.entries(laws)) expect(law(result), name).toEqual([]);
};

describe('a change of ParallelizationFactor (P4)', () => {
  it('starts again at the shard’s lowest unsettled record, and delivers what was settled beyond it again', () => {
    const result = divided({});
    // Lane 0 has been held up by record 40 since 5 s; lane 1 has settled all of its own until 5.95 s, record 59.
    const before = timeLine(result).filter(([start]) => start < 6_500_000);
    expect(before.filter(([, , first]) => first % 2 === 1).at(-1)).toEqual([6_000_000, 6_100_000, 51, 59]);
    const after = timeLine(result).filter(([start]) => start >= 6_500_000);
    expect(after[0]).toEqual([7_000_000, 7_100_000, 40, 69]);
    // 41, 43 … 59 come again, at each of the attempts that fail and at the one that succeeds.
    const attempts = after.filter(([, , first]) => first === 40).length;
    expect(attempts).toBeGreaterThan(1);
    const others = 30 - 10 - 1; // of 40 to 69 those that are neither settled nor poison: processed by the first attempt
    expect(result.m.records).toMatchObject({ arrived: 100, succeeded: 100, pending: 0 });
    const inLane0 = duplicatesBefore(result); // there 42, 44, 46 and 48 have been processed beside it
    expect(result.m.records.duplicates).toBe(inLane0 + 4 + attempts * 10 + (attempts - 1) * others);
    expect(eventsOf(result, 'invocation').every(({ lane, start }) => lane === 0 || start < 6_500_000)).toBe(true);
    keepsEveryLaw(result);
  });

  it('counts each record once, in every balance and in every sample', () => {
    const result = divided({});
    expect(result.m.timeInSystemMs.count).toBe(100);
    expect(result.m.waitingTimeMs.count).toBe(100);
    expect(result.m.throughput.recordsOutPerSecond).toBe(result.m.throughput.recordsInPerSecond);
    expect(result.m.backlog.end).toBe(0);
    expect(result.m.deliveries).toBe(100 + result.m.records.duplicates + failuresOf40(result));
  });

  it('keeps what each lane has settled under its number', () => {
    const { lanes } = divided({}).recording.mappings[0]!;
    expect(lanes.map(({ lane, balance }) => [lane, balance.arrived, balance.succeeded])).toEqual([
      [0, 70, 70],
      [1, 30, 30],
    ]);
  });

  it('gives each lane its time, from where there is such a lane to where there is none any more', () => {
    const result = divided({
      timeline: [
        { at: '3s', update: 'm', set: { ParallelizationFactor: 3 } },
        { at: '6200ms', update: 'm', set: { ParallelizationFactor: 1 } },
      ],
    });
    const times = result.summary.timeline.lanes.map(({ lane, spans }) => [
      lane,
      spans[0]!.fromSeconds,
      spans.at(-1)!.toSeconds,
    ]);
    expect(times).toEqual([
      [0, 0, result.recording.end / 1e6],
      [1, 0, 6.2],
      [2, 3, 6.2],
    ]);
    keepsEveryLaw(result);
  });

  it('waits for the invocations of the shard that run, and keeps its lanes from polling until they have ended', () => {
    const result = divided({ f: { duration: '1900ms', faults: [] }, at: '4500ms' });
    const running = eventsOf(result, 'invocation').filter(({ start, end }) => start < 4_500_000 && end > 4_500_000);
    expect(running.length).toBeGreaterThan(0);
    const last = Math.max(...running.map(({ end }) => end));
    const polls = eventsOf(result, 'poll').filter(({ t }) => t > 4_500_000);
    expect(Math.min(...polls.map(({ t }) => t))).toBeGreaterThanOrEqual(last);
    expect(polls.every(({ lane }) => lane === 0)).toBe(true);
    expect(result.m.records).toMatchObject({ succeeded: 100, duplicates: 0 });
    keepsEveryLaw(result);
  });

  it('goes on in the other shards meanwhile', () => {
    const records = [0, 1].flatMap((shard) => ALTERNATING.map((record) => ({ ...record, key: undefined, shard })));
    const result = runWithRecords({
      duration: '10s',
      drain: '1m',
      streams: { s: { ShardCount: 2 } },
      producers: { p: { records } },
      functions: {
        f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 20 }, after: '2500ms' }] },
      },
      mappings: { m: { MaximumRetryAttempts: 0 } },
      timeline: [{ at: '3200ms', update: 'm', set: { ParallelizationFactor: 2 } }],
    });
    const firstPoll = (shard: number) =>
      eventsOf(result, 'poll').find(({ t, shardId }) => t > 3_200_000 && shardId.endsWith(`${shard}`))!.t;
    expect([firstPoll(0), firstPoll(1)]).toEqual([6_000_000, 4_000_000]);
    keepsEveryLaw(result);
  });

  it('of a mapping that is disabled shows when it is enabled again', () => {
    const result = divided({
      timeline: [
        { at: '6200ms', disable: 'm' },
        { at: '6500ms', update: 'm', set: { ParallelizationFactor: 1 } },
        { at: '9200ms', enable: 'm' },
      ],
    });
    expect(timeLine(result).filter(([start]) => start > 6_500_000)[0]).toEqual([10_000_000, 10_100_000, 40, 99]);
    expect(result.m.records).toMatchObject({ succeeded: 100, pending: 0 });
    expect(result.m.records.duplicates - duplicatesBefore(result)).toBe(10 + 4);
    keepsEveryLaw(result);
  });

  it('made twice at one instant counts once: to 4 and back to 2, the lanes stay and nothing comes again', () => {
    const twice = divided({
      timeline: [
        { at: '6500ms', disable: 'm' },
        { at: '6500ms', update: 'm', set: { ParallelizationFactor: 4 } },
        { at: '6500ms', update: 'm', set: { ParallelizationFactor: 2 } },
        { at: '6500ms', enable: 'm' },
      ],
    });
    expect(eventsOf(twice, 'invocation').filter(({ first }) => first % 2 === 1)).toHaveLength(10);
  });

  it('upwards begins there too: a third change finds what the second had not delivered again', () => {
    const result = divided({
      f: { faults: [{ poison: { stream: 's', shard: 0, record: 40 }, until: '20s' }] },
      timeline: [
        { at: '6500ms', update: 'm', set: { ParallelizationFactor: 1 } },
        { at: '8500ms', update: 'm', set: { ParallelizationFactor: 2 } },
        { at: '9500ms', update: 'm', set: { ParallelizationFactor: 3 } },
      ],
    });
    expect(result.m.records).toMatchObject({ arrived: 100, succeeded: 100, pending: 0 });
    keepsEveryLaw(result);
  });

  it('discards again what had been discarded beyond that record, and counts it once (E8, M2)', () => {
    const result = divided({
      f: {
        Timeout: 30,
        faults: [
          { poison: { stream: 's', shard: 0, record: 40 }, until: '8s', after: '4s' },
          { poison: { stream: 's', shard: 0, record: 45 } },
        ],
      },
      mapping: {
        MaximumRetryAttempts: 0,
        retryBackoff: 'none',
        BisectBatchOnFunctionError: true,
        DestinationConfig: { OnFailure: { Destination: 'dlq' } },
      },
    });
    const discards = eventsOf(result, 'discard').map(({ first, last }) => [first, last]);
    expect(discards.filter(([first]) => first === 45)).toEqual([
      [45, 45],
      [45, 45],
    ]);
    expect(result.m.records.discarded.RetryAttemptsExhausted).toBe(1);
    expect(result.m.destination).toHaveLength(2);
    expect(seriesOf(result, 'OnFailureDestinationDeliveredEventCount', 'Sum')[0]).toBe(2);
    keepsEveryLaw(result);
  });

  it('does not count again what a filter drops again (P10)', () => {
    const dropped = HIGH[1];
    const records = ALTERNATING.map((record, i) => (i % 4 === 1 ? { ...record, key: dropped } : record));
    const Pattern = JSON.stringify({ partitionKey: [{ 'anything-but': [dropped] }] });
    const result = divided({
      producers: { p: { records } },
      mapping: { FilterCriteria: { Filters: [{ Pattern }] } },
    });
    expect(result.m.records).toMatchObject({ arrived: 100, succeeded: 75, filtered: 25, pending: 0 });
    expect(seriesOf(result, 'FilteredOutEventCount', 'Sum')[0]).toBe(25);
    keepsEveryLaw(result);
  });

  it('lets what had been settled pass its retention unseen (K5)', () => {
    const result = divided({
      duration: '25h',
      drain: '0s',
      f: { faults: [{ poison: { stream: 's', shard: 0, record: 40 } }] },
      timeline: [
        { at: '6500ms', disable: 'm' },
        { at: '10h', update: 'm', set: { ParallelizationFactor: 1 } },
      ],
    });
    // Lane 0 had settled 20 until 40 came, lane 1 what arrived until 6 s: the others, 50, expire.
    expect(result.m.records).toMatchObject({
      arrived: 100,
      succeeded: 50,
      expired: 50,
      pending: 0,
      duplicates: expect.any(Number),
    });
    expect(eventsOf(result, 'expire').reduce((sum, { size }) => sum + size, 0)).toBe(50);
    expect(seriesOf(result, 'DroppedEventCount', 'Sum').reduce<number>((sum, n) => sum + n!, 0)).toBe(50);
    keepsEveryLaw(result);
  });

  it('of a consumer with fan-out subscribes anew at that record (K8)', () => {
    const result = divided({
      streams: { s: { ShardCount: 1, consumers: ['c'] } },
      mappings: { m: { stream: undefined, consumer: 's/c', ParallelizationFactor: 2 } },
    });
    expect(timeLine(result).find(([start]) => start >= 6_500_000)![2]).toBe(40);
    expect(result.m.records).toMatchObject({ arrived: 100, succeeded: 100, pending: 0 });
    keepsEveryLaw(result);
  });

  it('before a mapping from LATEST has polled leaves it to its first poll where it begins (P8)', () => {
    const result = divided({
      mapping: { StartingPosition: 'LATEST', Enabled: false },
      timeline: [
        { at: '2s', update: 'm', set: { ParallelizationFactor: 4 } },
        { at: '4500ms', enable: 'm' },
      ],
    });
    expect(result.m.records).toMatchObject({ arrived: 50, succeeded: 50, duplicates: 0 + failuresOf40(result) });
  });

  it('draws its durations anew: a lane made twice is not the same one (D2)', () => {
    const durations = (timeline: readonly unknown[]) =>
      eventsOf(divided({ f: { duration: { exponential: { mean: '50ms' } } }, timeline }), 'invocation')
        .filter(({ start, lane }) => start > 9_000_000 && lane === 0)
        .map(({ start, end }) => end - start);
    const changed = durations([
      { at: '2500ms', update: 'm', set: { ParallelizationFactor: 1 } },
      { at: '2500ms', update: 'm', set: { ParallelizationFactor: 2 } },
    ]);
    expect(changed).not.toEqual(durations([]));
  });
});

describe('a change of TumblingWindowInSeconds (P11)', () => {
  const change = (before: number, after: number) =>
    divided({
      mapping: { ParallelizationFactor: 1, TumblingWindowInSeconds: before },
      f: { faults: [] },
      set: { TumblingWindowInSeconds: after },
    });

  it('from none begins windows', () => {
    const result = change(0, 2);
    const windows = eventsOf(result, 'invocation').map(({ window }) => window?.start);
    expect(windows.slice(0, 6).every((start) => start === undefined)).toBe(true);
    expect(windows.filter((start) => start !== undefined)).toEqual([6e6, 6e6, 8e6, 8e6]);
    expect(finalsOf(result)).toHaveLength(2);
    keepsEveryLaw(result);
  });

  it('gives up the window that is open, and its state; no record is lost', () => {
    const result = change(60, 5);
    expect(finalsOf(result).map(({ window }) => window)).toEqual([{ start: 5e6, end: 10e6 }]);
    expect(result.m.records).toMatchObject({ succeeded: 100, duplicates: 0 });
    keepsEveryLaw(result);
  });

  it('to none ends them', () => {
    const result = change(2, 0);
    expect(finalsOf(result).map(({ window }) => window!.start)).toEqual([0, 2e6]);
    expect(result.m.tumblingWindows).toBeUndefined();
    keepsEveryLaw(result);
  });
});

it('what waited while the mapping was disabled was held up by that, though other lanes go on with it (M3, P4)', () => {
  const result = runWithRecords({
    duration: '30s',
    producers: { p: { records: [{ at: '5s' }, { at: '6s' }] } },
    mappings: { m: { Enabled: false } },
    timeline: [
      { at: '1s', update: 'm', set: { ParallelizationFactor: 3 } },
      { at: '20s', enable: 'm' },
    ],
  });
  expect(result.m.stalls).toMatchObject([{ startSeconds: 5, endSeconds: 20, cause: 'disabled', recordsHeld: 2 }]);
});

it('while what is settled already comes again, the backlog is as old as what waits behind it (P4, M7)', () => {
  const result = runWithRecords({
    duration: '90s',
    period: '5s',
    producers: { p: { arrivals: 'even', phases: [{ duration: '20s', rate: '5/s' }] } },
    functions: { f: { duration: '3s', Timeout: 10 } },
    mappings: { m: { BatchSize: 1, ParallelizationFactor: 2 } },
    timeline: [{ at: '22437ms', update: 'm', set: { ParallelizationFactor: 1 } }],
  });
  const ages = seriesOf(result, 'BacklogAge', 'Maximum');
  expect(result.m.records.pending).toBeGreaterThan(0);
  expect(Math.min(...ages.map((age) => age ?? 0))).toBeGreaterThan(2_000);
});

/** In lane 0, before the change: the batch from record 40 on that failed and was tried again. */
function duplicatesBefore(result: SmallRun): number {
  const attempts = eventsOf(result, 'invocation').filter(
    ({ start, outcome, first, last }) => start < 6_500_000 && outcome !== 'success' && first <= 40 && last >= 40,
  );
  return attempts.slice(1).reduce((sum, { size }) => sum + size - 1, 0);
}

/** How often record 40 was delivered in vain. */
function failuresOf40(result: SmallRun): number {
  return eventsOf(result, 'invocation').filter(
    ({ outcome, first, last }) => outcome !== 'success' && first <= 40 && last >= 40,
  ).length;
}
