import { unreachable } from '../../kernel/distribution.ts';
import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { NEVER, SECOND } from '../../kernel/time.ts';
import type { Outcome } from '../../recording/causes.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import type { MappingSettings, Polling } from '../../scenario/scenario.ts';
import { getRecords } from '../kinesis/get-records.ts';
import { RECORDS_PER_CALL } from '../kinesis/read-limit.ts';
import type { Shard } from '../kinesis/shard.ts';
import { ShardCursor } from '../kinesis/shard.ts';
import { RANK } from '../ranks.ts';
import { afterFailure, backoffWait, goneAt } from './after-failure.ts';
import type { Batch } from './batch.ts';
import { cutBatch } from './batch.ts';
import type { EventSize } from './event.ts';
import type { LaneFaults, Verdict } from './faults.ts';
import type { InvocationDraws } from './invocation-draws.ts';
import { readResponse } from './item-failures.ts';
import type { LambdaFunction } from './lambda-function.ts';
import type { PollSchedule } from './poll-schedule.ts';
import { ProcessedRecords } from './processed.ts';

/** What a lane is built from. */
export interface LaneParts {
  readonly name: string;
  readonly actor: number;
  readonly queue: EventQueue;
  readonly shard: Shard;
  readonly mapping: MappingSettings;
  readonly polling: Polling;
  readonly schedule: PollSchedule;
  readonly target: LambdaFunction<Lane>;
  readonly faults: LaneFaults;
  readonly draws: InvocationDraws;
  /** Places the jitter of the k-th wait. */
  readonly jitter: (place: number) => number;
  readonly eventSize: EventSize;
  readonly recorder: LaneRecorder;
  readonly owner: LaneOwner;
  /** When the producers stop. */
  readonly duration: Instant;
}

/** The mapping, as its lanes see it. */
export interface LaneOwner {
  /** One of the lanes was behind, and has come to the newest record. */
  laneCaughtUp(at: Instant): void;
  beforeSettling(at: Instant): void;
}

type State = 'off' | 'idle' | 'running' | 'backingOff' | 'throttled' | 'inLine';

/** An invocation on its way. */
interface Running {
  readonly start: Instant;
  readonly coldStart: Duration;
  readonly isCold: boolean;
  readonly outcome: Outcome;
  readonly duplicates: number;
  readonly verdict: Verdict;
  /** Records before the checkpoint that the response names (E5). */
  readonly done: number;
  /** Records that the response reports although nobody reads it (E5). */
  readonly silentlyLost: number;
}

const SUCCEEDED = { outcome: 'success', done: 0, silentlyLost: 0 } as const;
const FAILED = { outcome: 'functionError', done: 0, silentlyLost: 0 } as const;
const TIMED_OUT = { outcome: 'timeout', done: 0, silentlyLost: 0 } as const;

/**
 * One lane of a mapping: it asks, cuts batches, has them invoked until they are settled, one at a time (P2–P4, E1). Each
 * method is one thing that can happen to it, and leaves it with at most one thing ahead.
 */
export class Lane {
  readonly name: string;
  readonly #parts: LaneParts;
  readonly #cursor: ShardCursor;
  #state: State = 'off';
  /** Polling has stopped, or will when the running invocation ends. */
  #isOff = true;
  /** The piece in hand, and those of its batch that come after it, the next one last (E4). */
  #batch: Batch | null = null;
  #rest: Batch[] = [];
  #running: Running | null = null;
  /** Index after the last record that GetRecords has brought (P7). */
  #fetched = 0;
  /** Index of the first record that is the mapping's to read (P8); null: LATEST, before its first poll. */
  #base: number | null;
  /** When LATEST polled first, and the integral of the records that had arrived by then. */
  #basedAt: Instant = 0;
  #recordTimeAtBase = 0;
  #askedAt: Instant = 0;
  #asksAtTick = true;
  #refused = false;
  #reachedNewest = false;
  /** When the lane was last caught up (M7), and whether something has kept it from that since. */
  #caughtUpAt: Instant = Number.NEGATIVE_INFINITY;
  #isHeldUp = true;
  #starts = 0;
  readonly #processed = new ProcessedRecords();
  /** Index after the last record that an invocation has started with. */
  #startedTo = 0;
  /** Records counted as expired, of which the digest and the trace have not heard yet. */
  #unnoted: { first: number; size: number } | null = null;

  constructor(parts: LaneParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#cursor = new ShardCursor(parts.shard.log);
    this.#base = parts.mapping.startingPosition.kind === 'LATEST' ? null : 0;
    parts.recorder.turn(0, 'notPolling');
  }

  /** Index of the first record that is the mapping's to read; null while LATEST has not polled. */
  get base(): number | null {
    return this.#base;
  }

  /** The integral over time of the shard's records that are not the mapping's to read. */
  baseRecordTime(at: Instant): number {
    return this.#recordTimeAtBase + (this.#base ?? 0) * (at - this.#basedAt);
  }

  /** Whether nothing that arrived until an instant is left to be settled. */
  isDoneAt(at: Instant): boolean {
    if (this.#batch !== null) return false;
    return this.#base === null ? this.#state === 'off' : this.#cursor.index === this.#parts.shard.arrivals.by(at);
  }

  /** M7 (choice): for more than two polling periods it has not come to the newest record. */
  isBehind(at: Instant): boolean {
    return this.#isHeldUp && at - this.#caughtUpAt > 2 * this.#parts.polling.period;
  }

  /** Of the oldest record that arrived before an instant and is not settled. */
  oldestArrivalBefore(at: Instant): Instant | null {
    if (this.#batch !== null) return this.#batch.firstArrival;
    if (this.#base === null || this.#cursor.index >= this.#parts.shard.arrivals.by(at - 1)) return null;
    return this.#cursor.arrival;
  }

  /** Polling starts, or starts again (P9). */
  startPolling(at: Instant): void {
    const { queue, actor, schedule, recorder } = this.#parts;
    if (!this.#isOff) return;
    this.#noteWaitingWhileOff(at);
    this.#isOff = false;
    if (this.#state !== 'off') return; // an invocation from before is still running
    this.#state = 'idle';
    this.#fetched = this.#cursor.index;
    recorder.turn(at, 'idle');
    this.#asksAtTick = true;
    queue.schedule(actor, schedule.firstTick(at), RANK.POLL);
  }

  /** Polling stops. A running invocation ends first; a batch that waits is given back (P9). */
  stopPolling(at: Instant): void {
    if (this.#isOff) return;
    this.#isOff = true;
    if (this.#state === 'running') {
      const waiting = this.#waiting(at) - this.#batch!.size;
      if (waiting > 0) this.#parts.recorder.hindered(at, at, 'disabled', waiting, null);
      return;
    }
    if (this.#state === 'inLine') this.#parts.target.pool.leave(this);
    this.#switchOff(at);
  }

  /** P2: the lane asks for records. */
  poll(at: Instant): void {
    const { shard, mapping, recorder, queue, actor, schedule } = this.#parts;
    this.#askedAt = at;
    const arrived = shard.arrivals.by(at);
    if (this.#base === null) {
      this.#base = arrived; // P8, LATEST
      this.#basedAt = at;
      this.#recordTimeAtBase = shard.arrivals.totalsBefore(at).recordTime;
      this.#cursor.moveTo(arrived);
      this.#fetched = arrived;
    }
    this.expireUnread(at);
    this.#noteExpired(at);
    this.#refused = this.#fetched - this.#cursor.index < mapping.batchSize && !this.#fetch(at, arrived);
    const batch = this.#cut(at);
    recorder.asked(at, batch?.size ?? 0, this.#asksAtTick);
    this.#reachedNewest = !this.#refused && this.#cursor.index === arrived;
    if (batch !== null) {
      this.#batch = batch;
      if (!this.#reachedNewest) this.#holdUp();
      this.attempt(at);
      return;
    }
    if (this.#reachedNewest) this.#catchUp(at);
    this.#state = 'idle';
    recorder.turn(at, this.#refused && this.#cursor.index < arrived ? 'readLimit' : 'idle');
    this.#asksAtTick = true;
    queue.schedule(actor, schedule.afterEmpty(at), RANK.POLL);
  }

  /** An attempt to have the batch invoked: the first, a retry, or one more after a throttle. */
  attempt(at: Instant): void {
    const batch = this.#batch!;
    if (this.#dropGone(batch, at)) return;
    if (this.#parts.target.pool.acquire()) this.#start(batch, at);
    else this.#throttle(batch, at);
  }

  /** The last record of a batch that waits has passed its retention, or the last one unread of a lane that is off (K5). */
  expire(at: Instant): void {
    if (this.#state === 'off') {
      this.expireUnread(at);
      this.#noteExpired(at);
      this.awaitExpiry(at);
      return;
    }
    if (this.#state === 'inLine') this.#parts.target.pool.leave(this);
    this.#dropGone(this.#batch!, at);
  }

  /** The invocation ends. */
  end(at: Instant): void {
    const { target, recorder, mapping, queue, jitter } = this.#parts;
    const batch = this.#batch!;
    const running = this.#running!;
    this.#running = null;
    target.pool.release();
    target.environments.giveBack(at);
    if (target.pool.canServe) queue.schedule(target.poolActor, at, RANK.QUEUED);
    const ageAt = mapping.iteratorAge === 'atFinish' ? at : running.start;
    recorder.ended({ ...running, batch, attempt: batch.invocations, end: at, iteratorAge: ageAt - batch.lastArrival }); // M1

    if (running.outcome === 'success') {
      this.#succeed(batch, running, at);
      this.#settled(batch, at);
      return;
    }
    this.#holdUp();
    batch.isHindered = true;
    if (running.outcome !== 'timeout' && running.verdict.poison.length > 0) {
      this.#processed.note(batch.first, batch.last, running.verdict.poison); // E10
    }
    recorder.hindered(running.start, at, 'functionError', this.#waiting(at), batch);
    const piece = { size: batch.size, invocations: batch.invocations, done: running.done };
    const step = afterFailure(piece, running.outcome, mapping, jitter(2 * this.#starts));
    switch (step.kind) {
      case 'retry':
        this.#goOnAt(at + step.wait, at);
        break;
      case 'split': {
        const [lower, upper] = batch.splitAt(step.lower);
        recorder.split(at, batch, step.lower);
        this.#rest.push(upper);
        this.#batch = lower;
        this.#goOnAt(at, at);
        break;
      }
      case 'advance': {
        const [done, rest] = batch.splitAt(step.done);
        recorder.split(at, batch, step.done);
        this.#succeed(done, running, at);
        this.#batch = rest;
        this.#goOnAt(at, at);
        break;
      }
      case 'discard':
        this.#parts.owner.beforeSettling(at);
        recorder.discarded(at, batch, {
          condition: step.condition,
          invocations: batch.invocations,
          response: running.outcome === 'functionError' || running.outcome === 'timeout' ? 'Unhandled' : null,
        });
        this.#settled(batch, at);
        break;
      default:
        unreachable(step);
    }
  }

  /** Records are settled by an invocation that ends now. */
  #succeed(batch: Batch, running: Running, at: Instant): void {
    this.#parts.owner.beforeSettling(at);
    this.#parts.recorder.succeeded(batch, {
      cutAt: batch.cutAt,
      throttle: batch.throttled,
      coldStart: running.coldStart,
      processing: at - running.start - running.coldStart,
      settledAt: at,
    });
  }

  /** The next attempt of the piece in hand; a lane that polls no more gives the batch back instead (P9). */
  #goOnAt(next: Instant, at: Instant): void {
    if (this.#isOff) {
      this.#switchOff(at);
      return;
    }
    this.#state = 'backingOff';
    this.#parts.recorder.turn(at, 'backingOff');
    this.#waitUntil(next, this.#batch!, this.#parts.actor);
  }

  /** Counts unread records past their retention as gone, until an instant (K5). */
  expireUnread(at: Instant): void {
    const { shard, recorder } = this.#parts;
    const threshold = at - shard.retention;
    if (threshold < 0 || this.#base === null) return;
    const first = this.#cursor.index;
    const arrivals = this.#cursor.movePast(threshold, shard.arrivals.by(at));
    const size = this.#cursor.index - first;
    if (size === 0) return;
    this.#fetched = Math.max(this.#fetched, this.#cursor.index);
    recorder.expired(size, arrivals + size * shard.retention);
    if (this.#unnoted === null) this.#unnoted = { first, size };
    else this.#unnoted = { first: this.#unnoted.first, size: this.#unnoted.size + size };
  }

  /** The run ends here: what has expired before is counted, and a stall that nobody saw is opened. */
  finish(end: Instant): void {
    this.expireUnread(end - 1);
    this.#noteExpired(end);
    const batch = this.#batch;
    if (batch !== null && this.#running === null) {
      for (const piece of [batch, ...[...this.#rest].reverse()]) {
        const expired = piece.takeUntil(end - 1 - this.#parts.shard.retention);
        if (expired === null) continue;
        this.#parts.recorder.expired(expired.size, end * expired.size);
        this.#parts.recorder.notedExpired(end, expired.first, expired.size);
      }
      this.#rest = this.#rest.filter(({ size }) => size > 0);
      if (batch.size === 0) this.#batch = this.#rest.pop() ?? null;
    }
    this.#noteWaitingWhileOff(end);
  }

  /** While the run drains: what a lane that is off leaves unread is gone when its retention is over (K5, D5). */
  awaitExpiry(at: Instant): void {
    const { shard, queue, actor } = this.#parts;
    if (this.#state !== 'off' || this.#base === null) return;
    const arrived = shard.arrivals.by(at);
    if (!shard.arrivals.isQuietAt(at))
      queue.schedule(actor, at + SECOND, RANK.EXPIRY); // a put is still on its way
    else if (this.#cursor.index < arrived) {
      const newest = new ShardCursor(shard.log);
      newest.goBackTo(this.#cursor.place);
      newest.moveTo(arrived - 1);
      queue.schedule(actor, newest.arrival + shard.retention, RANK.EXPIRY);
    }
  }

  /** E9, for this lane: what it has taken from its shard is settled or in hand. */
  assertBalance(): void {
    if (this.#base === null) return;
    const { settled } = this.#parts.recorder.tally.balance;
    const inHand = this.#rest.reduce((sum, { size }) => sum + size, this.#batch?.size ?? 0);
    if (this.#cursor.index - this.#base === settled + inHand) return;
    throw new Error(
      `${this.name}: the balance is broken (E9): ${this.#cursor.index - this.#base} records read, ${settled} settled, ${inHand} in hand`,
    );
  }

  /** P7: one GetRecords call; false where the shard's read limits refuse it. */
  #fetch(at: Instant, arrived: number): boolean {
    const { shard, mapping, recorder } = this.#parts;
    if (shard.readLimit !== null && !shard.readLimit.admits(at)) {
      recorder.readRefused(at);
      if (this.#cursor.index < arrived) {
        this.#holdUp();
        recorder.hindered(at, at, 'readLimit', this.#waiting(at), null);
      }
      return false;
    }
    if (recorder.stallWatch.isOpen) recorder.stallWatch.clear(at, this.#waiting(at));
    const most = mapping.fetchLimit === 'batchSize' ? mapping.batchSize : RECORDS_PER_CALL;
    const wanted = Math.min(arrived, this.#fetched + most);
    const { place } = this.#cursor;
    const call = getRecords(shard.log, { place, from: this.#fetched, to: wanted, arrived, at });
    shard.readLimit?.charge(call.bytes);
    recorder.read(at, call.end - this.#fetched, call.bytes, call.age);
    this.#fetched = call.end;
    return true;
  }

  /** P3, and P5 for records that fit no event. */
  #cut(at: Instant): Batch | null {
    const { shard, mapping, eventSize, recorder, owner } = this.#parts;
    const limits = { batchSize: mapping.batchSize, end: this.#fetched, refused: this.#refused };
    for (;;) {
      const batch = cutBatch(this.#cursor, shard.log, eventSize, at, limits);
      if (batch !== 'tooLarge') return batch;
      const { index } = this.#cursor;
      owner.beforeSettling(at);
      const { arrival } = this.#cursor;
      this.#cursor.moveTo(index + 1);
      const record = { first: index, last: index, size: 1, firstArrival: arrival, lastArrival: arrival };
      recorder.discarded(at, record, { condition: 'PayloadTooLarge', invocations: 0, response: null });
    }
  }

  /** E2: records that have expired or are too old leave the piece; true where that settles it. */
  #dropGone(batch: Batch, at: Instant): boolean {
    const { recorder, shard, mapping, owner } = this.#parts;
    const gone = goneAt(at, shard.retention, mapping);
    if (batch.firstArrival > gone.expired && batch.firstArrival > gone.tooOld) return false;
    owner.beforeSettling(at);
    const expired = batch.takeUntil(gone.expired);
    if (expired !== null) {
      recorder.expired(expired.size, at * expired.size);
      recorder.notedExpired(at, expired.first, expired.size);
    }
    const tooOld = batch.size > 0 ? batch.takeUntil(gone.tooOld) : null;
    if (tooOld !== null) {
      recorder.discarded(at, tooOld, {
        condition: 'RecordAgeExceeded',
        invocations: batch.invocations,
        response: null,
      });
    }
    if (batch.size > 0) return false;
    this.#settled(batch, at);
    return true;
  }

  #throttle(batch: Batch, at: Instant): void {
    const { recorder, mapping, target, actor, jitter } = this.#parts;
    recorder.throttled(at, batch);
    this.#holdUp();
    batch.isHindered = true;
    recorder.hindered(at, at, 'throttle', this.#waiting(at), batch);
    recorder.turn(at, 'throttled');
    if (batch.throttles === 0) batch.waitingSince = at;
    batch.throttles++;
    if (mapping.throttleBackoff === null) {
      this.#state = 'inLine';
      target.pool.join(this);
      this.#waitUntil(NEVER, batch, actor);
      return;
    }
    this.#state = 'throttled';
    const wait = backoffWait(mapping.throttleBackoff, batch.throttles, jitter(2 * this.#starts + 1));
    this.#waitUntil(at + wait, batch, actor);
  }

  /** L4–L6. */
  #start(batch: Batch, at: Instant): void {
    const { target, recorder, faults, draws, queue, actor } = this.#parts;
    if (batch.throttles > 0) batch.throttled += at - batch.waitingSince;
    batch.throttles = 0; // L2: reset once accepted
    batch.invocations++;
    const isCold = !target.environments.take(at);
    const coldStart = isCold ? draws.coldStart(this.#starts) : 0;
    const verdict = faults.judge({ start: at, batch, functionStarts: target.starts, laneStarts: this.#starts });
    const drawn = Math.round(draws.duration(this.#starts, batch) * verdict.slowdown);
    const handler = verdict.fails ? (verdict.after ?? drawn) : drawn;
    const { timeout } = target.settings;
    const response = handler > timeout ? TIMED_OUT : this.#respond(batch, verdict);
    recorder.started(at, batch, { isFirst: batch.invocations === 1, startedTo: this.#startedTo });
    this.#startedTo = Math.max(this.#startedTo, batch.last + 1);
    target.starts++;
    this.#starts++;
    this.#state = 'running';
    recorder.turn(at, 'running');
    const duplicates = this.#processed.countIn(batch.first, batch.last); // E10
    this.#running = { start: at, coldStart, isCold, ...response, duplicates, verdict };
    queue.schedule(actor, at + coldStart + Math.min(handler, timeout), RANK.END);
  }

  /** What the function answers that does not run into its Timeout (E5, E6). */
  #respond(batch: Batch, verdict: Verdict): Pick<Running, 'outcome' | 'done' | 'silentlyLost'> {
    if (!verdict.fails) return SUCCEEDED;
    if (!verdict.reports) return FAILED;
    if (!this.#parts.mapping.reportBatchItemFailures) return { ...SUCCEEDED, silentlyLost: verdict.poison.length };
    const places = new Map(verdict.poison.map((index) => [String(index), index - batch.first]));
    const batchItemFailures = [...places.keys()].map((itemIdentifier) => ({ itemIdentifier }));
    const reading = readResponse({ batchItemFailures }, (identifier) => places.get(identifier) ?? null);
    if (reading.kind !== 'partialFailure') throw new Error(`${this.name}: poison without a place in its batch`);
    return { outcome: reading.kind, done: reading.checkpoint, silentlyLost: 0 };
  }

  /** P3: all records of the piece are settled. The next of its batch begins at once, a full batch is followed by the next ask. */
  #settled(batch: Batch, at: Instant): void {
    const { recorder, queue, actor, schedule, polling } = this.#parts;
    this.#batch = this.#rest.pop() ?? null;
    if (this.#batch !== null) {
      this.assertBalance();
      this.#goOnAt(at, at);
      return;
    }
    if (!this.#isOff) recorder.stallWatch.clear(at, this.#waiting(at));
    this.assertBalance();
    const wentWell = this.#reachedNewest && !batch.isHindered;
    if (wentWell || this.#waiting(at) === 0) this.#catchUp(at);
    if (this.#isOff) {
      this.#switchOff(at);
      return;
    }
    this.#state = 'idle';
    recorder.turn(at, this.#refused ? 'readLimit' : 'idle');
    const atOnce = batch.full || polling.continueAfter === 'anyBatch';
    this.#asksAtTick = !atOnce;
    queue.schedule(actor, atOnce ? at : schedule.afterBatch(this.#askedAt, at), RANK.POLL);
  }

  /** The next attempt, or the instant at which the batch's last record is gone, whichever is first (K5). */
  #waitUntil(retry: Instant, batch: Batch, actor: number): void {
    const gone = batch.lastArrival + this.#parts.shard.retention;
    if (gone <= retry) this.#parts.queue.schedule(actor, gone, RANK.EXPIRY);
    else this.#parts.queue.schedule(actor, retry, RANK.RETRY);
  }

  #switchOff(at: Instant): void {
    const { queue, actor, recorder } = this.#parts;
    if (this.#batch !== null) {
      this.#cursor.goBackTo(this.#batch.before);
      this.#cursor.moveTo(this.#batch.first);
      this.#batch = null;
      this.#rest = [];
    }
    this.#state = 'off';
    this.#fetched = this.#cursor.index;
    this.#holdUp();
    recorder.turn(at, 'notPolling');
    queue.cancel(actor);
    if (this.#waiting(at) > 0) recorder.hindered(at, at, 'disabled', this.#waiting(at), null);
    else recorder.stallWatch.clear(at, 0);
    if (at >= this.#parts.duration) this.awaitExpiry(at);
  }

  /** M3: records that came while the lane was off have waited since the first of them. */
  #noteWaitingWhileOff(at: Instant): void {
    const { recorder } = this.#parts;
    if (this.#state !== 'off' || recorder.stallWatch.isOpen) return;
    const waiting = this.#waiting(at);
    if (waiting > 0) recorder.hindered(this.#cursor.arrival, at, 'disabled', waiting, null);
  }

  #noteExpired(at: Instant): void {
    if (this.#unnoted === null) return;
    this.#parts.recorder.notedExpired(at, this.#unnoted.first, this.#unnoted.size);
    this.#unnoted = null;
  }

  /** Records that have arrived and are not settled. */
  #waiting(at: Instant): number {
    if (this.#base === null) return 0;
    return this.#parts.shard.arrivals.by(at) - this.#base - this.#parts.recorder.tally.balance.settled;
  }

  #catchUp(at: Instant): void {
    const wasBehind = this.isBehind(at);
    this.#isHeldUp = false;
    this.#caughtUpAt = at;
    if (wasBehind) this.#parts.owner.laneCaughtUp(at);
  }

  #holdUp(): void {
    this.#isHeldUp = true;
  }
}
