import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import { KILOBYTE, unitsIn } from '../../recording/billing.ts';
import { bytesOf, unitsOf } from './record-log.ts';
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
  /** What is read is paid for by the KB (C2). */
  readonly isBilled: boolean;
}

export interface Response {
  readonly count: number;
  readonly bytes: number;
  /** Each record rounded up; 0 where nobody pays for them. */
  readonly kilobytes: number;
  /** Of its last record; 0 where the call reached the newest. */
  readonly age: Duration;
}

/** P7, K4: the cursor stands after the last record of the response then. */
export function getRecords(cursor: ShardCursor, asked: GetRecords): Response {
  const { to, arrived, at, most, constantBytes, isBilled } = asked;
  const from = cursor.index;
  if (constantBytes !== null && to === arrived && (to - from) * constantBytes <= most) {
    cursor.moveTo(to);
    const kilobytes = isBilled ? (to - from) * unitsIn(constantBytes, KILOBYTE) : 0;
    return { count: to - from, bytes: (to - from) * constantBytes, kilobytes, age: 0 };
  }
  let bytes = 0;
  let kilobytes = 0;
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
    if (isBilled) kilobytes += unitsOf(second, position, fits, KILOBYTE);
    cursor.moveTo(second.first + fits);
    if (fits > position) age = at - (second.second * SECOND + second.times.at(fits - 1));
    if (fits < end) break;
  }
  return { count: cursor.index - from, bytes, kilobytes, age: cursor.index === arrived ? 0 : age };
}
