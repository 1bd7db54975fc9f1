import { failedRecords } from '../failed-records.ts';
import type { Summary } from '../summary.ts';
import { period, whole } from '../words.ts';
import { stackedAreas, stackTotals } from './areas.ts';
import type { ChartOptions, ChartSpec } from './chart-options.ts';
import type { LegendEntry } from './frame.ts';
import { chartOverTime } from './over-time.ts';
import { mappingSeries, peak, sum, total } from './series.ts';
import { type Theme, theme } from './theme.ts';
import { comparableSlots, periodSlots, timeRange } from './time-range.ts';
import { numberScale } from './units.ts';

const OUTCOMES = ['success', 'error', 'throttle'] as const;
/** Mappings told apart; each outcome has as many shades. The last one stands for all others where there are more. */
const SHADES = 4;

/** Invocations of each period by outcome, and attempts that were throttled, on top of one another; by mapping. */
export function invocationsChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const groups = groupsOf(summary);
  const range = timeRange(summary, options);
  const slots = comparableSlots(
    summary,
    range,
    groups.flatMap((group) => OUTCOMES.map((outcome) => group[outcome])),
  );
  const periods = { from: slots[0]!.index, to: slots.at(-1)!.index + 1 };
  const allPeriods = { from: periods.from, to: periodSlots(summary, range).at(-1)!.index + 1 };
  const series = OUTCOMES.flatMap((outcome) =>
    groups.map((group, shade) => ({
      name: groups.length === 1 ? wordOf(group, outcome) : `${group.name} ${wordOf(group, outcome)}`,
      values: group[outcome],
      colour: colours[`${outcome}${shade}` as keyof Theme],
    })),
  ).filter((one) => groups.length === 1 || peak(one.values, allPeriods) > 0);
  const totals = stackTotals(series);
  const highest = Math.max(0, peak(totals, periods));
  const entries: LegendEntry[] = series.map(({ name, colour }) => ({ name, colour }));
  return chartOverTime(
    summary,
    options,
    {
      title: `Invocations by outcome${groups.length === 1 ? '' : ' and mapping'}, sum of each ${period(summary.series.periodSeconds)}`,
      kind: 'areas',
      // As the stack lies: the topmost first.
      entries: entries.reverse(),
      namesOne: groups.length > 1,
      y: { title: 'Invocations and throttles', scale: numberScale(highest, { whole: true }) },
      empty: highest === 0 ? 'No invocations' : null,
      facts: `${series.map((one) => `${one.name}: ${whole(total(one.values, allPeriods))}`).join(', ')} in all; at most ${whole(highest)} in a period.`,
      slots,
      hover: series.map(({ name, values }) => ({ name, values, say: whole })).reverse(),
    },
    (plot) => [stackedAreas(plot, series)],
  );
}

interface Outcomes {
  readonly name: string;
  /** Some that were no errors named failed items (E5): how many, the result does not tell. */
  readonly hasFailedItems: boolean;
  readonly success: readonly number[];
  readonly error: readonly number[];
  readonly throttle: readonly number[];
}

function wordOf(group: Outcomes, outcome: (typeof OUTCOMES)[number]): string {
  return outcome === 'success' && group.hasFailedItems ? 'success, whole or in part' : outcome;
}

function groupsOf(summary: Summary): Outcomes[] {
  const all = Object.keys(summary.mappings).map((name): Outcomes => {
    const of = (metric: string) => mappingSeries(summary, name, metric, 'Sum') ?? [];
    const error = of('Errors').map((value) => value ?? 0);
    // Errors are among the invocations; throttles aren't (L2).
    return {
      name,
      hasFailedItems: (failedRecords(summary, name) ?? 0) > 0,
      success: of('Invocations').map((value, index) => (value ?? 0) - (error[index] ?? 0)),
      error,
      throttle: of('Throttles').map((value) => value ?? 0),
    };
  });
  if (all.length <= SHADES) return all;
  const rest = all.slice(SHADES - 1);
  return [
    ...all.slice(0, SHADES - 1),
    {
      name: `${rest.length} other mappings`,
      hasFailedItems: rest.some((one) => one.hasFailedItems),
      success: sum(rest.map((one) => one.success)),
      error: sum(rest.map((one) => one.error)),
      throttle: sum(rest.map((one) => one.throttle)),
    },
  ];
}
