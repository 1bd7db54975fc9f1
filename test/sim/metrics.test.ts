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

describe('stalls', () => {
  const stalls = (scenario: ScenarioPart) => run({ stallAfter: '1s', ...scenario }).m.stalls;

  it('one opens with the first failed attempt and closes when the batch is settled (M3)', () => {
    // Fails 1.0–1.1, 1.35–1.45, 1.95–2.05; succeeds 3.05–3.15 s.
    const [stall, ...others] = stalls({
      functions: { f: { duration: '100ms', faults: [{ invocations: 3 }] } },
      ...records({ at: '500ms', count: 3 }, { at: '1500ms' }, { at: '3120ms' }),
    });
    expect(others).toEqual([]);
    expect(stall).toMatchObject({
      shardId: 'shardId-000000000000',
      lane: 0,
      startSeconds: 1,
      endSeconds: 3.15,
      cause: 'functionError',
      recordsLost: 0,
    });
    // What came while the last attempt ran, too.
    expect(stall!.recordsHeld).toBe(5);
  });

  it('is reported only if longer than stallAfter (M3)', () => {
    const length = (stallAfter: string) =>
      run({
        stallAfter,
        functions: { f: { duration: '100ms', faults: [{ invocations: 3 }] } },
        ...records({ at: '500ms' }),
      }).m.stallsTotal.count;
    expect(length('2150ms')).toBe(0);
    expect(length('2149999us')).toBe(1);
  });

  it('its records are those of the batch that is held (M3, K2)', () => {
    const result = run({
      stallAfter: '1s',
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 2 } }] } },
      mappings: { m: { BatchSize: 2, MaximumRetryAttempts: 3 } },
      ...records({ at: '500ms', count: 4 }),
    });
    const held = eventsOf(result, 'invocation').filter(({ first }) => first === 2);
    expect(result.m.stalls).toMatchObject([
      {
        startSequenceNumber: held[0]!.startSequenceNumber,
        endSequenceNumber: held[0]!.endSequenceNumber,
        startSeconds: 1.1,
        // 1.1, 1.45, 2.05 and 3.15 s fail.
        endSeconds: 3.25,
        recordsHeld: 2,
        recordsLost: 2,
      },
    ]);
  });

  it('a throttled batch is a stall (M3)', () => {
    // Shard 1 waits for the slot from 1 s; throttled at 1.0, 1.25, 1.75, it runs from 2.75 to 4.25 s.
    const result = run({
      stallAfter: '1s',
      streams: { s: { ShardCount: 2 } },
      functions: { f: { duration: '1500ms', ReservedConcurrentExecutions: 1 } },
      ...records({ at: '500ms', shard: 0 }, { at: '500ms', shard: 1 }),
    });
    expect(result.m.stalls).toMatchObject([
      { shardId: 'shardId-000000000001', startSeconds: 1, endSeconds: 4.25, cause: 'throttle', recordsHeld: 1 },
    ]);
  });

  it('a disabled mapping is one while records wait (M3)', () => {
    const timeline = [
      { at: '3s', disable: 'm' },
      { at: '7500ms', enable: 'm' },
    ];
    // Waiting from the disable on; the next read succeeds at 8 s.
    expect(stalls({ timeline, ...records({ at: '2500ms' }) })).toMatchObject([
      { startSeconds: 3, endSeconds: 8, cause: 'disabled', recordsHeld: 1 },
    ]);
    // From the first arrival on.
    expect(stalls({ timeline, ...records({ at: '4500ms' }, { at: '5s' }) })).toMatchObject([
      { startSeconds: 4.5, endSeconds: 8, cause: 'disabled', recordsHeld: 2 },
    ]);
    expect(stalls({ timeline, ...records() })).toEqual([]);
  });

  it('a disable opens it at once, though an invocation still runs, where other records wait (M3)', () => {
    const stalls = (count: number) =>
      run({
        duration: '60s',
        functions: { f: { duration: '100ms' } },
        mappings: { m: { BatchSize: 1 } },
        producers: { p: { records: [{ at: '500ms', count }] } },
        timeline: [
          { at: '1050ms', disable: 'm' },
          { at: '19500ms', enable: 'm' },
        ],
      }).m.stalls;
    expect(stalls(3)).toMatchObject([{ startSeconds: 1.05, endSeconds: 20, cause: 'disabled', recordsHeld: 2 }]);
    expect(stalls(1)).toEqual([]);
  });

  it('its cause is what it spent most time in (M3)', () => {
    // Fails from 1.0 s and backs off until the disable of 2 s; disabled until 9 s.
    expect(
      stalls({
        duration: '12s',
        functions: { f: { duration: '100ms', faults: [{ from: '0s', to: '5s' }] } },
        timeline: [
          { at: '2s', disable: 'm' },
          { at: '9s', enable: 'm' },
        ],
        ...records({ at: '500ms' }),
      }),
    ).toMatchObject([{ startSeconds: 1, endSeconds: 9, cause: 'disabled' }]);
    // Without it: 1.0, 1.35, 1.95, 3.05 fail, 5.15 s succeeds.
    expect(
      stalls({
        duration: '12s',
        functions: { f: { duration: '100ms', faults: [{ from: '0s', to: '4s' }] } },
        ...records({ at: '500ms' }),
      }),
    ).toMatchObject([{ startSeconds: 1, endSeconds: 5.25, cause: 'functionError' }]);
  });

  it('a failed invocation is time that the failure has cost, though a throttle came before (M3)', () => {
    // Shard 1 waits for shard 0's slot from 1.0 to 2.75 s, fails until 7.75 s and succeeds at 8.1 s.
    expect(
      stalls({
        duration: '30s',
        streams: { s: { ShardCount: 2 } },
        functions: {
          f: {
            duration: '100ms',
            Timeout: 10,
            ReservedConcurrentExecutions: 1,
            faults: [
              { from: '2700ms', to: '5s', after: '5s' },
              { from: '0s', to: '1500ms', slowdown: 15 },
            ],
          },
        },
        ...records({ at: '500ms', shard: 0 }, { at: '500ms', shard: 1 }),
      }),
    ).toMatchObject([{ startSeconds: 1, endSeconds: 8.1, cause: 'functionError' }]);
  });

  it('one of a batch ends when that is settled, though polling has stopped; what waits then is one of the disable (M3)', () => {
    // Fails from 1 to 3 s, tried again from 3.25 to 11.25 s, disabled from 4 s on; three more came at 5 s.
    expect(
      stalls({
        duration: '60s',
        functions: {
          f: {
            duration: '100ms',
            Timeout: 20,
            faults: [
              { from: '0s', to: '1900ms', after: '2s' },
              { from: '2s', to: '20s', slowdown: 80 },
            ],
          },
        },
        timeline: [
          { at: '4s', disable: 'm' },
          { at: '21s', enable: 'm' },
        ],
        ...records({ at: '500ms', count: 2 }, { at: '5s', count: 3 }),
      }),
    ).toMatchObject([
      { startSeconds: 1, endSeconds: 11.25, cause: 'functionError', recordsHeld: 5 },
      { startSeconds: 11.25, endSeconds: 21, cause: 'disabled', recordsHeld: 3 },
    ]);
  });

  it('an update while an invocation runs that succeeds is none (M3)', () => {
    expect(
      stalls({
        duration: '60s',
        functions: { f: { duration: '20s', Timeout: 60 } },
        timeline: [{ at: '2s', update: 'm', set: { BatchSize: 50 } }],
        ...records({ at: '500ms', count: 2 }, { at: '1500ms' }),
      }),
    ).toEqual([]);
  });

  it('one of a disable begins with the first record, and counts what expired in it (M3, K5)', () => {
    const disabled = { duration: '27h', period: '1h', polling: { phase: 'aligned', period: '10s' } } as const;
    const came = records({ at: '10m', count: 3 }, { at: '90m', count: 2 }, { at: '1500m' });
    const timeline = [
      { at: '5m', disable: 'm' },
      { at: '1520m', enable: 'm' },
    ];
    expect(stalls({ ...disabled, ...came, timeline })).toMatchObject([
      { startSeconds: 600, endSeconds: 91_200, cause: 'disabled', recordsHeld: 5, recordsLost: 3 },
    ]);
    expect(stalls({ ...disabled, ...came, timeline: timeline.slice(0, 1) })).toMatchObject([
      { startSeconds: 600, endSeconds: null, cause: 'disabled', recordsHeld: 5, recordsLost: 5 },
    ]);
  });

  it('still open at E its end is null (M3, D5)', () => {
    expect(
      stalls({
        functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
        ...records({ at: '500ms' }, { at: '2s', count: 4 }),
      }),
    ).toMatchObject([{ startSeconds: 1, endSeconds: null, recordsHeld: 5 }]);
  });

  it('what it loses is counted: discards and expiry (M3)', () => {
    const { m } = run({
      duration: '1500m',
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 0 } }] } },
      ...records({ at: '500ms', count: 2 }),
    });
    expect(m.stalls).toMatchObject([
      { startSeconds: 1, endSeconds: 86_400.5, cause: 'functionError', recordsHeld: 2, recordsLost: 2 },
    ]);
    expect(m.stallsTotal).toEqual({ count: 1, seconds: 86_399.5, longestSeconds: 86_399.5, recordsLost: 2 });
  });

  it('ticks and invocations that succeed open none, however long (M3)', () => {
    expect(
      stalls({
        stallAfter: '0s',
        duration: '60s',
        polling: { period: '10s' },
        functions: { f: { duration: '2900ms' } },
        mappings: { m: { BatchSize: 1 } },
        ...records({ at: '500ms', count: 10 }),
      }),
    ).toEqual([]);
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
