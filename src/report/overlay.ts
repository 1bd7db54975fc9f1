import { findSeries } from './charts/series.ts';
import type { Summary } from './summary.ts';
import { layOutText, line } from './text-layout.ts';
import { clock, counted, decimal, duration, percent, period } from './words.ts';

/** What CloudWatch measured of a real system, to be seen beside a run. */
export interface Overlay {
  /** What messages call it. */
  readonly file: string;
  readonly metrics: readonly RealMetric[];
}

/** Sums of IncomingRecords, or maxima of an age in milliseconds. */
export interface RealMetric {
  readonly metric: 'IncomingRecords' | 'IteratorAge' | 'GetRecords.IteratorAgeMilliseconds';
  /** The stream or function of the run that it is of. */
  readonly of: string;
  /** A whole number of the run's own periods, or more. */
  readonly periodSeconds: number;
  /** In order of time, each a whole number of the run's own periods from its start. */
  readonly points: readonly { readonly fromSeconds: number; readonly value: number }[];
}

/** How far apart a run and the real system are, a sentence for each metric. */
export function overlaySentences(summary: Summary, overlay: Overlay): string[] {
  return overlay.metrics.map((metric) => sentenceOf(metric, pairsOf(summary, metric)));
}

/** The same as a paragraph for a terminal. */
export function overlayText(
  summary: Summary,
  overlay: Overlay,
  { width, color }: { readonly width: number; readonly color: boolean },
): string {
  const sentences = overlaySentences(summary, overlay).map((text) => line(`  ${text}`, { hang: 4 }));
  return layOutText([line(`Beside ${overlay.file}`, { tone: 'heading' }), ...sentences], { width, color });
}

interface Pair {
  readonly fromSeconds: number;
  readonly real: number;
  readonly simulated: number;
}

/** Of the periods that both have as a whole. */
function pairsOf(summary: Summary, { metric, of, periodSeconds, points }: RealMetric): Pair[] {
  const { measured, series } = summary;
  const isAge = metric !== 'IncomingRecords';
  const values = findSeries(summary, {
    namespace: metric === 'IteratorAge' ? 'AWS/Lambda' : 'AWS/Kinesis',
    name: metric,
    dimensions: metric === 'IteratorAge' ? { FunctionName: of } : { StreamName: of },
    statistic: isAge ? 'Maximum' : 'Sum',
  });
  return points.flatMap(({ fromSeconds, value: real }) => {
    const to = fromSeconds + periodSeconds;
    if (values === null || fromSeconds < measured.fromSeconds || to > measured.toSeconds) return [];
    const [first, end] = [fromSeconds, to].map((seconds) => Math.round(seconds / series.periodSeconds));
    const own = values.slice(first, end).filter((value) => value !== null);
    if (own.length === 0) return [];
    const simulated = isAge ? Math.max(...own) : own.reduce((sum, value) => sum + value, 0);
    return [{ fromSeconds, real, simulated }];
  });
}

function sentenceOf({ metric, of, periodSeconds }: RealMetric, pairs: readonly Pair[]): string {
  const what = `${metric} of ${of}`;
  if (pairs.length === 0) return `${what}: no whole period in which there is both a simulated and a real value.`;
  const isAge = metric !== 'IncomingRecords';
  const distance = ({ real, simulated }: Pair) => Math.abs(simulated - real) / (isAge ? 1 : Math.max(1, real));
  const say = (value: number) => (isAge ? duration(value) : percent(value));
  const value = (amount: number) => (isAge ? duration(amount) : decimal(amount, 6));
  const ordered = [...pairs].sort((a, b) => distance(a) - distance(b));
  const most = ordered.at(-1)!;
  const median = distance(ordered[Math.ceil(ordered.length / 2) - 1]!);
  const head = `${what} in ${counted(pairs.length, 'period')} of ${period(periodSeconds)}:`;
  if (distance(most) === 0) return `${head} simulated and real are the same.`;
  const lower = pairs.filter(({ real, simulated }) => simulated < real).length;
  return [
    `${head} simulated and real differ by ${say(median)} at the median, at most by ${say(distance(most))}`,
    `(at ${clock(most.fromSeconds)}: ${value(most.simulated)} simulated, ${value(most.real)} real);`,
    `the simulated is lower in ${lower === pairs.length ? 'all' : lower}.`,
  ].join(' ');
}
