import { describe, expect, test } from 'vitest';
import { lowerBound, trialsToShow } from '../../src/statistics/clopper-pearson.ts';

describe("Clopper and Pearson's lower bound", () => {
  // The lower ends of two-sided intervals as tables have them: one-sided with half of what is left.
  test.each([
    [1, 10, 0.975, 0.0025],
    [5, 10, 0.975, 0.1871],
    [9, 10, 0.975, 0.555],
    [10, 10, 0.975, 0.6915],
    [81, 263, 0.975, 0.2527],
    [15, 20, 0.95, 0.5444],
    [90, 100, 0.95, 0.8363],
  ])('of %d successes in %d, at %d, is the published %d', (successes, trials, confidence, bound) => {
    expect(lowerBound(successes, trials, confidence)).toBeCloseTo(bound, 4);
  });

  test('of nothing but successes is the n-th root of what the confidence leaves, and of none 0', () => {
    for (const trials of [1, 20, 299, 5_000])
      expect(lowerBound(trials, trials, 0.95)).toBeCloseTo(0.05 ** (1 / trials), 8);
    expect(lowerBound(0, 20, 0.95)).toBe(0);
  });

  test('is what the trials are exactly as likely as the rest of the confidence to give', () => {
    const p = lowerBound(18, 20, 0.9);
    const probability = p ** 20 + 20 * p ** 19 * (1 - p) + 190 * p ** 18 * (1 - p) ** 2;
    expect(probability).toBeCloseTo(0.1, 7);
  });

  test.each([
    [0.99, 0.95, 299],
    [0.99, 0.9, 230],
    [0.95, 0.95, 59],
    [0.9, 0.95, 29],
  ])('shows %d with confidence %d by %d successes, and not by one less', (share, confidence, trials) => {
    expect(trialsToShow(share, confidence)).toBe(trials);
    expect(lowerBound(trials, trials, confidence)).toBeGreaterThanOrEqual(share);
    expect(lowerBound(trials - 1, trials - 1, confidence)).toBeLessThan(share);
  });
});
