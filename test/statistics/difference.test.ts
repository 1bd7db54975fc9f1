import { describe, expect, test } from 'vitest';
import * as difference from '../../src/statistics/difference.ts';
import { meanInterval, studentQuantile, studentTails } from '../../src/statistics/interval.ts';

/** Student's own data of 1908, hours of sleep gained by ten patients with two drugs, as R's `sleep` has them. */
const FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

const { holmAdjusted, pairedDifference } = difference;
const unpairedDifference = (a: number[], b: number[]) =>
  difference.unpairedDifference(meanInterval(a), meanInterval(b));

describe('a difference of means', () => {
  test("in pairs is Student's: R gives t = 4.0621 with 9 degrees of freedom", () => {
    const { count, mean, low, high, pValue } = pairedDifference(FIRST, SECOND);
    expect([count, mean]).toEqual([10, expect.closeTo(1.58, 12)]);
    expect([low, high]).toEqual([expect.closeTo(0.7001142, 6), expect.closeTo(2.4598858, 6)]);
    expect(pValue).toBeCloseTo(0.002833, 6);
  });

  test("of samples without partners is Welch's: R gives t = 1.8608 with 17.776 degrees of freedom", () => {
    const { mean, low, high, pValue } = unpairedDifference(FIRST, SECOND);
    expect(mean).toBeCloseTo(1.58, 12);
    expect([low, high]).toEqual([expect.closeTo(-0.2054832, 5), expect.closeTo(3.3654832, 5)]);
    expect(pValue).toBeCloseTo(0.07939, 5);
  });

  test.each([pairedDifference, unpairedDifference])(
    'has no interval for one sample of each, nothing for none',
    (of) => {
      expect(of([1], [3])).toEqual({ count: 1, mean: 2, standardError: null, low: null, high: null, pValue: null });
      expect(of([], [])).toMatchObject({ count: 0, mean: null, pValue: null });
    },
  );

  test.each([pairedDifference, unpairedDifference])(
    'between equal samples is no difference, whatever their number',
    (of) => {
      expect(of([5, 5, 5], [5, 5, 5])).toMatchObject({ mean: 0, standardError: 0, pValue: 1 });
    },
  );

  test('that is the same in every pair is judged by how many pairs there are', () => {
    const at = (count: number) => Array.from({ length: count }, (_, index) => index);
    const all = (count: number, value: number) => Array.from({ length: count }, () => value);
    // Each side always the same, as without chance.
    expect(pairedDifference(all(5, 108), all(5, 432)).pValue).toBeCloseTo(2 * 4 ** -5, 12);
    expect(unpairedDifference(all(5, 108), all(5, 432)).pValue).toBeCloseTo(2 * 4 ** -5, 12);
    expect(unpairedDifference(all(2, 1), all(2, 2)).pValue).toBeGreaterThan(0.05);
    // All of A's are others, and B's beside them always by as much.
    expect(
      pairedDifference(
        at(5),
        at(5).map((value) => value + 43.8),
      ).pValue,
    ).toBeCloseTo(2 * 4 ** -5, 12);
    // Small counts that come again, as chance makes them: the sign test.
    expect(pairedDifference([0, 1, 0, 1, 0], [1, 2, 1, 2, 1]).pValue).toBeCloseTo(2 ** -4, 12);
  });

  test('in the last digits of a sum is none', () => {
    expect(pairedDifference([0.3, 0.3], [0.1 + 0.2, 0.1 + 0.2])).toMatchObject({ mean: 0, pValue: 1 });
  });
});

describe("the tails of Student's t", () => {
  test.each([1, 1.5, 2, 9, 17.776, 200, 20_000])(
    'are those beyond its quantiles, with %d degrees of freedom',
    (degrees) => {
      for (const tails of [0.9, 0.3, 0.05, 0.001]) {
        const t = studentQuantile(1 - tails / 2, degrees);
        expect(Math.abs(studentTails(t, degrees) - tails)).toBeLessThan(1e-5);
        expect(studentTails(-t, degrees)).toBe(studentTails(t, degrees));
      }
      expect([studentTails(0, degrees), studentTails(1e9, degrees) < 1e-5]).toEqual([1, true]);
    },
  );

  test('are of a number, with at least one degree of freedom', () => {
    expect(() => studentTails(Number.NaN, 5)).toThrow(RangeError);
    expect(() => studentTails(1, 0.5)).toThrow(RangeError);
  });
});

test("Holm's adjustment takes each by its rank, and never lets a larger one pass a smaller", () => {
  expect(holmAdjusted([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
  expect(holmAdjusted([])).toEqual([]);
});
