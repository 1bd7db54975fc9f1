import type { Duration, Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import type { LaneHistory } from '../../recording/lane-history.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import { EVENT_PAYLOAD, READ_BYTES_PER_SECOND } from '../../recording/limits.ts';
import type { SteadyPlace } from '../../recording/steady-recorder.ts';
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
  CUT,
  EMPTY,
  END,
  FAR,
  FIRST,
  FIRST_ARRIVAL,
  FOUND,
  FULL,
  FULL_BATCHES,
  HELD,
  HELD_UP,
  HINDERED,
  INDEX,
  LANE,
  LARGEST_PAYLOAD,
  LAST_ARRIVAL,
  LIVE,
  LONGEST,
  NEWEST,
  NOW_FIRST,
  OLDEST,
  READ,
  REFUSED,
  RUNNING,
  SHARD,
  SINCE,
  SIZE,
  START,
  STARTED_TO,
  STARTS,
  TICKS,
  WAITING,
} from '../../recording/steady-row.ts';
import type { ReadLimit } from '../kinesis/read-limit.ts';
import { BYTES_PER_CALL, RECORDS_PER_CALL } from '../kinesis/read-limit.ts';
import { RANK } from '../ranks.ts';
import { isGone } from './after-failure.ts';
import { Batch } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { Environment } from './environments.ts';
import type { LaneFaults } from './faults.ts';
import type { InvocationDraws } from './invocation-draws.ts';
import type { PollSchedule } from './poll-schedule.ts';
import type { ShardBuffer } from './shard-buffer.ts';
import type { ShardIterator } from './shard-iterator.ts';
import type { MutablePart } from './steady-reader.ts';
import { lastArrivalOf, SteadyReader } from './steady-reader.ts';
import type { SteadyRows } from './steady-rows.ts';
import type { SteadyParts } from './steady-shared.ts';
import { SteadyShared } from './steady-shared.ts';

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
export class SteadyLane extends SteadyReader {
  readonly #shared: SteadyShared;
  readonly #actor: number;
  #environment: Environment | null = null;
  readonly #history: LaneHistory;
  readonly #schedule: PollSchedule;
  readonly #readLimit: ReadLimit | null;
  readonly #draws: InvocationDraws;
  readonly #faults: LaneFaults;
  readonly #place: SteadyPlace;
  readonly #buffer: ShardBuffer;
  readonly #lane: SteadyOwner;
  readonly #laneRecorder: LaneRecorder;
  /** Of the batch that runs, where its records are older than the seconds at hand. */
  readonly #farParts: MutablePart[] = [];

  constructor(lane: SteadyOwner, parts: SteadyParts, rows: SteadyRows, shared: SteadyShared) {
    super(rows, parts.records.arrivals, lane.iterator.cursor);
    const { place, lane: number } = parts.recorder.steady;
    this.#shared = shared;
    this.#actor = parts.actor;
    this.#history = place.history;
    this.#schedule = parts.schedule;
    this.#readLimit = parts.shard.readLimit;
    this.#draws = parts.draws;
    this.#faults = parts.faults;
    this.#place = place;
    this.#buffer = parts.buffer;
    this.#lane = lane;
    this.#laneRecorder = parts.recorder;
    const { numbers } = rows;
    numbers[this.row + LANE] = number;
    numbers[this.row + SHARD] = place.tally.shard;
    numbers[this.row + LONGEST] = -1;
    numbers[this.row + OLDEST] = -1;
  }

  /** P2: the lane asks. @returns false where the plain path has to do it, of which nothing has been done */
  poll(at: Instant): boolean {
    const row = this.row;
    const { numbers } = this.rows;
    if (numbers[row + LIVE] === 0 && !this.#begin(at)) return false;
    if (at >= numbers[row + CLOSES]!) this.turnTo(at);
    const arrived = numbers[row + NOW_FIRST]! + this.seenBy(at);
    const index = numbers[row + INDEX]!;
    const { mapping, retention } = this.#shared;
    const { batchSize } = mapping;
    if (at >= retention && index < arrived && this.arrivalOf(index) <= at - retention) return this.giveUp();
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
    this.#shared.queue.schedule(this.#actor, this.#schedule.afterEmpty(at), RANK.POLL);
    return true;
  }

  /** The invocation ends. @returns false where it is the plain path's, or has become that */
  end(at: Instant): boolean {
    const row = this.row;
    const { numbers } = this.rows;
    if (numbers[row + RUNNING] === 0) return false;
    const { watch, owner, target, queue, recorder, mapping, polling } = this.#shared;
    if (at >= watch.safeUntil) owner.beforeSettling(at); // it may be that the lane gives up for it
    if (numbers[row + RUNNING] === 0) return false;
    const environment = this.#environment!;
    const { kind } = environment;
    target.release(environment, at);
    if (target.isAwaited) queue.schedule(target.poolActor, at, RANK.QUEUED);
    const parts =
      numbers[row + FAR] === 1
        ? this.#farParts
        : this.partsOf(numbers[row + FIRST]!, numbers[row + SIZE]!, numbers[row + CUT]!);
    recorder.ended(numbers, row, parts, kind, this.#place, mapping.iteratorAge === 'atInvoke');
    numbers[row + RUNNING] = 0;
    const atOnce = numbers[row + FULL] === 1 || polling.continueAfter === 'anyBatch';
    numbers[row + AT_TICK] = atOnce ? 0 : 1;
    const asked = numbers[row + ASKED]!;
    queue.schedule(this.#actor, atOnce ? at : this.#schedule.afterBatch(asked, at), RANK.POLL);
    // M7: what was unread then is waiting still, and who has waited must have come to the newest now.
    if (numbers[row + NEWEST] === 0) return true;
    if (numbers[row + HINDERED] === 1 && this.arrivals.by(at) !== numbers[row + INDEX]!) return true;
    const wasBehind = this.#isBehind(at);
    numbers[row + CAUGHT_UP] = at;
    numbers[row + HELD_UP] = 0;
    if (wasBehind) owner.laneCaughtUp(at);
    return true;
  }

  /** Whether nothing that arrived until an instant is left to be settled; null where only the plain path knows. */
  isDoneAt(at: Instant): boolean | null {
    const { numbers } = this.rows;
    if (numbers[this.row + LIVE] === 0) return null;
    if (numbers[this.row + RUNNING] === 1 || numbers[this.row + WAITING] === 1) return false;
    if (this.arrivals.by(at) === numbers[this.row + INDEX]!) return true;
    if (this.isFresh(at)) return false;
    this.giveUp();
    return null;
  }

  /** M7; null where only the plain path knows. */
  isBehind(at: Instant): boolean | null {
    return this.rows.numbers[this.row + LIVE] === 1 ? this.#isBehind(at) : null;
  }

  /** K5: whether nothing that waits has passed its retention at an instant, as far as that is known here. */
  isFresh(at: Instant): boolean {
    const { numbers } = this.rows;
    if (numbers[this.row + LIVE] === 0) return false;
    const { retention } = this.#shared;
    if (at < retention) return true;
    if (numbers[this.row + WAITING] === 1 && numbers[this.row + FIRST_ARRIVAL]! <= at - retention) return false;
    const index = numbers[this.row + INDEX]!;
    return this.arrivals.by(at) === index || this.arrivalOf(index) > at - retention;
  }

  /** The lane is left to the plain path as that would have left it. @returns false, for whoever gives up */
  giveUp(): false {
    const row = this.row;
    const { numbers } = this.rows;
    if (numbers[row + LIVE] === 0) return false;
    numbers[row + LIVE] = 0;
    const buffer = this.#buffer;
    this.stand(this.cursor, numbers[row + INDEX]!);
    this.stand(buffer.cursor, numbers[row + BUFFERED]!);
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
    this.#shared.recorder.takeIn(numbers, row, this.#place, this.#shared.bytes, this.#shared.kilobytes);
    if (numbers[row + RUNNING] === 1 || numbers[row + WAITING] === 1) this.#handOver();
    return false;
  }

  /** The batch in hand becomes the delivery's. */
  #handOver(): void {
    const row = this.row;
    const { numbers } = this.rows;
    const { delivery } = this.#lane;
    const [first, size, cutAt] = [numbers[row + FIRST]!, numbers[row + SIZE]!, numbers[row + CUT]!];
    const [start, isWaiting] = [numbers[row + START]!, numbers[row + WAITING] === 1];
    const parts =
      numbers[row + FAR] === 1 ? this.#farParts.map((part) => ({ ...part })) : this.wholePartsOf(first, size, cutAt);
    const { second, from } = parts[0]!;
    const full = numbers[row + FULL] === 1;
    const before = { second, position: from };
    const batch = new Batch({ parts, before, cutAt, filled: full, full, payload: this.#payloadOf(size) });
    numbers[row + RUNNING] = 0;
    numbers[row + WAITING] = 0;
    if (numbers[row + HINDERED] === 1) {
      batch.isHindered = true;
      this.#laneRecorder.hindered(cutAt, cutAt, 'throttle', numbers[row + HELD]!, batch);
    }
    if (isWaiting) {
      batch.throttles = 1;
      batch.waitingSince = cutAt;
      delivery.waitOn(batch);
      return;
    }
    batch.invocations = 1;
    batch.throttled = start - cutAt;
    const times = { start, coldStart: numbers[row + COLD_START]!, end: numbers[row + END]! };
    delivery.takeOver(batch, this.#environment!, times);
  }

  /** Takes the lane over from the plain path where it is idle and healthy. */
  #begin(at: Instant): boolean {
    const { memory, delivery } = this.#lane;
    if (memory === null) return false;
    const buffer = this.#buffer;
    const row = this.row;
    const { numbers } = this.rows;
    numbers[row + SINCE] = at;
    numbers[row + INDEX] = this.cursor.index;
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
    this.#shared.recorder.begin(numbers, row, this.#place);
    return true;
  }

  #isBehind(at: Instant): boolean {
    const { numbers } = this.rows;
    return numbers[this.row + HELD_UP] === 1 && at - numbers[this.row + CAUGHT_UP]! > 2 * this.#shared.polling.period;
  }

  /** P7: a call that brings all there is; false where it would not, or is refused. */
  #fetch(at: Instant, arrived: number): boolean {
    const row = this.row;
    const { numbers } = this.rows;
    const readLimit = this.#readLimit;
    const count = arrived - numbers[row + BUFFERED]!;
    if (numbers[row + CALLED] === at && (numbers[row + REFUSED] === 1 || count === 0))
      return numbers[row + REFUSED] === 0;
    const { mapping, bytes: bytesOfOne } = this.#shared;
    const bytes = count * bytesOfOne;
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
    return ENVELOPE + size * this.#shared.eventBytes;
  }

  /** P3: cuts a batch of so many records, and starts its invocation, or waits for a slot; false where there is more to it. */
  #start(at: Instant, size: number, arrived: number): boolean {
    const { mapping, retention, target } = this.#shared;
    const row = this.row;
    const { numbers } = this.rows;
    const index = numbers[row + INDEX]!;
    if (this.#payloadOf(size) > EVENT_PAYLOAD) return false;
    const isFar = index < numbers[row + BEFORE_FIRST]!;
    const firstArrival = this.arrivalOf(index);
    if (isGone(firstArrival, at, retention, mapping)) return false;
    const duration = this.#durationOf(at, index, size);
    if (duration < 0) return false;
    const environment = target.acquire(at);
    if (environment === null && (mapping.throttleBackoff !== null || target.hasFreeSlot)) return false; // L3

    const reachedNewest = arrived === index + size;
    const isFull = size === mapping.batchSize;
    numbers[row + NEWEST] = reachedNewest ? 1 : 0;
    if (!reachedNewest) numbers[row + HELD_UP] = 1;
    numbers[row + FULL] = isFull ? 1 : 0;
    numbers[row + FAR] = isFar ? 1 : 0;
    if (isFar) this.takeFar(at, index, size, this.#farParts);
    numbers[row + INDEX] = index + size;
    numbers[row + SIZE] = size;
    numbers[row + FIRST] = index;
    numbers[row + FIRST_ARRIVAL] = firstArrival;
    numbers[row + LAST_ARRIVAL] = isFar ? lastArrivalOf(this.#farParts) : this.arrivalOf(index + size - 1);
    numbers[row + CUT] = at;
    numbers[row + ASKED] = at;
    numbers[row + ASKS]! += 1;
    numbers[row + TICKS]! += numbers[row + AT_TICK]!;
    numbers[row + FOUND]! += size;
    if (environment === null) this.#wait(at, arrived - index);
    else {
      numbers[row + HINDERED] = 0;
      this.#run(at, environment, duration);
    }
    return true;
  }

  /** L2: the batch stands in line; its last record may be gone before its turn comes (K5). */
  #wait(at: Instant, held: number): void {
    const { recorder, target, queue, retention } = this.#shared;
    const row = this.row;
    const { numbers } = this.rows;
    numbers[row + WAITING] = 1;
    numbers[row + HINDERED] = 1;
    numbers[row + HELD_UP] = 1;
    numbers[row + HELD] = held;
    recorder.throttled(numbers, row, this.#place);
    target.join(this.#lane.delivery);
    queue.schedule(this.#actor, Math.max(at, numbers[row + LAST_ARRIVAL]! + retention), RANK.EXPIRY);
  }

  /** The batch that waits has its turn. @returns false where it is the plain path's, or has become that */
  serve(at: Instant): boolean {
    const row = this.row;
    const { numbers } = this.rows;
    if (numbers[row + WAITING] === 0) return false;
    const { target, mapping, retention, stallAfter } = this.#shared;
    if (isGone(numbers[row + FIRST_ARRIVAL]!, at, retention, mapping)) return this.giveUp();
    const duration = this.#durationOf(at, numbers[row + FIRST]!, numbers[row + SIZE]!);
    if (duration < 0) return this.giveUp();
    const end = at + this.#draws.coldStart(numbers[row + STARTS]!) + duration; // at the most
    if (end - numbers[row + CUT]! > stallAfter) return this.giveUp(); // M3
    const environment = target.acquire(at);
    if (environment === null) return this.giveUp();
    numbers[row + WAITING] = 0;
    this.#run(at, environment, duration);
    return true;
  }

  /** How long an invocation of some records takes that starts now; −1 where it is not sure to succeed. */
  #durationOf(at: Instant, first: number, size: number): Duration {
    const { target, hasFaults, constantDuration, bytes } = this.#shared;
    const { numbers, load } = this.rows;
    const starts = numbers[this.row + STARTS]!;
    if (hasFaults) {
      const attempt = { start: at, first, last: first + size - 1, functionStarts: target.starts, starts };
      if (!this.#faults.letPass(attempt)) return -1;
    }
    load.size = size;
    load.bytes = size * bytes;
    const duration = constantDuration?.of(load) ?? this.#draws.duration(starts, load, target.running + 1);
    return duration > target.settings.timeout ? -1 : duration;
  }

  /** The batch in hand is invoked. */
  #run(at: Instant, environment: Environment, duration: Duration): void {
    const { target, recorder, queue } = this.#shared;
    const row = this.row;
    const { numbers } = this.rows;
    const { kind } = environment;
    const first = numbers[row + FIRST]!;
    const size = numbers[row + SIZE]!;
    const starts = numbers[row + STARTS]!;
    const coldStart = kind === 'new' ? this.#draws.coldStart(starts) : 0;
    const end = at + coldStart + duration;
    const payload = this.#payloadOf(size);
    target.starts++;
    this.#environment = environment;
    numbers[row + START] = at;
    numbers[row + COLD_START] = coldStart;
    numbers[row + END] = end;
    numbers[row + STARTS] = starts + 1;
    numbers[row + STARTED_TO] = first + size;
    numbers[row + BATCHES]! += 1;
    numbers[row + FULL_BATCHES]! += numbers[row + FULL]!;
    if (payload > numbers[row + LARGEST_PAYLOAD]!) numbers[row + LARGEST_PAYLOAD] = payload;
    numbers[row + RUNNING] = 1;
    const parts = numbers[row + FAR] === 1 ? this.#farParts : this.partsOf(first, size, numbers[row + CUT]!);
    recorder.started(numbers, row, parts, kind, this.#history);
    queue.schedule(this.#actor, end, RANK.END);
  }
}

const ENVELOPE = 14; // bytes of {"Records":[]} (P5)
const SURE = BYTES_PER_CALL - READ_BYTES_PER_SECOND; // so much any call that is answered brings (K4)

/** Only of records that nobody looks at one by one, in a shard that stays, is a batch a usual one; null elsewhere. */
export function steadyLaneOf(lane: SteadyOwner, parts: SteadyParts): SteadyLane | null {
  const { shard, records, fanOut, tumbling, handler, start, recorder, steadyRows: rows } = parts;
  const { constantBytes } = records.log;
  if (rows === null || constantBytes === null || records.log !== shard.log || shard.closesAt < NEVER) return null;
  const isPlain = fanOut === null && tumbling === null && handler === null && start === null && !recorder.isTraced;
  if (!isPlain) return null;
  const { last } = rows;
  const isShared = last instanceof SteadyShared && last.isOf(parts, constantBytes);
  const shared = isShared ? last : new SteadyShared(parts, constantBytes);
  rows.last = shared;
  return new SteadyLane(lane, parts, rows, shared);
}
