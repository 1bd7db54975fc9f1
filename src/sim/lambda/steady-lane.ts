import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { NEVER, SECOND } from '../../kernel/time.ts';
import { KILOBYTE, unitsIn } from '../../recording/billing.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import { EVENT_PAYLOAD, READ_BYTES_PER_SECOND } from '../../recording/limits.ts';
import type { ArrivalPart } from '../../recording/record-statistics.ts';
import { LOOKED_AT_SINGLY } from '../../recording/record-statistics.ts';
import type { BacklogWatch } from '../../recording/recorder.ts';
import type { SteadyPlace, SteadyRecorder } from '../../recording/steady-recorder.ts';
import {
  ASKED,
  ASKS,
  AT_TICK,
  BATCHES,
  BEFORE_FIRST,
  BUFFERED,
  CALLED,
  CALLS,
  CAUGHT_UP,
  CLOSES,
  COLD_START,
  EMPTY,
  END,
  FAR,
  FIRST,
  FOUND,
  FULL,
  FULL_BATCHES,
  HELD_UP,
  INDEX,
  LANE,
  LARGEST_PAYLOAD,
  LAST_ARRIVAL,
  LISTED,
  LIVE,
  LONGEST,
  NEWEST,
  NOW_COUNT,
  NOW_FIRST,
  OLDEST,
  OPENS,
  READ,
  REFUSED,
  RUNNING,
  SEEN,
  SHARD,
  SINCE,
  SIZE,
  START,
  STARTED_TO,
  STARTS,
  TICKS,
} from '../../recording/steady-row.ts';
import type { MappingSettings, Polling } from '../../scenario/scenario.ts';
import type { ReadLimit } from '../kinesis/read-limit.ts';
import { BYTES_PER_CALL, RECORDS_PER_CALL } from '../kinesis/read-limit.ts';
import type { ShardSecond } from '../kinesis/record-log.ts';
import type { ArrivalCount, ShardCursor } from '../kinesis/shard.ts';
import { RANK } from '../ranks.ts';
import type { BatchPart } from './batch.ts';
import { Batch } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { Environment } from './environments.ts';
import type { LaneFaults } from './faults.ts';
import type { LaneHandler } from './handler.ts';
import type { InvocationParts } from './invocation.ts';
import type { InvocationDraws } from './invocation-draws.ts';
import type { LambdaFunction } from './lambda-function.ts';
import type { PollSchedule } from './poll-schedule.ts';
import type { ShardBuffer } from './shard-buffer.ts';
import type { IteratorParts, ShardIterator } from './shard-iterator.ts';
import type { SteadyPart, SteadyRows } from './steady-rows.ts';
import { FEW } from './steady-rows.ts';

/** What a steady path is built from. */
export interface SteadyParts extends IteratorParts, Omit<InvocationParts, 'tumbling'> {
  readonly actor: number;
  readonly queue: EventQueue;
  readonly target: LambdaFunction<Delivery>;
  readonly polling: Polling;
  readonly schedule: PollSchedule;
  readonly handler: LaneHandler | null;
  /** Those of all lanes; null: the run takes no steady path. */
  readonly steadyRows: SteadyRows | null;
  readonly owner: {
    laneCaughtUp(at: Instant): void;
    beforeSettling(at: Instant): void;
    readonly backlogWatch: BacklogWatch;
  };
}

/** What a lane remembers from poll to poll. */
export interface LaneMemory {
  readonly askedAt: Instant;
  readonly asksAtTick: boolean;
  readonly reachedNewest: boolean;
  /** M7. */
  readonly isHeldUp: boolean;
  readonly caughtUpAt: Instant;
}

/** The lane, as its steady path sees it. */
export interface SteadyOwner {
  readonly iterator: ShardIterator;
  readonly delivery: Delivery;
  /** Null where something is under way that only the plain path knows of. */
  readonly memory: LaneMemory | null;
  remember(memory: LaneMemory): void;
}

/**
 * The usual way of a batch, at a fraction of the cost: a call that brings all there is, one batch of it, a slot at once, an
 * invocation that succeeds, and the next call. It trades generality for few and small steps: no batch and no invocation is
 * made into objects of its own, what a healthy lane knows the answer of is not asked, and what changes at every event stands
 * in one row of numbers. It is right because it gives up before it has changed anything: whatever is not like that (a
 * refusal, a fault, a throttle, records too old or too large, a lane that was behind), and whoever looks at the lane from
 * outside, finds it as the plain path would have left it, and goes on there. Both note down what happens through the same
 * recorder, and a test holds runs with and without it to the same bytes.
 */
export class SteadyLane {
  readonly #rows: SteadyRows;
  /** Where the lane's own row begins. */
  readonly #row: number;
  readonly #recorder: SteadyRecorder;
  readonly #place: SteadyPlace;
  readonly #queue: EventQueue;
  readonly #actor: number;
  readonly #mapping: MappingSettings;
  readonly #target: LambdaFunction<Delivery>;
  readonly #watch: BacklogWatch;
  /** The second that the lane has asked in last, and the one before where that is at hand. */
  #now: ShardSecond | null = null;
  #before: ShardSecond | null = null;
  #environment: Environment | null = null;
  readonly #readLimit: ReadLimit | null;
  readonly #schedule: PollSchedule;
  readonly #draws: InvocationDraws;
  readonly #faults: LaneFaults;
  readonly #retention: Duration;
  /** Of every record of the shard. */
  readonly #bytes: number;
  /** At the most, of the event with one such record (P5). */
  readonly #eventBytes: number;
  /** As which it is billed when it is read; 0 where it is not (C2). */
  readonly #kilobytes: number;
  readonly #arrivals: ArrivalCount;
  readonly #cursor: ShardCursor;
  readonly #buffer: ShardBuffer;
  readonly #lane: SteadyOwner;
  readonly #owner: SteadyParts['owner'];
  readonly #laneRecorder: LaneRecorder;
  readonly #polling: Polling;
  /** Of the batch that runs, where its records are older than the seconds at hand. */
  #farParts: BatchPart[] = [];

  /** @param bytes of every record of the shard */
  constructor(lane: SteadyOwner, parts: SteadyParts, rows: SteadyRows, bytes: number) {
    const { recorder, place, lane: number } = parts.recorder.steady;
    this.#rows = rows;
    this.#row = rows.claim();
    this.#recorder = recorder;
    this.#place = place;
    this.#queue = parts.queue;
    this.#actor = parts.actor;
    this.#mapping = parts.mapping;
    this.#target = parts.target;
    this.#watch = parts.owner.backlogWatch;
    this.#readLimit = parts.shard.readLimit;
    this.#schedule = parts.schedule;
    this.#draws = parts.draws;
    this.#faults = parts.faults;
    this.#retention = parts.shard.retention;
    this.#bytes = bytes;
    this.#eventBytes = parts.eventSize.atMost(bytes);
    this.#kilobytes = parts.shard.isOnDemand ? unitsIn(bytes, KILOBYTE) : 0;
    this.#arrivals = parts.records.arrivals;
    this.#cursor = lane.iterator.cursor;
    this.#buffer = parts.buffer;
    this.#lane = lane;
    this.#owner = parts.owner;
    this.#laneRecorder = parts.recorder;
    this.#polling = parts.polling;
    const numbers = rows.numbers;
    numbers[this.#row + LANE] = number;
    numbers[this.#row + SHARD] = place.tally.shard;
    numbers[this.#row + LONGEST] = -1;
    numbers[this.#row + OLDEST] = -1;
  }

  /** An invocation has started here, and has not ended. */
  get isRunning(): boolean {
    return this.#rows.numbers[this.#row + RUNNING] === 1;
  }

  /** P2: the lane asks. @returns false where the plain path has to do it, of which nothing has been done */
  poll(at: Instant): boolean {
    const row = this.#row;
    const { numbers } = this.#rows;
    if (numbers[row + LIVE] === 0 && !this.#begin(at)) return false;
    if (at >= numbers[row + CLOSES]!) this.#turnTo(at);
    const arrived = numbers[row + NOW_FIRST]! + this.#seenBy(at);
    const index = numbers[row + INDEX]!;
    const { batchSize } = this.#mapping;
    if (at >= this.#retention && index < arrived && this.#arrivalOf(index) <= at - this.#retention)
      return this.giveUp();
    if (numbers[row + BUFFERED]! - index < batchSize && !this.#fetch(at, arrived)) return this.giveUp();
    const size = Math.min(batchSize, numbers[row + BUFFERED]! - index);
    if (size > 0) return this.#start(at, size, arrived) || this.giveUp();
    if (this.#isBehind(at)) return this.giveUp();
    numbers[row + CAUGHT_UP] = at;
    numbers[row + ASKED] = at;
    numbers[row + HELD_UP] = 0;
    numbers[row + NEWEST] = 1;
    numbers[row + ASKS]! += 1;
    numbers[row + EMPTY]! += 1;
    numbers[row + TICKS]! += numbers[row + AT_TICK]!;
    numbers[row + AT_TICK] = 1;
    this.#queue.schedule(this.#actor, this.#schedule.afterEmpty(at), RANK.POLL);
    return true;
  }

  /** The invocation ends. @returns false where it has become the plain path's */
  end(at: Instant): boolean {
    const row = this.#row;
    const { numbers } = this.#rows;
    if (at >= this.#watch.safeUntil) this.#owner.beforeSettling(at);
    if (numbers[row + RUNNING] === 0) return false;
    const target = this.#target;
    const environment = this.#environment!;
    const { kind } = environment;
    target.release(environment, at);
    if (target.isAwaited) this.#queue.schedule(target.poolActor, at, RANK.QUEUED);
    const parts =
      numbers[row + FAR] === 1
        ? this.#farParts
        : this.#partsOf(numbers[row + FIRST]!, numbers[row + SIZE]!, numbers[row + START]!);
    this.#recorder.ended(numbers, row, parts, kind, this.#place, this.#mapping.iteratorAge === 'atInvoke');
    numbers[row + RUNNING] = 0;
    const atOnce = numbers[row + FULL] === 1 || this.#polling.continueAfter === 'anyBatch';
    numbers[row + AT_TICK] = atOnce ? 0 : 1;
    this.#queue.schedule(this.#actor, atOnce ? at : this.#schedule.afterBatch(numbers[row + ASKED]!, at), RANK.POLL);
    if (numbers[row + NEWEST] === 0) return true; // M7: what was unread then is waiting still
    const wasBehind = this.#isBehind(at);
    numbers[row + CAUGHT_UP] = at;
    numbers[row + HELD_UP] = 0;
    if (wasBehind) this.#owner.laneCaughtUp(at);
    return true;
  }

  /** Whether nothing that arrived until an instant is left to be settled; null where only the plain path knows. */
  isDoneAt(at: Instant): boolean | null {
    const { numbers } = this.#rows;
    if (numbers[this.#row + LIVE] === 0) return null;
    return numbers[this.#row + RUNNING] === 0 && this.#arrivals.by(at) === numbers[this.#row + INDEX]!;
  }

  /** M7; null where only the plain path knows. */
  isBehind(at: Instant): boolean | null {
    return this.#rows.numbers[this.#row + LIVE] === 1 ? this.#isBehind(at) : null;
  }

  /** K5: whether nothing unread has passed its retention at an instant, as far as that is known here. */
  isFresh(at: Instant): boolean {
    const { numbers } = this.#rows;
    if (numbers[this.#row + LIVE] === 0) return false;
    if (at < this.#retention) return true;
    const index = numbers[this.#row + INDEX]!;
    return this.#arrivals.by(at) === index || this.#arrivalOf(index) > at - this.#retention;
  }

  /** The lane is left to the plain path as that would have left it. @returns false, for whoever gives up */
  giveUp(): false {
    const row = this.#row;
    const { numbers } = this.#rows;
    if (numbers[row + LIVE] === 0) return false;
    numbers[row + LIVE] = 0;
    const buffer = this.#buffer;
    this.#stand(this.#cursor, numbers[row + INDEX]!);
    this.#stand(buffer.cursor, numbers[row + BUFFERED]!);
    buffer.calledAt = numbers[row + CALLED]!;
    buffer.wasRefused = numbers[row + REFUSED] === 1;
    this.#lane.remember({
      askedAt: numbers[row + ASKED]!,
      asksAtTick: numbers[row + AT_TICK] === 1,
      reachedNewest: numbers[row + NEWEST] === 1,
      isHeldUp: numbers[row + HELD_UP] === 1,
      caughtUpAt: numbers[row + CAUGHT_UP]!,
    });
    this.#lane.delivery.remember(numbers[row + STARTS]!, numbers[row + STARTED_TO]!);
    this.#recorder.takeIn(numbers, row, this.#place, this.#bytes, this.#kilobytes);
    if (numbers[row + RUNNING] === 0) return false;
    numbers[row + RUNNING] = 0;
    const [first, size, start] = [numbers[row + FIRST]!, numbers[row + SIZE]!, numbers[row + START]!];
    const parts = numbers[row + FAR] === 1 ? this.#farParts : this.#wholePartsOf(first, size, start);
    const { second, from } = parts[0]!;
    const isFull = numbers[row + FULL] === 1;
    const payload = this.#payloadOf(size);
    const before = { second, position: from };
    const batch = new Batch({ parts, before, cutAt: start, filled: isFull, full: isFull, payload });
    batch.invocations = 1;
    this.#lane.delivery.takeOver(batch, this.#environment!, {
      start,
      coldStart: numbers[row + COLD_START]!,
      end: numbers[row + END]!,
    });
    return false;
  }

  /** Takes the lane over from the plain path where it is idle and healthy. */
  #begin(at: Instant): boolean {
    const { memory, delivery } = this.#lane;
    if (memory === null) return false;
    const buffer = this.#buffer;
    const row = this.#row;
    const { numbers } = this.#rows;
    numbers[row + SINCE] = at;
    numbers[row + INDEX] = this.#cursor.index;
    numbers[row + BUFFERED] = buffer.cursor.index;
    numbers[row + CALLED] = buffer.calledAt;
    numbers[row + ASKED] = memory.askedAt;
    numbers[row + CAUGHT_UP] = memory.caughtUpAt;
    numbers[row + STARTS] = delivery.starts;
    numbers[row + STARTED_TO] = delivery.startedTo;
    numbers[row + REFUSED] = buffer.wasRefused ? 1 : 0;
    numbers[row + AT_TICK] = memory.asksAtTick ? 1 : 0;
    numbers[row + NEWEST] = memory.reachedNewest ? 1 : 0;
    numbers[row + HELD_UP] = memory.isHeldUp ? 1 : 0;
    numbers[row + LIVE] = 1;
    this.#recorder.begin(numbers, row, this.#place);
    return true;
  }

  #isBehind(at: Instant): boolean {
    const { numbers } = this.#rows;
    return numbers[this.#row + HELD_UP] === 1 && at - numbers[this.#row + CAUGHT_UP]! > 2 * this.#polling.period;
  }

  /** Makes the second of an instant the one at hand, and notes down its arrivals where they are few. */
  #turnTo(at: Instant): void {
    const row = this.#row;
    const { numbers, times } = this.#rows;
    const second = this.#arrivals.secondOf(at);
    const { first, count } = second;
    const before = this.#now !== null && this.#now.second === second.second - 1 ? this.#now : null;
    this.#before = before;
    this.#now = second;
    numbers[row + OPENS] = second.second * SECOND;
    numbers[row + CLOSES] = (second.second + 1) * SECOND;
    numbers[row + NOW_FIRST] = first;
    numbers[row + NOW_COUNT] = count;
    numbers[row + SEEN] = 0;
    numbers[row + BEFORE_FIRST] = before === null ? first : before.first;
    const isListed = count <= FEW;
    numbers[row + LISTED + (second.second & 1)] = isListed ? 1 : 0;
    if (isListed && count > 0) {
      const all = second.times.all();
      const place = this.#rows.placeOf(row, second.second);
      for (let i = 0; i < count; i++) times[place + i] = all[i]!;
    }
    // Nobody who goes back to the plain path has to come the whole way.
    if (numbers[row + LIVE] === 1) this.#stand(this.#cursor, numbers[row + INDEX]!);
  }

  /** How many records of the second at hand have come at or before an instant of it; instants go on. */
  #seenBy(at: Instant): number {
    const row = this.#row;
    const { numbers, times } = this.#rows;
    const opens = numbers[row + OPENS]!;
    const now = this.#now!;
    if (numbers[row + LISTED + (now.second & 1)] === 0) return now.times.before(at - opens + 1);
    const time = at - opens;
    const place = this.#rows.placeOf(row, now.second);
    const count = numbers[row + NOW_COUNT]!;
    let seen = numbers[row + SEEN]!;
    while (seen < count && times[place + seen]! <= time) seen++;
    numbers[row + SEEN] = seen;
    return seen;
  }

  /** When a record arrived that the lane has not taken, or takes now. */
  #arrivalOf(index: number): Instant {
    const row = this.#row;
    const { numbers } = this.#rows;
    const first = numbers[row + NOW_FIRST]!;
    if (index >= first && index < first + numbers[row + NOW_COUNT]!) return this.#timeIn(this.#now!, index - first);
    if (index < first && index >= numbers[row + BEFORE_FIRST]!) {
      return this.#timeIn(this.#before!, index - numbers[row + BEFORE_FIRST]!);
    }
    this.#cursor.moveTo(index);
    return this.#cursor.arrival;
  }

  #timeIn(second: ShardSecond, position: number): Instant {
    const isListed = this.#rows.numbers[this.#row + LISTED + (second.second & 1)] === 1;
    const time = isListed
      ? this.#rows.times[this.#rows.placeOf(this.#row, second.second) + position]!
      : second.times.at(position);
    return second.second * SECOND + time;
  }

  /** Stands a cursor before a record, or where the next one comes. */
  #stand(cursor: ShardCursor, index: number): void {
    const { numbers } = this.#rows;
    const first = numbers[this.#row + NOW_FIRST]!;
    if (this.#now !== null && index >= first && index <= first + numbers[this.#row + NOW_COUNT]!) {
      cursor.standAt(this.#now, index - first);
    } else if (this.#before !== null && index < first && index >= this.#before.first) {
      cursor.standAt(this.#before, index - this.#before.first);
    } else cursor.moveTo(index);
  }

  /** P7: a call that brings all there is; false where it would not, or is refused. */
  #fetch(at: Instant, arrived: number): boolean {
    const row = this.#row;
    const { numbers } = this.#rows;
    const readLimit = this.#readLimit;
    const count = arrived - numbers[row + BUFFERED]!;
    if (numbers[row + CALLED] === at && (numbers[row + REFUSED] === 1 || count === 0))
      return numbers[row + REFUSED] === 0;
    const mapping = this.#mapping;
    const bytes = count * this.#bytes;
    if (count > (mapping.fetchLimit === 'batchSize' ? mapping.batchSize : RECORDS_PER_CALL) || bytes > SURE)
      return false;
    numbers[row + CALLED] = at;
    numbers[row + REFUSED] = 0;
    if (readLimit !== null) {
      if (!readLimit.admits(at)) {
        numbers[row + REFUSED] = 1;
        this.#laneRecorder.readRefused(at);
        return false;
      }
      readLimit.charge(bytes);
    }
    numbers[row + BUFFERED] = arrived;
    numbers[row + CALLS]! += 1;
    numbers[row + READ]! += count;
    return true;
  }

  #payloadOf(size: number): number {
    return ENVELOPE + size * this.#eventBytes;
  }

  /** P3: cuts a batch of so many records, and starts its invocation; false where there is more to it. */
  #start(at: Instant, size: number, arrived: number): boolean {
    const mapping = this.#mapping;
    const row = this.#row;
    const { numbers, load } = this.#rows;
    const index = numbers[row + INDEX]!;
    const payload = this.#payloadOf(size);
    if (payload > EVENT_PAYLOAD) return false;
    if (at >= this.#retention || mapping.maximumRecordAge !== null) {
      const arrival = this.#arrivalOf(index);
      if (arrival <= at - this.#retention) return false;
      if (mapping.maximumRecordAge !== null && arrival <= at - mapping.maximumRecordAge) return false;
    }
    const starts = numbers[row + STARTS]!;
    const target = this.#target;
    if (!this.#faults.areNone) {
      const attempt = { start: at, first: index, last: index + size - 1, functionStarts: target.starts, starts };
      if (!this.#faults.letPass(attempt)) return false;
    }
    load.size = size;
    load.bytes = size * this.#bytes;
    const duration = this.#draws.duration(starts, load);
    if (duration > target.settings.timeout) return false;
    const environment = target.acquire(at);
    if (environment === null) return false;

    const { kind } = environment;
    const reachedNewest = arrived === index + size;
    numbers[row + NEWEST] = reachedNewest ? 1 : 0;
    if (!reachedNewest) numbers[row + HELD_UP] = 1;
    this.#environment = environment;
    const coldStart = kind === 'new' ? this.#draws.coldStart(starts) : 0;
    target.starts++;
    const isFull = size === mapping.batchSize;
    const end = at + coldStart + duration;
    const isFar = index < numbers[row + BEFORE_FIRST]!;
    numbers[row + FAR] = isFar ? 1 : 0;
    const parts = isFar ? this.#takeFar(at, index, size) : this.#partsOf(index, size, at);
    numbers[row + INDEX] = index + size;
    numbers[row + SIZE] = size;
    numbers[row + FIRST] = index;
    numbers[row + LAST_ARRIVAL] = isFar ? lastArrivalOf(parts) : this.#arrivalOf(index + size - 1);
    numbers[row + START] = at;
    numbers[row + COLD_START] = coldStart;
    numbers[row + END] = end;
    numbers[row + FULL] = isFull ? 1 : 0;
    numbers[row + ASKED] = at;
    numbers[row + STARTS] = starts + 1;
    numbers[row + STARTED_TO] = index + size;
    numbers[row + ASKS]! += 1;
    numbers[row + TICKS]! += numbers[row + AT_TICK]!;
    numbers[row + FOUND]! += size;
    numbers[row + BATCHES]! += 1;
    if (isFull) numbers[row + FULL_BATCHES]! += 1;
    if (payload > numbers[row + LARGEST_PAYLOAD]!) numbers[row + LARGEST_PAYLOAD] = payload;
    numbers[row + RUNNING] = 1;
    this.#recorder.started(numbers, row, parts, kind, this.#place.history);
    this.#queue.schedule(this.#actor, end, RANK.END);
    return true;
  }

  /** The records of a batch by their seconds, which are at hand: parts that are good until the next call. */
  #partsOf(first: number, size: number, joinedAt: Instant): readonly SteadyPart[] {
    const row = this.#row;
    const rows = this.#rows;
    const { numbers } = rows;
    const nowFirst = numbers[row + NOW_FIRST]!;
    if (first >= nowFirst) {
      const { one } = rows;
      this.#fill(one[0]!, this.#now!, 0, first - nowFirst, first + size - nowFirst, joinedAt);
      return one;
    }
    const beforeFirst = numbers[row + BEFORE_FIRST]!;
    if (first + size <= nowFirst) {
      const { one } = rows;
      this.#fill(one[0]!, this.#before!, 0, first - beforeFirst, first + size - beforeFirst, joinedAt);
      return one;
    }
    const { two } = rows;
    this.#fill(two[0]!, this.#before!, 0, first - beforeFirst, nowFirst - beforeFirst, joinedAt);
    this.#fill(two[1]!, this.#now!, 1, 0, first + size - nowFirst, joinedAt);
    return two;
  }

  #fill(part: SteadyPart, second: ShardSecond, place: number, from: number, to: number, joinedAt: Instant): void {
    part.from = from;
    part.to = to;
    part.joinedAt = joinedAt;
    const rows = this.#rows;
    const { numbers } = rows;
    if (to - from > LOOKED_AT_SINGLY || numbers[this.#row + LISTED + (second.second & 1)] === 0) part.second = second;
    else part.second = rows.listed(place, this.#row, second.second);
  }

  /** The same, to be kept. */
  #wholePartsOf(first: number, size: number, joinedAt: Instant): BatchPart[] {
    return this.#partsOf(first, size, joinedAt).map((part) => {
      const isNow = part.second.second === this.#now!.second;
      return { ...part, second: isNow ? this.#now! : this.#before! };
    });
  }

  /** Of a batch whose records are older: its cursor finds their seconds. */
  #takeFar(at: Instant, index: number, size: number): BatchPart[] {
    const cursor = this.#cursor;
    cursor.moveTo(index);
    const parts: BatchPart[] = [];
    for (let left = size; left > 0; ) {
      const { second, position } = cursor;
      const to = Math.min(second.count, position + left);
      parts.push({ second, from: position, to, joinedAt: at });
      left -= to - position;
      cursor.moveTo(second.first + to);
    }
    this.#farParts = parts;
    return parts;
  }
}

function lastArrivalOf(parts: readonly ArrivalPart[]): Instant {
  const { second, to } = parts.at(-1)!;
  return second.second * SECOND + second.times.at(to - 1);
}

const ENVELOPE = 14; // bytes of {"Records":[]} (P5)
const SURE = BYTES_PER_CALL - READ_BYTES_PER_SECOND; // so much any call that is answered brings (K4)

/** Only of records that nobody looks at one by one, in a shard that stays, is a batch a usual one; null elsewhere. */
export function steadyLaneOf(lane: SteadyOwner, parts: SteadyParts): SteadyLane | null {
  const { shard, records, fanOut, tumbling, handler, start, recorder, steadyRows: rows } = parts;
  const { constantBytes } = records.log;
  if (rows === null || constantBytes === null || records.log !== shard.log || shard.closesAt < NEVER) return null;
  const isPlain = fanOut === null && tumbling === null && handler === null && start === null && !recorder.isTraced;
  return isPlain ? new SteadyLane(lane, parts, rows, constantBytes) : null;
}
