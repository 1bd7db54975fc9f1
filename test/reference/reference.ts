import { Chance } from '../../src/kernel/chance.ts';
import type { Distribution } from '../../src/kernel/distribution.ts';
import { quantileOf } from '../../src/kernel/distribution.ts';
import type { Duration, Instant } from '../../src/kernel/time.ts';
import type { MappingState } from '../../src/recording/causes.ts';
import type { TraceEvent } from '../../src/recording/trace.ts';
import type {
  Backoff,
  FunctionSettings,
  MappingChanges,
  MappingEntry,
  MappingSettings,
  Scenario,
  StreamSettings,
} from '../../src/scenario/scenario.ts';
import { hashKeyOf } from './arrivals.ts';
import { eventBytes, recordBytes, sequenceNumberOf, shardIdOf } from './event.ts';
import type { Verdict } from './faults.ts';
import { judge } from './faults.ts';
import { isKept } from './filters.ts';
import type { OwnAnswer, PlainHandlers } from './handlers.ts';
import { ask } from './handlers.ts';
import { Item } from './item.ts';
import type { LaneMeasures } from './measures.ts';
import { MappingMeasures, PROPAGATION } from './measures.ts';
import type { PutRecord, PutShard } from './shards.ts';
import { adapted, callTime, otherCalls, putAll, ReadLimit } from './shards.ts';
import type { OpenWindow } from './tumbling.ts';
import { besideRecords, isReadToItsEnd, PATIENCE, traced, windowStart } from './tumbling.ts';

/** What a run of the reference model leaves behind. */
export interface ReferenceRun {
  readonly end: Instant;
  readonly trace: readonly TraceEvent[];
  readonly streams: readonly (readonly PutShard[])[];
  readonly mappings: readonly MappingMeasures[];
}

/**
 * The rules of the model once more, as plainly as they can be said: one object for each record, one sorted list of what is
 * ahead. It shares nothing with the simulator but the kernel and the names under which chance is forked.
 */
export function runReference(scenario: Scenario, handlers: PlainHandlers = {}): ReferenceRun {
  return new Run(adapted(scenario), handlers).run();
}

/** D4: what happens first at one microsecond. */
const RANK = {
  creation: -1,
  shards: -0.7,
  role: -0.5,
  entry: 0,
  change: 0.5,
  expiry: 1,
  expired: 1.2,
  arrival: 2,
  end: 3,
  release: 4,
  queued: 5,
  retry: 6,
  window: 7,
  poll: 8,
} as const;

const CALL_RECORDS = 10_000; // K4
const CALL_BYTES = 10 * 1_048_576; // K4
const PAYLOAD = 6 * 1_048_576; // P5
const ENVIRONMENT_EVERY = 10_000; // L3: 100/s
const ALL_BUT_ONE = 999 * ENVIRONMENT_EVERY; // L3: so long before it is full the bucket holds one
const FAN_OUT_BYTES = 2_097_152; // K8, a second

/** Something that is ahead. */
interface Ahead {
  readonly at: Instant;
  readonly rank: number;
  readonly mapping: number;
  readonly shard: number;
  readonly lane: number;
  /** Of two that are alike, the one made first goes first. */
  readonly order: number;
  readonly act: () => void;
}

interface Piece {
  readonly items: readonly Item[];
  /** Since its count began. */
  invocations: number;
}

/** What a lane has in hand, from the cut until it is settled. */
interface Batch {
  readonly isFull: boolean;
  /** P11: of its records. */
  readonly window: Instant | null;
  /** P11: the final invocation of a window, a single piece without records. */
  readonly isFinal: boolean;
  /** First the one that is at work. */
  pieces: Piece[];
  running: Running | null;
  throttledSince: Instant | null;
  /** Since the last invocation (L2). */
  throttles: number;
  wasInvoked: boolean;
}

interface Running {
  readonly items: readonly Item[];
  readonly isProvisioned: boolean;
  readonly start: Instant;
  readonly coldStart: Duration;
  readonly duration: Duration;
  readonly timedOut: boolean;
  readonly verdict: Verdict;
  /** L7: null where no handler was asked. */
  readonly own: OwnAnswer | null;
  /** E5: its response is read. */
  readonly isHeard: boolean;
}

interface Window {
  items: readonly Item[];
}

interface Lane {
  /** P4: other lanes have taken over. */
  isRetired: boolean;
  readonly mapping: Mapping;
  readonly shard: number;
  readonly slice: number;
  readonly reader: Reader;
  readonly chance: Chance;
  readonly measures: LaneMeasures;
  /** Arrived and unsettled, in order. */
  waiting: Item[];
  /** How many of them have not been settled before (P4). */
  backlog: number;
  batch: Batch | null;
  window: Window | null;
  /** Invocations so far; places the draws. */
  starts: number;
  askedAt: Instant;
  lastWasFull: boolean;
  /** The last call was refused. */
  isRefused: boolean;
  nextAsk: Ahead | null;
  nextAttempt: Ahead | null;
  windowEnd: Ahead | null;
  /** K6: its shard is closed, and nothing of it is left. */
  hasEnded: boolean;
  /** P11: the tumbling window that an invocation has had records of, and when it may end. */
  open: OpenWindow | null;
  openEnd: Ahead | null;
}

/** One shard as one mapping reads it; its lanes share the buffer and the grid. */
interface Reader {
  readonly shard: number;
  /** P4: what its lanes were made for, and how often they have been made anew. */
  factor: number;
  tumblingWindow: Duration;
  divisions: number;
  readonly limit: ReadLimit | null;
  readonly phase: Instant;
  /** P8: whether records that arrive from now on belong to the mapping. */
  hasPosition: boolean;
  /** K6: its shard's parents have ended. */
  hasBegun: boolean;
  lanes: Lane[];
  /** Arrived, and how many of them a call has brought. */
  readonly items: Item<Lane>[];
  read: number;
  /** P7: of all lanes. */
  lastCall: { readonly at: Instant; readonly isAnswered: boolean } | null;
  fanOut: { tokens: number; at: Instant; isLimited: boolean; next: Ahead | null } | null;
}

interface Mapping {
  readonly index: number;
  settings: MappingSettings;
  /** A3; null: everything is allowed. */
  role: readonly string[] | null;
  readonly stream: StreamSettings;
  readonly target: Target;
  readonly readers: Reader[];
  /** Of all its readers. */
  lanes: readonly Lane[];
  readonly measures: MappingMeasures;
  state: 'Absent' | MappingState;
  /** The state that it is in, or that the transition leads to. */
  goal: Goal;
  nextState: Ahead | null;
}

type Goal = 'Enabled' | 'Disabled' | 'Deleted';

interface Target {
  readonly settings: FunctionSettings;
  readonly pool: Pool;
  starts: number;
  /** When each idle environment became idle, the last used at the end (L4). */
  idleSince: Instant[];
  /** L3: when the bucket of new environments will be full, if none is started before. */
  isFullAt: Instant;
  /** Invocations that are running, in provisioned environments and in others. */
  provisioned: number;
  onDemand: number;
}

interface Pool {
  readonly units: number;
  readonly targets: Target[];
  /** L2: those who stand in line. */
  readonly queue: Lane[];
}

class Run {
  readonly #scenario: Scenario;
  readonly #handlers: PlainHandlers;
  readonly #trace: TraceEvent[] = [];
  readonly #streams: PutShard[][];
  readonly #mappings: Mapping[];
  readonly #pools: Pool[];
  /** Sorted, the next at the end. */
  readonly #ahead: Ahead[] = [];
  #order = 0;
  #now: Instant = 0;
  /** D5: the latest end. */
  readonly #last: Instant;
  #entriesLeft = 0;

  constructor(scenario: Scenario, handlers: PlainHandlers) {
    this.#scenario = scenario;
    this.#handlers = handlers;
    this.#last = scenario.duration + scenario.drain;
    const chance = new Chance(scenario.seed);
    this.#streams = scenario.streams.map((stream) => putAll(scenario, stream));
    const limits = scenario.streams.map((stream) =>
      stream.shards.map(() => (stream.readLimits ? new ReadLimit() : null)),
    );
    // L1
    const reserved = scenario.functions.reduce((sum, { reservedConcurrentExecutions: own }) => sum + (own ?? 0), 0);
    const unreserved: Pool = { units: scenario.account.concurrentExecutions - reserved, targets: [], queue: [] };
    this.#pools = [unreserved];
    const targets = scenario.functions.map((settings): Target => {
      const own = settings.reservedConcurrentExecutions;
      const pool: Pool = own === null ? unreserved : { units: own, targets: [], queue: [] };
      if (own !== null) this.#pools.push(pool);
      const target = { settings, pool, starts: 0, idleSince: [], isFullAt: 0, provisioned: 0, onDemand: 0 };
      pool.targets.push(target);
      return target;
    });
    this.#mappings = scenario.mappings.map((settings, index) => {
      const s = scenario.streams.findIndex((stream) => stream.name === settings.stream);
      const target = targets.find((one) => one.settings.name === settings.function)!;
      return this.#mappingOf(settings, index, { stream: scenario.streams[s]!, limits: limits[s]!, target, chance });
    });
    this.#planArrivals();
    scenario.streams.forEach((stream, s) => {
      stream.shards.forEach((_, shard) => {
        const unit = chance.fork('otherReaders', stream.name, shardIdOf(shard));
        const limit = limits[s]![shard]!;
        if (limit !== null) this.#planOtherReaders(stream, limit, unit);
      });
    });
  }

  #mappingOf(
    settings: MappingSettings,
    index: number,
    parts: { stream: StreamSettings; limits: readonly (ReadLimit | null)[]; target: Target; chance: Chance },
  ): Mapping {
    const { stream, limits, target, chance } = parts;
    const scenario = this.#scenario;
    const measures = new MappingMeasures(scenario, settings);
    const mapping: Mapping = {
      index,
      settings,
      role: target.settings.role,
      stream,
      target,
      readers: [],
      lanes: [],
      measures,
      state: 'Absent',
      goal: settings.enabled ? 'Enabled' : 'Disabled',
      nextState: null,
    };
    stream.shards.forEach((_, shard) => {
      const shardId = shardIdOf(shard);
      const { phase, period } = scenario.polling;
      const offset = // P1
        phase.kind === 'aligned'
          ? 0
          : phase.kind === 'fixed'
            ? phase.offset % period
            : Math.floor(chance.fork('phase', settings.name, shardId).unit(0) * period);
      const isFannedOut = settings.consumer !== null;
      const reader: Reader = {
        shard,
        factor: settings.parallelizationFactor,
        tumblingWindow: settings.tumblingWindow,
        divisions: 0,
        limit: isFannedOut ? null : limits[shard]!,
        phase: offset,
        hasPosition: settings.startingPosition.kind !== 'LATEST',
        hasBegun: false,
        lanes: [],
        items: [],
        read: 0,
        lastCall: null,
        fanOut: isFannedOut ? { tokens: FAN_OUT_BYTES * 1e6, at: 0, isLimited: false, next: null } : null,
      };
      mapping.readers.push(reader);
      for (let slice = 0; slice < settings.mostLanes; slice++) measures.addLane(shard, slice);
      this.#makeLanes(mapping, reader, 0);
    });
    return mapping;
  }

  /** P4, P1 */
  #makeLanes(mapping: Mapping, reader: Reader, from: Instant): void {
    const { settings, target, measures } = mapping;
    const { shard, phase, divisions, fanOut } = reader;
    const { pacing, period } = this.#scenario.polling;
    const names = (slice: number) => ['lane', target.settings.name, settings.name, shardIdOf(shard), String(slice)];
    reader.lanes = Array.from({ length: reader.factor }, (_, slice): Lane => {
      const name = divisions === 0 ? names(slice) : [...names(slice), `change ${divisions}`];
      return {
        isRetired: false,
        mapping,
        shard,
        slice,
        reader,
        chance: new Chance(this.#scenario.seed).fork(...name),
        measures: measures.lanes[shard * settings.mostLanes + slice]!,
        waiting: [],
        backlog: 0,
        batch: null,
        window: null,
        starts: 0,
        askedAt: -1,
        lastWasFull: false,
        isRefused: false,
        nextAsk: null,
        nextAttempt: null,
        windowEnd: null,
        open: null,
        openEnd: null,
        hasEnded: false,
      };
    });
    mapping.lanes = mapping.readers.flatMap(({ lanes }) => lanes);
    if (pacing !== 'grid' || fanOut !== null) return;
    const first = phase + Math.max(0, Math.ceil((from - phase) / period)) * period;
    for (const lane of reader.lanes) this.#planTick(lane, first);
  }

  /**
   * P4: other lanes begin at the shard's lowest unsettled record. What is settled beyond it comes again, and is counted
   * nowhere; the last that a record waited in is that of the lane that was furthest behind (M4).
   */
  #divide(mapping: Mapping, reader: Reader): void {
    const { items, lanes } = reader;
    const isUnsettled = (item: Item<Lane>) => !item.isSettled && !item.isRepeat;
    const firstOf = ({ slice }: Lane) =>
      items.find((item) => isUnsettled(item) && item.lane.slice === slice)?.record.index ?? Number.POSITIVE_INFINITY;
    const behind = lanes.reduce((worst, lane) => (firstOf(lane) < firstOf(worst) ? lane : worst));
    const history = behind.measures.stretches;
    for (const lane of lanes) {
      lane.isRetired = true;
      lane.openEnd = this.#cancel(lane.openEnd); // P11: its window is given up
      const { arrived: _, pending: __, duplicates: ___, silentlyLost: ____, ...settled } = lane.measures.balance;
      lane.measures.balance.arrived = Object.values(settled).reduce((sum, count) => sum + count, 0);
    }
    reader.factor = mapping.settings.parallelizationFactor;
    reader.tumblingWindow = mapping.settings.tumblingWindow;
    reader.divisions++;
    this.#makeLanes(mapping, reader, this.#now);
    for (const { measures } of reader.lanes) measures.stretches = [...history];

    const first = items.findIndex(isUnsettled);
    reader.read = first < 0 ? items.length : first;
    for (const item of items.slice(reader.read)) {
      if (item.isGone) continue;
      item.isRepeat ||= item.isSettled;
      item.wasDelivered ||= item.isRepeat;
      item.wasProcessed ||= item.isRepeat;
      item.isSettled = false;
      item.isRead = false;
      item.inHand = false;
      item.joinedAt = null;
      item.earlier = 0; // M4: what it waited for until then is told as of the lane that had the lowest record
      item.earlierThrottled = 0;
      item.window = windowStart(this.#scenario, reader, item.record);
      item.lane = reader.lanes[sliceOf(item.record, mapping, reader)]!;
      item.lane.waiting.push(item);
      if (item.isRepeat) continue;
      item.lane.backlog++;
      item.lane.measures.balance.arrived++;
    }
  }

  run(): ReferenceRun {
    const { duration, timeline } = this.#scenario;
    const last = this.#last;
    for (const mapping of this.#mappings) {
      if (!mapping.settings.isCreatedLater) this.#plan(0, RANK.creation, mapping, () => this.#create(mapping));
    }
    this.#entriesLeft = timeline.length;
    for (const entry of timeline) {
      if (entry.kind === 'streamChange') {
        const act = () => void this.#entriesLeft--;
        this.#insert({ at: entry.at, rank: RANK.shards, mapping: 0, shard: 0, lane: 0, act });
        continue;
      }
      if (entry.kind === 'role') {
        const act = () => {
          this.#entriesLeft--;
          for (const mapping of this.#mappings) {
            if (mapping.settings.function === entry.function) this.#changeRole(mapping, entry.role);
          }
        };
        this.#insert({ at: entry.at, rank: RANK.role, mapping: 0, shard: 0, lane: 0, act });
        continue;
      }
      const mapping = this.#mappings.find(({ settings }) => settings.name === entry.mapping)!;
      this.#plan(entry.at, RANK.entry, mapping, () => {
        this.#entriesLeft--;
        this.#carryOut(mapping, entry);
      });
    }
    // K6, K7: at each instant at which shards open.
    for (const mapping of this.#mappings) {
      for (const at of new Set(mapping.stream.shards.map(({ opensAt }) => opensAt).filter((opens) => opens > 0))) {
        this.#plan(at, RANK.shards, mapping, () => this.#goOnWithShards(mapping));
      }
    }
    // D5: from `duration` on, the run ends as soon as nothing is pending and the timeline and the producers are done.
    this.#insert({ at: duration, rank: RANK.end + 0.5, mapping: 0, shard: 0, lane: 0, act: () => {} });
    for (const { refused, lost, records } of this.#streams.flat()) {
      for (const at of [...refused, ...lost, ...records.map(({ arrival }) => arrival)]) {
        if (at < duration) continue;
        this.#insert({ at: at + 1, rank: RANK.arrival + 0.5, mapping: 0, shard: 0, lane: 0, act: () => {} });
      }
    }
    for (;;) {
      const next = this.#ahead.pop();
      if (next?.at === last && next.rank < RANK.end) continue;
      if (next === undefined || next.at > last || (next.at === last && next.rank > RANK.end)) {
        this.#passTo(last);
        break;
      }
      this.#passTo(next.at);
      next.act();
      this.#observe();
      // At `duration` itself the invocation ends come first.
      const mayEnd = this.#now > duration || (this.#now === duration && next.rank > RANK.end);
      if (mayEnd && this.#isDone()) break;
    }
    for (const lane of this.#lanes()) lane.measures.balance.pending = lane.backlog;
    for (const mapping of this.#mappings) {
      const { measures, lanes } = mapping;
      measures.finish(backlogOf(mapping));
      measures.open = lanes.filter(({ open }) => open !== null).length;
    }
    return {
      end: this.#now,
      trace: this.#trace,
      streams: this.#streams,
      mappings: this.#mappings.map(({ measures }) => measures),
    };
  }

  /** Nothing waits, and no producer tries a record again, or did just now. */
  #isDone(): boolean {
    const isQuiet = this.#streams.every((shards) =>
      shards.every(({ refused, lost, records }) =>
        [refused.at(-1), lost.at(-1), records.at(-1)?.arrival].every((at) => (at ?? -1) < this.#now),
      ),
    );
    // P11: a window that is open is waited for, unless nothing can close it.
    const isClosed = ({ open, batch, mapping }: Lane) => open === null || (!isPolling(mapping) && batch === null);
    const isDone = (lane: Lane) => isQuietLane(lane) && isClosed(lane);
    return isQuiet && this.#entriesLeft === 0 && this.#lanes().every(isDone);
  }

  #lanes(): Lane[] {
    return this.#mappings.flatMap(({ lanes }) => lanes);
  }

  #passTo(at: Instant): void {
    if (at < this.#now) throw new Error(`the clock goes back from ${this.#now} to ${at}`);
    for (const mapping of this.#mappings) mapping.measures.pass(this.#now, at, backlogOf(mapping));
    this.#now = at;
  }

  /** After everything that happens: how the lanes stand, and how many records wait. */
  #observe(): void {
    for (const mapping of this.#mappings) {
      mapping.measures.seeBacklog(this.#now, backlogOf(mapping));
      for (const lane of mapping.lanes) lane.measures.seeState(this.#now, stateOf(lane));
    }
  }

  #plan(at: Instant, rank: number, of: Mapping | Lane, act: () => void): Ahead {
    const place = 'mapping' in of ? [of.mapping.index, of.shard, of.slice] : [of.index, 0, 0];
    return this.#insert({ at, rank, mapping: place[0]!, shard: place[1]!, lane: place[2]!, act });
  }

  #insert(what: Omit<Ahead, 'order'>): Ahead {
    const made = { ...what, order: this.#order++ };
    if (made.at > this.#last) return made;
    let low = 0;
    let high = this.#ahead.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(made, this.#ahead[middle]!)) low = middle + 1;
      else high = middle;
    }
    this.#ahead.splice(low, 0, made);
    return made;
  }

  #cancel(what: Ahead | null): null {
    const place = what === null ? -1 : this.#ahead.indexOf(what);
    if (place >= 0) this.#ahead.splice(place, 1);
    return null;
  }

  #planArrivals(): void {
    this.#scenario.streams.forEach((stream, s) => {
      for (const { records } of this.#streams[s]!) {
        for (const record of records) {
          const place = { at: record.arrival, rank: RANK.arrival, mapping: 0, shard: record.shard, lane: 0 };
          this.#insert({ ...place, act: () => this.#arrive(stream, record) });
        }
      }
    });
  }

  #arrive(stream: StreamSettings, record: PutRecord): void {
    for (const mapping of this.#mappings) {
      const isThere = mapping.state !== 'Absent' && mapping.state !== 'Deleted';
      if (mapping.stream === stream && isThere && mapping.readers[record.shard]!.hasPosition)
        this.#take(mapping, record);
    }
  }

  /** P8: the record is the mapping's to read, if it lies at or after its timestamp. */
  #take(mapping: Mapping, record: PutRecord): void {
    const { stream, settings } = mapping;
    const { startingPosition } = settings;
    if (startingPosition.kind === 'AT_TIMESTAMP' && record.arrival < startingPosition.timestamp) return;
    const reader = mapping.readers[record.shard]!;
    const lane = reader.lanes[sliceOf(record, mapping, reader)]!;
    const payload = recordBytes(this.#scenario, stream.name, settings.function, record);
    const window = windowStart(this.#scenario, reader, record);
    const item = new Item<Lane>(lane, record, { payload, isKept: isKept(record, settings), window });
    lane.waiting.push(item);
    lane.backlog++;
    reader.items.push(item);
    lane.measures.balance.arrived++;
    // K5
    this.#plan(record.arrival + stream.retention, RANK.expiry, lane, () => {
      if (mapping.state === 'Deleted') return;
      const isHeld = item.lane.batch?.running?.items.includes(item) ?? false;
      if (!item.isSettled && !isHeld) this.#expire(item.lane, [item]);
      // D4: all that is gone at an instant is so before a lane goes on.
      this.#plan(this.#now, RANK.expired, item.lane, () => this.#goOnWithoutTheExpired(item.lane));
    });
    if (reader.fanOut !== null) this.#planDelivery(mapping, reader);
  }

  /** P3: a piece that waits for its next attempt is settled when the last of its records expires. */
  #goOnWithoutTheExpired(lane: Lane): void {
    if (lane.batch === null || lane.batch.running !== null || lane.batch.isFinal) return;
    if (lane.batch.pieces[0]!.items.some((item) => !item.isSettled)) return;
    this.#stopWaiting(lane);
    this.#pieceIsSettled(lane);
    if (lane.batch !== null) this.#attemptAt(lane, this.#now);
  }

  #stopWaiting(lane: Lane): void {
    const { pool } = lane.mapping.target;
    if (pool.queue.includes(lane)) pool.queue.splice(pool.queue.indexOf(lane), 1);
    lane.nextAttempt = this.#cancel(lane.nextAttempt);
  }

  #planOtherReaders(stream: StreamSettings, limit: ReadLimit, chance: Chance): void {
    for (const other of otherCalls(stream, (place) => chance.unit(place))) {
      const call = (made: number): void => {
        this.#insert({
          at: callTime(other, made),
          rank: RANK.release,
          mapping: 0,
          shard: 0,
          lane: 0,
          act: () => {
            if (limit.admits(this.#now)) limit.charge(Math.min(other.bytes, limit.most));
            call(made + 1);
          },
        });
      };
      call(0);
    }
  }

  // A1, A3, P9

  /** A call for a mapping that is not there, or about to be gone, is refused. */
  #carryOut(mapping: Mapping, entry: MappingEntry): void {
    const isThere = mapping.state !== 'Absent' && mapping.goal !== 'Deleted';
    if (entry.kind === 'create') {
      if (isAllowed(mapping) && !this.#mappings.some((other) => isTwin(other, mapping))) this.#create(mapping);
    } else if (isThere) {
      if (entry.kind === 'delete') this.#change(mapping, 'Deleting', 'Deleted', {});
      else if (entry.kind === 'update') this.#update(mapping, entry.changes);
      else this.#update(mapping, { enabled: entry.kind === 'enable' });
    }
  }

  #create(mapping: Mapping): void {
    this.#setState(mapping, 'Creating');
    // K6: a shard that opens later is read from its first record.
    mapping.readers.forEach((reader, shard) => {
      if (mapping.stream.shards[shard]!.opensAt > this.#now) reader.hasPosition = true;
    });
    const s = this.#scenario.streams.indexOf(mapping.stream);
    if (mapping.settings.startingPosition.kind !== 'LATEST') {
      for (const { records } of this.#streams[s]!) {
        const kept = records.filter(
          ({ arrival }) => arrival < this.#now && arrival + mapping.stream.retention > this.#now,
        );
        for (const record of kept) this.#take(mapping, record);
      }
    }
    this.#changeLater(mapping, mapping.goal);
  }

  #update(mapping: Mapping, { enabled, ...settings }: MappingChanges): void {
    const goal = enabled === undefined ? mapping.goal : enabled ? 'Enabled' : 'Disabled';
    const isSame = goal === mapping.goal;
    if (isSame && Object.keys(settings).length === 0) return;
    this.#change(mapping, isSame ? 'Updating' : goal === 'Enabled' ? 'Enabling' : 'Disabling', goal, settings);
  }

  #change(mapping: Mapping, state: Mapping['state'], goal: Goal, settings: Partial<MappingSettings>): void {
    this.#setState(mapping, state);
    this.#stopPolling(mapping);
    mapping.settings = { ...mapping.settings, ...settings };
    for (const { items } of mapping.readers) {
      for (const item of items) item.isKept = isKept(item.record, mapping.settings);
    }
    this.#changeLater(mapping, goal);
  }

  #changeRole(mapping: Mapping, role: readonly string[]): void {
    const was = isPolling(mapping);
    mapping.role = role;
    if (was && !isPolling(mapping)) this.#stopPolling(mapping);
    if (!was && isPolling(mapping)) this.#startAll(mapping);
  }

  #setState(mapping: Mapping, state: Mapping['state']): void {
    mapping.state = state;
    this.#trace.push({ t: this.#now, type: 'state', mapping: mapping.settings.name, state } as TraceEvent);
    if (isPolling(mapping)) this.#startAll(mapping);
  }

  // K6

  #startAll(mapping: Mapping): void {
    const begun = mapping.readers.filter(({ hasBegun }) => hasBegun);
    this.#goOnWithShards(mapping);
    for (const reader of begun) this.#startReader(mapping, reader);
  }

  /** A shard is read once every lane of its parents has come to its end. */
  #goOnWithShards(mapping: Mapping): void {
    if (!isPolling(mapping)) return;
    mapping.readers.forEach((reader, number) => {
      const { opensAt, parents } = mapping.stream.shards[number]!;
      const haveEnded = parents.every((parent) => mapping.readers[parent]!.lanes.every(({ hasEnded }) => hasEnded));
      if (opensAt > this.#now || !haveEnded) return;
      const isNew = !reader.hasBegun;
      reader.hasBegun = true;
      for (const lane of reader.lanes) this.#endWithShard(lane);
      if (isNew) this.#startReader(mapping, reader);
    });
  }

  #startReader(mapping: Mapping, reader: Reader): void {
    if (isOutOfDate(reader, mapping) && reader.lanes.some(({ hasEnded }) => !hasEnded)) {
      if (reader.lanes.some(({ batch }) => batch !== null)) return; // P4: until its invocation ends
      this.#divide(mapping, reader);
    }
    const lanes = reader.lanes.filter(({ hasEnded }) => !hasEnded);
    if (reader.fanOut !== null && lanes.length > 0) this.#subscribe(mapping, reader);
    for (const lane of lanes) this.#startPolling(lane);
  }

  #endWithShard(lane: Lane): boolean {
    if (lane.open !== null) {
      this.#awaitTheEnd(lane);
      return false;
    }
    const isLeft = lane.waiting.length > 0 || lane.batch !== null;
    if (isLeft || this.#now < lane.mapping.stream.shards[lane.shard]!.closesAt) return lane.hasEnded;
    lane.hasEnded = true;
    lane.nextAsk = this.#cancel(lane.nextAsk);
    this.#closeWindow(lane);
    return true;
  }

  #changeLater(mapping: Mapping, state: Goal): void {
    this.#cancel(mapping.nextState);
    mapping.goal = state;
    if (mapping.settings.transitions === 0) {
      this.#setState(mapping, state);
      return;
    }
    mapping.nextState = this.#plan(this.#now + mapping.settings.transitions, RANK.change, mapping, () => {
      mapping.nextState = null;
      this.#setState(mapping, state);
    });
  }

  /** What runs goes on; what waits is given back. */
  #stopPolling(mapping: Mapping): void {
    for (const lane of mapping.lanes) {
      lane.nextAsk = this.#cancel(lane.nextAsk);
      this.#closeWindow(lane);
      lane.openEnd = this.#cancel(lane.openEnd);
      if (lane.batch !== null && lane.batch.running === null) this.#giveBack(lane);
    }
    for (const reader of mapping.readers) {
      emptyBuffer(reader);
      if (reader.fanOut !== null) reader.fanOut.next = this.#cancel(reader.fanOut.next);
    }
  }

  /** What is left of the batch is unread again. */
  #giveBack(lane: Lane): void {
    this.#stopWaiting(lane);
    const since = lane.batch!.throttledSince;
    const waited = since === null ? [] : lane.batch!.pieces[0]!.items;
    for (const item of waited) item.throttled += this.#now - since!;
    lane.batch = null;
    for (const item of lane.waiting) {
      if (item.inHand) {
        item.earlier += this.#now - item.cutAt;
        item.earlierThrottled += item.throttled;
      }
      item.inHand = false;
      item.joinedAt = null;
    }
    emptyBuffer(lane.reader);
  }

  #startPolling(lane: Lane): void {
    lane.isRefused = false;
    lane.lastWasFull = false;
    if (lane.batch !== null) return;
    if (lane.reader.fanOut === null && this.#scenario.polling.pacing === 'sincePoll') {
      const { period } = this.#scenario.polling;
      const { phase } = lane.reader;
      this.#askAt(lane, phase + Math.max(0, Math.ceil((this.#now - phase) / period)) * period);
    }
    this.#openWindow(lane);
    this.#awaitTheEnd(lane);
  }

  // K8

  #subscribe(mapping: Mapping, reader: Reader): void {
    const fanOut = reader.fanOut!;
    reader.hasPosition = true;
    const depth = FAN_OUT_BYTES * 1e6;
    fanOut.tokens = Math.min(depth, fanOut.tokens + (this.#now - fanOut.at) * FAN_OUT_BYTES);
    fanOut.at = this.#now;
    fanOut.next = this.#cancel(fanOut.next);
    this.#planDelivery(mapping, reader);
    // What may be delivered now is there before the lanes look.
    for (let next = fanOut.next as Ahead | null; next?.at === this.#now; next = fanOut.next) {
      this.#cancel(next);
      next.act();
    }
  }

  #planDelivery(mapping: Mapping, reader: Reader): void {
    const fanOut = reader.fanOut!;
    if (fanOut.next !== null || !isPolling(mapping) || isOutOfDate(reader, mapping) || !reader.hasBegun) return;
    const item = nextOf(reader);
    if (item === null) return;
    const depth = FAN_OUT_BYTES * 1e6;
    const earliest = Math.max(fanOut.at, item.record.arrival + PROPAGATION);
    const level = Math.min(depth, fanOut.tokens + (earliest - fanOut.at) * FAN_OUT_BYTES);
    const cost = item.record.bytes * 1e6;
    const wait = Math.max(0, Math.ceil((Math.min(depth, cost) - level) / FAN_OUT_BYTES));
    fanOut.isLimited = wait > 0;
    const lane = reader.lanes[sliceOf(item.record, mapping, reader)]!;
    fanOut.next = this.#plan(earliest + wait, RANK.arrival, lane, () => {
      fanOut.next = null;
      if (nextOf(reader) === item) {
        fanOut.tokens = Math.min(depth, fanOut.tokens + (this.#now - fanOut.at) * FAN_OUT_BYTES) - cost;
        fanOut.at = this.#now;
        item.isRead = true;
        reader.read++;
        if (lane.batch === null) this.#askAt(lane, this.#now);
      }
      this.#planDelivery(mapping, reader);
    });
  }

  // P1, P2

  #planTick(lane: Lane, at: Instant): void {
    this.#plan(at, RANK.poll, lane, () => {
      if (lane.isRetired) return;
      this.#planTick(lane, at + this.#scenario.polling.period);
      // What has run at an instant is not run again (D4).
      if (isReading(lane) && lane.batch === null && lane.askedAt < this.#now) this.#ask(lane);
    });
  }

  #askAt(lane: Lane, at: Instant): void {
    this.#cancel(lane.nextAsk);
    lane.nextAsk = this.#plan(at, RANK.poll, lane, () => this.#ask(lane));
  }

  /** P2, P3, P5, P7 */
  #ask(lane: Lane): void {
    const { mapping, reader } = lane;
    const { settings } = mapping;
    lane.nextAsk = this.#cancel(lane.nextAsk);
    lane.askedAt = this.#now;
    reader.hasPosition = true; // P8
    let isRefused = false;
    lane.isRefused = false;
    if (reader.fanOut === null && bufferedOf(lane).length < settings.batchSize) isRefused = !this.#getRecords(lane);
    const { items, fitsNoMore, tooLarge, filtered, isCutShort } = cut(bufferedOf(lane), settings.batchSize, {
      beside: besideRecords(this.#scenario, settings, lane.shard, lane.open),
      window: lane.open?.start ?? null,
    });
    for (const item of filtered) item.isSettled = true;
    const dropped = filtered.filter(({ isRepeat }) => !isRepeat).length;
    lane.measures.balance.filtered += dropped;
    forget(lane);
    const isFilled = items.length === settings.batchSize || fitsNoMore;
    const joining = items.filter((item) => item.joinedAt === null);
    for (const item of tooLarge) this.#discard(lane, [item], 'PayloadTooLarge');
    // K8: a lane that is pushed to asks for nothing, it takes what has been delivered.
    const found = joining.length + dropped;
    if (reader.fanOut === null || found > 0) {
      mapping.measures.asked(this.#now, found);
      this.#inLane(lane, { type: 'poll', found });
    }
    if (items.length === 0 && this.#endWithShard(lane)) {
      this.#goOnWithShards(mapping);
      return;
    }
    if (items.length === 0) {
      this.#askAfterPeriod(lane);
      if (lane.open !== null && this.#isOver(lane, lane.open)) this.#beginTheFinal(lane, lane.open);
      else this.#awaitTheEnd(lane);
      return;
    }
    if (lane.window !== null && !isFilled && !isCutShort) {
      for (const item of joining) item.joinedAt = this.#now;
      lane.window.items = items;
      this.#askAfterPeriod(lane);
      return;
    }
    this.#begin(lane, items, isFilled && !isRefused);
  }

  #askAfterPeriod(lane: Lane): void {
    const { pacing, period } = this.#scenario.polling;
    if (pacing === 'sincePoll' && lane.reader.fanOut === null) this.#askAt(lane, this.#now + period);
  }

  /** K4, P7. @returns whether the call was answered */
  #getRecords(lane: Lane): boolean {
    const { mapping, reader } = lane;
    const isSecond = reader.lastCall?.at === this.#now && (!reader.lastCall.isAnswered || nextOf(reader) === null);
    if (!isSecond) {
      mapping.measures.called(this.#now);
      reader.lastCall = { at: this.#now, isAnswered: reader.limit?.admits(this.#now) ?? true };
      if (!reader.lastCall.isAnswered) mapping.measures.refused(this.#now);
    }
    if (!reader.lastCall!.isAnswered) {
      lane.isRefused = lane.waiting.some((item) => !item.isRead);
      return false;
    }
    const most = mapping.settings.fetchLimit === 'batchSize' ? mapping.settings.batchSize : CALL_RECORDS;
    const mostBytes = reader.limit?.most ?? CALL_BYTES;
    let count = 0;
    let bytes = 0;
    for (let item = nextOf(reader); item !== null; item = nextOf(reader)) {
      if (count === most || (count > 0 && bytes + item.record.bytes > mostBytes)) break;
      item.isRead = true;
      reader.read++;
      count++;
      bytes += item.record.bytes;
    }
    if (!isSecond) reader.limit?.charge(bytes);
    return true;
  }

  // P6

  #openWindow(lane: Lane): void {
    const { batchingWindow } = lane.mapping.settings;
    if (batchingWindow === 0) return;
    lane.window = { items: [] };
    lane.windowEnd = this.#plan(this.#now + batchingWindow, RANK.window, lane, () => {
      lane.windowEnd = null;
      const items = lane.window!.items.filter((item) => !item.isSettled);
      if (items.length === 0) this.#openWindow(lane);
      else this.#begin(lane, items, false);
    });
  }

  #closeWindow(lane: Lane): void {
    lane.window = null;
    lane.windowEnd = this.#cancel(lane.windowEnd);
    for (const item of lane.waiting) if (!item.inHand) item.joinedAt = null;
  }

  // P11

  /** None of the window's records is left, and a later one has been read, or none has come for long enough. */
  #isOver(lane: Lane, open: OpenWindow): boolean {
    const isGone = (item: Item) => item.record.arrival + lane.mapping.stream.retention <= this.#now;
    if (lane.waiting.some((item) => item.window === open.start && !isGone(item))) return false;
    const isClosed = this.#now >= lane.mapping.stream.shards[lane.shard]!.closesAt;
    if (isClosed && lane.waiting.every(isGone)) return true; // K6
    return isReadToItsEnd(open.start, bufferedOf(lane)) || this.#now >= open.end + PATIENCE;
  }

  /** A lane that is free looks at its window now, and once more when the patience ends. */
  #awaitTheEnd(lane: Lane): void {
    const { open } = lane;
    lane.openEnd = this.#cancel(lane.openEnd);
    if (open === null || lane.batch !== null || !isPolling(lane.mapping)) return;
    const isOver = this.#isOver(lane, open);
    const patienceEnds = open.end + PATIENCE;
    if (!isOver && patienceEnds <= this.#now) return;
    lane.openEnd = this.#plan(isOver ? this.#now : patienceEnds, RANK.window, lane, () => {
      lane.openEnd = null;
      if (lane.batch === null && this.#isOver(lane, open)) this.#beginTheFinal(lane, open);
    });
  }

  #beginTheFinal(lane: Lane, open: OpenWindow): void {
    const isFull = isReadToItsEnd(open.start, bufferedOf(lane));
    this.#begin(lane, [], isFull);
  }

  // E1 to E5

  #begin(lane: Lane, items: readonly Item[], isFull: boolean): void {
    lane.nextAsk = this.#cancel(lane.nextAsk);
    for (const item of items) {
      item.inHand = true;
      item.cutAt = this.#now;
      item.throttled = 0;
      item.joinedAt ??= this.#now;
    }
    lane.windowEnd = this.#cancel(lane.windowEnd);
    lane.window = null;
    lane.openEnd = this.#cancel(lane.openEnd);
    lane.batch = {
      isFull,
      window: items[0]?.window ?? null,
      isFinal: items.length === 0,
      pieces: [{ items, invocations: 0 }],
      running: null,
      throttledSince: null,
      throttles: 0,
      wasInvoked: false,
    };
    this.#attempt(lane);
  }

  #attemptAt(lane: Lane, at: Instant): void {
    lane.nextAttempt = this.#plan(at, RANK.retry, lane, () => {
      lane.nextAttempt = null;
      this.#attempt(lane);
    });
  }

  #attempt(lane: Lane): void {
    const batch = lane.batch!;
    const piece = batch.isFinal ? batch.pieces[0]! : this.#withoutTheOld(lane, batch.pieces[0]!);
    if (piece.items.length === 0 && !batch.isFinal) {
      this.#pieceIsSettled(lane);
      if (lane.batch !== null) this.#attemptAt(lane, this.#now);
      return;
    }
    batch.pieces[0] = piece;
    if (batch.throttledSince !== null) {
      for (const item of piece.items) item.throttled += this.#now - batch.throttledSince;
      batch.throttledSince = null;
    }
    if (canStart(lane.mapping.target, this.#now)) this.#start(lane, piece);
    else this.#throttle(lane, piece);
  }

  /** E2: what is past its retention is gone already; what is too old is discarded. */
  #withoutTheOld(lane: Lane, piece: Piece): Piece {
    const { maximumRecordAge } = lane.mapping.settings;
    const kept = piece.items.filter((item) => !item.isSettled);
    const isOld = (item: Item) => maximumRecordAge !== null && this.#now - item.record.arrival >= maximumRecordAge;
    const old = kept.filter(isOld);
    if (old.length > 0) this.#discard(lane, old, 'RecordAgeExceeded');
    return { items: kept.filter((item) => !isOld(item)), invocations: piece.invocations };
  }

  /** L2 */
  #throttle(lane: Lane, piece: Piece): void {
    const { settings, target, measures } = lane.mapping;
    lane.batch!.throttledSince = this.#now;
    lane.batch!.throttles++;
    measures.throttled(this.#now);
    this.#inLane(lane, { type: 'throttle', ...extent(piece.items) });
    if (settings.throttleBackoff === null) {
      target.pool.queue.push(lane);
      this.#planQueue(this.#now);
      return;
    }
    const jitter = lane.chance.fork('jitter').unit(2 * lane.starts + 1);
    this.#attemptAt(lane, this.#now + waitOf(settings.throttleBackoff, lane.batch!.throttles, jitter));
  }

  /** L1, L3, L4, L5 */
  #start(lane: Lane, { items }: Piece): void {
    const { mapping } = lane;
    const { target, settings } = mapping;
    const isProvisioned = target.provisioned < target.settings.provisionedConcurrentExecutions;
    target.idleSince = stillWarm(target, this.#now);
    const isWarm = isProvisioned || target.idleSince.pop() !== undefined;
    if (isProvisioned) target.provisioned++;
    else target.onDemand++;
    if (!isWarm) target.isFullAt = Math.max(target.isFullAt, this.#now) + ENVIRONMENT_EVERY;
    const place = lane.starts;
    const draw = (law: Distribution, name: string) =>
      law.kind === 'constant' ? law.value : quantileOf(law, lane.chance.fork(name).unit(place));
    const verdict = judge(target.settings, {
      at: this.#now,
      stream: settings.stream,
      records: items.map(({ record }) => record),
      ofLane: lane.starts++,
      ofFunction: target.starts++,
      laneChance: lane.chance,
      recordChance: new Chance(this.#scenario.seed).fork(
        'records',
        target.settings.name,
        settings.stream,
        shardIdOf(lane.shard),
      ),
    });
    const coldStart = isWarm ? 0 : Math.max(0, Math.round(draw(target.settings.coldStart, 'coldStart')));
    const { base, perRecord, perKB } = target.settings.duration;
    const bytes = items.reduce((sum, { record }) => sum + record.bytes, 0);
    const drawn =
      draw(base, 'base') + items.length * draw(perRecord, 'perRecord') + (bytes / 1_024) * draw(perKB, 'perKB');
    const { failing } = verdict;
    const after = failing !== null && failing.kind !== 'slowdown' ? failing.after : null;
    const code = this.#handlers[target.settings.name];
    const own =
      code === undefined || (failing !== null && failing.kind !== 'slowdown' && !failing.responseLost)
        ? null
        : ask(code, this.#scenario, {
            stream: settings.stream,
            mapping: settings.name,
            function: target.settings.name,
            shard: lane.shard,
            lane: lane.slice,
            records: items.map(({ record }) => record),
            at: this.#now + coldStart,
          });
    const handler = after ?? Math.round((own?.duration ?? Math.max(0, Math.round(drawn))) * verdict.slowdown);
    const timedOut = handler > target.settings.timeout;
    const duration = Math.min(handler, target.settings.timeout);
    const isHeard = settings.reportBatchItemFailures;
    lane.batch!.throttles = 0;
    lane.batch!.running = {
      items,
      isProvisioned,
      start: this.#now,
      coldStart,
      duration,
      timedOut,
      verdict,
      own,
      isHeard,
    };
    mapping.measures.started(this.#now, items);
    if (settings.tumblingWindow > 0 && items.length > 0 && lane.open === null) {
      const start = items[0]!.window!;
      lane.open = { start, end: start + settings.tumblingWindow, records: 0 };
    }
    if (!lane.batch!.wasInvoked && !lane.batch!.isFinal) mapping.measures.firstInvoked(this.#now, lane.batch!.isFull);
    lane.batch!.wasInvoked = true;
    for (const item of items) item.wasDelivered = true;
    this.#plan(this.#now + coldStart + duration, RANK.end, lane, () => this.#end(lane));
  }

  #end(lane: Lane): void {
    const { mapping } = lane;
    const { settings, target } = mapping;
    const batch = lane.batch!;
    const running = batch.running!;
    const piece = batch.pieces[0]!;
    const { items, verdict } = running;
    batch.running = null;
    if (running.isProvisioned) target.provisioned--;
    else {
      target.onDemand--;
      target.idleSince.push(this.#now);
    }
    this.#planQueue(this.#now);

    // L7: where its answer is lost, nothing of it but its effects is left.
    const isLost = verdict.failing?.responseLost === true;
    const hadEffects = isLost && running.own?.threw !== true;
    const own = isLost ? null : running.own;
    const reports =
      own === null ? verdict.failing?.kind === 'poison' && verdict.failing.fail === 'record' : own.named.size > 0;
    const named = isLost ? new Set<PutRecord>() : (own?.named ?? verdict.poison);
    const outcome = running.timedOut
      ? 'timeout'
      : own !== null
        ? own.threw
          ? 'functionError'
          : !running.isHeard || (own.named.size === 0 && !own.isMalformed)
            ? 'success'
            : own.isMalformed
              ? 'malformedResponse'
              : 'partialFailure'
        : verdict.failing === null || (reports && !running.isHeard)
          ? 'success'
          : reports
            ? 'partialFailure'
            : 'functionError';
    const newest = items.at(-1)?.record;
    const takenAt = settings.iteratorAge === 'atInvoke' ? running.start : this.#now; // M1
    const sequenceNumber = (item: Item | undefined) =>
      item === undefined ? null : sequenceNumberOf(this.#scenario, item.record);
    this.#inLane(lane, {
      type: 'invocation',
      start: running.start,
      end: this.#now,
      attempt: piece.invocations + 1,
      ...extent(items),
      startSequenceNumber: sequenceNumber(items[0]),
      endSequenceNumber: sequenceNumber(items.at(-1)),
      outcome,
      iteratorAgeMs: newest === undefined ? null : (takenAt - newest.arrival) / 1_000,
      ...traced(lane.open, batch.isFinal),
    });
    mapping.measures.ended(running.start, items, outcome);
    lane.measures.balance.duplicates += items.filter((item) => item.wasProcessed).length;

    if (outcome === 'success') {
      if (reports) {
        const lost = items.filter(({ record, isRepeat }) => named.has(record) && !isRepeat);
        lane.measures.balance.silentlyLost += lost.length; // E5
      }
      if (batch.isFinal) lane.open = null;
      this.#succeed(lane, items, running);
      this.#pieceIsSettled(lane);
    } else {
      // E10
      const isProcessed = (item: Item) => hadEffects || (named.size > 0 && !named.has(item.record));
      if (hadEffects || (outcome !== 'timeout' && outcome !== 'malformedResponse'))
        for (const item of items) item.wasProcessed ||= isProcessed(item);
      this.#afterFailure(lane, piece, running, outcome === 'partialFailure' ? named : null);
    }
    if (lane.batch !== null && !polls(lane)) this.#giveBack(lane);
    if (isPolling(mapping) && isOutOfDate(lane.reader, mapping)) this.#startReader(mapping, lane.reader);
    if (lane.batch === null) return;
    if (lane.nextAttempt === null) this.#attemptAt(lane, this.#now);
  }

  #afterFailure(lane: Lane, piece: Piece, running: Running, named: ReadonlySet<PutRecord> | null): void {
    const { settings, stream } = lane.mapping;
    const { items } = piece;
    const { pieces } = lane.batch!;
    const upTo = named === null ? 0 : items.findIndex((item) => named.has(item.record));
    if (upTo > 0) {
      // E5
      this.#inLane(lane, { type: 'split', ...extent(items), lower: upTo, by: 'itemFailures' });
      this.#succeed(lane, items.slice(0, upTo), running);
      pieces[0] = { items: items.slice(upTo), invocations: 0 };
    } else if (settings.bisectBatchOnFunctionError && items.length > 1) {
      // E4
      const lower = Math.floor(items.length / 2);
      this.#inLane(lane, { type: 'split', ...extent(items), lower, by: 'bisect' });
      const halves = [items.slice(0, lower), items.slice(lower)];
      pieces.splice(0, 1, ...halves.map((half) => ({ items: half, invocations: 0 })));
    } else {
      piece.invocations++;
      // E3; but P11: a final invocation must succeed.
      const hasLimit = settings.maximumRetryAttempts >= 0 && items.length > 0;
      if (hasLimit && piece.invocations > settings.maximumRetryAttempts) {
        this.#discard(lane, items, 'RetryAttemptsExhausted');
        this.#pieceIsSettled(lane);
        return;
      }
      // E7
      const jitter = lane.chance.fork('jitter').unit(2 * lane.starts);
      const wait = settings.retryBackoff === null ? 0 : waitOf(settings.retryBackoff, piece.invocations, jitter);
      if (polls(lane)) this.#attemptAt(lane, this.#now + wait);
    }
    if (lane.mapping.state === 'Deleted') return;
    // K5: only the invocation that ran with them could still have finished them.
    this.#expire(
      lane,
      items.filter((item) => !item.isSettled && item.record.arrival + stream.retention <= this.#now),
    );
    if (polls(lane)) this.#goOnWithoutTheExpired(lane);
  }

  #pieceIsSettled(lane: Lane): void {
    const batch = lane.batch!;
    batch.pieces.shift();
    // Each piece is a batch of its own to Lambda: its row of throttles is not its sibling's (L2).
    batch.throttles = 0;
    batch.throttledSince = null;
    if (batch.pieces.length > 0) return;
    lane.batch = null;
    lane.lastWasFull = batch.isFull;
    if (!polls(lane)) return;
    if (this.#endWithShard(lane)) {
      this.#goOnWithShards(lane.mapping);
      return;
    }
    const { pacing, period, continueAfter } = this.#scenario.polling;
    const { reader } = lane;
    const isReadOn = batch.window !== null && isReadToItsEnd(batch.window, bufferedOf(lane));
    this.#openWindow(lane);
    this.#awaitTheEnd(lane);
    if (reader.fanOut !== null) {
      if (reader.fanOut.next === null) this.#planDelivery(lane.mapping, reader);
      if (bufferedOf(lane).length > 0) this.#askAt(lane, this.#now);
    } else if (batch.isFull || isReadOn || continueAfter === 'anyBatch')
      this.#askAt(lane, this.#now); // P3
    else if (pacing === 'sincePoll') this.#askAt(lane, Math.max(lane.askedAt + period, this.#now)); // P1
  }

  /** L2: whoever has stood in line longest of those who can go takes the next free unit. */
  #planQueue(at: Instant): void {
    this.#insert({
      at,
      rank: RANK.queued,
      mapping: 0,
      shard: 0,
      lane: 0,
      act: () => {
        for (const pool of this.#pools) {
          const able = pool.queue.length > 0 ? pool.targets.filter((target) => canStart(target, this.#now)) : [];
          const lane = pool.queue.find(({ mapping }) => able.includes(mapping.target));
          if (lane === undefined) continue;
          pool.queue.splice(pool.queue.indexOf(lane), 1);
          this.#attempt(lane);
          this.#planQueue(this.#now);
          return;
        }
        // L3: time alone brings new environments.
        const refilled = this.#pools
          .flatMap(({ queue }) => queue.map(({ mapping }) => mapping.target.isFullAt - ALL_BUT_ONE))
          .filter((instant) => instant > this.#now);
        if (refilled.length > 0) this.#planQueue(Math.min(...refilled));
      },
    });
  }

  #succeed(lane: Lane, items: readonly Item[], running: Running): void {
    if (lane.open !== null) lane.open.records += items.length;
    for (const item of items) {
      item.isSettled = true;
      if (item.isRepeat) continue;
      lane.measures.balance.succeeded++;
      lane.mapping.measures.succeeded(lane.measures, item, { settledAt: this.#now, ...running });
    }
    forget(lane);
  }

  #discard(
    lane: Lane,
    items: readonly Item[],
    condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'PayloadTooLarge',
  ): void {
    this.#inLane(lane, { type: 'discard', ...extent(items), condition });
    for (const item of items) item.isSettled = true;
    lane.measures.balance[condition] += items.filter(({ isRepeat }) => !isRepeat).length;
    forget(lane);
  }

  #expire(lane: Lane, items: readonly Item[]): void {
    const counted = items.filter(({ isRepeat }) => !isRepeat);
    if (counted.length > 0) this.#inLane(lane, { type: 'expire', ...extent(counted) });
    for (const item of items) {
      item.isSettled = true;
      item.isGone = true;
    }
    lane.measures.balance.expired += counted.length;
    forget(lane);
  }

  #inLane(lane: Lane, event: Record<string, unknown>): void {
    const place = {
      t: this.#now,
      mapping: lane.mapping.settings.name,
      shardId: shardIdOf(lane.shard),
      lane: lane.slice,
    };
    this.#trace.push({ ...place, ...event } as unknown as TraceEvent);
  }
}

/** L1, L3, L4: whether an invocation finds an environment, and unless that is provisioned a unit beside those set aside. */
function canStart(target: Target, now: Instant): boolean {
  const { provisionedConcurrentExecutions: provisioned } = target.settings;
  if (target.provisioned < provisioned) return true;
  const { units, targets } = target.pool;
  const taken = targets.reduce((sum, one) => sum + one.settings.provisionedConcurrentExecutions + one.onDemand, 0);
  if (taken >= units) return false;
  return stillWarm(target, now).length > 0 || target.isFullAt - ALL_BUT_ONE <= now;
}

function stillWarm({ idleSince, settings }: Target, now: Instant): Instant[] {
  return idleSince.filter((since) => since + settings.idleTimeout > now);
}

function isBefore(a: Ahead, b: Ahead): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.mapping !== b.mapping) return a.mapping < b.mapping;
  if (a.shard !== b.shard) return a.shard < b.shard;
  return a.lane !== b.lane ? a.lane < b.lane : a.order < b.order;
}

/** P4: the settings ask for other lanes than there are. */
function isOutOfDate({ factor, tumblingWindow }: Reader, { settings }: Mapping): boolean {
  return factor !== settings.parallelizationFactor || tumblingWindow !== settings.tumblingWindow;
}

/** P4: the lane of a shard that takes a record. */
function sliceOf(record: PutRecord, { stream }: Mapping, { factor }: Reader): number {
  if (factor === 1) return 0;
  if (record.place !== null) return Math.floor(record.place * factor);
  const { startingHashKey: start, endingHashKey: end } = stream.shards[record.shard]!;
  const hash = hashKeyOf(record.key);
  // A record that was put into the shard by name may have a key of another range; then the whole space is divided.
  const isInside = start <= hash && hash <= end;
  return Number(
    isInside ? (BigInt(factor) * (hash - start)) / (end - start + 1n) : (BigInt(factor) * hash) / 2n ** 128n,
  );
}

/** The next record that a call brings: what has expired is passed over (K5). */
function nextOf(reader: Reader): Item | null {
  while (reader.items[reader.read]?.isGone) reader.read++;
  return reader.items[reader.read] ?? null;
}

/**
 * P9: what is not in an invocation is unread again. The shard is read from the first such record on, with what other
 * slices have settled behind it.
 */
function emptyBuffer(reader: Reader): void {
  const isUnread = (item: Item) => !item.isSettled && !item.inHand;
  const first = reader.items.findIndex(isUnread);
  if (first < 0) return;
  reader.read = Math.min(reader.read, first);
  for (const item of reader.items) if (isUnread(item)) item.isRead = false;
}

/** The records of the lane that have been read and are in no batch; they lie before those that have not been read. */
function bufferedOf(lane: Lane): Item[] {
  const end = lane.waiting.findIndex((item) => !item.isRead);
  return lane.waiting.slice(0, end < 0 ? lane.waiting.length : end).filter((item) => !item.inHand);
}

/** P3, P5, P10: the longest run that is within BatchSize and the payload limit, what a filter drops aside. */
function cut(
  items: readonly Item[],
  batchSize: number,
  { beside, window: begun }: { beside: number; window: Instant | null },
) {
  const taken: Item[] = [];
  const tooLarge: Item[] = [];
  const filtered: Item[] = [];
  const isTooMuch = (those: readonly Item[]) => eventBytes(those.map(({ payload }) => payload)) + beside > PAYLOAD;
  for (const item of items) {
    // P11: what has begun with one window goes on with it alone.
    const window = taken[0]?.window ?? begun;
    if (window !== null && item.window !== window) {
      return { items: taken, fitsNoMore: false, tooLarge, filtered, isCutShort: true };
    }
    if (taken.length === batchSize) break;
    if (!item.isKept) filtered.push(item);
    else if (taken.length === 0 && isTooMuch([item])) tooLarge.push(item);
    else if (isTooMuch([...taken, item]))
      return { items: taken, fitsNoMore: true, tooLarge, filtered, isCutShort: false };
    else taken.push(item);
  }
  return { items: taken, fitsNoMore: false, tooLarge, filtered, isCutShort: false };
}

function forget(lane: Lane): void {
  lane.waiting = lane.waiting.filter((item) => !item.isSettled);
  lane.backlog = lane.waiting.filter(({ isRepeat }) => !isRepeat).length;
}

function backlogOf({ lanes }: Mapping): number {
  let sum = 0;
  for (const { backlog } of lanes) sum += backlog;
  return sum;
}

/** M4: what a record that waits in the lane waits for. */
function stateOf(lane: Lane): 'queue' | 'notPolling' | 'readLimit' | 'tick' {
  if (lane.batch !== null) return 'queue';
  if (!isReading(lane)) return 'notPolling';
  return lane.isRefused || lane.reader.fanOut?.isLimited ? 'readLimit' : 'tick';
}

function isQuietLane({ mapping, backlog, batch }: Lane): boolean {
  return backlog === 0 || (mapping.state === 'Deleted' && batch === null);
}

/** K6: and its shard's turn has come, and has not gone. */
function isReading({ mapping, reader, hasEnded }: Lane): boolean {
  return isPolling(mapping) && !isOutOfDate(reader, mapping) && reader.hasBegun && !hasEnded;
}

/** P9, P4: what it has in hand is tried again. */
function polls({ mapping, reader }: Lane): boolean {
  return isPolling(mapping) && !isOutOfDate(reader, mapping);
}

/** P9, A3 */
function isPolling(mapping: Mapping): boolean {
  return mapping.state === 'Enabled' && isAllowed(mapping);
}

/** A3: of the forms that generated scenarios use. */
function isAllowed({ role, settings }: Mapping): boolean {
  if (role === null || role.includes('AWSLambdaKinesisExecutionRole') || role.includes('kinesis:*')) return true;
  const actions = [
    'GetRecords',
    'GetShardIterator',
    'DescribeStream',
    'DescribeStreamSummary',
    'ListShards',
    'ListStreams',
  ];
  if (settings.consumer !== null) actions.push('SubscribeToShard');
  return actions.every((action) => role.includes(`kinesis:${action}`));
}

/** A1: one mapping of a stream, or of a consumer, to a function. */
function isTwin(other: Mapping, { settings }: Mapping): boolean {
  if (other.state === 'Absent' || other.state === 'Deleted') return false;
  const { stream, consumer, function: target } = other.settings;
  const isSameSource = stream === settings.stream && consumer === settings.consumer;
  return isSameSource && (consumer !== null || target === settings.function); // K8: one reader of a consumer
}

function extent(items: readonly Item[]) {
  return { size: items.length, first: items[0]?.record.index ?? null, last: items.at(-1)?.record.index ?? null };
}

/** E7, L2: the k-th wait. */
function waitOf(backoff: Backoff, k: number, unit: number): Duration {
  const wait = Math.min(backoff.maximum, backoff.initial * backoff.factor ** (k - 1));
  return Math.round(wait * (1 + backoff.jitter * (2 * unit - 1)));
}
