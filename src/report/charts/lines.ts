import type { JsonObject } from '../../scenario/scenario.ts';
import { POINTS_LIMIT } from './chart-options.ts';
import { colourChannel, dashChannel, type LegendEntry } from './frame.ts';
import type { Series } from './series.ts';
import { LINE_COLOURS, type Theme } from './theme.ts';
import { thin } from './thin.ts';
import type { TimePlot } from './time-plot.ts';

/** How each of up to twelve lines looks: six colours, then the same six dashed. */
export function lineEntries(names: readonly string[], theme: Theme): LegendEntry[] {
  return names.map((name, index) => ({
    name,
    colour: theme[LINE_COLOURS[index % LINE_COLOURS.length]!],
    ...(index >= LINE_COLOURS.length ? { dash: [5, 3] } : {}),
  }));
}

/** A line at each period's value over the period's whole length, broken where a period has none. */
export function stepLines(plot: TimePlot, series: readonly Series[], look: LineLook = {}): JsonObject[] {
  return lineLayer(plot, series, { ...look, mark: { interpolate: 'step-after', ...look.mark } }, (values) => {
    const shown = plot.slots.map((slot) => values[slot.index] ?? null);
    // The end of a stretch takes a point of its own, so twice as many periods as points would be too many.
    const indices = thin(shown, Math.floor((POINTS_LIMIT - 1) / (shown.includes(null) ? 1.5 : 1)));
    const points: Point[] = [];
    indices.forEach((index, position) => {
      const slot = plot.slots[index]!;
      const value = shown[index]!;
      const before = points.at(-1);
      if (value === null) {
        if (before !== undefined && before.v !== null)
          points.push({ t: slot.from, v: before.v }, { t: slot.from, v: null });
      } else {
        points.push({ t: slot.from, v: value });
        if (position === indices.length - 1) points.push({ t: slot.to, v: value });
      }
    });
    return points;
  });
}

/** A line through the values that hold at each period's end. */
export function sampledLines(plot: TimePlot, series: readonly Series[], look: LineLook = {}): JsonObject[] {
  return lineLayer(plot, series, look, (values) => {
    const shown = plot.slots.map((slot) => values[slot.index] ?? null);
    const [first] = plot.slots;
    const before = first!.index === 0 ? 0 : (values[first!.index - 1] ?? null);
    // Of where its period begins, which may be left of the plot: there the line is cut.
    const start = first!.index * plot.summary.series.periodSeconds;
    const isThere = shown[0] !== null && before !== null;
    const points: Point[] = isThere ? [{ t: start, v: before }] : [];
    for (const index of thin(shown, POINTS_LIMIT - 1)) points.push({ t: plot.slots[index]!.to, v: shown[index]! });
    return points;
  });
}

interface LineLook {
  /** Of the layer, where a chart has several of lines. */
  readonly name?: string;
  readonly mark?: JsonObject;
}

interface Point {
  readonly t: number;
  readonly v: number | null;
}

function lineLayer(
  plot: TimePlot,
  series: readonly Series[],
  look: LineLook,
  pointsOf: (values: readonly (number | null)[]) => readonly Point[],
): JsonObject[] {
  const values = series.flatMap((one) => {
    const name = plot.frame.legendNames.get(one.name)!;
    return pointsOf(one.values).map((point) => ({ t: point.t, v: point.v, series: name }));
  });
  const dashed = plot.frame.input.entries.some((entry) => entry.dash !== undefined);
  return [
    {
      name: look.name ?? 'lines',
      data: { values },
      mark: {
        type: 'line',
        strokeWidth: series.length > 6 ? 1.5 : 2,
        strokeCap: 'round',
        strokeJoin: 'round',
        clip: true,
        invalid: 'break-paths-show-domains',
        ...look.mark,
      },
      encoding: {
        x: { ...plot.x, field: 't' },
        y: { ...plot.y, field: 'v' },
        color: colourChannel(plot.frame, 'series'),
        ...(dashed ? { strokeDash: dashChannel(plot.frame, 'series') } : {}),
      },
    },
  ];
}
