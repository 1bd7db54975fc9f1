import type { Found, FoundRunTimes } from './found.ts';
import type { Place, SourceText, Tree } from './tree.ts';
import { placeAt } from './tree.ts';

/*
 * REPORT lines in whatever holds them: plain text, `aws logs tail`, payloads of a subscription, answers of
 * filter-log-events and get-query-results, exports, Lambda's logs in JSON. They are looked for in the text itself, where
 * blanks, tabs, `\t` and `\\t` separate the parts of a line.
 */

const GAP = String.raw`(?:[\s,"]|\\+[tnr])`;
const REPORT = new RegExp(
  String.raw`REPORT RequestId: ?([\w-]+)${GAP}+Duration: ?([\d.]+) ms${GAP}+Billed Duration: ?[\d.]+ ms((?:(?!REPORT RequestId|START RequestId)[^\r\n}]){0,600})`,
  'g',
);
const PLATFORM_REPORT = /"type"\s*:\s*"platform\.report"/g;
const LOG_GROUP = /\/aws\/lambda\/([\w-]+)/g;
const TIMED_OUT = /Task timed out after ([\d.]+) seconds/g;

export function holdsReports(text: string): boolean {
  return text.search(REPORT) >= 0 || text.search(PLATFORM_REPORT) >= 0;
}

interface Report {
  readonly offset: number;
  readonly duration: number;
  readonly coldStart: number | null;
  readonly memory: number | null;
  readonly status: 'error' | 'timeout' | null;
}

/** Reads the REPORT lines of a file into `found`, by function where it says which. */
export function readReports(source: SourceText, about: string | null, found: Found): void {
  const { text } = source;
  const groups = [...text.matchAll(LOG_GROUP)].map((match) => ({ offset: match.index, name: match[1]! }));
  const names = new Set(groups.map(({ name }) => name));
  const nameAt = (offset: number): string | null => {
    if (about !== null) return about;
    if (names.size <= 1) return groups[0]?.name ?? null;
    return groups.findLast((group) => group.offset < offset)?.name ?? groups[0]!.name;
  };
  const reports = [...reportsIn(text), ...platformReportsIn(text)].sort((a, b) => a.offset - b.offset);
  const timeouts = [...text.matchAll(TIMED_OUT)].map((match) => {
    return { offset: match.index, seconds: timeoutOf(Number(match[1])) };
  });
  for (const name of new Set(reports.map(({ offset }) => nameAt(offset)))) {
    const own = reports.filter(({ offset }) => nameAt(offset) === name);
    const timeout = timeouts.findLast(({ offset }) => nameAt(offset) === name);
    found.runTimes.push(runTimesOf(source, name, own, timeout));
  }
}

function runTimesOf(
  source: SourceText,
  about: string | null,
  reports: readonly Report[],
  timeout: { readonly offset: number; readonly seconds: number } | undefined,
): FoundRunTimes {
  const place = placeAt(source, reports[0]!.offset);
  const settings = new Map<string, Tree>();
  const last = reports.findLast(({ memory }) => memory !== null);
  if (last !== undefined)
    settings.set('MemorySize', valueAt(placeAt(source, last.offset), last.memory!, 'Memory Size'));
  const lastLate = reports.findLast(({ status }) => status === 'timeout');
  if (timeout !== undefined)
    settings.set('Timeout', valueAt(placeAt(source, timeout.offset), timeout.seconds, 'Task timed out'));
  else if (lastLate !== undefined)
    settings.set(
      'Timeout',
      valueAt(placeAt(source, lastLate.offset), timeoutOf(lastLate.duration / 1_000), 'Duration at a timeout'),
    );
  const limit = timeout?.seconds ?? Number.POSITIVE_INFINITY;
  const isLate = ({ status, duration }: Report) => status === 'timeout' || duration >= limit * 1_000;
  const ended = reports.filter((report) => !isLate(report));
  return {
    place,
    about,
    durations: ended.map(({ duration }) => duration),
    coldStarts: reports.flatMap(({ coldStart }) => coldStart ?? []),
    errors: ended.filter(({ status }) => status === 'error').length,
    timeouts: reports.filter(isLate).map(({ duration }) => duration),
    settings,
  };
}

/** The Timeout, which is in whole seconds: what is measured may be some hundredths more, as in 'after 3.01 seconds'. */
export function timeoutOf(seconds: number): number {
  return Math.max(1, Math.round(seconds));
}

function valueAt(place: Place, value: number, via: string): Tree {
  return { kind: 'value', value, place, via };
}

function reportsIn(text: string): Report[] {
  return [...text.matchAll(REPORT)].map((match) => {
    const rest = match[3]!;
    return {
      offset: match.index,
      duration: Number(match[2]),
      coldStart: numberIn(rest, /Init Duration: ?([\d.]+) ms/),
      memory: numberIn(rest, /Memory Size: ?(\d+) MB/),
      status: statusOf(/Status: ?(error|timeout)/.exec(rest)?.[1]),
    };
  });
}

function statusOf(word: string | undefined): Report['status'] {
  if (word === undefined) return null;
  return word === 'timeout' ? word : 'error';
}

function platformReportsIn(text: string): Report[] {
  return [...text.matchAll(PLATFORM_REPORT)].flatMap((match) => {
    const rest = restOfObject(text, match.index);
    // Sorted by their keys, an object ends with its type.
    const metrics = rest.includes('"durationMs"') ? rest : objectOfLine(text, match.index);
    const duration = numberIn(metrics, /"durationMs"\s*:\s*([\d.]+)/);
    if (duration === null) return [];
    return [
      {
        offset: match.index,
        duration,
        coldStart: numberIn(metrics, /"initDurationMs"\s*:\s*([\d.]+)/),
        memory: numberIn(metrics, /"memorySizeMB"\s*:\s*(\d+)/),
        status: statusOf(/"status"\s*:\s*"(failure|error|timeout)"/.exec(metrics)?.[1]),
      },
    ];
  });
}

/** From within a JSON object to its end; one that is cut off ends with its line. What follows is of something else. */
function restOfObject(text: string, from: number): string {
  const near = text.slice(from, from + LONGEST_OBJECT);
  let depth = 0;
  for (const { 0: part, index } of near.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (part === '{') depth++;
    else if (part === '}') depth--;
    if (depth < 0) return near.slice(0, index);
  }
  return near.split(/[\r\n]/, 1)[0]!;
}

/** The line that something stands in, if that is one object with one report in it; else nothing. */
function objectOfLine(text: string, from: number): string {
  const line = text.slice(text.lastIndexOf('\n', from) + 1).split(/[\r\n]/, 1)[0]!;
  return /^\s*\{"record"/.test(line) && line.match(PLATFORM_REPORT)?.length === 1 ? line : '';
}

const LONGEST_OBJECT = 4_000; // characters; a report takes some hundred

function numberIn(text: string, pattern: RegExp): number | null {
  const match = pattern.exec(text);
  return match === null ? null : Number(match[1]);
}
