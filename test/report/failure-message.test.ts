import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../support/scenario.ts';
import { run } from '../support/scenario.ts';

const START = '2026-01-05T09:00:00Z';

function messages(mapping: ScenarioPart, faults: ScenarioPart[]) {
  return run({
    start: START,
    duration: '90s',
    functions: { f: { duration: '0ms', faults } },
    mappings: { m: { DestinationConfig: { OnFailure: { Destination: 'dlq' } }, ...mapping } },
    producers: { p: { records: [{ at: '500ms' }, { at: '700ms', count: 2 }] } },
  }).m.destination;
}

describe('a failure message', () => {
  it("is AWS's JSON, its keys in AWS's order (E8)", () => {
    const [message, ...others] = messages({ MaximumRetryAttempts: 1 }, [{ from: '0s' }]);
    expect(others).toEqual([]);
    const { requestContext, KinesisBatchInfo: batch, ...rest } = message as never as Record<string, ScenarioPart>;
    expect(Object.keys(message!)).toEqual([
      'requestContext',
      'responseContext',
      'version',
      'timestamp',
      'KinesisBatchInfo',
    ]);
    expect(JSON.stringify(requestContext)).toMatch(
      /^\{"requestId":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:f","condition":"RetryAttemptsExhausted","approximateInvokeCount":2\}$/,
    );
    expect(JSON.stringify(rest)).toBe(
      '{"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"version":"1.0","timestamp":"2026-01-05T09:00:01.250Z"}',
    );
    expect(JSON.stringify(batch)).toMatch(
      /^\{"shardId":"shardId-000000000000","startSequenceNumber":"\d{56}","endSequenceNumber":"\d{56}","approximateArrivalOfFirstRecord":"2026-01-05T09:00:00.500Z","approximateArrivalOfLastRecord":"2026-01-05T09:00:00.700Z","batchSize":3,"streamArn":"arn:aws:kinesis:us-east-1:123456789012:stream\/s"\}$/,
    );
    expect(batch!.startSequenceNumber).not.toBe(batch!.endSequenceNumber);
  });

  it('of a failure that a response names has functionError null (E8, E5)', () => {
    const found = messages({ MaximumRetryAttempts: 0, FunctionResponseTypes: ['ReportBatchItemFailures'] }, [
      { poison: { stream: 's', shard: 0, record: 0 }, fail: 'record' },
    ]);
    expect(found).toMatchObject([{ responseContext: { statusCode: 200, functionError: null } }]);
  });

  it('of records that are too old has no responseContext, and counts at least one invocation (E8, E2)', () => {
    const found = run({
      duration: '90s',
      mappings: {
        m: {
          Enabled: false,
          MaximumRecordAgeInSeconds: 60,
          DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:123456789012:dlq' } },
        },
      },
      producers: { p: { records: [{ at: '500ms' }] } },
      timeline: [{ at: '70s', enable: 'm' }],
    }).m.destination;
    expect(found).toMatchObject([
      {
        requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 1 },
        timestamp: '1970-01-01T00:01:10.000Z',
      },
    ]);
    expect(found[0]).not.toHaveProperty('responseContext');
  });
});

it('the mapping answers with its failure settings (A1)', () => {
  const { m } = run({
    mappings: {
      m: {
        MaximumRecordAgeInSeconds: 120,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: 'dlq' } },
      },
    },
    producers: { p: { rate: '1/s' } },
  });
  expect(m.configuration).toMatchObject({
    MaximumRecordAgeInSeconds: 120,
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:123456789012:dlq' } },
  });
});
