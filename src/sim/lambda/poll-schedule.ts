import type { Duration, Instant } from '../../kernel/time.ts';
import type { Polling } from '../../scenario/scenario.ts';

/** P1: when a lane asks, by the polling of the scenario and the phase of its shard. */
export class PollSchedule {
  readonly #period: Duration;
  readonly #phase: Duration;
  readonly #sincePoll: boolean;

  constructor(polling: Polling, phase: Duration) {
    this.#period = polling.period;
    this.#phase = phase;
    this.#sincePoll = polling.pacing === 'sincePoll';
  }

  /** The first grid instant at or after an instant: φ + k · period, k ≥ 0. */
  firstTick(at: Instant): Instant {
    const k = Math.max(0, Math.ceil((at - this.#phase) / this.#period));
    return this.#phase + k * this.#period;
  }

  afterEmpty(asked: Instant): Instant {
    return this.#sincePoll ? asked + this.#period : this.firstTick(asked + 1);
  }

  /** After a short batch, or one that another reason keeps from asking at once. */
  afterBatch(asked: Instant, settled: Instant): Instant {
    if (this.#sincePoll) return Math.max(asked + this.#period, settled);
    return this.firstTick(Math.max(settled, asked + 1));
  }
}
