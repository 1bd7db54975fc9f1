import type { Duration } from '../kernel/time.ts';
import { billedMilliseconds } from './billing.ts';
import type { EnvironmentKind } from './causes.ts';
import type { Digest } from './digest.ts';
import type { FunctionTally } from './function-tally.ts';
import type { Gauge } from './gauge.ts';
import type { LaneHistory, LaneTimeline } from './lane-history.ts';
import { ACTIVITY } from './lane-history.ts';
import type { LaneTally, MappingTally } from './mapping-tally.ts';
import type { ArrivalPart, BatchTimes, RecordStatistics } from './record-statistics.ts';
import type { RecorderClock } from './recorder-clock.ts';
import type { ShardTally, StreamTally } from './recording.ts';
import {
  AGES,
  ASKS,
  BATCHES,
  BILLED,
  CALLS,
  COLD_START,
  COLD_STARTS,
  CUT,
  EMPTY,
  END,
  FIRST,
  FOUND,
  FULL,
  FULL_BATCHES,
  FULL_INVOCATIONS,
  FULL_RECORDS,
  FULL_TIME,
  INVOCATIONS,
  LANE,
  LARGEST_PAYLOAD,
  LAST_ARRIVAL,
  LONGEST,
  MOMENTS,
  MOST_NOTES,
  NOTE,
  NOTED,
  NOTES,
  OLDEST,
  READ,
  RECORDS,
  RUNNING,
  SHARD,
  SINCE,
  SIZE,
  START,
  SUMS_END,
  TICKS,
  TIME,
  WAITING,
} from './steady-row.ts';

/** What is a lane's own. */
export interface SteadyPlace {
  readonly tally: LaneTally;
  readonly stream: StreamTally;
  readonly shard: ShardTally;
  readonly history: LaneHistory;
  readonly timeline: LaneTimeline;
}

/**
 * Notes what the lanes of a mapping do on their steady paths: what their recorders would, of the numbers in their rows. What
 * is the mapping's is noted at once; what is a lane's own is put down in its row and taken in by the handful, so that an
 * event touches little that others have not just touched.
 */
export class SteadyRecorder {
  readonly #mapping: MappingTally;
  readonly #function: FunctionTally;
  readonly #records: RecordStatistics;
  readonly #ofMapping: Gauge;
  readonly #ofFunction: Gauge;
  readonly #warmup: Duration;
  readonly #digest: Digest;
  readonly #clock: RecorderClock;
  readonly #times: BatchTimes;

  constructor(
    mapping: MappingTally,
    target: FunctionTally,
    shared: {
      readonly warmup: Duration;
      readonly digest: Digest;
      readonly clock: RecorderClock;
      readonly times: BatchTimes;
    },
  ) {
    this.#mapping = mapping;
    this.#function = target;
    this.#records = mapping.records;
    this.#ofMapping = mapping.concurrency;
    this.#ofFunction = target.concurrency;
    this.#warmup = shared.warmup;
    this.#digest = shared.digest;
    this.#clock = shared.clock;
    this.#times = shared.times;
  }

  /** The batch that a row describes, as the first of its shard's records from there on: its invocation starts. */
  started(
    rows: Float64Array,
    row: number,
    parts: readonly ArrivalPart[],
    environment: EnvironmentKind,
    history: LaneHistory,
  ): void {
    const start = rows[row + START]!;
    this.#ofMapping.change(start, 1);
    this.#ofFunction.change(start, 1);
    this.#function.provisioned?.started(start, environment);
    this.#records.waited(parts, start);
    history.turn(start, ACTIVITY.running);
  }

  /** Or there is no slot for it, and it waits in line. */
  throttled(rows: Float64Array, row: number, { tally, history }: SteadyPlace): void {
    const at = rows[row + CUT]!;
    this.#digest.add(THROTTLE, at, 0, rows[row + LANE]!, rows[row + FIRST]!, rows[row + SIZE]!);
    this.#mapping.columns.throttles[this.#clock.period]! += 1;
    if (at >= this.#warmup) {
      tally.throttles++;
      this.#mapping.throttles++;
    }
    history.turn(at, ACTIVITY.throttled);
  }

  /** And it ends, at its first attempt, all its records being processed: `ended` and `succeeded` in one. */
  ended(
    rows: Float64Array,
    row: number,
    parts: readonly ArrivalPart[],
    environment: EnvironmentKind,
    place: SteadyPlace,
    isAgeAtStart: boolean,
  ): void {
    const end = rows[row + END]!;
    const start = rows[row + START]!;
    const cut = rows[row + CUT]!;
    const size = rows[row + SIZE]!;
    const coldStart = rows[row + COLD_START]!;
    const lastArrival = rows[row + LAST_ARRIVAL]!;
    const isMeasured = start >= this.#warmup;
    const duration = end - start - coldStart;
    const age = (isAgeAtStart ? start : end) - lastArrival;
    const mapping = this.#mapping;
    const { provisioned } = this.#function;
    this.#ofMapping.change(end, -1);
    this.#ofFunction.change(end, -1);
    this.#digest.add(FIRST_SUCCESS, end, start, rows[row + LANE]!, rows[row + FIRST]!, size);
    mapping.life.processed(end, 'ok');
    mapping.columns.iteratorAge.sample(age);
    rows[row + INVOCATIONS]! += 1;
    rows[row + RECORDS]! += size;
    rows[row + TIME]! += duration;
    if (duration > rows[row + LONGEST]!) rows[row + LONGEST] = duration;
    rows[row + AGES]! += age;
    if (age > rows[row + OLDEST]!) rows[row + OLDEST] = age;
    rows[row + MOMENTS]! += end * size;
    if (provisioned !== null) {
      provisioned.ended(end, environment);
      provisioned.count(environment, this.#clock.period, isMeasured);
    }
    if (environment !== 'provisioned') rows[row + BILLED]! += billedMilliseconds(start, end);
    else if (isMeasured) mapping.billed.provisioned += billedMilliseconds(start, end);
    if (environment === 'new') rows[row + COLD_STARTS]! += 1;
    if (isMeasured) {
      mapping.duration.add(duration);
      mapping.worstIteratorAge.see(age, rows[row + SHARD]!, end);
      mapping.noteMinute(end, age);
      if (rows[row + FULL] === 1) {
        rows[row + FULL_INVOCATIONS]! += 1;
        rows[row + FULL_RECORDS]! += size;
        rows[row + FULL_TIME]! += end - start;
      }
    }
    const noted = rows[row + NOTED]!;
    const note = row + NOTES + noted * NOTE;
    rows[note] = cut;
    rows[note + 1] = start;
    rows[note + 2] = end;
    rows[note + 3] = size;
    rows[note + 4] = isMeasured ? age : -1;
    rows[row + NOTED] = noted + 1;
    if (noted + 1 === MOST_NOTES) this.#takeNotes(rows, row, place);
    mapping.settled += size;
    const times = this.#times;
    times.cutAt = cut;
    times.throttle = start - cut;
    times.coldStart = coldStart;
    times.processing = duration;
    times.settledAt = end;
    const { history } = place;
    this.#records.succeeded(parts, times, history, this.#clock.period);
    history.forgetBefore(lastArrival);
    history.turn(end, ACTIVITY.idle);
  }

  #takeNotes(rows: Float64Array, row: number, { tally, timeline }: SteadyPlace): void {
    const first = row + NOTES;
    const end = first + rows[row + NOTED]! * NOTE;
    for (let note = first; note < end; note += NOTE) {
      const start = rows[note + 1]!;
      if (rows[note]! < start) timeline.turn(rows[note]!, ACTIVITY.throttled);
      timeline.turn(start, ACTIVITY.running);
      timeline.turn(rows[note + 2]!, ACTIVITY.idle);
      if (rows[note + 4]! < 0) continue;
      tally.batchSize.add(rows[note + 3]!);
      tally.iteratorAge.add(rows[note + 4]!);
    }
    rows[row + NOTED] = 0;
  }

  /** The steady path has the lane from now on. */
  begin(rows: Float64Array, row: number, place: SteadyPlace): void {
    rows[row + MOMENTS] = place.tally.settledMoments;
  }

  /**
   * Takes in what a row has summed up, all of it in the period that is open and on one side of the warm-up's end.
   *
   * @param bytes of every record
   * @param kilobytes as which each is billed when it is read; 0 where it is not (C2)
   */
  takeIn(rows: Float64Array, row: number, place: SteadyPlace, bytes: number, kilobytes: number): void {
    this.#takeNotes(rows, row, place);
    const { period } = this.#clock;
    const mapping = this.#mapping;
    const { columns } = mapping;
    const { tally, shard } = place;
    const isRunning = rows[row + RUNNING] === 1;
    const cut = rows[row + CUT]!;
    if (rows[row + WAITING] === 1 || (isRunning && cut < rows[row + START]!)) {
      place.timeline.turn(cut, ACTIVITY.throttled);
    }
    if (isRunning) place.timeline.turn(rows[row + START]!, ACTIVITY.running);
    tally.settledMoments = rows[row + MOMENTS]!;
    const invocations = rows[row + INVOCATIONS]!;
    const records = rows[row + RECORDS]!;
    const calls = rows[row + CALLS]!;
    const read = rows[row + READ]!;
    columns.polled[period]! += rows[row + FOUND]!;
    if (calls > 0) this.#countCalls(place, calls, read, read * bytes);
    if (invocations > 0) {
      columns.invocations[period]! += invocations;
      columns.invoked[period]! += records;
      columns.recordsOut[period]! += records;
      columns.iteratorAge.addMany(period, invocations, rows[row + AGES]!, rows[row + OLDEST]!);
      mapping.durationColumns.addMany(period, invocations, rows[row + TIME]!, rows[row + LONGEST]!);
      tally.balance.succeeded += records;
      if (rows[row + OLDEST]! > tally.ageMaximum[period]!) tally.ageMaximum[period] = rows[row + OLDEST]!;
    }
    if (rows[row + SINCE]! >= this.#warmup) {
      mapping.asks += rows[row + ASKS]!;
      mapping.ticks += rows[row + TICKS]!;
      mapping.empty += rows[row + EMPTY]!;
      mapping.getRecordsCalls += calls;
      shard.readCalls += calls;
      shard.readBytes += read * bytes;
      shard.readKilobytes += read * kilobytes;
      mapping.billed.onDemand += rows[row + BILLED]!;
      mapping.batches += rows[row + BATCHES]!;
      mapping.fullBatches += rows[row + FULL_BATCHES]!;
      mapping.largestPayload = Math.max(mapping.largestPayload, rows[row + LARGEST_PAYLOAD]!);
      tally.invocations += invocations;
      mapping.invocations += invocations;
      mapping.deliveries += records;
      mapping.coldStarts += rows[row + COLD_STARTS]!;
      mapping.succeeded += records;
      mapping.succeededBytes += records * bytes;
      tally.full.invocations += rows[row + FULL_INVOCATIONS]!;
      tally.full.records += rows[row + FULL_RECORDS]!;
      tally.full.time += rows[row + FULL_TIME]!;
    }
    rows.fill(0, row + ASKS, row + SUMS_END);
    rows[row + LONGEST] = -1;
    rows[row + OLDEST] = -1;
  }

  #countCalls({ stream, shard }: SteadyPlace, calls: number, records: number, bytes: number): void {
    const { period } = this.#clock;
    stream.readRecords[period]! += records;
    stream.readBytes[period]! += bytes;
    if (stream.readAge[period]! < 0) stream.readAge[period] = 0; // each reached the newest
    shard.periodCalls += calls;
    shard.periodReadBytes += bytes;
    const { columns } = shard;
    if (columns.isEmpty) return;
    columns.add('OutgoingRecords', period, records);
    columns.add('OutgoingBytes', period, bytes);
    columns.raise('IteratorAgeMilliseconds', period, 0);
  }
}

// As the digest has them: a throttle; the first attempt, a success.
const THROTTLE = 2;
const FIRST_SUCCESS = (1 << 8) | 8;
