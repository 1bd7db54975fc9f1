import type { Summary } from '../summary.ts';
import { ageBreakdownChart } from './age-breakdown.ts';
import { backlogChart } from './backlog.ts';
import { batchSizeChart } from './batch-size.ts';
import type { ChartName } from './chart-names.ts';
import type { ChartOptions, ChartSpec } from './chart-options.ts';
import { concurrencyChart } from './concurrency.ts';
import { invocationsChart } from './invocations.ts';
import { iteratorAgeChart } from './iterator-age.ts';
import { throughputChart } from './throughput.ts';
import { timelineChart } from './timeline.ts';

const CHARTS: Readonly<Record<ChartName, (summary: Summary, options?: ChartOptions) => ChartSpec>> = {
  'iterator-age': iteratorAgeChart,
  throughput: throughputChart,
  backlog: backlogChart,
  concurrency: concurrencyChart,
  invocations: invocationsChart,
  timeline: timelineChart,
  'age-breakdown': ageBreakdownChart,
  'batch-size': batchSizeChart,
};

/** The chart of this name as a vega-lite specification: plain data, the same for the same summary and options. */
export function chart(name: ChartName, summary: Summary, options: ChartOptions = {}): ChartSpec {
  return CHARTS[name](summary, options);
}
