import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import { BYTES_PER_CALL } from './read-limit.ts';
import type { CursorPlace } from './shard.ts';
import { bytesOf, ShardCursor } from './shard.ts';
import type { ShardLog } from './shard-log.ts';

/** What one GetRecords call asks for. */
export interface GetRecords {
  /** A place at or before the first record asked for. */
  readonly place: CursorPlace;
  /** Indices of the first record asked for, of the one after the last, and of the first that has not arrived. */
  readonly from: number;
  readonly to: number;
  readonly arrived: number;
  readonly at: Instant;
}

/** P7, K4: the records of a call end before the index `end`; at most 10 MB, though at least one record. */
export interface Response {
  readonly end: number;
  readonly bytes: number;
  /** Of its last record; 0 where the call reached the newest. */
  readonly age: Duration;
}

export function getRecords(log: ShardLog, { place, from, to, arrived, at }: GetRecords): Response {
  const size = log.constantBytes;
  if (size !== null && to === arrived && (to - from) * size <= BYTES_PER_CALL) {
    return { end: to, bytes: (to - from) * size, age: 0 };
  }
  const walk = new ShardCursor(log);
  walk.goBackTo(place);
  walk.moveTo(from);
  let bytes = 0;
  let age = 0;
  while (walk.index < to) {
    const { second, position } = walk;
    const end = Math.min(second.count, position + to - walk.index);
    let fits = end;
    if (bytes + bytesOf(second, position, end) > BYTES_PER_CALL) {
      fits = position;
      while (bytes + bytesOf(second, position, fits + 1) <= BYTES_PER_CALL) fits++;
      if (walk.index === from && fits === position) fits++;
    }
    bytes += bytesOf(second, position, fits);
    walk.moveTo(second.first + fits);
    if (fits > position) age = at - (second.second * SECOND + second.times[fits - 1]!);
    if (fits < end) break;
  }
  return { end: walk.index, bytes, age: walk.index === arrived ? 0 : age };
}
