/** The charts by the names that users type, in the order in which a page shows them. */
export const CHART_NAMES = [
  'iterator-age',
  'throughput',
  'backlog',
  'concurrency',
  'invocations',
  'timeline',
  'age-breakdown',
  'batch-size',
] as const;

export type ChartName = (typeof CHART_NAMES)[number];

export function isChartName(name: string): name is ChartName {
  return CHART_NAMES.some((known) => known === name);
}
