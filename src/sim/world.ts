import { Chance } from '../kernel/chance.ts';
import { EventQueue } from '../kernel/event-queue.ts';
import type { Duration, Instant } from '../kernel/time.ts';
import { NEVER, SECOND } from '../kernel/time.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import type { LaneSight, Sight } from '../recording/recorder.ts';
import { Recorder } from '../recording/recorder.ts';
import type { ShardTotals } from '../recording/recording.ts';
import type { ShardMetric } from '../recording/shard-metrics.ts';
import type { TraceEvent } from '../recording/trace.ts';
import type { MappingSettings, Polling, Scenario } from '../scenario/scenario.ts';
import { FanOut } from './kinesis/fan-out.ts';
import type { Shard } from './kinesis/shard.ts';
import { Stream } from './kinesis/stream.ts';
import type { SlotPool } from './lambda/concurrency.ts';
import { slotPools } from './lambda/concurrency.ts';
import type { Delivery } from './lambda/delivery.ts';
import type { HandlerDoor } from './lambda/handler.ts';
import { LambdaFunction } from './lambda/lambda-function.ts';
import type { LanePlan } from './lambda/mapped-shard.ts';
import { MappedShard } from './lambda/mapped-shard.ts';
import { Mapping } from './lambda/mapping.ts';
import { nextGone } from './lambda/next-gone.ts';
import { PollSchedule } from './lambda/poll-schedule.ts';
import type { Lane } from './lambda/poller.ts';
import { ShardBuffer } from './lambda/shard-buffer.ts';
import type { SteadyLane } from './lambda/steady-lane.ts';
import { SteadyRows } from './lambda/steady-rows.ts';
import type { LaneSurroundings } from './lanes.ts';
import { makeLane } from './lanes.ts';
import { StreamArrivals } from './stream-arrivals.ts';

/** What a scenario describes, ready to run. Actors of the queue: the timeline, then mappings, slot pools, lanes (D4). */
export interface World {
  readonly queue: EventQueue;
  readonly recorder: Recorder;
  readonly streams: readonly Stream[];
  readonly mappings: readonly Mapping[];
  /** By their actors; null: there is no such lane yet (P4). */
  readonly lanes: readonly (Lane | null)[];
  /** Their steady paths; null: there is none. */
  readonly steadyLanes: readonly (SteadyLane | null)[];
  readonly pools: readonly SlotPool<Delivery>[];
  readonly firstPool: number;
  readonly firstLane: number;
}

export const TIMELINE_ACTOR = 0;
const FIRST_MAPPING = 1;

/** What a run has beside its scenario. */
export interface Surroundings {
  readonly trace: ((event: TraceEvent) => void) | null;
  readonly tracesRecords: boolean;
  readonly shardMetrics: readonly ShardMetric[];
  /** Where the functions that have a handler ask it. */
  readonly door: HandlerDoor;
  readonly takesSteadyPath: boolean;
}

export function buildWorld(
  scenario: Scenario,
  { trace, tracesRecords, shardMetrics, door, takesSteadyPath }: Surroundings,
): World {
  const chance = new Chance(scenario.seed);
  const streams = scenario.streams.map((settings) => {
    const producers = scenario.producers.filter((producer) => producer.stream === settings.name);
    return new Stream(settings, producers, { duration: scenario.duration, chance });
  });
  const streamOf = (mapping: MappingSettings) => streams.find(({ settings }) => settings.name === mapping.stream)!;

  const poolByFunction = slotPools<Delivery>(scenario.account, scenario.functions);
  const pools = [...new Set(poolByFunction.values())];
  const firstPool = FIRST_MAPPING + scenario.mappings.length;
  const firstLane = firstPool + pools.length;
  const laneCount = scenario.mappings.reduce(
    (sum, mapping) => sum + streamOf(mapping).shards.length * mapping.mostLanes,
    0,
  );
  const queue = new EventQueue(firstLane + laneCount);
  const functions = scenario.functions.map((settings) => {
    const pool = poolByFunction.get(settings.name)!;
    return new LambdaFunction(settings, pool, firstPool + pools.indexOf(pool));
  });

  const lanes: (Lane | null)[] = Array.from({ length: laneCount }, () => null);
  const steadyLanes: (SteadyLane | null)[] = Array.from({ length: laneCount }, () => null);
  const shardsByMapping: MappedShard[][] = scenario.mappings.map(() => []);
  const lanesByMapping = scenario.mappings.map((mapping) => {
    const count = streamOf(mapping).shards.length * mapping.mostLanes;
    return Array.from({ length: count }, (): Lane | null => null);
  });
  const views = scenario.mappings.map((mapping) => viewOf(mapping, streamOf(mapping), scenario));
  const recorder = new Recorder(scenario, sightOf(streams, lanesByMapping, views), {
    functionLimits: functions.map(({ limit }) => limit),
    trace,
    tracesRecords,
    shardMetrics,
  });
  const mappings = scenario.mappings.map(
    (settings, index) =>
      new Mapping({
        index,
        settings,
        actor: FIRST_MAPPING + index,
        queue,
        recorder,
        account: scenario.account,
        start: scenario.start,
        role: scenario.functions.find(({ name }) => name === settings.function)!.role,
        tally: recorder.mappings[index]!,
        shards: shardsByMapping[index]!,
      }),
  );
  const steadyRows = takesSteadyPath ? new SteadyRows() : null;
  let firstSlot = 0;
  scenario.mappings.forEach((settings, m) => {
    const stream = streamOf(settings);
    const target = functions.find(({ settings: { name } }) => name === settings.function)!;
    for (const shard of stream.shards) {
      const slot = firstSlot;
      firstSlot += settings.mostLanes;
      const range = stream.settings.shards[shard.index]!;
      const delivered = recorder.mappings[m]!.delivered?.[shard.index];
      const first = shard.index * settings.mostLanes;
      const recorders = recorder.lanes[m]!.slice(first, first + settings.mostLanes);
      const buffer = new ShardBuffer(shard);
      const around: LaneSurroundings = {
        scenario,
        chance,
        queue,
        door,
        target,
        shard,
        range,
        buffer,
        recorders,
        steadyRows,
        mapping: mappings[m]!,
        fanOut: delivered === undefined ? null : new FanOut(shard.log, scenario.duration + SECOND, delivered),
        schedule: new PollSchedule(
          scenario.polling,
          phaseOf(scenario.polling, chance, settings.name, shardIdOf(shard.index)),
        ),
        firstActor: firstLane + slot,
      };
      const make = (plan: LanePlan) => {
        const lane = makeLane(around, plan);
        lanes[slot + plan.slice] = lane;
        steadyLanes[slot + plan.slice] = lane.steady;
        lanesByMapping[m]![first + plan.slice] = lane;
        return lane;
      };
      const parts = { shard, range, settings: mappings[m]!.settings, buffer, recorders, makeLane: make };
      shardsByMapping[m]!.push(new MappedShard({ ...parts, shards: stream.shards.length }));
    }
  });
  return { queue, recorder, streams, mappings, lanes, steadyLanes, pools, firstPool, firstLane };
}

/** P1: drawn for each mapping and shard, or what the scenario says. */
function phaseOf(polling: Polling, chance: Chance, mapping: string, shardId: string): Instant {
  switch (polling.phase.kind) {
    case 'aligned':
      return 0;
    case 'fixed':
      return polling.phase.offset % polling.period;
    case 'spread':
      return Math.floor(chance.fork('phase', mapping, shardId).unit(0) * polling.period);
  }
}

/** What the recorder sees of the model at the end of a period. */
function sightOf(
  streams: readonly Stream[],
  lanes: readonly (readonly (Lane | null)[])[],
  views: readonly MappingView[],
): Sight {
  return {
    settle(): void {
      for (const ofMapping of lanes) for (const lane of ofMapping) lane?.steady?.giveUp();
    },
    shard(stream: number, shard: number, at: Instant): ShardTotals {
      return streams[stream]!.shards[shard]!.arrivals.totalsBefore(at);
    },
    lane(mapping: number, l: number, at: Instant): LaneSight {
      const lane = lanes[mapping]![l] ?? null;
      if (lane === null) return NOT_THERE;
      lane.countExpired(at - 1);
      const { arrived, recordTime } = lane.iterator.totalsBefore(at);
      return { arrived, recordTime, oldestArrival: lane.oldestArrivalBefore(at) };
    },
    countExpired(mapping: number, at: Instant): void {
      if (at > views[mapping]!.retention) for (const lane of lanes[mapping]!) lane?.countExpired(at - 1);
    },
    nextExpiry(mapping: number, at: Instant): Instant {
      const { retention, shards } = views[mapping]!;
      const ofMapping = lanes[mapping]!;
      const perShard = ofMapping.length / shards.length;
      let next = at + retention; // of what arrives from now on
      ofMapping.forEach((lane, l) => {
        if (lane !== null) next = Math.min(next, nextGone(lane, at - 1, shards[Math.floor(l / perShard)]!));
      });
      return next;
    },
    arrivedBefore(mapping: number, at: Instant): number {
      const view = views[mapping]!;
      const passedBy = passedByOf(view, lanes[mapping]!);
      if (passedBy !== null) return view.whole!.by(at - 1) - passedBy;
      let arrived = 0;
      for (const lane of lanes[mapping]!) arrived += lane?.iterator.arrived(at - 1) ?? 0;
      return arrived;
    },
    arriveMore(mapping: number, at: Instant, count: number): boolean | null {
      const view = views[mapping]!;
      const passedBy = passedByOf(view, lanes[mapping]!);
      if (passedBy !== null) return view.whole!.areMoreBy(at - 1, count + passedBy);
      let arriving = 0;
      for (const lane of lanes[mapping]!) {
        if (lane?.iterator.base === null) return null;
        arriving += lane?.iterator.arrived(at - 1) ?? 0;
      }
      return arriving > count;
    },
  };
}

/** What a look at a mapping's backlog needs to know. */
interface MappingView {
  /** Nothing expires before. */
  readonly retention: Duration;
  /** Of its stream. */
  readonly shards: readonly Shard[];
  /** From where it begins all records of its stream come for it. Null: each lane has to be asked what has come for it. */
  readonly whole: StreamArrivals | null;
  /** So many had come before (P8); null: not all of its lanes have begun. */
  passedBy: number | null;
}

/** @returns null: what has come for the mapping cannot be counted for its stream, since not all lanes have begun, it may be */
function passedByOf(view: MappingView, lanes: readonly (Lane | null)[]): number | null {
  if (view.passedBy !== null || view.whole === null) return view.passedBy;
  let passedBy = 0;
  for (const lane of lanes) {
    const base = lane?.iterator.base ?? null;
    if (base === null) return null;
    passedBy += base;
  }
  view.passedBy = passedBy;
  return passedBy;
}

/** Only for a mapping that is there from the start to the end, its lanes the same, does every record of its stream come. */
function viewOf(
  mapping: MappingSettings,
  { settings: { retention }, shards }: Stream,
  { timeline }: Scenario,
): MappingView {
  const staysAsItIs = timeline.every(
    (entry) =>
      !('mapping' in entry) || entry.mapping !== mapping.name || entry.kind === 'enable' || entry.kind === 'disable',
  );
  if (mapping.isCreatedLater || !staysAsItIs) return { retention, shards, whole: null, passedBy: null };
  // What others begin at is counted exactly, and what comes to shards that come and go.
  const isUsual = timeline.length === 0 && shards.every(({ opensAt, closesAt }) => opensAt === 0 && closesAt === NEVER);
  const isExact = !isUsual || mapping.startingPosition.kind !== 'TRIM_HORIZON';
  return { retention, shards, whole: new StreamArrivals(shards, isExact), passedBy: null };
}

const NOT_THERE: LaneSight = { arrived: 0, recordTime: 0, oldestArrival: null };
