import { describe, expect, it } from 'vitest';
import type { FailurePolicy } from '../../../src/sim/lambda/after-failure.ts';
import { afterFailure, backoffWait, goneAt } from '../../../src/sim/lambda/after-failure.ts';

const BACKOFF = { initial: 250_000, factor: 2, maximum: 60_000_000, jitter: 0 };

describe('the decision after a failure', () => {
  const policy = (maximumRetryAttempts: number): FailurePolicy => ({
    maximumRetryAttempts,
    retryBackoff: BACKOFF,
    bisectBatchOnFunctionError: false,
  });
  const failed = (invocations: number) => ({ size: 10, invocations, done: 0 });

  it.each([
    [1, -1, { kind: 'retry', wait: 250_000 }],
    [2, -1, { kind: 'retry', wait: 500_000 }],
    [100_000, -1, { kind: 'retry', wait: 60_000_000 }],
    [1, 0, { kind: 'discard', condition: 'RetryAttemptsExhausted' }],
    [1, 1, { kind: 'retry', wait: 250_000 }],
    [2, 1, { kind: 'discard', condition: 'RetryAttemptsExhausted' }],
    [10_000, 10_000, { kind: 'retry', wait: 60_000_000 }],
    [10_001, 10_000, { kind: 'discard', condition: 'RetryAttemptsExhausted' }],
  ])('after %i invocations with MaximumRetryAttempts %i (E3, E7)', (invocations, attempts, step) => {
    expect(afterFailure(failed(invocations), 'functionError', policy(attempts), 0.5)).toEqual(step);
  });

  it('without a backoff the retry is at once (E7)', () => {
    const atOnce = { ...policy(-1), retryBackoff: null };
    expect(afterFailure(failed(7), 'timeout', atOnce, 0.5)).toEqual({ kind: 'retry', wait: 0 });
  });

  it('the k-th wait is min(60 s, 250 ms · 2^(k−1)) (E7)', () => {
    expect(Array.from({ length: 11 }, (_, i) => backoffWait(BACKOFF, i + 1, 0.5) / 1_000)).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  it('jitter spreads the wait over ± its share (E7)', () => {
    const jittered = { ...BACKOFF, jitter: 0.2 };
    expect([0, 0.25, 0.5, 1].map((unit) => backoffWait(jittered, 1, unit))).toEqual([
      200_000, 225_000, 250_000, 300_000,
    ]);
  });
});

describe('the decision to split', () => {
  const policy = { maximumRetryAttempts: 0, retryBackoff: null, bisectBatchOnFunctionError: true };

  it.each([
    [2, 1],
    [3, 1],
    [7, 3],
    [10_000, 5_000],
  ])('of %i records the lower %i go first, with 0 retries too (E4)', (size, lower) => {
    for (const outcome of ['functionError', 'timeout', 'malformedResponse', 'partialFailure'] as const) {
      expect(afterFailure({ size, invocations: 1, done: 0 }, outcome, policy, 0.5)).toEqual({ kind: 'split', lower });
    }
  });

  it('one record alone is not split: it is tried again, then discarded (E4, E3)', () => {
    expect(afterFailure({ size: 1, invocations: 1, done: 0 }, 'functionError', policy, 0.5)).toEqual({
      kind: 'discard',
      condition: 'RetryAttemptsExhausted',
    });
  });
});

describe('the decision after a partial failure', () => {
  const policy = { maximumRetryAttempts: 0, retryBackoff: null, bisectBatchOnFunctionError: true };

  it('what lies before the checkpoint is done, whatever the retries (E5)', () => {
    const step = afterFailure({ size: 10, invocations: 9, done: 1 }, 'partialFailure', policy, 0.5);
    expect(step).toEqual({ kind: 'advance', done: 1 });
  });

  it('no other failure has a checkpoint (E1)', () => {
    for (const outcome of ['functionError', 'timeout', 'malformedResponse'] as const) {
      const step = afterFailure({ size: 10, invocations: 1, done: 1 }, outcome, policy, 0.5);
      expect(step).toEqual({ kind: 'split', lower: 5 });
    }
  });

  it('an outcome that there is not is a bug of ours', () => {
    expect(() => afterFailure({ size: 1, invocations: 1, done: 0 }, 'success' as 'timeout', policy, 0.5)).toThrow();
  });
});

describe('the wait before a retry (E7)', () => {
  it.each([
    [{ factor: 1 }, 1_000, 250_000],
    [{ factor: 1.5 }, 4, 843_750],
    [{ factor: 1.01 }, 101, 676_203],
    [{ factor: 2, maximum: 250_000 }, 5, 250_000],
    [{ factor: 2, maximum: 100_000 }, 1, 100_000],
    [{ factor: 3, maximum: 1_000_000 }, 2, 750_000],
    [{ factor: 3, maximum: 1_000_000 }, 3, 1_000_000],
  ])('with %o the wait %i is %i µs', (change, k, wait) => {
    expect(backoffWait({ ...BACKOFF, ...change }, k, 0.5)).toBe(wait);
  });

  it('is in whole microseconds', () => {
    expect(backoffWait({ ...BACKOFF, initial: 3, factor: 1.5 }, 2, 0.5)).toBe(5);
    expect(backoffWait({ ...BACKOFF, initial: 3, factor: 1.1 }, 2, 0.5)).toBe(3);
  });
});

it('records are gone at arrival + retention, and too old at the age that is set (E2, K5)', () => {
  expect(goneAt(100, 30, { maximumRecordAge: null })).toEqual({ expired: 70, tooOld: Number.NEGATIVE_INFINITY });
  expect(goneAt(100, 30, { maximumRecordAge: 10 })).toEqual({ expired: 70, tooOld: 90 });
});
