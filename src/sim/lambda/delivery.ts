import { unreachable } from '../../kernel/distribution.ts';
import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import { ACTIVITY } from '../../recording/lane-history.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import type { Discard } from '../../recording/mapping-tally.ts';
import { BatchTimes } from '../../recording/record-statistics.ts';
import type { FanOut } from '../kinesis/fan-out.ts';
import { PROPAGATION } from '../kinesis/fan-out.ts';
import type { Shard } from '../kinesis/shard.ts';
import { RANK } from '../ranks.ts';
import { afterFailure, backoffWait, goneAt } from './after-failure.ts';
import type { Batch, BatchPart, TakenRecords } from './batch.ts';
import { EarlierTries } from './earlier-tries.ts';
import type { Environment } from './environments.ts';
import type { HandlerAnswer, LaneHandler } from './handler.ts';
import { InHand } from './in-hand.ts';
import type { Inheritance } from './inheritance.ts';
import type { Invocation, InvocationParts, InvocationStart } from './invocation.ts';
import { answeredInvocation, decideInvocation, successOf } from './invocation.ts';
import type { LambdaFunction } from './lambda-function.ts';
import { ProcessedRecords } from './processed.ts';
import type { Settlements } from './settlements.ts';

/** What a delivery is built from. */
export interface DeliveryParts extends InvocationParts {
  readonly actor: number;
  readonly queue: EventQueue;
  readonly shard: Shard;
  readonly target: LambdaFunction<Delivery>;
  /** The function's own code; null: its faults alone decide. */
  readonly handler: LaneHandler | null;
  readonly recorder: LaneRecorder;
  /** K8: null: records are polled for. */
  readonly fanOut: FanOut | null;
  /** Places the jitter of the k-th wait. */
  readonly jitter: (place: number) => number;
  /** P4: what the lanes before a change of the factor have left; null: none were. */
  readonly inheritance: Inheritance | null;
  readonly settlements: Settlements;
  /** The mapping. */
  readonly owner: { beforeSettling(at: Instant): void };
}

/** The lane, as its delivery sees it. */
export interface DeliveryOwner {
  /** It polls no more: what waits is given back (P9). */
  readonly isOff: boolean;
  /** Records that have arrived for the lane and are not settled. */
  waiting(at: Instant): number;
  /** Something keeps the lane from coming to the newest record. */
  holdUp(): void;
  /** A batch that waited on the steady path starts. @returns false where none did, or it has become the plain path's */
  readonly steady: { serve(at: Instant): boolean } | null;
  assertBalance(): void;
  /** The batch in hand goes back. */
  giveBack(at: Instant): void;
  /** P3: each record of the batch is settled; `last` is the piece that was so last. */
  batchSettled(last: Batch, at: Instant): void;
}

/**
 * The way of a lane's batch from its cut to its settling (E1–E5): it waits for a slot, is invoked, tried again, split,
 * discarded. One at a time; each method leaves the lane with at most one thing ahead.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #owner: DeliveryOwner;
  readonly inHand: InHand;
  /** Until what follows it is decided. */
  #running: Invocation | null = null;
  /** Of the invocation that runs. */
  #environment: Environment | null = null;
  /** Its handler has begun, and answers when the invocation ends; null: it has answered. */
  #askAtEnd: (() => void) | null = null;
  #isInLine = false;
  #starts = 0;
  readonly processed = new ProcessedRecords();
  /** Of the batch that is settled at last. */
  readonly #times: BatchTimes;
  readonly #earlier = new EarlierTries();
  /** Place after the last record that an invocation has started with, and its index in the shard. */
  #startedTo = 0;
  #startedToIndex = 0;

  constructor(parts: DeliveryParts, owner: DeliveryOwner) {
    this.#parts = parts;
    this.#owner = owner;
    this.inHand = new InHand(parts);
    this.#times = new BatchTimes(parts.fanOut === null ? 0 : PROPAGATION);
  }

  /** Index in the shard after the last record that an invocation has started with. */
  get startedTo(): number {
    return this.#startedToIndex;
  }

  /** The same of what an invocation has started with, or may have processed although it failed (E10). */
  get reach(): number {
    return Math.max(this.#startedToIndex, this.processed.end);
  }

  /** Place among the lane's own after the last record that an invocation has started with. */
  get startedPlace(): number {
    return this.#startedTo;
  }

  /** Records that were given back have not been settled since, as far as it knows. */
  get hasGivenBack(): boolean {
    return !this.#earlier.isEmpty;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** The lane's invocations so far. */
  get starts(): number {
    return this.#starts;
  }

  /** What has been started elsewhere: how many invocations in all, and after their last record its place and index. */
  remember(starts: number, place: number, index: number): void {
    this.#starts = starts;
    this.#startedTo = place;
    this.#startedToIndex = index;
  }

  /** An invocation that has been started elsewhere ends here. */
  takeOver(batch: Batch, environment: Environment, times: Pick<Invocation, 'start' | 'coldStart' | 'end'>): void {
    this.inHand.take(batch);
    this.#running = successOf(environment, times);
    this.#environment = environment;
  }

  /** And a batch that stands in line for a slot since it was cut (L2). */
  waitOn(batch: Batch): void {
    this.inHand.take(batch);
    this.#isInLine = true;
  }

  /** Its turn in line has come. */
  serve(at: Instant): void {
    if (!this.#owner.steady?.serve(at)) this.attempt(at);
  }

  /** An attempt to have the batch invoked: the first, a retry, or one more after a throttle. */
  attempt(at: Instant): void {
    const batch = this.inHand.piece!;
    this.#isInLine = false;
    if (!batch.isFinal && this.#dropGone(batch, at)) return;
    const environment = this.#parts.target.acquire(at);
    if (environment === null) this.#throttle(batch, at);
    else this.#start(batch, environment, at);
  }

  /** The last record of a batch that waits has passed its retention (K5). */
  expire(at: Instant): void {
    this.leaveLine();
    this.#dropGone(this.inHand.piece!, at);
  }

  /** Whoever waits for a slot goes. */
  leaveLine(): void {
    if (this.#isInLine) this.#parts.target.leave(this);
    this.#isInLine = false;
  }

  /** The invocation ends. */
  end(at: Instant): void {
    const ask = this.#askAtEnd;
    this.#askAtEnd = null;
    if (ask === null) this.#conclude(at);
    else ask();
  }

  #conclude(at: Instant): void {
    const { target, recorder, mapping, queue, jitter, tumbling } = this.#parts;
    const batch = this.inHand.piece!;
    const running = this.#running!;
    batch.releasedAt = at;
    if (recorder.stallWatch.endsWithBatch(this.#owner.isOff)) recorder.stallWatch.hold(this.#owner.waiting(at));
    target.release(this.#environment!, at);
    if (target.isAwaited) queue.schedule(target.poolActor, at, RANK.QUEUED);
    const ageAt = mapping.iteratorAge === 'atFinish' ? at : running.start;
    const iteratorAge = batch.isFinal ? null : ageAt - batch.lastArrival; // M1
    const traced = recorder.isTraced ? { window: tumbling?.bounds ?? null, given: this.#given(batch) } : null;
    recorder.ended(batch, running, iteratorAge, traced);
    if (running.thrown !== undefined) recorder.handlerThrew(at, running.thrown);
    if (!batch.isFinal && running.reading?.kind === 'state') tumbling?.carry(running.reading);

    if (running.outcome === 'success') {
      if (batch.isFinal) this.#closeWindow(running);
      else this.#succeed(batch, running, at);
      this.#settled(batch, at);
      return;
    }
    this.#owner.holdUp();
    batch.isHindered = true;
    const hadEffects = running.hadEffects || (running.outcome !== 'timeout' && running.poison.length > 0);
    if (hadEffects && !batch.isFinal) {
      this.processed.note(batch, running.poison); // E10
    }
    const waiting = this.#owner.waiting(at);
    // M3: a final invocation holds up nothing where nothing waits behind it.
    if (waiting > 0 || !batch.isFinal) recorder.hindered(running.start, at, 'functionError', waiting, batch);
    const piece = { size: batch.size, invocations: batch.invocations, done: running.done };
    const policy = batch.isFinal ? { ...mapping, maximumRetryAttempts: -1 } : mapping; // P11: it must succeed
    const step = afterFailure(piece, running.outcome, policy, jitter(2 * this.#starts));
    switch (step.kind) {
      case 'retry':
        this.#goOnAt(at + step.wait, at);
        break;
      case 'split': {
        recorder.split(at, batch, step.lower, 'bisect');
        this.inHand.split(batch, step.lower);
        this.#goOnAt(at, at);
        break;
      }
      case 'advance': {
        recorder.split(at, batch, step.done, 'itemFailures');
        this.#succeed(this.inHand.advance(batch, step.done), running, at);
        this.#goOnAt(at, at);
        break;
      }
      case 'discard':
        this.#parts.owner.beforeSettling(at);
        this.discard(at, batch, {
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

  #given(batch: Batch) {
    const { events, recorder, tumbling } = this.#parts;
    if (!recorder.tracesRecords) return null;
    const records = events.tracedRecords(batch.parts);
    return tumbling === null ? { records } : { records, state: tumbling.state };
  }

  /** Counts what is past its retention as gone, until an instant, for whoever looks (K5). */
  countExpired(until: Instant): void {
    this.inHand.countExpired(until, this.isRunning);
  }

  discard(at: Instant, records: Omit<TakenRecords, 'arrivals'>, discard: Omit<Discard, 'event'>): void {
    const { settlements, events, tumbling } = this.#parts;
    const event = () => events.eventOf(records.parts, tumbling?.fieldsOf(records.firstArrival, false));
    settlements.discarded(at, records, { ...discard, event });
  }

  /** P11: the final invocation has succeeded. */
  #closeWindow(running: Invocation): void {
    const { tumbling, recorder } = this.#parts;
    recorder.windowClosed(running.start, tumbling!.isTerminatedEarly);
    tumbling!.close();
  }

  /** Records are settled by an invocation that ends now. */
  #succeed(batch: Batch, running: Invocation, at: Instant): void {
    this.#parts.owner.beforeSettling(at);
    const times = this.#times;
    times.cutAt = batch.cutAt;
    times.throttle = batch.throttled;
    times.coldStart = running.coldStart;
    times.processing = at - running.start - running.coldStart;
    times.settledAt = at;
    if (this.#earlier.isEmpty) {
      this.#parts.settlements.succeeded(batch, times);
      return;
    }
    for (const [piece, earlier] of this.#earlier.divide(batch)) {
      times.earlier = earlier;
      this.#parts.settlements.succeeded(piece, times);
    }
    times.earlier = [];
  }

  /** What is in hand is given back (P9). @param wasCut it did not wait for more records */
  giveBack(at: Instant, wasCut: boolean): void {
    if (wasCut) for (const piece of this.inHand.pieces) this.#earlier.note(piece, at);
    this.inHand.noteExpired(at);
    this.inHand.letGo();
  }

  /** The next attempt of the piece in hand; a lane that polls no more gives the batch back instead (P9). */
  #goOnAt(next: Instant, at: Instant): void {
    this.#running = null;
    if (this.#owner.isOff) {
      this.#owner.giveBack(at);
      return;
    }
    this.#parts.recorder.turn(at, ACTIVITY.backingOff);
    this.#waitUntil(next, this.inHand.piece!, at);
  }

  /** E2: records that have expired or are too old leave the piece; true where that settles it. */
  #dropGone(batch: Batch, at: Instant): boolean {
    const { shard, mapping } = this.#parts;
    const gone = goneAt(at, shard.retention, mapping);
    if (batch.size > 0 && batch.firstArrival > gone.expired && batch.firstArrival > gone.tooOld) {
      this.inHand.noteExpired(at);
      return false;
    }
    this.#parts.owner.beforeSettling(at);
    this.inHand.countExpired(at, false);
    this.inHand.noteExpired(at);
    this.#parts.recorder.stallWatch.hold(this.#owner.waiting(at));
    const tooOld = batch.size > 0 ? batch.takeUntil(gone.tooOld, 0) : null;
    if (tooOld !== null) {
      this.discard(at, tooOld, {
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
    const { recorder, mapping, target, queue, jitter } = this.#parts;
    const needsEnvironment = target.hasFreeSlot; // L3
    recorder.throttled(at, batch, needsEnvironment);
    this.#owner.holdUp();
    batch.isHindered = true;
    recorder.hindered(at, at, 'throttle', this.#owner.waiting(at), batch);
    recorder.turn(at, ACTIVITY.throttled);
    if (batch.throttles === 0) batch.waitingSince = at;
    batch.throttles++;
    if (mapping.throttleBackoff === null) {
      this.#isInLine = true;
      target.join(this);
      if (needsEnvironment) {
        const next = Math.min(queue.timeOf(target.poolActor), target.nextStart(at));
        queue.schedule(target.poolActor, next, RANK.QUEUED);
      }
      this.#waitUntil(NEVER, batch, at);
      return;
    }
    const wait = backoffWait(mapping.throttleBackoff, batch.throttles, jitter(2 * this.#starts + 1));
    this.#waitUntil(at + wait, batch, at);
  }

  /** L4–L6. */
  #start(batch: Batch, environment: Environment, at: Instant): void {
    const { target, recorder, faults, handler, tumbling } = this.#parts;
    if (batch.throttles > 0) batch.throttled += at - batch.waitingSince;
    batch.throttles = 0; // L2: reset once accepted
    batch.invocations++;
    this.#environment = environment;
    const laneStarts = this.#starts++;
    const start: InvocationStart = {
      at,
      environment: environment.kind,
      timeout: target.settings.timeout,
      running: target.running,
      laneStarts,
      duplicates: batch.isFinal ? 0 : this.#duplicatesIn(batch),
      unsettled: this.#unsettled,
      verdict: faults.judge(at, batch, target.starts++, laneStarts),
    };
    const isFirst = batch.invocations === 1 && !batch.isFinal;
    recorder.started(at, batch, environment.kind, isFirst ? this.#notStarted(batch) : null);
    if (!batch.isFinal) {
      this.#startedTo = Math.max(this.#startedTo, batch.endPlace);
      this.#startedToIndex = Math.max(this.#startedToIndex, batch.last + 1);
      tumbling?.open();
    }
    recorder.turn(at, ACTIVITY.running);
    const { fails, responseLost } = start.verdict;
    if (handler === null || (fails && !responseLost)) this.#run(decideInvocation(this.#parts, batch, start));
    else this.#ask(handler, batch, start);
  }

  #duplicatesIn(batch: Batch): number {
    return this.#parts.inheritance?.countDuplicates(batch, this.processed) ?? this.processed.countIn(batch);
  }

  /** The records whose first invocation this is. */
  #notStarted(batch: Batch): readonly BatchPart[] {
    const parts = batch.partsFrom(this.#startedTo);
    return this.#parts.inheritance?.withoutStarted(parts) ?? parts;
  }

  /** How many of the records in hand, at places in the lane, have not been settled before (P4). */
  readonly #unsettled = (places: readonly number[]): number => {
    const { inheritance } = this.#parts;
    if (inheritance === null) return places.length;
    const { parts } = this.inHand.piece!;
    return places.filter((place) => {
      const { second } = parts.find((part) => place < part.second.first + part.to)!;
      return !inheritance.isRepeat(second, place - second.first);
    }).length;
  };

  /** The invocation's end is known with its handler's answer; until then the lane has nothing ahead. */
  #ask(handler: LaneHandler, batch: Batch, start: InvocationStart): void {
    const { at, laneStarts, verdict } = start;
    const coldStart = start.environment === 'new' ? this.#parts.draws.coldStart(laneStarts) : 0;
    const environment = this.#environment!;
    const fields = this.#parts.tumbling?.fieldsOf(batch.isFinal ? at : batch.firstArrival, batch.isFinal) ?? null;
    const question = { batch, fields, environment, at: at + coldStart, slowdown: verdict.slowdown, laneStarts };
    const decide = (answer: HandlerAnswer) => answeredInvocation(this.#parts, batch, start, answer);
    const hear = (answer: HandlerAnswer) => {
      const invocation = decide(answer);
      const { reply } = answer;
      const isHeard = reply.kind === 'thrown' && invocation.outcome === 'functionError' && !verdict.fails;
      return isHeard ? { ...invocation, thrown: reply.message } : invocation;
    };
    if (!handler.overlaps) {
      handler.ask(question, (answer) => this.#run(hear(answer)));
      return;
    }
    // When it ends is known; what it comes to, then.
    this.#askAtEnd = handler.begin(question, (answer) => {
      this.#running = hear(answer);
      this.#conclude(this.#running.end);
    });
    this.#run(decide({ reply: { kind: 'thrown', message: '' }, duration: null }));
  }

  #run(invocation: Invocation): void {
    this.#running = invocation;
    this.#parts.queue.schedule(this.#parts.actor, invocation.end, RANK.END);
  }

  /** All records of the piece are settled: the next of its batch begins at once. */
  #settled(batch: Batch, at: Instant): void {
    this.#running = null;
    if (this.inHand.next() === null) {
      this.inHand.noteExpired(at); // of pieces that have all gone meanwhile
      this.#owner.batchSettled(batch, at);
      return;
    }
    this.#owner.assertBalance();
    this.#goOnAt(at, at);
  }

  /** The next attempt, or the instant at which the batch's last record is gone, whichever is first (K5). */
  #waitUntil(retry: Instant, batch: Batch, at: Instant): void {
    const { queue, actor, shard } = this.#parts;
    // It may have gone while an invocation held it.
    const gone = batch.isFinal ? NEVER : Math.max(at, batch.lastArrival + shard.retention);
    if (gone <= retry && gone < NEVER) queue.schedule(actor, gone, RANK.EXPIRY);
    else queue.schedule(actor, retry, RANK.RETRY);
  }
}
