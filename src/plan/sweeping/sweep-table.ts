import { csvOf } from '../../report/csv.ts';
import { escaped } from '../../report/markdown.ts';
import { readableJson } from '../../report/summary-json.ts';
import type { FigureName } from '../figure-name.ts';
import type { HeadlineMetric } from '../headline.ts';
import { settingWord } from '../setting-words.ts';
import type { Sweep } from './sweep-result.ts';
import { fewerWords, isSame, markWords, sweepRows } from './sweep-text.ts';

/**
 * A row a point as CSV (RFC 4180): its settings by their paths, how many runs it had, how many met every threshold, whether
 * it is on the front of cost and IteratorAge, in how many of its runs it could not keep up, then of each figure the mean, both ends of its 95 % interval and its extremes,
 * named as in `IteratorAge{mapping:m} p99 (Milliseconds) mean`. What has no samples is empty.
 */
export function sweepCsv({ axes, points }: Sweep): string {
  const figures: HeadlineMetric[] = [];
  for (const metric of points.flatMap(({ metrics }) => metrics))
    if (!figures.some((known) => isSame(known, metric))) figures.push(metric);
  const header = [
    ...axes.map(({ path }) => path),
    'replications',
    'partial',
    'thresholdsMet',
    'onFront',
    'behind',
    ...figures.flatMap(({ metric, statistic, unit }) =>
      STATISTICS.map((part) => `${metric} ${statistic} (${unit}) ${part}`),
    ),
  ];
  const rows = points.map(({ values, complete, partial, thresholdsMet, onFront, behind, metrics }) => [
    ...values.map(settingWord),
    complete,
    partial,
    thresholdsMet,
    onFront,
    behind,
    ...figures.flatMap((figure) => {
      const estimate = metrics.find((metric) => isSame(metric, figure));
      return STATISTICS.map((part) => estimate?.[part] ?? null);
    }),
  ]);
  return csvOf([header, ...rows]);
}

const STATISTICS = ['mean', 'low', 'high', 'min', 'max'] as const;

/** As a file, indented so that two of them can be compared line by line. */
export function sweepJson(sweep: Sweep): string {
  return readableJson(sweep);
}

/** The table that a terminal shows, as Markdown, to be put into a design or a review. */
export function sweepMarkdown(sweep: Sweep, figures?: readonly FigureName[]): string {
  const { header, rows } = sweepRows(sweep, figures);
  const row = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  const { scenario, axes, points, tool, warnings, partial } = sweep;
  const most = Math.max(...points.map(({ complete }) => complete));
  const blocks = [
    `# ${escaped(scenario.name)}`,
    `${points.length} points, ${most} replications at most, seed ${escaped(scenario.seed)}, ${tool.name} ${tool.version}. Mean ± half of its 95 % confidence interval${[
      ...fewerWords(sweep, figures),
      ...markWords(sweep),
    ]
      .map((text) => `; ${escaped(text)}`)
      .join('')}.`,
    axes
      .map(({ path, values }) => `- ${escaped(path)}: ${values.map((value) => escaped(settingWord(value))).join(', ')}`)
      .join('\n'),
    ...(partial ? ['**Interrupted: runs are missing.**'] : []),
    [
      row(header),
      `|${header.map((_, index) => (index < axes.length ? ' --- |' : ' ---: |')).join('')}`,
      ...rows.map(row),
    ].join('\n'),
    ...(warnings.length === 0 ? [] : [warnings.map((warning) => `- ${escaped(warning)}`).join('\n')]),
  ];
  return `${blocks.join('\n\n')}\n`;
}
