import type { LaneState } from '../../recording/causes.ts';
import { LANE_STATES } from '../../recording/causes.ts';
import type { LaneSpan, LaneSpans, ShortLaneSpans } from '../summary.ts';
import type { TimeRange } from './time-range.ts';

const HELD_UP: readonly LaneState[] = ['backingOff', 'throttled', 'blocked'];
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

/** What a result holds of a lane's states. */
export type LaneStates = Pick<LaneSpans, 'spans' | 'short'>;

export interface LaneRow {
  readonly range: TimeRange;
  /** When there was such a lane, in order of time. */
  readonly lives: readonly TimeRange[];
  /** Of the run, in seconds. */
  readonly end: number;
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
export function laneBars(lane: LaneStates, row: LaneRow): LaneBar[] {
  const { range, pixel } = row;
  const shown = joined(lane.spans)
    .filter((span) => span.state !== 'idle' && within(span, range))
    .map((span) => clipped(span, range));
  const stretches = lane.short === undefined ? [] : stretchesOf(lane.short, row.end).map((one) => partOf(one, range));
  const alone = aloneIn(shown, stretches, pixel);
  const others = shown.filter((span) => !alone.has(span));
  const long = others.filter((span) => lengthOf(span) >= pixel);
  const short = others.filter((span) => lengthOf(span) < pixel);
  const whole = long.map((span) => ({
    ...{ state: span.state, from: span.fromSeconds, to: span.toSeconds },
    ...{ foot: 0, top: 1, seconds: lengthOf(span) },
  }));
  const columns = columnsOf(freeOf(whole, row), row);
  addSpans(columns, gathered(short, stretches));
  addStretches(columns, stretches);
  const shares = columns.flatMap(({ from, to, times }) =>
    stacked(times, { from, to }, { all: to - from, least: NARROWEST / row.height }),
  );
  return [...whole, ...shares, ...widened(new Set(alone.values()), row)];
}

/** How long a lane was in each state within a range, in seconds; of idle ones, which are left out first, perhaps not all. */
export function timesIn({ spans, short }: LaneStates, range: TimeRange, end: number): ReadonlyMap<LaneState, number> {
  const times = new Map<LaneState, number>();
  for (const { state, fromSeconds, toSeconds } of spans) {
    add(times, state, overlap({ from: fromSeconds, to: toSeconds }, range));
  }
  for (const stretch of short === undefined ? [] : stretchesOf(short, end)) {
    const share = overlap(stretch, range) / (stretch.to - stretch.from);
    for (const [state, time] of stretch.times) add(times, state, time * share);
  }
  return times;
}

export function heldUp(lane: LaneStates, range: TimeRange, end: number): number {
  const times = timesIn(lane, range, end);
  return HELD_UP.reduce((seconds, state) => seconds + (times.get(state) ?? 0), 0);
}

function within(span: LaneSpan, range: TimeRange): boolean {
  return span.fromSeconds < range.to && span.toSeconds > range.from;
}

function clipped(span: LaneSpan, range: TimeRange): LaneSpan {
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
function aloneIn(
  spans: readonly LaneSpan[],
  stretches: readonly Column[],
  pixel: number,
): ReadonlyMap<LaneSpan, Trouble> {
  const troubles: Trouble[] = [];
  for (const span of spans) {
    if (!HELD_UP.includes(span.state)) continue;
    const before = troubles.at(-1);
    if (before !== undefined && span.fromSeconds - before.at(-1)!.toSeconds < APART * pixel) before.push(span);
    else troubles.push([span]);
  }
  const troubled = stretches.filter(({ times }) => HELD_UP.some((state) => times.has(state)));
  const isAlone = ({ from, to }: TimeRange) => {
    const around = { from: from - APART * pixel, to: to + APART * pixel };
    return to - from < NARROWEST * pixel && troubled.every((stretch) => overlap(stretch, around) === 0);
  };
  const alone = troubles.filter((trouble) => isAlone({ from: trouble[0]!.fromSeconds, to: trouble.at(-1)!.toSeconds }));
  return new Map(alone.flatMap((trouble) => trouble.map((span) => [span, trouble] as const)));
}

function widened(troubles: ReadonlySet<Trouble>, { range, pixel }: LaneRow): LaneBar[] {
  return [...troubles].flatMap((trouble) => {
    const from = Math.max(range.from, Math.min(trouble[0]!.fromSeconds, range.to - NARROWEST * pixel));
    const times = new Map<LaneState, number>();
    for (const span of trouble) add(times, span.state, lengthOf(span));
    return stacked(times, { from, to: Math.min(range.to, from + NARROWEST * pixel) }, { all: sum(times), least: 0 });
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

/** A part of the time, and how long the lane was in what states in it. */
interface Column extends TimeRange {
  readonly times: Map<LaneState, number>;
}

function columnsOf(free: readonly TimeRange[], { range, pixel }: LaneRow): Column[] {
  return free.flatMap((stretch) => {
    const columns: Column[] = [];
    for (let index = Math.floor((stretch.from - range.from) / pixel); ; index++) {
      const from = Math.max(stretch.from, range.from + index * pixel);
      const to = Math.min(stretch.to, range.from + (index + 1) * pixel);
      if (from >= stretch.to) return columns;
      if (from < to) columns.push({ from, to, times: new Map() });
    }
  });
}

/** Both in order of time. */
function addSpans(columns: readonly Column[], spans: readonly LaneSpan[]): void {
  let first = 0;
  for (const { state, fromSeconds: from, toSeconds: to } of spans) {
    while (first < columns.length && columns[first]!.to <= from) first++;
    for (let index = first; index < columns.length && columns[index]!.from < to; index++) {
      add(columns[index]!.times, state, overlap(columns[index]!, { from, to }));
    }
  }
}

/**
 * Where others were left out of a stretch, its short spans are spread with them, or the first of many alike, which were
 * kept, would look like more than the rest. @returns those that are left
 */
function gathered(spans: readonly LaneSpan[], stretches: readonly Column[]): LaneSpan[] {
  let next = 0;
  return spans.filter((span) => {
    while (next < stretches.length && stretches[next]!.to <= span.fromSeconds) next++;
    const stretch = stretches[next];
    if (stretch === undefined || stretch.from > span.fromSeconds || stretch.times.size === 0) return true;
    add(stretch.times, span.state, lengthOf(span));
    return false;
  });
}

/** Evenly. Both are in order of time. */
function addStretches(columns: readonly Column[], stretches: readonly Column[]): void {
  let first = 0;
  for (const stretch of stretches) {
    while (first < columns.length && columns[first]!.to <= stretch.from) first++;
    const parts: Column[] = [];
    for (let index = first; index < columns.length && columns[index]!.from < stretch.to; index++)
      parts.push(columns[index]!);
    const all = parts.reduce((seconds, part) => seconds + overlap(part, stretch), 0);
    for (const [state, time] of stretch.times) {
      for (const part of parts) add(part.times, state, (time * overlap(part, stretch)) / all);
    }
  }
}

/** What of a stretch lies within a range. */
function partOf(stretch: Column, range: TimeRange): Column {
  const share = overlap(stretch, range) / (stretch.to - stretch.from);
  return {
    from: Math.max(stretch.from, range.from),
    to: Math.min(stretch.to, range.to),
    times: new Map([...stretch.times].filter(() => share > 0).map(([state, time]) => [state, time * share])),
  };
}

/** The stretches of the run, and how long the spans left out of each were in each state. */
function stretchesOf({ stretchSeconds, shares }: ShortLaneSpans, end: number): Column[] {
  const states = LANE_STATES.filter((state) => shares[state] !== undefined);
  const count = Math.max(0, ...states.map((state) => shares[state]!.length));
  return Array.from({ length: count }, (_, index) => {
    const from = index * stretchSeconds;
    const to = Math.min(from + stretchSeconds, end);
    const times = states.map((state) => [state, shares[state]![index]! * (to - from)] as const);
    return { from, to, times: new Map(times.filter(([, time]) => time > 0)) };
  });
}

function overlap(a: TimeRange, b: TimeRange): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

function add(times: Map<LaneState, number>, state: LaneState, seconds: number): void {
  if (seconds > 0) times.set(state, (times.get(state) ?? 0) + seconds);
}

function sum(times: ReadonlyMap<LaneState, number>): number {
  return [...times.values()].reduce((seconds, time) => seconds + time, 0);
}

/**
 * On top of one another in the order of their list, as high as each one's share of all; what holds a lane up not lower
 * than can be seen.
 */
function stacked(
  times: ReadonlyMap<LaneState, number>,
  { from, to }: TimeRange,
  { all, least }: { readonly all: number; readonly least: number },
): LaneBar[] {
  const bars = LANE_STATES.filter((state) => times.has(state)).map((state) => {
    const seconds = times.get(state)!;
    return { state, seconds, share: Math.max(seconds / all, HELD_UP.includes(state) ? least : 0) };
  });
  // What some have been raised by is taken off all alike.
  const most = Math.max(
    1,
    bars.reduce((shares, bar) => shares + bar.share, 0),
  );
  let foot = 0;
  return bars.map(({ state, seconds, share }) => {
    const bar = { state, from, to, foot, top: Math.min(1, foot + share / most), seconds };
    foot = bar.top;
    return bar;
  });
}
