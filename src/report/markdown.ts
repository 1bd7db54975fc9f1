import { AGE_CAUSES } from '../recording/causes.ts';
import { COST_ITEMS } from './cost/items.ts';
import {
  AGE_CAUSE_WORDS,
  backlogWords,
  balanceWords,
  besidesBalance,
  bindsFirst,
  costItems,
  costWords,
  laneOf,
  limitWords,
  loadsOf,
  lostRecords,
  measuredWords,
  pricesWords,
  provisionedWords,
  stallAfter,
  stallCauseWords,
  stallsByLength,
  throughputWords,
  trendWords,
  windowWords,
  worstWords,
} from './phrases.ts';
import type { MappingSummary, Spread, Summary } from './summary.ts';
import { detailedMappings, percentilesOf } from './text-mappings.ts';
import { at, bytes, capital, counted, decimal, duration, money, percent, seconds, shardName, whole } from './words.ts';

export interface MarkdownOptions {
  /** What repeats the run, as one types it. */
  readonly command?: string | undefined;
}

const MOST_STALLS = 20;

/** The summary as Markdown (with tables as GitHub has them), to be put into a design or a review. */
export function summaryMarkdown(summary: Summary, options: MarkdownOptions = {}): string {
  const { scenario, measured } = summary;
  const facts = [
    `${seconds(measured.toSeconds)} simulated`,
    ...(measured.fromSeconds > 0 ? [`the first ${seconds(measured.fromSeconds)} not counted`] : []),
    `seed ${escaped(scenario.seed)}`,
    `${summary.tool.name} ${summary.tool.version}`,
  ];
  const blocks: readonly string[][] = [
    [`# ${escaped(scenario.name)}`],
    scenario.description === null ? [] : [escaped(scenario.description)],
    [`${facts.join(', ')}.`],
    summary.partial ? ['**Interrupted: this is a part of the run.**'] : [],
    thresholds(summary),
    limits(summary),
    mappings(summary),
    ...detailedMappings(summary).map(([name, mapping]) => figures(name, mapping, summary)),
    stalls(summary),
    breakdown(summary),
    trends(summary),
    streams(summary),
    functions(summary),
    cost(summary),
    section(
      'Warnings',
      summary.warnings.map((warning) => `- ${escaped(warning)}`),
    ),
    [
      '## To repeat it',
      '',
      `Digest \`${summary.digest}\`.`,
      ...(options.command === undefined ? [] : ['', ...fenced(options.command)]),
    ],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function thresholds(summary: Summary): string[] {
  if (summary.thresholds.length === 0) return ['No thresholds set.'];
  return section(
    'Thresholds',
    table(
      ['', 'Threshold', '>Measured', 'Worst'],
      summary.thresholds.map((threshold) => [
        threshold.ok ? '✓ met' : '✗ not met',
        `${threshold.metric} ${threshold.expression}`,
        measuredWords(threshold),
        worstWords(threshold, summary),
      ]),
    ),
  );
}

function limits(summary: Summary): string[] {
  const first = bindsFirst(summary);
  if (first === null) return [];
  const rows = loadsOf(summary).map(({ owner, name, load }) => [
    owner,
    limitWords(name, load),
    `${percent(load.worst)}${load.worstShardId === null ? '' : ` (${shardName(load.worstShardId)})`}`,
    load.worstShardId === null ? '' : percent(load.median),
    `${percent(load.peak)}${load.peakAtSeconds === null ? '' : ` ${at(load.peakAtSeconds)}`}`,
  ]);
  return section('What binds', [
    `First: ${escaped(first)}.`,
    '',
    ...table(['', 'Limit', '>Worst', '>Median', '>Peak'], rows),
  ]);
}

function mappings(summary: Summary): string[] {
  return section(
    'Mappings',
    table(
      ['', '>Arrived', '>Succeeded', '>Lost', '>Pending', '>IteratorAge p99', '>max'],
      Object.entries(summary.mappings).map(([name, { records, iteratorAgeMs }]) => [
        name,
        whole(records.arrived),
        whole(records.succeeded),
        whole(lostRecords(records)),
        whole(records.pending),
        time(iteratorAgeMs.p99),
        time(iteratorAgeMs.max),
      ]),
    ),
  );
}

function figures(name: string, mapping: MappingSummary, summary: Summary): string[] {
  const { iteratorAgeMs, timeInSystemMs, batchSize, durationMs, records } = mapping;
  const columns = ['mean', ...percentilesOf(iteratorAgeMs), 'max'] as const;
  const row = (label: string, spread: Spread, say: (value: number | null) => string) => [
    label,
    ...columns.map((column) => say(spread[column as 'p50'] ?? null)),
  ];
  const besides = besidesBalance(records);
  return [
    `### ${escaped(`${name}: ${mapping.stream} → ${mapping.function}`)}`,
    '',
    ...table(
      ['', ...columns.map((column) => `>${column}`)],
      [
        row('IteratorAge', iteratorAgeMs, time),
        row('time in system', timeInSystemMs, time),
        row('batch size', batchSize, (value) => (value === null ? '–' : decimal(value))),
        row('duration', durationMs, time),
      ],
    ),
    '',
    `- Records: ${balanceWords(records)}${besides === '' ? '' : `; ${besides}`}.`,
    ...(mapping.tumblingWindows === undefined ? [] : [`- Tumbling windows: ${windowWords(mapping.tumblingWindows)}.`]),
    `- Rate: ${throughputWords(mapping)}.`,
    `- Backlog: ${decimal(mapping.backlog.mean)} on average, ${backlogWords(mapping, summary)}.`,
  ];
}

function stalls(summary: Summary): string[] {
  const all = stallsByLength(summary);
  if (all.length === 0) return section('Stalls', [`No lane was stalled${escaped(stallAfter(summary))}.`]);
  const count = Object.values(summary.mappings).reduce((sum, { stallsTotal }) => sum + stallsTotal.count, 0);
  const shown = all.slice(0, MOST_STALLS);
  return section('Stalls', [
    ...table(
      ['', '>For', '>From', 'Because', '>Held up', '>Lost in it'],
      shown.map(({ mapping, stall, seconds: length }) => [
        laneOf(summary, mapping, stall),
        `${seconds(length)}${stall.endSeconds === null ? ', open' : ''}`,
        seconds(stall.startSeconds),
        stallCauseWords({ mapping, stall }, summary),
        whole(stall.recordsHeld),
        whole(stall.recordsLost),
      ]),
    ),
    ...(count > shown.length ? ['', `And ${counted(count - shown.length, 'shorter one')}.`] : []),
  ]);
}

function breakdown(summary: Summary): string[] {
  const detailed = detailedMappings(summary).filter(([, { timeInSystemMs }]) => timeInSystemMs.count > 0);
  const causes = AGE_CAUSES.filter((cause) => detailed.some(([, mapping]) => mapping.ageBreakdownMs[cause] > 0));
  if (causes.length === 0) return [];
  return section(
    'Where the age came from',
    table(
      ['Mean time in system', ...detailed.map(([name]) => `>${name}`)],
      [
        ...causes.map((cause) => [
          AGE_CAUSE_WORDS[cause],
          ...detailed.map(([, mapping]) => duration(mapping.ageBreakdownMs[cause])),
        ]),
        ['together', ...detailed.map(([, mapping]) => time(mapping.timeInSystemMs.mean))],
      ],
    ),
  );
}

function trends(summary: Summary): string[] {
  return section(
    'Trend of IteratorAge',
    detailedMappings(summary).map(([name, { trend }]) => `- ${escaped(`${name}: ${trendWords(trend, summary)}`)}`),
  );
}

function streams(summary: Summary): string[] {
  return section(
    'Streams',
    table(
      ['', '>Offered', '>Put', '>Size', '>Puts throttled', '>Lost at write'],
      Object.entries(summary.streams).map(([name, stream]) => [
        name,
        whole(stream.recordsOffered),
        whole(stream.recordsPut),
        bytes(stream.bytesPut),
        whole(stream.writeThrottled),
        whole(stream.lostAtWrite),
      ]),
    ),
  );
}

function functions(summary: Summary): string[] {
  const provisioned = Object.entries(summary.functions).flatMap(([name, { provisionedConcurrency: one }]) =>
    one === undefined ? [] : [`- ${escaped(`${name}: ${provisionedWords(one)}`)}`],
  );
  return section('Functions', [
    ...table(
      ['', '>Invocations', '>Errors', '>Throttles', '>Cold starts', '>Concurrency mean', '>max', '>of'],
      Object.entries(summary.functions).map(([name, { invocations, errors, throttles, coldStarts, concurrency }]) => [
        name,
        whole(invocations),
        whole(errors),
        whole(throttles),
        whole(coldStarts),
        decimal(concurrency.mean),
        whole(concurrency.max),
        whole(concurrency.limit),
      ]),
    ),
    ...(provisioned.length === 0 ? [] : ['', ...provisioned]),
  ]);
}

/** C1, C2 */
function cost(summary: Summary): string[] {
  const { cost } = summary;
  if (cost === undefined) return [];
  const rows = costItems(cost).map((name) => [
    COST_ITEMS[name].words,
    `${decimal(cost.usage[name], 4)} ${COST_ITEMS[name].unit}`,
    money(cost.items[name], cost.currency),
  ]);
  return section('Cost', [
    `${escaped(`${capital(costWords(cost, summary))}, by ${pricesWords(cost)}`)}.`,
    ...(rows.length === 0 ? [] : ['', ...table(['A month', '>Amount', '>Cost'], rows)]),
  ]);
}

/** Without content, without title. */
export function section(title: string, content: readonly string[]): string[] {
  return content.length === 0 ? [] : [`## ${title}`, '', ...content];
}

/** @param header names of columns; figures, which stand to the right, begin with '>' */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    row(header.map((name) => name.replace(/^>/, ''))),
    `| ${header.map((name) => (name.startsWith('>') ? '---:' : '---')).join(' | ')} |`,
    ...rows.map(row),
  ];
}

function time(milliseconds: number | null): string {
  return milliseconds === null ? '–' : duration(milliseconds);
}

/** One line of text in which nothing is markup. */
export function escaped(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** Fenced by more backticks than the text has in a row. */
function fenced(text: string): string[] {
  const runs = (text.match(/`+/g) ?? []).map((run) => run.length);
  const fence = '`'.repeat(Math.max(2, ...runs) + 1);
  return [`${fence}sh`, text, fence];
}
