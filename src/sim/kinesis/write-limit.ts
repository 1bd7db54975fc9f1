import type { Instant } from '../../kernel/time.ts';
import type { Bucket } from './token-bucket.ts';
import { UNIT } from './token-bucket.ts';

/** A refused record is tried again so long after each of its tries; after the last it is lost (K3). */
export const PUT_RETRY_DELAYS: readonly number[] = [100_000, 200_000, 400_000];

/** What a shard takes in a second, whole numbers. */
export interface WriteRates {
  readonly records: number;
  readonly bytes: number;
}

/** What buckets hold, in millionths of a record and of a byte. */
export interface Tokens {
  readonly records: number;
  readonly bytes: number;
}

/**
 * Two token buckets one second deep, in whole numbers so that no rounding decides (K3). A record is charged only where
 * both suffice.
 */
export class WriteLimit {
  readonly maximumRecordSize: number;
  #rates: WriteRates;
  #recordBucket: Bucket;
  #byteBucket: Bucket;
  #records: number;
  #bytes: number;
  #at: Instant = 0;

  /**
   * @param maximumRecordSize bytes; a record larger than one second's share deepens the byte bucket
   * @param left what the buckets hold at the instant `at`; null: they are full
   */
  constructor(rates: WriteRates, maximumRecordSize: number, left: Tokens | null = null, at: Instant = 0) {
    this.#rates = rates;
    this.maximumRecordSize = maximumRecordSize;
    this.#recordBucket = { depth: rates.records * UNIT, rate: rates.records };
    this.#byteBucket = { depth: Math.max(rates.bytes, maximumRecordSize) * UNIT, rate: rates.bytes };
    this.#records = left === null ? this.#recordBucket.depth : left.records;
    this.#bytes = left === null ? this.#byteBucket.depth : left.bytes;
    this.#at = at;
  }

  /** What the buckets will hold at an instant if nothing comes until then. */
  leftAt(at: Instant): Tokens {
    const elapsed = Math.max(0, at - this.#at);
    return {
      records: Math.min(this.#recordBucket.depth, this.#records + elapsed * this.#rates.records),
      bytes: Math.min(this.#byteBucket.depth, this.#bytes + elapsed * this.#rates.bytes),
    };
  }

  /** One of the same rates that holds something else. */
  holding(left: Tokens, at: Instant): WriteLimit {
    return new WriteLimit(this.#rates, this.maximumRecordSize, left, at);
  }

  get recordBucket(): Bucket {
    return this.#recordBucket;
  }

  get byteBucket(): Bucket {
    return this.#byteBucket;
  }

  /** K7: from an instant on it takes more. */
  turnTo(rates: WriteRates, at: Instant): void {
    if (rates.records === this.#rates.records && rates.bytes === this.#rates.bytes) return;
    this.#refill(at);
    const { recordBucket, byteBucket } = new WriteLimit(rates, this.maximumRecordSize);
    this.#rates = rates;
    this.#recordBucket = recordBucket;
    this.#byteBucket = byteBucket;
  }

  /** Instants never go back. `bytes`: data and the key's UTF-8 bytes. */
  accepts(at: Instant, bytes: number): boolean {
    this.#refill(at);
    const cost = bytes * UNIT;
    if (this.#records < UNIT || this.#bytes < cost) return false;
    this.#records -= UNIT;
    this.#bytes -= cost;
    return true;
  }

  /**
   * Whether records, in order of time, are all accepted; if not, nothing is charged.
   *
   * @param bytes of each, or of all of them
   */
  acceptsAll(opens: Instant, times: Int32Array, count: number, bytes: Int32Array | number): boolean {
    const costOfAll = typeof bytes === 'number' ? bytes * UNIT : 0;
    const { depth: recordDepth, rate: recordRate } = this.#recordBucket;
    const { depth: byteDepth, rate: byteRate } = this.#byteBucket;
    let records = this.#records;
    let left = this.#bytes;
    let at = this.#at - opens;
    for (let i = 0; i < count; i++) {
      const time = times[i]!;
      const elapsed = time - at;
      at = time;
      records = Math.min(recordDepth, records + elapsed * recordRate) - UNIT;
      left =
        Math.min(byteDepth, left + elapsed * byteRate) - (typeof bytes === 'number' ? costOfAll : bytes[i]! * UNIT);
      if (records < 0 || left < 0) return false;
    }
    this.#records = records;
    this.#bytes = left;
    this.#at = at + opens;
    return true;
  }

  #refill(at: Instant): void {
    const elapsed = at - this.#at;
    if (elapsed <= 0) return;
    this.#at = at;
    this.#records = Math.min(this.#recordBucket.depth, this.#records + elapsed * this.#rates.records);
    this.#bytes = Math.min(this.#byteBucket.depth, this.#bytes + elapsed * this.#rates.bytes);
  }
}
