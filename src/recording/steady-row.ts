/*
 * The numbers that a lane's steady path keeps from event to event, in one row of a typed array: few cache lines to touch, and
 * no number becomes an object on its way from one method to the next. These are their places. What is summed is taken in by
 * the lane's recorder before anybody reads it; sums of whole numbers are the same in any order.
 */

/** Of the batch that runs: how many records, the index of the first, when the first and the last arrived. */
export const SIZE = 0;
export const FIRST = 1;
export const FIRST_ARRIVAL = 2;
export const LAST_ARRIVAL = 3;
/** Of its event, bytes at the most (P5). */
export const PAYLOAD = 4;
/** Of its invocation. */
export const START = 5;
export const COLD_START = 6;
export const END = 7;

/** Since when the steady path has had the lane. */
export const SINCE = 8;
/** Sums since they were last taken in: asks, those at a tick, those that found nothing. */
export const ASKS = 9;
export const TICKS = 10;
export const EMPTY = 11;
/** Records that asks have found. */
export const FOUND = 12;
/** GetRecords calls, and the records that they brought. */
export const CALLS = 13;
export const READ = 14;
/** Batches that have been cut, and the full ones. */
export const BATCHES = 15;
export const FULL_BATCHES = 16;
/** Of all events, bytes at the most. */
export const LARGEST_PAYLOAD = 17;
/** Invocations that have ended, their records, how long they took in all and at the most, in new environments. */
export const INVOCATIONS = 18;
export const RECORDS = 19;
export const TIME = 20;
export const LONGEST = 21;
export const COLD_STARTS = 22;
/** Of these the ones of full batches: how many, their records, and how long they took with their cold starts. */
export const FULL_INVOCATIONS = 23;
export const FULL_RECORDS = 24;
export const FULL_TIME = 25;
/** Iterator ages: their sum and the largest. */
export const AGES = 26;
export const OLDEST = 27;
/** Milliseconds billed, outside of provisioned environments (C2a). */
export const BILLED = 28;
export const SUMS_END = 29;

/** Where the lane stands: index after the last record that a call has brought (P7), and when the last call was made. */
export const BUFFERED = 29;
export const CALLED = 30;
/** When it asked last, and when it was last caught up (M7). */
export const ASKED = 31;
export const CAUGHT_UP = 32;
/** The lane's invocations so far, and the index after the last record that one has started with. */
export const STARTS = 33;
export const STARTED_TO = 34;
export const ROW_LENGTH = 35;
