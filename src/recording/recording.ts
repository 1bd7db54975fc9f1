import type { Duration, Instant } from '../kernel/time.ts';
import { MINUTE, SECOND } from '../kernel/time.ts';
import type { FunctionSettings, JsonObject, MappingSettings, Scenario, StreamSettings } from '../scenario/scenario.ts';
import { Histogram } from '../statistics/histogram.ts';
import type { DiscardCondition } from './causes.ts';
import { DeliveredBytes } from './delivered-bytes.ts';
import { Gauge } from './gauge.ts';
import type { Span } from './lane-history.ts';
import type { MappingApi } from './mapping-api.ts';
import { MappingLife } from './mapping-life.ts';
import { ProvisionedTally } from './provisioned.ts';
import { RecordStatistics } from './record-statistics.ts';
import type { ShardMetric } from './shard-metrics.ts';
import { ShardColumns } from './shard-metrics.ts';
import type { Stall } from './stall.ts';

/**
 * Table two: what a run leaves behind. Counts are whole, times microseconds. "Whole run" covers everything that was
 * handled, "measured" [warmup, end) (D5). A column over time has one entry for each period from t = 0.
 */
export interface Recording {
  readonly scenario: Scenario;
  readonly measuredFrom: Instant;
  /** E of D5, or where the run was stopped. */
  readonly end: Instant;
  /** The run was stopped before its end. */
  readonly partial: boolean;
  readonly digest: string;
  readonly period: Duration;
  readonly periods: number;
  readonly streams: readonly StreamTally[];
  readonly mappings: readonly MappingTally[];
  readonly functions: readonly FunctionTally[];
  /**
   * A mapping as AWS's API shows it.
   *
   * @throws Error where the scenario has no mapping of that name
   */
  mapping(name: string): MappingApi;
}

/** What a shard has taken in until an instant. */
export interface ShardTotals {
  readonly offered: number;
  readonly records: number;
  readonly bytes: number;
  /** By which writes are billed: PUT payload units, KB of an on-demand stream (C2). */
  readonly units: number;
  readonly refused: number;
  readonly lost: number;
  /** The integral of the records arrived so far, in record-microseconds. */
  readonly recordTime: number;
}

const NOTHING: ShardTotals = { offered: 0, records: 0, bytes: 0, units: 0, refused: 0, lost: 0, recordTime: 0 };

export class StreamTally {
  readonly settings: StreamSettings;
  /** Those that had opened by the end of the run. */
  shards: readonly ShardTally[];
  readonly putRecords: Float64Array;
  readonly putBytes: Float64Array;
  readonly refused: Float64Array;
  readonly readRecords: Float64Array;
  readonly readBytes: Float64Array;
  readonly readRefused: Float64Array;
  /** Largest age of the last record of a call, −1 without calls. */
  readonly readAge: Float64Array;

  constructor(settings: StreamSettings, periods: number, metrics: readonly ShardMetric[]) {
    this.settings = settings;
    this.shards = settings.shards.map(() => new ShardTally(new ShardColumns(metrics, periods)));
    this.putRecords = new Float64Array(periods);
    this.putBytes = new Float64Array(periods);
    this.refused = new Float64Array(periods);
    this.readRecords = new Float64Array(periods);
    this.readBytes = new Float64Array(periods);
    this.readRefused = new Float64Array(periods);
    this.readAge = new Float64Array(periods).fill(-1);
  }
}

/** One shard, as its writers and readers load it. */
export class ShardTally {
  /** Whole run. */
  total: ShardTotals = NOTHING;
  atPeriod: ShardTotals = NOTHING;
  atWarmup: ShardTotals = NOTHING;
  /** Measured reads, of all mappings. */
  readCalls = 0;
  readBytes = 0;
  /** Where reads are billed (C2). */
  readKilobytes = 0;
  /** Highest in one period, and when that period began. */
  readonly peakRecords = new Peak();
  readonly peakBytes = new Peak();
  readonly peakCalls = new Peak();
  readonly peakReadBytes = new Peak();
  periodCalls = 0;
  periodReadBytes = 0;
  /** Empty unless the run is asked for AWS's shard-level metrics. */
  readonly columns: ShardColumns;

  constructor(columns: ShardColumns) {
    this.columns = columns;
  }
}

/**
 * The highest rate of a period, in units a second. The end of the run may leave a sliver of a period, in which one call
 * would be a thousand a second: its rate is taken over a second, or over a whole period where that is less.
 */
export class Peak {
  rate = 0;
  at: Instant | null = null;
  #longest: Duration = 0;

  see(amount: number, from: Instant, to: Instant): void {
    this.#longest = Math.max(this.#longest, to - from);
    const rate = (amount * SECOND) / Math.max(to - from, Math.min(SECOND, this.#longest));
    if (rate > this.rate) {
      this.rate = rate;
      this.at = from;
    }
  }
}

/** The balance of one lane or mapping, whole run (E9). */
export class BalanceTally {
  arrived = 0;
  succeeded = 0;
  filtered = 0;
  discardedRetryAttempts = 0;
  discardedRecordAge = 0;
  discardedPayload = 0;
  expired = 0;
  pending = 0;
  duplicates = 0;
  silentlyLost = 0;

  get discarded(): number {
    return this.discardedRetryAttempts + this.discardedRecordAge + this.discardedPayload;
  }

  get settled(): number {
    return this.succeeded + this.filtered + this.discarded + this.expired;
  }

  add(other: BalanceTally): void {
    this.arrived += other.arrived;
    this.succeeded += other.succeeded;
    this.filtered += other.filtered;
    this.discardedRetryAttempts += other.discardedRetryAttempts;
    this.discardedRecordAge += other.discardedRecordAge;
    this.discardedPayload += other.discardedPayload;
    this.expired += other.expired;
    this.pending += other.pending;
    this.duplicates += other.duplicates;
    this.silentlyLost += other.silentlyLost;
  }
}

export class LaneTally {
  readonly shard: number;
  readonly lane: number;
  readonly balance = new BalanceTally();
  /** Measured. */
  invocations = 0;
  errors = 0;
  throttles = 0;
  readonly iteratorAge = new Histogram();
  readonly batchSize = new Histogram();
  /** Of invocations that succeeded with a full batch (P3): how many, their records, and how long they took. */
  readonly full = { invocations: 0, records: 0, time: 0 };
  /** Largest iterator age of a period's invocations, −1 without one. */
  readonly ageMaximum: Float64Array;
  /** At each period's end: records arrived and unsettled, and the age of the oldest. */
  readonly backlog: Float64Array;
  readonly backlogAge: Float64Array;
  /** Time with a batch in hand, measured, and the highest share of a period. */
  busy: Duration = 0;
  readonly peakBusy = new Peak();
  spans: readonly Span[] = [];
  stalls: readonly Stall[] = [];

  constructor(shard: number, lane: number, periods: number) {
    this.shard = shard;
    this.lane = lane;
    this.ageMaximum = new Float64Array(periods).fill(-1);
    this.backlog = new Float64Array(periods);
    this.backlogAge = new Float64Array(periods);
  }

  /** Takes in the counts and the series of another lane of the shard; what is of one lane alone is left as it is. */
  add(other: LaneTally): void {
    this.balance.add(other.balance);
    this.invocations += other.invocations;
    this.errors += other.errors;
    this.throttles += other.throttles;
    this.iteratorAge.merge(other.iteratorAge);
    this.batchSize.merge(other.batchSize);
    for (let period = 0; period < this.backlog.length; period++) {
      this.ageMaximum[period] = Math.max(this.ageMaximum[period]!, other.ageMaximum[period]!);
      this.backlog[period]! += other.backlog[period]!;
      this.backlogAge[period] = Math.max(this.backlogAge[period]!, other.backlogAge[period]!);
    }
  }
}

/** Why records are discarded, and after what (E8). */
export interface Discard {
  readonly condition: DiscardCondition;
  /** Of the piece since its count began. */
  readonly invocations: number;
  /** What its last invocation came to: an error, or null where a response named the failure (E5, E6). */
  readonly response: 'Unhandled' | null;
  /** What its function was given, or would have been. */
  readonly event: () => JsonObject;
}

/** What an on-failure destination is told, once for each run of discarded records (E8). */
export interface FailureMessage extends Omit<Discard, 'event'> {
  readonly at: Instant;
  readonly shard: number;
  /** Indices in the shard, and when they arrived. */
  readonly first: number;
  readonly last: number;
  readonly firstArrival: Instant;
  readonly lastArrival: Instant;
  readonly size: number;
  /** The event as JSON, for a bucket; null elsewhere, and where the payloads kept would become too many. */
  readonly payload: JsonObject | null;
}

/** As many messages as a mapping's result holds, and characters of their payloads; the rest are counted. */
const MESSAGES_KEPT = 1_000;
const PAYLOADS_KEPT = 1_048_576;

export class MappingTally {
  /** Everything that calls and processing have made of the mapping. */
  readonly life: MappingLife;
  /** Those of shards that had opened by the end of the run. */
  lanes: readonly LaneTally[];
  readonly records: RecordStatistics;
  /** Of each shard, to its consumer with enhanced fan-out; null where the mapping polls. */
  readonly delivered: readonly DeliveredBytes[] | null;
  /** Records of all lanes, whole run. */
  settled = 0;
  readonly backlogAge = new Histogram();
  readonly recovery = new Histogram();
  readonly concurrency = new Gauge();
  concurrencyArea = 0;
  /** Measured. */
  asks = 0;
  ticks = 0;
  empty = 0;
  getRecordsCalls = 0;
  refused = 0;
  invocations = 0;
  errors = 0;
  throttles = 0;
  batches = 0;
  fullBatches = 0;
  deliveries = 0;
  succeeded = 0;
  succeededBytes = 0;
  arrived = 0;
  coldStarts = 0;
  /** Milliseconds billed, outside of provisioned environments and in them (C2a). */
  readonly billed = { onDemand: 0, provisioned: 0 };
  /** Throttles that found a free slot and no environment (L3). */
  scalingThrottles = 0;
  readonly duration = new Histogram();
  readonly durationColumns: SampleColumns;
  largestPayload = 0;
  /** Backlog of the whole mapping: measured integral in record-microseconds, highest, at the end. */
  backlogArea = 0;
  backlogMaximum = 0;
  backlogEnd = 0;
  caughtUpAt: Instant | null = null;
  /** Where and when the largest iterator age and backlog age were seen. */
  readonly worstIteratorAge = new Worst();
  readonly worstBacklogAge = new Worst();
  /** Largest iterator age of each minute, −1 without one (M5). */
  readonly minuteAge: number[] = [];
  readonly stalls = { count: 0, length: 0, longest: 0, lost: 0 };
  /** Tumbling windows (P11): closed, of these early, and their final invocations, measured; open at the end. */
  readonly windows = { closed: 0, early: 0, open: 0, finalInvocations: 0 };
  /** The first messages to its destination, whole run, and how many there were. */
  readonly messages: FailureMessage[] = [];
  messageCount = 0;
  #payloadsKept = 0;

  readonly columns: MappingColumns;

  constructor(
    settings: MappingSettings,
    {
      shards,
      periods,
      period,
      warmup,
    }: { readonly shards: number; readonly periods: number; readonly period: Duration; readonly warmup: Duration },
  ) {
    this.life = new MappingLife(settings);
    this.delivered =
      settings.consumer === null
        ? null
        : Array.from({ length: shards }, () => new DeliveredBytes(periods, period, warmup));
    const { mostLanes } = settings;
    this.lanes = Array.from(
      { length: shards * mostLanes },
      (_, place) => new LaneTally(Math.floor(place / mostLanes), place % mostLanes, periods),
    );
    this.records = new RecordStatistics(periods, warmup);
    this.columns = new MappingColumns(periods);
    this.durationColumns = new SampleColumns(periods);
  }

  /** Those in force: at the end of the run the last. */
  get settings(): MappingSettings {
    return this.life.settings;
  }

  /** M5: an iterator age, seen at an instant. */
  noteMinute(at: Instant, iteratorAge: Duration): void {
    const { minuteAge } = this;
    const minute = Math.floor(at / MINUTE);
    while (minuteAge.length <= minute) minuteAge.push(-1);
    if (iteratorAge > minuteAge[minute]!) minuteAge[minute] = iteratorAge;
  }

  noteMessage({ event, ...message }: Omit<FailureMessage, 'payload'> & Pick<Discard, 'event'>): void {
    this.messageCount++;
    if (this.messages.length >= MESSAGES_KEPT) return;
    const isBucket = /^arn:[^:]*:s3:/.test(this.settings.onFailureDestination ?? '');
    const payload = isBucket && this.#payloadsKept < PAYLOADS_KEPT ? event() : null;
    if (payload !== null) this.#payloadsKept += JSON.stringify(payload).length;
    this.messages.push({ ...message, payload });
  }
}

/** A mapping's figures over time. */
export class MappingColumns {
  readonly recordsIn: Float64Array;
  readonly recordsOut: Float64Array;
  readonly invocations: Float64Array;
  readonly errors: Float64Array;
  readonly throttles: Float64Array;
  readonly polled: Float64Array;
  readonly invoked: Float64Array;
  readonly failed: Float64Array;
  readonly dropped: Float64Array;
  readonly delivered: Float64Array;
  readonly filtered: Float64Array;
  readonly concurrencyArea: Float64Array;
  readonly concurrencyMaximum: Float64Array;
  readonly backlogArea: Float64Array;
  readonly backlogMaximum: Float64Array;
  readonly backlogAge: Float64Array;
  readonly iteratorAge: SampleColumns;

  constructor(periods: number) {
    this.recordsIn = new Float64Array(periods);
    this.recordsOut = new Float64Array(periods);
    this.invocations = new Float64Array(periods);
    this.errors = new Float64Array(periods);
    this.throttles = new Float64Array(periods);
    this.polled = new Float64Array(periods);
    this.invoked = new Float64Array(periods);
    this.failed = new Float64Array(periods);
    this.dropped = new Float64Array(periods);
    this.delivered = new Float64Array(periods);
    this.filtered = new Float64Array(periods);
    this.concurrencyArea = new Float64Array(periods);
    this.concurrencyMaximum = new Float64Array(periods);
    this.backlogArea = new Float64Array(periods);
    this.backlogMaximum = new Float64Array(periods);
    this.backlogAge = new Float64Array(periods);
    this.iteratorAge = new SampleColumns(periods);
  }
}

/** What its mappings have had of a function; much of it is gathered from their tallies at the end. */
export class FunctionTally {
  readonly settings: FunctionSettings;
  /** Slots that the function may use: its reserved part, or what is provisioned for it and all that is unreserved. */
  readonly limit: number;
  /** Null without provisioned concurrency. */
  readonly provisioned: ProvisionedTally | null;
  readonly concurrency = new Gauge();
  concurrencyArea = 0;
  /** Measured. */
  invocations = 0;
  errors = 0;
  throttles = 0;
  /** Of these, those that found a free slot and no environment (L3). */
  scalingThrottles = 0;
  coldStarts = 0;
  /** Milliseconds billed, outside of provisioned environments and in them (C2a). */
  readonly billed = { onDemand: 0, provisioned: 0 };
  readonly duration = new Histogram();
  readonly invocationColumn: Float64Array;
  readonly errorColumn: Float64Array;
  readonly throttleColumn: Float64Array;
  readonly concurrencyAreaColumn: Float64Array;
  readonly concurrencyMaximumColumn: Float64Array;
  readonly durationColumns: SampleColumns;
  readonly ageColumns: SampleColumns;
  readonly #mappings: readonly MappingTally[];

  constructor(settings: FunctionSettings, limit: number, mappings: readonly MappingTally[], periods: number) {
    this.settings = settings;
    this.limit = limit;
    this.#mappings = mappings;
    const provisioned = settings.provisionedConcurrentExecutions;
    this.provisioned = provisioned === 0 ? null : new ProvisionedTally(provisioned, periods);
    this.invocationColumn = new Float64Array(periods);
    this.errorColumn = new Float64Array(periods);
    this.throttleColumn = new Float64Array(periods);
    this.concurrencyAreaColumn = new Float64Array(periods);
    this.concurrencyMaximumColumn = new Float64Array(periods);
    this.durationColumns = new SampleColumns(periods);
    this.ageColumns = new SampleColumns(periods);
  }

  /** A period ends, of which its mappings have not closed their own columns. */
  closeAges(period: number): void {
    for (const { columns } of this.#mappings) this.ageColumns.takeIn(columns.iteratorAge);
    this.ageColumns.closePeriod(period);
  }

  /** At the end of the run. */
  gather(): void {
    for (const mapping of this.#mappings) {
      this.invocations += mapping.invocations;
      this.errors += mapping.errors;
      this.throttles += mapping.throttles;
      this.scalingThrottles += mapping.scalingThrottles;
      this.coldStarts += mapping.coldStarts;
      this.billed.onDemand += mapping.billed.onDemand;
      this.billed.provisioned += mapping.billed.provisioned;
      this.duration.merge(mapping.duration);
      addTo(this.invocationColumn, mapping.columns.invocations);
      addTo(this.errorColumn, mapping.columns.errors);
      addTo(this.throttleColumn, mapping.columns.throttles);
      this.durationColumns.gather(mapping.durationColumns);
      this.ageColumns.gather(mapping.columns.iteratorAge);
    }
  }
}

function addTo(column: Float64Array, other: Float64Array): void {
  for (let i = 0; i < column.length; i++) column[i]! += other[i]!;
}

/** Samples over time, in microseconds: for each period how many, their sum, the largest (−1: none) and a percentile. */
export class SampleColumns {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly maximum: Float64Array;
  readonly p99: Float64Array;
  readonly #current = new Histogram();

  constructor(periods: number) {
    this.count = new Float64Array(periods);
    this.sum = new Float64Array(periods);
    this.maximum = new Float64Array(periods).fill(-1);
    this.p99 = new Float64Array(periods).fill(-1);
  }

  add(period: number, value: number): void {
    this.count[period]! += 1;
    this.sum[period]! += value;
    if (value > this.maximum[period]!) this.maximum[period] = value;
  }

  /** So many samples at once. */
  addMany(period: number, count: number, sum: number, maximum: number): void {
    this.count[period]! += count;
    this.sum[period]! += sum;
    if (maximum > this.maximum[period]!) this.maximum[period] = maximum;
  }

  /** One for the percentile of the period that is open; count, sum and maximum are added with others. */
  sample(value: number): void {
    this.#current.add(value);
  }

  /** For samples that are filed in the period that is open. */
  addNow(period: number, value: number): void {
    this.add(period, value);
    this.#current.add(value);
  }

  /** The samples of another's open period count in this one's. */
  takeIn(other: SampleColumns): void {
    this.#current.merge(other.#current);
  }

  /** Counts, sums and maxima of another. */
  gather(other: SampleColumns): void {
    addTo(this.count, other.count);
    addTo(this.sum, other.sum);
    for (let i = 0; i < this.maximum.length; i++) {
      this.maximum[i] = Math.max(this.maximum[i]!, other.maximum[i]!);
    }
  }

  closePeriod(period: number): void {
    if (this.#current.count === 0) return;
    this.p99[period] = this.#current.quantile(99)!;
    this.#current.clear();
  }
}

/** A largest value and its place. */
class Worst {
  value = -1;
  shard = 0;
  at: Instant = 0;

  see(value: number, shard: number, at: Instant): void {
    if (value > this.value) {
      this.value = value;
      this.shard = shard;
      this.at = at;
    }
  }
}
