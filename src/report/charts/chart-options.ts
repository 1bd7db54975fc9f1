import type { JsonObject } from '../../scenario/scenario.ts';
import type { Overlay } from '../overlay.ts';
import type { ThemeName } from './theme.ts';

/** A vega-lite 6 specification: plain JSON with its data inside. */
export type ChartSpec = JsonObject;

export interface ChartOptions {
  /** In place of the chart's own title, which then becomes the subtitle. */
  readonly title?: string | undefined;
  /** A sentence drawn under the chart. */
  readonly caption?: string | undefined;
  /** Draws only [fromSeconds, toSeconds) of the run; by default what is measured. Batch sizes are always of the whole run. */
  readonly fromSeconds?: number | undefined;
  readonly toSeconds?: number | undefined;
  /** Real values that are drawn over the simulated ones, in the charts iterator-age and throughput. */
  readonly overlay?: Overlay | undefined;
  /** Default light. */
  readonly theme?: ThemeName | undefined;
  /** Of the whole picture in pixels, at least 800 × 450; default 960 × 540. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Adds what answers a pointer: tooltips. For pages, not for pictures. */
  readonly interactive?: boolean | undefined;
}

/** Points drawn of one series. */
export const POINTS_LIMIT = 2_000;
/** Series drawn one by one; the rest is drawn as one more, their highest. */
export const SERIES_LIMIT = 12;
