import type { Instant } from '../kernel/time.ts';
import { NEVER, SECOND } from '../kernel/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { World } from './world.ts';

/**
 * The instants at which the recorder looks at the model although nothing happens: ends of periods, of the warm-up, and
 * whole seconds once records can expire unread. They come before everything else of their instant and change nothing, so
 * the reported series cannot alter a run.
 */
export class Boundaries {
  readonly #world: World;
  readonly #period: number;
  #nextPeriod: Instant;
  #nextSecond: Instant;
  #warmup: Instant;
  #next: Instant;

  constructor(scenario: Scenario, world: World) {
    this.#world = world;
    this.#period = scenario.period;
    this.#nextPeriod = scenario.period;
    this.#nextSecond = Math.min(...scenario.streams.map(({ retention }) => retention));
    this.#warmup = scenario.warmup;
    this.#next = this.#first();
  }

  /** When it looks next. */
  get next(): Instant {
    return this.#next;
  }

  /** Everything up to an instant, that included; unless it is the end, which the recorder closes itself. */
  closeUntil(now: Instant, horizon: Instant): void {
    if (now >= this.#next) this.closeBefore(now === horizon ? now : now + 1);
  }

  closeBefore(instant: Instant): void {
    while (this.#next < instant) {
      const at = this.#next;
      const { recorder } = this.#world;
      if (at === this.#warmup) {
        recorder.startMeasuring(at);
        this.#warmup = NEVER;
      } else if (at === this.#nextPeriod) {
        recorder.closePeriod(at);
        this.#nextPeriod += this.#period;
      } else {
        for (const mapping of recorder.mappings.keys()) recorder.lookAtBacklog(mapping, at - 1);
        this.#nextSecond += SECOND;
      }
      this.#next = this.#first();
    }
  }

  #first(): Instant {
    return Math.min(this.#nextPeriod, this.#nextSecond, this.#warmup);
  }
}
