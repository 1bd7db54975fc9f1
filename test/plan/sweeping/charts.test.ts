import { describe, expect, test } from 'vitest';
import type { MetricEstimate } from '../../../src/plan/replicating/replications.ts';
import { settingAxis } from '../../../src/plan/sweeping/charts/chart-data.ts';
import { sweepChartNames } from '../../../src/plan/sweeping/charts/chart-names.ts';
import { sweepChart } from '../../../src/plan/sweeping/charts/sweep-chart.ts';
import type { Sweep, SweepPoint } from '../../../src/plan/sweeping/sweep-result.ts';
import { textWidth } from '../../../src/report/charts/text-width.ts';

/** Costs and ages of the points of a grid, an age of null where nothing was read. */
function sweepOf(axes: Sweep['axes'], values: readonly (readonly [cost: number, age: number | null])[]): Sweep {
  const estimate = (metric: string, statistic: string, mean: number | null): MetricEstimate => {
    const mapping = metric.startsWith('IteratorAge') ? 'm' : null;
    const interval = { count: 4, mean, standardError: null, min: mean, max: mean };
    const ends = { low: mean === null ? null : mean - 1, high: mean === null ? null : mean + 1 };
    return { metric, statistic, mapping, unit: mapping === null ? 'USD' : 'Milliseconds', ...interval, ...ends };
  };
  const settings = axes.reduce<unknown[][]>(
    (all, axis) => all.flatMap((one) => axis.values.map((v) => [...one, v])),
    [[]],
  );
  return {
    formatVersion: 1,
    kind: 'sweep',
    tool: { name: 'shardclock', version: '0' },
    scenario: { name: 'Drawn', seed: '0' },
    axes,
    ...{ replications: 4, until: [], partial: false, warnings: [] },
    prices: { prices: 'here', currency: 'USD', freeTier: false, sha256: '' },
    points: values.map(([cost, age], index): SweepPoint => {
      const onFront =
        age !== null && values.every(([c, a]) => a === null || c > cost || a > age || (c === cost && a === age));
      return {
        values: settings[index]!,
        ...{ durationSeconds: 60, sha256: '', complete: 4, partial: false, thresholdsMet: 4, behind: 0, onFront },
        metrics: [estimate('IteratorAge{mapping:m}', 'p99', age), estimate('cost.month', 'avg', cost)],
        thresholds: [],
        replications: [],
      };
    }),
  };
}

const BATCHES = { path: 'mappings.m.BatchSize', values: [10, 100, 500] };
const SHARDS = { path: 'streams.s.ShardCount', values: [1, 2] };
const GRID = sweepOf(
  [BATCHES, SHARDS],
  [
    [10, 900],
    [20, 400],
    [12, 500],
    [22, null],
    [11, 20_000],
    [21, 100],
  ],
);

interface Layer {
  readonly data: { readonly values: readonly Record<string, unknown>[] };
  readonly mark: { readonly type: string; readonly text?: string };
}
const layersOf = (spec: object, type: string) =>
  (spec as { readonly layer: readonly Layer[] }).layer.filter(({ mark }) => mark.type === type);
const valuesOf = (spec: object, type: string, field: string) =>
  layersOf(spec, type).flatMap(({ data }) => data.values.filter((value) => field in value));

test('each number of settings has its charts', () => {
  expect([1, 2, 3].map(sweepChartNames)).toEqual([['line', 'pareto'], ['heat-map', 'line', 'pareto'], ['pareto']]);
  expect(() =>
    sweepChart(
      'heat-map',
      sweepOf(
        [BATCHES],
        [
          [1, 1],
          [2, 2],
          [3, 3],
        ],
      ),
    ),
  ).toThrow('expected line or pareto');
});

describe('a heat map', () => {
  test('has a cell a point, the first setting across and the second upwards, the deeper the higher', () => {
    const spec = sweepChart('heat-map', GRID);
    const cells = valuesOf(spec, 'rect', 'fill');
    expect(cells.map(({ left, bottom }) => [Math.floor(Number(left)), Math.floor(Number(bottom))])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
    expect(cells[4]!.fill).toBe('#2f6f9f');
    expect(cells[5]!.fill).toBe('#b6d6ea');
    expect(new Set(cells.map(({ fill }) => fill)).size).toBe(6);
    const words = valuesOf(spec, 'text', 'colour').map(({ text }) => text);
    expect(words).toEqual(expect.arrayContaining(['900 ms', '20 s', '–', '± 1 ms']));
    expect(spec.description).toContain('BatchSize 500, ShardCount 1: 20 s.');
  });

  test('outlines the points that miss a threshold in some run', () => {
    const points = GRID.points.map((point, index) => ({ ...point, thresholdsMet: index === 2 ? 3 : 4 }));
    const strokes = valuesOf(sweepChart('heat-map', { ...GRID, points }), 'rect', 'fill').map(({ stroke }) => stroke);
    expect(strokes.map((stroke) => stroke !== 'transparent')).toEqual([false, false, true, false, false, false]);
  });
});

test('labels of different values that are too long differ', () => {
  const values = ['eu', 'us'].map(
    (region) => `a/very/long/path/to/a/file/of/recorded/durations/in/${region}-west-1.csv`,
  );
  const axis = settingAxis({ path: 'functions.f.duration', values });
  expect(new Set(axis.scale.labels).size).toBe(2);
  for (const label of axis.scale.labels) expect(textWidth(label, { size: 12, weight: 'regular' })).toBeLessThan(111);
  expect(axis.scale.labelExpr).toContain(JSON.stringify(axis.scale.labels));
});

test('a line runs over the first setting for each value of the second, with intervals, broken where there is nothing', () => {
  const spec = sweepChart('line', GRID);
  const points = valuesOf(spec, 'line', 'series');
  expect(points.map(({ series, mean }) => `${series} ${mean}`)).toEqual([
    'ShardCount 1 900',
    'ShardCount 1 500',
    'ShardCount 1 20000',
    'ShardCount 2 400',
    'ShardCount 2 null',
    'ShardCount 2 100',
  ]);
  expect(valuesOf(spec, 'rule', 'low')).toHaveLength(5);
  expect(valuesOf(spec, 'rule', 'low')[0]).toMatchObject({ low: 899, high: 901 });
});

test('a Pareto chart joins what nothing cheaper beats, and names it where there is room', () => {
  const spec = sweepChart('pareto', GRID);
  expect(valuesOf(spec, 'point', 'kind')).toHaveLength(5);
  expect(valuesOf(spec, 'line', 'cost')).toEqual([
    { cost: 10, age: 900 },
    { cost: 12, age: 500 },
    { cost: 20, age: 400 },
    { cost: 21, age: 100 },
  ]);
  const names = layersOf(spec, 'text').map(({ mark }) => mark.text);
  expect(names).toEqual(expect.arrayContaining(GRID.points.filter(({ onFront }) => onFront).map(nameOf)));
  // One is far above the front, which it would flatten: it stands at the edge.
  const ages = valuesOf(spec, 'point', 'kind').map(({ age }) => age);
  expect(ages).toEqual([900, 400, 500, 100, 3_000]);
  expect(names.join(' ')).toContain('Triangles: 1 of 5 points lie above this scale.');
});

function nameOf({ values }: SweepPoint): string {
  return `BatchSize ${values[0]}, ShardCount ${values[1]}`;
}

test('of a sweep without runs every chart is empty and says so', () => {
  const none = { ...GRID, points: GRID.points.map((point) => ({ ...point, complete: 0, metrics: [] })) };
  for (const name of sweepChartNames(2)) {
    const texts = layersOf(sweepChart(name, none), 'text').map(({ mark }) => mark.text);
    expect(texts, name).toContain('No runs, so no figures');
  }
});
