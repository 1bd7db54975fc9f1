import type { Draft } from './draft.ts';
import { MARK, STAND_IN } from './draft.ts';
import { STREAM_SETTINGS } from './found.ts';
import { firstUnknown } from './intrinsics.ts';
import type { JoinedStream } from './join.ts';
import { provenance, shownPlace } from './provenance.ts';
import { legal } from './scenario-names.ts';
import { flow } from './scenario-text.ts';
import type { Tree } from './tree.ts';
import { at, itemsOf, textOf } from './tree.ts';

/** A stream with its shards and settings. */
export function writeStream(stream: JoinedStream, draft: Draft): void {
  const { text } = draft;
  const path = ['streams', stream.name];
  draft.begin(path, stream);
  draft.nameOf(stream, 'stream');
  const shards = stream.settings.get('shards');
  const keys = STREAM_SETTINGS.filter((key) => key !== 'ShardCount' || shards === undefined);
  if (shards !== undefined) writeShards(path, shards, draft);
  const isOnDemand = textOf(stream.settings.get('StreamMode')) === 'ON_DEMAND';
  const count = stream.settings.get('ShardCount');
  if (shards === undefined && !isOnDemand && (count === undefined || firstUnknown(count) !== null)) {
    const hint = 'aws kinesis describe-stream-summary says';
    const open = count === undefined ? null : firstUnknown(count);
    const why = open === null ? 'no file says how many shards' : `ShardCount is not known: ${open.why}`;
    const standIn = `${STAND_IN.shards} stands in (${hint})`;
    text.put([...path, 'ShardCount'], STAND_IN.shards, `${MARK} ${why}; ${hint}`);
    const message = open === null ? `${why} stream ${stream.name} has; ${standIn}` : `${why}; ${standIn}`;
    draft.standIn(count?.place ?? stream.place, message);
    draft.settings(
      'streams',
      path,
      stream,
      keys.filter((key) => key !== 'ShardCount'),
    );
  } else draft.settings('streams', path, stream, keys);
  if (stream.consumers.length > 0)
    text.put([...path, 'consumers'], stream.consumers.map(legal), 'with enhanced fan-out');
}

function writeShards(path: readonly string[], shards: Tree, draft: Draft): void {
  const { text } = draft;
  text.open([...path, 'shards'], provenance(shards), shards);
  itemsOf(shards).forEach((shard, index) => {
    const range = Object.fromEntries(
      ['StartingHashKey', 'EndingHashKey'].map((key) => [key, textOf(at(shard, key)) ?? '']),
    );
    text.raw(`      - ${flow(range)}`, shownPlace(shard.place));
    text.come([...path, 'shards', index], shard);
  });
}
