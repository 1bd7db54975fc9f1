import type { AgeCause, LaneState, StallCause } from '../recording/causes.ts';
import type { JsonObject } from '../scenario/scenario.ts';
import type { ByItem } from './cost/items.ts';
import type { Prices } from './cost/prices.ts';

/**
 * The result of a run, as CONTRACT calls it: plain JSON, keys in this order, no wall-clock time, host or path in it.
 * A `Record` is keyed by the scenario's own names (or shard ids), in file (or shard) order. A list over time has one
 * entry for each period of `series`, from t = 0; null says that the period holds no sample.
 */
export interface Summary {
  readonly formatVersion: 1;
  readonly tool: { readonly name: 'shardclock'; readonly version: string };
  readonly scenario: ScenarioSummary;
  /** What statistics cover (D5). */
  readonly measured: { readonly fromSeconds: number; readonly toSeconds: number };
  readonly partial: boolean;
  readonly digest: string;
  readonly thresholds: readonly ThresholdResult[];
  readonly streams: Readonly<Record<string, StreamSummary>>;
  readonly mappings: Readonly<Record<string, MappingSummary>>;
  readonly functions: Readonly<Record<string, FunctionSummary>>;
  readonly series: SeriesSummary;
  readonly timeline: TimelineSummary;
  /** Absent in results that were made before there was one. */
  readonly cost?: CostSummary | undefined;
  readonly warnings: readonly string[];
}

interface ScenarioSummary {
  readonly name: string;
  readonly description: string | null;
  readonly sha256: string;
  readonly seed: string;
  /** ISO 8601 in UTC. */
  readonly start: string;
  readonly durationSeconds: number;
  /** A scenario document again: defaults and --set applied. */
  readonly resolved: JsonObject;
  readonly files: Readonly<Record<string, string>>;
}

export interface ThresholdResult {
  readonly metric: string;
  readonly expression: string;
  readonly ok: boolean;
  /** In `unit`; null where the statistic has no samples, which does not meet a threshold. */
  readonly value: number | null;
  /** 's', 'count', 'bytes', or a currency: 'USD'. */
  readonly unit: string;
  /** Where and when the value was worst, as far as the metric has a place and a time. */
  readonly worst: Place | null;
  /** Why there is no value, where that is not for want of samples. */
  readonly reason?: string;
}

export interface Place {
  readonly mapping: string | null;
  readonly shardId: string | null;
  readonly atSeconds: number | null;
}

/** A distribution; with count 0 all others are null. Further percentiles (--percentiles) follow as 'p99.9'. */
export interface Spread {
  readonly count: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly [percentile: `p${number}`]: number | null;
}

export interface StreamSummary {
  readonly recordsOffered: number;
  readonly recordsPut: number;
  readonly bytesPut: number;
  /** Refused puts, tries included (K3). */
  readonly writeThrottled: number;
  readonly lostAtWrite: number;
  readonly utilization: StreamUtilization;
  readonly shards: Readonly<Record<string, StreamShardSummary>>;
}

interface StreamShardSummary {
  /** When it began to take records, and when it was closed (K6); null while it is open. */
  readonly openedAtSeconds: number;
  readonly closedAtSeconds: number | null;
  readonly parentShardIds: readonly string[];
  readonly recordsPut: number;
  readonly bytesPut: number;
  readonly writeThrottled: number;
  readonly lostAtWrite: number;
}

/** How near the stream came to each limit (M3a); null where the scenario turns the limit off. */
export interface StreamUtilization {
  readonly writeRecords: Load | null;
  readonly writeBytes: Load | null;
  readonly readCalls: Load | null;
  readonly readBytes: Load | null;
  /** The name of the fullest by its worst shard, among those not null. */
  readonly bindsFirst: string | null;
}

export interface MappingUtilization {
  /** Mean slots in use, by all functions that share them, over the slots its function may use. */
  readonly slots: Load;
  /** Share of the time that a lane has a batch in hand; at 1 it can take no more. */
  readonly laneBusy: Load;
  /** The event's bytes (an upper bound) over 6 MB. */
  readonly payload: Load;
  /** Bytes delivered by enhanced fan-out, of the 2 MB/s of each shard (K8); absent where the mapping polls. */
  readonly fanOutBytes?: Load | undefined;
  readonly bindsFirst: string | null;
}

/** Shares of a limit, 1 = all of it. Over the measured time unless it says otherwise. */
export interface Load {
  readonly limit: number;
  /** Of the limit: 'records/s', 'B/s', 'calls/s', 'slots', 'B', 'share'. */
  readonly unit: string;
  readonly median: number;
  readonly worst: number;
  /** Null where the load isn't by shard. */
  readonly worstShardId: string | null;
  /** The highest share in one period, of any shard, and when that period began. */
  readonly peak: number;
  readonly peakAtSeconds: number | null;
}

export interface RecordBalance {
  readonly arrived: number;
  readonly succeeded: number;
  readonly filtered: number;
  readonly discarded: {
    readonly RetryAttemptsExhausted: number;
    readonly RecordAgeExceeded: number;
    readonly PayloadTooLarge: number;
  };
  readonly expired: number;
  readonly pending: number;
  readonly duplicates: number;
  readonly silentlyLost: number;
}

export interface MappingSummary {
  readonly stream: string;
  readonly function: string;
  readonly state: string;
  readonly lastProcessingResult: string;
  /** As GetEventSourceMapping answers. */
  readonly configuration: JsonObject;
  readonly api: readonly JsonObject[];
  readonly records: RecordBalance;
  readonly polls: {
    readonly asks: number;
    readonly ticks: number;
    readonly empty: number;
    readonly getRecordsCalls: number;
    readonly refused: number;
  };
  readonly throughput: {
    readonly recordsInPerSecond: number;
    readonly recordsOutPerSecond: number;
    readonly bytesOutPerSecond: number;
  };
  readonly backlog: { readonly mean: number; readonly max: number; readonly end: number };
  readonly caughtUpAtSeconds: number | null;
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
  /** Batches cut, retries and pieces not counted again. */
  readonly batches: number;
  readonly fullBatches: number;
  readonly deliveries: number;
  /** P11; only where the mapping has tumbling windows. */
  readonly tumblingWindows?: TumblingWindowsSummary | undefined;
  readonly batchSize: Spread;
  /** Invocations by the size of their batch, in at most 60 bars: sizes from `from` to `to`, both included. */
  readonly batchSizes: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  readonly iteratorAgeMs: Spread;
  /** Where and when iteratorAgeMs.max was seen. */
  readonly worstIteratorAge: Place | null;
  readonly durationMs: Spread;
  readonly timeInSystemMs: Spread;
  readonly waitingTimeMs: Spread;
  /** Over the lanes, at every period's end and at the end of the run. */
  readonly backlogAgeMs: Spread;
  /** For each fault window that ends in the run: from its end until the mapping was caught up. */
  readonly recoveryMs: Spread;
  /** How timeInSystemMs, waitingTimeMs and ageBreakdownMs were taken (M7). */
  readonly recordStatistics: 'each record' | 'parts of a batch';
  readonly ageBreakdownMs: AgeBreakdown;
  readonly concurrency: { readonly mean: number; readonly max: number };
  readonly utilization: MappingUtilization;
  readonly trend: Trend;
  readonly stallsTotal: StallsTotal;
  /** The 1,000 longest, ordered by start. */
  readonly stalls: readonly StallSummary[];
  readonly destination: readonly JsonObject[];
  readonly shards: Readonly<Record<string, MappingShardSummary>>;
  /** Where single shards were left out (`series` null): the highest of those left out, for each period. */
  readonly shardEnvelope: ShardSeries | null;
}

/** `closed`, of them `early`, and `finalInvocations`, failed ones included: measured. `open`: at the end of the run. */
export interface TumblingWindowsSummary {
  readonly closed: number;
  readonly early: number;
  readonly open: number;
  readonly finalInvocations: number;
}

export type AgeBreakdown = Readonly<Record<AgeCause, number>>;

/** M5. `slope` in milliseconds of iterator age a second. */
export interface Trend {
  readonly verdict: 'rising' | 'steady' | 'recovering' | null;
  readonly slope: number | null;
  /** From the end of the measured time, if it goes on like that; null where it doesn't rise any more. 0: it has begun. */
  readonly lossBeginsInSeconds: number | null;
  /** The setting that ends their wait: they expire (K5), or are discarded (E2). Absent where nothing is said of a loss. */
  readonly lossBy?: 'RetentionPeriodHours' | 'MaximumRecordAgeInSeconds' | undefined;
}

interface StallsTotal {
  readonly count: number;
  readonly seconds: number;
  readonly longestSeconds: number;
  readonly recordsLost: number;
}

/** M3. */
export interface StallSummary {
  readonly shardId: string;
  readonly lane: number;
  readonly startSeconds: number;
  /** Null: still open at the end of the run. */
  readonly endSeconds: number | null;
  readonly cause: StallCause;
  /** Of the batch that was held, null where none was cut. */
  readonly startSequenceNumber: string | null;
  readonly endSequenceNumber: string | null;
  readonly recordsHeld: number;
  readonly recordsLost: number;
}

export interface MappingShardSummary {
  readonly records: RecordBalance;
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
  readonly iteratorAgeMs: Spread;
  readonly batchSize: Spread;
  /** Null where left out because there are too many shards; then `shardEnvelope` covers it. */
  readonly series: ShardSeries | null;
}

export interface ShardSeries {
  /** Largest iterator age of the period's invocations. */
  readonly iteratorAgeMaximumMs: readonly (number | null)[];
  /** Age of the oldest unsettled record at the end of the period; 0 without one. */
  readonly backlogAgeMs: readonly number[];
  /** Records arrived and unsettled at the end of the period. */
  readonly backlog: readonly number[];
}

export interface FunctionSummary {
  readonly invocations: number;
  readonly errors: number;
  /** Of the errors, those that ran into the Timeout (L5); absent where none did. */
  readonly timeouts?: number;
  readonly throttles: number;
  readonly coldStarts: number;
  readonly durationMs: Spread;
  readonly concurrency: { readonly mean: number; readonly max: number; readonly limit: number };
  /** L4; absent where nothing is provisioned. */
  readonly provisionedConcurrency?: ProvisionedSummary;
}

/** `mean`, `max`: its environments in which invocations ran; `utilization`: their mean share of those allocated. */
export interface ProvisionedSummary {
  readonly allocated: number;
  readonly mean: number;
  readonly max: number;
  readonly utilization: number;
  readonly invocations: number;
  /** Invocations for which none of them was free. */
  readonly spilloverInvocations: number;
}

/** C1, C2, C2a: of the measured time, and of a month of 730 h that goes on like it. */
export interface CostSummary {
  /** ISO 4217: 'USD'. */
  readonly currency: string;
  /** Region and day of the prices: 'us-east-1 2026-11-28'. */
  readonly prices: string;
  /** What Lambda gives free each month is left out: of a month all of it, of the run its share. */
  readonly freeTier: boolean;
  readonly perMonth: number;
  /** Of a month, money and amounts; the first add up to `perMonth`. */
  readonly items: ByItem;
  readonly usage: ByItem;
  readonly run: { readonly total: number; readonly items: ByItem; readonly usage: ByItem };
  readonly priceList: Prices;
}

interface SeriesSummary {
  /** ISO 8601 in UTC: of the first period. */
  readonly start: string;
  readonly periodSeconds: number;
  readonly metrics: readonly MetricSeries[];
}

/**
 * As CloudWatch would show it. Namespaces AWS/Lambda (dimension FunctionName, or EventSourceMappingUUID for the mapping's
 * own counts), AWS/Kinesis (StreamName), and shardclock (Mapping; and Cause): RecordsIn, RecordsOut (Sum), Backlog
 * (Average, Maximum), BacklogAge (Maximum, Milliseconds), IteratorAge (Maximum, Average, p99), Invocations, Errors,
 * Throttles (Sum), ConcurrentExecutions (Average, Maximum), TimeInSystem with Cause (Average, Milliseconds, of the
 * records settled in the period).
 */
export interface MetricSeries {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: Readonly<Record<string, string>>;
  /** AWS calls a share a percentage: ProvisionedConcurrencyUtilization is 0.5 where half is in use. */
  readonly Unit: 'Milliseconds' | 'Count' | 'Bytes' | 'Percent' | 'None';
  /** 'Sum', 'Average', 'Maximum', 'p99' → one value a period. The Sum of nothing is 0, any other statistic null. */
  readonly Statistics: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface TimelineSummary {
  /** Fault windows and timeline entries, by start. */
  readonly marks: readonly TimelineMark[];
  readonly lanes: readonly LaneSpans[];
}

export interface TimelineMark {
  readonly kind: 'fault' | 'timeline';
  /** What a reader sees: 'enrich: outage', 'disable orders-to-enrich'. */
  readonly label: string;
  readonly fromSeconds: number;
  /** The same as fromSeconds for a point in time; the end of the run where a window has none. */
  readonly toSeconds: number;
}

export interface LaneSpans {
  readonly mapping: string;
  readonly shardId: string;
  readonly lane: number;
  /** In time order, whole microseconds' worth of seconds; the longest kept (2,000 a lane, 400,000 in all), of
   * idle ones none before others. */
  readonly spans: readonly LaneSpan[];
  /** Where some are left out. */
  readonly short?: ShortLaneSpans;
  /** Where its mapping was created later. */
  readonly beganSeconds?: number;
  /**
   * Where the lane was gone before the run's end: its shard was read to its end (K6), others went on (P4), its mapping was
   * deleted (P9); 0 where that was never created.
   */
  readonly endedSeconds?: number;
}

/** Spans that are too short to be kept: shares of time in each state but idle, of one stretch of the run after the other. */
export interface ShortLaneSpans {
  readonly stretchSeconds: number;
  /** By state, where any was left out; from 0 to 1, to the nearest thousandth. */
  readonly shares: Readonly<Partial<Record<LaneState, readonly number[]>>>;
}

/** `running`: in an invocation, whatever comes of it; `blocked`: not polling, or refused by a read limit. */
export interface LaneSpan {
  readonly state: LaneState;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}
