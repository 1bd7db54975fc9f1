import { z } from 'zod';
import { BYTE_RATE_PATTERN, DURATION_PATTERN, PERCENT_PATTERN, RATE_PATTERN, SIZE_PATTERN } from './quantity.ts';

/*
 * The form of a scenario file. Every key has a description, a default where it may be left out, and an error that says
 * what is expected; editors read the same through the JSON Schema.
 */

const text = (expected: string, pattern: RegExp) => z.string({ error: expected }).regex(pattern, { error: expected });
const duration = () => text('expected a duration with its unit, such as 250ms, 10s, 5m, 2h or 7d', DURATION_PATTERN);
const size = () => text('expected a size with its unit, such as 512B, 2KB or 1MB', SIZE_PATTERN);
const rate = () => text('expected a rate with its unit, such as 400/s or 24000/m', RATE_PATTERN);
const percent = () => text('expected a percentage, such as 1%', PERCENT_PATTERN);
const time = () => text('expected a time in ISO 8601, such as 2026-01-05T09:00:00Z', /^\d{4}-\d{2}-\d{2}/);
const name = (what: string) => z.string({ error: `expected the name of ${what}` });
const flag = () => z.boolean({ error: 'expected true or false' });

function whole(min: number, max: number) {
  const expected = `expected a whole number from ${grouped(min)} to ${grouped(max)}`;
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

function oneOf<const T extends readonly [string, ...string[]]>(...values: T) {
  return z.enum(values, { error: `expected ${values.join(' or ')}` });
}

/** A setting of AWS whose rules belong to a later version: its default may be written out, nothing else. */
function notYet<T extends z.core.util.Literal>(value: T, what: string) {
  return z
    .literal(value, { error: `${what} is not supported yet; leave it out, or write ${String(value)}` })
    .default(value as never)
    .meta({ description: `${what} is not supported yet.` });
}

function noneYet(what: string) {
  const error = `${what} is not supported yet; leave it out, or write []`;
  return z.array(z.never({ error }), { error }).max(0, { error }).default([]).meta({ description: error });
}

function object<T extends z.core.$ZodLooseShape>(what: string, shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : `expected ${what}`),
  });
}

function mapOf<T extends z.ZodType>(what: string, value: T) {
  return z.record(z.string(), value, { error: `expected a map of ${what} by name` });
}

export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A plain value or a map with exactly one law; that it is exactly one is checked with the references. */
function distribution(value: () => z.ZodType) {
  return z.union([
    value(),
    object('a value, or a map with one of uniform, exponential, lognormal, weibull, empirical', laws(value)),
  ]);
}

function laws(value: () => z.ZodType) {
  const number = z.number({ error: 'expected a number above 0' }).positive({ error: 'expected a number above 0' });
  return {
    uniform: object('{ min, max }', { min: value(), max: value() }).optional(),
    exponential: object('{ mean }', { mean: value() }).optional(),
    lognormal: object('{ median, p99 }', { median: value(), p99: value() }).optional(),
    weibull: object('{ shape, scale }', { shape: number, scale: value() }).optional(),
    empirical: name('a file with one value a line').optional(),
  };
}

const polling = object('a map of polling settings', {
  period: duration().default('1s').meta({ description: 'Between two asks of an idle lane (P1).' }),
  phase: z
    .union([oneOf('spread', 'aligned'), duration()])
    .default('spread')
    .meta({
      description: 'Where the grid of each mapping and shard begins: drawn from the seed, at 0, or a duration.',
    }),
  pacing: oneOf('grid', 'sincePoll')
    .default('grid')
    .meta({ description: 'After a short batch: at the next grid instant, or a period after the last ask.' }),
  continueAfter: oneOf('fullBatch', 'anyBatch')
    .default('fullBatch')
    .meta({ description: 'After which batches a lane asks again at once (P3).' }),
});

const account = object('a map of account settings', {
  ConcurrentExecutions: whole(1, 1_000_000).default(1_000).meta({ description: "The account's concurrency (L1)." }),
  id: text("expected twelve digits in quotes, such as '123456789012'", /^\d{12}$/).default('123456789012'),
  region: z.string({ error: 'expected the name of a region' }).default('us-east-1'),
});

const hashKey = () => text('expected a whole number of up to 39 digits, in quotes', /^\d{1,39}$/);

const stream = object('a map of stream settings', {
  ShardCount: whole(1, 10_000).optional().meta({ description: 'Shards that share the hash-key space evenly (K1).' }),
  shards: z
    .array(object('{ StartingHashKey, EndingHashKey }', { StartingHashKey: hashKey(), EndingHashKey: hashKey() }), {
      error: 'expected a list of { StartingHashKey, EndingHashKey }',
    })
    .min(1, { error: 'expected at least one shard' })
    .optional()
    .meta({ description: 'In place of ShardCount: the inclusive hash-key range of each shard, in order.' }),
  StreamMode: notYet('PROVISIONED', 'StreamMode ON_DEMAND'),
  RetentionPeriodHours: whole(24, 8_760).default(24).meta({ description: 'How long a record can be read (K5).' }),
  MaxRecordSizeInKiB: whole(1_024, 10_240)
    .default(1_024)
    .meta({ description: 'The largest record, data and key (K3).' }),
  consumers: noneYet('enhanced fan-out'),
  otherReaders: z
    .array(
      object('{ calls, bytes }', {
        calls: rate(),
        bytes: text('expected bytes a second, such as 200KB/s', BYTE_RATE_PATTERN).default('0B/s'),
      }),
      { error: 'expected a list of { calls: 1/s, bytes: 200KB/s }' },
    )
    .default([])
    .meta({ description: 'Other consumers without fan-out, which load every shard (K4).' }),
  writeLimits: onOff('The write limits of a shard (K3).'),
  readLimits: onOff('The read limits of a shard (K4).'),
});

function onOff(description: string) {
  return z
    .union([oneOf('on', 'off'), z.boolean()], { error: 'expected on or off' })
    .default('on')
    .meta({ description });
}

const phase = object('{ duration, rate, rampTo, name }', {
  duration: duration(),
  rate: rate(),
  rampTo: rate().optional().meta({ description: 'The rate at the end of the phase; between them it is linear.' }),
  name: z.string({ error: 'expected a name' }).optional(),
});

const listed = object('{ at, key, bytes, shard, count }', {
  at: duration(),
  key: z
    .string({ error: 'expected a partition key in quotes' })
    .max(256, { error: 'expected at most 256 characters' })
    .optional(),
  bytes: size().optional(),
  shard: whole(0, 9_999).optional(),
  count: whole(1, 10_000_000).optional(),
});

const keys = object('one of { count }, { zipf }, { hot, count }, { list }', {
  count: whole(1, 1_000_000)
    .optional()
    .meta({ description: 'partitionKey-0 … partitionKey-(count − 1), each as likely.' }),
  zipf: object('{ count, exponent }', {
    count: whole(1, 1_000_000),
    exponent: z
      .number({ error: 'expected a number from 0 to 10' })
      .min(0, { error: 'expected a number from 0 to 10' })
      .max(10, { error: 'expected a number from 0 to 10' }),
  }).optional(),
  hot: object('{ key, share }', { key: z.string({ error: 'expected a partition key' }), share: percent() }).optional(),
  list: z
    .array(z.string({ error: 'expected a partition key' }), { error: 'expected a list of partition keys' })
    .min(1, { error: 'expected at least one key' })
    .optional(),
});

const producer = object('a map of producer settings', {
  stream: name('a stream'),
  rate: rate()
    .optional()
    .meta({ description: 'Records for the whole stream. Exactly one of rate, phases, trace, arrivalTimes, records.' }),
  phases: z
    .array(phase, { error: 'expected a list of phases' })
    .min(1, { error: 'expected at least one phase' })
    .optional(),
  trace: object('{ file, time, value, period, scale } or { file, metric }', {
    file: name('a CSV or JSON file'),
    time: z.string().optional().meta({ description: 'The column with the time of a row.' }),
    value: z.string().optional().meta({ description: 'The column with the number of records of a row.' }),
    metric: z.string().optional().meta({ description: 'The metric of a CloudWatch answer.' }),
    period: duration()
      .optional()
      .meta({ description: 'What a row stands for; otherwise the smallest step between rows.' }),
    scale: z.number({ error: 'expected a number above 0' }).positive({ error: 'expected a number above 0' }).optional(),
  }).optional(),
  arrivalTimes: object('{ file, time, key, bytes }', {
    file: name('a CSV file'),
    time: z.string(),
    key: z.string().optional(),
    bytes: z.string().optional(),
  }).optional(),
  records: z.array(listed, { error: 'expected a list of records' }).optional(),
  arrivals: oneOf('poisson', 'even')
    .default('poisson')
    .meta({ description: 'Random, or evenly spaced over the stream.' }),
  bytes: distribution(size).default('1KB').meta({ description: 'Data of a record before base64.' }),
  keys: keys.optional().meta({ description: 'Partition keys; without it each record has a fresh random one.' }),
  onThrottle: oneOf('retry', 'drop')
    .default('retry')
    .meta({ description: 'What the producer does with a refused record (K3).' }),
});

const fault = object('one fault', {
  probability: percent().optional().meta({ description: 'Each invocation fails with this probability.' }),
  from: duration().optional().meta({ description: 'Invocations that start in [from, to); alone it is an outage.' }),
  to: duration().optional(),
  until: duration().optional().meta({ description: 'The same as to.' }),
  after: duration()
    .optional()
    .meta({ description: 'How long a failing invocation takes; otherwise its drawn duration.' }),
  slowdown: z
    .number({ error: 'expected a number above 0' })
    .positive({ error: 'expected a number above 0' })
    .optional()
    .meta({ description: 'Multiplies the duration.' }),
  poison: object('{ stream, shard, record }, { key } or { oneIn }', {
    stream: name('a stream').optional(),
    shard: whole(0, 9_999).optional(),
    record: whole(0, Number.MAX_SAFE_INTEGER).optional(),
    key: z.string({ error: 'expected a partition key' }).optional(),
    oneIn: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  }).optional(),
  fail: z.literal('batch', { error: 'fail: record is not supported yet; leave it out, or write batch' }).optional(),
  invocations: whole(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'The first so many invocations of the function fail.' }),
});

const lambda = object('a map of function settings', {
  MemorySize: whole(128, 10_240).default(128).meta({ description: 'MB.' }),
  Timeout: whole(1, 900).default(3).meta({ description: 'Seconds (L5).' }),
  ReservedConcurrentExecutions: whole(0, 1_000_000)
    .optional()
    .meta({ description: 'Its own part of the concurrency (L1); absent: the unreserved pool.' }),
  duration: z
    .union([
      duration(),
      object('a duration, { base, perRecord, perKB }, or a distribution', {
        base: distribution(duration).optional(),
        perRecord: distribution(duration).optional(),
        perKB: distribution(duration).optional(),
        ...laws(duration),
      }),
    ])
    .meta({ description: 'How long the handler takes (L5).' }),
  coldStart: distribution(duration).default('0ms').meta({ description: 'What a new environment adds (L4).' }),
  idleTimeout: duration().default('10m').meta({ description: 'When an idle environment goes (L4).' }),
  faults: z
    .array(fault, { error: 'expected a list of faults' })
    .default([])
    .meta({ description: 'The first that applies decides (L6).' }),
});

function backoff(defaults: { initial: string; factor: number; maximum: string }) {
  const factor = z.number({ error: 'expected a number from 1 up' }).min(1, { error: 'expected a number from 1 up' });
  return {
    initial: duration().default(defaults.initial),
    factor: factor.default(defaults.factor),
    maximum: duration().default(defaults.maximum),
  };
}

const DOUBLING = { initial: '250ms', factor: 2, maximum: '60s' };

export const mapping = object('a map of mapping settings', {
  stream: name('a stream'),
  function: name('a function'),
  StartingPosition: oneOf('TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP').meta({ description: 'Where reading begins (P8).' }),
  StartingPositionTimestamp: z
    .number({ error: 'expected Unix seconds' })
    .min(0, { error: 'expected Unix seconds' })
    .optional(),
  Enabled: flag().default(true),
  BatchSize: whole(1, 10_000).default(100).meta({ description: 'Most records of a batch (P3).' }),
  MaximumBatchingWindowInSeconds: notYet(0, 'a batching window'),
  ParallelizationFactor: notYet(1, 'ParallelizationFactor above 1'),
  MaximumRetryAttempts: whole(-1, 10_000)
    .default(-1)
    .meta({ description: '−1: until success or until the records expire (E3).' }),
  MaximumRecordAgeInSeconds: notYet(-1, 'MaximumRecordAgeInSeconds'),
  BisectBatchOnFunctionError: notYet(false, 'BisectBatchOnFunctionError'),
  FunctionResponseTypes: noneYet('ReportBatchItemFailures'),
  TumblingWindowInSeconds: notYet(0, 'a tumbling window'),
  FilterCriteria: object('{ Filters: [] }', { Filters: noneYet('FilterCriteria') }).default({ Filters: [] }),
  retryBackoff: z
    .union([
      oneOf('none'),
      object('none, or { initial, factor, maximum, jitter }', {
        ...backoff(DOUBLING),
        jitter: percent().default('0%'),
      }),
    ])
    .default({ ...DOUBLING, jitter: '0%' })
    .meta({ description: 'Waits between the attempts of a failing batch (E7).' }),
  throttleBackoff: z
    .union([oneOf('queue'), object('queue, or { initial, factor, maximum }', backoff(DOUBLING))])
    .default(DOUBLING)
    .meta({ description: 'Waits of a throttled batch, or the next freed slot, first come first served (L2).' }),
  fetchLimit: z
    .union([z.literal(10_000), z.literal('batchSize')], { error: 'expected 10000 or batchSize' })
    .default(10_000)
    .meta({ description: 'Most records of one GetRecords call (P7).' }),
  iteratorAge: oneOf('atFinish', 'atInvoke').default('atFinish').meta({ description: 'When the age is taken (M1).' }),
  transitions: duration().default('0s').meta({ description: 'How long Creating, Enabling and Disabling last (P9).' }),
});

const entry = object('{ at, enable } or { at, disable }', {
  at: duration(),
  enable: name('a mapping').optional(),
  disable: name('a mapping').optional(),
});

export const scenarioSchema = object('a scenario', {
  shardclock: z.literal(1, { error: 'expected 1, the version of the format' }),
  name: z.string({ error: 'expected a name' }).min(1, { error: 'expected a name' }),
  description: z.string({ error: 'expected text' }).optional(),
  seed: z
    .union([z.string(), z.number()], { error: 'expected a number or text' })
    .default(0)
    .meta({ description: 'Decides every draw (D2).' }),
  start: time().default('1970-01-01T00:00:00Z').meta({ description: 'Virtual wall time at t = 0.' }),
  duration: duration().meta({ description: 'How long producers run, warm-up included (D5).' }),
  drain: duration()
    .default('0s')
    .meta({ description: 'Then run on until every record is settled, at most this long (D5).' }),
  warmup: duration().default('0s').meta({ description: 'Not counted in statistics (D5).' }),
  polling: polling.default({ period: '1s', phase: 'spread', pacing: 'grid', continueAfter: 'fullBatch' }),
  account: account.default({ ConcurrentExecutions: 1_000, id: '123456789012', region: 'us-east-1' }),
  period: duration().default('60s').meta({ description: 'Of the reported series.' }),
  stallAfter: duration().default('10s').meta({ description: 'Longer stalls are reported (M3).' }),
  streams: mapOf('streams', stream),
  producers: mapOf('producers', producer).default({}),
  functions: mapOf('functions', lambda),
  mappings: mapOf('mappings', mapping),
  timeline: z.array(entry, { error: 'expected a list of entries' }).default([]),
  thresholds: mapOf(
    'metrics',
    z.array(z.string({ error: "expected a threshold such as 'max < 60s'" }), {
      error: "expected a list such as ['max < 60s']",
    }),
  ).default({}),
});

/** A scenario in the file's own form, complete. */
export type ScenarioDocument = z.output<typeof scenarioSchema>;
export type StreamDocument = z.output<typeof stream>;
export type ProducerDocument = z.output<typeof producer>;
export type FunctionDocument = z.output<typeof lambda>;
export type MappingDocument = z.output<typeof mapping>;
export type FaultDocument = z.output<typeof fault>;

/** JSON Schema, draft 7: what editors complete and check by. */
export function scenarioJsonSchema(): object {
  return { ...z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7' }), title: 'shardclock scenario' };
}
