import { SECOND } from '../kernel/time.ts';
import { evenRanges } from '../scenario/shard-history.ts';
import { wallTimeOf } from '../scenario/wall-time.ts';
import { readArn } from './arn.ts';
import type { Found } from './found.ts';
import { FUNCTION_SETTINGS, MAPPING_SETTINGS } from './found.ts';
import { readInsights } from './insights.ts';
import { plain } from './intrinsics.ts';
import { readMetrics } from './metrics.ts';
import { destinationOf, isMasked, streamReference } from './references.ts';
import type { ListTree, Tree } from './tree.ts';
import { at, entriesOf, issueAt, itemsOf, textOf, valueTree } from './tree.ts';

/**
 * Reads answers of the AWS CLI, or of an SDK, into `found`: about event source mappings, streams, functions, metrics.
 * They may stand inside of something else: a recording, a list. False where there is none.
 */
export function readAnswers(tree: Tree, about: string | null, found: Found, depth = 0): boolean {
  if ([readMetrics, readInsights, readAnswer].some((read) => read(tree, about, found))) return true;
  if (depth > DEEPEST) return false;
  const parts = tree.kind === 'list' ? tree.items : tree.kind === 'map' ? [...tree.entries.values()] : [];
  return parts.map((part) => readAnswers(part, about, found, depth + 1)).includes(true);
}

const DEEPEST = 6; // a recording of several tests has them at 3

/** Of one call. */
function readAnswer(tree: Tree, about: string | null, found: Found): boolean {
  if (tree.kind !== 'map') return false;
  const mappings = at(tree, 'EventSourceMappings');
  const functions = at(tree, 'Functions');
  const stream = at(tree, 'StreamDescription') ?? at(tree, 'StreamDescriptionSummary');
  const shards = at(tree, 'Shards');
  const configuration = at(tree, 'Configuration') ?? tree;
  if (mappings?.kind === 'list') {
    for (const mapping of mappings.items) readMapping(mapping, found);
    if (mappings.items.length === 0) warn(mappings, 'it holds no event source mapping', found);
    refusePart(tree, ['NextMarker', 'NextToken'], found);
  } else if (at(tree, 'EventSourceArn') !== undefined && at(tree, 'UUID') !== undefined) readMapping(tree, found);
  else if (stream?.kind === 'map') readStream(stream, found);
  else if (shards?.kind === 'list' && at(shards.items[0], 'HashKeyRange') !== undefined)
    readShards(tree, shards, about, found);
  else if (at(tree, 'Consumers')?.kind === 'list') readConsumers(at(tree, 'Consumers')!, found);
  else if (functions?.kind === 'list') for (const one of functions.items) readFunction(one, one, found);
  else if (at(configuration, 'FunctionArn') !== undefined && at(configuration, 'FunctionName') !== undefined) {
    readFunction(configuration, tree, found);
  } else if (at(tree, 'ProvisionedConcurrencyConfigs')?.kind === 'list') {
    for (const one of itemsOf(at(tree, 'ProvisionedConcurrencyConfigs'))) readProvisioned(one, found);
  } else if (tree.entries.size === 1 && at(tree, 'ReservedConcurrentExecutions') !== undefined) {
    addFunction(tree, null, about, new Map(entriesOf(tree)), found);
  } else if (
    at(tree, 'Records')?.kind === 'list' &&
    (at(tree, 'MillisBehindLatest') ?? at(tree, 'FailedRecordCount')) !== undefined
  ) {
    warn(at(tree, 'Records')!, 'single records say neither how much traffic there is nor who reads it', found);
  } else return false;
  return true;
}

function readMapping(tree: Tree, found: Found): void {
  const source = at(tree, 'EventSourceArn');
  const target = at(tree, 'FunctionArn');
  const arn = readArn(textOf(source) ?? '');
  const functionArn = readArn(textOf(target) ?? '');
  if (source === undefined || target === undefined || arn === null || functionArn?.kind !== 'function') {
    warn(source ?? tree, 'it reads no Kinesis stream: left out', found);
    return;
  }
  if (arn.kind !== 'stream') {
    warn(
      source,
      `it reads from ${arn.kind === 'other' ? arn.service : arn.kind}, not from a Kinesis stream: left out`,
      found,
    );
    return;
  }
  const masked = [arn.name, functionArn.name].find(isMasked);
  if (masked !== undefined) {
    warn(
      arn.name === masked ? source : target,
      `${masked} hides a name, so what it belongs to cannot be told: left out`,
      found,
    );
    return;
  }
  const settings = new Map<string, Tree>();
  for (const key of MAPPING_SETTINGS) {
    const value = at(tree, key);
    if (value !== undefined && !(value.kind === 'value' && value.value === null)) settings.set(key, value);
  }
  const criteria = settings.get('FilterCriteria');
  if (criteria !== undefined) settings.set('FilterCriteria', withTextPatterns(criteria));
  settings.delete('DestinationConfig');
  const destination = destinationOf(at(tree, 'DestinationConfig'));
  if (destination !== null) settings.set('DestinationConfig', destination);
  // An answer that has all settings says by what it leaves out that there is none.
  if (settings.has('MaximumRetryAttempts')) {
    for (const key of ['FilterCriteria', 'DestinationConfig'])
      if (!settings.has(key)) settings.set(key, nothingOf(tree));
  }
  const state = at(tree, 'State');
  const isOff = /^(Disabl|Deleting)/.test(textOf(state) ?? '');
  if (state !== undefined) settings.set('Enabled', valueTree(!isOff, state, `State: ${textOf(state)}`));
  const stamp = settings.get('StartingPositionTimestamp');
  if (stamp !== undefined) settings.set('StartingPositionTimestamp', unixSeconds(stamp));
  const result = at(tree, 'LastProcessingResult');
  const isProblem = textOf(result)?.startsWith('PROBLEM') ?? false;
  if (result !== undefined && isProblem) warn(result, `its last result: ${textOf(result)}`, found);
  found.mappings.push({
    ...{ isLive: true, arn: textOf(source), label: textOf(at(tree, 'UUID')) ?? '', place: tree.place },
    stream: streamReference(source),
    consumer: arn.consumer,
    function: { name: functionArn.name, place: target.place, unknown: null },
    settings,
    remarks: [],
  });
}

function nothingOf(tree: Tree): Tree {
  return { kind: 'map', entries: new Map(), keys: new Map(), place: tree.place, via: 'which names none' };
}

/** Recordings may hold patterns as the data that they are. */
function withTextPatterns(criteria: Tree): Tree {
  if (criteria.kind === 'list') return { ...criteria, items: criteria.items.map(withTextPatterns) };
  if (criteria.kind !== 'map') return criteria;
  const entries = [...criteria.entries].map(([key, part]): [string, Tree] => [
    key,
    key === 'Pattern' && part.kind === 'map' ? valueTree(JSON.stringify(plain(part)), part) : withTextPatterns(part),
  ]);
  return { ...criteria, entries: new Map(entries) };
}

/** ISO 8601, as newer versions of the CLI print times, is not what the API takes. */
function unixSeconds(stamp: Tree): Tree {
  const text = textOf(stamp) ?? '';
  const time = /^\d{4}-/.test(text) ? wallTimeOf(text) : null;
  return time === null ? stamp : valueTree(time / SECOND, stamp);
}

/** describe-stream, or describe-stream-summary. */
function readStream(tree: Tree, found: Found): void {
  const settings = new Map<string, Tree>();
  const take = (key: string, value: Tree | undefined) => value !== undefined && settings.set(key, value);
  take('RetentionPeriodHours', at(tree, 'RetentionPeriodHours'));
  take('StreamMode', at(tree, 'StreamModeDetails', 'StreamMode'));
  take('MaxRecordSizeInKiB', at(tree, 'MaxRecordSizeInKiB'));
  const shards = at(tree, 'Shards');
  if (shards?.kind === 'list') addShards(shards, settings);
  take('ShardCount', at(tree, 'OpenShardCount'));
  const more = at(tree, 'HasMoreShards');
  if (more?.kind === 'value' && more.value === true)
    found.errors.push(issueAt(more.place, 'there are more shards than this answer holds; ask for all of them'));
  const consumers = at(tree, 'ConsumerCount');
  const count = Number(textOf(consumers) ?? 0);
  const remarks = count > 0 ? [`${count} with enhanced fan-out: aws kinesis list-stream-consumers names them`] : [];
  const name = textOf(at(tree, 'StreamName'));
  found.streams.push({
    ...{ isLive: true, arn: textOf(at(tree, 'StreamARN')), place: tree.place, logicalId: null, settings, remarks },
    names: name === null ? [] : [name],
    consumers: [],
  });
}

function readShards(tree: Tree, shards: ListTree, about: string | null, found: Found): void {
  refusePart(tree, ['NextToken'], found);
  const settings = new Map<string, Tree>();
  addShards(shards, settings);
  found.streams.push({
    ...{ isLive: true, arn: null, place: shards.place, logicalId: null, settings, remarks: [] },
    names: about === null ? [] : [about],
    consumers: [],
  });
}

/** Those that are open, as a number where they share the space evenly. */
function addShards(shards: ListTree, settings: Map<string, Tree>): void {
  const open = shards.items
    .filter((shard) => at(shard, 'SequenceNumberRange', 'EndingSequenceNumber') === undefined)
    .flatMap((shard) => at(shard, 'HashKeyRange') ?? [])
    .map((range) => ({ range, start: hashKey(at(range, 'StartingHashKey')), end: hashKey(at(range, 'EndingHashKey')) }))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  if (open.length === 0) return;
  const even = evenRanges(open.length);
  const isEven = open.every(
    ({ start, end }, i) => start === even[i]!.startingHashKey && end === even[i]!.endingHashKey,
  );
  const closed = shards.items.length - open.length;
  const via = closed === 0 ? `${open.length} shards` : `${open.length} open shards, ${closed} closed`;
  if (isEven) settings.set('ShardCount', valueTree(open.length, shards, via));
  else settings.set('shards', { kind: 'list', items: open.map(({ range }) => range), place: shards.place, via });
}

function hashKey(tree: Tree | undefined): bigint {
  const text = textOf(tree) ?? '';
  return /^\d{1,39}$/.test(text) ? BigInt(text) : -1n;
}

/** list-stream-consumers. */
function readConsumers(consumers: Tree, found: Found): void {
  for (const one of itemsOf(consumers)) {
    const text = textOf(at(one, 'ConsumerARN')) ?? '';
    const arn = readArn(text);
    if (arn?.kind !== 'stream' || arn.consumer === null) continue;
    const settings = new Map<string, Tree>();
    found.streams.push({
      ...{ isLive: true, arn: text, place: one.place, logicalId: null, settings, remarks: [] },
      names: [arn.name],
      consumers: [arn.consumer],
    });
  }
}

/** get-function-configuration, list-functions, or get-function, which has the reserved part beside. */
function readFunction(configuration: Tree, answer: Tree, found: Found): void {
  const settings = new Map<string, Tree>();
  const reserved = at(answer, 'Concurrency', 'ReservedConcurrentExecutions');
  for (const key of FUNCTION_SETTINGS) {
    const value = at(configuration, key);
    if (value !== undefined) settings.set(key, value);
  }
  if (reserved !== undefined) settings.set('ReservedConcurrentExecutions', reserved);
  const arn = textOf(at(configuration, 'FunctionArn'));
  addFunction(configuration, arn, textOf(at(configuration, 'FunctionName')), settings, found);
}

/** Of list-provisioned-concurrency-configs. */
function readProvisioned(tree: Tree, found: Found): void {
  const text = textOf(at(tree, 'FunctionArn')) ?? '';
  const arn = readArn(text);
  const count = at(tree, 'RequestedProvisionedConcurrentExecutions');
  if (arn?.kind !== 'function' || count === undefined) return;
  const config: Tree = {
    ...{ kind: 'map', place: count.place, via: null, keys: new Map() },
    entries: new Map([['ProvisionedConcurrentExecutions', count]]),
  };
  addFunction(tree, text, arn.name, new Map([['ProvisionedConcurrencyConfig', config]]), found);
}

function addFunction(
  tree: Tree,
  arn: string | null,
  name: string | null,
  settings: ReadonlyMap<string, Tree>,
  found: Found,
): void {
  const names = name === null ? [] : [name];
  found.functions.push({ isLive: true, arn, place: tree.place, names, logicalId: null, settings, remarks: [] });
}

/** Of a list in several parts all are wanted. */
function refusePart(tree: Tree, keys: readonly string[], found: Found): void {
  for (const key of keys) {
    const token = at(tree, key);
    if (textOf(token) !== null) {
      found.errors.push(issueAt(token!.place, `${key}: this is a part of the answer only; ask for the whole of it`));
    }
  }
}

function warn(tree: Tree, message: string, found: Found): void {
  found.warnings.push(issueAt(tree.place, message, 'warning'));
}
