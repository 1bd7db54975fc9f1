import type { Duration } from '../../kernel/time.ts';
import type { Backoff } from '../../scenario/scenario.ts';

/** What a mapping says about failures. */
export interface FailurePolicy {
  /** −1: no limit (E3). */
  readonly maximumRetryAttempts: number;
  /** Null: retried at once (E7). */
  readonly retryBackoff: Backoff | null;
}

export type NextStep =
  | { readonly kind: 'retry'; readonly wait: Duration }
  | { readonly kind: 'discard'; readonly condition: 'RetryAttemptsExhausted' };

/**
 * E3, E7: what follows a failed invocation of a piece.
 *
 * @param invocations of this piece so far, the failed one included; at least 1
 * @param jitter a number in (0, 1) that places the wait within the backoff's jitter
 */
export function afterFailure(invocations: number, policy: FailurePolicy, jitter: number): NextStep {
  const { maximumRetryAttempts, retryBackoff } = policy;
  if (maximumRetryAttempts >= 0 && invocations > maximumRetryAttempts) {
    return { kind: 'discard', condition: 'RetryAttemptsExhausted' };
  }
  return { kind: 'retry', wait: retryBackoff === null ? 0 : backoffWait(retryBackoff, invocations, jitter) };
}

/** The k-th wait, k ≥ 1: min(maximum, initial · factor^(k − 1)), times 1 ± jitter, in whole microseconds. */
export function backoffWait(backoff: Backoff, k: number, jitter: number): Duration {
  let wait: number = backoff.initial;
  for (let i = 1; i < k && wait < backoff.maximum && (backoff.factor > 1 || i < 64); i++) wait *= backoff.factor;
  wait = Math.min(wait, backoff.maximum);
  return Math.round(wait * (1 + backoff.jitter * (2 * jitter - 1)));
}
