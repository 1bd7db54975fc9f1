import type { Duration } from '../kernel/time.ts';
import { hasStep, rowPeriod, stepsOf } from '../scenario/row-period.ts';
import type { FoundSeries, SeriesPoint } from './found.ts';

export interface SeriesPeriod {
  readonly period: Duration;
  /** It may be a part of this: no two of the values are so far apart, and nothing else says it. */
  readonly isMost: boolean;
}

/**
 * The period of a metric's values; null where nothing says. CloudWatch leaves out periods without data, so the values may be
 * too few to tell: then it is that of others of the same answer, where that is a part of the period which these lie on.
 */
export function seriesPeriod(points: readonly SeriesPoint[], beside: readonly FoundSeries[]): SeriesPeriod | null {
  const own = rowPeriod(timesOf(points));
  if (own !== null && isPlain(points, own)) return { period: own, isMost: false };
  const others = beside.flatMap((series) => {
    const period = rowPeriod(timesOf(series.points));
    return period !== null && isPlain(series.points, period) && (own ?? period) % period === 0 ? [period] : [];
  });
  const isSaid = own === null ? new Set(others).size === 1 : others.length > 0;
  if (isSaid) return { period: Math.max(...others), isMost: false };
  return own === null ? null : { period: own, isMost: !hasStep(timesOf(points), own) };
}

export function timesOf(points: readonly SeriesPoint[]): number[] {
  return points.map(({ at }) => at);
}

/** Two values may be far apart by chance; that most of several are is none. */
function isPlain(points: readonly SeriesPoint[], period: Duration): boolean {
  const steps = stepsOf(timesOf(points));
  return steps.length >= 2 && 2 * steps.filter((step) => step === period).length >= steps.length;
}
