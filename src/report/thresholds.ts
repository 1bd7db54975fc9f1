import { unreachable } from '../kernel/distribution.ts';
import { MILLISECOND, SECOND } from '../kernel/time.ts';
import type { FunctionTally } from '../recording/function-tally.ts';
import { mappingUuid, shardIdOf } from '../recording/identifiers.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import type { Recording, StreamTally } from '../recording/recording.ts';
import { METRICS, type Metric } from '../scenario/metrics.ts';
import type { Statistic, Threshold } from '../scenario/scenario.ts';
import { Histogram } from '../statistics/histogram.ts';
import { quantileOfSorted } from '../statistics/quantile.ts';
import { measuredSeries } from './series.ts';
import type { CostSummary, MetricSeries, Place, ThresholdResult } from './summary.ts';
import { counted, whole } from './words.ts';

/** A statistic without samples does not meet its threshold. */
export function judgeThresholds(recording: Recording, cost: CostSummary): ThresholdResult[] {
  const series = measuredSeries(recording);
  return recording.scenario.thresholds.map((threshold) => {
    const { value, worst, reason } = measure(threshold, selected(threshold, { recording, series, cost }));
    const isTime = threshold.unit === 'Milliseconds';
    const per = (unit: number) => (value !== null && isTime ? value / unit : value);
    const compared = per(MILLISECOND);
    return {
      metric: threshold.metric,
      expression: threshold.expression,
      ok: compared !== null && holds(compared, threshold),
      value: per(SECOND),
      unit: unitOf(threshold, cost),
      worst,
      ...(reason === undefined ? {} : { reason }),
    };
  });
}

function unitOf({ unit }: Threshold, { currency }: CostSummary): string {
  switch (unit) {
    case 'Milliseconds':
      return 's';
    case 'Bytes':
      return 'bytes';
    case 'Money':
      return currency;
    default:
      return 'count';
  }
}

interface Measured {
  /** Times in microseconds, as the recording has them: divided once, where they are told. */
  readonly value: number | null;
  readonly worst: Place | null;
  /** Why there is no value although there are samples. */
  readonly reason?: string;
}

/** What a threshold's selector leaves of a recording. */
interface Selection {
  readonly recording: Recording;
  readonly mappings: readonly MappingTally[];
  readonly functions: readonly FunctionTally[];
  readonly streams: readonly StreamTally[];
  readonly series: readonly MetricSeries[];
  readonly cost: CostSummary;
}

function selected(
  threshold: Threshold,
  { recording, series, cost }: Pick<Selection, 'recording' | 'series' | 'cost'>,
): Selection {
  const { selector } = threshold;
  const by = (kind: 'mapping' | 'function' | 'stream', name: string) =>
    selector === null || selector.by !== kind || selector.value === name;
  const mappings = recording.mappings.filter(
    ({ settings }) =>
      by('mapping', settings.name) && by('function', settings.function) && by('stream', settings.stream),
  );
  const functions = recording.functions.filter(({ settings }) => by('function', settings.name));
  // A mapping and a function have to do with the streams that they read.
  const streams = recording.streams.filter(
    ({ settings }) =>
      by('stream', settings.name) &&
      (selector === null || selector.by === 'stream' || mappings.some((one) => one.settings.stream === settings.name)),
  );
  const named = (metric: MetricSeries): boolean => {
    const { FunctionName, EventSourceMappingUUID, StreamName, Mapping } = metric.Dimensions;
    if (selector?.by === 'mapping') {
      return Mapping === selector.value || EventSourceMappingUUID === mappingUuid(selector.value);
    }
    if (metric.Namespace === 'shardclock') {
      return threshold.name === 'backlog' && mappings.some(({ settings }) => settings.name === Mapping);
    }
    if (FunctionName !== undefined) return by('function', FunctionName);
    if (StreamName !== undefined) return by('stream', StreamName);
    return mappings.some(({ settings }) => mappingUuid(settings.name) === EventSourceMappingUUID);
  };
  const name = threshold.name === 'backlog' ? 'Backlog' : threshold.name;
  const matching = series.filter((metric) => metric.MetricName === name && named(metric));
  return { recording, mappings, functions, streams, series: matching, cost };
}

function measure(threshold: Threshold, selection: Selection): Measured {
  const { name, statistic } = threshold;
  const { mappings, streams } = selection;
  const overLanes = (pick: (balance: MappingTally['lanes'][number]['balance']) => number) => ({
    value: total(mappings.flatMap(({ lanes }) => lanes.map(({ balance }) => pick(balance)))),
    worst: null,
  });
  switch (name) {
    case 'IteratorAge':
      return samples(
        statistic,
        mappings.flatMap(({ lanes }) => lanes.map(({ iteratorAge }) => iteratorAge)),
        statistic.kind === 'percentile' ? worstShard(mappings, statistic.p) : worstOf(mappings, 'worstIteratorAge'),
      );
    case 'backlogAge':
      if (statistic.kind === 'end') return backlogAgeAtEnd(mappings);
      return samples(
        statistic,
        mappings.map(({ backlogAge }) => backlogAge),
        statistic.kind === 'percentile' ? null : worstOf(mappings, 'worstBacklogAge'),
      );
    case 'Duration':
      return samples(
        statistic,
        selection.functions.map(({ duration }) => duration),
      );
    case 'recovery':
      return recovery(statistic, mappings);
    case 'timeInSystem':
      return samples(
        statistic,
        mappings.map(({ records }) => records.timeInSystem),
      );
    case 'waitingTime':
      return samples(
        statistic,
        mappings.map(({ records }) => records.waitingTime),
      );
    case 'records.discarded':
      return overLanes((balance) => balance.discarded);
    case 'records.duplicates':
      return overLanes((balance) => balance.duplicates);
    case 'records.pending':
      return overLanes((balance) => balance.pending);
    case 'records.lost': {
      const { value } = overLanes((balance) => balance.discarded + balance.expired + balance.silentlyLost);
      const atWrite = total(streams.flatMap(({ shards }) => shards.map((shard) => shard.total.lost)));
      return { value: value + atWrite, worst: null };
    }
    case 'cost.month': {
      const { recording, cost } = selection;
      return { value: recording.end > recording.measuredFrom ? cost.perMonth : null, worst: null };
    }
    case 'caughtUp':
      return caughtUp(statistic, mappings);
    case 'backlog':
      return backlog(statistic, selection);
    case 'ConcurrentExecutions':
      return concurrency(statistic, selection);
    default:
      return overPeriods(statistic, selection, METRICS.get(name)!.unit);
  }
}

function samples(statistic: Statistic, histograms: readonly Histogram[], place: Place | null = null): Measured {
  const all = new Histogram();
  for (const histogram of histograms) all.merge(histogram);
  const worst = all.count === 0 ? null : place;
  switch (statistic.kind) {
    case 'avg':
      return { value: all.mean, worst: null };
    case 'min':
      return { value: all.min, worst: null };
    case 'max':
      return { value: all.max, worst };
    case 'percentile':
      return { value: all.quantile(statistic.p), worst };
    case 'sum':
      return { value: all.sum, worst: null };
    case 'count':
      return { value: all.count, worst: null };
    case 'end':
      return { value: null, worst: null };
    default:
      return unreachable(statistic);
  }
}

/** The one whose own percentile is the highest; a percentile has no instant. */
function worstShard(mappings: readonly MappingTally[], p: number): Place | null {
  let highest = -1;
  let worst: Place | null = null;
  for (const { settings, lanes } of mappings) {
    for (const { shard, iteratorAge } of lanes) {
      const age = iteratorAge.quantile(p) ?? -1;
      if (age <= highest) continue;
      highest = age;
      worst = { mapping: settings.name, shardId: shardIdOf(shard), atSeconds: null };
    }
  }
  return worst;
}

export function worstOf(
  mappings: readonly MappingTally[],
  which: 'worstIteratorAge' | 'worstBacklogAge',
): Place | null {
  const worst = mappings.reduce<MappingTally | null>(
    (most, mapping) => (most === null || mapping[which].value > most[which].value ? mapping : most),
    null,
  );
  if (worst === null || worst[which].value < 0) return null;
  const { shard, at } = worst[which];
  return { mapping: worst.settings.name, shardId: shardIdOf(shard), atSeconds: at / SECOND };
}

/** One sample a mapping; a mapping that is behind at the end has none, and then nothing can be said of all. */
function caughtUp(statistic: Statistic, mappings: readonly MappingTally[]): Measured {
  const times = new Histogram();
  for (const { caughtUpAt } of mappings) if (caughtUpAt !== null) times.add(caughtUpAt);
  const measured = samples(statistic.kind === 'end' ? { kind: 'max' } : statistic, [times]);
  return unlessMissing(measured, statistic, {
    missing: mappings.length - times.count,
    of: counted(mappings.length, 'mapping'),
    was: 'never caught up for good',
  });
}

/** One sample a fault window that ended; one that was not recovered from by the end of the run has none, as above. */
function recovery(statistic: Statistic, mappings: readonly MappingTally[]): Measured {
  const histograms = mappings.map((mapping) => mapping.recovery);
  const missing = total(mappings.map(({ notRecovered }) => notRecovered));
  const windows = missing + total(histograms.map(({ count }) => count));
  return unlessMissing(samples(statistic, histograms), statistic, {
    missing,
    of: counted(windows, 'fault window'),
    was: 'not recovered from',
  });
}

/** How many samples there are can be said in any case. */
function unlessMissing(
  measured: Measured,
  { kind }: Statistic,
  { missing, of, was }: { readonly missing: number; readonly of: string; readonly was: string },
): Measured {
  if (missing === 0 || kind === 'count') return measured;
  return { value: null, worst: null, reason: `${whole(missing)} of ${of} ${was}` };
}

function backlogAgeAtEnd(mappings: readonly MappingTally[]): Measured {
  const ages = mappings.map(({ backlogAgeEnd }) => backlogAgeEnd).filter((age) => age !== null);
  return { value: ages.length === 0 ? null : Math.max(...ages), worst: null };
}

function backlog(statistic: Statistic, selection: Selection): Measured {
  const { mappings, recording } = selection;
  const length = Math.max(1, recording.end - recording.measuredFrom);
  const worst = (pick: (mapping: MappingTally) => number): Measured => {
    const most = mappings.reduce<MappingTally | null>(
      (best, mapping) => (best === null || pick(mapping) > pick(best) ? mapping : best),
      null,
    );
    if (most === null) return { value: null, worst: null };
    return { value: pick(most), worst: { mapping: most.settings.name, shardId: null, atSeconds: null } };
  };
  if (statistic.kind === 'avg') return worst((mapping) => mapping.backlogArea / length);
  if (statistic.kind === 'max') return worst((mapping) => mapping.backlogMaximum);
  if (statistic.kind === 'end') return worst((mapping) => mapping.backlogEnd);
  // Of the highest of each period; of several mappings that of the worst.
  return selection.series
    .map((one) => overPeriods(statistic, { ...selection, series: [one] }, 'Level'))
    .reduce((most, one) => ((one.value ?? -1) > (most.value ?? -1) ? one : most), { value: null, worst: null });
}

/** Those that a threshold on a metric of AWS/Lambda means: the functions, or with a mapping's name that mapping. */
function invokers({ series, mappings, functions }: Selection): readonly (MappingTally | FunctionTally)[] {
  return series[0]?.Namespace === 'shardclock' ? mappings : functions;
}

/** Of several functions those are meant that are in use at once: the maxima of each are of different instants. */
function concurrency(statistic: Statistic, selection: Selection): Measured {
  const length = Math.max(1, selection.recording.end - selection.recording.measuredFrom);
  const levels = invokers(selection);
  if (statistic.kind === 'avg') {
    return { value: levels.reduce((sum, { concurrencyArea }) => sum + concurrencyArea / length, 0), worst: null };
  }
  const { slotsOfAll, measuredPart, periods } = selection.recording;
  if (levels.length === 1 || slotsOfAll === null) {
    if (statistic.kind === 'max') return { value: levels[0]!.concurrency.maximum, worst: null };
    return overPeriods(statistic, selection);
  }
  const { concurrency: together, concurrencyMaximumColumn } = slotsOfAll;
  const highest = measuredPart.within(concurrencyMaximumColumn).subarray(0, periods);
  const byPeriod = overPeriods(statistic, { ...selection, series: [levelSeries(highest)] });
  return statistic.kind === 'max' ? { ...byPeriod, value: together.maximum } : byPeriod;
}

function levelSeries(Maximum: Float64Array): MetricSeries {
  return {
    Namespace: 'shardclock',
    MetricName: 'ConcurrentExecutions',
    Dimensions: {},
    Unit: 'Count',
    Statistics: { Maximum: [...Maximum] },
  };
}

/**
 * Counts by period: their sum, or the mean, the extremes and percentiles of the periods. Where several streams, functions
 * or mappings are meant, their counts are added up, and of their times the highest is taken. Of a period in which the
 * warm-up ends only the rest counts (D5). It, and one that the end of the run cuts, are compared with whole periods for
 * their highest alone.
 */
function overPeriods(
  statistic: Statistic,
  { series, recording }: Selection,
  unit: Metric['unit'] | 'Level' = 'Count',
): Measured {
  const { measuredFrom, measuredPart, end } = recording;
  if (end <= measuredFrom) return { value: null, worst: null };
  const columns = series.map(({ Statistics }) => Statistics.Sum ?? Statistics.Maximum ?? []);
  const periods: number[] = [];
  const starts: number[] = [];
  const uncut: number[] = [];
  for (let period = Math.floor(measuredFrom / recording.period); period < recording.periods; period++) {
    const values = columns.map((column) => column[period] ?? null).filter((value) => value !== null);
    if (values.length === 0) continue;
    const all = unit === 'Milliseconds' ? Math.round(Math.max(...values) * MILLISECOND) : total(values);
    periods.push(all);
    starts.push(Math.max(period * recording.period, measuredFrom) / SECOND);
    if (period !== measuredPart.period && (period + 1) * recording.period <= end) uncut.push(all);
  }
  if (periods.length === 0) return { value: null, worst: null };
  const sum = total(periods);
  const most = periods.reduce((highest, value) => Math.max(highest, value), periods[0]!);
  const worst: Place = { mapping: null, shardId: null, atSeconds: starts[periods.indexOf(most)]! };
  const compared = uncut.length > 0 ? uncut : periods;
  switch (statistic.kind) {
    case 'count':
      // Of a count it is the count itself.
      if (unit !== 'Count') return { value: periods.length, worst: null };
      return { value: sum, worst: sum > 0 ? worst : null };
    case 'sum':
      return { value: sum, worst: sum > 0 ? worst : null };
    case 'avg':
      return { value: total(compared) / compared.length, worst: null };
    case 'min':
      return { value: compared.reduce((least, value) => Math.min(least, value), compared[0]!), worst: null };
    case 'max':
      return { value: most, worst };
    case 'end':
      return { value: periods[periods.length - 1]!, worst: null };
    case 'percentile':
      return {
        value: quantileOfSorted(
          [...compared].sort((a, b) => a - b),
          statistic.p,
        ),
        worst: null,
      };
    default:
      return unreachable(statistic);
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function holds(value: number, { operator, value: bound }: Threshold): boolean {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '==':
      return value === bound;
    case '!=':
      return value !== bound;
    default:
      return unreachable(operator);
  }
}
