import { isoTime } from '../kernel/calendar.ts';
import type { Issue } from '../scenario/issue.ts';
import type { FoundSeries, SeriesPoint } from './found.ts';
import { shownPlace } from './provenance.ts';
import { issueAt } from './tree.ts';

/** What all files together say of one metric of a stream. */
export interface WholeSeries {
  /** Those that were taken. */
  readonly series: readonly FoundSeries[];
  /** In order of time; empty where there is no series. */
  readonly points: readonly SeriesPoint[];
  /** Of the shards that it is the sum of, by their names; empty: it is the stream's own. */
  readonly byShard: ReadonlyMap<string, readonly SeriesPoint[]>;
}

/**
 * Puts together the series of one metric of a stream: its own, whose parts may stand in several files, or else the sum of
 * those of its shards. What is left out, and where two say different things of one period, is said.
 */
export function wholeSeries(all: readonly FoundSeries[], issues: Issue[]): WholeSeries {
  const series = takenOf(all);
  const [first] = series;
  if (first?.shard === null) {
    for (const { place, metric, shard } of all) {
      if (shard === null) continue;
      const message = `${metric} of ${shard} is left out: that of the whole stream, in ${shownPlace(first.place)}, holds it`;
      issues.push(issueAt(place, message, 'warning'));
    }
    return { series, points: merged(series, issues), byShard: new Map() };
  }
  const shards = [...new Set(all.flatMap(({ shard }) => shard ?? []))];
  const byShard = new Map(
    shards.map((shard) => {
      const parts = all.filter((one) => one.shard === shard);
      return [shard, merged(parts, issues)] as const;
    }),
  );
  const sums = new Map<number, number>();
  for (const points of byShard.values()) {
    for (const { at, value } of points) sums.set(at, (sums.get(at) ?? 0) + value);
  }
  const points = [...sums].map(([at, value]) => ({ at, value }));
  return { series, points: inTime(points), byShard };
}

/** The stream's own; without one, those of its shards. */
export function takenOf(all: readonly FoundSeries[]): readonly FoundSeries[] {
  const own = all.filter(({ shard }) => shard === null);
  return own.length > 0 ? own : all;
}

/**
 * In order of time. Of several files for one time the last counts: the period may not have been over when the first was
 * fetched. Within a file there is no telling which of two is meant, since an answer of get-metric-data names no statistic.
 */
function merged(parts: readonly FoundSeries[], issues: Issue[]): SeriesPoint[] {
  const byTime = new Map<number, Taken>();
  for (const from of parts) {
    const differing: Difference[] = [];
    for (const { at, value } of from.points) {
      const before = byTime.get(at);
      if (before !== undefined && before.value !== value) differing.push({ at, value, before });
      byTime.set(at, { value, from });
    }
    const [first] = differing;
    if (first !== undefined) issues.push(differenceIssue(from, first, differing.length));
  }
  return inTime([...byTime].map(([at, { value }]) => ({ at, value })));
}

interface Taken {
  readonly value: number;
  readonly from: FoundSeries;
}

interface Difference extends SeriesPoint {
  readonly before: Taken;
}

function differenceIssue(series: FoundSeries, { at, value, before }: Difference, count: number): Issue {
  const { metric, statistic, place } = series;
  const where = shownPlace(before.from.place);
  const more = count === 1 ? '' : `, the first of ${count} periods that differ`;
  const message = `${metric} is ${value} here and ${before.value} in ${where} at ${isoTime(at)}${more}`;
  if (before.from.place.source === place.source)
    return issueAt(place, `${message}; expected one series of it, the ${statistic}`);
  return issueAt(place, `${message}; taken: ${value}`, 'warning');
}

function inTime(points: readonly SeriesPoint[]): SeriesPoint[] {
  return [...points].sort((a, b) => a.at - b.at);
}
