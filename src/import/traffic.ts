import type { Duration } from '../kernel/time.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../kernel/time.ts';
import type { Issue } from '../scenario/issue.ts';
import { hasStep } from '../scenario/row-period.ts';
import type { DataFiles } from './data-files.ts';
import type { FoundSeries, SeriesPoint } from './found.ts';
import type { JoinedStream } from './join.ts';
import { shownPlace } from './provenance.ts';
import { seriesPeriod, timesOf } from './series-period.ts';
import type { Place, Tree } from './tree.ts';
import { issueAt, valueTree } from './tree.ts';
import type { WholeSeries } from './whole-series.ts';
import { takenOf, wholeSeries } from './whole-series.ts';

/** What a stream's CloudWatch metrics become. */
export interface Traffic {
  /** The producer's, as the scenario writes it. */
  readonly trace: object;
  readonly why: string;
  readonly origin: Tree;
  readonly length: Duration;
  readonly bytes: { readonly size: number; readonly why: string } | null;
}

/** When the first period of all streams begins, in microseconds since the Unix epoch. */
export function trafficStart(streams: readonly JoinedStream[]): { readonly at: number; readonly from: Place } | null {
  const firsts = streams.flatMap(({ traffic }) =>
    takenOf(recordsIn(traffic)).map(({ points, place }) => ({ at: points[0]!.at, from: place })),
  );
  return firsts.sort((a, b) => a.at - b.at)[0] ?? null;
}

/** What is known of the traffic of all streams. */
export interface AllTraffic {
  /** When it begins. */
  readonly start: number;
  readonly series: readonly FoundSeries[];
}

/** Null where no file says how much traffic there is. */
export function trafficOf(
  stream: JoinedStream,
  { start, series: all }: AllTraffic,
  files: DataFiles,
  issues: Issue[],
): Traffic | null {
  const whole = wholeSeries(recordsIn(stream.traffic), issues);
  const { series: records, points, byShard } = whole;
  const sizes = stream.traffic.filter(({ metric }) => metric === 'IncomingBytes');
  const [first] = records;
  if (first === undefined) {
    const message = 'IncomingBytes alone say nothing of how many records there are; expected IncomingRecords, too';
    for (const { place } of sizes) issues.push(issueAt(place, message));
    return null;
  }
  const sources = new Set(records.map(({ place }) => place.source));
  const known = seriesPeriod(
    points,
    all.filter(({ place }) => sources.has(place.source)),
  );
  const period = known?.period ?? STAND_IN_PERIOD;
  if (known === null) {
    const message = `one value alone does not say how long its period is; ${durationText(period)} stands in`;
    issues.push(issueAt(first.place, message, 'warning'));
  } else if (known.isMost) {
    const message = `no two of its values are one period apart, so it is ${durationText(period)} at most, which stands in`;
    issues.push(issueAt(first.place, message, 'warning'));
  }
  const from = records.map(({ place }) => shownPlace(place)).join(', ');
  return {
    trace: {
      ...traceOf(stream, { records, points, start }, files, issues),
      // Without it a scenario takes what the rows say.
      ...(hasStep(timesOf(points), period) && points[0]!.at === start ? {} : { period: durationText(period) }),
    },
    why: `${points.length} periods of ${durationText(period)}${byShard.size > 1 ? `, the sum of ${byShard.size} shards` : ''}: ${from}`,
    origin: valueTree(null, { kind: 'value', value: null, place: first.place, via: null }),
    length: points.at(-1)!.at - start + period,
    bytes: meanSize(whole, wholeSeries(sizes, issues)),
  };
}

const STAND_IN_PERIOD = 5 * MINUTE;

function recordsIn(traffic: readonly FoundSeries[]): FoundSeries[] {
  return traffic.filter(({ metric }) => metric === 'IncomingRecords');
}

interface Counted {
  readonly records: readonly FoundSeries[];
  readonly points: readonly SeriesPoint[];
  readonly start: number;
}

/** The given file, where a scenario can read it and it begins with the others; else one of our own beside the scenario. */
function traceOf(stream: JoinedStream, { records, points, start }: Counted, files: DataFiles, issues: Issue[]): object {
  const [first] = records as readonly [FoundSeries];
  const isLate = points[0]!.at > start;
  const reference = records.length === 1 && first.isReadable ? files.referenceTo(first.place.source) : null;
  if (reference !== null && !isLate) return { file: reference, metric: first.label };
  // A missing period is one without records, so one row is enough for all before the first.
  const rows = [...(isLate ? [{ at: start, value: 0 }] : []), ...points].map(
    ({ at, value }) => `${at / SECOND},${value}`,
  );
  const name = files.add(`${stream.name}.traffic.csv`, ['timestamp,value', ...rows, ''].join('\n'));
  if (name !== null) return { file: name };
  const withFile = 'write the scenario to a file with -o, and the traffic goes beside it';
  if (reference === null) {
    issues.push(issueAt(first.place, `a scenario cannot read this traffic from where it stands; ${withFile}`));
    return { file: 'traffic.csv' };
  }
  const message = `its first period is ${durationText(points[0]!.at - start)} after that of another stream, but here both begin at once; ${withFile}, in its time`;
  issues.push(issueAt(first.place, message, 'warning'));
  return { file: reference, metric: first.label };
}

/** Over the periods that both metrics have, of each shard where both are of single ones: one may lack what another has. */
function meanSize(records: WholeSeries, bytes: WholeSeries): Traffic['bytes'] {
  const isByShard = records.byShard.size > 0 && bytes.byShard.size > 0;
  const pairs = isByShard
    ? [...records.byShard].map(([shard, points]) => [points, bytes.byShard.get(shard) ?? []] as const)
    : [[records.points, bytes.points] as const];
  let count = 0;
  let total = 0;
  for (const [counts, sizes] of pairs) {
    const byTime = new Map(sizes.map(({ at, value }) => [at, value]));
    for (const { at, value } of counts) {
      const size = byTime.get(at);
      if (size === undefined || value === 0) continue;
      count += value;
      total += size;
    }
  }
  const [source] = bytes.series;
  if (count === 0 || source === undefined) return null;
  return {
    size: Math.max(1, Math.round(total / count)),
    why: `IncomingBytes / IncomingRecords, the mean: ${shownPlace(source.place)}`,
  };
}

/** In the largest unit that it is a whole number of. */
export function durationText(microseconds: number): string {
  const units = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ] as const;
  const [unit, name] = units.find(([size]) => microseconds % size === 0) ?? [1_000, 'ms'];
  return `${microseconds / unit}${name}`;
}
