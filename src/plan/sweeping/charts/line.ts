import type { ChartSpec } from '../../../report/charts/chart-options.ts';
import { SERIES_LIMIT } from '../../../report/charts/chart-options.ts';
import {
  chartSpec,
  colourChannel,
  dashChannel,
  emptyLayer,
  layOut,
  xChannel,
  yChannel,
} from '../../../report/charts/frame.ts';
import type { Limit } from '../../../report/charts/limit-rules.ts';
import { limitRules, reach } from '../../../report/charts/limit-rules.ts';
import { lineEntries } from '../../../report/charts/lines.ts';
import { theme } from '../../../report/charts/theme.ts';
import { boundOf } from '../../../report/phrases.ts';
import type { JsonObject } from '../../../scenario/scenario.ts';
import type { HeadlineMetric } from '../../headline.ts';
import { settingNames, settingWord } from '../../setting-words.ts';
import type { Sweep, SweepPoint } from '../sweep-result.ts';
import { figureValue } from '../sweep-text.ts';
import type { SweepChartOptions } from './chart-data.ts';
import { drawnFigures, estimateAt, figureTitle, fittingAxis, meanWords, settingAxis, valueAxis } from './chart-data.ts';

/** A line of the chart: a figure at the points of one value of the second setting. */
interface Drawn {
  readonly name: string;
  readonly figure: HeadlineMetric;
  readonly points: readonly SweepPoint[];
}

/** A figure over the first varied setting: a line for each value of the second, or for each mapping where there is none. */
export function lineChart(sweep: Sweep, options: SweepChartOptions): ChartSpec {
  const all = linesOf(sweep, options);
  const drawn = all.slice(0, SERIES_LIMIT);
  const [first] = drawn;
  const highest = Math.max(
    0,
    ...drawn.flatMap(({ points, figure }) =>
      points.flatMap((point) => {
        const estimate = estimateAt(point, figure);
        return estimate === undefined ? [] : [estimate.high ?? estimate.mean!];
      }),
    ),
  );
  const [axis] = sweep.axes as [Sweep['axes'][number]];
  const mappings = new Set(drawn.map(({ figure }) => figure.mapping));
  const title =
    first === undefined
      ? 'No figures'
      : mappings.size > 1
        ? figureTitle({ ...first.figure, metric: first.figure.metric.replace(/\{.*\}/, ''), mapping: null })
        : figureTitle(first.figure);
  const limits = first === undefined ? [] : limitsOf(sweep, first.figure);
  const y = first === undefined ? null : valueAxis(title, first.figure.unit, reach(highest, limits));
  const input = {
    summary: sweep,
    options: { ...options, caption: captionOf(sweep, all.length - drawn.length) },
    title: `${title}, ${meanWords(sweep)}`,
    kind: 'lines' as const,
    entries: lineEntries(
      drawn.map(({ name }) => name),
      theme(options.theme ?? 'light'),
    ),
    x: settingAxis(axis),
    y,
  };
  const fitted = fittingAxis(input.x, axis.values, layOut(input).plotWidth);
  const frame = layOut({ ...input, x: fitted });
  const dashed = frame.input.entries.some((entry) => entry.dash !== undefined);
  const values = drawn.flatMap(({ name, figure, points }, index) => {
    // Side by side, so that intervals do not hide each other.
    const shift = drawn.length < 2 ? 0 : (index / (drawn.length - 1) - 0.5) * Math.min(0.3, 0.05 * drawn.length);
    return points.map((point, position): JsonObject => {
      const estimate = estimateAt(point, figure);
      const { mean = null, low = null, high = null } = estimate ?? {};
      return {
        x: position + 0.5 + shift,
        mean,
        low: low === null ? null : Math.max(0, low),
        high,
        series: frame.legendNames.get(name)!,
      };
    });
  });
  const encoding = {
    x: { ...xChannel(frame), field: 'x' },
    color: colourChannel(frame, 'series'),
  };
  const yField = (field: string) => ({ ...yChannel(frame), field });
  const layers: JsonObject[] =
    first === undefined
      ? [emptyLayer(frame, 'No runs, so no figures', 0)]
      : [
          {
            data: { values },
            mark: { type: 'line', strokeWidth: 2, invalid: 'break-paths-show-domains' },
            encoding: {
              ...encoding,
              y: yField('mean'),
              ...(dashed ? { strokeDash: dashChannel(frame, 'series') } : {}),
            },
          },
          {
            data: { values: values.filter(({ low }) => low !== null) },
            mark: { type: 'rule', strokeWidth: 1.5 },
            encoding: { ...encoding, y: yField('low'), y2: { field: 'high' } },
          },
          {
            data: { values: values.filter(({ mean }) => mean !== null) },
            mark: { type: 'point', filled: true, size: 45, opacity: 1 },
            encoding: { ...encoding, y: yField('mean') },
          },
          ...limitRules({ frame, width: frame.plotWidth, height: frame.plotHeight }, limits, y!.scale.to),
        ];
  return chartSpec(frame, { layers, description: describe(sweep, drawn, `${title}, ${meanWords(sweep)}`) });
}

function linesOf(sweep: Sweep, options: SweepChartOptions): Drawn[] {
  const figures = drawnFigures(sweep, options);
  const [first] = figures;
  const [, second] = sweep.axes;
  if (first === undefined) return [];
  if (second === undefined)
    return figures.map((figure) => ({ name: figure.mapping ?? figureTitle(figure), figure, points: sweep.points }));
  const [, name] = settingNames(sweep.axes.map(({ path }) => path));
  return second.values.map((value, index) => ({
    name: `${name} ${settingWord(value)}`,
    figure: first,
    // The second setting changes fastest.
    points: sweep.points.filter((_, place) => place % second.values.length === index),
  }));
}

/** Thresholds on the very figure, as levels in its unit. */
function limitsOf({ points }: Sweep, { metric, statistic, mapping, unit }: HeadlineMetric): Limit[] {
  const own = metric.replace(`{mapping:${mapping}}`, '');
  const found = new Map<string, Limit>();
  for (const threshold of points.flatMap(({ thresholds }) => thresholds)) {
    const bound = boundOf(threshold.expression);
    const isOf = threshold.metric === metric || threshold.metric === own;
    if (!isOf || bound === null || !new RegExp(`^\\s*${statistic}\\s*[<>=!]`).test(threshold.expression)) continue;
    const value = unit === 'Milliseconds' ? 1_000 * bound : bound;
    found.set(threshold.expression, { value, label: `threshold ${threshold.expression}` });
  }
  return [...found.values()];
}

function captionOf({ points }: Sweep, left: number): string {
  const interval = points.some(({ complete }) => complete > 1) ? 'Bars: 95 % confidence interval of the mean.' : '';
  const rest = left > 0 ? `The first ${SERIES_LIMIT} of ${SERIES_LIMIT + left} lines are drawn.` : '';
  return [interval, rest].filter((part) => part !== '').join(' ');
}

function describe(sweep: Sweep, drawn: readonly Drawn[], title: string): string {
  const [axis] = sweep.axes;
  const facts = drawn.map(({ name, figure, points }) => {
    const told = points.map((point) => {
      const mean = estimateAt(point, figure)?.mean ?? null;
      return `${settingWord(point.values[0])}: ${mean === null ? 'none' : figureValue(mean, figure.unit)}`;
    });
    return `${name}: ${told.join(', ')}.`;
  });
  return `${title}, by ${axis!.path}. ${facts.join(' ')}`;
}
