import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import { Histogram } from '../statistics/histogram.ts';
import { AGE_CAUSES } from './causes.ts';
import type { LaneHistory } from './lane-history.ts';
import { CauseTimes } from './lane-history.ts';

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

/** M4: records were in a batch that was given back (P9), from its cut until then. */
export interface EarlierTry {
  readonly from: Instant;
  readonly to: Instant;
  /** Of that time. */
  readonly throttled: Duration;
}

/** How a batch's time from cut to settling divides (M4). One is used again and again. */
export class BatchTimes {
  /** From arrival until the records could be read at all (K8). */
  readonly propagation: Duration;
  cutAt: Instant = 0;
  throttle: Duration = 0;
  coldStart: Duration = 0;
  processing: Duration = 0;
  settledAt: Instant = 0;
  /** What each of its records went through before the cut; of some batches of a mapping that is changed or disabled. */
  earlier: readonly EarlierTry[] = [];

  constructor(propagation: Duration) {
    this.propagation = propagation;
  }
}

/** Of parts with more records than this, percentiles are taken as if the records came uniformly, where they do (M7). */
export const LOOKED_AT_SINGLY = 16;

/** The same of a stream whose records are summed as if they lay evenly. */
const SINGLY_OF_MANY = 4;

/** As many records of a second's part are looked at one by one. */
export function mostSingly(isSummedTogether: boolean): number {
  return isSummedTogether ? SINGLY_OF_MANY : LOOKED_AT_SINGLY;
}

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
  /** The same for one period of settling after the other. */
  readonly #periodBreakdown: Float64Array;
  /** How many records settled in each. */
  readonly periodCount: Float64Array;
  /** Whether some records were taken together. */
  grouped = false;
  readonly #warmup: Duration;
  readonly #run = new Together();
  readonly #ages = new Ages();

  constructor(periods: number, warmup: Duration) {
    this.#warmup = warmup;
    this.#periodBreakdown = new Float64Array(CAUSES * periods);
    this.periodCount = new Float64Array(periods);
  }

  /** As in `breakdown`, over the records settled in a period. */
  breakdownIn(period: number): Float64Array {
    return this.#periodBreakdown.subarray(CAUSES * period, CAUSES * (period + 1));
  }

  /** At the start of the first invocation of a batch. */
  waited(parts: readonly ArrivalPart[], start: Instant): void {
    const { waitingTime } = this;
    for (let p = 0; p < parts.length; p++) {
      const part = parts[p]!;
      const isLong = part.to - part.from > mostSingly(part.second.isSummedTogether);
      const together = isLong ? this.#together(part, p === 0, p === parts.length - 1, NOT_KNOWN, NOT_KNOWN) : null;
      if (together !== null) {
        addTogether(waitingTime, together, start);
        continue;
      }
      const { times, second } = part.second;
      const opens = second * SECOND;
      for (let i = part.from; i < part.to; i++) {
        const arrival = opens + times.at(i);
        if (arrival >= this.#warmup) waitingTime.add(start - arrival);
      }
    }
  }

  succeeded(parts: readonly ArrivalPart[], times: BatchTimes, history: LaneHistory, period: number): void {
    this.#settled(parts, NOT_KNOWN, NOT_KNOWN, times, history, period, false);
  }

  /**
   * A batch that has succeeded at its first attempt, records of one second whose arrivals are written down at places [from,
   * to): as `waited` and `succeeded`.
   */
  passed(
    { times: arrivals, opens }: { readonly times: Int32Array; readonly opens: Instant },
    from: number,
    to: number,
    times: BatchTimes,
    history: LaneHistory,
    period: number,
  ): void {
    const { propagation, cutAt, settledAt } = times;
    const { waitingTime, timeInSystem } = this;
    const start = cutAt + times.throttle;
    const ages = this.#ages;
    ages.begin();
    ages.joined(cutAt, cutAt, history);
    for (let i = from; i < to; i++) {
      const arrival = opens + arrivals[i]!;
      if (arrival < this.#warmup) continue;
      waitingTime.add(start - arrival);
      timeInSystem.add(settledAt - arrival);
      ages.add(arrival, propagation, history);
    }
    this.#sumUp(times, history, period);
  }

  /** The same of any parts, of which the first and the last arrival are known. */
  passedTogether(
    parts: readonly ArrivalPart[],
    first: Instant,
    last: Instant,
    times: BatchTimes,
    history: LaneHistory,
    period: number,
  ): void {
    this.#settled(parts, first, last, times, history, period, true);
  }

  #settled(
    parts: readonly ArrivalPart[],
    first: Instant,
    last: Instant,
    times: BatchTimes,
    history: LaneHistory,
    period: number,
    isFirstAttempt: boolean,
  ): void {
    const { propagation, cutAt, settledAt } = times;
    const { waitingTime, timeInSystem } = this;
    const start = cutAt + times.throttle;
    const ages = this.#ages;
    ages.begin();
    for (let p = 0; p < parts.length; p++) {
      const part = parts[p]!;
      ages.joined(part.joinedAt, cutAt, history);
      const isLong = part.to - part.from > mostSingly(part.second.isSummedTogether);
      const together = isLong ? this.#together(part, p === 0, p === parts.length - 1, first, last) : null;
      if (together !== null) {
        if (isFirstAttempt) addTogether(waitingTime, together, start);
        addTogether(timeInSystem, together, settledAt);
        ages.addWhole(together, propagation, history);
        continue;
      }
      const { times: arrivals, second } = part.second;
      const opens = second * SECOND;
      for (let i = part.from; i < part.to; i++) {
        const arrival = opens + arrivals.at(i);
        if (arrival < this.#warmup) continue;
        if (isFirstAttempt) waitingTime.add(start - arrival);
        timeInSystem.add(settledAt - arrival);
        ages.add(arrival, propagation, history);
      }
    }
    this.#sumUp(times, history, period);
  }

  /** What a batch's records have spent on each cause. */
  #sumUp(times: BatchTimes, history: LaneHistory, period: number): void {
    const { propagation, cutAt, settledAt, throttle, coldStart, processing } = times;
    const ages = this.#ages;
    const { count } = ages;
    if (count === 0) return;
    const retry = settledAt - cutAt - throttle - coldStart - processing;
    const propagated = propagation * count;
    const row = CAUSES * period;
    this.#spend(row, QUEUE, ages.queue);
    this.#spend(row, WINDOW, ages.window);
    this.#spend(row, READ_LIMIT, ages.readLimit);
    this.#spend(row, NOT_POLLING, ages.notPolling);
    this.#spend(row, PROPAGATION, propagated);
    this.#spend(row, TICK, ages.age - ages.queue - ages.readLimit - ages.notPolling - propagated);
    this.#spend(row, THROTTLE, throttle * count);
    this.#spend(row, RETRY, retry * count);
    this.#spend(row, COLD_START, coldStart * count);
    this.#spend(row, PROCESSING, processing * count);
    this.periodCount[period]! += count;
    for (let i = 0; i < times.earlier.length; i++) this.#spendAgain(row, times.earlier[i]!, count, history);
  }

  /** While so many records were tried before, the lane was busy with them, and not with others. */
  #spendAgain(row: number, { from, to, throttled }: EarlierTry, count: number, history: LaneHistory): void {
    const busy = history.timesAt(to).queue - history.timesAt(from).queue;
    this.#spend(row, QUEUE, -busy * count);
    this.#spend(row, THROTTLE, throttled * count);
    this.#spend(row, RETRY, (busy - throttled) * count);
  }

  /** @param row where the period's begins */
  #spend(row: number, cause: number, recordTime: number): void {
    if (recordTime === 0) return;
    this.breakdown[cause]! += recordTime;
    this.#periodBreakdown[row + cause]! += recordTime;
  }

  /**
   * The records of a part between its first and its last, where they lie uniformly and are taken together; null where each
   * is looked at. A sample belongs to the arrival of its record: what came in the warm-up is left out (D5).
   *
   * @param begins it is the first part, which begins with the batch
   * @param ends it is the last part
   * @param firstOfAll the batch's first arrival; NOT_KNOWN: it is to be looked up, and so the last
   */
  #together(
    part: ArrivalPart,
    begins: boolean,
    ends: boolean,
    firstOfAll: Instant,
    lastOfAll: Instant,
  ): Together | null {
    const { second, from, to } = part;
    if (!second.uniform) return null;
    const opens = second.second * SECOND;
    // Where the batch goes on beyond the second and its records are summed as if they lay evenly, they do up to the edge.
    const isOpen = second.isSummedTogether && opens + second.from > this.#warmup;
    const fromEdge = isOpen && !begins && from === 0;
    const toEdge = isOpen && !ends && to === second.count;
    let first = opens + second.from;
    if (!fromEdge) first = begins && firstOfAll !== NOT_KNOWN ? firstOfAll : opens + second.times.at(from);
    if (first < this.#warmup) return null;
    let last = opens + second.to;
    if (!toEdge) last = ends && lastOfAll !== NOT_KNOWN ? lastOfAll : opens + second.times.at(to - 1);
    this.grouped = true;
    const together = this.#run;
    const count = to - from - Number(!fromEdge) - Number(!toEdge);
    together.first = first;
    together.last = last;
    together.fromEdge = fromEdge;
    together.toEdge = toEdge;
    together.count = count;
    if (second.isSummedTogether) {
      together.times = null;
      together.sum = (count * (first + last)) / 2;
      return together;
    }
    const times = second.times.all();
    let sum = count * opens;
    for (let i = from + 1; i < to - 1; i++) sum += times[i]!;
    together.times = times;
    together.sum = sum;
    together.opens = opens;
    together.from = from + 1;
    together.to = to - 1;
    return together;
  }
}

/** An arrival that has to be looked up. */
const NOT_KNOWN: Instant = -1;

const CAUSES = AGE_CAUSES.length;

/** Places among the causes. */
const [TICK, QUEUE, WINDOW, READ_LIMIT, NOT_POLLING, PROPAGATION, THROTTLE, RETRY, COLD_START, PROCESSING] = [
  ...(['tick', 'queue', 'window', 'readLimit', 'notPolling'] as const),
  ...(['propagation', 'throttle', 'retry', 'coldStart', 'processing'] as const),
].map((cause) => AGE_CAUSES.indexOf(cause)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** Records that are taken together, as they are at an instant. */
function addTogether(
  ages: Histogram,
  { first, last, fromEdge, toEdge, count, sum, times }: Together,
  at: Instant,
): void {
  if (times === null) {
    ages.addDensity(at - last, at - first, count, Number(!toEdge), Number(!fromEdge));
    return;
  }
  ages.add(at - first);
  ages.addUniform(at - last, at - first, count, count * at - sum);
  ages.add(at - last);
}

/** Records of one part that are taken together: between two arrivals, with the sum of theirs. One is used again and again. */
class Together {
  first: Instant = 0;
  last: Instant = 0;
  /** It is the second's edge, where no record need have come. */
  fromEdge = false;
  toEdge = false;
  count = 0;
  sum = 0;
  /** Where they are summed one by one: their arrivals are opens + times[i], i in [from, to). */
  times: Int32Array | null = null;
  opens: Instant = 0;
  from = 0;
  to = 0;
}

/** Sums over the records of a batch, in record-microseconds. */
class Ages {
  count = 0;
  /** From arrival until they were read. */
  age = 0;
  window = 0;
  queue = 0;
  readLimit = 0;
  notPolling = 0;
  #joinedAt: Instant = -1;
  #cutAt: Instant = 0;
  readonly #atJoin = new CauseTimes();
  readonly #before = new CauseTimes();
  readonly #atLast = new CauseTimes();
  readonly #between = new CauseTimes();

  begin(): void {
    this.count = 0;
    this.age = 0;
    this.window = 0;
    this.queue = 0;
    this.readLimit = 0;
    this.notPolling = 0;
    this.#joinedAt = -1;
  }

  /** When the records that follow were read. */
  joined(joinedAt: Instant, cutAt: Instant, history: LaneHistory): void {
    if (joinedAt === this.#joinedAt) return;
    this.#joinedAt = joinedAt;
    this.#cutAt = cutAt;
    history.timesAt(joinedAt, this.#atJoin);
  }

  add(arrival: Instant, propagation: Duration, history: LaneHistory): void {
    this.#note(1, arrival, history.timesAt(arrival + propagation, this.#before));
  }

  /** The first of a part, the last, and those between. */
  addWhole(together: Together, propagation: Duration, history: LaneHistory): void {
    const { first, last, fromEdge, toEdge, count, sum, times, opens, from, to } = together;
    const atFirst = this.#before;
    const atLast = this.#atLast;
    const between = this.#between;
    if (times === null)
      history.meanOver(first + propagation, last + propagation, atFirst, atLast, between).times(count);
    else {
      history.timesAt(first + propagation, atFirst);
      history.timesAt(last + propagation, atLast);
      history.sumOver({ opens: opens + propagation, times, from, to }, between);
    }
    if (!fromEdge) this.#note(1, first, atFirst);
    this.#note(count, sum, between);
    if (!toEdge) this.#note(1, last, atLast);
  }

  /** So many records more, with the sums of their arrivals and of what the lane had spent on each cause by then. */
  #note(count: number, arrivals: number, before: CauseTimes): void {
    const atJoin = this.#atJoin;
    this.count += count;
    this.age += count * this.#joinedAt - arrivals;
    this.window += count * (this.#cutAt - this.#joinedAt);
    this.queue += count * atJoin.queue - before.queue;
    this.readLimit += count * atJoin.readLimit - before.readLimit;
    this.notPolling += count * atJoin.notPolling - before.notPolling;
  }
}
