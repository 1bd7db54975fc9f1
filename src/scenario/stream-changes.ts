import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { durationIn, inOrderOfTime, isFields, list, thing } from './finding.ts';
import type { HashKeyRange, StreamChange } from './shard-history.ts';
import { evenRanges, ShardHistory } from './shard-history.ts';

/** Each verb of the timeline that changes a stream, and what it needs beside the stream's name. */
const ARGUMENTS = { split: ['shard'], merge: ['shards'], reshard: ['ShardCount'] } as const;
const ALLOWED = { split: ['shard', 'NewStartingHashKey'], merge: ['shards'], reshard: ['ShardCount'] } as const;
export const STREAM_VERBS = ['split', 'merge', 'reshard'] as const;
type StreamVerb = (typeof STREAM_VERBS)[number];

/** What one entry of the timeline does to a stream; null where it is not of the expected form. */
export function streamChangeOf(entry: Fields): { stream: string; change: StreamChange } | null {
  const { split, shard, NewStartingHashKey: newStart, merge, shards, reshard, ShardCount } = entry;
  if (typeof split === 'string' && isShardNumber(shard)) {
    const newStartingHashKey = typeof newStart === 'string' ? BigInt(newStart) : null;
    return { stream: split, change: { kind: 'split', shard, newStartingHashKey } };
  }
  const [one, other, ...more] = list(shards);
  if (typeof merge === 'string' && isShardNumber(one) && isShardNumber(other) && more.length === 0) {
    return { stream: merge, change: { kind: 'merge', shards: [one, other] } };
  }
  if (typeof reshard === 'string' && typeof ShardCount === 'number' && Number.isInteger(ShardCount)) {
    return { stream: reshard, change: { kind: 'reshard', shardCount: ShardCount } };
  }
  return null;
}

/** K6: what AWS would refuse, and what the entries leave out. */
export function streamChangeFindings(root: Fields): Finding[] {
  const found: Finding[] = [];
  const histories = new Map<string, ShardHistory>();
  for (const { index, entry } of inOrderOfTime(root)) {
    const verb = STREAM_VERBS.find((one) => entry[one] !== undefined);
    const path: Path = ['timeline', index];
    found.push(...argumentFindings(entry, verb, path));
    if (verb === undefined) continue;
    const change = streamChangeOf(entry);
    if (change === null) continue;
    const stream = thing(root, 'streams', change.stream);
    if (stream.StreamMode === 'ON_DEMAND') {
      const message = 'an on-demand stream changes its shards itself; a provisioned one can be changed (K7)';
      found.push({ path: [...path, verb], message });
      continue;
    }
    const ranges = firstRanges(stream);
    const at = durationIn(entry, 'at');
    if (ranges === null || at === null) continue;
    const history = histories.get(change.stream) ?? new ShardHistory(ranges);
    histories.set(change.stream, history);
    const problem = history.change(at, change.change);
    if (problem !== null) found.push({ path: [...path, ARGUMENTS[verb][0]], message: problem });
  }
  return found;
}

function argumentFindings(entry: Fields, verb: StreamVerb | undefined, path: Path): Finding[] {
  const missing: readonly string[] = verb === undefined ? [] : ARGUMENTS[verb];
  const allowed: readonly string[] = verb === undefined ? [] : ALLOWED[verb];
  const found = missing
    .filter((key) => entry[key] === undefined)
    .map((key): Finding => ({ path, message: `${verb} needs ${key}` }));
  for (const key of ['shard', 'NewStartingHashKey', 'shards', 'ShardCount']) {
    if (entry[key] === undefined || allowed.includes(key)) continue;
    const owner = STREAM_VERBS.find((one) => (ALLOWED[one] as readonly string[]).includes(key))!;
    found.push({ path: [...path, key], message: `${key} belongs to ${owner}`, atKey: true });
  }
  return found;
}

/** The hash-key ranges that a stream begins with; null where they are not known. */
function firstRanges({ ShardCount, shards }: Fields): HashKeyRange[] | null {
  if (shards === undefined) {
    return typeof ShardCount === 'number' && ShardCount >= 1 && ShardCount <= 10_000 && Number.isInteger(ShardCount)
      ? evenRanges(ShardCount)
      : null;
  }
  const ranges: HashKeyRange[] = [];
  for (const shard of list(shards)) {
    if (!isFields(shard) || typeof shard.StartingHashKey !== 'string' || typeof shard.EndingHashKey !== 'string') {
      return null;
    }
    if (!/^\d+$/.test(shard.StartingHashKey) || !/^\d+$/.test(shard.EndingHashKey)) return null;
    ranges.push({ startingHashKey: BigInt(shard.StartingHashKey), endingHashKey: BigInt(shard.EndingHashKey) });
  }
  return ranges.length === 0 ? null : ranges;
}

function isShardNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
