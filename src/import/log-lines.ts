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
const PLATFORM_REPORT = /"type"\s*:\s*"platform\.report"(?:(?!"type"\s*:\s*"platform\.)[\s\S]){0,2000}/g;
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
  readonly hasFailed: boolean;
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
  const timeouts = [...text.matchAll(TIMED_OUT)].map((match) => ({ offset: match.index, seconds: Number(match[1]) }));
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
  if (timeout !== undefined) {
    const seconds = Math.ceil(timeout.seconds);
    settings.set('Timeout', valueAt(placeAt(source, timeout.offset), seconds, 'Task timed out'));
  }
  const failed = timeout === undefined ? () => false : ({ duration }: Report) => duration >= timeout.seconds * 1_000;
  return {
    place,
    about,
    durations: reports.map(({ duration }) => duration),
    coldStarts: reports.flatMap(({ coldStart }) => coldStart ?? []),
    // Those that ran into the timeout do so in a run as well: their durations say it.
    failures: reports.filter((report) => report.hasFailed && !failed(report)).length,
    settings,
  };
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
      hasFailed: /Status: ?(error|timeout)/.test(rest),
    };
  });
}

function platformReportsIn(text: string): Report[] {
  return [...text.matchAll(PLATFORM_REPORT)].flatMap((match) => {
    const [metrics] = match;
    const duration = numberIn(metrics, /"durationMs"\s*:\s*([\d.]+)/);
    if (duration === null) return [];
    return [
      {
        offset: match.index,
        duration,
        coldStart: numberIn(metrics, /"initDurationMs"\s*:\s*([\d.]+)/),
        memory: numberIn(metrics, /"memorySizeMB"\s*:\s*(\d+)/),
        hasFailed: /"status"\s*:\s*"(failure|error|timeout)"/.test(metrics),
      },
    ];
  });
}

function numberIn(text: string, pattern: RegExp): number | null {
  const match = pattern.exec(text);
  return match === null ? null : Number(match[1]);
}
