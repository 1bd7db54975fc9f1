import { describe, expect, it } from 'vitest';
import { SHARD_METRICS } from '../../src/recording/shard-metrics.ts';
import { summarise } from '../../src/report/summarise.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { parse } from '../support/scenario.ts';

const scenario = parse({
  duration: '90s',
  period: '30s',
  streams: { s: { ShardCount: 2 } },
  producers: { p: { rate: '1500/s' }, q: { stream: 's', rate: '900/s', keys: { list: ['a'] } } },
  functions: { f: { duration: '0ms' }, g: { duration: '0ms' } },
  mappings: { m: { BatchSize: 1_000 }, n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' } },
});

function metricsOf(shardMetrics: readonly (typeof SHARD_METRICS)[number][]) {
  return summarise(simulateSync(scenario, { shardMetrics })).series.metrics;
}

describe('shard-level metrics', () => {
  const all = metricsOf(SHARD_METRICS);
  const ofShards = all.filter(({ Dimensions }) => Dimensions.ShardId !== undefined);

  it('come where they are asked for, under the dimensions of AWS (M2)', () => {
    expect(metricsOf([]).some(({ Dimensions }) => Dimensions.ShardId !== undefined)).toBe(false);
    expect(metricsOf(['IncomingBytes']).filter(({ Dimensions }) => Dimensions.ShardId !== undefined)).toMatchObject([
      {
        Namespace: 'AWS/Kinesis',
        MetricName: 'IncomingBytes',
        Dimensions: { StreamName: 's', ShardId: 'shardId-000000000000' },
      },
      {
        Namespace: 'AWS/Kinesis',
        MetricName: 'IncomingBytes',
        Dimensions: { StreamName: 's', ShardId: 'shardId-000000000001' },
      },
    ]);
    expect(ofShards.length).toBe(2 * SHARD_METRICS.length);
  });

  it.each([
    ['IncomingRecords', 'IncomingRecords'],
    ['IncomingBytes', 'IncomingBytes'],
    ['WriteProvisionedThroughputExceeded', 'WriteProvisionedThroughputExceeded'],
    ['ReadProvisionedThroughputExceeded', 'ReadProvisionedThroughputExceeded'],
    ['OutgoingRecords', 'GetRecords.Records'],
    ['OutgoingBytes', 'GetRecords.Bytes'],
  ])('the shards’ %s add up to the stream’s %s (M2)', (name, ofStream) => {
    const sums = ofShards.filter(({ MetricName }) => MetricName === name).map(({ Statistics }) => Statistics.Sum!);
    const whole = all.find(
      ({ MetricName, Dimensions }) => MetricName === ofStream && Dimensions.ShardId === undefined,
    )!;
    expect(whole.Statistics.Sum!.map((_, period) => sums.reduce((sum, one) => sum + (one[period] ?? 0), 0))).toEqual(
      whole.Statistics.Sum,
    );
    if (name !== 'ReadProvisionedThroughputExceeded') expect(whole.Statistics.Sum![1]).toBeGreaterThan(0);
  });

  it('the largest IteratorAgeMilliseconds of a shard is the stream’s (M2)', () => {
    const ages = ofShards.filter(({ MetricName }) => MetricName === 'IteratorAgeMilliseconds');
    const whole = all.find(({ MetricName }) => MetricName === 'GetRecords.IteratorAgeMilliseconds')!.Statistics
      .Maximum!;
    expect(
      whole.map((_, period) => Math.max(...ages.map(({ Statistics }) => Statistics.Maximum![period] ?? -1))),
    ).toEqual(whole.map((age) => age ?? -1));
  });

  it('change nothing of the run (D1)', () => {
    expect(simulateSync(scenario, { shardMetrics: SHARD_METRICS }).digest).toBe(simulateSync(scenario).digest);
  });
});
