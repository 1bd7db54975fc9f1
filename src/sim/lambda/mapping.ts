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
  /** Filled before the run begins. */
  readonly lanes: readonly Lane[];
  /** Whether the backlog is looked at whenever a batch is settled. */
  readonly looksAlways: boolean;
}

/** An event source mapping while a run goes on: its life cycle (P9), and how far its lanes have come. */
export class Mapping implements LaneOwner {
  readonly #parts: MappingParts;
  #next: MappingState | null = null;
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

  enable(at: Instant): void {
    this.#change(at, 'Enabling', 'Enabled', true);
  }

  disable(at: Instant): void {
    for (const lane of this.#parts.lanes) lane.stopPolling(at);
    this.#change(at, 'Disabling', 'Disabled', true);
  }

  /** A transition has lasted as long as it should. */
  arrive(at: Instant): void {
    const state = this.#next!;
    this.#next = null;
    this.#parts.queue.cancel(this.#parts.actor);
    this.#parts.recorder.state(this.#parts.index, at, state, false);
    if (state === 'Enabled') for (const lane of this.#parts.lanes) lane.startPolling(at);
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
    if (this.#parts.looksAlways) this.#parts.recorder.lookAtBacklog(this.#parts.index, at);
  }

  #change(at: Instant, through: MappingState, to: MappingState, byUser: boolean): void {
    const { queue, actor, recorder, index, settings } = this.#parts;
    recorder.state(index, at, through, byUser);
    this.#next = to;
    if (settings.transitions > 0) queue.schedule(actor, at + settings.transitions, RANK.TIMELINE);
    else this.arrive(at);
  }

  #isBehind(at: Instant): boolean {
    return this.#parts.lanes.some((lane) => lane.isBehind(at));
  }

  #noteRecovery(since: Instant, at: Instant): void {
    this.#parts.tally.recovery.add(at - since);
  }
}
