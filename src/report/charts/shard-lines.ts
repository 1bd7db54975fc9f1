import { shardOf } from '../phrases.ts';
import type { ShardSeries, Summary } from '../summary.ts';
import { SERIES_LIMIT } from './chart-options.ts';
import type { LegendEntry } from './frame.ts';
import type { HoverColumn } from './hover.ts';
import { lineEntries } from './lines.ts';
import { type ShardLife, shardLife } from './lives.ts';
import { highest, peak, type Series, worstFirst } from './series.ts';
import type { Theme } from './theme.ts';
import type { TimeRange } from './time-range.ts';

/** A line for each shard, or the worst twelve and one for the highest of all others. */
export interface ShardLines {
  readonly shown: readonly Series[];
  readonly envelope: Series | null;
  /** All of them in the order of drawing: what matters most lies on top. */
  readonly drawn: readonly Series[];
  readonly entries: readonly LegendEntry[];
  /** The highest value drawn; below every number where there is none. */
  readonly peak: number;
  /** The line that reaches it. */
  readonly peakName: string | null;
}

export function shardLines(
  summary: Summary,
  range: TimeRange,
  colours: Theme,
  pick: (series: ShardSeries, life: ShardLife) => readonly (number | null)[],
): ShardLines {
  const length = summary.series.periodSeconds;
  const periods = { from: Math.floor(range.from / length), to: Math.ceil(range.to / length) };
  const series: Series[] = [];
  const leftOut: (readonly (number | null)[])[] = [];
  let leftOutCount = 0;
  for (const [name, mapping] of Object.entries(summary.mappings)) {
    for (const [shardId, shard] of Object.entries(mapping.shards)) {
      if (shard.series === null) leftOutCount += 1;
      else
        series.push({
          name: shardOf(summary, name, shardId),
          values: pick(shard.series, shardLife(summary, name, shardId)),
        });
    }
    if (mapping.shardEnvelope !== null) leftOut.push(pick(mapping.shardEnvelope, WHOLE_RUN));
  }
  const { shown, others } = worstFirst(series, SERIES_LIMIT, periods);
  leftOut.push(...others.map((one) => one.values));
  const count = leftOutCount + others.length;
  const envelope =
    leftOut.length === 0
      ? null
      : { name: `other ${count === 1 ? 'shard' : 'shards'}, highest`, values: highest(leftOut) };
  const all = envelope === null ? shown : [...shown, envelope];
  const peaks = all.map((one) => peak(one.values, periods));
  const most = Math.max(Number.NEGATIVE_INFINITY, ...peaks);
  return {
    shown,
    envelope,
    drawn: envelope === null ? shown : [envelope, ...shown.toReversed()],
    entries: [
      ...lineEntries(
        shown.map((one) => one.name),
        colours,
      ),
      ...(envelope === null ? [] : [{ name: envelope.name, colour: colours.envelope }]),
    ],
    peak: most,
    peakName: all[peaks.indexOf(most)]?.name ?? null,
  };
}

/** Of the highest of several shards: some are always there. */
const WHOLE_RUN: ShardLife = { from: 0, to: Number.POSITIVE_INFINITY, isOpen: true };

/** 'by shard', or how the shown ones were chosen. */
export function byShard(lines: ShardLines): string {
  return lines.envelope === null
    ? 'by shard'
    : `by shard, the worst ${lines.shown.length} and the highest of the others`;
}

/** What a tooltip lists, in the legend's order. */
export function hoverColumns(lines: ShardLines, say: HoverColumn['say']): HoverColumn[] {
  const listed = lines.envelope === null ? lines.shown : [...lines.shown, lines.envelope];
  return listed.map((one) => ({ name: one.name, values: one.values, say }));
}
