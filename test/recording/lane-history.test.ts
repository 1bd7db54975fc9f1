import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ACTIVITY, LaneHistory, LaneTimeline } from '../../src/recording/lane-history.ts';
import { runs } from '../support/runs.ts';

it('however long a history is, what was long in it is not blurred (M4)', () => {
  const history = new LaneHistory();
  history.turn(0, ACTIVITY.notPolling);
  for (let i = 0; i < 10_000; i++) {
    history.turn(60_000_000 + 300 * i, ACTIVITY.running);
    history.turn(60_000_000 + 300 * i + 100 + (i % 100), ACTIVITY.idle);
  }
  expect(history.timesAt(60_000_000)).toEqual({ queue: 0, readLimit: 0, notPolling: 60_000_000 });
  expect(history.timesAt(30_000_000).notPolling).toBe(30_000_000);
  const busy = 10_000 * (100 + 49.5);
  expect(history.timesAt(70_000_000)).toEqual({ queue: busy, readLimit: 0, notPolling: 60_000_000 });
  expect(Math.abs(history.timesAt(61_500_000).queue - busy / 2)).toBeLessThan(0.002 * busy);
});

it('of a timeline the longest spans are left, those before others of the same length, idle ones last (M4)', () => {
  const states = ['idle', 'running', 'backingOff'] as const;
  const step = fc.record({ takes: fc.nat(5), state: fc.constantFrom(...states) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 30 }), (steps, most) => {
      const timeline = new LaneTimeline(most, 0);
      // What it was at each microsecond, as stretches of the same.
      const all: { state: string; from: number; to: number }[] = [];
      let now = 0;
      let state: (typeof states)[number] = 'idle';
      for (const next of [...steps, { takes: 1, state: 'idle' as const }]) {
        const last = all.at(-1);
        if (next.takes > 0 && last?.state === state) last.to += next.takes;
        else if (next.takes > 0) all.push({ state, from: now, to: now + next.takes });
        now += next.takes;
        state = next.state;
        timeline.turn(now, ACTIVITY[state]);
      }
      timeline.finish(now);
      const byLength = [...all].sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from);
      const others = byLength.filter((span) => span.state !== 'idle');
      const idle = byLength.filter((span) => span.state === 'idle').slice(0, Math.max(0, most - others.length));
      const left = [...others.slice(0, most), ...idle].sort((a, b) => a.from - b.from);
      expect(timeline.map((of, from, to) => ({ state: of, from, to }))).toEqual(left);
    }),
    { numRuns: runs(500) },
  );
});
