import type { Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import type { StandstillCause } from '../../recording/causes.ts';
import type { LaneActivity } from '../../recording/lane-history.ts';
import { ACTIVITY } from '../../recording/lane-history.ts';
import type { CursorPlace } from '../kinesis/shard.ts';
import { RANK } from '../ranks.ts';
import type { Batch } from './batch.ts';
import type { DeliveryOwner } from './delivery.ts';
import { Delivery } from './delivery.ts';
import type { FormerLane } from './inheritance.ts';
import type { LaneParts } from './lane-parts.ts';
import { lastGoneBefore } from './last-gone.ts';
import { Progress } from './progress.ts';
import { RecordFilter } from './record-filter.ts';
import { ShardIterator } from './shard-iterator.ts';
import type { LaneMemory, SteadyLane, SteadyOwner } from './steady-lane.ts';
import { steadyLaneOf } from './steady-lane.ts';
import { finalBatch } from './tumbling-window.ts';
import { WindowEnds } from './window-ends.ts';

/**
 * One lane of a mapping: it asks, cuts batches and has them delivered, one at a time (P2–P4). Each method is one thing that
 * can happen to it, and leaves it with at most one thing ahead.
 */
export class Lane implements DeliveryOwner, SteadyOwner {
  readonly name: string;
  readonly #parts: LaneParts;
  readonly #iterator: ShardIterator;
  readonly #progress: Progress;
  readonly #windowEnds: WindowEnds;
  readonly delivery: Delivery;
  /** Null: no batch of the lane can be a usual one. */
  readonly steady: SteadyLane | null;
  /** It has stopped polling, or will when the running invocation ends; and whether it has. */
  #isOff = true;
  #hasStopped = true;
  /** Why it is off. */
  #cause: StandstillCause = 'disabled';
  #createdAt: Instant = 0;
  /** It goes on where other lanes have been retired, and has not polled yet (P4). */
  #isNew: boolean;
  /** Its shard is closed, and each of its records settled (K6). */
  #hasEnded = false;
  /** The mapping is deleted. */
  #isGone = false;
  /** When the open window closes (P6), and when the lane asks next while it is open. */
  #windowEnd: Instant = NEVER;
  #nextAsk: Instant = NEVER;
  /** It has records in hand that wait for more, or for the window's end. */
  #gathers = false;
  #askedAt: Instant = 0;
  #asksAtTick: boolean;
  /** The last call was refused, and records were waiting for it. */
  #isHeldUp = false;
  #refused = false;
  #reachedNewest = false;

  constructor(parts: LaneParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#iterator = new ShardIterator(parts);
    this.#windowEnds = new WindowEnds(parts.tumbling, this.#iterator);
    this.delivery = new Delivery(parts, this);
    const { opensAt } = parts.shard;
    this.#progress = new Progress(parts.polling.period, parts.start?.caughtUpAt ?? (opensAt > 0 ? opensAt : null));
    this.#asksAtTick = parts.fanOut === null;
    this.#isNew = parts.start !== null;
    parts.recorder.turn(parts.start?.at ?? opensAt, ACTIVITY.notPolling);
    this.steady = steadyLaneOf(this, parts);
  }

  get memory(): LaneMemory | null {
    const { recorder, mapping } = this.#parts;
    if (this.#isOff || this.#hasStopped || this.#isHeldUp || recorder.stallWatch.isOpen) return null;
    if (mapping.batchingWindow > 0 || this.delivery.inHand.piece !== null || !this.#iterator.isPlain) return null;
    if (this.delivery.reach > this.#iterator.cursor.indexInShard || this.delivery.hasGivenBack) return null;
    return {
      askedAt: this.#askedAt,
      asksAtTick: this.#asksAtTick,
      reachedNewest: this.#reachedNewest,
      isHeldUp: this.#progress.isHeldUp,
      caughtUpAt: this.#progress.caughtUpAt,
    };
  }

  remember({ askedAt, asksAtTick, reachedNewest, isHeldUp, caughtUpAt }: LaneMemory): void {
    this.#askedAt = askedAt;
    this.#nextAsk = this.#parts.queue.timeOf(this.#parts.actor); // where it is idle
    this.#asksAtTick = asksAtTick;
    this.#reachedNewest = reachedNewest;
    this.#progress.goOn(caughtUpAt, isHeldUp);
  }

  /** Where the lane stands, for whoever looks at the run from outside. */
  get iterator(): ShardIterator {
    return this.#iterator;
  }

  /** Nothing that arrived by an instant is left (D4), nor a tumbling window (P11); `repeats`: nor what comes again (P4). */
  isDoneAt(at: Instant, repeats: boolean): boolean {
    const isDone = this.steady?.isDoneAt(at) ?? null;
    if (isDone !== null) return isDone;
    if (this.delivery.inHand.size > 0 && (repeats || this.waiting(at) > 0)) return false;
    if (this.#isGone) return true;
    if (this.#parts.tumbling?.isOpen && (!this.#isOff || this.delivery.isRunning)) return false;
    if (this.#iterator.unread(at) === 0 || (!repeats && this.waiting(at) === 0)) return true;
    if (this.#isOff || this.#iterator.cursor.arrival > at - this.#parts.shard.retention) return false;
    return this.#iterator.newestGoneAt(at) <= at;
  }

  get isOff(): boolean {
    return this.#isOff;
  }

  isBehind(at: Instant): boolean {
    return this.steady?.isBehind(at) ?? this.#progress.isBehind(at);
  }

  /** Of the oldest record that arrived before an instant and is not settled. */
  oldestArrivalBefore(at: Instant): Instant | null {
    this.steady?.giveUp();
    // What is in hand may all have been settled before (P4).
    return this.delivery.inHand.oldestArrival ?? (this.#isGone ? null : this.#iterator.oldestArrival(at - 1));
  }

  /** P8: the mapping is created while the run goes on. */
  create(at: Instant): void {
    this.#createdAt = at;
    this.#iterator.place(at);
  }

  /** The mapping's settings have changed, polling having stopped. */
  changeFilter(): void {
    const { mapping, events } = this.#parts;
    const filter = mapping.filters.length === 0 ? null : new RecordFilter(mapping.filters, events);
    this.#iterator.changeFilter(filter, this.delivery.inHand.piece?.before ?? this.#iterator.nextPlace);
  }

  /** The mapping is deleted, polling having stopped: what is left stays unsettled. A running invocation still ends. */
  leave(at: Instant): void {
    this.steady?.giveUp();
    this.countExpired(at - 1);
    this.#iterator.noteExpired(at);
    this.#iterator.close(at, null);
    this.#isGone = true;
    if (!this.#hasStopped) return;
    this.#parts.queue.cancel(this.#parts.actor);
    this.#parts.recorder.stallWatch.clear(at, this.waiting(at));
  }

  /**
   * P4: other lanes go on in the shard, polling having stopped.
   *
   * @returns what it leaves, and its first unsettled record as a place in the shard's log
   */
  retire(at: Instant): FormerLane & { readonly place: CursorPlace } {
    const { recorder, queue, actor } = this.#parts;
    this.countExpired(at - 1);
    this.#iterator.noteExpired(at);
    if (!this.#isNew) this.#noteWaiting(at);
    recorder.stallWatch.clear(at, this.waiting(at));
    queue.cancel(actor);
    const { first: settledTo, place, dropped, past } = this.#iterator.unsettled(at);
    this.#iterator.close(at, recorder.tally.balance.settled);
    this.#isGone = true;
    const { startedTo, processed, reach } = this.delivery;
    return { settledTo, dropped, startedTo, processed, reach: Math.max(settledTo, reach, past), place };
  }

  /** Whether an invocation is running that began before the lane was to stop. */
  get isStopping(): boolean {
    return this.#isOff && !this.#hasStopped;
  }

  get caughtUpAt(): Instant {
    this.steady?.giveUp();
    return this.#progress.caughtUpAt;
  }

  /** K8: what arrives from now on is pushed; for all lanes of a shard before one of them takes something. */
  subscribe(at: Instant): void {
    this.#iterator.subscribe(at);
  }

  /** It is off, and its shard has not come to its end. */
  get canStart(): boolean {
    return this.#isOff && !this.#hasEnded;
  }

  /** K6: a closed shard of which nothing is left is not polled any more. @returns whether it is so */
  endWithShard(at: Instant): boolean {
    if (this.#hasEnded) return true;
    if (this.#parts.tumbling?.isOpen) {
      if (this.#isIdle) this.#wait(at, this.#idleActivity); // P11: its final invocation may be due
      return false;
    }
    if (at < this.#parts.shard.closesAt || !this.isDoneAt(at, true)) return false;
    this.#iterator.expire(at);
    this.#hasEnded = true;
    this.#isOff = true;
    this.#hasStopped = true;
    this.#isHeldUp = false;
    this.#catchUp(at);
    this.#parts.recorder.shardEnded(at);
    this.#parts.queue.cancel(this.#parts.actor);
    return true;
  }

  /** Polling starts, or starts again (P9). */
  startPolling(at: Instant): void {
    this.steady?.giveUp();
    if (!this.#isOff) return;
    if (!this.#isNew) this.#noteWaiting(at);
    this.#isNew = this.#isOff = false;
    // Where an invocation from before is still running, what waits behind it waits for nothing else any more.
    if (!this.#hasStopped) this.#parts.recorder.stallWatch.release(at, this.waiting(at));
    else this.#await(at, this.#parts.fanOut === null ? this.#parts.schedule.firstTick(at) : this.#nextDelivery(at));
    if (this.#parts.fanOut !== null && this.waiting(at) === 0) this.#catchUp(at); // K8: it asks for nothing
  }

  /** Polling stops. A running invocation ends first; a batch that waits is given back (P9). */
  stopPolling(at: Instant, cause: StandstillCause): void {
    const { recorder } = this.#parts;
    this.steady?.giveUp();
    if (this.#isOff) {
      if (cause === this.#cause) return;
      this.#noteWaiting(at);
      this.#cause = cause;
      if (this.#hasStopped && recorder.stallWatch.isOpen) recorder.hindered(at, at, cause, this.waiting(at), null);
      return;
    }
    this.countExpired(at - 1); // D4
    this.#isOff = true;
    this.#isHeldUp = false;
    this.#cause = cause;
    this.#parts.fanOut?.deliveredBy(at - 1);
    if (this.delivery.isRunning) {
      this.#iterator.forgetBuffer(at);
      const waiting = this.waiting(at) - this.delivery.inHand.size;
      if (waiting > 0) recorder.hindered(at, at, cause, waiting, null);
      return;
    }
    this.delivery.leaveLine();
    this.#giveBack(at);
  }

  /** P2: the lane asks for records, and its steady path does not. */
  poll(at: Instant): void {
    const { recorder, mapping, schedule, fanOut } = this.#parts;
    this.delivery.countExpired(at);
    const gathered = this.delivery.inHand.size;
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
    this.delivery.inHand.take(batch);
    if (batch !== null && !this.#reachedNewest) this.#progress.holdUp();
    if (batch === null && this.#reachedNewest) {
      this.#catchUp(at);
      if (this.#endsWithShard(at)) return;
    }
    if (batch === null && this.#windowEnds.isDue(at)) {
      this.#endWindow(at);
      return;
    }
    if (batch !== null && (batch.filled || mapping.batchingWindow === 0 || this.#windowEnds.hasReadPast(at))) {
      this.#send(batch, at);
      return;
    }
    this.#asksAtTick = fanOut === null;
    this.#nextAsk = fanOut === null ? schedule.afterEmpty(at) : iterator.nextDelivery;
    this.#wait(at, this.#idleActivity);
  }

  /** P6: the window closes. What it holds goes; an empty one opens anew. Or a tumbling window ends (P11). */
  closeWindow(at: Instant): void {
    const batch = this.delivery.inHand.piece;
    if (batch !== null) this.#send(batch, at);
    else if (this.#windowEnds.isDue(at)) this.#endWindow(at);
    else if (at >= this.#windowEnd) this.#await(at, this.#nextAsk);
    else this.#wait(at, this.#idleActivity);
  }

  #send(batch: Batch, at: Instant): void {
    this.#gathers = false;
    batch.cutAt = at;
    this.delivery.attempt(at);
  }

  #endWindow(at: Instant): void {
    const asksOn = this.#parts.tumbling!.isTerminatedEarly || this.#windowEnds.hasReadPast(at);
    this.delivery.inHand.take(finalBatch(at, this.#iterator.nextPlace, asksOn));
    this.delivery.attempt(at);
  }

  get #isIdle(): boolean {
    return !this.#isOff && !this.#hasStopped && this.delivery.inHand.piece === null;
  }

  get #idleActivity(): LaneActivity {
    if (this.#isHeldUp) return ACTIVITY.readLimit;
    return this.#parts.mapping.batchingWindow > 0 ? ACTIVITY.window : ACTIVITY.idle;
  }

  /** The lane asks next at an instant. With a batching window, one opens now (P6). */
  #await(at: Instant, nextAsk: Instant): void {
    const { batchingWindow } = this.#parts.mapping;
    this.#nextAsk = nextAsk;
    this.#windowEnd = batchingWindow > 0 ? at + batchingWindow : NEVER;
    this.#wait(at, this.#idleActivity);
  }

  /** K8: at once where something has been delivered, else with the next record. */
  #nextDelivery(at: Instant): Instant {
    return this.#iterator.hasDelivered(at) ? at : this.#iterator.nextDelivery;
  }

  #wait(at: Instant, activity: LaneActivity): void {
    const { queue, actor, recorder, fanOut } = this.#parts;
    this.#hasStopped = false;
    this.#gathers = this.delivery.inHand.piece !== null;
    recorder.turn(at, fanOut?.isLimited ? ACTIVITY.readLimit : activity);
    const windowEnd = Math.min(
      this.#windowEnd,
      this.delivery.inHand.piece === null ? this.#windowEnds.next(at) : NEVER,
    );
    if (windowEnd <= this.#nextAsk && windowEnd < NEVER) queue.schedule(actor, windowEnd, RANK.WINDOW);
    else queue.schedule(actor, this.#nextAsk, RANK.POLL);
    if (at >= this.#parts.duration) this.awaitExpiry(at);
  }

  /** K5: the last record of a batch that waits, or of what a lane may not read, has passed its retention. */
  expire(at: Instant): void {
    this.steady?.giveUp();
    if (this.delivery.inHand.piece !== null && !this.#gathers) {
      this.delivery.expire(at);
      return;
    }
    if (this.#gathers) this.countExpired(at);
    else this.#iterator.expire(at);
    if (this.#hasStopped) this.awaitExpiry(at);
    else this.#wait(at, this.#idleActivity);
  }

  /** The run ends here: what has expired before is counted, and a stall that nobody saw is opened. */
  finish(end: Instant): void {
    this.steady?.giveUp();
    if (!this.#isOff) this.#parts.fanOut?.deliveredBy(end - 1);
    this.countExpired(end - 1);
    this.#iterator.noteExpired(end);
    this.delivery.inHand.noteExpired(end);
    this.#noteWaiting(end);
    if (this.#parts.tumbling?.isOpen) this.#parts.recorder.windowOpenAtEnd();
  }

  /** Counts what is past its retention as gone, until an instant, for whoever looks (K5). */
  countExpired(until: Instant): void {
    if (this.#isGone || this.steady?.isFresh(until)) return;
    this.steady?.giveUp();
    this.#noteWaiting(until);
    this.#iterator.countExpired(until);
    this.delivery.countExpired(until);
  }

  /** While the run drains: what a lane leaves unread, or its window gathers, is gone with its retention (K5, D5). */
  awaitExpiry(at: Instant): void {
    const { queue, actor, shard } = this.#parts;
    this.steady?.giveUp();
    if (this.#isGone || (!this.#hasStopped && !this.#isIdle && !this.#gathers)) return;
    const gathered = this.delivery.inHand.size > 0 ? this.delivery.inHand.piece : null;
    const turn = this.#hasStopped ? NEVER : queue.timeOf(actor);
    const gone = lastGoneBefore(turn, at, { iterator: this.#iterator, gathered, retention: shard.retention });
    if (gone < NEVER) queue.schedule(actor, gone, RANK.EXPIRY);
  }

  /** E9, for this lane: what it has taken from its shard is settled or in hand. */
  assertBalance(): void {
    this.steady?.giveUp();
    const { count } = this.#parts.settlements;
    const { taken } = this.#iterator;
    const { size } = this.delivery.inHand;
    if (taken === count + size) return;
    throw new Error(`${this.name}: the balance is broken (E9): ${taken} read, ${count} settled, ${size} in hand`);
  }

  /** P7: reads on where that is needed; a call that is refused holds the lane up, one that succeeds ends its stall (M3). */
  #fetch(at: Instant): void {
    const { recorder } = this.#parts;
    this.#refused = !this.#iterator.fetch(at, this.delivery.inHand.size);
    this.#isHeldUp = this.#refused && this.#iterator.unfetched(at) > 0;
    if (!this.#refused) {
      if (recorder.stallWatch.isOpen) recorder.stallWatch.clear(at, this.waiting(at));
    } else if (this.#isHeldUp) {
      this.#progress.holdUp();
      recorder.hindered(at, at, 'readLimit', this.waiting(at), null);
    }
  }

  /** P3, and P5 for records that fit no event. */
  #cut(at: Instant): Batch | null {
    for (;;) {
      const batch = this.#iterator.cut(at, this.delivery.inHand.piece, this.#refused);
      if (batch !== 'tooLarge') return batch;
      this.#parts.owner.beforeSettling(at);
      const record = this.#iterator.takeOne(at);
      this.delivery.discard(at, record, { condition: 'PayloadTooLarge', invocations: 0, response: null });
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

  batchSettled(last: Batch, at: Instant): void {
    const { schedule, polling, fanOut, tumbling, recorder } = this.#parts;
    if (recorder.stallWatch.endsWithBatch(this.#isOff)) recorder.stallWatch.clear(at, this.waiting(at));
    this.assertBalance();
    const wentWell = this.#reachedNewest && !last.isHindered;
    if (!wentWell) this.#iterator.countExpired(at);
    if (wentWell || this.waiting(at) === 0) this.#catchUp(at);
    if (this.#isOff) {
      this.giveBack(at);
      return;
    }
    const atOnce = last.full || polling.continueAfter === 'anyBatch' || this.#windowEnds.hasReadPast(at);
    tumbling?.leave();
    if (this.#endsWithShard(at)) return;
    this.#asksAtTick = !atOnce && fanOut === null;
    if (fanOut !== null) this.#await(at, this.#nextDelivery(at));
    else this.#await(at, atOnce ? at : schedule.afterBatch(this.#askedAt, at));
  }

  #endsWithShard(at: Instant): boolean {
    if (!this.endWithShard(at)) return false;
    this.#parts.owner.laneEnded(at);
    return true;
  }

  giveBack(at: Instant): void {
    if (!this.#isGone) this.delivery.countExpired(at); // K5: nothing holds it any more
    this.#giveBack(at);
    this.#parts.owner.laneStopped(at);
  }

  #giveBack(at: Instant): void {
    const { queue, actor, recorder, tumbling } = this.#parts;
    this.delivery.inHand.passEmpty();
    const batch = this.delivery.inHand.piece;
    if (batch !== null && !batch.isFinal) this.#iterator.giveBack(batch, this.delivery.inHand.size);
    this.delivery.giveBack(at, !this.#gathers);
    tumbling?.leave();
    this.#gathers = false;
    this.#hasStopped = true;
    this.#iterator.forgetBuffer(at);
    this.#progress.holdUp();
    recorder.turn(at, ACTIVITY.notPolling);
    queue.cancel(actor);
    const waiting = this.waiting(at);
    if (waiting > 0 && !this.#isGone) recorder.hindered(at, at, this.#cause, waiting, null);
    else recorder.stallWatch.clear(at, waiting);
    if (at >= this.#parts.duration) this.awaitExpiry(at);
  }

  /** M3: so many records wait; where they came while the lane was off, since the first of them. */
  #noteWaiting(at: Instant): void {
    const { recorder } = this.#parts;
    const waiting = recorder.stallWatch.isOpen || this.#hasStopped ? this.waiting(at) : 0;
    if (!this.isStopping) recorder.stallWatch.hold(waiting);
    if (!this.#hasStopped || this.#isGone || recorder.stallWatch.isOpen || waiting === 0) return;
    const from = Math.max(this.#createdAt, this.#iterator.oldestArrival(at)!);
    recorder.hindered(from, at, this.#cause, waiting, null);
  }

  holdUp(): void {
    this.#progress.holdUp();
  }

  /** Records that have arrived and are not settled. */
  waiting(at: Instant): number {
    return this.#iterator.arrived(at) - this.#parts.recorder.tally.balance.settled;
  }

  #catchUp(at: Instant): void {
    if (this.#progress.catchUp(at)) this.#parts.owner.laneCaughtUp(at);
  }
}
