import { parse as parseCsv } from 'csv-parse/browser/esm/sync';
import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import type { Issue } from './issue.ts';
import { didYouMean } from './issue.ts';
import { durationOf } from './quantity.ts';
import type { ListedRecords } from './scenario.ts';
import { wallTimeOf } from './wall-time.ts';

/** Something wrong in a file that a scenario names, at a place in that file. */
export class TraceFileError extends Error {
  readonly issue: Issue;

  constructor(issue: Omit<Issue, 'severity' | 'path'>) {
    super(issue.message);
    this.issue = { ...issue, severity: 'error', path: '' };
  }
}

export interface Counts {
  readonly period: Duration;
  /** In order, the first at 0. */
  readonly starts: readonly Instant[];
  readonly counts: readonly number[];
}

interface Row {
  readonly at: number;
  readonly value: number;
}

/** A CSV file of counts by period: t = 0 is the earliest row, rows may be in any order. */
export function countsOfCsv(
  file: string,
  text: string,
  columns: { time: string; value: string; period: Duration | null; scale: number },
): Counts {
  const table = readTable(file, text, [columns.time, columns.value]);
  const rows = table.rows.map((row): Row => {
    const at = table.time(row, columns.time);
    const cell = row.cells[columns.value]!;
    const value = Number(cell);
    if (cell.trim() === '' || !Number.isFinite(value) || value < 0) {
      table.fail(row, columns.value, `'${cell}' in column ${columns.value} is no count; expected a number from 0 up`);
    }
    return { at, value };
  });
  return countsOf(rows, columns, () =>
    table.failAt(1, 'there is one row only, so its period must be given; expected period: 5m or the like'),
  );
}

/** A CSV file with one record a row: t = 0 is the whole second of the earliest. */
export function recordsOfCsv(
  file: string,
  text: string,
  columns: { time: string; key: string | null; bytes: string | null },
): ListedRecords {
  const names = [columns.time, columns.key, columns.bytes].filter((name) => name !== null);
  const table = readTable(file, text, names);
  const rows = table.rows.map((row) => ({ row, at: table.time(row, columns.time) })).sort((a, b) => a.at - b.at);
  const start = Math.floor(rows[0]!.at / SECOND) * SECOND;
  const bytesOf = (row: TableRow, column: string) => {
    const bytes = Number(row.cells[column]);
    if (Number.isInteger(bytes) && bytes >= 0) return bytes;
    return table.fail(
      row,
      column,
      `'${row.cells[column]}' in column ${column} is no size; expected a whole number of bytes`,
    );
  };
  return {
    times: rows.map(({ at }) => at - start),
    keys: columns.key === null ? null : rows.map(({ row }) => row.cells[columns.key!]!),
    bytes: columns.bytes === null ? null : rows.map(({ row }) => bytesOf(row, columns.bytes!)),
    shards: null,
  };
}

/** Values to draw from, one a line; a first line that is none may be a heading. In milliseconds or bytes, without a unit. */
export function valuesOf(file: string, text: string, readValue: (text: string) => number | null): number[] {
  const values: number[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const word = line.split(',')[0]!.trim();
    if (word === '') return;
    const value = readValue(word);
    if (value !== null) values.push(value);
    else if (index > 0) {
      throw new TraceFileError({ file, line: index + 1, column: 1, message: `'${word}' is no value`, excerpt: line });
    }
  });
  if (values.length === 0) {
    throw new TraceFileError({
      file,
      line: 1,
      column: 1,
      message: 'holds no values; expected one a line',
      excerpt: '',
    });
  }
  return values.sort((a, b) => a - b);
}

const COUNTED: ReadonlySet<string> = new Set([
  'IncomingRecords',
  'GetRecords.Records',
  'PutRecord.Success',
  'PutRecords.SuccessfulRecords',
  'PutRecords.Records',
  'PutRecords.TotalRecords',
]);

/** An answer of CloudWatch's get-metric-data or get-metric-statistics, datapoints in any order. */
export function countsOfCloudWatch(
  file: string,
  text: string,
  options: { metric: string; period: Duration | null; scale: number },
): Counts {
  const fail = (message: string): never => {
    throw new TraceFileError({ file, line: 1, column: 1, message, excerpt: text.split('\n', 1)[0] ?? '' });
  };
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    return fail(`is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { MetricDataResults, Datapoints, Label } = answer as Record<string, unknown>;
  const points: { at: unknown; value: unknown }[] = [];
  if (Array.isArray(MetricDataResults)) {
    const results = MetricDataResults as { Id?: string; Label?: string; Timestamps?: unknown[]; Values?: unknown[] }[];
    const labels = results.map((result) => result.Label ?? result.Id ?? '');
    const result = results.find(({ Id, Label: label }) => label === options.metric || Id === options.metric);
    if (result === undefined)
      return fail(
        `holds no metric '${options.metric}'; it holds ${labels.join(', ')}${didYouMean(options.metric, labels)}`,
      );
    result.Timestamps?.forEach((at, i) => {
      points.push({ at, value: result.Values?.[i] });
    });
  } else if (Array.isArray(Datapoints)) {
    const [first = {}] = Datapoints as Record<string, unknown>[];
    const statistic = Object.keys(first).find((key) => key !== 'Timestamp' && key !== 'Unit') ?? 'no statistic';
    const described = `${String(Label)} (${statistic}, ${String(first.Unit ?? 'no unit')})`;
    if (Label !== options.metric) return fail(`holds ${described}, not ${options.metric}`);
    if (!('Sum' in first) || first.Unit !== 'Count')
      return fail(`holds ${described}; expected the Sum of records, in Count`);
    for (const point of Datapoints as Record<string, unknown>[]) points.push({ at: point.Timestamp, value: point.Sum });
  } else
    return fail('is no answer of get-metric-data or get-metric-statistics; expected MetricDataResults or Datapoints');
  if (!COUNTED.has(options.metric))
    return fail(`${options.metric} does not count records; expected ${[...COUNTED].join(', ')}`);
  const rows = points.map(({ at, value }): Row => {
    const time = wallTimeOf(String(at));
    if (time === null) return fail(`'${String(at)}' is no time`);
    if (typeof value !== 'number' || value < 0) return fail(`'${String(value)}' is no count`);
    return { at: time, value };
  });
  if (rows.length === 0) return fail(`${options.metric} has no datapoints`);
  return countsOf(rows, options, () => fail('there is one datapoint only, so its period must be given'));
}

function countsOf(
  rows: readonly Row[],
  { period, scale }: { period: Duration | null; scale: number },
  failWithoutPeriod: () => never,
): Counts {
  const ordered = [...rows].sort((a, b) => a.at - b.at);
  const start = ordered[0]!.at;
  let step = Number.POSITIVE_INFINITY;
  for (const [i, row] of ordered.entries()) {
    const gap = i === 0 ? 0 : row.at - ordered[i - 1]!.at;
    if (gap > 0) step = Math.min(step, gap);
  }
  if (period === null && !Number.isFinite(step)) failWithoutPeriod();
  return {
    period: period ?? step,
    starts: ordered.map(({ at }) => at - start),
    counts: ordered.map(({ value }) => Math.round(value * scale)),
  };
}

interface TableRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

function readTable(file: string, text: string, columns: readonly string[]) {
  const lines = text.split(/\r?\n/);
  const failAt = (line: number, message: string, column = 1): never => {
    throw new TraceFileError({ file, line, column, message, excerpt: lines[line - 1] ?? '' });
  };
  let parsed: { record: string[]; info: { lines: number } }[];
  try {
    parsed = parseCsv(text, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as typeof parsed;
  } catch (error) {
    const { lines: line = 1 } = error as { lines?: number };
    return failAt(line, error instanceof Error ? error.message : String(error));
  }
  const header = parsed[0]?.record ?? [];
  for (const column of columns) {
    if (header.includes(column)) continue;
    failAt(1, `has no column '${column}'; its columns are ${header.join(', ')}${didYouMean(column, header)}`);
  }
  if (parsed.length < 2) failAt(1, 'has no rows');
  const places = columns.map((column) => header.indexOf(column));
  const fail = (row: TableRow, column: string, message: string): never => {
    const cells = (lines[row.line - 1] ?? '').split(',');
    const before = cells.slice(0, header.indexOf(column)).join(',').length;
    return failAt(row.line, message, before + (header.indexOf(column) > 0 ? 2 : 1));
  };
  const rows = parsed.slice(1).map(({ record, info }): TableRow => {
    const cells = Object.fromEntries(columns.map((column, i) => [column, record[places[i]!] ?? '']));
    return { line: info.lines, cells };
  });
  const time = (row: TableRow, column: string): number => {
    const cell = row.cells[column]!;
    return (
      wallTimeOf(cell) ??
      fail(row, column, `'${cell}' in column ${column} is no time; expected one such as 2026-01-05T09:00:00Z`)
    );
  };
  return { rows, fail, failAt, time };
}

/** A duration of a file of durations: milliseconds, or with a unit. */
export function durationValue(text: string): number | null {
  const bare = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : null;
  return bare ?? durationOf(text);
}
