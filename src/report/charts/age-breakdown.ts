import { AGE_CAUSES, type AgeCause } from '../../recording/causes.ts';
import { AGE_CAUSE_WORDS } from '../phrases.ts';
import type { Summary } from '../summary.ts';
import { allOf, duration, period } from '../words.ts';
import { stackedAreas, stackTotals } from './areas.ts';
import { type ChartOptions, type ChartSpec, SERIES_LIMIT } from './chart-options.ts';
import { chartSpec, colourChannel, emptyLayer, layOut, xChannel, yChannel } from './frame.ts';
import { chartOverTime } from './over-time.ts';
import { findSeries, mappingSeries, peak } from './series.ts';
import { type ColourRole, type Theme, theme } from './theme.ts';
import { comparableSlots, timeRange } from './time-range.ts';
import { durationScale } from './units.ts';

const ROLES: Readonly<Record<AgeCause, ColourRole>> = {
  tick: 'tick',
  queue: 'queue',
  window: 'window',
  readLimit: 'readLimit',
  notPolling: 'notPolling',
  propagation: 'propagation',
  throttle: 'throttled',
  retry: 'retry',
  coldStart: 'coldStart',
  processing: 'running',
};

/** Where the time in the system went (M4), stacked by cause: over time where the summary has it, else the means. */
export function ageBreakdownChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const series = causesOverTime(summary);
  return series.some((one) => one.values.length > 0) ? overTime(summary, options, series) : means(summary, options);
}

interface CauseSeries {
  readonly cause: AgeCause;
  readonly name: string;
  readonly values: readonly (number | null)[];
}

function overTime(summary: Summary, options: ChartOptions, all: readonly CauseSeries[]): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const slots = comparableSlots(
    summary,
    timeRange(summary, options),
    all.map((one) => one.values),
  );
  const periods = { from: slots[0]!.index, to: slots.at(-1)!.index + 1 };
  const series = all.filter((one) => peak(one.values, periods) > 0);
  const highest = Math.max(0, peak(stackTotals(series), periods));
  const scale = durationScale(highest);
  const names = Object.keys(summary.mappings);
  const of = names.length > 1 ? `, ${allOf(names.length)} mappings together` : '';
  return chartOverTime(
    summary,
    options,
    {
      title: `Average time in system by cause, records settled in each ${period(summary.series.periodSeconds)}${of}`,
      kind: 'areas',
      entries: series.map((one) => ({ name: one.name, colour: colours[ROLES[one.cause]] })).reverse(),
      y: { title: `Average time in system (${scale.unit})`, scale },
      empty: highest === 0 ? 'No records settled' : null,
      facts: `${series.map((one) => `${one.name} up to ${duration(peak(one.values, periods))}`).join(', ')}; together at most ${duration(highest)}.`,
      slots,
      hover: series.map(({ name, values }) => ({ name, values, say: duration })).reverse(),
    },
    (plot) => [stackedAreas(plot, series)],
  );
}

/** A bar a mapping, of the whole run. */
function means(summary: Summary, options: ChartOptions): ChartSpec {
  const colours: Theme = theme(options.theme ?? 'light');
  const rows = Object.entries(summary.mappings)
    .filter(([, mapping]) => mapping.timeInSystemMs.count > 0)
    .map(([name, mapping]) => ({
      name,
      causes: mapping.ageBreakdownMs,
      total: AGE_CAUSES.reduce((sum, cause) => sum + mapping.ageBreakdownMs[cause], 0),
    }))
    .sort((a, b) => b.total - a.total)
    .slice(0, SERIES_LIMIT);
  const causes = AGE_CAUSES.filter((cause) => rows.some((row) => row.causes[cause] > 0));
  const scale = durationScale(Math.max(0, ...rows.map((row) => row.total)));
  const frame = layOut({
    summary,
    options,
    title: 'Mean time in system by cause, whole run',
    kind: 'areas',
    entries: causes.map((cause) => ({ name: AGE_CAUSE_WORDS[cause], colour: colours[ROLES[cause]] })),
    x: rows.length === 0 ? null : { title: `Mean time in system (${scale.unit})`, scale },
    y: rows.length === 0 ? null : { names: rows.map((row) => row.name) },
  });
  const description = [
    `Mean time in system by cause, whole run of ${summary.scenario.name}.`,
    rows.length === 0 ? 'No records settled.' : '',
    ...rows.map(
      (row) =>
        `${row.name}: ${causes.map((cause) => `${AGE_CAUSE_WORDS[cause]} ${duration(row.causes[cause])}`).join(', ')}.`,
    ),
    options.caption ?? '',
  ];
  const values = rows.flatMap((row, index) => {
    let from = 0;
    return causes.map((cause) => {
      const bar = {
        row: frame.rowNames[index]!,
        from,
        to: from + row.causes[cause],
        cause: AGE_CAUSE_WORDS[cause],
        time: duration(row.causes[cause]),
      };
      from = bar.to;
      return bar;
    });
  });
  const bars = {
    name: 'bars',
    data: { values },
    mark: { type: 'bar' },
    encoding: {
      x: { ...xChannel(frame), field: 'from' },
      x2: { field: 'to' },
      y: { ...yChannel(frame), field: 'row' },
      color: colourChannel(frame, 'cause'),
      ...(options.interactive === true
        ? {
            tooltip: [
              { field: 'row', type: 'nominal', title: 'Mapping' },
              { field: 'cause', type: 'nominal', title: 'Cause' },
              { field: 'time', type: 'nominal', title: 'Mean time' },
            ],
          }
        : {}),
    },
  };
  return chartSpec(frame, {
    layers: rows.length === 0 ? [emptyLayer(frame, 'No records settled', 0)] : [bars],
    description: description.filter((part) => part !== '').join(' '),
  });
}

/** By cause; over several mappings, each counts by the records it settled in the period. */
function causesOverTime(summary: Summary): CauseSeries[] {
  const names = Object.keys(summary.mappings);
  return AGE_CAUSES.map((cause) => {
    const lists = names.flatMap((name) => {
      const dimensions = { Mapping: name, Cause: cause };
      const values = findSeries(summary, {
        namespace: 'shardclock',
        name: 'TimeInSystem',
        dimensions,
        statistic: 'Average',
      });
      return values === null ? [] : [{ values, weights: mappingSeries(summary, name, 'RecordsOut', 'Sum') ?? [] }];
    });
    const length = Math.max(0, ...lists.map((list) => list.values.length));
    const values = Array.from({ length }, (_, index) => {
      let weighted = 0;
      let weight = 0;
      for (const list of lists) {
        const value = list.values[index] ?? null;
        const records = lists.length === 1 ? 1 : (list.weights[index] ?? 0);
        if (value !== null) {
          weighted += value * records;
          weight += records;
        }
      }
      return weight === 0 ? null : weighted / weight;
    });
    return { cause, name: AGE_CAUSE_WORDS[cause], values };
  });
}
