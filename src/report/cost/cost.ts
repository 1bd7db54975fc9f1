import type { Duration } from '../../kernel/time.ts';
import { MILLISECOND, SECOND } from '../../kernel/time.ts';
import { KILOBYTE } from '../../recording/billing.ts';
import type { FunctionTally } from '../../recording/function-tally.ts';
import type { Recording, StreamTally } from '../../recording/recording.ts';
import { openTime } from '../shard-life.ts';
import type { CostSummary } from '../summary.ts';
import type { Billed, BilledFunction } from './bill.ts';
import { chargesOf, usageOf } from './bill.ts';
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
const MONTH_HOURS = 730; // C1
const MONTH: Duration = MONTH_HOURS * HOUR;
const SECONDS_PER_HOUR = HOUR / SECOND;
const GIGABYTE = 1_024 ** 3;
const INCLUDED_RETENTION: Duration = DAY;
const EXTENDED_RETENTION: Duration = 7 * DAY;

/** C1, C2, C2a: of the measured time [warmup, end), and of a month that goes on like it; of no time at all everything is 0. */
export function costOf(recording: Recording, options: CostOptions = {}): CostSummary {
  const { prices = US_EAST_1, freeTier = false } = options;
  const length = recording.end - recording.measuredFrom;
  const billed = billedIn(recording, { hours: (time) => time / HOUR, amount: (count) => count });
  const month = billedIn(recording, monthLike(length));
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
    priceList: structuredClone(prices),
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

/** The time that is billed: the run's own, or a month's. */
interface Span {
  /** Of that time, as many as this is of the measured time. */
  readonly hours: (time: Duration) => number;
  readonly amount: (count: number) => number;
}

/** In as few steps as can be, so that what is whole stays whole. */
function monthLike(length: Duration): Span {
  if (length === 0) return { hours: () => 0, amount: () => 0 };
  const common = greatestCommonDivisor(MONTH, length);
  return {
    hours: (time) => (time / length) * MONTH_HOURS,
    amount: (count) => (count * (MONTH / common)) / (length / common),
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function billedIn(recording: Recording, span: Span): Billed {
  const streams = recording.streams.map((stream) => streamItems(stream, recording, span));
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
    functions: recording.functions.map((target) => functionItems(target, recording, span)),
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

function streamItems(stream: StreamTally, recording: Recording, { hours, amount }: Span): Billed['kinesis'] {
  const { settings, shards } = stream;
  const { measuredFrom, end } = recording;
  const sum = (pick: (shard: StreamTally['shards'][number], index: number) => number) =>
    shards.reduce((all, shard, index) => all + pick(shard, index), 0);
  const units = amount(sum(({ total, atWarmup }) => total.units - atWarmup.units));
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
      onDemandStreamHours: hours(end - measuredFrom),
      onDemandGBIn: gigabytesIn,
      onDemandGBOut: (amount(sum(({ readKilobytes }) => readKilobytes)) * KILOBYTE) / GIGABYTE,
      onDemandFanOutGB: (amount(fanOut) * KILOBYTE) / GIGABYTE,
      onDemandExtendedRetentionGBMonths: gigabytesIn * keptBeyond(INCLUDED_RETENTION, EXTENDED_RETENTION),
    };
  }
  const shardHours = hours(sum((_, shard) => openTime(settings.shards[shard]!, measuredFrom, end)));
  const bytes = amount(sum(({ total, atWarmup }) => total.bytes - atWarmup.bytes));
  return {
    ...NO_STREAM,
    shardHours,
    putPayloadUnits: units,
    extendedRetentionShardHours: settings.retention > INCLUDED_RETENTION ? shardHours : 0,
    fanOutConsumerShardHours: settings.consumers.length * shardHours,
    fanOutGB: amount(deliveries.reduce((all, { measured }) => all + measured, 0)) / GIGABYTE,
    longTermRetentionGBMonths: (bytes / GIGABYTE) * longTerm,
  };
}

function functionItems(
  { settings, billed, invocations }: FunctionTally,
  recording: Recording,
  { hours, amount }: Span,
): BilledFunction {
  const { memorySize, architecture, provisionedConcurrentExecutions } = settings;
  const gigabytes = memorySize / 1_024;
  const perSecond = SECOND / MILLISECOND;
  const length = recording.end - recording.measuredFrom;
  return {
    architecture,
    lambdaRequests: amount(invocations),
    lambdaGBSeconds: (amount(billed.onDemand) * gigabytes) / perSecond,
    provisionedConcurrencyGBSeconds: provisionedConcurrentExecutions * gigabytes * hours(length) * SECONDS_PER_HOUR,
    provisionedDurationGBSeconds: (amount(billed.provisioned) * gigabytes) / perSecond,
  };
}

function sumOf(items: ByItem): number {
  return Object.values(items).reduce((sum, one) => sum + one, 0);
}
