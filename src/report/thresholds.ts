import { unreachable } from '../kernel/distribution.ts';
import { MILLISECOND, SECOND } from '../kernel/time.ts';
import { mappingUuid, shardIdOf } from '../recording/identifiers.ts';
import type { FunctionTally, MappingTally, Recording, StreamTally } from '../recording/recording.ts';
import type { Statistic, Threshold } from '../scenario/scenario.ts';
import { Histogram } from '../statistics/histogram.ts';
import { quantileOfSorted } from '../statistics/quantile.ts';
import { metricSeries } from './series.ts';
import type { MetricSeries, Place, ThresholdResult } from './summary.ts';

/** A statistic without samples does not meet its threshold. */
export function judgeThresholds(recording: Recording): ThresholdResult[] {
  const series = metricSeries(recording);
  return recording.scenario.thresholds.map((threshold) => {
    const { value, worst } = measure(threshold, selected(threshold, recording, series));
    const isTime = threshold.unit === 'Milliseconds';
    return {
      metric: threshold.metric,
      expression: threshold.expression,
      ok: value !== null && holds(value, threshold),
      value: value !== null && isTime ? value / 1_000 : value,
      unit: isTime ? 's' : threshold.unit === 'Bytes' ? 'bytes' : 'count',
      worst,
    };
  });
}

interface Measured {
  /** Times in milliseconds. */
  readonly value: number | null;
  readonly worst: Place | null;
}

/** What a threshold's selector leaves of a recording. */
interface Selection {
  readonly recording: Recording;
  readonly mappings: readonly MappingTally[];
  readonly functions: readonly FunctionTally[];
  readonly streams: readonly StreamTally[];
  readonly series: readonly MetricSeries[];
}

function selected(threshold: Threshold, recording: Recording, series: readonly MetricSeries[]): Selection {
  const { selector } = threshold;
  const by = (kind: 'mapping' | 'function' | 'stream', name: string) =>
    selector === null || selector.by !== kind || selector.value === name;
  const mappings = recording.mappings.filter(
    ({ settings }) =>
      by('mapping', settings.name) && by('function', settings.function) && by('stream', settings.stream),
  );
  const functions = recording.functions.filter(({ settings }) => by('function', settings.name));
  const streams = recording.streams.filter(({ settings }) => by('stream', settings.name));
  const named = (metric: MetricSeries): boolean => {
    const { FunctionName, EventSourceMappingUUID, StreamName, Mapping } = metric.Dimensions;
    if (selector?.by === 'mapping') {
      return Mapping === selector.value || EventSourceMappingUUID === mappingUuid(selector.value);
    }
    if (metric.Namespace === 'shardclock') return false;
    if (FunctionName !== undefined) return by('function', FunctionName);
    if (StreamName !== undefined) return by('stream', StreamName);
    return mappings.some(({ settings }) => mappingUuid(settings.name) === EventSourceMappingUUID);
  };
  const matching = series.filter((metric) => metric.MetricName === threshold.name && named(metric));
  return { recording, mappings, functions, streams, series: matching };
}

function measure({ name, statistic }: Threshold, selection: Selection): Measured {
  const { mappings, streams } = selection;
  const total = (pick: (mapping: MappingTally) => number) => ({
    value: mappings.reduce((sum, mapping) => sum + pick(mapping), 0),
    worst: null,
  });
  const overLanes = (pick: (balance: MappingTally['lanes'][number]['balance']) => number) =>
    total(({ lanes }) => lanes.reduce((sum, { balance }) => sum + pick(balance), 0));
  switch (name) {
    case 'IteratorAge':
      return samples(
        statistic,
        mappings.flatMap(({ lanes }) => lanes.map(({ iteratorAge }) => iteratorAge)),
        {
          worst: worstOf(mappings, 'worstIteratorAge'),
        },
      );
    case 'backlogAge':
      if (statistic.kind === 'end') return backlogAgeAtEnd(mappings, selection.recording);
      return samples(
        statistic,
        mappings.map(({ backlogAge }) => backlogAge),
        {
          worst: worstOf(mappings, 'worstBacklogAge'),
        },
      );
    case 'Duration':
      return samples(
        statistic,
        selection.functions.map(({ duration }) => duration),
        { worst: null },
      );
    case 'recovery':
      return samples(
        statistic,
        mappings.map(({ recovery }) => recovery),
        { worst: null },
      );
    case 'timeInSystem':
      return samples(
        statistic,
        mappings.map(({ records }) => records.timeInSystem),
        { worst: null },
      );
    case 'waitingTime':
      return samples(
        statistic,
        mappings.map(({ records }) => records.waitingTime),
        { worst: null },
      );
    case 'records.discarded':
      return overLanes((balance) => balance.discarded);
    case 'records.duplicates':
      return overLanes((balance) => balance.duplicates);
    case 'records.pending':
      return overLanes((balance) => balance.pending);
    case 'records.lost': {
      const { value } = overLanes((balance) => balance.discarded + balance.expired + balance.silentlyLost);
      const atWrite = streams.flatMap(({ shards }) => shards).reduce((sum, shard) => sum + shard.total.lost, 0);
      return { value: value + atWrite, worst: null };
    }
    case 'caughtUp': {
      const times = mappings.map(({ caughtUpAt }) => caughtUpAt);
      return { value: times.includes(null) ? null : Math.max(...times.map((at) => at! / MILLISECOND)), worst: null };
    }
    case 'backlog':
      return backlog(statistic, selection);
    case 'ConcurrentExecutions':
      return concurrency(statistic, selection);
    default:
      return overPeriods(statistic, selection);
  }
}

function samples(statistic: Statistic, histograms: readonly Histogram[], place: { worst: Place | null }): Measured {
  const all = new Histogram();
  for (const histogram of histograms) all.merge(histogram);
  const milliseconds = (value: number | null) => (value === null ? null : value / MILLISECOND);
  switch (statistic.kind) {
    case 'avg':
      return { value: milliseconds(all.mean), worst: null };
    case 'min':
      return { value: milliseconds(all.min), worst: null };
    case 'max':
      return { value: milliseconds(all.max), worst: all.max === null ? null : place.worst };
    case 'percentile':
      return { value: milliseconds(all.quantile(statistic.p)), worst: all.max === null ? null : place.worst };
    case 'sum':
      return { value: milliseconds(all.sum), worst: null };
    case 'count':
      return { value: all.count, worst: null };
    case 'end':
      return { value: null, worst: null };
    default:
      return unreachable(statistic);
  }
}

function worstOf(mappings: readonly MappingTally[], which: 'worstIteratorAge' | 'worstBacklogAge'): Place | null {
  const worst = mappings.reduce<MappingTally | null>(
    (most, mapping) => (most === null || mapping[which].value > most[which].value ? mapping : most),
    null,
  );
  if (worst === null || worst[which].value < 0) return null;
  const { shard, at } = worst[which];
  return { mapping: worst.settings.name, shardId: shardIdOf(shard), atSeconds: at / SECOND };
}

function backlogAgeAtEnd(mappings: readonly MappingTally[], recording: Recording): Measured {
  const ages = mappings.flatMap(({ lanes }) => lanes.map(({ backlogAge }) => backlogAge[recording.periods - 1]!));
  return { value: ages.length === 0 ? null : Math.max(...ages) / MILLISECOND, worst: null };
}

function backlog(statistic: Statistic, { mappings, recording, series }: Selection): Measured {
  const seconds = Math.max(1, recording.end - recording.measuredFrom);
  const worst = (pick: (mapping: MappingTally) => number): Measured => {
    const most = mappings.reduce<MappingTally | null>(
      (best, mapping) => (best === null || pick(mapping) > pick(best) ? mapping : best),
      null,
    );
    if (most === null) return { value: null, worst: null };
    return { value: pick(most), worst: { mapping: most.settings.name, shardId: null, atSeconds: null } };
  };
  if (statistic.kind === 'avg') return worst((mapping) => mapping.backlogArea / seconds);
  if (statistic.kind === 'max') return worst((mapping) => mapping.backlogMaximum);
  if (statistic.kind === 'end') return worst((mapping) => mapping.backlogEnd);
  return overPeriods(statistic, { mappings, recording, series, functions: [], streams: [] });
}

function concurrency(statistic: Statistic, selection: Selection): Measured {
  const length = Math.max(1, selection.recording.end - selection.recording.measuredFrom);
  const tallies = [...selection.mappings.filter(() => selection.series[0]?.Namespace === 'shardclock')];
  const levels = tallies.length > 0 ? tallies : selection.functions;
  const single = levels.length === 1 ? levels[0]! : null;
  if (statistic.kind === 'avg') {
    return { value: levels.reduce((sum, { concurrencyArea }) => sum + concurrencyArea / length, 0), worst: null };
  }
  if (statistic.kind === 'max' && single !== null) return { value: single.concurrency.maximum, worst: null };
  return overPeriods(statistic, selection);
}

/** Counts by period: their sum, or the mean, the extremes and percentiles of the periods. */
function overPeriods(statistic: Statistic, { series, recording }: Selection): Measured {
  const first = Math.ceil(recording.measuredFrom / recording.period);
  const columns = series.map(({ Statistics }) => Statistics.Sum ?? Statistics.Maximum ?? []);
  const periods: number[] = [];
  const starts: number[] = [];
  for (let period = first; period < recording.periods; period++) {
    const values = columns.map((column) => column[period] ?? null).filter((value) => value !== null);
    if (values.length === 0) continue;
    periods.push(values.reduce((sum, value) => sum + value, 0));
    starts.push((period * recording.period) / SECOND);
  }
  if (periods.length === 0) return { value: null, worst: null };
  const sum = periods.reduce((total, value) => total + value, 0);
  const most = periods.reduce((highest, value) => Math.max(highest, value), periods[0]!);
  const worst: Place = { mapping: null, shardId: null, atSeconds: starts[periods.indexOf(most)]! };
  switch (statistic.kind) {
    case 'sum':
    case 'count':
      return { value: sum, worst: sum > 0 ? worst : null };
    case 'avg':
      return { value: sum / periods.length, worst: null };
    case 'min':
      return { value: periods.reduce((least, value) => Math.min(least, value), most), worst: null };
    case 'max':
      return { value: most, worst };
    case 'end':
      return { value: periods[periods.length - 1]!, worst: null };
    case 'percentile':
      return {
        value: quantileOfSorted(
          [...periods].sort((a, b) => a - b),
          statistic.p,
        ),
        worst: null,
      };
    default:
      return unreachable(statistic);
  }
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
