import type { Duration, Instant } from '../../kernel/time.ts';
import { MILLISECOND, NEVER, SECOND } from '../../kernel/time.ts';
import type { DeliveredBytes } from '../../recording/delivered-bytes.ts';
import { READ_BYTES_PER_SECOND } from '../../recording/limits.ts';
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
  /** Of the record at the cursor; null: not worked out yet. */
  #next: { readonly at: Instant; readonly isLimited: boolean } | null = null;

  /** @param end no record arrives at or after it */
  constructor(log: ShardLog, end: Instant, delivered: DeliveredBytes) {
    this.#delivered = delivered;
    this.#cursor = new ShardCursor(log);
    this.#lastSecond = Math.ceil(end / SECOND);
  }

  /** Deliveries begin, or begin again, where another cursor of the shard stands. */
  subscribe(at: Instant, { place }: ShardCursor): void {
    this.#cursor.goBackTo(place);
    this.#tokens = DEPTH;
    this.#at = at;
    this.#next = null;
  }

  /** Index in the shard after the last record delivered at or before an instant. Instants never go back. */
  deliveredBy(instant: Instant): number {
    while (this.nextDelivery <= instant) {
      const { second, position } = this.#cursor;
      const { at } = this.#next!;
      this.#tokens = Math.min(DEPTH, this.#tokens + (at - this.#at) * READ_BYTES_PER_SECOND);
      const bytes = bytesOf(second, position, position + 1);
      this.#tokens -= bytes * BYTE;
      this.#delivered.add(at, bytes);
      this.#at = at;
      this.#cursor.moveTo(this.#cursor.index + 1);
      this.#next = null;
    }
    return this.#cursor.index;
  }

  /** When the next record is delivered; NEVER without one. */
  get nextDelivery(): Instant {
    this.#next ??= this.#workOut();
    return this.#next.at;
  }

  /** Whether the next record waits for the 2 MB/s. */
  get isLimited(): boolean {
    this.#next ??= this.#workOut();
    return this.#next.isLimited;
  }

  #workOut(): { at: Instant; isLimited: boolean } {
    if (!this.#cursor.hasNextBefore(this.#lastSecond)) return { at: NEVER, isLimited: false };
    const earliest = Math.max(this.#at, this.#cursor.arrival + PROPAGATION);
    const level = Math.min(DEPTH, this.#tokens + (earliest - this.#at) * READ_BYTES_PER_SECOND);
    const { second, position } = this.#cursor;
    const needed = Math.min(DEPTH, bytesOf(second, position, position + 1) * BYTE);
    if (level >= needed) return { at: earliest, isLimited: false };
    return { at: earliest + Math.ceil((needed - level) / READ_BYTES_PER_SECOND), isLimited: true };
  }
}
