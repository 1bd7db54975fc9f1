import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laws } from '../../../src/laws/laws.ts';
import { ShardHistory } from '../../../src/scenario/shard-history.ts';
import { hashKeyOf } from '../../../src/sim/kinesis/partition.ts';
import type { ScenarioPart, SmallRun } from '../../support/scenario.ts';
import { eventsOf, parse, run } from '../../support/scenario.ts';

const SPACE = 2n ** 128n;

function lawful(result: SmallRun): SmallRun {
  for (const [name, law] of Object.entries(laws)) expect(law(result), name).toEqual([]);
  return result;
}

function changed(timeline: ScenarioPart[], more: ScenarioPart = {}) {
  return lawful(
    run({
      duration: '60s',
      drain: '10m',
      streams: { s: { ShardCount: 4 } },
      producers: { p: { rate: '200/s' } },
      timeline,
      ...more,
    }),
  );
}

/** Numbers, life and parents of a stream's shards, times in seconds. */
function shardsOf(timeline: ScenarioPart[], stream: ScenarioPart = { ShardCount: 4 }) {
  const { streams } = parse({ streams: { s: stream }, producers: { p: { rate: '1/s' } }, timeline });
  return streams[0]!.shards.map(({ opensAt, closesAt, parents }) => [opensAt / 1e6, closesAt / 1e6, parents]);
}

describe('the shards of a stream', () => {
  it('a split closes its parent and opens two children, the lower range first (K6)', () => {
    const [stream] = parse({
      streams: { s: { ShardCount: 2 } },
      producers: { p: { rate: '1/s' } },
      timeline: [{ at: '5s', split: 's', shard: 0 }],
    }).streams;
    const { shards } = stream!;
    expect(shards.map(({ startingHashKey, endingHashKey }) => [startingHashKey, endingHashKey])).toEqual([
      [0n, SPACE / 2n - 1n],
      [SPACE / 2n, SPACE - 1n],
      [0n, SPACE / 4n - 1n],
      [SPACE / 4n, SPACE / 2n - 1n],
    ]);
    expect(shards[0]!.closesAt).toBe(5_000_000);
    expect(shards.slice(2).map(({ opensAt, parents }) => [opensAt, parents])).toEqual([
      [5_000_000, [0]],
      [5_000_000, [0]],
    ]);
  });

  it('merging [276, 381] and [382, 454] gives [276, 454] (K6)', () => {
    const history = new ShardHistory([
      { startingHashKey: 0n, endingHashKey: 275n },
      { startingHashKey: 276n, endingHashKey: 381n },
      { startingHashKey: 382n, endingHashKey: 454n },
      { startingHashKey: 455n, endingHashKey: SPACE - 1n },
    ]);
    expect(history.change(1, { kind: 'merge', shards: [2, 1] })).toBeNull();
    expect(history.shards[4]).toMatchObject({ startingHashKey: 276n, endingHashKey: 454n, parents: [1, 2] });
  });

  it('reshard to a count opens shards of one size, and leaves open those that have it already (K6)', () => {
    expect(shardsOf([{ at: '5s', reshard: 's', ShardCount: 8 }])).toEqual([
      ...[0, 1, 2, 3].map(() => [0, 5, []]),
      ...[0, 0, 1, 1, 2, 2, 3, 3].map((parent) => [5, Number.POSITIVE_INFINITY, [parent]]),
    ]);
    expect(
      shardsOf([
        { at: '5s', split: 's', shard: 3 },
        { at: '6s', reshard: 's', ShardCount: 4 },
      ]).slice(-1),
    ).toEqual([[6, Number.POSITIVE_INFINITY, [4, 5]]]);
    expect(shardsOf([{ at: '5s', reshard: 's', ShardCount: 3 }]).slice(4)).toEqual([
      [5, Number.POSITIVE_INFINITY, [0, 1]],
      [5, Number.POSITIVE_INFINITY, [1, 2]],
      [5, Number.POSITIVE_INFINITY, [2, 3]],
    ]);
  });

  it('tile the hash-key space at every instant, whatever is done to them (K6, K1)', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('split' as const), shard: fc.nat(12), newStartingHashKey: fc.constant(null) }),
      fc.record({ kind: fc.constant('merge' as const), shards: fc.tuple(fc.nat(12), fc.nat(12)) }),
      fc.record({ kind: fc.constant('reshard' as const), shardCount: fc.integer({ min: 1, max: 9 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(change, { maxLength: 12 }), (count, changes) => {
        const history = new ShardHistory(
          Array.from({ length: count }, (_, i) => ({
            startingHashKey: (BigInt(i) * SPACE) / BigInt(count),
            endingHashKey: (BigInt(i + 1) * SPACE) / BigInt(count) - 1n,
          })),
        );
        changes.forEach((one, at) => {
          history.change(at, one);
          const open = history.shards
            .filter(({ opensAt, closesAt }) => opensAt <= at && at < closesAt)
            .sort((a, b) => (a.startingHashKey < b.startingHashKey ? -1 : 1));
          expect(open[0]!.startingHashKey).toBe(0n);
          expect(open.at(-1)!.endingHashKey).toBe(SPACE - 1n);
          for (let i = 1; i < open.length; i++) {
            expect(open[i]!.startingHashKey).toBe(open[i - 1]!.endingHashKey + 1n);
          }
        });
      }),
    );
  });

  it.each([
    ['more than double', [{ at: '5s', reshard: 's', ShardCount: 9 }], 'at most doubles a stream'],
    ['less than half', [{ at: '5s', reshard: 's', ShardCount: 1 }], 'at most halves a stream'],
    [
      'an eleventh time in 24 hours',
      Array.from({ length: 11 }, (_, i) => ({ at: `${i}s`, reshard: 's', ShardCount: 4 + (i % 2) })),
      '10 times in 24 hours',
    ],
    [
      'a shard that is closed',
      [
        { at: '1s', split: 's', shard: 0 },
        { at: '2s', split: 's', shard: 0 },
      ],
      'already closed',
    ],
    ['a shard that is not there', [{ at: '1s', split: 's', shard: 4 }], 'there is no shard 4'],
    ['shards that are not adjacent', [{ at: '1s', merge: 's', shards: [0, 2] }], 'not adjacent'],
    ['an edge outside', [{ at: '1s', split: 's', shard: 0, NewStartingHashKey: '0' }], 'must lie inside shard 0'],
    ['a split without its shard', [{ at: '1s', split: 's' }], 'split needs shard'],
    ['an argument of another verb', [{ at: '1s', reshard: 's', ShardCount: 4, shard: 0 }], 'shard belongs to split'],
    ['a stream that is not there', [{ at: '1s', split: 'q', shard: 0 }], "unknown stream 'q'"],
  ])('%s is refused (K6)', (_, timeline, message) => {
    expect(() => shardsOf(timeline)).toThrow(message);
  });
});

describe('records while shards change', () => {
  const steps = [
    { at: '15s', reshard: 's', ShardCount: 8 },
    { at: '40s', reshard: 's', ShardCount: 4 },
  ];

  it.each(['poisson', 'even'])('offered in each second are those of the unchanged stream: %s (D3, K6)', (arrivals) => {
    const perSecond = (timeline: ScenarioPart[]) => {
      const { summary } = changed(timeline, { period: '1s', producers: { p: { rate: '200/s', arrivals } } });
      return summary.series.metrics.find(({ MetricName }) => MetricName === 'IncomingRecords')!.Statistics.Sum;
    };
    expect(perSecond(steps)).toEqual(perSecond([]));
  });

  it('a record goes to the shard that is open when it arrives and holds its key (K1, K6)', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const records = Array.from({ length: 120 }, (_, i) => ({ at: `${i * 500}ms`, key: keys[i % 6]! }));
    const { summary, scenario } = changed(steps, { producers: { p: { records } } });
    const expected = scenario.streams[0]!.shards.map(
      ({ opensAt, closesAt, startingHashKey, endingHashKey }) =>
        records.filter(({ key }, i) => {
          const at = i * 500_000;
          const hashKey = hashKeyOf(key);
          return opensAt <= at && at < closesAt && startingHashKey <= hashKey && hashKey <= endingHashKey;
        }).length,
    );
    expect(Object.values(summary.streams.s!.shards).map(({ recordsPut }) => recordsPut)).toEqual(expected);
    expect(expected.filter((count) => count > 0).length).toBeGreaterThan(8);
  });

  it('a record that names a closed shard goes where that shard began (K6)', () => {
    const { summary } = changed([{ at: '5s', split: 's', shard: 1 }], {
      producers: {
        p: {
          records: [
            { at: '4999999us', shard: 1 },
            { at: '5s', shard: 1, count: 2 },
          ],
        },
      },
    });
    expect(Object.values(summary.streams.s!.shards).map(({ recordsPut }) => recordsPut)).toEqual([0, 1, 0, 0, 2, 0]);
  });

  it('a refused record comes back to the shard that is open then; none is lost without being counted (K3, K6)', () => {
    for (const keys of [undefined, { count: 40 }]) {
      const { summary, m } = changed(
        [
          { at: '5050ms', split: 's', shard: 0 },
          { at: '9050ms', merge: 's', shards: [1, 2] },
        ],
        {
          streams: { s: { ShardCount: 1 } },
          duration: '15s',
          producers: { p: { rate: '1300/s', ...(keys ? { keys } : {}) } },
        },
      );
      const { recordsOffered, recordsPut, lostAtWrite, writeThrottled } = summary.streams.s!;
      expect(recordsPut + lostAtWrite).toBe(recordsOffered);
      expect(writeThrottled).toBeGreaterThan(0);
      expect(m.records).toMatchObject({ arrived: recordsPut, succeeded: recordsPut });
    }
  });

  it('4 → 8 → 4 shards under load, a failing function and poison: O1 holds for every key (O1, K6)', () => {
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);
    const records = Array.from({ length: 3_000 }, (_, i) => ({ at: `${i * 20}ms`, key: keys[(i * 7) % 40]! }));
    for (const ParallelizationFactor of [1, 3]) {
      const result = changed(steps, {
        producers: { p: { records } },
        functions: { f: { duration: '300ms', faults: [{ probability: '20%' }, { from: '12s', to: '20s' }] } },
        mappings: { m: { BatchSize: 7, ParallelizationFactor, BisectBatchOnFunctionError: true } },
      });
      expect(result.m.records).toMatchObject({ arrived: 3_000, succeeded: 3_000 });
      expect(firstDeliveries(result, records).every(({ inOrder }) => inOrder)).toBe(true);
    }
  });
});

/** Of each key: whether its records were first delivered in the order in which they were put. */
function firstDeliveries(result: SmallRun, records: readonly { at: string; key: string }[]) {
  const { shards } = result.scenario.streams[0]!;
  const ofShard = shards.map(({ opensAt, closesAt, startingHashKey, endingHashKey }) =>
    records
      .map(({ key }, i) => ({ key, i, at: i * 20_000, hashKey: hashKeyOf(key) }))
      .filter(
        ({ at, hashKey }) => opensAt <= at && at < closesAt && startingHashKey <= hashKey && hashKey <= endingHashKey,
      ),
  );
  const order = new Map<string, number[]>();
  const factor = result.scenario.mappings[0]!.parallelizationFactor;
  for (const { shardId, lane, first, last, start } of [...eventsOf(result, 'invocation')].sort(
    (a, b) => a.start - b.start,
  )) {
    const shard = Number(shardId.slice(-12));
    const { startingHashKey: from, endingHashKey: to } = shards[shard]!;
    for (const record of ofShard[shard]!.slice(first, last + 1)) {
      if (Number((BigInt(factor) * (record.hashKey - from)) / (to - from + 1n)) !== lane) continue;
      const seen = order.get(record.key) ?? [];
      if (!seen.includes(record.i)) order.set(record.key, [...seen, record.i]);
      expect(record.at).toBeLessThanOrEqual(start);
    }
  }
  return [...order].map(([key, seen]) => ({ key, inOrder: seen.every((i, n) => n === 0 || seen[n - 1]! < i) }));
}

describe('lanes of shards that open and close', () => {
  it('a child is first asked for at the tick after its parents are settled (K6)', () => {
    const result = changed([{ at: '10s', split: 's', shard: 0 }], {
      streams: { s: { ShardCount: 1 } },
      producers: {
        p: {
          records: [
            { at: '9500ms', key: 'a' },
            { at: '10200ms', key: 'a' },
          ],
        },
      },
      functions: { f: { duration: '2500ms' } },
    });
    const child = eventsOf(result, 'invocation').filter(({ shardId }) => shardId !== 'shardId-000000000000');
    // The parent's batch runs from 10 s to 12.5 s; the child is asked for at 13 s.
    expect(child.map(({ start }) => start)).toEqual([13_000_000]);
  });

  it('a closed shard is not polled any more once it is settled (K6)', () => {
    const result = changed([{ at: '10s', split: 's', shard: 0 }], {
      streams: { s: { ShardCount: 1 } },
      producers: { p: { records: [] } },
    });
    const polls = eventsOf(result, 'poll').map(({ t, shardId }) => [t / 1e6, Number(shardId.slice(-12))]);
    expect(polls.filter(([, shard]) => shard === 0).map(([t]) => t)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(polls.filter(([, shard]) => shard === 1).map(([t]) => t)[0]).toBe(10);
  });

  it('waiting for a parent is a stall of its own, and not polling in the age (M3, M4, K6)', () => {
    const result = changed([{ at: '10s', split: 's', shard: 0 }], {
      streams: { s: { ShardCount: 1 } },
      producers: {
        p: {
          records: [
            { at: '9s', key: 'a' },
            { at: '11s', key: 'a' },
          ],
        },
      },
      functions: { f: { duration: '0ms', faults: [{ from: '0s', to: '45s' }] } },
      mappings: { m: { retryBackoff: { initial: '1s', factor: 1 } } },
    });
    expect(result.m.stalls.map(({ shardId, cause, startSeconds }) => [shardId.slice(-1), cause, startSeconds])).toEqual(
      expect.arrayContaining([
        ['0', 'functionError', 9],
        [expect.stringMatching(/[12]/), 'parent', 11],
      ]),
    );
    expect(result.m.ageBreakdownMs.notPolling).toBeCloseTo((45_000 - 11_000) / 2, -3);
  });

  it('with LATEST a shard that opens later is read from its first record (P8, K6)', () => {
    const { m } = changed([{ at: '10s', split: 's', shard: 0 }], {
      streams: { s: { ShardCount: 1 } },
      polling: { period: '3s', phase: '2s' },
      producers: { p: { records: [{ at: '1s' }, { at: '5s' }, { at: '10100ms' }] } },
      mappings: { m: { StartingPosition: 'LATEST' } },
    });
    expect(m.records).toMatchObject({ arrived: 2, succeeded: 2 });
  });

  it('a mapping that is disabled while its stream changes goes on with the parents (K6, P9)', () => {
    const result = changed(
      [
        { at: '8s', disable: 'm' },
        { at: '10s', split: 's', shard: 0 },
        { at: '20s', enable: 'm' },
      ],
      {
        streams: { s: { ShardCount: 1 } },
        producers: {
          p: {
            records: [
              { at: '9s', key: 'a' },
              { at: '11s', key: 'a' },
            ],
          },
        },
      },
    );
    const order = eventsOf(result, 'invocation').map(({ start, shardId }) => [
      start,
      shardId === 'shardId-000000000000',
    ]);
    expect(order).toEqual([
      [20_000_000, true],
      [21_000_000, false],
    ]);
  });

  it('enhanced fan-out reads children after their parents, too (K8, K6)', () => {
    const { m } = changed([{ at: '10s', reshard: 's', ShardCount: 8 }], {
      streams: { s: { ShardCount: 4, consumers: ['c'] } },
      mappings: { m: { stream: undefined, consumer: 's/c' } },
      functions: { f: { duration: '150ms', faults: [{ probability: '10%' }] } },
    });
    expect(m.records.succeeded).toBe(m.records.arrived);
  });
});

it('whatever is done to a stream, no law is broken (K6, E9, O1, O2)', () => {
  const change = fc.oneof(
    fc.record({ split: fc.constant('s'), shard: fc.nat(7) }),
    fc.record({ merge: fc.constant('s'), shards: fc.tuple(fc.nat(7), fc.nat(7)) }),
    fc.record({ reshard: fc.constant('s'), ShardCount: fc.integer({ min: 1, max: 6 }) }),
    fc.constantFrom({ disable: 'm' }, { enable: 'm' }),
  );
  const setting = fc.record({
    seed: fc.nat(1_000),
    rate: fc.constantFrom('20/s', '100/s', '1300/s'),
    shards: fc.integer({ min: 1, max: 4 }),
    changes: fc.array(change, { maxLength: 6 }),
    at: fc.array(fc.integer({ min: 0, max: 25_000 }), { minLength: 6, maxLength: 6 }),
    keys: fc.constantFrom(undefined, { count: 20 }),
    factor: fc.constantFrom(1, 1, 3),
    window: fc.constantFrom(0, 0, 2),
    position: fc.constantFrom('TRIM_HORIZON', 'LATEST'),
    probability: fc.constantFrom('0%', '30%'),
  });
  fc.assert(
    fc.property(setting, ({ seed, rate, shards, changes, at, keys, factor, window, position, probability }) => {
      const times = at.slice(0, changes.length).sort((a, b) => a - b);
      const timeline = changes.map((one, i) => ({ at: `${times[i]}ms`, ...one }));
      // Of changes that AWS would refuse only those that it would not are made.
      const made: ScenarioPart[] = [];
      for (const entry of timeline) if (isAccepted([...made, entry], shards)) made.push(entry);
      const result = changed(made, {
        seed,
        duration: '20s',
        streams: { s: { ShardCount: shards } },
        producers: { p: { rate, ...(keys ? { keys } : {}) } },
        functions: { f: { duration: '400ms', faults: [{ probability }] } },
        mappings: {
          m: {
            ParallelizationFactor: factor,
            MaximumBatchingWindowInSeconds: window,
            StartingPosition: position,
            MaximumRetryAttempts: 3,
          },
        },
      });
      const { recordsOffered, recordsPut, lostAtWrite } = result.summary.streams.s!;
      expect(recordsPut + lostAtWrite).toBe(recordsOffered);
    }),
    { numRuns: 40 },
  );
});

function isAccepted(timeline: ScenarioPart[], ShardCount: number): boolean {
  try {
    shardsOf(timeline, { ShardCount });
    return true;
  } catch {
    return false;
  }
}
