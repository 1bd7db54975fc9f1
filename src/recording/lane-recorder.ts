import type { Duration, Instant } from '../kernel/time.ts';
import { NEVER, SECOND } from '../kernel/time.ts';
import type { BacklogWatch } from './backlog-watch.ts';
import { billedMilliseconds } from './billing.ts';
import { BusyTime } from './busy-time.ts';
import type { DiscardCondition, EnvironmentKind, Outcome, StallCause } from './causes.ts';
import { OUTCOME_CODES } from './causes.ts';
import type { Digest } from './digest.ts';
import type { FunctionTally } from './function-tally.ts';
import type { LaneActivity } from './lane-history.ts';
import { ACTIVITY, LaneHistory } from './lane-history.ts';
import type { LanePlace, SharedNotes } from './lane-place.ts';
import { LaneTimeline } from './lane-timeline.ts';
import type { TracedInvocation } from './lane-tracer.ts';
import { LaneTracer } from './lane-tracer.ts';
import type { Discard, LaneTally, MappingTally } from './mapping-tally.ts';
import type { ArrivalPart, BatchTimes } from './record-statistics.ts';
import type { RecorderClock } from './recorder-clock.ts';
import type { ShardTally, StreamTally } from './recording.ts';
import { StallWatch } from './stall.ts';
import type { SteadyPlace, SteadyRecorder } from './steady-recorder.ts';

/** A batch, as far as it is noted down. */
export interface BatchRecord {
  readonly parts: readonly ArrivalPart[];
  readonly first: number;
  readonly last: number;
  readonly size: number;
  readonly bytes: number;
  /** Bytes of the event: measured, or a bound (P5). */
  readonly payload: number;
  readonly isMeasured: boolean;
  readonly full: boolean;
  /** It is a part of the batch that was cut (E4, E5). */
  readonly isPiece: boolean;
  /** Of this piece since its count began, the one that runs included (E3). */
  readonly invocations: number;
  /** P11: the final one of a window, without records; what asks for its first or last is not asked. */
  readonly isFinal: boolean;
  readonly firstArrival: Instant;
  readonly lastArrival: Instant;
}

/** What is decided of an invocation when it starts. */
export interface InvocationRun {
  readonly start: Instant;
  readonly end: Instant;
  readonly coldStart: Duration;
  readonly environment: EnvironmentKind;
  readonly outcome: Outcome;
  /** Records that come again although they have been processed (E10). */
  readonly duplicates: number;
  /** Records before the checkpoint of a partial failure (E5). */
  readonly done: number;
  /** Reported as failed in a response that nobody reads (E5). */
  readonly silentlyLost: number;
}

/** What a GetRecords call brought. */
interface ReadRecords {
  readonly count: number;
  readonly bytes: number;
  /** As they are billed; 0 where they are not (C2). */
  readonly kilobytes: number;
  /** How far its last record is behind, 0 when it reached the newest. */
  readonly age: Duration;
}

/** Records that leave a lane without having succeeded. */
interface DiscardedRecords {
  readonly first: number;
  readonly last: number;
  readonly size: number;
  readonly firstArrival: Instant;
  readonly lastArrival: Instant;
}

const DISCARD_CODES: Readonly<Record<DiscardCondition, number>> = {
  PayloadTooLarge: 3,
  RetryAttemptsExhausted: 4,
  RecordAgeExceeded: 7,
};

/** Notes what one lane does. */
export class LaneRecorder {
  readonly tally: LaneTally;
  readonly stallWatch: StallWatch;
  readonly #mapping: MappingTally;
  readonly #backlog: BacklogWatch;
  readonly #function: FunctionTally;
  readonly #stream: StreamTally;
  readonly #shard: ShardTally;
  /** Null where there is no trace. */
  readonly #tracer: LaneTracer | null;
  readonly #warmup: Duration;
  /** Of its shard. */
  readonly #opensAt: Instant;
  readonly #shared: SharedNotes;
  readonly #digest: Digest;
  readonly #clock: RecorderClock;
  readonly #lane: number;
  #history = new LaneHistory();
  readonly #timeline: LaneTimeline;
  readonly #busy = new BusyTime();

  constructor(place: LanePlace, shared: SharedNotes) {
    this.tally = place.lane;
    this.#mapping = place.mapping;
    this.#backlog = place.backlog;
    this.#function = place.function;
    this.#stream = place.stream;
    this.#shard = place.stream.shards[place.lane.shard]!;
    const { shard, lane } = place.lane;
    const traced = { mapping: place.mapping.settings.name, shard, lane, start: place.scenario.start };
    this.#tracer = shared.trace && new LaneTracer(shared.trace, traced);
    this.#warmup = place.scenario.warmup;
    this.#opensAt = place.stream.settings.shards[place.lane.shard]!.opensAt;
    this.#shared = shared;
    this.#digest = shared.digest;
    this.#clock = shared.clock;
    this.#lane = shared.lane;
    this.#timeline = new LaneTimeline(place.timeline, this.#opensAt);
    this.tally.timeline = this.#timeline;
    this.stallWatch = new StallWatch(place.scenario.stallAfter, place.scenario.warmup, place.stalls);
  }

  /** For the steady paths of the mapping's lanes, and what is this one's. */
  get steady(): {
    readonly recorder: SteadyRecorder;
    readonly lane: number;
    readonly place: Omit<SteadyPlace, 'records' | 'mostSingly'>;
  } {
    const place = {
      tally: this.tally,
      stream: this.#stream,
      shard: this.#shard,
      history: this.#history,
      timeline: this.#timeline,
    };
    return { recorder: this.#shared.steady, lane: this.#lane, place };
  }

  /** What the lane has spent its time on, to be gone on with by another. */
  get history(): LaneHistory {
    return this.#history.copy();
  }

  /**
   * P4: the shard has such a lane from now on, or has it still.
   *
   * @param history of the lane whose place it takes
   */
  takeOver(at: Instant, history: LaneHistory): void {
    this.#busy.jump(history.timesAt(at).queue - this.#history.timesAt(at).queue);
    this.#history = history;
    this.tally.endedAt = NEVER;
    this.#timeline.goOn(at);
  }

  /** P4: the shard has no such lane, from now on or yet. */
  retire(at: Instant): void {
    this.tally.endedAt = at;
    this.#history.turn(at, ACTIVITY.idle);
    this.#timeline.stop(at);
  }

  /** Its shard has opened, and it is not done with it (K6, P4). */
  isThereBefore(at: Instant): boolean {
    return this.#opensAt < at && at < this.tally.endedAt;
  }

  get isTraced(): boolean {
    return this.#tracer !== null;
  }

  get tracesRecords(): boolean {
    return this.#shared.tracesRecords;
  }

  turn(at: Instant, activity: LaneActivity): void {
    if (activity <= ACTIVITY.running) this.stallWatch.pause(at); // M3: ticks, windows and what may succeed are no causes
    this.#history.turn(at, activity);
    this.#timeline.turn(at, activity);
  }

  /** The lane has come to the end of its shard (K6). */
  shardEnded(at: Instant): void {
    this.retire(at);
    this.stallWatch.clear(at, 0);
  }

  asked(at: Instant, found: number, atTick: boolean): void {
    this.#tracer?.polled(at, found);
    const { columns } = this.#mapping;
    columns.polled[this.#clock.period]! += found;
    if (at < this.#warmup) return;
    this.#mapping.asks++;
    if (atTick) this.#mapping.ticks++;
    if (found === 0) this.#mapping.empty++;
  }

  /** A GetRecords call that was answered. */
  read(at: Instant, { count, bytes, kilobytes, age }: ReadRecords): void {
    const { period } = this.#clock;
    this.#stream.readRecords[period]! += count;
    this.#stream.readBytes[period]! += bytes;
    this.#stream.readAge[period] = Math.max(this.#stream.readAge[period]!, age);
    if (!this.#shard.columns.isEmpty) {
      this.#shard.columns.add('OutgoingRecords', period, count);
      this.#shard.columns.add('OutgoingBytes', period, bytes);
      this.#shard.columns.raise('IteratorAgeMilliseconds', period, age);
    }
    this.#shard.periodCalls++;
    this.#shard.periodReadBytes += bytes;
    if (at < this.#warmup) return;
    this.#mapping.getRecordsCalls++;
    this.#shard.readCalls++;
    this.#shard.readBytes += bytes;
    this.#shard.readKilobytes += kilobytes;
  }

  readRefused(at: Instant): void {
    this.#stream.readRefused[this.#clock.period]! += 1;
    this.#shard.columns.add('ReadProvisionedThroughputExceeded', this.#clock.period, 1);
    if (at < this.#warmup) return;
    this.#mapping.getRecordsCalls++;
    this.#mapping.refused++;
  }

  /** `needsEnvironment`: a slot was free (L3). */
  throttled(at: Instant, batch: BatchRecord, needsEnvironment: boolean): void {
    const { period } = this.#clock;
    this.#digest.add(2, at, 0, this.#lane, batch.isFinal ? -1 : batch.first, batch.size);
    this.#tracer?.throttled(at, batch);
    this.#mapping.columns.throttles[period]! += 1;
    if (at < this.#warmup) return;
    this.tally.throttles++;
    this.#mapping.throttles++;
    if (needsEnvironment) this.#mapping.scalingThrottles++;
  }

  /** @param fresh of the first invocation of a piece: the records that no invocation has started with before; else null */
  started(at: Instant, batch: BatchRecord, environment: EnvironmentKind, fresh: readonly ArrivalPart[] | null): void {
    const mapping = this.#mapping;
    mapping.concurrency.change(at, 1);
    this.#function.concurrency.change(at, 1);
    this.#function.provisioned?.started(at, environment);
    if (fresh === null) return;
    mapping.records.waited(fresh, at);
    if (at < this.#warmup) return;
    if (!batch.isPiece) mapping.batches++;
    if (batch.full && !batch.isPiece) mapping.fullBatches++;
    if (batch.isPiece || batch.isFinal) return;
    const payload = batch.isMeasured ? batch.payload : this.tally.eventBytes(batch.payload, batch.size);
    if (payload > mapping.largestPayload) mapping.largestPayload = payload;
  }

  /**
   * @param iteratorAge null without records
   * @param traced null where there is no trace
   */
  ended(
    batch: BatchRecord,
    running: InvocationRun,
    iteratorAge: Duration | null,
    traced: TracedInvocation | null,
  ): void {
    const { start, end, outcome, environment } = running;
    // K5: what it has held past its retention may be gone now, and not settled.
    if (!batch.isFinal && end - batch.firstArrival >= this.#stream.settings.retention) this.#backlog.look(end);
    this.#mapping.concurrency.change(end, -1);
    this.#function.concurrency.change(end, -1);
    this.#function.provisioned?.ended(end, environment);
    const { balance } = this.tally;
    balance.duplicates += running.duplicates;
    balance.silentlyLost += running.silentlyLost;
    const code = (batch.invocations << 8) | (8 + OUTCOME_CODES[outcome]);
    this.#digest.add(code, end, start, this.#lane, batch.isFinal ? -1 : batch.first, batch.size);
    if (traced !== null) this.#tracer?.invoked(batch, running, iteratorAge, traced);
    this.#countInvocation(batch, running);
    if (iteratorAge !== null) this.#noteAge(end, iteratorAge, start >= this.#warmup);
  }

  /** L7: the function's own handler failed an invocation by what it threw. */
  handlerThrew(at: Instant, message: string): void {
    this.#function.firstThrown ??= { at, message };
    this.#function.threw++;
  }

  /** P11: the final invocation of a window has succeeded, which started at an instant. */
  windowClosed(start: Instant, isEarly: boolean): void {
    if (start < this.#warmup) return;
    this.#mapping.windows.closed++;
    if (isEarly) this.#mapping.windows.early++;
  }

  windowOpenAtEnd(): void {
    this.#mapping.windows.open++;
  }

  /** M2: filed at the start; only the failed suffix counts as failed, at the end. */
  #countInvocation(batch: BatchRecord, running: InvocationRun): void {
    const { start, end, coldStart, environment, outcome } = running;
    const { size } = batch;
    const period = this.#clock.periodAt(start);
    const duration = end - start - coldStart;
    const mapping = this.#mapping;
    const { columns } = mapping;
    columns.invocations[period]! += 1;
    columns.invoked[period]! += size;
    mapping.durationColumns.add(period, duration);
    this.#function.provisioned?.count(environment, period, start >= this.#warmup);
    const isError = outcome === 'functionError' || outcome === 'timeout';
    if (isError) columns.errors[period]! += 1;
    if (outcome !== 'success') columns.failed[this.#clock.period]! += size - running.done;
    mapping.life.processed(end, outcome === 'success' ? 'ok' : 'failed');
    if (start < this.#warmup) return;
    const { tally } = this;
    tally.invocations++;
    mapping.invocations++;
    mapping.deliveries += size;
    if (isError) {
      tally.errors++;
      mapping.errors++;
      if (outcome === 'timeout') mapping.timeouts++;
    }
    if (environment === 'new') mapping.coldStarts++;
    mapping.billed[environment === 'provisioned' ? 'provisioned' : 'onDemand'] += billedMilliseconds(start, end);
    mapping.duration.add(duration);
    if (batch.isFinal) {
      mapping.windows.finalInvocations++;
      return;
    }
    tally.batchSize.add(size);
    if (!batch.full || batch.isPiece || outcome !== 'success') return;
    const { full } = tally;
    full.invocations++;
    full.records += size;
    full.time += end - start;
  }

  /** M1: one sample at the end of every invocation. */
  #noteAge(end: Instant, iteratorAge: Duration, isMeasured: boolean): void {
    const { period } = this.#clock;
    const { tally } = this;
    const mapping = this.#mapping;
    mapping.columns.iteratorAge.addNow(period, iteratorAge);
    if (iteratorAge > tally.ageMaximum[period]!) tally.ageMaximum[period] = iteratorAge;
    if (!isMeasured) return;
    tally.iteratorAge.add(iteratorAge);
    mapping.worstIteratorAge.see(iteratorAge, tally.shard, end);
    mapping.noteMinute(end, iteratorAge);
  }

  succeeded(batch: BatchRecord, times: BatchTimes): void {
    const { balance } = this.tally;
    balance.succeeded += batch.size;
    this.#settled(times.settledAt, batch.size);
    const { period } = this.#clock;
    this.#mapping.columns.recordsOut[period]! += batch.size;
    this.#mapping.records.succeeded(batch.parts, times, this.#history, period);
    this.#history.forgetBefore(batch.lastArrival);
    if (times.settledAt < this.#warmup) return;
    this.#mapping.succeeded += batch.size;
    this.#mapping.succeededBytes += batch.bytes;
  }

  /** P10 */
  filtered(at: Instant, size: number): void {
    this.tally.balance.filtered += size;
    this.#mapping.columns.filtered[this.#clock.period]! += size;
    this.#settled(at, size);
    this.#digest.add(9, at, 0, this.#lane, 0, size);
  }

  /** A failed piece goes on in two, the first of `lower` records (E4, E5). */
  split(at: Instant, batch: BatchRecord, lower: number, by: 'bisect' | 'itemFailures'): void {
    this.#digest.add(by === 'bisect' ? 6 : 8, at, lower, this.#lane, batch.first, batch.size);
    this.#tracer?.split(at, batch, lower, by);
  }

  /** @param unsettled how many of them are not settled yet (P4) */
  discarded(at: Instant, records: DiscardedRecords, discard: Discard, unsettled: number): void {
    const { balance } = this.tally;
    const { condition } = discard;
    if (condition === 'PayloadTooLarge') balance.discardedPayload += unsettled;
    else if (condition === 'RecordAgeExceeded') balance.discardedRecordAge += unsettled;
    else balance.discardedRetryAttempts += unsettled;
    if (this.#mapping.settings.onFailureDestination === null) {
      this.#mapping.columns.dropped[this.#clock.period]! += records.size;
    } else {
      this.#mapping.columns.delivered[this.#clock.period]! += records.size;
      const { first, last, size, firstArrival, lastArrival } = records;
      this.#mapping.noteMessage({
        ...{ at, shard: this.tally.shard, first, last, size, firstArrival, lastArrival },
        ...discard,
      });
    }
    this.#settled(at, unsettled);
    this.stallWatch.lose(unsettled);
    this.#digest.add(DISCARD_CODES[condition], at, 0, this.#lane, records.first, records.size);
    this.#tracer?.discarded(at, records, condition);
  }

  /**
   * Counts records as gone by retention (K5), `moments` being the sum of the instants at which they went. What the trace
   * and the digest say of it follows at the lane's next look.
   */
  expired(size: number, moments: number): void {
    this.tally.balance.expired += size;
    this.#mapping.settled += size;
    this.#mapping.columns.dropped[this.#clock.period]! += size;
    this.tally.settledMoments += moments;
    this.stallWatch.lose(size);
  }

  notedExpired(at: Instant, records: { first: number; last: number; size: number }): void {
    this.#digest.add(5, at, 0, this.#lane, records.first, records.size);
    this.#tracer?.expired(at, records);
  }

  /** M3: since `from`, known at `now`. */
  hindered(from: Instant, now: Instant, cause: StallCause, waiting: number, batch: BatchRecord | null): void {
    this.stallWatch.hinder(
      from,
      now,
      cause,
      waiting,
      batch === null || batch.isFinal
        ? null
        : [
            { index: batch.first, arrival: batch.firstArrival },
            { index: batch.last, arrival: batch.lastArrival },
          ],
    );
  }

  /** ∫ of the records settled so far, until an instant. */
  settledRecordTime(at: Instant): number {
    return at * this.tally.balance.settled - this.tally.settledMoments;
  }

  startMeasuring(at: Instant): void {
    this.#busy.startMeasuring(this.#history.timesAt(at).queue);
  }

  closePeriod(at: Instant, periodStart: Instant): void {
    const busy = this.#busy.closePeriod(this.#history.timesAt(at).queue);
    if (at <= this.#warmup) return;
    const { endedAt, peakBusy } = this.tally;
    const counted = Math.min(at, endedAt) - Math.max(periodStart, this.#warmup, this.#opensAt);
    peakBusy.see(busy / SECOND, periodStart, at, counted);
  }

  finish(end: Instant, waiting: number): void {
    this.tally.busy = this.#busy.measured(this.#history.timesAt(end).queue);
    this.#timeline.finish(end);
    this.tally.stalls = this.stallWatch.finish(end, waiting);
  }

  #settled(at: Instant, records: number): void {
    this.#mapping.settled += records;
    this.tally.settledMoments += at * records;
  }
}
