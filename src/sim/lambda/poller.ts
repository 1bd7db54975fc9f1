import { unreachable } from '../../kernel/distribution.ts';
import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import type { LaneActivity } from '../../recording/lane-history.ts';
import type { Discard } from '../../recording/recording.ts';
import type { Polling } from '../../scenario/scenario.ts';
import { PROPAGATION } from '../kinesis/fan-out.ts';
import type { ArrivalCount } from '../kinesis/shard.ts';
import { RANK } from '../ranks.ts';
import { afterFailure, backoffWait, goneAt } from './after-failure.ts';
import type { Batch, TakenRecords } from './batch.ts';
import type { LaneEvents } from './event.ts';
import { InHand } from './in-hand.ts';
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
  readonly events: LaneEvents;
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
  readonly #inHand: InHand;
  /** Until what follows it is decided. */
  #running: Invocation | null = null;
  /** When the open window closes (P6), and when the lane asks next while it is open. */
  #windowEnd: Instant = NEVER;
  #nextAsk: Instant = NEVER;
  #askedAt: Instant = 0;
  #asksAtTick: boolean;
  /** The last call was refused, and records were waiting for it. */
  #isHeldUp = false;
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
    this.#inHand = new InHand(parts.shard.retention, parts.recorder);
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
    if (this.#inHand.size > 0) return false;
    return this.#iterator.unread(at) === 0;
  }

  isBehind(at: Instant): boolean {
    return this.#progress.isBehind(at);
  }

  /** Of the oldest record that arrived before an instant and is not settled. */
  oldestArrivalBefore(at: Instant): Instant | null {
    if (this.#inHand.size > 0) return this.#inHand.oldestArrival;
    return this.#iterator.unread(at - 1) > 0 ? this.#iterator.oldestArrival : null;
  }

  /** K8: what arrives from now on is pushed; for all lanes of a shard before one of them takes something. */
  subscribe(at: Instant): void {
    this.#iterator.subscribe(at);
  }

  /** Polling starts, or starts again (P9). */
  startPolling(at: Instant): void {
    if (!this.#isOff) return;
    this.#noteWaitingWhileOff(at);
    this.#isOff = false;
    if (this.#state !== 'off') return; // an invocation from before is still running
    this.#await(at, this.#parts.fanOut === null ? this.#parts.schedule.firstTick(at) : this.#nextDelivery(at));
  }

  /** Polling stops. A running invocation ends first; a batch that waits is given back (P9). */
  stopPolling(at: Instant): void {
    if (this.#isOff) return;
    this.#isOff = true;
    if (this.#state === 'running') {
      this.#iterator.forgetBuffer(at);
      const waiting = this.#waiting(at) - this.#inHand.size;
      if (waiting > 0) this.#parts.recorder.hindered(at, at, 'disabled', waiting, null);
      return;
    }
    if (this.#state === 'inLine') this.#parts.target.pool.leave(this);
    this.#switchOff(at);
  }

  /** P2: the lane asks for records. */
  poll(at: Instant): void {
    const { recorder, mapping, schedule, fanOut } = this.#parts;
    const gathered = this.#inHand.size;
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
    this.#reachedNewest = unread === 0 || (fanOut !== null && !iterator.hasDelivered(at) && !fanOut.isLimited);
    this.#inHand.take(batch);
    if (batch !== null && !this.#reachedNewest) this.#progress.holdUp();
    if (batch === null && this.#reachedNewest) this.#catchUp(at);
    if (batch !== null && (batch.filled || mapping.batchingWindow === 0)) {
      this.attempt(at);
      return;
    }
    this.#asksAtTick = fanOut === null;
    this.#nextAsk = fanOut === null ? schedule.afterEmpty(at) : iterator.nextDelivery;
    this.#wait(at, this.#isHeldUp ? 'readLimit' : mapping.batchingWindow > 0 ? 'window' : 'idle');
  }

  /** P6: the window closes. What it holds goes; an empty one opens anew. */
  closeWindow(at: Instant): void {
    const batch = this.#inHand.piece;
    if (batch !== null) {
      batch.cutAt = at;
      this.attempt(at);
    } else this.#await(at, this.#nextAsk);
  }

  /** The lane asks next at an instant. With a batching window, one opens now (P6). */
  #await(at: Instant, nextAsk: Instant): void {
    const { batchingWindow } = this.#parts.mapping;
    this.#nextAsk = nextAsk;
    this.#windowEnd = batchingWindow > 0 ? at + batchingWindow : NEVER;
    this.#wait(at, this.#isHeldUp ? 'readLimit' : batchingWindow > 0 ? 'window' : 'idle');
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
    const batch = this.#inHand.piece!;
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
    this.#dropGone(this.#inHand.piece!, at);
  }

  /** The invocation ends. */
  end(at: Instant): void {
    const { target, recorder, mapping, queue, jitter } = this.#parts;
    const batch = this.#inHand.piece!;
    const running = this.#running!;
    batch.releasedAt = at;
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
        recorder.split(at, batch, step.lower, 'bisect');
        this.#inHand.split(batch, step.lower);
        this.#goOnAt(at, at);
        break;
      }
      case 'advance': {
        recorder.split(at, batch, step.done, 'itemFailures');
        this.#succeed(this.#inHand.advance(batch, step.done), running, at);
        this.#goOnAt(at, at);
        break;
      }
      case 'discard':
        this.#parts.owner.beforeSettling(at);
        this.#discard(at, batch, {
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
    this.#running = null;
    if (this.#isOff) {
      this.#switchOff(at);
      return;
    }
    this.#state = 'backingOff';
    this.#parts.recorder.turn(at, 'backingOff');
    this.#waitUntil(next, this.#inHand.piece!, at);
  }

  /** The run ends here: what has expired before is counted, and a stall that nobody saw is opened. */
  finish(end: Instant): void {
    this.countExpired(end - 1);
    this.#iterator.noteExpired(end);
    this.#inHand.noteExpired(end);
    this.#noteWaitingWhileOff(end);
  }

  /** Counts what is past its retention as gone, until an instant, for whoever looks (K5). */
  countExpired(until: Instant): void {
    this.#iterator.countExpired(until);
    this.#inHand.countExpired(until, this.#running !== null);
  }

  /** While the run drains: what a lane that is off leaves unread is gone when its retention is over (K5, D5). */
  awaitExpiry(at: Instant): void {
    const { queue, actor } = this.#parts;
    if (this.#state !== 'off' || this.#iterator.unread(at) === 0) return;
    queue.schedule(actor, this.#iterator.newestGoneAt(at), RANK.EXPIRY);
  }

  /** E9, for this lane: what it has taken from its shard is settled or in hand. */
  assertBalance(): void {
    const { settled } = this.#parts.recorder.tally.balance;
    const { taken } = this.#iterator;
    if (taken === settled + this.#inHand.size) return;
    throw new Error(
      `${this.name}: the balance is broken (E9): ${taken} records read, ${settled} settled, ${this.#inHand.size} in hand`,
    );
  }

  /** P7: reads on where that is needed; a call that is refused holds the lane up, one that succeeds ends its stall (M3). */
  #fetch(at: Instant): void {
    const { recorder } = this.#parts;
    this.#refused = !this.#iterator.fetch(at, this.#inHand.size);
    this.#isHeldUp = this.#refused && this.#iterator.unfetched(at) > 0;
    if (!this.#refused) {
      if (recorder.stallWatch.isOpen) recorder.stallWatch.clear(at, this.#waiting(at));
    } else if (this.#isHeldUp) {
      this.#progress.holdUp();
      recorder.hindered(at, at, 'readLimit', this.#waiting(at), null);
    }
  }

  /** P3, and P5 for records that fit no event. */
  #cut(at: Instant): Batch | null {
    const { owner } = this.#parts;
    for (;;) {
      const batch = this.#iterator.cut(at, { refused: this.#refused, gathered: this.#inHand.piece });
      if (batch !== 'tooLarge') return batch;
      owner.beforeSettling(at);
      const record = this.#iterator.takeOne(at);
      this.#discard(at, record, { condition: 'PayloadTooLarge', invocations: 0, response: null });
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
    const { shard, mapping, owner } = this.#parts;
    const gone = goneAt(at, shard.retention, mapping);
    if (batch.size > 0 && batch.firstArrival > gone.expired && batch.firstArrival > gone.tooOld) {
      this.#inHand.noteExpired(at);
      return false;
    }
    owner.beforeSettling(at);
    this.#inHand.countExpired(at, false);
    this.#inHand.noteExpired(at);
    const tooOld = batch.size > 0 ? batch.takeUntil(gone.tooOld, 0) : null;
    if (tooOld !== null) {
      this.#discard(at, tooOld, {
        condition: 'RecordAgeExceeded',
        invocations: batch.invocations,
        response: null,
      });
    }
    if (batch.size > 0) return false;
    this.#settled(batch, at);
    return true;
  }

  #discard(at: Instant, records: Omit<TakenRecords, 'arrivals'>, discard: Omit<Discard, 'event'>): void {
    const { recorder, events } = this.#parts;
    recorder.discarded(at, records, { ...discard, event: () => events.eventOf(records.parts) });
  }

  #throttle(batch: Batch, at: Instant): void {
    const { recorder, mapping, target, jitter } = this.#parts;
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
      this.#waitUntil(NEVER, batch, at);
      return;
    }
    this.#state = 'throttled';
    const wait = backoffWait(mapping.throttleBackoff, batch.throttles, jitter(2 * this.#starts + 1));
    this.#waitUntil(at + wait, batch, at);
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
    this.#running = null;
    if (this.#inHand.next() !== null) {
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
  #waitUntil(retry: Instant, batch: Batch, at: Instant): void {
    const { queue, actor, shard } = this.#parts;
    const gone = Math.max(at, batch.lastArrival + shard.retention); // it may have gone while an invocation held it
    if (gone <= retry) queue.schedule(actor, gone, RANK.EXPIRY);
    else queue.schedule(actor, retry, RANK.RETRY);
  }

  #switchOff(at: Instant): void {
    const { queue, actor, recorder } = this.#parts;
    const batch = this.#inHand.piece;
    if (batch !== null) {
      this.#iterator.giveBack(batch, this.#inHand.size);
      this.#inHand.noteExpired(at);
      this.#inHand.letGo();
    }
    this.#state = 'off';
    this.#iterator.forgetBuffer(at);
    this.#isHeldUp = false;
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
