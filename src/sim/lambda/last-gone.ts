import type { Duration, Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import type { Batch } from './batch.ts';
import type { ShardIterator } from './shard-iterator.ts';

/** What waits in a lane that does not work on it. */
export interface WaitingRecords {
  readonly iterator: ShardIterator;
  /** What its window has gathered; null: nothing. */
  readonly gathered: Batch | null;
  readonly retention: Duration;
}

/** When the last record that waits at an instant is gone, where that is before the lane's next turn; else NEVER (K5). */
export function lastGoneBefore(turn: Instant, at: Instant, { iterator, gathered, retention }: WaitingRecords): Instant {
  const isRead = iterator.unread(at) === 0;
  if (isRead && gathered === null) return NEVER;
  // The newest is gone no sooner than the oldest, which is found with less ado.
  if ((gathered?.firstArrival ?? iterator.cursor.arrival) + retention >= turn) return NEVER;
  const gone = Math.max(at, isRead ? gathered!.lastArrival + retention : iterator.newestGoneAt(at));
  return gone < turn ? gone : NEVER;
}
