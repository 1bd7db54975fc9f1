import type { Summary } from '../summary.ts';
import { seconds } from '../words.ts';
import type { ChartOptions } from './chart-options.ts';

/** What a chart over time must know of its run, or runs. */
export interface ChartedRun extends Pick<Summary, 'measured'> {
  readonly scenario: Pick<Summary['scenario'], 'name'>;
  readonly series: Pick<Summary['series'], 'periodSeconds'>;
  readonly timeline: Pick<Summary['timeline'], 'marks'>;
}

/** Seconds of the run, [from, to). */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** What a chart shows: what is measured, or the part of the run that was asked for; never empty. */
export function timeRange(summary: ChartedRun, options: ChartOptions): TimeRange {
  const end = Math.max(summary.measured.toSeconds, summary.series.periodSeconds / 1_000);
  const from = Math.max(0, options.fromSeconds ?? summary.measured.fromSeconds);
  const to = Math.min(end, options.toSeconds ?? end);
  return from < to ? { from, to } : { from: 0, to: end };
}

/** What of an asked range lies beyond the end of the run, where nothing can be drawn; null where nothing does. */
export function beyondEnd(summary: Pick<Summary, 'measured'>, { fromSeconds, toSeconds }: ChartOptions): string | null {
  const end = summary.measured.toSeconds;
  const ends = `the run ends at ${seconds(end)}`;
  if (fromSeconds !== undefined && fromSeconds >= end)
    return `${ends}, and charts were asked for from ${seconds(fromSeconds)} on: they show the whole run`;
  if (toSeconds !== undefined && toSeconds > end)
    return `${ends}, and charts were asked for up to ${seconds(toSeconds)}: they show it up to its end`;
  return null;
}

/** One period of a series as far as it lies in the range. */
export interface PeriodSlot extends TimeRange {
  /** Its place in a list over time. */
  readonly index: number;
}

/**
 * The periods of a range by which rates, averages and sums are drawn: without a last one that the end of the run cuts to
 * less than half, unless there is nothing before it. Over so short a time they would rise or fall to what never was.
 */
export function comparableSlots(
  summary: ChartedRun,
  range: TimeRange,
  lists: readonly (readonly (number | null)[])[],
): PeriodSlot[] {
  const slots = periodSlots(summary, range);
  const { periodSeconds } = summary.series;
  const length = summary.measured.toSeconds - slots.at(-1)!.index * periodSeconds;
  if (length >= periodSeconds / 2) return slots;
  const before = slots.slice(0, -1);
  return before.some(({ index }) => lists.some((values) => (values[index] ?? 0) > 0)) ? before : slots;
}

export function periodSlots(summary: ChartedRun, range: TimeRange): PeriodSlot[] {
  // In whole microseconds, so that no sliver of a period comes from rounding.
  const length = Math.round(summary.series.periodSeconds * 1e6);
  const from = Math.round(range.from * 1e6);
  const to = Math.round(range.to * 1e6);
  const slots: PeriodSlot[] = [];
  for (let index = Math.floor(from / length); index * length < to; index++) {
    slots.push({ index, from: Math.max(from, index * length) / 1e6, to: Math.min(to, (index + 1) * length) / 1e6 });
  }
  return slots;
}
