import type { Duration } from '../../kernel/time.ts';
import { MILLISECOND, SECOND } from '../../kernel/time.ts';
import { KILOBYTE } from '../../recording/billing.ts';
import type { FunctionTally, Recording, StreamTally } from '../../recording/recording.ts';
import { openTime } from '../shard-life.ts';
import type { CostSummary } from '../summary.ts';
import type { Billed, BilledFunction } from './bill.ts';
import { chargesOf, times, usageOf } from './bill.ts';
import type { ByItem } from './items.ts';
import type { Prices } from './prices.ts';
import { US_EAST_1 } from './prices.ts';

/** By what a run is priced. */
export interface CostOptions {
  /** Without it those of us-east-1. */
  readonly prices?: Prices | undefined;
  /** Leaves out what Lambda gives free each month; default false. */
  readonly freeTier?: boolean | undefined;
}

const HOUR: Duration = 3_600 * SECOND;
const DAY: Duration = 24 * HOUR;
const MONTH: Duration = 730 * HOUR; // C1
const GIGABYTE = 1_024 ** 3;
const INCLUDED_RETENTION: Duration = DAY;
const EXTENDED_RETENTION: Duration = 7 * DAY;

/** C1, C2, C2a: of the measured time [warmup, end), and of a month that goes on like it; of no time at all everything is 0. */
export function costOf(recording: Recording, options: CostOptions = {}): CostSummary {
  const { prices = US_EAST_1, freeTier = false } = options;
  const billed = billedIn(recording);
  const length = recording.end - recording.measuredFrom;
  const month = times(billed, length === 0 ? 0 : MONTH / length);
  const items = chargesOf(month, prices, freeTier ? 1 : 0);
  const runItems = chargesOf(billed, prices, freeTier ? length / MONTH : 0);
  return {
    currency: prices.currency,
    prices: `${prices.region} ${prices.date}`,
    freeTier,
    perMonth: sumOf(items),
    items,
    usage: usageOf(month),
    run: { total: sumOf(runItems), items: runItems, usage: usageOf(billed) },
    priceList: prices,
  };
}

/** What no price covers, and what the prices do not fit. */
export function costWarnings(recording: Recording, { prices = US_EAST_1 }: CostOptions = {}): string[] {
  const { region } = recording.scenario.account;
  const elsewhere =
    region === prices.region
      ? []
      : [`The cost is by prices of ${prices.region}, but the account is in ${region}: give its own with --prices.`];
  return [...elsewhere, ...recording.streams.flatMap((stream) => lateReadWarning(stream, recording))];
}

/** AWS charges for reading what is older than 7 days from a provisioned stream. */
function lateReadWarning({ settings }: StreamTally, { mappings }: Recording): string[] {
  if (settings.mode === 'ON_DEMAND') return [];
  return mappings
    .filter((mapping) => mapping.settings.stream === settings.name && mapping.settings.consumer === null)
    .filter(({ worstIteratorAge }) => worstIteratorAge.value > EXTENDED_RETENTION)
    .map(
      (mapping) =>
        `Mapping ${mapping.settings.name} processed records that were older than 7 days; what AWS charges for reading those is not in the cost.`,
    );
}

function billedIn(recording: Recording): Billed {
  const streams = recording.streams.map((stream) => streamItems(stream, recording));
  const sum = (item: keyof Billed['kinesis']) => streams.reduce((all, one) => all + one[item], 0);
  return {
    kinesis: {
      shardHours: sum('shardHours'),
      putPayloadUnits: sum('putPayloadUnits'),
      extendedRetentionShardHours: sum('extendedRetentionShardHours'),
      fanOutConsumerShardHours: sum('fanOutConsumerShardHours'),
      fanOutGB: sum('fanOutGB'),
      longTermRetentionGBMonths: sum('longTermRetentionGBMonths'),
      onDemandStreamHours: sum('onDemandStreamHours'),
      onDemandGBIn: sum('onDemandGBIn'),
      onDemandGBOut: sum('onDemandGBOut'),
      onDemandFanOutGB: sum('onDemandFanOutGB'),
      onDemandExtendedRetentionGBMonths: sum('onDemandExtendedRetentionGBMonths'),
    },
    functions: recording.functions.map((target) => functionItems(target, recording)),
  };
}

const NO_STREAM: Billed['kinesis'] = {
  shardHours: 0,
  putPayloadUnits: 0,
  extendedRetentionShardHours: 0,
  fanOutConsumerShardHours: 0,
  fanOutGB: 0,
  longTermRetentionGBMonths: 0,
  onDemandStreamHours: 0,
  onDemandGBIn: 0,
  onDemandGBOut: 0,
  onDemandFanOutGB: 0,
  onDemandExtendedRetentionGBMonths: 0,
};

function streamItems(stream: StreamTally, recording: Recording): Billed['kinesis'] {
  const { settings, shards } = stream;
  const { measuredFrom, end } = recording;
  const sum = (pick: (shard: StreamTally['shards'][number], index: number) => number) =>
    shards.reduce((all, shard, index) => all + pick(shard, index), 0);
  const units = sum(({ total, atWarmup }) => total.units - atWarmup.units);
  const deliveries = recording.mappings
    .filter((mapping) => mapping.settings.stream === settings.name)
    .flatMap(({ delivered }) => delivered ?? []);
  const keptBeyond = (from: Duration, to: Duration) => Math.max(0, Math.min(settings.retention, to) - from) / MONTH;
  const longTerm = keptBeyond(EXTENDED_RETENTION, Number.POSITIVE_INFINITY);
  if (settings.mode === 'ON_DEMAND') {
    const gigabytesIn = (units * KILOBYTE) / GIGABYTE;
    const fanOut = deliveries.reduce((all, { measuredKilobytes }) => all + measuredKilobytes, 0);
    return {
      ...NO_STREAM,
      longTermRetentionGBMonths: gigabytesIn * longTerm,
      onDemandStreamHours: (end - measuredFrom) / HOUR,
      onDemandGBIn: gigabytesIn,
      onDemandGBOut: (sum(({ readKilobytes }) => readKilobytes) * KILOBYTE) / GIGABYTE,
      onDemandFanOutGB: (fanOut * KILOBYTE) / GIGABYTE,
      onDemandExtendedRetentionGBMonths: gigabytesIn * keptBeyond(INCLUDED_RETENTION, EXTENDED_RETENTION),
    };
  }
  const shardHours = sum((_, shard) => openTime(settings.shards[shard]!, measuredFrom, end)) / HOUR;
  const bytes = sum(({ total, atWarmup }) => total.bytes - atWarmup.bytes);
  return {
    ...NO_STREAM,
    shardHours,
    putPayloadUnits: units,
    extendedRetentionShardHours: settings.retention > INCLUDED_RETENTION ? shardHours : 0,
    fanOutConsumerShardHours: settings.consumers.length * shardHours,
    fanOutGB: deliveries.reduce((all, { measured }) => all + measured, 0) / GIGABYTE,
    longTermRetentionGBMonths: (bytes / GIGABYTE) * longTerm,
  };
}

function functionItems({ settings, billed, invocations }: FunctionTally, recording: Recording): BilledFunction {
  const { memorySize, architecture, provisionedConcurrentExecutions } = settings;
  const gigabytes = memorySize / 1_024;
  const perSecond = SECOND / MILLISECOND;
  return {
    architecture,
    lambdaRequests: invocations,
    lambdaGBSeconds: (billed.onDemand / perSecond) * gigabytes,
    provisionedConcurrencyGBSeconds:
      (provisionedConcurrentExecutions * gigabytes * (recording.end - recording.measuredFrom)) / SECOND,
    provisionedDurationGBSeconds: (billed.provisioned / perSecond) * gigabytes,
  };
}

function sumOf(items: ByItem): number {
  return Object.values(items).reduce((sum, one) => sum + one, 0);
}
