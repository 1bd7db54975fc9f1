import type { Distribution } from '../kernel/distribution.ts';
import { NEVER, SECOND } from '../kernel/time.ts';
import type { Path } from './document.ts';
import { byteRateOf, durationOf, rateOf, shareOf, sizeOf } from './quantity.ts';
import type {
  ArrivalSource,
  Backoff,
  DurationModel,
  Fault,
  FunctionSettings,
  HashKeyRange,
  KeyLaw,
  ListedRecords,
  MappingSettings,
  PoisonTarget,
  ProducerSettings,
  Scenario,
  StartingPosition,
  StreamSettings,
  Threshold,
  TimelineEntry,
} from './scenario.ts';
import type {
  FaultDocument,
  FunctionDocument,
  MappingDocument,
  ProducerDocument,
  ScenarioDocument,
  StreamDocument,
} from './schema.ts';
import { readExpression, readMetric } from './threshold.ts';
import { countsOfCloudWatch, countsOfCsv, durationValue, recordsOfCsv, valuesOf } from './trace-files.ts';
import { wallTimeOf } from './wall-time.ts';

/** Reads the files a scenario names, and takes what is worth a warning. */
export interface FileAccess {
  /** @param at the path of the key that names the file */
  text(file: string, at: Path): string;
  warn(at: Path, message: string): void;
}

/** The scenario that a complete document without problems describes: units gone, files read. */
export function buildScenario(document: ScenarioDocument, files: FileAccess): Omit<Scenario, 'source'> {
  const start = wallTimeOf(document.start)!;
  const duration = whole(document.duration);
  return {
    name: document.name,
    description: document.description ?? null,
    seed: String(document.seed),
    start,
    duration,
    drain: whole(document.drain),
    warmup: whole(document.warmup),
    polling: {
      period: whole(document.polling.period),
      phase: phaseOf(document.polling.phase),
      pacing: document.polling.pacing,
      continueAfter: document.polling.continueAfter,
    },
    account: {
      concurrentExecutions: document.account.ConcurrentExecutions,
      id: document.account.id,
      region: document.account.region,
    },
    period: whole(document.period),
    stallAfter: whole(document.stallAfter),
    streams: Object.entries(document.streams).map(([name, stream]) => streamOf(name, stream)),
    producers: Object.entries(document.producers).map(([name, producer]) =>
      producerOf(name, producer, duration, files),
    ),
    functions: Object.entries(document.functions).map(([name, target]) => functionOf(name, target, files)),
    mappings: Object.entries(document.mappings).map(([name, mapping]) => mappingOf(name, mapping, start)),
    timeline: document.timeline
      .map(({ at, enable, disable }): TimelineEntry => {
        const mapping = (enable ?? disable)!;
        return { kind: enable === undefined ? 'disable' : 'enable', at: whole(at), mapping };
      })
      .sort((a, b) => a.at - b.at),
    thresholds: Object.entries(document.thresholds).flatMap(([metric, expressions]) =>
      expressions.map((expression) => thresholdOf(metric, expression)),
    ),
  };
}

function phaseOf(phase: string): Scenario['polling']['phase'] {
  if (phase === 'spread' || phase === 'aligned') return { kind: phase };
  return { kind: 'fixed', offset: whole(phase) };
}

function streamOf(name: string, stream: StreamDocument): StreamSettings {
  return {
    name,
    shards: stream.shards?.map(givenRange) ?? evenRanges(stream.ShardCount!),
    retention: stream.RetentionPeriodHours * 3_600 * SECOND,
    maximumRecordSize: stream.MaxRecordSizeInKiB * 1_024,
    otherReaders: stream.otherReaders.map(({ calls, bytes }) => ({
      callsPerSecond: rateOf(calls)!,
      bytesPerSecond: byteRateOf(bytes)!,
    })),
    writeLimits: isOn(stream.writeLimits),
    readLimits: isOn(stream.readLimits),
  };
}

function givenRange(shard: { StartingHashKey: string; EndingHashKey: string }): HashKeyRange {
  return { startingHashKey: BigInt(shard.StartingHashKey), endingHashKey: BigInt(shard.EndingHashKey) };
}

/** K1: shard i has [⌊i·2^128/n⌋, ⌊(i+1)·2^128/n⌋ − 1]. */
function evenRanges(count: number): HashKeyRange[] {
  const space = 2n ** 128n;
  const n = BigInt(count);
  return Array.from({ length: count }, (_, i) => ({
    startingHashKey: (BigInt(i) * space) / n,
    endingHashKey: (BigInt(i + 1) * space) / n - 1n,
  }));
}

function isOn(value: 'on' | 'off' | boolean): boolean {
  return value === 'on' || value === true;
}

function producerOf(name: string, producer: ProducerDocument, duration: number, files: FileAccess): ProducerSettings {
  const path = ['producers', name];
  return {
    name,
    stream: producer.stream,
    source: sourceOf(producer, path, duration, files),
    arrivals: producer.arrivals,
    bytes: distributionOf(
      producer.bytes,
      sizeOf,
      (text) => (/^\d+$/.test(text) ? Number(text) : sizeOf(text)),
      [...path, 'bytes'],
      files,
    ),
    keys: keysOf(producer.keys),
    onThrottle: producer.onThrottle,
  };
}

function sourceOf(producer: ProducerDocument, path: Path, duration: number, files: FileAccess): ArrivalSource {
  const { rate, phases, trace, arrivalTimes, records } = producer;
  if (rate !== undefined) {
    const perSecond = rateOf(rate)!;
    return { kind: 'phases', phases: [{ name: null, duration, rate: perSecond, rampTo: perSecond }] };
  }
  if (phases !== undefined) {
    return {
      kind: 'phases',
      phases: phases.map((phase) => ({
        name: phase.name ?? null,
        duration: whole(phase.duration),
        rate: rateOf(phase.rate)!,
        rampTo: rateOf(phase.rampTo ?? phase.rate)!,
      })),
    };
  }
  if (trace !== undefined) {
    const text = files.text(trace.file, [...path, 'trace', 'file']);
    const period = trace.period === undefined ? null : whole(trace.period);
    const scale = trace.scale ?? 1;
    const counts =
      trace.metric !== undefined || trace.file.endsWith('.json')
        ? countsOfCloudWatch(trace.file, text, { metric: trace.metric ?? 'IncomingRecords', period, scale })
        : countsOfCsv(trace.file, text, {
            time: trace.time ?? 'timestamp',
            value: trace.value ?? 'value',
            period,
            scale,
          });
    const late = counts.starts.filter((at) => at >= duration).length;
    if (late > 0) {
      const lost = counts.counts.slice(-late).reduce((sum, count) => sum + count, 0);
      files.warn(
        [...path, 'trace'],
        `${late} of ${counts.starts.length} rows (${lost} records) lie at or after the end of duration and are not offered`,
      );
    }
    return { kind: 'counts', ...counts };
  }
  const listed =
    arrivalTimes === undefined
      ? writtenRecords(records!)
      : recordsOfCsv(arrivalTimes.file, files.text(arrivalTimes.file, [...path, 'arrivalTimes', 'file']), {
          time: arrivalTimes.time,
          key: arrivalTimes.key ?? null,
          bytes: arrivalTimes.bytes ?? null,
        });
  const late = listed.times.filter((at) => at >= duration).length;
  if (late > 0)
    files.warn(
      path,
      `${late} of ${listed.times.length} records lie at or after the end of duration and are not offered`,
    );
  return { kind: 'listed', records: listed };
}

function writtenRecords(records: NonNullable<ProducerDocument['records']>): ListedRecords {
  const rows = records
    .flatMap((record) => Array.from({ length: record.count ?? 1 }, () => record))
    .map((record) => ({ ...record, at: whole(record.at) }))
    .sort((a, b) => a.at - b.at);
  const has = (key: 'key' | 'bytes' | 'shard') => rows.some((row) => row[key] !== undefined);
  return {
    times: rows.map(({ at }) => at),
    keys: has('key') ? rows.map(({ key }) => key ?? null) : null,
    bytes: has('bytes') ? rows.map(({ bytes }) => (bytes === undefined ? null : Math.round(sizeOf(bytes)!))) : null,
    shards: has('shard') ? rows.map(({ shard }) => shard ?? null) : null,
  };
}

function keysOf(keys: ProducerDocument['keys']): KeyLaw {
  if (keys === undefined) return { kind: 'fresh' };
  if (keys.zipf !== undefined) return { kind: 'zipf', ...keys.zipf };
  if (keys.hot !== undefined)
    return { kind: 'hot', key: keys.hot.key, share: shareOf(keys.hot.share)!, count: keys.count! };
  if (keys.list !== undefined) return { kind: 'list', keys: keys.list };
  return { kind: 'uniform', count: keys.count! };
}

function functionOf(name: string, target: FunctionDocument, files: FileAccess): FunctionSettings {
  const path = ['functions', name];
  return {
    name,
    memorySize: target.MemorySize,
    timeout: target.Timeout * SECOND,
    reservedConcurrentExecutions: target.ReservedConcurrentExecutions ?? null,
    duration: durationModelOf(target.duration, [...path, 'duration'], files),
    coldStart: timeLaw(target.coldStart, [...path, 'coldStart'], files),
    idleTimeout: whole(target.idleTimeout),
    faults: target.faults.map(faultOf),
  };
}

function durationModelOf(model: FunctionDocument['duration'], path: Path, files: FileAccess): DurationModel {
  const none: Distribution = { kind: 'constant', value: 0 };
  const isParts = typeof model === 'object' && (model.base ?? model.perRecord ?? model.perKB) !== undefined;
  if (!isParts) return { base: timeLaw(model, path, files), perRecord: none, perKB: none };
  const part = (key: 'base' | 'perRecord' | 'perKB') =>
    model[key] === undefined ? none : timeLaw(model[key], [...path, key], files);
  return { base: part('base'), perRecord: part('perRecord'), perKB: part('perKB') };
}

function timeLaw(law: unknown, path: Path, files: FileAccess): Distribution {
  return distributionOf(law, durationOf, durationValue, path, files);
}

/** @param law of the form that the schema has checked */
function distributionOf(
  law: unknown,
  readValue: (text: string) => number | null,
  readFileValue: (text: string) => number | null,
  path: Path,
  files: FileAccess,
): Distribution {
  if (typeof law === 'string') return { kind: 'constant', value: readValue(law)! };
  const { uniform, exponential, lognormal, weibull, empirical } = law as {
    uniform?: { min: string; max: string };
    exponential?: { mean: string };
    lognormal?: { median: string; p99: string };
    weibull?: { shape: number; scale: string };
    empirical?: string;
  };
  if (uniform) return { kind: 'uniform', min: readValue(uniform.min)!, max: readValue(uniform.max)! };
  if (exponential) return { kind: 'exponential', mean: readValue(exponential.mean)! };
  if (lognormal) return { kind: 'lognormal', median: readValue(lognormal.median)!, p99: readValue(lognormal.p99)! };
  if (weibull) return { kind: 'weibull', shape: weibull.shape, scale: readValue(weibull.scale)! };
  return {
    kind: 'empirical',
    values: valuesOf(empirical!, files.text(empirical!, [...path, 'empirical']), readFileValue),
  };
}

function faultOf(fault: FaultDocument): Fault {
  const end = fault.to ?? fault.until;
  const window = { from: whole(fault.from ?? '0s'), to: end === undefined ? NEVER : whole(end) };
  const after = fault.after === undefined ? null : whole(fault.after);
  if (fault.probability !== undefined)
    return { ...window, kind: 'probability', probability: shareOf(fault.probability)!, after };
  if (fault.slowdown !== undefined) return { ...window, kind: 'slowdown', factor: fault.slowdown };
  if (fault.invocations !== undefined) return { ...window, kind: 'invocations', count: fault.invocations, after };
  if (fault.poison !== undefined) return { ...window, kind: 'poison', target: poisonOf(fault.poison), after };
  return { ...window, kind: 'outage', after };
}

function poisonOf(poison: NonNullable<FaultDocument['poison']>): PoisonTarget {
  if (poison.key !== undefined) return { kind: 'key', key: poison.key };
  if (poison.oneIn !== undefined) return { kind: 'oneIn', n: poison.oneIn };
  return { kind: 'record', stream: poison.stream!, shard: poison.shard!, record: poison.record! };
}

function mappingOf(name: string, mapping: MappingDocument, start: number): MappingSettings {
  return {
    name,
    stream: mapping.stream,
    function: mapping.function,
    startingPosition: positionOf(mapping, start),
    enabled: mapping.Enabled,
    batchSize: mapping.BatchSize,
    maximumRetryAttempts: mapping.MaximumRetryAttempts,
    retryBackoff: mapping.retryBackoff === 'none' ? null : backoffOf(mapping.retryBackoff, mapping.retryBackoff.jitter),
    throttleBackoff: mapping.throttleBackoff === 'queue' ? null : backoffOf(mapping.throttleBackoff, '0%'),
    fetchLimit: mapping.fetchLimit === 'batchSize' ? 'batchSize' : 'records',
    iteratorAge: mapping.iteratorAge,
    transitions: whole(mapping.transitions),
  };
}

function positionOf(mapping: MappingDocument, start: number): StartingPosition {
  if (mapping.StartingPosition !== 'AT_TIMESTAMP') return { kind: mapping.StartingPosition };
  return { kind: 'AT_TIMESTAMP', timestamp: Math.round(mapping.StartingPositionTimestamp! * SECOND) - start };
}

function backoffOf(backoff: { initial: string; factor: number; maximum: string }, jitter: string): Backoff {
  return {
    initial: whole(backoff.initial),
    factor: backoff.factor,
    maximum: whole(backoff.maximum),
    jitter: shareOf(jitter)!,
  };
}

function thresholdOf(metric: string, expression: string): Threshold {
  const read = readMetric(metric);
  if (typeof read === 'string') throw new Error(read);
  const condition = readExpression(expression, read.unit);
  if (typeof condition === 'string') throw new Error(condition);
  const unit = condition.statistic.kind === 'count' ? 'Count' : read.unit;
  return { ...read, ...condition, unit, expression };
}

/** Whole microseconds. */
function whole(text: string): number {
  return Math.round(durationOf(text)!);
}
