import { describe, expect, it } from 'vitest';
import { NEVER } from '../../../src/kernel/time.ts';
import { SlotPool } from '../../../src/sim/lambda/concurrency.ts';
import { Environments } from '../../../src/sim/lambda/environments.ts';
import type { ScenarioPart, SmallRun } from '../../support/scenario.ts';
import { eventsOf, run } from '../../support/scenario.ts';

/** One record for each of `count` shards at 500 ms, so that all lanes want an environment at 1 s, for as long as it runs. */
function demand(count: number, more: ScenarioPart = {}, mapping: ScenarioPart = {}): ScenarioPart {
  return {
    duration: '14s',
    account: { ConcurrentExecutions: 5_000 },
    streams: { s: { ShardCount: count } },
    producers: { p: { records: Array.from({ length: count }, (_, shard) => ({ at: '500ms', shard })) } },
    functions: { f: { duration: '100s', Timeout: 900 } },
    ...more,
    mappings: { m: { throttleBackoff: 'queue', ...mapping } },
  };
}

/** When invocations of a mapping started, in order. */
function startTimes(result: SmallRun, mapping = 'm'): number[] {
  return eventsOf(result, 'invocation', mapping)
    .map(({ start }) => start)
    .sort((a, b) => a - b);
}

describe('new environments', () => {
  it('a function at zero with unlimited demand has 1,000 in the first instant and 1,000 more after 10 s (L3)', () => {
    const result = run(
      demand(2_500, {
        duration: '40s',
        polling: { period: '1h', phase: '1s' },
        functions: { f: { duration: '20s', Timeout: 900 } },
      }),
    );
    const starts = startTimes(result);
    const startedUntil = (at: number) => starts.filter((start) => start <= at).length;
    expect(startedUntil(1_009_999)).toBe(1_000);
    expect(startedUntil(1_010_000)).toBe(1_001); // 100 a second, one by one
    expect(startedUntil(10_999_999)).toBe(1_999);
    expect(startedUntil(11_000_000)).toBe(2_000);
    // What waits in line was throttled once.
    expect(result.summary.functions.f).toMatchObject({ throttles: 1_500, concurrency: { limit: 5_000 } });
  });

  it('past the bucket an attempt is throttled as in L2, and tried again by throttleBackoff (L3)', () => {
    const result = run(demand(1_010, { duration: '4s' }, { throttleBackoff: { initial: '15ms', factor: 1 } }));
    // Ten lanes are throttled at 1.000 s. At 1.015 the bucket holds one, at 1.030 it holds two more, and so on: 1 or 2.
    const throttles = eventsOf(result, 'throttle').map(({ t }) => t);
    const at = (t: number) => throttles.filter((time) => time === t).length;
    expect([1_000_000, 1_015_000, 1_030_000, 1_045_000, 1_060_000, 1_075_000, 1_090_000, 1_105_000].map(at)).toEqual([
      10, 9, 7, 6, 4, 3, 1, 0,
    ]);
    expect(result.m).toMatchObject({ throttles: 40, errors: 0 });
  });

  it('a warm environment needs no token (L3, L4)', () => {
    const all = Array.from({ length: 1_200 }, (_, shard) => shard);
    const result = run(
      demand(1_200, {
        duration: '6s',
        functions: { f: { duration: '100ms', coldStart: '200ms' } },
        producers: {
          p: { records: ['500ms', '4500ms'].flatMap((at) => all.map((shard) => ({ at, shard }))) },
        },
      }),
    );
    // At 1 s 1,000 start. Of the 200 in line 29 get a new one before those are left warm at 1.3 s, which serve the others. At
    // 5 s 1,029 are warm, and the bucket holds the 171 that are missing.
    expect(result.summary.functions.f!.coldStarts).toBe(1_200);
    expect(eventsOf(result, 'throttle').map(({ t }) => t)).toEqual(Array.from({ length: 200 }, () => 1_000_000));
  });

  it('those in line go in the order of joining as the bucket is refilled, before whoever asks then (L3, D4)', () => {
    // From 1 s on 101 lanes stand in line. At 2 s the bucket has one for the hundredth time, and one more lane asks.
    const records = [
      ...Array.from({ length: 1_101 }, (_, shard) => ({ at: '500ms', shard })),
      { at: '1500ms', shard: 1_101 },
    ];
    const result = run(
      demand(1_102, {
        duration: '6s',
        producers: { p: { records } },
        functions: { f: { duration: '3s', Timeout: 900 } },
      }),
    );
    const starts = eventsOf(result, 'invocation').map(({ shardId, start }) => [Number(shardId.slice(-4)), start]);
    expect(starts.slice(1_000)).toEqual([
      ...Array.from({ length: 101 }, (_, place) => [1_000 + place, 1_010_000 + place * 10_000]),
      [1_101, 2_020_000],
    ]);
  });

  it('each function has a bucket of its own, and who waits for one lets others of the pool pass (L3, L2)', () => {
    const count = 1_001;
    const result = run({
      ...demand(count),
      duration: '3s',
      account: { ConcurrentExecutions: 1_001 },
      streams: { s: { ShardCount: count }, t: { ShardCount: 2 } },
      producers: {
        p: { records: Array.from({ length: count }, (_, shard) => ({ at: '500ms', shard })) },
        q: { stream: 't', records: [0, 1].map((shard) => ({ at: '500ms', shard })) },
      },
      functions: { f: { duration: '1s' }, g: { duration: '4ms' } },
      mappings: {
        m: { throttleBackoff: 'queue' },
        n: { stream: 't', function: 'g', StartingPosition: 'TRIM_HORIZON', throttleBackoff: 'queue' },
      },
    });
    // One slot is left for g, whose other lane stands in line behind that of f that waits for an environment.
    expect(startTimes(result, 'n')).toEqual([1_000_000, 1_004_000]);
    expect(startTimes(result).slice(999)).toEqual([1_000_000, 1_010_000]);
  });

  it('a bucket is never fuller than 1,000 (L3)', () => {
    const environments = new Environments(1_000_000);
    const taken = (at: number) => {
      let count = 0;
      while (environments.take(at)?.kind === 'new') count++;
      return count;
    };
    expect([taken(50_000_000), environments.nextAt(50_000_000)]).toEqual([1_000, 50_010_000]);
    expect([taken(50_009_999), taken(50_010_000), taken(50_019_999)]).toEqual([0, 1, 0]);
    expect([environments.nextAt(50_019_999), taken(50_020_000)]).toEqual([50_020_000, 1]);
    expect(taken(1_000_000_000)).toBe(1_000);
  });

  it('the refill that was missing first wakes the line, whoever joins it later (L3, D4)', () => {
    const pool = new SlotPool<string>(10);
    const from = (next: number) => ({ nextStart: (at: number) => Math.max(at, next) });
    const [late, soon, blocked] = [from(90), from(40), { nextStart: () => NEVER }];
    pool.join('a', late);
    pool.join('b', blocked);
    pool.join('c', soon);
    pool.join('d', soon);
    expect([pool.nextServe(10), pool.serve(10)]).toEqual([40, null]);
    expect([pool.serve(40), pool.serve(40), pool.serve(40), pool.nextServe(40)]).toEqual(['c', 'd', null, 90]);
    pool.join('e', soon);
    expect([pool.serve(90), pool.serve(90), pool.serve(90), pool.nextServe(90)]).toEqual(['a', 'e', null, NEVER]);
  });
});
