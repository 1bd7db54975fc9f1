import type { FunctionTally } from '../recording/function-tally.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import type { Recording } from '../recording/recording.ts';
import { counted, shardName, whole } from './words.ts';

/** M6: a poison record that its shard never got, so that the fault could not strike; how many it gets only a run shows. */
export function unreachedPoisonWarnings({ settings }: FunctionTally, { streams, partial }: Recording): string[] {
  if (partial) return [];
  return settings.faults.flatMap((fault) => {
    if (fault.kind !== 'poison' || fault.target.kind !== 'record') return [];
    const { stream, shard, record } = fault.target;
    const { total } = streams.find((one) => one.settings.name === stream)!.shards[shard]!;
    if (record < total.records) return [];
    const got =
      total.records === 0 ? 'no records' : `${counted(total.records, 'record')}, 0 to ${whole(total.records - 1)}`;
    return [
      `Function ${settings.name}: the poison record ${whole(record)} of ${shardName(shardIdOf(shard))} of ${stream} never came: the shard got ${got}.`,
    ];
  });
}
