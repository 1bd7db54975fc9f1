import type { JsonObject } from '../../scenario/scenario.ts';
import { counted, list } from '../words.ts';
import type { Advice, Cost } from './explanation.ts';
import { type MappingCase, momentAt, momentWords } from './mapping-case.ts';
import { secondsOf } from './resolved.ts';

type StreamCase = Pick<MappingCase, 'summary' | 'resolved'> & { readonly mapping: { readonly stream: string } };

/** K6: fewer shards than before, each with more of the records. */
function shrinking({ resolved, mapping, summary }: StreamCase): readonly JsonObject[] {
  const { stream } = mapping;
  const calls = resolved.resharding(stream);
  const open = resolved.shards(stream);
  const written = resolved.value(['streams', stream, 'ShardCount']);
  const before = typeof written === 'number' ? written : Object.keys(summary.streams[stream]?.shards ?? {}).length;
  const fewer = (call: JsonObject) => call.merge !== undefined || (call.reshard !== undefined && open < before);
  return calls.filter(fewer);
}

/** What the timeline has done to the stream's shards, where it has left one with more than before. */
export function reshardingSentence(of: StreamCase): string[] {
  const calls = shrinking(of);
  if (calls.length === 0) return [];
  const what = calls.map((call) => {
    const at = momentWords(momentAt(of.summary, secondsOf(call.at) ?? 0), of.summary);
    return call.merge === undefined
      ? `reshards it to ${counted(Number(call.ShardCount), 'shard')} at ${at}`
      : `merges two of its shards at ${at}`;
  });
  return [`The timeline ${list(what)}: what they took together goes to fewer.`];
}

/** Without the one call that has left fewer shards; none where later calls build on it. */
export function unreshardedAdvice(of: StreamCase, lowers: keyof Cost): Advice[] {
  const { resolved, mapping } = of;
  const calls = shrinking(of);
  const all = resolved.resharding(mapping.stream);
  const [call] = calls;
  if (call === undefined || call !== all.at(-1)) return [];
  const named = call.merge === undefined ? 'reshard' : 'merge';
  return [
    {
      changes: [resolved.withoutCall(call)],
      effect: `Without the ${named} the stream keeps its shards.`,
      tradeOff: 'AWS charges for each shard by the hour.',
      lowers,
    },
  ];
}

/** More shards from the start on leave the timeline as it is: a merge or a number of shards to come may not fit them. */
export function mayStartWithMore({ resolved, mapping }: StreamCase): boolean {
  return resolved.resharding(mapping.stream).every(({ split }) => split !== undefined);
}

/** Whether a shard has taken over from several. */
export function isMerged({ summary, mapping }: StreamCase, shardId: string): boolean {
  return (summary.streams[mapping.stream]!.shards[shardId]?.parentShardIds.length ?? 0) > 1;
}
