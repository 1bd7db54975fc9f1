import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, run, timeLine } from '../../support/scenario.ts';

const poison = (record: number, more: ScenarioPart = {}) => ({ poison: { stream: 's', shard: 0, record }, ...more });

/** `count` records at 500 ms, cut at 1 s into batches that are split when they fail. */
function bisected(count: number, more: { faults: ScenarioPart[]; mapping?: ScenarioPart; duration?: string }) {
  return run({
    duration: more.duration ?? '20s',
    functions: { f: { duration: '100ms', faults: more.faults } },
    mappings: { m: { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0, ...more.mapping } },
    producers: { p: { records: [{ at: '500ms', count }] } },
  });
}

describe('bisecting', () => {
  it('goes depth first, the lower half settled before the upper begins, each at once (E4, O2)', () => {
    const result = bisected(5, { faults: [poison(3)] });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 4],
      [1_100_000, 1_200_000, 0, 1],
      [1_200_000, 1_300_000, 2, 4],
      [1_300_000, 1_400_000, 2, 2],
      [1_400_000, 1_500_000, 3, 4],
      [1_500_000, 1_600_000, 3, 3],
      [1_600_000, 1_700_000, 4, 4],
    ]);
    expect(eventsOf(result, 'split').map(({ first, last, lower }) => [first, last, lower])).toEqual([
      [0, 4, 2],
      [2, 4, 1],
      [3, 4, 1],
    ]);
    expect(result.m.records).toMatchObject({ succeeded: 4, discarded: { RetryAttemptsExhausted: 1 } });
    // 0, 1, 2 and 4 were processed by the first invocation, whose only poison was 3; 2 and 4 come twice more.
    expect(result.m.records.duplicates).toBe(2 + 2 + 1 + 1 + 1);
  });

  it('each half has a fresh count; a split is no attempt (E4, E3)', () => {
    const result = bisected(2, { faults: [poison(1)], mapping: { MaximumRetryAttempts: 2, retryBackoff: 'none' } });
    expect(eventsOf(result, 'invocation').map(({ first, last, attempt }) => [first, last, attempt])).toEqual([
      [0, 1, 1],
      [0, 0, 1],
      [1, 1, 1],
      [1, 1, 2],
      [1, 1, 3],
    ]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'a poison record among 2^%i costs 1 + 2k + R invocations, wherever it is (E4)',
    (k) => {
      const size = 2 ** k;
      for (const retries of k < 8 ? [0, 2] : [1]) {
        // As many batches as there are places, each with its poison record at another.
        const result = run({
          streams: { s: { ShardCount: 1, writeLimits: 'off', readLimits: 'off' } },
          functions: {
            f: { duration: '0ms', faults: Array.from({ length: size }, (_, batch) => poison(batch * size + batch)) },
          },
          mappings: {
            m: {
              BatchSize: size,
              BisectBatchOnFunctionError: true,
              MaximumRetryAttempts: retries,
              retryBackoff: 'none',
            },
          },
          producers: {
            p: {
              bytes: '1B',
              keys: { count: 1 },
              records: Array.from({ length: size }, () => ({ at: '500ms', count: size })),
            },
          },
        });
        expect(result.m.records.discarded.RetryAttemptsExhausted).toBe(size);
        const invocations = new Array<number>(size).fill(0);
        for (const { first } of eventsOf(result, 'invocation')) invocations[Math.floor(first / size)]! += 1;
        expect(new Set(invocations)).toEqual(new Set([1 + 2 * k + retries]));
      }
    },
    60_000,
  );

  it('a full batch is still full when its pieces are settled: the next ask is at once (P3, E4)', () => {
    const result = bisected(6, { faults: [poison(0)], mapping: { BatchSize: 2 } });
    // [0, 1] fails, 0 fails and is discarded, 1 succeeds; the next batches follow without waiting for a tick.
    expect(timeLine(result).map(([start]) => start / 1_000)).toEqual([1_000, 1_100, 1_200, 1_300, 1_400]);
  });

  it('the time in the halves before is part of retry, and the ages add up (M4)', () => {
    const { m } = bisected(2, { faults: [poison(1, { until: '1050ms' })] });
    // Record 0: cut at 1.0, settled at 1.2 s; record 1 at 1.3 s: 100 ms and 200 ms of retry, 100 ms of processing.
    expect(m.ageBreakdownMs).toMatchObject({ tick: 500, retry: 150, processing: 100 });
    expect(m.timeInSystemMs).toMatchObject({ count: 2, min: 700, max: 800 });
    expect(m.waitingTimeMs).toMatchObject({ count: 2, min: 500, max: 500 });
  });

  it('a batch in pieces is given back whole on disable, but for what is settled (P9)', () => {
    const result = run({
      functions: { f: { duration: '100ms', faults: [poison(1, { until: '2s' })] } },
      mappings: { m: { BisectBatchOnFunctionError: true } },
      producers: { p: { records: [{ at: '500ms', count: 4 }] } },
      timeline: [
        { at: '1350ms', disable: 'm' },
        { at: '2500ms', enable: 'm' },
      ],
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 3],
      [1_100_000, 1_200_000, 0, 1],
      [1_200_000, 1_300_000, 0, 0],
      [1_300_000, 1_400_000, 1, 1],
      [3_000_000, 3_100_000, 1, 3],
    ]);
    expect(result.m.records).toMatchObject({ succeeded: 4, pending: 0 });
  });

  it('one stall covers the batch with all its pieces (M3)', () => {
    const { m } = bisected(4, { faults: [{ from: '0s', to: '14s' }], mapping: { MaximumRetryAttempts: -1 } });
    // From the first attempt to the last piece: record 0 alone is tried at 1.2 s and again until 16.95 s.
    expect(m.stalls).toMatchObject([{ startSeconds: 1, cause: 'functionError', recordsHeld: 4, recordsLost: 0 }]);
    expect(m.records.succeeded).toBe(4);
  });
});
