import { z } from 'zod';
import { acceptedKeys, STREAM_MODES } from './cloudformation.ts';
import {
  byteRate,
  distribution,
  duration,
  durations,
  EXPECTED_SIZE,
  flag,
  hashKey,
  laws,
  mapOf,
  name,
  number,
  object,
  oneOf,
  onOff,
  partitionKey,
  percent,
  positive,
  rate,
  size,
  text,
  time,
  whole,
} from './field.ts';
import { mapping } from './mapping-schema.ts';
import { role, timelineEntry } from './timeline-schema.ts';

/*
 * The form of a scenario file. Every key has a description, a default where it may be left out, and an error that says
 * what is expected; editors read the same through the JSON Schema.
 */

const polling = object('a map of polling settings', {
  period: duration().default('1s').meta({ description: 'Between two asks of an idle lane (P1).' }),
  phase: z
    .union([oneOf('spread', 'aligned'), duration()], { error: 'expected spread, aligned, or a duration such as 250ms' })
    .default('spread')
    .meta({
      description: 'Where the grid of each mapping and shard begins: drawn from the seed, at 0, or a duration.',
    }),
  pacing: oneOf('grid', 'sincePoll')
    .default('grid')
    .meta({ description: 'After a short batch: at the next grid instant, or a period after the last ask (P1).' }),
  continueAfter: oneOf('fullBatch', 'anyBatch')
    .default('fullBatch')
    .meta({ description: 'After which batches a lane asks again at once (P3).' }),
});

const account = object('a map of account settings', {
  ConcurrentExecutions: whole(1, 1_000_000).default(1_000).meta({ description: "The account's concurrency (L1)." }),
  id: text("expected twelve digits in quotes, such as '123456789012'", /^\d{12}$/)
    .default('123456789012')
    .meta({ description: 'Twelve digits, for ARNs.' }),
  region: text('expected the name of a region, such as us-east-1', /^[a-z0-9-]{1,32}$/)
    .default('us-east-1')
    .meta({ description: 'For ARNs.' }),
});

const stream = object('a map of stream settings', {
  ShardCount: whole(1, 10_000)
    .optional()
    .meta({ description: 'Shards that share the hash-key space evenly (K1).', examples: [4] }),
  shards: z
    .array(
      object('{ StartingHashKey, EndingHashKey }', {
        StartingHashKey: hashKey('first'),
        EndingHashKey: hashKey('last'),
      }),
      { error: 'expected a list of { StartingHashKey, EndingHashKey }' },
    )
    .min(1, { error: 'expected at least one shard' })
    .max(10_000, { error: 'expected at most 10,000 shards' })
    .optional()
    .meta({ description: 'In place of ShardCount: the inclusive hash-key range of each shard, in order.' }),
  StreamMode: oneOf(...STREAM_MODES)
    .default('PROVISIONED')
    .meta({ description: 'An on-demand stream begins with 4 shards, or ShardCount, and changes them itself (K7).' }),
  RetentionPeriodHours: whole(24, 8_760)
    .default(24)
    .meta({ description: 'How long a record can be read (K5).', examples: [168] }),
  MaxRecordSizeInKiB: whole(1_024, 10_240)
    .default(1_024)
    .meta({ description: 'The largest record, data and key (K3).' }),
  consumers: z
    .array(text('expected a name without a slash, blanks or braces', /^[^\s{}/]{1,128}$/), {
      error: 'expected a list of names',
    })
    .max(20, { error: 'expected at most 20 consumers' })
    .refine((names) => new Set(names).size === names.length, { error: 'expected each consumer once' })
    .default([])
    .meta({ description: 'Consumers with enhanced fan-out (K8), by name.' }),
  otherReaders: z
    .array(
      object('{ calls, bytes }', {
        calls: rate().meta({ description: 'GetRecords calls.' }),
        bytes: byteRate().default('0B/s').meta({ description: 'Bytes that the calls bring.' }),
      }),
      { error: 'expected a list of { calls: 1/s, bytes: 200KB/s }' },
    )
    .default([])
    .meta({ description: 'Other consumers without fan-out, which load every shard (K4).' }),
  writeLimits: onOff('The write limits of a shard (K3).'),
  readLimits: onOff('The read limits of a shard (K4).'),
});

const phase = object('{ duration, rate, rampTo, name }', {
  duration: duration().meta({ description: 'How long the phase lasts.' }),
  rate: rate().meta({ description: 'At the start of the phase.' }),
  rampTo: rate().optional().meta({ description: 'The rate at the end of the phase; between them it is linear.' }),
  name: z.string({ error: 'expected a name' }).optional().meta({ description: 'What charts call the phase.' }),
});

const listed = object('{ at, key, bytes, shard, count }', {
  at: duration().meta({ description: 'When, since the start of the run.' }),
  key: partitionKey().optional().meta({ description: 'Its partition key, which decides its shard.' }),
  bytes: size().optional().meta({ description: 'Its data before base64.' }),
  shard: whole(0, 9_999).optional().meta({ description: 'The index of its shard, in place of a key.' }),
  count: whole(1, 1_000_000).optional().meta({ description: 'So many records alike; without it one.' }),
});

const keys = object('one of { count }, { zipf }, { hot, count }, { list }', {
  count: whole(1, 1_000_000)
    .optional()
    .meta({ description: 'partitionKey-0 … partitionKey-(count − 1), each as likely.' }),
  zipf: object('{ count, exponent }', {
    count: whole(1, 1_000_000).meta({ description: 'How many keys there are.' }),
    exponent: number(0, 10).meta({ description: 'The k-th key has weight k^−exponent.' }),
  })
    .optional()
    .meta({ description: "Keys by Zipf's law." }),
  hot: object('{ key, share }', {
    key: partitionKey().meta({ description: 'The hot key.' }),
    share: percent().meta({ description: 'Its share of all records.' }),
  })
    .optional()
    .meta({ description: 'One key takes a share of all records, the other `count` the rest evenly.' }),
  list: z
    .array(partitionKey(), { error: 'expected a list of partition keys' })
    .min(1, { error: 'expected at least one key' })
    .optional()
    .meta({ description: 'These keys, each as likely.' }),
});

const trace = object('{ file, time, value, period, scale } or { file, metric }', {
  file: name('a CSV or JSON file').meta({ description: 'A CSV file, or an answer of CloudWatch in JSON.' }),
  time: name('a column')
    .optional()
    .meta({ description: 'The column with the time at which a row begins; without it `timestamp`.' }),
  value: name('a column')
    .optional()
    .meta({ description: 'The column with the number of records of a row; without it `value`.' }),
  metric: name('a metric')
    .optional()
    .meta({ description: 'The metric of a CloudWatch answer, by its label or id; without it IncomingRecords.' }),
  period: duration().optional().meta({
    description: 'What a row stands for; otherwise the longest that all steps between rows are whole numbers of.',
  }),
  scale: positive().optional().meta({ description: 'Multiplies the records of each row; without it 1.' }),
});

const arrivalTimes = object('{ file, time, key, bytes }', {
  file: name('a CSV file').meta({ description: 'A CSV file with one record a row.' }),
  time: name('a column').meta({ description: 'The column with the time of a record.' }),
  key: name('a column').optional().meta({ description: 'The column with its partition key.' }),
  bytes: name('a column').optional().meta({ description: 'The column with the bytes of its data.' }),
});

export const producer = object('a map of producer settings', {
  stream: name('a stream').meta({ description: 'The stream that the records are put to.' }),
  rate: rate()
    .optional()
    .meta({ description: 'Records for the whole stream. Exactly one of rate, phases, trace, arrivalTimes, records.' }),
  phases: z
    .array(phase, { error: 'expected a list of phases' })
    .min(1, { error: 'expected at least one phase' })
    .optional()
    .meta({ description: 'Rates one after another; nothing after the last.' }),
  trace: trace.optional().meta({ description: 'Counts of records by period, from a file; t = 0 is its first row.' }),
  arrivalTimes: arrivalTimes
    .optional()
    .meta({ description: 'Single records from a file; t = 0 is the whole second of the first.' }),
  records: z
    .array(listed, { error: 'expected a list of records' })
    .optional()
    .meta({ description: 'Records written out.' }),
  arrivals: oneOf('poisson', 'even')
    .default('poisson')
    .meta({ description: 'Of rates and traces: random, or evenly spaced over the stream.' }),
  bytes: distribution(size, EXPECTED_SIZE).default('1KB').meta({ description: 'Data of a record before base64.' }),
  data: object('{ template }, { file } or { column }', {
    template: z
      .json({ error: 'expected JSON' })
      .optional()
      .meta({ description: 'JSON; texts may hold ${index}, ${key} and ${pick:a,b}.' }),
    file: name('a file with one record a line').optional().meta({ description: 'A file with one record a line.' }),
    column: name('a column').optional().meta({ description: 'A column of the file of arrivalTimes.' }),
  })
    .optional()
    .meta({ description: 'What the records hold, for filters to look at; their bytes follow from it.' }),
  keys: keys.optional().meta({ description: 'Partition keys; without it each record has a fresh random one.' }),
  onThrottle: oneOf('retry', 'drop')
    .default('retry')
    .meta({ description: 'What the producer does with a refused record (K3).' }),
});

const fault = object('a fault, such as { probability: 1% }', {
  probability: percent().optional().meta({ description: 'Each invocation fails with this probability.' }),
  from: duration()
    .optional()
    .meta({ description: 'Invocations that start in [from, to); a window alone is an outage.' }),
  to: duration().optional().meta({ description: 'The end of the window; without it there is none.' }),
  until: duration().optional().meta({ description: 'The same as to.' }),
  after: duration()
    .optional()
    .meta({ description: 'How long a failing invocation takes; otherwise its drawn duration.' }),
  slowdown: positive().optional().meta({ description: 'Multiplies the duration.' }),
  poison: object('{ stream, shard, record }, { key } or { oneIn }', {
    stream: name('a stream').optional().meta({ description: 'The stream of the poison record.' }),
    shard: whole(0, 9_999).optional().meta({ description: 'The index of its shard.' }),
    record: whole(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ description: 'Its index among the records that the shard accepted, from 0 (D3).' }),
    key: partitionKey().optional().meta({ description: 'Every record with this partition key is poison.' }),
    oneIn: whole(1, Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ description: 'Each record is poison with a probability of 1 in this.' }),
  })
    .optional()
    .meta({ description: 'A batch that holds such a record fails.' }),
  fail: oneOf('batch', 'record').optional().meta({
    description:
      'What a poison record fails: the whole batch, or itself, which the function reports in its response (E5).',
  }),
  invocations: whole(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'The first so many invocations of the function fail.' }),
  responseLost: flag()
    .optional()
    .meta({
      description:
        'Whether the function runs first, with all its effects, and only its answer is lost: its batch comes again as duplicates (L7).',
      examples: [true],
    }),
});

const EXPECTED_ARCHITECTURES = 'expected [x86_64] or [arm64]';

export const lambda = object('a map of function settings', {
  MemorySize: whole(128, 10_240).default(128).meta({ description: 'MB.' }),
  Architectures: z
    .array(oneOf('x86_64', 'arm64'), { error: EXPECTED_ARCHITECTURES })
    .length(1, { error: EXPECTED_ARCHITECTURES })
    .optional()
    .meta({ description: 'What it runs on, which decides its price (C2a); absent: [x86_64].', examples: [['arm64']] }),
  Timeout: whole(1, 900).default(3).meta({ description: 'Seconds (L5).' }),
  ReservedConcurrentExecutions: whole(0, 1_000_000)
    .optional()
    .meta({ description: 'Its own part of the concurrency (L1); absent: the unreserved pool.', examples: [10] }),
  Role: role()
    .optional()
    .meta({
      description: 'What its role allows (A3): actions, or a managed policy; absent: everything.',
      examples: [['AWSLambdaKinesisExecutionRole']],
    }),
  ProvisionedConcurrencyConfig: object('{ ProvisionedConcurrentExecutions }', {
    ProvisionedConcurrentExecutions: whole(1, 1_000_000).meta({ description: 'So many environments.', examples: [10] }),
  })
    .optional()
    .meta({ description: 'Environments that are always warm and are used first (L4).' }),
  duration: z
    .union(
      [
        duration(),
        object('a duration, { base, perRecord, perKB }, or a distribution', {
          base: durations().optional().meta({ description: 'Of every invocation.' }),
          perRecord: durations().optional().meta({ description: 'Added for each record of the batch.' }),
          perKB: durations().optional().meta({ description: 'Added for each 1,024 bytes of data in the batch.' }),
          ...laws(duration),
        }),
      ],
      { error: 'expected a duration with its unit, such as 120ms, { base, perRecord, perKB }, or a distribution' },
    )
    .meta({ description: 'How long the handler takes (L5).' }),
  durationByMemory: object('{ at, cpuShare } or { at, measured }', {
    at: whole(128, 10_240).meta({ description: 'The MemorySize at which `duration` is as it says.' }),
    cpuShare: percent().optional().meta({
      description:
        'The part of it that the processor decides, of which a function has the more the larger MemorySize is.',
    }),
    fullAt: whole(128, 10_240).optional().meta({
      description: 'The MemorySize from which on more makes nothing faster; without it 1,769, one processor.',
    }),
    measured: z
      .array(
        object('{ MemorySize, duration }', {
          MemorySize: whole(128, 10_240).meta({ description: 'MB.' }),
          duration: duration().meta({ description: 'Of the same work, at this MemorySize.' }),
        }),
        { error: 'expected a list of { MemorySize, duration }' },
      )
      .optional()
      .meta({ description: 'In place of cpuShare: how long the same work took at two or more sizes.' }),
  })
    .optional()
    .meta({
      description: 'How `duration` depends on MemorySize; without it, not at all (L5a).',
      examples: [{ at: 512, cpuShare: '80%' }],
    }),
  durationByConcurrency: object('{ saturatesAt, share }', {
    saturatesAt: whole(1, 1_000_000).meta({
      description: 'So many invocations at once run at full speed; more of them share that.',
    }),
    share: percent()
      .default('100%')
      .meta({ description: 'The part of the duration that this concerns: what is spent at the database.' }),
  })
    .optional()
    .meta({
      description: 'How `duration` depends on how many invocations run; without it, not at all (L5a).',
      examples: [{ saturatesAt: 20, share: '60%' }],
    }),
  coldStart: durations().default('0ms').meta({ description: 'What a new environment adds (L4).' }),
  idleTimeout: duration().default('10m').meta({ description: 'When an idle environment goes (L4).' }),
  faults: z
    .array(fault, { error: 'expected a list of faults' })
    .default([])
    .meta({ description: 'The first that applies decides (L6).' }),
  handler: name('a module')
    .min(1, { error: 'expected the name of a module' })
    .optional()
    .meta({ description: "A module whose export `handler` is the function's own code: it decides the outcome (L7)." }),
});

/** Beyond these numbers are rounded, and a fraction may be written in several ways. */
const EXPECTED_SEED = 'expected a whole number up to 9,007,199,254,740,991, or text; any other number in quotes';

export const scenarioSchema = object('a scenario', {
  $schema: z.string({ error: 'expected a path or an address' }).optional().meta({
    description: 'Where editors find the schema of a scenario in JSON; a YAML file has a modeline.',
  }),
  shardclock: z
    .literal(1, { error: 'expected 1, the version of the format' })
    .meta({ description: 'The version of the format.' }),
  name: z
    .string({ error: 'expected a name' })
    .min(1, { error: 'expected a name' })
    .meta({ description: 'What reports and charts call the scenario.' }),
  description: z.string({ error: 'expected text' }).optional().meta({ description: 'What it is for.' }),
  seed: z
    .union([z.string(), z.int({ error: EXPECTED_SEED })], { error: EXPECTED_SEED })
    .default(0)
    .meta({ description: "Decides every draw (D2); 42 and '42' are the same." }),
  start: time()
    .default('1970-01-01T00:00:00Z')
    .meta({ description: 'Virtual wall time at t = 0; without a zone it is UTC.' }),
  duration: duration().meta({ description: 'How long producers run, warm-up included (D5).' }),
  drain: duration()
    .default('0s')
    .meta({ description: 'Then run on until every record is settled, at most this long (D5).' }),
  warmup: duration().default('0s').meta({ description: 'Not counted in statistics (D5).' }),
  polling: polling
    .default({ period: '1s', phase: 'spread', pacing: 'grid', continueAfter: 'fullBatch' })
    .meta({ description: 'When lanes ask for records (P1, P3).' }),
  account: account
    .default({ ConcurrentExecutions: 1_000, id: '123456789012', region: 'us-east-1' })
    .meta({ description: 'The AWS account.' }),
  period: duration().default('60s').meta({ description: 'Of the reported series.' }),
  stallAfter: duration().default('10s').meta({ description: 'Longer stalls are reported (M3).' }),
  streams: mapOf('streams', stream).meta({ description: 'Kinesis data streams by name.' }),
  producers: mapOf('producers', producer).default({}).meta({ description: 'What puts records, by name.' }),
  functions: mapOf('functions', lambda).meta({ description: 'Lambda functions by name.' }),
  mappings: mapOf('mappings', mapping).meta({ description: 'Event source mappings by name.' }),
  timeline: z
    .array(timelineEntry(mapping), { error: 'expected a list such as [{ at: 20m, disable: NAME }]' })
    .default([])
    .meta({ description: 'What is changed while the run goes on.' }),
  thresholds: z
    .record(
      z.string(),
      z.array(z.string({ error: "expected a threshold such as 'max < 60s'" }), {
        error: "expected a list such as ['max < 60s']",
      }),
      { error: "expected a map such as { IteratorAge: ['max < 60s'] }" },
    )
    .default({})
    .meta({ description: "What must hold, by metric: IteratorAge: ['max < 60s']." }),
});

/** A scenario in the file's own form, complete. */
export type ScenarioDocument = z.output<typeof scenarioSchema>;
export type StreamDocument = z.output<typeof stream>;
export type ProducerDocument = z.output<typeof producer>;
export type FunctionDocument = z.output<typeof lambda>;
export type FaultDocument = z.output<typeof fault>;

/**
 * JSON Schema, draft 7: what editors complete and check by. It knows what CloudFormation knows, too, so that a block
 * pasted from a template is not marked.
 */
export function scenarioJsonSchema(): object {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7' });
  for (const section of ['streams', 'functions', 'mappings']) {
    const { properties } = (schema.properties as Record<string, { additionalProperties: { properties: object } }>)[
      section
    ]!.additionalProperties;
    for (const { key, description } of acceptedKeys(section)) Object.assign(properties, { [key]: { description } });
    const { Role: own } = properties as { Role?: { description: string } };
    if (own !== undefined) {
      const { description, ...list } = own;
      Object.assign(properties, {
        Role: { anyOf: [list, { type: 'string' }], description: `${description} An ARN has no effect.` },
      });
    }
  }
  return { ...schema, title: 'shardclock scenario' };
}
