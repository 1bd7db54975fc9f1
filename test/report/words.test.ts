import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allOf,
  bytes,
  clock,
  counted,
  decimal,
  duration,
  exactDuration,
  list,
  money,
  percent,
  period,
  seconds,
  shardName,
  whole,
} from '../../src/report/words.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, '0 s'],
  [0.0001, '<0.001 ms'],
  [0.25, '0.25 ms'],
  [12.345, '12.3 ms'],
  [850, '850 ms'],
  [999.7, '1 s'],
  [12_500, '12.5 s'],
  [59_940, '59.9 s'],
  [59_960, '1 m'],
  [4 * MINUTE + 10 * SECOND, '4 m 10 s'],
  [59 * MINUTE + 59.6 * SECOND, '1 h'],
  [24 * HOUR + 3 * MINUTE, '24 h 3 m'],
  [47 * HOUR + 59 * MINUTE, '47 h 59 m'],
  [47 * HOUR + 59.6 * MINUTE, '2 d'],
  [2 * DAY + 4 * HOUR, '2 d 4 h'],
  [14 * DAY, '14 d'],
  [-90 * SECOND, '-1 m 30 s'],
])('%d ms reads %s', (milliseconds, words) => {
  expect(duration(milliseconds)).toBe(words);
});

test('a duration in words is within 1 % of itself, and no unit overflows into the next', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 400 * DAY, noNaN: true }), (milliseconds) => {
      const words = duration(milliseconds);
      expect(words).not.toMatch(/\b(60 s|60 m)\b|\b1,000 ms/);
      expect(Math.abs(readDuration(words) - milliseconds) / milliseconds).toBeLessThan(0.0105);
    }),
  );
});

test.each([
  [60_020, '1 m 0.02 s'],
  [5_000.4, '5.0004 s'],
  [250.25, '250.25 ms'],
  [26 * HOUR + 0.001, '1 d 2 h 0.000001 s'],
  [2 * HOUR, '2 h'],
])('%d ms exactly is %s', (milliseconds, words) => {
  expect(exactDuration(milliseconds)).toBe(words);
});

test.each([
  [0, '0'],
  [12_345, '12,345'],
  [1_234_567_890, '1,234,567,890'],
  [-1_234, '-1,234'],
  [2 ** 53, '9,007,199,254,740,992'],
])('the whole number %d reads %s', (value, words) => {
  expect(whole(value)).toBe(words);
});

test.each([
  [0.25, '0.25'],
  [12.34, '12.3'],
  [1_234.5, '1,235'],
  [0.000001234, '0.00000123'],
  [-0.5, '-0.5'],
  [1e21, '1,000,000,000,000,000,000,000'],
])('%d to three digits reads %s', (value, words) => {
  expect(decimal(value)).toBe(words);
});

test.each([
  [0, '0 %'],
  [0.0004, '<0.1 %'],
  [0.015, '1.5 %'],
  [0.5, '50 %'],
  [0.994, '99 %'],
  [0.998, '99.8 %'],
  [0.99999, '99.99 %'],
  [1, '100 %'],
  [1.12, '112 %'],
])('a share of %d reads %s', (share, words) => {
  expect(percent(share)).toBe(words);
});

test('only nothing reads as 0 % and only all, or more, as 100 %', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true, maxExcluded: true }), (share) => {
      expect(['0 %', '100 %']).not.toContain(percent(share));
    }),
  );
});

test.each([
  [0, '0 B'],
  [1_023, '1,023 B'],
  [1_024, '1 KB'],
  [1_536, '1.5 KB'],
  [1_048_575, '1 MB'],
  [6 * 1_048_576, '6 MB'],
  [3 * 1_024 ** 4, '3 TB'],
])('%d bytes read %s', (value, words) => {
  expect(bytes(value)).toBe(words);
});

test('one is singular, none and several are plural', () => {
  expect([0, 1, 2_000].map((count) => counted(count, 'record'))).toEqual(['0 records', '1 record', '2,000 records']);
  expect([1, 2].map((count) => counted(count, 'batch', 'batches'))).toEqual(['1 batch', '2 batches']);
});

test('a shard is called by its number', () => {
  expect(['shardId-000000000000', 'shardId-000000000120', 'else'].map(shardName)).toEqual([
    'shard 0',
    'shard 120',
    'else',
  ]);
});

test('of two it is both, of more all', () => {
  expect([2, 3, 1_200].map(allOf)).toEqual(['both', 'all 3', 'all 1,200']);
});

test('a list reads as a sentence has it', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(list)).toEqual(['', 'a', 'a and b', 'a, b and c']);
});

test('a time in seconds reads as the same in milliseconds', () => {
  expect(seconds(4_800)).toBe('1 h 20 m');
});

test.each([
  [0.5, '500 ms'],
  [1, '1 s'],
  [60, '60 s'],
  [90, '1 m 30 s'],
  [300, '5 m'],
  [3_600, '1 h'],
  [172_800, '2 d'],
])('a period of %d s reads %s', (length, words) => {
  expect(period(length)).toBe(words);
});

test('a moment reads as hours, minutes and seconds since the start', () => {
  expect([clock(0), clock(94_500), clock(1.5)]).toEqual(['0:00:00', '26:15:00', '0:00:01.500']);
});

function readDuration(words: string): number {
  const sizes = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY } as const;
  return [...words.matchAll(/([\d.,]+) (ms|s|m|h|d)\b/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount!.replaceAll(',', '')) * sizes[unit as keyof typeof sizes],
    0,
  );
}

test.each([
  [0, '$0.00'],
  [0.004, '<$0.01'],
  [0.36792, '$0.37'],
  [1_234_567.891, '$1,234,567.89'],
])('%d dollars are %s', (value, text) => {
  expect(money(value, 'USD')).toBe(text);
});

test('other money has its currency behind it', () => {
  expect([money(12, 'CNY'), money(0.001, 'CNY')]).toEqual(['12.00 CNY', '<0.01 CNY']);
});
