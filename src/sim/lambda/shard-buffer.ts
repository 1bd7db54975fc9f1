import type { Instant } from '../../kernel/time.ts';
import type { Shard } from '../kinesis/shard.ts';
import { ShardCursor } from '../kinesis/shard.ts';

/** P7: what GetRecords has brought of a shard, for all lanes of a mapping. */
export class ShardBuffer {
  /** Stands after the last record brought. */
  readonly cursor: ShardCursor;
  calledAt: Instant = -1;
  wasRefused = false;

  constructor(shard: Shard) {
    this.cursor = new ShardCursor(shard.log);
  }
}
