import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Instant } from '../../kernel/time.ts';
import type { BacklogWatch } from '../../recording/backlog-watch.ts';
import type { MappingState, StandstillCause } from '../../recording/causes.ts';
import { mappingUuid, sourceArn } from '../../recording/identifiers.ts';
import type { ApiAction, Refusal } from '../../recording/mapping-life.ts';
import type { MappingTally } from '../../recording/mapping-tally.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { cannotAccess, missingActions } from '../../scenario/role.ts';
import type { Account, JsonObject, MappingChanges, MappingSettings } from '../../scenario/scenario.ts';
import { RANK } from '../ranks.ts';
import type { LaneOwner } from './lane-parts.ts';
import type { MappedShard } from './mapped-shard.ts';
import type { Lane } from './poller.ts';

export interface MappingParts {
  readonly index: number;
  /** As they are when it is created. */
  readonly settings: MappingSettings;
  readonly actor: number;
  readonly queue: EventQueue;
  readonly recorder: Recorder;
  readonly account: Account;
  /** Microseconds since the Unix epoch at t = 0. */
  readonly start: number;
  /** Of its function, at the start of the run. */
  readonly role: readonly string[] | null;
  readonly tally: MappingTally;
  /** By number. Filled before the run begins. */
  readonly shards: readonly MappedShard[];
}

/**
 * An event source mapping while a run goes on: the calls of its API (A1), its life cycle (P9), its function's role (A3), and
 * how far its lanes have come.
 */
export class Mapping implements LaneOwner {
  readonly #parts: MappingParts;
  /** Those in force. The lanes hold this very object, in which an update changes what it names. */
  readonly #settings: { -readonly [Key in keyof MappingSettings]: MappingSettings[Key] };
  /** Where the life cycle leads. */
  #goal: 'Enabled' | 'Disabled' | 'Deleted' = 'Disabled';
  /** It is enabled, no transition is under way, and its role allows it. */
  #isPolling = false;
  #role: readonly string[] | null;
  /** Ends of fault windows after which the mapping has not been caught up yet. */
  #recovering: Instant[] = [];

  constructor(parts: MappingParts) {
    this.#parts = parts;
    this.#settings = { ...parts.settings };
    this.#role = parts.role;
  }

  get settings(): MappingSettings {
    return this.#settings;
  }

  /** Null before it is created. */
  get #state(): MappingState | null {
    return this.#parts.tally.life.stages.at(-1)?.state ?? null;
  }

  get #exists(): boolean {
    return this.#parts.tally.life.exists;
  }

  /** Creates the mapping. @returns the place of the state that the call answers */
  create(at: Instant): number {
    if (this.#settings.isCreatedLater) for (const lane of this.#lanes) lane.create(at);
    return this.#change(at, 'Creating', this.#settings.enabled ? 'Enabled' : 'Disabled', false);
  }

  /** CreateEventSourceMapping on the timeline. @param all of the run's mappings */
  createByCall(at: Instant, all: readonly Mapping[]): void {
    const twin = all.find((other) => other.#exists && other.#isTwinOf(this));
    const refusal = twin === undefined ? this.#denial() : conflictWith(twin.settings, this.#parts);
    this.#answer(at, 'CreateEventSourceMapping', {}, refusal ?? this.create(at));
  }

  /** UpdateEventSourceMapping, by which a mapping is enabled and disabled too. */
  update(at: Instant, changes: MappingChanges, parameters: JsonObject): void {
    const action = 'UpdateEventSourceMapping';
    this.#answer(at, action, parameters, this.#absence(action) ?? this.#update(at, changes));
  }

  /** DeleteEventSourceMapping: what is not settled stays so. */
  delete(at: Instant): void {
    const action = 'DeleteEventSourceMapping';
    this.#answer(at, action, {}, this.#absence(action) ?? this.#delete(at));
  }

  /** A3: the role of its function allows something else from now on. */
  changeRole(at: Instant, role: readonly string[]): void {
    this.#role = role;
    if (this.#state !== 'Enabled') return;
    const wasAllowed = this.#parts.tally.life.lacks === null;
    if (this.#missing.length > 0) this.#standStill(at);
    else if (!wasAllowed) this.#startPolling(at);
  }

  /** A transition has lasted as long as it should. */
  arrive(at: Instant): void {
    const { queue, actor, recorder, index } = this.#parts;
    queue.cancel(actor);
    if (this.#goal === 'Deleted') for (const lane of this.#lanes) lane.leave(at);
    recorder.state(index, at, this.#goal, false);
    if (this.#goal !== 'Enabled') return;
    if (this.#missing.length > 0) this.#standStill(at);
    else this.#startPolling(at);
  }

  /** Shards of the stream have been closed, and others opened (K6). */
  shardsChange(at: Instant): void {
    if (this.#isPolling) this.#startShards(at);
  }

  laneEnded(at: Instant): void {
    if (this.#isPolling) this.#startShards(at);
  }

  /** P4: of a shard that is to be divided anew, it may have been the last. */
  laneStopped(at: Instant): void {
    if (this.#isPolling) this.#startShards(at);
  }

  /** A fault window of the mapping's function ends. */
  faultEnds(at: Instant): void {
    if (!this.#exists) return;
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
    const { tally } = this.#parts;
    if (this.#exists && this.#isBehind(end)) tally.caughtUpAt = null;
    tally.notRecovered = this.#recovering.length;
  }

  get backlogWatch(): BacklogWatch {
    return this.#parts.recorder.watches[this.#parts.index]!;
  }

  beforeSettling(at: Instant): void {
    this.backlogWatch.look(at);
  }

  #update(at: Instant, { enabled, ...changes }: MappingChanges): number {
    const goal = enabled === undefined ? this.#goal : enabled ? 'Enabled' : 'Disabled';
    const isChanged = Object.keys(changes).length > 0;
    if (goal === this.#goal && !isChanged) return this.#parts.tally.life.stages.length - 1;
    const through = goal === this.#goal ? 'Updating' : goal === 'Enabled' ? 'Enabling' : 'Disabling';
    if (this.#goal === 'Enabled') this.#stopPolling(at, goal === 'Enabled' ? 'updating' : 'disabled');
    if (isChanged) this.#takeOn(changes);
    return this.#change(at, through, goal, true);
  }

  #takeOn(changes: MappingChanges): void {
    Object.assign(this.#settings, changes);
    this.#parts.tally.life.update({ ...this.#settings });
    if (changes.filters !== undefined) for (const lane of this.#lanes) lane.changeFilter();
  }

  #delete(at: Instant): number {
    this.#stopPolling(at, 'disabled');
    return this.#change(at, 'Deleting', 'Deleted', true);
  }

  #change(at: Instant, through: MappingState, to: 'Enabled' | 'Disabled' | 'Deleted', byUser: boolean): number {
    const { queue, actor, recorder, index, tally } = this.#parts;
    recorder.state(index, at, through, byUser);
    const place = tally.life.stages.length - 1;
    this.#goal = to;
    if (this.#settings.transitions > 0) queue.schedule(actor, at + this.#settings.transitions, RANK.TIMELINE);
    else this.arrive(at);
    return place;
  }

  #startPolling(at: Instant): void {
    this.#parts.tally.life.lack(at, null);
    this.#isPolling = true;
    this.#startShards(at);
  }

  /** K6: a shard is read once each record of its parents is settled. */
  #startShards(at: Instant): void {
    const ended: boolean[] = [];
    const ready: Lane[] = [];
    for (const shard of this.#parts.shards) {
      const isReady = shard.opensAt <= at && shard.parents.every((parent) => ended[parent]);
      const hasEnded = isReady && shard.lanes.filter((lane) => !lane.endWithShard(at)).length === 0;
      ended.push(hasEnded);
      if (!isReady) {
        if (shard.opensAt <= at) for (const lane of shard.lanes) lane.stopPolling(at, 'parent');
        continue;
      }
      if (shard.isOutOfDate && !hasEnded) {
        if (shard.lanes.some((lane) => lane.isStopping)) continue; // P4: until its invocation ends
        shard.divide(at);
      }
      ready.push(...shard.lanes.filter((lane) => lane.canStart));
    }
    for (const lane of ready) lane.subscribe(at);
    for (const lane of ready) lane.startPolling(at);
  }

  #stopPolling(at: Instant, cause: StandstillCause): void {
    this.#isPolling = false;
    for (const lane of this.#lanes) lane.stopPolling(at, cause);
  }

  get #lanes(): readonly Lane[] {
    return this.#parts.shards.flatMap(({ lanes }) => lanes);
  }

  /** A3: enabled, but not allowed to read. */
  #standStill(at: Instant): void {
    this.#parts.tally.life.lack(at, this.#missing[0]!);
    this.#stopPolling(at, 'role');
  }

  get #missing(): string[] {
    return missingActions(this.#role, this.#settings.consumer !== null);
  }

  #isTwinOf({ settings }: Mapping): boolean {
    const { stream, consumer, function: target } = this.#settings;
    if (stream !== settings.stream || consumer !== settings.consumer) return false;
    return consumer !== null || target === settings.function; // K8: a consumer has one subscription to a shard
  }

  /** A3: the role does not allow what a mapping needs. */
  #denial(): Refusal | null {
    if (this.#missing.length === 0) return null;
    const { account, start } = this.#parts;
    const message = cannotAccess(sourceArn(account, this.#settings, start));
    return { code: 'InvalidParameterValueException', status: 400, message };
  }

  /** Why a call for this mapping cannot be carried out. */
  #absence(action: ApiAction): Refusal | null {
    if (!this.#exists) {
      return {
        code: 'ResourceNotFoundException',
        status: 404,
        message: 'The resource you requested does not exist.',
      };
    }
    if (this.#goal !== 'Deleted') return null;
    const verb = action === 'DeleteEventSourceMapping' ? 'delete' : 'update';
    const message = `Cannot ${verb} the event source mapping because it is in use.`;
    return { code: 'ResourceInUseException', status: 400, message };
  }

  #answer(at: Instant, action: ApiAction, parameters: JsonObject, outcome: number | Refusal): void {
    this.#parts.tally.life.calls.push({ at, action, parameters, outcome });
  }

  #isBehind(at: Instant): boolean {
    return this.#parts.shards.some(({ lanes }) => lanes.some((lane) => lane.isBehind(at)));
  }

  #noteRecovery(since: Instant, at: Instant): void {
    this.#parts.tally.recovery.add(at - since);
  }
}

/** A1, in AWS's words. */
function conflictWith(existing: MappingSettings, { account, start }: MappingParts): Refusal {
  const message = `The event source arn (" ${sourceArn(account, existing, start)} ") and function (" ${existing.function} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${mappingUuid(existing.name)}`;
  return { code: 'ResourceConflictException', status: 409, message };
}
