import { describe, expect, it } from 'vitest';
import { NEVER } from '../../src/kernel/time.ts';
import { formatIssue } from '../../src/scenario/issue.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { messages, read, SMALL, valid, withFunction, withMapping, withProducer } from './reading.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('the smallest file', () => {
  it('is filled with defaults, its units gone', () => {
    const { source, ...scenario } = valid(SMALL);
    const open = { opensAt: 0, closesAt: NEVER, parents: [] };
    expect(source.files).toEqual({});
    expect(scenario).toEqual({
      name: 'small',
      description: null,
      seed: '0',
      start: 0,
      duration: HOUR,
      drain: 0,
      warmup: 0,
      polling: { period: SECOND, phase: { kind: 'spread' }, pacing: 'grid', continueAfter: 'fullBatch' },
      account: { concurrentExecutions: 1_000, id: '123456789012', region: 'us-east-1' },
      period: MINUTE,
      stallAfter: 10 * SECOND,
      streams: [
        {
          name: 'orders',
          shards: [
            { startingHashKey: 0n, endingHashKey: 2n ** 127n - 1n, ...open },
            { startingHashKey: 2n ** 127n, endingHashKey: 2n ** 128n - 1n, ...open },
          ],
          mode: 'PROVISIONED',
          capacity: null,
          consumers: [],
          retention: 24 * HOUR,
          maximumRecordSize: 1_048_576,
          otherReaders: [],
          writeLimits: true,
          readLimits: true,
        },
      ],
      producers: [
        {
          name: 'checkout',
          stream: 'orders',
          source: { kind: 'phases', phases: [{ name: null, duration: HOUR, rate: 10, rampTo: 10 }] },
          arrivals: 'poisson',
          bytes: { kind: 'constant', value: 1_024 },
          data: null,
          keys: { kind: 'fresh' },
          onThrottle: 'retry',
        },
      ],
      functions: [
        {
          name: 'enrich',
          memorySize: 128,
          timeout: 3 * SECOND,
          reservedConcurrentExecutions: null,
          role: null,
          provisionedConcurrentExecutions: 0,
          duration: {
            base: { kind: 'constant', value: 100_000 },
            perRecord: { kind: 'constant', value: 0 },
            perKB: { kind: 'constant', value: 0 },
            memoryFactor: 1,
            saturation: null,
          },
          architecture: 'x86_64',
          coldStart: { kind: 'constant', value: 0 },
          idleTimeout: 10 * MINUTE,
          faults: [],
          handler: null,
        },
      ],
      mappings: [
        {
          name: 'm',
          isCreatedLater: false,
          stream: 'orders',
          consumer: null,
          function: 'enrich',
          startingPosition: { kind: 'TRIM_HORIZON' },
          enabled: true,
          batchSize: 100,
          parallelizationFactor: 1,
          mostLanes: 1,
          batchingWindow: 0,
          tumblingWindow: 0,
          maximumRetryAttempts: -1,
          maximumRecordAge: null,
          bisectBatchOnFunctionError: false,
          reportBatchItemFailures: false,
          onFailureDestination: null,
          retryBackoff: { initial: 250_000, factor: 2, maximum: MINUTE, jitter: 0 },
          throttleBackoff: { initial: 250_000, factor: 2, maximum: MINUTE, jitter: 0 },
          filters: [],
          fetchLimit: 'records',
          iteratorAge: 'atFinish',
          transitions: 0,
        },
      ],
      timeline: [],
      thresholds: [],
    });
  });

  it('says the same as JSON, with tabs or in one line, with a byte order mark, with other line ends', () => {
    const { source: _, ...expected } = valid(SMALL);
    const { resolved } = valid(SMALL).source;
    const texts = [
      JSON.stringify(resolved),
      JSON.stringify(resolved, null, '\t'),
      `\ufeff${SMALL}`,
      SMALL.replaceAll('\n', '\r\n'),
      `# a comment\n--- \n${SMALL}...\n`,
      JSON.stringify({ $schema: './scenario.schema.json', ...resolved }),
    ];
    for (const text of texts) {
      const { source, ...scenario } = valid(text);
      expect(scenario).toEqual(expected);
      expect(source).toEqual(valid(SMALL).source);
    }
  });
});

describe('the seed', () => {
  it('is the same as a number and as text, and the option wins over --set over the file', () => {
    expect(valid(`${SMALL}seed: 42\n`).seed).toBe('42');
    expect(valid(`${SMALL}seed: '42'\n`).source.sha256).toBe(valid(`${SMALL}seed: 42\n`).source.sha256);
    expect(valid(`${SMALL}seed: 42\n`, { set: ['seed=43'] }).seed).toBe('43');
    expect(valid(`${SMALL}seed: 42\n`, { set: ['seed=43'], seed: 'x' }).seed).toBe('x');
    expect(valid(`${SMALL}seed: 1e3\n`).seed).toBe('1000');
  });

  it('is never a number that is rounded', () => {
    const [large, next] = ['12345678901234567890', '12345678901234567891'];
    expect(valid(`${SMALL}seed: '${large}'\n`).seed).toBe(large);
    expect(valid(SMALL, { set: [`seed='${next}'`] }).seed).toBe(next);
    expect(messages(SMALL, { set: [`seed=${next}`] })).toEqual([
      expect.stringMatching(/^--set:1:1: error: seed: .* quotes/),
    ]);
  });
});

describe('a stream', () => {
  it('shares the hash-key space evenly: shard i has [⌊i·2^128/n⌋, ⌊(i+1)·2^128/n⌋ − 1] (K1)', () => {
    const { shards } = valid(SMALL.replace('ShardCount: 2', 'ShardCount: 3')).streams[0]!;
    expect(shards.map(({ startingHashKey }) => startingHashKey)).toEqual([
      0n,
      113427455640312821154458202477256070485n,
      226854911280625642308916404954512140970n,
    ]);
    expect(shards.map(({ endingHashKey }) => endingHashKey)).toEqual([
      113427455640312821154458202477256070484n,
      226854911280625642308916404954512140969n,
      340282366920938463463374607431768211455n,
    ]);
  });

  it('may give the range of each shard', () => {
    const ranges = `{ StartingHashKey: '0', EndingHashKey: '9' }, { StartingHashKey: '10', EndingHashKey: '${2n ** 128n - 1n}' }`;
    const { shards } = valid(SMALL.replace('ShardCount: 2', `shards: [${ranges}]`)).streams[0]!;
    expect(shards).toMatchObject([
      { startingHashKey: 0n, endingHashKey: 9n },
      { startingHashKey: 10n, endingHashKey: 2n ** 128n - 1n },
    ]);
  });

  it('has retention, record size, limits and other readers', () => {
    const settings =
      'ShardCount: 2, RetentionPeriodHours: 48, MaxRecordSizeInKiB: 2048, writeLimits: off, readLimits: false, otherReaders: [{ calls: 1/s, bytes: 200KB/s }, { calls: 30/m }]';
    expect(valid(SMALL.replace('ShardCount: 2', settings)).streams[0]).toMatchObject({
      retention: 48 * HOUR,
      maximumRecordSize: 2_097_152,
      writeLimits: false,
      readLimits: false,
      otherReaders: [
        { callsPerSecond: 1, bytesPerSecond: 204_800 },
        { callsPerSecond: 0.5, bytesPerSecond: 0 },
      ],
    });
  });
});

describe('a producer', () => {
  const producer = (text: string) => valid(withProducer(text)).producers[0]!;

  it('may have phases and ramps', () => {
    expect(
      producer('phases: [{ duration: 30m, rate: 200/s }, { duration: 15m, rate: 600/m, rampTo: 4000/s, name: ramp }]')
        .source,
    ).toEqual({
      kind: 'phases',
      phases: [
        { name: null, duration: 30 * MINUTE, rate: 200, rampTo: 200 },
        { name: 'ramp', duration: 15 * MINUTE, rate: 10, rampTo: 4_000 },
      ],
    });
  });

  it('may write its records out, in any order, ties as written', () => {
    expect(
      producer('records: [{ at: 2s, count: 2 }, { at: 100ms, key: a, bytes: 1KB }, { at: 100ms, shard: 1, bytes: 2B }]')
        .source,
    ).toEqual({
      kind: 'listed',
      records: {
        times: [100_000, 100_000, 2 * SECOND, 2 * SECOND],
        keys: ['a', null, null, null],
        bytes: [1_024, 2, null, null],
        shards: [null, 1, null, null],
        data: null,
      },
    });
    expect(producer('records: [{ at: 5s }]').source).toMatchObject({
      records: { times: [5 * SECOND], keys: null, bytes: null, shards: null },
    });
    expect(producer('records: []').source).toMatchObject({ records: { times: [] } });
  });

  it.each([
    ['{ count: 10000 }', { kind: 'uniform', count: 10_000 }],
    ['{ zipf: { count: 100, exponent: 1.1 } }', { kind: 'zipf', count: 100, exponent: 1.1 }],
    ['{ hot: { key: a, share: 30% }, count: 1000 }', { kind: 'hot', key: 'a', share: 0.3, count: 1_000 }],
    ['{ list: [a, b, c] }', { kind: 'list', keys: ['a', 'b', 'c'] }],
  ])('may have keys %s', (keys, law) => {
    expect(producer(`rate: 1/s, keys: ${keys}`).keys).toEqual(law);
  });

  it.each([
    ['2KB', { kind: 'constant', value: 2_048 }],
    ['{ uniform: { min: 1B, max: 1KB } }', { kind: 'uniform', min: 1, max: 1_024 }],
    ['{ exponential: { mean: 1KB } }', { kind: 'exponential', mean: 1_024 }],
    ['{ lognormal: { median: 1KB, p99: 64KB } }', { kind: 'lognormal', median: 1_024, p99: 65_536 }],
    ['{ weibull: { shape: 0.5, scale: 1KB } }', { kind: 'weibull', shape: 0.5, scale: 1_024 }],
  ])('may have bytes %s', (bytes, law) => {
    expect(producer(`rate: 1/s, bytes: ${bytes}`).bytes).toEqual(law);
  });

  it('warns of faults that cannot strike', () => {
    const faults = '[{ from: 2h, to: 3h }, { poison: { key: b } }, { poison: { key: partitionKey-7 } }]';
    const text = withProducer('rate: 1/s, keys: { hot: { key: a, share: 50% }, count: 7 }');
    const found = (more: string) =>
      messages(more.replace('{ duration: 100ms }', `{ duration: 100ms, faults: ${faults} }`));
    const unknown = 'no producer puts records with this key, as far as the file says';
    expect(found(text).map((message) => message.replace(/^f\.yaml:\d+:\d+: warning: functions\.enrich\./, ''))).toEqual(
      [
        'faults[0].from: the run ends before this',
        `faults[1].poison.key: ${unknown}`,
        `faults[2].poison.key: ${unknown}`,
      ],
    );
    for (const keys of [
      'keys: { count: 8 }',
      'keys: { zipf: { count: 9, exponent: 1 } }',
      'keys: { list: [b, partitionKey-7] }',
    ]) {
      expect(found(withProducer(`rate: 1/s, ${keys}`)).filter((message) => message.includes('faults[2]'))).toEqual([]);
    }
    expect(found(withProducer('records: [{ at: 0s, key: b }]')).join()).not.toContain('faults[1]');
  });

  it('has a period wide enough for a result to hold the series of its shards, with a warning', () => {
    const text = withProducer('rate: 1/s').replace('duration: 1h', 'duration: 1h\nperiod: 10ms');
    expect(valid(text).period).toBe(20_000);
    expect(messages(text)).toEqual([
      expect.stringMatching(
        /^f\.yaml:\d+:\d+: warning: period: 360000 periods are more points than a result holds; it is widened to 0.02 s$/,
      ),
    ]);
  });

  it('offers nothing at or after the end of duration, with a warning', () => {
    const text = withProducer('records: [{ at: 1s }, { at: 1h }, { at: 2h, count: 3 }]');
    expect(valid(text).producers[0]!.source).toMatchObject({ records: { times: [SECOND] } });
    expect(messages(text)).toEqual([
      'f.yaml:7:40: warning: producers.checkout.records: 4 of 5 records lie at or after the end of duration and are not offered',
    ]);
    expect(messages(withProducer('phases: [{ duration: 1h, rate: 1/s }, { duration: 1h, rate: 2/s }]'))).toEqual([
      'f.yaml:7:69: warning: producers.checkout.phases[1]: lies after the end of duration and is not offered',
    ]);
    expect(messages(withProducer('phases: [{ duration: 50m, rate: 1/s }, { duration: 15m, rate: 2/s }]'))).toEqual([
      'f.yaml:7:70: warning: producers.checkout.phases[1]: its last 300 s lie after the end of duration and are not offered',
    ]);
  });
});

describe('a function', () => {
  const target = (settings: string) => valid(withFunction(settings)).functions[0]!;

  it('may take time by its records and their bytes', () => {
    expect(
      target('{ duration: { base: 40ms, perRecord: 0.1ms, perKB: { exponential: { mean: 5us } } } }').duration,
    ).toEqual({
      base: { kind: 'constant', value: 40_000 },
      perRecord: { kind: 'constant', value: 100 },
      perKB: { kind: 'exponential', mean: 5 },
      memoryFactor: 1,
      saturation: null,
    });
    expect(target('{ duration: { perRecord: 1ms } }').duration.base).toEqual({ kind: 'constant', value: 0 });
    expect(target('{ duration: { lognormal: { median: 10ms, p99: 1s } } }').duration.base).toEqual({
      kind: 'lognormal',
      median: 10_000,
      p99: SECOND,
    });
  });

  it('may draw from the values of a file, milliseconds where it gives no unit', () => {
    const text = withFunction('{ duration: { empirical: d.csv }, coldStart: { empirical: c.txt } }');
    const files = { 'd.csv': 'duration,x\n12.5,a\n\n3,b\n1s,c\n', 'c.txt': '7' };
    const { functions, source } = valid(text, { files });
    expect(functions[0]!.duration.base).toEqual({ kind: 'empirical', values: [3_000, 12_500, SECOND] });
    expect(functions[0]!.coldStart).toEqual({ kind: 'empirical', values: [7_000] });
    expect(Object.keys(source.files)).toEqual(['d.csv', 'c.txt']);
  });

  it('has faults in their order', () => {
    const faults = [
      '{ probability: 1% }',
      '{ from: 20m, to: 30m, after: 30s }',
      '{ from: 40m, to: 50m, slowdown: 5 }',
      '{ poison: { stream: orders, shard: 1, record: 1234 }, until: 1h, fail: batch }',
      '{ poison: { key: order-666 } }',
      '{ poison: { oneIn: 1000000 } }',
      '{ invocations: 2, responseLost: true }',
    ];
    const always = { from: 0, to: NEVER, responseLost: false, after: null };
    expect(target(`{ duration: 1ms, faults: [${faults.join(', ')}] }`).faults).toEqual([
      { ...always, kind: 'probability', probability: 0.01 },
      { ...always, kind: 'outage', from: 20 * MINUTE, to: 30 * MINUTE, after: 30 * SECOND },
      { kind: 'slowdown', from: 40 * MINUTE, to: 50 * MINUTE, responseLost: false, factor: 5 },
      {
        ...always,
        to: HOUR,
        kind: 'poison',
        target: { kind: 'record', stream: 'orders', shard: 1, record: 1_234 },
        fail: 'batch',
      },
      { ...always, kind: 'poison', target: { kind: 'key', key: 'order-666' }, fail: 'batch' },
      { ...always, kind: 'poison', target: { kind: 'oneIn', n: 1_000_000 }, fail: 'batch' },
      { ...always, kind: 'invocations', count: 2, responseLost: true },
    ]);
  });

  it('has settings in AWS’s units', () => {
    expect(
      target('{ duration: 1ms, MemorySize: 512, Timeout: 30, ReservedConcurrentExecutions: 0, idleTimeout: 1h }'),
    ).toMatchObject({ memorySize: 512, timeout: 30 * SECOND, reservedConcurrentExecutions: 0, idleTimeout: HOUR });
  });
});

describe('a mapping', () => {
  const mapping = (...lines: string[]) => valid(withMapping(...lines)).mappings[0]!;

  it('has the choices of the model', () => {
    expect(
      mapping(
        'Enabled: false',
        'BatchSize: 500',
        'MaximumRetryAttempts: 3',
        'retryBackoff: none',
        'throttleBackoff: queue',
        'fetchLimit: batchSize',
        'iteratorAge: atInvoke',
        'transitions: 30s',
      ),
    ).toMatchObject({
      enabled: false,
      batchSize: 500,
      maximumRetryAttempts: 3,
      retryBackoff: null,
      throttleBackoff: null,
      fetchLimit: 'batchSize',
      iteratorAge: 'atInvoke',
      transitions: 30 * SECOND,
    });
  });

  it('fills what a backoff leaves out', () => {
    expect(mapping('retryBackoff: { maximum: 10s, jitter: 20% }').retryBackoff).toEqual({
      initial: 250_000,
      factor: 2,
      maximum: 10 * SECOND,
      jitter: 0.2,
    });
  });

  it('may start at a Unix time, counted from the start of the run', () => {
    const text = `${SMALL.replace('TRIM_HORIZON', 'AT_TIMESTAMP')}    StartingPositionTimestamp: 1767603590.5\nstart: 2026-01-05T09:00:00Z\n`;
    expect(valid(text).mappings[0]!.startingPosition).toEqual({ kind: 'AT_TIMESTAMP', timestamp: -9_500_000 });
    expect(valid(SMALL.replace('TRIM_HORIZON', 'LATEST')).mappings[0]!.startingPosition).toEqual({ kind: 'LATEST' });
  });

  it('may write out the defaults of settings that are not supported yet', () => {
    const defaults = [
      'MaximumBatchingWindowInSeconds: 0',
      'ParallelizationFactor: 1',
      'MaximumRecordAgeInSeconds: -1',
      'BisectBatchOnFunctionError: false',
      'FunctionResponseTypes: []',
      'TumblingWindowInSeconds: 0',
      'FilterCriteria: { Filters: [] }',
      'DestinationConfig: { OnFailure: {} }',
    ];
    expect(mapping(...defaults)).toEqual(mapping());
  });
});

describe('the rest of a file', () => {
  it('has the run, its polling and its account', () => {
    const text = `${SMALL}description: why
drain: 30m
warmup: 1m
start: 2026-01-05 10:00:00+01:00
polling: { period: 250ms, phase: 100ms, pacing: sincePoll, continueAfter: anyBatch }
account: { ConcurrentExecutions: 50, id: '000000000001', region: eu-central-1 }
period: 5m
stallAfter: 1s
`;
    expect(valid(text)).toMatchObject({
      description: 'why',
      drain: 30 * MINUTE,
      warmup: MINUTE,
      start: 1_767_603_600 * SECOND,
      polling: {
        period: 250_000,
        phase: { kind: 'fixed', offset: 100_000 },
        pacing: 'sincePoll',
        continueAfter: 'anyBatch',
      },
      account: { concurrentExecutions: 50, id: '000000000001', region: 'eu-central-1' },
      period: 5 * MINUTE,
      stallAfter: SECOND,
    });
  });

  it('has a timeline ordered by time, then as written', () => {
    const text = `${SMALL}timeline: [{ at: 20m, enable: m }, { at: 10m, disable: m }, { at: 10m, enable: m }]\n`;
    expect(valid(text).timeline).toEqual([
      { kind: 'disable', at: 10 * MINUTE, mapping: 'm' },
      { kind: 'enable', at: 10 * MINUTE, mapping: 'm' },
      { kind: 'enable', at: 20 * MINUTE, mapping: 'm' },
    ]);
  });
});

describe('the mode of a stream as CloudFormation has it', () => {
  const stream = (settings: string) => SMALL.replace('{ ShardCount: 2 }', `{ ${settings} }`);

  it('is read as StreamMode, and a warning says so', () => {
    const text = stream('StreamModeDetails: { StreamMode: ON_DEMAND }');
    expect(messages(text)).toEqual([
      'f.yaml:5:13: warning: streams.orders.StreamModeDetails: is read as StreamMode: ON_DEMAND',
    ]);
    expect(valid(text).streams[0]).toMatchObject({ mode: 'ON_DEMAND', shards: { length: 4 } });
    expect(valid(text).source.resolved).toMatchObject({ streams: { orders: { StreamMode: 'ON_DEMAND' } } });
    const both = 'ShardCount: 2, StreamMode: PROVISIONED, StreamModeDetails: { StreamMode: PROVISIONED }';
    expect(messages(stream(both))).toEqual([expect.stringContaining('is read as StreamMode: PROVISIONED')]);
  });

  it('is overruled by a mode that is set', () => {
    const text = stream('StreamModeDetails: { StreamMode: ON_DEMAND }, ShardCount: 2');
    const set = ['streams.orders.StreamMode=PROVISIONED'];
    expect(messages(text, { set })).toEqual([]);
    expect(valid(text, { set }).streams[0]).toMatchObject({ mode: 'PROVISIONED', shards: { length: 2 } });
  });

  it.each([
    [
      'StreamMode: PROVISIONED, StreamModeDetails: { StreamMode: ON_DEMAND }',
      '5:86: error: streams.orders.StreamModeDetails.StreamMode: says ON_DEMAND, and StreamMode says otherwise; expected one of them, or both the same',
    ],
    [
      'StreamModeDetails: { StreamMode: ONDEMAND }',
      "5:47: error: streams.orders.StreamModeDetails: expected { StreamMode: PROVISIONED } or { StreamMode: ON_DEMAND }; did you mean 'ON_DEMAND'?",
    ],
    [
      'StreamModeDetails: ON_DEMAND',
      '5:47: error: streams.orders.StreamModeDetails: expected { StreamMode: PROVISIONED } or { StreamMode: ON_DEMAND }',
    ],
  ])('%s is refused', (settings, expected) => {
    expect(messages(stream(`ShardCount: 2, ${settings}`))).toEqual([`f.yaml:${expected}`]);
  });

  it('that is none is all that is wrong: no shards are asked for', () => {
    expect(messages(stream('StreamModeDetails: { StreamMode: FOO }'))).toEqual([
      expect.stringContaining('streams.orders.StreamModeDetails: expected { StreamMode: PROVISIONED }'),
    ]);
  });
});

describe('what CloudFormation knows and this model does not use', () => {
  it('is accepted with a warning', () => {
    const text = withMapping('Tags: []', 'FunctionName: !Ref x').replace(
      'ShardCount: 2',
      'ShardCount: 2, Name: o, DesiredShardLevelMetrics: [ALL]',
    );
    expect(messages(text.replace('!Ref x', 'x'))).toEqual([
      'f.yaml:5:28: warning: streams.orders.Name: has no effect on a simulation',
      'f.yaml:5:37: warning: streams.orders.DesiredShardLevelMetrics: has no effect on a simulation',
      'f.yaml:15:5: warning: mappings.m.Tags: has no effect on a simulation',
      'f.yaml:16:5: warning: mappings.m.FunctionName: has no effect on a simulation',
    ]);
    expect(
      messages(withFunction('{ duration: 1ms, Role: "arn:aws:iam::123456789012:role/r", Runtime: nodejs22.x }')),
    ).toEqual([
      'f.yaml:9:28: warning: functions.enrich.Role: has no effect on a simulation',
      'f.yaml:9:70: warning: functions.enrich.Runtime: has no effect on a simulation',
    ]);
  });

  it('leaves no trace in the scenario', () => {
    expect(valid(withMapping('Tags: []'))).toEqual(valid(SMALL));
  });
});

describe('aliases', () => {
  it('are copies: a setting through one changes nothing at another', () => {
    const text = SMALL.replace('  enrich: { duration: 100ms }', '  enrich: &f { duration: 100ms }\n  other: *f');
    const { functions } = valid(text, { set: ['functions.enrich.Timeout=9'] });
    expect(functions.map(({ timeout }) => timeout)).toEqual([9 * SECOND, 3 * SECOND]);
  });
});

describe('the files a scenario names', () => {
  const text = withProducer('trace: { file: t.csv }');
  const csv = 'timestamp,value\n2026-01-05 09:00:00,1\n2026-01-05 09:05:00,2\n';

  it('may be the code of a function, whose bytes are in its digest', () => {
    const own = withFunction('{ duration: 1ms, handler: ./h.mjs }');
    const scenario = valid(own, { files: { './h.mjs': 'export const handler = () => {};' } });
    expect(scenario.functions[0]!.handler).toBe('./h.mjs');
    expect(Object.keys(scenario.source.files)).toEqual(['./h.mjs']);
    expect(valid(own, { files: { './h.mjs': '' } }).source.sha256).not.toBe(scenario.source.sha256);
    const unreadable = "f.yaml:9:37: error: functions.enrich.handler: cannot read './h.mjs': no such file";
    expect(messages(own)).toEqual([unreadable]);
    expect(messages(`${own}sed: 1\n`)).toEqual([
      unreadable,
      "f.yaml:15:1: error: sed: unknown key; did you mean 'seed'?",
    ]);
    expect(messages(withFunction('{ duration: 1ms, handler: "" }'))).toEqual([
      "f.yaml:9:37: error: functions.enrich.handler: expected the name of a module, got ''",
    ]);
  });

  it('have a place in it, for what shows only when they are used', () => {
    const own = withFunction('{ duration: 1ms, handler: ./h.mjs }');
    const result = read(own, { files: { './h.mjs': '' } });
    if (!result.ok) throw new Error('is valid');
    const issue = result.issueAt(['functions', 'enrich', 'handler'], 'exports no handler');
    expect(formatIssue(issue).split('\n')[0]).toBe('f.yaml:9:37: error: functions.enrich.handler: exports no handler');
  });

  it('are in its digest, by their bytes', () => {
    const { source } = valid(text, { files: { 't.csv': csv } });
    expect(source.files['t.csv']).toMatch(/^[0-9a-f]{64}$/);
    expect(valid(text, { files: { 't.csv': `${csv}\n` } }).source.sha256).not.toBe(source.sha256);
    expect(valid(`${text}seed: 1\n`, { files: { 't.csv': csv } }).source.sha256).not.toBe(source.sha256);
  });

  it.each([
    ['a string', () => csv],
    ['a promise', async () => new TextEncoder().encode(csv)],
    ['something else', () => null],
  ])('are bytes, and not %s', (kind, readFile) => {
    const result = parseScenario(text, { readFile: readFile as never });
    expect(result.ok ? [] : result.issues.map(({ message }) => message)).toEqual([
      `cannot read 't.csv': expected readFile to give its bytes, got ${kind}`,
    ]);
  });

  it('are reported where they cannot be read, also beside other problems', () => {
    expect(messages(text)).toEqual([
      "f.yaml:7:46: error: producers.checkout.trace.file: cannot read 't.csv': no such file",
    ]);
    expect(messages(`${text}sed: 1\n`, { files: { 't.csv': csv.replace('1\n', 'x\n') } })).toEqual([
      "f.yaml:15:1: error: sed: unknown key; did you mean 'seed'?",
      "t.csv:2:21: error: value: 'x' is no count of records; expected a number from 0 up",
    ]);
  });
});

it('the result is either a scenario with warnings or issues', () => {
  expect(read(SMALL)).toMatchObject({ ok: true, warnings: [] });
  expect(read('')).toMatchObject({ ok: false, issues: [{ severity: 'error', file: 'f.yaml', line: 1, column: 1 }] });
});

describe('the resolved scenario', () => {
  const text = `shardclock: 1
name: everything
description: of each kind one
seed: a
start: 2026-01-05T09:00:00Z
duration: 2h
drain: 30m
warmup: 1m
polling: { phase: aligned }
account: { ConcurrentExecutions: 500 }
streams:
  a: { shards: [{ StartingHashKey: '0', EndingHashKey: '${2n ** 128n - 1n}' }], otherReaders: [{ calls: 1/s }] }
  b: { ShardCount: 3, writeLimits: off, Tags: [] }
producers:
  p1: { stream: a, phases: [{ duration: 30m, rate: 200/s, rampTo: 4000/m, name: up }], arrivals: even }
  p2: { stream: a, trace: { file: t.csv, scale: 0.5 }, keys: { hot: { key: k, share: 30% }, count: 9 } }
  p3: { stream: b, arrivalTimes: { file: t.csv, time: timestamp, bytes: value } }
  p4: { stream: b, records: [{ at: 1s, key: k }, { at: 0s, shard: 2, count: 3 }], bytes: { empirical: v.txt } }
functions:
  f: { duration: { base: { weibull: { shape: 1, scale: 5ms } }, perKB: 1us }, faults: [{ probability: 1% }, { from: 1m }] }
  g: { duration: { lognormal: { median: 5ms, p99: 1s } }, ReservedConcurrentExecutions: 5, coldStart: 1s }
mappings:
  a-f: { stream: a, function: f, StartingPosition: AT_TIMESTAMP, StartingPositionTimestamp: 1767603600 }
  b-g: { stream: b, function: g, StartingPosition: LATEST, retryBackoff: { jitter: 5% }, throttleBackoff: queue }
timeline: [{ at: 5m, disable: a-f }]
thresholds: { 'IteratorAge{mapping:a-f}': ['max < 60s', 'p(99.9) < 5s'], records.lost: ['count == 0'] }
`;
  const files = {
    't.csv': 'timestamp,value\n2026-01-05 09:00:00,10\n2026-01-05 09:05:00,20\n2026-01-05 12:00:00,1\n',
    'v.txt': '5\n1KB\n',
  };

  it('of a scenario of every kind gives the same scenario, --set and seed applied', () => {
    const scenario = valid(text, { files, set: ['mappings.a-f.BatchSize=7', 'period=5m'], seed: '9' });
    expect(scenario).toMatchObject({ seed: '9', period: 5 * MINUTE, mappings: [{ batchSize: 7 }, {}] });
    expect(valid(JSON.stringify(scenario.source.resolved, null, 1), { files })).toEqual(scenario);
  });

  it('has units as the file has them, and every default', () => {
    const { resolved } = valid(text, { files }).source;
    expect(resolved).toMatchObject({
      shardclock: 1,
      duration: '2h',
      stallAfter: '10s',
      polling: { period: '1s', phase: 'aligned', pacing: 'grid', continueAfter: 'fullBatch' },
      producers: { p2: { trace: { file: 't.csv', scale: 0.5 }, bytes: '1KB' } },
      mappings: {
        'b-g': { BatchSize: 100, retryBackoff: { initial: '250ms', factor: 2, maximum: '60s', jitter: '5%' } },
      },
    });
    expect(resolved).not.toHaveProperty('streams.b.Tags');
  });
});
