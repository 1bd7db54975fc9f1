import { unreachable } from '../../kernel/distribution.ts';
import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Instant } from '../../kernel/time.ts';
import { NEVER, SECOND } from '../../kernel/time.ts';
import type { LaneActivity } from '../../recording/lane-history.ts';
import type { Polling } from '../../scenario/scenario.ts';
import { PROPAGATION } from '../kinesis/fan-out.ts';
import type { ArrivalCount } from '../kinesis/shard.ts';
import { RANK } from '../ranks.ts';
import { afterFailure, backoffWait, goneAt } from './after-failure.ts';
import type { Batch } from './batch.ts';
import type { Invocation, InvocationParts } from './invocation.ts';
import { decideInvocation } from './invocation.ts';
import type { LambdaFunction } from './lambda-function.ts';
import type { PollSchedule } from './poll-schedule.ts';
import { ProcessedRecords } from './processed.ts';
import { Progress } from './progress.ts';
import type { IteratorParts } from './shard-iterator.ts';
import { ShardIterator } from './shard-iterator.ts';

/** What a lane is built from. */
export interface LaneParts extends IteratorParts, InvocationParts {
  readonly name: string;
  readonly actor: number;
  readonly queue: EventQueue;
  readonly polling: Polling;
  readonly schedule: PollSchedule;
  readonly target: LambdaFunction<Lane>;
  /** Places the jitter of the k-th wait. */
  readonly jitter: (place: number) => number;
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

type State = 'off' | 'idle' | 'window' | 'running' | 'backingOff' | 'throttled' | 'inLine';

/**
 * One lane of a mapping: it asks, cuts batches, has them invoked until they are settled, one at a time (P2–P4, E1). Each
 * method is one thing that can happen to it, and leaves it with at most one thing ahead.
 */
export class Lane {
  readonly name: string;
  readonly #parts: LaneParts;
  readonly #iterator: ShardIterator;
  readonly #progress: Progress;
  #state: State = 'off';
  /** Polling has stopped, or will when the running invocation ends. */
  #isOff = true;
  /** The piece in hand, and those of its batch that come after it, the next one last (E4). */
  #batch: Batch | null = null;
  #rest: Batch[] = [];
  #running: Invocation | null = null;
  /** When the open window closes (P6), and when the lane asks next while it is open. */
  #windowEnd: Instant = NEVER;
  #nextAsk: Instant = NEVER;
  #askedAt: Instant = 0;
  #asksAtTick: boolean;
  #refused = false;
  #reachedNewest = false;
  #starts = 0;
  readonly #processed = new ProcessedRecords();
  /** Place after the last record that an invocation has started with. */
  #startedTo = 0;

  constructor(parts: LaneParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#iterator = new ShardIterator(parts);
    this.#progress = new Progress(parts.polling.period);
    this.#asksAtTick = parts.fanOut === null;
    parts.recorder.turn(0, 'notPolling');
  }

  /** Where the lane stands, for whoever looks at the run from outside. */
  get iterator(): ShardIterator {
    return this.#iterator;
  }

  get arrivals(): ArrivalCount {
    return this.#parts.records.arrivals;
  }

  /** Whether nothing that arrived until an instant is left to be settled. */
  isDoneAt(at: Instant): boolean {
    if (this.#batch !== null) return false;
    return this.#iterator.base === null ? this.#state === 'off' : this.#iterator.unread(at) === 0;
  }

  isBehind(at: Instant): boolean {
    return this.#progress.isBehind(at);
  }

  /** Of the oldest record that arrived before an instant and is not settled. */
  oldestArrivalBefore(at: Instant): Instant | null {
    if (this.#batch !== null) return this.#batch.firstArrival;
    return this.#iterator.unread(at - 1) > 0 ? this.#iterator.oldestArrival : null;
  }

  /** Polling starts, or starts again (P9). */
  startPolling(at: Instant): void {
    if (!this.#isOff) return;
    this.#noteWaitingWhileOff(at);
    this.#isOff = false;
    this.#iterator.subscribe(at);
    if (this.#state !== 'off') return; // an invocation from before is still running
    this.#await(at, this.#parts.fanOut === null ? this.#parts.schedule.firstTick(at) : this.#nextDelivery(at));
  }

  /** Polling stops. A running invocation ends first; a batch that waits is given back (P9). */
  stopPolling(at: Instant): void {
    if (this.#isOff) return;
    this.#isOff = true;
    if (this.#state === 'running') {
      const waiting = this.#waiting(at) - this.#inHand;
      if (waiting > 0) this.#parts.recorder.hindered(at, at, 'disabled', waiting, null);
      return;
    }
    if (this.#state === 'inLine') this.#parts.target.pool.leave(this);
    this.#switchOff(at);
  }

  /** P2: the lane asks for records. */
  poll(at: Instant): void {
    const { recorder, mapping, schedule, fanOut } = this.#parts;
    const gathered = this.#inHand;
    const iterator = this.#iterator;
    this.#askedAt = at;
    iterator.begin(at);
    iterator.expire(at);
    this.#fetch(at);
    const batch = this.#cut(at);
    const filtered = this.#countFiltered(at);
    const found = (batch?.size ?? 0) - gathered + filtered;
    if (fanOut === null || found > 0) recorder.asked(at, found, this.#asksAtTick); // K8: another slice's record is no ask
    const unread = iterator.unread(at);
    this.#reachedNewest = !this.#refused && (fanOut === null ? unread === 0 : !iterator.hasDelivered(at));
    this.#batch = batch;
    if (batch !== null && !this.#reachedNewest) this.#progress.holdUp();
    if (batch === null && this.#reachedNewest) this.#catchUp(at);
    if (batch !== null && (batch.filled || mapping.batchingWindow === 0)) {
      this.attempt(at);
      return;
    }
    this.#asksAtTick = fanOut === null;
    this.#nextAsk = fanOut === null ? schedule.afterEmpty(at) : iterator.nextDelivery;
    this.#wait(at, this.#refused && unread > 0 ? 'readLimit' : mapping.batchingWindow > 0 ? 'window' : 'idle');
  }

  /** P6: the window closes. What it holds goes; an empty one opens anew. */
  closeWindow(at: Instant): void {
    if (this.#batch === null) this.#await(at, this.#nextAsk);
    else {
      this.#batch.cutAt = at;
      this.attempt(at);
    }
  }

  /** The lane asks next at an instant. With a batching window, one opens now (P6). */
  #await(at: Instant, nextAsk: Instant): void {
    const { batchingWindow } = this.#parts.mapping;
    this.#nextAsk = nextAsk;
    this.#windowEnd = batchingWindow > 0 ? at + batchingWindow : NEVER;
    this.#wait(at, this.#refused ? 'readLimit' : batchingWindow > 0 ? 'window' : 'idle');
  }

  /** K8: at once where something has been delivered, else with the next record. */
  #nextDelivery(at: Instant): Instant {
    return this.#iterator.hasDelivered(at) ? at : this.#iterator.nextDelivery;
  }

  #wait(at: Instant, activity: LaneActivity): void {
    const { queue, actor, recorder, fanOut } = this.#parts;
    this.#state = this.#windowEnd < NEVER ? 'window' : 'idle';
    recorder.turn(at, fanOut?.isLimited ? 'readLimit' : activity);
    if (this.#windowEnd <= this.#nextAsk && this.#windowEnd < NEVER)
      queue.schedule(actor, this.#windowEnd, RANK.WINDOW);
    else queue.schedule(actor, this.#nextAsk, RANK.POLL);
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
      this.#iterator.expire(at);
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
    recorder.ended({ batch, running, attempt: batch.invocations, end: at, iteratorAge: ageAt - batch.lastArrival }); // M1

    if (running.outcome === 'success') {
      this.#succeed(batch, running, at);
      this.#settled(batch, at);
      return;
    }
    this.#progress.holdUp();
    batch.isHindered = true;
    if (running.outcome !== 'timeout' && running.poison.length > 0) {
      this.#processed.note(batch.place, batch.endPlace - 1, running.poison); // E10
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
        recorder.split(at, batch, step.lower, 'bisect');
        this.#rest.push(upper);
        this.#batch = lower;
        this.#goOnAt(at, at);
        break;
      }
      case 'advance': {
        const [done, rest] = batch.splitAt(step.done);
        recorder.split(at, batch, step.done, 'itemFailures');
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
  #succeed(batch: Batch, running: Invocation, at: Instant): void {
    this.#parts.owner.beforeSettling(at);
    this.#parts.recorder.succeeded(batch, {
      propagation: this.#parts.fanOut === null ? 0 : PROPAGATION,
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

  /** The run ends here: what has expired before is counted, and a stall that nobody saw is opened. */
  finish(end: Instant): void {
    this.#iterator.countExpired(end - 1);
    this.#iterator.noteExpired(end);
    const batch = this.#batch;
    if (batch !== null && this.#running === null) {
      for (const piece of [batch, ...[...this.#rest].reverse()]) {
        const expired = piece.takeUntil(end - 1 - this.#parts.shard.retention);
        if (expired === null) continue;
        this.#parts.recorder.expired(expired.size, end * expired.size);
        this.#parts.recorder.notedExpired(end, expired);
      }
      this.#rest = this.#rest.filter(({ size }) => size > 0);
      if (batch.size === 0) this.#batch = this.#rest.pop() ?? null;
    }
    this.#noteWaitingWhileOff(end);
  }

  /** While the run drains: what a lane that is off leaves unread is gone when its retention is over (K5, D5). */
  awaitExpiry(at: Instant): void {
    const { records, queue, actor } = this.#parts;
    if (this.#state !== 'off' || this.#iterator.base === null) return;
    if (!records.arrivals.isQuietAt(at))
      queue.schedule(actor, at + SECOND, RANK.EXPIRY); // a put is still on its way
    else if (this.#iterator.unread(at) > 0) queue.schedule(actor, this.#iterator.newestGoneAt(at), RANK.EXPIRY);
  }

  /** E9, for this lane: what it has taken from its shard is settled or in hand. */
  assertBalance(): void {
    const { settled } = this.#parts.recorder.tally.balance;
    const { taken } = this.#iterator;
    if (taken === settled + this.#inHand) return;
    throw new Error(
      `${this.name}: the balance is broken (E9): ${taken} records read, ${settled} settled, ${this.#inHand} in hand`,
    );
  }

  /** Records of the batch in hand that are not settled. */
  get #inHand(): number {
    return this.#rest.reduce((sum, { size }) => sum + size, this.#batch?.size ?? 0);
  }

  /** P7: reads on where that is needed; a call that is refused holds the lane up, one that succeeds ends its stall (M3). */
  #fetch(at: Instant): void {
    const { recorder } = this.#parts;
    this.#refused = !this.#iterator.fetch(at, this.#inHand);
    if (!this.#refused) {
      if (recorder.stallWatch.isOpen) recorder.stallWatch.clear(at, this.#waiting(at));
    } else if (this.#iterator.unread(at) > 0) {
      this.#progress.holdUp();
      recorder.hindered(at, at, 'readLimit', this.#waiting(at), null);
    }
  }

  /** P3, and P5 for records that fit no event. */
  #cut(at: Instant): Batch | null {
    const { recorder, owner } = this.#parts;
    for (;;) {
      const batch = this.#iterator.cut(at, { refused: this.#refused, gathered: this.#batch });
      if (batch !== 'tooLarge') return batch;
      owner.beforeSettling(at);
      const record = this.#iterator.takeOne();
      recorder.discarded(at, record, { condition: 'PayloadTooLarge', invocations: 0, response: null });
    }
  }

  /** P10: what a filter has dropped is settled. */
  #countFiltered(at: Instant): number {
    const filtered = this.#iterator.takeFiltered();
    if (filtered === 0) return 0;
    this.#parts.owner.beforeSettling(at);
    this.#parts.recorder.filtered(at, filtered);
    return filtered;
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
      recorder.notedExpired(at, expired);
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
    this.#progress.holdUp();
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
    const { target, recorder, queue, actor } = this.#parts;
    if (batch.throttles > 0) batch.throttled += at - batch.waitingSince;
    batch.throttles = 0; // L2: reset once accepted
    batch.invocations++;
    this.#running = decideInvocation(this.#parts, batch, {
      at,
      isCold: !target.environments.take(at),
      timeout: target.settings.timeout,
      functionStarts: target.starts++,
      laneStarts: this.#starts++,
      duplicates: this.#processed.countIn(batch),
    });
    recorder.started(at, batch, { isFirst: batch.invocations === 1, startedTo: this.#startedTo });
    this.#startedTo = Math.max(this.#startedTo, batch.endPlace);
    this.#state = 'running';
    recorder.turn(at, 'running');
    queue.schedule(actor, this.#running.end, RANK.END);
  }

  /** P3: all records of the piece are settled. The next of its batch begins at once, a full batch is followed by the next ask. */
  #settled(batch: Batch, at: Instant): void {
    const { recorder, schedule, polling, fanOut } = this.#parts;
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
    const atOnce = batch.full || polling.continueAfter === 'anyBatch';
    this.#asksAtTick = !atOnce && fanOut === null;
    if (fanOut !== null) this.#await(at, this.#nextDelivery(at));
    else this.#await(at, atOnce ? at : schedule.afterBatch(this.#askedAt, at));
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
      this.#iterator.giveBack(this.#batch, this.#inHand);
      this.#batch = null;
      this.#rest = [];
    }
    this.#state = 'off';
    this.#iterator.forgetBuffer();
    this.#refused = false;
    this.#progress.holdUp();
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
    if (waiting > 0) recorder.hindered(this.#iterator.oldestArrival, at, 'disabled', waiting, null);
  }

  /** Records that have arrived and are not settled. */
  #waiting(at: Instant): number {
    return this.#iterator.arrived(at) - this.#parts.recorder.tally.balance.settled;
  }

  #catchUp(at: Instant): void {
    if (this.#progress.catchUp(at)) this.#parts.owner.laneCaughtUp(at);
  }
}
