import { SECOND } from '../kernel/time.ts';
import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { durationIn, fields, isFields, list, shardCount, thing, unknownName } from './finding.ts';
import { lawFindings } from './law-findings.ts';
import { templateFindings } from './placeholders.ts';
import { sizeOf } from './quantity.ts';

export function streamFindings(name: string, stream: Fields): Finding[] {
  const path = ['streams', name];
  const { ShardCount, shards, StreamMode } = stream;
  if (ShardCount === undefined && shards === undefined && StreamMode !== 'ON_DEMAND')
    return [{ path, message: 'expected ShardCount or shards' }];
  if (ShardCount !== undefined && shards !== undefined) {
    return [{ path: [...path, 'shards'], message: 'expected either ShardCount or shards, not both' }];
  }
  return rangeFindings(list(shards), [...path, 'shards']);
}

const SPACE = 2n ** 128n; // K1

/** The ranges must be the whole hash-key space, each hash key once. */
function rangeFindings(shards: readonly unknown[], path: Path): Finding[] {
  let next = 0n;
  for (const [index, shard] of shards.entries()) {
    const { StartingHashKey: start, EndingHashKey: end } = fields(shard);
    if (!isHashKey(start) || !isHashKey(end)) return [];
    if (BigInt(start) !== next) {
      const message = `the ranges must follow one another without a gap; expected '${next}', got '${start}'`;
      return [{ path: [...path, index, 'StartingHashKey'], message }];
    }
    if (BigInt(end) < next || BigInt(end) >= SPACE) {
      const message = `expected a hash key from '${next}' to '${SPACE - 1n}', got '${end}'`;
      return [{ path: [...path, index, 'EndingHashKey'], message }];
    }
    next = BigInt(end) + 1n;
    if (next === SPACE && index < shards.length - 1) {
      return [{ path: [...path, index + 1], message: 'the shards before it hold the whole space already' }];
    }
  }
  if (shards.length === 0 || next === SPACE) return [];
  const last = [...path, shards.length - 1, 'EndingHashKey'];
  return [{ path: last, message: `the ranges must cover the whole space; expected '${SPACE - 1n}' at the end` }];
}

function isHashKey(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,39}$/.test(value);
}

function dataFindings(producer: Fields, path: Path): Finding[] {
  const { data } = producer;
  if (!isFields(data)) return [];
  const given = ['template', 'file', 'column'].filter((key) => data[key] !== undefined);
  const place = [...path, 'data'];
  if (given.length !== 1) return [{ path: place, message: 'expected exactly one of template, file, column' }];
  const found = templateFindings(data.template, [...place, 'template']);
  if (data.column !== undefined && producer.arrivalTimes === undefined) {
    found.push({ path: [...place, 'column'], message: 'only the file of arrivalTimes has columns' });
  }
  if (producer.bytes !== undefined) {
    found.push({ path: [...path, 'bytes'], message: 'bytes follow from data; leave one of them out' });
  }
  return found;
}

const SOURCES = ['rate', 'phases', 'trace', 'arrivalTimes', 'records'];

export function producerFindings(name: string, producer: Fields, root: Fields): Finding[] {
  const path = ['producers', name];
  return [
    ...unknownName(root, 'streams', producer.stream, [...path, 'stream']),
    ...sourceFindings(producer, path),
    ...dataFindings(producer, path),
    ...keyFindings(producer, path),
    ...lawFindings(producer.bytes, sizeOf, [...path, 'bytes']),
    ...sizeFindings(producer, path, root),
    ...columnFindings(producer, path),
    ...phaseFindings(producer, path, root),
    ...recordFindings(producer, path, root),
  ];
}

function sourceFindings(producer: Fields, path: Path): Finding[] {
  const given = SOURCES.filter((source) => producer[source] !== undefined);
  const [first] = given;
  const expected = `expected exactly one of ${SOURCES.join(', ')}`;
  if (first === undefined) return [{ path, message: expected }];
  const found = given
    .slice(1)
    .map((source): Finding => ({ path: [...path, source], message: `${expected}, and ${first} is given` }));
  if (producer.arrivals === 'even' && (first === 'records' || first === 'arrivalTimes')) {
    found.push({
      path: [...path, 'arrivals'],
      message: `${first} says itself when records arrive; leave arrivals out`,
    });
  }
  const { metric, time, value } = fields(producer.trace);
  if (metric !== undefined && (time !== undefined || value !== undefined)) {
    found.push({
      path: [...path, 'trace', 'metric'],
      message: 'expected time and value for a CSV file, or metric for a CloudWatch answer, not both',
    });
  }
  if (durationIn(fields(producer.trace), 'period') === 0) {
    found.push({ path: [...path, 'trace', 'period'], message: 'expected a period above 0s' });
  }
  return found;
}

function keyFindings(producer: Fields, path: Path): Finding[] {
  const { keys } = producer;
  if (!isFields(keys)) return [];
  const place = [...path, 'keys'];
  if (fields(producer.arrivalTimes).key !== undefined) {
    return [{ path: place, message: 'a column of the file holds the keys; expected either keys or arrivalTimes.key' }];
  }
  const forms = ['zipf', 'hot', 'list'].filter((form) => keys[form] !== undefined);
  const hasCount = keys.count !== undefined;
  const isWhole = forms.length === 0 ? hasCount : forms.length === 1 && hasCount === (forms[0] === 'hot');
  if (isWhole) return [];
  const message =
    'expected exactly one of { count }, { zipf: { count, exponent } }, { hot: { key, share }, count }, { list }';
  return [{ path: place, message }];
}

function columnFindings(producer: Fields, path: Path): Finding[] {
  if (producer.bytes === undefined || fields(producer.arrivalTimes).bytes === undefined) return [];
  const message = 'a column of the file holds the sizes; expected either bytes or arrivalTimes.bytes';
  return [{ path: [...path, 'bytes'], message }];
}

const KIBIBYTE = 1_024;

/** K3: such a record is refused, and counted. */
function sizeFindings(producer: Fields, path: Path, root: Fields): Finding[] {
  const { MaxRecordSizeInKiB: most = KIBIBYTE, writeLimits } = thing(root, 'streams', producer.stream);
  if (typeof most !== 'number' || writeLimits === 'off' || writeLimits === false) return [];
  const places: [Path, unknown][] = [
    [[...path, 'bytes'], producer.bytes],
    ...list(producer.records).map((record, i): [Path, unknown] => [
      [...path, 'records', i, 'bytes'],
      fields(record).bytes,
    ]),
  ];
  return places.flatMap(([place, bytes]) => {
    const size = typeof bytes === 'string' ? sizeOf(bytes) : null;
    if (size === null || size <= most * KIBIBYTE) return [];
    const message = `larger than MaxRecordSizeInKiB of the stream (${most}), which refuses it`;
    return [{ path: place, message, severity: 'warning' }];
  });
}

function phaseFindings(producer: Fields, path: Path, root: Fields): Finding[] {
  const end = durationIn(root, 'duration');
  let start = 0;
  return list(producer.phases).flatMap((phase, index): Finding[] => {
    const place = [...path, 'phases', index];
    const length = durationIn(fields(phase), 'duration');
    const isLate = end !== null && start >= end;
    start += length ?? 0;
    if (length === 0) return [{ path: [...place, 'duration'], message: 'expected a duration above 0s' }];
    if (end === null || start <= end) return [];
    const message = isLate
      ? 'lies after the end of duration and is not offered'
      : `its last ${(start - end) / SECOND} s lie after the end of duration and are not offered`;
    return [{ path: place, message, severity: 'warning' }];
  });
}

function recordFindings(producer: Fields, path: Path, root: Fields): Finding[] {
  const shards = shardCount(root, producer.stream);
  let total = 0;
  const found = list(producer.records).flatMap((record, index): Finding[] => {
    const { shard, count } = fields(record);
    const place = [...path, 'records', index, 'shard'];
    total += typeof count === 'number' ? count : 1;
    if (typeof shard !== 'number' || shards === null || shard < shards) return [];
    return [{ path: place, message: `expected a shard from 0 to ${shards - 1}, got ${shard}` }];
  });
  if (total <= MOST_LISTED) return found;
  return [
    ...found,
    { path: [...path, 'records'], message: `${total} records; expected at most 10,000,000 written out` },
  ];
}

const MOST_LISTED = 10_000_000; // they stand in memory; rates and traces do not
