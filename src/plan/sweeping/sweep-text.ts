import type { Line } from '../../report/text-layout.ts';
import { layOutText, line, table, textColumns } from '../../report/text-layout.ts';
import { allOf, counted, decimal, duration, list, money, percent, seconds, whole } from '../../report/words.ts';
import type { FigureName } from '../figure-name.ts';
import { figureText, isNamed, ownMetric } from '../figure-name.ts';
import type { HeadlineMetric } from '../headline.ts';
import type { MetricEstimate } from '../replicating/replications.ts';
import { settingNames, settingWord } from '../setting-words.ts';
import type { Sweep, SweepPoint } from './sweep-result.ts';

export interface SweepTextOptions {
  /** Columns, at least 40; default 80. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
  /** Which figures the table has; by default `IteratorAge p99` and `cost.month avg`, and `records.lost count` where any are. */
  readonly figures?: readonly FigureName[] | undefined;
}

const NARROWEST = 40;
const DEFAULT_WIDTH = 80;

/** A sweep as a terminal shows it: at most `width` columns, each line ended. */
export function sweepText(sweep: Sweep, options: SweepTextOptions = {}): string {
  const width = Math.max(NARROWEST, Math.floor(options.width ?? DEFAULT_WIDTH));
  const { axes } = sweep;
  const named = settingNames(axes.map(({ path }) => path));
  const hasNames = named.some((name, index) => name !== axes[index]!.path);
  const sections: readonly (readonly Line[])[] = [
    [
      line(sweep.scenario.name, { tone: 'heading', hang: 0 }),
      line(`${runsWords(sweep)}, ${seedWords(sweep)}`, { hang: 2 }),
      ...(hasNames ? axes.map(({ path }, index) => line(`${named[index]}: ${path}`, { hang: 2 })) : []),
      ...interruptedLines(sweep),
    ],
    ...tables(sweepRows(sweep, options.figures), { settings: axes.length, width }),
    legend(sweep, options.figures),
    sweep.warnings.map((warning) => line(`! ${warning}`, { tone: 'warning', hang: 2 })),
  ];
  const lines = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [line(''), ...section]));
  return layOutText(lines, { width, color: options.color ?? false });
}

/** One table, or where it would be too wide several, each with the settings again. */
function tables(
  { header, rows }: ReturnType<typeof sweepRows>,
  { settings, width }: { readonly settings: number; readonly width: number },
): Line[][] {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => textColumns(row[column]!))) + 2);
  const groups: number[][] = [];
  const own = header.map((_, column) => column);
  const fixed = widths.slice(0, settings).reduce((sum, one) => sum + Math.min(one, SETTING_COLUMNS), 0);
  let used = 0;
  for (const column of own.slice(settings)) {
    used += widths[column]!;
    if (groups.length === 0 || fixed + used > width) {
      groups.push([]);
      used = widths[column]!;
    }
    groups.at(-1)!.push(column);
  }
  return groups.map((group) => {
    const columns = [...own.slice(0, settings), ...group];
    const cells = [header, ...rows].map((row) => columns.map((column) => row[column]!));
    const [head = '', ...body] = table(cells, {
      columns: columns.map((column) => (column < settings ? { shrinks: true } : { align: 'right' })),
      width,
    });
    return [line(head, { tone: 'quiet' }), ...body.map((row) => line(row))];
  });
}

/** A setting's name may be cut to so many, with its gap. */
const SETTING_COLUMNS = 18;

/** The table, a row a point: its settings, how many runs met the thresholds, each figure as mean ± half of its interval. */
export function sweepRows(
  sweep: Sweep,
  names?: readonly FigureName[],
): { readonly header: string[]; readonly rows: string[][] } {
  const figures = shownFigures(sweep, names);
  const hasThresholds = sweep.points.some(({ thresholds }) => thresholds.length > 0);
  const counts = new Set(sweep.points.map(({ complete }) => complete));
  const header = [
    ...settingNames(sweep.axes.map(({ path }) => path)),
    ...(counts.size > 1 ? ['runs'] : []),
    ...(hasThresholds ? ['thresholds'] : []),
    ...figures.map((figure) => columnName(figure, sweep)),
    ...(markWords(sweep).length > 0 ? [''] : []),
  ];
  const rows = sweep.points.map((point) => [
    ...point.values.map(settingWord),
    ...(counts.size > 1 ? [whole(point.complete)] : []),
    ...(hasThresholds ? [thresholdWords(point)] : []),
    ...figures.map((figure) =>
      estimateWords(
        point.metrics.find((metric) => isSame(metric, figure)),
        point,
      ),
    ),
    ...(header.at(-1) === '' ? [marksOf(point, sweep)] : []),
  ]);
  return { header, rows };
}

/** Those of any point that are named, each once, in the order of the names. */
export function shownFigures(sweep: Sweep, names?: readonly FigureName[]): HeadlineMetric[] {
  const all = new Map<string, HeadlineMetric>();
  for (const metric of sweep.points.flatMap(({ metrics }) => metrics)) {
    const key = figureText({ ...metric, metric: ownMetric(metric) });
    if (!all.has(key)) all.set(key, metric);
  }
  const isLost = sweep.points.some(({ metrics }) =>
    metrics.some((one) => one.metric === LOST.metric && (one.max ?? 0) > 0),
  );
  const wanted = names === undefined || names.length === 0 ? [...SHOWN, ...(isLost ? [LOST] : [])] : names;
  const found = wanted.flatMap((name) => [...all.values()].filter((metric) => isNamed(metric, name)));
  return [...new Set(found)];
}

export const IN_CHARTS: FigureName = { metric: 'IteratorAge', statistic: 'p99', mapping: null };
const SHOWN: readonly FigureName[] = [IN_CHARTS, { metric: 'cost.month', statistic: 'avg', mapping: null }];
const LOST: FigureName = { metric: 'records.lost', statistic: 'count', mapping: null };

export function isSame(a: HeadlineMetric, b: HeadlineMetric): boolean {
  return a.metric === b.metric && a.statistic === b.statistic;
}

/** A figure's value in its unit. */
export function figureValue(value: number, unit: string, digits = 4): string {
  if (unit === 'Milliseconds') return duration(value);
  return unit === 'Count' ? decimal(value, digits) : money(value, unit);
}

/** Of how many runs it is, where some have no samples. */
function estimateWords(estimate: MetricEstimate | undefined, { complete }: SweepPoint): string {
  if (estimate === undefined || estimate.mean === null) return '–';
  const { mean, low, high, unit, count } = estimate;
  const half = low === null || high === null ? 0 : (high - low) / 2;
  const some = count < complete ? ` (${whole(count)} of ${whole(complete)})` : '';
  return half === 0
    ? `${figureValue(mean, unit)}${some}`
    : `${figureValue(mean, unit)} ± ${figureValue(half, unit, 2)}${some}`;
}

/** Without the mapping where there is one only, and without a statistic that says nothing. */
function columnName(figure: HeadlineMetric, { points }: Sweep): string {
  const isAlone = figure.metric === 'cost.month' || figure.metric === 'records.lost';
  const own = isAlone ? figure.metric : `${ownMetric(figure)} ${figure.statistic}`;
  const mappings = new Set(points.flatMap(({ metrics }) => metrics.flatMap(({ mapping }) => mapping ?? [])));
  return figure.mapping === null || mappings.size < 2 ? own : `${figure.mapping} ${own}`;
}

function thresholdWords({ thresholdsMet, complete, thresholds }: SweepPoint): string {
  if (thresholds.length === 0 || complete === 0) return '–';
  return thresholdsMet === complete
    ? `✓ ${complete === 1 ? 'met' : allOf(complete)}`
    : `✗ ${whole(thresholdsMet)} of ${whole(complete)}`;
}

function runsWords({ points, replications, until }: Sweep): string {
  const each =
    until.length === 0 ? counted(replications, 'replication') : `at most ${counted(replications, 'replication')}`;
  const lengths = [...new Set(points.map(({ durationSeconds }) => durationSeconds))];
  const length = lengths.length === 1 ? ` of ${seconds(lengths[0]!)}` : '';
  const goals = until.map((goal) => `${figureText(goal)} is known to ${percent(goal.halfWidth)}`);
  return `${counted(points.length, 'point')}, ${each}${length} at each${goals.length === 0 ? '' : ` until ${list(goals)}`}`;
}

function seedWords({ scenario: { seed }, points }: Sweep): string {
  const most = Math.max(1, ...points.map(({ replications }) => replications.length));
  if (most === 1) return `seed ${seed}`;
  const seeds = most === 2 ? `${seed} and ${seed}/2` : `${seed}, ${seed}/2 to ${seed}/${most}`;
  return `the same seeds at all: ${seeds}`;
}

function interruptedLines({ partial, points }: Sweep): Line[] {
  if (!partial) return [];
  const ready = points.filter((point) => !point.partial).length;
  const runs = points.reduce((sum, { complete }) => sum + complete, 0);
  const text = `! Interrupted: ${counted(runs, 'run')} to the end, which is what follows; ${whole(ready)} of ${counted(points.length, 'point')} complete.`;
  return [line(text, { tone: 'warning', hang: 2 })];
}

/** What stands behind a row. */
function marksOf({ onFront, behind }: SweepPoint, { points }: Sweep): string {
  return `${onFront && points.length > 1 ? '*' : ''}${behind > 0 ? '!' : ''}`;
}

/** What the marks behind the rows say, of those that there are. */
export function markWords(sweep: Sweep): string[] {
  const { points } = sweep;
  const late = points.filter(({ behind }) => behind > 0);
  const some = late.some(({ behind, complete }) => behind < complete) ? ' in some or all of its runs' : '';
  return [
    ...(points.length > 1 && points.some(({ onFront }) => onFront) ? [frontWords(sweep)] : []),
    ...(late.length === 0
      ? []
      : [`!: cannot keep up${some}: its backlog still grows at the end, so its ages rise with the length of the run`]),
  ];
}

/** What stands behind a figure, where some runs have no samples of it. */
export function fewerWords(sweep: Sweep, names?: readonly FigureName[]): string[] {
  const isOfFewer = shownFigures(sweep, names).some((figure) =>
    sweep.points.some(({ metrics, complete }) =>
      metrics.some((metric) => isSame(metric, figure) && metric.count > 0 && metric.count < complete),
    ),
  );
  return isOfFewer ? ['(2 of 10): in so many of the runs there are samples, and the figure is of these'] : [];
}

function frontWords({ points }: Sweep): string {
  const isJudged = points.some(({ thresholds }) => thresholds.length > 0);
  const such = isJudged ? 'meets the thresholds, and no other that does' : 'no other point';
  return `*: ${such} costs less without a higher IteratorAge p99`;
}

function legend(sweep: Sweep, names?: readonly FigureName[]): Line[] {
  const { points } = sweep;
  const quiet = (text: string) => line(text, { tone: 'quiet', hang: 2 });
  return [
    ...(points.some(({ complete }) => complete > 1)
      ? [quiet('±: half of the 95 % confidence interval of the mean; percentiles are within 1 %')]
      : []),
    ...[...fewerWords(sweep, names), ...markWords(sweep)].map(quiet),
  ];
}
