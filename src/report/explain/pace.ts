import { keptShare } from '../kept-share.ts';
import type { MappingCase } from './mapping-case.ts';
import { batchMs, type DurationParts, durationParts, isObject, secondsOf } from './resolved.ts';

/** How fast one lane works off batches that are full. */
export interface Pace {
  /** Records. */
  readonly perSecond: number;
  /** Of a batch's time; null where only the whole has been measured. */
  readonly parts: DurationParts | null;
  /** The fault by which it is so slow; null: it always is. */
  readonly slowdown: Slowdown | null;
}

/** Seconds of the run; `to` null: to its end. */
export interface Slowdown {
  readonly times: number;
  readonly from: number;
  readonly to: number | null;
}

/** Seconds of the run in which data was old; `until` null: to its end. */
export interface OldTime {
  readonly since: number | null;
  readonly until: number | null;
}

/**
 * By the function's law, else as it was measured; null where neither tells. Where it would keep up with `need` records a
 * second but for a `slowdown` that meets the time, as it is in that.
 */
export function paceOf(of: MappingCase, need: number | null, time: OldTime): Pace | null {
  const { resolved, name } = of;
  const size = resolved.number(['mappings', name, 'BatchSize'], 100);
  const parts = partsOf(of);
  if (parts === null) return measuredPace(of, size);
  const atLaw = (times: number, slowdown: Slowdown | null): Pace | null => {
    const slowed = { base: times * parts.base, perRecord: times * parts.perRecord };
    const batch = batchMs(slowed, size);
    return batch > 0 ? { perSecond: (1_000 * size) / batch, parts: slowed, slowdown } : null;
  };
  const plain = atLaw(1, null);
  const slowdown = slowdownIn(of, time);
  if (slowdown === null || plain === null || need === null || plain.perSecond < need) return plain;
  const slowed = atLaw(slowdown.times, slowdown)!;
  // A batch that runs into its Timeout is no slow one, but one that fails.
  return batchMs(slowed.parts!, size) < timeoutMs(of) ? slowed : plain;
}

/** Whether full batches run into the Timeout, by the function's law. */
export function timesOut(of: MappingCase): boolean {
  const parts = partsOf(of);
  const size = of.resolved.number(['mappings', of.name, 'BatchSize'], 100);
  return parts !== null && of.mapping.errors > 0 && batchMs(parts, size) > timeoutMs(of);
}

function timeoutMs({ resolved, mapping }: MappingCase): number {
  return 1_000 * resolved.number(['functions', mapping.function, 'Timeout'], 3);
}

/** The mean time of a batch, where full ones take as long, or most were full. */
function measuredPace({ resolved, mapping }: MappingCase, size: number): Pace | null {
  const { durationMs, batchSize, fullBatches, batches } = mapping;
  if (durationMs.mean === null || batchSize.mean === null || durationMs.mean === 0) return null;
  const path = ['functions', mapping.function];
  if (resolved.items([...path, 'faults']).some((fault) => isObject(fault) && fault.slowdown !== undefined)) return null;
  const law = resolved.value([...path, 'duration']);
  const goesByBatch =
    resolved.value([...path, 'handler']) !== null ||
    (isObject(law) && (law.perRecord !== undefined || law.perKB !== undefined));
  if (goesByBatch && 2 * fullBatches <= batches) return null;
  const records = goesByBatch ? batchSize.mean : size;
  return { perSecond: (1_000 * records) / durationMs.mean, parts: null, slowdown: null };
}

/** Null, too, where the time depends on more than the batch (L5a). */
function partsOf({ resolved, mapping }: MappingCase): DurationParts | null {
  const path = ['functions', mapping.function];
  const dependsOn = (law: string) => resolved.value([...path, law]) !== null;
  if (dependsOn('durationByMemory') || dependsOn('durationByConcurrency')) return null;
  return durationParts(resolved.value([...path, 'duration']));
}

/** Of the function's slowdowns that meet the time the one that slows most. */
export function slowdownIn({ resolved, mapping }: MappingCase, { since, until }: OldTime): Slowdown | null {
  if (since === null) return null;
  const slowdowns = resolved
    .items(['functions', mapping.function, 'faults'])
    .filter(isObject)
    .flatMap(({ slowdown, from, to, until: end }) =>
      typeof slowdown === 'number' && slowdown > 1
        ? [{ times: slowdown, from: secondsOf(from) ?? 0, to: secondsOf(to ?? end) }]
        : [],
    )
    .filter(({ from, to }) => from < (until ?? Number.POSITIVE_INFINITY) && (to ?? Number.POSITIVE_INFINITY) > since)
    .sort((a, b) => b.times - a.times);
  return slowdowns[0] ?? null;
}

/**
 * Records a second that arrive at the busiest lane in the busiest period: of the busiest shard a lane's even part; of all
 * shards where the stream has no write limits.
 */
export function needOf({ summary, resolved, mapping, name }: MappingCase): number | null {
  const factor = resolved.factor(name);
  const stream = Object.hasOwn(summary.streams, mapping.stream) ? summary.streams[mapping.stream]! : null;
  const load = stream?.utilization.writeRecords ?? null;
  const atWorst = load === null ? 0 : load.peak * load.limit;
  const { periodSeconds } = summary.series;
  // The last period may be cut short, the only one too.
  const lengthOf = (index: number) => Math.min(periodSeconds, summary.measured.toSeconds - index * periodSeconds);
  const rates = summary.series.metrics
    .filter(({ MetricName, Dimensions }) => MetricName === 'RecordsIn' && Dimensions.Mapping === name)
    .flatMap(({ Statistics }) => Statistics.Sum ?? [])
    .map((sum, index) => (sum ?? 0) / Math.max(Math.min(1, periodSeconds), lengthOf(index)));
  const all = rates.reduce((most, rate) => Math.max(most, rate), 0) / resolved.shards(mapping.stream);
  const { succeeded, discarded, filtered } = mapping.records;
  const given = Object.values(discarded).reduce((sum, records) => sum + records, 0);
  const kept = keptShare({ succeeded, discarded: given, filtered });
  const need = (kept * Math.max(atWorst, all)) / factor;
  return need > 0 ? need : null;
}
