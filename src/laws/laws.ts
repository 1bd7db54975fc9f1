import type { Instant } from '../kernel/time.ts';
import { MILLISECOND, SECOND } from '../kernel/time.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import { WRITE_BYTES_PER_SECOND, WRITE_RECORDS_PER_SECOND } from '../recording/limits.ts';
import type { MappingTally, Recording, ShardTotals } from '../recording/recording.ts';
import type { TraceEvent } from '../recording/trace.ts';

/** A run with everything it left behind. */
export interface Run {
  readonly recording: Recording;
  /** All of its events, in their order. */
  readonly trace: readonly TraceEvent[];
}

/** What must hold of every run: a law answers with each breach in words, and with nothing where it holds. */
export type Law = (run: Run) => readonly string[];

/** E9: arrived = succeeded + filtered + discarded + expired + pending, for every lane; and nothing is negative. */
const conservation: Law = ({ recording }) => [
  ...recording.mappings.flatMap(({ settings, lanes }) =>
    lanes.flatMap(({ shard, balance }) => {
      const sum = balance.succeeded + balance.filtered + balance.discarded + balance.expired + balance.pending;
      const isWhole = [balance.arrived, balance.succeeded, balance.discarded, balance.expired, balance.pending].every(
        (count) => Number.isInteger(count) && count >= 0,
      );
      return sum === balance.arrived && isWhole
        ? []
        : [`${settings.name} shard ${shard}: ${balance.arrived} arrived, but ${sum} are accounted for (E9)`];
    }),
  ),
  ...recording.streams.flatMap(({ settings, shards }) => {
    const sum = (pick: (total: ShardTotals) => number) => shards.reduce((all, { total }) => all + pick(total), 0);
    const [offered, put, lost] = [sum((one) => one.offered), sum((one) => one.records), sum((one) => one.lost)];
    return put + lost <= offered ? [] : [`${settings.name}: ${put} put and ${lost} lost of ${offered} offered (K3)`];
  }),
];

/**
 * O1, O2, O3, E1: in a lane, batches begin in the order of their records, and none before the one before is settled. Where
 * a change of the factor or of the tumbling window has made other lanes, they begin again (P4).
 */
const order: Law = ({ recording, trace }) => {
  const breaches: string[] = [];
  const settledTo = new Map<string, number>();
  const startedTo = new Map<string, number>();
  const divisions = new Divisions(recording);
  const roleChanges = recording.scenario.timeline.filter(({ kind }) => kind === 'role').map(({ at }) => at);
  for (const event of trace) {
    while (roleChanges.length > 0 && event.t >= roleChanges[0]!) {
      roleChanges.shift();
      startedTo.clear(); // A3: polling may have stopped and begun again
    }
    if (event.type === 'state') {
      // P9: a batch that was given back is cut again, with a fresh count.
      if (event.state === 'Enabled') forget(startedTo, `${event.mapping} `);
      divisions.enter(event.mapping);
      continue;
    }
    if (event.type === 'poll') {
      if (!divisions.begins(event)) continue;
      for (const places of [settledTo, startedTo]) forget(places, `${event.mapping} ${event.shardId} `);
      continue;
    }
    if (event.first === null) continue; // P11: a final invocation has no records
    const lane = laneOf(event);
    const settled = settledTo.get(lane) ?? -1;
    if (event.type === 'invocation') {
      if (event.first <= settled) {
        breaches.push(`${lane}: record ${event.first} comes again after it was settled (O2)`);
      }
      const started = startedTo.get(lane) ?? -1;
      if (event.first <= started && event.last > started) {
        breaches.push(
          `${lane}: the attempt at ${event.start} has new records beside those from ${event.first} on (E1, E2)`,
        );
      }
      startedTo.set(lane, Math.max(started, event.last));
      if (event.outcome !== 'success') continue;
    }
    if (event.type === 'throttle') continue;
    // Of a slice, or with a filter, not all records between two indices of the shard are the lane's (P4, P10).
    const isSlice = readsInPart(placeOf(recording, event.mapping).mapping);
    if (event.type === 'split') {
      if (event.by === 'itemFailures' && !isSlice)
        settledTo.set(lane, Math.max(settled, event.first + event.lower - 1));
      continue;
    }
    if (event.first > settled + 1 && settledTo.has(lane) && !isSlice) {
      breaches.push(`${lane}: records ${settled + 1} to ${event.first - 1} were passed over (O2)`);
    }
    settledTo.set(lane, Math.max(settled, event.last));
  }
  return breaches;
};

/** P4: a lane has one invocation at a time. */
const oneBatchInFlight: Law = ({ trace }) => {
  const breaches: string[] = [];
  const busyUntil = new Map<string, Instant>();
  for (const event of trace) {
    if (event.type !== 'invocation') continue;
    const lane = laneOf(event);
    if (event.start < (busyUntil.get(lane) ?? 0)) {
      breaches.push(`${lane}: an invocation starts at ${event.start}, before ${busyUntil.get(lane)} (P4)`);
    }
    busyUntil.set(lane, event.end);
  }
  return breaches;
};

/** L1: never more invocations at once than a pool has slots. */
const concurrencyLimit: Law = ({ recording, trace }) => {
  const { scenario } = recording;
  const reserved = new Map(scenario.functions.map((target) => [target.name, target.reservedConcurrentExecutions]));
  const sum = [...reserved.values()].reduce<number>((total, slots) => total + (slots ?? 0), 0);
  const changes = new Map<string, { at: Instant; by: number }[]>();
  for (const event of trace) {
    if (event.type !== 'invocation' || event.start === event.end) continue;
    const target = scenario.mappings.find(({ name }) => name === event.mapping)!.function;
    const pool = reserved.get(target) === null ? 'unreserved' : target;
    if (!changes.has(pool)) changes.set(pool, []);
    changes.get(pool)!.push({ at: event.start, by: 1 }, { at: event.end, by: -1 });
  }
  return [...changes].flatMap(([pool, steps]) => {
    const limit = pool === 'unreserved' ? scenario.account.concurrentExecutions - sum : reserved.get(pool)!;
    let level = 0;
    let most = 0;
    for (const { by } of steps.sort((a, b) => a.at - b.at || a.by - b.by)) {
      level += by;
      most = Math.max(most, level);
    }
    return most <= limit ? [] : [`${pool}: ${most} at once, with ${limit} slots (L1)`];
  });
};

/** K5, E2: no invocation starts with a newest record that is past its retention. */
const retention: Law = ({ recording, trace }) =>
  trace.flatMap((event) => {
    if (event.type !== 'invocation' || event.iteratorAgeMs === null) return [];
    const { mapping, stream } = placeOf(recording, event.mapping);
    const taken = mapping.settings.iteratorAge === 'atFinish' ? event.end : event.start;
    const newestArrival = taken - event.iteratorAgeMs * MILLISECOND;
    return newestArrival + stream.settings.retention > event.start
      ? []
      : [`${laneOf(event)}: the invocation at ${event.start} holds records that have expired (K5)`];
  });

/** P3: no batch is larger than BatchSize, as it is when the batch is cut. */
const batchSize: Law = ({ recording, trace }) =>
  trace.flatMap((event) => {
    if (event.type !== 'invocation' || event.first === null) return [];
    const { mapping } = placeOf(recording, event.mapping);
    const most = Math.max(...mapping.life.allSettings.map((settings) => settings.batchSize));
    const between = event.last - event.first + 1;
    const fits = readsInPart(mapping) ? event.size <= between : event.size === between;
    const isRight = event.size >= 1 && event.size <= most && fits;
    return isRight ? [] : [`${laneOf(event)}: a batch of ${event.size} records at ${event.start} (P3)`];
  });

/**
 * P11: the records of an invocation belong to its window, and no window begins before the final invocation of the one before
 * has succeeded, of which there is one for each window that is closed.
 */
const tumblingWindows: Law = ({ recording, trace }) => {
  const breaches: string[] = [];
  const open = new Map<string, Instant>();
  const closed = new Map<string, number>();
  const divisions = new Divisions(recording);
  for (const event of trace) {
    if (event.type === 'state') divisions.enter(event.mapping);
    // P4: with other lanes, the window that was open is given up.
    if (event.type === 'poll' && divisions.begins(event)) forget(open, `${event.mapping} ${event.shardId} `);
    if (event.type !== 'invocation' || event.window === undefined) continue;
    const lane = laneOf(event);
    const { start, end } = event.window;
    if (event.iteratorAgeMs !== null) {
      const { mapping } = placeOf(recording, event.mapping);
      const taken = mapping.settings.iteratorAge === 'atFinish' ? event.end : event.start;
      const newestArrival = taken - Math.round(event.iteratorAgeMs * MILLISECOND);
      if (newestArrival < start || newestArrival >= end) {
        breaches.push(`${lane}: a record of ${newestArrival} in the window from ${start} to ${end} (P11)`);
      }
    }
    const before = open.get(lane) ?? start;
    if (before !== start) {
      breaches.push(`${lane}: the window from ${start} begins before that from ${before} is closed (P11)`);
    }
    open.set(lane, start);
    if (!event.isFinalInvokeForWindow || event.outcome !== 'success') continue;
    open.delete(lane);
    if (event.start >= recording.measuredFrom) closed.set(event.mapping, (closed.get(event.mapping) ?? 0) + 1);
  }
  for (const { settings, windows } of recording.mappings) {
    const count = closed.get(settings.name) ?? 0;
    if (count !== windows.closed) {
      breaches.push(`${settings.name}: ${count} windows closed in the trace, ${windows.closed} counted (P11)`);
    }
  }
  return breaches;
};

/** K3: in the fullest period a shard accepts no more than its limits and full buckets allow. */
const writeLimit: Law = ({ recording }) =>
  recording.streams.flatMap(({ settings, shards }) => {
    if (!settings.writeLimits || settings.mode === 'ON_DEMAND') return [];
    const seconds = recording.period / SECOND;
    return shards.flatMap(({ peakRecords, peakBytes }, shard) => {
      // A period that the run's end cuts short is measured by its own length, so its rate says little.
      if (peakRecords.at === null || peakRecords.at + recording.period > recording.end) return [];
      const records = peakRecords.rate * seconds;
      const bytes = peakBytes.rate * seconds;
      const isWithin =
        records <= WRITE_RECORDS_PER_SECOND * (seconds + 1) + 0.5 &&
        bytes <= WRITE_BYTES_PER_SECOND * seconds + Math.max(WRITE_BYTES_PER_SECOND, settings.maximumRecordSize) + 0.5;
      return isWithin ? [] : [`${settings.name} shard ${shard}: ${records} records, ${bytes} bytes in a period (K3)`];
    });
  });

/** M7: the highest backlog is at least its mean and what is left at the end, but for the thousandth it may be off. */
const backlogWithinItsMaximum: Law = ({ recording }) =>
  recording.mappings.flatMap(({ settings, backlogArea, backlogMaximum, backlogEnd }) => {
    const mean = backlogArea / Math.max(1, recording.end - recording.measuredFrom);
    const least = Math.max(mean, backlogEnd) * 0.998;
    return backlogMaximum >= least && mean >= -1e-6
      ? []
      : [`${settings.name}: backlog of mean ${mean}, end ${backlogEnd}, maximum ${backlogMaximum} (M7)`];
  });

/** M2: the counts of the result are those of the trace. */
const countsAgree: Law = ({ recording, trace }) =>
  recording.mappings.flatMap((mapping) => {
    const measured = trace.filter(
      (event) =>
        event.type === 'invocation' && event.mapping === mapping.settings.name && event.start >= recording.measuredFrom,
    );
    const throttles = trace.filter(
      (event) =>
        event.type === 'throttle' && event.mapping === mapping.settings.name && event.t >= recording.measuredFrom,
    );
    const isEqual = measured.length === mapping.invocations && throttles.length === mapping.throttles;
    return isEqual
      ? []
      : [
          `${mapping.settings.name}: ${measured.length} invocations and ${throttles.length} throttles in the trace, ${mapping.invocations} and ${mapping.throttles} counted (M2)`,
        ];
  });

/** M4: where the age came from adds up to the time in the system. */
const ageAddsUp: Law = ({ recording }) =>
  recording.mappings.flatMap(({ settings, records }) => {
    const sum = records.breakdown.reduce((total, part) => total + part, 0);
    const whole = records.timeInSystem.sum;
    return Math.abs(sum - whole) <= 1e-9 * Math.max(1, whole) ? [] : [`${settings.name}: ${sum} is not ${whole} (M4)`];
  });

/** K6, O1: no record of a shard is delivered before every record of the shards it was made of is settled. */
const parentsFirst: Law = ({ recording, trace }) => {
  const begun = new Map<string, Instant>();
  const settled = new Map<string, Instant>();
  for (const event of trace) {
    if (!('shardId' in event) || event.type === 'poll' || event.type === 'split') continue;
    const shard = `${event.mapping} ${event.shardId}`;
    const at = event.type === 'invocation' ? event.start : event.t;
    begun.set(shard, Math.min(begun.get(shard) ?? at, at));
    settled.set(shard, Math.max(settled.get(shard) ?? event.t, event.t));
  }
  return recording.mappings.flatMap(({ settings: { name } }) => {
    const { shards } = placeOf(recording, name).stream.settings;
    return shards.flatMap(({ parents }, number) => {
      const child = `${name} ${shardIdOf(number)}`;
      return parents.flatMap((parent) => {
        const before = settled.get(`${name} ${shardIdOf(parent)}`);
        const first = begun.get(child);
        return before === undefined || first === undefined || first >= before
          ? []
          : [`${child}: begins at ${first}, before shard ${parent} is settled at ${before} (K6)`];
      });
    });
  });
};

/** All of them, by name. */
export const laws = {
  conservation,
  order,
  oneBatchInFlight,
  concurrencyLimit,
  retention,
  batchSize,
  tumblingWindows,
  writeLimit,
  backlogWithinItsMaximum,
  countsAgree,
  ageAddsUp,
  parentsFirst,
} as const satisfies Readonly<Record<string, Law>>;

/** P4, P10: of a shard's records not all are the lane's, or not all kept. */
function readsInPart({ life }: MappingTally): boolean {
  return life.allSettings.some(({ parallelizationFactor, filters }) => parallelizationFactor > 1 || filters.length > 0);
}

/** P4: which lanes a shard has; they change with its mapping's factor, or its tumbling window. */
class Divisions {
  readonly #recording: Recording;
  /** Of each mapping, how many of its stages have been entered, and what was in force when it last polled. */
  readonly #entered = new Map<string, number>();
  readonly #ofShard = new Map<string, string>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  enter(mapping: string): void {
    this.#entered.set(mapping, (this.#entered.get(mapping) ?? 0) + 1);
  }

  /** Whether other lanes than before poll a shard from now on. */
  begins({ mapping: name, shardId }: { mapping: string; shardId: string }): boolean {
    const { mapping } = placeOf(this.#recording, name);
    const { settings } = mapping.life.stages[(this.#entered.get(name) ?? 1) - 1]!;
    const now = `${settings.parallelizationFactor} ${settings.tumblingWindow}`;
    const before = this.#ofShard.get(`${name} ${shardId}`) ?? now;
    this.#ofShard.set(`${name} ${shardId}`, now);
    return before !== now;
  }
}

function forget(places: Map<string, number>, prefix: string): void {
  for (const lane of places.keys()) if (lane.startsWith(prefix)) places.delete(lane);
}

function laneOf(event: { mapping: string; shardId: string; lane: number }): string {
  return `${event.mapping} ${event.shardId} lane ${event.lane}`;
}

function placeOf(recording: Recording, name: string) {
  const mapping = recording.mappings.find(({ settings }) => settings.name === name) as MappingTally;
  const stream = recording.streams.find(({ settings }) => settings.name === mapping.settings.stream)!;
  return { mapping, stream };
}
