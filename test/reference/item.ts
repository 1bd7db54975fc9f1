import type { Duration, Instant } from '../../src/kernel/time.ts';
import type { PutRecord } from './shards.ts';

/** A record as one mapping meets it. */
export class Item<Lane = unknown> {
  /** P4: the one that it waits in. */
  lane: Lane;
  readonly record: PutRecord;
  /** P5: bytes of its entry in the event. */
  readonly payload: number;
  /** P10 */
  isKept: boolean;
  /** P11: when its window begins; null where the mapping has none. */
  window: Instant | null;
  /** In the shard's buffer (P7), or delivered (K8). */
  isRead = false;
  /** In the batch of its lane. */
  inHand = false;
  /** When it joined an open window (P6). */
  joinedAt: Instant | null = null;
  cutAt: Instant = 0;
  /** Since the cut, time in which its piece was throttled. */
  throttled: Duration = 0;
  /** From an earlier cut until its batch was given back, and of that the time in which its piece was throttled. */
  earlier: Duration = 0;
  earlierThrottled: Duration = 0;
  wasDelivered = false;
  wasProcessed = false;
  isSettled = false;
  /** Settled by the end of its retention. */
  isGone = false;
  /** P4: it had been settled before other lanes took over, and comes again. */
  isRepeat = false;

  constructor(
    lane: Lane,
    record: PutRecord,
    known: { readonly payload: number; readonly isKept: boolean; readonly window: Instant | null },
  ) {
    this.lane = lane;
    this.record = record;
    this.payload = known.payload;
    this.isKept = known.isKept;
    this.window = known.window;
  }
}
