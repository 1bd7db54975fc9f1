import { Chance } from '../kernel/chance.ts';
import type { Duration, Instant } from '../kernel/time.ts';
import { NEVER } from '../kernel/time.ts';
import type { Recording } from '../recording/recording.ts';
import type { ShardMetric } from '../recording/shard-metrics.ts';
import type { TraceEvent } from '../recording/trace.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { Boundaries } from './boundaries.ts';
import type { Handlers } from './handlers.ts';
import { RunningHandlers } from './handlers.ts';
import { withOnDemandShards } from './kinesis/on-demand.ts';
import type { HandlerReply, PendingInvocation } from './lambda/handler.ts';
import { HandlerDoor } from './lambda/handler.ts';
import { RANK } from './ranks.ts';
import type { PlannedEvent } from './timeline.ts';
import { plannedEvents } from './timeline.ts';
import type { World } from './world.ts';
import { buildWorld, TIMELINE_ACTOR } from './world.ts';

export interface SimulateOptions {
  /** The functions' own code, by their names; the scenario need not name it as `handler`. */
  readonly handlers?: Handlers;
  /** Receives one event at a time, in the order of virtual time. */
  readonly trace?: (event: TraceEvent) => void;
  /** Whether the invocations of the trace list their records one by one. */
  readonly traceRecords?: boolean;
  /** AWS's shard-level metrics that the series have too; without it none. */
  readonly shardMetrics?: readonly ShardMetric[];
  /** Called now and then with the clock. */
  readonly onProgress?: (now: Instant) => void;
  /**
   * Looked at at the start, now and then, and whenever a handler has answered; once it is aborted the run ends where it is,
   * and the recording is marked partial.
   */
  readonly signal?: { readonly aborted: boolean };
  /** Checks the balance of every lane at every event, not only when a batch is settled (E9). */
  readonly debug?: boolean;
  /** Takes the general path for every batch, not the short one of the usual ones: slower, and the same to the byte. */
  readonly plain?: boolean;
}

/** What a run has that waits for its handlers. */
export interface WaitingOptions extends SimulateOptions {
  /**
   * Handlers of invocations that overlap in virtual time run side by side, each from its invocation's start; this waits for
   * what one comes to when its invocation ends, and may decide in which order others go on until then. Each takes as long
   * as the scenario says: none may report a duration. Without it handlers run one after another.
   */
  readonly overlap?: (answer: Promise<unknown>) => Promise<void>;
}

/** The scenario makes event after event without its clock going on (D6). */
export class RunawayError extends Error {
  override readonly name = 'RunawayError';
}

/**
 * The same run as `simulateSync`, with a pause now and then in which others of the thread have their turn: whoever aborts
 * the `signal`, or shows the progress. Handlers may answer with a promise.
 *
 * @throws RunawayError where the scenario makes 1,000,000 events at one instant
 * @throws HandlerError where a handler that the scenario names is missing, or is none
 */
export async function simulate(scenario: Scenario, options: WaitingOptions = {}): Promise<Recording> {
  const handlers = new RunningHandlers(scenario, options.handlers ?? {});
  const simulation = new Simulation(scenario, options, handlers.functions);
  const begun = new Map<PendingInvocation, Promise<HandlerReply>>();
  const { overlap } = options;
  for (;;) {
    const step = simulation.goOn();
    if (step.kind === 'begun') {
      const reply = handlers.reply(step.invocation);
      reply.catch(() => undefined); // whoever waits for it hears of it
      begun.set(step.invocation, reply);
      simulation.resume();
    } else if (step.kind === 'asked') {
      const reply = begun.get(step.invocation) ?? handlers.reply(step.invocation);
      begun.delete(step.invocation);
      await overlap?.(reply);
      simulation.answer(await reply);
    } else if (step.kind === 'paused') await turnOfOthers();
    else {
      // What the end of the run has cut short comes to its own end, so that nothing goes on behind it.
      for (const reply of begun.values()) await overlap?.(reply);
      return step.recording;
    }
  }
}

/** A message to oneself comes after what has been waiting; a timer would bring a wall clock in. */
function turnOfOthers(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}

/**
 * Runs a scenario from its start to its end.
 *
 * @returns what the run leaves behind; `summarise` makes the result of it
 * @throws RunawayError where the scenario makes 1,000,000 events at one instant
 * @throws HandlerError where a handler that the scenario names is missing, is none, or answers with a promise
 */
export function simulateSync(scenario: Scenario, options: SimulateOptions = {}): Recording {
  const handlers = new RunningHandlers(scenario, options.handlers ?? {});
  const simulation = new Simulation(scenario, options, handlers.functions);
  for (;;) {
    const step = simulation.goOn();
    if (step.kind === 'ended') return step.recording;
    if (step.kind === 'asked') simulation.answer(handlers.replyNow(step.invocation));
  }
}

/** Where the main loop stops, for whoever drives it. */
type Step =
  | { readonly kind: 'ended'; readonly recording: Recording }
  /** A handler must answer before it goes on. */
  | { readonly kind: 'asked'; readonly invocation: PendingInvocation }
  /** A handler is to begin, and is asked later. */
  | { readonly kind: 'begun'; readonly invocation: PendingInvocation }
  /** Others may have a turn. */
  | { readonly kind: 'paused' };

const PAUSED: Step = { kind: 'paused' };

/** The main loop. */
class Simulation {
  readonly #world: World;
  readonly #plan: PlannedEvent[];
  /** Of the plan: how many the run must not end before (D5). */
  #entriesLeft: number;
  readonly #boundaries: Boundaries;
  readonly #options: SimulateOptions;
  readonly #duration: Duration;
  readonly #door: HandlerDoor;
  #planned = 0;
  #horizon: Instant;
  #isDraining = false;
  /** No handler is asked, and nothing is checked at every event. */
  readonly #mayRunOn: boolean;
  /** Since the last pause. */
  #events = 0;
  /** The event whose invocation waits for its handler. */
  #asking = { actor: -1, now: -1 };
  /** Of the last event, and how many have been there (D6). */
  #now: Instant = -1;
  #atThisInstant = 0;

  /** @param handled names of the functions that have a handler */
  constructor(written: Scenario, options: WaitingOptions, handled: readonly string[]) {
    const scenario = withOnDemandShards(written, new Chance(written.seed));
    this.#options = options;
    this.#duration = scenario.duration;
    this.#horizon = scenario.duration + scenario.drain;
    this.#door = new HandlerDoor(handled, options.overlap !== undefined);
    this.#mayRunOn = handled.length === 0 && !(options.debug ?? false);
    this.#world = buildWorld(scenario, {
      trace: options.trace ?? null,
      tracesRecords: options.traceRecords ?? false,
      shardMetrics: options.shardMetrics ?? [],
      door: this.#door,
      takesSteadyPath: !(options.plain ?? false),
    });
    this.#plan = plannedEvents(scenario, this.#world);
    this.#entriesLeft = this.#plan.filter(({ isEntry }) => isEntry).length;
    this.#boundaries = new Boundaries(scenario, this.#world);
    for (const mapping of this.#world.mappings) if (!mapping.settings.isCreatedLater) mapping.create(0);
    if (this.#plan.length > 0) this.#world.queue.schedule(TIMELINE_ACTOR, this.#plan[0]!.at, RANK.TIMELINE);
  }

  /** Some thousand events more, or as many as there are until a handler must answer. */
  goOn(): Step {
    const { queue } = this.#world;
    if (this.#options.signal?.aborted) {
      return { kind: 'ended', recording: this.#finish(Math.max(0, this.#now), true) };
    }
    for (let events = this.#events; events < EVENTS_BETWEEN_LOOKS; events++) {
      if (this.#mayRunOn) events += this.#runOn(EVENTS_BETWEEN_LOOKS - events);
      const actor = queue.next;
      const now = actor < 0 ? this.#horizon : Math.min(this.#horizon, queue.timeOf(actor));
      if (now >= this.#duration && !this.#isDraining) {
        this.#drain();
        continue;
      }
      const rank = actor < 0 ? RANK.POLL : queue.rankOf(actor);
      // D5: of the events at the end only invocation ends are handled.
      if (actor < 0 || queue.timeOf(actor) > this.#horizon || (now === this.#horizon && rank > RANK.END)) {
        this.#boundaries.closeBefore(this.#horizon);
        return { kind: 'ended', recording: this.#finish(this.#horizon, false) };
      }
      if (now === this.#horizon && rank < RANK.END) {
        queue.cancel(actor);
        continue;
      }
      this.#boundaries.closeUntil(now, this.#horizon);
      if (rank !== RANK.QUEUED) queue.handle(actor);
      this.#happen(actor, rank, now);
      queue.handled();
      const begun = this.#door.takeBegun();
      const pending = begun ?? this.#door.pending;
      if (pending !== null) {
        this.#events = events + EVENTS_OF_A_HANDLER;
        this.#asking = { actor, now };
        return { kind: begun === null ? 'asked' : 'begun', invocation: pending };
      }
      this.#settle(actor, now);
    }
    return this.#pause();
  }

  /**
   * Asks and ends of invocations, the usual events, in a loop that looks at nothing else: before the producers stop, and
   * before the recorder looks at the model.
   *
   * @returns how many
   */
  #runOn(most: number): number {
    const { queue, firstLane } = this.#world;
    const end = Math.min(this.#duration, this.#horizon, this.#boundaries.next);
    let events = 0;
    for (; events < most; events++) {
      const actor = queue.next;
      if (actor < firstLane) break;
      const now = queue.nextAt;
      const rank = queue.nextRank;
      if (now >= end || (rank !== RANK.POLL && rank !== RANK.END)) break;
      queue.handle(actor);
      if (rank === RANK.POLL) this.#poll(actor - firstLane, now);
      else this.#end(actor - firstLane, now);
      queue.handled();
      this.#look(now, actor);
    }
    return events;
  }

  /** A handler has begun. */
  resume(): void {
    this.#settle(this.#asking.actor, this.#asking.now);
  }

  /** A handler has answered. */
  answer(reply: HandlerReply): void {
    this.#door.answer(reply);
    this.#settle(this.#asking.actor, this.#asking.now);
  }

  #pause(): Step {
    this.#events = 0;
    this.#options.onProgress?.(this.#now);
    return PAUSED;
  }

  /** An event is over. */
  #settle(actor: number, now: Instant): void {
    if (this.#isDraining && this.#isDone(now)) this.#endAt(now);
    this.#look(now, actor);
  }

  #happen(actor: number, rank: number, now: Instant): void {
    const { mappings, lanes, pools, firstLane, firstPool } = this.#world;
    switch (rank) {
      case RANK.TIMELINE:
        if (actor !== TIMELINE_ACTOR) mappings[actor - 1]!.arrive(now);
        else this.#goOnWithThePlan(now);
        break;
      case RANK.EXPIRY:
        lanes[actor - firstLane]!.expire(now);
        break;
      case RANK.END:
        this.#end(actor - firstLane, now);
        break;
      case RANK.QUEUED: {
        const pool = pools[actor - firstPool]!;
        const first = pool.serve(now);
        if (first !== null) first.serve(now);
        else this.#serveLater(actor, pool.nextServe(now));
        break;
      }
      case RANK.RETRY:
        lanes[actor - firstLane]!.delivery.attempt(now);
        break;
      case RANK.WINDOW:
        lanes[actor - firstLane]!.closeWindow(now);
        break;
      case RANK.POLL:
        this.#poll(actor - firstLane, now);
        break;
    }
  }

  #poll(slot: number, now: Instant): void {
    const { steadyLanes, lanes } = this.#world;
    if (!steadyLanes[slot]?.poll(now)) lanes[slot]!.poll(now);
  }

  #end(slot: number, now: Instant): void {
    const { steadyLanes, lanes } = this.#world;
    if (!steadyLanes[slot]?.end(now)) lanes[slot]!.delivery.end(now);
  }

  /** L3: once the bucket of new environments is refilled; who waits for more than that is served when it is released. */
  #serveLater(actor: number, at: Instant): void {
    const { queue } = this.#world;
    if (at === NEVER) queue.cancel(actor);
    else queue.schedule(actor, at, RANK.QUEUED);
  }

  #goOnWithThePlan(now: Instant): void {
    const event = this.#plan[this.#planned++]!;
    event.happen(now);
    if (event.isEntry) this.#entriesLeft--;
    const next = this.#plan[this.#planned];
    if (next !== undefined) this.#world.queue.schedule(TIMELINE_ACTOR, next.at, RANK.TIMELINE);
  }

  /** No record is offered from now on. */
  #drain(): void {
    this.#isDraining = true;
    this.#boundaries.closeUntil(this.#duration, this.#horizon);
    this.#awaitPuts(this.#duration);
    if (this.#isDone(this.#duration)) this.#endAt(this.#duration);
  }

  /** Nothing is pending any more. What is gone by now counts as expired: that comes before what the end leaves out (D4). */
  #endAt(now: Instant): void {
    for (const lane of this.#world.lanes) lane?.countExpired(now);
    this.#horizon = now;
  }

  /** A record that was refused is put later than everything was offered, or lost then. */
  #awaitPuts(now: Instant): void {
    const { streams, lanes } = this.#world;
    // D5: at the run's end nothing expires any more.
    for (const lane of now < this.#horizon ? lanes : []) {
      lane?.countExpired(now);
      lane?.awaitExpiry(now);
    }
    const shards = streams.flatMap((stream) => stream.shards);
    const put = Math.min(...shards.map(({ arrivals }) => arrivals.nextPut(now - 1)));
    if (put > this.#horizon) return;
    const at = Math.min(put + 1, this.#horizon); // what is lost then, or read by nobody, is over only after it
    const happen = () => this.#awaitPuts(at);
    const place = this.#plan.findIndex((event, index) => index >= this.#planned && event.at > at);
    this.#plan.splice(place < 0 ? this.#plan.length : place, 0, { at, isEntry: true, happen });
    this.#entriesLeft++;
    this.#world.queue.schedule(TIMELINE_ACTOR, this.#plan[this.#planned]!.at, RANK.TIMELINE);
  }

  /** D5: the timeline and the producers are done, and nothing is pending. */
  #isDone(at: Instant): boolean {
    return this.#entriesLeft === 0 && this.#world.lanes.every((lane) => lane === null || lane.isDoneAt(at, false));
  }

  /** D6: an instant must come to an end; and the clock never goes back. */
  #look(now: Instant, actor: number): void {
    if (now < this.#now) throw new Error(`the clock goes back from ${this.#now} to ${now}`);
    if (now !== this.#now) {
      this.#now = now;
      this.#atThisInstant = 0;
    } else if (++this.#atThisInstant >= EVENTS_AT_AN_INSTANT) {
      const lane = this.#world.lanes[actor - this.#world.firstLane]?.name ?? 'the timeline';
      throw new RunawayError(
        `${lane}: 1,000,000 events at ${now / 1e6} s of virtual time; a retry without backoff or a duration of 0 never lets the clock go on`,
      );
    }
    if (this.#options.debug) for (const lane of this.#world.lanes) lane?.assertBalance();
  }

  #finish(end: Instant, partial: boolean): Recording {
    const { lanes, mappings, recorder } = this.#world;
    for (const lane of lanes) lane?.finish(end);
    for (const mapping of mappings) mapping.finish(end);
    for (const lane of lanes) lane?.assertBalance();
    return recorder.finish(end, partial);
  }
}

const EVENTS_AT_AN_INSTANT = 1_000_000;
const EVENTS_BETWEEN_LOOKS = 4_096;
const EVENTS_OF_A_HANDLER = 64; // its call takes as long as so many of the simulator's own
