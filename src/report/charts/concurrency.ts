import type { JsonObject } from '../../scenario/scenario.ts';
import type { Summary } from '../summary.ts';
import { counted, decimal, period, whole } from '../words.ts';
import { type ChartOptions, type ChartSpec, POINTS_LIMIT } from './chart-options.ts';
import { colourChannel, type LegendEntry, rightChannel } from './frame.ts';
import { type Limit, reach } from './limit-rules.ts';
import { lineEntries, stepLines } from './lines.ts';
import { chartOverTime } from './over-time.ts';
import { findSeries, highest, peak, type Series, sum, total } from './series.ts';
import { type Theme, theme } from './theme.ts';
import { thin } from './thin.ts';
import type { TimePlot } from './time-plot.ts';
import { comparableSlots, periodSlots, timeRange } from './time-range.ts';
import { numberScale } from './units.ts';

/** Functions drawn one by one: two lines each, with the others and the throttles within twelve. */
const FUNCTIONS = 5;
const THROTTLES = 'throttles';

/** Slots in use by function: average and maximum of each period, its limit, and the throttles on an axis of their own. */
export function concurrencyChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const uses = Object.keys(summary.functions).map((name) => ({
    name,
    average: functionSeries(summary, name, 'ConcurrentExecutions', 'Average'),
    maximum: functionSeries(summary, name, 'ConcurrentExecutions', 'Maximum'),
    limit: summary.functions[name]!.concurrency.limit,
    throttles: functionSeries(summary, name, 'Throttles', 'Sum'),
  }));
  const range = timeRange(summary, options);
  const slots = comparableSlots(
    summary,
    range,
    uses.flatMap((use) => [use.maximum, use.throttles]),
  );
  const periods = { from: slots[0]!.index, to: slots.at(-1)!.index + 1 };
  const chosen = nearestTheirLimits(uses, periods);
  const others = uses.filter((use) => !chosen.includes(use));
  const prefix = (name: string) => (uses.length === 1 ? '' : `${name} `);
  const maxima: Series[] = chosen.map((use) => ({ name: `${prefix(use.name)}maximum`, values: use.maximum }));
  const averages: Series[] = chosen.map((use) => ({ name: `${prefix(use.name)}average`, values: use.average }));
  const rest: Series[] =
    others.length === 0
      ? []
      : [{ name: 'other functions, highest', values: highest(others.map((use) => use.maximum)) }];
  const series: Series[] = [...chosen.flatMap((_, index) => [maxima[index]!, averages[index]!]), ...rest];
  const throttles: Series = {
    name: THROTTLES,
    values: sum(uses.map((use) => use.throttles)),
  };
  const mostThrottles = Math.max(0, peak(throttles.values, periods));
  const lastThrottles = total(throttles.values, {
    from: periods.to,
    to: periodSlots(summary, range).at(-1)!.index + 1,
  });
  const limits = limitsOf(chosen);
  const most = Math.max(0, ...series.map((one) => peak(one.values, periods)));
  const scale = numberScale(reach(most, limits), { whole: true });
  const each = `each ${period(summary.series.periodSeconds)}`;
  return chartOverTime(
    summary,
    options,
    {
      title: `Concurrent executions${uses.length === 1 ? ` of ${uses[0]!.name}` : ' by function'}, average and maximum, ${mostThrottles > 0 ? 'and throttles, ' : ''}${each}`,
      kind: 'lines',
      entries: [
        ...lookOf(chosen, series, colours),
        ...(mostThrottles > 0 ? [{ name: THROTTLES, colour: colours.throttle1 }] : []),
      ],
      y: { title: 'Concurrent executions', scale },
      ...(mostThrottles > 0
        ? { right: { title: `Throttles, ${each}`, scale: numberScale(mostThrottles * 2, { whole: true }) } }
        : {}),
      empty: most === 0 && mostThrottles === 0 ? 'No invocations' : null,
      facts: `At most ${whole(most)} at once; ${limits.map((limit) => limit.label).join('; ')}; ${mostThrottles > 0 ? `up to ${counted(mostThrottles, 'throttle')} in a period` : lastThrottles > 0 ? `${counted(lastThrottles, 'throttle')}, all at the end` : 'no throttles'}.`,
      limits: { levels: limits, top: scale.to },
      slots,
      hover: [
        ...series.map((one) => ({ ...one, say: (value: number) => decimal(value) })),
        ...(mostThrottles > 0 ? [{ ...throttles, say: whole }] : []),
      ],
    },
    (plot) => {
      // Maxima jump from period to period: where periods are a few pixels wide, a thick line would close to a wall.
      const dense = plot.slots.length > plot.width / 4;
      const lines = [
        ...stepLines(plot, [...rest, ...maxima], {
          name: 'maxima',
          mark: dense ? { strokeWidth: 1, opacity: 0.6 } : {},
        }),
        ...stepLines(plot, averages, { name: 'averages' }),
      ];
      // Two groups, so that the throttles' heights have their own axis.
      return mostThrottles > 0 ? [throttleBars(plot, throttles), { layer: lines }] : lines;
    },
  );
}

interface Use {
  readonly name: string;
  readonly average: readonly (number | null)[];
  readonly maximum: readonly (number | null)[];
  readonly limit: number;
  readonly throttles: readonly (number | null)[];
}

/** All of them, or those that were throttled most, then those that came nearest to their limit; in their own order. */
function nearestTheirLimits(
  uses: readonly Use[],
  periods: { readonly from: number; readonly to: number },
): readonly Use[] {
  if (uses.length <= FUNCTIONS) return uses;
  const ranked = uses
    .map((use) => {
      const most = Math.max(0, peak(use.maximum, periods));
      return { use, most, share: most / Math.max(1, use.limit), throttles: total(use.throttles, periods) };
    })
    .sort((a, b) => b.throttles - a.throttles || b.share - a.share || b.most - a.most)
    .slice(0, FUNCTIONS);
  const kept = new Set(ranked.map(({ use }) => use));
  return uses.filter((use) => kept.has(use));
}

/** AWS's own metrics of the function, over all its mappings. */
function functionSeries(summary: Summary, name: string, metric: string, statistic: string): readonly (number | null)[] {
  const dimensions = { FunctionName: name };
  return findSeries(summary, { namespace: 'AWS/Lambda', name: metric, dimensions, statistic }) ?? [];
}

function limitsOf(uses: readonly { readonly name: string; readonly limit: number }[]): Limit[] {
  const values = [...new Set(uses.map((use) => use.limit))];
  return values.map((value) => {
    const names = uses.filter((use) => use.limit === value).map((use) => use.name);
    const of = uses.length === 1 || names.length === uses.length ? '' : ` of ${names.join(', ')}`;
    return { value, label: `limit${of} ${whole(value)}` };
  });
}

function lookOf(uses: readonly { readonly name: string }[], series: readonly Series[], colours: Theme): LegendEntry[] {
  const looks = lineEntries(
    uses.map((use) => use.name),
    colours,
  );
  return series.map((one, index) => {
    const look = looks[Math.floor(index / 2)];
    if (look === undefined) return { name: one.name, colour: colours.envelope };
    const average = index % 2 === 1;
    return {
      name: one.name,
      colour: average && uses.length === 1 ? colours.line1 : look.colour,
      ...(average ? { dash: [5, 4] } : {}),
    };
  });
}

function throttleBars(plot: TimePlot, throttles: Series): JsonObject {
  const shown = plot.slots.map((slot) => throttles.values[slot.index] ?? 0);
  const values = thin(shown, POINTS_LIMIT)
    .filter((index) => shown[index]! > 0)
    .map((index) => {
      const slot = plot.slots[index]!;
      return { from: slot.from, to: slot.to, zero: 0, count: shown[index]!, series: THROTTLES };
    });
  return {
    name: 'throttles',
    data: { values },
    // A minimum width of one pixel: a lone throttle in three days must be seen.
    mark: {
      type: 'rect',
      opacity: 0.55,
      clip: true,
      stroke: plot.frame.theme.throttle1,
      strokeWidth: plot.slots.length > 300 ? 1 : 0,
    },
    encoding: {
      x: { ...plot.x, field: 'from' },
      x2: { field: 'to' },
      y: { ...rightChannel(plot.frame), field: 'count' },
      y2: { field: 'zero' },
      color: colourChannel(plot.frame, 'series'),
    },
  };
}
