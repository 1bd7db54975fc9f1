import { expect, test } from 'vitest';
import { readOverlay } from '../../src/import/overlay.ts';
import { iteratorAgeChart } from '../../src/report/charts/iterator-age.ts';
import { throughputChart } from '../../src/report/charts/throughput.ts';
import type { Overlay } from '../../src/report/overlay.ts';
import { overlaySentences } from '../../src/report/overlay.ts';
import { summarise } from '../../src/report/summarise.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { metrics } from './importing.ts';

/** A record each second, settled 1 s after the tick at the latest: ages of at most 1 s. */
function scenario(set: readonly string[] = []) {
  const text = `shardclock: 1
name: real
start: 2026-11-27T11:00:00Z
duration: 15m
streams: { orders: { ShardCount: 1 } }
producers: { p: { stream: orders, rate: 1/s, arrivals: even } }
functions: { enrich: { duration: 500ms } }
mappings: { m: { stream: orders, function: enrich, StartingPosition: TRIM_HORIZON } }`;
  const parsed = parseScenario(text, { readFile: () => new Uint8Array(), set });
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  return parsed.scenario;
}

function overlay(file: object, set: readonly string[] = []): Overlay {
  const result = readOverlay({ name: 'real.json', text: JSON.stringify(file) }, scenario(set));
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.overlay;
}

function problem(text: string, set: readonly string[] = []): string {
  const result = readOverlay({ name: 'real.json', text }, scenario(set));
  if (result.ok) throw new Error('it was read');
  return result.issues.map(({ line, column, message }) => `${line}:${column} ${message}`).join('; ');
}

test('what was measured stands in the time of the run, and is compared period by period', () => {
  const real = overlay(
    metrics({ IncomingRecords: [300, 330, 300, 999], IteratorAge: [0, 5_000, 0, 0] }, '2026-11-27T11:00:00Z'),
  );
  expect(
    real.metrics.map(({ metric, of, periodSeconds, points }) => [metric, of, periodSeconds, points.length]),
  ).toEqual([
    ['IncomingRecords', 'orders', 300, 3],
    ['IteratorAge', 'enrich', 300, 3],
  ]);
  const summary = summarise(simulateSync(scenario()));
  const [records, age] = overlaySentences(summary, real);
  expect(records).toBe(
    'IncomingRecords of orders in 3 periods of 5 m: simulated and real differ by 0 % at the median, at most by 9.1 % (at 0:05:00: 300 simulated, 330 real); the simulated is lower in 1.',
  );
  // The oldest of the simulated ages is one number in every period: the difference is 5 s less it.
  const most = summary.mappings.m!.iteratorAgeMs.max! / 1_000;
  expect(age).toContain(`at most by ${(5 - most).toPrecision(3)} s (at 0:05:00`);
  expect(age).toMatch(/the simulated is lower in 1\.$/);
});

test('a run that begins within a real period is compared in the windows of the real ones', () => {
  const phases = '[{ duration: 270s, rate: 1/s }, { duration: 5m, rate: 2/s }, { duration: 330s, rate: 3/s }]';
  const producer = `producers.p={ stream: orders, arrivals: even, phases: ${phases} }`;
  const set = ['start=2026-11-27T11:00:30Z', 'period=30s', producer];
  const real = overlay(metrics({ IncomingRecords: [300, 600, 900] }), set);
  const [said] = overlaySentences(summarise(simulateSync(scenario(set))), real);
  expect(said).toBe('IncomingRecords of orders in 2 periods of 5 m: simulated and real are the same.');
});

test('an age of which periods are missing is compared in periods as long as those of the same answer', () => {
  const [records, age] = metrics({ IncomingRecords: [300, 300, 300], IteratorAge: [700, 700] }).MetricDataResults;
  const [first, , third] = records!.Timestamps;
  const real = overlay({ MetricDataResults: [records, { ...age, Timestamps: [first, third] }] });
  expect(real.metrics.map(({ periodSeconds }) => periodSeconds)).toEqual([300, 300]);
  const one = overlay({ MetricDataResults: [records, { ...age, Timestamps: [third], Values: [700] }] });
  expect(one.metrics[1]).toMatchObject({ periodSeconds: 300, points: [{ fromSeconds: 600, value: 700 }] });
});

test('it is drawn over the simulated lines, and the axis reaches it', () => {
  const summary = summarise(simulateSync(scenario()));
  const real = overlay(metrics({ IncomingRecords: [3_000, 300], IteratorAge: [9_000, 0] }, '2026-11-27T11:00:00Z'));
  for (const [chart, name, most] of [
    [iteratorAgeChart, 'real IteratorAge', 9],
    [throughputChart, 'real IncomingRecords', 10],
  ] as const) {
    const text = JSON.stringify(chart(summary, { overlay: real }));
    expect(text).toContain(`"series":"${name}"`);
    expect(text).toMatch(new RegExp(`What was measured reaches ${most}(\\.0)?( s)?\\.`));
    expect(JSON.stringify(chart(summary))).not.toContain('real I');
  }
});

test('what cannot be laid over the run is refused where it stands', () => {
  const json = (file: object) => JSON.stringify(file, null, 2);
  expect(problem('{}')).toMatch(/^1:1 no answer of get-metric-data/);
  expect(problem(json(metrics({ CPUUtilization: [1, 2] })))).toMatch(
    /^3:5 CPUUtilization: nothing to compare a run with/,
  );
  expect(problem(json(metrics({ IteratorAge: [1] })))).toMatch(/^3:5 IteratorAge: one value alone/);
  expect(problem(json(metrics({ IteratorAge: [1, 2] })), ['period=7m'])).toBe(
    "3:5 IteratorAge: its periods of 5m are no whole number of the run's, 7m; run with --period 5m",
  );
  expect(problem(json(metrics({ IteratorAge: [1, 2, 3] })), ['start=2026-11-27T11:00:30Z'])).toBe(
    "3:5 IteratorAge: its periods begin 30s into the run's, of 1m; run with --period 30s, or with --set start=2026-11-27T11:05:00Z",
  );
  expect(problem(json(metrics({ IteratorAge: [1, 2] }, '2026-11-28T11:00:00Z')))).toMatch(
    /^3:5 IteratorAge: nothing of it lies in the run, which begins at 2026-11-27T11:00:00Z; .* --set start=2026-11-28T11:00:00Z$/,
  );
  const two = ['functions.audit={ duration: 1ms }'];
  expect(problem(json(metrics({ IteratorAge: [1, 2] })), two)).toMatch(
    /which function is this of\? The run has enrich, audit/,
  );
  expect(overlay(metrics({ 'audit IteratorAge': [1, 2] }), two).metrics[0]!.of).toBe('audit');
});

test('what was measured of single shards is laid over the run as their sum, and not beside what their stream has', () => {
  const shards = {
    'orders shardId-000000000000 IncomingRecords': [100, 200],
    'orders shardId-000000000001 IncomingRecords': [30, 40],
  };
  const drawn = (file: object) =>
    overlay(file).metrics.map(({ of, points }) => [of, ...points.map(({ value }) => value)]);
  expect(drawn(metrics(shards))).toEqual([['orders', 130, 240]]);
  expect(drawn(metrics({ ...shards, 'orders IncomingRecords': [130, 241] }))).toEqual([['orders', 130, 241]]);
});

test('two series that say different things of one period are refused', () => {
  const [real] = metrics({ IncomingRecords: [300, 330] }).MetricDataResults;
  const twice = { MetricDataResults: [real, { ...real, Values: [1, 2] }] };
  expect(problem(JSON.stringify(twice, null, 2))).toMatch(
    /^16:5 IncomingRecords is 1 here and 300 in line 3 .* the Sum$/,
  );
});
