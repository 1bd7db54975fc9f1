import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import { Histogram } from '../statistics/histogram.ts';
import type { AgeCause } from './causes.ts';
import { AGE_CAUSES } from './causes.ts';
import type { CauseTimes, LaneHistory } from './lane-history.ts';

/** Records of one second of a shard, positions [from, to) in it, as far as their arrivals are concerned. */
export interface ArrivalPart {
  readonly second: {
    readonly second: number;
    readonly count: number;
    /** Microseconds after the second's start, in order. */
    readonly times: { at(position: number): Duration; all(): Int32Array };
    readonly uniform: boolean;
    readonly from: Duration;
    readonly to: Duration;
    /** Sums are taken as if the records of a uniform part lay evenly (M7). */
    readonly isSummedTogether: boolean;
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

/** Of parts with more records than this, percentiles are taken as if the records came uniformly, where they do (M7). */
export const LOOKED_AT_SINGLY = 16;

/** Of a stream with more records than this, those of a uniform part are summed as if they lay evenly (M7). */
export const SUMMED_SINGLY = 10_000_000;

/**
 * What a mapping's records went through, one sample a record. Means are sums over the records; for percentiles, records of
 * a second that arrive uniformly are taken together, between the first and the last of them; all others one by one.
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
    const { waitingTime } = this;
    this.#each(parts, {
      part: () => undefined,
      one: (arrival) => waitingTime.add(start - arrival),
      many: ({ first, last, count, sum, singly }) => {
        if (singly === null) waitingTime.addDensity(start - last, start - first, count);
        else waitingTime.addUniform(start - last, start - first, count, count * start - sum);
      },
    });
  }

  succeeded(parts: readonly ArrivalPart[], times: BatchTimes, history: LaneHistory, period: number): void {
    const { propagation, settledAt } = times;
    const { timeInSystem } = this;
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
        timeInSystem.add(settledAt - arrival);
        const before = history.timesAt(arrival + propagation);
        count += 1;
        age += joinedAt - arrival;
        window += times.cutAt - joinedAt;
        queue += atJoin.queue - before.queue;
        readLimit += atJoin.readLimit - before.readLimit;
        notPolling += atJoin.notPolling - before.notPolling;
      },
      many: ({ first, last, count: many, sum, singly }) => {
        if (singly === null) timeInSystem.addDensity(settledAt - last, settledAt - first, many);
        else timeInSystem.addUniform(settledAt - last, settledAt - first, many, many * settledAt - sum);
        const before =
          singly === null
            ? timesOf(history.meanOver(first + propagation, last + propagation), many)
            : history.sumOver(singly.opens + propagation, singly.times, singly.from, singly.to);
        count += many;
        age += many * joinedAt - sum;
        window += many * (times.cutAt - joinedAt);
        queue += many * atJoin.queue - before.queue;
        readLimit += many * atJoin.readLimit - before.readLimit;
        notPolling += many * atJoin.notPolling - before.notPolling;
      },
    });
    if (count === 0) return;
    const { throttle, coldStart, processing } = times;
    const retry = settledAt - times.cutAt - throttle - coldStart - processing;
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
    for (const part of parts) {
      visit.part(part);
      const { second, from, to } = part;
      const opens = second.second * SECOND;
      const { times } = second;
      if (to - from <= LOOKED_AT_SINGLY || !second.uniform || opens + times.at(from) < this.#warmup) {
        for (let i = from; i < to; i++) {
          const arrival = opens + times.at(i);
          if (arrival >= this.#warmup) visit.one(arrival);
        }
        continue;
      }
      // The first and the last arrival are known, the others lie uniformly between them.
      this.grouped = true;
      const first = opens + times.at(from);
      const last = opens + times.at(to - 1);
      const count = to - from - 2;
      visit.one(first);
      if (second.isSummedTogether) visit.many({ first, last, count, sum: (count * (first + last)) / 2, singly: null });
      else {
        const all = times.all();
        let sum = count * opens;
        for (let i = from + 1; i < to - 1; i++) sum += all[i]!;
        visit.many({ first, last, count, sum, singly: { opens, times: all, from: from + 1, to: to - 1 } });
      }
      visit.one(last);
    }
  }
}

function timesOf(mean: CauseTimes, count: number): CauseTimes {
  return {
    queue: mean.queue * count,
    readLimit: mean.readLimit * count,
    notPolling: mean.notPolling * count,
  };
}

/** Records of one part that are taken together: between two arrivals, with the sum of theirs. */
interface Many {
  readonly first: Instant;
  readonly last: Instant;
  readonly count: number;
  readonly sum: number;
  /** Where they are summed one by one: their arrivals are opens + times[i], i in [from, to). */
  readonly singly: {
    readonly opens: Instant;
    readonly times: Int32Array;
    readonly from: number;
    readonly to: number;
  } | null;
}

interface Visit {
  readonly part: (part: ArrivalPart) => void;
  readonly one: (arrival: Instant) => void;
  readonly many: (records: Many) => void;
}
