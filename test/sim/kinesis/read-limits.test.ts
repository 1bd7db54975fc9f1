import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { askTimes, eventsOf, run, seriesOf, timeLine } from '../../support/scenario.ts';

/** Mappings m, n, … of as many functions, all of the stream. */
function mappings(count: number, settings: ScenarioPart = {}): ScenarioPart {
  const names = ['m', 'n', 'o', 'q', 'r', 't', 'u', 'v'].slice(0, count);
  return {
    functions: Object.fromEntries(names.map((name) => [name === 'm' ? 'f' : name, { duration: '100ms' }])),
    mappings: Object.fromEntries(
      names.map((name) => [
        name,
        { stream: 's', function: name === 'm' ? 'f' : name, StartingPosition: 'TRIM_HORIZON', ...settings },
      ]),
    ),
  };
}

describe('the call bucket', () => {
  it('gives a shard 5 calls at once, in file order, and one more every 200 ms (K4, A2, D4)', () => {
    const result = run({
      duration: '2s',
      ...mappings(7),
      producers: { p: { records: [{ at: '0s' }] } },
    });
    // Seven mappings ask at 0 s and at 1 s; five calls are answered each time.
    const calls = ['m', 'n', 'o', 'q', 'r', 't', 'u'].map((name) => {
      const { getRecordsCalls, refused } = result.summary.mappings[name]!.polls;
      return [getRecordsCalls, refused];
    });
    expect(calls).toEqual([
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 2],
      [2, 2],
    ]);
    expect(seriesOf(result, 'ReadProvisionedThroughputExceeded', 'Sum')).toEqual([4]);
    expect(timeLine(result, 'r')).toEqual([[0, 100_000, 0, 0]]);
    expect(timeLine(result, 't')).toEqual([]);
  });

  it('five mappings at once a second are just admitted (K4)', () => {
    const result = run({ duration: '60s', ...mappings(5), producers: { p: { records: [] } } });
    expect(seriesOf(result, 'ReadProvisionedThroughputExceeded', 'Sum')).toEqual([0]);
  });

  it('a lane that polls every 100 ms has every second call refused once the bucket is empty (K4)', () => {
    // Calls at 0, 0.1, 0.2, …: before call k (from 0) the bucket holds 5 + k/2 − answered; the first refusal is the
    // tenth call (k = 9): 5 + 4.5 − 9 = 0.5. From there on every second call is refused: k = 9, 11, … 99.
    const { m } = run({
      duration: '10s',
      polling: { period: '100ms' },
      producers: { p: { records: [] } },
    });
    expect(m.polls).toMatchObject({ asks: 100, getRecordsCalls: 100, refused: 46 });
  });

  it('each shard has its own (K4)', () => {
    const result = run({
      duration: '2s',
      streams: { s: { ShardCount: 3 } },
      ...mappings(5),
      producers: { p: { records: [] } },
    });
    expect(seriesOf(result, 'ReadProvisionedThroughputExceeded', 'Sum')).toEqual([0]);
  });

  it('readLimits: off refuses nothing (K4)', () => {
    const { m } = run({
      duration: '10s',
      streams: { s: { readLimits: 'off' } },
      polling: { period: '10ms' },
      producers: { p: { records: [] } },
    });
    expect(m.polls).toMatchObject({ asks: 1_000, refused: 0 });
  });

  it('a refused ask is repeated at the next tick, and the batch it left waiting is a stall (K4, P7, M3)', () => {
    // m and five others ask at 1 s: u, the sixth, is refused at 0 s and at 1 s.
    const result = run({
      duration: '3s',
      stallAfter: '0s',
      ...mappings(6),
      timeline: [{ at: '1500ms', disable: 'm' }],
      producers: { p: { records: [{ at: '500ms' }] } },
    });
    expect(timeLine(result, 't')).toEqual([[2_000_000, 2_100_000, 0, 0]]);
    expect(result.summary.mappings.t!.stalls).toMatchObject([
      { startSeconds: 1, endSeconds: 2, cause: 'readLimit', recordsHeld: 1, recordsLost: 0 },
    ]);
    // M4: half a second to the refused ask at 1 s, one second of the read limit, 100 ms of work.
    expect(result.summary.mappings.t!.ageBreakdownMs).toMatchObject({ tick: 500, readLimit: 1_000, processing: 100 });
  });
});

describe('the byte bucket', () => {
  const oneMegabyte = (count: number, at: string) => ({ at, count, bytes: '1048576B' });

  it('a response above 2 MB blocks the shard until its size has been refilled (K4)', () => {
    // 4 MB at 1 s set the bucket to −4 MB; at 2 MB/s it is back at 0 at 3 s, when calls are answered again.
    const result = run({
      duration: '6s',
      streams: { s: { writeLimits: 'off' } },
      producers: { p: { records: [oneMegabyte(4, '500ms'), { at: '1500ms', bytes: '1B' }] } },
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 3],
      [3_000_000, 3_100_000, 4, 4],
    ]);
    expect(result.m.polls.refused).toBe(1);
  });

  it('10 MB block it for 5 s (K4)', () => {
    const result = run({
      duration: '8s',
      streams: { s: { writeLimits: 'off' } },
      mappings: { m: { BatchSize: 1 } },
      functions: { f: { duration: '10ms' } },
      producers: { p: { records: [oneMegabyte(11, '500ms')] } },
    });
    // Ten records at 1 s, cut one by one from the buffer; the call at 1.1 s and those at 2, 3, 4 and 5 s are refused, as is
    // the one that follows the full batch of 6 s: 1 MB of the bucket's 0 has been taken.
    expect(timeLine(result).map(([start]) => start)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => 1_000_000 + i * 10_000),
      6_000_000,
    ]);
    expect(result.m.polls.refused).toBe(6);
  });

  it('a response of exactly 2 MB is not above it (K4)', () => {
    const result = run({
      duration: '4s',
      streams: { s: { writeLimits: 'off' } },
      functions: { f: { duration: '500ms' } },
      producers: { p: { records: [oneMegabyte(2, '500ms'), { at: '1200ms', bytes: '1B' }] } },
    });
    expect(timeLine(result).map(([start]) => start)).toEqual([1_000_000, 2_000_000]);
  });

  it('smaller responses are charged what they hold, and refused only below zero (K4)', () => {
    // Full: 2 MB. 1.5 MB at 1 s leave 0.5 MB, 1.5 MB at 1.1 s leave −0.8 MB; 1 B is read at 2 s, when 1 MB is there.
    const result = run({
      duration: '4s',
      streams: { s: { writeLimits: 'off' } },
      mappings: { m: { BatchSize: 1, fetchLimit: 'batchSize' } },
      producers: {
        p: {
          records: [
            { at: '500ms', bytes: '1572864B' },
            { at: '500ms', bytes: '1572864B' },
            { at: '500ms', bytes: '1B' },
          ],
        },
      },
    });
    expect(timeLine(result).map(([start]) => start)).toEqual([1_000_000, 1_100_000, 2_000_000]);
    expect(askTimes(result).slice(0, 5)).toEqual([0, 1_000_000, 1_100_000, 1_200_000, 2_000_000]);
  });

  it('what is buffered is taken when the call is refused, and counts as a short batch (P7)', () => {
    // 2.5 MB in five records at 1 s: the call empties the bucket until 2.25 s. Batches of 3: the second has 2, and the
    // call for it at 1.1 s is refused; the record of 1.05 s comes with the call at 3 s.
    const result = run({
      duration: '5s',
      streams: { s: { writeLimits: 'off' } },
      mappings: { m: { BatchSize: 3 } },
      producers: {
        p: {
          records: [
            { at: '500ms', count: 5, bytes: '524288B' },
            { at: '1050ms', bytes: '1B' },
          ],
        },
      },
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 2],
      [1_100_000, 1_200_000, 3, 4],
      [3_000_000, 3_100_000, 5, 5],
    ]);
    expect(result.m.fullBatches).toBe(1);
    expect(eventsOf(result, 'poll').map(({ t, found }) => [t, found])).toEqual([
      [0, 0],
      [1_000_000, 3],
      [1_100_000, 2],
      [2_000_000, 0],
      [3_000_000, 1],
      [4_000_000, 0],
    ]);
  });
});

describe('other readers', () => {
  it('their calls and bytes are charged, evenly spaced from a phase within one interval (K4)', () => {
    // Four calls a second leave one: a lane that asks every 500 ms uses 2, so beyond the first five every second is refused.
    const refusals = (calls: string) =>
      run({
        duration: '100s',
        polling: { period: '500ms' },
        streams: { s: { otherReaders: [{ calls }] } },
        producers: { p: { records: [] } },
      }).m.polls.refused;
    expect(refusals('3/s')).toBe(0);
    // Until the last ask at 99.5 s there are 200 asks and at most 400 other calls, and tokens for 5 + 497 of them. Both may
    // be refused; at most the 98 too many are ours.
    expect(refusals('4/s')).toBeGreaterThan(0);
    expect(refusals('4/s')).toBeLessThanOrEqual(98);
  });

  it('an answer of theirs above 2 MB blocks the shard too (K4)', () => {
    // 3 MB once in ten seconds: blocked for 1.5 s after each, so the asks of one or two whole seconds are refused.
    const { m } = run({
      duration: '1000s',
      streams: { s: { otherReaders: [{ calls: '0.1/s', bytes: '314573B/s' }] } },
      producers: { p: { records: [] } },
    });
    expect([100, 200]).toContain(m.polls.refused);
  });

  it('their phase comes from the seed, of the shard and not of who else reads (K4, D2)', () => {
    const refused = (seed: number, more: ScenarioPart = {}) =>
      eventsOf(
        run({
          seed,
          duration: '60s',
          streams: { s: { ShardCount: 3, otherReaders: [{ calls: '0.2/s', bytes: '1MB/s' }] } },
          producers: { p: { rate: '50/s' } },
          ...more,
        }),
        'poll',
      ).map(({ t, found }) => [t, found]);
    expect(refused(1)).toEqual(refused(1));
    expect(refused(1)).not.toEqual(refused(2));
    expect(refused(1, { functions: { g: { duration: '1s' } } })).toEqual(refused(1));
  });
});

describe('what readers take of a shard', () => {
  const MEGABYTE = 1_048_576;

  it('holds in runs of several mappings and other readers that all have a backlog (K4, A2)', () => {
    const mix = fc.record({
      count: fc.integer({ min: 1, max: 6 }),
      period: fc.constantFrom('1s', '250ms', '100ms'),
      bytes: fc.constantFrom('100KB', '700KB', '1MB'),
      records: fc.integer({ min: 5, max: 120 }),
      calls: fc.constantFrom(0, 1, 2),
    });
    fc.assert(
      fc.property(mix, ({ count, period, bytes, records, calls }) => {
        const others = calls === 0 ? [] : [{ calls: `${calls}/s`, bytes: '1MB/s' }];
        const result = run({
          duration: '20s',
          period: '1s',
          polling: { period },
          streams: { s: { writeLimits: 'off', otherReaders: others } },
          ...mappings(count, { BatchSize: 3 }),
          producers: { p: { records: [{ at: '0s', count: records, bytes }] } },
        });
        const read = seriesOf(result, 'GetRecords.Bytes', 'Sum') as number[];
        for (let i = 0; i < read.length; i++) {
          let sum = 0;
          for (let j = i; j < read.length; j++) {
            sum += read[j]!;
            expect(sum).toBeLessThanOrEqual((2 * (j - i + 1) + 10) * MEGABYTE);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
