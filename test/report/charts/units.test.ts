import { expect, test } from 'vitest';
import {
  duration,
  durationScale,
  elapsed,
  number,
  numberScale,
  period,
  timeScale,
} from '../../../src/report/charts/units.ts';

test.each([
  [0, '0'],
  [0.25, '0.25'],
  [1 / 3, '0.3333'],
  [1_499.96, '1,500'],
  [81_412, '81,412'],
  [12_345_678, '12,345,678'],
])('the number %d reads %s', (value, text) => {
  expect(number(value)).toBe(text);
});

test.each([
  [0, '0 ms'],
  [820, '820 ms'],
  [12_500, '12.5 s'],
  [90_000, '1 min 30 s'],
  [3_600_000, '1 h'],
  [86_580_000, '24 h 3 min'],
  [172_800_000, '2 d'],
])('a time of %d ms reads %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test.each([
  [0.5, '500 ms'],
  [1, '1 s'],
  [60, '60 s'],
  [90, '90 s'],
  [300, '5 min'],
  [3_600, '1 h'],
  [86_400, '1 d'],
])('a period of %d s reads %s', (seconds, text) => {
  expect(period(seconds)).toBe(text);
});

test('a moment reads as hours, minutes and seconds since the start', () => {
  expect([elapsed(0), elapsed(94_500), elapsed(1.5)]).toEqual(['0:00:00', '26:15:00', '0:00:01.500']);
});

test.each([
  [0, 600, '0 min', '10 min'],
  [0, 7_200, '0 min', '120 min'],
  [0, 93_600, '0 h', '24 h'],
  [0, 259_200, '0 d', '3 d'],
  [43_200, 259_200, '12 h', '3 d'],
  [88_000, 93_000, '24 h 30 min', '25 h 50 min'],
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
  [600_000, 'min'],
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
