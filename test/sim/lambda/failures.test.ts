import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, run, timeLine } from '../../support/scenario.ts';

/** One record at 500 ms whose invocations all fail, 0 µs each. */
function poisoned(more: ScenarioPart = {}) {
  return run({
    duration: '200s',
    functions: { f: { duration: '0ms', faults: [{ poison: { oneIn: 1 } }] } },
    producers: { p: { records: [{ at: '500ms' }] } },
    ...more,
  });
}

describe('retries', () => {
  it('8 attempts within 60 s, as recorded on AWS (E7)', () => {
    // At 1 s, then 0.25, 0.75, 1.75, 3.75, 7.75, 15.75 and 31.75 s later; the ninth would be 63.75 s later.
    const starts = eventsOf(poisoned(), 'invocation').map(({ start }) => (start - 1_000_000) / 1_000);
    expect(starts.filter((t) => t <= 60_000)).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 15_750, 31_750]);
    expect(starts.slice(8)).toEqual([63_750, 123_750, 183_750]);
  });

  it('the backoff counts from the end of the failed invocation (E7)', () => {
    const result = poisoned({
      duration: '5s',
      functions: { f: { duration: '700ms', faults: [{ from: '0s' }] } },
    });
    expect(timeLine(result).map(([start, end]) => [start / 1_000, end / 1_000])).toEqual([
      [1_000, 1_700],
      [1_950, 2_650],
      [3_150, 3_850],
    ]);
  });

  it.each([0, 1, 2, 5])('MaximumRetryAttempts %i: so many and one invocations, then a discard (E3)', (attempts) => {
    const result = poisoned({ mappings: { m: { MaximumRetryAttempts: attempts } } });
    expect(eventsOf(result, 'invocation').map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: attempts + 1 }, (_, i) => i + 1),
    );
    const last = eventsOf(result, 'invocation').at(-1)!.end;
    expect(eventsOf(result, 'discard').map(({ t, size, condition }) => [t, size, condition])).toEqual([
      [last, 1, 'RetryAttemptsExhausted'],
    ]);
    expect(result.m).toMatchObject({
      invocations: attempts + 1,
      errors: attempts + 1,
      records: { discarded: { RetryAttemptsExhausted: 1 }, pending: 0 },
    });
  });

  it('−1 has no limit (E3)', () => {
    const { m } = poisoned({ duration: '6000s' });
    // 9 within 63.75 s of 1 s, then one every 60 s: ⌊(6,000 − 1 − 63.75) / 60⌋ = 98 more.
    expect(m.invocations).toBe(9 + 98);
    expect(m.records.pending).toBe(1);
  });

  it('retryBackoff none tries again at once (E7)', () => {
    const result = poisoned({
      duration: '3s',
      functions: { f: { duration: '100ms', faults: [{ invocations: 3 }] } },
      mappings: { m: { retryBackoff: 'none' } },
    });
    expect(timeLine(result).map(([start]) => start / 1_000)).toEqual([1_000, 1_100, 1_200, 1_300]);
  });

  it('its own settings are obeyed (E7)', () => {
    const result = poisoned({
      duration: '5s',
      mappings: { m: { retryBackoff: { initial: '100ms', factor: 3, maximum: '1s' } } },
    });
    expect(timeLine(result).map(([start]) => start / 1_000)).toEqual([1_000, 1_100, 1_400, 2_300, 3_300, 4_300]);
  });

  it('jitter places each wait in its range, drawn anew (E7, D2)', () => {
    const result = poisoned({
      duration: '1000s',
      mappings: { m: { retryBackoff: { initial: '1s', factor: 1, maximum: '1s', jitter: '50%' } } },
    });
    const starts = timeLine(result).map(([start]) => start);
    const waits = starts.slice(1).map((start, i) => start - starts[i]!);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(waits.every((wait) => wait >= 500_000 && wait <= 1_500_000)).toBe(true);
    // Uniform over 1 s: deviation 289 ms; four standard errors.
    expect(Math.abs(mean - 1_000_000)).toBeLessThan(4 * (1_000_000 / Math.sqrt(12 * waits.length)));
  });

  it('the same batch is tried until it is settled, nothing else of its lane meanwhile (E1, O2)', () => {
    const result = run({
      streams: { s: { ShardCount: 2 } },
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 1 }, until: '4s' }] } },
      mappings: { m: { BatchSize: 2 } },
      producers: {
        p: {
          records: [
            { at: '500ms', shard: 0, count: 2 },
            { at: '1200ms', shard: 0, count: 3 },
            { at: '1200ms', shard: 1 },
          ],
        },
      },
    });
    // 1.0, 1.35, 1.95, 3.05 fail; 5.15 succeeds. The other shard goes its way.
    expect(
      eventsOf(result, 'invocation').map(({ shardId, start, first, last }) => [
        Number(shardId.at(-1)),
        start / 1_000,
        first,
        last,
      ]),
    ).toEqual(
      [
        [0, 1_000, 0, 1],
        [0, 1_350, 0, 1],
        [1, 2_000, 0, 0],
        [0, 1_950, 0, 1],
        [0, 3_050, 0, 1],
        [0, 5_150, 0, 1],
        [0, 5_250, 2, 3],
        [0, 5_350, 4, 4],
      ].sort((a, b) => a[1]! - b[1]!),
    );
  });

  it('after a discard the lane goes on behind the batch (E3, P3)', () => {
    const result = run({
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 0 } }] } },
      mappings: { m: { BatchSize: 2, MaximumRetryAttempts: 1 } },
      producers: { p: { records: [{ at: '500ms', count: 3 }] } },
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 1],
      [1_350_000, 1_450_000, 0, 1],
      [1_450_000, 1_550_000, 2, 2],
    ]);
    expect(result.m.records).toMatchObject({
      arrived: 3,
      succeeded: 1,
      discarded: { RetryAttemptsExhausted: 2 },
      pending: 0,
    });
  });
});

describe('conservation', () => {
  it('arrived = succeeded + discarded + expired + pending, each known by hand (E9)', () => {
    // Batches of 2 at 1.0 (discarded at once), 1.1 (fine), 1.2 (one record, still running at the end); one more arrives.
    const { m } = run({
      duration: '1250ms',
      functions: { f: { duration: '100ms', faults: [{ invocations: 1 }] } },
      mappings: { m: { BatchSize: 2, MaximumRetryAttempts: 0 } },
      producers: { p: { records: [{ at: '500ms', count: 5 }, { at: '1220ms' }] } },
    });
    expect(m.records).toEqual({
      arrived: 6,
      succeeded: 2,
      filtered: 0,
      discarded: { RetryAttemptsExhausted: 2, RecordAgeExceeded: 0, PayloadTooLarge: 0 },
      expired: 0,
      pending: 2,
      duplicates: 0,
      silentlyLost: 0,
    });
  });

  it('pending includes what backs off and what is throttled (E9, L2)', () => {
    const backingOff = poisoned({ duration: '5s' });
    expect(backingOff.m.records).toMatchObject({ arrived: 1, pending: 1 });
    const throttled = poisoned({ duration: '5s', functions: { f: { ReservedConcurrentExecutions: 0 } } });
    expect(throttled.m.records).toMatchObject({ arrived: 1, pending: 1 });
  });
});

describe('duplicates', () => {
  const poison = { poison: { stream: 's', shard: 0, record: 1 } };
  const duplicates = (faults: readonly ScenarioPart[], more: ScenarioPart = {}) =>
    run({
      duration: '20s',
      functions: { f: { duration: '100ms', faults } },
      producers: { p: { records: [{ at: '500ms', count: 5 }] } },
      ...more,
    }).m.records.duplicates;

  it('in a batch that fails with poison every other record has been processed (E10)', () => {
    // Two retries of five records, of which one is poison: 4 + 4.
    expect(duplicates([poison], { mappings: { m: { MaximumRetryAttempts: 2 } } })).toBe(8);
  });

  it('the poison record is none, even when it succeeds at last (E10)', () => {
    // Fails at 1.0 and 1.35, succeeds at 1.95 s: again 4 + 4.
    expect(duplicates([{ ...poison, until: '1500ms' }])).toBe(8);
  });

  it('in failures by probability, outage, count or timeout no record has been processed (E10)', () => {
    expect(duplicates([{ probability: '100%', to: '3s' }])).toBe(0);
    expect(duplicates([{ from: '0s', to: '3s' }])).toBe(0);
    expect(duplicates([{ invocations: 3 }])).toBe(0);
    expect(duplicates([], { functions: { f: { duration: '2s', Timeout: 1 } } })).toBe(0);
  });

  it('an outage after a poisoned attempt delivers the processed ones again (E10)', () => {
    // 1.0 poison; 1.35 and 1.95 an outage; 3.05 succeeds: three deliveries of 4 processed records.
    expect(
      duplicates([
        { from: '1200ms', to: '2s' },
        { ...poison, until: '3s' },
      ]),
    ).toBe(12);
  });

  it('records that are delivered once are none (E10)', () => {
    expect(duplicates([])).toBe(0);
    expect(duplicates([poison], { mappings: { m: { MaximumRetryAttempts: 0 } } })).toBe(0);
  });
});
