import { COST_ITEMS } from './cost/items.ts';
import {
  bindsFirst,
  costItems,
  costWords,
  limitWords,
  loadsOf,
  measuredWords,
  type PlacedLoad,
  pricesWords,
  provisionedWords,
  worstWords,
} from './phrases.ts';
import type { FunctionSummary, StreamSummary, Summary, ThresholdResult } from './summary.ts';
import { type Line, layOutText, line, printable, table, textColumns } from './text-layout.ts';
import { mappingSections } from './text-mappings.ts';
import { failsByTimeout } from './timeouts.ts';
import { allOf, at, bytes, counted, decimal, money, percent, seconds, shardName, whole } from './words.ts';

export interface TextOptions {
  /** Columns, at least 40; default 80. Only a word of the command may be wider, so that it can be copied. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
  /** What repeats the run, as one types it. */
  readonly command?: string | undefined;
}

const NARROWEST = 40;
const DEFAULT_WIDTH = 80;
const MOST_ROWS = 12;
const MOST_WARNINGS = 10;
/** Limits of which less than this was ever used are left out, except each owner's fullest. */
const WORTH_TELLING = 0.1;

/** The summary as a terminal shows it: what matters first, at most `width` columns, each line ended. */
export function summaryText(summary: Summary, options: TextOptions = {}): string {
  const width = Math.max(NARROWEST, Math.floor(options.width ?? DEFAULT_WIDTH));
  const sections: readonly (readonly Line[])[] = [
    headline(summary),
    thresholds(summary, width),
    limits(summary, width),
    ...mappingSections(summary, width),
    streams(summary, width),
    functions(summary, width),
    cost(summary),
    warnings(summary),
    [line(`Digest  ${summary.digest}`, { tone: 'quiet', hang: 8 })],
  ];
  const lines = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [line(''), ...section]));
  return layOutText(lines, { width, color: options.color ?? false }) + repeatLines(options.command, width);
}

function headline({ scenario, measured, partial }: Summary): Line[] {
  const facts = [
    `${seconds(measured.toSeconds)} simulated`,
    ...(measured.fromSeconds > 0 ? [`the first ${seconds(measured.fromSeconds)} not counted`] : []),
    `seed ${scenario.seed}`,
  ];
  return [
    line(scenario.name, { tone: 'heading', hang: 0 }),
    line(facts.join(', '), { hang: 2 }),
    ...(partial ? [line('! Interrupted: this is a part of the run.', { tone: 'warning', hang: 2 })] : []),
  ];
}

function thresholds(summary: Summary, width: number): Line[] {
  const results = summary.thresholds;
  if (results.length === 0) return [line('No thresholds set.')];
  const missed = results.filter(({ ok }) => !ok).length;
  const title =
    missed === 0
      ? `Thresholds: ${results.length === 1 ? 'met' : `${allOf(results.length)} met`}`
      : `Thresholds: ${missed} of ${results.length} not met`;
  const places = results.map((result) => worstWords(result, summary));
  const rows = table(
    results.map((result) => [thresholdName(result), measuredWords(result)]),
    { columns: [{}, { align: 'right' }], width },
  );
  const isBeside = rows.every((row, index) => textColumns(`${row}  ${printable(places[index]!)}`) <= width);
  return [
    line(title, { tone: 'heading' }),
    ...rows.flatMap((row, index) => {
      const { ok } = results[index]!;
      const place = places[index]!;
      const judged = line(isBeside && place !== '' ? `${row}  ${place}` : row, { tone: ok ? 'good' : 'bad', hang: 6 });
      return isBeside || place === '' ? [judged] : [judged, line(`    at worst: ${place}`, { hang: 6 })];
    }),
  ];
}

function thresholdName({ ok, metric, expression }: ThresholdResult): string {
  return `${ok ? '✓' : '✗'} ${metric} ${expression}`;
}

/** M3a. */
function limits(summary: Summary, width: number): Line[] {
  const first = bindsFirst(summary);
  if (first === null) return [];
  const all = loadsOf(summary).filter(isWorthTelling);
  const shown = all.length <= MOST_ROWS ? all : [...all].sort((a, b) => fullest(b) - fullest(a)).slice(0, MOST_ROWS);
  const rest = all.filter((one) => !shown.includes(one));
  const ordered = all.filter((one) => shown.includes(one));
  const isByShard = ordered.some(({ load }) => load.worstShardId !== null);
  const header = ['', isByShard ? 'worst' : 'mean', '', isByShard ? 'median' : '', 'peak', ''];
  const rows = table([header, ...ordered.map(limitCells)], {
    columns: [{}, { align: 'right' }, {}, { align: 'right' }, { align: 'right' }, {}],
    width: width - 2,
  });
  return [
    line(`What binds first: ${first}`, { tone: 'heading' }),
    line(`  ${rows[0]}`, { tone: 'quiet' }),
    ...ordered.flatMap(({ owner }, index) => [
      ...(ordered[index - 1]?.owner === owner ? [] : [line(`  ${owner}`)]),
      line(`  ${rows[index + 1]}`, { hang: 6 }),
    ]),
    ...(rest.length === 0
      ? []
      : [line(`  … and ${whole(rest.length)} more, none above ${percent(Math.max(...rest.map(fullest)))}`)]),
  ];
}

function limitCells({ name, load }: PlacedLoad): string[] {
  const { worst, worstShardId, median, peak, peakAtSeconds } = load;
  return [
    limitWords(name, load),
    percent(worst),
    worstShardId === null ? '' : shardName(worstShardId),
    worstShardId === null ? '' : percent(median),
    percent(peak),
    peakAtSeconds === null ? '' : at(peakAtSeconds),
  ];
}

function isWorthTelling({ owner, load }: PlacedLoad, index: number, all: readonly PlacedLoad[]): boolean {
  const isFirst = all[index - 1]?.owner !== owner;
  return (isFirst && load.worst > 0) || Math.max(load.worst, load.peak) >= WORTH_TELLING;
}

function fullest({ load }: PlacedLoad): number {
  return Math.max(load.worst, load.peak);
}

function streams(summary: Summary, width: number): Line[] {
  return proseTable('Streams', Object.entries(summary.streams), {
    words: streamWords,
    isTrouble: ({ writeThrottled, lostAtWrite }) => writeThrottled + lostAtWrite > 0,
    width,
  });
}

function streamWords(stream: StreamSummary): string {
  const { recordsOffered, recordsPut, bytesPut, writeThrottled, lostAtWrite } = stream;
  if (recordsOffered === 0) return 'no records offered';
  const put =
    recordsPut === recordsOffered
      ? `${counted(recordsPut, 'record')} put (${bytes(bytesPut)}), all that were offered`
      : `${counted(recordsOffered, 'record')} offered, ${whole(recordsPut)} put (${bytes(bytesPut)})`;
  const waiting = recordsOffered - recordsPut - lostAtWrite; // between two tries when the run ends
  return [
    put,
    ...(lostAtWrite > 0 ? [`${whole(lostAtWrite)} lost at write`] : []),
    ...(waiting > 0 ? [`${whole(waiting)} still to be put`] : []),
    ...(writeThrottled > 0 ? [`${counted(writeThrottled, 'put')} throttled`] : []),
    ...shardCounts(stream),
  ].join(', ');
}

/** How many shards were open, where that changed (K6, K7). */
function shardCounts({ shards }: StreamSummary): string[] {
  const all = Object.values(shards);
  const changes = [...new Set(all.map(({ openedAtSeconds }) => openedAtSeconds))].sort((a, b) => a - b);
  if (changes.length < 2) return [];
  const counts = changes.map(
    (at) =>
      all.filter(
        ({ openedAtSeconds, closedAtSeconds }) =>
          openedAtSeconds <= at && (closedAtSeconds === null || closedAtSeconds > at),
      ).length,
  );
  const between = counts.length > 4 ? [counts[0]!, '…', Math.max(...counts), '…', counts.at(-1)!] : counts;
  return [`${between.join(' → ')} shards`];
}

function functions(summary: Summary, width: number): Line[] {
  return proseTable('Functions', Object.entries(summary.functions), {
    words: (target, name) => functionWords(target, failsByTimeout(summary, name)),
    isTrouble: ({ errors, throttles }) => errors + throttles > 0,
    width,
  });
}

function functionWords(target: FunctionSummary, byTimeout: boolean): string {
  const { invocations, errors, throttles, coldStarts, concurrency, provisionedConcurrency: provisioned } = target;
  const parts = [
    invocations === 0 ? 'no invocations' : counted(invocations, 'invocation'),
    ...(errors > 0 ? [`${counted(errors, 'error')}${byTimeout ? ' (timeouts)' : ''}`] : []),
    ...(throttles > 0 ? [counted(throttles, 'throttle')] : []),
    ...(coldStarts > 0 ? [counted(coldStarts, 'cold start')] : []),
  ].join(', ');
  if (invocations === 0) return `${parts}; concurrency limit ${whole(concurrency.limit)}`;
  const { mean, max, limit } = concurrency;
  const all = `${parts}; concurrency ${decimal(mean)} on average, at most ${whole(max)} of ${whole(limit)}`;
  return provisioned === undefined ? all : `${all}; ${provisionedWords(provisioned)}`;
}

/** A name and what there is to say of it; of many, those in trouble and then the first. */
function proseTable<T>(
  title: string,
  entries: readonly (readonly [string, T])[],
  telling: { words: (one: T, name: string) => string; isTrouble: (one: T) => boolean; width: number },
): Line[] {
  if (entries.length === 0) return [];
  const { words, isTrouble, width } = telling;
  const ranked = [
    ...entries.filter(([, one]) => isTrouble(one)),
    ...entries.filter(([, one]) => !isTrouble(one)),
  ].slice(0, MOST_ROWS);
  const shown = entries.length <= MOST_ROWS ? entries : ranked;
  const names = table(
    shown.map(([name]) => [name]),
    { columns: [{ shrinks: true }], width: Math.floor(width / 2) },
  );
  const column = Math.max(...names.map(textColumns)) + 2;
  const left = entries.length - shown.length;
  return [
    line(title, { tone: 'heading' }),
    ...shown.map(([name, one], index) =>
      line(`${names[index]!}${' '.repeat(column - textColumns(names[index]!))}${words(one, name)}`, { hang: column }),
    ),
    ...(left > 0 ? [line(`  … and ${whole(left)} more`)] : []),
  ];
}

/** C1, C2 */
function cost(summary: Summary): Line[] {
  const { cost } = summary;
  if (cost === undefined) return [];
  const items = costItems(cost).map((name) => `${money(cost.items[name], cost.currency)} ${COST_ITEMS[name].words}`);
  return [
    line(`Cost: ${costWords(cost, summary)}`, { tone: 'heading' }),
    ...(items.length === 0 ? [] : [line(`  by ${pricesWords(cost)}: ${items.join(', ')}`)]),
  ];
}

function warnings(summary: Summary): Line[] {
  const all = summary.warnings;
  const left = all.length - MOST_WARNINGS;
  return [
    ...all.slice(0, MOST_WARNINGS).map((warning) => line(`! ${warning}`, { tone: 'warning', hang: 2 })),
    ...(left > 0 ? [line(`! ${counted(left, 'more warning')} in the result.`, { tone: 'warning', hang: 2 })] : []),
  ];
}

/** Broken between its words as a shell takes it, so that it can be copied and run. */
function repeatLines(command: string | undefined, width: number): string {
  if (command === undefined) return '';
  const label = 'Repeat  ';
  const indent = ' '.repeat(label.length);
  const lines: string[] = [];
  let current = label;
  for (const word of shellWords(command)) {
    const isFirst = current === label || current === indent;
    if (!isFirst && current.length + 1 + word.length + 2 > width) {
      lines.push(`${current} \\`);
      current = indent + word;
    } else current += isFirst ? word : ` ${word}`;
  }
  return [...lines, current].map((one) => `${one}\n`).join('');
}

/** Split at blanks outside quotes, the quotes kept. */
function shellWords(command: string): string[] {
  return command.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\]|['"\\])+/g) ?? [];
}
