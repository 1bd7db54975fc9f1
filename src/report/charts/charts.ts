import type { Summary } from '../summary.ts';
import { ageBreakdownChart } from './age-breakdown.ts';
import { backlogChart } from './backlog.ts';
import { batchSizeChart } from './batch-size.ts';
import type { ChartOptions, ChartSpec } from './chart-options.ts';
import { concurrencyChart } from './concurrency.ts';
import { invocationsChart } from './invocations.ts';
import { iteratorAgeChart } from './iterator-age.ts';
import { throughputChart } from './throughput.ts';
import { timelineChart } from './timeline.ts';

/** The charts by the names that users type. */
const CHARTS = {
  'iterator-age': iteratorAgeChart,
  throughput: throughputChart,
  backlog: backlogChart,
  concurrency: concurrencyChart,
  invocations: invocationsChart,
  timeline: timelineChart,
  'age-breakdown': ageBreakdownChart,
  'batch-size': batchSizeChart,
} as const satisfies Readonly<Record<string, (summary: Summary, options?: ChartOptions) => ChartSpec>>;

export type ChartName = keyof typeof CHARTS;

/** In the order in which a page shows them. */
export const CHART_NAMES = Object.keys(CHARTS) as readonly ChartName[];

/** The chart of this name as a vega-lite specification: plain data, the same for the same summary and options. */
export function chart(name: ChartName, summary: Summary, options: ChartOptions = {}): ChartSpec {
  return CHARTS[name](summary, options);
}

export function isChartName(name: string): name is ChartName {
  return Object.hasOwn(CHARTS, name);
}
