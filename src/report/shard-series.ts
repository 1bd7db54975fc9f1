import { MILLISECOND } from '../kernel/time.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import { LaneTally } from '../recording/mapping-tally.ts';
import type { Recording } from '../recording/recording.ts';
import { KEPT_SHARDS, MOST_POINTS } from '../scenario/series-limits.ts';
import { maxima } from './series.ts';
import type { ShardSeries } from './summary.ts';

/**
 * The series of single shards, as far as a result holds them: all of them up to 200 shards × 2,000 points, past that the
 * 12 worst of each mapping and an envelope of the others.
 */
export function shardSeries(recording: Recording): {
  /** One tally a shard, its lanes together (P4). */
  shardsOf(mapping: MappingTally): readonly LaneTally[];
  seriesOf(shard: LaneTally): ShardSeries | null;
  envelopeOf(mapping: MappingTally): ShardSeries | null;
  readonly warnings: readonly string[];
} {
  const byMapping = new Map(recording.mappings.map((mapping) => [mapping, mergedByShard(mapping)]));
  const shardsOf = (mapping: MappingTally) => byMapping.get(mapping)!;
  const lanes = [...byMapping.values()].flat();
  if (lanes.length * recording.periods <= MOST_POINTS) {
    return { shardsOf, seriesOf: (lane) => seriesOf([lane], recording.periods), envelopeOf: () => null, warnings: [] };
  }
  const kept = new Set(recording.mappings.flatMap((mapping) => worst(shardsOf(mapping))));
  return {
    shardsOf,
    seriesOf: (lane) => (kept.has(lane) ? seriesOf([lane], recording.periods) : null),
    envelopeOf: (mapping) => {
      const others = shardsOf(mapping).filter((lane) => !kept.has(lane));
      return others.length === 0 ? null : seriesOf(others, recording.periods);
    },
    warnings: [
      `The result holds the series of the ${KEPT_SHARDS} worst shards of each mapping and an envelope of the others: ${lanes.length} shards × ${recording.periods} periods are more than 200 × 2,000 points. A longer --period keeps them all.`,
    ],
  };
}

function mergedByShard({ lanes, settings }: MappingTally): readonly LaneTally[] {
  if (settings.mostLanes === 1) return lanes;
  const shards: LaneTally[] = [];
  for (const lane of lanes) {
    if (lane.lane === 0) shards.push(new LaneTally(lane.shard, 0, lane.backlog.length));
    shards.at(-1)!.add(lane);
  }
  return shards;
}

/** Those with the highest ages, of what was processed or still waits. */
function worst(lanes: readonly LaneTally[]): LaneTally[] {
  const height = (lane: LaneTally) => Math.max(highest(lane.ageMaximum), highest(lane.backlogAge));
  return [...lanes].sort((a, b) => height(b) - height(a) || a.shard - b.shard).slice(0, KEPT_SHARDS);
}

function seriesOf(lanes: readonly LaneTally[], periods: number): ShardSeries {
  const upper = (column: (lane: LaneTally) => Float64Array) => {
    const result = column(lanes[0]!).slice(0, periods);
    for (const lane of lanes.slice(1)) {
      const other = column(lane);
      for (let period = 0; period < periods; period++) result[period] = Math.max(result[period]!, other[period]!);
    }
    return result;
  };
  return {
    iteratorAgeMaximumMs: maxima(upper((lane) => lane.ageMaximum)),
    backlogAgeMs: Array.from(
      upper((lane) => lane.backlogAge),
      (age) => age / MILLISECOND,
    ),
    backlog: [...upper((lane) => lane.backlog)],
  };
}

function highest(column: Float64Array): number {
  return column.reduce((most, value) => Math.max(most, value), 0);
}
