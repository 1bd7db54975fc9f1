import type { Path } from './document.ts';
import { didYouMean } from './issue.ts';
import { durationOf } from './quantity.ts';
import { readExpression, readMetric } from './threshold.ts';
import { wallTimeOf } from './wall-time.ts';

/** A problem of a scenario that its form alone does not show, with its place. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly severity?: 'warning';
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Whether the parts of a scenario fit together. It looks at the data as written, so that it can be run beside the check
 * of the form and all problems come at once; what is not of the expected form it passes over.
 */
export function findings(raw: unknown): Finding[] {
  const root = fields(raw);
  return [
    ...times(root),
    ...entries(root, 'streams').flatMap(([name, stream]) => streamFindings(name, stream)),
    ...entries(root, 'producers').flatMap(([name, producer]) => producerFindings(name, producer, root)),
    ...reservedConcurrency(root),
    ...entries(root, 'functions').flatMap(([name, target]) => functionFindings(name, target, root)),
    ...mappingFindings(root),
    ...timelineFindings(root),
    ...thresholdFindings(root),
  ];
}

function times(root: Fields): Finding[] {
  const duration = durationIn(root, 'duration');
  const warmup = durationIn(root, 'warmup') ?? 0;
  const found: Finding[] = [];
  if (duration === 0) found.push({ path: ['duration'], message: 'expected a duration above 0s' });
  if (duration !== null && duration > 0 && warmup >= duration) {
    found.push({ path: ['warmup'], message: 'the warm-up must end before the run; expected less than duration' });
  }
  for (const path of [['period'], ['polling', 'period']]) {
    const value = path.length === 1 ? root.period : fields(root.polling).period;
    const period = typeof value === 'string' ? durationOf(value) : null;
    if (period !== null && (period < 1_000 || !Number.isInteger(period))) {
      found.push({ path, message: 'expected a period of at least 1ms' });
    }
  }
  if (typeof root.start === 'string' && wallTimeOf(root.start) === null) {
    found.push({ path: ['start'], message: 'expected a time in ISO 8601, such as 2026-01-05T09:00:00Z' });
  }
  return found;
}

function streamFindings(name: string, stream: Fields): Finding[] {
  const path = ['streams', name];
  const { ShardCount, shards } = stream;
  if (ShardCount === undefined && shards === undefined) return [{ path, message: 'expected ShardCount or shards' }];
  if (ShardCount !== undefined && shards !== undefined) {
    return [{ path: [...path, 'shards'], message: 'expected either ShardCount or shards, not both' }];
  }
  if (!Array.isArray(shards)) return [];
  let next = 0n;
  for (const [index, shard] of shards.entries()) {
    const { StartingHashKey: start, EndingHashKey: end } = fields(shard);
    if (!isHashKey(start) || !isHashKey(end)) return [];
    if (BigInt(start) !== next || BigInt(end) < BigInt(start)) {
      const message = `the ranges must follow one another without a gap; expected StartingHashKey ${next} and an end at or past it`;
      return [{ path: [...path, 'shards', index], message }];
    }
    next = BigInt(end) + 1n;
  }
  if (next === 2n ** 128n) return [];
  return [
    {
      path: [...path, 'shards', shards.length - 1],
      message: `the ranges must cover the whole space; expected the last EndingHashKey to be ${2n ** 128n - 1n}`,
    },
  ];
}

const SOURCES = ['rate', 'phases', 'trace', 'arrivalTimes', 'records'];

function producerFindings(name: string, producer: Fields, root: Fields): Finding[] {
  const path = ['producers', name];
  const found: Finding[] = [...unknownName(root, 'streams', producer.stream, [...path, 'stream'])];
  const sources = SOURCES.filter((source) => producer[source] !== undefined);
  if (sources.length === 0) found.push({ path, message: `expected exactly one of ${SOURCES.join(', ')}` });
  for (const source of sources.slice(1)) {
    found.push({
      path: [...path, source],
      message: `expected exactly one of ${SOURCES.join(', ')}, and ${sources[0]} is given`,
    });
  }
  if (producer.arrivals === 'even' && (sources[0] === 'records' || sources[0] === 'arrivalTimes')) {
    found.push({
      path: [...path, 'arrivals'],
      message: `${sources[0]} says itself when records arrive; leave arrivals out`,
    });
  }
  found.push(...keyFindings(producer.keys, [...path, 'keys']), ...lawFindings(producer.bytes, [...path, 'bytes']));
  const trace = fields(producer.trace);
  if (trace.metric !== undefined && (trace.time !== undefined || trace.value !== undefined)) {
    found.push({
      path: [...path, 'trace'],
      message: 'expected time and value for a CSV file, or metric for a CloudWatch answer, not both',
    });
  }
  const shards = shardCount(root, producer.stream);
  for (const [index, record] of list(producer.records).entries()) {
    const { shard, key } = fields(record);
    const place = [...path, 'records', index];
    if (shard !== undefined && key !== undefined)
      found.push({ path: [...place, 'shard'], message: 'the key decides the shard; expected one of key and shard' });
    if (typeof shard === 'number' && shards !== null && shards > 0 && shard >= shards) {
      found.push({ path: [...place, 'shard'], message: `expected a shard from 0 to ${shards - 1}` });
    }
  }
  return found;
}

function keyFindings(keys: unknown, path: Path): Finding[] {
  if (keys === undefined || !isFields(keys)) return [];
  const forms = ['zipf', 'hot', 'list'].filter((form) => keys[form] !== undefined);
  const isPlain = forms.length === 0 && keys.count !== undefined;
  const isHot = forms.length === 1 && forms[0] === 'hot' && keys.count !== undefined;
  const isOther = forms.length === 1 && forms[0] !== 'hot' && keys.count === undefined;
  if (isPlain || isHot || isOther) return [];
  return [
    {
      path,
      message:
        'expected exactly one of { count }, { zipf: { count, exponent } }, { hot: { key, share }, count }, { list }',
    },
  ];
}

const LAWS = ['uniform', 'exponential', 'lognormal', 'weibull', 'empirical'];

function lawFindings(value: unknown, path: Path): Finding[] {
  if (!isFields(value)) return [];
  const given = LAWS.filter((law) => value[law] !== undefined);
  if (given.length === 1) return [];
  return [{ path, message: `expected exactly one of ${LAWS.join(', ')}` }];
}

const UNRESERVED = 100; // L1: what has to be left for functions without a reserved part

function reservedConcurrency(root: Fields): Finding[] {
  const { ConcurrentExecutions = 1_000 } = fields(root.account);
  if (typeof ConcurrentExecutions !== 'number') return [];
  let sum = 0;
  for (const [name, { ReservedConcurrentExecutions: reserved }] of entries(root, 'functions')) {
    if (typeof reserved !== 'number') continue;
    sum += reserved;
    if (reserved === 0 || sum <= ConcurrentExecutions - UNRESERVED) continue;
    const left = Math.max(0, ConcurrentExecutions - UNRESERVED - (sum - reserved));
    return [
      {
        path: ['functions', name, 'ReservedConcurrentExecutions'],
        message: `at least ${UNRESERVED} of the account's ${ConcurrentExecutions} must stay unreserved; expected at most ${left}`,
      },
    ];
  }
  return [];
}

function functionFindings(name: string, target: Fields, root: Fields): Finding[] {
  const path = ['functions', name];
  const found: Finding[] = [...lawFindings(target.coldStart, [...path, 'coldStart'])];
  const { duration } = target;
  if (isFields(duration)) {
    const parts = ['base', 'perRecord', 'perKB'].filter((part) => duration[part] !== undefined);
    if (parts.length === 0) found.push(...lawFindings(duration, [...path, 'duration']));
    else if (LAWS.some((law) => duration[law] !== undefined)) {
      found.push({
        path: [...path, 'duration'],
        message: 'expected base, perRecord and perKB, or one distribution, not both',
      });
    }
    for (const part of parts) found.push(...lawFindings(duration[part], [...path, 'duration', part]));
  }
  for (const [index, fault] of list(target.faults).entries()) {
    found.push(...faultFindings(fields(fault), [...path, 'faults', index], name, root));
  }
  return found;
}

const FAULTS = ['probability', 'slowdown', 'poison', 'invocations'];

function faultFindings(fault: Fields, path: Path, name: string, root: Fields): Finding[] {
  const found: Finding[] = [];
  const kinds = FAULTS.filter((kind) => fault[kind] !== undefined);
  if (kinds.length > 1)
    found.push({
      path: [...path, kinds[1]!],
      message: `a fault has one kind; expected exactly one of ${FAULTS.join(', ')}, and ${kinds[0]} is given`,
    });
  const hasWindow = ['from', 'to', 'until'].some((key) => fault[key] !== undefined);
  if (kinds.length === 0 && !hasWindow)
    found.push({ path, message: `expected one of ${FAULTS.join(', ')}, or from and to for an outage` });
  if (fault.to !== undefined && fault.until !== undefined)
    found.push({ path: [...path, 'until'], message: 'until means the same as to; expected one of them' });
  const from = durationIn(fault, 'from') ?? 0;
  const to = durationIn(fault, 'to') ?? durationIn(fault, 'until');
  if (to !== null && to <= from)
    found.push({ path: [...path, fault.to === undefined ? 'until' : 'to'], message: 'expected an end after from' });
  if (fault.slowdown !== undefined && fault.after !== undefined)
    found.push({ path: [...path, 'after'], message: 'a slowdown fails nothing; leave after out' });
  if (isFields(fault.poison)) found.push(...poisonFindings(fault.poison, [...path, 'poison'], name, root));
  return found;
}

function poisonFindings(poison: Fields, path: Path, name: string, root: Fields): Finding[] {
  const { stream, shard, record, key, oneIn } = poison;
  const isRecord = stream !== undefined || shard !== undefined || record !== undefined;
  const forms = [isRecord, key !== undefined, oneIn !== undefined].filter(Boolean).length;
  if (forms !== 1) return [{ path, message: 'expected exactly one of { stream, shard, record }, { key }, { oneIn }' }];
  if (!isRecord) return [];
  const missing = Object.entries({ stream, shard, record }).filter(([, value]) => value === undefined);
  if (missing.length > 0)
    return [{ path, message: `${missing[0]![0]} is missing; expected { stream, shard, record }` }];
  const found = unknownName(root, 'streams', stream, [...path, 'stream']);
  if (found.length > 0) return found;
  const reads = entries(root, 'mappings').some(([, mapping]) => mapping.function === name && mapping.stream === stream);
  if (!reads)
    found.push({ path: [...path, 'stream'], message: `no mapping brings records of '${String(stream)}' to ${name}` });
  const shards = shardCount(root, stream);
  if (typeof shard === 'number' && shards !== null && shards > 0 && shard >= shards) {
    found.push({ path: [...path, 'shard'], message: `expected a shard from 0 to ${shards - 1}` });
  }
  return found;
}

function mappingFindings(root: Fields): Finding[] {
  const found: Finding[] = [];
  const pairs = new Map<string, string>();
  for (const [name, mapping] of entries(root, 'mappings')) {
    const path = ['mappings', name];
    found.push(...unknownName(root, 'streams', mapping.stream, [...path, 'stream']));
    found.push(...unknownName(root, 'functions', mapping.function, [...path, 'function']));
    const pair = JSON.stringify([mapping.stream, mapping.function]);
    const twin = pairs.get(pair);
    if (twin !== undefined)
      found.push({
        path: [...path, 'function'],
        message: `mapping '${twin}' brings this stream to this function already; AWS refuses a second one (ResourceConflictException)`,
      });
    pairs.set(pair, name);
    found.push(...positionFindings(mapping, path, root), ...endlessRetries(mapping, path, root));
  }
  return found;
}

function positionFindings(mapping: Fields, path: Path, root: Fields): Finding[] {
  const { StartingPosition: position, StartingPositionTimestamp: timestamp } = mapping;
  if (position === 'AT_TIMESTAMP' && timestamp === undefined) {
    return [{ path, message: 'AT_TIMESTAMP needs StartingPositionTimestamp, in Unix seconds' }];
  }
  if (timestamp === undefined) return [];
  const place = [...path, 'StartingPositionTimestamp'];
  if (position !== 'AT_TIMESTAMP') return [{ path: place, message: 'only AT_TIMESTAMP takes a timestamp' }];
  const start = typeof root.start === 'string' ? wallTimeOf(root.start) : 0;
  if (typeof timestamp === 'number' && start !== null && timestamp * 1e6 > start) {
    return [
      { path: place, message: `must not be in the future; expected at most ${start / 1e6}, the start of the run` },
    ];
  }
  return [];
}

/** D6: without a duration and a backoff, a batch that always fails never lets the clock go on. */
function endlessRetries(mapping: Fields, path: Path, root: Fields): Finding[] {
  const { retryBackoff, MaximumRetryAttempts = -1 } = mapping;
  const target = fields(fields(root.functions)[String(mapping.function)]);
  const isInstant = typeof target.duration === 'string' && durationOf(target.duration) === 0;
  if (retryBackoff !== 'none' || MaximumRetryAttempts !== -1 || !isInstant) return [];
  const fails = list(target.faults).some((fault) => {
    const { after, slowdown, probability } = fields(fault);
    return (
      slowdown === undefined &&
      probability === undefined &&
      (after === undefined || durationIn(fields(fault), 'after') === 0)
    );
  });
  if (!fails) return [];
  return [
    {
      path: [...path, 'retryBackoff'],
      message:
        'with a duration of 0 and endless retries a failing batch would be tried again forever at one instant; expected a backoff, a duration, or MaximumRetryAttempts',
    },
  ];
}

function timelineFindings(root: Fields): Finding[] {
  return list(root.timeline).flatMap((item, index): Finding[] => {
    const entry = fields(item);
    const path = ['timeline', index];
    const verbs = ['enable', 'disable'].filter((verb) => entry[verb] !== undefined);
    const later = ['update', 'create', 'delete', 'split', 'merge', 'reshard'].some((verb) => entry[verb] !== undefined);
    if (verbs.length !== 1)
      return later || !isFields(item) ? [] : [{ path, message: 'expected exactly one of enable, disable' }];
    const found = unknownName(root, 'mappings', entry[verbs[0]!], [...path, verbs[0]!]);
    const at = durationIn(entry, 'at');
    const end = (durationIn(root, 'duration') ?? Number.POSITIVE_INFINITY) + (durationIn(root, 'drain') ?? 0);
    if (at !== null && at >= end)
      found.push({ path: [...path, 'at'], message: 'the run ends before this', severity: 'warning' });
    return found;
  });
}

function thresholdFindings(root: Fields): Finding[] {
  return Object.entries(fields(root.thresholds)).flatMap(([metric, expressions]): Finding[] => {
    const path = ['thresholds', metric];
    const read = readMetric(metric);
    if (typeof read === 'string') return [{ path, message: read }];
    const section = read.selector === null ? null : (`${read.selector.by}s` as 'mappings');
    const found = section === null ? [] : unknownName(root, section, read.selector!.value, path);
    for (const [index, expression] of list(expressions).entries()) {
      if (typeof expression !== 'string') continue;
      const condition = readExpression(expression, read.unit);
      if (typeof condition === 'string') found.push({ path: [...path, index], message: condition });
    }
    return found;
  });
}

function unknownName(root: Fields, section: string, name: unknown, path: Path): Finding[] {
  if (typeof name !== 'string' || !isFields(root[section])) return [];
  const names = Object.keys(root[section]);
  if (names.includes(name)) return [];
  const known = names.length === 0 ? `there are no ${section}` : `expected one of ${names.slice(0, 8).join(', ')}`;
  return [{ path, message: `unknown ${section.slice(0, -1)} '${name}'; ${known}${didYouMean(name, names)}` }];
}

/** Null where the stream, or its number of shards, is not known. */
function shardCount(root: Fields, stream: unknown): number | null {
  const { ShardCount, shards } = fields(fields(root.streams)[String(stream)]);
  if (Array.isArray(shards)) return shards.length;
  return typeof ShardCount === 'number' ? ShardCount : null;
}

function durationIn(parent: Fields, key: string): number | null {
  const value = parent[key];
  return typeof value === 'string' ? durationOf(value) : null;
}

function entries(root: Fields, section: string): [string, Fields][] {
  return Object.entries(fields(root[section])).filter((entry): entry is [string, Fields] => isFields(entry[1]));
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isHashKey(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,39}$/.test(value);
}
