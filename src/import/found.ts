import type { Issue } from '../scenario/issue.ts';
import type { Place, Tree } from './tree.ts';

/** What files say, before it is put together. */
export interface Found {
  readonly streams: FoundStream[];
  readonly functions: FoundNamed[];
  readonly mappings: FoundMapping[];
  readonly traffic: FoundSeries[];
  readonly runTimes: FoundRunTimes[];
  /** What a file holds that is of no use here, and what is odd in it. */
  readonly warnings: Issue[];
  readonly errors: Issue[];
}

interface FoundThing {
  /** From a running account, not from a template: where they differ, this is what is. */
  readonly isLive: boolean;
  /** Its own or that of its stream, where an answer of AWS has one. */
  readonly arn: string | null;
  readonly place: Place;
  /** By AWS's name, as far as the file says. */
  readonly settings: ReadonlyMap<string, Tree>;
  readonly remarks: readonly string[];
}

/** A stream or a function. */
export interface FoundNamed extends FoundThing {
  /** As AWS has them, with `${…}` for what is not known; empty: not said. */
  readonly names: readonly string[];
  /** Of the template; what CloudFormation names the thing after if it has no name of its own. */
  readonly logicalId: string | null;
}

export interface FoundStream extends FoundNamed {
  /** With enhanced fan-out. */
  readonly consumers: readonly string[];
}

export interface FoundMapping extends FoundThing {
  /** Logical id, UUID or the like. */
  readonly label: string;
  readonly stream: Reference;
  readonly consumer: string | null;
  readonly function: Reference;
}

/** How a file names a stream or a function. */
export interface Reference {
  /** With `${…}` for what is not known. */
  readonly name: string;
  readonly place: Place;
  /** Why the name is not known; null where it is. */
  readonly unknown: string | null;
}

/** The points of a CloudWatch metric, in order of time. */
export interface FoundSeries {
  readonly place: Place;
  readonly metric: string;
  /** As which it is read; an answer of get-metric-data does not say. */
  readonly statistic: Statistic;
  /** As the file calls it, where a scenario's trace looks it up. */
  readonly label: string;
  /** Of the stream or function; null: not said. */
  readonly about: string | null;
  /** The shard that it is of, where it is one of AWS's shard-level metrics; null: the stream or function as a whole. */
  readonly shard: string | null;
  readonly points: readonly SeriesPoint[];
  /** Whether a scenario can read it from the file itself. */
  readonly isReadable: boolean;
}

export type Statistic = 'Sum' | 'Maximum';

export interface SeriesPoint {
  /** Microseconds since the Unix epoch. */
  readonly at: number;
  readonly value: number;
}

/** What REPORT lines say of a function. */
export interface FoundRunTimes {
  readonly place: Place;
  readonly about: string | null;
  /** Milliseconds, of the invocations that did not run into the Timeout. */
  readonly durations: readonly number[];
  readonly coldStarts: readonly number[];
  /** How many of them ended in an error. */
  readonly errors: number;
  /** Of the others, until the Timeout ended them; milliseconds. */
  readonly timeouts: readonly number[];
  readonly settings: ReadonlyMap<string, Tree>;
}

export function nothingFound(): Found {
  return { streams: [], functions: [], mappings: [], traffic: [], runTimes: [], warnings: [], errors: [] };
}

/** Settings that the scenario takes over as they are. */
export const MAPPING_SETTINGS = [
  'StartingPosition',
  'StartingPositionTimestamp',
  'Enabled',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'ParallelizationFactor',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'FunctionResponseTypes',
  'TumblingWindowInSeconds',
  'FilterCriteria',
  'DestinationConfig',
] as const;

export const FUNCTION_SETTINGS = [
  'MemorySize',
  'Architectures',
  'Timeout',
  'ReservedConcurrentExecutions',
  'ProvisionedConcurrencyConfig',
] as const;

export const STREAM_SETTINGS = ['ShardCount', 'StreamMode', 'RetentionPeriodHours', 'MaxRecordSizeInKiB'] as const;
