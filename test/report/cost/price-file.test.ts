import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPrices } from '../../../src/report/cost/price-file.ts';
import { US_EAST_1 } from '../../../src/report/cost/prices.ts';

const TEXT = readFileSync('src/report/cost/us-east-1.json', 'utf8');

function messages(text: string): string[] {
  const read = readPrices(text, 'p.json');
  return read.ok ? [] : read.issues.map((one) => `${one.line}:${one.column}: ${one.path}: ${one.message}`);
}

describe('a file of prices (C1)', () => {
  it('of us-east-1 is what holds without one', () => {
    expect(readPrices(TEXT)).toEqual({ ok: true, prices: US_EAST_1 });
  });

  it('may be YAML', () => {
    const read = readPrices(TEXT.replace('"date": "2026-11-28"', 'date: 2020-02-29'));
    expect(read).toMatchObject({ ok: true, prices: { date: '2020-02-29' } });
  });

  it.each([
    ['"shardHour": 0.015', '"shardHour": -1', '6:18: kinesis.shardHour: expected a number from 0 to 1,000,000, got -1'],
    ['"fanOutGB"', '"fanOutGb"', "10:5: kinesis.fanOutGb: unknown key; did you mean 'fanOutGB'?"],
    ['"USD"', '"dollars"', "4:15: currency: expected three capital letters, such as USD, got 'dollars'"],
    ['"2026-11-28"', '"today"', '3:11: date: expected the day of the prices in quotes'],
    ['"arm64"', '"arm"', '25:5: lambda.arm: unknown key'],
  ])('with %s as %s is refused with its place', (from, to, message) => {
    expect(messages(TEXT.replace(from, to)).join('\n')).toContain(message);
  });

  it('that lacks a price is refused, for a price of 0 is one that is given', () => {
    expect(messages(TEXT.replace('"fanOutGB": 0.013,', ''))[0]).toContain('kinesis.fanOutGB: is missing; expected');
    expect(messages('')).toEqual(['1:1: : is empty; expected prices']);
    expect(messages('[1')).not.toEqual([]);
  });
});
