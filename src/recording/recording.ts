import type { Duration, Instant } from '../kernel/time.ts';
import { NEVER } from '../kernel/time.ts';
import type { Scenario, StreamSettings } from '../scenario/scenario.ts';
import type { FunctionTally, SlotsOfAll } from './function-tally.ts';
import type { MappingApi } from './mapping-api.ts';
import type { MappingTally } from './mapping-tally.ts';
import type { MeasuredPart } from './measured-part.ts';
import { Peak } from './peak.ts';
import type { ShardMetric } from './shard-metrics.ts';
import { ShardColumns } from './shard-metrics.ts';

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
  /** Where the warm-up ends within a period: what of it is measured. */
  readonly measuredPart: Pick<Readonly<MeasuredPart>, 'period' | 'within'>;
  readonly streams: readonly StreamTally[];
  readonly mappings: readonly MappingTally[];
  readonly functions: readonly FunctionTally[];
  /** Null where there is one function. */
  readonly slotsOfAll: SlotsOfAll | null;
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
  /** What the write limits count: data and keys, those of unequal length by their mean in the shard (K3). */
  readonly charged: number;
  /** By which writes are billed: PUT payload units, KB of an on-demand stream (C2). */
  readonly units: number;
  readonly refused: number;
  readonly lost: number;
  /** The integral of the records arrived so far, in record-microseconds. */
  readonly recordTime: number;
}

const NOTHING: ShardTotals = {
  offered: 0,
  records: 0,
  bytes: 0,
  charged: 0,
  units: 0,
  refused: 0,
  lost: 0,
  recordTime: 0,
};

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

  /** What is counted when it happens. */
  get counts(): readonly Float64Array[] {
    return [this.putRecords, this.putBytes, this.refused, this.readRecords, this.readBytes, this.readRefused];
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
  /** When the last of those that poll it had settled its last record (K6), if any of them has not, then NEVER. */
  readUntil: Instant = NEVER;
  /** Highest in one period, and when that period began. */
  readonly peakRecords = new Peak();
  /** Of data alone, to the byte, for the law of K3: keys of unequal length are known by their mean only. */
  readonly peakBytes = new Peak();
  /** Data and keys (K3). */
  readonly peakCharged = new Peak();
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
