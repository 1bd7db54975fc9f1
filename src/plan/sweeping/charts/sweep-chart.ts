import type { ChartSpec } from '../../../report/charts/chart-options.ts';
import type { Sweep } from '../sweep-result.ts';
import type { SweepChartOptions } from './chart-data.ts';
import type { SweepChartName } from './chart-names.ts';
import { sweepChartNames } from './chart-names.ts';
import { heatMapChart } from './heat-map.ts';
import { lineChart } from './line.ts';
import { paretoChart } from './pareto.ts';

/**
 * A chart of a sweep by its name. `line`: a figure over the first setting, with its intervals, a line for each value of the
 * second; `heat-map`: the figure over two settings; `pareto`: cost of a month against IteratorAge p99.
 *
 * @throws RangeError where it is not one of `sweepChartNames` for this sweep
 */
export function sweepChart(name: SweepChartName, sweep: Sweep, options: SweepChartOptions = {}): ChartSpec {
  const possible = sweepChartNames(sweep.axes.length);
  if (!possible.includes(name))
    throw new RangeError(`${name} is not drawn of ${sweep.axes.length} settings; expected ${possible.join(' or ')}`);
  switch (name) {
    case 'line':
      return lineChart(sweep, options);
    case 'heat-map':
      return heatMapChart(sweep, options);
    case 'pareto':
      return paretoChart(sweep, options);
  }
}
