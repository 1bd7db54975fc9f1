import { describe, expect, test } from 'vitest';
import type { LaneState } from '../../../src/recording/causes.ts';
import type { ChartOptions } from '../../../src/report/charts/chart-options.ts';
import { timelineChart } from '../../../src/report/charts/timeline.ts';
import { drawSvg } from '../../../src/report/draw.ts';
import { sentence } from '../../../src/report/sentence.ts';
import { summarise } from '../../../src/report/summarise.ts';
import type { LaneSpan, LaneSpans, Summary } from '../../../src/report/summary.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { MADE_UP_RUNS, madeUpSummary } from '../../support/chart-summaries.ts';
import { parse } from '../../support/scenario.ts';
import { aMapping, aStall, aStalledMapping, aStream, aSummary } from '../../support/summary.ts';
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

test('what is pointed at says how long a state was, and of how long where it shares its column', () => {
  const at = (state: LaneState, fromSeconds: number, toSeconds: number) => ({ state, fromSeconds, toSeconds });
  const spans = [at('running', 0, 0.1), at('idle', 0.1, 0.2), at('running', 0.2, 0.3), at('idle', 0.3, 60)];
  const bars = barsOf(withLanes([lane(0, [...spans, at('running', 60, 200)])]), { interactive: true });
  const said = bars.filter(({ state }) => state === 'running').map(({ time }) => String(time));
  expect(said[0]).toBe('0:01:00 – 0:03:20 (2 m 20 s)');
  expect(said[1]).toMatch(/^200 ms of 0:00:00 – /);
});

test('a life outside the part of the run that is asked for is not drawn', () => {
  const idle = (fromSeconds: number, toSeconds: number) => ({ state: 'idle' as const, fromSeconds, toSeconds });
  const summary = withLanes([lane(0, [idle(0, 100), idle(200, 300), idle(400, 600)])]);
  const drawn = barsOf(summary, { fromSeconds: 250, toSeconds: 350 }).map(({ from, to }) => [from, to]);
  expect(drawn).toEqual([[250, 300]]);
});

describe('of more than twelve lanes', () => {
  const held = (fromSeconds: number, toSeconds: number): LaneSpan[] => [{ state: 'blocked', fromSeconds, toSeconds }];
  const mappings = { calm: aMapping(), point: aMapping() };
  const lanesOf = (mapping: string, spans: readonly LaneSpan[] = []) =>
    Array.from({ length: 10 }, (_, shard) => lane(shard, spans, mapping));

  test('as many of each mapping are drawn where none was held up, which the title does not claim', () => {
    const spec = timelineChart(withLanes([...lanesOf('calm'), ...lanesOf('point')], { mappings }));
    const rows = rowsOf(spec);
    expect(rows.filter((row) => row.endsWith('of calm'))).toHaveLength(6);
    expect(rows.filter((row) => row.endsWith('of point'))).toHaveLength(6);
    expect(titleOf(spec)).toBe('State over time of 12 of 20 lanes');
    const thousands = Array.from({ length: 1_500 }, (_, shard) => lane(shard));
    expect(titleOf(timelineChart(withLanes(thousands)))).toBe('State over time of 12 of 1,500 lanes');
  });

  test('those held up longest are drawn', () => {
    const lanes = [
      ...lanesOf('calm'),
      ...lanesOf('point').map((one, index) => ({ ...one, spans: held(0, 1 + index) })),
    ];
    const spec = timelineChart(withLanes(lanes, { mappings }));
    expect(rowsOf(spec).filter((row) => row.endsWith('of point'))).toHaveLength(10);
    expect(titleOf(spec)).toContain('State over time of the 12 of 20 lanes held up longest');
  });

  test('the one with the longest stall, which the sentence names, is among them', () => {
    const lanes = Array.from({ length: 20 }, (_, shard) => lane(shard, shard === 7 ? held(0, 100) : held(0, 150)));
    const stalled = aStalledMapping([aStall({ shardId: shardId(7), startSeconds: 0, endSeconds: 100 })]);
    const summary = withLanes(lanes, { mappings: { 'orders-to-enrich': stalled } });
    expect(sentence(summary, 'timeline')).toContain('shard 7 was stopped by failures');
    expect(rowsOf(timelineChart(summary))).toContain('shard 7');
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

test('the legend says that spans were left out where a result does not say of what, as many as are kept of so many lanes', () => {
  const scenario = parse({
    duration: '250s',
    streams: { s: { ShardCount: 200 } },
    producers: { p: { stream: 's', rate: '20/s', keys: { count: 2 } } },
    mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', ParallelizationFactor: 10 } },
  });
  const summary = summarise(simulateSync(scenario));
  const busiestFirst = summary.timeline.lanes.toSorted((a, b) => b.spans.length - a.spans.length);
  expect([busiestFirst.length, busiestFirst[0]!.spans.length]).toEqual([2_000, 200]);
  const legendOf = (lanes: readonly LaneSpans[]) =>
    JSON.stringify(timelineChart({ ...summary, timeline: { marks: [], lanes } }));
  const before = busiestFirst.map(({ short, ...one }) => one);
  const fewer = before.map((one) => ({ ...one, spans: one.spans.slice(0, 199) }));
  expect(legendOf(before)).toContain('idle, or too short to keep');
  expect(legendOf(busiestFirst)).not.toContain('too short to keep');
  expect(legendOf(fewer)).not.toContain('too short to keep');
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
