import type { Instant } from '../../kernel/time.ts';
import { WRITE_BYTES_PER_SECOND, WRITE_RECORDS_PER_SECOND } from '../../recording/limits.ts';

/** A refused record is tried again so long after each of its tries; after the last it is lost (K3). */
export const PUT_RETRY_DELAYS: readonly number[] = [100_000, 200_000, 400_000];

const RECORD = 1_000; // tokens of the record bucket, refilled one a microsecond
const RECORD_DEPTH = WRITE_RECORDS_PER_SECOND * RECORD;
const BYTE = 1_000_000; // tokens of the byte bucket, refilled WRITE_BYTES_PER_SECOND a microsecond

/**
 * Two token buckets one second deep, in whole numbers so that no rounding decides (K3). A record is charged only where
 * both suffice.
 */
export class WriteLimit {
  readonly #byteDepth: number;
  #records = RECORD_DEPTH;
  #bytes: number;
  #at: Instant = 0;

  /** @param maximumRecordSize bytes; a record larger than one second's share deepens the byte bucket */
  constructor(maximumRecordSize: number) {
    this.#byteDepth = Math.max(WRITE_BYTES_PER_SECOND, maximumRecordSize) * BYTE;
    this.#bytes = this.#byteDepth;
  }

  /** Instants never go back. `bytes`: data and the key's UTF-8 bytes. */
  accepts(at: Instant, bytes: number): boolean {
    const elapsed = at - this.#at;
    if (elapsed > 0) {
      this.#at = at;
      this.#records = Math.min(RECORD_DEPTH, this.#records + elapsed);
      this.#bytes = Math.min(this.#byteDepth, this.#bytes + elapsed * WRITE_BYTES_PER_SECOND);
    }
    const cost = bytes * BYTE;
    if (this.#records < RECORD || this.#bytes < cost) return false;
    this.#records -= RECORD;
    this.#bytes -= cost;
    return true;
  }

  /** Whether records of one size, in order of time, are all accepted; if not, nothing is charged. */
  acceptsAll(opens: Instant, times: Int32Array, count: number, bytes: number): boolean {
    const cost = bytes * BYTE;
    let records = this.#records;
    let left = this.#bytes;
    let at = this.#at - opens;
    for (let i = 0; i < count; i++) {
      const time = times[i]!;
      const elapsed = time - at;
      at = time;
      records = Math.min(RECORD_DEPTH, records + elapsed) - RECORD;
      left = Math.min(this.#byteDepth, left + elapsed * WRITE_BYTES_PER_SECOND) - cost;
      if (records < 0 || left < 0) return false;
    }
    this.#records = records;
    this.#bytes = left;
    this.#at = at + opens;
    return true;
  }

  copy(): WriteLimit {
    const copy = new WriteLimit(this.#byteDepth / BYTE);
    copy.#records = this.#records;
    copy.#bytes = this.#bytes;
    copy.#at = this.#at;
    return copy;
  }
}
