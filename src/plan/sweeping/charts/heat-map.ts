import type { ChartSpec } from '../../../report/charts/chart-options.ts';
import { chartSpec, emptyLayer, layOut, xChannel, yChannel } from '../../../report/charts/frame.ts';
import { textWidth } from '../../../report/charts/text-width.ts';
import { type Theme, theme } from '../../../report/charts/theme.ts';
import type { JsonObject } from '../../../scenario/scenario.ts';
import type { HeadlineMetric } from '../../headline.ts';
import { settingNames, settingsText } from '../../setting-words.ts';
import type { Sweep, SweepPoint } from '../sweep-result.ts';
import { figureValue } from '../sweep-text.ts';
import type { SweepChartOptions } from './chart-data.ts';
import { drawnFigures, estimateAt, figureTitle, fittingAxis, meanWords, settingAxis } from './chart-data.ts';

/** A cell of the map. */
interface Cell {
  readonly point: SweepPoint;
  readonly column: number;
  readonly row: number;
  readonly mean: number | null;
  /** Half of the interval; null with fewer than two runs. */
  readonly half: number | null;
  /** Where its mean lies between the lowest, 0, and the highest, 1. */
  readonly depth: number;
}

const FONT = { size: 12, weight: 'regular' } as const;
const SMALL = { size: 11, weight: 'regular' } as const;

/** A figure over two settings: the first across, the second upwards; the deeper a cell's colour the higher its mean. */
export function heatMapChart(sweep: Sweep, options: SweepChartOptions): ChartSpec {
  const [across, upwards] = sweep.axes as [Sweep['axes'][number], Sweep['axes'][number]];
  const [figure] = drawnFigures(sweep, options);
  const colours = theme(options.theme ?? 'light');
  const title = figure === undefined ? 'No figures' : figureTitle(figure);
  const input = {
    summary: sweep,
    options: { ...options, caption: captionOf(sweep) },
    title: `${title}, ${meanWords(sweep)}`,
    kind: 'areas' as const,
    entries: [],
    x: settingAxis(across),
    y: settingAxis(upwards),
  };
  const frame = layOut({ ...input, x: fittingAxis(input.x, across.values, layOut(input).plotWidth) });
  const cells = figure === undefined ? [] : cellsOf(sweep, figure);
  const width = frame.plotWidth / across.values.length;
  const height = frame.plotHeight / upwards.values.length;
  const labels = figure === undefined ? [] : labelsOf(cells, { figure, width, height, colours });
  const y = yChannel(frame) as { readonly axis: JsonObject };
  const yFields = { ...y, axis: { ...y.axis, grid: false } };
  const place = { x: { ...xChannel(frame), field: 'left' }, y: { ...yFields, field: 'bottom' } };
  const middle = { x: { ...xChannel(frame), field: 'x' }, y: { ...yFields, field: 'y' } };
  const asIs = (field: string) => ({ field, type: 'nominal', scale: null, legend: null });
  const edge = { x: 1.5 / width, y: 1.5 / height };
  const rects = cells.map(({ column, row, depth, mean, point }) => ({
    left: column + edge.x,
    right: column + 1 - edge.x,
    bottom: row + edge.y,
    top: row + 1 - edge.y,
    fill: mean === null ? colours.background : cellColour(depth, colours),
    stroke: isMissed(point) ? colours.limit : 'transparent',
  }));
  const layers: JsonObject[] =
    cells.length === 0
      ? [emptyLayer(frame, 'No runs, so no figures', 0)]
      : [
          {
            data: { values: rects },
            mark: { type: 'rect', strokeWidth: 2.5 },
            encoding: {
              ...place,
              x2: { field: 'right' },
              y2: { field: 'top' },
              fill: asIs('fill'),
              stroke: asIs('stroke'),
            },
          },
          ...labels.map(
            ({ values, size, dy }): JsonObject => ({
              data: { values },
              mark: { type: 'text', fontSize: size, dy, align: 'center', baseline: 'middle' },
              encoding: { ...middle, text: { field: 'text', type: 'nominal' }, color: asIs('colour') },
            }),
          ),
        ];
  return chartSpec(frame, { layers, description: describe(sweep, cells, { figure, title: input.title }) });
}

function cellsOf({ axes, points }: Sweep, figure: HeadlineMetric): Cell[] {
  const rows = axes[1]!.values.length;
  const means = points.flatMap((point) => estimateAt(point, figure)?.mean ?? []);
  const [lowest, highest] = [Math.min(...means), Math.max(...means)];
  // Over several powers of ten, steps between low means would not be seen. Roots are the same on every machine.
  const isWide = highest > 20 * lowest;
  return points.map((point, index) => {
    const { mean = null, low = null, high = null } = estimateAt(point, figure) ?? {};
    const share = mean === null || highest === lowest ? 0 : (mean - lowest) / (highest - lowest);
    return {
      point,
      column: Math.floor(index / rows),
      row: index % rows,
      mean,
      half: low === null || high === null ? null : (high - low) / 2,
      depth: isWide ? Math.sqrt(Math.sqrt(share)) : share,
    };
  });
}

interface Room {
  readonly figure: HeadlineMetric;
  /** Pixels of a cell. */
  readonly width: number;
  readonly height: number;
  readonly colours: Theme;
}

/** Texts in the cells: the mean, and under it half of the interval; neither where it does not fit into all of them. */
function labelsOf(cells: readonly Cell[], { figure, width, height, colours }: Room) {
  const text = (value: number | null, before: string, digits: number) =>
    value === null ? '' : `${before}${figureValue(value, figure.unit, digits)}`;
  const means = cells.map(({ mean }) => text(mean, '', 4) || '–');
  const halves = cells.map(({ half }) => (half === 0 ? '' : text(half, '± ', 2)));
  const fits = (texts: readonly string[], font: typeof FONT | typeof SMALL) =>
    texts.every((one) => textWidth(one, font) <= width - 8);
  const hasMeans = fits(means, FONT) && height >= 16;
  const hasHalves = hasMeans && fits(halves, SMALL) && height >= 36;
  const row = (texts: readonly string[], size: number, dy: number) => ({
    ...{ size, dy },
    values: cells.map(({ column, row: at, depth, mean }, index) => ({
      x: column + 0.5,
      y: at + 0.5,
      text: texts[index]!,
      colour: mean === null ? colours.muted : textColour(depth, colours),
    })),
  });
  return [
    ...(hasMeans ? [row(means, FONT.size, hasHalves ? -8 : 0)] : []),
    ...(hasHalves ? [row(halves, SMALL.size, 8)] : []),
  ];
}

function cellColour(depth: number, colours: Theme): string {
  const channels = [1, 3, 5].map((at) => {
    const [pale, deep] = [colours.success3, colours.success0].map((colour) =>
      Number.parseInt(colour.slice(at, at + 2), 16),
    );
    return Math.round(pale! + depth * (deep! - pale!))
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('')}`;
}

/** The one of the two that is read better on the cell. */
function textColour(depth: number, colours: Theme): string {
  const [dark, light] = ['#14181d', '#ffffff'];
  return luminance(cellColour(depth, colours)) > 0.22 ? dark : light;
}

/** Roughly as WCAG has it: a square in place of its power of 2.4, which machines may round apart. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(
    (at) => (Number.parseInt(colour.slice(at, at + 2), 16) / 255) ** 2,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function isMissed({ complete, thresholdsMet }: SweepPoint): boolean {
  return thresholdsMet < complete;
}

function captionOf({ points }: Sweep): string {
  const depth = 'The deeper the colour, the higher.';
  const interval = points.some(({ complete }) => complete > 1) ? ' ±: half of the 95 % confidence interval.' : '';
  const missed = points.some(isMissed) ? ' Outlined: a threshold is not met in every run.' : '';
  return `${depth}${interval}${missed}`;
}

function describe(
  sweep: Sweep,
  cells: readonly Cell[],
  { figure, title }: { readonly figure: HeadlineMetric | undefined; readonly title: string },
): string {
  const paths = sweep.axes.map(({ path }) => path);
  const names = settingNames(paths);
  const facts = cells
    .slice(0, 60)
    .map(
      ({ point, mean }) =>
        `${settingsText(names, point.values)}: ${mean === null ? 'none' : figureValue(mean, figure!.unit)}.`,
    );
  return `${title}, by ${paths.join(' and ')}. ${facts.join(' ')}`;
}
