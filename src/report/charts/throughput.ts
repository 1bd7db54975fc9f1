import type { Summary } from '../summary.ts';
import { decimal, period } from '../words.ts';
import { type ChartOptions, type ChartSpec, SERIES_LIMIT } from './chart-options.ts';
import { lineEntries, stepLines } from './lines.ts';
import { chartOverTime } from './over-time.ts';
import { overlayLines } from './overlay-lines.ts';
import { mappingSeries, peak, type Series, sum } from './series.ts';
import { theme } from './theme.ts';
import { comparableSlots, periodSlots, timeRange } from './time-range.ts';
import { numberScale } from './units.ts';

/** Records a second into and out of each mapping, by period: arrived, and settled with success. */
export function throughputChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const names = Object.keys(summary.mappings);
  const pairs = names.map((name) => ({
    name,
    in: perSecond(summary, mappingSeries(summary, name, 'RecordsIn', 'Sum') ?? []),
    out: perSecond(summary, mappingSeries(summary, name, 'RecordsOut', 'Sum') ?? []),
  }));
  const slots = comparableSlots(
    summary,
    timeRange(summary, options),
    pairs.flatMap((pair) => [pair.in, pair.out]),
  );
  const shownPeriods = { from: slots[0]!.index, to: slots.at(-1)!.index + 1 };
  const colours = theme(options.theme ?? 'light');
  // Two lines a mapping; where that is too much, the busiest alone and the others together.
  const most = SERIES_LIMIT / 2;
  const ranked = [...pairs].sort((a, b) => peak(b.in, shownPeriods) - peak(a.in, shownPeriods));
  const shown = pairs.length <= most ? pairs : ranked.slice(0, most - 1);
  const rest = pairs.filter((pair) => !shown.includes(pair));
  const together =
    rest.length === 0
      ? []
      : [
          {
            name: `${rest.length} other mappings`,
            in: sum(rest.map((one) => one.in)),
            out: sum(rest.map((one) => one.out)),
          },
        ];
  const all = [...shown, ...together];
  const prefix = (name: string) => (all.length === 1 ? '' : `${name} `);
  const series: Series[] = all.flatMap((pair) => [
    { name: `${prefix(pair.name)}in`, values: pair.in },
    { name: `${prefix(pair.name)}out`, values: pair.out },
  ]);
  // In and out of one mapping lie on each other while it keeps up: out is dashed, on top.
  const looks = lineEntries(
    all.map((pair) => pair.name),
    colours,
  );
  const entries = all.flatMap((_, index) => {
    const incoming = { name: series[2 * index]!.name, colour: looks[index]!.colour };
    const colour = all.length === 1 ? colours.line1 : looks[index]!.colour;
    return [incoming, { name: series[2 * index + 1]!.name, colour, dash: [5, 4] }];
  });
  const simulated = Math.max(0, ...series.map((one) => peak(one.values, shownPeriods)));
  const real = overlayLines(summary, options, colours, {
    metrics: ['IncomingRecords'],
    drawn: (value, { periodSeconds }) => value / periodSeconds,
  });
  const highest = Math.max(simulated, real.peak);
  return chartOverTime(
    summary,
    options,
    {
      title: `Records in and out per second${all.length === 1 ? '' : ' by mapping'}, average of each ${period(summary.series.periodSeconds)}`,
      kind: 'lines',
      entries: [...entries, ...real.entries],
      y: { title: 'Records per second', scale: numberScale(1.03 * highest, { whole: false }) },
      empty: highest === 0 ? 'No records' : null,
      facts: `At most ${decimal(simulated, 4)} records a second in one period.${real.series.length === 0 ? '' : ` What was measured reaches ${decimal(Math.max(0, real.peak), 4)}.`}`,
      slots,
      hover: [...series, ...real.series].map((one) => ({ ...one, say: (value: number) => `${decimal(value, 4)}/s` })),
    },
    (plot) => stepLines(plot, [...series, ...real.series]),
  );
}

/** Sums over the seconds of their periods, of which the run's end may cut the last; a warm-up counts here (M2). */
function perSecond(summary: Summary, sums: readonly (number | null)[]): (number | null)[] {
  const { toSeconds } = summary.measured;
  const rates: (number | null)[] = sums.map(() => null);
  if (toSeconds <= 0) return rates;
  for (const slot of periodSlots(summary, { from: 0, to: toSeconds })) {
    const value = sums[slot.index] ?? null;
    if (value !== null) rates[slot.index] = value / (slot.to - slot.from);
  }
  return rates;
}
