import type { Path } from './document.ts';
import { compilePattern } from './event-pattern.ts';
import type { Fields, Finding } from './finding.ts';
import { durationIn, entries, fields, isFields, list, thing, unknownName } from './finding.ts';
import { DURATION_PARTS } from './function-findings.ts';
import { didYouMean } from './issue.ts';
import { durationOf, shareOf } from './quantity.ts';
import { STREAM_VERBS } from './stream-changes.ts';
import { wallTimeOf } from './wall-time.ts';

export function mappingFindings(root: Fields): Finding[] {
  const found: Finding[] = [];
  const pairs = new Map<string, string>();
  for (const [name, mapping] of entries(root, 'mappings')) {
    const path = ['mappings', name];
    found.push(...sourceFindings(mapping, path, root));
    found.push(...unknownName(root, 'functions', mapping.function, [...path, 'function']));
    found.push(...twinFindings(mapping, path, pairs), ...positionFindings(mapping, path, root));
    found.push(...waitFindings(mapping, path), ...endlessRetries(mapping, path, root));
    found.push(...filterFindings(mapping, path, root));
  }
  return found;
}

/** A stream, or one of its consumers. */
function sourceFindings({ stream, consumer }: Fields, path: Path, root: Fields): Finding[] {
  if (stream === undefined && consumer === undefined)
    return [{ path, message: 'needs a stream, or a consumer of one' }];
  if (consumer === undefined) return unknownName(root, 'streams', stream, [...path, 'stream']);
  const place = [...path, 'consumer'];
  if (stream !== undefined) {
    return [{ path: place, message: 'names its stream already; leave out stream, or the consumer' }];
  }
  const slash = typeof consumer === 'string' ? consumer.lastIndexOf('/') : -1;
  if (typeof consumer !== 'string' || slash < 1) return [];
  const streamName = consumer.slice(0, slash);
  const unknown = unknownName(root, 'streams', streamName, place);
  if (unknown.length > 0) return unknown;
  const names = list(thing(root, 'streams', streamName).consumers).filter((name) => typeof name === 'string');
  const name = consumer.slice(slash + 1);
  if (names.includes(name)) return [];
  const known = names.length === 0 ? 'it has none' : `expected one of ${names.join(', ')}`;
  return [
    { path: place, message: `unknown consumer '${name}' of stream ${streamName}; ${known}${didYouMean(name, names)}` },
  ];
}

/** A1: one mapping of a stream, or of a consumer, to a function. */
function twinFindings(mapping: Fields, path: Path, pairs: Map<string, string>): Finding[] {
  const source = mapping.stream ?? mapping.consumer;
  if (typeof source !== 'string' || typeof mapping.function !== 'string') return [];
  const pair = JSON.stringify([source, mapping.function]);
  const twin = pairs.get(pair);
  if (twin === undefined) {
    pairs.set(pair, String(path.at(-1)));
    return [];
  }
  const message = `mapping '${twin}' brings this stream to this function already; AWS refuses a second one (ResourceConflictException)`;
  return [{ path: [...path, 'function'], message }];
}

/** P8 */
function positionFindings(mapping: Fields, path: Path, root: Fields): Finding[] {
  const { StartingPosition: position, StartingPositionTimestamp: timestamp } = mapping;
  if (position === 'AT_TIMESTAMP' && timestamp === undefined) {
    const message = 'AT_TIMESTAMP needs StartingPositionTimestamp, in Unix seconds';
    return [{ path: [...path, 'StartingPosition'], message }];
  }
  if (timestamp === undefined) return [];
  const place = [...path, 'StartingPositionTimestamp'];
  if (position !== 'AT_TIMESTAMP') {
    return position === undefined ? [] : [{ path: place, message: 'only AT_TIMESTAMP takes a timestamp' }];
  }
  const start = typeof root.start === 'string' ? wallTimeOf(root.start) : 0;
  if (typeof timestamp === 'number' && start !== null && timestamp * 1e6 > start) {
    const message = `must not be in the future; expected at most ${start / 1e6}, the start of the run, got ${timestamp}`;
    return [{ path: place, message }];
  }
  return [];
}

/** P10 */
function filterFindings(mapping: Fields, path: Path, root: Fields): Finding[] {
  const stream = typeof mapping.stream === 'string' ? mapping.stream : String(mapping.consumer).replace(/\/[^/]*$/, '');
  const blind = entries(root, 'producers').find(
    ([, producer]) => producer.stream === stream && producer.data === undefined,
  );
  return list(fields(mapping.FilterCriteria).Filters).flatMap((filter, index): Finding[] => {
    const { Pattern: pattern } = fields(filter);
    if (typeof pattern !== 'string') return [];
    const place = [...path, 'FilterCriteria', 'Filters', index, 'Pattern'];
    const problem = compilePattern(pattern);
    if (typeof problem === 'string') return [{ path: place, message: problem }];
    if (blind === undefined || !looksAtData(JSON.parse(pattern))) return [];
    const message = `looks at data, but the records of producers.${blind[0]} hold none; give it data, or leave data out of the pattern`;
    return [{ path: place, message }];
  });
}

function looksAtData(pattern: unknown): boolean {
  const { data, $or: alternatives } = fields(pattern);
  return data !== undefined || list(alternatives).some(looksAtData);
}

/** D6: a throttle always waits. And no wait is longer than the longest. */
function waitFindings(mapping: Fields, path: Path): Finding[] {
  const found: Finding[] = [];
  for (const key of ['retryBackoff', 'throttleBackoff']) {
    const backoff = fields(mapping[key]);
    const initial = durationIn(backoff, 'initial');
    const maximum = durationIn(backoff, 'maximum');
    if (key === 'throttleBackoff' && initial !== null && initial < 1) {
      found.push({ path: [...path, key, 'initial'], message: 'a throttle always waits; expected a duration above 0s' });
    }
    if (maximum !== null && maximum < (initial ?? 0)) {
      found.push({ path: [...path, key, 'maximum'], message: 'expected at least initial' });
    }
  }
  return found;
}

/** D6: where nothing takes time, a batch that always fails never lets the clock go on. */
function endlessRetries(mapping: Fields, path: Path, root: Fields): Finding[] {
  const { retryBackoff, MaximumRetryAttempts = -1 } = mapping;
  if (MaximumRetryAttempts !== -1 || !isAtOnce(retryBackoff)) return [];
  const target = thing(root, 'functions', mapping.function);
  const fails = list(target.faults).some((item) => {
    const fault = fields(item);
    return failsAlways(fault) && takesNoTime(fault, target.duration);
  });
  if (!fails) return [];
  const message =
    'with a duration of 0 and endless retries a failing batch would be tried again forever at one instant; expected a backoff, a duration, or MaximumRetryAttempts';
  return [{ path: [...path, 'retryBackoff'], message }];
}

function isAtOnce(backoff: unknown): boolean {
  return backoff === 'none' || durationIn(fields(backoff), 'initial') === 0;
}

function failsAlways(fault: Fields): boolean {
  if (fault.slowdown !== undefined || fault.invocations !== undefined) return false;
  const { probability } = fault;
  return probability === undefined || (typeof probability === 'string' && shareOf(probability) === 1);
}

function takesNoTime(fault: Fields, duration: unknown): boolean {
  if (fault.after !== undefined) return durationIn(fault, 'after') === 0;
  if (!isFields(duration)) return isZero(duration);
  const parts = DURATION_PARTS.filter((part) => duration[part] !== undefined);
  return parts.length > 0 && parts.every((part) => isZero(duration[part]));
}

function isZero(duration: unknown): boolean {
  return typeof duration === 'string' && durationOf(duration) === 0;
}

const MAPPING_VERBS: readonly string[] = ['enable', 'disable'];

export function timelineFindings(root: Fields): Finding[] {
  return list(root.timeline).flatMap((item, index): Finding[] => {
    if (!isFields(item)) return [];
    const path = ['timeline', index];
    const verbs = [...MAPPING_VERBS, ...STREAM_VERBS].filter((verb) => item[verb] !== undefined);
    const verb = verbs[0]!;
    if (verbs.length !== 1) {
      return [{ path, message: `expected exactly one of ${[...MAPPING_VERBS, ...STREAM_VERBS].join(', ')}` }];
    }
    const found = MAPPING_VERBS.includes(verb) ? unknownName(root, 'mappings', item[verb], [...path, verb]) : [];
    const at = durationIn(item, 'at');
    const end = (durationIn(root, 'duration') ?? Number.POSITIVE_INFINITY) + (durationIn(root, 'drain') ?? 0);
    if (at !== null && at >= end) {
      found.push({ path: [...path, 'at'], message: 'the run ends before this', severity: 'warning' });
    }
    return found;
  });
}
