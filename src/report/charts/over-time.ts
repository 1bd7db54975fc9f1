import type { JsonObject } from '../../scenario/scenario.ts';
import { clock, seconds } from '../words.ts';
import type { ChartOptions, ChartSpec } from './chart-options.ts';
import {
  type Axis,
  chartSpec,
  emptyLayer,
  type Frame,
  type FrameInput,
  type LegendEntry,
  labelsFit,
  layOut,
} from './frame.ts';
import { type HoverColumn, hoverLayer } from './hover.ts';
import { type Limit, limitRules } from './limit-rules.ts';
import { layoutMarks, MARK_ROW_HEIGHT, markLabels, markLines, markShades } from './marks.ts';
import { type TimePlot, timePlot } from './time-plot.ts';
import type { ChartedRun, PeriodSlot } from './time-range.ts';
import { periodSlots, type TimeRange, timeRange } from './time-range.ts';
import { timeScale } from './units.ts';

export interface ChartOverTime {
  readonly title: string;
  readonly kind: FrameInput['kind'];
  readonly entries: readonly LegendEntry[];
  readonly namesOne?: boolean;
  readonly y: Axis | { readonly names: readonly string[] } | null;
  readonly right?: Axis;
  /** Drawn in place of the data where there is none. */
  readonly empty: string | null;
  /** What the picture shows, in words, for its text alternative. */
  readonly facts: string;
  /** Levels on the left axis, which ends at `top`. */
  readonly limits?: { readonly levels: readonly Limit[]; readonly top: number };
  /** The periods that are drawn; by default all of the range. */
  readonly slots?: readonly PeriodSlot[];
  /** What a tooltip lists for a moment. */
  readonly hover: readonly HoverColumn[];
}

/** A chart over time: its frame, the fault windows and timeline entries, and the layers that `draw` makes between them. */
export function chartOverTime(
  summary: ChartedRun,
  options: ChartOptions,
  chart: ChartOverTime,
  draw: (plot: TimePlot) => readonly JsonObject[],
): ChartSpec {
  const range = timeRange(summary, options);
  const slots = chart.slots ?? periodSlots(summary, range);
  const note = chart.empty === null ? notDrawn(range, slots) : '';
  // In a page it stands in the caption beside the chart, as the rest of that does.
  const isBeside = options.interactive === true && options.caption === undefined;
  const frame = timeFrame(summary, options, { ...chart, note: isBeside ? '' : note }, range);
  const marks = layoutMarks(summary.timeline.marks, {
    range,
    plotWidth: frame.plotWidth,
    rightEdge: frame.rightEdge,
    rows: frame.plotHeight < 260 ? 1 : 3,
  });
  const labelHeight = marks.rows * MARK_ROW_HEIGHT;
  const plot = timePlot(summary, frame, { range, slots, height: frame.plotHeight - labelHeight });
  const data = chart.empty === null ? draw(plot) : [axisOnly(plot), emptyLayer(frame, chart.empty, labelHeight)];
  const spec = chartSpec(frame, {
    layers: [
      ...markShades(marks, { x: plot.x, range, theme: frame.theme }),
      ...data,
      ...markLines(marks, { x: plot.x, range, theme: frame.theme }),
      ...(chart.limits === undefined || chart.empty !== null
        ? []
        : limitRules(plot, chart.limits.levels, chart.limits.top)),
      ...markLabels(marks, { plotWidth: frame.plotWidth, theme: frame.theme }),
      ...(options.interactive === true && chart.hover.length > 0 && chart.empty === null
        ? [hoverLayer(plot, chart.hover)]
        : []),
    ],
    labelHeight,
    ownHeights: frame.input.right !== undefined,
    description: describe(plot, options, chart, note),
  });
  return isBeside && note !== '' ? { ...spec, usermeta: { note } } : spec;
}

/** What is to be added to the caption beside a chart of a page; empty where there is nothing. */
export function noteBeside({ usermeta }: ChartSpec): string {
  return usermeta === undefined ? '' : String((usermeta as JsonObject).note);
}

function notDrawn(range: TimeRange, slots: readonly PeriodSlot[]): string {
  const left = range.to - slots.at(-1)!.to;
  return left > 0 ? `The last ${seconds(left)}, less than half a period, are not drawn.` : '';
}

/** With as many ticks as have room for their labels. */
function timeFrame(
  summary: ChartedRun,
  options: ChartOptions,
  chart: ChartOverTime & { readonly note: string },
  range: TimeRange,
): Frame {
  for (let ticks = 12; ; ticks--) {
    const scale = timeScale(range.from, range.to, ticks);
    const frame = layOut({
      summary,
      options,
      note: chart.note,
      title: chart.title,
      kind: chart.kind,
      entries: chart.empty === null ? chart.entries : [],
      namesOne: chart.namesOne === true,
      x: { title: `Time since the start of the run (${scale.unit})`, scale },
      y: chart.empty === null ? chart.y : null,
      ...(chart.right !== undefined && chart.empty === null ? { right: chart.right } : {}),
    });
    if (ticks <= 1 || labelsFit(scale, frame.plotWidth)) return frame;
  }
}

/** Keeps the time axis where there is no data. */
function axisOnly(plot: TimePlot): JsonObject {
  return {
    data: { values: [{ t: plot.range.from }] },
    mark: { type: 'point', opacity: 0 },
    encoding: { x: { ...plot.x, field: 't' } },
  };
}

function describe({ summary, range }: TimePlot, options: ChartOptions, chart: ChartOverTime, note: string): string {
  const marks = summary.timeline.marks.slice(0, 10).map((mark) => {
    const until = mark.toSeconds > mark.fromSeconds ? ` to ${clock(mark.toSeconds)}` : '';
    return `${mark.label} (${clock(mark.fromSeconds)}${until})`;
  });
  return [
    `${chart.title}, from ${clock(range.from)} to ${clock(range.to)} of the run ${summary.scenario.name}.`,
    chart.empty ?? chart.facts,
    note,
    marks.length === 0 ? '' : `Marked: ${marks.join('; ')}.`,
    options.caption ?? '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
