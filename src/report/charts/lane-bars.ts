import type { LaneState } from '../../recording/causes.ts';
import type { LaneSpan } from '../summary.ts';
import type { TimeRange } from './time-range.ts';

/** From the foot of a row to its top, where several share a moment: what holds a lane up lies on top. */
export const LANE_STATES: readonly LaneState[] = ['idle', 'window', 'running', 'backingOff', 'throttled', 'blocked'];
export const HELD_UP: readonly LaneState[] = ['backingOff', 'throttled', 'blocked'];
/** Pixels: a short trouble in a long run must be seen. */
const NARROWEST = 1.5;
/** Pixels between troubles that are widened: nearer to one another, widened ones would hide what lies between them. */
const APART = 8;

/** A part of a lane's row. */
export interface LaneBar extends TimeRange {
  readonly state: LaneState;
  /** Shares of the row's height, from its foot. */
  readonly foot: number;
  readonly top: number;
  /** How long the lane was in the state within it. */
  readonly seconds: number;
}

export interface LaneRow {
  readonly range: TimeRange;
  /** When there was such a lane, in order of time. */
  readonly lives: readonly TimeRange[];
  /** Seconds. */
  readonly pixel: number;
  /** Of a row, in pixels. */
  readonly height: number;
}

/**
 * What a lane did besides being idle. What is as wide as a pixel is a bar of the row's whole height. Where states are
 * shorter, each pixel's column shows them on top of one another, as high as their shares of its time. A short trouble
 * that is alone is as high as the row and wide enough to be seen.
 */
export function laneBars(spans: readonly LaneSpan[], row: LaneRow): LaneBar[] {
  const { range, pixel } = row;
  const shown = joined(spans)
    .filter((span) => span.state !== 'idle' && within(span, range))
    .map((span) => clipped(span, range));
  const alone = aloneIn(shown, pixel);
  const others = shown.filter((span) => !alone.has(span));
  const long = others.filter((span) => lengthOf(span) >= pixel);
  const short = others.filter((span) => lengthOf(span) < pixel);
  const whole = long.map((span) => ({
    ...{ state: span.state, from: span.fromSeconds, to: span.toSeconds },
    ...{ foot: 0, top: 1, seconds: lengthOf(span) },
  }));
  return [...whole, ...columns(short, freeOf(whole, row), row), ...widened(new Set(alone.values()), row)];
}

export function within(span: LaneSpan, range: TimeRange): boolean {
  return span.fromSeconds < range.to && span.toSeconds > range.from;
}

export function clipped(span: LaneSpan, range: TimeRange): LaneSpan {
  const fromSeconds = Math.max(span.fromSeconds, range.from);
  return { state: span.state, fromSeconds, toSeconds: Math.min(span.toSeconds, range.to) };
}

function lengthOf({ fromSeconds, toSeconds }: LaneSpan): number {
  return toSeconds - fromSeconds;
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

type Trouble = LaneSpan[];

/** Each span of a trouble that is alone, with that trouble: spans that together are narrower than what can be seen. */
function aloneIn(spans: readonly LaneSpan[], pixel: number): ReadonlyMap<LaneSpan, Trouble> {
  const troubles: Trouble[] = [];
  for (const span of spans) {
    if (!HELD_UP.includes(span.state)) continue;
    const before = troubles.at(-1);
    if (before !== undefined && span.fromSeconds - before.at(-1)!.toSeconds < APART * pixel) before.push(span);
    else troubles.push([span]);
  }
  const alone = troubles.filter((trouble) => trouble.at(-1)!.toSeconds - trouble[0]!.fromSeconds < NARROWEST * pixel);
  return new Map(alone.flatMap((trouble) => trouble.map((span) => [span, trouble] as const)));
}

function widened(troubles: ReadonlySet<Trouble>, { range, pixel }: LaneRow): LaneBar[] {
  return [...troubles].flatMap((trouble) => {
    const from = Math.max(range.from, Math.min(trouble[0]!.fromSeconds, range.to - NARROWEST * pixel));
    const times = new Map<LaneState, number>();
    for (const span of trouble) times.set(span.state, (times.get(span.state) ?? 0) + lengthOf(span));
    const all = [...times.values()].reduce((sum, time) => sum + time, 0);
    return stacked(times, { from, to: Math.min(range.to, from + NARROWEST * pixel) }, { all, least: 0 });
  });
}

/** What of a lane's lives no bar takes up. */
function freeOf(bars: readonly TimeRange[], { lives, range }: LaneRow): TimeRange[] {
  const free: TimeRange[] = [];
  let next = 0;
  for (const life of lives) {
    const end = Math.min(life.to, range.to);
    let from = Math.max(life.from, range.from);
    for (; next < bars.length && bars[next]!.from < end; next++) {
      if (bars[next]!.from > from) free.push({ from, to: bars[next]!.from });
      from = Math.max(from, bars[next]!.to);
    }
    if (from < end) free.push({ from, to: end });
  }
  return free;
}

/** The spans in order of time, each in one of the free stretches. */
function columns(spans: readonly LaneSpan[], free: readonly TimeRange[], row: LaneRow): LaneBar[] {
  const { range, pixel, height } = row;
  const bars: LaneBar[] = [];
  let next = 0;
  for (const stretch of free) {
    const times = new Map<number, Map<LaneState, number>>();
    for (; next < spans.length && spans[next]!.fromSeconds < stretch.to; next++) {
      const { state, fromSeconds, toSeconds } = spans[next]!;
      const last = Math.floor((toSeconds - range.from) / pixel);
      for (let column = Math.floor((fromSeconds - range.from) / pixel); column <= last; column++) {
        const part = { from: range.from + column * pixel, to: range.from + (column + 1) * pixel };
        const time = Math.min(toSeconds, part.to) - Math.max(fromSeconds, part.from);
        if (time <= 0) continue;
        if (!times.has(column)) times.set(column, new Map());
        const ofColumn = times.get(column)!;
        ofColumn.set(state, (ofColumn.get(state) ?? 0) + time);
      }
    }
    for (const [column, ofColumn] of times) {
      const from = Math.max(stretch.from, range.from + column * pixel);
      const to = Math.min(stretch.to, range.from + (column + 1) * pixel);
      bars.push(...stacked(ofColumn, { from, to }, { all: to - from, least: NARROWEST / height }));
    }
  }
  return bars;
}

/** On top of one another, as high as each one's share of all; what holds a lane up not lower than can be seen. */
function stacked(
  times: ReadonlyMap<LaneState, number>,
  { from, to }: TimeRange,
  { all, least }: { readonly all: number; readonly least: number },
): LaneBar[] {
  const bars = LANE_STATES.filter((state) => times.has(state)).map((state) => {
    const seconds = times.get(state)!;
    return { state, seconds, share: Math.max(seconds / all, HELD_UP.includes(state) ? least : 0) };
  });
  // What has been raised is taken off where there is most.
  const sum = Math.max(
    1,
    bars.reduce((shares, bar) => shares + bar.share, 0),
  );
  let foot = 0;
  return bars.map(({ state, seconds, share }) => {
    const bar = { state, from, to, foot, top: Math.min(1, foot + share / sum), seconds };
    foot = bar.top;
    return bar;
  });
}
