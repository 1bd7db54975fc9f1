import fc from 'fast-check';
import { compile } from 'vega-lite';
import { describe, expect, test } from 'vitest';
import { mappingUuid } from '../../../src/recording/identifiers.ts';
import { CHART_NAMES, type ChartName, isChartName } from '../../../src/report/charts/chart-names.ts';
import type { ChartOptions } from '../../../src/report/charts/chart-options.ts';
import { chart } from '../../../src/report/charts/charts.ts';
import { textWidth } from '../../../src/report/charts/text-width.ts';
import { darkColours, theme } from '../../../src/report/charts/theme.ts';
import { MADE_UP_RUNS, madeUpSummary } from '../../support/chart-summaries.ts';
import { aStream } from '../../support/summary.ts';

type Row = Readonly<Record<string, unknown>>;
type Layer = {
  readonly name?: string;
  readonly data?: { readonly values: readonly Row[] };
  readonly mark?: { readonly text?: string };
  readonly encoding?: Readonly<
    Record<
      string,
      { readonly axis?: { readonly title?: string }; readonly scale?: { readonly domain: readonly string[] } }
    >
  >;
  readonly layer?: readonly Layer[];
};

const SUMMARIES = Object.entries(MADE_UP_RUNS).map(([name, run]) => [name, madeUpSummary(run)] as const);
const OVER_TIME = CHART_NAMES.filter((name) => name !== 'batch-size');
const summaryOf = (name: keyof typeof MADE_UP_RUNS) => SUMMARIES.find(([run]) => run === name)![1];

describe.each(SUMMARIES)('drawn from the run %s', (_, summary) => {
  test.each(CHART_NAMES)('%s compiles without a warning', (name) => {
    for (const interactive of [false, true]) {
      const complaints: unknown[] = [];
      const complain = (...messages: unknown[]) => {
        complaints.push(messages);
        return logger;
      };
      const logger: object = {
        level: () => logger,
        error: complain,
        warn: complain,
        info: () => logger,
        debug: () => logger,
      };
      const spec = chart(name, summary, { interactive, caption: 'A sentence.' });
      compile(spec as unknown as Parameters<typeof compile>[0], { logger: logger as never });
      expect(complaints).toEqual([]);
    }
  });

  test.each(CHART_NAMES)('%s is plain data with a text alternative', (name) => {
    const spec = chart(name, summary, { caption: 'Shard 0 was blocked for 24 h.' });
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    expect(spec.description).toContain(summary.scenario.name);
    expect(spec.description).toContain('Shard 0 was blocked for 24 h.');
  });

  test.each(CHART_NAMES)('%s has at most twelve series and one more, and 2,000 points of each', (name) => {
    const layers = flat(chart(name, summary) as Layer);
    for (const layer of layers) {
      const colours = layer.encoding?.color?.scale?.domain;
      if (colours !== undefined) expect(colours.length).toBeLessThanOrEqual(13);
      const points = new Map<unknown, number>();
      for (const row of layer.data?.values ?? []) points.set(row.series, (points.get(row.series) ?? 0) + 1);
      if (layer.name !== 'lanes') expect(Math.max(0, ...points.values())).toBeLessThanOrEqual(2_000);
    }
  });

  test.each(CHART_NAMES)('%s in dark is the light one in other colours', (name) => {
    const dark = darkColours();
    const light = JSON.stringify(chart(name, summary, { theme: 'light' }));
    expect(light.replaceAll(/#[0-9a-f]{6}/g, (colour) => dark[colour] ?? colour)).toBe(
      JSON.stringify(chart(name, summary, { theme: 'dark' })),
    );
  });

  test.each(OVER_TIME)('%s carries the fault windows and the timeline', (name) => {
    const layers = flat(chart(name, summary) as Layer);
    const windows = layers.find((layer) => layer.name === 'mark-windows')?.data?.values ?? [];
    const lines = layers.find((layer) => layer.name === 'mark-lines')?.data?.values ?? [];
    const { marks } = summary.timeline;
    expect(windows.length).toBe(marks.filter((mark) => mark.toSeconds > mark.fromSeconds).length);
    expect(lines.length).toBe(marks.length);
    const texts = layers.map((layer) => layer.mark?.text ?? '');
    const labelled = marks.filter((mark) =>
      texts.some((text) => text === mark.label || (text.endsWith('…') && mark.label.startsWith(text.slice(0, -1)))),
    );
    const more = texts.map((text) => /^\+(\d+) more$/.exec(text)?.[1]).find((count) => count !== undefined);
    expect(labelled.length > 0 && (labelled.length === marks.length || Number(more) > 0)).toBe(true);
  });
});

test.each([
  ['iterator-age', 'Maximum IteratorAge by shard, each 60 s', 'Maximum IteratorAge (h)'],
  ['throughput', 'Records in and out per second, average of each 60 s', 'Records per second'],
  ['backlog', 'Backlog by shard, at the end of each 60 s', 'Records arrived and not settled'],
  ['concurrency', 'Concurrent executions of enrich, average and maximum, each 60 s', 'Concurrent executions'],
  ['invocations', 'Invocations by outcome, sum of each 60 s', 'Invocations and throttles'],
  ['age-breakdown', 'Average time in system by cause, records settled in each 60 s', 'Average time in system (s)'],
  ['batch-size', 'Invocations by number of records, whole run', 'Invocations'],
] as const)('%s says its statistic and period, and its axes their units', (name, title, axis) => {
  const spec = chart(name, summaryOf('poisoned'));
  expect(titleOf(spec)).toBe(title);
  expect(axisTitles(spec, 'y')).toEqual([axis]);
  expect(axisTitles(spec, 'x')).toEqual([
    name === 'batch-size' ? 'Records in the batch, 2 sizes a bar' : 'Time since the start of the run (h)',
  ]);
});

test('the twelve worst of 200 shards are drawn, worst first, and the highest of all others', () => {
  const names = domain(chart('iterator-age', summaryOf('wide')));
  expect(names.slice(0, 3)).toEqual(['shard 199', 'shard 17', 'shard 130']);
  expect(names).toHaveLength(13);
  expect(names.at(-1)).toBe('other shards, highest');
});

test('a peak of one period in three days is drawn at its full height', () => {
  fc.assert(
    fc.property(fc.nat(4_319), fc.integer({ min: 10_000, max: 1e9 }), (period, height) => {
      const summary = madeUpSummary({ hours: 72, mappings: [{ name: 'm', function: 'f', shards: 1, rate: 1 }] });
      const ages = [...summary.mappings.m!.shards['shardId-000000000000']!.series!.iteratorAgeMaximumMs];
      ages[period] = height;
      const mapping = summary.mappings.m!;
      const shard = mapping.shards['shardId-000000000000']!;
      const series = { ...shard.series!, iteratorAgeMaximumMs: ages };
      const changed = {
        ...summary,
        mappings: { m: { ...mapping, shards: { 'shardId-000000000000': { ...shard, series } } } },
      };
      const points = flat(chart('iterator-age', changed) as Layer).find((layer) => layer.name === 'lines')!.data!
        .values;
      const highest = points.reduce((most, point) => (Number(point.v) > Number(most.v) ? point : most));
      expect(highest).toMatchObject({ t: period * 60, v: height });
    }),
    { numRuns: 15 },
  );
});

test('a run that is measured from within a period has its rates by whole periods, and no fall from nothing', () => {
  const whole = madeUpSummary({ hours: 1, mappings: [{ name: 'm', function: 'f', shards: 1, rate: 50 }] });
  const measured = { ...whole, measured: { fromSeconds: 30, toSeconds: whole.measured.toSeconds } };
  const points = (name: ChartName, summary: typeof whole) =>
    flat(chart(name, summary) as Layer).find((layer) => layer.name === 'lines')!.data!.values;
  expect(points('throughput', measured)[0]).toMatchObject({ t: 30, v: points('throughput', whole)[0]!.v });
  // The line comes from the period's start, left of the plot, where it is cut.
  expect(points('backlog', measured)[0]).toMatchObject({ t: 0, v: 0 });
});

describe('a last period of less than half the length', () => {
  const run = (seconds: number) =>
    madeUpSummary({ hours: seconds / 3_600, mappings: [{ name: 'm', function: 'f', shards: 2, rate: 50 }] });
  const ends = (name: ChartName, summary: ReturnType<typeof run>) => {
    const drawn = flat(chart(name, summary) as Layer).filter(({ name }) =>
      /lines|areas|maxima|averages/.test(name ?? ''),
    );
    return drawn
      .filter(({ name }) => name !== 'mark-lines')
      .map(({ data }) => Math.max(...data!.values.map(({ t }) => Number(t))));
  };

  test.each(['throughput', 'concurrency', 'invocations', 'age-breakdown'] as const)('is not drawn: %s', (name) => {
    expect(new Set(ends(name, run(601)))).toEqual(new Set([600]));
    expect(chart(name, run(601)).description).toContain('The last 1 s, less than half a period, are not drawn.');
    expect(new Set(ends(name, run(635)))).toEqual(new Set([635]));
    expect(chart(name, run(635)).description).not.toContain('not drawn');
  });

  test('is said under the chart, after a caption of any length', () => {
    const caption = (name: ChartName, options: ChartOptions = {}) =>
      flat(chart(name, run(601), options) as Layer)
        .map((layer) => layer.mark?.text ?? '')
        .join(' ');
    const note = 'The last 1 s, less than half a period, are not drawn.';
    expect(caption('throughput')).toContain(note);
    expect(caption('throughput', { caption: 'A sentence.' })).toContain(`A sentence. ${note}`);
    expect(caption('throughput', { caption: 'the quick brown fox jumps '.repeat(40) })).toContain(`… ${note}`);
    expect(caption('backlog', { caption: 'A sentence.' })).not.toContain('not drawn');
    // In a page it stands beside the chart.
    expect(caption('throughput', { interactive: true })).not.toContain('not drawn');
    expect(caption('throughput', { interactive: true, caption: 'A sentence.' })).toContain(`A sentence. ${note}`);
  });

  test.each(['iterator-age', 'backlog'] as const)('is drawn where a value needs no length: %s', (name) => {
    expect(new Set(ends(name, run(601)))).toEqual(new Set([601]));
  });

  test('does not raise the scale', () => {
    const scale = (summary: ReturnType<typeof run>) =>
      flat(chart('throughput', summary) as Layer).find(({ name }) => name === 'lines')!.encoding!.y!.scale!.domain;
    expect(scale(run(601))).toEqual(scale(run(600)));
  });

  test('is drawn where nothing happens before it', () => {
    const summary = run(601);
    const metrics = summary.series.metrics.map((metric) => ({
      ...metric,
      Statistics: Object.fromEntries(
        Object.entries(metric.Statistics).map(([name, values]) => [
          name,
          values.map((value, i) => (i < 10 ? 0 : value)),
        ]),
      ),
    }));
    const late = { ...summary, series: { ...summary.series, metrics } };
    expect(new Set(ends('throughput', late))).toEqual(new Set([601]));
  });
});

test('a lane that was only ever idle has a legend that says so', () => {
  const summary = madeUpSummary({ hours: 1, mappings: [{ name: 'm', function: 'f', shards: 1, rate: 5 }] });
  const lanes = summary.timeline.lanes.map((lane) => ({ ...lane, spans: [] }));
  const spec = chart('timeline', { ...summary, timeline: { ...summary.timeline, lanes } });
  expect(domain(spec)).toEqual(['idle']);
  expect(JSON.stringify(spec)).toContain('"symbolType":"square"');
});

test('shards left out of the result are drawn by their envelope', () => {
  const summary = madeUpSummary({ hours: 1, mappings: [{ name: 'm', function: 'f', shards: 3, rate: 5 }] });
  const mapping = summary.mappings.m!;
  const [first, second, third] = Object.entries(mapping.shards);
  const cut = {
    [first![0]]: first![1],
    [second![0]]: { ...second![1], series: null },
    [third![0]]: { ...third![1], series: null },
  };
  const changed = { ...summary, mappings: { m: { ...mapping, shards: cut, shardEnvelope: second![1].series } } };
  expect(domain(chart('backlog', changed))).toEqual(['shard 0', 'other shards, highest']);
});

test('a shard has no backlog before it opens, nor once it is closed and empty', () => {
  const summary = madeUpSummary({ hours: 1 / 6, mappings: [{ name: 'm', function: 'f', shards: 2, rate: 5 }] });
  const mapping = summary.mappings.m!;
  const [parent, child] = Object.entries(mapping.shards);
  const withBacklog = ([id, shard]: NonNullable<typeof parent>, backlog: readonly number[]) => [
    id,
    { ...shard, series: { ...shard.series!, backlog } },
  ];
  const shards = Object.fromEntries([
    withBacklog(parent!, [9, 9, 9, 9, 9, 4, 0, 0, 0, 0]),
    withBacklog(child!, [0, 0, 0, 0, 7, 8, 8, 0, 0, 0]),
  ]);
  const life = { ...aStream().shards['shardId-000000000000']!, openedAtSeconds: 0, closedAtSeconds: 240 };
  const streams = {
    orders: aStream({
      shards: { [parent![0]]: life, [child![0]]: { ...life, openedAtSeconds: 240, closedAtSeconds: null } },
    }),
  };
  const drawn = (name: string, api: typeof mapping.api = []) => {
    const m = { ...mapping, shards, api };
    const layers = flat(chart('backlog', { ...summary, streams, mappings: { m } }) as Layer);
    const rows = layers.find((layer) => layer.name === 'lines')!.data!.values;
    return rows.filter(({ series, v }) => series === name && v !== null).map(({ t, v }) => `${t}: ${v}`);
  };
  expect(drawn('shard 0').join(', ')).toBe('0: 0, 60: 9, 120: 9, 180: 9, 240: 9, 300: 9, 360: 4, 420: 0');
  expect(drawn('shard 1').join(', ')).toBe('240: 0, 300: 7, 360: 8, 420: 8, 480: 0, 540: 0, 600: 0');
  // Nor before its mapping is created (A1): a call that was refused creates none.
  const create = { call: 'CreateEventSourceMapping', atSeconds: 480 };
  const created = [{ ...create, atSeconds: 60, error: {} }, create];
  expect(drawn('shard 1', created).join(', ')).toBe('300: 7, 360: 8, 420: 8, 480: 0, 540: 0, 600: 0');
});

test('thresholds on IteratorAge and limits of concurrency are named where they lie, or as beyond the scale', () => {
  const texts = (name: ChartName, run: keyof typeof MADE_UP_RUNS) =>
    flat(chart(name, summaryOf(run)) as Layer).map((layer) => layer.mark?.text);
  expect(texts('iterator-age', 'poisoned')).toEqual(
    expect.arrayContaining(['threshold max < 60s', 'threshold p99 < 2h']),
  );
  expect(texts('iterator-age', 'several')).toContain('threshold max < 2m (clicks-to-archive) · threshold p99 < 100s');
  expect(texts('iterator-age', 'longNames')).toContain('↑ beyond this scale: threshold max < 24h');
  expect(texts('concurrency', 'several')).toEqual(expect.arrayContaining(['limit of enrich 5', 'limit of archive 20']));
});

test('of many functions those that were throttled are drawn with their limits, then those nearest to one', () => {
  const busy = [1, 2, 3, 4, 5].map((index) => ({
    name: `to-busy-${index}`,
    function: `busy-${index}`,
    shards: 8 + index,
    rate: 50,
  }));
  const summary = madeUpSummary({
    hours: 1,
    mappings: [
      ...busy,
      { name: 'to-narrow', function: 'narrow', shards: 4, rate: 50 },
      { name: 'to-refused', function: 'refused', shards: 1, rate: 5, throttled: [0.2, 0.4] },
    ],
    limits: { refused: 1, narrow: 4 },
  });
  const spec = chart('concurrency', summary);
  const named = (name: string) => domain(spec).includes(`${name} maximum`);
  expect(['refused', 'narrow', 'busy-5', 'busy-4', 'busy-3'].every(named)).toBe(true);
  expect(['busy-1', 'busy-2'].some(named)).toBe(false);
  const texts = flat(spec as Layer).map((layer) => layer.mark?.text ?? '');
  expect(texts.some((text) => text.includes('limit of refused 1'))).toBe(true);
});

test('several mappings and functions are told apart by name', () => {
  const summary = summaryOf('several');
  expect(domain(chart('throughput', summary))).toContain('clicks-to-enrich out');
  expect(domain(chart('concurrency', summary))).toContain('archive average');
  expect(domain(chart('invocations', summary))).toContain('orders-to-enrich error');
  expect(domain(chart('iterator-age', summary))).toContain('shard 3 of clicks-to-archive');
});

test('where a single one of several mappings has anything to show, the legend says which', () => {
  const calm = { name: 'calm', function: 'f', shards: 1, rate: 0 };
  const busy = { name: 'busy', function: 'f', shards: 1, rate: 20 };
  const legends = (mappings: readonly (typeof busy)[], name: ChartName) =>
    flat(chart(name, madeUpSummary({ hours: 1, mappings })) as Layer)
      .filter((layer) => layer.name === 'areas' || layer.name === 'bars')
      .map(
        ({ encoding }) => encoding!.color as { readonly legend: unknown; readonly scale: { readonly domain: unknown } },
      )
      .map(({ legend, scale }) => [legend !== null, scale.domain]);
  expect(legends([busy, calm], 'invocations')).toEqual([[true, ['busy success']]]);
  expect(legends([busy, calm], 'batch-size')).toEqual([[true, ['busy']]]);
  expect(legends([busy], 'batch-size')).toEqual([[false, ['busy']]]);
});

test('invocations that were no errors but named failed items are not called a success', () => {
  const summary = summaryOf('short');
  const metric = summary.series.metrics.find(({ MetricName }) => MetricName === 'Invocations')!;
  const failed = {
    ...metric,
    Namespace: 'AWS/Lambda',
    MetricName: 'FailedInvokeEventCount',
    Dimensions: { EventSourceMappingUUID: mappingUuid('orders-to-enrich') },
  };
  const mapping = summary.mappings['orders-to-enrich']!;
  const spec = chart('invocations', {
    ...summary,
    mappings: {
      'orders-to-enrich': { ...mapping, configuration: { FunctionResponseTypes: ['ReportBatchItemFailures'] } },
    },
    series: { ...summary.series, metrics: [...summary.series.metrics, failed] },
  });
  expect(domain(chart('invocations', summary))).toContain('success');
  expect(domain(spec)).not.toContain('success');
  expect(domain(spec)).toContain('success, whole or in part');
  expect(spec.description).toContain('success, whole or in part: ');
});

test('long names are shortened and still differ', () => {
  const names = domain(chart('iterator-age', summaryOf('longNames')));
  expect(new Set(names).size).toBe(names.length);
});

test('title, subtitle and caption leave room for a font that is wider than the bundled one', () => {
  const words = 'the quick brown fox jumps over the lazy dog '.repeat(8);
  const spec = chart('backlog', summaryOf('longNames'), { title: words, caption: words });
  const room = 960 - 2 * 18;
  const { text, subtitle } = spec.title as { readonly text: readonly string[]; readonly subtitle: string };
  const captions = flat(spec as Layer)
    .map((layer) => layer.mark?.text ?? '')
    .filter((line) => line !== '' && words.includes(line.replace('…', '')));
  expect([text.length, captions.length]).toEqual([2, 3]);
  for (const line of text) expect(textWidth(line, { size: 18, weight: 'semiBold' })).toBeLessThan(room / 1.1);
  for (const line of captions) expect(textWidth(line, { size: 13, weight: 'regular' })).toBeLessThan(room / 1.1);
  expect(textWidth(subtitle, { size: 12, weight: 'regular' })).toBeLessThan(room / 1.1);
});

test.each([
  ['iterator-age', 'No invocations, so no iterator age'],
  ['throughput', 'No records'],
  ['backlog', 'No records, so no backlog'],
  ['concurrency', 'No invocations'],
  ['invocations', 'No invocations'],
  ['age-breakdown', 'No records settled'],
  ['batch-size', 'No invocations, so no batches'],
] as const)('where nothing happened, %s says so', (name, text) => {
  expect(flat(chart(name, summaryOf('nothing')) as Layer).map((layer) => layer.mark?.text)).toContain(text);
});

test("the user's title stands above the chart's own, and a part of the run is all that is drawn", () => {
  const spec = chart('throughput', summaryOf('several'), { title: 'The outage', fromSeconds: 3_600, toSeconds: 5_400 });
  expect(titleOf(spec)).toBe('The outage');
  expect((spec.title as Row).subtitle).toBe(
    'Records in and out per second by mapping, average of each 60 s · Three mappings, two functions',
  );
  const times = flat(spec as Layer)
    .find((layer) => layer.name === 'lines')!
    .data!.values.map((row) => Number(row.t));
  expect([Math.min(...times), Math.max(...times)]).toEqual([3_600, 5_400]);
});

test('without causes over time the age breakdown shows the means, a bar a mapping', () => {
  const spec = chart('age-breakdown', madeUpSummary({ ...MADE_UP_RUNS.several, causesOverTime: false }));
  expect(titleOf(spec)).toBe('Mean time in system by cause, whole run');
  expect(axisTitles(spec, 'x')).toEqual(['Mean time in system (s)']);
});

test('warm-up is not drawn unless it is asked for', () => {
  const summary = madeUpSummary({ ...MADE_UP_RUNS.several, warmupSeconds: 1_800 });
  const shown = (options = {}) => {
    const lines = flat(chart('throughput', summary, options) as Layer).find((layer) => layer.name === 'lines');
    return lines!.encoding!.x!.scale!.domain;
  };
  expect(shown()).toEqual([1_800, 21_600]);
  expect(shown({ fromSeconds: 0 })).toEqual([0, 21_600]);
});

test('each light colour has one dark one', () => {
  const roles = Object.values(theme('light'));
  expect(new Set(roles).size).toBe(roles.length);
});

test('charts go by their names', () => {
  expect(CHART_NAMES).toEqual([
    'iterator-age',
    'throughput',
    'backlog',
    'concurrency',
    'invocations',
    'timeline',
    'age-breakdown',
    'batch-size',
  ]);
  expect(isChartName('timeline')).toBe(true);
  expect(isChartName('toString')).toBe(false);
});

function flat(layer: Layer): Layer[] {
  return [layer, ...(layer.layer ?? []).flatMap(flat)];
}

function titleOf(spec: object): unknown {
  return (spec as { readonly title: Row }).title.text;
}

function axisTitles(spec: object, channel: string): string[] {
  const titles = flat(spec as Layer).map((layer) => layer.encoding?.[channel]?.axis?.title);
  return [...new Set(titles.filter((title) => title !== undefined))];
}

function domain(spec: object): readonly string[] {
  return flat(spec as Layer).find((layer) => layer.encoding?.color?.scale !== undefined)!.encoding!.color!.scale!
    .domain;
}

test('there is no chart of another name', () => {
  expect(() => chart('foo' as ChartName, madeUpSummary(MADE_UP_RUNS.several))).toThrow(
    /^there is no chart 'foo'; expected iterator-age, .* or batch-size$/,
  );
});
