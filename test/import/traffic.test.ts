import { describe, expect, test } from 'vitest';
import { imported, metrics } from './importing.ts';

const MINUTE = 60_000_000;

/** By label, the minutes at which a metric has a value, each 3,000. */
function sparse(series: Readonly<Record<string, readonly number[]>>) {
  const file = metrics(Object.fromEntries(Object.entries(series).map(([label, at]) => [label, at.map(() => 3_000)])));
  return {
    MetricDataResults: file.MetricDataResults.map((result, i) => ({
      ...result,
      Timestamps: Object.values(series)[i]!.map((minute) =>
        new Date(Date.parse('2026-01-01') + minute * 60_000).toISOString(),
      ),
    })),
  };
}

const readAs = (series: Readonly<Record<string, readonly number[]>>, options = {}) => {
  const { scenario, text, warnings, producers } = imported({ 'm.json': sparse(series) }, options);
  return { scenario, text, warnings: warnings.join('\n'), trace: producers[Object.keys(producers)[0]!]!.trace };
};

describe('periods that CloudWatch left out', () => {
  test('leave the rest as long as they are: no longer than the grid that all values lie on', () => {
    const { scenario, text, trace, warnings } = readAs({ IncomingRecords: [0, 10, 25, 35] });
    expect(scenario.producers[0]!.source).toMatchObject({
      period: 5 * MINUTE,
      starts: [0, 10, 25, 35].map((minute) => minute * MINUTE),
    });
    expect(scenario.duration).toBe(40 * MINUTE);
    expect(text).toContain('# 4 periods of 5m: line 3');
    expect(trace).toMatchObject({ period: '5m' });
    expect(warnings).toContain('m.json:3:5 no two of its values are one period apart, so it is 5m at most');
  });

  test('are known by other metrics of the same answer, which say how long a period is', () => {
    const beside = { 'orders IncomingRecords': [0, 10], 'clicks IncomingRecords': [0, 5, 10, 15] };
    const { scenario, trace, warnings } = readAs(beside);
    expect(trace).toMatchObject({ metric: 'orders IncomingRecords', period: '5m' });
    expect(scenario.producers.map(({ source }) => source)).toMatchObject([
      { period: 5 * MINUTE },
      { period: 5 * MINUTE },
    ]);
    expect(warnings).not.toContain('one period apart');
    expect(warnings).not.toContain('no two rows');
    const one = readAs({ 'orders IncomingRecords': [0], 'clicks IncomingRecords': [0, 1, 2] });
    expect(one.trace).toMatchObject({ period: '1m' });
    expect(one.warnings).not.toContain('one value alone');
  });

  test('do not shorten a metric that has each of its own', () => {
    const { scenario } = readAs({ 'orders IncomingRecords': [0, 5, 10], 'clicks IncomingRecords': [0, 1, 2, 3] });
    expect(scenario.producers.map(({ source }) => source)).toMatchObject([{ period: 5 * MINUTE }, { period: MINUTE }]);
  });
});

test('a shard whose bytes lack a period leaves its records of then out of their mean size, and no others', () => {
  const file = metrics({
    'orders shardId-000000000000 IncomingRecords': [300, 200, 100],
    'orders shardId-000000000001 IncomingRecords': [50, 0, 70],
    'orders shardId-000000000000 IncomingBytes': [300_000, 100_000],
    'orders shardId-000000000001 IncomingBytes': [50_000, 0, 70_000],
  });
  const { producers } = imported({ 'm.json': file }, { dataPrefix: 'p' });
  expect(producers.orders).toMatchObject({ bytes: `${Math.round(520_000 / 620)}B` });
});
