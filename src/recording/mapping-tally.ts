import type { Duration, Instant } from '../kernel/time.ts';
import { MINUTE, NEVER } from '../kernel/time.ts';
import type { JsonObject, MappingSettings } from '../scenario/scenario.ts';
import { Histogram } from '../statistics/histogram.ts';
import type { DiscardCondition } from './causes.ts';
import { DeliveredBytes } from './delivered-bytes.ts';
import { Gauge } from './gauge.ts';
import type { LaneTimeline } from './lane-timeline.ts';
import { MappingLife } from './mapping-life.ts';
import { Peak, Worst } from './peak.ts';
import { RecordStatistics } from './record-statistics.ts';
import { SampleColumns } from './sample-columns.ts';
import type { Stall } from './stall.ts';

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
  /** When the last record of its shard was settled (K6), or the shard divided among fewer lanes (P4). */
  endedAt: Instant = NEVER;
  /** Time with a batch in hand, measured, and the highest share of a period. */
  busy: Duration = 0;
  readonly peakBusy = new Peak();
  /** P5: so many bytes more than the mean key the longest one of its shard has. */
  eventSlack = 0;
  /** Null where nobody has kept one. */
  timeline: LaneTimeline | null = null;
  /** Σ instant of settling × records, for the integral of the backlog. */
  settledMoments = 0;
  stalls: readonly Stall[] = [];

  constructor(shard: number, lane: number, periods: number) {
    this.shard = shard;
    this.lane = lane;
    this.ageMaximum = new Float64Array(periods).fill(-1);
    this.backlog = new Float64Array(periods);
    this.backlogAge = new Float64Array(periods);
  }

  /** Bytes of an event of so many records, of which a bound is known: with keys of the mean length, and no comma before the first. */
  eventBytes(bound: number, size: number): number {
    return bound - 1 - size * this.eventSlack;
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
  /** At the end of the last period: of the lanes that there were; null without one. */
  backlogAgeEnd: Duration | null = null;
  readonly recovery = new Histogram();
  /** Fault windows after which the mapping was not caught up by the end of the run. */
  notRecovered = 0;
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
  /** Of these, those that ran into the Timeout (L5). */
  timeouts = 0;
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
    while (minute >= minuteAge.length) minuteAge.push(-1);
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

  /** What is counted when it happens, and not at the start of an invocation that ends later. */
  get counts(): readonly Float64Array[] {
    return [this.throttles, this.polled, this.failed, this.dropped, this.delivered, this.filtered];
  }
}
