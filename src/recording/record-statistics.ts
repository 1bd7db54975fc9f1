import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import { Histogram } from '../statistics/histogram.ts';
import type { AgeCause } from './causes.ts';
import { AGE_CAUSES } from './causes.ts';
import type { LaneHistory } from './lane-history.ts';

/** Records of one second of a shard, positions [from, to) in it, as far as their arrivals are concerned. */
export interface ArrivalPart {
  readonly second: {
    readonly second: number;
    readonly count: number;
    readonly times: Int32Array;
    readonly uniform: boolean;
    readonly from: Duration;
    readonly to: Duration;
  };
  readonly from: number;
  readonly to: number;
  /** When the lane read them; before the batch was cut where it has a window (P6). */
  readonly joinedAt: Instant;
}

/** How a batch's time from cut to settling divides (M4). */
export interface BatchTimes {
  /** From arrival until the records could be read at all (K8). */
  readonly propagation: Duration;
  readonly cutAt: Instant;
  readonly throttle: Duration;
  readonly coldStart: Duration;
  readonly processing: Duration;
  readonly settledAt: Instant;
}

/** Parts with more records than this are taken as uniform where they are so (M7). */
export const LOOKED_AT_SINGLY = 16;

/**
 * What a mapping's records went through, one sample a record. Records of a second that arrive uniformly are taken
 * together, between what is known of the batch's first and last; all others one by one.
 */
export class RecordStatistics {
  readonly timeInSystem = new Histogram();
  readonly waitingTime = new Histogram();
  /** Sums over the succeeded records, in record-microseconds, in the order of AGE_CAUSES. */
  readonly breakdown = new Float64Array(AGE_CAUSES.length);
  /** The same for each period of settling, and how many records settled in it. */
  readonly periodBreakdown: readonly Float64Array[];
  readonly periodCount: Float64Array;
  /** Whether some records were taken together. */
  grouped = false;
  readonly #warmup: Duration;

  constructor(periods: number, warmup: Duration) {
    this.#warmup = warmup;
    this.periodBreakdown = AGE_CAUSES.map(() => new Float64Array(periods));
    this.periodCount = new Float64Array(periods);
  }

  /** At the start of the first invocation of a batch. */
  waited(parts: readonly ArrivalPart[], start: Instant): void {
    this.#each(parts, {
      part: () => undefined,
      one: (arrival) => this.waitingTime.add(start - arrival),
      many: (from, to, count) => this.waitingTime.addUniform(start - to, start - from, count),
    });
  }

  succeeded(parts: readonly ArrivalPart[], times: BatchTimes, history: LaneHistory, period: number): void {
    const { propagation } = times;
    let joinedAt = times.cutAt;
    let atJoin = history.timesAt(joinedAt);
    let count = 0;
    let age = 0;
    let window = 0;
    let queue = 0;
    let readLimit = 0;
    let notPolling = 0;
    this.#each(parts, {
      part: (part) => {
        if (part.joinedAt === joinedAt) return;
        joinedAt = part.joinedAt;
        atJoin = history.timesAt(joinedAt);
      },
      one: (arrival) => {
        this.timeInSystem.add(times.settledAt - arrival);
        const before = history.timesAt(arrival + propagation);
        count += 1;
        age += joinedAt - arrival;
        window += times.cutAt - joinedAt;
        queue += atJoin.queue - before.queue;
        readLimit += atJoin.readLimit - before.readLimit;
        notPolling += atJoin.notPolling - before.notPolling;
      },
      many: (from, to, many) => {
        this.timeInSystem.addUniform(times.settledAt - to, times.settledAt - from, many);
        const before = history.meanOver(from + propagation, to + propagation);
        count += many;
        age += many * (joinedAt - (from + to) / 2);
        window += many * (times.cutAt - joinedAt);
        queue += many * (atJoin.queue - before.queue);
        readLimit += many * (atJoin.readLimit - before.readLimit);
        notPolling += many * (atJoin.notPolling - before.notPolling);
      },
    });
    if (count === 0) return;
    const { throttle, coldStart, processing } = times;
    const retry = times.settledAt - times.cutAt - throttle - coldStart - processing;
    this.#add('queue', queue, period);
    this.#add('window', window, period);
    this.#add('readLimit', readLimit, period);
    this.#add('notPolling', notPolling, period);
    this.#add('propagation', propagation * count, period);
    this.#add('tick', age - queue - readLimit - notPolling - propagation * count, period);
    this.#add('throttle', throttle * count, period);
    this.#add('retry', retry * count, period);
    this.#add('coldStart', coldStart * count, period);
    this.#add('processing', processing * count, period);
    this.periodCount[period]! += count;
  }

  #add(cause: AgeCause, recordTime: number, period: number): void {
    const place = AGE_CAUSES.indexOf(cause);
    this.breakdown[place]! += recordTime;
    this.periodBreakdown[place]![period]! += recordTime;
  }

  /** Visits the arrivals of the measured time: a record sample belongs to its arrival (D5). */
  #each(parts: readonly ArrivalPart[], visit: Visit): void {
    const last = parts.length - 1;
    for (let p = 0; p <= last; p++) {
      visit.part(parts[p]!);
      const { second, from, to } = parts[p]!;
      const opens = second.second * SECOND;
      const count = to - from;
      const low = opens + (from === 0 ? second.from : second.times[from - 1]!);
      if (count <= LOOKED_AT_SINGLY || !second.uniform || low < this.#warmup) {
        for (let i = from; i < to; i++) {
          const arrival = opens + second.times[i]!;
          if (arrival >= this.#warmup) visit.one(arrival);
        }
        continue;
      }
      this.grouped = true;
      const newest = opens + second.times[to - 1]!;
      if (p === last) {
        // The last record's arrival is known, the others lie uniformly before it.
        if (newest > low) visit.many(low, newest, count - 1);
        else for (let i = 1; i < count; i++) visit.one(newest);
        visit.one(newest);
      } else visit.many(low, opens + second.to, count);
    }
  }
}

interface Visit {
  readonly part: (part: ArrivalPart) => void;
  readonly one: (arrival: Instant) => void;
  readonly many: (from: Instant, to: Instant, count: number) => void;
}
