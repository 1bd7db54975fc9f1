import type { Instant } from '../../kernel/time.ts';
import type { CursorPlace, Shard } from '../kinesis/shard.ts';
import { ShardCursor } from '../kinesis/shard.ts';

/** Before any instant. */
export const NOT_KNOWN: Instant = -1;

/** P7: what GetRecords has brought of a shard, for all lanes of a mapping. */
export class ShardBuffer {
  /** Stands after the last record brought. */
  readonly cursor: ShardCursor;
  calledAt: Instant = -1;
  wasRefused = false;
  /** The call that has brought all that had come by then, and stands for what is buffered still; NOT_KNOWN: there is none. */
  reachedAt: Instant = NOT_KNOWN;

  constructor(shard: Shard) {
    this.cursor = new ShardCursor(shard.log);
  }

  /** What lies before a record of the shard is not read any more. */
  raiseTo(index: number): void {
    if (index <= this.cursor.index) return;
    this.cursor.moveTo(index);
    this.reachedAt = NOT_KNOWN;
  }

  /** What comes from a record of the shard on is read again, which lies behind a place. */
  goBackTo(place: CursorPlace, index = 0): void {
    this.cursor.goBackTo(place);
    if (index > this.cursor.index) this.cursor.moveTo(index);
    this.reachedAt = NOT_KNOWN;
  }
}
