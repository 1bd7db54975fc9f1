import { MILLISECOND, MINUTE, SECOND } from '../kernel/time.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import type { Recording } from '../recording/recording.ts';
import { theilSen } from '../statistics/trend.ts';
import type { Trend } from './summary.ts';

export const FEWEST_POINTS = 5;

/** M5: where the largest iterator age of each minute goes, over the last half of the measured run. */
export function trendOf(mapping: MappingTally, recording: Recording): Trend {
  const { measuredFrom, end, scenario } = recording;
  const half = (end - measuredFrom) / 2;
  const points = mapping.minuteAge.flatMap((age, minute) =>
    age >= 0 && minute * MINUTE >= end - half ? [{ x: (minute * MINUTE) / SECOND, y: age / MILLISECOND }] : [],
  );
  if (points.length < FEWEST_POINTS) return { verdict: null, slope: null, lossBeginsInSeconds: null };
  const { slope, low, high } = theilSen(points);
  const rise = (slope * half) / SECOND;
  const isRising = low > 0 && rise > scenario.polling.period / MILLISECOND;
  return {
    verdict: isRising ? 'rising' : high < 0 ? 'recovering' : 'steady',
    slope,
    lossBeginsInSeconds: isRising ? untilLoss(mapping, recording, slope) : null,
  };
}

/** When the iterator age would reach the stream's retention, if it goes on rising as it does. */
function untilLoss(mapping: MappingTally, recording: Recording, slope: number): number {
  const stream = recording.streams.find(({ settings }) => settings.name === mapping.settings.stream)!;
  const age = Math.max(0, mapping.minuteAge[mapping.minuteAge.length - 1]!) / MILLISECOND;
  return Math.max(0, stream.settings.retention / MILLISECOND - age) / slope;
}
