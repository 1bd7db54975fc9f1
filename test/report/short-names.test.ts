import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortNames } from '../../src/report/short-names.ts';

const room = (width: number) => ({
  width,
  measure: (text: string) => [...text].length,
  shorten: (text: string, most: number) => {
    const signs = [...text];
    if (signs.length <= most) return text;
    const head = Math.ceil((most - 1) / 2);
    return `${signs.slice(0, head).join('')}…${signs.slice(signs.length - (most - 1 - head)).join('')}`;
  },
});

test('names that fit stay as they are, and one that does not loses its middle', () => {
  expect([...shortNames(['orders', 'orders-to-enrichment'], room(10)).values()]).toEqual(['orders', 'order…ment']);
});

test('names that would become the same show where they differ', () => {
  const names = ['production-audit-of-orders-eu-v1', 'production-index-of-orders-eu-v1'];
  expect([...shortNames(names, room(20)).values()]).toEqual(['…on-audit-…ers-eu-v1', '…on-index-…ers-eu-v1']);
});

test('different names never become one, and all fit', () => {
  const part = fc.constantFrom('orders', 'clicks', '-to-', 'enrich', 'archive', '-eu', '-us', '注文', '1', '2');
  const name = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 15 }),
      fc.integer({ min: 8, max: 30 }),
      (names, width) => {
        const short = shortNames(names, room(width));
        expect(short.size).toBe(names.length);
        expect(new Set(short.values()).size).toBe(names.length);
        for (const text of short.values()) expect([...text].length).toBeLessThanOrEqual(width);
      },
    ),
  );
});
