import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { EnvironmentKind } from '../../recording/causes.ts';
import { ACTIVITY } from '../../recording/lane-history.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import { EVENT_PAYLOAD, READ_BYTES_PER_SECOND } from '../../recording/limits.ts';
import { BatchTimes } from '../../recording/record-statistics.ts';
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
  readonly owner: { laneCaughtUp(at: Instant): void; beforeSettling(at: Instant): void };
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
  readonly #notes: SteadyNotes;
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
  readonly #retention: Duration;
  /** What changes at every event, in one place. */
  readonly #row = new Float64Array(ROW);
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
    this.#notes = notes;
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
    this.#retention = parts.shard.retention;
  }

  /** An invocation has started here, and has not ended. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Records of the batch that runs. */
  get inHand(): number {
    return this.#isRunning ? this.#row[SIZE]! : 0;
  }

  /** P2: the lane asks. @returns false where the plain path has to do it, of which nothing has been done */
  poll(at: Instant): boolean {
    if (!this.#isLive && !this.#begin()) return false;
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
    this.#recorder.asked(at, 0, this.#asksAtTick);
    this.#asksAtTick = true;
    this.#queue.schedule(this.#actor, this.#schedule.afterEmpty(at), RANK.POLL);
    return true;
  }

  /** The invocation ends. @returns false where it has become the plain path's */
  end(at: Instant): boolean {
    this.#owner.beforeSettling(at);
    if (!this.#isRunning) return false;
    const recorder = this.#recorder;
    const target = this.#target;
    this.#describe(at);
    target.release(this.#environment!, at);
    if (target.isAwaited) this.#queue.schedule(target.poolActor, at, RANK.QUEUED);
    const { batch, running, times } = this.#notes;
    const ageAt = this.#mapping.iteratorAge === 'atFinish' ? at : running.start;
    recorder.ended(batch, running, ageAt - batch.lastArrival, null);
    recorder.succeeded(batch, times);
    this.#isRunning = false;
    this.#lane.assertBalance();

    const atOnce = this.#isFull || this.#polling.continueAfter === 'anyBatch';
    this.#asksAtTick = !atOnce;
    recorder.turn(at, ACTIVITY.idle);
    this.#queue.schedule(this.#actor, atOnce ? at : this.#schedule.afterBatch(this.#row[ASKED]!, at), RANK.POLL);
    if (!this.#reachedNewest) return true; // M7: what was unread then is waiting still
    const wasBehind = this.#isBehind(at);
    this.#row[CAUGHT_UP] = at;
    this.#isHeldUp = false;
    if (wasBehind) this.#owner.laneCaughtUp(at);
    return true;
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
    if (!this.#isRunning) return false;
    this.#isRunning = false;
    this.#describe(row[END]!);
    const parts = this.#batchParts.map((part) => ({ ...part }));
    const { second, from } = parts[0]!;
    const { payload, start } = { payload: row[PAYLOAD]!, start: row[START]! };
    const [filled, full] = [this.#isFull, this.#isFull];
    const batch = new Batch({ parts, before: { second, position: from }, cutAt: start, filled, full, payload });
    batch.invocations = 1;
    const running = { ...this.#notes.running, poison: [], hadEffects: false, reading: null };
    this.#lane.delivery.takeOver(batch, running, this.#environment!);
    return false;
  }

  /** Takes the lane over from the plain path where it is idle and healthy. */
  #begin(): boolean {
    const { memory, delivery } = this.#lane;
    if (memory === null) return false;
    const buffer = this.#buffer;
    const row = this.#row;
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
    this.#recorder.read(at, count, bytes, 0);
    return true;
  }

  /** P3: cuts a batch of so many records, and starts its invocation; false where there is more to it. */
  #start(at: Instant, size: number, arrived: number): boolean {
    const mapping = this.#mapping;
    const draws = this.#draws;
    const { batch } = this.#notes;
    const row = this.#row;
    const { index, arrival } = this.#cursor;
    const payload = ENVELOPE + size * this.#eventBytes;
    if (payload > EVENT_PAYLOAD || arrival <= at - this.#retention) return false;
    if (mapping.maximumRecordAge !== null && arrival <= at - mapping.maximumRecordAge) return false;
    const starts = row[STARTS]!;
    const target = this.#target;
    if (!this.#faults.letPass({ start: at, first: index, last: index + size - 1, functionStarts: target.starts, starts })) {
      return false;
    }
    batch.size = size;
    batch.bytes = size * this.#bytes;
    const duration = draws.duration(starts, batch);
    if (duration > target.settings.timeout) return false;
    const environment = target.acquire(at);
    if (environment === null) return false;

    const recorder = this.#recorder;
    recorder.asked(at, size, this.#asksAtTick);
    this.#reachedNewest = arrived === index + size;
    if (!this.#reachedNewest) this.#isHeldUp = true;
    this.#isFull = size === mapping.batchSize;
    this.#environment = environment;
    const coldStart = environment.kind === 'new' ? draws.coldStart(starts) : 0;
    target.starts++;
    row[ASKED] = at;
    row[SIZE] = size;
    row[FIRST] = index;
    row[FIRST_ARRIVAL] = arrival;
    row[LAST_ARRIVAL] = this.#take(at, size);
    row[PAYLOAD] = payload;
    row[START] = at;
    row[COLD_START] = coldStart;
    row[END] = at + coldStart + duration;
    row[STARTS] = starts + 1;
    row[STARTED_TO] = index + size;
    this.#isRunning = true;
    batch.full = this.#isFull;
    batch.payload = payload;
    recorder.started(at, batch, environment.kind, this.#batchParts);
    recorder.turn(at, ACTIVITY.running);
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

  /** Puts the batch that runs, and its invocation, into the notes that all lanes share. */
  #describe(end: Instant): void {
    const row = this.#row;
    const { batch, running, times } = this.#notes;
    const start = row[START]!;
    const coldStart = row[COLD_START]!;
    batch.parts = this.#batchParts;
    batch.size = row[SIZE]!;
    batch.bytes = batch.size * this.#bytes;
    batch.first = row[FIRST]!;
    batch.last = batch.first + batch.size - 1;
    batch.full = this.#isFull;
    batch.firstArrival = row[FIRST_ARRIVAL]!;
    batch.lastArrival = row[LAST_ARRIVAL]!;
    running.start = start;
    running.end = end;
    running.coldStart = coldStart;
    running.environment = this.#environment!.kind;
    times.cutAt = start;
    times.coldStart = coldStart;
    times.processing = end - start - coldStart;
    times.settledAt = end;
  }
}

/** What is said of the batch at hand and its invocation: one for all lanes, since none is looked at for longer. */
export class SteadyNotes {
  readonly batch = {
    parts: NO_PARTS,
    first: 0,
    last: 0,
    size: 0,
    bytes: 0,
    payload: 0,
    full: false,
    isPiece: false,
    invocations: 1,
    isFinal: false,
    firstArrival: 0,
    lastArrival: 0,
  };
  readonly running = {
    start: 0,
    end: 0,
    coldStart: 0,
    environment: 'warm' as EnvironmentKind,
    outcome: 'success' as const,
    duplicates: 0,
    done: 0,
    silentlyLost: 0,
  };
  readonly times = new BatchTimes(0);
}

interface MutablePart {
  second: ShardSecond;
  from: number;
  to: number;
  joinedAt: Instant;
}

const NO_PARTS: MutablePart[] = [];

const ENVELOPE = 14; // bytes of {"Records":[]} (P5)
const SURE = BYTES_PER_CALL - READ_BYTES_PER_SECOND; // so much any call that is answered brings (K4)

/** Places in a lane's row. */
const BUFFERED = 0; // index after the last record that a call has brought (P7)
const CALLED = 1; // when the last call was made
const ASKED = 2;
const CAUGHT_UP = 3;
const STARTS = 4; // the lane's invocations so far
const STARTED_TO = 5; // index after the last record that an invocation has started with
const SIZE = 6; // from here on of the batch that runs
const FIRST = 7;
const FIRST_ARRIVAL = 8;
const LAST_ARRIVAL = 9;
const PAYLOAD = 10;
const START = 11;
const COLD_START = 12;
const END = 13;
const ROW = 14;
