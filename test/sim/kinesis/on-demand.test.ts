import { describe, expect, it } from 'vitest';
import { Chance } from '../../../src/kernel/chance.ts';
import { laws } from '../../../src/laws/laws.ts';
import { withOnDemandShards } from '../../../src/sim/kinesis/on-demand.ts';
import type { ScenarioPart } from '../../support/scenario.ts';
import { parse, run } from '../../support/scenario.ts';

const ON_DEMAND = { streams: { s: { StreamMode: 'ON_DEMAND', ShardCount: undefined } } };

/** A stream of which the shards and the capacity are worked out. */
function adapted(scenario: ScenarioPart) {
  const parsed = parse({ ...ON_DEMAND, ...scenario });
  return withOnDemandShards(parsed, new Chance(parsed.seed)).streams[0]!;
}

/** So many MB/s for a minute each, in records of 10 KB. */
function minutes(...rates: number[]) {
  return { p: { phases: rates.map((rate) => ({ duration: '1m', rate: `${rate * 102}/s` })), bytes: '10224B' } };
}

describe('what an on-demand stream takes (K7)', () => {
  it('is 4 MB/s at the start, then twice the highest minute so far, never less', () => {
    const { capacity } = adapted({ duration: '7m', producers: minutes(1, 3, 5, 2, 9, 1, 1) });
    const expected = [4, 4, 6, 10, 10, 18, 18, 18];
    capacity!.forEach((units, minute) => {
      expect(Math.abs(units / expected[minute]! - 1), `minute ${minute}`).toBeLessThan(0.02);
    });
    for (let i = 1; i < capacity!.length; i++) expect(capacity![i]).toBeGreaterThanOrEqual(capacity![i - 1]!);
  });

  it('after a peak of 40 MB/s 80 MB/s are taken at once, and 110 are not', () => {
    const put = (last: number) =>
      run({
        ...ON_DEMAND,
        duration: '6m',
        period: '60s',
        mappings: { m: { BatchSize: 10_000, Enabled: false } },
        producers: minutes(3.5, 6.5, 12, 22, 40, last),
      }).summary.streams.s!;
    expect(adapted({ duration: '6m', producers: minutes(3.5, 6.5, 12, 22, 40, 1) }).capacity![5]).toBeCloseTo(80, -1);
    expect(put(74).lostAtWrite).toBeLessThan(0.001 * put(74).recordsOffered);
    const beyond = put(110);
    // A fifth and more of the last minute's 6.6 GB is beyond 80 MB/s.
    expect(beyond.lostAtWrite / (110 * 102 * 60)).toBeGreaterThan(0.2);
  });

  it('counts small records by 1,000 for 1 MB', () => {
    const { capacity } = adapted({ duration: '2m', producers: { p: { rate: '3500/s', bytes: '100B' } } });
    expect(capacity![1]).toBeCloseTo(7, 0);
  });

  it('is never lost sight of: what is put and lost is what was offered, and no law is broken', () => {
    const result = run({ ...ON_DEMAND, duration: '20m', drain: '5m', producers: { p: { rate: '6000/s' } } });
    const { recordsOffered, recordsPut, lostAtWrite } = result.summary.streams.s!;
    expect(recordsPut + lostAtWrite).toBe(recordsOffered);
    expect(lostAtWrite).toBeGreaterThan(0);
    for (const [name, law] of Object.entries(laws)) expect(law(result), name).toEqual([]);
  });
});

describe('the shards of an on-demand stream (K7)', () => {
  it('begin as four; one that takes more than 500 KB/s through a whole minute is halved 15 minutes later', () => {
    const { shards } = adapted({ duration: '40m', producers: { p: { rate: '2600/s' } } });
    expect(shards.map(({ opensAt, parents }) => [opensAt / 60e6, parents])).toEqual([
      ...[0, 1, 2, 3].map(() => [0, []]),
      ...[0, 0, 1, 1, 2, 2, 3, 3].map((parent) => [16, [parent]]),
    ]);
  });

  it('are halved by what they are charged, keys included (K3)', () => {
    // 900/s of 400 B are 352 KB/s of data, and 577 KB/s with keys of 256 B.
    const list = (key: string) =>
      adapted({
        duration: '20m',
        streams: { s: { StreamMode: 'ON_DEMAND', ShardCount: 1 } },
        producers: { p: { rate: '900/s', arrivals: 'even', bytes: '400B', keys: { list: [key] } } },
      }).shards.length;
    expect([list('k'.repeat(256)), list('k')]).toEqual([3, 1]);
  });

  it('stay as they are at less than that', () => {
    expect(adapted({ duration: '40m', producers: { p: { rate: '1800/s' } } }).shards.length).toBe(4);
  });

  it('a hot key halves its own shard again and again', () => {
    const { shards } = adapted({
      duration: '50m',
      producers: { p: { rate: '900/s', keys: { hot: { key: 'a', share: '90%' }, count: 100 } } },
    });
    const opened = shards.map(({ opensAt }) => opensAt / 60e6).filter((at) => at > 0);
    expect(opened).toEqual([16, 16, 32, 32, 48, 48]);
  });

  it('ShardCount is what it begins with, and its capacity with it', () => {
    const { shards, capacity } = adapted({
      duration: '2m',
      streams: { s: { StreamMode: 'ON_DEMAND', ShardCount: 16 } },
      producers: { p: { rate: '1/s' } },
    });
    expect([shards.length, capacity![0]]).toEqual([16, 16]);
  });

  it('are not changed by hand', () => {
    expect(() =>
      parse({ ...ON_DEMAND, producers: { p: { rate: '1/s' } }, timeline: [{ at: '1s', split: 's', shard: 0 }] }),
    ).toThrow('an on-demand stream changes its shards itself');
  });

  it('a run with them is the same twice, and its lanes lose nothing (D1, E9, K6)', () => {
    const scenario = {
      ...ON_DEMAND,
      duration: '20m',
      drain: '5m',
      producers: { p: { rate: '2600/s' } },
      mappings: { m: { BatchSize: 1_000 } },
    };
    const [one, other] = [run(scenario), run(scenario)];
    expect(one.recording.digest).toBe(other.recording.digest);
    expect(one.m.records.succeeded).toBe(one.m.records.arrived);
    expect(Object.keys(one.summary.streams.s!.shards).length).toBe(12);
  });
});
