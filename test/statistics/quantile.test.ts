import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantileOfSorted } from '../../src/statistics/quantile.ts';

test('there is no quantile of nothing', () => {
  expect(quantileOfSorted([], 50)).toBeNull();
});

test('the quantile is the value of nearest rank', () => {
  const values = [15, 20, 35, 40, 50];
  expect([0, 5, 30, 40, 50, 100].map((p) => quantileOfSorted(values, p))).toEqual([15, 15, 20, 20, 35, 50]);
});

test('of 100 values the p-th percentile is the p-th value', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  for (const p of values) expect(quantileOfSorted(values, p)).toBe(p);
});

test('at least so many percent of the values lie at or below a quantile, and fewer below it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1 }), fc.integer({ min: 0, max: 100 }), (values, p) => {
      const sorted = values.sort((a, b) => a - b);
      const quantile = quantileOfSorted(sorted, p)!;
      expect(sorted.filter((value) => value <= quantile).length * 100).toBeGreaterThanOrEqual(p * sorted.length);
      expect(sorted.filter((value) => value < quantile).length * 100).toBeLessThanOrEqual(p * sorted.length);
    }),
  );
});
