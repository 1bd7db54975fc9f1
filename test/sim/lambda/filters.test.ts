import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, parse, run, seriesOf, timeLine } from '../../support/scenario.ts';

const filtering = (...patterns: ScenarioPart[]) => ({
  FilterCriteria: { Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
});

/** Records a, b, c, … one every 100 ms from 500 ms on; the mapping keeps the vowels. */
function vowels(keys: string, more: ScenarioPart & { mapping?: ScenarioPart } = {}) {
  const { mapping, ...rest } = more;
  return run({
    mappings: { m: { ...filtering({ partitionKey: [...'aeiou'] }), ...mapping } },
    producers: { p: { records: [...keys].map((key, i) => ({ at: `${500 + 100 * i}ms`, key })) } },
    ...rest,
  });
}

describe('filters', () => {
  it('see each field of a record, its Kinesis fields beside the others, and none that is not there (P10)', () => {
    const exists = [{ exists: true }];
    const fields = ['partitionKey', 'sequenceNumber', 'approximateArrivalTimestamp', 'kinesisSchemaVersion', 'data'];
    const others = ['eventSource', 'eventVersion', 'eventID', 'eventName', 'awsRegion', 'eventSourceARN'];
    const kept = (pattern: ScenarioPart) =>
      vowels('bc', {
        producers: { p: { records: [{ at: '500ms', key: 'b' }], data: { template: 'text' } } },
        mapping: filtering(pattern),
      }).m.records.succeeded;
    for (const field of [...fields, ...others, 'invokeIdentityArn']) expect(kept({ [field]: exists }), field).toBe(1);
    for (const field of ['kinesis', 'toString', 'index']) expect(kept({ [field]: exists }), field).toBe(0);
  });

  it('drop records before they count into the batch (P10, P3)', () => {
    const result = vowels('abcdeafghi', { mapping: { BatchSize: 3 } });
    // a (0.5 to 1.0 s: abcdea), e, a; then i.
    expect(timeLine(result).map(([start, , first, last]) => [start, first, last])).toEqual([
      [1_000_000, 0, 5],
      [2_000_000, 9, 9],
    ]);
    expect(eventsOf(result, 'invocation').map(({ size }) => size)).toEqual([3, 1]);
    expect(result.m.records).toMatchObject({ arrived: 10, succeeded: 4, filtered: 6, pending: 0 });
  });

  it('what they drop costs no invocation, but read throughput (P10, K4)', () => {
    const { m, ...result } = vowels('bcdfg');
    expect(m).toMatchObject({ invocations: 0, records: { filtered: 5, pending: 0 } });
    expect(seriesOf(result, 'FilteredOutEventCount', 'Sum')).toEqual([5]);
    expect(seriesOf(result, 'PolledEventCount', 'Sum')).toEqual([5]);
    expect(seriesOf(result, 'InvokedEventCount', 'Sum')).toEqual([0]);
    expect(seriesOf(result, 'GetRecords.Records', 'Sum')).toEqual([5]);
  });

  it('a batch is full with BatchSize kept records, whatever lies between (P10, P3)', () => {
    const result = vowels('bbabbebbibbobbu', {
      polling: { phase: 'aligned', period: '5s' },
      mapping: { BatchSize: 2 },
    });
    expect(timeLine(result).map(([start, , first, last]) => [start, first, last])).toEqual([
      [5_000_000, 2, 5],
      [5_100_000, 8, 11],
      [5_200_000, 14, 14],
    ]);
  });

  it('a batch that is given back is filtered again, and nothing counts twice (P10, P9, E9)', () => {
    const result = vowels('abecbbi', {
      functions: { f: { duration: '100ms', faults: [{ from: '0s', to: '3s' }] } },
      timeline: [
        { at: '1200ms', disable: 'm' },
        { at: '4s', enable: 'm' },
      ],
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 2],
      [4_000_000, 4_100_000, 0, 6],
    ]);
    expect(result.m.records).toMatchObject({ arrived: 7, succeeded: 3, filtered: 4, pending: 0 });
  });

  it('what is read again and was dropped before counts as buffered no more (P10, P7)', () => {
    const { m } = vowels('abc', {
      duration: '2500ms',
      functions: { f: { duration: '100ms' } },
      mapping: { MaximumBatchingWindowInSeconds: 1 },
      timeline: [{ at: '1200ms', update: 'm', set: { BatchSize: 1 } }],
    });
    // At 0 s there is nothing. At 1 s b and c are dropped, and a waits in the window that the update gives up. At 2 s it is
    // a full batch; at 2.1 s b and c are all that lies ahead, so that there is a call.
    expect(m.polls).toMatchObject({ asks: 4, getRecordsCalls: 4 });
    expect(m.records).toMatchObject({ succeeded: 1, filtered: 2 });
  });

  it('given back and then expired, what was dropped stays dropped (P10, P9, K5)', () => {
    const { m } = vowels('abecbb', {
      duration: '25h',
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
      timeline: [{ at: '1200ms', disable: 'm' }],
    });
    // By 1.0 s abecbb have arrived: b, c, b and b are dropped; a and e expire.
    expect(m.records).toMatchObject({ arrived: 6, filtered: 4, expired: 2, pending: 0 });
  });

  it('a poison record that is dropped poisons nothing; duplicates are of kept records (P10, L6, E10)', () => {
    const poison = (record: number) =>
      vowels('aebi', {
        functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record }, until: '2s' }] } },
      }).m;
    expect(poison(2)).toMatchObject({ errors: 0, records: { succeeded: 3, filtered: 1 } });
    // Of a, e and i, with e poison, a and i come again at 1.35, 1.95 and 3.05 s.
    expect(poison(1)).toMatchObject({ errors: 3, records: { succeeded: 3, filtered: 1, duplicates: 6 } });
  });

  it('work in each slice, and split batches hold kept records only (P10, P4, E4)', () => {
    const keys = Array.from({ length: 200 }, (_, i) => 'abcdefghijklmnopqrstuvwxyz'[(i * 7) % 26]).join('');
    const { m } = vowels(keys, {
      duration: '60s',
      functions: { f: { duration: '10ms', faults: [{ probability: '30%' }] } },
      mapping: { ParallelizationFactor: 3, BisectBatchOnFunctionError: true, BatchSize: 8, MaximumRetryAttempts: 5 },
    });
    const kept = [...keys].filter((key) => 'aeiou'.includes(key)).length;
    expect(m.records.filtered).toBe(200 - kept);
    expect(m.records.succeeded + m.records.discarded.RetryAttemptsExhausted).toBe(kept);
  });
});

describe('data', () => {
  const template = { type: '${pick:order,refund,audit}', key: '${key}', n: '${index}', at: 'no ${index} of ${key}' };
  const withData = (data: ScenarioPart, pattern: ScenarioPart, more: ScenarioPart = {}) =>
    run({
      mappings: { m: filtering(pattern) },
      producers: {
        p: {
          records: [
            { at: '500ms', key: 'a', count: 3 },
            { at: '700ms', key: 'b' },
          ],
          data,
        },
      },
      ...more,
    });

  it('a template is JSON with the index, the key and a pick; bytes follow from it (P10)', () => {
    const result = withData({ template }, { data: { at: ['no 3 of b'], n: [3], key: ['b'] } });
    expect(timeLine(result).map(([, , first, last]) => [first, last])).toEqual([[3, 3]]);
    const bytes = ['order', 'refund', 'audit'].map(
      (type) => JSON.stringify({ ...template, type, key: 'a', n: 0, at: 'no 0 of a' }).length,
    );
    const { bytesPut } = result.summary.streams.s!;
    expect(bytesPut).toBeGreaterThanOrEqual(4 * Math.min(...bytes));
    expect(bytesPut).toBeLessThanOrEqual(4 * Math.max(...bytes));
  });

  it('a pick is fair, and the same for every mapping that looks (P10, D3)', () => {
    const counts = ['order', 'refund', 'audit'].map(
      (type) =>
        run({
          duration: '60s',
          drain: '10s',
          mappings: { m: filtering({ data: { type: [type] } }) },
          producers: { p: { rate: '100/s', data: { template: { type: '${pick:order,refund,audit}' } } } },
        }).m.records,
    );
    const [first] = counts;
    expect(counts.map(({ arrived }) => arrived)).toEqual([first!.arrived, first!.arrived, first!.arrived]);
    const kept = counts.map(({ arrived, filtered }) => arrived - filtered);
    expect(kept.reduce((sum, count) => sum + count, 0)).toBe(first!.arrived);
    // 6,000 records or so, a third each: standard deviation 36.5.
    for (const count of kept) expect(Math.abs(count - first!.arrived / 3)).toBeLessThan(5 * 36.5);
  });

  it('data that is no JSON matches no pattern of JSON, a plain text its own (P10)', () => {
    const lines = { 'x.ndjson': 'hello\n{"a":1}\n[1]\n{"a":2}\n' };
    const kept = (pattern: ScenarioPart) =>
      run(
        {
          mappings: { m: filtering(pattern) },
          producers: { p: { records: [{ at: '500ms', count: 4 }], data: { file: 'x.ndjson' } } },
        },
        lines,
      )
        .trace.filter((event) => event.type === 'invocation')
        .map(({ first, last, size }) => [first, last, size]);
    expect(kept({ data: { a: [{ exists: true }] } })).toEqual([[1, 3, 2]]);
    expect(kept({ data: ['hello'] })).toEqual([[0, 0, 1]]);
  });

  it('a filter on data without any is refused, as are patterns that are none (P10)', () => {
    const refused = (mapping: ScenarioPart) => () =>
      parse({ mappings: { m: mapping }, producers: { p: { rate: '1/s' } } });
    expect(refused(filtering({ data: { a: [1] } }))).toThrow(
      'mappings.m.FilterCriteria.Filters[0].Pattern: looks at data, but the records of producers.p hold none',
    );
    expect(refused(filtering({ partitionKey: 'a' }))).toThrow('expected a list of values or rules');
    expect(
      refused({ FilterCriteria: { Filters: Array.from({ length: 6 }, () => ({ Pattern: '{"a":[1]}' })) } }),
    ).toThrow('at most 5 filters');
  });

  it('bytes beside data, and a column without a file, are refused (P10)', () => {
    const refused = (producer: ScenarioPart) => () => parse({ producers: { p: producer } });
    expect(refused({ rate: '1/s', bytes: '1KB', data: { template: 1 } })).toThrow('bytes follow from data');
    expect(refused({ rate: '1/s', data: { column: 'payload' } })).toThrow('only the file of arrivalTimes has columns');
    expect(refused({ rate: '1/s', data: {} })).toThrow('expected exactly one of template, file, column');
  });
});
