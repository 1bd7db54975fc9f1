import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../support/scenario.ts';
import { eventsOf, run, seriesOf } from '../support/scenario.ts';

const records = (...list: ScenarioPart[]) => ({ producers: { p: { records: list } } });

describe('IteratorAge', () => {
  it("is the age of the batch's last record when processing finished (M1)", () => {
    const { m } = run({ ...records({ at: '200ms' }, { at: '700ms' }) });
    expect(m.iteratorAgeMs).toMatchObject({ count: 1, max: 400 });
  });

  it('atInvoke: when it is sent to the function (M1)', () => {
    const { m } = run({
      functions: { f: { duration: '100ms', coldStart: '1s' } },
      mappings: { m: { iteratorAge: 'atInvoke' } },
      ...records({ at: '200ms' }, { at: '700ms' }),
    });
    expect(m.iteratorAgeMs).toMatchObject({ count: 1, max: 300 });
  });

  it('has one sample for every invocation, failed ones included (M1)', () => {
    const result = run({
      functions: { f: { duration: '100ms', faults: [{ invocations: 2 }] } },
      ...records({ at: '500ms' }),
    });
    // Ends at 1.1, 1.45 and 2.05 s.
    expect(eventsOf(result, 'invocation').map(({ iteratorAgeMs }) => iteratorAgeMs)).toEqual([600, 950, 1_550]);
    expect(result.m.iteratorAgeMs).toMatchObject({ count: 3, min: 600, max: 1_550 });
  });

  it('a throttle gives none (M1)', () => {
    const { m } = run({ functions: { f: { ReservedConcurrentExecutions: 0 } }, ...records({ at: '500ms' }) });
    expect(m.throttles).toBeGreaterThan(0);
    expect(m.iteratorAgeMs.count).toBe(0);
  });
});

describe('the series', () => {
  /** Fails from 1.9 to 2.4 s over the border of a period, backs off until 2.65, succeeds at 3.15 s. */
  const scenario: ScenarioPart = {
    duration: '5s',
    period: '1s',
    polling: { phase: '900ms' },
    functions: { f: { duration: '500ms', faults: [{ invocations: 1 }] } },
    ...records({ at: '1800ms', bytes: '1000B', count: 2 }),
  };

  it('Invocations, Errors and Duration are filed at the start (M2)', () => {
    const result = run(scenario);
    expect(seriesOf(result, 'Invocations', 'Sum', 'AWS/Lambda')).toEqual([0, 1, 1, 0, 0]);
    expect(seriesOf(result, 'Errors', 'Sum', 'AWS/Lambda')).toEqual([0, 1, 0, 0, 0]);
    expect(seriesOf(result, 'Duration', 'Maximum')).toEqual([null, 500, 500, null, null]);
    expect(seriesOf(result, 'Duration', 'Average')).toEqual([null, 500, 500, null, null]);
  });

  it('IteratorAge and FailedInvokeEventCount are filed at the end (M2)', () => {
    const result = run(scenario);
    expect(seriesOf(result, 'IteratorAge', 'Maximum', 'AWS/Lambda')).toEqual([null, null, 600, 1_350, null]);
    expect(seriesOf(result, 'IteratorAge', 'Average', 'AWS/Lambda')).toEqual([null, null, 600, 1_350, null]);
    expect(seriesOf(result, 'FailedInvokeEventCount', 'Sum')).toEqual([0, 0, 2, 0, 0]);
  });

  it('an end exactly at the border of a period belongs to the next (M2)', () => {
    const result = run({ ...scenario, polling: { phase: '500ms' }, functions: { f: { duration: '500ms' } } });
    // From 2.5 to 3.0 s.
    expect(seriesOf(result, 'IteratorAge', 'Maximum', 'AWS/Lambda')).toEqual([null, null, null, 1_200, null]);
    expect(seriesOf(result, 'Invocations', 'Sum', 'AWS/Lambda')).toEqual([0, 0, 1, 0, 0]);
  });

  it('ConcurrentExecutions has the time average and the maximum of each period (M2)', () => {
    const result = run(scenario);
    const average = seriesOf(result, 'ConcurrentExecutions', 'Average', 'AWS/Lambda');
    [0, 0.1, 0.75, 0.15, 0].forEach((expected, i) => {
      expect(average[i]).toBeCloseTo(expected, 12);
    });
    expect(seriesOf(result, 'ConcurrentExecutions', 'Maximum', 'AWS/Lambda')).toEqual([0, 1, 1, 1, 0]);
  });

  it('Throttles are filed when they happen (M2)', () => {
    const result = run({ ...scenario, functions: { f: { ReservedConcurrentExecutions: 0 } } });
    // At 1.9, 2.15, 2.65, 3.65 s.
    expect(seriesOf(result, 'Throttles', 'Sum', 'AWS/Lambda')).toEqual([0, 1, 2, 1, 0]);
  });

  it('incoming records and bytes, what calls brought, and how far behind they were (M2)', () => {
    const result = run(scenario);
    expect(seriesOf(result, 'IncomingRecords', 'Sum')).toEqual([0, 2, 0, 0, 0]);
    expect(seriesOf(result, 'IncomingBytes', 'Sum')).toEqual([0, 2_000, 0, 0, 0]);
    expect(seriesOf(result, 'GetRecords.Records', 'Sum')).toEqual([0, 2, 0, 0, 0]);
    expect(seriesOf(result, 'GetRecords.Bytes', 'Sum')).toEqual([0, 2_000, 0, 0, 0]);
    // Asked at 0.9, 1.9 (caught up each time) and 3.9 and 4.9 s: 0, and null where there was no call.
    expect(seriesOf(result, 'GetRecords.IteratorAgeMilliseconds', 'Maximum')).toEqual([0, 0, null, 0, 0]);
  });

  it('GetRecords.IteratorAgeMilliseconds is the age of the last record of a call that leaves some behind (M2)', () => {
    const result = run({
      duration: '3s',
      period: '1s',
      mappings: { m: { BatchSize: 2, fetchLimit: 'batchSize' } },
      ...records({ at: '300ms' }, { at: '400ms' }, { at: '500ms' }),
    });
    // The call at 1 s ends with the record of 0.4 s; the one at 1.1 s reaches the newest.
    expect(seriesOf(result, 'GetRecords.IteratorAgeMilliseconds', 'Maximum')).toEqual([0, 600, 0]);
  });

  it('polled, invoked and dropped events (M2)', () => {
    const result = run({
      ...scenario,
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
      mappings: { m: { MaximumRetryAttempts: 1 } },
    });
    // Taken at 1.9 s, delivered at 1.9 and 2.25, dropped at 2.35 s.
    expect(seriesOf(result, 'PolledEventCount', 'Sum')).toEqual([0, 2, 0, 0, 0]);
    expect(seriesOf(result, 'InvokedEventCount', 'Sum')).toEqual([0, 2, 2, 0, 0]);
    expect(seriesOf(result, 'DroppedEventCount', 'Sum')).toEqual([0, 0, 2, 0, 0]);
    expect(seriesOf(result, 'FilteredOutEventCount', 'Sum')).toEqual([0, 0, 0, 0, 0]);
    expect(seriesOf(result, 'OnFailureDestinationDeliveredEventCount', 'Sum')).toEqual([0, 0, 0, 0, 0]);
  });

  it("AWS's names, units and dimensions on AWS's metrics, ours under shardclock (M2)", () => {
    const { metrics } = run(scenario).summary.series;
    const of = (namespace: string) =>
      metrics.filter(({ Namespace }) => Namespace === namespace).map(({ MetricName }) => MetricName);
    expect(of('AWS/Lambda')).toEqual([
      'Invocations',
      'Errors',
      'Throttles',
      'Duration',
      'ConcurrentExecutions',
      'IteratorAge',
      'PolledEventCount',
      'FilteredOutEventCount',
      'InvokedEventCount',
      'FailedInvokeEventCount',
      'DroppedEventCount',
      'OnFailureDestinationDeliveredEventCount',
    ]);
    expect(of('AWS/Kinesis')).toEqual([
      'IncomingRecords',
      'IncomingBytes',
      'WriteProvisionedThroughputExceeded',
      'ReadProvisionedThroughputExceeded',
      'GetRecords.Records',
      'GetRecords.Bytes',
      'GetRecords.IteratorAgeMilliseconds',
    ]);
    const units = Object.fromEntries(metrics.map(({ MetricName, Unit }) => [MetricName, Unit]));
    expect(units).toMatchObject({
      IteratorAge: 'Milliseconds',
      Duration: 'Milliseconds',
      IncomingBytes: 'Bytes',
      Errors: 'Count',
    });
    for (const { Namespace, MetricName, Dimensions } of metrics) {
      const names = Object.keys(Dimensions);
      if (Namespace === 'AWS/Kinesis') expect(names).toEqual(['StreamName']);
      else if (Namespace === 'AWS/Lambda')
        expect(names).toEqual([MetricName.endsWith('EventCount') ? 'EventSourceMappingUUID' : 'FunctionName']);
      else expect(Namespace).toBe('shardclock');
    }
  });

  it('every column has one entry for each period from t = 0, the last one begun included (M2)', () => {
    for (const [duration, periods] of [
      ['5s', 5],
      ['5001ms', 6],
      ['300ms', 1],
    ] as const) {
      const { metrics } = run({ ...scenario, duration, ...records() }).summary.series;
      for (const { Statistics } of metrics) {
        for (const column of Object.values(Statistics)) expect(column).toHaveLength(periods);
      }
    }
  });

  it('the Sum of nothing is 0, any other statistic of nothing null (M2)', () => {
    const result = run({ duration: '2s', period: '1s', mappings: { m: { Enabled: false } }, ...records() });
    expect(seriesOf(result, 'Invocations', 'Sum')).toEqual([0, 0]);
    expect(seriesOf(result, 'Duration', 'Average')).toEqual([null, null]);
    expect(seriesOf(result, 'IteratorAge', 'Maximum')).toEqual([null, null]);
    expect(seriesOf(result, 'GetRecords.IteratorAgeMilliseconds', 'Maximum')).toEqual([null, null]);
  });

  it('the sums over the periods are the totals of the run (M2, M7)', () => {
    const result = run({
      duration: '60s',
      period: '7s',
      functions: { f: { duration: '300ms', faults: [{ probability: '20%' }], ReservedConcurrentExecutions: 2 } },
      streams: { s: { ShardCount: 4 } },
      producers: { p: { rate: '50/s' } },
    });
    const sum = (metric: string, namespace?: string) =>
      seriesOf(result, metric, 'Sum', namespace).reduce<number>((total, value) => total + value!, 0);
    expect(sum('Invocations')).toBe(result.m.invocations);
    expect(sum('Errors')).toBe(result.m.errors);
    expect(sum('Throttles')).toBe(result.m.throttles);
    expect(sum('IncomingRecords')).toBe(result.summary.streams.s!.recordsPut);
    expect(sum('InvokedEventCount')).toBe(result.m.deliveries);
    expect(sum('RecordsOut', 'shardclock')).toBe(result.m.records.succeeded);
    expect(sum('RecordsIn', 'shardclock')).toBe(result.m.records.arrived);
  });
});

describe('utilization', () => {
  it('of the write limits: the worst shard, the median and the peak (M3a)', () => {
    // Ten seconds; 1,000, 500 and 0 records of 1,024 B of data and 16 of their key.
    const { summary } = run({
      period: '1s',
      streams: { s: { ShardCount: 3 } },
      ...records(
        { at: '500ms', shard: 0, count: 500 },
        { at: '5s', shard: 0, count: 500 },
        { at: '1s', shard: 2, count: 500 },
      ),
    });
    const { writeRecords, writeBytes } = summary.streams.s!.utilization;
    expect(writeRecords).toMatchObject({
      limit: 1_000,
      worst: 0.1,
      worstShardId: 'shardId-000000000000',
      median: 0.05,
      peak: 0.5,
      peakAtSeconds: 0,
    });
    expect(writeBytes!.worst).toBeCloseTo((1_000 * 1_040) / 10 / 1_048_576, 12);
  });

  it('of reads: calls and bytes of all mappings (M3a)', () => {
    const { summary } = run({
      ...records({ at: '500ms', count: 100 }),
      functions: { g: { duration: '1ms' } },
      mappings: { n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON', BatchSize: 1_000 } },
    });
    const { readCalls, readBytes } = summary.streams.s!.utilization;
    // m: 10 ticks and one ask behind its full batch; n: 10 ticks. 21 calls of 50; 2 · 102,400 B of 20 MB.
    expect(readCalls!.worst).toBeCloseTo(21 / 50, 12);
    expect(readBytes!.worst).toBeCloseTo(204_800 / 20_971_520, 12);
  });

  it('of slots, lanes and the payload, and which binds first (M3a)', () => {
    const { m } = run({
      functions: { f: { duration: '2s', ReservedConcurrentExecutions: 4 } },
      ...records({ at: '500ms' }),
    });
    // One slot of four for 2 s of 10; the lane is busy for a fifth.
    expect(m.utilization.slots.worst).toBeCloseTo(0.05, 12);
    expect(m.utilization.laneBusy.worst).toBeCloseTo(0.2, 12);
    expect(m.utilization.payload.worst).toBeLessThan(0.001);
    expect(m.utilization.bindsFirst).toBe('laneBusy');
  });

  it('limits that are off have none (M3a)', () => {
    const { utilization } = run({ streams: { s: { writeLimits: 'off', readLimits: 'off' } }, ...records({ at: '1s' }) })
      .summary.streams.s!;
    expect(utilization).toEqual({
      writeRecords: null,
      writeBytes: null,
      readCalls: null,
      readBytes: null,
      bindsFirst: null,
    });
  });
});
