import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/kernel/time.ts';
import { hasStep, rowPeriod } from '../../src/scenario/row-period.ts';

const seconds = (times: readonly number[]) => times.map((time) => time * SECOND);

describe('the period of rows', () => {
  test.each([
    ['without gaps is their step', [0, 300, 600], 300],
    ['is that of the grid which all lie on, though no two are one period apart', [0, 600, 1_500, 2_100], 300],
    ['is found whatever else is missing', [0, 60, 7_200], 60],
    ['may be one of high resolution', [0, 20, 50, 90], 10],
    ['may be the second where rows are that far apart', [0, 1, 5], 1],
    ['is the least step where times are no grid', [0, 299, 601, 900], 299],
    ['is that of the others where some have one time', [0, 0, 60, 60], 60],
    ['is not known where all have one time', [60, 60], null],
    ['is not known of one', [60], null],
  ] as const)('%s', (_, times, expected) => {
    expect(rowPeriod(seconds(times))).toBe(expected === null ? null : expected * SECOND);
  });
});

test('rows have a step where two that follow each other are so far apart', () => {
  expect(hasStep(seconds([0, 600, 1_500]), 300 * SECOND)).toBe(false);
  expect(hasStep(seconds([0, 600, 900]), 300 * SECOND)).toBe(true);
});
