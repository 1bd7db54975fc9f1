import type { Duration } from '../kernel/time.ts';
import { billedMilliseconds } from './billing.ts';
import type { EnvironmentKind } from './causes.ts';
import type { Digest } from './digest.ts';
import type { FunctionTally } from './function-tally.ts';
import type { LaneHistory, LaneTimeline } from './lane-history.ts';
import { ACTIVITY } from './lane-history.ts';
import type { LanePlace, RecorderClock, SharedNotes } from './lane-place.ts';
import type { LaneTally, MappingTally } from './mapping-tally.ts';
import type { ArrivalPart, BatchTimes } from './record-statistics.ts';
import type { ShardTally, StreamTally } from './recording.ts';
import {
  AGES,
  ASKS,
  BATCHES,
  BILLED,
  CALLS,
  COLD_START,
  COLD_STARTS,
  EMPTY,
  END,
  FIRST,
  FOUND,
  FULL_BATCHES,
  FULL_INVOCATIONS,
  FULL_RECORDS,
  FULL_TIME,
  INVOCATIONS,
  LARGEST_PAYLOAD,
  LAST_ARRIVAL,
  LONGEST,
  OLDEST,
  READ,
  RECORDS,
  SINCE,
  SIZE,
  START,
  SUMS_END,
  TICKS,
  TIME,
} from './steady-row.ts';

/** Of an invocation whose numbers are in a row. */
export interface SteadyInvocation {
  readonly environment: EnvironmentKind;
  readonly isFull: boolean;
  /** M1 */
  readonly isAgeAtStart: boolean;
}

/** Notes what a lane does on its steady path: what its recorder would, of numbers in a row and of few objects. */
export class SteadyRecorder {
  readonly #tally: LaneTally;
  readonly #mapping: MappingTally;
  readonly #function: FunctionTally;
  readonly #stream: StreamTally;
  readonly #shard: ShardTally;
  readonly #warmup: Duration;
  readonly #digest: Digest;
  readonly #clock: RecorderClock;
  readonly #lane: number;
  readonly #times: BatchTimes;
  readonly #history: LaneHistory;
  readonly #timeline: LaneTimeline;

  constructor(
    place: LanePlace,
    { digest, clock, lane, times }: SharedNotes,
    { history, timeline }: { readonly history: LaneHistory; readonly timeline: LaneTimeline },
  ) {
    this.#tally = place.lane;
    this.#mapping = place.mapping;
    this.#function = place.function;
    this.#stream = place.stream;
    this.#shard = place.stream.shards[place.lane.shard]!;
    this.#warmup = place.scenario.warmup;
    this.#digest = digest;
    this.#clock = clock;
    this.#lane = lane;
    this.#times = times;
    this.#history = history;
    this.#timeline = timeline;
  }

  /** The batch that a row describes, as the first of its shard's records from there on: its invocation starts. */
  started(row: Float64Array, parts: readonly ArrivalPart[], environment: EnvironmentKind): void {
    const start = row[START]!;
    const mapping = this.#mapping;
    mapping.concurrency.change(start, 1);
    this.#function.concurrency.change(start, 1);
    this.#function.provisioned?.started(start, environment);
    mapping.records.waited(parts, start);
    this.#history.turn(start, ACTIVITY.running);
    this.#timeline.turn(start, ACTIVITY.running);
  }

  /** And it ends, at its first attempt, all its records being processed: `ended` and `succeeded` in one, the sums in the row. */
  ended(row: Float64Array, parts: readonly ArrivalPart[], steady: SteadyInvocation): void {
    const end = row[END]!;
    const start = row[START]!;
    const size = row[SIZE]!;
    const coldStart = row[COLD_START]!;
    const duration = end - start - coldStart;
    const age = (steady.isAgeAtStart ? start : end) - row[LAST_ARRIVAL]!;
    const mapping = this.#mapping;
    const target = this.#function;
    const tally = this.#tally;
    mapping.concurrency.change(end, -1);
    target.concurrency.change(end, -1);
    this.#digest.add(FIRST_SUCCESS, end, start, this.#lane, row[FIRST]!, size);
    mapping.life.processed(end, 'ok');
    mapping.columns.iteratorAge.sample(age);
    row[INVOCATIONS]! += 1;
    row[RECORDS]! += size;
    row[TIME]! += duration;
    if (duration > row[LONGEST]!) row[LONGEST] = duration;
    row[AGES]! += age;
    if (age > row[OLDEST]!) row[OLDEST] = age;
    if (target.provisioned !== null) {
      target.provisioned.ended(end, steady.environment);
      target.provisioned.count(steady.environment, this.#clock.period, start >= this.#warmup);
    }
    if (steady.environment !== 'provisioned') row[BILLED]! += billedMilliseconds(start, end);
    else if (start >= this.#warmup) mapping.billed.provisioned += billedMilliseconds(start, end);
    if (steady.environment === 'new') row[COLD_STARTS]! += 1;
    if (start >= this.#warmup) {
      mapping.duration.add(duration);
      tally.batchSize.add(size);
      tally.iteratorAge.add(age);
      mapping.worstIteratorAge.see(age, tally.shard, end);
      mapping.noteMinute(end, age);
      if (steady.isFull) {
        row[FULL_INVOCATIONS]! += 1;
        row[FULL_RECORDS]! += size;
        row[FULL_TIME]! += end - start;
      }
    }
    mapping.settled += size;
    tally.settledMoments += end * size;
    const times = this.#times;
    times.cutAt = start;
    times.coldStart = coldStart;
    times.processing = duration;
    times.settledAt = end;
    mapping.records.succeeded(parts, times, this.#history, this.#clock.period);
    this.#history.forgetBefore(row[LAST_ARRIVAL]!);
    this.#history.turn(end, ACTIVITY.idle);
    this.#timeline.turn(end, ACTIVITY.idle);
  }

  /**
   * Takes in what a row has summed up, all of it in the period that is open and on one side of the warm-up's end.
   *
   * @param bytes of every record
   * @param kilobytes as which each is billed when it is read; 0 where it is not (C2)
   */
  takeIn(row: Float64Array, bytes: number, kilobytes: number): void {
    const { period } = this.#clock;
    const mapping = this.#mapping;
    const { columns } = mapping;
    const tally = this.#tally;
    const invocations = row[INVOCATIONS]!;
    const records = row[RECORDS]!;
    columns.polled[period]! += row[FOUND]!;
    if (row[CALLS]! > 0) this.#countCalls(row[CALLS]!, row[READ]!, row[READ]! * bytes);
    if (invocations > 0) {
      columns.invocations[period]! += invocations;
      columns.invoked[period]! += records;
      columns.recordsOut[period]! += records;
      columns.iteratorAge.addMany(period, invocations, row[AGES]!, row[OLDEST]!);
      mapping.durationColumns.addMany(period, invocations, row[TIME]!, row[LONGEST]!);
      tally.balance.succeeded += records;
      if (row[OLDEST]! > tally.ageMaximum[period]!) tally.ageMaximum[period] = row[OLDEST]!;
    }
    if (row[SINCE]! >= this.#warmup) {
      mapping.asks += row[ASKS]!;
      mapping.ticks += row[TICKS]!;
      mapping.empty += row[EMPTY]!;
      mapping.getRecordsCalls += row[CALLS]!;
      this.#shard.readCalls += row[CALLS]!;
      this.#shard.readBytes += row[READ]! * bytes;
      this.#shard.readKilobytes += row[READ]! * kilobytes;
      mapping.billed.onDemand += row[BILLED]!;
      mapping.batches += row[BATCHES]!;
      mapping.fullBatches += row[FULL_BATCHES]!;
      mapping.largestPayload = Math.max(mapping.largestPayload, row[LARGEST_PAYLOAD]!);
      tally.invocations += invocations;
      mapping.invocations += invocations;
      mapping.deliveries += records;
      mapping.coldStarts += row[COLD_STARTS]!;
      mapping.succeeded += records;
      mapping.succeededBytes += records * bytes;
      tally.full.invocations += row[FULL_INVOCATIONS]!;
      tally.full.records += row[FULL_RECORDS]!;
      tally.full.time += row[FULL_TIME]!;
    }
    row.fill(0, ASKS, SUMS_END);
    row[LONGEST] = -1;
    row[OLDEST] = -1;
  }

  #countCalls(calls: number, records: number, bytes: number): void {
    const { period } = this.#clock;
    this.#stream.readRecords[period]! += records;
    this.#stream.readBytes[period]! += bytes;
    if (this.#stream.readAge[period]! < 0) this.#stream.readAge[period] = 0; // each reached the newest
    this.#shard.periodCalls += calls;
    this.#shard.periodReadBytes += bytes;
    const { columns } = this.#shard;
    if (columns.isEmpty) return;
    columns.add('OutgoingRecords', period, records);
    columns.add('OutgoingBytes', period, bytes);
    columns.raise('IteratorAgeMilliseconds', period, 0);
  }
}

const FIRST_SUCCESS = (1 << 8) | 8; // as the digest has it: the first attempt, a success
