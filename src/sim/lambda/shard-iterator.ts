import type { Instant } from '../../kernel/time.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import type { MappingSettings } from '../../scenario/scenario.ts';
import type { FanOut } from '../kinesis/fan-out.ts';
import { getRecords } from '../kinesis/get-records.ts';
import { BYTES_PER_CALL, RECORDS_PER_CALL } from '../kinesis/read-limit.ts';
import type { RecordLog } from '../kinesis/record-log.ts';
import type { ArrivalCount, CursorPlace, Shard } from '../kinesis/shard.ts';
import { ShardCursor } from '../kinesis/shard.ts';
import type { Batch, TakenRecords } from './batch.ts';
import { cutBatch } from './batch.ts';
import type { EventSize } from './event.ts';
import type { RecordFilter } from './record-filter.ts';

/** The records a lane reads: its shard's, or those of its slice of it (P4). */
export interface LaneRecords {
  readonly log: RecordLog;
  readonly arrivals: ArrivalCount;
}

/** P7: what GetRecords has brought of a shard, for all lanes of a mapping. */
export class ShardBuffer {
  /** Stands after the last record brought. */
  readonly cursor: ShardCursor;
  calledAt: Instant = -1;
  wasRefused = false;

  constructor(shard: Shard) {
    this.cursor = new ShardCursor(shard.log);
  }
}

/** What a lane reads through. */
export interface IteratorParts {
  readonly shard: Shard;
  readonly records: LaneRecords;
  /** Shared by the mapping's lanes in this shard. */
  readonly buffer: ShardBuffer;
  /** K8: records are pushed, not polled for; null without fan-out. Shared by the mapping's lanes in this shard. */
  readonly fanOut: FanOut | null;
  readonly mapping: MappingSettings;
  readonly eventSize: EventSize;
  /** P10; null: every record is kept. */
  readonly filter: RecordFilter | null;
  readonly recorder: LaneRecorder;
}

/**
 * A lane's place in its shard: the first record it has not taken. It starts where the mapping's starting position says
 * (P8), moves on as batches are cut (P3) and as what nobody has read expires (K5), and goes back only when a batch is
 * given back (P9).
 */
export class ShardIterator {
  readonly #parts: IteratorParts;
  readonly #cursor: ShardCursor;
  /** Index of the first record that is the mapping's to read; null: LATEST, before its first poll. */
  #base: number | null;
  /** When LATEST polled first, and the integral of the records that had arrived by then. */
  #basedAt: Instant = 0;
  #recordTimeAtBase = 0;
  /** In a slice, the place of the first record that is not buffered. */
  readonly #edge: ShardCursor | null;
  /** P10: the place up to which dropped records are counted, how many since the last look, and how many lie ahead again. */
  #filteredTo = 0;
  #newlyFiltered = 0;
  #filteredAhead = 0;
  /** Records counted as expired, of which the digest and the trace have not heard yet. */
  #unnoted: { first: number; last: number; size: number } | null = null;

  constructor(parts: IteratorParts) {
    this.#parts = parts;
    const { log } = parts.records;
    this.#cursor = new ShardCursor(log);
    this.#edge = log === parts.shard.log ? null : new ShardCursor(log);
    const isLater = parts.shard.opensAt > 0; // K6: then it is read from its first record
    this.#base = parts.mapping.startingPosition.kind === 'LATEST' && !isLater ? null : 0;
  }

  /** Index of the first record that is the mapping's to read; null while LATEST has not polled. */
  get base(): number | null {
    return this.#base;
  }

  /** Records taken so far, expired ones included. */
  get taken(): number {
    return this.#base === null ? 0 : this.#cursor.index - this.#base + this.#filteredAhead;
  }

  /** The integral over time of the shard's records that are not the mapping's to read. */
  baseRecordTime(at: Instant): number {
    return this.#recordTimeAtBase + (this.#base ?? 0) * (at - this.#basedAt);
  }

  /** Records that have arrived for the mapping, and of these the ones not taken. */
  arrived(at: Instant): number {
    return this.#base === null ? 0 : this.#parts.records.arrivals.by(at) - this.#base;
  }

  unread(at: Instant): number {
    return this.#base === null ? 0 : this.#parts.records.arrivals.by(at) - this.#cursor.index;
  }

  /** Of these the ones that no call has brought (P7). */
  unfetched(at: Instant): number {
    return this.#parts.records.arrivals.by(at) - this.#bufferedPlace(at);
  }

  /** Arrival of the oldest record not taken; there must be one. */
  get oldestArrival(): Instant {
    return this.#cursor.arrival;
  }

  /** When the last unread record that has arrived will be gone (K5); there must be one. */
  newestGoneAt(at: Instant): Instant {
    const { shard, records } = this.#parts;
    const newest = new ShardCursor(records.log);
    newest.goBackTo(this.#cursor.place);
    newest.moveTo(records.arrivals.by(at) - 1);
    return newest.arrival + shard.retention;
  }

  /** P8: LATEST begins at its first poll, with what has not arrived by then. */
  begin(at: Instant): void {
    this.#beginAfter(at, at);
  }

  #beginAfter(arrived: Instant, at: Instant): void {
    if (this.#base !== null) return;
    const { records, shard, buffer } = this.#parts;
    const { arrivals } = records;
    this.#base = arrivals.by(arrived);
    this.#basedAt = at;
    this.#recordTimeAtBase = arrivals.totalsBefore(at).recordTime;
    this.#cursor.moveTo(this.#base);
    buffer.cursor.moveTo(Math.max(buffer.cursor.index, shard.arrivals.by(arrived)));
  }

  /** Counts unread records past their retention as gone, until an instant (K5). */
  countExpired(at: Instant): void {
    const { shard, records, recorder } = this.#parts;
    const threshold = at - shard.retention;
    if (threshold < 0 || this.#base === null) return;
    const place = this.#cursor.index;
    const arrived = records.arrivals.by(at);
    if (place === arrived) return;
    const first = this.#cursor.nextIndexInShard;
    const before = this.#cursor.place;
    let arrivals = this.#cursor.movePast(threshold, arrived);
    let size = this.#cursor.index - place;
    if (size === 0) return;
    this.#raiseBuffer();
    if (this.#filteredAhead > 0) {
      const settled = this.#passAgain(before);
      arrivals -= settled.arrivals;
      size -= settled.count;
      if (size === 0) return;
    }
    recorder.expired(size, arrivals + size * shard.retention);
    const last = this.#cursor.indexInShard - 1;
    this.#unnoted = { first: this.#unnoted?.first ?? first, last, size: (this.#unnoted?.size ?? 0) + size };
  }

  /** The same, noted down at once. */
  expire(at: Instant): void {
    this.countExpired(at);
    this.noteExpired(at);
  }

  noteExpired(at: Instant): void {
    if (this.#unnoted === null) return;
    this.#parts.recorder.notedExpired(at, this.#unnoted);
    this.#unnoted = null;
  }

  /**
   * P7: a call is made where fewer than BatchSize records are buffered, those that a window holds included; but not a second
   * one at the same instant, by whichever lane, that could bring nothing more. False where the read limits refuse it.
   */
  fetch(at: Instant, held: number): boolean {
    const { shard, mapping, recorder, buffer, fanOut } = this.#parts;
    if (fanOut !== null) {
      this.#receive(at);
      return true;
    }
    if (this.#bufferedPlace(at) - this.#cursor.index + held >= mapping.batchSize) return true;
    const arrived = shard.arrivals.by(at);
    if (buffer.calledAt === at && (buffer.wasRefused || buffer.cursor.index === arrived)) return !buffer.wasRefused;
    buffer.calledAt = at;
    buffer.wasRefused = shard.readLimit !== null && !shard.readLimit.admits(at);
    if (buffer.wasRefused) {
      recorder.readRefused(at);
      return false;
    }
    const records = mapping.fetchLimit === 'batchSize' ? mapping.batchSize : RECORDS_PER_CALL;
    const to = Math.min(arrived, buffer.cursor.index + records);
    const most = shard.readLimit?.bytesPerCall ?? BYTES_PER_CALL;
    const { constantBytes } = shard.log;
    const { count, bytes, age } = getRecords(buffer.cursor, { to, arrived, at, most, constantBytes });
    shard.readLimit?.charge(bytes);
    recorder.read(at, count, bytes, age);
    return true;
  }

  /** K8: whether something has been delivered that the lane has not taken. */
  hasDelivered(at: Instant): boolean {
    this.#receive(at);
    return this.#bufferedPlace(at) > this.#cursor.index;
  }

  /** K8: when the shard's next record is delivered; NEVER without one. */
  get nextDelivery(): Instant {
    return this.#parts.fanOut!.nextDelivery;
  }

  /** K8: polling starts, or starts again. A consumer with LATEST begins then, before what arrives at that instant (D4). */
  subscribe(at: Instant): void {
    const { fanOut, buffer } = this.#parts;
    if (fanOut === null) return;
    this.#beginAfter(at - 1, at);
    fanOut.subscribe(at, buffer.cursor);
  }

  #receive(at: Instant): void {
    const { buffer, fanOut } = this.#parts;
    buffer.cursor.moveTo(Math.max(buffer.cursor.index, fanOut!.deliveredBy(at)));
  }

  /** P3, from what is buffered; 'tooLarge': the next record alone exceeds the payload (P5). */
  cut(at: Instant, options: { readonly refused: boolean; readonly gathered: Batch | null }): Batch | 'tooLarge' | null {
    const { records, mapping, eventSize, filter } = this.#parts;
    const skim = filter === null ? null : (end: number, most: number) => this.#skim(filter, end, most);
    const limits = { batchSize: mapping.batchSize, end: this.#bufferedPlace(at), skim, ...options };
    return cutBatch(this.#cursor, records.log, eventSize, at, limits);
  }

  /** Takes the next record alone. */
  takeOne(at: Instant): Omit<TakenRecords, 'arrivals'> {
    const { index, arrival, nextIndexInShard: first, second, position } = this.#cursor;
    this.#cursor.moveTo(index + 1);
    const parts = [{ second, from: position, to: position + 1, joinedAt: at }];
    return { parts, first, last: first, size: 1, firstArrival: arrival, lastArrival: arrival };
  }

  /** P9: a batch that is not settled is read again. */
  giveBack(batch: Batch, unsettled: number): void {
    const end = this.#cursor.index;
    this.#cursor.goBackTo(batch.before);
    this.#cursor.moveTo(batch.place);
    this.#filteredAhead += end - batch.place - unsettled;
  }

  /** P10: how many records a filter has dropped since the last look. */
  takeFiltered(): number {
    const count = this.#newlyFiltered;
    this.#newlyFiltered = 0;
    return count;
  }

  #skim(filter: RecordFilter, end: number, most: number): number {
    while (this.#cursor.index < end) {
      const { second, position, index } = this.#cursor;
      if (!filter.keeps(second, position)) {
        if (index < this.#filteredTo) this.#filteredAhead--;
        else {
          this.#newlyFiltered++;
          this.#filteredTo = index + 1;
        }
        this.#cursor.moveTo(index + 1);
        continue;
      }
      const last = Math.min(second.count, position + Math.min(most, end - index));
      let to = position + 1;
      while (to < last && filter.keeps(second, to)) to++;
      return to - position;
    }
    return 0;
  }

  /** Of the records from a place to here, those that a filter has dropped already. */
  #passAgain(from: CursorPlace): { count: number; arrivals: number } {
    const { records, filter } = this.#parts;
    const end = Math.min(this.#cursor.index, this.#filteredTo);
    const walk = new ShardCursor(records.log);
    let count = 0;
    let arrivals = 0;
    for (walk.goBackTo(from); walk.index < end; walk.moveTo(walk.index + 1)) {
      if (filter!.keeps(walk.second, walk.position)) continue;
      count++;
      arrivals += walk.arrival;
    }
    this.#filteredAhead -= count;
    return { count, arrivals };
  }

  /** Polling has stopped: what was buffered is read again, with what other lanes have taken of it since. */
  forgetBuffer(at: Instant): void {
    const { buffer } = this.#parts;
    if (this.unread(at) > 0 && this.#cursor.nextIndexInShard < buffer.cursor.index) {
      const { nextIndexInShard, placeInShard } = this.#cursor;
      buffer.cursor.goBackTo(placeInShard);
      buffer.cursor.moveTo(nextIndexInShard);
    }
    this.#edge?.goBackTo(this.#cursor.place);
  }

  /** What lies behind is not read any more. */
  #raiseBuffer(): void {
    const { buffer } = this.#parts;
    buffer.cursor.moveTo(Math.max(buffer.cursor.index, this.#cursor.indexInShard));
  }

  /** The place after the last record of the lane that is buffered. */
  #bufferedPlace(at: Instant): number {
    const { buffer, records } = this.#parts;
    if (this.#edge === null) return buffer.cursor.index;
    if (this.#edge.index < this.#cursor.index) this.#edge.goBackTo(this.#cursor.place);
    this.#edge.moveToShardIndex(buffer.cursor.index, records.arrivals.by(at));
    return this.#edge.index;
  }
}
