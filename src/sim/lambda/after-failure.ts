import { unreachable } from '../../kernel/distribution.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import type { Outcome } from '../../recording/causes.ts';
import type { Backoff } from '../../scenario/scenario.ts';

/** What a mapping says about failures. */
export interface FailurePolicy {
  /** −1: no limit (E3). */
  readonly maximumRetryAttempts: number;
  /** Null: retried at once (E7). */
  readonly retryBackoff: Backoff | null;
  readonly bisectBatchOnFunctionError: boolean;
}

/** A piece whose invocation has failed: a batch, or what is left of one (E4, E5). */
export interface FailedPiece {
  readonly size: number;
  /** Since its count began, the failed one included; at least 1. */
  readonly invocations: number;
  /** Records before the checkpoint that the response names; 0 without one (E5). */
  readonly done: number;
}

export type NextStep =
  /** An unchanged piece comes again. */
  | { readonly kind: 'retry'; readonly wait: Duration }
  /** Its lower half comes at once, then the upper, each with a fresh count. */
  | { readonly kind: 'split'; readonly lower: number }
  /** What lies before the checkpoint is done, the rest comes again at once with a fresh count. */
  | { readonly kind: 'advance'; readonly done: number }
  | { readonly kind: 'discard'; readonly condition: 'RetryAttemptsExhausted' };

/**
 * E3–E5, E7: what follows a failed invocation of a piece.
 *
 * @param jitter a number in (0, 1) that places the wait within the backoff's jitter
 */
export function afterFailure(
  piece: FailedPiece,
  outcome: Exclude<Outcome, 'success'>,
  policy: FailurePolicy,
  jitter: number,
): NextStep {
  switch (outcome) {
    case 'partialFailure':
      if (piece.done > 0) return { kind: 'advance', done: piece.done };
      break; // E5: no progress
    case 'functionError':
    case 'timeout':
    case 'malformedResponse':
      break;
    default:
      return unreachable(outcome);
  }
  if (policy.bisectBatchOnFunctionError && piece.size > 1) return { kind: 'split', lower: Math.floor(piece.size / 2) };
  const { maximumRetryAttempts, retryBackoff } = policy;
  if (maximumRetryAttempts >= 0 && piece.invocations > maximumRetryAttempts) {
    return { kind: 'discard', condition: 'RetryAttemptsExhausted' };
  }
  return { kind: 'retry', wait: retryBackoff === null ? 0 : backoffWait(retryBackoff, piece.invocations, jitter) };
}

/** E2: records that arrived until then are gone, or too old, at an instant. */
export interface Gone {
  /** Past their retention (K5). */
  readonly expired: Instant;
  /** MaximumRecordAgeInSeconds is reached; −∞ without it. */
  readonly tooOld: Instant;
}

export function goneAt(
  now: Instant,
  retention: Duration,
  { maximumRecordAge }: { readonly maximumRecordAge: Duration | null },
): Gone {
  return {
    expired: now - retention,
    tooOld: maximumRecordAge === null ? Number.NEGATIVE_INFINITY : now - maximumRecordAge,
  };
}

/** The k-th wait, k ≥ 1: min(maximum, initial · factor^(k − 1)), times 1 ± jitter, in whole microseconds. */
export function backoffWait(backoff: Backoff, k: number, jitter: number): Duration {
  let wait: number = backoff.initial;
  for (let i = 1; i < k && wait < backoff.maximum && (backoff.factor > 1 || i < 64); i++) wait *= backoff.factor;
  wait = Math.min(wait, backoff.maximum);
  return Math.round(wait * (1 + backoff.jitter * (2 * jitter - 1)));
}
