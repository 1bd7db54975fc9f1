import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wallTimeOf } from '../../src/scenario/wall-time.ts';

const SECOND = 1_000_000;

describe('a wall time', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2014-04-10 00:04:00', 1_397_088_240 * SECOND],
    ['2026-01-05T09:00:00Z', 1_767_603_600 * SECOND],
    ['2026-01-05', 1_767_571_200 * SECOND],
    ['2026-01-05T09:00', 1_767_603_600 * SECOND],
    ['2019-10-11T05:00:00+00:00', 1_570_770_000 * SECOND],
    ['2019-10-11T10:30:00+05:30', 1_570_770_000 * SECOND],
    ['2019-10-10T22:00:00-0700', 1_570_770_000 * SECOND],
    ['1969-12-31T23:59:59.5Z', -500_000],
    ['2024-02-29T00:00:00Z', 1_709_164_800 * SECOND],
    ['1570770000', 1_570_770_000 * SECOND],
    ['1570770000.123456', 1_570_770_000 * SECOND + 123_456],
    [' 1570770000 ', 1_570_770_000 * SECOND],
  ])('%s is %d µs', (text, microseconds) => {
    expect(wallTimeOf(text)).toBe(microseconds);
  });

  it('drops digits past the microsecond', () => {
    expect(wallTimeOf('2023-11-16 18:17:03.9799600')).toBe(wallTimeOf('2023-11-16 18:17:03')! + 979_960);
    expect(wallTimeOf('1970-01-01T00:00:00.9999999999Z')).toBe(999_999);
  });

  it.each([
    '',
    'now',
    '2023-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-05T24:00:00Z',
    '2026-01-05T09:60:00Z',
    '05/01/2026',
    '2026-01-05T09:00:00+99:00',
    '9999-01-01', // past what microseconds count exactly
    '12345678901234',
  ])('%j is none', (text) => {
    expect(wallTimeOf(text)).toBeNull();
  });

  it('is what the calendar says', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true }), (date) => {
        expect(wallTimeOf(date.toISOString())).toBe(date.getTime() * 1_000);
      }),
    );
  });
});
