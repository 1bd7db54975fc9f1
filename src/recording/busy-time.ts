import type { Duration } from '../kernel/time.ts';

/** M3a: since when a lane's time with a batch in hand counts, as that time was when it was looked at. */
export class BusyTime {
  #atMeasuring: Duration = 0;
  #atPeriod: Duration = 0;

  /** The warm-up is over. */
  startMeasuring(busy: Duration): void {
    this.#atMeasuring = busy;
    this.#atPeriod = busy;
  }

  /** It goes on with the history of another lane, which has been busy for so much longer. */
  jump(by: Duration): void {
    this.#atMeasuring += by;
    this.#atPeriod += by;
  }

  measured(busy: Duration): Duration {
    return busy - this.#atMeasuring;
  }

  /** @returns what came in the period that is over */
  closePeriod(busy: Duration): Duration {
    const ofPeriod = busy - this.#atPeriod;
    this.#atPeriod = busy;
    return ofPeriod;
  }
}
