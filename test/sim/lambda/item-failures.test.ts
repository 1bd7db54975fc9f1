import { describe, expect, it } from 'vitest';
import { readResponse } from '../../../src/sim/lambda/item-failures.ts';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, run, seriesOf, timeLine } from '../../support/scenario.ts';

const placeOf = (identifier: string) => ({ a: 0, b: 1, c: 2 })[identifier] ?? null;

describe('what a response says (E5, E6)', () => {
  it.each([
    ['an empty string', ''],
    ['an empty list', []],
    ['null', null],
    ['nothing', undefined],
    ['an empty object', {}],
    ['no failures', { batchItemFailures: [] }],
    ['null failures', { batchItemFailures: null }],
  ])('%s is full success (E6)', (_, response) => {
    expect(readResponse(response, placeOf)).toEqual({ kind: 'success' });
  });

  it.each([
    ['an empty identifier', [{ itemIdentifier: '' }]],
    ['a null identifier', [{ itemIdentifier: null }]],
    ['a wrong key', [{ foo: 'a' }]],
    ['an identifier that is not in the batch', [{ itemIdentifier: 'z' }]],
    ['one of them not in the batch', [{ itemIdentifier: 'a' }, { itemIdentifier: 'z' }]],
    ['no objects', ['a']],
    ['a null item', [null]],
    ['no list', 'a'],
  ])('%s fails the whole batch (E6)', (_, batchItemFailures) => {
    expect(readResponse({ batchItemFailures }, placeOf)).toEqual({ kind: 'malformedResponse' });
  });

  it('the lowest identifier is the checkpoint, in whatever order they come (E5)', () => {
    const batchItemFailures = [{ itemIdentifier: 'c' }, { itemIdentifier: 'b' }];
    expect(readResponse({ batchItemFailures }, placeOf)).toEqual({ kind: 'partialFailure', checkpoint: 1 });
  });
});

const reported = (record: number, more: ScenarioPart = {}) => ({
  poison: { stream: 's', shard: 0, record },
  fail: 'record',
  ...more,
});

function reporting(count: number, faults: ScenarioPart[], mapping: ScenarioPart = {}) {
  return run({
    duration: '30s',
    functions: { f: { duration: '100ms', faults } },
    mappings: { m: { FunctionResponseTypes: ['ReportBatchItemFailures'], ...mapping } },
    producers: { p: { records: [{ at: '500ms', count }] } },
  });
}

describe('item failures', () => {
  it('six records in threes, three retries, the last always reported: deliveries 1, 1, 1, 1, 1, 5 (E5, E3)', () => {
    const result = reporting(6, [reported(5)], {
      BatchSize: 3,
      MaximumBatchingWindowInSeconds: 1,
      MaximumRetryAttempts: 3,
      DestinationConfig: { OnFailure: { Destination: 'dlq' } },
    });
    const deliveries = new Array<number>(6).fill(0);
    for (const { first, last } of eventsOf(result, 'invocation')) {
      for (let record = first; record <= last; record++) deliveries[record]! += 1;
    }
    expect(deliveries).toEqual([1, 1, 1, 1, 1, 5]);
    expect(result.recording.mappings[0]!.messages).toMatchObject([
      { condition: 'RetryAttemptsExhausted', invocations: 4, size: 1, first: 5, last: 5, response: null },
    ]);
    expect(result.m.records).toMatchObject({ succeeded: 5, discarded: { RetryAttemptsExhausted: 1 }, duplicates: 0 });
  });

  it('what lies before the checkpoint is done, the rest comes again at once with a fresh count (E5)', () => {
    const result = reporting(4, [reported(2, { until: '1050ms' })]);
    expect(
      eventsOf(result, 'invocation').map(({ start, first, last, attempt, outcome }) => [
        start,
        first,
        last,
        attempt,
        outcome,
      ]),
    ).toEqual([
      [1_000_000, 0, 3, 1, 'partialFailure'],
      [1_100_000, 2, 3, 1, 'success'],
    ]);
    // Record 3 was processed, and comes again (E10).
    expect(result.m.records).toMatchObject({ succeeded: 4, duplicates: 1 });
    expect(result.m.timeInSystemMs).toMatchObject({ count: 4, min: 600, max: 700 });
  });

  it('naming the first record is no progress: an attempt (E5, E7)', () => {
    const result = reporting(2, [reported(0)], { MaximumRetryAttempts: 1 });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 1],
      [1_350_000, 1_450_000, 0, 1],
    ]);
    expect(result.m.records.discarded.RetryAttemptsExhausted).toBe(2);
  });

  it('naming the first record with bisecting is a split (E5, E4)', () => {
    const result = reporting(4, [reported(0)], { MaximumRetryAttempts: 0, BisectBatchOnFunctionError: true });
    expect(timeLine(result).map(([, , first, last]) => [first, last])).toEqual([
      [0, 3],
      [0, 1],
      [0, 0],
      [1, 1],
      [2, 3],
    ]);
    expect(result.m.records).toMatchObject({ succeeded: 3, discarded: { RetryAttemptsExhausted: 1 } });
  });

  it('without the setting the response is ignored, and what it reports is silently lost (E5)', () => {
    const result = reporting(4, [reported(1), reported(2)], { FunctionResponseTypes: [] });
    expect(timeLine(result)).toEqual([[1_000_000, 1_100_000, 0, 3]]);
    expect(result.m.records).toMatchObject({ succeeded: 4, silentlyLost: 2, duplicates: 0 });
    expect(result.m.errors).toBe(0);
  });

  it('partial failures are no Errors; the failed suffix counts in FailedInvokeEventCount (M2)', () => {
    const result = reporting(4, [reported(2, { until: '1050ms' })]);
    expect(result.m.errors).toBe(0);
    expect(seriesOf(result, 'FailedInvokeEventCount', 'Sum')).toEqual([2]);
  });

  it('a response that comes after the Timeout is none (L5)', () => {
    const result = reporting(2, [reported(1, { until: '2s', after: '4s' })]);
    expect(eventsOf(result, 'invocation')[0]).toMatchObject({ outcome: 'timeout', end: 4_000_000 });
  });

  it('a record that two faults find poison is lost once (E5, L6)', () => {
    const result = reporting(4, [reported(1), reported(1), reported(2)], { FunctionResponseTypes: [] });
    expect(result.m.records).toMatchObject({ succeeded: 4, silentlyLost: 2 });
  });
});
