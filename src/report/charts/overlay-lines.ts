import type { RealMetric } from '../overlay.ts';
import type { Summary } from '../summary.ts';
import type { ChartOptions } from './chart-options.ts';
import type { LegendEntry } from './frame.ts';
import { peak, type Series } from './series.ts';
import type { Theme } from './theme.ts';
import { periodSlots, timeRange } from './time-range.ts';

/** Real lines over simulated ones. */
export interface OverlayLines {
  readonly series: readonly Series[];
  readonly entries: readonly LegendEntry[];
  /** The highest value drawn; below every number where there is none. */
  readonly peak: number;
}

/**
 * The real values of some metrics, each over its whole period.
 *
 * @param drawn what is drawn of a value
 */
export function overlayLines(
  summary: Summary,
  options: ChartOptions,
  colours: Theme,
  {
    metrics,
    drawn,
  }: {
    readonly metrics: readonly RealMetric['metric'][];
    readonly drawn: (value: number, metric: RealMetric) => number;
  },
): OverlayLines {
  const real = (options.overlay?.metrics ?? []).filter(({ metric }) => metrics.includes(metric));
  const slots = periodSlots(summary, timeRange(summary, options));
  const length = summary.series.periodSeconds;
  const series = real.map((metric) => {
    const values: (number | null)[] = [];
    for (const { fromSeconds, value } of metric.points) {
      const to = Math.ceil((fromSeconds + metric.periodSeconds) / length);
      for (let index = Math.ceil(fromSeconds / length); index < to; index++) values[index] = drawn(value, metric);
    }
    const name = real.length === 1 ? `real ${metric.metric}` : `real, ${metric.of}`;
    return { name, values: Array.from(values, (value) => value ?? null) };
  });
  const shown = { from: slots[0]!.index, to: slots.at(-1)!.index + 1 };
  return {
    series,
    entries: series.map(({ name }, i) => ({ name, colour: colours.text, dash: [2 + 3 * i, 3] })),
    peak: Math.max(Number.NEGATIVE_INFINITY, ...series.map(({ values }) => peak(values, shown))),
  };
}
