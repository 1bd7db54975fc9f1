import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteRateOf, durationOf, rateOf, shareOf, sizeOf } from '../../src/scenario/quantity.ts';

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250_000],
    ['1us', 1],
    ['10s', 10_000_000],
    ['5m', 300_000_000],
    ['2h', 7_200_000_000],
    ['7d', 604_800_000_000],
    ['0.1ms', 100],
    ['1.005s', 1_005_000],
    ['0.5us', 0.5],
    ['36500d', 3_153_600_000_000_000],
  ])('%s is %d µs', (text, microseconds) => {
    expect(durationOf(text)).toBe(microseconds);
  });

  it.each(['', '5', '5 minutes', '-5s', '5S', '1e3s', '.5s', '5.s', '5s ', '36501d', '9999999999999999s'])(
    '%j is none',
    (text) => {
      expect(durationOf(text)).toBeNull();
    },
  );

  it('of a decimal is exact wherever it is whole microseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (microseconds) => {
        const text = `${Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, '0')}s`;
        expect(durationOf(text)).toBe(microseconds);
      }),
    );
  });
});

describe('a size', () => {
  it.each([
    ['0B', 0],
    ['512B', 512],
    ['2KB', 2_048],
    ['1.5KB', 1_536],
    ['1MB', 1_048_576],
    ['1GB', 1_073_741_824],
  ])('%s is %d bytes: 1 KB is 1,024', (text, bytes) => {
    expect(sizeOf(text)).toBe(bytes);
  });

  it.each(['1', '1kb', '1KiB', '-1B', '2000GB'])('%j is none', (text) => {
    expect(sizeOf(text)).toBeNull();
  });
});

describe('a rate', () => {
  it.each([
    ['400/s', 400],
    ['24000/m', 400],
    ['1/h', 1 / 3_600],
    ['0.5/s', 0.5],
    ['0/s', 0],
  ])('%s is %d a second', (text, perSecond) => {
    expect(rateOf(text)).toBe(perSecond);
  });

  it.each(['400', '400/d', '/s', '400 per second', '2000000000/s'])('%j is none', (text) => {
    expect(rateOf(text)).toBeNull();
  });

  it('of bytes has a size before its second', () => {
    expect(byteRateOf('200KB/s')).toBe(204_800);
    expect(byteRateOf('200/s')).toBeNull();
  });
});

describe('a percentage', () => {
  it('is a share from 0 to 1', () => {
    expect(['0%', '1%', '30%', '99.9%', '100%'].map(shareOf)).toEqual([0, 0.01, 0.3, 0.999, 1]);
  });

  it.each(['1', '0.01', '101%', '-1%'])('%j is none', (text) => {
    expect(shareOf(text)).toBeNull();
  });
});
