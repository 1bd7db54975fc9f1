import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thin, thinTogether } from '../../../src/report/charts/thin.ts';

const values = fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { freq: 5 }), {
  maxLength: 400,
});
const limits = fc.integer({ min: 8, max: 120 });

test('no more values are kept than the limit, in their order, each once', () => {
  fc.assert(
    fc.property(values, limits, (list, limit) => {
      const kept = thin(list, limit);
      expect(kept.length).toBeLessThanOrEqual(limit);
      expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
    }),
  );
});

test('the highest and the lowest value are always kept, and the first and the last', () => {
  fc.assert(
    fc.property(values, limits, (list, limit) => {
      const kept = thin(list, limit);
      const numbers = list.filter((value) => value !== null);
      const left = kept.map((index) => list[index]).filter((value) => value !== null);
      expect(Math.max(...left.map(Number))).toBe(Math.max(...numbers));
      expect(Math.min(...left.map(Number))).toBe(Math.min(...numbers));
      if (list.length > 0) expect([kept[0], kept.at(-1)]).toEqual([0, list.length - 1]);
    }),
  );
});

test('a short list is kept whole', () => {
  expect(thin([3, null, 1], 3)).toEqual([0, 1, 2]);
});

test('series thinned together keep the peak of each', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer(), { minLength: 300, maxLength: 300 }), { minLength: 1, maxLength: 4 }),
      (lists) => {
        const kept = thinTogether(lists, 60);
        expect(kept.length).toBeLessThanOrEqual(60);
        for (const list of lists) expect(Math.max(...kept.map((index) => list[index]!))).toBe(Math.max(...list));
      },
    ),
  );
});

test('a gap in a long line stays a gap', () => {
  const list = Array.from({ length: 5_000 }, (_, index) => (index > 2_000 && index < 3_000 ? null : index));
  const kept = thin(list, 200);
  expect(kept.some((index) => list[index] === null)).toBe(true);
});
