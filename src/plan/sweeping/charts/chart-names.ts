/** The charts of a sweep by the names that users type. */
export const SWEEP_CHART_NAMES = ['line', 'heat-map', 'pareto'] as const;

export type SweepChartName = (typeof SWEEP_CHART_NAMES)[number];

/** Those that can be drawn of so many varied settings, the one that is drawn unless another is asked for first. */
export function sweepChartNames(axes: number): readonly SweepChartName[] {
  if (axes === 1) return ['line', 'pareto'];
  return axes === 2 ? ['heat-map', 'line', 'pareto'] : ['pareto'];
}
