import type { JsonObject } from '../../scenario/scenario.ts';
import { type Frame, xChannel, yChannel } from './frame.ts';
import type { ChartedRun, PeriodSlot, TimeRange } from './time-range.ts';

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
  { range, slots, height }: Pick<TimePlot, 'range' | 'slots' | 'height'>,
): TimePlot {
  return {
    summary,
    frame,
    range,
    slots,
    width: frame.plotWidth,
    height,
    x: xChannel(frame),
    y: yChannel(frame),
  };
}
