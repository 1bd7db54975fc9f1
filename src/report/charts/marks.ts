import type { JsonObject } from '../../scenario/scenario.ts';
import type { TimelineMark } from '../summary.ts';
import { pixelMark, pixelRule } from './pixel-mark.ts';
import { type Font, shorten, textWidth } from './text-width.ts';
import type { Theme } from './theme.ts';
import type { TimeRange } from './time-range.ts';

/** Rows of labels above the plot; what finds no room in them is counted in a "+3 more". */
const ROWS = 3;
export const MARK_ROW_HEIGHT = 16;
const FONT: Font = { size: 11, weight: 'regular' };
const GAP = 10;
const LONGEST = 340;
/** So much of a label is enough for it to begin at its moment; with less room to the right it ends there. */
const READABLE = 110;

/** A label above the plot: its row (0 is nearest to the plot), its text's extent, and the moment it points down to. */
interface MarkLabel {
  readonly mark: TimelineMark;
  readonly text: string;
  readonly row: number;
  readonly from: number;
  readonly to: number;
  readonly at: number;
  /** Whether a line may lead down to the plot without crossing another text. */
  readonly led: boolean;
}

export interface MarkLayout {
  readonly rows: number;
  readonly labels: readonly MarkLabel[];
  readonly shown: readonly TimelineMark[];
  /** How many have no label. */
  readonly unlabelled: number;
}

/**
 * Staggers the labels of fault windows and timeline entries so that none meets another, its line or the picture's edge.
 * Worked from right to left: a label goes above every one that begins within it, so no line crosses a text.
 */
export function layoutMarks(
  marks: readonly TimelineMark[],
  room: { readonly range: TimeRange; readonly plotWidth: number; readonly rightEdge: number; readonly rows?: number },
): MarkLayout {
  const { range, plotWidth, rightEdge } = room;
  const rows = room.rows ?? ROWS;
  const shown = marks.filter((mark) => overlaps(mark, range));
  const x = (seconds: number) => ((seconds - range.from) / (range.to - range.from)) * plotWidth;
  const candidates = shown
    .map((mark) => {
      const at = x(Math.max(mark.fromSeconds, range.from));
      const right = rightEdge - at >= Math.min(READABLE, textWidth(mark.label, FONT));
      const text = shorten(mark.label, Math.min(LONGEST, right ? rightEdge - at : at), FONT);
      const width = textWidth(text, FONT);
      const from = right ? at : at - width;
      return { mark, text, from, to: from + width, at };
    })
    .sort((a, b) => b.from - a.from);
  const labels: MarkLabel[] = [];
  for (const candidate of candidates) {
    const above = labels.filter((label) => label.from < candidate.to + GAP && candidate.from < label.to + GAP);
    const row = Math.max(-1, ...above.map((label) => label.row)) + 1;
    const led = !labels.some((label) => label.from < candidate.at && candidate.at < label.to);
    if (row < rows) labels.push({ ...candidate, row, led });
  }
  const unlabelled = shown.length - labels.length;
  const used = Math.max(-1, ...labels.map((label) => label.row)) + 1;
  return { rows: used + (unlabelled > 0 ? 1 : 0), labels: labels.reverse(), shown, unlabelled };
}

interface MarkPlot {
  readonly x: JsonObject;
  readonly range: TimeRange;
  readonly theme: Theme;
}

/** Drawn under the data: the windows. */
export function markShades(layout: MarkLayout, plot: MarkPlot): JsonObject[] {
  const values = layout.shown
    .filter((mark) => mark.toSeconds > mark.fromSeconds)
    .map((mark) => ({
      label: mark.label,
      kind: mark.kind,
      from: Math.max(mark.fromSeconds, plot.range.from),
      to: Math.min(mark.toSeconds, plot.range.to),
    }));
  if (values.length === 0) return [];
  return [
    {
      name: 'mark-windows',
      data: { values },
      mark: { type: 'rect', opacity: 0.14, clip: true },
      encoding: {
        x: { ...plot.x, field: 'from' },
        x2: { field: 'to' },
        color: kindColour(plot.theme.faultShade, plot.theme.timelineShade),
      },
    },
  ];
}

/** Drawn over the data: a line where each begins. */
export function markLines(layout: MarkLayout, plot: MarkPlot): JsonObject[] {
  const values = layout.shown
    .filter((mark) => mark.fromSeconds >= plot.range.from)
    .map((mark) => ({ label: mark.label, kind: mark.kind, from: mark.fromSeconds }));
  if (values.length === 0) return [];
  return [
    {
      name: 'mark-lines',
      data: { values },
      mark: { type: 'rule', strokeDash: [3, 3], opacity: 0.7 },
      encoding: { x: { ...plot.x, field: 'from' }, color: kindColour(plot.theme.faultMark, plot.theme.timelineMark) },
    },
  ];
}

/** The labels above the plot, each with a line down to it. */
export function markLabels(
  layout: MarkLayout,
  plot: { readonly plotWidth: number; readonly theme: Theme },
): JsonObject[] {
  const colour = (mark: TimelineMark) => (mark.kind === 'fault' ? plot.theme.faultMark : plot.theme.timelineMark);
  const layers: JsonObject[] = layout.labels.flatMap((label) => [
    ...(label.led
      ? [
          pixelRule(
            { x: label.at, y: -(label.row * MARK_ROW_HEIGHT + 6) },
            { x: label.at, y: 0 },
            { color: colour(label.mark), opacity: 0.6 },
          ),
        ]
      : []),
    pixelMark({
      type: 'text',
      text: label.text,
      x: label.from,
      y: -(label.row * MARK_ROW_HEIGHT + 8),
      align: 'left',
      baseline: 'alphabetic',
      fontSize: FONT.size,
      color: colour(label.mark),
    }),
  ]);
  if (layout.unlabelled > 0) {
    layers.push(
      pixelMark({
        type: 'text',
        text: `+${layout.unlabelled} more`,
        x: plot.plotWidth,
        y: -((layout.rows - 1) * MARK_ROW_HEIGHT + 8),
        align: 'right',
        baseline: 'alphabetic',
        fontSize: FONT.size,
        color: plot.theme.muted,
      }),
    );
  }
  return layers;
}

/** What holds at some moment of [from, to), for a tooltip. */
export function marksDuring(marks: readonly TimelineMark[], range: TimeRange): readonly TimelineMark[] {
  return marks.filter((mark) => overlaps(mark, range));
}

function overlaps(mark: TimelineMark, range: TimeRange): boolean {
  return mark.fromSeconds < range.to && (mark.toSeconds > range.from || mark.fromSeconds >= range.from);
}

function kindColour(fault: string, timeline: string): JsonObject {
  return { condition: { test: "datum.kind === 'fault'", value: fault }, value: timeline };
}
