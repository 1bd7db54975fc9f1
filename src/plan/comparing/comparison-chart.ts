import type { ChartOptions, ChartSpec } from '../../report/charts/chart-options.ts';
import { POINTS_LIMIT } from '../../report/charts/chart-options.ts';
import { colourChannel } from '../../report/charts/frame.ts';
import { reach } from '../../report/charts/limit-rules.ts';
import { stepLines } from '../../report/charts/lines.ts';
import { chartOverTime } from '../../report/charts/over-time.ts';
import { peak } from '../../report/charts/series.ts';
import { theme } from '../../report/charts/theme.ts';
import { thinTogether } from '../../report/charts/thin.ts';
import type { TimePlot } from '../../report/charts/time-plot.ts';
import { periodSlots, timeRange } from '../../report/charts/time-range.ts';
import { durationScale } from '../../report/charts/units.ts';
import { duration, period } from '../../report/words.ts';
import type { JsonObject } from '../../scenario/scenario.ts';
import type { Comparison } from './comparison.ts';
import type { ComparedCurve } from './comparison-curves.ts';

/**
 * IteratorAge of A and B over time, the largest of each period: of several runs their mean, and shaded behind it from the
 * lowest to the highest of them.
 */
export function comparisonChart(comparison: Comparison, options: ChartOptions = {}): ChartSpec {
  const { iteratorAge, keyLine, a, b } = comparison;
  const { periodSeconds, measured, marks, limits, runs } = iteratorAge;
  const colours = theme(options.theme ?? 'light');
  const run = {
    scenario: { name: a.name === b.name ? a.name : `A: ${a.name} · B: ${b.name}` },
    measured,
    series: { periodSeconds },
    timeline: { marks },
  };
  const slots = periodSlots(run, timeRange(run, options));
  const shown = { from: slots[0]!.index, to: slots.at(-1)!.index + 1 };
  const sides = [
    { name: 'A', curve: iteratorAge.a, look: { colour: colours.line0 } },
    { name: 'B', curve: iteratorAge.b, look: { colour: colours.line1, dash: [6, 3] } },
  ] as const;
  const peaks = sides.map(({ curve }) => peak(curve.highest, shown));
  const most = Math.max(...peaks);
  const scale = durationScale(reach(Math.max(0, most), limits));
  const several = runs > 1 ? `, mean and range of ${runs} runs` : '';
  return chartOverTime(
    run,
    { ...options, caption: options.caption ?? keyLine },
    {
      title: `Maximum IteratorAge, each ${period(periodSeconds)}${several}`,
      kind: 'lines',
      entries: sides.map(({ name, look }) => ({ name, ...look })),
      y: { title: `Maximum IteratorAge (${scale.unit})`, scale },
      empty: most === Number.NEGATIVE_INFINITY ? 'No invocations, so no iterator age' : null,
      facts: `A line each; A reaches ${duration(Math.max(0, peaks[0]!))}, B ${duration(Math.max(0, peaks[1]!))}.`,
      limits: { levels: limits, top: scale.to },
      hover: sides.flatMap(({ name, curve }) => [
        { name, values: curve.mean, say: duration },
        ...(runs > 1 ? [{ name: `${name}, highest`, values: curve.highest, say: duration }] : []),
      ]),
    },
    (plot) => [
      ...(runs > 1 ? [bands(plot, sides)] : []),
      ...stepLines(
        plot,
        sides.map(({ name, curve }) => ({ name, values: curve.mean })),
      ),
    ],
  );
}

/** From the lowest run to the highest, period by period; a period without one is a gap. */
function bands(plot: TimePlot, sides: readonly { readonly name: string; readonly curve: ComparedCurve }[]): JsonObject {
  const values = sides.flatMap(({ name, curve }) => {
    const at = (list: readonly (number | null)[]) => plot.slots.map((slot) => list[slot.index] ?? null);
    const [lowest, highest] = [at(curve.lowest), at(curve.highest)];
    const points: JsonObject[] = [];
    const series = plot.frame.legendNames.get(name)!;
    // Each takes two points, where it begins and where it ends.
    for (const index of thinTogether([lowest, highest], Math.floor(POINTS_LIMIT / 2))) {
      const { from, to } = plot.slots[index]!;
      const reaches = { from: lowest[index]!, to: highest[index]!, series };
      points.push({ t: from, ...reaches }, { t: to, ...reaches });
    }
    return points;
  });
  return {
    name: 'bands',
    data: { values },
    mark: { type: 'area', clip: true, opacity: 0.22, line: false, invalid: 'break-paths-show-domains' },
    encoding: {
      x: { ...plot.x, field: 't' },
      y: { ...plot.y, field: 'to' },
      y2: { field: 'from' },
      color: colourChannel(plot.frame, 'series'),
    },
  };
}
