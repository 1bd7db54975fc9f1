import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../src/statistics/histogram.ts';
import { quantileOfSorted } from '../../src/statistics/quantile.ts';
import { runs } from '../support/runs.ts';

const LARGEST = 2 ** 53 - 1;

/** Small ones, those around powers of two and any others, so that every kind of bucket is met. */
const value = fc.oneof(
  fc.nat(300),
  fc.tuple(fc.nat(52), fc.integer({ min: -2, max: 2 })).map(([power, off]) => Math.max(0, 2 ** power + off)),
  fc.maxSafeNat(),
);
const values = fc.array(value, { maxLength: 200 });
const percent = fc.oneof(fc.constantFrom(0, 50, 90, 99, 99.9, 100), fc.double({ min: 0, max: 100, noNaN: true }));

test('a histogram without values has no quantiles, extremes or mean', () => {
  const empty = new Histogram();
  expect([empty.count, empty.sum]).toEqual([0, 0]);
  expect([empty.min, empty.max, empty.mean, empty.quantile(50)]).toEqual([null, null, null, null]);
  expect(empty.buckets()).toEqual([]);
});

test('every quantile is within 0.8 % of the value of nearest rank', () => {
  fc.assert(
    fc.property(
      values.filter(({ length }) => length > 0),
      percent,
      (added, p) => {
        const exact = quantileOfSorted(ascending(added), p)!;
        const read = histogramOf(added).quantile(p)!;
        expect(Math.abs(read - exact)).toBeLessThanOrEqual(exact / 128);
      },
    ),
    { numRuns: 500 },
  );
});

test('quantiles of values below 128 are exact', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(127), { minLength: 1 }), percent, (added, p) => {
      expect(histogramOf(added).quantile(p)).toBe(quantileOfSorted(ascending(added), p));
    }),
  );
});

test('the 0th quantile is the smallest value and the 100th the largest', () => {
  fc.assert(
    fc.property(
      values.filter(({ length }) => length > 0),
      (added) => {
        const histogram = histogramOf(added);
        const ordered = ascending(added);
        expect([histogram.quantile(0), histogram.quantile(100)]).toEqual([ordered[0], ordered.at(-1)]);
      },
    ),
  );
});

test('a higher percentage never gives a lower quantile', () => {
  fc.assert(
    fc.property(
      values.filter(({ length }) => length > 0),
      percent,
      percent,
      (added, p, q) => {
        const histogram = histogramOf(added);
        expect(histogram.quantile(Math.min(p, q))!).toBeLessThanOrEqual(histogram.quantile(Math.max(p, q))!);
      },
    ),
  );
});

test('count, sum, extremes and mean are exact', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), (added) => {
      const histogram = histogramOf(added);
      const sum = added.reduce((total, one) => total + one, 0);
      expect(histogram).toMatchObject({ count: added.length, sum, mean: sum / added.length });
      expect([histogram.min, histogram.max]).toEqual([Math.min(...added), Math.max(...added)]);
    }),
  );
});

test('adding a value with a count is adding it so many times', () => {
  fc.assert(
    fc.property(
      value.filter((one) => one < 2 ** 40),
      fc.nat(50),
      (one, count) => {
        const atOnce = new Histogram();
        atOnce.addMany(one, count);
        expect(contents(atOnce)).toEqual(contents(histogramOf(Array.from({ length: count }, () => one))));
      },
    ),
  );
});

test('every value lies in the bucket that counts it, and buckets neither overlap nor descend', () => {
  fc.assert(
    fc.property(value, (one) => {
      const [bucket] = histogramOf([one]).buckets();
      expect(bucket!.from).toBeLessThanOrEqual(one);
      expect(bucket!.to).toBeGreaterThan(one);
    }),
  );
  const all = histogramOf(Array.from({ length: 5_000 }, (_, one) => one)).buckets();
  expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
  for (const [index, { from, to, count }] of all.entries()) {
    expect(from).toBe(index === 0 ? 0 : all[index - 1]!.to);
    if (to <= 5_000) expect(count).toBe(to - from);
  }
});

test('the largest whole numbers have a bucket', () => {
  const histogram = histogramOf([LARGEST, 2 ** 53, 1]);
  expect([histogram.max, histogram.quantile(100)]).toEqual([2 ** 53, 2 ** 53]);
  expect(histogram.quantile(50)! / LARGEST).toBeCloseTo(1, 2);
});

test('merging is exact in any order and any grouping', () => {
  const small = fc.array(fc.nat(2 ** 31 - 1), { maxLength: 40 });
  fc.assert(
    fc.property(small, small, small, (a, b, c) => {
      const whole = contents(histogramOf([...a, ...b, ...c]));
      expect(contents(merged(merged(histogramOf(a), histogramOf(b)), histogramOf(c)))).toEqual(whole);
      expect(contents(merged(histogramOf(c), merged(histogramOf(b), histogramOf(a))))).toEqual(whole);
    }),
  );
});

test('merging an empty histogram changes nothing, and merging leaves the other as it was', () => {
  const histogram = histogramOf([3, 5_000]);
  const other = histogramOf([7]);
  expect(contents(merged(histogram, new Histogram()))).toEqual(contents(histogramOf([3, 5_000])));
  merged(histogram, other);
  expect(contents(other)).toEqual(contents(histogramOf([7])));
});

test('a cleared histogram is as a new one', () => {
  fc.assert(
    fc.property(values, values, (before, after) => {
      const histogram = histogramOf(before);
      histogram.clear();
      expect(contents(histogram)).toEqual(contents(new Histogram()));
      for (const one of after) histogram.add(one);
      expect(contents(histogram)).toEqual(contents(histogramOf(after)));
    }),
  );
});

const span = fc
  .tuple(fc.nat(10_000_000), fc.nat(10_000_000), fc.integer({ min: 1, max: 100_000 }))
  .map(([from, length, count]) => ({ from, to: from + length, count }));

test('values spread evenly keep their count, their sum and their ends exactly', () => {
  fc.assert(
    fc.property(span, ({ from, to, count }) => {
      const histogram = new Histogram();
      histogram.addUniform(from, to, count);
      expect(histogram).toMatchObject({ count, sum: (count * (from + to)) / 2, min: from, max: to });
      const counts = histogram.buckets().map((bucket) => bucket.count);
      expect(counts.reduce((sum, one) => sum + one, 0)).toBe(count);
      expect(counts.every(Number.isInteger)).toBe(true);
    }),
  );
});

test('values spread evenly fill every bucket by its width, to one value', () => {
  fc.assert(
    fc.property(
      span.filter(({ from, to }) => to > from),
      ({ from, to, count }) => {
        const histogram = new Histogram();
        histogram.addUniform(from, to, count);
        for (const bucket of histogram.buckets()) {
          const width = Math.min(bucket.to, to) - Math.max(bucket.from, from);
          expect(Math.abs(bucket.count - (count * width) / (to - from))).toBeLessThanOrEqual(1 + 1e-6);
        }
      },
    ),
  );
});

/** Few and many, far from 0 and near, with ends that are as even as can be. */
const roundSpan = fc
  .tuple(
    fc.oneof(
      fc.nat(200),
      fc.nat(400_000).map((one) => 10_000 * one),
    ),
    fc.oneof(
      fc.nat(3_000),
      fc.integer({ min: 1, max: 4_000 }).map((one) => 1_000 * one),
    ),
    fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2_000 })),
  )
  .filter(([, length]) => length > 0)
  .map(([from, length, count]) => ({ from, to: from + length, count }));

test('by the end of every bucket as many values spread evenly have come as are due, rounded', () => {
  fc.assert(
    fc.property(fc.oneof(span, roundSpan), ({ from, to, count }) => {
      fc.pre(to > from);
      const histogram = new Histogram();
      histogram.addUniform(from, to, count);
      const dueBy = (end: number) => (end >= to ? count : Math.round((end - from) * (count / (to - from))));
      let come = 0;
      for (const bucket of histogram.buckets()) {
        if (bucket.from > from) expect(come).toBe(dueBy(bucket.from));
        come += bucket.count;
        expect(come).toBe(dueBy(bucket.to));
      }
    }),
    { numRuns: runs(500) },
  );
});

test('quantiles of values spread evenly are those of the interval, within 1 %', () => {
  const histogram = new Histogram();
  histogram.addUniform(1_000_000, 3_000_000, 100_000);
  for (const p of [10, 50, 90, 99]) {
    const exact = 1_000_000 + (p / 100) * 2_000_000;
    expect(Math.abs(histogram.quantile(p)! - exact) / exact).toBeLessThan(0.01);
  }
});

test('values of which the density alone is kept fill the buckets as those that are counted at once', () => {
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 30 }), (spans) => {
      const [dense, counted] = [new Histogram(), new Histogram()];
      for (const { from, to, count } of spans) {
        dense.addDensity(from, to, count);
        counted.addUniform(from, to, count);
      }
      expect(dense).toMatchObject({ count: counted.count, sum: counted.sum, min: counted.min, max: counted.max });
      const total = dense.buckets().reduce((sum, { count }) => sum + count, 0);
      expect(total).toBe(counted.count);
      // Each that was counted at once has been rounded.
      const below = (histogram: Histogram, value: number) =>
        histogram.buckets().reduce((sum, { to, count }) => sum + (to <= value ? count : 0), 0);
      for (const { to } of counted.buckets()) {
        expect(Math.abs(below(dense, to) - below(counted, to))).toBeLessThanOrEqual(spans.length + 1);
      }
    }),
  );
});

test('a density is looked at between others, merged and cleared', () => {
  const histogram = new Histogram();
  histogram.addDensity(1_000, 3_000, 500);
  histogram.quantile(50);
  histogram.addDensity(1_000, 3_000, 500);
  const merged = new Histogram();
  merged.merge(histogram);
  expect(merged.count).toBe(1_000);
  expect(Math.abs(merged.quantile(50)! - 2_000) / 2_000).toBeLessThan(0.01);
  histogram.addDensity(1_000, 3_000, 500);
  histogram.clear();
  expect(contents(histogram)).toEqual(contents(new Histogram()));
});

test('no values spread evenly are none, and an interval without length is one value', () => {
  const histogram = new Histogram();
  histogram.addUniform(10, 20, 0);
  expect(contents(histogram)).toEqual(contents(new Histogram()));
  histogram.addUniform(500, 500, 3);
  expect(contents(histogram)).toEqual(contents(histogramOf([500, 500, 500])));
});

function histogramOf(added: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const one of added) histogram.add(one);
  return histogram;
}

function merged(into: Histogram, other: Histogram): Histogram {
  into.merge(other);
  return into;
}

function contents(histogram: Histogram): object {
  const { count, sum, min, max } = histogram;
  return { count, sum, min, max, buckets: histogram.buckets() };
}

function ascending(added: readonly number[]): number[] {
  return [...added].sort((a, b) => a - b);
}
