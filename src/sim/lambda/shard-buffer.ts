import type { Instant } from '../../kernel/time.ts';
import type { ArrivalCount, CursorPlace, Shard } from '../kinesis/shard.ts';
import { ShardCursor } from '../kinesis/shard.ts';
import type { LaneRecords } from '../kinesis/slice-log.ts';

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

/** How far what is buffered reaches, as one lane of the shard sees it. */
export class BufferReach {
  readonly #buffer: ShardBuffer;
  readonly #arrivals: ArrivalCount;
  /** In a slice, before the first record that is not known to be buffered. */
  readonly #edge: ShardCursor | null;

  constructor(buffer: ShardBuffer, { log, arrivals }: LaneRecords, isWholeShard: boolean) {
    this.#buffer = buffer;
    this.#arrivals = arrivals;
    this.#edge = isWholeShard ? null : new ShardCursor(log);
  }

  /** The place after the lane's last record that is buffered; of a slice perhaps only so many records past its next one. */
  placeAt(at: Instant, next: ShardCursor, most = Number.POSITIVE_INFINITY): number {
    const buffer = this.#buffer;
    const edge = this.#edge;
    if (edge === null) return buffer.cursor.index;
    const known = this.#arrivals.knownBy(buffer.reachedAt); // -1 before the first call, too
    if (known >= 0) return known;
    if (edge.index < next.index) edge.goBackTo(next.place);
    edge.moveToShardIndex(buffer.cursor.index, Math.min(this.#arrivals.by(at), next.index + most));
    return edge.index;
  }

  /** What comes from a place on is read again. */
  goBackTo(place: CursorPlace): void {
    this.#edge?.goBackTo(place);
  }
}
