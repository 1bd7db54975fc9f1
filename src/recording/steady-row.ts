/*
 * The numbers that a lane's steady path keeps from event to event: a row for each lane, all rows in one typed array. Lanes
 * are many, and each event is another one's, so what costs is how many lines of memory it touches. These are the places in
 * a row. What is summed is taken in by the lane's recorder before anybody reads it; sums of whole numbers are the same in
 * any order.
 */

/** 1: the row is what counts, and what the plain path remembers has been left behind. */
export const LIVE = 0;
/** 1: an invocation has started here, and has not ended. */
export const RUNNING = 1;
/** Index of the first record that the lane has not taken. */
export const INDEX = 2;
/** Of the batch that runs: how many records, the index of the first, when the last arrived. */
export const SIZE = 3;
export const FIRST = 4;
export const LAST_ARRIVAL = 5;
/** Of its invocation. */
export const START = 6;
export const COLD_START = 7;
export const END = 8;
/** 1: the batch is full (P3). */
export const FULL = 9;
/** 1: its records are older than the seconds at hand. */
export const FAR = 10;
/** 1: the ask that follows is one at a tick. */
export const AT_TICK = 11;
/** 1: the last ask has come to the newest record; something has kept the lane from that (M7). */
export const NEWEST = 12;
export const HELD_UP = 13;
/** When it asked last, and when it was last caught up (M7). */
export const ASKED = 14;
export const CAUGHT_UP = 15;
/** Index after the last record that a call has brought (P7), when the last call was made, and 1 where it was refused. */
export const BUFFERED = 16;
export const CALLED = 17;
export const REFUSED = 18;
/** The lane's invocations so far, and the index after the last record that one has started with. */
export const STARTS = 19;
export const STARTED_TO = 20;

/** The second at hand: from when to when, index of its first record, how many, and how many of them have been seen. */
export const OPENS = 21;
export const CLOSES = 22;
export const NOW_FIRST = 23;
export const NOW_COUNT = 24;
export const SEEN = 25;
/** Index of the first record of the second before it, of its own where that one is not at hand. */
export const BEFORE_FIRST = 26;
/** 1: the arrivals of the second at hand, and of the one before, are written down; by whether the second is even or odd. */
export const LISTED = 27;

/** Since when the steady path has had the lane. */
export const SINCE = 29;
/** Σ instant of settling × records, of the lane's whole run. */
export const MOMENTS = 30;
/** Sums since they were last taken in: asks, those at a tick, those that found nothing. */
export const ASKS = 31;
export const TICKS = 32;
export const EMPTY = 33;
/** Records that asks have found. */
export const FOUND = 34;
/** GetRecords calls, and the records that they brought. */
export const CALLS = 35;
export const READ = 36;
/** Batches that have been cut, and the full ones. */
export const BATCHES = 37;
export const FULL_BATCHES = 38;
/** Of all events, bytes at the most (P5). */
export const LARGEST_PAYLOAD = 39;
/** Invocations that have ended, their records, how long they took in all and at the most, in new environments. */
export const INVOCATIONS = 40;
export const RECORDS = 41;
export const TIME = 42;
export const LONGEST = 43;
export const COLD_STARTS = 44;
/** Of these the ones of full batches: how many, their records, and how long they took with their cold starts. */
export const FULL_INVOCATIONS = 45;
export const FULL_RECORDS = 46;
export const FULL_TIME = 47;
/** Iterator ages: their sum and the largest. */
export const AGES = 48;
export const OLDEST = 49;
/** Milliseconds billed, outside of provisioned environments (C2a). */
export const BILLED = 50;
export const SUMS_END = 51;

/** Of the lane: its number over all mappings, and its shard's. */
export const LANE = 51;
export const SHARD = 52;

/** Of the batch in hand: 1 while it waits in line for a slot (L2), when it was cut, and when its first record arrived. */
export const WAITING = 53;
export const CUT = 54;
export const FIRST_ARRIVAL = 55;
/** 1: it has waited so; and how many records were waiting in the lane then (M3). */
export const HINDERED = 56;
export const HELD = 57;

/** Invocations that have ended and of which the lane's own histograms and its timeline have not heard: how many. */
export const NOTED = 58;
/** And of each: when its batch was cut, when it started and ended, its records, the iterator age (−1: in the warm-up). */
export const NOTES = 59;
export const NOTE = 5;
export const MOST_NOTES = 9;

export const ROW_LENGTH = NOTES + MOST_NOTES * NOTE;
