import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LaneState } from '../../../src/recording/causes.ts';
import { LANE_STATES } from '../../../src/recording/causes.ts';
import { heldUp, type LaneBar, laneBars } from '../../../src/report/charts/lane-bars.ts';
import type { LaneSpan } from '../../../src/report/summary.ts';

const HELD_UP: readonly LaneState[] = ['backingOff', 'throttled', 'blocked'];
const MINUTE = { range: { from: 0, to: 60 }, lives: [{ from: 0, to: 60 }], end: 60, pixel: 1, height: 30 };
const span = (state: LaneState, fromSeconds: number, toSeconds: number): LaneSpan => ({
  state,
  fromSeconds,
  toSeconds,
});
/** Seconds of a state as its bars' areas show them. */
const drawn = (bars: readonly LaneBar[], state: LaneState) =>
  bars
    .filter((bar) => bar.state === state)
    .reduce((sum, { from, to, foot, top }) => sum + (to - from) * (top - foot), 0);

describe('states shorter than a pixel', () => {
  test('share its column as they share its time', () => {
    const spans = Array.from({ length: 60 }, (_, second) => [
      span('blocked', second, second + 0.5),
      span('running', second + 0.5, second + 0.75),
    ]).flat();
    const bars = laneBars({ spans }, MINUTE);
    expect(bars.slice(0, 2)).toEqual([
      { state: 'running', from: 0, to: 1, foot: 0, top: 0.25, seconds: 0.25 },
      { state: 'blocked', from: 0, to: 1, foot: 0.25, top: 0.75, seconds: 0.5 },
    ]);
    expect([drawn(bars, 'blocked'), drawn(bars, 'running')]).toEqual([30, 15]);
  });

  test('are divided where they lie in two columns, and end where a long one begins', () => {
    const bars = laneBars({ spans: [span('running', 0.8, 1.3), span('window', 1.5, 20)] }, MINUTE);
    const places = bars.map(({ state, from, to }) => [state, from, to]);
    expect(places).toEqual([
      ['window', 1.5, 20],
      ['running', 0, 1],
      ['running', 1, 1.5],
    ]);
    expect(bars.map(({ top }) => top)).toEqual([1, expect.closeTo(0.2, 9), expect.closeTo(0.6, 9)]);
  });

  test('of trouble are high enough to be seen, and hide no more than that', () => {
    const spans = Array.from({ length: 30 }, (_, index) => span('throttled', 2 * index, 2 * index + 0.001));
    for (const { foot, top } of laneBars({ spans }, MINUTE)) expect(top - foot).toBeCloseTo(1.5 / 30, 9);
  });
});

describe('a short trouble that is alone', () => {
  test('is as high as the row and wide enough to be seen', () => {
    const bars = laneBars(
      { spans: [span('running', 0, 20), span('blocked', 30, 30.01), span('running', 40, 60)] },
      MINUTE,
    );
    expect(bars).toContainEqual({
      state: 'blocked',
      from: 30,
      to: 31.5,
      foot: 0,
      top: 1,
      seconds: expect.closeTo(0.01),
    });
    const last = laneBars({ spans: [span('blocked', 59.99, 60)] }, MINUTE);
    expect(last).toMatchObject([{ from: 58.5, to: 60, foot: 0, top: 1 }]);
  });

  test('may be of several spans, which then share its width', () => {
    const bars = laneBars({ spans: [span('backingOff', 30, 30.3), span('blocked', 30.4, 30.5)] }, MINUTE);
    expect(bars.map(({ state, from, to }) => [state, from, to])).toEqual([
      ['backingOff', 30, 31.5],
      ['blocked', 30, 31.5],
    ]);
    expect(bars.map(({ top }) => top)).toEqual([expect.closeTo(0.75, 9), 1]);
  });
});

describe('what was left out of the spans', () => {
  const short = { stretchSeconds: 30, shares: { running: [0.2, 0.1], blocked: [0, 0.5] } };

  test('shares the columns of its stretch that nothing else takes up', () => {
    const bars = laneBars({ spans: [span('window', 0, 20)], short }, MINUTE);
    expect(drawn(bars, 'window')).toBe(20);
    expect(drawn(bars, 'running')).toBeCloseTo(0.2 * 30 + 0.1 * 30, 6);
    expect(drawn(bars, 'blocked')).toBeCloseTo(15, 6);
    const running = bars.filter(({ state, to }) => state === 'running' && to <= 30);
    expect(running).toHaveLength(10);
    for (const { from, foot, top } of running) {
      expect(from).toBeGreaterThanOrEqual(20);
      expect([foot, top]).toEqual([0, expect.closeTo(0.6, 9)]);
    }
  });

  test('counts as held up, of a part of the run by that part of it', () => {
    const spans = [span('blocked', 0, 10), span('running', 10, 20), span('throttled', 50, 58)];
    expect(heldUp({ spans, short }, { from: 0, to: 60 }, 60)).toBeCloseTo(33, 9);
    expect(heldUp({ spans, short }, { from: 5, to: 45 }, 60)).toBeCloseTo(5 + 7.5, 9);
  });

  test('leaves no trouble alone that lies in it', () => {
    const isWide = (at: number) =>
      laneBars({ spans: [span('throttled', at, at + 0.01)], short }, MINUTE).some(
        ({ state, foot, top }) => state === 'throttled' && top - foot === 1,
      );
    expect([isWide(5), isWide(45)]).toEqual([true, false]);
  });
});

test('the bars of a lane show its time in each state, stay in its lives and lie beside one another', () => {
  const length = fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 900, max: 9_000 }));
  const step = fc.tuple(fc.constantFrom(...LANE_STATES, null), length);
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 150 }), (steps) => {
      let at = 0;
      const spans: LaneSpan[] = [];
      const lives: { from: number; to: number }[] = [];
      for (const [state, milliseconds] of steps) {
        const from = at / 1_000;
        at += milliseconds;
        const to = at / 1_000;
        if (state === null) continue;
        spans.push(span(state, from, to));
        if (lives.at(-1)?.to === from) lives.at(-1)!.to = to;
        else lives.push({ from, to });
      }
      const row = { range: { from: 0, to: at / 1_000 }, lives, end: at / 1_000, pixel: 1, height: 1e9 };
      const bars = laneBars({ spans }, row);
      const isWidened = ({ state, from, to, foot, top, seconds }: LaneBar) =>
        HELD_UP.includes(state) && (to - from) * (top - foot) > seconds + 1e-6;
      const exact = bars.filter((bar) => !isWidened(bar));
      for (const state of ['window', 'running'] as const) {
        const time = spans
          .filter((one) => one.state === state)
          .reduce((sum, s) => sum + s.toSeconds - s.fromSeconds, 0);
        expect(drawn(bars, state)).toBeCloseTo(time, 4);
      }
      for (const { from, to, foot, top } of exact) {
        expect(lives.some((life) => from >= life.from - 1e-9 && to <= life.to + 1e-9)).toBe(true);
        expect(foot >= 0 && top <= 1 && foot < top).toBe(true);
      }
      const area = exact.reduce((sum, { from, to, foot, top }) => sum + (to - from) * (top - foot), 0);
      expect(area).toBeLessThanOrEqual(lives.reduce((sum, life) => sum + life.to - life.from, 0) + 1e-6);
    }),
  );
});

test('a lane that is as busy throughout looks so, though only the first of its spans were kept', () => {
  // For 0.3 s of each second: of the second half of a stretch of a minute they are left out.
  const spans = Array.from({ length: 30 }, (_, second) => span('running', second + 0.5, second + 0.8));
  const bars = laneBars({ spans, short: { stretchSeconds: 60, shares: { running: [0.15] } } }, MINUTE);
  expect(bars).toHaveLength(60);
  for (const { top, foot } of bars) expect(top - foot).toBeCloseTo(0.3, 9);
});
