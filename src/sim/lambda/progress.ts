import type { Duration, Instant } from '../../kernel/time.ts';

/**
 * M7 (choice): a lane is caught up when it has found nothing, when nothing is left, or when a batch that took the newest
 * record was settled at its first attempt. It is behind when something has kept it from that for more than two polling
 * periods.
 */
export class Progress {
  readonly #pollingPeriod: Duration;
  #caughtUpAt: Instant = Number.NEGATIVE_INFINITY;
  #isHeldUp = true;

  /** @param caughtUpAt until when nothing was behind: a shard opens then, or other lanes had come so far */
  constructor(pollingPeriod: Duration, caughtUpAt: Instant | null) {
    this.#pollingPeriod = pollingPeriod;
    if (caughtUpAt !== null) this.#caughtUpAt = caughtUpAt;
  }

  get caughtUpAt(): Instant {
    return this.#caughtUpAt;
  }

  get isHeldUp(): boolean {
    return this.#isHeldUp;
  }

  /** From where another has come. */
  goOn(caughtUpAt: Instant, isHeldUp: boolean): void {
    this.#caughtUpAt = caughtUpAt;
    this.#isHeldUp = isHeldUp;
  }

  isBehind(at: Instant): boolean {
    return this.#isHeldUp && at - this.#caughtUpAt > 2 * this.#pollingPeriod;
  }

  holdUp(): void {
    this.#isHeldUp = true;
  }

  /** True where the lane was behind. */
  catchUp(at: Instant): boolean {
    const wasBehind = this.isBehind(at);
    this.#isHeldUp = false;
    this.#caughtUpAt = at;
    return wasBehind;
  }
}
