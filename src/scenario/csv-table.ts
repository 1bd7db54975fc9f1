import { parse as parseCsv } from 'csv-parse/browser/esm/sync';
import { didYouMean } from './issue.ts';
import type { NamedFile } from './named-file.ts';
import { wallTimeOf } from './wall-time.ts';

/** Some columns of a CSV file with a header. */
export interface CsvTable {
  readonly rows: readonly CsvRow[];
  /** Says that a cell is wrong. */
  report(row: CsvRow, column: string, message: string): void;
  /** Microseconds since the Unix epoch; null, and reported, where a cell holds no time. */
  time(row: CsvRow, column: string): number | null;
}

interface CsvRow {
  readonly line: number;
  /** By column, without blanks around. */
  readonly cells: Readonly<Record<string, string>>;
}

/** Null, and reported, where the file is no such table or has no rows. */
export function readCsv(file: NamedFile, columns: readonly string[]): CsvTable | null {
  const records = recordsOf(file);
  if (records === null) return null;
  const [header, ...body] = records;
  if (header === undefined) {
    file.report({ line: 1, column: 1 }, `is empty; expected a header with ${columns.join(', ')}`);
    return null;
  }
  const names = header.cells.map((name) => name.trim());
  if (!hasColumns(file, header.line, names, columns)) return null;
  if (body.length === 0) {
    file.report({ line: header.line, column: 1 }, 'no rows below the header');
    return null;
  }
  const places = columns.map((column) => names.indexOf(column));
  const rows = body.map(({ line, cells }): CsvRow => {
    reportOthers(file, { line, cells }, names.length);
    return { line, cells: Object.fromEntries(columns.map((column, i) => [column, cells[places[i]!]?.trim() ?? ''])) };
  });
  return {
    rows,
    report,
    time: (row, column) => {
      const cell = row.cells[column]!;
      const time = wallTimeOf(cell);
      if (time === null) report(row, column, `'${cell}' is no time; expected one such as 2026-01-05T09:00:00Z`);
      return time;
    },
  };

  function report(row: CsvRow, column: string, message: string): void {
    const place = { line: row.line, column: columnOf(file.line(row.line), names.indexOf(column)) };
    file.report(place, `${column}: ${message}`);
  }
}

/** Each column once: which of two is meant nobody can tell. */
function hasColumns(file: NamedFile, line: number, names: readonly string[], columns: readonly string[]): boolean {
  let isRight = true;
  for (const column of new Set(columns)) {
    const first = names.indexOf(column);
    const second = names.indexOf(column, first + 1);
    if (first >= 0 && second < 0) continue;
    isRight = false;
    const place = { line, column: first < 0 ? 1 : columnOf(file.line(line), second) };
    const known = `; the columns are ${names.join(', ')}`;
    const message =
      first < 0
        ? `no column '${column}'${known}${didYouMean(column, names)}`
        : `a second column '${column}'${known}; expected it once`;
    file.report(place, message);
  }
  return isRight;
}

/** A row with more cells than columns: a comma too many moves what it should hold. */
function reportOthers(file: NamedFile, { line, cells }: CsvRecord, most: number): void {
  const other = cells.findIndex((cell, place) => place >= most && cell.trim() !== '');
  if (other < 0) return;
  const message = `'${cells[other]!.trim()}' has no column; expected at most ${most} cells, as the header has, those with a comma in quotes`;
  file.report({ line, column: columnOf(file.line(line), other) }, message);
}

interface CsvRecord {
  /** Of its last character, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

function recordsOf(file: NamedFile): CsvRecord[] | null {
  const records: CsvRecord[] = [];
  try {
    parseCsv(file.text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], { lines }) => {
        records.push({ line: lines, cells });
        return null;
      },
    });
  } catch (error) {
    const { lines } = error as { lines?: number };
    const message = error instanceof Error ? error.message.replace(/ (at|on) line \d+/g, '') : String(error);
    file.report({ line: lines ?? 1, column: 1 }, message);
    return null;
  }
  return records;
}

/** Where a field of a line begins, from 1; quotes may hold commas. */
export function columnOf(line: string, field: number): number {
  let isQuoted = false;
  let left = field;
  for (let i = 0; i < line.length && left > 0; i++) {
    if (line[i] === '"') isQuoted = !isQuoted;
    else if (line[i] === ',' && !isQuoted && --left === 0) return i + 2;
  }
  return field === 0 ? 1 : line.length + 1;
}
