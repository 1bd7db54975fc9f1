import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { NEVER, SECOND } from '../../kernel/time.ts';
import { KILOBYTE, unitsIn } from '../../recording/billing.ts';
import type { EnvironmentKind } from '../../recording/causes.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import { EVENT_PAYLOAD, READ_BYTES_PER_SECOND } from '../../recording/limits.ts';
import type { BacklogWatch } from '../../recording/recorder.ts';
import type { SteadyRecorder } from '../../recording/steady-recorder.ts';
import {
  ASKED,
  ASKS,
  BATCHES,
  BUFFERED,
  CALLED,
  CALLS,
  CAUGHT_UP,
  COLD_START,
  EMPTY,
  END,
  FIRST,
  FIRST_ARRIVAL,
  FOUND,
  FULL_BATCHES,
  LARGEST_PAYLOAD,
  LAST_ARRIVAL,
  LONGEST,
  OLDEST,
  PAYLOAD,
  READ,
  ROW_LENGTH,
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

/** What a steady path is built from. */
export interface SteadyParts extends IteratorParts, Omit<InvocationParts, 'tumbling'> {
  readonly actor: number;
  readonly queue: EventQueue;
  readonly target: LambdaFunction<Delivery>;
  readonly polling: Polling;
  readonly schedule: PollSchedule;
  readonly handler: LaneHandler | null;
  /** What the steady paths of all lanes share; null: the run takes none. */
  readonly steadyNotes: SteadyNotes | null;
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
  assertBalance(): void;
}

/**
 * The usual way of a batch, at a fraction of the cost: a call that brings all there is, one batch of it, a slot at once, an
 * invocation that succeeds, and the next call. It trades generality for few and small steps: no batch and no invocation is
 * made into objects of its own, and what a healthy lane knows the answer of is not asked. It is right because it gives up
 * before it has changed anything: whatever is not like that (a refusal, a fault, a throttle, records too old or too large, a
 * lane that was behind), and whoever looks at the lane from outside, finds it as the plain path would have left it, and goes
 * on there. Both note down what happens through the same recorder, and a test holds runs with and without it to the same
 * bytes.
 */
export class SteadyLane {
  readonly #lane: SteadyOwner;
  readonly #owner: SteadyParts['owner'];
  readonly #watch: BacklogWatch;
  readonly #scratch: SteadyNotes;
  readonly #notes: SteadyRecorder;
  readonly #queue: EventQueue;
  readonly #actor: number;
  readonly #polling: Polling;
  readonly #schedule: PollSchedule;
  readonly #mapping: MappingSettings;
  readonly #recorder: LaneRecorder;
  readonly #cursor: ShardCursor;
  readonly #buffer: ShardBuffer;
  readonly #readLimit: ReadLimit | null;
  readonly #arrivals: ArrivalCount;
  readonly #target: LambdaFunction<Delivery>;
  readonly #faults: LaneFaults;
  readonly #draws: InvocationDraws;
  /** At the most, of the event with one such record (P5). */
  readonly #eventBytes: number;
  /** Of every record of the shard. */
  readonly #bytes: number;
  /** As which it is billed when it is read; 0 where it is not (C2). */
  readonly #kilobytes: number;
  readonly #retention: Duration;
  /** What changes at every event, in one place. */
  readonly #row = new Float64Array(ROW_LENGTH);
  /** The row is what counts; what the plain path remembers has been left behind. */
  #isLive = false;
  #isRunning = false;
  #asksAtTick = false;
  #reachedNewest = false;
  #isHeldUp = false;
  #wasRefused = false;
  #isFull = false;
  #environment: Environment | null = null;
  /** Of the batch that runs; used again for the next. */
  readonly #batchParts: MutablePart[] = [];

  /** @param bytes of every record of the shard */
  constructor(lane: SteadyOwner, parts: SteadyParts, notes: SteadyNotes, bytes: number) {
    this.#lane = lane;
    this.#owner = parts.owner;
    this.#watch = parts.owner.backlogWatch;
    this.#scratch = notes;
    this.#notes = parts.recorder.steady;
    this.#queue = parts.queue;
    this.#actor = parts.actor;
    this.#polling = parts.polling;
    this.#schedule = parts.schedule;
    this.#mapping = parts.mapping;
    this.#recorder = parts.recorder;
    this.#buffer = parts.buffer;
    this.#readLimit = parts.shard.readLimit;
    this.#faults = parts.faults;
    this.#draws = parts.draws;
    this.#eventBytes = parts.eventSize.atMost(bytes);
    this.#cursor = lane.iterator.cursor;
    this.#arrivals = parts.records.arrivals;
    this.#target = parts.target;
    this.#bytes = bytes;
    this.#kilobytes = parts.shard.isOnDemand ? unitsIn(bytes, KILOBYTE) : 0;
    this.#retention = parts.shard.retention;
    this.#row[LONGEST] = -1;
    this.#row[OLDEST] = -1;
  }

  /** An invocation has started here, and has not ended. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** P2: the lane asks. @returns false where the plain path has to do it, of which nothing has been done */
  poll(at: Instant): boolean {
    if (!this.#isLive && !this.#begin(at)) return false;
    const row = this.#row;
    const arrived = this.#arrivals.by(at);
    const { index } = this.#cursor;
    if (at >= this.#retention && index < arrived && this.#cursor.arrival <= at - this.#retention) return this.giveUp();
    const { batchSize } = this.#mapping;
    if (row[BUFFERED]! - index < batchSize && !this.#fetch(at, arrived)) return this.giveUp();
    const size = Math.min(batchSize, row[BUFFERED]! - index);
    if (size > 0) return this.#start(at, size, arrived) || this.giveUp();
    if (this.#isBehind(at)) return this.giveUp();
    row[CAUGHT_UP] = at;
    row[ASKED] = at;
    this.#isHeldUp = false;
    this.#reachedNewest = true;
    row[ASKS]! += 1;
    row[EMPTY]! += 1;
    if (this.#asksAtTick) row[TICKS]! += 1;
    this.#asksAtTick = true;
    this.#queue.schedule(this.#actor, this.#schedule.afterEmpty(at), RANK.POLL);
    return true;
  }

  /** The invocation ends. @returns false where it has become the plain path's */
  end(at: Instant): boolean {
    if (at >= this.#watch.safeUntil) this.#owner.beforeSettling(at);
    if (!this.#isRunning) return false;
    const row = this.#row;
    const target = this.#target;
    const { invocation } = this.#scratch;
    invocation.environment = this.#environment!.kind;
    invocation.isFull = this.#isFull;
    invocation.isAgeAtStart = this.#mapping.iteratorAge === 'atInvoke';
    target.release(this.#environment!, at);
    if (target.isAwaited) this.#queue.schedule(target.poolActor, at, RANK.QUEUED);
    this.#notes.ended(row, this.#batchParts, invocation);
    this.#isRunning = false;
    if (this.#cursor.index !== row[FIRST]! + row[SIZE]!) this.#lane.assertBalance(); // E9
    const atOnce = this.#isFull || this.#polling.continueAfter === 'anyBatch';
    this.#asksAtTick = !atOnce;
    this.#queue.schedule(this.#actor, atOnce ? at : this.#schedule.afterBatch(row[ASKED]!, at), RANK.POLL);
    if (!this.#reachedNewest) return true; // M7: what was unread then is waiting still
    const wasBehind = this.#isBehind(at);
    row[CAUGHT_UP] = at;
    this.#isHeldUp = false;
    if (wasBehind) this.#owner.laneCaughtUp(at);
    return true;
  }

  /** M7; null where only the plain path knows. */
  isBehind(at: Instant): boolean | null {
    return this.#isLive ? this.#isBehind(at) : null;
  }

  /** K5: whether nothing unread has passed its retention at an instant, as far as that is known here. */
  isFresh(at: Instant): boolean {
    if (!this.#isLive) return false;
    if (at < this.#retention || this.#arrivals.by(at) === this.#cursor.index) return true;
    return this.#cursor.arrival > at - this.#retention;
  }

  /** The lane is left to the plain path as that would have left it. @returns false, for whoever gives up */
  giveUp(): false {
    if (!this.#isLive) return false;
    this.#isLive = false;
    const row = this.#row;
    const buffer = this.#buffer;
    buffer.cursor.moveTo(row[BUFFERED]!);
    buffer.calledAt = row[CALLED]!;
    buffer.wasRefused = this.#wasRefused;
    this.#lane.remember({
      askedAt: row[ASKED]!,
      asksAtTick: this.#asksAtTick,
      reachedNewest: this.#reachedNewest,
      isHeldUp: this.#isHeldUp,
      caughtUpAt: row[CAUGHT_UP]!,
    });
    this.#lane.delivery.remember(row[STARTS]!, row[STARTED_TO]!);
    this.#notes.takeIn(row, this.#bytes, this.#kilobytes);
    if (!this.#isRunning) return false;
    this.#isRunning = false;
    const parts = this.#batchParts.map((part) => ({ ...part }));
    const { second, from } = parts[0]!;
    const { payload, start } = { payload: row[PAYLOAD]!, start: row[START]! };
    const [filled, full] = [this.#isFull, this.#isFull];
    const batch = new Batch({ parts, before: { second, position: from }, cutAt: start, filled, full, payload });
    batch.invocations = 1;
    this.#lane.delivery.takeOver(batch, this.#environment!, { start, coldStart: row[COLD_START]!, end: row[END]! });
    return false;
  }

  /** Takes the lane over from the plain path where it is idle and healthy. */
  #begin(at: Instant): boolean {
    const { memory, delivery } = this.#lane;
    if (memory === null) return false;
    const buffer = this.#buffer;
    const row = this.#row;
    row[SINCE] = at;
    row[BUFFERED] = buffer.cursor.index;
    row[CALLED] = buffer.calledAt;
    row[ASKED] = memory.askedAt;
    row[CAUGHT_UP] = memory.caughtUpAt;
    row[STARTS] = delivery.starts;
    row[STARTED_TO] = delivery.startedTo;
    this.#wasRefused = buffer.wasRefused;
    this.#asksAtTick = memory.asksAtTick;
    this.#reachedNewest = memory.reachedNewest;
    this.#isHeldUp = memory.isHeldUp;
    this.#isLive = true;
    return true;
  }

  #isBehind(at: Instant): boolean {
    return this.#isHeldUp && at - this.#row[CAUGHT_UP]! > 2 * this.#polling.period;
  }

  /** P7: a call that brings all there is; false where it would not, or is refused. */
  #fetch(at: Instant, arrived: number): boolean {
    const row = this.#row;
    const mapping = this.#mapping;
    const readLimit = this.#readLimit;
    const count = arrived - row[BUFFERED]!;
    if (row[CALLED] === at && (this.#wasRefused || count === 0)) return !this.#wasRefused;
    const bytes = count * this.#bytes;
    if (count > (mapping.fetchLimit === 'batchSize' ? mapping.batchSize : RECORDS_PER_CALL) || bytes > SURE)
      return false;
    row[CALLED] = at;
    this.#wasRefused = readLimit !== null && !readLimit.admits(at);
    if (this.#wasRefused) {
      this.#recorder.readRefused(at);
      return false;
    }
    row[BUFFERED] = arrived;
    readLimit?.charge(bytes);
    row[CALLS]! += 1;
    row[READ]! += count;
    return true;
  }

  /** P3: cuts a batch of so many records, and starts its invocation; false where there is more to it. */
  #start(at: Instant, size: number, arrived: number): boolean {
    const mapping = this.#mapping;
    const draws = this.#draws;
    const row = this.#row;
    const { index, arrival } = this.#cursor;
    const payload = ENVELOPE + size * this.#eventBytes;
    if (payload > EVENT_PAYLOAD || arrival <= at - this.#retention) return false;
    if (mapping.maximumRecordAge !== null && arrival <= at - mapping.maximumRecordAge) return false;
    const starts = row[STARTS]!;
    const target = this.#target;
    if (!this.#faults.areNone) {
      const attempt = { start: at, first: index, last: index + size - 1, functionStarts: target.starts, starts };
      if (!this.#faults.letPass(attempt)) return false;
    }
    const { load } = this.#scratch;
    load.size = size;
    load.bytes = size * this.#bytes;
    const duration = draws.duration(starts, load);
    if (duration > target.settings.timeout) return false;
    const environment = target.acquire(at);
    if (environment === null) return false;

    this.#reachedNewest = arrived === index + size;
    if (!this.#reachedNewest) this.#isHeldUp = true;
    this.#isFull = size === mapping.batchSize;
    this.#environment = environment;
    const coldStart = environment.kind === 'new' ? draws.coldStart(starts) : 0;
    target.starts++;
    row[SIZE] = size;
    row[FIRST] = index;
    row[FIRST_ARRIVAL] = arrival;
    row[LAST_ARRIVAL] = this.#take(at, size);
    row[PAYLOAD] = payload;
    row[START] = at;
    row[COLD_START] = coldStart;
    row[END] = at + coldStart + duration;
    row[ASKED] = at;
    row[STARTS] = starts + 1;
    row[STARTED_TO] = index + size;
    row[ASKS]! += 1;
    if (this.#asksAtTick) row[TICKS]! += 1;
    row[FOUND]! += size;
    row[BATCHES]! += 1;
    if (this.#isFull) row[FULL_BATCHES]! += 1;
    if (payload > row[LARGEST_PAYLOAD]!) row[LARGEST_PAYLOAD] = payload;
    this.#isRunning = true;
    this.#notes.started(row, this.#batchParts, environment.kind);
    this.#queue.schedule(this.#actor, row[END]!, RANK.END);
    return true;
  }

  /** Moves past the records of the batch and names them by their seconds. @returns the arrival of the last */
  #take(at: Instant, size: number): Instant {
    const cursor = this.#cursor;
    const parts = this.#batchParts;
    let count = 0;
    let last: MutablePart | undefined;
    for (let left = size; left > 0; count++) {
      const { second, position } = cursor;
      const to = Math.min(second.count, position + left);
      last = parts[count];
      if (last === undefined) {
        last = { second, from: position, to, joinedAt: at };
        parts.push(last);
      } else {
        last.second = second;
        last.from = position;
        last.to = to;
        last.joinedAt = at;
      }
      left -= to - position;
      cursor.moveTo(second.first + to);
    }
    while (parts.length > count) parts.pop();
    const { second, to } = last!;
    return second.second * SECOND + second.times.at(to - 1);
  }
}

/** What is said of the invocation at hand: one for all lanes, since none is looked at for longer. */
export class SteadyNotes {
  readonly invocation = { environment: 'warm' as EnvironmentKind, isFull: false, isAgeAtStart: false };
  readonly load = { size: 0, bytes: 0 };
}

interface MutablePart {
  second: ShardSecond;
  from: number;
  to: number;
  joinedAt: Instant;
}

const ENVELOPE = 14; // bytes of {"Records":[]} (P5)
const SURE = BYTES_PER_CALL - READ_BYTES_PER_SECOND; // so much any call that is answered brings (K4)

/** Only of records that nobody looks at one by one, in a shard that stays, is a batch a usual one; null elsewhere. */
export function steadyLaneOf(lane: SteadyOwner, parts: SteadyParts): SteadyLane | null {
  const { shard, records, fanOut, tumbling, handler, start, recorder, steadyNotes: notes } = parts;
  const { constantBytes } = records.log;
  if (notes === null || constantBytes === null || records.log !== shard.log || shard.closesAt < NEVER) return null;
  const isPlain = fanOut === null && tumbling === null && handler === null && start === null && !recorder.isTraced;
  return isPlain ? new SteadyLane(lane, parts, notes, constantBytes) : null;
}
