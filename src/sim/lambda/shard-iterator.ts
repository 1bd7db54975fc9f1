import type { Instant } from '../../kernel/time.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import type { MappingSettings } from '../../scenario/scenario.ts';
import type { FanOut } from '../kinesis/fan-out.ts';
import { getRecords } from '../kinesis/get-records.ts';
import { BYTES_PER_CALL, RECORDS_PER_CALL } from '../kinesis/read-limit.ts';
import type { RecordLog, ShardSecond } from '../kinesis/record-log.ts';
import type { CursorPlace, Shard } from '../kinesis/shard.ts';
import { ArrivalCount, ShardCursor } from '../kinesis/shard.ts';
import type { LaneRecords } from '../kinesis/slice-log.ts';
import type { Batch, CutLimits, TakenRecords } from './batch.ts';
import { cutBatch } from './batch.ts';
import { DroppedRecords } from './dropped-records.ts';
import type { EventSize } from './event.ts';
import type { LaneStart } from './inheritance.ts';
import type { RecordFilter } from './record-filter.ts';
import type { Settlements } from './settlements.ts';
import type { ShardBuffer } from './shard-buffer.ts';
import { BufferReach, NOT_KNOWN } from './shard-buffer.ts';
import type { TumblingWindow } from './tumbling-window.ts';

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
  /** P11; null: there are none. */
  readonly tumbling: TumblingWindow | null;
  readonly recorder: LaneRecorder;
  readonly settlements: Settlements;
  /** P4; null: the lane is one of the first. */
  readonly start: LaneStart | null;
}

/** Where a lane stands, by indices in the shard. */
interface Unsettled {
  readonly first: number;
  /** In the shard's log, not after it. */
  readonly place: CursorPlace;
  readonly dropped: ReadonlySet<number>;
  /** Past the last of these. */
  readonly past: number;
}

/**
 * A lane's place in its shard: the first record it has not taken. It starts where the mapping's starting position says
 * (P8), moves on as batches are cut (P3) and as what nobody has read expires (K5), and goes back only when a batch is
 * given back (P9).
 */
export class ShardIterator {
  readonly #parts: IteratorParts;
  readonly #cursor: ShardCursor;
  /** Index of the first record that is the mapping's to read; null: not created, or LATEST before its first poll. */
  #base: number | null;
  /** When that was known, and the integral of the records that had arrived by then. */
  #basedAt: Instant = 0;
  #recordTimeAtBase = 0;
  /** Of the records from there on, those that have been settled before it began (P4). */
  #repeats = 0;
  /** When it came to its end: no record that arrives from then on is its own. Null: it goes on. */
  #closed: Readonly<{ at: Instant; index: number; arrived: number; recordTime: number }> | null = null;
  readonly #bufferReach: BufferReach;
  readonly #dropped: DroppedRecords;
  /** Records counted as expired, of which the digest and the trace have not heard yet. */
  #unnoted: { first: number; last: number; size: number } | null = null;

  constructor(parts: IteratorParts) {
    this.#parts = parts;
    const { log } = parts.records;
    this.#cursor = new ShardCursor(log);
    this.#bufferReach = new BufferReach(parts.buffer, parts.records, log === parts.shard.log);
    this.#dropped = new DroppedRecords(parts.filter);
    const { isCreatedLater, startingPosition } = parts.mapping;
    const beginsLate = startingPosition.kind === 'LATEST' && parts.shard.opensAt === 0; // K6: else from the first record
    this.#base = isCreatedLater || beginsLate ? null : 0;
    if (parts.start !== null) this.#begin(parts.start);
  }

  /** For who moves it past what it takes. */
  get cursor(): ShardCursor {
    return this.#cursor;
  }

  /** Whether every record from here on is the lane's to take as it comes, and nothing is left to be noted. */
  get isPlain(): boolean {
    return this.#base !== null && this.#closed === null && this.#unnoted === null && !this.#dropped.isPossible;
  }

  /** Index of the first record that is the mapping's to read; null before it is created, and while LATEST has not polled. */
  get base(): number | null {
    return this.#base;
  }

  /** Records taken so far, expired ones included. */
  get taken(): number {
    return this.#base === null ? 0 : this.#cursor.index - this.#base + this.#dropped.ahead;
  }

  /** Records that have arrived for the lane's tally before an instant, and their integral over time. */
  totalsBefore(at: Instant): { arrived: number; recordTime: number } {
    if (this.#closed !== null) {
      const { arrived, recordTime } = this.#closed;
      return { arrived, recordTime: recordTime + arrived * (at - this.#closed.at) };
    }
    const { start, records } = this.#parts;
    const before = start?.arrived ?? 0;
    const earlier = start === null ? 0 : start.recordTime + before * (at - start.at);
    if (this.#base === null) return { arrived: before, recordTime: earlier };
    const all = records.arrivals.totalsBefore(at);
    const notItsOwn = this.#base + this.#repeats;
    return {
      arrived: before + all.records - notItsOwn,
      recordTime: earlier + all.recordTime - this.#recordTimeAtBase - notItsOwn * (at - this.#basedAt),
    };
  }

  /** Records that have arrived for the lane's tally, and of the lane's own the ones not taken. */
  arrived(at: Instant): number {
    if (this.#closed !== null) return this.#closed.arrived;
    const before = this.#parts.start?.arrived ?? 0;
    if (this.#base === null) return before;
    return before + this.#parts.records.arrivals.by(at) - this.#base - this.#repeats;
  }

  unread(at: Instant): number {
    if (this.#base === null) return 0;
    return (this.#closed === null ? this.#parts.records.arrivals.by(at) : this.#closed.index) - this.#cursor.index;
  }

  /** Of these the ones that no call has brought (P7). */
  unfetched(at: Instant): number {
    return this.#parts.records.arrivals.by(at) - this.#bufferReach.placeAt(at, this.#cursor);
  }

  /** Arrival of the oldest record not taken and not settled before (P4); null where none has arrived by an instant. */
  oldestArrival(at: Instant): Instant | null {
    const walk = this.#reach === 0 ? this.#cursor : this.#walkFrom(this.#cursor.place);
    for (let left = this.unread(at); left > 0; left--, walk.moveTo(walk.index + 1))
      if (!this.#isRepeat(walk.second, walk.position)) return walk.arrival;
    return null;
  }

  /** When the last unread record that has arrived will be gone (K5); there must be one. */
  newestGoneAt(at: Instant): Instant {
    return this.#parts.records.arrivals.newestBy(at) + this.#parts.shard.retention;
  }

  /** P8: LATEST begins at its first poll, with what has not arrived by then. */
  begin(at: Instant): void {
    this.#beginAfter(at, at);
  }

  #beginAfter(arrived: Instant, at: Instant): void {
    if (this.#base !== null) return;
    const { records, shard } = this.#parts;
    this.#beginWith(records.arrivals.by(arrived), shard.arrivals.by(arrived), at);
  }

  /** P8: the mapping is created while the run goes on, with records that have arrived before. */
  place(at: Instant): void {
    const { mapping, shard, records } = this.#parts;
    const { startingPosition: position } = mapping;
    if (shard.opensAt > at) {
      this.#beginWith(0, 0, at); // K6
      return;
    }
    if (position.kind === 'LATEST') return;
    const gone = at - shard.retention;
    const passed = position.kind === 'AT_TIMESTAMP' ? Math.max(gone, position.timestamp - 1) : gone;
    // The shard's own counts do not go back.
    const passedIn = (log: RecordLog) => (passed < 0 ? 0 : new ArrivalCount(log).by(passed));
    this.#beginWith(passedIn(records.log), passedIn(shard.log), at);
  }

  #beginWith(index: number, indexInShard: number, at: Instant): void {
    const { records, buffer } = this.#parts;
    this.#base = index;
    this.#basedAt = at;
    this.#recordTimeAtBase = records.arrivals.totalsBefore(at).recordTime;
    this.#cursor.moveTo(index);
    buffer.raiseTo(indexInShard);
  }

  /** P4: where the lanes before have left off. What lies ahead and is settled comes again. */
  #begin(start: LaneStart): void {
    const { records } = this.#parts;
    if (start.from === null) return;
    if (records.log === this.#parts.shard.log) this.#cursor.goBackTo(start.from);
    this.#base = this.#cursor.index;
    this.#basedAt = start.at;
    this.#recordTimeAtBase = records.arrivals.totalsBefore(start.at).recordTime;
    const walk = this.#walkFrom(this.#cursor.place);
    for (const end = records.arrivals.by(start.at); walk.index < end; walk.moveTo(walk.index + 1)) {
      if (walk.nextIndexInShard >= start.inheritance.reach) break;
      if (this.#isRepeat(walk.second, walk.position)) this.#repeats++;
    }
  }

  /**
   * It comes to its end: the mapping is deleted, or other lanes go on and only what it has `settled` stays its own (P4). What
   * has expired by now must have been counted.
   */
  close(at: Instant, settled: number | null): void {
    const { arrived, recordTime } = this.totalsBefore(at);
    const index = settled === null ? this.#parts.records.arrivals.by(at - 1) : this.#cursor.index;
    this.#closed = { at, index, arrived: settled ?? arrived, recordTime };
  }

  /** P4: the lane's first record that is not settled, or the next to come; and what a filter has dropped past it. */
  unsettled(at: Instant): Unsettled {
    const { shard, records } = this.#parts;
    const arrived = records.arrivals.by(at);
    const walk = this.#walkFrom(this.#cursor.place);
    const isSettled = ({ index, second, position }: ShardCursor) =>
      this.#dropped.has(index, second, position) || this.#isRepeat(second, position);
    while (walk.index < arrived && isSettled(walk)) walk.moveTo(walk.index + 1);
    const place = walk.placeInShard;
    const dropped = new Set<number>();
    const first = walk.index === arrived ? shard.arrivals.by(at) : walk.nextIndexInShard;
    for (const { nextIndexInShard } of this.#dropped.from(walk)) dropped.add(nextIndexInShard);
    return { first, place, dropped, past: walk.indexInShard };
  }

  /**
   * P10: the mapping's filters change. What the one before has dropped stays settled, also where it is read again.
   *
   * @param from the place of the first record that may be read again
   */
  changeFilter(filter: RecordFilter | null, from: CursorPlace): void {
    const indices = new Set<number>();
    for (const { index } of this.#dropped.from(this.#walkFrom(from))) indices.add(index);
    this.#dropped.change(filter, indices);
  }

  /** Where the next record lies. */
  get nextPlace(): CursorPlace {
    return this.#cursor.place;
  }

  /** Counts unread records past their retention as gone, until an instant (K5). */
  countExpired(at: Instant): void {
    const { shard, records, recorder } = this.#parts;
    const threshold = at - shard.retention;
    if (threshold < 0 || this.#base === null || this.#closed !== null) return;
    const place = this.#cursor.index;
    const arrived = records.arrivals.by(at);
    const before = this.#cursor.place;
    if (place === arrived) return;
    let first = this.#cursor.nextIndexInShard;
    let arrivals = this.#cursor.movePast(threshold, arrived);
    let size = this.#cursor.index - place;
    if (size === 0) return;
    let last = this.#cursor.indexInShard - 1;
    this.#raiseBuffer();
    if (this.#dropped.ahead > 0 || first < this.#reach) {
      const unsettled = this.#passAgain(before);
      ({ first, last, size } = unsettled);
      arrivals = unsettled.arrivals;
      if (size === 0) return;
    }
    recorder.expired(size, arrivals + size * shard.retention);
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
    if (this.#buffered(at) + held >= mapping.batchSize) return true;
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
    const response = getRecords(buffer.cursor, { to, arrived, at, most, constantBytes, isBilled: shard.isOnDemand });
    buffer.reachedAt = buffer.cursor.index === arrived ? at : NOT_KNOWN;
    shard.readLimit?.charge(response.bytes);
    recorder.read(at, response);
    return true;
  }

  /** K8: whether something has been delivered that the lane has not taken. */
  hasDelivered(at: Instant): boolean {
    this.#receive(at);
    return this.#bufferReach.placeAt(at, this.#cursor) > this.#cursor.index;
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
    buffer.raiseTo(fanOut!.deliveredBy(at));
  }

  /** P3, from what is buffered; 'tooLarge': the next record alone exceeds the payload (P5). */
  cut(at: Instant, gathered: Batch | null, refused: boolean): Batch | 'tooLarge' | null {
    const { tumbling, eventSize } = this.#parts;
    if (tumbling === null) {
      const end = this.#bufferReach.placeAt(at, this.#cursor, this.#mostLookedAt);
      return this.#cutTo(at, { end, envelope: eventSize.envelope(null), gathered, refused });
    }
    const end = this.#bufferReach.placeAt(at, this.#cursor);
    for (;;) {
      const hasNext = this.#cursor.index < end;
      const arrival = hasNext ? this.#cursor.arrival : at;
      const envelope = eventSize.envelope(tumbling.fieldsOf(arrival, false));
      const walk = this.#walkFrom(this.#cursor.place);
      if (hasNext) walk.movePast(tumbling.endFor(arrival) - 1, Math.min(end, walk.index + this.#mostLookedAt));
      const endOfWindow = hasNext ? walk.index : end;
      const batch = this.#cutTo(at, { end: endOfWindow, envelope, gathered, refused });
      // A window all of whose records a filter drops is none; the next may begin in what is buffered.
      if (batch === null && tumbling.bounds === null && this.#cursor.index < end) continue;
      // All that it has gathered may have expired (K5).
      if (batch !== null && batch !== 'tooLarge' && batch.size > 0) tumbling.enter(batch.firstArrival);
      return batch;
    }
  }

  #cutTo(
    at: Instant,
    { end, envelope, gathered, refused }: Omit<CutLimits, 'batchSize' | 'skim'>,
  ): Batch | 'tooLarge' | null {
    const { records, mapping, eventSize } = this.#parts;
    const skim = this.#dropped.isPossible ? this.#skim : null;
    const limits = { batchSize: mapping.batchSize, end, envelope, refused, gathered, skim };
    return cutBatch(this.#cursor, records.log, eventSize, at, limits);
  }

  #walkFrom(place: CursorPlace): ShardCursor {
    const walk = new ShardCursor(this.#parts.records.log);
    walk.goBackTo(place);
    return walk;
  }

  /** Index in the shard past the last record that may have been settled before the lane began (P4). */
  get #reach(): number {
    return this.#parts.start?.inheritance.reach ?? 0;
  }

  #isRepeat(second: ShardSecond, position: number): boolean {
    return this.#parts.start?.inheritance.isRepeat(second, position) ?? false;
  }

  /** P11: whether the lane's next record is buffered, and arrived at an instant or later. */
  hasReadTo(instant: Instant, at: Instant): boolean {
    return this.#bufferReach.placeAt(at, this.#cursor) > this.#cursor.index && this.#cursor.arrival >= instant;
  }

  /** P11: whether a record that arrived before an instant, and has not expired, is still to be taken. */
  hasUnreadBefore(instant: Instant, at: Instant): boolean {
    this.countExpired(at);
    return this.unread(at) > 0 && this.#cursor.arrival < instant;
  }

  /** Whether the shard is closed and none of its records is left (K6). */
  isAtShardEnd(at: Instant): boolean {
    return at >= this.#parts.shard.closesAt && this.unread(at) === 0;
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
    this.#dropped.lieAhead(end - batch.place - unsettled);
  }

  /** P10: how many records a filter has dropped since the last look. */
  takeFiltered(): number {
    return this.#dropped.takeCount();
  }

  readonly #skim = (end: number, most: number): number => {
    while (this.#cursor.index < end) {
      const { second, position, index } = this.#cursor;
      if (this.#dropped.has(index, second, position)) this.#dropped.lieAhead(-1);
      else if (this.#dropped.keeps(second, position)) {
        const last = Math.min(second.count, position + Math.min(most, end - index));
        let to = position + 1;
        while (to < last && this.#isTaken(index + to - position, second, to)) to++;
        return to - position;
      } else {
        const isRepeat = this.#isRepeat(second, position);
        this.#dropped.drop(index, !isRepeat);
        if (isRepeat) this.#parts.settlements.pass(1);
      }
      this.#cursor.moveTo(index + 1);
    }
    return 0;
  };

  #isTaken(index: number, second: ShardSecond, position: number): boolean {
    return this.#dropped.keeps(second, position) && !this.#dropped.has(index, second, position);
  }

  /** Of the records from a place to here, those that are not settled; the others have been counted. */
  #passAgain(from: CursorPlace): { first: number; last: number; size: number; arrivals: number } {
    const found = { first: -1, last: -1, size: 0, arrivals: 0 };
    const end = this.#cursor.index;
    for (const walk = this.#walkFrom(from); walk.index < end; walk.moveTo(walk.index + 1)) {
      const { index, second, position } = walk;
      const isDropped = this.#dropped.has(index, second, position);
      const isRepeat = this.#isRepeat(second, position);
      if (isDropped) this.#dropped.lieAhead(-1);
      else if (isRepeat) this.#parts.settlements.pass(1);
      if (isRepeat || isDropped) continue;
      if (found.first < 0) found.first = walk.nextIndexInShard;
      found.last = walk.nextIndexInShard;
      found.size++;
      found.arrivals += walk.arrival;
    }
    return found;
  }

  /** Polling has stopped: what was buffered is read again, with what other lanes have taken of it since. */
  forgetBuffer(at: Instant): void {
    const { buffer } = this.#parts;
    if (this.unread(at) > 0 && this.#cursor.nextIndexInShard < buffer.cursor.index) {
      const { nextIndexInShard, placeInShard } = this.#cursor;
      buffer.goBackTo(placeInShard, nextIndexInShard);
    }
    this.#bufferReach.goBackTo(this.#cursor.place);
  }

  /** What lies behind is not read any more. */
  #raiseBuffer(): void {
    this.#parts.buffer.raiseTo(this.#cursor.indexInShard);
  }

  /** A batch is no larger, so that it does not matter whether more are buffered. */
  get #mostLookedAt(): number {
    return this.#dropped.isPossible ? Number.POSITIVE_INFINITY : this.#parts.mapping.batchSize;
  }

  /**
   * How many of the lane's records are buffered, as far as it matters. What a filter has dropped before is settled, and not
   * there (P10).
   */
  #buffered(at: Instant): number {
    const end = this.#bufferReach.placeAt(at, this.#cursor, this.#mostLookedAt);
    let count = end - this.#cursor.index;
    if (this.#dropped.ahead === 0) return count;
    for (const { index } of this.#dropped.from(this.#walkFrom(this.#cursor.place))) if (index < end) count--;
    return count;
  }
}
