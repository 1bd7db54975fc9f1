import type { Distribution } from '../kernel/distribution.ts';
import type { Duration, Instant } from '../kernel/time.ts';
import type { ShardSettings, StreamChange } from './shard-history.ts';

/**
 * Table one: what a run is. Complete, defaults filled in, units gone, readonly.
 * Times are whole microseconds, sizes bytes, rates records a second; maps of the file are lists here, in file order.
 */
export interface Scenario {
  readonly name: string;
  readonly description: string | null;
  /** Seeds 42 and '42' of a file are the same. */
  readonly seed: string;
  /** Virtual wall time at t = 0: microseconds since the Unix epoch. */
  readonly start: number;
  /** How long producers run, warm-up included (D5). */
  readonly duration: Duration;
  readonly drain: Duration;
  readonly warmup: Duration;
  readonly polling: Polling;
  readonly account: Account;
  /** Of the reported series. */
  readonly period: Duration;
  readonly stallAfter: Duration;
  readonly streams: readonly StreamSettings[];
  readonly producers: readonly ProducerSettings[];
  readonly functions: readonly FunctionSettings[];
  /** Of the file, then those that the timeline creates, in its order. */
  readonly mappings: readonly MappingSettings[];
  /** Ordered by time, then as written. */
  readonly timeline: readonly TimelineEntry[];
  readonly thresholds: readonly Threshold[];
  readonly source: ScenarioSource;
}

/** Where a scenario came from, as the result repeats it. */
export interface ScenarioSource {
  /** The complete scenario in the file's own form, defaults and --set applied; a scenario file again if written out. */
  readonly resolved: JsonObject;
  /** SHA-256 (hex) of the resolved scenario and of the files it names. */
  readonly sha256: string;
  /** File name as written → SHA-256 (hex) of its bytes. */
  readonly files: Readonly<Record<string, string>>;
}

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface Polling {
  readonly period: Duration;
  readonly phase:
    | { readonly kind: 'spread' }
    | { readonly kind: 'aligned' }
    | { readonly kind: 'fixed'; readonly offset: Duration };
  readonly pacing: 'grid' | 'sincePoll';
  readonly continueAfter: 'fullBatch' | 'anyBatch';
}

export interface Account {
  readonly concurrentExecutions: number;
  /** Twelve digits. */
  readonly id: string;
  readonly region: string;
}

export interface StreamSettings {
  readonly name: string;
  /** By number. At any instant those that are open hold the whole of [0, 2^128) (K6); on-demand, the first ones (K7). */
  readonly shards: readonly ShardSettings[];
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  /** K7: what an on-demand stream takes in each minute, in units of 1 MB/s or 1,000 records/s; null: provisioned. */
  readonly capacity: readonly number[] | null;
  readonly retention: Duration;
  readonly maximumRecordSize: number;
  /** Names of its consumers with enhanced fan-out (K8), whether a mapping reads as them or not. */
  readonly consumers: readonly string[];
  readonly otherReaders: readonly OtherReader[];
  readonly writeLimits: boolean;
  readonly readLimits: boolean;
}

/** Another consumer that loads every shard of the stream (K4). */
export interface OtherReader {
  readonly callsPerSecond: number;
  readonly bytesPerSecond: number;
}

export interface ProducerSettings {
  readonly name: string;
  readonly stream: string;
  readonly source: ArrivalSource;
  readonly arrivals: 'poisson' | 'even';
  readonly bytes: Distribution;
  /** What the records hold, which decides their bytes; null: so many zero bytes. */
  readonly data: DataLaw | null;
  readonly keys: KeyLaw;
  readonly onThrottle: 'retry' | 'drop';
}

export type DataLaw =
  /** JSON whose texts hold ${index}, ${key} and ${pick:a,b}. */
  | { readonly kind: 'template'; readonly template: JsonValue }
  /** One record a line. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] };

export type ArrivalSource =
  /** Rates over time, one phase after another; `rate: 400/s` is one phase as long as the run. Nothing after the last. */
  | { readonly kind: 'phases'; readonly phases: readonly Phase[] }
  /** Counts by period, of a trace. Rows ordered by start (ties as in the file), starts from 0. */
  | {
      readonly kind: 'counts';
      readonly period: Duration;
      readonly starts: readonly Instant[];
      readonly counts: readonly number[];
    }
  /** Single records, ordered by time (ties as in the file). */
  | { readonly kind: 'listed'; readonly records: ListedRecords };

export interface Phase {
  readonly name: string | null;
  readonly duration: Duration;
  /** Records a second at the phase's start and at its end; between them the rate is linear. */
  readonly rate: number;
  readonly rampTo: number;
}

/** Columns of equal length; a column is null where the producer's own `keys` or `bytes` decide for every record. */
export interface ListedRecords {
  readonly times: readonly Instant[];
  readonly keys: readonly (string | null)[] | null;
  readonly bytes: readonly (number | null)[] | null;
  /** The shard's index where a record names one, and null where its key decides. */
  readonly shards: readonly (number | null)[] | null;
  /** The data of each record as text, where a column holds it. */
  readonly data: readonly string[] | null;
}

export type KeyLaw =
  /** A fresh random key for each record: shards share by their ranges. */
  | { readonly kind: 'fresh' }
  /** partitionKey-0 … partitionKey-(count − 1). */
  | { readonly kind: 'uniform'; readonly count: number }
  | { readonly kind: 'zipf'; readonly count: number; readonly exponent: number }
  /** One key takes `share` of all (0 to 1), the other `count` the rest evenly. */
  | { readonly kind: 'hot'; readonly key: string; readonly share: number; readonly count: number }
  | { readonly kind: 'list'; readonly keys: readonly string[] };

/** AWS's names; what a function costs depends on it (C2a). */
export type Architecture = 'x86_64' | 'arm64';

export interface FunctionSettings {
  readonly name: string;
  /** MB. */
  readonly memorySize: number;
  readonly architecture: Architecture;
  readonly timeout: Duration;
  readonly reservedConcurrentExecutions: number | null;
  /** What its role allows, as IAM's actions or managed policies (A3); null: everything. */
  readonly role: readonly string[] | null;
  /** Environments that are always warm (L4); 0: none. */
  readonly provisionedConcurrentExecutions: number;
  readonly duration: DurationModel;
  readonly coldStart: Distribution;
  readonly idleTimeout: Duration;
  readonly faults: readonly Fault[];
  /** The module with the function's own code, as the file names it (L7); null: there is none. */
  readonly handler: string | null;
}

/** base + perRecord · records + perKB · (bytes of data / 1,024), each drawn once an invocation; microseconds. */
export interface DurationModel {
  readonly base: Distribution;
  readonly perRecord: Distribution;
  readonly perKB: Distribution;
  /** L5a: what the function's MemorySize makes of their sum; 1 without `durationByMemory`. */
  readonly memoryFactor: number;
  /** L5a; null: it does not depend on how many invocations run. */
  readonly saturation: Saturation | null;
}

/** Of the duration a share, 0 to 1, is slowed down in proportion where more than `at` invocations run. */
export interface Saturation {
  readonly at: number;
  readonly share: number;
}

/** Applies to invocations that start in [from, to); `to` is NEVER where the file gives no end. */
interface FaultWindow {
  readonly from: Instant;
  readonly to: Instant;
  /** The function's handler has run when the invocation fails (L7). */
  readonly responseLost: boolean;
}

export type Fault = FaultWindow &
  (
    | { readonly kind: 'probability'; readonly probability: number; readonly after: Duration | null }
    | { readonly kind: 'outage'; readonly after: Duration | null }
    | { readonly kind: 'slowdown'; readonly factor: number }
    | {
        readonly kind: 'poison';
        readonly target: PoisonTarget;
        /** 'record': the function reports the poison records in its response (E5). */
        readonly fail: 'batch' | 'record';
        readonly after: Duration | null;
      }
    | { readonly kind: 'invocations'; readonly count: number; readonly after: Duration | null }
  );

export type PoisonTarget =
  /** `record` is an index among the records the shard accepted, from 0 (D3). */
  | { readonly kind: 'record'; readonly stream: string; readonly shard: number; readonly record: number }
  /** Every record with this partition key, in every stream the function reads. */
  | { readonly kind: 'key'; readonly key: string }
  /** Each record with probability 1 / n. */
  | { readonly kind: 'oneIn'; readonly n: number };

export type StartingPosition =
  | { readonly kind: 'TRIM_HORIZON' }
  | { readonly kind: 'LATEST' }
  /** `timestamp` is an instant of the run; before 0 where the file names a time before the run's start. */
  | { readonly kind: 'AT_TIMESTAMP'; readonly timestamp: Instant };

export interface MappingSettings {
  readonly name: string;
  /** An entry of the timeline creates it; else it is created at the start of the run. */
  readonly isCreatedLater: boolean;
  readonly stream: string;
  /** The stream's consumer with enhanced fan-out that it reads as (K8); null: it polls. */
  readonly consumer: string | null;
  readonly function: string;
  readonly startingPosition: StartingPosition;
  readonly enabled: boolean;
  readonly batchSize: number;
  /** Lanes of each shard (P4). */
  readonly parallelizationFactor: number;
  /** The largest factor that an update of the timeline gives it, or its first. */
  readonly mostLanes: number;
  /** MaximumBatchingWindowInSeconds; 0: none. */
  readonly batchingWindow: Duration;
  /** TumblingWindowInSeconds; 0: none. */
  readonly tumblingWindow: Duration;
  /** −1: no limit. */
  readonly maximumRetryAttempts: number;
  /** null: no limit (−1). */
  readonly maximumRecordAge: Duration | null;
  readonly bisectBatchOnFunctionError: boolean;
  /** FunctionResponseTypes holds ReportBatchItemFailures. */
  readonly reportBatchItemFailures: boolean;
  /** Where the messages of discarded records go (E8), by name or ARN; null: nowhere. */
  readonly onFailureDestination: string | null;
  /** null: retried at once (`none`). */
  readonly retryBackoff: Backoff | null;
  /** null: takes the next freed unit (`queue`, L2). */
  readonly throttleBackoff: Backoff | null;
  /** Patterns of EventBridge, in JSON; a record that matches none is dropped (P10). None: every record is kept. */
  readonly filters: readonly string[];
  readonly fetchLimit: 'records' | 'batchSize';
  readonly iteratorAge: 'atFinish' | 'atInvoke';
  /** How long Creating, Enabling, Disabling and Updating last (P9). */
  readonly transitions: Duration;
}

/** The k-th wait is min(maximum, initial · factor^(k − 1)), times 1 ± jitter. */
export interface Backoff {
  readonly initial: Duration;
  readonly factor: number;
  readonly maximum: Duration;
  /** 0 to 1. */
  readonly jitter: number;
}

export type TimelineEntry = MappingEntry | RoleEntry | StreamEntry;

/** A stream's shards change; its `shards` know what comes of it (K6). */
interface StreamEntry {
  readonly kind: 'streamChange';
  readonly at: Instant;
  readonly stream: string;
  readonly change: StreamChange;
}

/** A call of a mapping's API (A1). */
export type MappingEntry = CallEntry | UpdateEntry;

interface CallEntry {
  readonly kind: 'create' | 'enable' | 'disable' | 'delete';
  readonly at: Instant;
  readonly mapping: string;
}

interface UpdateEntry {
  readonly kind: 'update';
  readonly at: Instant;
  readonly mapping: string;
  readonly changes: MappingChanges;
  /** The changes as the call names them. */
  readonly parameters: JsonObject;
}

/** What an update may change: the settings that it names. */
export type MappingChanges = Partial<
  Pick<
    MappingSettings,
    | 'enabled'
    | 'batchSize'
    | 'batchingWindow'
    | 'parallelizationFactor'
    | 'tumblingWindow'
    | 'maximumRetryAttempts'
    | 'maximumRecordAge'
    | 'bisectBatchOnFunctionError'
    | 'reportBatchItemFailures'
    | 'onFailureDestination'
    | 'filters'
  >
>;

/** A function's role allows something else from then on (A3). */
interface RoleEntry {
  readonly kind: 'role';
  readonly at: Instant;
  readonly function: string;
  readonly role: readonly string[];
}

export interface Threshold {
  /** As written: 'max < 60s'. */
  readonly expression: string;
  /** As written: 'IteratorAge' or 'IteratorAge{mapping:orders-to-enrich}'. */
  readonly metric: string;
  /** The metric without its selector. */
  readonly name: string;
  readonly selector: { readonly by: 'mapping' | 'function' | 'stream'; readonly value: string } | null;
  readonly statistic: Statistic;
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  /** In the metric's own unit (see `unit`): milliseconds for times, else a plain number. */
  readonly value: number;
  readonly unit: 'Milliseconds' | 'Count' | 'Bytes' | 'Money';
}

export type Statistic =
  | { readonly kind: 'avg' | 'min' | 'max' | 'sum' | 'count' | 'end' }
  /** `p` from 0 to 100. */
  | { readonly kind: 'percentile'; readonly p: number };
