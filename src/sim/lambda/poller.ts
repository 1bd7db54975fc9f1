import type { Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import type { LaneActivity } from '../../recording/lane-history.ts';
import type { Polling } from '../../scenario/scenario.ts';
import type { ArrivalCount } from '../kinesis/shard.ts';
import { RANK } from '../ranks.ts';
import type { Batch } from './batch.ts';
import type { DeliveryOwner, DeliveryParts } from './delivery.ts';
import { Delivery } from './delivery.ts';
import type { PollSchedule } from './poll-schedule.ts';
import { Progress } from './progress.ts';
import type { IteratorParts } from './shard-iterator.ts';
import { ShardIterator } from './shard-iterator.ts';

/** What a lane is built from. */
export interface LaneParts extends IteratorParts, Omit<DeliveryParts, 'isFannedOut'> {
  readonly name: string;
  readonly polling: Polling;
  readonly schedule: PollSchedule;
  readonly owner: LaneOwner;
  /** When the producers stop. */
  readonly duration: Instant;
}

/** The mapping, as its lanes see it. */
export interface LaneOwner {
  /** One of the lanes was behind, and has come to the newest record. */
  laneCaughtUp(at: Instant): void;
  /** K6: one of the lanes has settled the last record of its closed shard. */
  laneEnded(at: Instant): void;
  beforeSettling(at: Instant): void;
}

/**
 * One lane of a mapping: it asks, cuts batches and has them delivered, one at a time (P2–P4). Each method is one thing that
 * can happen to it, and leaves it with at most one thing ahead.
 */
export class Lane implements DeliveryOwner {
  readonly name: string;
  readonly #parts: LaneParts;
  readonly #iterator: ShardIterator;
  readonly #progress: Progress;
  readonly delivery: Delivery;
  /** It has stopped polling, or will when the running invocation ends; and whether it has. */
  #isOff = true;
  #hasStopped = true;
  /** Why it is off: for a mapping that is not enabled, or for a parent (K6). */
  #offFor: 'disabled' | 'parent' = 'disabled';
  #hasEnded = false;
  /** When the open window closes (P6), and when the lane asks next while it is open. */
  #windowEnd: Instant = NEVER;
  #nextAsk: Instant = NEVER;
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
    this.delivery = new Delivery({ ...parts, isFannedOut: parts.fanOut !== null }, this);
    this.#progress = new Progress(parts.polling.period, parts.shard.opensAt > 0 ? parts.shard.opensAt : null);
    this.#asksAtTick = parts.fanOut === null;
    parts.recorder.turn(parts.shard.opensAt, 'notPolling');
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
    if (this.delivery.inHand.size > 0) return false;
    return this.#iterator.unread(at) === 0;
  }

  get isOff(): boolean {
    return this.#isOff;
  }

  isBehind(at: Instant): boolean {
    return this.#progress.isBehind(at);
  }

  /** Of the oldest record that arrived before an instant and is not settled. */
  oldestArrivalBefore(at: Instant): Instant | null {
    if (this.delivery.inHand.size > 0) return this.delivery.inHand.oldestArrival;
    return this.#iterator.unread(at - 1) > 0 ? this.#iterator.oldestArrival : null;
  }

  /** K8: what arrives from now on is pushed; for all lanes of a shard before one of them takes something. */
  subscribe(at: Instant): void {
    this.#iterator.subscribe(at);
  }

  /** It is off, and its shard has not come to its end. */
  get canStart(): boolean {
    return this.#isOff && !this.#hasEnded;
  }

  /** K6: each record of the shard's parents must be settled before. */
  awaitParents(at: Instant): void {
    this.#offFor = 'parent';
    this.#noteWaitingWhileOff(at);
  }

  /** K6: a closed shard of which nothing is left is not polled any more. @returns whether it is so */
  endWithShard(at: Instant): boolean {
    if (this.#hasEnded) return true;
    if (at < this.#parts.shard.closesAt || !this.isDoneAt(at)) return false;
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
    if (!this.#isOff) return;
    this.#noteWaitingWhileOff(at);
    this.#isOff = false;
    if (!this.#hasStopped) return; // an invocation from before is still running
    this.#await(at, this.#parts.fanOut === null ? this.#parts.schedule.firstTick(at) : this.#nextDelivery(at));
  }

  /** Polling stops. A running invocation ends first; a batch that waits is given back (P9). */
  stopPolling(at: Instant): void {
    this.#offFor = 'disabled';
    if (this.#isOff) return;
    this.#isOff = true;
    this.#parts.fanOut?.deliveredBy(at - 1);
    if (this.delivery.isRunning) {
      this.#iterator.forgetBuffer(at);
      const waiting = this.waiting(at) - this.delivery.inHand.size;
      if (waiting > 0) this.#parts.recorder.hindered(at, at, 'disabled', waiting, null);
      return;
    }
    this.delivery.leaveLine();
    this.giveBack(at);
  }

  /** P2: the lane asks for records. */
  poll(at: Instant): void {
    const { recorder, mapping, schedule, fanOut } = this.#parts;
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
    if (batch !== null && (batch.filled || mapping.batchingWindow === 0)) {
      this.delivery.attempt(at);
      return;
    }
    this.#asksAtTick = fanOut === null;
    this.#nextAsk = fanOut === null ? schedule.afterEmpty(at) : iterator.nextDelivery;
    this.#wait(at, this.#isHeldUp ? 'readLimit' : mapping.batchingWindow > 0 ? 'window' : 'idle');
  }

  /** P6: the window closes. What it holds goes; an empty one opens anew. */
  closeWindow(at: Instant): void {
    const batch = this.delivery.inHand.piece;
    if (batch !== null) {
      batch.cutAt = at;
      this.delivery.attempt(at);
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
    this.#hasStopped = false;
    recorder.turn(at, fanOut?.isLimited ? 'readLimit' : activity);
    if (this.#windowEnd <= this.#nextAsk && this.#windowEnd < NEVER)
      queue.schedule(actor, this.#windowEnd, RANK.WINDOW);
    else queue.schedule(actor, this.#nextAsk, RANK.POLL);
  }

  /** K5: the last unread record of a lane that is off has passed its retention, or that of a batch that waits. */
  expire(at: Instant): void {
    if (!this.#hasStopped) {
      this.delivery.expire(at);
      return;
    }
    this.#iterator.expire(at);
    this.awaitExpiry(at);
  }

  /** The run ends here: what has expired before is counted, and a stall that nobody saw is opened. */
  finish(end: Instant): void {
    if (!this.#isOff) this.#parts.fanOut?.deliveredBy(end - 1);
    this.countExpired(end - 1);
    this.#iterator.noteExpired(end);
    this.delivery.inHand.noteExpired(end);
    this.#noteWaitingWhileOff(end);
  }

  /** Counts what is past its retention as gone, until an instant, for whoever looks (K5). */
  countExpired(until: Instant): void {
    this.#iterator.countExpired(until);
    this.delivery.countExpired(until);
  }

  /** While the run drains: what a lane that is off leaves unread is gone when its retention is over (K5, D5). */
  awaitExpiry(at: Instant): void {
    const { queue, actor } = this.#parts;
    if (!this.#hasStopped || this.#iterator.unread(at) === 0) return;
    queue.schedule(actor, this.#iterator.newestGoneAt(at), RANK.EXPIRY);
  }

  /** E9, for this lane: what it has taken from its shard is settled or in hand. */
  assertBalance(): void {
    const { settled } = this.#parts.recorder.tally.balance;
    const { taken } = this.#iterator;
    if (taken === settled + this.delivery.inHand.size) return;
    throw new Error(
      `${this.name}: the balance is broken (E9): ${taken} records read, ${settled} settled, ${this.delivery.inHand.size} in hand`,
    );
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
      const batch = this.#iterator.cut(at, { refused: this.#refused, gathered: this.delivery.inHand.piece });
      if (batch !== 'tooLarge') return batch;
      this.beforeSettling(at);
      const record = this.#iterator.takeOne(at);
      this.delivery.discard(at, record, { condition: 'PayloadTooLarge', invocations: 0, response: null });
    }
  }

  /** P10: what a filter has dropped is settled. */
  #countFiltered(at: Instant): number {
    const filtered = this.#iterator.takeFiltered();
    if (filtered === 0) return 0;
    this.beforeSettling(at);
    this.#parts.recorder.filtered(at, filtered);
    return filtered;
  }

  batchSettled(last: Batch, at: Instant): void {
    const { recorder, schedule, polling, fanOut } = this.#parts;
    if (!this.#isOff) recorder.stallWatch.clear(at, this.waiting(at));
    this.assertBalance();
    const wentWell = this.#reachedNewest && !last.isHindered;
    if (wentWell || this.waiting(at) === 0) this.#catchUp(at);
    if (this.#isOff) {
      this.giveBack(at);
      return;
    }
    if (this.#endsWithShard(at)) return;
    const atOnce = last.full || polling.continueAfter === 'anyBatch';
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
    const { queue, actor, recorder } = this.#parts;
    const batch = this.delivery.inHand.piece;
    if (batch !== null) {
      this.#iterator.giveBack(batch, this.delivery.inHand.size);
      this.delivery.inHand.noteExpired(at);
      this.delivery.inHand.letGo();
    }
    this.#hasStopped = true;
    this.#iterator.forgetBuffer(at);
    this.#isHeldUp = false;
    this.#progress.holdUp();
    recorder.turn(at, 'notPolling');
    queue.cancel(actor);
    if (this.waiting(at) > 0) recorder.hindered(at, at, 'disabled', this.waiting(at), null);
    else recorder.stallWatch.clear(at, 0);
    if (at >= this.#parts.duration) this.awaitExpiry(at);
  }

  /** M3: records that came while the lane was off have waited since the first of them. */
  #noteWaitingWhileOff(at: Instant): void {
    const { recorder } = this.#parts;
    if (!this.#hasStopped || recorder.stallWatch.isOpen) return;
    const waiting = this.waiting(at);
    if (waiting > 0) recorder.hindered(this.#iterator.oldestArrival, at, this.#offFor, waiting, null);
  }

  holdUp(): void {
    this.#progress.holdUp();
  }

  beforeSettling(at: Instant): void {
    this.#parts.owner.beforeSettling(at);
  }

  /** Records that have arrived and are not settled. */
  waiting(at: Instant): number {
    return this.#iterator.arrived(at) - this.#parts.recorder.tally.balance.settled;
  }

  #catchUp(at: Instant): void {
    if (this.#progress.catchUp(at)) this.#parts.owner.laneCaughtUp(at);
  }
}
