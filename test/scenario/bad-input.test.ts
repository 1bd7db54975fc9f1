import { describe, expect, it } from 'vitest';
import { didYouMean, formatIssue } from '../../src/scenario/issue.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { messages, read, SMALL, withFunction, withMapping, withProducer } from './reading.ts';

/** What is wrong, and everything that is said of it. */
function refuses(cases: readonly (readonly [text: string, ...expected: string[]])[]): void {
  it.each(cases.map(([text, ...expected]) => ({ text, expected, name: expected[0]! })))(
    '$name',
    ({ text, expected }) => {
      const result = read(text);
      expect(result.ok).toBe(false);
      expect(messages(text)).toEqual(expected.map((line) => `f.yaml:${line}`));
    },
  );
}

const instead = (from: string, to: string) => SMALL.replace(from, to);
const stream = (settings: string) => instead('{ ShardCount: 2 }', settings);
const fault = (...faults: string[]) => withFunction(`{ duration: 1ms, faults: [${faults.join(', ')}] }`);

const SEED = 'expected a whole number up to 9,007,199,254,740,991, or text; any other number in quotes';

const withTimeline = (...entries: string[]) =>
  `${SMALL}timeline:\n${entries.map((entry) => `  - { at: 1m, ${entry} }\n`).join('')}`;

describe('a text that is no scenario', () => {
  refuses([
    ['', '1:1: error: is empty; expected a scenario'],
    ['# only a comment\n', '1:1: error: is empty; expected a scenario'],
    ['5', '1:1: error: expected a scenario, got 5'],
    ['- a\n', '1:1: error: expected a scenario, got a list'],
    [`${SMALL}---\n${SMALL}`, '15:1: error: a second document begins here; expected one scenario in a file'],
    [
      instead('    StartingPosition: TRIM_HORIZON', '\tStartingPosition: LATEST'),
      '14:1: error: a tab as indentation; expected blanks',
    ],
    [
      instead('  orders: { ShardCount: 2 }', '  orders: { ShardCount: 2'),
      '5:11: error: this { is never closed; expected }',
    ],
    [
      'a: b: c\n  - x',
      "1:4: error: a key within a value; expected one KEY: VALUE, the keys of a map in one column or with commas between them, a value with ': ' in quotes",
    ],
    ['a:\n  b: 1\n c: 2', '3:1: error: a column of its own; expected the column of the keys before it'],
    ['name\nb: 1', '1:1: error: a text where a key stands; expected KEY: VALUE'],
    ['name: @x', '1:7: error: a value that begins with @; expected it in quotes'],
    ['a: { b: 1,, c: 2 }', '1:11: error: a comma without an item before it; expected one comma between two items'],
    ["{'a' 1}", '1:6: error: something is missing; expected , or : between two items'],
    ['a: { b: 1 }}', '1:12: error: this } closes nothing; expected it only where one was opened'],
    ['a: "x" y', '1:8: error: more behind the end of a value; expected a new line or, in a list or map, a comma'],
    ['a: "\\q"', "1:5: error: \\q stands for nothing; expected '…' around a text with backslashes, or \\\\ for one"],
    ['a: - x', '1:4: error: a list begins here; expected it on a line below its key'],
    ['a: &x &y 1', '1:7: error: not YAML (A node can have at most one anchor); expected KEY: VALUE, - ITEM or JSON'],
    [`${SMALL}polling: { period: [1, 2 }\n`, '15:20: error: this [ is never closed; expected ]'],
    [`${SMALL}description: "what`, '15:14: error: this " is never closed; expected another "'],
    [`${SMALL}timeline: [\n`, '15:11: error: this [ is never closed; expected ]'],
    [`${SMALL}seed: *nowhere\n`, '15:7: error: the alias *nowhere names no anchor before it'],
    [`${SMALL}seed: &a [*a]\n`, '15:11: error: an alias within its own anchor'],
    [
      instead('rate: 10/s', 'rate: !Ref Rate'),
      '7:42: error: the tag !Ref is unknown; expected the value itself',
      "7:42: error: producers.checkout.rate: expected a rate with its unit, such as 400/s or 24000/m, got 'Rate'",
    ],
    [`${SMALL}? [a, b]\n: 1\n`, '15:3: error: expected a name as the key'],
    ['['.repeat(20_000), '1:1: error: nested too deeply to be read'],
    [
      `a: &a [x, x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n`,
      '2:8: error: aliases within aliases that would unfold to too much',
    ],
  ]);
});

describe('keys', () => {
  refuses([
    [`${SMALL}sed: 42\n`, "15:1: error: sed: unknown key; did you mean 'seed'?"],
    [`${SMALL}name: again\n`, '15:1: error: name: stands here again, after line 2; expected each key once'],
    [
      withMapping('BatchSiz: 5', 'StartingPosition: LATEST'),
      "15:5: error: mappings.m.BatchSiz: unknown key; did you mean 'BatchSize'?",
      '16:5: error: mappings.m.StartingPosition: stands here again, after line 14; expected each key once',
    ],
    [
      `${SMALL}polling: { pace: grid }\n`,
      '15:12: error: polling.pace: unknown key; expected one of period, phase, pacing, continueAfter',
    ],
    [
      withMapping('retryBackoff: { initial: 1s, jiter: 1% }'),
      "15:34: error: mappings.m.retryBackoff.jiter: unknown key; did you mean 'jitter'?",
    ],
    [
      withFunction('{ duration: { base: 1ms, perRecrd: 1ms } }'),
      "9:36: error: functions.enrich.duration.perRecrd: unknown key; did you mean 'perRecord'?",
    ],
    [
      withProducer('rate: 1/s, bytes: { unifrm: { min: 1B, max: 2B } }'),
      '7:49: error: producers.checkout.bytes: expected exactly one of uniform, exponential, lognormal, weibull, empirical',
      "7:51: error: producers.checkout.bytes.unifrm: unknown key; did you mean 'uniform'?",
    ],
    [
      stream('{ <<: { ShardCount: 2 }, ShardCount: 1 }'),
      '5:13: error: merge keys are not read; expected the keys themselves',
    ],
    // What it would have brought is not missed; what is wrong beside it is said.
    [
      withFunction('{ <<: { duration: 1ms }, Tmeout: 3, faults: [{ <<: { probability: 1% } }] }'),
      '9:13: error: merge keys are not read; expected the keys themselves',
      "9:36: error: functions.enrich.Tmeout: unknown key; did you mean 'Timeout'?",
      '9:58: error: merge keys are not read; expected the keys themselves',
    ],
    [
      SMALL.replaceAll('\n', '\r'),
      '1:14: error: the line ends with a carriage return alone; expected a line feed, alone or behind it',
    ],
    [
      stream('{ ShardCount: 1, __proto__: 1 }'),
      '5:28: error: streams.orders.__proto__: unknown key; expected one of ShardCount, shards, StreamMode, RetentionPeriodHours, MaxRecordSizeInKiB, consumers, otherReaders, writeLimits, readLimits',
    ],
    [
      instead('  orders: {', '  __proto__: { ShardCount: 1 }\n  orders: {'),
      '5:3: error: streams.__proto__: expected another name',
    ],
    [
      instead('  orders: {', '  or ders: { ShardCount: 1 }\n  orders: {'),
      '5:3: error: streams["or ders"]: expected a name of 1 to 128 characters, without blanks or braces, got \'or ders\'',
    ],
    [instead('name: small\n', ''), '1:1: error: name: is missing; expected a name'],
    [
      instead('    StartingPosition: TRIM_HORIZON\n', ''),
      '11:3: error: mappings.m.StartingPosition: is missing; expected TRIM_HORIZON, LATEST or AT_TIMESTAMP',
    ],
    [
      instead('duration: 100ms', ''),
      '9:3: error: functions.enrich.duration: is missing; expected a duration with its unit, such as 120ms, { base, perRecord, perKB }, or a distribution',
    ],
  ]);
});

describe('values', () => {
  refuses([
    [
      instead('shardclock: 1', 'shardclock: 2'),
      '1:13: error: shardclock: expected 1, the version of the format, got 2',
    ],
    [instead('name: small', 'name: 7'), '2:7: error: name: expected a name, got 7'],
    [
      instead('1h', '3600'),
      '3:11: error: duration: expected a duration with its unit, such as 250ms, 10s, 5m, 2h or 7d, got 3600',
    ],
    [
      instead('duration: 1h', 'duration:'),
      '3:10: error: duration: expected a duration with its unit, such as 250ms, 10s, 5m, 2h or 7d, got null',
    ],
    [instead('1h', '99999d'), "3:11: error: duration: expected at most 36500d, got '99999d'"],
    [instead('1h', '0s'), '3:11: error: duration: expected a duration above 0s'],
    [`${SMALL}warmup: 1h\n`, '15:9: error: warmup: the warm-up must end before the run; expected less than duration'],
    [
      `${SMALL}start: 2026-02-30\n`,
      '15:8: error: start: expected a time in ISO 8601 that exists, such as 2026-01-05T09:00:00Z',
    ],
    [`${SMALL}period: 0s\n`, '15:9: error: period: expected a period of at least 1ms'],
    [`${SMALL}polling: { period: 10us }\n`, '15:20: error: polling.period: expected a period of at least 1ms'],
    [
      `${SMALL}polling: { phase: near }\n`,
      "15:19: error: polling.phase: expected spread, aligned, or a duration such as 250ms, got 'near'",
    ],
    [
      `${SMALL}account: { id: 123456789012 }\n`,
      "15:16: error: account.id: expected twelve digits in quotes, such as '123456789012', got 123456789012",
    ],
    [`${SMALL}seed: [1]\n`, `15:7: error: seed: ${SEED}, got a list`],
    [`${SMALL}seed: 12345678901234567890\n`, `15:7: error: seed: ${SEED}, got 12345678901234567000`],
    [`${SMALL}seed: 1.50\n`, `15:7: error: seed: ${SEED}, got 1.5`],
    [
      stream('{ ShardCount: 0, RetentionPeriodHours: 9000 }'),
      '5:25: error: streams.orders.ShardCount: expected a whole number from 1 to 10,000, got 0',
      '5:50: error: streams.orders.RetentionPeriodHours: expected a whole number from 24 to 8,760, got 9000',
    ],
    [
      stream('{ ShardCount: 2, MaxRecordSizeInKiB: 512, writeLimits: maybe }'),
      '5:48: error: streams.orders.MaxRecordSizeInKiB: expected a whole number from 1,024 to 10,240, got 512',
      "5:66: error: streams.orders.writeLimits: expected on or off, got 'maybe'",
    ],
    [stream('2'), '5:11: error: streams.orders: expected a map of stream settings, got 2'],
    [
      withProducer('rate: 400'),
      '7:37: error: producers.checkout.rate: expected a rate with its unit, such as 400/s or 24000/m, got 400',
    ],
    [
      withProducer('rate: 1/s, bytes: 100'),
      '7:49: error: producers.checkout.bytes: expected a size with its unit, such as 512B, 2KB or 1MB, or a map with one of uniform, exponential, lognormal, weibull, empirical, got 100',
    ],
    [
      withProducer('rate: 1/s, bytes: { uniform: { min: 2KB, max: 1KB } }'),
      '7:77: error: producers.checkout.bytes.uniform.max: expected at least min',
    ],
    [
      withProducer('rate: 1/s, keys: { hot: { key: a, share: 130% }, count: 1 }'),
      "7:72: error: producers.checkout.keys.hot.share: expected at most 100%, got '130%'",
    ],
    [
      withProducer('rate: 1/s, keys: { zipf: { count: 1, exponent: 1 }, count: 1 }'),
      '7:48: error: producers.checkout.keys: expected exactly one of { count }, { zipf: { count, exponent } }, { hot: { key, share }, count }, { list }',
    ],
    [
      withProducer("rate: 1/s, keys: { list: [''] }"),
      "7:57: error: producers.checkout.keys.list[0]: expected a partition key, 1 to 256 characters, as text, got ''",
    ],
    [
      withFunction('{ duration: { lognormal: { median: 0ms, p99: 1ms } }, Timeout: 901, MemorySize: 64 }'),
      '9:46: error: functions.enrich.duration.lognormal.median: expected a value above 0',
      '9:74: error: functions.enrich.Timeout: expected a whole number from 1 to 900, got 901',
      '9:91: error: functions.enrich.MemorySize: expected a whole number from 128 to 10,240, got 64',
    ],
    [
      withMapping('BatchSize: 12000'),
      '15:16: error: mappings.m.BatchSize: expected a whole number from 1 to 10,000, got 12000',
    ],
    [
      withMapping('BatchSize: 1.5', 'MaximumRetryAttempts: -2'),
      '15:16: error: mappings.m.BatchSize: expected a whole number from 1 to 10,000, got 1.5',
      '16:27: error: mappings.m.MaximumRetryAttempts: expected a whole number from -1 to 10,000, got -2',
    ],
    [
      instead('TRIM_HORIZON', 'TRIM_HORIZN'),
      "14:23: error: mappings.m.StartingPosition: expected TRIM_HORIZON, LATEST or AT_TIMESTAMP, got 'TRIM_HORIZN'; did you mean 'TRIM_HORIZON'?",
    ],
    [
      withMapping('retryBackoff: never', 'throttleBackoff: { initial: 0s }', 'fetchLimit: 500'),
      "15:19: error: mappings.m.retryBackoff: expected none, or { initial, factor, maximum, jitter }, got 'never'",
      '16:33: error: mappings.m.throttleBackoff.initial: a throttle always waits; expected a duration above 0s',
      '17:17: error: mappings.m.fetchLimit: expected 10000 or batchSize, got 500',
    ],
    [
      withMapping('retryBackoff: { initial: 2m, maximum: 1m }'),
      '15:43: error: mappings.m.retryBackoff.maximum: expected at least initial',
    ],
    [
      `${SMALL}timeline: { at: 1m }\n`,
      '15:11: error: timeline: expected a list such as [{ at: 20m, disable: NAME }], got a map',
    ],
    [
      `${SMALL}thresholds: { Errors: 'sum == 0' }\n`,
      "15:23: error: thresholds.Errors: expected a list such as ['max < 60s'], got 'sum == 0'",
    ],
  ]);
});

describe('parts that do not fit together', () => {
  refuses([
    [stream('{}'), '5:11: error: streams.orders: expected ShardCount or shards'],
    [
      stream("{ ShardCount: 1, shards: [{ StartingHashKey: '0', EndingHashKey: '9' }] }"),
      '5:36: error: streams.orders.shards: expected either ShardCount or shards, not both',
    ],
    [
      stream(
        "{ shards: [{ StartingHashKey: '0', EndingHashKey: '9' }, { StartingHashKey: '11', EndingHashKey: '12' }] }",
      ),
      "5:87: error: streams.orders.shards[1].StartingHashKey: the ranges must follow one another without a gap; expected '10', got '11'",
    ],
    [
      stream("{ shards: [{ StartingHashKey: '0', EndingHashKey: '9' }] }"),
      "5:61: error: streams.orders.shards[0].EndingHashKey: the ranges must cover the whole space; expected '340282366920938463463374607431768211455' at the end",
    ],
    [
      stream('{ shards: [{ StartingHashKey: 0, EndingHashKey: 9 }] }'),
      '5:41: error: streams.orders.shards[0].StartingHashKey: expected a whole number of up to 39 digits, in quotes, got 0',
      '5:59: error: streams.orders.shards[0].EndingHashKey: expected a whole number of up to 39 digits, in quotes, got 9',
    ],
    [
      SMALL.replaceAll('stream: orders', 'stream: ordrs'),
      "7:23: error: producers.checkout.stream: unknown stream 'ordrs'; expected one of orders; did you mean 'orders'?",
      "12:13: error: mappings.m.stream: unknown stream 'ordrs'; expected one of orders; did you mean 'orders'?",
    ],
    [
      instead('function: enrich', 'function: other'),
      "13:15: error: mappings.m.function: unknown function 'other'; expected one of enrich",
    ],
    [
      `${SMALL}  m2: { stream: orders, function: enrich, StartingPosition: LATEST }\n`,
      "15:35: error: mappings.m2.function: mapping 'm' brings this stream to this function already; AWS refuses a second one (ResourceConflictException)",
    ],
    [
      `${instead('    stream: orders', '    consumer: orders/c').replace('ShardCount: 2', 'ShardCount: 2, consumers: [c]')}  m2: { consumer: orders/c, function: enrich, StartingPosition: LATEST }\n`,
      "15:19: error: mappings.m2.consumer: mapping 'm' reads as this consumer already; a consumer has one subscription to a shard (SubscribeToShard), so give each mapping a consumer of its own",
    ],
    [
      `${SMALL}timeline:\n  - { at: 1m, disable: mm }\n  - { at: 1m }\n  - { at: 1m, enable: m, disable: m }\n`,
      "16:24: error: timeline[0].disable: unknown mapping 'mm'; expected one of m; did you mean 'm'?",
      '17:5: error: timeline[1]: expected exactly one of enable, disable, update, create, delete, role, split, merge, reshard',
      '18:5: error: timeline[2]: expected exactly one of enable, disable, update, create, delete, role, split, merge, reshard',
    ],
    [
      withProducer(''),
      '7:13: error: producers.checkout: expected exactly one of rate, phases, trace, arrivalTimes, records',
    ],
    [
      withProducer('rate: 1/s, records: []'),
      '7:51: error: producers.checkout.records: expected exactly one of rate, phases, trace, arrivalTimes, records, and rate is given',
    ],
    [
      withProducer('records: [{ at: 1s, shard: 2 }, { at: 1s, shard: 0, key: a }], arrivals: even'),
      '7:58: error: producers.checkout.records[0].shard: expected a shard from 0 to 1, got 2',
      '7:104: error: producers.checkout.arrivals: records says itself when records arrive; leave arrivals out',
    ],
    [
      withProducer('arrivalTimes: { file: t.csv, time: t, bytes: b }, bytes: 2KB'),
      '7:88: error: producers.checkout.bytes: a column of the file holds the sizes; expected either bytes or arrivalTimes.bytes',
    ],
    [
      withProducer('trace: { file: t.csv, metric: IncomingRecords, time: t }'),
      '7:61: error: producers.checkout.trace.metric: expected time and value for a CSV file, or metric for a CloudWatch answer, not both',
    ],
    [
      withFunction('{ duration: 1ms, ReservedConcurrentExecutions: 901 }'),
      "9:58: error: functions.enrich.ReservedConcurrentExecutions: at least 100 of the account's 1000 must stay unreserved; expected at most 900, got 901",
    ],
    [
      withFunction(
        '{ duration: 1ms, ReservedConcurrentExecutions: 2, ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 3 } }',
      ),
      '9:126: error: functions.enrich.ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions: Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function; expected at most 2, got 3',
    ],
    [
      withFunction('{ duration: 1ms, ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 901 } }'),
      "9:93: error: functions.enrich.ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions: at least 100 of the account's 1000 must stay unreserved; expected at most 900, got 901",
    ],
    [
      withFunction('{ duration: 1ms, ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 0 } }'),
      '9:93: error: functions.enrich.ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions: expected a whole number from 1 to 1,000,000, got 0',
    ],
    [
      withFunction('{ duration: 1ms, ProvisionedConcurrencyConfig: 3 }'),
      '9:58: error: functions.enrich.ProvisionedConcurrencyConfig: expected { ProvisionedConcurrentExecutions }, got 3',
    ],
    [
      withFunction('{ duration: { base: 1ms, exponential: { mean: 1ms } } }'),
      '9:23: error: functions.enrich.duration: expected base, perRecord and perKB, or one distribution, not both',
    ],
    [
      fault('{ probability: 1%, slowdown: 2 }', '{}', '{ from: 2m, to: 1m }', '{ slowdown: 2, after: 1s }'),
      '9:66: error: functions.enrich.faults[0].slowdown: a fault has one kind; expected exactly one of probability, slowdown, poison, invocations, and probability is given',
      '9:71: error: functions.enrich.faults[1]: expected one of probability, slowdown, poison, invocations, or from and to for an outage',
      '9:91: error: functions.enrich.faults[2].to: expected an end after from',
      '9:119: error: functions.enrich.faults[3].after: a slowdown fails nothing; leave after out',
    ],
    [
      fault('{ slowdown: 2, responseLost: true }', '{ poison: { oneIn: 5 }, fail: record, responseLost: true }'),
      '9:66: error: functions.enrich.faults[0].responseLost: a slow invocation answers; leave responseLost out',
      '9:126: error: functions.enrich.faults[1].responseLost: a record that is reported is in the answer; leave responseLost out',
    ],
    [
      fault(
        '{ poison: { stream: orders, shard: 7, record: 1 } }',
        '{ poison: { stream: orders } }',
        '{ poison: { key: a, oneIn: 5 } }',
      ),
      '9:72: error: functions.enrich.faults[0].poison.shard: expected a shard from 0 to 1, got 7',
      '9:100: error: functions.enrich.faults[1].poison: shard and record are missing; expected { stream, shard, record }',
      '9:132: error: functions.enrich.faults[2].poison: expected exactly one of { stream, shard, record }, { key }, { oneIn }',
    ],
    [
      fault('{ poison: { stream: other, shard: 0, record: 1 } }').replace(
        '  orders: {',
        '  other: { ShardCount: 1 }\n  orders: {',
      ),
      "10:57: error: functions.enrich.faults[0].poison.stream: no mapping brings records of 'other' to enrich",
    ],
    [
      SMALL.replace('TRIM_HORIZON', 'AT_TIMESTAMP'),
      '14:23: error: mappings.m.StartingPosition: AT_TIMESTAMP needs StartingPositionTimestamp, in Unix seconds',
    ],
    [
      withMapping('StartingPositionTimestamp: 0'),
      '15:32: error: mappings.m.StartingPositionTimestamp: only AT_TIMESTAMP takes a timestamp',
    ],
    [
      `${SMALL.replace('TRIM_HORIZON', 'AT_TIMESTAMP')}    StartingPositionTimestamp: 5\n`,
      '15:32: error: mappings.m.StartingPositionTimestamp: must not be in the future; expected at most 0, the start of the run, got 5',
    ],
  ]);
});

describe('an endless loop at one instant (D6)', () => {
  const text = (duration: string, faults: string, ...mapping: string[]) =>
    withMapping(...mapping)
      .replace('{ duration: 100ms }', `{ duration: ${duration}, faults: [${faults}] }`)
      .replace('rate: ', 'keys: { list: [a] }, rate: ');
  const endless =
    'with a duration of 0 and endless retries a failing batch would be tried again forever at one instant; expected a backoff, a duration, or MaximumRetryAttempts';
  refuses([
    [text('0ms', '{ from: 0s }', 'retryBackoff: none'), `15:19: error: mappings.m.retryBackoff: ${endless}`],
    [
      text('{ base: 0s }', '{ poison: { key: a } }', 'retryBackoff: { initial: 0s }'),
      `15:19: error: mappings.m.retryBackoff: ${endless}`,
    ],
    [
      text('1s', '{ probability: 100%, after: 0s }', 'retryBackoff: none'),
      `15:19: error: mappings.m.retryBackoff: ${endless}`,
    ],
    [
      text('0ms', '{ from: 0s }', 'retryBackoff: none', 'MaximumRetryAttempts: 5', 'TumblingWindowInSeconds: 60'),
      '15:19: error: mappings.m.retryBackoff: with a duration of 0 the final invocation of a tumbling window, which has no limit of retries, would be tried again forever at one instant; expected a backoff, or a duration',
    ],
    [
      `${text('0ms', '{ from: 0s }', 'retryBackoff: none', 'MaximumRetryAttempts: 5')}timeline: [{ at: 1m, update: m, set: { MaximumRetryAttempts: -1 } }]\n`,
      `15:19: error: mappings.m.retryBackoff: ${endless}`,
    ],
  ]);

  it.each([
    ['a wait', text('0ms', '{ from: 0s }')],
    ['a duration', text('1us', '{ from: 0s }', 'retryBackoff: none')],
    ['a duration of the failure', text('0ms', '{ from: 0s, after: 1s }', 'retryBackoff: none')],
    ['a limit', text('0ms', '{ from: 0s }', 'retryBackoff: none', 'MaximumRetryAttempts: 5')],
    [
      'poison, a limit, and a window whose final invocation has no records',
      text(
        '0ms',
        '{ poison: { key: a } }',
        'retryBackoff: none',
        'MaximumRetryAttempts: 5',
        'TumblingWindowInSeconds: 60',
      ),
    ],
    ['a fault that ends', text('0ms', '{ invocations: 2 }', 'retryBackoff: none')],
    ['a chance of success', text('0ms', '{ probability: 99% }', 'retryBackoff: none')],
  ])('is none with %s', (_, scenario) => {
    expect(messages(scenario)).toEqual([]);
  });
});

describe("calls of a mapping's API", () => {
  refuses([
    [
      withTimeline('update: m, set: { StartingPosition: LATEST, stream: orders }'),
      '16:33: error: timeline[0].set.StartingPosition: cannot be updated, and AWS cannot either; delete the mapping and create another',
      '16:59: error: timeline[0].set.stream: cannot be updated, and AWS cannot either; delete the mapping and create another',
    ],
    [
      withTimeline(
        'update: m, set: { BatchSize: 10001, MaximumRecordAgeInSeconds: 59 }',
        'update: m, set: { MaximumRetryAttempts: -2, retryBackoff: none }',
        'update: m, set: {}',
        'update: m',
        'update: m, set: [kinesis:GetRecords]',
        'disable: m, set: { BatchSize: 1 }',
      ),
      '16:44: error: timeline[0].set.BatchSize: expected a whole number from 1 to 10,000, got 10001',
      '16:78: error: timeline[0].set.MaximumRecordAgeInSeconds: expected -1 or a whole number from 60 to 604,800, got 59',
      '17:55: error: timeline[1].set.MaximumRetryAttempts: expected a whole number from -1 to 10,000, got -2',
      '17:59: error: timeline[1].set.retryBackoff: unknown key; expected one of Enabled, BatchSize, MaximumBatchingWindowInSeconds, ParallelizationFactor, TumblingWindowInSeconds, MaximumRetryAttempts, MaximumRecordAgeInSeconds, BisectBatchOnFunctionError, FunctionResponseTypes, FilterCriteria, DestinationConfig',
      '18:31: error: timeline[2].set: expected at least one setting',
      '19:5: error: timeline[3]: update needs set',
      '20:31: error: timeline[4].set: expected a map of settings, such as { BatchSize: 500 }',
      '21:27: error: timeline[5].set: disable takes no set',
    ],
    [
      withTimeline("update: m, set: { FilterCriteria: { Filters: [{ Pattern: '{}' }] } }"),
      '16:72: error: timeline[0].set.FilterCriteria.Filters[0].Pattern: expected at least one key',
    ],
    [
      withTimeline(
        'create: m, mapping: { stream: orders, function: enrich, StartingPosition: LATEST, BatchSize: 0 }',
        'create: n, mapping: { stream: ordrs, function: other, StartingPosition: LATEST }',
        'create: n, mapping: { stream: orders, function: enrich, StartingPosition: LATEST }',
        'create: o',
        "create: 'o p', mapping: { stream: orders, function: enrich, StartingPosition: LATEST, Tags: [] }",
        'enable: n',
      ),
      "16:23: error: timeline[0].create: there is a mapping 'm' already; expected another name",
      '16:108: error: timeline[0].mapping.BatchSize: expected a whole number from 1 to 10,000, got 0',
      "17:45: error: timeline[1].mapping.stream: unknown stream 'ordrs'; expected one of orders; did you mean 'orders'?; AWS answers 'Stream not found: arn:aws:kinesis:us-east-1:123456789012:stream/ordrs'",
      "17:62: error: timeline[1].mapping.function: unknown function 'other'; expected one of enrich",
      "18:23: error: timeline[2].create: there is a mapping 'n' already; expected another name",
      '19:5: error: timeline[3]: create needs mapping',
      "20:23: error: timeline[4].create: expected a name of 1 to 128 characters, without blanks or braces, got 'o p'",
      '20:101: warning: timeline[4].mapping.Tags: has no effect on a simulation',
    ],
    [
      withTimeline(
        'create: n, mapping: { stream: orders, function: enrich, StartingPosition: AT_TIMESTAMP, StartingPositionTimestamp: 61 }',
      ),
      '16:130: error: timeline[0].mapping.StartingPositionTimestamp: must not be in the future; expected at most 60, when the mapping is created, got 61',
    ],
    [
      withTimeline(
        'role: enrch, set: [kinesis:*]',
        'role: enrich, set: { BatchSize: 1 }',
        'role: enrich, set: [Admin]',
        'role: enrich',
      ),
      "16:21: error: timeline[0].role: unknown function 'enrch'; expected one of enrich; did you mean 'enrich'?",
      '17:34: error: timeline[1].set: expected the actions that the role allows, such as [kinesis:GetRecords]',
      "18:35: error: timeline[2].set[0]: expected an action such as kinesis:GetRecords or kinesis:*, or AWSLambdaKinesisExecutionRole, got 'Admin'",
      '19:5: error: timeline[3]: role needs set',
    ],
    [
      withFunction('{ duration: 1ms, Role: [kinesis:GetRecords, AWSLambdaBasicExecutionRole] }'),
      '9:34: error: functions.enrich.Role: Cannot access stream arn:aws:kinesis:us-east-1:123456789012:stream/orders. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM. (InvalidParameterValueException: the role lacks kinesis:GetShardIterator, kinesis:DescribeStream, kinesis:DescribeStreamSummary, kinesis:ListShards, kinesis:ListStreams)',
    ],
    [
      withFunction('{ duration: 1ms, Role: { Ref: x } }'),
      '9:34: error: functions.enrich.Role: expected a list of actions such as [kinesis:GetRecords], or [AWSLambdaKinesisExecutionRole], got a map',
    ],
  ]);
});

describe('settings out of their range', () => {
  refuses([
    [
      withMapping('ParallelizationFactor: 12'),
      '15:28: error: mappings.m.ParallelizationFactor: expected a whole number from 1 to 10, got 12',
    ],
    [
      withMapping('MaximumBatchingWindowInSeconds: 301'),
      '15:37: error: mappings.m.MaximumBatchingWindowInSeconds: expected a whole number from 0 to 300, got 301',
    ],
    [
      withMapping('MaximumRecordAgeInSeconds: 59'),
      '15:32: error: mappings.m.MaximumRecordAgeInSeconds: expected -1 or a whole number from 60 to 604,800, got 59',
    ],
    [
      withMapping('BisectBatchOnFunctionError: 1'),
      '15:33: error: mappings.m.BisectBatchOnFunctionError: expected true or false, got 1',
    ],
    [
      withMapping('FunctionResponseTypes: [ReportBatchItemFailure]'),
      "15:29: error: mappings.m.FunctionResponseTypes[0]: expected ReportBatchItemFailures, got 'ReportBatchItemFailure'; did you mean 'ReportBatchItemFailures'?",
    ],
    [
      withMapping('TumblingWindowInSeconds: 901'),
      '15:30: error: mappings.m.TumblingWindowInSeconds: expected a whole number from 0 to 900, got 901',
    ],
    [
      withMapping('TumblingWindowInSeconds: 30', 'ParallelizationFactor: 2'),
      '16:28: error: mappings.m.ParallelizationFactor: a tumbling window carries one state a shard, so AWS refuses further lanes; expected 1, or TumblingWindowInSeconds: 0, got 2',
    ],
    [
      withMapping('DestinationConfig: { OnFailure: { Destination: 7 } }'),
      '15:52: error: mappings.m.DestinationConfig.OnFailure.Destination: expected the name of a queue, topic or bucket, or its ARN, got 7',
    ],
    [
      withTimeline(
        'update: m, set: { ParallelizationFactor: 2, function: other, TumblingWindowInSeconds: 30, BatchSize: 0 }',
      ),
      '16:56: error: timeline[0].set.ParallelizationFactor: a tumbling window carries one state a shard, so AWS refuses further lanes; expected 1, or TumblingWindowInSeconds: 0, got 2',
      '16:59: error: timeline[0].set.function: the function of a mapping stays; delete the mapping and create another',
      '16:116: error: timeline[0].set.BatchSize: expected a whole number from 1 to 10,000, got 0',
    ],
    [
      withTimeline(
        'update: m, set: { ParallelizationFactor: 4 }',
        'update: m, set: { BatchSize: 7 }',
        'update: m, set: { TumblingWindowInSeconds: 30 }',
        'update: m, set: { ParallelizationFactor: 1 }',
        'update: m, set: { TumblingWindowInSeconds: 60 }',
      ),
      '18:58: error: timeline[2].set.TumblingWindowInSeconds: a tumbling window carries one state a shard, so AWS refuses further lanes; expected 0, or ParallelizationFactor: 1 before, which is 4',
    ],
  ]);
});

describe('a message', () => {
  it('shows its line and a caret under the place', () => {
    const result = read(withMapping('BatchSiz: 5'));
    expect(result.ok ? [] : result.issues.map(formatIssue)).toEqual([
      "f.yaml:15:5: error: mappings.m.BatchSiz: unknown key; did you mean 'BatchSize'?\n      BatchSiz: 5\n      ^",
    ]);
  });

  it('begins with the line where the text has no name', () => {
    const result = parseScenario('', { readFile: () => new Uint8Array(), file: '' });
    expect(result.ok ? [] : result.issues.map(formatIssue)).toEqual(['1:1: error: is empty; expected a scenario']);
  });

  it('shows a part of a long line', () => {
    const result = read(JSON.stringify({ name: 'x'.repeat(500), sed: 1 }));
    const issue = result.ok ? undefined : result.issues.find(({ path }) => path === 'sed');
    const [, excerpt = '', caret = ''] = formatIssue(issue!).split('\n');
    expect(excerpt.length).toBeLessThan(200);
    expect(excerpt.slice(caret.length - 1)).toMatch(/^"sed"/);
  });

  it('guesses only what is near', () => {
    const keys = ['BatchSize', 'Enabled', 'stream'];
    expect(didYouMean('batchsize', keys)).toBe("; did you mean 'BatchSize'?");
    expect(didYouMean('BathcSize', keys)).toBe("; did you mean 'BatchSize'?");
    expect(didYouMean('color', keys)).toBe('');
    expect(didYouMean('iteratorag', ['iteratorAge', 'Iterator', 'IteratorAge', 'iteratorAge'])).toBe(
      "; did you mean 'iteratorAge' or 'IteratorAge'?",
    );
    expect(didYouMean('x'.repeat(100_000), keys)).toBe('');
  });

  it('comes in the order of the file, whatever found it', () => {
    const text = `nme: x\n${SMALL.replace('1h', '5').replace('ShardCount: 2', 'ShardCount: 2, Tags: []')}timeline: [{ at: 1m, disable: x }]\n`;
    const lines = messages(text).map((message) => Number(message.split(':')[1]));
    expect(lines).toEqual([1, 4, 6, 16]);
  });
});
