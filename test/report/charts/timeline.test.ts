import { expect, test } from 'vitest';
import { timelineChart } from '../../../src/report/charts/timeline.ts';
import { drawSvg } from '../../../src/report/draw.ts';
import type { LaneSpan, LaneSpans, Summary } from '../../../src/report/summary.ts';
import { MADE_UP_RUNS, madeUpSummary } from '../../support/chart-summaries.ts';
import { aSummary } from '../../support/summary.ts';
import { svgTexts } from '../../support/svg-texts.ts';

const shardId = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`;
const lane = (shard: number, spans: readonly LaneSpan[] = [], mapping = 'orders-to-enrich'): LaneSpans => ({
  ...{ mapping, shardId: shardId(shard), lane: 0, spans },
});
const withLanes = (lanes: readonly LaneSpans[], change: Partial<Summary> = {}) =>
  aSummary({ timeline: { marks: [], lanes }, ...change });
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

function rowsOf(spec: object): string[] {
  return layersOf(spec)
    .find(({ name }) => name === 'lane-names')!
    .data.values.map((row) => String(row.lane));
}

function titleOf(spec: object): string {
  const { text } = (spec as { readonly title: { readonly text: string | readonly string[] } }).title;
  return typeof text === 'string' ? text : text.join(' ');
}
