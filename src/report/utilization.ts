import type { Duration, Instant } from '../kernel/time.ts';
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
import { Peak } from '../recording/peak.ts';
import type { Recording, ShardTally, StreamTally } from '../recording/recording.ts';
import type { OtherReader } from '../scenario/scenario.ts';
import type { ShardSettings } from '../scenario/shard-history.ts';
import { openTime, readTime } from './shard-life.ts';
import type { Load, MappingUtilization, StreamUtilization } from './summary.ts';

/** M3a: how near a stream came to its limits. */
export function streamUtilization(stream: StreamTally, recording: Recording): StreamUtilization {
  const load = (
    limit: number,
    unit: string,
    of: {
      total: (shard: ShardTally) => number;
      peak: (shard: ShardTally) => Peak;
      length: (settings: ShardSettings, shard: ShardTally) => Duration;
      others?: number;
    },
  ) =>
    loadOf(
      limit,
      unit,
      stream.shards.map((shard, index) => {
        const length = of.length(stream.settings.shards[index]!, shard);
        const rate = (of.total(shard) * SECOND) / atLeast(length, recording);
        return { shard: index, length, rate, peak: of.peak(shard) };
      }),
      of.others,
    );
  const { mode, readLimits, otherReaders } = stream.settings;
  const writeLimits = stream.settings.writeLimits && mode === 'PROVISIONED';
  const { measuredFrom, end } = recording;
  const open = (settings: ShardSettings) => openTime(settings, measuredFrom, end);
  const read = (settings: ShardSettings, { readUntil }: ShardTally) => readTime(settings, readUntil, measuredFrom, end);
  const others = (pick: (reader: OtherReader) => number) => otherReaders.reduce((sum, one) => sum + pick(one), 0);
  const loads = {
    writeRecords: writeLimits
      ? load(WRITE_RECORDS_PER_SECOND, 'records/s', {
          total: ({ total, atWarmup }) => total.records - atWarmup.records,
          peak: (shard) => shard.peakRecords,
          length: open,
        })
      : null,
    writeBytes: writeLimits
      ? load(WRITE_BYTES_PER_SECOND, 'B/s', {
          total: ({ total, atWarmup }) => total.charged - atWarmup.charged,
          peak: (shard) => shard.peakCharged,
          length: open,
        })
      : null,
    readCalls: readLimits
      ? load(READ_CALLS_PER_SECOND, 'calls/s', {
          total: (shard) => shard.readCalls,
          peak: (shard) => shard.peakCalls,
          length: read,
          others: others(({ callsPerSecond }) => callsPerSecond),
        })
      : null,
    readBytes: readLimits
      ? load(READ_BYTES_PER_SECOND, 'B/s', {
          total: (shard) => shard.readBytes,
          peak: (shard) => shard.peakReadBytes,
          length: read,
          others: others(({ bytesPerSecond }) => bytesPerSecond),
        })
      : null,
  };
  return { ...loads, bindsFirst: fullest(loads) };
}

/** M3a: how near a mapping came to the limits of its function, its lanes and its events. */
export function mappingUtilization(mapping: MappingTally, recording: Recording): MappingUtilization {
  const target = recording.functions.find(({ settings }) => settings.name === mapping.settings.function)!;
  const { shards } = recording.scenario.streams.find(({ name }) => name === mapping.settings.stream)!;
  const length = Math.max(recording.end - recording.measuredFrom, 1);
  const slotsUsed = slotsInUse(target, recording, ({ concurrencyArea }) => concurrencyArea) / length;
  const byPeriod = Array.from({ length: recording.periods }, (_, period) =>
    slotsInUse(target, recording, ({ concurrencyAreaColumn }) => concurrencyAreaColumn[period]!),
  );
  const { maximum, at } = highestPeriod(byPeriod, recording);
  const share = mapping.largestPayload / EVENT_PAYLOAD;
  // Of no slots at all every one is in use as soon as one is wanted.
  const used = target.limit === 0 && mapping.throttles > 0 ? 1 : ratio(slotsUsed, target.limit);
  const loads = {
    slots: {
      ...single(target.limit, 'slots', used),
      peak: Math.max(used, ratio(maximum, target.limit)),
      peakAtSeconds: at,
    },
    laneBusy: loadOf(
      1,
      'share',
      mapping.lanes.map((lane: LaneTally) => {
        const length = lengthOf(lane.endedAt, shards[lane.shard]!, recording);
        const rate = Math.min(1, lane.busy / atLeast(length, recording));
        return { shard: lane.shard, length, rate, peak: lane.peakBusy };
      }),
    ),
    payload: single(EVENT_PAYLOAD, 'B', share),
    ...fanOutLoad(mapping, recording),
  };
  // A lane that waits for a slot has a batch in hand: then it is the slots that bind, not the lane.
  const isThrottled = mapping.throttles > 0 && loads.slots.worst >= THROTTLED * loads.laneBusy.worst;
  return { ...loads, bindsFirst: isThrottled ? 'slots' : fullest(loads) };
}

/** K8: of the 2 MB/s that a consumer with enhanced fan-out has of each shard. */
function fanOutLoad(
  { delivered, lanes, settings }: MappingTally,
  recording: Recording,
): { readonly fanOutBytes?: Load } {
  if (delivered === null) return {};
  const { shards } = recording.scenario.streams.find(({ name }) => name === settings.stream)!;
  const read = [...new Set(lanes.map(({ shard }) => shard))];
  const loads = read.map((shard) => {
    const endedAt = Math.max(...lanes.filter((lane) => lane.shard === shard).map((lane) => lane.endedAt));
    const length = lengthOf(endedAt, shards[shard]!, recording);
    return {
      shard,
      length,
      rate: (delivered[shard]!.measured * SECOND) / atLeast(length, recording),
      peak: peakOf(delivered[shard]!.column, shards[shard]!, endedAt, recording),
    };
  });
  return { fanOutBytes: loadOf(READ_BYTES_PER_SECOND, 'B/s', loads) };
}

/** Each period by what of it is measured. */
function peakOf(
  column: Float64Array,
  shard: ShardSettings,
  endedAt: Instant,
  { measuredFrom, end, period, periods }: Recording,
): Peak {
  const peak = new Peak();
  for (let index = Math.floor(measuredFrom / period); index < periods; index++) {
    const [from, to] = [index * period, Math.min(end, (index + 1) * period)];
    peak.see(column[index]!, from, to, readTime(shard, endedAt, Math.max(from, measuredFrom), to));
  }
  return peak;
}

/**
 * Of the slots that a function may use, those in use by whoever shares them (L1): its own invocations, and in the
 * unreserved pool those of others that have no environment provisioned for them.
 */
function slotsInUse(
  target: FunctionTally,
  { functions }: Recording,
  usedIn: (slots: Pick<FunctionTally, 'concurrencyArea' | 'concurrencyAreaColumn'>) => number,
): number {
  const isUnreserved = ({ settings }: FunctionTally) => settings.reservedConcurrentExecutions === null;
  const others = isUnreserved(target) ? functions.filter((one) => one !== target && isUnreserved(one)) : [];
  const onDemand = (one: FunctionTally) => usedIn(one) - (one.provisioned === null ? 0 : usedIn(one.provisioned));
  return usedIn(target) + others.reduce((sum, one) => sum + onDemand(one), 0);
}

/** Of the busy time of the fullest lane: so much of the slots must be in use to have kept it waiting. */
const THROTTLED = 0.9;

/** Of a shard, or of a lane of it, while it was open and measured. */
interface ShardLoad {
  readonly shard: number;
  readonly length: Duration;
  readonly rate: number;
  readonly peak: Peak;
}

/**
 * @param shards those that were open or read while the run was measured count, if any was (D5)
 * @param others what other readers ask of every shard, beside what was measured
 */
function loadOf(limit: number, unit: string, shards: readonly ShardLoad[], others = 0): Load {
  const measured = shards.filter(({ length }) => length > 0);
  const ordered = (measured.length > 0 ? measured : [...shards]).sort((a, b) => a.rate - b.rate || b.shard - a.shard);
  const worst = ordered[ordered.length - 1]!;
  const peak = shards.reduce((highest, { peak: other }) => (other.rate > highest.rate ? other : highest), worst.peak);
  return {
    limit,
    unit,
    median: (medianOf(ordered.map(({ rate }) => rate)) + others) / limit,
    worst: (worst.rate + others) / limit,
    worstShardId: shardIdOf(worst.shard),
    // A sliver of a period is measured by more than its time: its rate may be below the mean of all.
    peak: (Math.max(peak.rate, worst.rate) + others) / limit,
    peakAtSeconds: peak.at === null ? null : peak.at / SECOND,
  };
}

function single(limit: number, unit: string, share: number): Load {
  return { limit, unit, median: share, worst: share, worstShardId: null, peak: share, peakAtSeconds: null };
}

/** By the worst shard. */
function fullest(loads: Readonly<Record<string, Load | null>>): string | null {
  let binds: string | null = null;
  let most = 0;
  for (const [name, load] of Object.entries(loads)) {
    if (load !== null && load.worst > most) {
      binds = name;
      most = load.worst;
    }
  }
  return binds;
}

function highestPeriod(column: readonly number[], recording: Recording): { maximum: number; at: number | null } {
  let maximum = 0;
  let at: number | null = null;
  for (let period = 0; period < recording.periods; period++) {
    const from = period * recording.period;
    if (from < recording.measuredFrom || column[period]! <= maximum) continue;
    maximum = column[period]!;
    at = from / SECOND;
  }
  return { maximum, at };
}

function medianOf(ordered: readonly number[]): number {
  const middle = ordered.length / 2;
  return ordered.length % 2 === 1 ? ordered[Math.floor(middle)]! : (ordered[middle - 1]! + ordered[middle]!) / 2;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** How long a shard, or a lane, was read while the run was measured. */
function lengthOf(endedAt: Instant, shard: ShardSettings, recording: Recording): Duration {
  return readTime(shard, endedAt, recording.measuredFrom, recording.end);
}

/** The limits are of a second, and their buckets one second deep: no rate is taken over less, if the run has as much. */
function atLeast(length: Duration, { measuredFrom, end }: Recording): Duration {
  return Math.max(length, Math.min(SECOND, end - measuredFrom), 1);
}
