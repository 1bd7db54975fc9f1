import type { Instant } from '../kernel/time.ts';
import type { Recording } from '../recording/recording.ts';
import type { TraceEvent } from '../recording/trace.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { Boundaries } from './boundaries.ts';
import { RANK } from './ranks.ts';
import { plannedEvents } from './timeline.ts';
import type { World } from './world.ts';
import { buildWorld, TIMELINE_ACTOR } from './world.ts';

export interface SimulateOptions {
  /** Receives one event at a time, in the order of virtual time. */
  readonly trace?: (event: TraceEvent) => void;
  /** Called now and then with the clock. */
  readonly onProgress?: (now: Instant) => void;
  /** Asked now and then; true ends the run where it is, and the recording is marked partial. */
  readonly stop?: () => boolean;
  /** Checks the balance of every lane at every event, not only when a batch is settled (E9). */
  readonly debug?: boolean;
}

/** The scenario makes event after event without its clock going on (D6). */
export class RunawayError extends Error {
  override readonly name = 'RunawayError';
}

/** The same run as `simulateSync`, for callers that also use handlers. */
export async function simulate(scenario: Scenario, options: SimulateOptions = {}): Promise<Recording> {
  return simulateSync(scenario, options);
}

/**
 * Runs a scenario from its start to its end.
 *
 * @returns what the run leaves behind; `summarise` makes the result of it
 * @throws RunawayError where the scenario makes 1,000,000 events at one instant
 */
export function simulateSync(scenario: Scenario, options: SimulateOptions = {}): Recording {
  const world = buildWorld(scenario, options.trace ?? null);
  const { queue, firstLane, firstPool } = world;
  const plan = plannedEvents(scenario, world);
  const boundaries = new Boundaries(scenario, world);
  const watch = new EventWatch(world, options);
  const lastEntry = plan.findLastIndex((event) => event.isEntry);
  let planned = 0;
  let horizon = scenario.duration + scenario.drain;
  let isDraining = false;

  world.mappings.forEach((mapping) => {
    mapping.create();
  });
  if (plan.length > 0) queue.schedule(TIMELINE_ACTOR, plan[0]!.at, RANK.TIMELINE);

  for (;;) {
    const actor = queue.next;
    const now = actor < 0 ? horizon : Math.min(horizon, queue.timeOf(actor));
    if (now >= scenario.duration && !isDraining) {
      isDraining = true;
      boundaries.closeBefore(scenario.duration);
      if (planned > lastEntry && isSettled(world, scenario.duration)) horizon = scenario.duration;
      else for (const lane of world.lanes) lane.awaitExpiry(scenario.duration);
      continue;
    }
    if (actor < 0 || queue.timeOf(actor) > horizon) break;
    const rank = queue.rankOf(actor);
    if (now === horizon && rank > RANK.END) break; // D5: of the events at the end only invocation ends are handled
    if (rank !== RANK.QUEUED) queue.cancel(actor);
    if (now === horizon && rank < RANK.END) continue;
    boundaries.closeUntil(now, horizon);
    switch (rank) {
      case RANK.TIMELINE:
        if (actor !== TIMELINE_ACTOR) world.mappings[actor - 1]!.arrive(now);
        else {
          plan[planned++]!.happen(now);
          if (planned < plan.length) queue.schedule(TIMELINE_ACTOR, plan[planned]!.at, RANK.TIMELINE);
        }
        break;
      case RANK.EXPIRY:
        world.lanes[actor - firstLane]!.expire(now);
        break;
      case RANK.END:
        world.lanes[actor - firstLane]!.end(now);
        break;
      case RANK.QUEUED: {
        const pool = world.pools[actor - firstPool]!;
        if (pool.canServe) pool.serve()!.attempt(now);
        else queue.cancel(actor);
        break;
      }
      case RANK.RETRY:
        world.lanes[actor - firstLane]!.attempt(now);
        break;
      case RANK.WINDOW:
        world.lanes[actor - firstLane]!.closeWindow(now);
        break;
      case RANK.POLL:
        world.lanes[actor - firstLane]!.poll(now);
        break;
    }
    if (isDraining && planned > lastEntry && isSettled(world, now)) horizon = now;
    if (watch.seesStop(now, actor)) return finish(world, now, true);
  }
  boundaries.closeBefore(horizon);
  return finish(world, horizon, false);
}

/** D5: nothing is pending, and nothing more will come. */
function isSettled(world: World, at: Instant): boolean {
  return (
    world.lanes.every((lane) => lane.isDoneAt(at)) &&
    world.streams.every((stream) => stream.shards.every((shard) => shard.arrivals.isQuietAt(at)))
  );
}

function finish(world: World, end: Instant, partial: boolean): Recording {
  for (const lane of world.lanes) lane.finish(end);
  for (const mapping of world.mappings) mapping.finish(end);
  for (const lane of world.lanes) lane.assertBalance();
  return world.recorder.finish(end, partial);
}

const EVENTS_AT_AN_INSTANT = 1_000_000;
const EVENTS_BETWEEN_LOOKS = 4_096;

/** Looks at the events as they go by: for an instant that never ends (D6), for who wants to stop or see progress. */
class EventWatch {
  readonly #world: World;
  readonly #options: SimulateOptions;
  #now: Instant = -1;
  #atThisInstant = 0;
  #untilLook = EVENTS_BETWEEN_LOOKS;

  constructor(world: World, options: SimulateOptions) {
    this.#world = world;
    this.#options = options;
  }

  seesStop(now: Instant, actor: number): boolean {
    if (now !== this.#now) {
      this.#now = now;
      this.#atThisInstant = 0;
    } else if (++this.#atThisInstant >= EVENTS_AT_AN_INSTANT) {
      const lane = this.#world.lanes[actor - this.#world.firstLane]?.name ?? 'the timeline';
      throw new RunawayError(
        `${lane}: 1,000,000 events at ${now / 1e6} s of virtual time; a retry without backoff or a duration of 0 never lets the clock go on`,
      );
    }
    if (this.#options.debug) for (const lane of this.#world.lanes) lane.assertBalance();
    if (--this.#untilLook > 0) return false;
    this.#untilLook = EVENTS_BETWEEN_LOOKS;
    this.#options.onProgress?.(now);
    return this.#options.stop?.() === true;
  }
}
