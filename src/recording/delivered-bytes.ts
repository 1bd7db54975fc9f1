import type { Duration, Instant } from '../kernel/time.ts';
import { KILOBYTE, unitsIn } from './billing.ts';

/** M3a: what one shard delivers to one consumer with enhanced fan-out, by the instants of the deliveries. */
export class DeliveredBytes {
  /** From the end of the warm-up on: one entry for each period from t = 0, and in all. */
  readonly column: Float64Array;
  measured = 0;
  /** The same with each record rounded up (C2). */
  measuredKilobytes = 0;
  readonly #period: Duration;
  readonly #warmup: Duration;

  constructor(periods: number, period: Duration, warmup: Duration) {
    this.column = new Float64Array(periods);
    this.#period = period;
    this.#warmup = warmup;
  }

  /** Of one record. They are worked out late, when somebody looks: the period of a delivery may be over by then. */
  add(at: Instant, bytes: number): void {
    if (at < this.#warmup) return;
    this.measured += bytes;
    this.measuredKilobytes += unitsIn(bytes, KILOBYTE);
    this.column[Math.min(this.column.length - 1, Math.floor(at / this.#period))]! += bytes;
  }
}
