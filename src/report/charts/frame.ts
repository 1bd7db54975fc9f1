import type { JsonObject } from '../../scenario/scenario.ts';
import { shortNames } from '../short-names.ts';
import type { ChartOptions, ChartSpec } from './chart-options.ts';
import { pixelMark } from './pixel-mark.ts';
import { type Font, shorten, shortenMiddle, textWidth, wrap } from './text-width.ts';
import { type Theme, theme } from './theme.ts';
import type { Scale } from './units.ts';

/** Wherever text stands in the picture: its distance to the edges. */
const MARGIN = 18;
const TITLE: Font = { size: 18, weight: 'semiBold' };
const SUBTITLE: Font = { size: 12, weight: 'regular' };
const LABEL: Font = { size: 12, weight: 'regular' };
const CAPTION: Font = { size: 13, weight: 'regular' };
const TITLE_LINE = 23;
/** From the title's block to what stands above the plot. */
const TITLE_GAP = 10;
/** Above the plot: half of the topmost label of an axis. */
const OVERHANG = 8;
const CAPTION_LINE = 18;
const LEGEND_SYMBOL = 26;
/** Between named rows, and above and below them, as shares of a row with its gap. */
const ROW_GAP = 0.3;
const ROW_EDGE = 0.2;
const FONT_FAMILY = 'Inter, sans-serif';
/** Where Inter is not installed an SVG is set in another font, and the common ones are wider than it by as much as this. */
const WIDER_FONT = 1.12;

export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  readonly dash?: readonly number[];
}

export interface Axis {
  readonly title: string;
  readonly scale: Scale;
}

export interface FrameInput {
  /** Of what is drawn: a run, or several. */
  readonly summary: { readonly scenario: { readonly name: string } };
  readonly options: ChartOptions;
  /** Follows the caption, and is never cut. */
  readonly note?: string;
  /** What is drawn: statistic and period. */
  readonly title: string;
  /** Shapes the legend's symbols. */
  readonly kind: 'lines' | 'areas' | 'bars' | 'states';
  /** In the legend's order; names are unique. No legend for a single entry, unless it is the name of a state, or `namesOne`. */
  readonly entries: readonly LegendEntry[];
  /** Others might have been drawn, and neither title nor axis says which one is. */
  readonly namesOne?: boolean;
  readonly x: Axis | null;
  /** A list of names where the rows are named. */
  readonly y: Axis | { readonly names: readonly string[] } | null;
  readonly right?: Axis;
}

/**
 * Where everything stands. The picture's size is given and all text is measured, so the plot is what is left, and
 * nothing is cut or moved by the renderer.
 */
export interface Frame {
  readonly theme: Theme;
  readonly plotWidth: number;
  readonly plotHeight: number;
  /** From the plot's left edge to where text in the band above the plot must end. */
  readonly rightEdge: number;
  readonly input: FrameInput;
  readonly left: number;
  readonly rightSide: number;
  readonly titleLines: readonly string[];
  readonly subtitle: string;
  readonly captionLines: readonly string[];
  /** Names as they are drawn, by series name. */
  readonly legendNames: ReadonlyMap<string, string>;
  readonly rowNames: readonly string[];
}

export function layOut(input: FrameInput): Frame {
  const { options, summary } = input;
  const size = pictureSize(options);
  const room = (size.width - 2 * MARGIN) / WIDER_FONT;
  const titleLines = wrap(options.title ?? input.title, { width: room, lines: 2 }, TITLE);
  const about = options.title === undefined ? summary.scenario.name : `${input.title} · ${summary.scenario.name}`;
  const legend = legendNames(input, Math.min(230, size.width * 0.28));
  const rowNames =
    input.y !== null && 'names' in input.y ? distinct(input.y.names, Math.min(230, size.width * 0.28)) : [];
  const xLabels = input.x?.scale.labels ?? [];
  const firstLabel = xLabels.length === 0 ? 0 : textWidth(xLabels[0]!, LABEL) / 2;
  const left = MARGIN + Math.ceil(Math.max(leftAxisWidth(input, rowNames), firstLabel));
  const lastLabel = xLabels.length === 0 ? 0 : textWidth(xLabels.at(-1)!, LABEL) / 2;
  const rightAxis = input.right === undefined ? 0 : widest(input.right.scale.labels) + 34;
  const legendWidth =
    legend.size >= fewestNamed(input)
      ? Math.max(...[...legend.values()].map((name) => textWidth(name, LABEL))) + LEGEND_SYMBOL + 18
      : 0;
  // A browser sets the page in another font: a few pixels more than Inter needs.
  const rightSide = MARGIN + Math.max(lastLabel, rightAxis + legendWidth * 1.04);
  const captionLines = captionOf(input, room);
  return {
    theme: theme(options.theme ?? 'light'),
    plotWidth: Math.floor(Math.max(80, size.width - left - rightSide)),
    // Of a chart without marks; `chartSpec` takes their rows off.
    plotHeight: Math.floor(Math.max(60, size.height - topHeight(titleLines, 0) - bottomHeight(input, captionLines))),
    rightEdge: size.width - left - MARGIN,
    input,
    left,
    rightSide,
    titleLines,
    subtitle: shorten(about, room, SUBTITLE),
    captionLines,
    legendNames: legend,
    rowNames,
  };
}

function captionOf({ options, note = '' }: FrameInput, width: number): string[] {
  const lines = wrap(options.caption ?? '', { width, lines: 3 }, CAPTION);
  return [...lines.slice(0, -1), ...wrap(`${lines.at(-1) ?? ''} ${note}`, { width, lines: 2 }, CAPTION)];
}

/** The whole specification around the layers. `labelRows`: height of what stands above the plot. */
export function chartSpec(
  frame: Frame,
  drawing: {
    readonly layers: readonly JsonObject[];
    readonly labelHeight?: number;
    /** Gives what is drawn for the right axis heights of its own. */
    readonly ownHeights?: boolean;
    readonly description: string;
  },
): ChartSpec {
  const { input } = frame;
  const size = pictureSize(input.options);
  const labelHeight = drawing.labelHeight ?? 0;
  const width = frame.plotWidth;
  const height = frame.plotHeight - labelHeight;
  const top = topHeight(frame.titleLines, labelHeight);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: drawing.description,
    title: {
      text: frame.titleLines.length === 1 ? frame.titleLines[0]! : frame.titleLines,
      subtitle: frame.subtitle,
      anchor: 'start',
      frame: 'group',
      dx: MARGIN - frame.left,
      offset: TITLE_GAP,
    },
    width,
    height,
    autosize: { type: 'none' },
    padding: { left: frame.left, top, right: size.width - frame.left - width, bottom: size.height - top - height },
    background: frame.theme.background,
    layer: [titleFloor(labelHeight), ...drawing.layers, ...captionLayer(frame, height, size.height - top - height)],
    ...(drawing.ownHeights === true ? { resolve: { scale: { y: 'independent' } } } : {}),
    config: config(frame.theme),
  };
}

/** Whether the labels of an axis under the plot stand clear of one another. */
export function labelsFit(scale: Scale, plotWidth: number): boolean {
  const place = (index: number) => ((scale.ticks[index]! - scale.from) / (scale.to - scale.from)) * plotWidth;
  return scale.labels.every((label, index) => {
    const before = scale.labels[index - 1];
    if (before === undefined) return true;
    return place(index) - place(index - 1) >= (textWidth(label, LABEL) + textWidth(before, LABEL)) / 2 + 12;
  });
}

/** The x channel of a chart over time or over numbers, without its field. */
export function xChannel(frame: Frame): JsonObject {
  return frame.input.x === null
    ? {}
    : axisChannel(frame.input.x, { grid: false, tickSize: 5, titlePadding: 8, labelPadding: 4 });
}

export function yChannel(frame: Frame): JsonObject {
  const { y } = frame.input;
  if (y === null) return {};
  if ('names' in y) {
    return {
      type: 'nominal',
      sort: null,
      scale: { domain: frame.rowNames, paddingInner: ROW_GAP, paddingOuter: ROW_EDGE },
      axis: { title: null, domain: false, ticks: false, labelPadding: 8, labelLimit: 400 },
    };
  }
  return axisChannel(y, { grid: true, ticks: false, domain: false, titlePadding: 10, labelPadding: 6 });
}

/** Where a named row lies, in pixels from the plot's upper edge: as the scale of `yChannel` has it. */
export function rowBand(
  { frame, height }: { readonly frame: Frame; readonly height: number },
  index: number,
): { readonly top: number; readonly bottom: number } {
  const step = height / (frame.rowNames.length - ROW_GAP + 2 * ROW_EDGE);
  const top = (index + ROW_EDGE) * step;
  return { top: Math.round(top), bottom: Math.round(top + (1 - ROW_GAP) * step) };
}

/** The channel of the axis at the right. */
export function rightChannel(frame: Frame): JsonObject {
  const { right } = frame.input;
  return right === undefined
    ? {}
    : axisChannel(right, {
        orient: 'right',
        grid: false,
        ticks: false,
        domain: false,
        titlePadding: 10,
        labelPadding: 6,
      });
}

/** Colour by series name, with the legend. */
export function colourChannel(frame: Frame, field: string): JsonObject {
  const { entries, kind } = frame.input;
  return {
    field,
    type: 'nominal',
    scale: {
      domain: entries.map((entry) => frame.legendNames.get(entry.name)!),
      range: entries.map((entry) => entry.colour),
    },
    legend:
      entries.length < fewestNamed(frame.input)
        ? null
        : {
            title: null,
            orient: 'right',
            offset: 14,
            symbolType: kind === 'lines' ? 'stroke' : 'square',
            symbolSize: kind === 'lines' ? 260 : 150,
            symbolStrokeWidth: kind === 'lines' ? 2.5 : 0,
            symbolOpacity: 1,
            labelLimit: 400,
            // Closer together where the plot is too low for all.
            rowPadding: Math.max(0, Math.min(5, (frame.plotHeight - 20) / entries.length - 15)),
          },
  };
}

/** Dashes by series name, merged into the colour's legend. */
export function dashChannel(frame: Frame, field: string): JsonObject {
  const { entries } = frame.input;
  return {
    field,
    type: 'nominal',
    scale: {
      domain: entries.map((entry) => frame.legendNames.get(entry.name)!),
      range: entries.map((entry) => entry.dash ?? [1, 0]),
    },
  };
}

/** In the middle of a plot that has nothing to show. */
export function emptyLayer(frame: Frame, text: string, labelHeight: number): JsonObject {
  return pixelMark({
    type: 'text',
    text,
    x: frame.plotWidth / 2,
    y: (frame.plotHeight - labelHeight) / 2,
    align: 'center',
    baseline: 'middle',
    fontSize: 16,
    color: frame.theme.muted,
  });
}

function pictureSize(options: ChartOptions): { readonly width: number; readonly height: number } {
  return { width: Math.max(800, options.width ?? 960), height: Math.max(450, options.height ?? 540) };
}

function topHeight(titleLines: readonly string[], labelHeight: number): number {
  return MARGIN + titleLines.length * TITLE_LINE + 18 + TITLE_GAP + labelHeight + OVERHANG;
}

function bottomHeight(input: FrameInput, captionLines: readonly string[]): number {
  const axis = input.x === null ? 4 : 46;
  return axis + (captionLines.length === 0 ? 8 : 10 + captionLines.length * CAPTION_LINE) + 10;
}

function leftAxisWidth(input: FrameInput, rowNames: readonly string[]): number {
  if (input.y === null) return 0;
  if ('names' in input.y) return widest(rowNames) + 10;
  return widest(input.y.scale.labels) + 34;
}

function widest(labels: readonly string[]): number {
  return Math.ceil(Math.max(0, ...labels.map((label) => textWidth(label, LABEL))));
}

/** From so many entries on there is a legend. */
function fewestNamed({ kind, namesOne }: FrameInput): number {
  return kind === 'states' || namesOne === true ? 1 : 2;
}

function legendNames(input: FrameInput, width: number): ReadonlyMap<string, string> {
  const names = input.entries.map((entry) => entry.name);
  const drawn = distinct(names, width);
  return new Map(names.map((name, index) => [name, drawn[index]!]));
}

/** Names that fit and still differ. */
function distinct(names: readonly string[], width: number): string[] {
  const short = shortNames(names, {
    width,
    measure: (text) => textWidth(text, LABEL),
    shorten: (text, room) => shortenMiddle(text, room, LABEL),
  });
  return names.map((name) => short.get(name)!);
}

function axisChannel(axis: Axis, look: JsonObject): JsonObject {
  return {
    type: 'quantitative',
    scale: { domain: [axis.scale.from, axis.scale.to], nice: false, zero: false },
    axis: {
      title: axis.title,
      values: axis.scale.ticks,
      labelExpr: axis.scale.labelExpr,
      labelOverlap: false,
      labelFlush: false,
      ...look,
    },
  };
}

/** The renderer puts the title above everything else that it draws: so there is always something up to the same height. */
function titleFloor(labelHeight: number): JsonObject {
  return pixelMark({ type: 'rect', x: 0, x2: 1, y: -(labelHeight + OVERHANG), y2: 0, opacity: 0 });
}

function captionLayer(frame: Frame, height: number, bottom: number): JsonObject[] {
  return frame.captionLines.map((text, index) =>
    pixelMark({
      type: 'text',
      text,
      x: MARGIN - frame.left,
      y: height + bottom - 10 - (frame.captionLines.length - 1 - index) * CAPTION_LINE,
      align: 'left',
      baseline: 'bottom',
      fontSize: CAPTION.size,
      color: frame.theme.text,
    }),
  );
}

function config(colours: Theme): JsonObject {
  return {
    // The picture as a whole has a text alternative; its thousand parts need none.
    aria: false,
    font: FONT_FAMILY,
    view: { stroke: null },
    text: { color: colours.text, font: FONT_FAMILY },
    title: {
      color: colours.text,
      fontSize: TITLE.size,
      fontWeight: 600,
      lineHeight: TITLE_LINE,
      subtitleColor: colours.muted,
      subtitleFontSize: SUBTITLE.size,
      subtitleFontWeight: 400,
      subtitlePadding: 6,
    },
    axis: {
      labelColor: colours.muted,
      labelFontSize: LABEL.size,
      labelLimit: 400,
      titleColor: colours.text,
      titleFontSize: LABEL.size,
      titleFontWeight: 400,
      titleLimit: 1_000,
      gridColor: colours.grid,
      domainColor: colours.axis,
      tickColor: colours.axis,
    },
    legend: { labelColor: colours.text, labelFontSize: LABEL.size },
  };
}
