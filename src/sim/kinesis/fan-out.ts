import type { Duration, Instant } from '../../kernel/time.ts';
import { MILLISECOND, NEVER, SECOND } from '../../kernel/time.ts';
import type { DeliveredBytes } from '../../recording/delivered-bytes.ts';
import { READ_BYTES_PER_SECOND } from '../../recording/limits.ts';
import type { ShardSecond } from './record-log.ts';
import { bytesOf } from './record-log.ts';
import { ShardCursor } from './shard.ts';
import type { ShardLog } from './shard-log.ts';

/** K8: from a record's arrival to its delivery, from the Kinesis developer guide. */
export const PROPAGATION: Duration = 70 * MILLISECOND;

const BYTE = 1_000_000; // tokens of the bucket, refilled READ_BYTES_PER_SECOND a microsecond
const DEPTH = READ_BYTES_PER_SECOND * BYTE;

/**
 * K8: one shard as it is pushed to one consumer with enhanced fan-out. A record is delivered 70 ms after it arrives, later
 * where the 2 MB/s of this consumer and shard are used up: a bucket one second deep (choice).
 */
export class FanOut {
  readonly #cursor: ShardCursor;
  readonly #lastSecond: number;
  readonly #delivered: DeliveredBytes;
  #tokens = DEPTH;
  /** When the bucket was last looked at: of the last delivery, or the subscription. */
  #at: Instant = 0;
  /** When the record at the cursor is delivered, and whether it waits for the 2 MB/s; UNKNOWN: not worked out yet. */
  #nextAt: Instant = UNKNOWN;
  #isNextLimited = false;

  /** @param end no record arrives at or after it */
  constructor(log: ShardLog, end: Instant, delivered: DeliveredBytes) {
    this.#delivered = delivered;
    this.#cursor = new ShardCursor(log);
    this.#lastSecond = Math.ceil(end / SECOND);
  }

  /** Deliveries begin, or begin again, where another cursor of the shard stands. The 2 MB/s are the consumer's: they go on. */
  subscribe(at: Instant, { place }: ShardCursor): void {
    this.#cursor.goBackTo(place);
    this.#tokens = this.#levelAt(at);
    this.#at = at;
    this.#nextAt = UNKNOWN;
  }

  /** Index in the shard after the last record delivered at or before an instant. Instants never go back. */
  deliveredBy(instant: Instant): number {
    while (this.nextDelivery <= instant) {
      const { second, position: first } = this.#cursor;
      let position = first;
      while (this.#nextAt <= instant) {
        this.#deliver(bytesOf(second, position, position + 1));
        if (++position < second.count) this.#workOut(second, position);
        else this.#nextAt = NEVER; // of this second
      }
      this.#cursor.standAt(second, position);
      if (position === second.count) this.#nextAt = UNKNOWN;
    }
    return this.#cursor.index;
  }

  #deliver(bytes: number): void {
    const at = this.#nextAt;
    this.#tokens = this.#levelAt(at) - bytes * BYTE;
    this.#delivered.add(at, bytes);
    this.#at = at;
  }

  #levelAt(at: Instant): number {
    return Math.min(DEPTH, this.#tokens + (at - this.#at) * READ_BYTES_PER_SECOND);
  }

  /** When the next record is delivered; NEVER without one. */
  get nextDelivery(): Instant {
    if (this.#nextAt === UNKNOWN) this.#lookAhead();
    return this.#nextAt;
  }

  /** Whether the next record waits for the 2 MB/s. */
  get isLimited(): boolean {
    if (this.#nextAt === UNKNOWN) this.#lookAhead();
    return this.#isNextLimited;
  }

  #lookAhead(): void {
    const cursor = this.#cursor;
    if (cursor.hasNextBefore(this.#lastSecond)) this.#workOut(cursor.second, cursor.position);
    else {
      this.#nextAt = NEVER;
      this.#isNextLimited = false;
    }
  }

  /** Of the record at a place in a second. */
  #workOut(second: ShardSecond, position: number): void {
    const arrival = second.second * SECOND + second.times.at(position);
    const earliest = Math.max(this.#at, arrival + PROPAGATION);
    const level = this.#levelAt(earliest);
    const needed = Math.min(DEPTH, bytesOf(second, position, position + 1) * BYTE);
    this.#isNextLimited = level < needed;
    this.#nextAt = earliest + (level < needed ? Math.ceil((needed - level) / READ_BYTES_PER_SECOND) : 0);
  }
}

/** Before any instant. */
const UNKNOWN: Instant = -1;
