import type { Summary } from '../summary.ts';
import type { ChartOptions, ChartSpec } from './chart-options.ts';
import { type Limit, reach } from './limit-rules.ts';
import { stepLines } from './lines.ts';
import { chartOverTime } from './over-time.ts';
import { byShard, hoverColumns, shardLines } from './shard-lines.ts';
import { theme } from './theme.ts';
import { timeRange } from './time-range.ts';
import { duration, durationScale, period } from './units.ts';

/** The largest iterator age of each period (M1), a line a shard, with the thresholds on it. */
export function iteratorAgeChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const lines = shardLines(summary, timeRange(summary, options), colours, (series) => series.iteratorAgeMaximumMs);
  const limits = iteratorAgeLimits(summary);
  const scale = durationScale(reach(Math.max(0, lines.peak), limits));
  const { drawn } = lines;
  return chartOverTime(
    summary,
    options,
    {
      title: `Maximum IteratorAge ${byShard(lines)}, each ${period(summary.series.periodSeconds)}`,
      kind: 'lines',
      entries: lines.entries,
      y: { title: `Maximum IteratorAge (${scale.unit})`, scale },
      empty: lines.peak === Number.NEGATIVE_INFINITY ? 'No invocations, so no iterator age' : null,
      facts: `${drawn.length === 1 ? 'One line' : `${drawn.length} lines`}; the highest, ${lines.peakName}, reaches ${duration(Math.max(0, lines.peak))}.`,
      limits: { levels: limits, top: scale.to },
      hover: hoverColumns(lines, duration),
    },
    (plot) => stepLines(plot, drawn),
  );
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The thresholds on IteratorAge, as levels in milliseconds. */
function iteratorAgeLimits(summary: Summary): Limit[] {
  const limits: Limit[] = [];
  for (const { metric, expression } of summary.thresholds) {
    const selector = /^IteratorAge(?:\{(.*)\})?$/.exec(metric);
    const bound = /([<>]=?|[=!]=)\s*([\d.]+)\s*(ms|s|m|h|d)$/.exec(expression.trim());
    if (selector === null || bound === null) continue;
    const value = Number(bound[2]) * MILLISECONDS[bound[3]!]!;
    const where = selector[1] === undefined ? '' : ` (${selector[1].replace(/^\w+:/, '')})`;
    limits.push({ value, label: `threshold ${expression}${where}` });
  }
  return limits;
}
