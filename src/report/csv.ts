import { isoTime } from '../kernel/calendar.ts';
import { SECOND } from '../kernel/time.ts';
import { wallTimeOf } from '../scenario/wall-time.ts';
import type { MetricSeries, Summary } from './summary.ts';

/**
 * The series as CSV (RFC 4180): a row a period with its start, as UTC and in seconds since the start of the run, and a
 * column for each statistic, named as in `AWS/Lambda IteratorAge{FunctionName=enrich} Maximum (Milliseconds)`. A period
 * without samples has an empty field. The last column is the cost of a month, known in the last row alone (C1).
 */
export function seriesCsv({ series, cost }: Summary): string {
  const columns = series.metrics.flatMap((metric) =>
    Object.entries(metric.Statistics).map(([statistic, values]) => ({ name: columnName(metric, statistic), values })),
  );
  const periods = Math.max(0, ...columns.map(({ values }) => values.length));
  if (cost !== undefined && periods > 0) {
    const values = Array.from({ length: periods }, (_, period) => (period === periods - 1 ? cost.perMonth : null));
    columns.push({ name: `shardclock cost.month (${cost.currency})`, values });
  }
  const start = wallTimeOf(series.start)!;
  const rows = Array.from({ length: periods }, (_, period) => {
    const seconds = period * series.periodSeconds;
    const time = isoTime(start + Math.round(seconds * SECOND));
    return [time, seconds, ...columns.map(({ values }) => values[period] ?? null)];
  });
  return csvOf([['time', 'seconds', ...columns.map(({ name }) => name)], ...rows]);
}

/** Rows as RFC 4180 has them; null is an empty field. */
export function csvOf(rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  return rows.map((row) => `${row.map((value) => field(String(value ?? ''))).join(',')}\r\n`).join('');
}

function columnName({ Namespace, MetricName, Dimensions, Unit }: MetricSeries, statistic: string): string {
  const dimensions = Object.entries(Dimensions).map(([name, value]) => `${name}=${value}`);
  return `${Namespace} ${MetricName}{${dimensions.join(',')}} ${statistic} (${Unit})`;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
