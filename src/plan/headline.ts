import { lostRecords } from '../report/phrases.ts';
import type { CostSummary, MappingSummary, Summary } from '../report/summary.ts';

/** What a figure says, in the words of a threshold: `IteratorAge{mapping:m}`, `p99`. */
export interface HeadlineMetric {
  readonly metric: string;
  readonly statistic: string;
  /** Null where it is one of the whole run. */
  readonly mapping: string | null;
  /** 'Milliseconds', 'Count', or a currency. */
  readonly unit: string;
}

export interface HeadlineFigure extends HeadlineMetric {
  /** Null where the run has no samples of it. */
  readonly value: number | null;
}

/** The figures by which one run is held against another: of each mapping in the scenario's order, then of the whole run. */
export function headlineFigures({ mappings, streams, cost }: Summary): HeadlineFigure[] {
  const all = Object.entries(mappings);
  const lost =
    all.reduce((sum, [, { records }]) => sum + lostRecords(records), 0) +
    Object.values(streams).reduce((sum, { lostAtWrite }) => sum + lostAtWrite, 0);
  return [
    ...all.flatMap(([mapping, summary]) =>
      OF_MAPPING.map(({ metric, pick, ...figure }) => ({
        metric: `${metric}{mapping:${mapping}}`,
        ...figure,
        mapping,
        value: pick(summary),
      })),
    ),
    { metric: 'records.lost', statistic: 'count', mapping: null, unit: 'Count', value: lost },
    ...(cost === undefined ? [] : [monthlyCost(cost)]),
  ];
}

function monthlyCost({ currency, perMonth }: CostSummary): HeadlineFigure {
  return { metric: 'cost.month', statistic: 'avg', mapping: null, unit: currency, value: perMonth };
}

interface MappingMetric extends Omit<HeadlineMetric, 'mapping'> {
  readonly unit: 'Milliseconds' | 'Count';
  readonly pick: (mapping: MappingSummary) => number | null;
}

const OF_MAPPING: readonly MappingMetric[] = [
  time('IteratorAge', 'p50', ({ iteratorAgeMs }) => iteratorAgeMs.p50),
  time('IteratorAge', 'p99', ({ iteratorAgeMs }) => iteratorAgeMs.p99),
  time('IteratorAge', 'max', ({ iteratorAgeMs }) => iteratorAgeMs.max),
  time('timeInSystem', 'avg', ({ timeInSystemMs }) => timeInSystemMs.mean),
  time('timeInSystem', 'p99', ({ timeInSystemMs }) => timeInSystemMs.p99),
  count('backlog', 'max', ({ backlog }) => backlog.max),
  count('ConcurrentExecutions', 'avg', ({ concurrency }) => concurrency.mean),
  count('Invocations', 'sum', ({ invocations }) => invocations),
  count('Errors', 'sum', ({ errors }) => errors),
  count('Throttles', 'sum', ({ throttles }) => throttles),
  count('records.duplicates', 'count', ({ records }) => records.duplicates),
  count('records.pending', 'count', ({ records }) => records.pending),
];

/** Of all figures: those of each mapping, then those of the whole run. */
export const HEADLINE_NAMES: readonly {
  readonly metric: string;
  readonly statistic: string;
  /** 'Money' in place of its currency. */
  readonly unit: 'Milliseconds' | 'Count' | 'Money';
  readonly isOfMapping: boolean;
}[] = [
  ...OF_MAPPING.map(({ metric, statistic, unit }) => ({ metric, statistic, unit, isOfMapping: true })),
  { metric: 'records.lost', statistic: 'count', unit: 'Count', isOfMapping: false },
  { metric: 'cost.month', statistic: 'avg', unit: 'Money', isOfMapping: false },
];

function time(metric: string, statistic: string, pick: MappingMetric['pick']): MappingMetric {
  return { metric, statistic, unit: 'Milliseconds', pick };
}

function count(metric: string, statistic: string, pick: MappingMetric['pick']): MappingMetric {
  return { metric, statistic, unit: 'Count', pick };
}
