import type { Instant } from '../kernel/time.ts';
import { NEVER } from '../kernel/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { BacklogSight } from './backlog-watch.ts';
import { BacklogWatch } from './backlog-watch.ts';
import type { MappingState } from './causes.ts';
import { Digest } from './digest.ts';
import { FunctionTally, SlotsOfAll } from './function-tally.ts';
import { LaneRecorder } from './lane-recorder.ts';
import { timelineRoom } from './lane-timeline.ts';
import { joinLastInstant } from './last-instant.ts';
import { MappingApi } from './mapping-api.ts';
import type { LaneTally } from './mapping-tally.ts';
import { MappingTally } from './mapping-tally.ts';
import { MeasuredPart } from './measured-part.ts';
import { BatchTimes } from './record-statistics.ts';
import type { Recording, ShardTotals } from './recording.ts';
import { StreamTally } from './recording.ts';
import type { ShardMetric } from './shard-metrics.ts';
import { longestStalls } from './stall.ts';
import { SteadyRecorder } from './steady-recorder.ts';
import type { TraceEvent } from './trace.ts';

/** What a lane looks like from outside at an instant, with nothing of that instant handled yet. */
export interface LaneSight {
  /** Records that have arrived for the lane, and their integral over time in record-microseconds. */
  readonly arrived: number;
  readonly recordTime: number;
  /** Of the oldest unsettled record. */
  readonly oldestArrival: Instant | null;
}

/** What the recorder asks the model for at the end of a period. */
export interface Sight extends BacklogSight {
  /** Everything that has happened is to be told before it is looked at. */
  settle(): void;
  shard(stream: number, shard: number, at: Instant): ShardTotals;
  lane(mapping: number, lane: number, at: Instant): LaneSight;
}

export interface RecorderOptions {
  readonly functionLimits: readonly number[];
  readonly shardMetrics: readonly ShardMetric[];
  readonly trace: ((event: TraceEvent) => void) | null;
  readonly tracesRecords: boolean;
}

/** What a shard has accepted in some time. */
type Written = Pick<ShardTotals, 'records' | 'bytes' | 'charged'>;

const STALLS_OF_A_MAPPING = 1_000;

/** Notes what the model tells it, and closes the periods. */
export class Recorder {
  readonly lanes: readonly (readonly LaneRecorder[])[];
  readonly digest = new Digest();
  readonly trace: ((event: TraceEvent) => void) | null;
  readonly #scenario: Scenario;
  readonly #sight: Sight;
  readonly #streams: readonly StreamTally[];
  readonly mappings: readonly MappingTally[];
  readonly #functions: readonly FunctionTally[];
  readonly #slotsOfAll: SlotsOfAll | null;
  readonly #periods: number;
  readonly #areaAtPeriod: Float64Array;
  readonly #areaAtWarmup: Float64Array;
  readonly #arrivedAtPeriod: Float64Array;
  readonly #arrivedAtWarmup: Float64Array;
  readonly watches: readonly BacklogWatch[];
  readonly #measuredPart = new MeasuredPart();
  #period = 0;
  #periodStart: Instant = 0;

  constructor(scenario: Scenario, sight: Sight, options: RecorderOptions) {
    const { period, warmup } = scenario;
    this.#scenario = scenario;
    this.#sight = sight;
    this.trace = options.trace;
    this.#periods = Math.max(1, Math.ceil((scenario.duration + scenario.drain) / period));
    this.#streams = scenario.streams.map((stream) => new StreamTally(stream, this.#periods, options.shardMetrics));
    this.mappings = scenario.mappings.map((mapping) => {
      const stream = scenario.streams.find(({ name }) => name === mapping.stream)!;
      return new MappingTally(mapping, { shards: stream.shards.length, periods: this.#periods, period, warmup });
    });
    this.watches = this.mappings.map(
      (tally, mapping) => new BacklogWatch({ tally, mapping, sight, clock: this, warmup }),
    );
    this.#slotsOfAll = scenario.functions.length > 1 ? new SlotsOfAll(this.#periods) : null;
    this.#functions = scenario.functions.map((settings, index) => {
      const own = this.mappings.filter((mapping) => mapping.settings.function === settings.name);
      return new FunctionTally(settings, options.functionLimits[index]!, own, this.#periods, this.#slotsOfAll);
    });
    const times = new BatchTimes(0);
    const lanes = this.mappings.reduce((sum, mapping) => sum + mapping.lanes.length, 0);
    const timeline = timelineRoom(lanes);
    this.lanes = this.mappings.map((mapping, m) => {
      const stream = this.#streams.find(({ settings }) => settings.name === mapping.settings.stream)!;
      const target = this.#functions.find(({ settings }) => settings.name === mapping.settings.function)!;
      const backlog = this.watches[m]!;
      const steady = new SteadyRecorder(mapping, target, { warmup, digest: this.digest, clock: this, times });
      return mapping.lanes.map(
        (lane) =>
          new LaneRecorder(
            { lane, mapping, backlog, function: target, stream, timeline, stalls: STALLS_OF_A_MAPPING, scenario },
            {
              digest: this.digest,
              trace: this.trace,
              tracesRecords: options.tracesRecords,
              lane: this.#laneNumber(m, lane),
              clock: this,
              times,
              steady,
            },
          ),
      );
    });
    this.#areaAtPeriod = new Float64Array(this.mappings.length);
    this.#areaAtWarmup = new Float64Array(this.mappings.length);
    this.#arrivedAtPeriod = new Float64Array(this.mappings.length);
    this.#arrivedAtWarmup = new Float64Array(this.mappings.length);
  }

  /** The period that is open. */
  get period(): number {
    return this.#period;
  }

  periodAt(instant: Instant): number {
    if (instant >= this.#periodStart) return this.#period;
    return Math.min(this.#periods - 1, Math.floor(instant / this.#scenario.period));
  }

  state(mapping: number, at: Instant, state: MappingState, byUser: boolean): void {
    const tally = this.mappings[mapping]!;
    tally.life.enter(at, state, byUser);
    this.digest.add(16 + STATE_CODES.indexOf(state), at, 0, mapping, 0, 0);
    this.trace?.({ t: at, type: 'state', mapping: tally.settings.name, state });
  }

  startMeasuring(at: Instant): void {
    this.#sight.settle();
    this.#streams.forEach((stream, s) => {
      stream.shards.forEach((shard, index) => {
        this.#takeInWrites(stream, s, index, at);
        shard.atWarmup = shard.atPeriod;
        shard.periodCalls = 0;
        shard.periodReadBytes = 0;
      });
    });
    this.mappings.forEach((mapping, m) => {
      mapping.concurrency.startMeasuring(at);
      const { area, arrived, backlog } = this.#backlogOf(m, at);
      this.#areaAtWarmup[m] = area;
      this.#arrivedAtWarmup[m] = arrived;
      this.watches[m]!.begin(at, backlog, this.#period);
      mapping.backlogMaximum = backlog;
    });
    for (const target of this.#functions) {
      target.concurrency.startMeasuring(at);
      target.provisioned?.concurrency.startMeasuring(at);
    }
    this.#slotsOfAll?.concurrency.startMeasuring(at);
    for (const lane of this.lanes.flat()) lane.startMeasuring(at);
    if (at === this.#periodStart) return;
    const counts = [...this.#streams, ...this.mappings.map(({ columns }) => columns)].flatMap((one) => one.counts);
    this.#measuredPart.begin(
      this.#period,
      counts,
      this.#streams.map(({ readAge }) => readAge),
    );
  }

  /** At the end of each period, before anything of that instant happens; and at the end of the run. */
  closePeriod(at: Instant): void {
    const period = this.#period;
    if (at === this.#periodStart) return;
    this.#sight.settle();
    this.#streams.forEach((stream, s) => {
      this.#closeStream(stream, s, at);
    });
    for (const target of this.#functions) target.closeAges(period);
    this.mappings.forEach((mapping, m) => {
      this.#closeMapping(mapping, m, period, at);
    });
    for (const target of this.#functions) {
      const { area, maximum } = target.concurrency.closePeriod(at);
      target.concurrencyAreaColumn[period] = area / (at - this.#periodStart);
      target.concurrencyMaximumColumn[period] = maximum;
      target.provisioned?.closePeriod(period, this.#periodStart, at);
    }
    this.#closeSlotsOfAll(period, at);
    if (period === this.#measuredPart.period) this.#closeMeasuredPart();
    this.#periodStart = at;
    this.#period = Math.min(this.#period + 1, this.#periods - 1);
  }

  finish(end: Instant, partial: boolean): Recording {
    if (end <= this.#scenario.warmup) this.startMeasuring(end);
    if (end === this.#periodStart && end > 0) this.#joinLastInstant(end);
    else this.closePeriod(end);
    const measuredFrom = Math.min(this.#scenario.warmup, end);
    this.#streams.forEach((stream, s) => {
      stream.shards.forEach((shard, index) => {
        shard.total = this.#sight.shard(s, index, end);
      });
    });
    this.mappings.forEach((mapping, m) => {
      this.#finishMapping(mapping, m, end);
    });
    this.#leaveOutUnused(end);
    for (const target of this.#functions) {
      target.gather();
      const { provisioned } = target;
      target.concurrencyArea = target.concurrency.measuredArea(end);
      if (provisioned !== null) provisioned.concurrencyArea = provisioned.concurrency.measuredArea(end);
    }
    this.#finishMeasuredPart();
    const scenario = this.#scenario;
    const lives = this.mappings.map(({ life }) => life);
    return {
      scenario,
      measuredFrom,
      end,
      partial,
      digest: this.digest.toString(),
      period: this.#scenario.period,
      periods: Math.max(1, Math.ceil(end / this.#scenario.period)),
      measuredPart: this.#measuredPart,
      streams: this.#streams,
      mappings: this.mappings,
      functions: this.#functions,
      slotsOfAll: this.#slotsOfAll,
      mapping(name: string): MappingApi {
        const life = lives.find(({ settings }) => settings.name === name);
        if (life === undefined) throw new Error(`the scenario has no mapping '${name}'`);
        return new MappingApi(life, lives, { scenario, end });
      },
    };
  }

  /** A period has begun with the end. */
  #joinLastInstant(end: Instant): void {
    this.#sight.settle();
    joinLastInstant(this.#streams, this.mappings, this.#functions, {
      slotsOfAll: this.#slotsOfAll,
      measuredPart: this.#measuredPart,
      period: this.#period,
      end,
    });
    this.#period--;
    this.mappings.forEach((mapping, m) => {
      this.#noteLevels(mapping, m, this.#period, end);
    });
  }

  #closeSlotsOfAll(period: number, at: Instant): void {
    if (this.#slotsOfAll === null) return;
    const { concurrency, concurrencyMaximumColumn } = this.#slotsOfAll;
    concurrencyMaximumColumn[period] = concurrency.closePeriod(at).maximum;
  }

  /** K6, P4: shards that have not opened, whose numbers come after all others; and lanes that no update has made. */
  #leaveOutUnused(end: Instant): void {
    for (const stream of this.#streams) {
      const hasOpened = (shard: number) => stream.settings.shards[shard]!.opensAt < Math.max(end, 1);
      stream.shards = stream.shards.filter((_, shard) => hasOpened(shard));
      for (const mapping of this.mappings) {
        if (mapping.settings.stream !== stream.settings.name) continue;
        const factor = Math.max(...mapping.life.allSettings.map((settings) => settings.parallelizationFactor));
        mapping.lanes = mapping.lanes.filter(({ shard, lane }) => hasOpened(shard) && lane < factor);
      }
    }
  }

  #closeStream(stream: StreamTally, s: number, at: Instant): void {
    stream.shards.forEach((shard, index) => {
      const written = this.#takeInWrites(stream, s, index, at);
      if (at > this.#scenario.warmup) this.#seePeaks(stream, index, written, at);
      shard.periodCalls = 0;
      shard.periodReadBytes = 0;
    });
  }

  /** @returns what a shard has accepted since the period or the measuring began */
  #takeInWrites(stream: StreamTally, s: number, index: number, at: Instant): Written {
    const period = this.#period;
    const shard = stream.shards[index]!;
    const now = this.#sight.shard(s, index, at);
    const before = shard.atPeriod;
    const records = now.records - before.records;
    const bytes = now.bytes - before.bytes;
    stream.putRecords[period]! += records;
    stream.putBytes[period]! += bytes;
    stream.refused[period]! += now.refused - before.refused;
    shard.columns.add('IncomingRecords', period, records);
    shard.columns.add('IncomingBytes', period, bytes);
    shard.columns.add('WriteProvisionedThroughputExceeded', period, now.refused - before.refused);
    shard.atPeriod = now;
    return { records, bytes, charged: now.charged - before.charged };
  }

  /** M3a: a period that the warm-up ends in, or a shard opens or closes in, is measured from there, or until then. */
  #seePeaks(stream: StreamTally, index: number, { records, bytes, charged }: Written, at: Instant): void {
    const start = this.#periodStart;
    const shard = stream.shards[index]!;
    const { opensAt, closesAt } = stream.settings.shards[index]!;
    const from = Math.max(start, this.#scenario.warmup, opensAt);
    const written = Math.min(at, closesAt) - from;
    shard.peakRecords.see(records, start, at, written);
    shard.peakBytes.see(bytes, start, at, written);
    shard.peakCharged.see(charged, start, at, written);
    if (closesAt < at) shard.readUntil = this.#readUntil(stream, index);
    const read = Math.min(at, shard.readUntil) - from;
    shard.peakCalls.see(shard.periodCalls, start, at, read);
    shard.peakReadBytes.see(shard.periodReadBytes, start, at, read);
  }

  /** Of levels the maxima since the warm-up are of that period alone as yet. */
  #closeMeasuredPart(): void {
    const part = this.#measuredPart;
    part.close();
    for (const { columns, concurrency, backlogMaximum } of this.mappings) {
      part.note(columns.concurrencyMaximum, concurrency.maximum);
      part.note(columns.backlogMaximum, backlogMaximum);
    }
    const all = this.#slotsOfAll === null ? [] : [this.#slotsOfAll];
    for (const level of [...this.#functions, ...all]) {
      part.note(level.concurrencyMaximumColumn, level.concurrency.maximum);
    }
  }

  /** M2: what is filed at the start of an invocation is known by its measured total. */
  #finishMeasuredPart(): void {
    const part = this.#measuredPart;
    for (const { columns, invocations, errors, deliveries } of this.mappings) {
      part.noteByTotal(columns.invocations, invocations);
      part.noteByTotal(columns.errors, errors);
      part.noteByTotal(columns.invoked, deliveries);
    }
    for (const target of this.#functions) {
      part.noteByTotal(target.invocationColumn, target.invocations);
      part.noteByTotal(target.errorColumn, target.errors);
      part.noteByTotal(target.throttleColumn, target.throttles);
    }
  }

  /** Of a shard that is closed. */
  #readUntil({ settings }: StreamTally, shard: number): Instant {
    let until = -1;
    for (const { settings: mapping, lanes } of this.mappings) {
      if (mapping.stream !== settings.name || mapping.consumer !== null) continue;
      const { mostLanes } = mapping;
      for (let lane = 0; lane < mostLanes; lane++) until = Math.max(until, lanes[shard * mostLanes + lane]!.endedAt);
    }
    return until < 0 ? NEVER : until;
  }

  #closeMapping(mapping: MappingTally, m: number, period: number, at: Instant): void {
    const { columns } = mapping;
    const length = at - this.#periodStart;
    const { area, maximum } = mapping.concurrency.closePeriod(at);
    columns.concurrencyArea[period] = area / length;
    columns.concurrencyMaximum[period] = maximum;
    columns.iteratorAge.closePeriod(period);
    const backlog = this.#backlogOf(m, at);
    columns.backlogArea[period] = (backlog.area - this.#areaAtPeriod[m]!) / length;
    columns.recordsIn[period] = backlog.arrived - this.#arrivedAtPeriod[m]!;
    this.#areaAtPeriod[m] = backlog.area;
    this.#arrivedAtPeriod[m] = backlog.arrived;
    this.watches[m]!.note(backlog.backlog, at);
    this.watches[m]!.begin(at, backlog.backlog, period + 1);
    this.#noteLevels(mapping, m, period, at);
    mapping.lanes.forEach((lane, l) => {
      const recorder = this.lanes[m]![l]!;
      if (mapping.life.exists && recorder.isThereBefore(at) && at > this.#scenario.warmup) {
        const age = lane.backlogAge[period]!;
        mapping.backlogAge.add(age);
        mapping.worstBacklogAge.see(age, lane.shard, at);
      }
      recorder.closePeriod(at, this.#periodStart);
    });
  }

  /** How much each lane has before it, and how old that is, when a period ends. */
  #noteLevels(mapping: MappingTally, m: number, period: number, at: Instant): void {
    const { columns } = mapping;
    columns.backlogAge[period] = 0;
    mapping.backlogAgeEnd = null;
    mapping.lanes.forEach((lane, l) => {
      const { arrived, oldestArrival } = this.#sight.lane(m, l, at);
      const age = oldestArrival === null ? 0 : at - oldestArrival;
      lane.backlog[period] = arrived - lane.balance.settled;
      lane.backlogAge[period] = age;
      columns.backlogAge[period] = Math.max(columns.backlogAge[period]!, age);
      if (!mapping.life.exists || !this.lanes[m]![l]!.isThereBefore(at)) return;
      mapping.backlogAgeEnd = Math.max(mapping.backlogAgeEnd ?? 0, age);
    });
  }

  #finishMapping(mapping: MappingTally, m: number, end: Instant): void {
    const { area, arrived, backlog } = this.#backlogOf(m, end);
    mapping.backlogArea = area - this.#areaAtWarmup[m]!;
    mapping.arrived = arrived - this.#arrivedAtWarmup[m]!;
    mapping.backlogEnd = backlog;
    mapping.concurrencyArea = mapping.concurrency.measuredArea(end);
    mapping.lanes.forEach((lane, l) => {
      const sight = this.#sight.lane(m, l, end);
      lane.balance.arrived = sight.arrived;
      lane.balance.pending = sight.arrived - lane.balance.settled;
      const recorder = this.lanes[m]![l]!;
      recorder.finish(end, lane.balance.pending);
      mapping.stalls.count += recorder.stallWatch.count;
      mapping.stalls.length += recorder.stallWatch.length;
      mapping.stalls.longest = Math.max(mapping.stalls.longest, recorder.stallWatch.longest);
      mapping.stalls.lost += recorder.stallWatch.lost;
    });
    const stalls = mapping.lanes.flatMap((lane) => lane.stalls.map((stall) => ({ ...stall, lane })));
    const kept = new Set(longestStalls(stalls, STALLS_OF_A_MAPPING, end));
    for (const lane of mapping.lanes) {
      lane.stalls = stalls
        .filter((stall) => stall.lane === lane && kept.has(stall))
        .map(({ lane: _, ...stall }) => stall);
    }
  }

  /** Backlog before an instant, and its integral since the run began. */
  #backlogOf(m: number, at: Instant): { area: number; arrived: number; backlog: number } {
    let area = 0;
    let arrived = 0;
    let settled = 0;
    this.lanes[m]!.forEach((lane, l) => {
      const sight = this.#sight.lane(m, l, at);
      area += sight.recordTime - lane.settledRecordTime(at);
      arrived += sight.arrived;
      settled += lane.tally.balance.settled;
    });
    return { area, arrived, backlog: arrived - settled };
  }

  #laneNumber(mapping: number, { shard, lane }: LaneTally): number {
    return lane * 67_108_864 + mapping * 65_536 + shard;
  }
}

const STATE_CODES: readonly MappingState[] = [
  'Creating',
  'Enabling',
  'Enabled',
  'Disabling',
  'Disabled',
  'Updating',
  'Deleting',
  'Deleted',
];
