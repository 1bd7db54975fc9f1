import { SECOND } from '../../kernel/time.ts';
import {
  EVENT_PAYLOAD,
  READ_BYTES_PER_SECOND,
  WRITE_BYTES_PER_SECOND,
  WRITE_RECORDS_PER_SECOND,
} from '../../recording/limits.ts';
import { bytes as byteWords, counted, decimal, seconds as timeWords, whole } from '../../report/words.ts';
import type { MappingSettings, Scenario, StreamSettings } from '../../scenario/scenario.ts';
import { bytesOf, meanOf, type Peak, peaksOf } from './traffic.ts';

/**
 * What can be said of a setting without a run: that it cannot take, read or process what is offered. Everything here is
 * necessary, nothing sufficient: the traffic is its mean, and no more than that is held against each limit.
 */
export class Arithmetic {
  /** By load and stream: no setting that is searched changes them. */
  readonly #peaks = new Map<string, readonly Peak[]>();

  /** Why the scenario cannot go well; null: nothing speaks against it. */
  shortfall(scenario: Scenario, load: number): string | null {
    for (const stream of scenario.streams) {
      const peaks = this.#peaksOf(scenario, stream.name, load);
      const found = writes(stream, peaks) ?? reads(stream, peaks, scenario);
      if (found !== null) return found;
    }
    for (const mapping of scenario.mappings) {
      const found = work(mapping, this.#peaksOf(scenario, mapping.stream, load), scenario);
      if (found !== null) return found;
    }
    return null;
  }

  #peaksOf(scenario: Scenario, stream: string, load: number): readonly Peak[] {
    const key = JSON.stringify([load, stream]);
    const peaks = this.#peaks.get(key) ?? peaksOf(stream, scenario);
    this.#peaks.set(key, peaks);
    return peaks;
  }
}

/** K3: a shard takes what a second gives, one more for its full buckets, and what is tried again within 0.7 s. */
const WRITE_SLACK = 1.7; // seconds

function writes({ name, mode, writeLimits, shards }: StreamSettings, peaks: readonly Peak[]): string | null {
  if (mode === 'ON_DEMAND' || !writeLimits) return null;
  const count = shards.length;
  for (const { seconds, records, bytes, hottest } of peaks) {
    const time = seconds + WRITE_SLACK;
    const [mostRecords, mostBytes] = [WRITE_RECORDS_PER_SECOND * time, WRITE_BYTES_PER_SECOND * time];
    if (hottest.records > mostRecords || hottest.bytes > mostBytes)
      return `K3: one partition key of ${name} has ${rate(hottest, seconds)}, more than any shard takes`;
    if (records > mostRecords * count || bytes > mostBytes * count) {
      const needed = Math.ceil(Math.max(records / mostRecords, bytes / mostBytes));
      return `K3: ${name} is offered ${rate({ records, bytes }, seconds)}, which takes ${counted(needed, 'shard')}`;
    }
  }
  return null;
}

function rate({ records, bytes }: { records: number; bytes: number }, seconds: number): string {
  return `${decimal(records / seconds)} records/s and ${byteWords(bytes / seconds)}/s for ${timeWords(seconds)}`;
}

/** K4 */
function reads(stream: StreamSettings, peaks: readonly Peak[], scenario: Scenario): string | null {
  const { name, readLimits, otherReaders, shards, mode } = stream;
  const readers = scenario.mappings.filter((mapping) => mapping.stream === name && mapping.consumer === null);
  if (!readLimits || readers.length === 0 || mode === 'ON_DEMAND') return null;
  const left = READ_BYTES_PER_SECOND - otherReaders.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  const slack = Math.max(...readers.map((mapping) => slackOf(mapping, scenario)));
  for (const { seconds, bytes } of peaks) {
    const time = seconds + slack;
    const wanted = readers.length * bytes;
    // A bucket of 2 MB that is full, and a response of 10 MB that is paid for later.
    if (wanted <= shards.length * (left * time + 12 * 2 ** 20)) continue;
    return `K4: ${counted(readers.length, 'reader')} of ${name} want ${byteWords(wanted / seconds)}/s for ${timeWords(seconds)} from ${counted(shards.length, 'shard')}`;
  }
  return null;
}

/** Offered load: batches that a lane processes one after another, no more of them at once than there are slots. */
function work(mapping: MappingSettings, peaks: readonly Peak[], scenario: Scenario): string | null {
  const target = scenario.functions.find(({ name }) => name === mapping.function)!;
  const stream = scenario.streams.find(({ name }) => name === mapping.stream)!;
  if (target.handler !== null || mapping.filters.length > 0 || mapping.isCreatedLater) return null;
  const producers = scenario.producers.filter((producer) => producer.stream === mapping.stream);
  const size = Math.min(...producers.map(bytesOf), Number.POSITIVE_INFINITY);
  const fitting = Math.floor(EVENT_PAYLOAD / ((size * 4) / 3 + EVENT_FRAME));
  const batch = Math.max(1, Math.min(mapping.batchSize, Number.isFinite(fitting) ? fitting : mapping.batchSize));
  const { base, perRecord, perKB, memoryFactor } = target.duration;
  const each = meanOf(perRecord) + (size / 1_024) * meanOf(perKB);
  const time = ((meanOf(base) + batch * each) * memoryFactor) / SECOND;
  if (!(time > 0) || producers.length === 0) return null;
  const lanes = stream.mode === 'ON_DEMAND' ? Number.POSITIVE_INFINITY : stream.shards.length * mapping.mostLanes;
  const slots = Math.min(lanes, target.reservedConcurrentExecutions ?? scenario.account.concurrentExecutions);
  const slack = slackOf(mapping, scenario) + time;
  for (const { seconds, records, hottest } of peaks) {
    const perSlot = (batch * (seconds + slack)) / time + batch;
    if (hottest.records > perSlot)
      return `offered load: one partition key of ${mapping.stream} keeps more than its lane busy`;
    if (records <= perSlot * slots) continue;
    const load = decimal((records * time) / batch / seconds);
    return `offered load: ${mapping.name} needs ${load} slots for ${timeWords(seconds)}, and has ${whole(slots)} ${slots === lanes ? 'lanes' : 'slots'}`;
  }
  return null;
}

/** Bytes of a record in the event beside its data, at the least (P5). */
const EVENT_FRAME = 350;

/** How far processing may fall behind, in seconds: what a threshold allows of the age, at most to the end of the run. */
function slackOf({ name, function: target, stream, batchingWindow }: MappingSettings, scenario: Scenario): number {
  const horizon = (scenario.duration + scenario.drain) / SECOND;
  const allowed = scenario.thresholds.flatMap(({ name: metric, statistic, operator, selector, value }) => {
    const concerns = selector === null || [name, target, stream].includes(selector.value);
    if (!concerns || statistic.kind !== 'max' || !operator.startsWith('<')) return [];
    if (metric === 'timeInSystem') return [value / 1_000];
    // That of a batch's last record; the first may be older by as much, and by what it took to gather them.
    return metric === 'IteratorAge' ? [(2 * value) / 1_000 + batchingWindow / SECOND] : [];
  });
  return Math.min(horizon, ...allowed);
}
