import type { Instant } from '../kernel/time.ts';

/** What period it is. */
export interface RecorderClock {
  /** The one that is open. */
  readonly period: number;
  /** That of an instant, which is not past the one that is open. */
  periodAt(instant: Instant): number;
}
