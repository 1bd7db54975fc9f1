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
    ...(isRising && isHighAtEnd(points)
      ? untilLoss(mapping, recording, { slope, age: points.at(-1)!.y })
      : { lossBeginsInSeconds: null }),
  };
}

/** What rose over that half may have turned into a fall before the end, which is not the highest then. */
export function isHighAtEnd(points: readonly { readonly y: number }[]): boolean {
  const last = points.at(-1)!.y;
  const before = points[Math.ceil(BEFORE_END * points.length) - 1]!.y;
  return last >= before && last >= NEARLY_HIGHEST * points.reduce((most, { y }) => Math.max(most, y), 0);
}

/** Of the points of the last half: what lies behind is a fifth of the run. */
const BEFORE_END = 0.6;
/** What the last point must be, as a share of the highest. */
const NEARLY_HIGHEST = 0.9;

/**
 * When the iterator age, in milliseconds, would reach the sooner of the stream's retention (K5) and the age limit in force
 * at the end (E2), if it goes on rising as it does: at once where records are lost to it already.
 */
function untilLoss(
  mapping: MappingTally,
  recording: Recording,
  { slope, age }: { readonly slope: number; readonly age: number },
): Pick<Trend, 'lossBeginsInSeconds' | 'lossBy'> {
  const { settings, lanes, backlogAgeEnd } = mapping;
  const { retention } = recording.streams.find((stream) => stream.settings.name === settings.stream)!.settings;
  const ageLimit = settings.maximumRecordAge ?? Number.POSITIVE_INFINITY;
  const isExpiry = retention <= ageLimit;
  const limit = Math.min(retention, ageLimit);
  const lost = lanes.reduce((sum, { balance }) => sum + (isExpiry ? balance.expired : balance.discardedRecordAge), 0);
  // A batch's last record is younger than its first, which is why the iterator age may stay below the limit.
  const isAlready = lost > 0 && (backlogAgeEnd ?? 0) >= limit - MINUTE;
  return {
    lossBeginsInSeconds: isAlready ? 0 : Math.max(0, limit / MILLISECOND - age) / slope,
    lossBy: isExpiry ? 'RetentionPeriodHours' : 'MaximumRecordAgeInSeconds',
  };
}
