import { SECOND } from '../kernel/time.ts';
import type { FunctionTally } from '../recording/function-tally.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import {
  EVENT_PAYLOAD,
  READ_BYTES_PER_SECOND,
  READ_CALLS_PER_SECOND,
  WRITE_BYTES_PER_SECOND,
  WRITE_RECORDS_PER_SECOND,
} from '../recording/limits.ts';
import type { LaneTally, MappingTally } from '../recording/mapping-tally.ts';
import type { Recording, ShardTotals, StreamTally } from '../recording/recording.ts';
import type { ShardSettings } from '../scenario/shard-history.ts';
import { theilSen } from '../statistics/trend.ts';
import { keptShare } from './kept-share.ts';
import { pollingTogether } from './polling-together.ts';
import { refusedCallWarnings } from './refused-calls.ts';
import { mostLanes, openTime } from './shard-life.ts';
import { gapWarning } from './succession.ts';
import { timeoutWarning } from './timeouts.ts';
import { FEWEST_POINTS, isHighAtEnd, trendOf } from './trend.ts';
import { unreachedPoisonWarnings } from './unreached-poison.ts';
import {
  at,
  bytes,
  capital,
  counted,
  decimal,
  duration,
  list,
  percent,
  shardName,
  seconds as timeOf,
  whole,
} from './words.ts';

/** M6: what a reader should know before trusting the settings. */
export function warningsOf(recording: Recording): string[] {
  return [
    ...poolsOf(recording).flatMap((pool) => concurrencyWarning(pool, recording)),
    ...recording.functions.flatMap(handlerWarning),
    ...recording.functions.flatMap(timeoutWarning),
    ...recording.functions.flatMap(scalingWarning),
    ...recording.streams.flatMap((stream) => writeWarning(stream, recording)),
    ...recording.streams.flatMap((stream) => readBytesWarning(stream, recording)),
    ...recording.streams.flatMap((stream) => readCallsWarning(stream, recording)),
    ...recording.mappings.flatMap((mapping) => paceWarning(mapping, recording)),
    ...recording.mappings.flatMap(fewKeysWarning),
    ...recording.mappings.flatMap(silentLossWarning),
    ...recording.mappings.flatMap((mapping) => backlogWarning(mapping, recording)),
    ...recording.mappings.flatMap((mapping) => backlogAgeWarning(mapping, recording)),
    ...recording.mappings.flatMap((mapping) => pendingWarning(mapping, recording)),
    ...recording.mappings.flatMap(deletionWarning),
    ...recording.mappings.flatMap((mapping) => gapWarning(mapping, recording)),
    ...recording.mappings.flatMap(refusedCallWarnings),
    ...recording.functions.flatMap((target) => unreachedPoisonWarnings(target, recording)),
  ];
}

/** L7: figures alone do not tell a slip in the code from what it should refuse. */
function handlerWarning({ settings: { name }, threw, firstThrown }: FunctionTally): string[] {
  if (firstThrown === null) return [];
  const when = timeOf(firstThrown.at / SECOND);
  return [
    `The handler of function ${name} threw in ${counted(threw, 'invocation')}, first at ${when}: ${firstThrown.message}`,
  ];
}

/** Slots and those who draw on them (L1): a function with a reserved part has a pool of its own. */
interface Pool {
  readonly functions: readonly FunctionTally[];
  readonly isReserved: boolean;
  readonly limit: number;
}

function poolsOf({ functions }: Recording): Pool[] {
  const isReserved = ({ settings }: FunctionTally) => settings.reservedConcurrentExecutions !== null;
  const reserved = functions
    .filter(isReserved)
    .map((one) => ({ functions: [one], isReserved: true, limit: one.limit }));
  const others = functions.filter((one) => !isReserved(one));
  if (others.length === 0) return reserved;
  const provisioned = (one: FunctionTally) => one.settings.provisionedConcurrentExecutions;
  const shared = others[0]!.limit - provisioned(others[0]!);
  const limit = others.reduce((sum, one) => sum + provisioned(one), shared);
  return [...reserved, { functions: others, isReserved: false, limit }];
}

/** seed: concurrency "should match or exceed the number of shards". */
function concurrencyWarning({ functions, isReserved, limit }: Pool, recording: Recording): string[] {
  const names = functions.map(({ settings }) => settings.name);
  const mappings = pollingTogether(
    recording.mappings.filter(({ settings }) => names.includes(settings.function)),
    recording,
    { weight: (mapping) => mostLanes(mapping, recording), leastShare: 0 },
  );
  const fed = names.filter((name) => mappings.some(({ settings }) => settings.function === name));
  const lanes = mappings.reduce((sum, mapping) => sum + mostLanes(mapping, recording), 0);
  if (lanes <= limit) return [];
  const throttles = functions.reduce((sum, one) => sum + one.throttles - one.scalingThrottles, 0);
  const who = `${fed.length === 1 ? 'Function' : 'Functions'} ${list(fed)}`;
  const may = isReserved
    ? `may run ${whole(limit)} at once (ReservedConcurrentExecutions)`
    : `may run ${whole(limit)} at once${fed.length === 1 ? '' : ' together'} (all that the account has unreserved)`;
  const whose = mappings.length === 1 ? 'its mapping has' : `${fed.length === 1 ? 'its' : 'their'} mappings have`;
  const isSliced = mappings.some(({ settings }) => settings.mostLanes > 1);
  const happened =
    throttles === 0
      ? ''
      : ` ${counted(throttles, 'attempt')} ${throttles === 1 ? 'was' : 'were'} throttled.${neighbourWords(functions, recording)}`;
  if (limit === 0) {
    return [`${who} may not run at all (ReservedConcurrentExecutions is 0): every attempt is throttled.${happened}`];
  }
  const load = mappings.reduce((sum, mapping) => sum + offeredLoad(mapping, recording), 0);
  if (load > limit) {
    return [
      `${who} cannot keep up: what arrives keeps ${decimal(load)} slots busy, and ${fed.length === 1 ? 'it' : 'they'} ${may}.${happened}`,
    ];
  }
  return [
    `${who} ${may}, but ${whose} ${whole(lanes)} lanes${isSliced ? ' (shards × ParallelizationFactor)' : ', one for each shard'}: whenever more of them than that have records, the others are throttled.${happened}`,
  ];
}

/** Of functions that share slots: who had most of them when most were in use, where others were throttled. */
function neighbourWords(functions: readonly FunctionTally[], { measuredFrom, period, periods }: Recording): string {
  const inUse = (index: number) => functions.reduce((sum, one) => sum + one.concurrencyAreaColumn[index]!, 0);
  let fullest = Math.min(Math.ceil(measuredFrom / period), periods - 1);
  for (let index = fullest + 1; index < periods; index++) if (inUse(index) > inUse(fullest)) fullest = index;
  const held = (one: FunctionTally) => one.concurrencyAreaColumn[fullest]!;
  const most = functions.reduce((first, one) => (held(one) > held(first) ? one : first), functions[0]!);
  const others = functions.filter((one) => one !== most && one.throttles > one.scalingThrottles);
  if (others.length === 0) return '';
  const names = list(others.map(({ settings }) => settings.name));
  return ` ${capital(at((fullest * period) / SECOND))} ${most.settings.name} held ${decimal(held(most))} of them; ReservedConcurrentExecutions of ${names} would keep some from it.`;
}

/** L3: slots were free, and no environment to run in. */
function scalingWarning({ settings, throttles, scalingThrottles }: FunctionTally): string[] {
  if (scalingThrottles === 0) return [];
  return [
    `Function ${settings.name} could not grow as fast as it was asked to: ${whole(scalingThrottles)} of its ${counted(throttles, 'throttle')} came while slots were free. It may start 1,000 new environments at once, and 100 a second after that.`,
  ];
}

/** Slots that the mapping's records would keep busy if none had to wait; lanes that never had a full batch not counted. */
function offeredLoad(mapping: MappingTally, recording: Recording): number {
  return mapping.lanes.reduce((sum, lane) => {
    const pace = paceOf(lane);
    return pace === null ? sum : sum + Math.min(1, arrivingAt(lane, mapping, recording) / pace);
  }, 0);
}

/** Records a second that a lane processes while every batch is full; null where none was. */
function paceOf({ full }: LaneTally): number | null {
  return full.time === 0 ? null : (full.records * SECOND) / full.time;
}

/** Records a second that its shard took in while the producers ran, measured: of them, the lane's part (P4) that is kept. */
function arrivingAt({ shard, balance }: LaneTally, { settings, lanes }: MappingTally, recording: Recording): number {
  const stream = recording.streams.find((one) => one.settings.name === settings.stream)!;
  const { total, atWarmup } = stream.shards[shard]!;
  const until = Math.min(recording.end, recording.scenario.duration);
  const length = openTime(stream.settings.shards[shard]!, recording.measuredFrom, until);
  const arrived = lanes.reduce((sum, lane) => (lane.shard === shard ? sum + lane.balance.arrived : sum), 0);
  const part = arrived === 0 ? 0 : balance.arrived / arrived;
  return (keptShare(balance) * part * (total.records - atWarmup.records) * SECOND) / Math.max(1, length);
}

function writeWarning({ settings, shards }: StreamTally, recording: Recording): string[] {
  const refused = shards.reduce((sum, { total }) => sum + total.refused, 0);
  const lost = shards.reduce((sum, { total }) => sum + total.lost, 0);
  if (refused === 0 && lost === 0) return [];
  const worst = shards.reduce(
    (most, { total }, shard) => (total.refused > shards[most]!.total.refused ? shard : most),
    0,
  );
  const { total } = shards[worst]!;
  const takes =
    settings.mode === 'ON_DEMAND'
      ? 'an on-demand stream takes 4 MB/s, then twice its highest minute so far'
      : `a shard takes ${whole(WRITE_RECORDS_PER_SECOND)} records/s and ${bytes(WRITE_BYTES_PER_SECOND)}/s`;
  const offered = offeredWords(total, producingSeconds(settings.shards[worst]!, recording));
  return [
    `Stream ${settings.name} refused ${counted(refused, 'put')}${lost > 0 ? ` and lost ${counted(lost, 'record')} at write` : ''}: ${percent(total.refused / Math.max(1, refused))} of the refusals were on ${shardName(shardIdOf(worst))}, which was offered ${offered} on average; ${takes}.`,
  ];
}

/** In the unit that is nearer to its limit; what a record is charged is known of those that were accepted (K3). */
function offeredWords({ offered, records, charged }: ShardTotals, seconds: number): string {
  const perSecond = offered / seconds;
  const bytesPerSecond = records === 0 ? 0 : (perSecond * charged) / records;
  if (perSecond / WRITE_RECORDS_PER_SECOND >= bytesPerSecond / WRITE_BYTES_PER_SECOND) return rate(perSecond);
  return `${bytes(bytesPerSecond)}/s (${rate(perSecond)})`;
}

/** Several readers share a shard's 2 MB/s; each of them reads all of its records. */
function readBytesWarning(stream: StreamTally, recording: Recording): string[] {
  const { settings, shards } = stream;
  if (!settings.readLimits) return [];
  const others = settings.otherReaders.reduce((sum, reader) => sum + reader.bytesPerSecond, 0);
  const arrivingAtShard = (shard: number) =>
    shards[shard]!.total.bytes / producingSeconds(settings.shards[shard]!, recording);
  const fullest = shards.reduce((most, _, shard) => (arrivingAtShard(shard) > arrivingAtShard(most) ? shard : most), 0);
  const arriving = arrivingAtShard(fullest);
  const wanted = readersOf(stream, recording).length * arriving + others;
  if (wanted <= READ_BYTES_PER_SECOND) return [];
  return [
    `Stream ${settings.name}: ${readerWords(stream, recording)} ${bytes(wanted)}/s of ${shardName(shardIdOf(fullest))}, which gives ${bytes(READ_BYTES_PER_SECOND)}/s in all: they fall behind.`,
  ];
}

/** A share of refused reads below it is a moment's, as after a stall. */
const WORTH_TELLING = 0.001;

/** Every mapping calls each shard at its ticks, and again after full batches (P3, P7). */
function readCallsWarning(stream: StreamTally, recording: Recording): string[] {
  const { settings } = stream;
  if (!settings.readLimits) return [];
  const readers = readersOf(stream, recording);
  const others = settings.otherReaders.reduce((sum, reader) => sum + reader.callsPerSecond, 0);
  const wanted = (readers.length * SECOND) / recording.scenario.polling.period + others;
  const pollers = pollersOf(stream, recording);
  const calls = pollers.reduce((sum, mapping) => sum + mapping.getRecordsCalls, 0);
  const refused = pollers.reduce((sum, mapping) => sum + mapping.refused, 0);
  const shared = `a shard answers ${READ_CALLS_PER_SECOND} calls and gives ${bytes(READ_BYTES_PER_SECOND)} a second, to all its readers together`;
  if (wanted > READ_CALLS_PER_SECOND) {
    const happened = refused === 0 ? '' : ` ${percent(refused / calls)} of the mappings' calls were refused.`;
    return [
      `Stream ${settings.name}: ${readerWords(stream, recording)} at least ${decimal(wanted)} calls/s of each shard; ${shared}.${happened}`,
    ];
  }
  if (refused === 0 || refused / calls < WORTH_TELLING) return [];
  return [
    `Stream ${settings.name} refused ${whole(refused)} of ${counted(calls, 'read')} (${percent(refused / calls)}): ${shared}.`,
  ];
}

/** Those that poll, at one time the most: a consumer with enhanced fan-out has a throughput of its own (K8). */
function readersOf(stream: StreamTally, recording: Recording): MappingTally[] {
  return pollingTogether(pollersOf(stream, recording), recording, { weight: () => 1, leastShare: FOR_A_WHILE });
}

/** Of the measured time: readers that meet for less are one that takes over from another. */
const FOR_A_WHILE = 0.1;

function pollersOf({ settings }: StreamTally, { mappings }: Recording): MappingTally[] {
  return mappings.filter((mapping) => mapping.settings.stream === settings.name && mapping.settings.consumer === null);
}

/** '2 mappings and 1 other reader want'. */
function readerWords(stream: StreamTally, recording: Recording): string {
  const readers = readersOf(stream, recording).length;
  const others = stream.settings.otherReaders.length;
  const names = [
    ...(readers > 0 ? [counted(readers, 'mapping')] : []),
    ...(others > 0 ? [counted(others, 'other reader')] : []),
  ];
  return `${list(names)} ${readers + others === 1 ? 'wants' : 'want'}`;
}

/** Of the payload limit: what the next record's bytes leave free. */
const NEARLY = 0.5;

/** A lane whose batches are all full processes no faster than their records in the time that they take. */
function paceWarning(mapping: MappingTally, recording: Recording): string[] {
  const { settings, lanes } = mapping;
  const slow = lanes
    .flatMap((lane) => {
      const pace = paceOf(lane);
      return pace === null ? [] : [{ lane, pace, arriving: arrivingAt(lane, mapping, recording) }];
    })
    .filter(({ pace, arriving }) => arriving > pace)
    .sort((a, b) => b.arriving / b.pace - a.arriving / a.pace);
  const [worst] = slow;
  if (worst === undefined) return [];
  const { invocations, records, time } = worst.lane.full;
  const size = records / invocations;
  const isPayload = size < settings.batchSize && mapping.largestPayload > NEARLY * EVENT_PAYLOAD;
  const limited = isPayload ? ` (${bytes(EVENT_PAYLOAD)} of payload; BatchSize is ${whole(settings.batchSize)})` : '';
  const kept = worst.lane.balance.filtered > 0 ? ' that its filter keeps' : '';
  const which =
    slow.length === 1
      ? ''
      : slow.length === lanes.length
        ? ', nor with any other'
        : `, nor with ${whole(slow.length - 1)} more`;
  return [
    `Mapping ${settings.name} cannot keep up with ${laneWords(worst.lane, mapping)}${which}: ${rate(worst.arriving)}${kept} arrive there, and full batches of ${counted(Math.round(size), 'record')}${limited} that take ${duration(time / invocations / 1_000)} make ${rate(worst.pace)}.`,
  ];
}

/** A key belongs to one lane (P4). Lanes are judged where their shard had records enough for each of them. */
function fewKeysWarning({ settings, lanes, life }: MappingTally): string[] {
  const factor = settings.parallelizationFactor;
  const hasChanged = life.allSettings.some((other) => other.parallelizationFactor !== factor);
  if (factor === 1 || hasChanged) return [];
  const arrived = new Map<number, number>();
  for (const { shard, balance } of lanes) arrived.set(shard, (arrived.get(shard) ?? 0) + balance.arrived);
  const judged = lanes.filter(({ shard }) => arrived.get(shard)! >= ENOUGH * factor);
  const idle = judged.filter(({ balance }) => balance.arrived === 0).length;
  if (idle === 0) return [];
  return [
    `Mapping ${settings.name}: ${whole(idle)} of ${counted(lanes.length, 'lane')} never had a record: there are too few partition keys for a ParallelizationFactor of ${factor}.`,
  ];
}

/** Records a lane, of which by chance alone hardly one would be left without any. */
const ENOUGH = 20;

/** E5: without the setting, what a response reports is ignored. */
function silentLossWarning({ settings, lanes }: MappingTally): string[] {
  const lost = lanes.reduce((sum, { balance }) => sum + balance.silentlyLost, 0);
  if (lost === 0) return [];
  return [
    `Mapping ${settings.name}: ${settings.function} reports single failures, but FunctionResponseTypes has no ReportBatchItemFailures: ${counted(lost, 'record')} that failed ${lost === 1 ? 'counts' : 'count'} as succeeded and ${lost === 1 ? 'is' : 'are'} silently lost.`,
  ];
}

/** M5 looks at what was processed, and so not at lanes that stand still. */
function backlogWarning(mapping: MappingTally, recording: Recording): string[] {
  const { measuredFrom, end, period, periods, scenario } = recording;
  if (mapping.backlogEnd === 0 || trendOf(mapping, recording).verdict === 'rising') return [];
  const half = (end - measuredFrom) / 2;
  const points = Array.from({ length: periods }, (_, index) => ({
    x: (index * period) / SECOND,
    y: mapping.columns.backlogArea[index]!,
  })).filter(({ x }) => x * SECOND >= end - half);
  if (points.length < FEWEST_POINTS) return [];
  const { slope, low } = theilSen(points);
  const aPoll = (mapping.arrived * scenario.polling.period) / Math.max(1, end - measuredFrom);
  if (low <= 0 || (slope * half) / SECOND <= aPoll) return [];
  if (!isHighAtEnd([...points, { x: end / SECOND, y: mapping.backlogEnd }])) return [];
  return [
    `Mapping ${mapping.settings.name}: its backlog grew by ${rate(slope)} over the last ${timeOf(half / SECOND)}, to ${counted(mapping.backlogEnd, 'record')}, which IteratorAge does not show.`,
  ];
}

/** So many times the largest IteratorAge: a batch's last record is younger than its first anyway. */
const CLEARLY = 1.25;

/** A lane that never finishes an invocation has no IteratorAge at all, however old its records are. */
function backlogAgeWarning(mapping: MappingTally, recording: Recording): string[] {
  const oldest = mapping.worstBacklogAge;
  const seen = mapping.worstIteratorAge.value;
  if (oldest.value <= CLEARLY * Math.max(seen, 0) + recording.scenario.polling.period) return [];
  const showed =
    seen < 0
      ? 'IteratorAge has no samples, since no invocation ended'
      : `IteratorAge never showed more than ${timeOf(seen / SECOND)}: it has samples only where invocations end`;
  return [
    `Mapping ${mapping.settings.name}: records of ${shardName(shardIdOf(oldest.shard))} waited for up to ${timeOf(oldest.value / SECOND)}, but ${showed}. Watch backlogAge.`,
  ];
}

/** What is on its way when the run ends is pending too; only a mapping that is behind is worth a word. */
function pendingWarning(mapping: MappingTally, { scenario, partial }: Recording): string[] {
  const { settings, caughtUpAt } = mapping;
  const pending = pendingOf(mapping);
  if (pending === 0 || caughtUpAt !== null || partial || isDeleted(mapping)) return [];
  const more =
    scenario.drain > 0
      ? `even after a drain of ${timeOf(scenario.drain / SECOND)}`
      : mapping.lanes.every(({ balance }) => balance.succeeded === 0)
        ? 'none was processed'
        : 'with `drain` the run goes on until they are settled';
  return [
    `Mapping ${settings.name} was behind at the end: ${counted(pending, 'record')} pending${scenario.drain > 0 ? ' ' : '; '}${more}.`,
  ];
}

/** A1: nobody asks for what a mapping has left. */
function deletionWarning(mapping: MappingTally): string[] {
  const pending = pendingOf(mapping);
  if (pending === 0 || !isDeleted(mapping)) return [];
  const { name } = mapping.settings;
  return [`Mapping ${name} was deleted with ${counted(pending, 'record')} pending, which it will never process.`];
}

function isDeleted({ life }: MappingTally): boolean {
  return life.stages.at(-1)?.state === 'Deleted';
}

function pendingOf({ lanes }: MappingTally): number {
  return lanes.reduce((sum, { balance }) => sum + balance.pending, 0);
}

/** 'shard 3', or 'lane 1 of shard 3' where it has several. */
function laneWords({ shard, lane }: LaneTally, { settings }: MappingTally): string {
  const name = shardName(shardIdOf(shard));
  return settings.mostLanes === 1 ? name : `lane ${lane} of ${name}`;
}

function rate(perSecond: number): string {
  return `${decimal(perSecond)} records/s`;
}

function producingSeconds(shard: ShardSettings, { end, scenario }: Recording): number {
  return Math.max(1, openTime(shard, 0, Math.min(end, scenario.duration))) / SECOND;
}
