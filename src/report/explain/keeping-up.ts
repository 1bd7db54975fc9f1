import type { JsonObject } from '../../scenario/scenario.ts';
import { keptShare } from '../kept-share.ts';
import { counted, decimal, duration, percent, shardName, whole } from '../words.ts';
import type { Advice, Change } from './explanation.ts';
import { type MappingCase, settingOf } from './mapping-case.ts';
import { type DurationParts, durationParts, highestRate, isObject, type Resolved } from './resolved.ts';
import type { Reason } from './stall-advice.ts';

/** A lane processes one batch at a time (P4): why that was slower than what arrived, and what would have kept pace. */
export function queueReason(of: MappingCase): Reason {
  const { mapping, resolved, name } = of;
  const pace = paceOf(of);
  const lanesOfShard = resolved.factor(name);
  const hot = hotKeyOf(of);
  // How unevenly keys fall on the lanes of one shard is not in the result.
  const need = hot !== null && lanesOfShard > 1 ? null : needOf(of);
  const size = resolved.number(['mappings', name, 'BatchSize'], 100);
  const lane = lanesOfShard === 1 ? 'shard' : 'lane';
  const busiest = mapping.utilization.laneBusy;
  const where = busiest.worstShardId === null ? '' : ` of ${shardName(busiest.worstShardId)}`;
  const speed =
    pace === null
      ? `Each ${lane} processes one batch of at most ${whole(size)} at a time.`
      : `Each ${lane} processes one batch at a time, and ${counted(size, 'record')} (BatchSize) take about ${duration((1_000 * size) / pace)}: ${decimal(pace)} records/s.`;
  const arriving =
    need === null
      ? ''
      : hot === null
        ? ` In the busiest period ${decimal(need)} records/s arrived there.`
        : ` In the busiest period ${decimal(need)} records/s arrived on the busiest.`;
  const uneven =
    hot === null
      ? ''
      : ` ${hot.words}: the lanes${where} are busy ${percent(busiest.worst)} of the time, half of all lanes ${percent(busiest.median)} or less. A key stays in its lane.`;
  return {
    why: `${speed}${arriving}${uneven}`,
    settings: [
      settingOf(of, 'BatchSize'),
      settingOf(of, 'ParallelizationFactor'),
      resolved.setting(['streams', mapping.stream, 'ShardCount']),
      resolved.setting(['functions', mapping.function, 'duration']),
    ],
    advice: queueAdvice(of, { pace, need, hot }),
  };
}

interface Pace {
  /** Records a second of a lane whose batches are full. */
  readonly pace: number | null;
  /** Records a second that arrive at the busiest lane in the busiest period. */
  readonly need: number | null;
  readonly hot: HotKey | null;
}

interface HotKey {
  readonly producer: string;
  /** Of the busiest key, of all records of the producer; null where that is not known. */
  readonly share: number | null;
  readonly rate: number | null;
  readonly words: string;
}

/** What is promised has some room. */
const ROOM = 1.15;

function queueAdvice(of: MappingCase, { pace, need, hot }: Pace): Advice[] {
  const { resolved, name, mapping, summary } = of;
  const size = resolved.number(['mappings', name, 'BatchSize'], 100);
  const factor = resolved.factor(name);
  const wanted = need === null ? null : need * ROOM;
  const advice: Advice[] = [];
  const larger = wanted === null ? null : largerBatch(of, size, wanted);
  const concerns = hot?.rate !== null && hot !== null && pace !== null && hot.rate * ROOM > pace;
  if (hot !== null && hot.share !== null)
    advice.push({
      changes: [finerKeys(resolved, hot.producer, mapping.stream)],
      effect: 'Finer keys, such as the order instead of the customer, spread over all lanes.',
      tradeOff: 'Order is kept for each of the finer keys, no longer across them.',
      lowers: 'oldestMs',
    });
  if (larger !== null)
    advice.push({
      changes: [resolved.change(['mappings', name, 'BatchSize'], larger)],
      effect: 'Larger batches spread the fixed part of the duration over more records.',
      tradeOff: 'A failing batch holds more records, and an invocation takes longer: mind the Timeout.',
      lowers: 'oldestMs',
    });
  const times = wanted === null || pace === null ? 2 : Math.ceil(wanted / pace);
  const target = Math.min(10, Math.max(2, times) * factor);
  const limit = Object.hasOwn(summary.functions, mapping.function)
    ? summary.functions[mapping.function]!.concurrency.limit
    : Number.POSITIVE_INFINITY;
  if (target > factor && !concerns) {
    const lanes = target * resolved.shards(mapping.stream);
    const slots =
      lanes > limit ? ` ${mapping.function} may run ${whole(limit)} at once now, which is fewer: raise that too.` : '';
    advice.push({
      changes: [resolved.change(['mappings', name, 'ParallelizationFactor'], target)],
      effect: `${counted(target, 'batch', 'batches')} of each shard are processed at once, each of its own keys.`,
      tradeOff: `Order is kept by key only, and up to ${counted(lanes, 'slot')} are taken at once.${slots}`,
      lowers: 'oldestMs',
    });
  }
  const countPath = ['streams', mapping.stream, 'ShardCount'];
  const count = resolved.value(countPath);
  if (typeof count === 'number' && hot === null && Math.max(2, times) * count <= 10_000)
    advice.push({
      changes: [resolved.change(countPath, Math.max(2, times) * count)],
      effect: 'More shards, each with a lane of its own and its share of the records.',
      tradeOff: 'AWS charges for each shard by the hour.',
      lowers: 'oldestMs',
    });
  if (pace !== null && wanted !== null && wanted > pace)
    advice.push({
      changes: [],
      effect: `A faster handler: a batch of ${whole(size)} that takes ${duration((1_000 * size) / wanted)} keeps up; it takes ${duration((1_000 * size) / pace)} now.${concerns ? ' The busiest key alone needs it: no factor and no shard divides a key.' : ''}`,
      tradeOff: 'The work is in the code, or in MemorySize, which brings CPU with it and costs by the millisecond.',
      lowers: null,
    });
  return advice;
}

/** Records a second of full batches in a lane: by the handler's law, else as it was measured. */
function paceOf({ resolved, mapping, name }: MappingCase): number | null {
  const size = resolved.number(['mappings', name, 'BatchSize'], 100);
  const parts = partsOf(resolved, mapping.function);
  if (parts !== null && parts.base + parts.perRecord > 0) return (1_000 * size) / (parts.base + size * parts.perRecord);
  const { durationMs, batchSize } = mapping;
  if (durationMs.mean === null || batchSize.mean === null || durationMs.mean === 0) return null;
  return (1_000 * batchSize.mean) / durationMs.mean;
}

/** Null, too, where the time depends on more than the batch (L5a). */
function partsOf(resolved: Resolved, target: string): DurationParts | null {
  const dependsOn = (law: string) => resolved.value(['functions', target, law]) !== null;
  if (dependsOn('durationByMemory') || dependsOn('durationByConcurrency')) return null;
  return durationParts(resolved.value(['functions', target, 'duration']));
}

/** Of the busiest shard's busiest period, a lane's even part; of all shards where the stream has no write limits. */
function needOf({ summary, resolved, mapping, name }: MappingCase): number | null {
  const factor = resolved.factor(name);
  const stream = Object.hasOwn(summary.streams, mapping.stream) ? summary.streams[mapping.stream]! : null;
  const load = stream?.utilization.writeRecords ?? null;
  const atWorst = load === null ? 0 : load.peak * load.limit;
  const rates = summary.series.metrics
    .filter(({ MetricName, Dimensions }) => MetricName === 'RecordsIn' && Dimensions.Mapping === name)
    .flatMap(({ Statistics }) => Statistics.Sum ?? [])
    .map((sum) => (sum ?? 0) / summary.series.periodSeconds);
  const all = rates.reduce((most, rate) => Math.max(most, rate), 0) / resolved.shards(mapping.stream);
  const { succeeded, discarded, filtered } = mapping.records;
  const given = Object.values(discarded).reduce((sum, records) => sum + records, 0);
  const kept = keptShare({ succeeded, discarded: given, filtered });
  const need = (kept * Math.max(atWorst, all)) / factor;
  return need > 0 ? need : null;
}

/** The next round size whose batches keep the pace and fit their Timeout and their payload; null where none does. */
function largerBatch({ resolved, mapping }: MappingCase, size: number, wanted: number): number | null {
  const parts = partsOf(resolved, mapping.function);
  if (parts === null) return null;
  const timeout = 1_000 * resolved.number(['functions', mapping.function, 'Timeout'], 3);
  const payload = mapping.batchSize.max === null ? 0 : mapping.utilization.payload.worst / mapping.batchSize.max;
  return (
    ROUND_SIZES.find(
      (larger) =>
        larger > size &&
        (1_000 * larger) / (parts.base + larger * parts.perRecord) >= wanted &&
        parts.base + larger * parts.perRecord <= 0.8 * timeout &&
        payload * larger <= 0.9,
    ) ?? null
  );
}

const ROUND_SIZES = [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** So much less busy half of the lanes must be for the load to be uneven. */
const UNEVEN = 0.6;

/** Whose keys load some lanes and leave others idle; null where the load is even. */
function hotKeyOf({ resolved, mapping }: MappingCase): HotKey | null {
  const { worst, median } = mapping.utilization.laneBusy;
  if (worst < 0.7 || median > UNEVEN * worst) return null;
  return busiestKey(resolved, mapping.stream) ?? { producer: '', share: null, rate: null, words: 'The load is uneven' };
}

/** Many keys, each as likely. */
export function finerKeys(resolved: Resolved, producer: string, stream: string): Change {
  const path = ['producers', producer, 'keys'];
  const many = Math.max(resolved.number([...path, 'count'], 0), 1_000 * resolved.shards(stream));
  return resolved.change(path, { count: many });
}

/** Of all producers of a stream the one whose busiest key carries the largest share of its records. */
export function busiestKey(resolved: Resolved, stream: string): HotKey | null {
  const [busiest] = resolved
    .entries('producers')
    .filter(([, producer]) => producer.stream === stream)
    .map(([producer, document]) => hotKey(producer, document))
    .filter((one) => one !== null)
    .sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
  return busiest ?? null;
}

/** The key that most records of a producer carry; null where each record has a fresh one. */
function hotKey(producer: string, document: JsonObject): HotKey | null {
  const { keys } = document;
  if (!isObject(keys)) return null;
  const total = highestRate(document);
  const named = (share: number, words: string): HotKey => ({
    producer,
    share,
    rate: total === null ? null : total * share,
    words,
  });
  if (isObject(keys.hot)) {
    const share = Number.parseFloat(String(keys.hot.share)) / 100;
    return named(share, `One key, ${String(keys.hot.key)}, carries ${percent(share)} of the records of ${producer}`);
  }
  if (isObject(keys.zipf)) {
    const count = typeof keys.zipf.count === 'number' ? Math.min(keys.zipf.count, 100_000) : 1;
    const exponent = typeof keys.zipf.exponent === 'number' ? keys.zipf.exponent : 1;
    let sum = 0;
    for (let k = 1; k <= count; k++) sum += k ** -exponent;
    return named(1 / sum, `The busiest of the keys of ${producer} carries ${percent(1 / sum)} of its records`);
  }
  const count = Array.isArray(keys.list) ? keys.list.length : typeof keys.count === 'number' ? keys.count : null;
  return count === null || count === 0
    ? null
    : named(1 / count, `${producer} has only ${counted(count, 'partition key')}`);
}
