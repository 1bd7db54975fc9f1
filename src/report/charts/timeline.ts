import type { LaneState } from '../../recording/causes.ts';
import { LANE_STATES } from '../../recording/causes.ts';
import { mostSpans } from '../../recording/lane-timeline.ts';
import type { JsonObject } from '../../scenario/scenario.ts';
import { laneOf, stallsByLength } from '../phrases.ts';
import type { LaneSpan, LaneSpans, Summary } from '../summary.ts';
import { clock, duration, whole } from '../words.ts';
import { type ChartOptions, type ChartSpec, SERIES_LIMIT } from './chart-options.ts';
import { colourChannel, type LegendEntry, rowBand } from './frame.ts';
import { heldUp, type LaneBar, laneBars, timesIn } from './lane-bars.ts';
import { laneLives } from './lives.ts';
import { chartOverTime } from './over-time.ts';
import { theme } from './theme.ts';
import type { TimePlot } from './time-plot.ts';
import { type TimeRange, timeRange } from './time-range.ts';

const WORDS: Readonly<Record<LaneState, string>> = {
  idle: 'idle',
  window: 'batching window',
  running: 'running',
  backingOff: 'backing off',
  throttled: 'throttled',
  blocked: 'blocked',
};
/** Pixels: what is narrower nobody can point at. */
const POINTED_AT = 0.5;

/** What each lane did over time, a row a lane: with more than twelve, those of `lanesShown`. */
export function timelineChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const range = timeRange(summary, options);
  const { lanes } = summary.timeline;
  const end = summary.measured.toSeconds;
  const shown = lanesShown(summary, range);
  const names = shown.map((lane) => laneOf(summary, lane.mapping, lane));
  const occurring = LANE_STATES.filter(
    (state) => state !== 'idle' && shown.some((lane) => timesIn(lane, range, end).has(state)),
  );
  const idle = shown.some((lane) => isUnknown(summary, lane)) ? 'idle, or too short to keep' : WORDS.idle;
  const entries: LegendEntry[] = [
    { name: idle, colour: colours.idle },
    ...occurring.map((state) => ({ name: WORDS[state], colour: colours[state] })),
  ];
  return chartOverTime(
    summary,
    options,
    {
      title: `${titleOf(summary, shown, range)}${changesOften(shown, range, options) ? ', in shares where it changes often' : ''}`,
      kind: 'states',
      entries,
      y: { names },
      empty: lanes.length === 0 ? 'No lanes' : null,
      facts: shown
        .map((lane, index) => `${names[index]}: held up for ${duration(1_000 * heldUp(lane, range, end))}`)
        .join('; '),
      hover: [],
    },
    (plot) => [laneNames(plot), laneStates(plot, summary, shown, idle)],
  );
}

function titleOf({ timeline, measured }: Summary, shown: readonly LaneSpans[], range: TimeRange): string {
  if (shown.length === timeline.lanes.length) return 'State of each lane over time';
  const some = `${shown.length} of ${whole(timeline.lanes.length)} lanes`;
  const isHeldUp = shown.some((lane) => heldUp(lane, range, measured.toSeconds) > 0);
  return `State over time of ${isHeldUp ? `the ${some} held up longest` : some}`;
}

/** Before it is known how wide the plot is: about whether there is a state of less than a pixel. */
function changesOften(lanes: readonly LaneSpans[], range: TimeRange, { width }: ChartOptions): boolean {
  const pixel = (range.to - range.from) / (0.75 * (width ?? 960));
  const isShort = ({ state, fromSeconds, toSeconds }: LaneSpan) =>
    state !== 'idle' && fromSeconds < range.to && toSeconds > range.from && toSeconds - fromSeconds < pixel;
  return lanes.some(({ spans, short }) => short !== undefined || spans.some(isShort));
}

/** The axis alone: bars have places of their own in their lane's row. */
function laneNames(plot: TimePlot): JsonObject {
  return {
    name: 'lane-names',
    data: { values: plot.frame.rowNames.map((lane) => ({ lane, from: plot.range.from })) },
    mark: { type: 'rect', opacity: 0 },
    encoding: { x: { ...plot.x, field: 'from' }, x2: { field: 'from' }, y: { ...plot.y, field: 'lane' } },
  };
}

function laneStates(plot: TimePlot, summary: Summary, lanes: readonly LaneSpans[], idle: string): JsonObject {
  const { range } = plot;
  const end = summary.measured.toSeconds;
  const pixel = (range.to - range.from) / plot.width;
  const interactive = plot.frame.input.options.interactive === true;
  const legend = (state: LaneState) => plot.frame.legendNames.get(state === 'idle' ? idle : WORDS[state])!;
  const values = lanes.flatMap((lane, index) => {
    const band = rowBand(plot, index);
    const height = band.bottom - band.top;
    const lives = laneLives(summary, lane, isCut(summary, lane)).filter(
      ({ from, to }) => from < range.to && to > range.from,
    );
    const bars = [...lives.map(ground), ...laneBars(lane, { range, lives, end, pixel, height })];
    return bars.map(
      (bar): JsonObject => ({
        lane: plot.frame.rowNames[index]!,
        state: legend(bar.state),
        from: Math.max(bar.from, range.from),
        to: Math.min(bar.to, range.to),
        top: hundredth(band.bottom - bar.top * height),
        bottom: hundredth(band.bottom - bar.foot * height),
        ...(interactive ? { time: bar.to - bar.from < POINTED_AT * pixel ? '' : timeWords(bar) } : {}),
      }),
    );
  });
  return {
    name: 'lanes',
    data: { values },
    mark: { type: 'rect', clip: true },
    encoding: {
      x: { ...plot.x, field: 'from' },
      x2: { field: 'to' },
      y: { field: 'top', type: 'quantitative', scale: null, axis: null },
      y2: { field: 'bottom' },
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

/** What the others lie on. */
function ground({ from, to }: TimeRange): LaneBar {
  return { state: 'idle', from, to, foot: 0, top: 1, seconds: 0 };
}

function hundredth(value: number): number {
  return Math.round(100 * value) / 100;
}

/** Idle is the ground that the others lie on, so its own extent says nothing. */
function timeWords({ state, from, to, seconds }: LaneBar): string {
  if (state === 'idle') return '';
  const time = duration(1_000 * seconds);
  const within = `${clock(from)} – ${clock(to)}`;
  return seconds === to - from ? `${within} (${time})` : `${time} of ${within}`;
}

/** Of a result made before there was `short`: what states were in the spans left out. Those of idle ones go first. */
function isUnknown(summary: Summary, lane: LaneSpans): boolean {
  return isCut(summary, lane) && lane.short === undefined && lane.spans.every(({ state }) => state !== 'idle');
}

/** Whether short spans of the lane were left out of the recording; results made before there was `short` do not say. */
function isCut({ timeline }: Summary, { spans, short }: LaneSpans): boolean {
  return short !== undefined || spans.length >= mostSpans(timeline.lanes.length);
}

/**
 * All, or twelve in their own order: that of the longest stall, which the sentence names, then those held up longest,
 * of equal ones some of every mapping.
 */
function lanesShown(summary: Summary, range: TimeRange): readonly LaneSpans[] {
  const { lanes } = summary.timeline;
  if (lanes.length <= SERIES_LIMIT) return lanes;
  const [longest] = stallsByLength(summary);
  const ofMapping = new Map<string, number>();
  const ranked = lanes
    .map((lane) => {
      const place = ofMapping.get(lane.mapping) ?? 0;
      ofMapping.set(lane.mapping, place + 1);
      const isLongest =
        lane.mapping === longest?.mapping && lane.shardId === longest.stall.shardId && lane.lane === longest.stall.lane;
      return {
        lane,
        place,
        held: isLongest ? Number.POSITIVE_INFINITY : heldUp(lane, range, summary.measured.toSeconds),
      };
    })
    .sort((a, b) => (a.held === b.held ? a.place - b.place : b.held - a.held))
    .slice(0, SERIES_LIMIT);
  const kept = new Set(ranked.map(({ lane }) => lane));
  return lanes.filter((lane) => kept.has(lane));
}
