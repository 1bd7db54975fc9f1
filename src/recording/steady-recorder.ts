import type { Duration, Instant } from '../kernel/time.ts';
import { billedMilliseconds } from './billing.ts';
import type { EnvironmentKind } from './causes.ts';
import type { Digest } from './digest.ts';
import type { FunctionTally } from './function-tally.ts';
import type { Gauge } from './gauge.ts';
import type { LaneHistory } from './lane-history.ts';
import { ACTIVITY } from './lane-history.ts';
import type { LaneTimeline } from './lane-timeline.ts';
import type { LaneTally, MappingTally } from './mapping-tally.ts';
import type { Worst } from './peak.ts';
import type { ArrivalPart, BatchTimes, RecordStatistics } from './record-statistics.ts';
import type { RecorderClock } from './recorder-clock.ts';
import type { ShardTally, StreamTally } from './recording.ts';
import {
  CALLS,
  COLD_START,
  CUT,
  EMPTY,
  EMPTY_TICKS,
  END,
  ENDED_BYTES,
  FIRST_ARRIVAL,
  FLAGS,
  FULL,
  HAND,
  HAND_BYTES,
  HAND_FIRST,
  HAND_PAYLOAD,
  INDEX,
  LANE,
  LARGEST_PAYLOAD,
  LAST_ARRIVAL,
  NEW,
  NOTE,
  NOTES,
  PROVISIONED,
  READ,
  READ_BYTES,
  RUNNING,
  SHARD,
  SINCE,
  SIZE,
  START,
  SUMS_END,
  TICK,
  WAITING,
} from './steady-row.ts';

/** What is a lane's own. A class, so that all lanes' are alike to the engine. */
export class SteadyPlace {
  readonly tally: LaneTally;
  readonly stream: StreamTally;
  readonly shard: ShardTally;
  readonly history: LaneHistory;
  readonly timeline: LaneTimeline;
  readonly records: NotedRecords;
  /** As many of a batch are looked at one by one where their arrivals are written down. */
  readonly mostSingly: number;

  constructor(place: Omit<SteadyPlace, 'records' | 'mostSingly'>, records: NotedRecords, mostSingly: number) {
    this.tally = place.tally;
    this.stream = place.stream;
    this.shard = place.shard;
    this.history = place.history;
    this.timeline = place.timeline;
    this.records = records;
    this.mostSingly = mostSingly;
  }
}

/** Finds the records of batches that a lane's notes tell of. */
export interface NotedRecords {
  /**
   * Where in `times` the arrivals of so many records from an index on are written down, as microseconds after `opens`; −1
   * where they are not.
   */
  placeOf(first: number, size: number): number;
  readonly times: Int32Array;
  readonly opens: Instant;
  /** The same records by their seconds, good until the next call. */
  partsOf(first: number, size: number, joinedAt: Instant): readonly ArrivalPart[];
}

/** What is of a mapping's: bytes of every record, as which each is billed when it is read (0 where it is not, C2), M1. */
export interface SteadySizes {
  /** Null: they differ, and the rows say what there is to say of bytes. */
  readonly bytes: number | null;
  readonly kilobytes: number;
  /** Of the event with so many records, at the most (P5). */
  payloadOf(size: number): number;
  readonly isAgeAtStart: boolean;
}

/**
 * Notes what the lanes of a mapping do on their steady paths: what their recorders would, of the numbers in their rows. What
 * depends on the order of events is noted at once, what a batch's records went through among it; all else waits in the lane's
 * row and is taken in by the handful, so that an event touches little that others have not just touched.
 */
export class SteadyRecorder {
  readonly #mapping: MappingTally;
  readonly #function: FunctionTally;
  readonly #records: RecordStatistics;
  readonly #ofMapping: Gauge;
  readonly #ofFunction: Gauge;
  readonly #worst: Worst;
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
    this.#worst = mapping.worstIteratorAge;
    this.#warmup = shared.warmup;
    this.#digest = shared.digest;
    this.#clock = shared.clock;
    this.#times = shared.times;
  }

  /** An invocation starts. */
  started(at: Instant, environment: EnvironmentKind): void {
    this.#ofMapping.change(at, 1);
    this.#ofFunction.change(at, 1);
    this.#function.provisioned?.started(at, environment);
  }

  /** Or there is no slot for it, and its batch waits in line. */
  throttled(rows: Float64Array, row: number, tally: LaneTally): void {
    const note = rows[row + HAND]!;
    const at = rows[note + CUT]!;
    const size = rows[note + SIZE]!;
    this.#digest.add(THROTTLE, at, 0, rows[row + LANE]!, rows[row + HAND_FIRST]!, size);
    this.#mapping.columns.throttles[this.#clock.period]! += 1;
    if (at < this.#warmup) return;
    tally.throttles++;
    this.#mapping.throttles++;
  }

  /**
   * The invocation of the batch in hand ends, at its first attempt, all its records being processed.
   *
   * @param age of the iterator
   * @param isUnequal sizes differ
   * @param far the parts of its records; null where they are at hand
   */
  ended(
    rows: Float64Array,
    row: number,
    environment: EnvironmentKind,
    age: Duration,
    isUnequal: boolean,
    place: SteadyPlace,
    far: readonly ArrivalPart[] | null,
  ): void {
    const note = rows[row + HAND]!;
    const end = rows[note + END]!;
    const start = rows[note + START]!;
    const size = rows[note + SIZE]!;
    const mapping = this.#mapping;
    this.#ofMapping.change(end, -1);
    this.#ofFunction.change(end, -1);
    this.#digest.add(FIRST_SUCCESS, end, start, rows[row + LANE]!, rows[row + HAND_FIRST]!, size);
    mapping.life.processed(end, 'ok');
    mapping.settled += size;
    if (isUnequal) {
      rows[row + ENDED_BYTES]! += rows[row + HAND_BYTES]!;
      const payload = place.tally.eventBytes(rows[row + HAND_PAYLOAD]!, size);
      if (payload > rows[row + LARGEST_PAYLOAD]!) rows[row + LARGEST_PAYLOAD] = payload;
    }
    const isMeasured = start >= this.#warmup;
    if (isMeasured && age > this.#worst.value) this.#worst.see(age, rows[row + SHARD]!, end);
    const { provisioned } = this.#function;
    if (provisioned !== null) {
      provisioned.ended(end, environment);
      provisioned.count(environment, this.#clock.period, isMeasured);
    }
    this.#reckon(rows, row, place, far);
  }

  /**
   * What the records of the batch in hand went through, which has been processed: sums of what is not whole depend on the
   * order in which batches are settled.
   *
   * @param far the parts of its records; null where they are at hand
   */
  #reckon(
    rows: Float64Array,
    row: number,
    { history, records, mostSingly }: SteadyPlace,
    far: readonly ArrivalPart[] | null,
  ): void {
    const note = rows[row + HAND]!;
    const cut = rows[note + CUT]!;
    const start = rows[note + START]!;
    const end = rows[note + END]!;
    const size = rows[note + SIZE]!;
    const lastArrival = rows[note + LAST_ARRIVAL]!;
    const coldStart = rows[note + COLD_START]!;
    const times = this.#times;
    times.cutAt = cut;
    times.throttle = start - cut;
    times.coldStart = coldStart;
    times.processing = end - start - coldStart;
    times.settledAt = end;
    history.turn(cut, cut < start ? ACTIVITY.throttled : ACTIVITY.running);
    const first = rows[row + INDEX]! - size;
    const place = far === null && size <= mostSingly ? records.placeOf(first, size) : -1;
    const { period } = this.#clock;
    if (place >= 0) this.#records.passed(records, place, place + size, times, history, period);
    else {
      const parts = far ?? records.partsOf(first, size, cut);
      this.#records.passedTogether(parts, rows[note + FIRST_ARRIVAL]!, lastArrival, times, history, period);
    }
    history.forgetBefore(lastArrival);
    history.turn(end, ACTIVITY.idle);
  }

  /** Takes in the notes of a lane, all of the period that is open and of one side of the warm-up's end. */
  takeNotes(rows: Float64Array, row: number, place: SteadyPlace, sizes: SteadySizes): void {
    const hand = rows[row + HAND]!;
    const begin = row + NOTES;
    if (hand === begin) return;
    const { period } = this.#clock;
    const mapping = this.#mapping;
    const { tally, timeline } = place;
    const warmup = this.#warmup;
    const { isAgeAtStart } = sizes;
    const sample = mapping.columns.iteratorAge;
    let records = 0;
    let time = 0;
    let longest = -1;
    let ages = 0;
    let oldest = -1;
    let moments = tally.settledMoments;
    let ticks = 0;
    let largest = 0;
    let coldStarts = 0;
    let billed = 0;
    let provisioned = 0;
    let fullInvocations = 0;
    let fullRecords = 0;
    let fullTime = 0;
    const isMeasured = rows[begin + START]! >= warmup;
    for (let note = begin; note < hand; note += NOTE) {
      const cut = rows[note + CUT]!;
      const start = rows[note + START]!;
      const end = rows[note + END]!;
      const size = rows[note + SIZE]!;
      const flags = rows[note + FLAGS]!;
      const duration = end - start - rows[note + COLD_START]!;
      const age = (isAgeAtStart ? start : end) - rows[note + LAST_ARRIVAL]!;
      records += size;
      time += duration;
      if (duration > longest) longest = duration;
      ages += age;
      if (age > oldest) oldest = age;
      moments += end * size;
      sample.sample(age);
      if (cut < start) timeline.turn(cut, ACTIVITY.throttled);
      timeline.turn(start, ACTIVITY.running);
      timeline.turn(end, ACTIVITY.idle);
      if (!isMeasured) continue;
      if (size > largest) largest = size;
      mapping.duration.add(duration);
      mapping.noteMinute(end, age);
      tally.batchSize.add(size);
      tally.iteratorAge.add(age);
      if ((flags & TICK) !== 0) ticks++;
      if ((flags & NEW) !== 0) coldStarts++;
      if ((flags & PROVISIONED) === 0) billed += billedMilliseconds(start, end);
      else provisioned += billedMilliseconds(start, end);
      if ((flags & FULL) === 0) continue;
      fullInvocations++;
      fullRecords += size;
      fullTime += end - start;
    }
    const invocations = (hand - begin) / NOTE;
    const { columns } = mapping;
    columns.polled[period]! += records;
    columns.invocations[period]! += invocations;
    columns.invoked[period]! += records;
    columns.recordsOut[period]! += records;
    columns.iteratorAge.addMany(period, invocations, ages, oldest);
    mapping.durationColumns.addMany(period, invocations, time, longest);
    tally.balance.succeeded += records;
    tally.settledMoments = moments;
    if (oldest > tally.ageMaximum[period]!) tally.ageMaximum[period] = oldest;
    if (rows[row + RUNNING] === 1 || rows[row + WAITING] === 1) rows.copyWithin(begin, hand, hand + NOTE);
    rows[row + HAND] = begin;
    const bytes = sizes.bytes === null ? rows[row + ENDED_BYTES]! : records * sizes.bytes;
    const payload =
      sizes.bytes === null ? rows[row + LARGEST_PAYLOAD]! : tally.eventBytes(sizes.payloadOf(largest), largest);
    rows[row + ENDED_BYTES] = 0;
    rows[row + LARGEST_PAYLOAD] = 0;
    if (!isMeasured) return;
    this.#countBatches(invocations, ticks, fullInvocations, payload);
    tally.invocations += invocations;
    mapping.invocations += invocations;
    mapping.deliveries += records;
    mapping.coldStarts += coldStarts;
    mapping.succeeded += records;
    mapping.succeededBytes += bytes;
    mapping.billed.onDemand += billed;
    mapping.billed.provisioned += provisioned;
    tally.full.invocations += fullInvocations;
    tally.full.records += fullRecords;
    tally.full.time += fullTime;
  }

  /** Asks that found a batch which is invoked. */
  #countBatches(batches: number, ticks: number, full: number, payload: number): void {
    const mapping = this.#mapping;
    mapping.asks += batches;
    mapping.ticks += ticks;
    mapping.batches += batches;
    mapping.fullBatches += full;
    mapping.largestPayload = Math.max(mapping.largestPayload, payload);
  }

  /**
   * Takes in all that a row has to say, and what there is to say by now of the batch in hand.
   *
   * @param far the parts of its records; null where they are at hand
   */
  takeIn(
    rows: Float64Array,
    row: number,
    place: SteadyPlace,
    sizes: SteadySizes,
    far: readonly ArrivalPart[] | null,
  ): void {
    this.takeNotes(rows, row, place, sizes);
    const mapping = this.#mapping;
    const isMeasured = rows[row + SINCE]! >= this.#warmup;
    if (rows[row + RUNNING] === 1 || rows[row + WAITING] === 1) {
      const note = row + NOTES;
      const cut = rows[note + CUT]!;
      const start = rows[note + START]!;
      const size = rows[note + SIZE]!;
      const flags = rows[note + FLAGS]!;
      const ticks = (flags & TICK) !== 0 ? 1 : 0;
      const { history, timeline } = place;
      mapping.columns.polled[this.#clock.period]! += size;
      if (rows[row + WAITING] === 1 || cut < start) {
        history.turn(cut, ACTIVITY.throttled);
        timeline.turn(cut, ACTIVITY.throttled);
      }
      if (rows[row + RUNNING] === 1) {
        history.turn(start, ACTIVITY.running);
        timeline.turn(start, ACTIVITY.running);
        this.#records.waited(far ?? place.records.partsOf(rows[row + INDEX]! - size, size, cut), start);
        const bound = sizes.bytes === null ? rows[row + HAND_PAYLOAD]! : sizes.payloadOf(size);
        const payload = place.tally.eventBytes(bound, size);
        if (isMeasured) this.#countBatches(1, ticks, (flags & FULL) !== 0 ? 1 : 0, payload);
      } else if (isMeasured) {
        mapping.asks++;
        mapping.ticks += ticks;
      }
    }
    const calls = rows[row + CALLS]!;
    const read = rows[row + READ]!;
    const bytes = sizes.bytes === null ? rows[row + READ_BYTES]! : read * sizes.bytes;
    if (calls > 0) this.#countCalls(place, calls, read, bytes);
    if (isMeasured) {
      mapping.asks += rows[row + EMPTY]!;
      mapping.ticks += rows[row + EMPTY_TICKS]!;
      mapping.empty += rows[row + EMPTY]!;
      mapping.getRecordsCalls += calls;
      place.shard.readCalls += calls;
      place.shard.readBytes += bytes;
      place.shard.readKilobytes += read * sizes.kilobytes;
    }
    rows.fill(0, row + EMPTY, row + SUMS_END);
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
