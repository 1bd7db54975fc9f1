import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LANE_STATES } from '../../src/recording/causes.ts';
import { ACTIVITY } from '../../src/recording/lane-history.ts';
import { LaneTimeline } from '../../src/recording/lane-timeline.ts';
import { runs } from '../support/runs.ts';

it('the longest spans are left, those before others of the same length, idle ones last; of the rest the time is known', () => {
  const states = ['idle', 'running', 'backingOff'] as const;
  // Beyond the first stretches of a second, so that they are joined again and again.
  const step = fc.record({ takes: fc.nat(5).map((length) => 700_000 * length), state: fc.constantFrom(...states) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 30 }), (steps, most) => {
      const timeline = new LaneTimeline({ spans: most, stretches: 8 }, 0);
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
      expect(timeline.mapWithin(0, now, (of, from, to) => ({ state: of, from, to }))).toEqual(left);
      const [begin, end] = [Math.round(now / 3), Math.round((2 * now) / 3)];
      expect(timeline.mapWithin(begin, end, (of, from, to) => ({ state: of, from, to }))).toEqual(
        left
          .map((span) => ({ ...span, from: Math.max(span.from, begin), to: Math.min(span.to, end) }))
          .filter(({ from, to }) => from < to),
      );
      // What was left out, in each stretch of the run.
      const gone = others.slice(most);
      expect(timeline.short === null).toBe(left.length === all.length);
      const { stretch, times } = timeline.short ?? { stretch: 1, times: [] };
      expect(times.length > 0).toBe(gone.length > 0);
      times.forEach((time, place) => {
        const opens = Math.floor(place / LANE_STATES.length) * stretch;
        const within = gone
          .filter((span) => span.state === LANE_STATES[place % LANE_STATES.length])
          .map(({ from, to }) => Math.max(0, Math.min(to, opens + stretch) - Math.max(from, opens)));
        expect(time).toBe(within.reduce((sum, one) => sum + one, 0));
      });
    }),
    { numRuns: runs(500) },
  );
});
