import type { Duration, Instant } from '../../kernel/time.ts';
import { NEVER, SECOND } from '../../kernel/time.ts';
import { writeUnit } from '../../recording/billing.ts';
import { LOOKED_AT_SINGLY } from '../../recording/record-statistics.ts';
import type { StreamSettings } from '../../scenario/scenario.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import { FEW } from './arrival-times.ts';
import type { KeyBytes } from './key-bytes.ts';
import type { ReadLimit } from './read-limit.ts';
import type { RecordLog, ShardSecond } from './record-log.ts';
import { bytesOf, indexIn, unitsOf } from './record-log.ts';
import type { ShardLog } from './shard-log.ts';

/** One shard while a run goes on. It does not know who reads it. */
export class Shard {
  readonly index: number;
  readonly log: ShardLog;
  /** Null where the stream's read limits are off. */
  readonly readLimit: ReadLimit | null;
  readonly retention: Duration;
  /** What is read is paid for (C2). */
  readonly isOnDemand: boolean;
  readonly arrivals: ArrivalCount;
  /** It takes records from `opensAt` on, before `closesAt` (K6). */
  readonly opensAt: Instant;
  readonly closesAt: Instant;

  constructor(shard: {
    index: number;
    log: ShardLog;
    readLimit: ReadLimit | null;
    stream: StreamSettings;
    opensAt: Instant;
    closesAt: Instant;
  }) {
    this.index = shard.index;
    this.log = shard.log;
    this.readLimit = shard.readLimit;
    this.retention = shard.stream.retention;
    this.isOnDemand = shard.stream.mode === 'ON_DEMAND';
    this.opensAt = shard.opensAt;
    this.closesAt = shard.closesAt;
    this.arrivals = new ArrivalCount(shard.log, {
      unit: writeUnit(shard.stream),
      keys: shard.log.keyBytes,
    });
  }
}

/** What is to be known of the writes to a shard. */
interface Writes {
  /** Bytes that they are billed by. */
  readonly unit: number;
  readonly keys: KeyBytes;
}

/** What has come to a shard before an instant, whole run. */
export interface ArrivalTotals {
  readonly offered: number;
  readonly records: number;
  readonly bytes: number;
  /** What the write limits count, data and keys (K3); 0 in a slice. */
  readonly charged: number;
  /** By which writes are billed (C2); 0 in a slice. */
  readonly units: number;
  readonly refused: number;
  readonly lost: number;
  /** The integral over time of the records arrived so far, in record-microseconds; from it comes the mean backlog. */
  readonly recordTime: number;
}

/**
 * The count of arrivals at the clock, in a shard or a slice of it. Instants never go back by more than the current second; of
 * counts that go on together that is the second of whichever was asked last, since all are asked at the one clock.
 */
export class ArrivalCount {
  readonly #log: RecordLog;
  readonly #writes: Writes | null;
  readonly #together: ArrivalCount[] | null;
  #current: ShardSecond;
  /** The one before it; null where it is the first. */
  #before: ShardSecond | null = null;
  /** Of those before it the last one with records; null where there is none. */
  #lastWithRecords: ShardSecond | null = null;
  /** When the current second begins, and when another must be looked for. */
  #opens: Instant;
  #closes: Instant;
  #offered = 0;
  #bytes = 0;
  #units = 0;
  /** Of a log of several producers. */
  #keyBytes = 0;
  #refused = 0;
  #lost = 0;
  #recordTime = 0;
  /** Several ask about the same instant. */
  #lastAsked: Instant = -1;
  #lastAnswer = 0;

  /**
   * @param writes of a whole shard; null: they are not looked at here
   * @param together the counts of all slices of a shard, itself among them then: they go on from second to second together,
   *   so that each is divided once
   */
  constructor(log: RecordLog, writes: Writes | null = null, together: ArrivalCount[] | null = null) {
    this.#log = log;
    this.#writes = writes;
    this.#together = together;
    together?.push(this);
    this.#current = log.secondAt(log.beginning);
    this.#opens = this.#current.second * SECOND;
    this.#closes = this.#current.second > log.lastSecond ? NEVER : this.#opens + SECOND;
  }

  /** Records that have arrived at or before an instant: their number, and so the index of the next to come. */
  by(instant: Instant): number {
    if (instant === this.#lastAsked) return this.#lastAnswer;
    if (instant >= this.#closes) this.#advance(instant);
    const { first, times } = this.#current;
    const count = first + times.before(instant - this.#opens + 1);
    this.#lastAsked = instant;
    this.#lastAnswer = count;
    return count;
  }

  /** The same of an instant that has passed; −1 where its second is not at hand any more. */
  knownBy(instant: Instant): number {
    if (instant >= this.#closes) this.#advance(instant);
    const second = instant >= this.#opens ? this.#current : this.#before;
    if (second === null || instant < second.second * SECOND) return -1;
    return second.first + second.times.before(instant - second.second * SECOND + 1);
  }

  /** Arrival of the last record that has arrived at or before an instant; there must be one. */
  newestBy(instant: Instant): Instant {
    const count = this.by(instant) - this.#current.first;
    const second = count > 0 ? this.#current : this.#lastWithRecords!;
    return second.second * SECOND + second.times.at((count > 0 ? count : second.count) - 1);
  }

  /** The second that an instant lies in. */
  secondOf(instant: Instant): ShardSecond {
    if (instant >= this.#closes) this.#advance(instant);
    return this.#current;
  }

  /** With the producers done: when the next record is put that was refused before, or is refused again; NEVER without one. */
  nextPut(instant: Instant): Instant {
    if (instant >= this.#closes) this.#advance(instant);
    const { second, times, count, refusals, losses, after } = this.#current;
    const elapsed = instant - second * SECOND;
    const inThisSecond = [...times.all().subarray(0, count), ...refusals, ...losses].filter((time) => time > elapsed);
    if (inThisSecond.length > 0) return second * SECOND + Math.min(...inThisSecond);
    return after.retries[0]?.at ?? NEVER;
  }

  /** Everything that happened before an instant. */
  totalsBefore(instant: Instant): ArrivalTotals {
    if (instant >= this.#closes) this.#advance(instant);
    const current = this.#current;
    const elapsed = instant - this.#opens;
    const count = current.times.before(elapsed);
    const bytes = this.#bytes + bytesOf(current, 0, count);
    return {
      offered: this.#offered + current.offeredTimes.before(elapsed),
      records: current.first + count,
      bytes,
      charged: this.#writes === null ? 0 : bytes + this.#keyBytesBefore(current, count, this.#writes),
      units: this.#units + this.#unitsIn(current, count),
      refused: this.#refused + current.refusals.filter((time) => time < elapsed).length,
      lost: this.#lost + current.losses.filter((time) => time < elapsed).length,
      recordTime: this.#recordTime + current.first * elapsed + recordTimeIn(current, count, elapsed),
    };
  }

  /** Of the first records of a second. */
  #unitsIn(second: ShardSecond, count: number): number {
    return this.#writes === null ? 0 : unitsOf(second, 0, count, this.#writes.unit);
  }

  /** Those of one producer have one mean, so that nothing need be summed up. */
  #keyBytesBefore(second: ShardSecond, count: number, { keys }: Writes): number {
    return keys.isOfSeveral ? this.#keyBytes + keys.meanIn(second, count) : keys.meanIn(second, second.first + count);
  }

  #advance(instant: Instant): void {
    while (instant >= this.#closes) {
      if (this.#together === null) {
        this.#step();
        continue;
      }
      const closes = this.#closes;
      for (const one of this.#together) if (one.#closes <= closes) one.#step();
    }
  }

  #step(): void {
    const done = this.#current;
    this.#before = done;
    if (done.count > 0) this.#lastWithRecords = done;
    this.#offered += done.offered;
    this.#bytes += bytesOf(done, 0, done.count);
    this.#units += this.#unitsIn(done, done.count);
    if (this.#writes?.keys.isOfSeveral) this.#keyBytes += this.#writes.keys.meanIn(done, done.count);
    this.#refused += done.refusals.length;
    this.#lost += done.losses.length;
    this.#recordTime += done.first * SECOND + recordTimeIn(done, done.count, SECOND);
    this.#current = this.#log.secondAt(done.after);
    this.#opens += SECOND;
    this.#closes = this.#current.second > this.#log.lastSecond ? NEVER : this.#opens + SECOND;
  }
}

/** A place between two records, to which a cursor can go back. */
export interface CursorPlace {
  readonly second: ShardSecond;
  readonly position: number;
}

/** A reader's place between two records of a shard's log, or of a slice of it. */
export class ShardCursor {
  readonly #log: RecordLog;
  #current: ShardSecond;
  #position = 0;
  /** Of a slice: index in the shard after the last record of the seconds that it has come by; −1: not known. */
  #behind = -1;

  constructor(log: RecordLog) {
    this.#log = log;
    this.#current = log.secondAt(log.beginning);
  }

  /** Index in the log of the next record. */
  get index(): number {
    return this.#current.first + this.#position;
  }

  /** Index in the shard of the next record, which must have arrived. */
  get nextIndexInShard(): number {
    this.#settle();
    return indexIn(this.#current, this.#position);
  }

  /** Index in the shard after the last record that lies behind; after a jump to where a second begins, of any lane's. */
  get indexInShard(): number {
    if (this.#current.slice === null) return this.index;
    if (this.#position === 0) return this.#behind < 0 ? this.#current.slice.whole.first : this.#behind;
    return indexIn(this.#current, this.#position - 1) + 1;
  }

  /** A place in the shard's own log that lies behind, or here. */
  get placeInShard(): CursorPlace {
    const { slice } = this.#current;
    return slice === null ? this.place : { second: slice.whole, position: 0 };
  }

  get place(): CursorPlace {
    return { second: this.#current, position: this.#position };
  }

  goBackTo(place: CursorPlace): void {
    this.standAt(place.second, place.position);
  }

  /** Between two records of a second that is known. */
  standAt(second: ShardSecond, position: number): void {
    this.#current = second;
    this.#position = position;
    this.#behind = -1;
  }

  /** The second the next record lies in; the record must exist. */
  get second(): ShardSecond {
    this.#settle();
    return this.#current;
  }

  /** The place of the next record in its second. */
  get position(): number {
    this.#settle();
    return this.#position;
  }

  /** Arrival of the next record, which must have arrived. */
  get arrival(): Instant {
    this.#settle();
    return this.#current.second * SECOND + this.#current.times.at(this.#position);
  }

  /** Moves on to the record with an index, which must have arrived or be the next to come. */
  moveTo(index: number): void {
    while (index > this.#current.first + this.#current.count) this.#turnOn();
    this.#position = index - this.#current.first;
  }

  /**
   * Moves past all that arrived at or before an instant, but not past the record with the index `end`.
   *
   * @returns the sum of the arrivals of what it has moved past, in microseconds
   */
  movePast(instant: Instant, end: number): number {
    let arrivals = 0;
    while (this.index < end) {
      this.#settle();
      const { second, first, count, times } = this.#current;
      const opens = second * SECOND;
      if (instant < opens) break;
      const past = times.before(instant - opens + 1);
      const to = Math.max(this.#position, Math.min(past, end - first));
      arrivals += sumOf(times, this.#position, to) + (to - this.#position) * opens;
      this.#position = to;
      if (past < count) break;
    }
    return arrivals;
  }

  /** Moves on to the first record whose index in the shard is at least `index`, but not past the place `end` of the log. */
  moveToShardIndex(index: number, end: number): void {
    while (this.index < end) {
      this.#settle();
      const { first, count } = this.#current;
      const last = Math.min(count, end - first);
      while (this.#position < last && indexIn(this.#current, this.#position) < index) this.#position++;
      if (this.#position < last || this.#position < count) return;
    }
  }

  /** Whether a record follows in one of the seconds up to one, that included; moves on to its second. */
  hasNextBefore(lastSecond: number): boolean {
    while (this.#position >= this.#current.count) {
      if (this.#current.second > lastSecond) return false;
      this.#position -= this.#current.count;
      this.#turnOn();
    }
    return true;
  }

  /** Past seconds that hold no further record. */
  #settle(): void {
    while (this.#position >= this.#current.count) {
      this.#position -= this.#current.count;
      this.#turnOn();
    }
  }

  /** On to the next second. */
  #turnOn(): void {
    const { slice, count, after } = this.#current;
    if (slice !== null && count > 0) this.#behind = indexIn(this.#current, count - 1) + 1;
    this.#current = this.#log.secondAt(after);
  }
}

/** Record-microseconds that the first `count` records of a second have waited when `elapsed` of it has passed. */
function recordTimeIn(second: ShardSecond, count: number, elapsed: Duration): number {
  if (second.uniform && second.isSummedTogether && second.count > LOOKED_AT_SINGLY) {
    return count * (elapsed - (second.from + Math.min(elapsed, second.to)) / 2);
  }
  return count * elapsed - sumOf(second.times, 0, count);
}

const FEW_TIMES = new Int32Array(FEW);

/** The sum of the times at positions [from, to). */
function sumOf(times: ArrivalTimes, from: number, to: number): number {
  let sum = 0;
  if (to - from <= FEW) {
    times.copy(from, to, FEW_TIMES, 0);
    for (let i = 0; i < to - from; i++) sum += FEW_TIMES[i]!;
    return sum;
  }
  const all = times.all();
  for (let i = from; i < to; i++) sum += all[i]!;
  return sum;
}
