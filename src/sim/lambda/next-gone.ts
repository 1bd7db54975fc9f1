import type { Instant } from '../../kernel/time.ts';
import { NEVER, SECOND } from '../../kernel/time.ts';
import type { Shard } from '../kinesis/shard.ts';
import { ShardCursor } from '../kinesis/shard.ts';
import type { Lane } from './poller.ts';

/** So far behind what an invocation holds it is looked; all seconds between are made for it each time. */
const NEAR = 10 * SECOND;

/**
 * When the first of what a lane has not settled is gone, or sooner, what is gone by an instant being counted; NEVER where
 * nothing is left. Of records that an invocation holds past their retention nothing is said: they leave at its end (K5).
 */
export function nextGone(lane: Lane, at: Instant, shard: Shard): Instant {
  const known = lane.steady?.nextGone(at) ?? null;
  if (known !== null) return known;
  lane.countExpired(at);
  const oldest = lane.oldestArrivalBefore(at + 1);
  if (oldest === null) return NEVER;
  const threshold = at - shard.retention;
  if (oldest > threshold) return oldest + shard.retention;
  const { piece } = lane.delivery.inHand;
  if (piece === null) return NEVER;
  if (threshold - oldest > NEAR) return (Math.floor(at / SECOND) + 1) * SECOND;
  const walk = new ShardCursor(shard.log);
  walk.goBackTo(piece.before);
  walk.goBackTo(walk.placeInShard);
  const arrived = shard.arrivals.by(at);
  walk.movePast(threshold, arrived);
  return walk.index === arrived ? NEVER : walk.arrival + shard.retention;
}
