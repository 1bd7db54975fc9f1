import type { Path } from './document.ts';
import { compilePattern } from './event-pattern.ts';
import type { Fields, Finding } from './finding.ts';
import {
  allMappings,
  durationIn,
  entries,
  fields,
  inOrderOfTime,
  isFields,
  list,
  thing,
  unknownName,
} from './finding.ts';
import { DURATION_PARTS } from './function-findings.ts';
import { didYouMean } from './issue.ts';
import { durationOf, shareOf } from './quantity.ts';
import { cannotAccess, missingActions } from './role.ts';
import { wallTimeOf } from './wall-time.ts';

export function mappingFindings(root: Fields): Finding[] {
  const found: Finding[] = [];
  const pairs = new Map<string, string>();
  for (const { name, mapping, path, entry } of allMappings(root)) {
    const ofSource = sourceFindings(mapping, path, root);
    found.push(...(entry === null ? ofSource : ofSource.map((finding) => asAnswered(finding, mapping, root))));
    found.push(...unknownName(root, 'functions', mapping.function, [...path, 'function']));
    if (entry === null) found.push(...twinFindings(name, mapping, path, pairs), ...roleFindings(mapping, root));
    found.push(...positionFindings(mapping, path, creationOf(entry, root), root));
    found.push(...waitFindings(mapping, path), ...endlessRetries(name, mapping, path, root));
    found.push(...filterFindings(mapping, path, root), ...tumblingFindings(mapping, path));
  }
  found.push(...tumblingUpdateFindings(root));
  return found;
}

/** Microseconds after the start of the run. */
function creationOf(entry: number | null, root: Fields): number {
  return entry === null ? 0 : (durationIn(fields(list(root.timeline)[entry]), 'at') ?? 0);
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

/** What AWS answers to a call for a stream that there is not. */
function asAnswered(finding: Finding, { stream }: Fields, root: Fields): Finding {
  if (typeof stream !== 'string' || !finding.message.startsWith('unknown stream')) return finding;
  return { ...finding, message: `${finding.message}; AWS answers 'Stream not found: ${arnOf(stream, root)}'` };
}

function arnOf(stream: string, root: Fields): string {
  const { id = '123456789012', region = 'us-east-1' } = fields(root.account);
  return `arn:aws:kinesis:${String(region)}:${String(id)}:stream/${stream}`;
}

/** A3 */
function roleFindings(mapping: Fields, root: Fields): Finding[] {
  const { Role: role } = thing(root, 'functions', mapping.function);
  const { stream, consumer } = mapping;
  const source = stream ?? consumer;
  if (!Array.isArray(role) || typeof source !== 'string') return [];
  const missing = missingActions(
    role.filter((grant) => typeof grant === 'string'),
    consumer !== undefined,
  );
  if (missing.length === 0) return [];
  const lacking = `the role lacks ${missing.join(', ')}`;
  const name = stream === undefined ? source.slice(0, source.lastIndexOf('/')) : source;
  const message = `${cannotAccess(arnOf(name, root))} (InvalidParameterValueException: ${lacking})`;
  return [{ path: ['functions', String(mapping.function), 'Role'], message }];
}

/** A1: one mapping of a stream to a function; and one that reads as a consumer (K8). */
function twinFindings(name: string, mapping: Fields, path: Path, pairs: Map<string, string>): Finding[] {
  const { consumer } = mapping;
  const source = mapping.stream ?? consumer;
  if (typeof source !== 'string' || typeof mapping.function !== 'string') return [];
  const pair = JSON.stringify([source, consumer === undefined ? mapping.function : null]);
  const twin = pairs.get(pair);
  if (twin === undefined) {
    pairs.set(pair, name);
    return [];
  }
  if (consumer !== undefined) {
    const message = `mapping '${twin}' reads as this consumer already; a consumer has one subscription to a shard (SubscribeToShard), so give each mapping a consumer of its own`;
    return [{ path: [...path, 'consumer'], message }];
  }
  const message = `mapping '${twin}' brings this stream to this function already; AWS refuses a second one (ResourceConflictException)`;
  return [{ path: [...path, 'function'], message }];
}

/** P8 */
function positionFindings(mapping: Fields, path: Path, createdAt: number, root: Fields): Finding[] {
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
  if (typeof timestamp === 'number' && start !== null && timestamp * 1e6 > start + createdAt) {
    const when = createdAt === 0 ? 'the start of the run' : 'when the mapping is created';
    const message = `must not be in the future; expected at most ${(start + createdAt) / 1e6}, ${when}, got ${timestamp}`;
    return [{ path: place, message }];
  }
  return [];
}

/** P10, of a mapping or of what changes in one. */
export function filterFindings(mapping: Fields, path: Path, root: Fields): Finding[] {
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

/** P11 */
function tumblingFindings(mapping: Fields, path: Path): Finding[] {
  const { ParallelizationFactor: factor } = mapping;
  if (!hasWindows(mapping) || typeof factor !== 'number' || factor <= 1) return [];
  return [{ path: [...path, 'ParallelizationFactor'], message: severalLanes(factor) }];
}

function severalLanes(factor: number): string {
  return `a tumbling window carries one state a shard, so AWS refuses further lanes; expected 1, or TumblingWindowInSeconds: 0, got ${factor}`;
}

/** P11, of what a mapping's updates make of it, in order of time. */
function tumblingUpdateFindings(root: Fields): Finding[] {
  const settings = new Map<string, Fields>(allMappings(root).map(({ name, mapping }) => [name, mapping]));
  return inOrderOfTime(root).flatMap(({ index, entry }): Finding[] => {
    const before = typeof entry.update === 'string' ? settings.get(entry.update) : undefined;
    if (before === undefined || !isFields(entry.set)) return [];
    const { set } = entry;
    const after = { ...before, ...set };
    const { ParallelizationFactor: factor } = after;
    const changed = ['ParallelizationFactor', 'TumblingWindowInSeconds'].find((key) => set[key] !== undefined);
    if (changed === undefined) return [];
    settings.set(String(entry.update), after);
    if (!hasWindows(after) || typeof factor !== 'number' || factor <= 1) return [];
    const path = ['timeline', index, 'set', changed];
    if (changed === 'ParallelizationFactor') return [{ path, message: severalLanes(factor) }];
    const message = `a tumbling window carries one state a shard, so AWS refuses further lanes; expected 0, or ParallelizationFactor: 1 before, which is ${factor}`;
    return [{ path, message }];
  });
}

function hasWindows({ TumblingWindowInSeconds: length }: Fields): boolean {
  return typeof length === 'number' && length > 0;
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

/** D6: where nothing takes time, a batch that always fails never lets the clock go on, and no final invocation (P11). */
function endlessRetries(name: string, mapping: Fields, path: Path, root: Fields): Finding[] {
  const { retryBackoff, MaximumRetryAttempts = -1 } = mapping;
  const updates = list(root.timeline).flatMap((entry) => {
    const { update, set } = fields(entry);
    return update === name && isFields(set) ? [set] : [];
  });
  const isEndless = MaximumRetryAttempts === -1 || updates.some((set) => set.MaximumRetryAttempts === -1);
  if (!(isEndless || [mapping, ...updates].some(hasWindows)) || !isAtOnce(retryBackoff)) return [];
  const target = thing(root, 'functions', mapping.function);
  const fails = list(target.faults).some((item) => {
    const fault = fields(item);
    return failsAlways(fault) && (isEndless || fault.poison === undefined) && takesNoTime(fault, target.duration);
  });
  if (!fails) return [];
  const message = isEndless
    ? 'with a duration of 0 and endless retries a failing batch would be tried again forever at one instant; expected a backoff, a duration, or MaximumRetryAttempts'
    : 'with a duration of 0 the final invocation of a tumbling window, which has no limit of retries, would be tried again forever at one instant; expected a backoff, or a duration';
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
