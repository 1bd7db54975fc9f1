import type { Duration, Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import { columnOf, readCsv } from './csv-table.ts';
import type { NamedFile } from './named-file.ts';
import { durationOf, sizeOf } from './quantity.ts';
import { rowPeriod } from './row-period.ts';
import type { ListedRecords } from './scenario.ts';

export interface Counts {
  readonly period: Duration;
  /** In order, the first at 0. */
  readonly starts: readonly Instant[];
  readonly counts: readonly number[];
}

export interface CountRow {
  /** Microseconds since the Unix epoch. */
  readonly at: number;
  /** Of records, before the scale. */
  readonly value: number;
}

export interface CountOptions {
  /** Null: as the times of the rows have it. */
  readonly period: Duration | null;
  readonly scale: number;
}

/** Of one row; the fastest stream there is takes a day for it. */
export const MOST_RECORDS = 1e12;

/** A CSV file of counts by period: t = 0 is the earliest row, rows may be in any order. Null where it is wrong. */
export function countsOfCsv(
  file: NamedFile,
  columns: { time: string; value: string },
  options: CountOptions,
): Counts | null {
  const table = readCsv(file, [columns.time, columns.value]);
  if (table === null) return null;
  const rows: CountRow[] = [];
  for (const row of table.rows) {
    const at = table.time(row, columns.time);
    const cell = row.cells[columns.value]!;
    const value = cell === '' ? Number.NaN : Number(cell);
    if (!(value >= 0 && value * options.scale <= MOST_RECORDS)) {
      table.report(row, columns.value, `'${cell}' is no count of records; expected a number from 0 up`);
    } else if (at !== null) rows.push({ at, value });
  }
  return file.issues.length > 0 ? null : countsOf(file, rows, options);
}

/** Rows from the Unix epoch on, in any order, as counts from the first row on. Null where their period is not known. */
export function countsOf(file: NamedFile, rows: readonly CountRow[], options: CountOptions): Counts | null {
  const ordered = [...rows].sort((a, b) => a.at - b.at);
  const start = ordered[0]!.at;
  const period = options.period ?? rowPeriod(ordered.map(({ at }) => at));
  if (period === null) {
    file.report({ line: 1, column: 1 }, 'all rows have one time, so what they stand for must be given: period: 5m');
    return null;
  }
  return {
    period,
    starts: ordered.map(({ at }) => at - start),
    counts: ordered.map(({ value }) => Math.round(value * options.scale)),
  };
}

/** A CSV file with one record a row: t = 0 is the whole second of the earliest. Null where it is wrong. */
export function recordsOfCsv(
  file: NamedFile,
  columns: { time: string; key: string | null; bytes: string | null; data: string | null },
): ListedRecords | null {
  const names = [columns.time, columns.key, columns.bytes, columns.data].filter((name) => name !== null);
  const table = readCsv(file, names);
  if (table === null) return null;
  const rows = table.rows.map((row) => {
    const key = columns.key === null ? null : row.cells[columns.key]!;
    if (key !== null && (key === '' || Array.from(key).length > 256)) {
      table.report(row, columns.key!, `'${key}' is no partition key; expected 1 to 256 characters`);
    }
    const cell = columns.bytes === null ? null : row.cells[columns.bytes]!;
    const bytes = cell === null ? null : sizeValue(cell);
    if (cell !== null && bytes === null) {
      table.report(row, columns.bytes!, `'${cell}' is no size of a record; expected a number of bytes`);
    }
    const data = columns.data === null ? null : row.cells[columns.data]!;
    return { at: table.time(row, columns.time), key, bytes, data };
  });
  if (file.issues.length > 0) return null;
  rows.sort((a, b) => a.at! - b.at!);
  const start = Math.floor(rows[0]!.at! / SECOND) * SECOND;
  return {
    times: rows.map(({ at }) => at! - start),
    keys: columns.key === null ? null : rows.map(({ key }) => key),
    bytes: columns.bytes === null ? null : rows.map(({ bytes }) => Math.round(bytes!)),
    shards: null,
    data: columns.data === null ? null : rows.map(({ data }) => data!),
  };
}

/** Values to draw from. */
export interface FileValues {
  /** In order. */
  readonly values: readonly number[];
  /** What a header calls them and what stands beside them; empty without one. */
  readonly columns: readonly string[];
}

/**
 * Values to draw from, one a line. A first line that is none may be a header; where it names several columns, the first
 * holds the values. Null where the file is wrong.
 */
export function valuesOf(file: NamedFile, read: (text: string) => number | null): FileValues | null {
  const values: number[] = [];
  let columns: readonly string[] = [];
  let isFirst = true;
  file.text.split(/\r?\n/).forEach((line, index) => {
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.every((cell) => cell === '')) return;
    const word = cells[0]!;
    const value = read(word);
    if (value === null && isFirst && isName(word)) columns = cells;
    else if (value === null) file.report({ line: index + 1, column: 1 }, `'${word}' is no value; expected a number`);
    else if (hasNoOther(file, { index, line, cells }, Math.max(1, columns.length))) values.push(value);
    isFirst = false;
  });
  if (values.length === 0 && file.issues.length === 0)
    file.report({ line: 1, column: 1 }, 'no values; expected one a line');
  return file.issues.length > 0 ? null : { values: values.sort((a, b) => a - b), columns };
}

/** What a header may begin with: numbers are misread values rather than names. */
function isName(word: string): boolean {
  return !/^[-+.]?\d/.test(word);
}

/** Whether a line ends after so many cells; `5,120` may be two values as well as one with a comma for its point. */
function hasNoOther(
  file: NamedFile,
  { index, line, cells }: { readonly index: number; readonly line: string; readonly cells: readonly string[] },
  most: number,
): boolean {
  const other = cells.findIndex((cell, place) => place >= most && cell !== '');
  if (other < 0) return true;
  const cell = columnOf(line, other);
  const column = cell + /^\s*/.exec(line.slice(cell - 1))![0].length;
  const expected =
    most === 1 ? 'expected one value a line, decimals with a point' : `expected ${most} cells, as the header has`;
  file.report({ line: index + 1, column }, `'${cells[other]}' is one too many; ${expected}`);
  return false;
}

/** A duration of a file: milliseconds, or with a unit. */
export function durationValue(text: string): number | null {
  return durationOf(/^\d+(\.\d+)?$/.test(text) ? `${text}ms` : text);
}

/** A size of a file: bytes, or with a unit. */
export function sizeValue(text: string): number | null {
  return sizeOf(/^\d+(\.\d+)?$/.test(text) ? `${text}B` : text);
}
