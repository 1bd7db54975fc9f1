import { expect, test } from 'vitest';
import type { VegaSpec } from '../../src/report/draw.ts';
import { packed, UNPACK_SCRIPT } from '../../src/report/html-rows.ts';

const unpacked = new Function('spec', `${UNPACK_SCRIPT}; return unpacked(spec);`) as (spec: unknown) => unknown;

test('a page holds long tables by their columns, and makes the same rows of them', () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({
    t: 300 * Math.floor(index / 5),
    v: index % 3 === 0 ? null : index / 7,
    series: `shard ${index % 5}`,
    period: 1_000_000 + index,
    wild: (index * 7_919) % 1_000,
  }));
  const uneven = [...rows, { t: 1, v: 2, series: 'a', more: true }];
  const spec = {
    width: 700,
    data: [
      { name: 'a', values: rows, transform: [{ type: 'stack' }] },
      { name: 'b', values: rows.slice(0, 3) },
      { name: 'c', values: uneven },
      { name: 'd', source: 'a' },
      { name: 'e', values: rows.map(({ v }) => v) },
    ],
  } as unknown as VegaSpec;
  const text = JSON.stringify(packed(spec));
  expect(unpacked(JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(spec)));
  const single = { data: [{ name: 'a', values: rows }] } as unknown as VegaSpec;
  expect(JSON.stringify(packed(single)).length).toBeLessThan(0.6 * JSON.stringify(single).length);
});
