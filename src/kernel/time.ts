/** A moment of the run: whole microseconds since its start. */
export type Instant = number;

/** A length of virtual time in whole microseconds. */
export type Duration = number;

export const MILLISECOND: Duration = 1_000;
export const SECOND: Duration = 1_000_000;
export const MINUTE: Duration = 60 * SECOND;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

/** Later than every instant of every run. */
export const NEVER: Instant = Number.POSITIVE_INFINITY;
