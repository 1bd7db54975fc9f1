import { Chance } from '../kernel/chance.ts';
import { EventQueue } from '../kernel/event-queue.ts';
import type { Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import type { LaneSight, Sight } from '../recording/recorder.ts';
import { Recorder } from '../recording/recorder.ts';
import type { ShardTotals } from '../recording/recording.ts';
import type { ShardMetric } from '../recording/shard-metrics.ts';
import type { TraceEvent } from '../recording/trace.ts';
import type { MappingSettings, Polling, Scenario } from '../scenario/scenario.ts';
import { FanOut } from './kinesis/fan-out.ts';
import { hashKeyOf, holds } from './kinesis/partition.ts';

import type { Shard } from './kinesis/shard.ts';
import { ArrivalCount } from './kinesis/shard.ts';
import { SliceLog, Slices } from './kinesis/slice-log.ts';
import { Stream } from './kinesis/stream.ts';
import type { SlotPool } from './lambda/concurrency.ts';
import { slotPools } from './lambda/concurrency.ts';
import type { Delivery } from './lambda/delivery.ts';
import { EventSize, LaneEvents } from './lambda/event.ts';
import { laneFaults } from './lambda/faults.ts';
import type { HandlerDoor } from './lambda/handler.ts';
import { InvocationDraws } from './lambda/invocation-draws.ts';
import { LambdaFunction } from './lambda/lambda-function.ts';
import type { MappedShard } from './lambda/mapping.ts';
import { Mapping } from './lambda/mapping.ts';
import { PollSchedule } from './lambda/poll-schedule.ts';
import { Lane } from './lambda/poller.ts';
import { RecordFilter } from './lambda/record-filter.ts';
import type { LaneRecords } from './lambda/shard-iterator.ts';
import { ShardBuffer } from './lambda/shard-iterator.ts';
import { TumblingWindow } from './lambda/tumbling-window.ts';

/** What a scenario describes, ready to run. Actors of the queue: the timeline, then mappings, slot pools, lanes (D4). */
export interface World {
  readonly queue: EventQueue;
  readonly recorder: Recorder;
  readonly streams: readonly Stream[];
  readonly mappings: readonly Mapping[];
  readonly lanes: readonly Lane[];
  readonly pools: readonly SlotPool<Delivery>[];
  readonly firstPool: number;
  readonly firstLane: number;
}

export const TIMELINE_ACTOR = 0;
const FIRST_MAPPING = 1;

/** What a run has beside its scenario. */
export interface Surroundings {
  readonly trace: ((event: TraceEvent) => void) | null;
  readonly shardMetrics: readonly ShardMetric[];
  /** Where the functions that have a handler ask it. */
  readonly door: HandlerDoor;
}

export function buildWorld(scenario: Scenario, { trace, shardMetrics, door }: Surroundings): World {
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
    (sum, mapping) => sum + streamOf(mapping).shards.length * mapping.parallelizationFactor,
    0,
  );
  const queue = new EventQueue(firstLane + laneCount);
  const functions = scenario.functions.map((settings) => {
    const pool = poolByFunction.get(settings.name)!;
    return new LambdaFunction(settings, pool, firstPool + pools.indexOf(pool));
  });

  const lanes: Lane[] = [];
  const lanesByMapping: Lane[][] = scenario.mappings.map(() => []);
  const shardsByMapping: MappedShard[][] = scenario.mappings.map(() => []);
  const recorder = new Recorder(scenario, sightOf(streams, lanesByMapping), {
    functionLimits: functions.map(({ limit }) => limit),
    trace,
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
  scenario.mappings.forEach((mapping, m) => {
    const stream = streamOf(mapping);
    const target = functions.find(({ settings }) => settings.name === mapping.function)!;
    stream.shards.forEach((shard) => {
      const shardId = shardIdOf(shard.index);
      const buffer = new ShardBuffer(shard);
      const delivered = recorder.mappings[m]!.delivered?.[shard.index];
      const fanOut = delivered === undefined ? null : new FanOut(shard.log, scenario.duration + SECOND, delivered);
      const schedule = new PollSchedule(scenario.polling, phaseOf(scenario.polling, chance, mapping.name, shardId));
      const settings = stream.settings.shards[shard.index]!;
      const slices = new Slices(mapping.parallelizationFactor, settings);
      const ofShard: Lane[] = [];
      shardsByMapping[m]!.push({ opensAt: shard.opensAt, parents: settings.parents, lanes: ofShard });
      for (let slice = 0; slice < mapping.parallelizationFactor; slice++) {
        const source = {
          account: scenario.account,
          stream: mapping.stream,
          function: target.settings.name,
          shard: shard.index,
          start: scenario.start,
        };
        const records = recordsOf(shard, slices, slice);
        const { tumblingWindow } = mapping;
        const events = new LaneEvents(source, records.log);
        const laneChance = chance.fork('lane', target.settings.name, mapping.name, shardId, String(slice));
        const jitterChance = laneChance.fork('jitter');
        const lane = new Lane({
          name: `${mapping.name} ${shardId} lane ${slice}`,
          actor: firstLane + lanes.length,
          queue,
          shard,
          records,
          buffer,
          fanOut,
          filter: mapping.filters.length === 0 ? null : new RecordFilter(mapping.filters, events),
          tumbling: tumblingWindow === 0 ? null : new TumblingWindow(tumblingWindow, source),
          mapping: mappings[m]!.settings,
          polling: scenario.polling,
          schedule,
          target,
          faults: laneFaults(target.settings.faults, {
            stream: mapping.stream,
            shard: shard.index,
            holdsKey: (key) => holds(settings, hashKeyOf(key)),
            log: records.log,
            chance: laneChance,
            recordChance: chance.fork('records', target.settings.name, mapping.stream, shardId),
          }),
          draws: new InvocationDraws(target.settings, laneChance),
          handler: door.forLane(target.settings, { mapping: mapping.name, slice, events }),
          jitter: (place) => jitterChance.unit(place),
          eventSize: new EventSize(source),
          events,
          recorder: recorder.lanes[m]![shard.index * mapping.parallelizationFactor + slice]!,
          owner: mappings[m]!,
          duration: scenario.duration,
        });
        lanes.push(lane);
        lanesByMapping[m]!.push(lane);
        ofShard.push(lane);
      }
    });
  });
  return { queue, recorder, streams, mappings, lanes, pools, firstPool, firstLane };
}

/** P4: a shard's own records, or those of a slice. */
function recordsOf(shard: Shard, slices: Slices, slice: number): LaneRecords {
  if (slices.factor === 1) return shard;
  const log = new SliceLog(shard.log, slices, slice);
  return { log, arrivals: new ArrivalCount(log) };
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
function sightOf(streams: readonly Stream[], lanes: readonly (readonly Lane[])[]): Sight {
  return {
    shard(stream: number, shard: number, at: Instant): ShardTotals {
      return streams[stream]!.shards[shard]!.arrivals.totalsBefore(at);
    },
    lane(mapping: number, l: number, at: Instant): LaneSight {
      const lane = lanes[mapping]![l]!;
      lane.countExpired(at - 1);
      return { ...lane.iterator.totalsBefore(at), oldestArrival: lane.oldestArrivalBefore(at) };
    },
    arrivedBefore(mapping: number, at: Instant): number {
      let arrived = 0;
      for (const lane of lanes[mapping]!) {
        lane.countExpired(at - 1);
        arrived += lane.iterator.arrived(at - 1);
      }
      return arrived;
    },
    arrivingBefore(mapping: number, at: Instant): number | null {
      let arriving = 0;
      for (const lane of lanes[mapping]!) {
        if (lane.iterator.base === null) return null;
        arriving += lane.iterator.arrived(at - 1);
      }
      return arriving;
    },
  };
}
