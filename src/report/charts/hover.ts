import type { JsonObject } from '../../scenario/scenario.ts';
import { clock } from '../words.ts';
import { marksDuring } from './marks.ts';
import { peak } from './series.ts';
import type { TimePlot } from './time-plot.ts';

/** One line of a tooltip: a name, the values by period, and how to say one. */
export interface HoverColumn {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly say: (value: number) => string;
}

/** More would be narrower than two pixels. */
const STRETCHES = 360;

/**
 * Transparent columns side by side over the whole plot: wherever the pointer is, one answers with every series' value
 * there. Where a column covers several periods, each value is the highest of them.
 */
export function hoverLayer(plot: TimePlot, columns: readonly HoverColumn[]): JsonObject {
  const each = Math.ceil(plot.slots.length / STRETCHES);
  const values: JsonObject[] = [];
  for (let first = 0; first < plot.slots.length; first += each) {
    const slots = plot.slots.slice(first, first + each);
    const range = { from: slots[0]!.from, to: slots.at(-1)!.to };
    const indices = { from: slots[0]!.index, to: slots.at(-1)!.index + 1 };
    const row: Record<string, string | number> = {
      ...range,
      time: `${clock(range.from)} – ${clock(range.to)}`,
      marks: marksDuring(plot.summary.timeline.marks, range)
        .map((mark) => mark.label)
        .join('; '),
    };
    columns.forEach((column, index) => {
      const value = peak(column.values, indices);
      row[`c${index}`] = value === Number.NEGATIVE_INFINITY ? '–' : column.say(value);
    });
    values.push(row);
  }
  return {
    name: 'hover',
    data: { values },
    params: [{ name: 'pointed', select: { type: 'point', fields: ['from'], on: 'pointerover', clear: 'pointerout' } }],
    mark: { type: 'rect', color: plot.frame.theme.muted },
    encoding: {
      x: { ...plot.x, field: 'from' },
      x2: { field: 'to' },
      opacity: { condition: { param: 'pointed', empty: false, value: 0.18 }, value: 0 },
      tooltip: [
        { field: 'time', type: 'nominal', title: each > 1 ? 'Time (highest)' : 'Time' },
        ...columns.map((column, index) => ({ field: `c${index}`, type: 'nominal', title: column.name })),
        ...(values.some((row) => row.marks !== '') ? [{ field: 'marks', type: 'nominal', title: 'Marked' }] : []),
      ],
    },
  };
}
