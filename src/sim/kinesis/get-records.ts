import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import { bytesOf } from './record-log.ts';
import type { ShardCursor } from './shard.ts';

/** What one GetRecords call asks for: from where the cursor stands. */
export interface GetRecords {
  /** Indices of the record after the last one asked for, and of the first that has not arrived. */
  readonly to: number;
  readonly arrived: number;
  readonly at: Instant;
  /** The most that it brings, though at least one record. */
  readonly most: number;
  /** Data bytes of every record, null where they differ. */
  readonly constantBytes: number | null;
}

export interface Response {
  readonly count: number;
  readonly bytes: number;
  /** Of its last record; 0 where the call reached the newest. */
  readonly age: Duration;
}

/** P7, K4: the cursor stands after the last record of the response then. */
export function getRecords(cursor: ShardCursor, { to, arrived, at, most, constantBytes }: GetRecords): Response {
  const from = cursor.index;
  if (constantBytes !== null && to === arrived && (to - from) * constantBytes <= most) {
    cursor.moveTo(to);
    return { count: to - from, bytes: (to - from) * constantBytes, age: 0 };
  }
  let bytes = 0;
  let age = 0;
  while (cursor.index < to) {
    const { second, position } = cursor;
    const end = Math.min(second.count, position + to - cursor.index);
    let fits = end;
    if (bytes + bytesOf(second, position, end) > most) {
      fits = position;
      while (bytes + bytesOf(second, position, fits + 1) <= most) fits++;
      if (cursor.index === from && fits === position) fits++;
    }
    bytes += bytesOf(second, position, fits);
    cursor.moveTo(second.first + fits);
    if (fits > position) age = at - (second.second * SECOND + second.times.at(fits - 1));
    if (fits < end) break;
  }
  return { count: cursor.index - from, bytes, age: cursor.index === arrived ? 0 : age };
}
