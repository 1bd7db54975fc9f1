/** M4: where a record's time went, before its batch was cut (to 'propagation') and after. */
export const AGE_CAUSES = [
  'tick',
  'queue',
  'window',
  'readLimit',
  'notPolling',
  'propagation',
  'throttle',
  'retry',
  'coldStart',
  'processing',
] as const;
export type AgeCause = (typeof AGE_CAUSES)[number];

/** M3. */
export type StallCause = 'functionError' | 'throttle' | 'readLimit' | StandstillCause;

/** Why nothing is polled (P9, A3), 'parent': before the shard's parents are settled (K6). Creating, Enabling and Disabling count as disabled; a mapping that is deleted stays so. */
export type StandstillCause = 'parent' | 'disabled' | 'updating' | 'role';

/** What a lane does, as the timeline chart shows it; 'blocked': not polling, or refused by a read limit. */
export const LANE_STATES = ['idle', 'window', 'running', 'backingOff', 'throttled', 'blocked'] as const;
export type LaneState = (typeof LANE_STATES)[number];

export type Outcome = 'success' | 'functionError' | 'timeout' | 'partialFailure' | 'malformedResponse';

/** As the digest takes them in. */
export const OUTCOME_CODES: Readonly<Record<Outcome, number>> = {
  success: 0,
  functionError: 1,
  timeout: 2,
  partialFailure: 3,
  malformedResponse: 4,
};

/** Where an invocation runs: set up ahead of time, left warm by another, or started for it (L4). */
export type EnvironmentKind = 'provisioned' | 'warm' | 'new';

export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'PayloadTooLarge';

/** P9. After Deleting a mapping is gone: AWS has no word for it. */
export type MappingState =
  | 'Creating'
  | 'Enabling'
  | 'Enabled'
  | 'Disabling'
  | 'Disabled'
  | 'Updating'
  | 'Deleting'
  | 'Deleted';
