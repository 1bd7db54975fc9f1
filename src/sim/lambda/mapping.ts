import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Instant } from '../../kernel/time.ts';
import type { MappingState } from '../../recording/causes.ts';
import type { Recorder } from '../../recording/recorder.ts';
import type { MappingTally } from '../../recording/recording.ts';
import type { MappingSettings } from '../../scenario/scenario.ts';
import { RANK } from '../ranks.ts';
import type { Lane, LaneOwner } from './poller.ts';

export interface MappingParts {
  readonly index: number;
  readonly settings: MappingSettings;
  readonly actor: number;
  readonly queue: EventQueue;
  readonly recorder: Recorder;
  readonly tally: MappingTally;
  /** By number. Filled before the run begins. */
  readonly shards: readonly MappedShard[];
}

/** One shard of the mapping's stream, and the lanes that read it. */
export interface MappedShard {
  readonly opensAt: Instant;
  /** By number. */
  readonly parents: readonly number[];
  readonly lanes: readonly Lane[];
}

/** An event source mapping while a run goes on: its life cycle (P9), and how far its lanes have come. */
export class Mapping implements LaneOwner {
  readonly #parts: MappingParts;
  /** Where the life cycle leads. */
  #goal: 'Enabled' | 'Disabled' = 'Disabled';
  /** No transition is under way, and the mapping is enabled. */
  #isPolling = false;
  /** Ends of fault windows after which the mapping has not been caught up yet. */
  #recovering: Instant[] = [];

  constructor(parts: MappingParts) {
    this.#parts = parts;
  }

  get settings(): MappingSettings {
    return this.#parts.settings;
  }

  /** Creates the mapping, at the start of the run. */
  create(): void {
    this.#change(0, 'Creating', this.#parts.settings.enabled ? 'Enabled' : 'Disabled', false);
  }

  /** Nothing for a mapping that is enabled or on its way there. */
  enable(at: Instant): void {
    if (this.#goal === 'Enabled') return;
    this.#change(at, 'Enabling', 'Enabled', true);
  }

  disable(at: Instant): void {
    if (this.#goal === 'Disabled') return;
    this.#isPolling = false;
    for (const { lanes } of this.#parts.shards) for (const lane of lanes) lane.stopPolling(at);
    this.#change(at, 'Disabling', 'Disabled', true);
  }

  /** A transition has lasted as long as it should. */
  arrive(at: Instant): void {
    this.#parts.queue.cancel(this.#parts.actor);
    this.#parts.recorder.state(this.#parts.index, at, this.#goal, false);
    if (this.#goal === 'Disabled') return;
    this.#isPolling = true;
    this.#startShards(at);
  }

  /** Shards of the stream have been closed, and others opened (K6). */
  shardsChange(at: Instant): void {
    if (this.#isPolling) this.#startShards(at);
  }

  laneEnded(at: Instant): void {
    if (this.#isPolling) this.#startShards(at);
  }

  /** K6: a shard is read once each record of its parents is settled. */
  #startShards(at: Instant): void {
    const ended: boolean[] = [];
    const ready: Lane[] = [];
    for (const { opensAt, parents, lanes } of this.#parts.shards) {
      const isReady = opensAt <= at && parents.every((parent) => ended[parent]);
      ended.push(isReady && lanes.filter((lane) => !lane.endWithShard(at)).length === 0);
      if (isReady) ready.push(...lanes.filter((lane) => lane.canStart));
      else if (opensAt <= at) for (const lane of lanes) lane.awaitParents(at);
    }
    for (const lane of ready) lane.subscribe(at);
    for (const lane of ready) lane.startPolling(at);
  }

  /** A fault window of the mapping's function ends. */
  faultEnds(at: Instant): void {
    if (this.#isBehind(at)) this.#recovering.push(at);
    else this.#noteRecovery(at, at);
  }

  laneCaughtUp(at: Instant): void {
    if (this.#isBehind(at)) return;
    this.#parts.tally.caughtUpAt = at;
    for (const since of this.#recovering) this.#noteRecovery(since, at);
    this.#recovering = [];
  }

  /** The run ends here. */
  finish(end: Instant): void {
    if (this.#isBehind(end)) this.#parts.tally.caughtUpAt = null;
  }

  beforeSettling(at: Instant): void {
    this.#parts.recorder.lookAtBacklog(this.#parts.index, at);
  }

  #change(at: Instant, through: MappingState, to: 'Enabled' | 'Disabled', byUser: boolean): void {
    const { queue, actor, recorder, index, settings } = this.#parts;
    recorder.state(index, at, through, byUser);
    this.#goal = to;
    if (settings.transitions > 0) queue.schedule(actor, at + settings.transitions, RANK.TIMELINE);
    else this.arrive(at);
  }

  #isBehind(at: Instant): boolean {
    return this.#parts.shards.some(({ lanes }) => lanes.some((lane) => lane.isBehind(at)));
  }

  #noteRecovery(since: Instant, at: Instant): void {
    this.#parts.tally.recovery.add(at - since);
  }
}
