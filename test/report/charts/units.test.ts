import { expect, test } from 'vitest';
import { durationScale, numberScale, timeScale } from '../../../src/report/charts/units.ts';

test.each([
  [0, 600, '0 m', '10 m'],
  [0, 7_200, '0 m', '120 m'],
  [0, 93_600, '0 h', '24 h'],
  [0, 259_200, '0 d', '3 d'],
  [43_200, 259_200, '12 h', '3 d'],
  [88_000, 93_000, '24 h 30 m', '25 h 50 m'],
  [88_000, 88_060, '24:26:40', '24:27:40'],
])('the time axis from %d s to %d s runs from %s to %s', (from, to, first, last) => {
  const { labels, ticks } = timeScale(from, to, 10);
  expect([labels[0], labels.at(-1)]).toEqual([first, last]);
  expect(ticks.length).toBeLessThanOrEqual(11);
});

test.each([
  [0, 'ms'],
  [950, 'ms'],
  [45_000, 's'],
  [600_000, 'm'],
  [86_400_000, 'h'],
  [7 * 86_400_000, 'd'],
])('an axis up to %d ms counts in %s and reaches it', (highest, unit) => {
  const scale = durationScale(highest);
  expect(scale.unit).toBe(unit);
  expect(scale.to).toBeGreaterThanOrEqual(highest);
  expect(scale.ticks.length).toBeLessThanOrEqual(8);
});

test('steps between whole numbers are whole', () => {
  expect(numberScale(2, { whole: true }).labels).toEqual(['0', '1', '2']);
  expect(numberScale(3.1, { whole: true }).ticks.every(Number.isInteger)).toBe(true);
});
