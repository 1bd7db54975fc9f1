import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Font, shorten, shortenMiddle, textWidth, wrap } from '../../../src/report/charts/text-width.ts';

const FONT: Font = { size: 12, weight: 'regular' };

test('shard ids are measured digit by digit, not all alike', () => {
  expect(textWidth('shardId-000000000011', FONT)).toBeLessThan(textWidth('shardId-000000000000', FONT));
  expect(textWidth('m', { size: 24, weight: 'regular' })).toBeCloseTo(2 * textWidth('m', FONT), 10);
  expect(textWidth('shard', { size: 12, weight: 'semiBold' })).toBeGreaterThan(textWidth('shard', FONT));
});

test('a shortened text fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 20, max: 200 }), (text, width) => {
      expect(textWidth(shorten(text, width, FONT), FONT)).toBeLessThanOrEqual(width);
      expect(textWidth(shortenMiddle(text, width, FONT), FONT)).toBeLessThanOrEqual(width);
    }),
  );
});

test('a text shortened in the middle keeps both its ends', () => {
  expect(shortenMiddle('production-checkout-orders-to-enrichment-eu', 120, FONT)).toMatch(/^prod.*….*-eu$/);
});

test('wrapped lines fit and lose nothing but spaces while there are lines for it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, unit: 'grapheme-ascii' })), (words) => {
      const text = words.join(' ').trim().replaceAll(/\s+/g, ' ');
      const lines = wrap(text, { width: 90, lines: 1_000 }, FONT);
      for (const line of lines) expect(textWidth(line, FONT)).toBeLessThanOrEqual(90);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }),
  );
});

test('what has no line left ends in an ellipsis', () => {
  expect(wrap('one two three four five six', { width: 60, lines: 2 }, FONT)[1]).toMatch(/…$/);
});

test('of a text of any length no more is looked at than can fit', () => {
  const long = 'ab c'.repeat(50_000);
  expect(shorten(long, 300, FONT)).toBe(shorten(long.slice(0, 500), 300, FONT));
  expect(shortenMiddle(long, 300, FONT)).toBe(shortenMiddle(long.slice(0, 500), 300, FONT));
  expect(wrap(long, { width: 300, lines: 3 }, FONT)).toEqual(wrap(long.slice(0, 500), { width: 300, lines: 3 }, FONT));
});
