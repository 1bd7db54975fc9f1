import type { MappingTally } from '../recording/mapping-tally.ts';
import type { Recording, StreamTally } from '../recording/recording.ts';
import type { TraceEvent } from '../recording/trace.ts';
import type { Run } from './law.ts';

type StateEvent = Extract<TraceEvent, { type: 'state' }>;
export type LaneEvent = Exclude<TraceEvent, StateEvent>;
export type InvocationEvent = Extract<TraceEvent, { type: 'invocation' }>;

/** A lane that a trace tells of. */
export interface Lane {
  /** From 0, of those of the trace. */
  readonly number: number;
  readonly name: string;
  readonly mapping: MappingTally;
  readonly stream: StreamTally;
  readonly shard: TracedShard;
}

/** A shard as one mapping reads it. */
export interface TracedShard {
  /** From 0, of those of the trace. */
  readonly number: number;
  readonly name: string;
  readonly shardId: string;
  /** By the number of the lane among the shard's. */
  readonly lanes: ReadonlyMap<number, Lane>;
}

/** What a law looks at, in the order of the trace. */
export interface Watcher {
  event(event: LaneEvent, lane: Lane): void;
  state?(event: StateEvent): void;
  /** P4: from the next event on a shard has other lanes. */
  divided?(shard: TracedShard): void;
}

/** Walks through a run's trace with all who watch. Which lane each event is of is found once for all laws. */
export function follow(run: Run, watchers: readonly Watcher[]): void {
  const { lanes, numbers, divisions } = indexOf(run);
  let next = 0;
  for (let i = 0; i < numbers.length; i++) {
    const event = run.trace[i]!;
    if (event.type === 'state') {
      for (const watcher of watchers) watcher.state?.(event);
      continue;
    }
    const lane = lanes[numbers[i]!]!;
    if (divisions[next] === i) {
      next++;
      for (const watcher of watchers) watcher.divided?.(lane.shard);
    }
    for (const watcher of watchers) watcher.event(event, lane);
  }
}

/** The lanes of a run's trace, in the order of their first events. */
export function lanesOf(run: Run): readonly Lane[] {
  return indexOf(run).lanes;
}

interface TraceIndex {
  readonly recording: Recording;
  readonly lanes: readonly Lane[];
  /** Of each event, the number of its lane; of a state it says nothing. */
  readonly numbers: Uint32Array;
  /** Which events are the first of a shard with other lanes. */
  readonly divisions: readonly number[];
}

const INDICES = new WeakMap<Run['trace'], TraceIndex>();

function indexOf({ recording, trace }: Run): TraceIndex {
  const known = INDICES.get(trace);
  if (known !== undefined && known.recording === recording && known.numbers.length === trace.length) return known;
  const lanes = new LanesOf(recording);
  const numbers = new Uint32Array(trace.length);
  const divisions: number[] = [];
  const divided = new Divisions();
  trace.forEach((event, i) => {
    if (event.type === 'state') {
      divided.enter(event.mapping);
      return;
    }
    const lane = lanes.laneOf(event);
    numbers[i] = lane.number;
    if (event.type === 'poll' && divided.isNew(lane)) divisions.push(i);
  });
  const index = { recording, lanes: lanes.all, numbers, divisions };
  INDICES.set(trace, index);
  return index;
}

class LanesOf {
  readonly all: Lane[] = [];
  readonly #recording: Recording;
  readonly #mappings = new Map<string, Map<string, TracedShard & { readonly lanes: Map<number, Lane> }>>();
  #shards = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  laneOf({ mapping: name, shardId, lane: slice }: LaneEvent): Lane {
    const known = this.#mappings.get(name)?.get(shardId)?.lanes.get(slice);
    if (known !== undefined) return known;
    const shards = this.#mappings.get(name) ?? new Map();
    this.#mappings.set(name, shards);
    if (!shards.has(shardId)) {
      shards.set(shardId, { number: this.#shards++, name: `${name} ${shardId}`, shardId, lanes: new Map() });
    }
    const shard = shards.get(shardId)!;
    const place = placeOf(this.#recording, name);
    const lane = { number: this.all.length, name: `${shard.name} lane ${slice}`, ...place, shard };
    shard.lanes.set(slice, lane);
    this.all.push(lane);
    return lane;
  }
}

/** P4: which lanes a shard has; they change with its mapping's factor, or its tumbling window. */
class Divisions {
  /** Of each mapping, how many of its stages have been entered. */
  readonly #entered = new Map<string, number>();
  /** Of each shard, how many had been when it was last polled. */
  readonly #atPoll: number[] = [];

  enter(mapping: string): void {
    this.#entered.set(mapping, (this.#entered.get(mapping) ?? 0) + 1);
  }

  /** Whether a shard that is polled may have other lanes since it was polled last. */
  isNew({ shard, mapping: { settings, life } }: Lane): boolean {
    const now = this.#entered.get(settings.name) ?? 0;
    const before = this.#atPoll[shard.number] ?? now;
    this.#atPoll[shard.number] = now;
    if (before === now) return false;
    const since = life.stages.slice(Math.max(0, before - 1), now).map((stage) => stage.settings);
    return hasOtherLanes(since);
  }
}

/** P4: whether some of a mapping's settings divide a shard otherwise than others. */
export function hasOtherLanes(all: MappingTally['life']['allSettings']): boolean {
  return (
    new Set(all.map(({ parallelizationFactor: factor, tumblingWindow }) => `${factor} ${tumblingWindow}`)).size > 1
  );
}

function placeOf(recording: Recording, name: string) {
  const mapping = recording.mappings.find(({ settings }) => settings.name === name) as MappingTally;
  const stream = recording.streams.find(({ settings }) => settings.name === mapping.settings.stream)!;
  return { mapping, stream };
}

/** P4: what was known of a shard's lanes, by their numbers, is known no more. */
export function forget<T>(known: T[], { lanes }: TracedShard, nothing: T): void {
  for (const { number } of lanes.values()) known[number] = nothing;
}

/** P4, P10: of a shard's records not all are the lane's, or not all kept. */
export function readsInPart({ life }: MappingTally): boolean {
  return life.allSettings.some(({ parallelizationFactor, filters }) => parallelizationFactor > 1 || filters.length > 0);
}
