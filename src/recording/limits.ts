/**
 * The service's limits that both the model and the report need, from
 * https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html and
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */

/** K3: what a shard accepts. */
export const WRITE_RECORDS_PER_SECOND = 1_000;
export const WRITE_BYTES_PER_SECOND = 1_048_576;

/** K4: what a shard gives its consumers together. */
export const READ_CALLS_PER_SECOND = 5;
export const READ_BYTES_PER_SECOND = 2_097_152;

/** P5: bytes of JSON of a whole event. */
export const EVENT_PAYLOAD = 6 * 1_048_576;

/** L3: so many new ones a function may start at once. */
export const ENVIRONMENTS_AT_ONCE = 1_000;
