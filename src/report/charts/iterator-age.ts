import { boundOf } from '../phrases.ts';
import type { Summary } from '../summary.ts';
import { duration, period } from '../words.ts';
import type { ChartOptions, ChartSpec } from './chart-options.ts';
import { type Limit, reach } from './limit-rules.ts';
import { stepLines } from './lines.ts';
import { chartOverTime } from './over-time.ts';
import { overlayLines } from './overlay-lines.ts';
import { byShard, hoverColumns, shardLines } from './shard-lines.ts';
import { theme } from './theme.ts';
import { timeRange } from './time-range.ts';
import { durationScale } from './units.ts';

/** The largest iterator age of each period (M1), a line a shard, with the thresholds on it. */
export function iteratorAgeChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const lines = shardLines(summary, timeRange(summary, options), colours, (series) => series.iteratorAgeMaximumMs);
  const real = overlayLines(summary, options, colours, {
    metrics: ['IteratorAge', 'GetRecords.IteratorAgeMilliseconds'],
    drawn: (value) => value,
  });
  const limits = iteratorAgeLimits(summary);
  const scale = durationScale(reach(Math.max(0, lines.peak, real.peak), limits));
  const { drawn } = lines;
  return chartOverTime(
    summary,
    options,
    {
      title: `Maximum IteratorAge ${byShard(lines)}, each ${period(summary.series.periodSeconds)}`,
      kind: 'lines',
      entries: [...lines.entries, ...real.entries],
      y: { title: `Maximum IteratorAge (${scale.unit})`, scale },
      empty: lines.peak === Number.NEGATIVE_INFINITY ? 'No invocations, so no iterator age' : null,
      facts: `${drawn.length === 1 ? 'One line' : `${drawn.length} lines`}; the highest, ${lines.peakName}, reaches ${duration(Math.max(0, lines.peak))}.${real.series.length === 0 ? '' : ` What was measured reaches ${duration(Math.max(0, real.peak))}.`}`,
      limits: { levels: limits, top: scale.to },
      hover: [...hoverColumns(lines, duration), ...real.series.map((one) => ({ ...one, say: duration }))],
    },
    (plot) => stepLines(plot, [...drawn, ...real.series]),
  );
}

/** The thresholds on IteratorAge, as levels in milliseconds; a sum of ages is none. */
export function iteratorAgeLimits({ thresholds }: Pick<Summary, 'thresholds'>): Limit[] {
  return thresholds.flatMap(({ metric, expression, unit }) => {
    const selector = /^IteratorAge(?:\{(.*)\})?$/.exec(metric.trim());
    const bound = boundOf(expression);
    if (selector === null || bound === null || unit !== 's' || /^\s*sum\b/.test(expression)) return [];
    const where = selector[1] === undefined ? '' : ` (${selector[1].replace(/^\s*\w+\s*:\s*/, '')})`;
    return [{ value: 1_000 * bound, label: `threshold ${expression}${where}` }];
  });
}
