import type { Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import type { ShardIterator } from './shard-iterator.ts';
import type { TumblingWindow } from './tumbling-window.ts';

/** P11: when a lane's tumbling window ends, by what it has read of its shard. */
export class WindowEnds {
  readonly #tumbling: TumblingWindow | null;
  readonly #iterator: ShardIterator;

  /** @param tumbling null: there are no windows */
  constructor(tumbling: TumblingWindow | null, iterator: ShardIterator) {
    this.#tumbling = tumbling;
    this.#iterator = iterator;
  }

  /** None of the window's records is left, and none will come, or its state has become too large. */
  isDue(at: Instant): boolean {
    const tumbling = this.#tumbling;
    if (tumbling === null || !tumbling.isOpen) return false;
    if (tumbling.isTerminatedEarly || this.hasReadPast(at) || this.#iterator.isAtShardEnd(at)) return true;
    return at >= tumbling.deadline && !this.#iterator.hasUnreadBefore(tumbling.bounds!.end, at);
  }

  /** All of the window's records have been taken, and one at or past its end has been read. */
  hasReadPast(at: Instant): boolean {
    const bounds = this.#tumbling?.bounds ?? null;
    return bounds !== null && this.#iterator.hasReadTo(bounds.end, at);
  }

  /** When it ends unless a record is read before, nothing being in hand; NEVER where its own are still to be read. */
  next(at: Instant): Instant {
    const tumbling = this.#tumbling;
    if (tumbling === null || !tumbling.isOpen) return NEVER;
    if (this.isDue(at)) return at;
    return tumbling.deadline > at ? tumbling.deadline : NEVER;
  }
}
