import type { Summary } from '../summary.ts';
import { counted, period } from '../words.ts';
import type { ChartOptions, ChartSpec } from './chart-options.ts';
import { sampledLines } from './lines.ts';
import type { ShardLife } from './lives.ts';
import { chartOverTime } from './over-time.ts';
import { byShard, hoverColumns, shardLines } from './shard-lines.ts';
import { theme } from './theme.ts';
import { timeRange } from './time-range.ts';
import { numberScale } from './units.ts';

/** Records arrived and not yet settled at the end of each period, a line a shard. */
export function backlogChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const lines = shardLines(summary, timeRange(summary, options), colours, ({ backlog }, life) =>
    whileThere(backlog, life, summary.series.periodSeconds),
  );
  const { drawn } = lines;
  const arrived = Object.values(summary.mappings).some((mapping) => mapping.records.arrived > 0);
  return chartOverTime(
    summary,
    options,
    {
      title: `Backlog ${byShard(lines)}, at the end of each ${period(summary.series.periodSeconds)}`,
      kind: 'lines',
      entries: lines.entries,
      y: {
        title: 'Records arrived and not settled',
        scale: numberScale(1.03 * Math.max(0, lines.peak), { whole: true }),
      },
      empty: lines.peak === Number.NEGATIVE_INFINITY || !arrived ? 'No records, so no backlog' : null,
      facts: `${drawn.length === 1 ? 'One line' : `${drawn.length} lines`}; the highest, ${lines.peakName}, reaches ${counted(Math.max(0, lines.peak), 'record')}.`,
      hover: hoverColumns(lines, records),
    },
    (plot) => sampledLines(plot, drawn),
  );
}

/** From when the shard opens until it is closed and all of its records are settled: before and after, it has no backlog to show. */
function whileThere(backlog: readonly number[], { from, to, isOpen }: ShardLife, length: number): (number | null)[] {
  const settled = isOpen ? -1 : backlog.findIndex((records, index) => (index + 1) * length >= to && records === 0);
  return backlog.map((records, index) => {
    const isThere = (index + 1) * length >= from && (settled < 0 || index <= settled);
    return isThere || records > 0 ? records : null;
  });
}

function records(value: number): string {
  return counted(value, 'record');
}
