import type { Chance } from '../kernel/chance.ts';
import type { EventQueue } from '../kernel/event-queue.ts';
import { SECOND } from '../kernel/time.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import type { LaneRecorder } from '../recording/lane-recorder.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ShardSettings } from '../scenario/shard-history.ts';
import type { FanOut } from './kinesis/fan-out.ts';
import { hashKeyOf, holds } from './kinesis/partition.ts';
import type { Shard } from './kinesis/shard.ts';
import { laneRecords } from './kinesis/slice-log.ts';
import type { Delivery } from './lambda/delivery.ts';
import { EventSize, LaneEvents } from './lambda/event.ts';
import { laneFaults } from './lambda/faults.ts';
import type { HandlerDoor } from './lambda/handler.ts';
import { InvocationDraws } from './lambda/invocation-draws.ts';
import type { LambdaFunction } from './lambda/lambda-function.ts';
import type { LanePlan } from './lambda/mapped-shard.ts';
import type { Mapping } from './lambda/mapping.ts';
import type { PollSchedule } from './lambda/poll-schedule.ts';
import { Lane } from './lambda/poller.ts';
import { RecordFilter } from './lambda/record-filter.ts';
import { Settlements } from './lambda/settlements.ts';
import type { ShardBuffer } from './lambda/shard-buffer.ts';
import type { SteadyRows } from './lambda/steady-rows.ts';
import { TumblingWindow } from './lambda/tumbling-window.ts';

/** What all lanes of one mapping in one shard are made of. */
export interface LaneSurroundings {
  readonly scenario: Scenario;
  readonly chance: Chance;
  readonly queue: EventQueue;
  readonly door: HandlerDoor;
  readonly mapping: Mapping;
  readonly target: LambdaFunction<Delivery>;
  readonly shard: Shard;
  readonly range: ShardSettings;
  readonly buffer: ShardBuffer;
  readonly fanOut: FanOut | null;
  /** Null: no lane takes a steady path. */
  readonly steadyRows: SteadyRows | null;
  readonly schedule: PollSchedule;
  /** By the lane's number. */
  readonly recorders: readonly LaneRecorder[];
  /** Actor of the first lane. */
  readonly firstActor: number;
}

/** P4: a lane of a shard, at the start of the run or after a change of the factor. */
export function makeLane(around: LaneSurroundings, { slices, slice, divisions, start }: LanePlan): Lane {
  const { scenario, chance, target, shard, range } = around;
  const { settings } = around.mapping;
  const shardId = shardIdOf(shard.index);
  const source = {
    account: scenario.account,
    stream: settings.stream,
    function: target.settings.name,
    shard: shard.index,
    start: scenario.start,
  };
  const records = laneRecords(shard, slices, slice, start?.from ?? null);
  const events = new LaneEvents(source, records.log);
  const names = ['lane', target.settings.name, settings.name, shardId, String(slice)];
  const laneChance = chance.fork(...names, ...(divisions === 0 ? [] : [`change ${divisions}`]));
  const jitterChance = laneChance.fork('jitter');
  const recorder = around.recorders[slice]!;
  // What is put again comes up to a second later (K3).
  const eventSize = new EventSize(source, { keys: shard.log.keyBytes, until: scenario.duration + SECOND });
  recorder.tally.eventSlack = eventSize.slack;
  const inheritance = start?.inheritance ?? null;
  return new Lane({
    name: `${settings.name} ${shardId} lane ${slice}`,
    actor: around.firstActor + slice,
    queue: around.queue,
    shard,
    records,
    buffer: around.buffer,
    fanOut: around.fanOut,
    filter: settings.filters.length === 0 ? null : new RecordFilter(settings.filters, events),
    tumbling: settings.tumblingWindow === 0 ? null : new TumblingWindow(settings.tumblingWindow, source),
    mapping: settings,
    polling: scenario.polling,
    schedule: around.schedule,
    target,
    faults: laneFaults(target.settings.faults, {
      stream: settings.stream,
      shard: shard.index,
      holdsKey: (key) => holds(range, hashKeyOf(key)),
      log: records.log,
      chance: laneChance,
      recordChance: chance.fork('records', target.settings.name, settings.stream, shardId),
    }),
    draws: new InvocationDraws(target.settings, laneChance),
    handler: around.door.forLane(target.settings, { mapping: settings.name, slice, events }),
    jitter: (place) => jitterChance.unit(place),
    eventSize,
    events,
    recorder,
    settlements: new Settlements(recorder, inheritance),
    inheritance,
    start,
    owner: around.mapping,
    duration: scenario.duration,
    steadyRows: around.steadyRows,
  });
}
