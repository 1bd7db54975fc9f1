import { describe, expect, test } from 'vitest';
import type { ChartOptions } from '../../../src/report/charts/chart-options.ts';
import { timelineChart } from '../../../src/report/charts/timeline.ts';
import { drawSvg } from '../../../src/report/draw.ts';
import type { LaneSpan, LaneSpans, Summary } from '../../../src/report/summary.ts';
import { MADE_UP_RUNS, madeUpSummary } from '../../support/chart-summaries.ts';
import { aStream, aSummary } from '../../support/summary.ts';
import { svgTexts } from '../../support/svg-texts.ts';

const shardId = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`;
const lane = (shard: number, spans: readonly LaneSpan[] = [], mapping = 'orders-to-enrich'): LaneSpans => ({
  ...{ mapping, shardId: shardId(shard), lane: 0, spans },
});
const withLanes = (lanes: readonly LaneSpans[], change: Partial<Summary> = {}) =>
  aSummary({ timeline: { marks: [], lanes }, ...change });
const aLife = (openedAtSeconds: number, closedAtSeconds: number | null) => ({
  ...aStream().shards[shardId(0)]!,
  openedAtSeconds,
  closedAtSeconds,
});

describe('a lane is drawn while there is one', () => {
  const spans: readonly LaneSpan[] = [
    { state: 'idle', fromSeconds: 120, toSeconds: 200 },
    { state: 'running', fromSeconds: 200, toSeconds: 320 },
  ];
  const ground = (one: LaneSpans, life: ReturnType<typeof aLife>) => {
    const streams = { orders: aStream({ shards: { [shardId(0)]: life } }) };
    return barsOf(withLanes([one], { streams }))
      .filter(({ state }) => String(state).startsWith('idle'))
      .map(({ from, to }) => [from, to]);
  };

  test('from its first span to its last, though its shard was closed before', () => {
    expect(ground(lane(0, spans), aLife(120, 300))).toEqual([[120, 320]]);
  });

  test('not between two lives', () => {
    const again = { state: 'idle', fromSeconds: 400, toSeconds: 600 } as const;
    expect(ground(lane(0, [...spans, again]), aLife(120, null))).toEqual([
      [120, 320],
      [400, 600],
    ]);
  });

  test('by the life of its shard, where spans were left out', () => {
    expect(ground(lane(0), aLife(120, 300))).toEqual([[120, 300]]);
    const many = Array.from({ length: 2_000 }, (_, index) => ({
      ...{ state: 'running' as const, fromSeconds: 130 + index / 10, toSeconds: 130.05 + index / 10 },
    }));
    expect(ground(lane(0, many), aLife(120, null))).toEqual([[120, 600]]);
    expect(ground(lane(0, many), aLife(120, 300))).toEqual([[120, many.at(-1)!.toSeconds]]);
  });
});

test('the title says where heights are shares', () => {
  const often = Array.from({ length: 600 }, (_, second) => ({
    ...{ state: 'running' as const, fromSeconds: second, toSeconds: second + 0.5 },
  }));
  expect(titleOf(timelineChart(withLanes([lane(0, often)])))).toBe(
    'State of each lane over time, in shares where it changes often',
  );
  const seldom = [{ state: 'running' as const, fromSeconds: 100, toSeconds: 200 }];
  expect(titleOf(timelineChart(withLanes([lane(0, seldom)])))).toBe('State of each lane over time');
});

test('bars lie beside the names of their lanes', async () => {
  const spec = timelineChart(madeUpSummary(MADE_UP_RUNS.several));
  const texts = svgTexts(await drawSvg(spec));
  const { top } = (spec as unknown as { readonly padding: { readonly top: number } }).padding;
  for (const row of rowsOf(spec)) {
    const name = texts.find(({ text }) => text === row)!;
    const bar = layersOf(spec)
      .find(({ name: layer }) => layer === 'lanes')!
      .data.values.find(({ lane: of, state }) => of === row && state === 'idle')!;
    expect(top + (Number(bar.top) + Number(bar.bottom)) / 2 - (name.top + name.bottom) / 2).toBeCloseTo(0, -1);
  }
});

type Row = Readonly<Record<string, unknown>>;
interface Layer {
  readonly name?: string;
  readonly data: { readonly values: readonly Row[] };
}

function layersOf(spec: object): readonly Layer[] {
  return (spec as { readonly layer: readonly Layer[] }).layer;
}

function barsOf(summary: Summary, options?: ChartOptions): readonly Row[] {
  return layersOf(timelineChart(summary, options)).find(({ name }) => name === 'lanes')!.data.values;
}

function rowsOf(spec: object): string[] {
  return layersOf(spec)
    .find(({ name }) => name === 'lane-names')!
    .data.values.map((row) => String(row.lane));
}

function titleOf(spec: object): string {
  const { text } = (spec as { readonly title: { readonly text: string | readonly string[] } }).title;
  return typeof text === 'string' ? text : text.join(' ');
}
