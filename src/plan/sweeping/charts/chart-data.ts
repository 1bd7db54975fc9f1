import type { ChartOptions } from '../../../report/charts/chart-options.ts';
import type { Axis } from '../../../report/charts/frame.ts';
import { labelsFit } from '../../../report/charts/frame.ts';
import { shorten, textWidth } from '../../../report/charts/text-width.ts';
import type { Scale } from '../../../report/charts/units.ts';
import { durationScale, numberScale } from '../../../report/charts/units.ts';
import { shortNames } from '../../../report/short-names.ts';
import { counted } from '../../../report/words.ts';
import type { FigureName } from '../../figure-name.ts';
import { ownMetric } from '../../figure-name.ts';
import type { HeadlineMetric } from '../../headline.ts';
import type { MetricEstimate } from '../../replicating/replications.ts';
import { settingWord } from '../../setting-words.ts';
import type { Sweep, SweepPoint } from '../sweep-result.ts';
import { IN_CHARTS, isSame, shownFigures } from '../sweep-text.ts';

export interface SweepChartOptions extends Pick<ChartOptions, 'title' | 'theme' | 'width' | 'height'> {
  /** What `line` and `heat-map` draw; by default IteratorAge p99. */
  readonly figure?: FigureName | undefined;
}

/** What is drawn of the figure that was asked for: one of each mapping. */
export function drawnFigures(sweep: Sweep, { figure = IN_CHARTS }: SweepChartOptions): HeadlineMetric[] {
  return shownFigures(sweep, [figure]);
}

export function estimateAt(point: SweepPoint, figure: HeadlineMetric): MetricEstimate | undefined {
  const found = point.metrics.find((metric) => isSame(metric, figure));
  return found?.mean === null ? undefined : found;
}

/** 'IteratorAge p99 of orders-to-enrich'. */
export function figureTitle(figure: HeadlineMetric): string {
  const own = figure.metric === 'cost.month' ? 'Cost of a month' : `${ownMetric(figure)} ${figure.statistic}`;
  return figure.mapping === null ? own : `${own} of ${figure.mapping}`;
}

/** 'mean of 10 replications', 'mean of 10 to 40 replications'. */
export function meanWords({ points }: Sweep): string {
  const counts = points.map(({ complete }) => complete).filter((count) => count > 0);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (counts.length === 0) return 'no runs';
  if (most === 1) return 'one replication';
  return least === most
    ? `mean of ${counted(most, 'replication')}`
    : `mean of ${least} to ${counted(most, 'replication')}`;
}

/** An axis for values of a figure, from 0. */
export function valueAxis(title: string, unit: string, highest: number): Axis {
  if (unit === 'Milliseconds') {
    const scale = durationScale(highest);
    return { title: `${title} (${scale.unit})`, scale };
  }
  const scale = numberScale(highest, { whole: false });
  return { title: unit === 'Count' ? title : `${title} (${unit})`, scale };
}

const LABEL_WIDTH = 110; // pixels
const LABEL = { size: 12, weight: 'regular' } as const;

/** An axis with a step for each value of a setting: the value with index i stands at i + 0.5. */
export function settingAxis({ path, values }: Sweep['axes'][number]): Axis {
  return { title: path, scale: settingScale(values.map(settingWord), 1) };
}

/** The same with as many labels as have room under a plot of this width. */
export function fittingAxis(axis: Axis, values: readonly unknown[], plotWidth: number): Axis {
  for (let every = 1; ; every++) {
    const scale = settingScale(values.map(settingWord), every);
    if (every >= values.length || labelsFit(scale, plotWidth)) return { ...axis, scale };
  }
}

function settingScale(words: readonly string[], every: number): Scale {
  const short = shortNames(words, {
    width: LABEL_WIDTH,
    measure: (text) => textWidth(text, LABEL),
    shorten: (text, width) => shorten(text, width, LABEL),
  });
  const all = words.map((word) => short.get(word)!);
  const shown = all.flatMap((label, index) => (index % every === 0 ? [{ label, at: index + 0.5 }] : []));
  return {
    from: 0,
    to: words.length,
    ticks: shown.map(({ at }) => at),
    labelExpr: `${JSON.stringify(all)}[floor(datum.value)]`,
    labels: shown.map(({ label }) => label),
    unit: '',
  };
}
