import type { Distribution } from '../kernel/distribution.ts';
import { quantileOf } from '../kernel/distribution.ts';
import type { Duration, Instant } from '../kernel/time.ts';
import { NEVER, SECOND } from '../kernel/time.ts';
import { timeLaw } from './build-law.ts';
import { producerOf } from './build-producer.ts';
import { recordAgeOf, timelineOf } from './build-timeline.ts';
import type { Path } from './document.ts';
import { durationIn, entries, fields } from './finding.ts';
import type { MappingDocument } from './mapping-schema.ts';
import { memoryFactor } from './memory-factor.ts';
import type { FileAccess } from './named-file.ts';
import { byteRateOf, rateOf, shareOf, wholeDuration } from './quantity.ts';
import type {
  Backoff,
  DurationModel,
  Fault,
  FunctionSettings,
  MappingSettings,
  PoisonTarget,
  Scenario,
  StartingPosition,
  StreamSettings,
  Threshold,
  TimelineEntry,
} from './scenario.ts';
import type { FaultDocument, FunctionDocument, ScenarioDocument, StreamDocument } from './schema.ts';
import { lambda, producer } from './schema.ts';
import { KEPT_SHARDS, MOST_POINTS } from './series-limits.ts';
import type { HashKeyRange, ShardSettings, StreamChange } from './shard-history.ts';
import { evenRanges, ShardHistory } from './shard-history.ts';
import { readExpression, readMetric } from './threshold.ts';
import { wallTimeOf } from './wall-time.ts';

/**
 * The scenario that a complete document without problems describes: units gone, files read. What comes of a file that is
 * wrong is empty, and not to be used.
 */
export function buildScenario(document: ScenarioDocument, files: FileAccess): Omit<Scenario, 'source'> {
  const start = wallTimeOf(document.start)!;
  const duration = wholeDuration(document.duration);
  const timeline = timelineOf(document.timeline);
  return {
    name: document.name,
    description: document.description ?? null,
    seed: String(document.seed),
    start,
    duration,
    drain: wholeDuration(document.drain),
    warmup: wholeDuration(document.warmup),
    polling: {
      period: wholeDuration(document.polling.period),
      phase: phaseOf(document.polling.phase),
      pacing: document.polling.pacing,
      continueAfter: document.polling.continueAfter,
    },
    account: {
      concurrentExecutions: document.account.ConcurrentExecutions,
      id: document.account.id,
      region: document.account.region,
    },
    period: periodOf(document, files),
    stallAfter: wholeDuration(document.stallAfter),
    streams: Object.entries(document.streams).map(([name, stream]) => {
      const changes = timeline
        .filter((entry) => entry.kind === 'streamChange')
        .filter((entry) => entry.stream === name);
      return streamOf(name, stream, changes);
    }),
    producers: Object.entries(document.producers).map(([name, producer]) =>
      producerOf(name, producer, duration, files),
    ),
    functions: Object.entries(document.functions).map(([name, target]) => functionOf(name, target, files)),
    mappings: [
      ...Object.entries(document.mappings).map(([name, mapping]) =>
        mappingOf(name, mapping, { start, timeline, later: false }),
      ),
      ...timeline.flatMap((entry) => {
        if (entry.kind !== 'create') return [];
        const { mapping } = document.timeline.find(({ create }) => create === entry.mapping)!;
        return [mappingOf(entry.mapping, mapping!, { start, timeline, later: true })];
      }),
    ],
    timeline,
    thresholds: Object.entries(document.thresholds).flatMap(([metric, expressions]) =>
      expressions.map((expression) => thresholdOf(metric, expression)),
    ),
  };
}

/**
 * Reads the files of a document that has problems, as far as the problems let it, so that those of the files are known
 * too.
 */
export function checkFiles(raw: unknown, hasProblem: (path: Path) => boolean, files: FileAccess): void {
  const root = fields(raw);
  const duration = durationIn(root, 'duration') ?? Number.POSITIVE_INFINITY;
  for (const [name, entry] of entries(root, 'producers')) {
    const read = producer.safeParse(entry);
    if (!read.success || hasProblem(['producers', name])) continue;
    producerOf(name, read.data, duration, files);
  }
  for (const [name, entry] of entries(root, 'functions')) {
    const read = lambda.safeParse(entry);
    if (read.success && !hasProblem(['functions', name])) functionOf(name, read.data, files);
  }
}

/** As it is given, or wider, where a result would hold more points of its shards than it may, even of the worst alone. */
function periodOf(document: ScenarioDocument, files: FileAccess): Duration {
  const period = wholeDuration(document.period);
  const kept = Object.values(document.mappings).map((mapping) => {
    const { ShardCount, shards, StreamMode } = document.streams[sourceOf(mapping).stream]!;
    const isFixed = StreamMode !== 'ON_DEMAND' && document.timeline.length === 0;
    return Math.min(KEPT_SHARDS, isFixed ? (ShardCount ?? shards?.length ?? 1) : KEPT_SHARDS);
  });
  const most = Math.floor(
    MOST_POINTS /
      Math.max(
        1,
        kept.reduce((sum, count) => sum + count, 0),
      ),
  );
  const periods = Math.ceil((wholeDuration(document.duration) + wholeDuration(document.drain)) / period);
  if (periods <= most) return period;
  const widened = Math.ceil(periods / most) * period;
  files.warn(
    ['period'],
    `${periods} periods are more points than a result holds; it is widened to ${widened / SECOND} s`,
  );
  return widened;
}

function phaseOf(phase: string): Scenario['polling']['phase'] {
  if (phase === 'spread' || phase === 'aligned') return { kind: phase };
  return { kind: 'fixed', offset: wholeDuration(phase) };
}

function streamOf(
  name: string,
  stream: StreamDocument,
  changes: readonly { readonly at: Instant; readonly change: StreamChange }[],
): StreamSettings {
  return {
    name,
    shards: shardsOf(stream.shards?.map(givenRange) ?? evenRanges(stream.ShardCount ?? ON_DEMAND_SHARDS), changes),
    mode: stream.StreamMode,
    capacity: null,
    retention: stream.RetentionPeriodHours * 3_600 * SECOND,
    maximumRecordSize: stream.MaxRecordSizeInKiB * 1_024,
    consumers: stream.consumers,
    otherReaders: stream.otherReaders.map(({ calls, bytes }) => ({
      callsPerSecond: rateOf(calls)!,
      bytesPerSecond: byteRateOf(bytes)!,
    })),
    writeLimits: isOn(stream.writeLimits),
    readLimits: isOn(stream.readLimits),
  };
}

const ON_DEMAND_SHARDS = 4; // K7

/** Of changes that have been checked (K6). */
function shardsOf(
  ranges: readonly HashKeyRange[],
  changes: readonly { readonly at: Instant; readonly change: StreamChange }[],
): readonly ShardSettings[] {
  const history = new ShardHistory(ranges);
  for (const { at, change } of changes) history.change(at, change);
  return history.shards;
}

function givenRange(shard: { StartingHashKey: string; EndingHashKey: string }): HashKeyRange {
  return { startingHashKey: BigInt(shard.StartingHashKey), endingHashKey: BigInt(shard.EndingHashKey) };
}

function isOn(value: 'on' | 'off' | boolean): boolean {
  return value === 'on' || value === true;
}

function functionOf(name: string, target: FunctionDocument, files: FileAccess): FunctionSettings {
  const path = ['functions', name];
  if (target.handler !== undefined) files.open(target.handler, [...path, 'handler']);
  const duration = durationModelOf(target, [...path, 'duration'], files);
  if (target.handler === undefined) warnOfTimeouts(duration, target.Timeout, [...path, 'duration'], files);
  return {
    name,
    memorySize: target.MemorySize,
    architecture: target.Architectures?.[0] ?? 'x86_64',
    timeout: target.Timeout * SECOND,
    reservedConcurrentExecutions: target.ReservedConcurrentExecutions ?? null,
    role: target.Role ?? null,
    provisionedConcurrentExecutions: target.ProvisionedConcurrencyConfig?.ProvisionedConcurrentExecutions ?? 0,
    duration,
    coldStart: timeLaw(target.coldStart, [...path, 'coldStart'], files),
    idleTimeout: wholeDuration(target.idleTimeout),
    faults: target.faults.map(faultOf),
    handler: target.handler ?? null,
  };
}

function durationModelOf(
  { duration: model, MemorySize, durationByMemory, durationByConcurrency }: FunctionDocument,
  path: Path,
  files: FileAccess,
): DurationModel {
  const none: Distribution = { kind: 'constant', value: 0 };
  const rest = {
    memoryFactor: durationByMemory === undefined ? 1 : memoryFactor(durationByMemory, MemorySize),
    saturation:
      durationByConcurrency === undefined
        ? null
        : { at: durationByConcurrency.saturatesAt, share: shareOf(durationByConcurrency.share)! },
  };
  const isParts = typeof model === 'object' && (model.base ?? model.perRecord ?? model.perKB) !== undefined;
  if (!isParts) return { base: timeLaw(model, path, files), perRecord: none, perKB: none, ...rest };
  const part = (key: 'base' | 'perRecord' | 'perKB') =>
    model[key] === undefined ? none : timeLaw(model[key], [...path, key], files);
  return { base: part('base'), perRecord: part('perRecord'), perKB: part('perKB'), ...rest };
}

/** M6: a batch of one record, which is the shortest, cannot be processed. */
function warnOfTimeouts(
  { base, perRecord, memoryFactor }: DurationModel,
  timeout: number,
  path: Path,
  files: FileAccess,
) {
  const usual = ((quantileOf(base, 0.5) + quantileOf(perRecord, 0.5)) * memoryFactor) / SECOND;
  if (usual <= timeout) return;
  const isAlways = base.kind === 'constant' && perRecord.kind === 'constant';
  const takes = isAlways ? 'every invocation takes at least' : 'half of all invocations take at least';
  const ends = isAlways ? 'all of them time out, and fail' : 'most of them time out, and fail';
  files.warn(path, `${takes} ${Number(usual.toPrecision(4))} s, and Timeout is ${timeout} s: ${ends}`);
}

function faultOf(fault: FaultDocument): Fault {
  const end = fault.to ?? fault.until;
  const window = {
    from: wholeDuration(fault.from ?? '0s'),
    to: end === undefined ? NEVER : wholeDuration(end),
    responseLost: fault.responseLost ?? false,
  };
  const after = fault.after === undefined ? null : wholeDuration(fault.after);
  if (fault.probability !== undefined)
    return { ...window, kind: 'probability', probability: shareOf(fault.probability)!, after };
  if (fault.slowdown !== undefined) return { ...window, kind: 'slowdown', factor: fault.slowdown };
  if (fault.invocations !== undefined) return { ...window, kind: 'invocations', count: fault.invocations, after };
  if (fault.poison !== undefined)
    return { ...window, kind: 'poison', target: poisonOf(fault.poison), fail: fault.fail ?? 'batch', after };
  return { ...window, kind: 'outage', after };
}

function poisonOf(poison: NonNullable<FaultDocument['poison']>): PoisonTarget {
  if (poison.key !== undefined) return { kind: 'key', key: poison.key };
  if (poison.oneIn !== undefined) return { kind: 'oneIn', n: poison.oneIn };
  return { kind: 'record', stream: poison.stream!, shard: poison.shard!, record: poison.record! };
}

function mappingOf(
  name: string,
  mapping: MappingDocument,
  { start, timeline, later }: { start: number; timeline: readonly TimelineEntry[]; later: boolean },
): MappingSettings {
  return {
    name,
    isCreatedLater: later,
    ...sourceOf(mapping),
    function: mapping.function,
    startingPosition: positionOf(mapping, start),
    enabled: mapping.Enabled,
    batchSize: mapping.BatchSize,
    parallelizationFactor: mapping.ParallelizationFactor,
    mostLanes: Math.max(mapping.ParallelizationFactor, ...factorsOf(name, timeline)),
    batchingWindow: mapping.MaximumBatchingWindowInSeconds * SECOND,
    tumblingWindow: mapping.TumblingWindowInSeconds * SECOND,
    maximumRetryAttempts: mapping.MaximumRetryAttempts,
    maximumRecordAge: recordAgeOf(mapping.MaximumRecordAgeInSeconds),
    bisectBatchOnFunctionError: mapping.BisectBatchOnFunctionError,
    reportBatchItemFailures: mapping.FunctionResponseTypes.length > 0,
    filters: mapping.FilterCriteria.Filters.map(({ Pattern }) => Pattern),
    onFailureDestination: mapping.DestinationConfig?.OnFailure?.Destination ?? null,
    retryBackoff: mapping.retryBackoff === 'none' ? null : backoffOf(mapping.retryBackoff, mapping.retryBackoff.jitter),
    throttleBackoff: mapping.throttleBackoff === 'queue' ? null : backoffOf(mapping.throttleBackoff, '0%'),
    fetchLimit: mapping.fetchLimit === 'batchSize' ? 'batchSize' : 'records',
    iteratorAge: mapping.iteratorAge,
    transitions: wholeDuration(mapping.transitions),
  };
}

/** P4: to which the timeline changes it. */
function factorsOf(name: string, timeline: readonly TimelineEntry[]): number[] {
  return timeline.flatMap((entry) =>
    entry.kind === 'update' && entry.mapping === name ? (entry.changes.parallelizationFactor ?? []) : [],
  );
}

/** `stream: orders`, or `consumer: orders/analytics`. */
function sourceOf({ stream, consumer }: MappingDocument): { stream: string; consumer: string | null } {
  if (consumer === undefined) return { stream: stream!, consumer: null };
  const slash = consumer.lastIndexOf('/');
  return { stream: consumer.slice(0, slash), consumer: consumer.slice(slash + 1) };
}

function positionOf(mapping: MappingDocument, start: number): StartingPosition {
  if (mapping.StartingPosition !== 'AT_TIMESTAMP') return { kind: mapping.StartingPosition };
  return { kind: 'AT_TIMESTAMP', timestamp: Math.round(mapping.StartingPositionTimestamp! * SECOND) - start };
}

function backoffOf(backoff: { initial: string; factor: number; maximum: string }, jitter: string): Backoff {
  return {
    initial: wholeDuration(backoff.initial),
    factor: backoff.factor,
    maximum: wholeDuration(backoff.maximum),
    jitter: shareOf(jitter)!,
  };
}

function thresholdOf(metric: string, expression: string): Threshold {
  const read = readMetric(metric);
  if (typeof read === 'string') throw new Error(read);
  const condition = readExpression(expression, read);
  if (typeof condition === 'string') throw new Error(condition);
  const unit = condition.statistic.kind === 'count' ? 'Count' : read.unit;
  return { ...read, ...condition, unit, expression };
}
