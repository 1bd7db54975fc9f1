import type { Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ArrivalPart } from '../../recording/record-statistics.ts';
import { mostSingly } from '../../recording/record-statistics.ts';
import type { NotedRecords } from '../../recording/steady-recorder.ts';
import { BEFORE_FIRST, CLOSES, INDEX, LISTED, LIVE, NOW_COUNT, NOW_FIRST, SEEN } from '../../recording/steady-row.ts';
import { FEW } from '../kinesis/arrival-times.ts';
import type { ShardSecond } from '../kinesis/record-log.ts';
import { bytesOf, indexIn } from '../kinesis/record-log.ts';
import type { ArrivalCount, ShardCursor } from '../kinesis/shard.ts';
import type { BatchPart } from './batch.ts';
import type { EventSize } from './event.ts';
import type { SteadyPart, SteadyRows } from './steady-rows.ts';

/**
 * What the steady path of a lane reads: the second that it asks in, and the one before, are at hand, and their arrivals,
 * where they are few, stand beside its row. The lane's cursor follows from second to second; what is older it looks up there.
 */
export class SteadyReader implements NotedRecords {
  protected readonly rows: SteadyRows;
  /** Where the lane's own row begins. */
  protected readonly row: number;
  /** The second that the lane has asked in last, and the one before where that is at hand. */
  protected now: ShardSecond | null = null;
  protected before: ShardSecond | null = null;
  protected readonly arrivals: ArrivalCount;
  protected readonly cursor: ShardCursor;
  /** When the second begins whose arrivals `placeOf` has last found. */
  opens: Instant = 0;

  protected constructor(rows: SteadyRows, arrivals: ArrivalCount, cursor: ShardCursor) {
    this.rows = rows;
    this.row = rows.claim();
    this.arrivals = arrivals;
    this.cursor = cursor;
  }

  /** Makes the second of an instant the one at hand, and notes down its arrivals where they are few. */
  protected turnTo(at: Instant): void {
    const row = this.row;
    const { numbers, times } = this.rows;
    const second = this.arrivals.secondOf(at);
    const { first, count } = second;
    const before = this.now !== null && this.now.second === second.second - 1 ? this.now : null;
    this.before = before;
    this.now = second;
    numbers[row + CLOSES] = (second.second + 1) * SECOND;
    numbers[row + NOW_FIRST] = first;
    numbers[row + NOW_COUNT] = count;
    numbers[row + SEEN] = 0;
    numbers[row + BEFORE_FIRST] = before === null ? first : before.first;
    const isListed = count <= FEW;
    numbers[row + LISTED + (second.second & 1)] = isListed ? 1 : 0;
    if (isListed && count > 0) {
      const arrivals = second.times;
      const place = this.rows.placeOf(row, second.second);
      for (let i = 0; i < count; i++) times[place + i] = arrivals.at(i);
    }
    // Nobody who goes back to the plain path has to come the whole way.
    if (numbers[row + LIVE] === 1) this.stand(this.cursor, numbers[row + INDEX]!);
  }

  /** How many records of the second at hand have come at or before an instant of it; instants go on. */
  protected seenBy(at: Instant): number {
    const row = this.row;
    const { numbers, times } = this.rows;
    const time = at - (numbers[row + CLOSES]! - SECOND);
    const now = this.now!;
    if (numbers[row + LISTED + (now.second & 1)] === 0) return now.times.before(time + 1);
    const place = this.rows.placeOf(row, now.second);
    const count = numbers[row + NOW_COUNT]!;
    let seen = numbers[row + SEEN]!;
    while (seen < count && times[place + seen]! <= time) seen++;
    numbers[row + SEEN] = seen;
    return seen;
  }

  /** When a record arrived that the lane has not taken, or takes now. */
  protected arrivalOf(index: number): Instant {
    const row = this.row;
    const { numbers } = this.rows;
    const first = numbers[row + NOW_FIRST]!;
    if (index >= first && index < first + numbers[row + NOW_COUNT]!) return this.#timeIn(this.now!, index - first);
    if (index < first && index >= numbers[row + BEFORE_FIRST]!) {
      return this.#timeIn(this.before!, index - numbers[row + BEFORE_FIRST]!);
    }
    this.cursor.moveTo(index);
    return this.cursor.arrival;
  }

  /** Of the same record, its index in the shard. */
  protected shardIndexOf(index: number): number {
    const { numbers } = this.rows;
    const first = numbers[this.row + NOW_FIRST]!;
    if (index >= first && index < first + numbers[this.row + NOW_COUNT]!) return indexIn(this.now!, index - first);
    const beforeFirst = numbers[this.row + BEFORE_FIRST]!;
    if (index < first && index >= beforeFirst) return indexIn(this.before!, index - beforeFirst);
    this.cursor.moveTo(index);
    return this.cursor.nextIndexInShard;
  }

  /** Index of the first record that comes after an instant which has passed; −1 where that is not at hand. */
  protected firstAfter(instant: Instant): number {
    const { numbers } = this.rows;
    const time = instant - (numbers[this.row + CLOSES]! - SECOND);
    if (time >= 0) return numbers[this.row + NOW_FIRST]! + this.now!.times.before(time + 1);
    if (this.before === null || time < -SECOND) return -1;
    return numbers[this.row + BEFORE_FIRST]! + this.before.times.before(time + SECOND + 1);
  }

  #timeIn(second: ShardSecond, position: number): Instant {
    const isListed = this.rows.numbers[this.row + LISTED + (second.second & 1)] === 1;
    const time = isListed
      ? this.rows.times[this.rows.placeOf(this.row, second.second) + position]!
      : second.times.at(position);
    return second.second * SECOND + time;
  }

  /** Data bytes of the records with indices [from, to); −1 where they are not at hand. */
  protected bytesBetween(from: number, to: number): number {
    const { numbers } = this.rows;
    const first = numbers[this.row + NOW_FIRST]!;
    const beforeFirst = numbers[this.row + BEFORE_FIRST]!;
    if (from < beforeFirst) return -1;
    let bytes = to > first ? bytesOf(this.now!, Math.max(from, first) - first, to - first) : 0;
    if (from < first) bytes += bytesOf(this.before!, from - beforeFirst, Math.min(to, first) - beforeFirst);
    return bytes;
  }

  /** Of the same records, which are at hand, what they take in an event at the most (P5). */
  protected payloadBetween(from: number, to: number, size: EventSize): number {
    const { numbers } = this.rows;
    const first = numbers[this.row + NOW_FIRST]!;
    const beforeFirst = numbers[this.row + BEFORE_FIRST]!;
    let payload = to > first ? size.mostIn(this.now!, Math.max(from, first) - first, to - first) : 0;
    if (from < first) payload += size.mostIn(this.before!, from - beforeFirst, Math.min(to, first) - beforeFirst);
    return payload;
  }

  /** Stands a cursor before a record, or where the next one comes. */
  protected stand(cursor: ShardCursor, index: number): void {
    const { numbers } = this.rows;
    const first = numbers[this.row + NOW_FIRST]!;
    if (this.now !== null && index >= first && index <= first + numbers[this.row + NOW_COUNT]!) {
      cursor.standAt(this.now, index - first);
    } else if (this.before !== null && index < first && index >= this.before.first) {
      cursor.standAt(this.before, index - this.before.first);
    } else cursor.moveTo(index);
  }

  get times(): Int32Array {
    return this.rows.times;
  }

  placeOf(first: number, size: number): number {
    const row = this.row;
    const { numbers } = this.rows;
    const nowFirst = numbers[row + NOW_FIRST]!;
    let second = this.now!;
    let from = first - nowFirst;
    if (first < nowFirst) {
      const beforeFirst = numbers[row + BEFORE_FIRST]!;
      if (first < beforeFirst || first + size > nowFirst) return -1;
      second = this.before!;
      from = first - beforeFirst;
    }
    if (numbers[row + LISTED + (second.second & 1)] === 0) return -1;
    this.opens = second.second * SECOND;
    return this.rows.placeOf(row, second.second) + from;
  }

  /** The records of a batch by their seconds, which are at hand: parts that are good until the next call. */
  partsOf(first: number, size: number, joinedAt: Instant): readonly SteadyPart[] {
    const row = this.row;
    const rows = this.rows;
    const { numbers } = rows;
    const nowFirst = numbers[row + NOW_FIRST]!;
    if (first >= nowFirst) {
      const { one } = rows;
      this.#fill(one[0]!, this.now!, 0, first - nowFirst, first + size - nowFirst, joinedAt);
      return one;
    }
    const beforeFirst = numbers[row + BEFORE_FIRST]!;
    if (first + size <= nowFirst) {
      const { one } = rows;
      this.#fill(one[0]!, this.before!, 0, first - beforeFirst, first + size - beforeFirst, joinedAt);
      return one;
    }
    const { two } = rows;
    this.#fill(two[0]!, this.before!, 0, first - beforeFirst, nowFirst - beforeFirst, joinedAt);
    this.#fill(two[1]!, this.now!, 1, 0, first + size - nowFirst, joinedAt);
    return two;
  }

  #fill(part: SteadyPart, second: ShardSecond, place: number, from: number, to: number, joinedAt: Instant): void {
    part.from = from;
    part.to = to;
    part.joinedAt = joinedAt;
    const rows = this.rows;
    const { numbers } = rows;
    const isLong = to - from > mostSingly(second.isSummedTogether);
    if (isLong || numbers[this.row + LISTED + (second.second & 1)] === 0) part.second = second;
    else part.second = rows.listed(place, this.row, second.second);
  }

  /** The same, to be kept. */
  protected wholePartsOf(first: number, size: number, joinedAt: Instant): BatchPart[] {
    return this.partsOf(first, size, joinedAt).map((part) => {
      const isNow = part.second.second === this.now!.second;
      return { ...part, second: isNow ? this.now! : this.before! };
    });
  }

  /** Of a batch whose records are older: its cursor finds their seconds. The parts are used again for the next. */
  protected takeFar(at: Instant, index: number, size: number, parts: MutablePart[]): void {
    const { cursor } = this;
    cursor.moveTo(index);
    let count = 0;
    for (let left = size; left > 0; count++) {
      const { second, position } = cursor;
      const to = Math.min(second.count, position + left);
      const part = parts[count];
      if (part === undefined) parts.push({ second, from: position, to, joinedAt: at });
      else {
        part.second = second;
        part.from = position;
        part.to = to;
        part.joinedAt = at;
      }
      left -= to - position;
      cursor.moveTo(second.first + to);
    }
    while (parts.length > count) parts.pop();
  }
}

/** A batch's part that is used again. */
export interface MutablePart extends BatchPart {
  second: ShardSecond;
  from: number;
  to: number;
  joinedAt: Instant;
}

/** Of a batch whose seconds are not at hand. */
export function lastArrivalOf(parts: readonly ArrivalPart[]): Instant {
  const { second, to } = parts.at(-1)!;
  return second.second * SECOND + second.times.at(to - 1);
}

/** Index in the shard of the last record of the same. */
export function lastIndexOf(parts: readonly BatchPart[]): number {
  const { second, to } = parts.at(-1)!;
  return indexIn(second, to - 1);
}
