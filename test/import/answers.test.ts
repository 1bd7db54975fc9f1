import { describe, expect, test } from 'vitest';
import { importScenario } from '../../src/import/import-scenario.ts';
import { imported, mappingAnswer, metrics, refusal, template } from './importing.ts';

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
          Architectures: ['arm64'],
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
      ...{ MemorySize: 1_769, Timeout: 60, ReservedConcurrentExecutions: 8, Architectures: ['arm64'] },
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

const TEMPLATE = { 't.yaml': template() };

describe('CloudWatch metrics', () => {
  test('become a trace of the file itself, and the mean size of its records', () => {
    const file = metrics({ IncomingRecords: [300, 0, 900], IncomingBytes: [150_000, 0, 900_000] });
    const { producers, scenario, text, warnings } = imported({ ...TEMPLATE, 'm.json': file });
    expect(producers.Orders).toMatchObject({ trace: { file: 'm.json', metric: 'IncomingRecords' }, bytes: '875B' });
    expect(scenario).toMatchObject({ duration: 900_000_000, start: Date.parse('2026-11-27T11:00:00Z') * 1_000 });
    expect(scenario.producers[0]!.source).toMatchObject({ counts: [300, 0, 900], period: 300_000_000 });
    expect(text).toContain('# 3 periods of 5m: m.json:3');
    expect(warnings.filter((warning) => /traffic|large/.test(warning))).toEqual([]);
  });

  test('may be an answer of get-metric-statistics, in any order', () => {
    const points = (Sum: number, Unit: string) => ({
      Label: Unit === 'Count' ? 'IncomingRecords' : 'IncomingBytes',
      Datapoints: [
        { Timestamp: '2026-11-27T11:01:00Z', Sum: 2 * Sum, Unit },
        { Timestamp: '2026-11-27T11:00:00Z', Sum, Unit },
      ],
    });
    const files = { 'r.json': points(60, 'Count'), 'b.json': points(6_000, 'Bytes') };
    const { producers, scenario } = imported({ ...TEMPLATE, ...files });
    expect(producers.Orders).toMatchObject({ trace: { file: 'r.json' }, bytes: '100B' });
    expect(scenario.producers[0]!.source).toMatchObject({ counts: [60, 120] });
  });

  test('of two streams go by their labels, or by whoever says whose they are', () => {
    const more = `  Clicks: { Type: AWS::Kinesis::Stream, Properties: { ShardCount: 1, Name: clicks } }
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties: { EventSourceArn: !GetAtt Clicks.Arn, FunctionName: !Ref Enrich, StartingPosition: LATEST }`;
    const two = { 't.yaml': template({ more, stream: 'ShardCount: 1, Name: orders' }) };
    const file = metrics({ 'orders IncomingRecords': [1, 2], 'clicks IncomingRecords': [3, 4] });
    const { producers } = imported({ ...two, 'm.json': file });
    expect(producers.clicks!.trace).toMatchObject({ metric: 'clicks IncomingRecords' });
    expect(producers.orders!.trace).toMatchObject({ metric: 'orders IncomingRecords' });
    expect(refusal({ ...two, 'm.json': metrics({ IncomingRecords: [5, 6] }) })).toEqual([
      'm.json:3:5 which stream is this of? The file does not say, and there are orders, clicks; write NAME=m.json',
    ]);
    const said = imported({ ...two, 'clicks=m.json': metrics({ IncomingRecords: [5, 6] }) });
    expect(said.producers).toMatchObject({ clicks: { trace: { file: 'm.json' } }, orders: { rate: '100/s' } });
  });

  test('of which the label names the statistic are of that, and not of a stream of that name', () => {
    const one = { 't.yaml': template({ stream: 'ShardCount: 1, Name: orders' }) };
    const sums = imported({ ...one, 'm.json': metrics({ 'IncomingRecords Sum': [60, 120] }) });
    expect(sums.scenario.producers[0]!.source).toMatchObject({ counts: [60, 120] });
    const means = metrics({ 'orders IncomingRecords Average': [1, 2] });
    const message = 'orders IncomingRecords Average: it is said to be of the statistic Average; expected Sum';
    expect(refusal({ ...one, 'm.json': means })).toEqual([
      `m.json:3:5 ${message}, and the file holds nothing else to import`,
    ]);
  });

  test('that begin later, or are in parts, go to a file of their own in their time', () => {
    const more = `  Clicks: { Type: AWS::Kinesis::Stream, Properties: { ShardCount: 1 } }
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties: { EventSourceArn: !GetAtt Clicks.Arn, FunctionName: !Ref Enrich, StartingPosition: LATEST }`;
    const files = {
      't.yaml': template({ more }),
      'Orders=o.json': metrics({ IncomingRecords: [10, 20, 30] }),
      'Clicks=c.json': metrics({ IncomingRecords: [1, 2] }, '2026-11-27T11:10:00Z'),
    };
    const { dataFiles, scenario } = imported(files, { dataPrefix: 'peak' });
    expect(dataFiles).toEqual({
      'peak.Clicks.traffic.csv': 'timestamp,value\n1795777200,0\n1795777800,1\n1795778100,2\n',
    });
    expect(scenario.producers[1]!.source).toMatchObject({
      starts: [0, 600e6, 900e6],
      counts: [0, 1, 2],
      period: 300e6,
    });
    expect(scenario.duration).toBe(1_200e6);
    expect(imported(files).warnings).toContainEqual(
      expect.stringContaining('its first period is 10m after that of another stream, but here both begin at once'),
    );
    const parts = {
      ...TEMPLATE,
      'a.json': metrics({ IncomingRecords: [1, 2] }),
      'b.json': metrics({ IncomingRecords: [3] }, '2026-11-27T11:10:00Z'),
    };
    expect(imported(parts, { dataPrefix: 'p' }).scenario.producers[0]!.source).toMatchObject({ counts: [1, 2, 3] });
    expect(refusal(parts)[0]).toMatch(/^a\.json:3:5 a scenario cannot read this traffic .* with -o/);
  });

  test('of single shards add up to their stream, with the bytes', () => {
    const file = metrics({
      'orders shardId-000000000000 IncomingRecords': [600, 600],
      'orders/shardId-000000000001 IncomingRecords': [60],
      'orders shardId-000000000000 IncomingBytes': [6_000, 6_000],
      'orders shardId-000000000001 IncomingBytes': [7_200],
    });
    const { dataFiles, producers, streams, text } = imported({ 'm.json': file }, { dataPrefix: 'p' });
    expect(Object.keys(streams)).toEqual(['orders']);
    expect(Object.values(dataFiles)).toEqual(['timestamp,value\n1795777200,660\n1795777500,600\n']);
    expect(producers.orders).toMatchObject({ bytes: `${Math.round(19_200 / 1_260)}B` });
    expect(text).toContain('# 2 periods of 5m, the sum of 2 shards: line 3, line 16');
    expect(refusal({ 'm.json': file })[0]).toMatch(/^m\.json:3:5 a scenario cannot read this traffic .* with -o/);
  });

  test('of one shard are no stream of its name', () => {
    const label = 'shardId-000000000000 IncomingRecords';
    const { producers } = imported({ 'm.json': metrics({ [label]: [600, 600] }) });
    expect(producers).toMatchObject({ stream: { trace: { file: 'm.json', metric: label } } });
  });

  test('of single shards are left out, and said, where their stream has its own', () => {
    const shard = 'orders shardId-000000000000 IncomingRecords';
    const file = metrics({ [shard]: [500, 500], 'orders IncomingRecords': [600, 660] });
    const { producers, scenario, warnings } = imported({ 'm.json': file });
    expect(producers.orders!.trace).toMatchObject({ metric: 'orders IncomingRecords' });
    expect(scenario.producers[0]!.source).toMatchObject({ counts: [600, 660] });
    expect(warnings).toContain(
      'm.json:3:5 IncomingRecords of shardId-000000000000 is left out: that of the whole stream, in line 16, holds it',
    );
  });

  test('that say two things of one period are refused in one file; of two files the last counts, which is said', () => {
    const [sum] = metrics({ IncomingRecords: [500, 600] }).MetricDataResults;
    const twice = { MetricDataResults: [sum, { ...sum, Id: 'mean', Values: [1.2, 1.5] }] };
    expect(refusal({ 'm.json': twice }, { dataPrefix: 'p' })).toEqual([
      'm.json:16:5 IncomingRecords is 1.2 here and 500 in line 3 at 2026-11-27T11:00:00Z, the first of 2 periods that differ; expected one series of it, the Sum',
    ]);
    const files = {
      'a.json': metrics({ IncomingRecords: [500, 20] }),
      'b.json': metrics({ IncomingRecords: [600, 300] }, '2026-11-27T11:05:00Z'),
    };
    const { scenario, warnings } = imported(files, { dataPrefix: 'p' });
    expect(scenario.producers[0]!.source).toMatchObject({ counts: [500, 600, 300] });
    expect(warnings).toContain(
      'b.json:3:5 IncomingRecords is 600 here and 20 in a.json:3 at 2026-11-27T11:05:00Z; taken: 600',
    );
    const same = { ...files, 'a.json': metrics({ IncomingRecords: [500, 600] }) };
    expect(imported(same, { dataPrefix: 'p' }).warnings.join('\n')).not.toContain('taken');
  });

  test('that are a part only are refused, as CloudWatch says that they are', () => {
    const whole = metrics({ IncomingRecords: [1, 2], CPUUtilization: [3, 4] });
    const [records, other] = whole.MetricDataResults;
    const ask = 'this is a part of the answer only; ask for the whole of it';
    const answer = (first: object, more: object = {}) => ({
      'm.json': { MetricDataResults: [{ ...records, ...first }, other], ...more },
    });
    expect(refusal(answer({ StatusCode: 'PartialData' }))).toEqual([`m.json:10:21 PartialData: ${ask}`]);
    const Messages = [{ Code: 'MaxMetricsExceeded', Value: 'too many' }];
    expect(refusal(answer({}, { Messages }))).toEqual([`m.json:31:5 MaxMetricsExceeded: too many: ${ask}`]);
    expect(refusal(answer({ Messages }))).toEqual([`m.json:16:9 MaxMetricsExceeded: too many: ${ask}`]);
    expect(refusal(answer({}, { NextToken: 'abc' }))).toEqual([`m.json:30:16 NextToken: ${ask}`]);
    // What is not read may be in part.
    const rest = { MetricDataResults: [records, { ...other, StatusCode: 'PartialData' }], Messages: [] };
    expect(imported({ 'm.json': rest }).scenario.producers[0]!.source).toMatchObject({ counts: [1, 2] });
  });

  test('that no scenario can read are refused where they are wrong', () => {
    const [result] = metrics({ IncomingRecords: [1, 2] }).MetricDataResults;
    const uneven = { MetricDataResults: [{ ...result, Values: [1, 2, 3] }] };
    expect(refusal({ 'm.json': uneven })).toEqual(['m.json:3:5 expected as many Timestamps as Values, at least one']);
    const unitless = { Label: 'IncomingRecords', Datapoints: [{ Timestamp: '2026-01-05T09:00:00Z', Sum: 100 }] };
    expect(refusal({ ...TEMPLATE, 'm.json': unitless })).toEqual([
      'm.json:4:5 IncomingRecords (Sum, in no unit) does not count records; expected a Sum, in Count',
    ]);
    const file = { name: '/far/m.json', text: JSON.stringify(uneven), reference: '../far/m.json' };
    const far = importScenario([file]);
    expect(far.ok ? [] : far.issues.map((issue) => [issue.file, issue.column])).toEqual([['/far/m.json', 23]]);
  });

  test.each([
    [
      'a metric that is no traffic',
      metrics({ CPUUtilization: [3] }),
      /m\.json:3:5 CPUUtilization: no traffic of a stream/,
    ],
    ['bytes without records', metrics({ IncomingBytes: [3] }), /m\.json:3:5 IncomingBytes alone say nothing/],
    [
      'a maximum',
      { Label: 'IncomingRecords', Datapoints: [{ Timestamp: '2026-01-01', Maximum: 3 }] },
      /m\.json:4:5 IncomingRecords \(Maximum\): no traffic/,
    ],
    ['a count below 0', metrics({ IncomingRecords: [-3] }), /m\.json:7:9 expected a number from 0 up/],
    ['no metric', { MetricDataResults: [] }, /m\.json:2:3 no metric in it/],
  ])('are refused where they are %s', (_, file, message) => {
    expect(refusal({ ...TEMPLATE, 'm.json': file })[0]).toMatch(message);
  });
});

const REPORT = (duration: string, rest = '') =>
  `REPORT RequestId: db275f87-a934-471a-8980-b63bf4dc1beb\tDuration: ${duration} ms\tBilled Duration: 100 ms\tMemory Size: 256 MB\tMax Memory Used: 48 MB\t${rest}`;
const COLD = REPORT('12.5', 'Init Duration: 120.96 ms\t');
const LINES = [COLD, REPORT('30'), REPORT('20', 'Status: error\tError Type: Runtime.ExitError')];
const GROUP = '/aws/lambda/Enrich';

describe('REPORT lines', () => {
  test.each<[string, string | object]>([
    ['plain text', LINES.join('\n')],
    [
      'aws logs tail',
      LINES.map((line) => `2026-11-27T12:30:00.307000+00:00 2026/11/27/[$LATEST]b8dc ${line}`).join('\n'),
    ],
    [
      'filter-log-events',
      { events: LINES.map((message) => ({ logStreamName: 'x', timestamp: 1, message: `${message}\n` })) },
    ],
    ['a payload of a subscription', { logGroup: GROUP, logEvents: LINES.map((message) => ({ id: '1', message })) }],
    [
      'one escaped twice',
      { logGroup: GROUP, logEvents: LINES.map((message) => ({ message: JSON.stringify(message) })) },
    ],
    ['get-query-results', { results: LINES.map((value) => [{ field: '@message', value }]) }],
    ['an export in CSV', `timestamp,message\n${LINES.map((line) => `1,"${line}\n"`).join('\n')}`],
    [
      "Lambda's JSON",
      [12.5, 30, 20]
        .map((durationMs) => ({
          time: '2026-11-27T12:30:00.307Z',
          type: 'platform.report',
          record: {
            requestId: 'x',
            metrics: {
              durationMs,
              billedDurationMs: 100,
              memorySizeMB: 256,
              ...(durationMs === 12.5 ? { initDurationMs: 120.96 } : {}),
            },
            status: durationMs === 20 ? 'error' : 'success',
          },
        }))
        .map((line) => JSON.stringify(line))
        .join('\n'),
    ],
  ])('say how long a function runs, in %s', (_, file) => {
    const { dataFiles, functions, text } = imported({ ...TEMPLATE, 'r.log': file }, { dataPrefix: 'peak' });
    expect(dataFiles).toEqual({ 'peak.Enrich.durations.csv': 'milliseconds\n12.5\n20\n30\n' });
    expect(functions.Enrich).toMatchObject({
      ...{ duration: { empirical: 'peak.Enrich.durations.csv' }, coldStart: '120.96ms', MemorySize: 256 },
    });
    expect(text).toContain('# 1 of 3 invocations ended in an error; with these as many fail:');
    expect(text).toContain('# faults: [ { probability: 33.33% } ]');
  });

  test('become a law through their quantiles where no file can be made', () => {
    const { functions } = imported({ ...TEMPLATE, 'r.log': LINES.join('\n') });
    expect(functions.Enrich!.duration).toEqual({ lognormal: { median: '20ms', p99: '30ms' } });
  });

  test('may be the rows of a query of Insights', () => {
    const row = (fields: object) => Object.entries(fields).map(([field, value]) => ({ field: `@${field}`, value }));
    const results = [
      row({
        duration: '12.5',
        initDuration: '120.96',
        memorySize: '256000000',
        log: '1111:/aws/lambda/Enrich',
        ptr: 'x',
      }),
      row({ duration: '30', memorySize: '256000000', log: '1111:/aws/lambda/Enrich' }),
    ];
    const { dataFiles, functions } = imported({ ...TEMPLATE, 'q.json': { results } }, { dataPrefix: 'peak' });
    expect(Object.values(dataFiles)).toEqual(['milliseconds\n12.5\n30\n']);
    expect(functions.Enrich).toMatchObject({ coldStart: '120.96ms', MemorySize: 256 });
  });

  test('of several functions go by their log group', () => {
    const lines = [1, 2].map((i) =>
      JSON.stringify({ logGroup: `/aws/lambda/f${i}`, logEvents: [{ message: REPORT(`${i}`) }] }),
    );
    const { functions, mappings, warnings } = imported({ 'r.ndjson': lines.join('\n') });
    expect(functions).toMatchObject({ f1: { duration: '1ms' }, f2: { duration: '2ms' } });
    expect(Object.keys(mappings)).toEqual(['stream-to-f1', 'stream-to-f2']);
    expect(warnings.filter((warning) => warning.includes('no file has an event source mapping'))).toHaveLength(2);
  });

  test('of a function that ran into its timeout say how long that is', () => {
    const lines = `${REPORT('3003.16')}\n2020-06-09T15:02:26.150Z 7c9567b5 Task timed out after 5.00 seconds\n`;
    expect(imported({ 'r.log': lines }).functions.function).toMatchObject({ Timeout: 5 });
  });

  test.each([
    ['3.00', 3],
    ['3.01', 3],
    ['3.10', 3],
    ['900.10', 900],
    ['0.99', 1],
  ])('that timed out after %s seconds mean a Timeout of %d, and do so in a run', (measured, Timeout) => {
    const late = `${REPORT(`${Number(measured) * 1_000 + 0.16}`)}\n1 7c95 Task timed out after ${measured} seconds`;
    const { functions, text } = imported({ 'r.log': `${REPORT('20')}\n${late}\n` });
    expect(functions.function).toMatchObject({ Timeout });
    expect(text).not.toContain('ended in an error');
  });

  test.each([
    ['one line', 0],
    ['several lines', 2],
  ])('that are JSON objects, each of %s, are read without what stands around them', (_, indent) => {
    const report = (durationMs: number, more: object = {}) => ({
      type: 'platform.report',
      record: { requestId: 'x {"', metrics: { durationMs, memorySizeMB: 256, ...more }, status: 'success' },
    });
    const other = { level: 'WARN', message: { initDurationMs: 999, memorySizeMB: 1, status: 'error' } };
    const events = [report(30), other, report(40, { initDurationMs: 120 }), other];
    const lines = events.map((event) => JSON.stringify(event, null, indent)).join('\n');
    const { functions, text } = imported({ 'r.log': lines });
    expect(functions.function).toMatchObject({ MemorySize: 256, coldStart: '120ms' });
    expect(text).not.toContain('ended in an error');
    const cut = JSON.stringify(report(50)).replace(/\}\}$/, '');
    const sorted = JSON.stringify(Object.fromEntries(Object.entries(report(60)).reverse()));
    const more = imported(
      { 'r.log': [cut, JSON.stringify(other), sorted, JSON.stringify(other)].join('\n') },
      { dataPrefix: 'p' },
    );
    expect(Object.values(more.dataFiles)).toEqual(['milliseconds\n50\n60\n']);
    expect(more.text).not.toContain('ended in an error');
  });
});
