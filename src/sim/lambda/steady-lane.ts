import type { Duration, Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import { EVENT_PAYLOAD } from '../../recording/limits.ts';
import { mostSingly } from '../../recording/record-statistics.ts';
import { SteadyPlace } from '../../recording/steady-recorder.ts';
import {
  ASKED,
  AT_TICK,
  BEFORE_FIRST,
  BUFFERED,
  CAUGHT_UP,
  CLOSES,
  COLD_START,
  CUT,
  EMPTY,
  EMPTY_TICKS,
  END,
  FAR,
  FIRST_ARRIVAL,
  FLAGS,
  FULL,
  HAND,
  HAND_BYTES,
  HAND_FIRST,
  HAND_LAST,
  HAND_PAYLOAD,
  HELD,
  HELD_UP,
  HINDERED,
  INDEX,
  LANE,
  LAST_ARRIVAL,
  LIVE,
  NEW,
  NEWEST,
  NOTE,
  NOTES,
  NOW_FIRST,
  PROVISIONED,
  ROW_LENGTH,
  RUNNING,
  SHARD,
  SINCE,
  SIZE,
  START,
  STARTED_IN_SHARD,
  STARTED_TO,
  STARTS,
  TICK,
  WAITING,
} from '../../recording/steady-row.ts';
import { RANK } from '../ranks.ts';
import { Batch } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { Environment } from './environments.ts';
import type { LaneFaults } from './faults.ts';
import type { InvocationDraws } from './invocation-draws.ts';
import type { PollSchedule } from './poll-schedule.ts';
import type { ShardIterator } from './shard-iterator.ts';
import { SteadyFetcher } from './steady-fetcher.ts';
import type { MutablePart } from './steady-reader.ts';
import { lastArrivalOf, lastIndexOf } from './steady-reader.ts';
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
export class SteadyLane extends SteadyFetcher {
  readonly #actor: number;
  #environment: Environment | null = null;
  readonly #schedule: PollSchedule;
  readonly #draws: InvocationDraws;
  readonly #faults: LaneFaults;
  readonly #place: SteadyPlace;
  readonly #lane: SteadyOwner;
  /** Of the batch that runs, where its records are older than the seconds at hand. */
  readonly #farParts: MutablePart[] = [];

  constructor(lane: SteadyOwner, parts: SteadyParts, rows: SteadyRows, shared: SteadyShared) {
    super(parts, rows, shared, lane.iterator.cursor);
    const { place, lane: number } = parts.recorder.steady;
    this.#actor = parts.actor;
    this.#schedule = parts.schedule;
    this.#draws = parts.draws;
    this.#faults = parts.faults;
    this.#place = new SteadyPlace(place, this, mostSingly(this.cursor.place.second.isSummedTogether));
    this.#lane = lane;
    const { numbers } = rows;
    numbers[this.row + LANE] = number;
    numbers[this.row + SHARD] = place.tally.shard;
    numbers[this.row + HAND] = this.row + NOTES;
  }

  /** P2: the lane asks. @returns false where the plain path has to do it, of which nothing has been done */
  poll(at: Instant): boolean {
    const row = this.row;
    const { numbers } = this.rows;
    if (numbers[row + LIVE] === 0 && !this.#begin(at)) return false;
    if (at >= numbers[row + CLOSES]!) this.turnTo(at);
    const index = numbers[row + INDEX]!;
    const { mapping, retention } = this.shared;
    const { batchSize } = mapping;
    let buffered = this.broughtTo;
    if (buffered < 0) return this.giveUp();
    // How many have come is looked up only where more may be wanted than is there.
    const arrived = buffered - index < batchSize ? numbers[row + NOW_FIRST]! + this.seenBy(at) : UNKNOWN;
    if (arrived !== UNKNOWN) {
      if (at >= retention && index < arrived && this.arrivalOf(index) <= at - retention) return this.giveUp();
      if (!this.fetch(at, arrived)) return this.giveUp();
      buffered = numbers[row + BUFFERED]!;
    }
    const size = Math.min(batchSize, buffered - index);
    if (size > 0) return this.#start(at, size, arrived) || this.giveUp();
    if (this.#isBehind(at)) return this.giveUp();
    numbers[row + CAUGHT_UP] = at;
    numbers[row + ASKED] = at;
    numbers[row + HELD_UP] = 0;
    numbers[row + NEWEST] = 1;
    numbers[row + EMPTY]! += 1;
    numbers[row + EMPTY_TICKS]! += numbers[row + AT_TICK]!;
    numbers[row + AT_TICK] = 1;
    this.shared.queue.schedule(this.#actor, this.#schedule.afterEmpty(at), RANK.POLL);
    return true;
  }

  /** The invocation ends. @returns false where it is the plain path's, or has become that */
  end(at: Instant): boolean {
    const row = this.row;
    const { numbers } = this.rows;
    if (numbers[row + RUNNING] === 0) return false;
    const { watch, owner, target, queue, recorder, polling, isAgeAtStart, bytes } = this.shared;
    if (at >= watch.safeUntil) owner.beforeSettling(at); // it may be that the lane gives up for it
    if (numbers[row + RUNNING] === 0) return false;
    const environment = this.#environment!;
    const { kind } = environment;
    const note = numbers[row + HAND]!;
    target.release(environment, at);
    if (target.isAwaited) queue.schedule(target.poolActor, at, RANK.QUEUED);
    const age = (isAgeAtStart ? numbers[note + START]! : at) - numbers[note + LAST_ARRIVAL]!;
    const far = numbers[row + FAR] === 1 ? this.#farParts : null;
    recorder.ended(numbers, row, kind, age, bytes === null, this.#place, far);
    numbers[row + RUNNING] = 0;
    numbers[row + HAND] = note + NOTE;
    if (note + NOTE === row + ROW_LENGTH) recorder.takeNotes(numbers, row, this.#place, this.shared);
    const atOnce = (numbers[note + FLAGS]! & FULL) !== 0 || polling.continueAfter === 'anyBatch';
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
    if (this.rows.numbers[this.row + LIVE] === 0) return false;
    return at < this.shared.retention || this.#firstGoneAt(at) > at;
  }

  /** When the first record that waits will be gone; null where it is, or only the plain path knows. */
  nextGone(at: Instant): Instant | null {
    if (this.rows.numbers[this.row + LIVE] === 0) return null;
    const gone = this.#firstGoneAt(at);
    return gone > at ? gone : null;
  }

  /** Of the records that wait; NEVER without one. What runs succeeds. */
  #firstGoneAt(at: Instant): Instant {
    const { numbers } = this.rows;
    const { retention } = this.shared;
    if (numbers[this.row + WAITING] === 1) return numbers[numbers[this.row + HAND]! + FIRST_ARRIVAL]! + retention;
    const index = numbers[this.row + INDEX]!;
    return this.arrivals.by(at) === index ? NEVER : this.arrivalOf(index) + retention;
  }

  /** The lane is left to the plain path as that would have left it. @returns false, for whoever gives up */
  giveUp(): false {
    const row = this.row;
    const { numbers } = this.rows;
    if (numbers[row + LIVE] === 0) return false;
    numbers[row + LIVE] = 0;
    this.stand(this.cursor, numbers[row + INDEX]!);
    this.leaveBuffer();
    this.#lane.remember({
      askedAt: numbers[row + ASKED]!,
      asksAtTick: numbers[row + AT_TICK] === 1,
      reachedNewest: numbers[row + NEWEST] === 1,
      isHeldUp: numbers[row + HELD_UP] === 1,
      caughtUpAt: numbers[row + CAUGHT_UP]!,
    });
    const [startedTo, startedInShard] = [numbers[row + STARTED_TO]!, numbers[row + STARTED_IN_SHARD]!];
    this.#lane.delivery.remember(numbers[row + STARTS]!, startedTo, startedInShard);
    const far = numbers[row + FAR] === 1 ? this.#farParts : null;
    this.shared.recorder.takeIn(numbers, row, this.#place, this.shared, far);
    if (numbers[row + RUNNING] === 1 || numbers[row + WAITING] === 1) this.#handOver();
    return false;
  }

  /** The batch in hand becomes the delivery's. */
  #handOver(): void {
    const row = this.row;
    const { numbers } = this.rows;
    const { delivery } = this.#lane;
    const note = numbers[row + HAND]!;
    const [size, cutAt] = [numbers[note + SIZE]!, numbers[note + CUT]!];
    const [start, isWaiting] = [numbers[note + START]!, numbers[row + WAITING] === 1];
    const first = numbers[row + INDEX]! - size;
    const parts =
      numbers[row + FAR] === 1 ? this.#farParts.map((part) => ({ ...part })) : this.wholePartsOf(first, size, cutAt);
    const { second, from } = parts[0]!;
    const full = (numbers[note + FLAGS]! & FULL) !== 0;
    const before = { second, position: from };
    const payload = this.shared.bytes === null ? numbers[row + HAND_PAYLOAD]! : this.shared.payloadOf(size);
    const batch = new Batch({ parts, before, cutAt, filled: full, full, payload });
    numbers[row + RUNNING] = 0;
    numbers[row + WAITING] = 0;
    if (numbers[row + HINDERED] === 1) {
      batch.isHindered = true;
      this.laneRecorder.hindered(cutAt, cutAt, 'throttle', numbers[row + HELD]!, batch);
    }
    if (isWaiting) {
      batch.throttles = 1;
      batch.waitingSince = cutAt;
      delivery.waitOn(batch);
      return;
    }
    batch.invocations = 1;
    batch.throttled = start - cutAt;
    this.laneRecorder.stallWatch.pause(start);
    const times = { start, coldStart: numbers[note + COLD_START]!, end: numbers[note + END]! };
    delivery.takeOver(batch, this.#environment!, times);
  }

  /** Takes the lane over from the plain path where it is idle and healthy. */
  #begin(at: Instant): boolean {
    const { memory, delivery } = this.#lane;
    if (memory === null || !this.enterBuffer()) return false;
    const row = this.row;
    const { numbers } = this.rows;
    numbers[row + SINCE] = at;
    numbers[row + INDEX] = this.cursor.index;
    numbers[row + ASKED] = memory.askedAt;
    numbers[row + CAUGHT_UP] = memory.caughtUpAt;
    numbers[row + STARTS] = delivery.starts;
    numbers[row + STARTED_TO] = delivery.startedPlace;
    numbers[row + STARTED_IN_SHARD] = delivery.startedTo;
    numbers[row + AT_TICK] = memory.asksAtTick ? 1 : 0;
    numbers[row + NEWEST] = memory.reachedNewest ? 1 : 0;
    numbers[row + HELD_UP] = memory.isHeldUp ? 1 : 0;
    numbers[row + LIVE] = 1;
    return true;
  }

  #isBehind(at: Instant): boolean {
    const { numbers } = this.rows;
    return numbers[this.row + HELD_UP] === 1 && at - numbers[this.row + CAUGHT_UP]! > 2 * this.shared.polling.period;
  }

  /**
   * P3: cuts a batch of so many records, and starts its invocation, or waits for a slot; false where there is more to it.
   *
   * @param known how many have arrived; UNKNOWN: it has not been looked up
   */
  #start(at: Instant, size: number, known: number): boolean {
    const { mapping, goneAfter, target, mostRecords, bytes } = this.shared;
    const row = this.row;
    const { numbers } = this.rows;
    const index = numbers[row + INDEX]!;
    if (size > mostRecords || (bytes === null && !this.#measure(index, size))) return false;
    const isFar = index < numbers[row + BEFORE_FIRST]!;
    const firstArrival = this.arrivalOf(index);
    if (firstArrival <= at - goneAfter) return false;
    const duration = this.#durationOf(at, index, size);
    if (duration < 0) return false;
    const environment = target.acquire(at);
    if (environment === null && (mapping.throttleBackoff !== null || target.hasFreeSlot)) return false; // L3

    let arrived = known;
    if (known === UNKNOWN && (environment === null || numbers[row + BUFFERED]! === index + size)) {
      arrived = numbers[row + NOW_FIRST]! + this.seenBy(at);
    }
    const reachedNewest = arrived === index + size;
    const note = numbers[row + HAND]!;
    numbers[row + HAND_FIRST] = this.indexInShard(index);
    if (isFar) this.takeFar(at, index, size, this.#farParts);
    numbers[row + HAND_LAST] = isFar ? lastIndexOf(this.#farParts) : this.indexInShard(index + size - 1);
    numbers[note + CUT] = at;
    numbers[note + SIZE] = size;
    numbers[note + FIRST_ARRIVAL] = firstArrival;
    numbers[note + LAST_ARRIVAL] = isFar ? lastArrivalOf(this.#farParts) : this.arrivalOf(index + size - 1);
    numbers[note + FLAGS] = (size === mapping.batchSize ? FULL : 0) + (numbers[row + AT_TICK] === 1 ? TICK : 0);
    numbers[row + INDEX] = index + size;
    numbers[row + NEWEST] = reachedNewest ? 1 : 0;
    if (!reachedNewest) numbers[row + HELD_UP] = 1;
    numbers[row + FAR] = isFar ? 1 : 0;
    numbers[row + ASKED] = at;
    if (environment === null) this.#wait(at, arrived - index);
    else {
      numbers[row + HINDERED] = 0;
      this.#run(at, environment, duration);
    }
    return true;
  }

  /** P5, where sizes differ: what a batch and its event come to. @returns false where it may be too large, or is not at hand */
  #measure(index: number, size: number): boolean {
    const { numbers } = this.rows;
    const bytes = this.bytesBetween(index, index + size);
    if (bytes < 0) return false;
    const payload = this.shared.envelope + this.payloadBetween(index, index + size, this.shared.eventSize);
    numbers[this.row + HAND_BYTES] = bytes;
    numbers[this.row + HAND_PAYLOAD] = payload;
    return payload <= EVENT_PAYLOAD;
  }

  /** L2: the batch stands in line; its last record may be gone before its turn comes (K5). */
  #wait(at: Instant, held: number): void {
    const { recorder, target, queue, retention } = this.shared;
    const row = this.row;
    const { numbers } = this.rows;
    numbers[row + WAITING] = 1;
    numbers[row + HINDERED] = 1;
    numbers[row + HELD_UP] = 1;
    numbers[row + HELD] = held;
    recorder.throttled(numbers, row, this.#place.tally);
    target.join(this.#lane.delivery);
    const lastArrival = numbers[numbers[row + HAND]! + LAST_ARRIVAL]!;
    queue.schedule(this.#actor, Math.max(at, lastArrival + retention), RANK.EXPIRY);
  }

  /** The batch that waits has its turn. @returns false where it is the plain path's, or has become that */
  serve(at: Instant): boolean {
    const row = this.row;
    const { numbers } = this.rows;
    if (numbers[row + WAITING] === 0) return false;
    const { target, goneAfter, stallAfter } = this.shared;
    const note = numbers[row + HAND]!;
    const size = numbers[note + SIZE]!;
    if (numbers[note + FIRST_ARRIVAL]! <= at - goneAfter) return this.giveUp();
    const duration = this.#durationOf(at, numbers[row + INDEX]! - size, size);
    if (duration < 0) return this.giveUp();
    const end = at + this.#draws.coldStart(numbers[row + STARTS]!) + duration; // at the most
    if (end - numbers[note + CUT]! > stallAfter) return this.giveUp(); // M3
    const environment = target.acquire(at);
    if (environment === null) return this.giveUp();
    numbers[row + WAITING] = 0;
    this.#run(at, environment, duration);
    return true;
  }

  /** How long an invocation of some records takes that starts now; −1 where it is not sure to succeed. */
  #durationOf(at: Instant, first: number, size: number): Duration {
    const shared = this.shared;
    const { target } = shared;
    const { numbers, load } = this.rows;
    const starts = numbers[this.row + STARTS]!;
    if (shared.hasFaults) {
      if (this.isSliced && first < numbers[this.row + BEFORE_FIRST]!) return -1; // its cursor goes on from there
      const [from, last] = [this.indexInShard(first), this.indexInShard(first + size - 1)];
      const attempt = { start: at, first: from, last, functionStarts: target.starts, starts };
      if (!this.#faults.letPass(attempt)) return -1;
    }
    const bytes = shared.bytes === null ? numbers[this.row + HAND_BYTES]! : size * shared.bytes;
    let duration = 0;
    if (shared.isDurationConstant) duration = shared.durationOf(size, bytes);
    else {
      load.size = size;
      load.bytes = bytes;
      duration = this.#draws.duration(starts, load, target.running + 1);
    }
    return duration > target.settings.timeout ? -1 : duration;
  }

  /** The batch in hand is invoked. */
  #run(at: Instant, environment: Environment, duration: Duration): void {
    const { target, recorder, queue } = this.shared;
    const row = this.row;
    const { numbers } = this.rows;
    const note = numbers[row + HAND]!;
    const { kind } = environment;
    const starts = numbers[row + STARTS]!;
    const coldStart = kind === 'new' ? this.#draws.coldStart(starts) : 0;
    const end = at + coldStart + duration;
    target.starts++;
    this.#environment = environment;
    numbers[note + START] = at;
    numbers[note + COLD_START] = coldStart;
    numbers[note + END] = end;
    if (kind !== 'warm') numbers[note + FLAGS]! += kind === 'new' ? NEW : PROVISIONED;
    numbers[row + STARTS] = starts + 1;
    numbers[row + STARTED_TO] = numbers[row + INDEX]!;
    numbers[row + STARTED_IN_SHARD] = numbers[row + HAND_LAST]! + 1;
    numbers[row + RUNNING] = 1;
    recorder.started(at, kind);
    queue.schedule(this.#actor, end, RANK.END);
  }
}

/** How many records have come: not looked up. */
const UNKNOWN = -1;

/** Only of records that nobody looks at one by one, in a shard that stays, is a batch a usual one; null elsewhere. */
export function steadyLaneOf(lane: SteadyOwner, parts: SteadyParts): SteadyLane | null {
  const { shard, records, fanOut, tumbling, handler, start, recorder, steadyRows: rows } = parts;
  const { constantBytes } = records.log;
  if (rows === null || shard.closesAt < NEVER) return null;
  // What is read is billed by the size of each record (C2), and what a call brings is of all slices.
  if (constantBytes === null && (shard.isOnDemand || records.log !== shard.log)) return null;
  const isPlain = fanOut === null && tumbling === null && handler === null && start === null && !recorder.isTraced;
  if (!isPlain) return null;
  const { last } = rows;
  const isShared = last instanceof SteadyShared && last.isOf(parts, constantBytes);
  const shared = isShared ? last : new SteadyShared(parts, constantBytes);
  rows.last = shared;
  return new SteadyLane(lane, parts, rows, shared);
}
