import fc from 'fast-check';
import { expect, test } from 'vitest';
import { theilSen } from '../../src/statistics/trend.ts';

test('points on a line have its slope, without doubt', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: 3, max: 60 }),
      (a, b, n) => {
        expect(theilSen(overTime(n, (x) => a * x + b))).toEqual({ slope: a, low: a, high: a });
      },
    ),
  );
});

test('slope and interval of the published example are those of the literature', () => {
  // The data of P. K. Sen (1968): slope 4, and [26/7, 35/8], the 4th and the 19th of 21 slopes, at 93 %.
  const x = [1, 2, 3, 4, 10, 12, 18];
  const y = [9, 15, 19, 20, 45, 55, 78];
  // At 95 %, by hand: σ² = 7 · 6 · 19 / 18, (21 ∓ 1.96 σ) / 2 = 3.97 and 17.02: the 3rd and the 19th, both outwards.
  expect(theilSen(x.map((at, i) => ({ x: at, y: y[i]! })))).toEqual({ slope: 4, low: 11 / 3, high: 5 });
});

test('a fifth of wild outliers leave the slope nearly where it was', () => {
  const noise = uniform(11);
  const points = overTime(80, (x) => 3 * x + noise() - 0.5);
  const spoilt = points.map(({ x, y }, i) => ({ x, y: i % 5 === 0 ? y + 1e6 * (noise() - 0.5) : y }));
  expect(theilSen(points).slope).toBeCloseTo(3, 2);
  expect(theilSen(spoilt).slope).toBeCloseTo(3, 1);
});

test('the interval holds the slope, and the slope follows the scale and the direction of the points', () => {
  const points = fc.uniqueArray(fc.record({ x: fc.nat(500), y: fc.integer({ min: -500, max: 500 }) }), {
    selector: ({ x }) => x,
    minLength: 2,
    maxLength: 40,
  });
  fc.assert(
    fc.property(points, (some) => {
      const { slope, low, high } = theilSen(some);
      expect(low).toBeLessThanOrEqual(slope);
      expect(high).toBeGreaterThanOrEqual(slope);
      const upsideDown = theilSen(some.map(({ x, y }) => ({ x, y: -4 * y })));
      expect(upsideDown.slope).toBeCloseTo(-4 * slope, 8);
      expect([upsideDown.low, upsideDown.high]).toEqual([-4 * high, -4 * low].map((end) => expect.closeTo(end, 8)));
    }),
  );
});

test('all values equal: no slope, no doubt', () => {
  expect(theilSen(overTime(30, () => 7))).toEqual({ slope: 0, low: 0, high: 0 });
});

test('the interval holds the true slope in 95 % of samples of noise', () => {
  // 400 samples: the standard error of the share is 1.1 %; the tolerance is four of them.
  const samples = 400;
  let held = 0;
  for (let seed = 1; seed <= samples; seed++) {
    const noise = uniform(seed);
    const { low, high } = theilSen(overTime(40, (x) => 0.5 * x + 30 * noise()));
    if (low <= 0.5 && high >= 0.5) held++;
  }
  expect(held / samples).toBeGreaterThan(0.95 - 0.044);
  expect(held / samples).toBeLessThan(0.95 + 0.044);
});

test('with many ties the interval still holds a slope of zero in 95 % of samples', () => {
  let held = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const noise = uniform(seed);
    const { low, high } = theilSen(overTime(40, () => Math.floor(3 * noise())));
    if (low <= 0 && high >= 0) held++;
  }
  expect(held / 400).toBeGreaterThan(0.95 - 0.044);
});

test('many points are thinned without moving the slope', () => {
  const noise = uniform(5);
  const { slope, low, high } = theilSen(overTime(20_000, (x) => 2 * x + 100 * noise()));
  expect(slope).toBeCloseTo(2, 3);
  expect(high - low).toBeLessThan(0.01);
});

function overTime(n: number, y: (x: number) => number): { x: number; y: number }[] {
  return Array.from({ length: n }, (_, x) => ({ x, y: y(x) }));
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function uniform(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
