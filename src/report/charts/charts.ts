import type { Summary } from '../summary.ts';
import { alternatives } from '../words.ts';
import { ageBreakdownChart } from './age-breakdown.ts';
import { backlogChart } from './backlog.ts';
import { batchSizeChart } from './batch-size.ts';
import type { ChartName } from './chart-names.ts';
import { CHART_NAMES } from './chart-names.ts';
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

/**
 * The chart of this name as a vega-lite specification: plain data, the same for the same summary and options.
 *
 * @throws RangeError where there is none of this name
 */
export function chart(name: ChartName, summary: Summary, options: ChartOptions = {}): ChartSpec {
  if (!Object.hasOwn(CHARTS, name)) {
    throw new RangeError(`there is no chart '${name}'; expected ${alternatives(CHART_NAMES)}`);
  }
  return CHARTS[name](summary, options);
}
