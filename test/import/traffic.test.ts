import { describe, expect, test } from 'vitest';
import { imported, metrics, refusal, template } from './importing.ts';

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
    expect(text).toContain('1 of the 3 invocations ended in an error or a timeout: faults: [{ probability: 33% }]');
  });

  test('become a law through their quantiles where no file can be made', () => {
    const { functions } = imported({ ...TEMPLATE, 'r.log': LINES.join('\n') });
    expect(functions.Enrich!.duration).toEqual({ lognormal: { median: '20ms', p99: '30ms' } });
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
});
