import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { askTimes, eventsOf, recordsEvery, run, timeLine } from '../../support/scenario.ts';

/** A record at every half second from 500 ms on, and a window. */
function windowed(seconds: number, more: ScenarioPart & { mapping?: ScenarioPart } = {}) {
  const { mapping, ...rest } = more;
  return run({
    duration: '10s',
    mappings: { m: { MaximumBatchingWindowInSeconds: seconds, ...mapping } },
    producers: { p: { records: recordsEvery(1_000_000, 500_000, 9) } },
    ...rest,
  });
}

describe('a batching window', () => {
  it('opens when polling starts and whenever a batch is settled, and goes with what it holds (P6)', () => {
    const result = windowed(3);
    // From 0 to 3 s with the records of the asks at 1 and 2 s; from 3.1 to 6.1 s with those of 4, 5 and 6 s; from 6.2 s.
    expect(timeLine(result)).toEqual([
      [3_000_000, 3_100_000, 0, 1],
      [6_100_000, 6_200_000, 2, 5],
      [9_200_000, 9_300_000, 6, 8],
    ]);
    expect(askTimes(result).map((t) => t / 1e6)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
  });

  it('is closed before the ask of its instant (P6, D4)', () => {
    expect(askTimes(windowed(3))).not.toContain(3_000_000);
  });

  it('goes at the ask that fills it; a full batch is followed by an ask at once (P6, P3)', () => {
    const result = windowed(60, {
      mapping: { BatchSize: 3 },
      producers: { p: { records: [{ at: '500ms', count: 2 }, { at: '1500ms', count: 3 }, { at: '4500ms' }] } },
    });
    expect(timeLine(result)).toEqual([
      [2_000_000, 2_100_000, 0, 2],
      [5_000_000, 5_100_000, 3, 5],
    ]);
    // At 2.1 s the new window takes records 3 and 4; it fills at 5 s.
    expect(askTimes(result).slice(0, 5)).toEqual([0, 1_000_000, 2_000_000, 2_100_000, 3_000_000]);
  });

  it('that is empty at its end opens anew (P6)', () => {
    const result = windowed(2, { producers: { p: { records: [{ at: '4500ms' }] } } });
    // Windows of [0, 2), [2, 4), [4, 6): the record of 4.5 s is read at 5 s and goes at 6 s.
    expect(timeLine(result)).toEqual([[6_000_000, 6_100_000, 0, 0]]);
  });

  it('goes when the next record does not fit the payload (P6, P5)', () => {
    const result = windowed(60, {
      streams: { s: { ShardCount: 1, writeLimits: 'off' } },
      mapping: { BatchSize: 1_000 },
      producers: { p: { bytes: '1MB', records: recordsEvery(1_000_000, 500_000, 6) } },
    });
    // Four records of 1 MB are 5.6 MB in base64; the fifth, read at 5 s, does not fit any more.
    expect(timeLine(result)).toEqual([[5_000_000, 5_100_000, 0, 3]]);
  });

  it('the time in it is `window`, before that `tick` (M4)', () => {
    const { m } = windowed(3, { producers: { p: { records: [{ at: '500ms' }, { at: '1500ms' }] } } });
    // Record 0: 0.5 s to its ask, 2 s in the window; record 1: 0.5 and 1 s. Both 0.1 s in the function.
    expect(m.ageBreakdownMs).toMatchObject({ tick: 500, window: 1_500, processing: 100, queue: 0 });
    expect(m.timeInSystemMs).toMatchObject({ min: 1_600, max: 2_600 });
  });

  it('costs fewer invocations (P6)', () => {
    const invocations = (seconds: number) => windowed(seconds).m.invocations;
    expect([invocations(0), invocations(3)]).toEqual([9, 3]);
  });

  it('what it holds is given back on disable (P6, P9)', () => {
    const result = windowed(3, {
      timeline: [
        { at: '2500ms', disable: 'm' },
        { at: '4200ms', enable: 'm' },
      ],
    });
    // A new window from 4.2 to 7.2 s.
    expect(timeLine(result)[0]).toEqual([7_200_000, 7_300_000, 0, 6]);
    expect(result.m.records.pending).toBe(2);
  });

  it('what is too old when it closes is discarded (P6, E2)', () => {
    const result = windowed(300, {
      duration: '400s',
      mapping: { MaximumRecordAgeInSeconds: 60 },
      producers: { p: { records: [{ at: '500ms' }, { at: '250s' }] } },
    });
    expect(eventsOf(result, 'discard').map(({ t, first, last }) => [t, first, last])).toEqual([[300_000_000, 0, 0]]);
    expect(timeLine(result)).toEqual([[300_000_000, 300_100_000, 1, 1]]);
  });

  it('no window opens a stall, however long (M3)', () => {
    expect(windowed(300, { duration: '400s', stallAfter: '1s' }).m.stalls).toEqual([]);
  });

  it('what it holds counts as buffered: no call is made where that and the buffer fill the batch (P6, P7)', () => {
    const of = (key: string, from: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({ at: `${from + i}ms`, key }));
    const { m } = windowed(60, {
      duration: '2500ms',
      functions: { f: { duration: '600ms' } },
      mapping: { BatchSize: 20, ParallelizationFactor: 2 },
      producers: { p: { records: [of('a', 500, 2), of('b', 500, 20), of('a', 1_500, 18), of('b', 1_500, 20)].flat() } },
    });
    // The lane of 'b' is full at 1 s, and at 1.6 s its call brings all the rest; at 2 s the lane of 'a', which holds two
    // since 1 s, has 20 without a call, while the other is busy until 2.2 s.
    expect(m.polls).toMatchObject({ asks: 2 + 2 + 1 + 1 + 1, getRecordsCalls: 1 + 1 + 1 + 0 + 1 });
    expect(m.records).toMatchObject({ arrived: 60, succeeded: 40 });
  });
});
