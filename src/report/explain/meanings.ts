import type { AgeCause, DiscardCondition, Outcome, StallCause } from '../../recording/causes.ts';

/** M3's causes of a stall, each with the rules that govern it. */
export const STALL_MEANINGS: Readonly<Record<StallCause, string>> = {
  functionError:
    'Invocations of a batch fail, and it is tried again until it succeeds or is given up; nothing else of the lane is processed meanwhile (M3, E1).',
  throttle: 'A batch finds no free slot and is tried again later (M3, L2).',
  readLimit:
    "A shard refuses the lane's reads, because all its readers together have used up its 5 calls or 2 MB a second (M3, K4).",
  disabled: 'The mapping is disabled while records wait (M3, P9).',
  updating: 'The mapping is being updated while records wait (M3, P9).',
  role: "The function's role does not allow what the mapping needs to read, while records wait (M3, A3).",
  parent: 'A child shard waits until every record of its parents is settled (M3).',
};

/** M4's stretches of a record's time. */
export const AGE_MEANINGS: Readonly<Record<AgeCause, string>> = {
  tick: 'Waiting for the next poll, with nothing else in the way (M4, P1).',
  queue: 'Waiting while the lane was busy with other batches, their retries and throttles included (M4, P4).',
  window: 'Waiting in the batching window (M4, P6).',
  readLimit: 'Waiting because reads were refused (M4, K4).',
  notPolling: 'Waiting while the mapping was disabled or in a transition (M4, P9).',
  propagation: 'On the way to a consumer with enhanced fan-out (M4, K8).',
  throttle: 'In a batch that waited for a slot (M4, L2).',
  retry:
    'In a batch that had failed: its failed invocations, the waits between them, and pieces of it that went first (M4, E1).',
  coldStart: 'In a new environment, until the handler began (M4, L4).',
  processing: 'In the invocation that processed it (M4, L5).',
};

/** Why records are discarded, in AWS's words but for the last. */
export const DISCARD_MEANINGS: Readonly<Record<DiscardCondition, string>> = {
  RetryAttemptsExhausted: 'The batch failed once more than MaximumRetryAttempts allows (E3).',
  RecordAgeExceeded: 'The record was older than MaximumRecordAgeInSeconds before an attempt (E2).',
  PayloadTooLarge: 'The record alone does not fit an event of 6 MB (P5).',
};

/** How an invocation ends, in the trace. */
export const OUTCOME_MEANINGS: Readonly<Record<Outcome, string>> = {
  success: 'All of its records were processed (E6).',
  functionError: 'The function failed, and with it the whole batch (E1).',
  timeout: 'The handler ran into its Timeout, which is an error (L5).',
  partialFailure: 'The function reported records as failed, and those before the first of them are done (E5).',
  malformedResponse:
    'The response names a record that the batch does not hold, or none at all: the whole batch failed (E6).',
};
