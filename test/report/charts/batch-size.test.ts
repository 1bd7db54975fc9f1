import { describe, expect, test } from 'vitest';
import { batchSizeChart } from '../../../src/report/charts/batch-size.ts';
import type { MappingSummary } from '../../../src/report/summary.ts';
import { aMapping, aSummary } from '../../support/summary.ts';

type Bars = MappingSummary['batchSizes'];
interface Layer {
  readonly data: {
    readonly values: readonly { readonly mapping: string; readonly count: number; readonly size: number }[];
  };
  readonly mark: { readonly type: string };
  readonly encoding: Readonly<
    Record<
      string,
      { readonly axis?: { readonly title: string }; readonly scale: { readonly range: readonly unknown[] } }
    >
  >;
}

const drawn = (mappings: Readonly<Record<string, Bars>>) =>
  batchSizeChart(
    aSummary({
      mappings: Object.fromEntries(
        Object.entries(mappings).map(([name, batchSizes], index) => [
          name,
          aMapping({ batchSizes, invocations: 1_000 - index }),
        ]),
      ),
    }),
  );
const titleOf = (spec: object) => (spec as { readonly title: { readonly text: string } }).title.text;
const layersOf = (spec: object, type: string) =>
  (spec as { readonly layer: readonly { readonly name?: string; readonly layer?: readonly Layer[] }[] }).layer
    .find(({ name }) => name === 'bars')!
    .layer!.filter(({ mark }) => mark.type === type);
/** Where each step begins, and its height. */
const stepsOf = (spec: object) =>
  layersOf(spec, 'line').map(({ data }) =>
    data.values.filter(({ count }) => count > 0).map((one) => [one.size, one.count]),
  );

const few: Bars = [{ from: 1, to: 1, count: 10 }];
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`m-${index}`, few]));

describe('mappings drawn together', () => {
  test('are counted in steps of one width, which the axis tells', () => {
    const spec = drawn({
      wide: [
        { from: 1, to: 3, count: 6 },
        { from: 4, to: 6, count: 9 },
      ],
      single: [1, 2, 3, 5].map((size) => ({ from: size, to: size, count: size })),
      pairs: [
        { from: 1, to: 2, count: 4 },
        // Half of it on either side of the edge between 3 and 4.
        { from: 3, to: 4, count: 5 },
        { from: 5, to: 6, count: 7 },
      ],
    });
    expect(stepsOf(spec)).toEqual([
      [
        [0.5, 6],
        [3.5, 9],
      ],
      [
        [0.5, 6],
        [3.5, 5],
      ],
      [
        [0.5, 7],
        [3.5, 9],
      ],
    ]);
    expect(layersOf(spec, 'line')[0]!.encoding.x!.axis!.title).toBe('Records in the batch, 3 sizes a step');
    expect(layersOf(drawn(many(2)), 'line')[0]!.encoding.x!.axis!.title).toBe('Records in the batch');
  });

  test('are told apart: by colour, and where there are more of them than colours by dashes instead of areas', () => {
    expect(layersOf(drawn(many(6)), 'area')).toHaveLength(6);
    const spec = drawn(many(7));
    expect(layersOf(spec, 'area')).toEqual([]);
    const { color, strokeDash } = layersOf(spec, 'line')[0]!.encoding;
    const looks = color!.scale.range.map((colour, index) => `${colour} ${strokeDash!.scale.range[index]}`);
    expect(looks).toHaveLength(7);
    expect(new Set(looks).size).toBe(7);
  });

  test('are the twelve with the most invocations, as the title says', () => {
    expect(titleOf(drawn(many(12)))).toBe('Invocations by number of records and mapping, whole run');
    const spec = drawn(many(40));
    expect(titleOf(spec)).toBe('Invocations by number of records and mapping, the 12 of 40 with the most, whole run');
    expect(spec.description).toContain('the 12 of 40 with the most');
    expect(layersOf(spec, 'line')).toHaveLength(12);
  });
});
