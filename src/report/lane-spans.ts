import type { Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import type { LaneState } from '../recording/causes.ts';
import { LANE_STATES } from '../recording/causes.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import type { ShortSpans } from '../recording/lane-timeline.ts';
import type { MappingLife } from '../recording/mapping-life.ts';
import type { LaneTally, MappingTally } from '../recording/mapping-tally.ts';
import type { LaneSpans, ShortLaneSpans } from './summary.ts';

/**
 * What a lane did over time, while there was its mapping (P8, P9).
 *
 * @param hasSpans false: they are left out
 */
export function laneSpans(
  { settings, life }: MappingTally,
  { shard, lane, timeline }: LaneTally,
  { end, hasSpans }: { readonly end: Instant; readonly hasSpans: boolean },
): LaneSpans {
  const place = { mapping: settings.name, shardId: shardIdOf(shard), lane };
  if (!hasSpans || timeline === null) return { ...place, spans: [] };
  const from = life.stages[0]?.at ?? end;
  const ended = Math.min(endOf(life, end), timeline.stoppedAt ?? end);
  const spans = timeline.mapWithin(from, ended, (state, begins, ends) => ({
    state,
    fromSeconds: begins / SECOND,
    toSeconds: ends / SECOND,
  }));
  return {
    ...place,
    spans,
    ...(timeline.short === null ? {} : { short: shortSpans(timeline.short, end) }),
    ...(from > 0 && from < end ? { beganSeconds: from / SECOND } : {}),
    ...(ended < end ? { endedSeconds: ended / SECOND } : {}),
  };
}

/** Of a mapping: 0 where it was never created. */
function endOf({ stages, exists }: MappingLife, end: Instant): Instant {
  return exists ? end : (stages.at(-1)?.at ?? 0);
}

function shortSpans({ stretch, times }: ShortSpans, end: Instant): ShortLaneSpans {
  const length = Math.min(Math.ceil(end / stretch), times.length / LANE_STATES.length);
  const shares = LANE_STATES.map((state, place) => [
    state,
    Array.from({ length }, (_, i) => {
      const time = times[i * LANE_STATES.length + place]!;
      return Math.round((1_000 * time) / Math.min(stretch, end - i * stretch)) / 1_000;
    }),
  ]) as [LaneState, number[]][];
  return {
    stretchSeconds: stretch / SECOND,
    shares: Object.fromEntries(shares.filter(([, ofState]) => ofState.some((share) => share > 0))),
  };
}
