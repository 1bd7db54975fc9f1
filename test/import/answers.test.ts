import { describe, expect, test } from 'vitest';
import { imported, mappingAnswer, refusal, template } from './importing.ts';

describe("AWS's answers", () => {
  test('win over the template, and both are shown', () => {
    const t = template({ event: 'BatchSize: 50\n            MaximumRetryAttempts: 2' });
    const answer = mappingAnswer({
      BatchSize: 500,
      MaximumRetryAttempts: 2,
      ParallelizationFactor: 4,
      State: 'Disabled',
    });
    const { mappings, warnings, scenario } = imported({ 't.yaml': t, 'm.json': answer });
    // CloudFormation's own names are those of the template's things.
    expect(mappings['Orders-to-Enrich']).toMatchObject({
      ...{ BatchSize: 500, MaximumRetryAttempts: 2, ParallelizationFactor: 4, Enabled: false },
    });
    expect(Object.keys(mappings)).toHaveLength(1);
    expect(warnings.filter((warning) => warning.includes('taken:'))).toEqual([
      'm.json:3:16 BatchSize is 500 here and 50 in t.yaml:17; taken: 500',
      'm.json:6:12 Enabled is false here and true the default of the template, which leaves it out; taken: false',
      'm.json:9:28 ParallelizationFactor is 4 here and 1 the default of the template, which leaves it out; taken: 4',
    ]);
    expect(scenario.account).toMatchObject({ id: '111122223333', region: 'eu-west-1' });
  });

  test('say by what they leave out that there is none', () => {
    const event = 'FilterCriteria: { Filters: [{ Pattern: \'{"partitionKey":["a"]}\' }] }';
    const { mappings, warnings } = imported({ 't.yaml': template({ event }), 'm.json': mappingAnswer() });
    expect(mappings['Orders-to-Enrich']).toMatchObject({ FilterCriteria: { Filters: [] } });
    expect(warnings).toContainEqual(expect.stringContaining('FilterCriteria is {} here and {"Filters":['));
    const partial = mappingAnswer({ MaximumRetryAttempts: undefined });
    expect(imported({ 't.yaml': template({ event }), 'm.json': partial }).mappings['Orders-to-Enrich']).toMatchObject({
      FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["a"]}' }] },
    });
  });

  test('name the stream that a template could not', () => {
    const t = template({ event: 'BatchSize: 50' }).replace('!GetAtt Orders.Arn', '!ImportValue core-stream-arn');
    const other = { EventSourceArn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/core' };
    for (const [answer, name] of [
      [mappingAnswer(), 'Orders'],
      [mappingAnswer(other), 'core'],
    ] as const) {
      const { mappings, warnings } = imported({ 't.yaml': t, 'm.json': answer });
      expect(Object.keys(mappings)).toEqual([`${name}-to-Enrich`]);
      expect(warnings).toContainEqual(expect.stringContaining('BatchSize is 100 here and 50 in t.yaml:17'));
      expect(warnings.filter((warning) => warning.includes('is not known'))).toEqual([]);
    }
  });

  test('of a list are all taken, with the functions and streams that others describe', () => {
    const second = { EventSourceArn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/clicks/consumer/fast:1690000000' };
    const list = { EventSourceMappings: [mappingAnswer(), mappingAnswer({ ...second, State: 'Creating' })] };
    const { streams, functions, mappings } = imported({
      'list.json': list,
      'summary.json': {
        StreamDescriptionSummary: {
          StreamName: 'clicks',
          StreamARN: 'arn:aws:kinesis:eu-west-1:111122223333:stream/clicks',
          RetentionPeriodHours: 168,
          StreamModeDetails: { StreamMode: 'ON_DEMAND' },
          OpenShardCount: 6,
          ConsumerCount: 1,
        },
      },
      'app-Orders-1A2B3C4D5E6F=shards.json': {
        Shards: [
          shard(0, '0', '340282366920938463463374607431768211455', true),
          shard(1, '0', '99'),
          shard(2, '100', '340282366920938463463374607431768211455'),
        ],
      },
      'function.json': {
        Configuration: {
          FunctionName: 'app-Enrich-9Z8Y7X6W5V4U',
          FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:app-Enrich-9Z8Y7X6W5V4U',
          MemorySize: 1_769,
          Timeout: 60,
        },
        Concurrency: { ReservedConcurrentExecutions: 8 },
      },
    });
    expect(streams.clicks).toMatchObject({
      ...{ ShardCount: 6, StreamMode: 'ON_DEMAND', RetentionPeriodHours: 168, consumers: ['fast'] },
    });
    expect(streams['app-Orders-1A2B3C4D5E6F']!.shards).toEqual([
      { StartingHashKey: '0', EndingHashKey: '99' },
      { StartingHashKey: '100', EndingHashKey: '340282366920938463463374607431768211455' },
    ]);
    expect(functions['app-Enrich-9Z8Y7X6W5V4U']).toMatchObject({
      ...{ MemorySize: 1_769, Timeout: 60, ReservedConcurrentExecutions: 8 },
    });
    expect(Object.values(mappings).map(({ stream, consumer }) => stream ?? consumer)).toEqual([
      'app-Orders-1A2B3C4D5E6F',
      'clicks/fast',
    ]);
  });

  test('may stand in a recording of an SDK, or one to a line', () => {
    const recorded = { status_code: 200, data: { EventSourceMappings: [mappingAnswer({ BatchSize: 7 })] } };
    const { mappings } = imported({ 'placebo.json': recorded });
    expect(Object.values(mappings)[0]).toMatchObject({ BatchSize: 7 });
    const lines = [mappingAnswer(), mappingAnswer({ BatchSize: 9 })].map((line) => JSON.stringify(line));
    const twice = imported({ 'two.ndjson': lines.join('\n') });
    expect(twice.warnings).toContainEqual(
      expect.stringMatching(/^two\.ndjson:2:\d+ BatchSize is 9 here and 100 in line 1;/),
    );
  });

  test('that are a part, or hide their names, are refused', () => {
    const part = { EventSourceMappings: [mappingAnswer()], NextMarker: 'abc' };
    expect(refusal({ 'part.json': part })).toEqual([
      'part.json:13:17 NextMarker: this is a part of the answer only; ask for the whole of it',
    ]);
    const hidden = mappingAnswer({ EventSourceArn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/<name>' });
    expect(refusal({ 'm.json': hidden })[0]).toMatch(/^m\.json:4:21 <name> hides a name/);
    const queue = mappingAnswer({ EventSourceArn: 'arn:aws:sqs:eu-west-1:111122223333:queue' });
    expect(refusal({ 't.yaml': template(), 'm.json': queue })).toEqual([
      'm.json:4:21 it reads from sqs, not from a Kinesis stream: left out, and the file holds nothing else to import',
    ]);
  });
});

function shard(index: number, StartingHashKey: string, EndingHashKey: string, isClosed = false) {
  const end = isClosed ? { EndingSequenceNumber: '2' } : {};
  return {
    ShardId: `shardId-00000000000${index}`,
    HashKeyRange: { StartingHashKey, EndingHashKey },
    SequenceNumberRange: { StartingSequenceNumber: '1', ...end },
  };
}
