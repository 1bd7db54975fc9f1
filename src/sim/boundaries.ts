import type { Duration, Instant } from '../kernel/time.ts';
import { NEVER } from '../kernel/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { World } from './world.ts';

/**
 * The instants at which the recorder looks at the model although nothing happens: ends of periods, of the warm-up, and
 * what goes before records may expire unread. They come before everything else of their instant and change nothing, so
 * the reported series cannot alter a run.
 */
export class Boundaries {
  readonly #world: World;
  readonly #period: number;
  /** Of the stream that keeps records for the shortest time: nothing expires before. */
  readonly #retention: Duration;
  /** After a mapping is created, which finds records of any age (P8). */
  readonly #creations: readonly Instant[];
  #nextPeriod: Instant;
  #nextLook: Instant;
  #warmup: Instant;
  #next: Instant;

  constructor(scenario: Scenario, world: World) {
    this.#world = world;
    this.#period = scenario.period;
    this.#nextPeriod = scenario.period;
    this.#retention = Math.min(...scenario.streams.map(({ retention }) => retention));
    this.#creations = scenario.timeline.filter(({ kind }) => kind === 'create').map(({ at }) => at + 1);
    this.#nextLook = this.#retention;
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
        this.#lookAnew(at);
      } else if (at === this.#nextPeriod) {
        recorder.closePeriod(at);
        this.#nextPeriod += this.#period;
        this.#lookAnew(at);
      } else {
        this.#nextLook = Math.min(...this.#creations.filter((creation) => creation > at));
        for (const watch of recorder.watches) {
          watch.look(at - 1);
          this.#nextLook = Math.min(this.#nextLook, watch.next(at));
        }
      }
      this.#next = this.#first();
    }
  }

  /** The highest backlog begins anew, and with it what need not be looked at. */
  #lookAnew(at: Instant): void {
    if (at >= this.#retention) this.#nextLook = at;
  }

  #first(): Instant {
    return Math.min(this.#nextPeriod, this.#nextLook, this.#warmup);
  }
}
