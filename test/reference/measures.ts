import type { Duration, Instant } from '../../src/kernel/time.ts';
import type { MappingSettings, Scenario } from '../../src/scenario/scenario.ts';
import type { Item } from './item.ts';

export const PROPAGATION = 70_000; // K8

/** What a lane went through, as far as it is counted for the lane (E9) or needed for its records' ages (M4). */
export class LaneMeasures {
  readonly shard: number;
  readonly slice: number;
  readonly balance = {
    arrived: 0,
    succeeded: 0,
    filtered: 0,
    RetryAttemptsExhausted: 0,
    RecordAgeExceeded: 0,
    PayloadTooLarge: 0,
    expired: 0,
    pending: 0,
    duplicates: 0,
    silentlyLost: 0,
  };
  /** One after another; each lasts until the next begins. */
  stretches: { readonly from: Instant; readonly state: WaitingFor }[] = [{ from: 0, state: 'notPolling' }];

  constructor(shard: number, slice: number) {
    this.shard = shard;
    this.slice = slice;
  }

  seeState(now: Instant, state: WaitingFor): void {
    if (this.stretches.at(-1)!.state !== state) this.stretches.push({ from: now, state });
  }

  /** How long the lane was in each state between two instants, the second of them not before its last change. */
  between(from: Instant, to: Instant): Record<WaitingFor, Duration> {
    const times = { queue: 0, notPolling: 0, readLimit: 0, tick: 0 };
    let until = to;
    for (let i = this.stretches.length - 1; i >= 0 && until > from; i--) {
      const stretch = this.stretches[i]!;
      const begins = Math.min(until, Math.max(from, stretch.from));
      times[stretch.state] += until - begins;
      until = begins;
    }
    return times;
  }
}

const WAITING_FOR = ['queue', 'notPolling', 'readLimit', 'tick'] as const;
type WaitingFor = (typeof WAITING_FOR)[number];

/** What a mapping went through, counted over [warmup, end) (D5). */
export class MappingMeasures {
  readonly settings: MappingSettings;
  readonly lanes: LaneMeasures[] = [];
  asks = 0;
  empty = 0;
  calls = 0;
  refusals = 0;
  invocations = 0;
  errors = 0;
  throttles = 0;
  fullBatches = 0;
  deliveries = 0;
  /** P11: windows closed, final invocations, and windows open at the end. */
  closed = 0;
  finals = 0;
  open = 0;
  /** One sample a record, in microseconds. */
  readonly waitingTime: Duration[] = [];
  readonly timeInSystem: Duration[] = [];
  /** M4: sums over the succeeded records. */
  readonly breakdown = {
    tick: 0,
    queue: 0,
    window: 0,
    readLimit: 0,
    notPolling: 0,
    propagation: 0,
    throttle: 0,
    retry: 0,
    coldStart: 0,
    processing: 0,
  };
  /** M7: in record-microseconds; highest; at the end. */
  readonly backlog = { area: 0, maximum: 0, end: 0 };
  readonly #warmup: Duration;

  constructor(scenario: Scenario, settings: MappingSettings) {
    this.settings = settings;
    this.#warmup = scenario.warmup;
  }

  addLane(shard: number, slice: number): LaneMeasures {
    const lane = new LaneMeasures(shard, slice);
    this.lanes.push(lane);
    return lane;
  }

  asked(now: Instant, found: number): void {
    if (now < this.#warmup) return;
    this.asks++;
    if (found === 0) this.empty++;
  }

  called(now: Instant): void {
    if (now >= this.#warmup) this.calls++;
  }

  refused(now: Instant): void {
    if (now >= this.#warmup) this.refusals++;
  }

  firstInvoked(now: Instant, isFull: boolean): void {
    if (now >= this.#warmup && isFull) this.fullBatches++;
  }

  throttled(now: Instant): void {
    if (now >= this.#warmup) this.throttles++;
  }

  /** Before the items are marked as delivered. */
  started(now: Instant, items: readonly Item[]): void {
    for (const { record, wasDelivered } of items) {
      if (!wasDelivered && record.arrival >= this.#warmup) this.waitingTime.push(now - record.arrival);
    }
  }

  ended(start: Instant, items: readonly Item[], outcome: string): void {
    if (start < this.#warmup) return;
    this.invocations++;
    if (items.length === 0) this.finals++;
    if (items.length === 0 && outcome === 'success') this.closed++;
    this.deliveries += items.length;
    if (outcome === 'functionError' || outcome === 'timeout') this.errors++;
  }

  succeeded(
    lane: LaneMeasures,
    item: Item,
    last: { settledAt: Instant; coldStart: Duration; duration: Duration },
  ): void {
    const { arrival } = item.record;
    if (arrival < this.#warmup) return;
    this.timeInSystem.push(last.settledAt - arrival);
    const joinedAt = item.joinedAt!;
    const before = lane.between(arrival, joinedAt);
    const propagation = this.settings.consumer === null ? 0 : PROPAGATION;
    // K8: on its way it waits for nothing else.
    const onItsWay = lane.between(arrival, arrival + propagation);
    for (const state of WAITING_FOR) before[state] -= onItsWay[state];
    this.breakdown.propagation += propagation;
    this.breakdown.tick += before.tick;
    this.breakdown.queue += before.queue - item.earlier;
    this.breakdown.readLimit += before.readLimit;
    this.breakdown.notPolling += before.notPolling;
    this.breakdown.window += item.cutAt - joinedAt;
    this.breakdown.throttle += item.throttled + item.earlierThrottled;
    this.breakdown.coldStart += last.coldStart;
    this.breakdown.processing += last.duration;
    this.breakdown.retry += item.earlier - item.earlierThrottled;
    this.breakdown.retry += last.settledAt - item.cutAt - item.throttled - last.coldStart - last.duration;
  }

  /** The backlog stayed the same from one instant to another. */
  pass(from: Instant, to: Instant, backlog: number): void {
    this.backlog.area += backlog * Math.max(0, to - Math.max(from, this.#warmup));
    if (to >= this.#warmup && to > from) this.backlog.maximum = Math.max(this.backlog.maximum, backlog);
  }

  seeBacklog(now: Instant, backlog: number): void {
    if (now >= this.#warmup) this.backlog.maximum = Math.max(this.backlog.maximum, backlog);
  }

  finish(backlog: number): void {
    this.backlog.end = backlog;
  }
}
