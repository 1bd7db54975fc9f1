import { AGE_CAUSES } from '../recording/causes.ts';
import {
  AGE_CAUSE_WORDS,
  backlogWords,
  balanceWords,
  behindTroubled,
  besidesBalance,
  laneOf,
  lostRecords,
  stallAfter,
  stallCauseWords,
  stallsByLength,
  throughputWords,
  toldVerdict,
  trendWords,
  windowWords,
} from './phrases.ts';
import type { MappingSummary, Spread, Summary } from './summary.ts';
import { type Line, line, table } from './text-layout.ts';
import { counted, decimal, duration, percent, seconds, whole } from './words.ts';

/** Up to so many mappings each have a section of their own; of more, only the worst. */
const MOST_DETAILED = 4;
const WORST_DETAILED = 3;
const MOST_ROWS = 12;
const MOST_STALLS = 5;

export type Named = readonly [name: string, mapping: MappingSummary];

/** What became of the records of each mapping: their figures, stalls, where the age came from, the trend. */
export function mappingSections(summary: Summary, width: number): Line[][] {
  const all = Object.entries(summary.mappings);
  const detailed = detailedMappings(summary);
  return [
    ...(detailed.length === all.length ? [] : [overview(all, width)]),
    ...detailed.map((mapping) => figures(mapping, summary, width)),
    stalls(summary, width),
    ...detailed.map((mapping) => breakdown(mapping, summary, width)),
    trends(all, summary),
  ];
}

/** All mappings, or the worst where they are many. */
export function detailedMappings(summary: Summary): Named[] {
  const all = Object.entries(summary.mappings);
  return all.length <= MOST_DETAILED ? all : [...all].sort(worstFirst).slice(0, WORST_DETAILED);
}

/** By what was lost, then by the largest iterator age, then as in the file. */
function worstFirst([, a]: Named, [, b]: Named): number {
  return lostRecords(b.records) - lostRecords(a.records) || (b.iteratorAgeMs.max ?? -1) - (a.iteratorAgeMs.max ?? -1);
}

/** A row a mapping. */
function overview(all: readonly Named[], width: number): Line[] {
  const shown = [...all].sort(worstFirst).slice(0, MOST_ROWS);
  const left = all.length - shown.length;
  const header = ['the worst first', 'IteratorAge p99', 'max', 'arrived', 'lost', 'pending'];
  const [headerRow, ...rows] = table(
    [
      header,
      ...shown.map(([name, { records, iteratorAgeMs }]) => [
        name,
        time(iteratorAgeMs.p99),
        time(iteratorAgeMs.max),
        whole(records.arrived),
        orNothing(lostRecords(records)),
        orNothing(records.pending),
      ]),
    ],
    { columns: header.map((_, index) => (index === 0 ? { shrinks: true } : { align: 'right' as const })), width },
  );
  return [
    line(counted(all.length, 'mapping'), { tone: 'heading' }),
    line(headerRow!, { tone: 'quiet' }),
    ...rows.map((row) => line(row)),
    ...(left > 0 ? [line(`  … and ${whole(left)} more`)] : []),
  ];
}

function figures([name, mapping]: Named, summary: Summary, width: number): Line[] {
  const state = mapping.state === 'Enabled' ? '' : `, ${mapping.state}`;
  const problem = mapping.lastProcessingResult.startsWith('PROBLEM')
    ? [line(`  last result: ${mapping.lastProcessingResult}`)]
    : [];
  const besides = besidesBalance(mapping.records);
  return [
    line(`${name}: ${mapping.stream} → ${mapping.function}${state}`, { tone: 'heading' }),
    ...problem,
    ...spreads(mapping, width),
    line(`  records  ${balanceWords(mapping.records)}`, { hang: 11 }),
    ...(besides === '' ? [] : [line(`           ${besides}`, { hang: 11 })]),
    ...(mapping.tumblingWindows === undefined
      ? []
      : [line(`  windows  ${windowWords(mapping.tumblingWindows)}`, { hang: 11 })]),
    ...(mapping.records.arrived > 0 ? [line(`  rate     ${throughputWords(mapping)}`, { hang: 11 })] : []),
    ...(mapping.backlog.max > 0 ? [line(`  backlog  ${backlogWords(mapping, summary)}`, { hang: 11 })] : []),
  ];
}

/** Percentiles beside each other, in further tables as they don't fit into one. */
function spreads(mapping: MappingSummary, width: number): Line[] {
  const { iteratorAgeMs, timeInSystemMs, batchSize, durationMs } = mapping;
  const rows: readonly (readonly [string, Spread, (value: number | null) => string])[] = [
    ['IteratorAge', iteratorAgeMs, time],
    ['time in system', timeInSystemMs, time],
    ['batch size', batchSize, amount],
    ['duration', durationMs, time],
  ];
  const sampled = rows.filter(([, spread]) => spread.count > 0);
  if (sampled.length === 0) return [line('  no invocation ended')];
  const columns = [...percentilesOf(iteratorAgeMs), 'max'];
  const each = Math.max(1, Math.floor((width - LABEL_COLUMNS) / FIGURE_COLUMNS));
  const lines: Line[] = [];
  for (let from = 0; from < columns.length; from += each) {
    const part = columns.slice(from, from + each) as readonly (keyof Spread)[];
    const [header, ...figures] = table(
      [
        ['', ...part.map(String)],
        ...sampled.map(([label, spread, say]) => [label, ...part.map((column) => say(spread[column] ?? null))]),
      ],
      { columns: [{}, ...part.map(() => ({ align: 'right' as const }))], width },
    );
    lines.push(line(header!, { tone: 'quiet' }), ...figures.map((row) => line(row)));
  }
  return lines;
}

/** Of a table of percentiles: its labels with their indent, and a figure as '59 m 59 s' with its distance. */
const LABEL_COLUMNS = 16;
const FIGURE_COLUMNS = 11;

/** 'p50', 'p90', 'p99' and further ones, ascending. */
export function percentilesOf(spread: Spread): string[] {
  return Object.keys(spread)
    .filter((key) => /^p[\d.]+$/.test(key))
    .sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}

/** M3. */
function stalls(summary: Summary, width: number): Line[] {
  const totals = Object.values(summary.mappings).map(({ stallsTotal }) => stallsTotal);
  const count = totals.reduce((sum, total) => sum + total.count, 0);
  if (count === 0) return [line(`No lane was stalled${stallAfter(summary)}.`)];
  const length = totals.reduce((sum, total) => sum + total.seconds, 0);
  const lost = totals.reduce((sum, total) => sum + total.recordsLost, 0);
  const header = ['', 'stalled for', 'from', 'because', 'held up', 'lost'];
  const longest = stallsByLength(summary).slice(0, MOST_STALLS);
  const [headerRow, ...rows] = table(
    [
      header,
      ...longest.map(({ mapping, stall, seconds: length }) => [
        laneOf(summary, mapping, stall),
        `${seconds(length)}${stall.endSeconds === null ? ', open' : ''}`,
        seconds(stall.startSeconds),
        stallCauseWords({ mapping, stall }, summary),
        orNothing(stall.recordsHeld),
        orNothing(stall.recordsLost),
      ]),
    ],
    {
      columns: [{ shrinks: true }, { align: 'right' }, { align: 'right' }, {}, { align: 'right' }, { align: 'right' }],
      width,
    },
  );
  const together = count === 1 ? seconds(length) : `together ${seconds(length)}`;
  const all = Object.values(summary.mappings).reduce((sum, { records }) => sum + lostRecords(records), 0);
  return [
    line(`${counted(count, 'stall')}, ${together}, ${stallLosses({ count, lost, all })}`, { tone: 'heading' }),
    line(headerRow!, { tone: 'quiet' }),
    ...rows.map((row) => line(row)),
    ...(count > longest.length ? [line(`  … and ${counted(count - longest.length, 'shorter one')}`)] : []),
  ];
}

/** What was lost in the stalls, where that is not all that was lost. */
function stallLosses({ count, lost, all }: Readonly<Record<'count' | 'lost' | 'all', number>>): string {
  if (lost >= all) return lost === 0 ? 'no records lost' : `${counted(lost, 'record')} lost`;
  return `${lost === 0 ? 'none' : whole(lost)} of the ${counted(all, 'lost record')} in ${count === 1 ? 'it' : 'them'}`;
}

/** M4. */
function breakdown([name, mapping]: Named, summary: Summary, width: number): Line[] {
  const { mean } = mapping.timeInSystemMs;
  const causes = AGE_CAUSES.map((cause) => ({ cause, mean: mapping.ageBreakdownMs[cause] }))
    .filter((one) => one.mean > 0)
    .sort((a, b) => b.mean - a.mean);
  const total = causes.reduce((sum, one) => sum + one.mean, 0);
  if (mean === null || total === 0) return [];
  const of = Object.keys(summary.mappings).length > 1 ? ` in ${name}` : '';
  const worthTelling = causes.filter((one) => one.mean / total >= WORTH_TELLING);
  const others = total - worthTelling.reduce((sum, one) => sum + one.mean, 0);
  const shown = worthTelling.map((one) => ({ words: AGE_CAUSE_WORDS[one.cause], mean: one.mean }));
  if (worthTelling.length < causes.length) shown.push({ words: 'all else', mean: others });
  const rows = table(
    shown.map((one) => [one.words, bar(one.mean / total), percent(one.mean / total), duration(one.mean)]),
    { columns: [{}, {}, { align: 'right' }, { align: 'right' }], width },
  );
  return [
    line(`Where the age came from${of}: ${duration(mean)} in the system on average`, { tone: 'heading' }),
    ...rows.map((row) => line(row)),
    ...(behindTroubled(mapping)
      ? [line('  (behind other batches: their retries and throttles count there)', { hang: 3 })]
      : []),
  ];
}

/** Causes with a smaller share of the mean are told together. */
const WORTH_TELLING = 0.005;
const BAR_COLUMNS = 20;

/** At least a thin line for what is there. */
function bar(share: number): string {
  const columns = Math.round(share * BAR_COLUMNS);
  return columns === 0 ? '▏' : '█'.repeat(columns);
}

/** M5: those that rise or fall one by one, the others as a number. */
function trends(all: readonly Named[], summary: Summary): Line[] {
  const sampled = all.filter(([, { invocations }]) => invocations > 0);
  if (sampled.length === 0) return [];
  if (all.length === 1) return [line(`Trend of IteratorAge: ${trendWords(all[0]![1].trend, summary)}.`)];
  const verdictOf = ([, { trend }]: Named) => toldVerdict(trend, summary);
  const moving = sampled.filter((one) => verdictOf(one) === 'rising' || verdictOf(one) === 'recovering');
  const rest = (['steady', null] as const).flatMap((verdict) => {
    const count = sampled.filter((one) => verdictOf(one) === verdict).length;
    if (count === 0) return [];
    const which = count === sampled.length ? 'all mappings' : counted(count, 'mapping');
    return [line(`  ${which}: ${verdict ?? 'unknown, fewer than five minutes with samples'}`)];
  });
  const left = moving.length - MOST_ROWS;
  return [
    line('Trend of IteratorAge', { tone: 'heading' }),
    ...moving.slice(0, MOST_ROWS).map(([name, { trend }]) => line(`  ${name}: ${trendWords(trend, summary)}`)),
    ...(left > 0 ? [line(`  … and ${whole(left)} more that rise or recover`)] : []),
    ...rest,
  ];
}

function time(milliseconds: number | null): string {
  return milliseconds === null ? NOTHING : duration(milliseconds);
}

function amount(value: number | null): string {
  return value === null ? NOTHING : decimal(value);
}

function orNothing(count: number): string {
  return count === 0 ? NOTHING : whole(count);
}

const NOTHING = '–';
