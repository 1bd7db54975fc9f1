import type { Instant } from '../../kernel/time.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import { READ_BYTES_PER_SECOND } from '../../recording/limits.ts';
import { BUFFERED, CALLED, CALLS, READ, READ_BYTES, REFUSED } from '../../recording/steady-row.ts';
import { BYTES_PER_CALL, RECORDS_PER_CALL } from '../kinesis/read-limit.ts';
import type { Shard, ShardCursor } from '../kinesis/shard.ts';
import type { ShardBuffer } from './shard-buffer.ts';
import { NOT_KNOWN } from './shard-buffer.ts';
import { SteadyReader } from './steady-reader.ts';
import type { SteadyRows } from './steady-rows.ts';
import type { SteadyParts, SteadyShared } from './steady-shared.ts';

/**
 * What calls have brought of a lane's shard (P7), as its steady path knows it. A lane that reads a whole shard has the
 * buffer to itself: it stands in the lane's row. Those of slices share it: where its last call has reached the newest record,
 * what it has brought of a slice is what had come for it by then.
 */
export class SteadyFetcher extends SteadyReader {
  protected readonly shared: SteadyShared;
  protected readonly laneRecorder: LaneRecorder;
  readonly #buffer: ShardBuffer;
  readonly #shard: Shard;
  /** P4: the shard has other lanes, too. */
  protected readonly isSliced: boolean;

  protected constructor(parts: SteadyParts, rows: SteadyRows, shared: SteadyShared, cursor: ShardCursor) {
    super(rows, parts.records.arrivals, cursor);
    this.shared = shared;
    this.laneRecorder = parts.recorder;
    this.#buffer = parts.buffer;
    this.#shard = parts.shard;
    this.isSliced = parts.records.log !== parts.shard.log;
  }

  /** The buffer is as the plain path has left it. @returns false where it is not known what it holds */
  protected enterBuffer(): boolean {
    const { row } = this;
    const { numbers } = this.rows;
    const buffer = this.#buffer;
    if (this.isSliced) {
      numbers[row + CALLED] = NOT_COUNTED;
      return buffer.reachedAt !== NOT_KNOWN;
    }
    numbers[row + BUFFERED] = buffer.cursor.index;
    numbers[row + CALLED] = buffer.calledAt;
    numbers[row + REFUSED] = buffer.wasRefused ? 1 : 0;
    return true;
  }

  /** And as that would have left it. */
  protected leaveBuffer(): void {
    if (this.isSliced) return;
    const { row } = this;
    const { numbers } = this.rows;
    const buffer = this.#buffer;
    this.stand(buffer.cursor, numbers[row + BUFFERED]!);
    buffer.calledAt = numbers[row + CALLED]!;
    buffer.wasRefused = numbers[row + REFUSED] === 1;
  }

  /** Index after the last of the lane's records that a call has brought; −1 where only the plain path knows. */
  protected get broughtTo(): number {
    const { row } = this;
    const { numbers } = this.rows;
    if (!this.isSliced) return numbers[row + BUFFERED]!;
    const { reachedAt } = this.#buffer;
    if (reachedAt === NOT_KNOWN) return -1;
    if (numbers[row + CALLED] !== reachedAt) {
      numbers[row + BUFFERED] = this.firstAfter(reachedAt);
      numbers[row + CALLED] = reachedAt;
    }
    return numbers[row + BUFFERED]!;
  }

  /** In the shard, of a record that is the lane's next, or at hand. */
  protected indexInShard(index: number): number {
    return this.isSliced ? this.shardIndexOf(index) : index;
  }

  /** P7: a call that brings all there is; false where it would not, or is refused. */
  protected fetch(at: Instant, arrived: number): boolean {
    const { row } = this;
    const { numbers } = this.rows;
    const { bytes } = this.shared;
    if (this.isSliced) return this.#fetchForAll(at, arrived, bytes!);
    const buffered = numbers[row + BUFFERED]!;
    const count = arrived - buffered;
    if (numbers[row + CALLED] === at && (numbers[row + REFUSED] === 1 || count === 0))
      return numbers[row + REFUSED] === 0;
    const sum = bytes === null ? this.bytesBetween(buffered, arrived) : count * bytes;
    if (!this.#bringsAll(count, sum)) return false;
    numbers[row + CALLED] = at;
    numbers[row + REFUSED] = 0;
    if (!this.#call(at, count, sum)) {
      numbers[row + REFUSED] = 1;
      return false;
    }
    numbers[row + BUFFERED] = arrived;
    return true;
  }

  /** @param bytes of each record */
  #fetchForAll(at: Instant, arrived: number, bytes: number): boolean {
    const { row } = this;
    const { numbers } = this.rows;
    const buffer = this.#buffer;
    const arrivedInShard = this.#shard.arrivals.by(at);
    const count = arrivedInShard - buffer.cursor.index;
    if (buffer.calledAt === at && (buffer.wasRefused || count === 0)) return !buffer.wasRefused;
    if (!this.#bringsAll(count, count * bytes)) return false;
    buffer.calledAt = at;
    buffer.wasRefused = !this.#call(at, count, count * bytes);
    if (buffer.wasRefused) return false;
    buffer.cursor.moveTo(arrivedInShard);
    buffer.reachedAt = at;
    numbers[row + BUFFERED] = arrived;
    numbers[row + CALLED] = at;
    return true;
  }

  #bringsAll(count: number, bytes: number): boolean {
    const { fetchLimit, batchSize } = this.shared.mapping;
    return bytes >= 0 && bytes <= SURE && count <= (fetchLimit === 'batchSize' ? batchSize : RECORDS_PER_CALL);
  }

  /** @returns false where it is refused */
  #call(at: Instant, count: number, bytes: number): boolean {
    const { row } = this;
    const { numbers } = this.rows;
    const { readLimit } = this.#shard;
    if (readLimit !== null) {
      if (!readLimit.admits(at)) {
        this.laneRecorder.readRefused(at);
        return false;
      }
      readLimit.charge(bytes);
    }
    numbers[row + CALLS]! += 1;
    numbers[row + READ]! += count;
    numbers[row + READ_BYTES]! += bytes;
    return true;
  }
}

/** No call's instant. */
const NOT_COUNTED: Instant = -2;
/** So much any call that is answered brings (K4). */
const SURE = BYTES_PER_CALL - READ_BYTES_PER_SECOND;
