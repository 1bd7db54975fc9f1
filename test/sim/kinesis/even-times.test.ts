import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EvenTimes } from '../../../src/sim/kinesis/even-times.ts';
import { OfferList } from '../../../src/sim/kinesis/offers.ts';

const SECOND = 1_000_000;

const phase = fc
  .record({
    duration: fc.oneof(
      fc.constantFrom(1, 2, 5).map((seconds) => seconds * SECOND),
      fc.integer({ min: 1, max: 3 * SECOND }),
    ),
    rate: fc.oneof(fc.constantFrom(1, 7, 300, 1_000), fc.double({ min: 0, max: 2_000, noNaN: true })),
    rampTo: fc.option(fc.constantFrom(0, 500), { freq: 3 }),
  })
  .map(({ duration, rate, rampTo }) => ({ name: null, duration, rate, rampTo: rampTo ?? rate }));

it('a second with a constant rate has the same records, worked out one by one or all at once (D3)', () => {
  let steady = 0;
  fc.assert(
    fc.property(fc.array(phase, { minLength: 1, maxLength: 4 }), (phases) => {
      const even = new EvenTimes({ kind: 'phases', phases });
      const list = new OfferList();
      for (let second = 0; second < 8; second++) {
        const times = even.timesIn(second);
        expect(times !== null).toBe(even.isSteadyIn(second));
        if (times === null) continue;
        steady++;
        list.clear();
        even.fill(second, list);
        const all = [...list.times.subarray(0, list.length)];
        expect([...times.all()]).toEqual(all);
        expect([...list.identities.subarray(0, list.length)]).toEqual(all.map((_, i) => times.first + i));
        for (const at of [-1, 0, 1, 499_999, 500_000, 999_999, SECOND, ...all.slice(0, 3), ...all.slice(-3)]) {
          for (const near of [at, at + 1]) expect(times.before(near)).toBe(all.filter((time) => time < near).length);
        }
      }
    }),
  );
  expect(steady).toBeGreaterThan(50);
});

it('each record comes once, in order, as many as the rates add up to (D3)', () => {
  // Cumulative rates of a half and whole where phases meet, and ramps from and to nothing, as they are written.
  const written = fc.record({
    name: fc.constant(null),
    duration: fc.integer({ min: 1, max: 8 }).map((halves) => (halves * SECOND) / 2),
    rate: fc.constantFrom(0, 1, 3),
    rampTo: fc.constantFrom(0, 1, 3),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(written, phase), { minLength: 1, maxLength: 4 }), (phases) => {
      const even = new EvenTimes({ kind: 'phases', phases });
      const list = new OfferList();
      const found: [number, number][] = [];
      const seconds = Math.ceil(phases.reduce((sum, { duration }) => sum + duration, 0) / SECOND);
      for (let second = 0; second < seconds; second++) {
        list.clear();
        even.fill(second, list);
        for (let i = 0; i < list.length; i++) found.push([list.identities[i]!, second * SECOND + list.times[i]!]);
      }
      expect(found.map(([index]) => index)).toEqual(found.map((_, i) => i));
      expect(found.map(([, at]) => at)).toEqual(found.map(([, at]) => at).sort((a, b) => a - b));
      const total = phases.reduce((sum, { duration, rate, rampTo }) => sum + (duration * (rate + rampTo)) / 2, 0);
      expect(Math.abs(found.length - total / SECOND)).toBeLessThanOrEqual(0.5 + 1e-6);
    }),
    { numRuns: 1_000 },
  );
});
