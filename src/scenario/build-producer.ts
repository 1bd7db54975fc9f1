import { SECOND } from '../kernel/time.ts';
import { sizeLaw } from './build-law.ts';
import { countsOfCloudWatch } from './cloudwatch.ts';
import type { Path } from './document.ts';
import type { FileAccess } from './named-file.ts';
import { rateOf, shareOf, sizeOf, wholeDuration } from './quantity.ts';
import { hasStep } from './row-period.ts';
import type { ArrivalSource, DataLaw, JsonValue, KeyLaw, ListedRecords, Phase, ProducerSettings } from './scenario.ts';
import type { ProducerDocument } from './schema.ts';
import type { Counts } from './trace-files.ts';
import { countsOfCsv, recordsOfCsv } from './trace-files.ts';

export function producerOf(
  name: string,
  producer: ProducerDocument,
  duration: number,
  files: FileAccess,
): ProducerSettings {
  const path = ['producers', name];
  return {
    name,
    stream: producer.stream,
    source: sourceOf(producer, path, duration, files),
    arrivals: producer.arrivals,
    bytes:
      producer.data === undefined && producer.arrivalTimes?.bytes === undefined
        ? sizeLaw(producer.bytes, [...path, 'bytes'], files)
        : { kind: 'constant', value: 0 },
    data: dataOf(producer.data, path, files),
    keys: keysOf(producer.keys),
    onThrottle: producer.onThrottle,
  };
}

/** A column of a trace comes with its records. */
function dataOf(data: ProducerDocument['data'], path: Path, files: FileAccess): DataLaw | null {
  if (data?.template !== undefined) return { kind: 'template', template: data.template as JsonValue };
  if (data?.file === undefined) return null;
  const file = files.open(data.file, [...path, 'data', 'file']);
  const lines = (file?.text ?? '').split(/\r?\n/).filter((line) => line !== '');
  if (file !== null && lines.length === 0) file.report({ line: 1, column: 1 }, 'no lines; expected one record a line');
  return { kind: 'lines', lines };
}

function sourceOf(producer: ProducerDocument, path: Path, duration: number, files: FileAccess): ArrivalSource {
  const { rate, phases, trace, arrivalTimes, records } = producer;
  if (rate !== undefined) {
    const perSecond = rateOf(rate)!;
    return { kind: 'phases', phases: [{ name: null, duration, rate: perSecond, rampTo: perSecond }] };
  }
  if (phases !== undefined) return { kind: 'phases', phases: phases.map(phaseOfRate) };
  if (trace !== undefined) {
    const counts = countsOfTrace(trace, [...path, 'trace'], files);
    return { kind: 'counts', ...countsBefore(duration, counts, [...path, 'trace'], files) };
  }
  const place = [...path, arrivalTimes === undefined ? 'records' : 'arrivalTimes'];
  const listed =
    arrivalTimes === undefined
      ? writtenRecords(records!)
      : arrivals(arrivalTimes, producer.data?.column ?? null, place, files);
  return { kind: 'listed', records: recordsBefore(duration, listed, place, files) };
}

function phaseOfRate(phase: NonNullable<ProducerDocument['phases']>[number]): Phase {
  return {
    name: phase.name ?? null,
    duration: wholeDuration(phase.duration),
    rate: rateOf(phase.rate)!,
    rampTo: rateOf(phase.rampTo ?? phase.rate)!,
  };
}

const NO_COUNTS: Counts = { period: SECOND, starts: [], counts: [] };
const NO_RECORDS: ListedRecords = { times: [], keys: null, bytes: null, shards: null, data: null };

function countsOfTrace(trace: NonNullable<ProducerDocument['trace']>, path: Path, files: FileAccess): Counts {
  const file = files.open(trace.file, [...path, 'file']);
  if (file === null) return NO_COUNTS;
  const options = { period: trace.period === undefined ? null : wholeDuration(trace.period), scale: trace.scale ?? 1 };
  const isCloudWatch =
    trace.metric !== undefined ||
    (/\.json$/i.test(trace.file) && trace.time === undefined && trace.value === undefined);
  const counts = isCloudWatch
    ? countsOfCloudWatch(file, trace.metric ?? 'IncomingRecords', options)
    : countsOfCsv(file, { time: trace.time ?? 'timestamp', value: trace.value ?? 'value' }, options);
  if (counts === null) return NO_COUNTS;
  if (options.period === null && !hasStep(counts.starts, counts.period)) {
    const what = `no two rows of ${trace.file} are ${counts.period / SECOND} s apart, the longest period that all of them lie on`;
    files.warn(path, `${what}; period: ${counts.period / SECOND}s, or another, says what a row stands for`);
  }
  return counts;
}

/** What lies at or after the end of `duration` is not offered. */
function countsBefore(duration: number, counts: Counts, path: Path, files: FileAccess): Counts {
  const kept = firstAtOrAfter(duration, counts.starts);
  const rows = counts.starts.length - kept;
  const past = kept === 0 ? 0 : Math.max(0, counts.starts[kept - 1]! + counts.period - duration);
  const partly = past === 0 ? 0 : Math.round((counts.counts[kept - 1]! * past) / counts.period);
  if (partly > 0) {
    const what = `the last ${past / SECOND} s of row ${kept} (about ${partly} records)`;
    files.warn(path, `${what} lie after the end of duration and are not offered`);
  }
  if (rows === 0) return counts;
  const records = counts.counts.slice(kept).reduce((sum, count) => sum + count, 0);
  const what = `${rows} of ${counts.starts.length} rows (${records} records)`;
  files.warn(path, `${what} lie at or after the end of duration and are not offered`);
  return { ...counts, starts: counts.starts.slice(0, kept), counts: counts.counts.slice(0, kept) };
}

function recordsBefore(duration: number, listed: ListedRecords, path: Path, files: FileAccess): ListedRecords {
  const { times, keys, bytes, shards, data } = listed;
  const kept = firstAtOrAfter(duration, times);
  if (kept === times.length) return listed;
  const what = `${times.length - kept} of ${times.length} records`;
  files.warn(path, `${what} lie at or after the end of duration and are not offered`);
  return {
    times: times.slice(0, kept),
    keys: keys?.slice(0, kept) ?? null,
    bytes: bytes?.slice(0, kept) ?? null,
    shards: shards?.slice(0, kept) ?? null,
    data: data?.slice(0, kept) ?? null,
  };
}

/** Of times in order, the index of the first at or after `end`, or their number. */
function firstAtOrAfter(end: number, times: readonly number[]): number {
  const index = times.findIndex((time) => time >= end);
  return index < 0 ? times.length : index;
}

function arrivals(
  { file: name, time, key, bytes }: NonNullable<ProducerDocument['arrivalTimes']>,
  data: string | null,
  path: Path,
  files: FileAccess,
): ListedRecords {
  const file = files.open(name, [...path, 'file']);
  return (file && recordsOfCsv(file, { time, key: key ?? null, bytes: bytes ?? null, data })) ?? NO_RECORDS;
}

function writtenRecords(records: NonNullable<ProducerDocument['records']>): ListedRecords {
  const rows = records.map((record) => ({ ...record, at: wholeDuration(record.at) })).sort((a, b) => a.at - b.at);
  const column = <T>(take: (row: (typeof rows)[number]) => T): T[] => {
    const values: T[] = [];
    for (const row of rows) {
      const value = take(row);
      for (let i = row.count ?? 1; i > 0; i--) values.push(value);
    }
    return values;
  };
  const has = (key: 'key' | 'bytes' | 'shard') => rows.some((row) => row[key] !== undefined);
  return {
    times: column(({ at }) => at),
    keys: has('key') ? column(({ key }) => key ?? null) : null,
    bytes: has('bytes') ? column(({ bytes }) => (bytes === undefined ? null : Math.round(sizeOf(bytes)!))) : null,
    shards: has('shard') ? column(({ shard }) => shard ?? null) : null,
    data: null,
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
