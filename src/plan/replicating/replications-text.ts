import type { Line } from '../../report/text-layout.ts';
import { layOutText, line, printable, table } from '../../report/text-layout.ts';
import { allOf, bytes, counted, decimal, duration, list, money, seconds, whole } from '../../report/words.ts';
import type { MeanInterval } from '../../statistics/interval.ts';
import { ownMetric } from '../figure-name.ts';
import type { MetricEstimate, Replications, ThresholdCount } from './replications.ts';

export interface ReplicationsTextOptions {
  /** Columns, at least 40; default 80. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
}

const NARROWEST = 40;
const DEFAULT_WIDTH = 80;
const MOST_SEEDS = 3;

/** Replications as a terminal shows them: at most `width` columns, each line ended. */
export function replicationsText(replications: Replications, options: ReplicationsTextOptions = {}): string {
  const width = Math.max(NARROWEST, Math.floor(options.width ?? DEFAULT_WIDTH));
  const { complete } = replications;
  const sections: readonly (readonly Line[])[] = [
    headline(replications),
    complete === 0 ? [] : thresholds(replications, width),
    ...groups(replications.metrics).map(([title, metrics]) => figures(title, metrics, { width, complete })),
    complete < 2 ? [] : [line('±: half of the 95 % confidence interval of the mean', { tone: 'quiet' })],
  ];
  const lines = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [line(''), ...section]));
  return layOutText(lines, { width, color: options.color ?? false });
}

function headline({ scenario, asked, complete, replications, partial }: Replications): Line[] {
  const { name, seed, durationSeconds } = scenario;
  const seeds =
    asked === 1 ? `seed ${seed}` : `seeds ${seed}${asked === 2 ? ' and' : `, ${seed}/2 to`} ${seed}/${asked}`;
  const short = replications.length - complete;
  return [
    line(name, { tone: 'heading', hang: 0 }),
    line(`${counted(asked, 'replication')} of ${seconds(durationSeconds)}, ${seeds}`, { hang: 2 }),
    ...(partial
      ? [
          line(
            `! Interrupted: ${whole(complete)} of them ran to their end, which is what follows${short === 0 ? '' : `; ${whole(short)} cut short`}.`,
            { tone: 'warning', hang: 2 },
          ),
        ]
      : []),
  ];
}

function thresholds({ thresholds: all, complete, replications }: Replications, width: number): Line[] {
  if (all.length === 0) return [line('No thresholds set.')];
  const met = replications.filter(({ partial, thresholdsMet }) => !partial && thresholdsMet).length;
  const title = `Thresholds: met in ${met === complete && met > 1 ? `${allOf(met)} replications` : `${whole(met)} of ${counted(complete, 'replication')}`}`;
  const rows = table(
    all.map((one) => [
      `${one.met === one.of ? '✓' : '✗'} ${one.metric} ${one.expression}`,
      `met in ${whole(one.met)} of ${whole(one.of)}`,
      measuredRange(one),
    ]),
    { columns: [{}, { align: 'right' }, { align: 'right' }], width },
  );
  return [
    line(title, { tone: 'heading' }),
    ...rows.flatMap((row, index) => {
      const { notMetBy } = all[index]!;
      const isMet = notMetBy.length === 0;
      const judged = line(row, { tone: isMet ? 'good' : 'bad', hang: 6 });
      return isMet ? [judged] : [judged, line(`    not met: ${seedWords(notMetBy)}`, { hang: 6 })];
    }),
  ];
}

/** The thresholds that some of the replications do not meet, a line each. */
export function unmetInReplications({ thresholds }: Replications): string[] {
  return thresholds
    .filter(({ notMetBy }) => notMetBy.length > 0)
    .map((one) => {
      const where = `in ${whole(one.notMetBy.length)} of ${counted(one.of, 'replication')}, ${seedWords(one.notMetBy)}`;
      return printable(`${one.metric} ${one.expression} is not met ${where}: ${measuredRange(one)}`);
    });
}

/** What the replications measured: 1.2 s to 3.4 s. */
function measuredRange({ measured: { min, max, count }, of, unit }: ThresholdCount): string {
  if (min === null || max === null) return 'no samples';
  const say = (value: number) => (unit === 's' ? seconds(value) : unit === 'bytes' ? bytes(value) : decimal(value, 4));
  const [least, most] = [say(min), say(max)];
  const range = least === most ? least : `${least} to ${most}`;
  return count === of ? range : `${range}, ${whole(of - count)} without samples`;
}

function seedWords(seeds: readonly string[]): string {
  const left = seeds.length - MOST_SEEDS;
  const shown = seeds.slice(0, MOST_SEEDS);
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${list(left > 0 ? [...shown, `${whole(left)} more`] : shown)}`;
}

/** Those of each mapping, then those of the whole run. */
function groups(metrics: readonly MetricEstimate[]): [title: string, metrics: MetricEstimate[]][] {
  const byTitle = new Map<string, MetricEstimate[]>();
  for (const metric of metrics) {
    const title = metric.mapping ?? 'Whole run';
    byTitle.set(title, [...(byTitle.get(title) ?? []), metric]);
  }
  return [...byTitle];
}

function figures(
  title: string,
  metrics: readonly MetricEstimate[],
  { width, complete }: { readonly width: number; readonly complete: number },
): Line[] {
  const sampled = metrics.filter(({ count }) => count > 0);
  if (sampled.length === 0) return [];
  const isNothing = ({ min, max }: MeanInterval) => min === 0 && max === 0;
  const told = sampled.filter((metric) => !isNothing(metric));
  const nothing = sampled.filter(isNothing).map(ownMetric);
  const [header, ...rows] = table([['', 'mean', '', 'min', 'max'], ...told.map(cells)], {
    columns: [{ shrinks: true }, { align: 'right' }, { align: 'right' }, { align: 'right' }, { align: 'right' }],
    width,
  });
  return [
    line(title, { tone: 'heading' }),
    ...(told.length === 0 ? [] : [line(header!, { tone: 'quiet' }), ...rows.map((row) => line(row))]),
    ...fewerSamples(sampled, complete),
    ...(nothing.length === 0 ? [] : [line(`  0 in every run: ${nothing.join(', ')}`, { hang: 4 })]),
  ];
}

/** Of which the figures are of fewer runs than there are. */
function fewerSamples(sampled: readonly MetricEstimate[], complete: number): Line[] {
  const names = new Map<number, string[]>();
  for (const metric of sampled) {
    if (metric.count < complete) names.set(metric.count, [...(names.get(metric.count) ?? []), nameOf(metric)]);
  }
  return [...names].map(([count, which]) =>
    line(`  Samples in ${whole(count)} of ${counted(complete, 'run')} only: ${which.join(', ')}`, { hang: 4 }),
  );
}

function nameOf(figure: MetricEstimate): string {
  return `${ownMetric(figure)} ${figure.statistic}`;
}

function cells(figure: MetricEstimate): string[] {
  const { unit, mean, low, high, min, max } = figure;
  const say = (value: number, digits = 4) => {
    if (unit === 'Milliseconds') return duration(value);
    return unit === 'Count' ? decimal(value, digits) : money(value, unit);
  };
  const half = low === null || high === null ? '' : `± ${say((high - low) / 2, 2)}`;
  return [nameOf(figure), say(mean!), half, say(min!), say(max!)];
}
