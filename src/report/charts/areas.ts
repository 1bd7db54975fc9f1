import type { JsonObject } from '../../scenario/scenario.ts';
import { POINTS_LIMIT } from './chart-options.ts';
import { colourChannel } from './frame.ts';
import type { Series } from './series.ts';
import { thinTogether } from './thin.ts';
import type { TimePlot } from './time-plot.ts';

/** Areas on top of one another in the order given, each period at its own height; a period where all are null is a gap. */
export function stackedAreas(plot: TimePlot, series: readonly Series[]): JsonObject {
  const shown = series.map((one) => plot.slots.map((slot) => one.values[slot.index] ?? null));
  const totals = plot.slots.map((_, place) => total(shown, place));
  const indices = thinTogether([...shown, totals], Math.floor((POINTS_LIMIT - 1) / (totals.includes(null) ? 1.5 : 1)));
  const values: JsonObject[] = [];
  series.forEach((one, order) => {
    const name = plot.frame.legendNames.get(one.name)!;
    let drawn: { readonly from: number; readonly to: number } | null = null;
    const point = (t: number, reach: { readonly from: number; readonly to: number } | null) =>
      values.push({ t, from: reach?.from ?? null, to: reach?.to ?? null, series: name });
    indices.forEach((index, position) => {
      const slot = plot.slots[index]!;
      if (totals[index] === null) {
        if (drawn !== null) {
          point(slot.from, drawn);
          point(slot.from, null);
        }
        drawn = null;
        return;
      }
      const from = shown.slice(0, order).reduce((height, list) => height + (list[index] ?? 0), 0);
      drawn = { from, to: from + (shown[order]![index] ?? 0) };
      point(slot.from, drawn);
      if (position === indices.length - 1) point(slot.to, drawn);
    });
  });
  return {
    name: 'areas',
    data: { values },
    mark: {
      type: 'area',
      interpolate: 'step-after',
      clip: true,
      opacity: 1,
      line: false,
      invalid: 'break-paths-show-domains',
    },
    encoding: {
      x: { ...plot.x, field: 't' },
      y: { ...plot.y, field: 'to' },
      y2: { field: 'from' },
      color: colourChannel(plot.frame, 'series'),
    },
  };
}

/** The height of the whole stack in each period. */
export function stackTotals(series: readonly Series[]): (number | null)[] {
  const length = Math.max(0, ...series.map((one) => one.values.length));
  const lists = series.map((one) => one.values);
  return Array.from({ length }, (_, index) => total(lists, index));
}

function total(lists: readonly (readonly (number | null)[])[], index: number): number | null {
  return lists.reduce<number | null>((sum, list) => {
    const value = list[index] ?? null;
    return value === null ? sum : (sum ?? 0) + value;
  }, null);
}
