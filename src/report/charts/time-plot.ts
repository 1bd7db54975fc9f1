import type { JsonObject } from '../../scenario/scenario.ts';
import { type Frame, xChannel, yChannel } from './frame.ts';
import type { ChartedRun } from './time-range.ts';
import { type PeriodSlot, periodSlots, type TimeRange } from './time-range.ts';

/** What a chart over time draws into. */
export interface TimePlot {
  readonly summary: ChartedRun;
  readonly frame: Frame;
  readonly range: TimeRange;
  readonly slots: readonly PeriodSlot[];
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** The channels without their field. */
  readonly x: JsonObject;
  readonly y: JsonObject;
}

export function timePlot(
  summary: ChartedRun,
  frame: Frame,
  { range, height }: Pick<TimePlot, 'range' | 'height'>,
): TimePlot {
  return {
    summary,
    frame,
    range,
    slots: periodSlots(summary, range),
    width: frame.plotWidth,
    height,
    x: xChannel(frame),
    y: yChannel(frame),
  };
}
