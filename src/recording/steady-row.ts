/*
 * The numbers that a lane's steady path keeps from event to event: a row for each lane, all rows in one typed array. Lanes
 * are many, and each event is another one's, so what costs is how many lines of memory it touches. These are the places in
 * a row. At its end are notes, one for each invocation: the batch in hand fills the next of them, and those that have ended
 * wait there until the lane's recorder takes them in by the handful, before anybody reads what it has to say.
 */

/** 1: the row is what counts, and what the plain path remembers has been left behind. */
export const LIVE = 0;
/** Where the note of the batch in hand stands, or of the next one, in the array; those before it have ended. */
export const HAND = 1;
/** 1: its invocation has started here, and has not ended; 1: it waits in line for a slot (L2). */
export const RUNNING = 2;
export const WAITING = 3;
/** Index of the first record that the lane has not taken. */
export const INDEX = 4;
/** Index after the last record that a call has brought (P7). */
export const BUFFERED = 5;
/** The second at hand: until when, index of its first record, how many, and how many of them have been seen. */
export const CLOSES = 6;
export const NOW_FIRST = 7;
export const NOW_COUNT = 8;
export const SEEN = 9;
/** Index of the first record of the second before it, of its own where that one is not at hand. */
export const BEFORE_FIRST = 10;
/** 1: the arrivals of the second at hand, and of the one before, are written down; by whether the second is even or odd. */
export const LISTED = 11;
/** 1: the ask that follows is one at a tick. */
export const AT_TICK = 13;
/** 1: the last ask has come to the newest record; something has kept the lane from that (M7). */
export const NEWEST = 14;
export const HELD_UP = 15;
/** When it asked last, and when it was last caught up (M7). */
export const ASKED = 16;
export const CAUGHT_UP = 17;
/** When the last call was made, and 1 where it was refused; of a slice: of the call that BUFFERED was counted by. */
export const CALLED = 18;
export const REFUSED = 19;
/** The lane's invocations so far, and the index after the last record that one has started with: its own, and the shard's. */
export const STARTS = 20;
export const STARTED_TO = 21;
export const STARTED_IN_SHARD = 22;
/** Of the batch in hand: 1 where its records are older than the seconds at hand. */
export const FAR = 23;
/** 1: it has waited in line; and how many records were waiting in the lane then (M3). */
export const HINDERED = 24;
export const HELD = 25;
/** Of the lane: its number over all mappings, and its shard's. */
export const LANE = 26;
export const SHARD = 27;
/** Since when the steady path has had the lane. */
export const SINCE = 28;
/** Since its recorder last took them in: asks that found nothing, those at a tick; GetRecords calls, what they brought. */
export const EMPTY = 29;
export const EMPTY_TICKS = 30;
export const CALLS = 31;
export const READ = 32;
/** Where sizes differ: bytes of what the calls brought. */
export const READ_BYTES = 33;
export const SUMS_END = 34;
/**
 * Where sizes differ: bytes of the batch in hand and of its event at the most (P5); bytes of the batches whose notes wait
 * here, and the largest of their events.
 */
export const HAND_BYTES = 34;
export const HAND_PAYLOAD = 35;
export const ENDED_BYTES = 36;
export const LARGEST_PAYLOAD = 37;
/** Of the batch in hand: indices in the shard of its first record and its last. */
export const HAND_FIRST = 38;
export const HAND_LAST = 39;

/** Of a note: when the batch was cut, when its invocation starts and ends, and how many records it has. */
export const CUT = 0;
export const START = 1;
export const END = 2;
export const SIZE = 3;
/** When its first record arrived, and its last. */
export const FIRST_ARRIVAL = 4;
export const LAST_ARRIVAL = 5;
export const COLD_START = 6;
/** What else there is to it: the sum of those below. */
export const FLAGS = 7;
export const NOTE = 8;

/** The batch is full (P3). */
export const FULL = 1;
/** It was asked for at a tick. */
export const TICK = 2;
/** Its environment is new, or provisioned. */
export const NEW = 4;
export const PROVISIONED = 8;

export const NOTES = 40;
const MOST_NOTES = 15;
/** And so where there is no room for another note. */
export const ROW_LENGTH = NOTES + MOST_NOTES * NOTE;
