import { describe, expect, it } from 'vitest';
import { Chance } from '../../../src/kernel/chance.ts';
import { hashKeyOf } from '../../../src/sim/kinesis/partition.ts';
import { laneRecords, Slices } from '../../../src/sim/kinesis/slice-log.ts';
import { Stream } from '../../../src/sim/kinesis/stream.ts';
import type { ScenarioPart, SmallRun } from '../../support/scenario.ts';
import { eventsOf, parse, run } from '../../support/scenario.ts';

const SPACE = 2n ** 128n;

function sliced(factor: number, more: ScenarioPart & { mapping?: ScenarioPart } = {}) {
  const { mapping, ...rest } = more;
  return run({
    duration: '30s',
    drain: '10m',
    mappings: { m: { ParallelizationFactor: factor, ...mapping } },
    ...rest,
  });
}

/** Every record of shard 0 that a mapping settled with success: its lane and its place in the order of ends. */
function deliveries(result: SmallRun) {
  return eventsOf(result, 'invocation').filter(({ outcome }) => outcome === 'success');
}

describe('the slice of a key', () => {
  it('is ⌊PF · (hash − start) / (end − start + 1)⌋ (P4)', () => {
    const half = { startingHashKey: SPACE / 2n, endingHashKey: SPACE - 1n };
    for (const factor of [1, 2, 3, 7, 10]) {
      const slices = new Slices(factor, half, 2);
      for (let i = 0; i < 200; i++) {
        const hashKey = hashKeyOf(`partitionKey-${i}`);
        if (hashKey < SPACE / 2n) continue;
        const slice = slices.ofKey(`partitionKey-${i}`);
        expect(slice).toBe(Number((BigInt(factor) * (hashKey - SPACE / 2n)) / (SPACE / 2n)));
        expect(slice).toBeLessThan(factor);
      }
    }
  });
});

describe('what has come of the slices of a shard', () => {
  it.each([5, 180])(
    'is the same whether their counts go on together or each alone, now and of late (P4, P7)',
    (rate) => {
      const { streams, producers, ...scenario } = parse({
        streams: { s: { ShardCount: 1 } },
        producers: { p: { rate: `${rate}/s`, bytes: { uniform: { min: '1B', max: '9B' } } } },
      });
      const chance = new Chance('asks');
      const countsOf = (range: Slices | null) => {
        const [shard] = new Stream(streams[0]!, producers, { duration: scenario.duration, chance: new Chance('1') })
          .shards;
        const own = () => range ?? new Slices(4, streams[0]!.shards[0]!, 1);
        return [0, 1, 2, 3].map((slice) => laneRecords(shard!, own(), slice, null).arrivals);
      };
      const together = countsOf(new Slices(4, streams[0]!.shards[0]!, 1));
      const alone = countsOf(null);
      const asked: { at: number; slice: number; count: number }[] = [];
      let known = 0;
      for (let n = 0, at = 0; at < 14 * 1_000_000; n++, at += 1 + Math.floor(chance.unit(n) ** 4 * 2_500_000)) {
        // Not all lanes ask; some stay behind for seconds.
        for (let slice = 0; slice < 4; slice++) {
          if (chance.unit(100_000 + 4 * n + slice) > 0.4) continue;
          const early = alone[slice]!.knownBy(at);
          const count = alone[slice]!.by(at);
          expect(early).toBe(count);
          expect(together[slice]!.by(at), `${at}: ${slice}`).toBe(count);
          expect(together[slice]!.totalsBefore(at + 1)).toEqual(alone[slice]!.totalsBefore(at + 1));
          asked.push({ at, slice, count });
          for (const past of asked.slice(-12)) {
            const late = together[past.slice]!.knownBy(past.at);
            if (past.at > at - 1_000_000 && past.slice === slice) expect(late).toBe(past.count);
            expect([-1, past.count]).toContain(late);
            if (late >= 0) known++;
          }
        }
      }
      expect(asked.at(-1)!.count).toBeGreaterThan(rate);
      expect(known).toBeGreaterThan(100);
      expect(together[0]!.knownBy(-1)).toBe(-1);
    },
  );
});

describe('parallelization', () => {
  it('every record is in one lane, and none is lost (P4, E9)', () => {
    for (const keys of [undefined, { count: 50 }]) {
      const { m, recording } = sliced(4, { producers: { p: { rate: '200/s', ...(keys ? { keys } : {}) } } });
      expect(m.records).toMatchObject({ arrived: m.records.succeeded, pending: 0 });
      expect(m.records.arrived).toBe(recording.streams[0]!.shards[0]!.total.records);
      expect(recording.mappings[0]!.lanes.map(({ shard, lane }) => [shard, lane])).toEqual([
        [0, 0],
        [0, 1],
        [0, 2],
        [0, 3],
      ]);
      // Within five standard deviations of a fair share; of 50 keys at least one is in every slice.
      for (const { balance } of recording.mappings[0]!.lanes) {
        if (keys === undefined) expect(Math.abs(balance.arrived - m.records.arrived / 4)).toBeLessThan(170);
        expect(balance.arrived).toBeGreaterThan(0);
      }
    }
  });

  it('the records are the same whatever the factor is (D3, P4)', () => {
    const put = (factor: number) =>
      sliced(factor, { producers: { p: { rate: '100/s' } } }).summary.streams.s!.shards['shardId-000000000000'];
    expect(put(10)).toEqual(put(1));
  });

  it('a partition key stays in one lane and in order (P4, O1)', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const records = Array.from({ length: 400 }, (_, i) => ({ at: `${500 + 13 * i}ms`, key: keys[(i * 5) % 8]! }));
    const result = sliced(5, { mapping: { BatchSize: 7 }, producers: { p: { records } } });
    const slices = new Slices(5, { startingHashKey: 0n, endingHashKey: SPACE - 1n }, 1);
    const newest = new Map<number, number>();
    for (const { lane, first, last, size } of deliveries(result)) {
      expect(slices.ofKey(records[first]!.key)).toBe(lane);
      expect(slices.ofKey(records[last]!.key)).toBe(lane);
      expect(first).toBeGreaterThan(newest.get(lane) ?? -1);
      const own = records.slice(first, last + 1).filter(({ key }) => slices.ofKey(key) === lane);
      expect(own.length).toBe(size);
      newest.set(lane, last);
    }
    expect(result.m.records.succeeded).toBe(400);
  });

  it('each lane has BatchSize records of its own and one batch in flight (P4)', () => {
    const result = sliced(3, {
      functions: { f: { duration: '700ms' } },
      mapping: { BatchSize: 10 },
      producers: { p: { rate: '100/s' } },
    });
    const sizes = eventsOf(result, 'invocation').map(({ size }) => size);
    expect(Math.max(...sizes)).toBe(10);
    expect(result.m.concurrency.max).toBe(3);
  });

  it('100 shards × factor 2: at most 200 at once (P4, L1)', () => {
    const { m } = run({
      duration: '10s',
      streams: { s: { ShardCount: 100 } },
      functions: { f: { duration: '2s' } },
      mappings: { m: { ParallelizationFactor: 2, BatchSize: 1 } },
      producers: { p: { rate: '2000/s' } },
    });
    expect(m.concurrency.max).toBe(200);
  });

  it('a blocked slice does not stop the others (P4)', () => {
    const { recording } = sliced(4, {
      drain: '0s',
      functions: { f: { duration: '20ms', faults: [{ poison: { stream: 's', shard: 0, record: 30 } }] } },
      producers: { p: { rate: '100/s' } },
    });
    const pending = recording.mappings[0]!.lanes.map(({ balance }) => balance.pending).sort((a, b) => b - a);
    expect(pending[0]).toBeGreaterThan(500);
    expect(pending[1]).toBeLessThan(60);
  });

  it('a hot key caps what the factor can do: its records stay in one lane (P4)', () => {
    const rate = (factor: number) =>
      sliced(factor, {
        drain: '0s',
        functions: { f: { duration: '500ms' } },
        mapping: { BatchSize: 1 },
        producers: { p: { rate: '10/s', keys: { list: ['hot'] } } },
      }).m.throughput.recordsOutPerSecond;
    expect(rate(10)).toBe(rate(1));
  });

  it('one GetRecords call serves all lanes of a shard (P7)', () => {
    const { m } = sliced(4, {
      duration: '1500ms',
      producers: { p: { records: [{ at: '500ms', count: 900 }] } },
      mapping: { BatchSize: 10 },
    });
    // 225 records or so for each lane are buffered by one call; a lane calls again when fewer than 10 are left.
    expect(m.polls.asks).toBeGreaterThan(90);
    expect(m.polls.getRecordsCalls).toBeLessThan(20);
    expect(m.records.succeeded).toBe(900);
  });

  it('each lane keeps its place through disable and enable (P4, P9)', () => {
    const result = sliced(3, {
      functions: { f: { duration: '300ms' } },
      mapping: { BatchSize: 5 },
      producers: { p: { rate: '40/s', keys: { count: 40 } } },
      timeline: [
        { at: '5300ms', disable: 'm' },
        { at: '9s', enable: 'm' },
      ],
    });
    expect(result.m.records).toMatchObject({ arrived: result.m.records.succeeded, duplicates: 0 });
    const seen = new Map<number, number>();
    for (const { lane, first, last } of deliveries(result)) {
      expect(first).toBeGreaterThan(seen.get(lane) ?? -1);
      seen.set(lane, last);
    }
  });

  it('unread records of a slice expire like any other (P4, K5)', () => {
    const { m, recording } = run({
      duration: '30h',
      functions: { f: { duration: '100ms', faults: [{ poison: { key: 'a' } }] } },
      mappings: { m: { ParallelizationFactor: 2, BatchSize: 1 } },
      producers: { p: { records: ['a', 'b', 'c', 'd', 'a', 'b', 'a'].map((key, i) => ({ at: `${i}s`, key })) } },
    });
    expect(m.records.succeeded + m.records.expired).toBe(7);
    expect(m.records.expired).toBeGreaterThanOrEqual(3);
    expect(recording.mappings[0]!.lanes.map(({ balance }) => balance.pending)).toEqual([0, 0]);
  });

  it('is from 1 to 10 (P4)', () => {
    expect(() => parse({ mappings: { m: { ParallelizationFactor: 11 } } })).toThrow('from 1 to 10');
  });
});

describe('the lanes of a shard share what a call brings', () => {
  /** Keys a and c are of the first of two slices, b is of the second. */
  const large = (at: string, key: string) => ({ at, key, bytes: '900KB' });
  const shared = (records: readonly ScenarioPart[], more: ScenarioPart & { mapping?: ScenarioPart } = {}) =>
    sliced(2, { duration: '10s', streams: { s: { writeLimits: 'off' } }, producers: { p: { records } }, ...more });

  it('with LATEST the first call brings nothing that came before, of whatever slice (P8, K4)', () => {
    const before = [large('300ms', 'a'), large('400ms', 'b'), large('500ms', 'b'), large('600ms', 'b')];
    const { m } = shared([...before, large('1500ms', 'b')], {
      polling: { phase: '1s', period: '1s' },
      mapping: { StartingPosition: 'LATEST', Enabled: false },
      timeline: [{ at: '900ms', enable: 'm' }],
    });
    expect(m.records).toMatchObject({ arrived: 1, succeeded: 1 });
    expect(m.polls.refused).toBe(0); // 3.5 MB would have kept the others waiting for a second
  });

  it('after a pause the shard is read again from the first record that is not settled (P4, P9)', () => {
    const records = [large('100ms', 'b'), large('1100ms', 'a'), large('2100ms', 'a'), large('3100ms', 'c')];
    const { m } = shared(records, {
      timeline: [
        { at: '5500ms', disable: 'm' },
        { at: '6500ms', enable: 'm' },
      ],
    });
    expect(m.records.succeeded).toBe(4);
    expect(m.polls.refused).toBe(0); // nothing is brought twice
  });

  it('what another slice has settled behind that record comes again, and counts (P4, K4)', () => {
    // b fails until the pause; a and c are settled meanwhile and read once more behind it.
    const records = [large('100ms', 'b'), large('1100ms', 'a'), large('2100ms', 'a'), large('3100ms', 'c')];
    const { m } = shared(records, {
      functions: { f: { duration: '100ms', faults: [{ poison: { key: 'b' }, until: '6s' }] } },
      timeline: [
        { at: '5500ms', disable: 'm' },
        { at: '6500ms', enable: 'm' },
      ],
    });
    expect(m.records.succeeded).toBe(4);
    expect(m.polls.refused).toBe(1); // 3.6 MB at 7 s are not paid for at 8 s
  });

  it('at one instant one call is made for all of them, unless it left something behind (P7)', () => {
    const small = Array.from({ length: 50 }, (_, i) => ({ at: `${i}ms`, key: `${i}` }));
    const one = sliced(10, { duration: '4500ms', drain: '0s', producers: { p: { records: small } } });
    expect(one.m.polls).toMatchObject({ asks: 50, getRecordsCalls: 5, refused: 0 });
    expect(one.m.records.succeeded).toBe(50);
    // Each call brings one batch: five calls at 1 s, and the sixth is refused.
    const five = sliced(10, {
      duration: '1050ms',
      drain: '0s',
      producers: { p: { records: small } },
      mapping: { BatchSize: 5, fetchLimit: 'batchSize' },
    });
    expect(five.m.polls).toMatchObject({ getRecordsCalls: 1 + 6, refused: 1 });
  });
});
