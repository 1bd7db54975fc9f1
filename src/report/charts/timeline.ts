import type { LaneState } from '../../recording/causes.ts';
import type { JsonObject } from '../../scenario/scenario.ts';
import { laneOf } from '../phrases.ts';
import type { LaneSpan, LaneSpans, Summary } from '../summary.ts';
import { clock, duration } from '../words.ts';
import { type ChartOptions, type ChartSpec, POINTS_LIMIT, SERIES_LIMIT } from './chart-options.ts';
import { colourChannel, type LegendEntry } from './frame.ts';
import { chartOverTime } from './over-time.ts';
import { theme } from './theme.ts';
import type { TimePlot } from './time-plot.ts';
import { type TimeRange, timeRange } from './time-range.ts';

/** In the order of drawing: what holds a lane up lies on top. */
const WORDS: Readonly<Record<LaneState, string>> = {
  idle: 'idle',
  window: 'batching window',
  running: 'running',
  backingOff: 'backing off',
  throttled: 'throttled',
  blocked: 'blocked',
};
const STATES = Object.keys(WORDS) as LaneState[];
const HELD_UP: readonly LaneState[] = ['backingOff', 'throttled', 'blocked'];
/** Pixels: a short trouble in a long run must be seen. */
const NARROWEST = 1.5;
/** Pixels: what is narrower nobody can point at. */
const POINTED_AT = 0.5;

/** What each lane did over time, a row a lane: with more than twelve, those held up longest. */
export function timelineChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const range = timeRange(summary, options);
  const { lanes } = summary.timeline;
  const shown = longestHeldUp(lanes, range);
  const names = shown.map((lane) => laneOf(summary, lane.mapping, lane));
  const occurring = STATES.filter(
    (state) =>
      state !== 'idle' && shown.some((lane) => lane.spans.some((span) => span.state === state && within(span, range))),
  );
  const idle = shown.some((lane) => lane.spans.length >= POINTS_LIMIT) ? 'idle, or too short to keep' : WORDS.idle;
  const entries: LegendEntry[] = [
    { name: idle, colour: colours.idle },
    ...occurring.map((state) => ({ name: WORDS[state], colour: colours[state] })),
  ];
  const which = shown.length === lanes.length ? '' : `, the ${shown.length} of ${lanes.length} held up longest`;
  return chartOverTime(
    summary,
    options,
    {
      title: `State of each lane over time${which}`,
      kind: 'states',
      entries,
      y: { names },
      empty: lanes.length === 0 ? 'No lanes' : null,
      facts: shown
        .map((lane, index) => `${names[index]}: held up for ${duration(1_000 * heldUp(lane, range))}`)
        .join('; '),
      hover: [],
    },
    (plot) => [laneBars(plot, shown, idle)],
  );
}

function laneBars(plot: TimePlot, lanes: readonly LaneSpans[], idle: string): JsonObject {
  const { range } = plot;
  const pixel = (range.to - range.from) / plot.width;
  const interactive = plot.frame.input.options.interactive === true;
  const legend = (state: LaneState) => plot.frame.legendNames.get(state === 'idle' ? idle : WORDS[state])!;
  const bars: { readonly order: number; readonly row: JsonObject }[] = [];
  const bar = (lane: number, span: LaneSpan) => {
    const from = Math.max(span.fromSeconds, range.from);
    const to = Math.min(
      range.to,
      Math.max(span.toSeconds, HELD_UP.includes(span.state) ? from + NARROWEST * pixel : from),
    );
    const length = 1_000 * (span.toSeconds - span.fromSeconds);
    // Idle is the ground that the others lie on, so its own extent says nothing.
    const isSilent = span.state === 'idle' || to - from < POINTED_AT * pixel;
    const said = isSilent ? '' : `${clock(span.fromSeconds)} – ${clock(span.toSeconds)} (${duration(length)})`;
    const time = interactive ? { time: said } : {};
    bars.push({
      order: STATES.indexOf(span.state),
      row: { lane: plot.frame.rowNames[lane]!, state: legend(span.state), from, to, ...time },
    });
  };
  lanes.forEach((lane, index) => {
    bar(index, { state: 'idle', fromSeconds: range.from, toSeconds: range.to });
    const shown = joined(lane.spans).filter((span) => span.state !== 'idle' && within(span, range));
    for (const span of gathered(shown, pixel)) bar(index, span);
  });
  return {
    name: 'lanes',
    data: { values: bars.sort((a, b) => a.order - b.order).map(({ row }) => row) },
    mark: { type: 'rect', clip: true },
    encoding: {
      x: { ...plot.x, field: 'from' },
      x2: { field: 'to' },
      y: { ...plot.y, field: 'lane' },
      color: colourChannel(plot.frame, 'state'),
      ...(interactive
        ? {
            tooltip: [
              { field: 'lane', type: 'nominal', title: 'Lane' },
              { field: 'state', type: 'nominal', title: 'State' },
              { field: 'time', type: 'nominal', title: 'Time' },
            ],
          }
        : {}),
    },
  };
}

function longestHeldUp(lanes: readonly LaneSpans[], range: TimeRange): readonly LaneSpans[] {
  if (lanes.length <= SERIES_LIMIT) return lanes;
  const ranked = lanes
    .map((lane, index) => ({ index, held: heldUp(lane, range) }))
    .sort((a, b) => b.held - a.held || a.index - b.index)
    .slice(0, SERIES_LIMIT);
  const kept = new Set(ranked.map(({ index }) => index));
  return lanes.filter((_, index) => kept.has(index));
}

/** Seconds of the range. */
function heldUp(lane: LaneSpans, range: TimeRange): number {
  let seconds = 0;
  for (const span of lane.spans) {
    if (HELD_UP.includes(span.state) && within(span, range)) {
      seconds += Math.min(span.toSeconds, range.to) - Math.max(span.fromSeconds, range.from);
    }
  }
  return seconds;
}

function within(span: LaneSpan, range: TimeRange): boolean {
  return span.fromSeconds < range.to && span.toSeconds >= range.from;
}

/** One bar where one state follows upon itself. */
function joined(spans: readonly LaneSpan[]): LaneSpan[] {
  const result: LaneSpan[] = [];
  for (const span of spans) {
    const before = result.at(-1);
    if (before !== undefined && before.state === span.state && before.toSeconds === span.fromSeconds) {
      result[result.length - 1] = { ...before, toSeconds: span.toSeconds };
    } else {
      result.push(span);
    }
  }
  return result;
}

/** Of what is narrower than a pixel, one for all that begin in the same one and are alike: as long as they are together. */
function gathered(spans: readonly LaneSpan[], pixel: number): LaneSpan[] {
  const result: LaneSpan[] = [];
  const latest = new Map<LaneState, number>();
  for (const span of spans) {
    const length = span.toSeconds - span.fromSeconds;
    const place = length < pixel ? latest.get(span.state) : undefined;
    const before = place === undefined ? undefined : result[place]!;
    if (before !== undefined && Math.floor(before.fromSeconds / pixel) === Math.floor(span.fromSeconds / pixel)) {
      result[place!] = { ...before, toSeconds: before.toSeconds + length };
    } else {
      if (length < pixel) latest.set(span.state, result.length);
      result.push(span);
    }
  }
  return result;
}
