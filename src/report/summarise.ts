import { isoTime } from '../kernel/calendar.ts';
import { unreachable } from '../kernel/distribution.ts';
import type { Duration, Instant } from '../kernel/time.ts';
import { MILLISECOND, SECOND } from '../kernel/time.ts';
import { AGE_CAUSES } from '../recording/causes.ts';
import type { FunctionTally } from '../recording/function-tally.ts';
import { sequenceNumberOf, shardIdOf } from '../recording/identifiers.ts';
import { resultText } from '../recording/mapping-api.ts';
import type { BalanceTally, LaneTally, MappingTally } from '../recording/mapping-tally.ts';
import { BalanceTally as Balance } from '../recording/mapping-tally.ts';
import type { ProvisionedTally } from '../recording/provisioned.ts';
import type { Recording, StreamTally } from '../recording/recording.ts';
import type { RecordPlace, Stall } from '../recording/stall.ts';
import type { Fault, TimelineEntry } from '../scenario/scenario.ts';
import type { StreamChange } from '../scenario/shard-history.ts';
import { Histogram } from '../statistics/histogram.ts';
import type { CostOptions } from './cost/cost.ts';
import { costOf, costWarnings } from './cost/cost.ts';
import { failureMessages } from './failure-message.ts';
import { laneSpans } from './lane-spans.ts';
import { meanStretch, metricSeries } from './series.ts';
import { shardSeries } from './shard-series.ts';
import type {
  AgeBreakdown,
  CostSummary,
  FunctionSummary,
  MappingShardSummary,
  MappingSummary,
  ProvisionedSummary,
  RecordBalance,
  Spread,
  StallSummary,
  StreamSummary,
  Summary,
  TimelineMark,
  TimelineSummary,
} from './summary.ts';
import { judgeThresholds, worstOf } from './thresholds.ts';
import { trendOf } from './trend.ts';
import { mappingUtilization, streamUtilization } from './utilization.ts';
import { VERSION } from './version.ts';
import { warningsOf } from './warnings.ts';

export interface SummariseOptions extends CostOptions {
  /** Beside p50, p90 and p99 in every distribution; 0 to 100. */
  readonly percentiles?: readonly number[];
  /** false: what each lane did when, which only the timeline's chart shows, is left out; it is most of a large result. */
  readonly spans?: boolean;
}

/** The result of a run, of what the run left behind. */
export function summarise(
  recording: Recording,
  options: SummariseOptions = {},
): Summary & { readonly cost: CostSummary } {
  const { scenario } = recording;
  const wrong = options.percentiles?.find((percent) => !(percent >= 0 && percent <= 100));
  if (wrong !== undefined) throw new RangeError(`percentiles: expected numbers from 0 to 100, got ${wrong}`);
  const spreadOf = (histogram: Histogram, unit: number) => spread(histogram, unit, options.percentiles ?? []);
  const shards = shardSeries(recording);
  const cost = costOf(recording, options);
  const summary = {
    formatVersion: 1,
    tool: { name: 'shardclock', version: VERSION },
    scenario: {
      name: scenario.name,
      description: scenario.description,
      sha256: scenario.source.sha256,
      seed: scenario.seed,
      start: isoTime(scenario.start),
      durationSeconds: scenario.duration / SECOND,
      resolved: scenario.source.resolved,
      files: scenario.source.files,
    },
    measured: { fromSeconds: recording.measuredFrom / SECOND, toSeconds: recording.end / SECOND },
    partial: recording.partial,
    digest: recording.digest,
    thresholds: judgeThresholds(recording, cost),
    streams: byName(recording.streams, (stream) => streamSummary(stream, recording)),
    mappings: byName(recording.mappings, (mapping) => mappingSummary(mapping, recording, spreadOf, shards)),
    functions: byName(recording.functions, (target) => functionSummary(target, recording, spreadOf)),
    series: {
      start: isoTime(scenario.start),
      periodSeconds: recording.period / SECOND,
      metrics: metricSeries(recording),
    },
    timeline: timelineSummary(recording, options.spans ?? true),
    cost,
  } as const;
  const warnings = [...warningsOf(recording), ...costWarnings(recording, options), ...shards.warnings];
  return { ...summary, warnings };
}

type SpreadOf = (histogram: Histogram, unit: number) => Spread;

function byName<T extends { readonly settings: { readonly name: string } }, S>(
  tallies: readonly T[],
  summaryOf: (tally: T) => S,
): Record<string, S> {
  return Object.fromEntries(tallies.map((tally) => [tally.settings.name, summaryOf(tally)]));
}

function streamSummary(stream: StreamTally, recording: Recording): StreamSummary {
  const sum = (pick: (totals: StreamTally['shards'][number]['total']) => number) =>
    stream.shards.reduce((total, shard) => total + pick(shard.total), 0);
  return {
    recordsOffered: sum((totals) => totals.offered),
    recordsPut: sum((totals) => totals.records),
    bytesPut: sum((totals) => totals.bytes),
    writeThrottled: sum((totals) => totals.refused),
    lostAtWrite: sum((totals) => totals.lost),
    utilization: streamUtilization(stream, recording),
    shards: Object.fromEntries(
      stream.shards.map(({ total }, shard) => {
        const { opensAt, closesAt, parents } = stream.settings.shards[shard]!;
        return [
          shardIdOf(shard),
          {
            openedAtSeconds: opensAt / SECOND,
            closedAtSeconds: closesAt <= recording.end ? closesAt / SECOND : null,
            parentShardIds: parents.map(shardIdOf),
            recordsPut: total.records,
            bytesPut: total.bytes,
            writeThrottled: total.refused,
            lostAtWrite: total.lost,
          },
        ];
      }),
    ),
  };
}

function mappingSummary(
  mapping: MappingTally,
  recording: Recording,
  spreadOf: SpreadOf,
  shards: ReturnType<typeof shardSeries>,
): MappingSummary {
  const { settings, lanes, life, records } = mapping;
  const api = recording.mapping(settings.name);
  const length = Math.max(recording.end - recording.measuredFrom, 1);
  const balance = new Balance();
  const iteratorAge = new Histogram();
  const batchSize = new Histogram();
  for (const lane of lanes) {
    balance.add(lane.balance);
    iteratorAge.merge(lane.iteratorAge);
    batchSize.merge(lane.batchSize);
  }
  return {
    stream: settings.stream,
    function: settings.function,
    state: life.stages.at(-1)?.state ?? 'NotCreated',
    lastProcessingResult: resultText(life.resultAt(recording.end), settings, recording.scenario),
    configuration: api.get(),
    api: api.calls(),
    records: balanceSummary(balance),
    polls: {
      asks: mapping.asks,
      ticks: mapping.ticks,
      empty: mapping.empty,
      getRecordsCalls: mapping.getRecordsCalls,
      refused: mapping.refused,
    },
    throughput: {
      recordsInPerSecond: (mapping.arrived * SECOND) / length,
      recordsOutPerSecond: (mapping.succeeded * SECOND) / length,
      bytesOutPerSecond: (mapping.succeededBytes * SECOND) / length,
    },
    backlog: {
      mean: mapping.backlogArea / length,
      max: mapping.backlogMaximum,
      end: mapping.backlogEnd,
    },
    caughtUpAtSeconds: mapping.caughtUpAt === null ? null : mapping.caughtUpAt / SECOND,
    invocations: mapping.invocations,
    errors: mapping.errors,
    throttles: mapping.throttles,
    batches: mapping.batches,
    fullBatches: mapping.fullBatches,
    deliveries: mapping.deliveries,
    ...(settings.tumblingWindow === 0 ? {} : { tumblingWindows: { ...mapping.windows } }),
    batchSize: spreadOf(batchSize, 1),
    batchSizes: bars(batchSize),
    iteratorAgeMs: spreadOf(iteratorAge, MILLISECOND),
    worstIteratorAge: worstOf([mapping], 'worstIteratorAge'),
    durationMs: spreadOf(mapping.duration, MILLISECOND),
    timeInSystemMs: spreadOf(records.timeInSystem, MILLISECOND),
    waitingTimeMs: spreadOf(records.waitingTime, MILLISECOND),
    backlogAgeMs: spreadOf(mapping.backlogAge, MILLISECOND),
    recoveryMs: spreadOf(mapping.recovery, MILLISECOND),
    recordStatistics: records.grouped ? 'parts of a batch' : 'each record',
    ageBreakdownMs: breakdownOf(mapping),
    concurrency: { mean: mapping.concurrencyArea / length, max: mapping.concurrency.maximum },
    utilization: mappingUtilization(mapping, recording),
    trend: trendOf(mapping, recording),
    stallsTotal: {
      count: mapping.stalls.count,
      seconds: mapping.stalls.length / SECOND,
      longestSeconds: mapping.stalls.longest / SECOND,
      recordsLost: mapping.stalls.lost,
    },
    stalls: lanes
      .flatMap((lane) => lane.stalls.map((stall) => stallSummary(stall, lane, recording.scenario.start)))
      .sort((a, b) => a.startSeconds - b.startSeconds),
    destination: failureMessages(mapping, recording.scenario),
    shards: Object.fromEntries(
      shards.shardsOf(mapping).map((lane): [string, MappingShardSummary] => [
        shardIdOf(lane.shard),
        {
          records: balanceSummary(lane.balance),
          invocations: lane.invocations,
          errors: lane.errors,
          throttles: lane.throttles,
          iteratorAgeMs: spreadOf(lane.iteratorAge, MILLISECOND),
          batchSize: spreadOf(lane.batchSize, 1),
          series: shards.seriesOf(lane),
        },
      ]),
    ),
    shardEnvelope: shards.envelopeOf(mapping),
  };
}

function functionSummary(target: FunctionTally, recording: Recording, spreadOf: SpreadOf): FunctionSummary {
  const length = Math.max(recording.end - recording.measuredFrom, 1);
  return {
    invocations: target.invocations,
    errors: target.errors,
    ...(target.timeouts === 0 ? {} : { timeouts: target.timeouts }),
    throttles: target.throttles,
    coldStarts: target.coldStarts,
    durationMs: spreadOf(target.duration, MILLISECOND),
    concurrency: {
      mean: target.concurrencyArea / length,
      max: target.concurrency.maximum,
      limit: target.limit,
    },
    ...(target.provisioned === null ? {} : { provisionedConcurrency: provisionedSummary(target.provisioned, length) }),
  };
}

function provisionedSummary(provisioned: ProvisionedTally, length: Duration): ProvisionedSummary {
  const mean = provisioned.concurrencyArea / length;
  return {
    allocated: provisioned.allocated,
    mean,
    max: provisioned.concurrency.maximum,
    utilization: mean / provisioned.allocated,
    invocations: provisioned.invocations,
    spilloverInvocations: provisioned.spillovers,
  };
}

function balanceSummary(balance: BalanceTally): RecordBalance {
  return {
    arrived: balance.arrived,
    succeeded: balance.succeeded,
    filtered: balance.filtered,
    discarded: {
      RetryAttemptsExhausted: balance.discardedRetryAttempts,
      RecordAgeExceeded: balance.discardedRecordAge,
      PayloadTooLarge: balance.discardedPayload,
    },
    expired: balance.expired,
    pending: balance.pending,
    duplicates: balance.duplicates,
    silentlyLost: balance.silentlyLost,
  };
}

/** @param unit by which the histogram's values are divided */
function spread(histogram: Histogram, unit: number, percentiles: readonly number[]): Spread {
  const scaled = (value: number | null) => (value === null ? null : value / unit);
  const more = Object.fromEntries(percentiles.map((p) => [`p${p}`, scaled(histogram.quantile(p))]));
  return {
    count: histogram.count,
    mean: histogram.count === 0 ? null : histogram.sum / (histogram.count * unit),
    min: scaled(histogram.min),
    p50: scaled(histogram.quantile(50)),
    p90: scaled(histogram.quantile(90)),
    p99: scaled(histogram.quantile(99)),
    max: scaled(histogram.max),
    ...more,
  };
}

const MOST_BARS = 60;

/** Batch sizes in at most 60 bars of equal width. */
function bars(sizes: Histogram): { from: number; to: number; count: number }[] {
  if (sizes.max === null) return [];
  const width = Math.ceil(sizes.max / MOST_BARS);
  const counts = new Map<number, number>();
  for (const bucket of sizes.buckets()) {
    const bar = Math.floor((Math.min(bucket.from, sizes.max) - 1) / width);
    counts.set(bar, (counts.get(bar) ?? 0) + bucket.count);
  }
  return [...counts].map(([bar, count]) => ({ from: bar * width + 1, to: (bar + 1) * width, count }));
}

function breakdownOf(mapping: MappingTally): AgeBreakdown {
  const count = Math.max(1, mapping.records.timeInSystem.count);
  return Object.fromEntries(
    AGE_CAUSES.map((cause, place) => [cause, meanStretch(mapping.records.breakdown[place]!, count)]),
  ) as AgeBreakdown;
}

function stallSummary(stall: Stall, lane: LaneTally, start: number): StallSummary {
  const sequenceNumber = (place: RecordPlace | null) =>
    place === null ? null : sequenceNumberOf({ shard: lane.shard, ...place, start });
  return {
    shardId: shardIdOf(lane.shard),
    lane: lane.lane,
    startSeconds: stall.start / SECOND,
    endSeconds: stall.end === null ? null : stall.end / SECOND,
    cause: stall.cause,
    startSequenceNumber: sequenceNumber(stall.first),
    endSequenceNumber: sequenceNumber(stall.last),
    recordsHeld: stall.recordsHeld,
    recordsLost: stall.recordsLost,
  };
}

function timelineSummary(recording: Recording, hasSpans: boolean): TimelineSummary {
  const { scenario, end, mappings } = recording;
  const seconds = (instant: Instant | Duration) => Math.min(instant, end) / SECOND;
  const faults = scenario.functions.flatMap(({ name, faults }) =>
    faults
      .filter((fault) => fault.from < end && (fault.from > 0 || fault.to < end))
      .map((fault): TimelineMark => {
        const label = `${name}: ${faultName(fault)}`;
        return { kind: 'fault', label, fromSeconds: seconds(fault.from), toSeconds: seconds(fault.to) };
      }),
  );
  const entries = scenario.timeline
    .filter(({ at }) => at < end)
    .map((entry): TimelineMark => {
      const at = seconds(entry.at);
      return { kind: 'timeline', label: entryName(entry), fromSeconds: at, toSeconds: at };
    });
  return {
    marks: [...faults, ...entries].sort((a, b) => a.fromSeconds - b.fromSeconds),
    lanes: mappings.flatMap((mapping) => mapping.lanes.map((lane) => laneSpans(mapping, lane, { end, hasSpans }))),
  };
}

function entryName(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'create':
    case 'enable':
    case 'disable':
    case 'delete':
      return `${entry.kind} ${entry.mapping}`;
    case 'update':
      return `update ${entry.mapping}: ${Object.keys(entry.parameters).join(', ')}`;
    case 'role':
      return `role of ${entry.function}`;
    case 'streamChange':
      return changeName(entry.stream, entry.change);
    default:
      return unreachable(entry);
  }
}

function changeName(stream: string, change: StreamChange): string {
  switch (change.kind) {
    case 'split':
      return `split ${stream} shard ${change.shard}`;
    case 'merge':
      return `merge ${stream} shards ${change.shards.join(' and ')}`;
    case 'reshard':
      return `reshard ${stream} to ${change.shardCount}`;
    default:
      return unreachable(change);
  }
}

function faultName(fault: Fault): string {
  switch (fault.kind) {
    case 'outage':
      return 'outage';
    case 'probability':
      return `${Math.round(fault.probability * 1e6) / 1e4}% errors`;
    case 'slowdown':
      return `${fault.factor}× slower`;
    case 'poison':
      return 'poison';
    case 'invocations':
      return `first ${fault.count} fail`;
    default:
      return unreachable(fault);
  }
}
