import fc from 'fast-check';
import { parseScenario } from '../../src/scenario/parse.ts';
import { scenarioDocuments } from '../support/arbitrary-scenario.ts';

type Document = Record<string, unknown>;

/** A time as a share of the run's duration, in 1/100,000; `timed` turns it into one. */
const PLACE = fc.integer({ min: 0, max: 99_999 });

const backoff = fc.constantFrom<unknown>(
  undefined,
  'none',
  { initial: '1s', factor: 3, maximum: '20s', jitter: '30%' },
  { jitter: '50%' },
);
const throttleBackoff = fc.constantFrom<unknown>(undefined, 'queue', { initial: '100ms', maximum: '2s' });
const polling = fc.record({
  period: fc.constantFrom('1s', '250ms', '3s', '777ms'),
  phase: fc.constantFrom('spread', 'aligned', '100ms'),
  pacing: fc.constantFrom('grid', 'sincePoll'),
  continueAfter: fc.constantFrom('fullBatch', 'anyBatch'),
});
const faults = fc.array(
  fc.constantFrom<Document>(
    { probability: '20%' },
    { probability: '70%', from: '5s', until: '25s' },
    { from: '5s', to: '15s' },
    { from: '8s', to: '20s', after: '1s' },
    { from: '0s', to: '30s', slowdown: 3 },
    { slowdown: 1.7 },
    { poison: { stream: 's', shard: 0, record: 3 } },
    { poison: { stream: 't', shard: 0, record: 1 }, fail: 'record' },
    { poison: { key: 'partitionKey-3' } },
    { poison: { oneIn: 30 }, after: '100ms' },
    { poison: { oneIn: 20 }, fail: 'record' },
    { poison: { oneIn: 50 }, until: '20s' },
    { invocations: 4 },
    { invocations: 3, responseLost: true },
    { probability: '30%', responseLost: true, until: '35s' },
    { from: '8s', to: '16s', after: '2s', responseLost: true },
    { poison: { oneIn: 25 }, responseLost: true, until: '30s' },
  ),
  { minLength: 1, maxLength: 3 },
);
const duration = fc.constantFrom<unknown>(
  '0ms',
  '20ms',
  '900ms',
  { base: '5ms', perRecord: '1ms', perKB: '0.5ms' },
  { exponential: { mean: '200ms' } },
  { base: { lognormal: { median: '100ms', p99: '4s' } }, perRecord: { uniform: { min: '0ms', max: '3ms' } } },
  { weibull: { shape: 0.8, scale: '300ms' } },
);
const lambda = fc
  .record({
    duration,
    coldStart: fc.constantFrom<unknown>('0ms', '300ms', { exponential: { mean: '250ms' } }),
    idleTimeout: fc.constantFrom('1s', '10m'),
    Timeout: fc.constantFrom(1, 3, 30),
    reserved: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2, 5),
    provisioned: fc.constantFrom(0, 0, 1, 2),
    faults: fc.oneof({ arbitrary: faults, weight: 3 }, fc.constant([])),
  })
  .map(({ reserved, provisioned, ...g }) => ({
    ...g,
    ...(reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved }),
    ...provisionedOf(Math.min(provisioned, reserved ?? provisioned)),
  }));
const keys = fc.constantFrom<unknown>(
  undefined,
  { count: 5 },
  { zipf: { count: 50, exponent: 1.1 } },
  { hot: { key: 'hot', share: '60%' }, count: 8 },
  { list: ['a', 'ß', 'c', 'a'] },
);
const bytes = fc.constantFrom<unknown>(
  '1KB',
  '0B',
  '100B',
  { uniform: { min: '10B', max: '4KB' } },
  { exponential: { mean: '2KB' } },
);

const data = fc.constantFrom<unknown>(
  { template: { kind: '${pick:a,b,c}', id: '${index}' } },
  { template: { of: '${key}', tags: ['${pick:x,y}', 'z'], n: 1 } },
);
const pattern = fc.constantFrom<unknown>(
  undefined,
  undefined,
  { data: { kind: ['a'] } },
  { partitionKey: [{ suffix: '1' }, { 'anything-but': ['x', 'hot'] }] },
  { data: { kind: [{ exists: false }] } },
  { data: { id: [{ numeric: ['<', 20] }], kind: [{ prefix: 'b' }] } },
);

const producer = (most: number) =>
  fc
    .record({
      stream: fc.constantFrom('s', 's', 't'),
      source: fc.oneof(
        fc.record({ rate: fc.integer({ min: 1, max: most }).map((rate) => `${rate}/s`) }),
        fc.record({
          phases: fc.array(
            fc.record({
              duration: fc.constantFrom('2s', '3500ms', '10s', '1234ms'),
              rate: fc.integer({ min: 0, max: most }).map((rate) => `${rate}/s`),
              rampTo: fc.integer({ min: 0, max: most }).map((rate) => `${rate}/s`),
            }),
            { minLength: 1, maxLength: 4 },
          ),
        }),
        fc.record({
          records: fc.array(
            fc.oneof(
              fc.record({ at: PLACE, key: fc.constantFrom('partitionKey-3', 'x', 'y') }),
              fc.record({ at: PLACE, shard: fc.constant(0), bytes: fc.constantFrom('1B', '30KB') }),
              fc.record({ at: PLACE, count: fc.integer({ min: 1, max: 150 }) }),
            ),
            { minLength: 1, maxLength: 12 },
          ),
        }),
      ),
      arrivals: fc.constantFrom('poisson', 'even'),
      keys,
      content: fc.oneof(fc.record({ bytes }), fc.record({ data })),
      onThrottle: fc.constantFrom('retry', 'drop'),
    })
    .map(({ source, keys: law, arrivals, content, ...g }) => ({
      ...g,
      ...content,
      ...source,
      ...('records' in source ? {} : { arrivals }),
      ...(law === undefined ? {} : { keys: law }),
    }));

const mapping = fc
  .record({
    reads: fc.constantFrom('s', 's', 't', 's/fast'),
    StartingPosition: fc.constantFrom('TRIM_HORIZON', 'TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'),
    Enabled: fc.constantFrom(true, true, true, false),
    BatchSize: fc.constantFrom(1, 3, 10, 100, 500),
    MaximumRetryAttempts: fc.constantFrom(-1, 0, 2, 5),
    MaximumRecordAgeInSeconds: fc.constantFrom(-1, -1, 60),
    BisectBatchOnFunctionError: fc.boolean(),
    FunctionResponseTypes: fc.constantFrom([], ['ReportBatchItemFailures']),
    MaximumBatchingWindowInSeconds: fc.constantFrom(0, 0, 0, 1, 5),
    lanes: fc.constantFrom<Document>(
      {},
      {},
      { ParallelizationFactor: 2 },
      { ParallelizationFactor: 5 },
      { TumblingWindowInSeconds: 1 },
      { TumblingWindowInSeconds: 3 },
      { TumblingWindowInSeconds: 10 },
    ),
    retryBackoff: backoff,
    throttleBackoff,
    fetchLimit: fc.constantFrom(10_000, 10_000, 'batchSize'),
    iteratorAge: fc.constantFrom('atFinish', 'atInvoke'),
    transitions: fc.constantFrom('0s', '0s', '2s'),
    destination: fc.boolean(),
    pattern,
  })
  .map(({ reads, lanes, retryBackoff, throttleBackoff: throttled, destination, pattern: kept, ...g }) => ({
    ...(reads.includes('/') ? { consumer: reads } : { stream: reads }),
    ...g,
    ...lanes,
    ...(g.StartingPosition === 'AT_TIMESTAMP' ? { StartingPositionTimestamp: 0 } : {}),
    ...(destination ? { DestinationConfig: { OnFailure: { Destination: 'dlq' } } } : {}),
    ...(kept === undefined ? {} : { FilterCriteria: { Filters: [{ Pattern: JSON.stringify(kept) }] } }),
    ...(retryBackoff === undefined ? {} : { retryBackoff }),
    ...(throttled === undefined ? {} : { throttleBackoff: throttled }),
  }));

const changes = fc.record(
  {
    Enabled: fc.boolean(),
    BatchSize: fc.constantFrom(1, 4, 60, 700),
    MaximumRetryAttempts: fc.constantFrom(-1, 0, 3),
    MaximumRecordAgeInSeconds: fc.constantFrom(-1, 60),
    BisectBatchOnFunctionError: fc.boolean(),
    FunctionResponseTypes: fc.constantFrom([], ['ReportBatchItemFailures']),
    MaximumBatchingWindowInSeconds: fc.constantFrom(0, 0, 2),
    FilterCriteria: fc
      .constantFrom<readonly Document[]>(
        [],
        [{ partitionKey: [{ suffix: '1' }] }],
        [{ partitionKey: [{ prefix: 'partitionKey-1' }, 'hot'] }],
      )
      .map((patterns) => ({ Filters: patterns.map((one) => ({ Pattern: JSON.stringify(one) })) })),
  },
  { requiredKeys: [] },
);

const ACTIONS = [
  'GetRecords',
  'GetShardIterator',
  'DescribeStream',
  'DescribeStreamSummary',
  'ListShards',
  'ListStreams',
];

/** P4, P11: a shard gets other lanes. */
const division = fc.record({
  at: PLACE,
  verb: fc.constant('update'),
  of: fc.constantFrom('m', 'm', 'n'),
  set: fc.constantFrom<Document>(
    { ParallelizationFactor: 1 },
    { ParallelizationFactor: 2 },
    { ParallelizationFactor: 3, BatchSize: 4 },
    { ParallelizationFactor: 4, FilterCriteria: { Filters: [] } },
    { TumblingWindowInSeconds: 2 },
    { ParallelizationFactor: 1, TumblingWindowInSeconds: 0 },
    { ParallelizationFactor: 1, TumblingWindowInSeconds: 5, Enabled: true },
  ),
});

const creation = fc.record({
  at: PLACE,
  verb: fc.constant('create'),
  of: fc.constant('created'),
  mapping,
  target: fc.constantFrom('f', 'g'),
  position: fc.integer({ min: 0, max: 4 }),
});

/** A1, A3: calls for mappings m and n, for one that comes to be, and for the roles of two functions. */
const entry = fc.oneof(
  fc.record({ at: PLACE, verb: fc.constantFrom('enable', 'disable', 'disable'), of: fc.constantFrom('m', 'n') }),
  fc.record({ at: PLACE, verb: fc.constantFrom('enable', 'disable', 'delete'), of: fc.constantFrom('m', 'created') }),
  fc.record({
    at: PLACE,
    verb: fc.constant('update'),
    of: fc.constantFrom('m', 'm', 'n', 'created'),
    set: changes.filter((set) => Object.keys(set).length > 0),
  }),
  division,
  creation,
  fc.record({
    at: PLACE,
    verb: fc.constant('role'),
    of: fc.constantFrom('f', 'g'),
    set: fc.constantFrom(
      ['AWSLambdaKinesisExecutionRole'],
      ['kinesis:GetRecords'],
      ACTIONS.map((action) => `kinesis:${action}`),
      ['kinesis:*'],
    ),
  }),
);
const timeline = fc.array(entry, { maxLength: 5 });

/** K6: what is asked of a stream; what AWS would refuse is left out. */
const streamChange = fc.record({
  /** Now and then at the very beginning, and where producers and polls have their seconds. */
  at: fc.oneof(
    fc.constant('0s'),
    fc.integer({ min: 0, max: 44 }).map((second) => `${second}s`),
    PLACE,
  ),
  change: fc.oneof(
    fc.record({ split: fc.constantFrom('s', 't'), shard: fc.integer({ min: 0, max: 4 }) }),
    fc.record({
      merge: fc.constantFrom('s', 't'),
      shards: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 5 })),
    }),
    fc.record({ reshard: fc.constantFrom('s', 't'), ShardCount: fc.integer({ min: 1, max: 6 }) }),
  ),
});
type Change = typeof streamChange extends fc.Arbitrary<infer One> ? One : never;

/** @param duration seconds */
function withChanges(document: Document, changes: readonly Change[], duration: number): Document {
  let legal = document;
  for (const { at, change } of changes) {
    const entry = { at: typeof at === 'string' ? at : timeOf(at, duration), ...change };
    const longer = { ...legal, timeline: [...(legal.timeline as Document[]), entry] };
    if (isLegal(longer)) legal = longer;
  }
  return legal;
}

const busyTimeline = fc
  .tuple(creation, fc.array(entry, { minLength: 4, maxLength: 12 }))
  .map(([one, others]) => [one, ...others]);

const dividingTimeline = fc
  .tuple(fc.array(division, { minLength: 1, maxLength: 4 }), fc.array(entry, { maxLength: 3 }))
  .map(([some, others]) => [...some, ...others]);

type Entry = typeof entry extends fc.Arbitrary<infer One> ? One : never;

/** @param duration seconds */
function written(entries: readonly Entry[], duration: number): Document[] {
  const first = entries.findIndex(({ verb }) => verb === 'create');
  return entries
    .filter(({ verb, of }, place) => (verb === 'create' ? place === first : of !== 'created' || first >= 0))
    .map((entry) => {
      const at = timeOf(entry.at, duration);
      const base = { at, [entry.verb]: entry.of };
      if ('set' in entry) return { ...base, set: entry.set };
      if (!('mapping' in entry)) return base;
      const { StartingPositionTimestamp: past, ...rest } = entry.mapping as Document;
      // P8: a time of the run before the call, which is made later than that.
      const timestamp =
        past === undefined ? {} : { StartingPositionTimestamp: (Number.parseInt(at, 10) * entry.position) / 4_000 };
      return { ...base, mapping: { ...rest, ...timestamp, function: entry.target } };
    });
}

const stream = fc.record({
  ShardCount: fc.integer({ min: 1, max: 3 }),
  consumers: fc.constant(['fast']),
  otherReaders: fc.constantFrom<unknown>(
    [],
    [],
    [{ calls: '3/s', bytes: '100KB/s' }],
    [{ calls: '4/s', bytes: '1MB/s' }, { calls: '0.7/s' }],
    [{ calls: '2/s', bytes: '1900KB/s' }],
  ),
  readLimits: fc.constantFrom('on', 'on', 'off'),
  writeLimits: fc.constantFrom('on', 'on', 'off'),
});

/** Two streams, three functions and mappings, producers of every kind: a minute at most. */
const varied = (
  entries: fc.Arbitrary<readonly Entry[]>,
  changes: fc.Arbitrary<readonly Change[]>,
): fc.Arbitrary<Document> =>
  fc
    .record({
      seed: fc.integer({ min: 0, max: 1_000_000 }),
      duration: fc.integer({ min: 5, max: 45 }),
      drain: fc.constantFrom('0s', '20s', '2m'),
      warmup: fc.constantFrom('0s', '0s', '3s'),
      concurrency: fc.constantFrom(1_000, 110, 103, 101),
      polling,
      streams: fc.record({ s: stream, t: stream }),
      producers: fc.array(producer(60), { minLength: 1, maxLength: 3 }),
      functions: fc.record({ f: lambda, g: lambda, h: lambda }),
      mappings: fc.record({ m: mapping, n: mapping }),
      third: mapping,
      timeline: entries,
      changes,
    })
    .map((g) =>
      withChanges(
        {
          ...document(g),
          streams: g.streams,
          mappings: {
            m: { ...g.mappings.m, function: 'f' },
            n: { ...g.mappings.n, function: 'g' },
            o: { ...g.third, consumer: undefined, stream: 't', function: 'h' },
          },
          timeline: written(g.timeline, g.duration),
        },
        g.changes,
        g.duration,
      ),
    );

/** More than the write and read limits of a shard allow (K3, K4). */
const overloadedDocuments: fc.Arbitrary<Document> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    duration: fc.integer({ min: 5, max: 12 }),
    drain: fc.constantFrom('0s', '30s'),
    polling,
    stream,
    size: fc.constantFrom<[string, unknown]>(
      ['1300/s', '100B'],
      ['40/s', '60KB'],
      ['25/s', { uniform: { min: '10KB', max: '200KB' } }],
      ['4/s', '900KB'],
    ),
    arrivals: fc.constantFrom('poisson', 'even'),
    keys,
    onThrottle: fc.constantFrom('retry', 'drop'),
    listed: producer(20),
    functions: fc.record({ f: lambda, g: lambda }),
    mappings: fc.record({ m: mapping, n: mapping }),
    timeline,
  })
  .map((g) => ({
    ...document({ ...g, warmup: '0s', concurrency: 1_000, producers: [] }),
    streams: { s: { ...g.stream, ShardCount: 1 }, t: g.stream },
    producers: {
      p: {
        stream: 's',
        rate: g.size[0],
        bytes: g.size[1],
        arrivals: g.arrivals,
        onThrottle: g.onThrottle,
        ...(g.keys === undefined ? {} : { keys: g.keys }),
      },
      q: timed(g.listed, g.duration),
    },
    functions: g.functions,
    mappings: {
      m: { ...g.mappings.m, function: 'f' },
      n: { ...g.mappings.n, function: 'g' },
    },
    timeline: written(g.timeline, g.duration),
  }));

/** Batches at the payload limit, and records that exceed it alone (P5). */
const heavyDocuments: fc.Arbitrary<Document> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    duration: fc.integer({ min: 5, max: 30 }),
    drain: fc.constantFrom('0s', '30s'),
    polling,
    stream,
    records: fc.array(
      fc.record({
        at: PLACE,
        shard: fc.constant(0),
        bytes: fc.constantFrom('60KB', '300KB', '900KB', '900KB', '4600KB', '4718000B', '5MB'),
        count: fc.integer({ min: 1, max: 5 }),
      }),
      { minLength: 10, maxLength: 25 },
    ),
    functions: fc.record({ f: lambda, g: lambda }),
    mappings: fc.record({ m: mapping, n: mapping }),
    timeline,
  })
  .map((g) => ({
    ...document({ ...g, warmup: '0s', concurrency: 1_000, producers: [] }),
    streams: { s: { ...g.stream, MaxRecordSizeInKiB: 10_240, writeLimits: 'off' }, t: g.stream },
    producers: { p: timed({ stream: 's', records: g.records }, g.duration) },
    functions: g.functions,
    mappings: {
      m: { ...g.mappings.m, function: 'f' },
      n: { ...g.mappings.n, function: 'g' },
    },
    timeline: written(g.timeline, g.duration),
  }));

/** Tens of records over more than a day, and waits that outlast the retention (K5, E2, D5). */
const sparseDocuments: fc.Arbitrary<Document> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    duration: fc.integer({ min: 26, max: 30 }),
    drain: fc.constantFrom('0s', '2h', '30h'),
    warmup: fc.constantFrom('0s', '1h'),
    period: fc.constantFrom('10m', '3m'),
    phase: fc.constantFrom('spread', 'aligned'),
    pacing: fc.constantFrom('grid', 'sincePoll'),
    shards: fc.integer({ min: 1, max: 2 }),
    records: fc.array(fc.record({ at: PLACE, count: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 5,
      maxLength: 40,
    }),
    function: fc.record({
      duration: fc.constantFrom('20ms', '2s'),
      Timeout: fc.constantFrom(1, 3),
      reserved: fc.constantFrom(undefined, undefined, 0, 1),
      faults: fc.array(
        fc.constantFrom<Document>(
          { probability: '50%' },
          { from: '1h', to: '27h' },
          { from: '30m', to: '40h' },
          { poison: { oneIn: 5 } },
          { poison: { stream: 's', shard: 0, record: 1 }, fail: 'record' },
        ),
        { maxLength: 2 },
      ),
    }),
    BatchSize: fc.constantFrom(1, 3, 10),
    retries: fc.constantFrom(-1, -1, 2),
    age: fc.constantFrom(-1, -1, -1, 60, 7_200, 80_000),
    bisect: fc.boolean(),
    reports: fc.boolean(),
    retryMaximum: fc.constantFrom('10m', '5h'),
    throttleBackoff: fc.constantFrom<unknown>('queue', { initial: '10s', maximum: '7h' }),
    window: fc.constantFrom(0, 0, 60, 900),
    enabled: fc.constantFrom(true, true, false),
    position: fc.constantFrom('TRIM_HORIZON', 'TRIM_HORIZON', 'LATEST'),
    timeline: fc.array(fc.record({ at: PLACE, verb: fc.constantFrom('enable', 'disable') }), {
      maxLength: 4,
    }),
  })
  .map((g) => ({
    shardclock: 1,
    name: 'sparse',
    seed: g.seed,
    duration: `${g.duration}h`,
    drain: g.drain,
    warmup: g.warmup,
    period: '1h',
    polling: { period: g.period, phase: g.phase, pacing: g.pacing },
    streams: { s: { ShardCount: g.shards } },
    producers: { p: timed({ stream: 's', records: g.records }, g.duration * 3_600) },
    functions: {
      f: {
        duration: g.function.duration,
        Timeout: g.function.Timeout,
        faults: g.function.faults,
        ...(g.function.reserved === undefined ? {} : { ReservedConcurrentExecutions: g.function.reserved }),
      },
    },
    mappings: {
      m: {
        stream: 's',
        function: 'f',
        StartingPosition: g.position,
        Enabled: g.enabled,
        BatchSize: g.BatchSize,
        MaximumRetryAttempts: g.retries,
        MaximumRecordAgeInSeconds: g.age,
        BisectBatchOnFunctionError: g.bisect,
        FunctionResponseTypes: g.reports ? ['ReportBatchItemFailures'] : [],
        retryBackoff: { initial: '1m', factor: 4, maximum: g.retryMaximum },
        throttleBackoff: g.throttleBackoff,
        TumblingWindowInSeconds: g.window,
      },
    },
    timeline: g.timeline.map(({ at, verb }) => ({ at: timeOf(at, g.duration * 3_600), [verb]: 'm' })),
  }));

/** Lanes enough for more than a thousand environments, which L3 does not give at once. */
export const crowdedDocuments: fc.Arbitrary<Document> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    concurrency: fc.constantFrom(1_200, 5_000),
    shards: fc.integer({ min: 125, max: 135 }),
    rate: fc.constantFrom(2_000, 5_000),
    duration: fc.constantFrom<unknown>('400ms', '1200ms', { exponential: { mean: '1s' } }),
    coldStart: fc.constantFrom<unknown>('0ms', { exponential: { mean: '700ms' } }),
    idleTimeout: fc.constantFrom('500ms', '10m'),
    provisioned: fc.constantFrom(0, 40),
    throttleBackoff,
    others: throttleBackoff,
    retries: fc.constantFrom(-1, 0),
  })
  .map((g) => ({
    ...document({
      ...{ seed: g.seed, duration: 3, drain: '0s', warmup: '0s', concurrency: g.concurrency, producers: [] },
      polling: { period: '1s', phase: 'aligned' },
      functions: {
        f: {
          ...{ duration: g.duration, coldStart: g.coldStart, idleTimeout: g.idleTimeout, Timeout: 3 },
          faults: [{ probability: '10%' }],
          ...provisionedOf(g.provisioned),
        },
        g: { duration: '100ms' },
      },
    }),
    streams: { s: { ShardCount: g.shards }, t: { ShardCount: 2 } },
    producers: {
      p: { stream: 's', rate: `${g.rate}/s` },
      q: { stream: 't', rate: '20/s' },
    },
    mappings: {
      m: {
        ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', ParallelizationFactor: 10 },
        MaximumRetryAttempts: g.retries,
        ...(g.throttleBackoff === undefined ? {} : { throttleBackoff: g.throttleBackoff }),
      },
      n: {
        ...{ stream: 't', function: 'g', StartingPosition: 'TRIM_HORIZON' },
        ...(g.others === undefined ? {} : { throttleBackoff: g.others }),
      },
    },
  }));

function provisionedOf(ProvisionedConcurrentExecutions: number): Document {
  if (ProvisionedConcurrentExecutions === 0) return {};
  return { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions } };
}

/** Streams that grow of themselves: few records, large ones, for as long as it takes to halve a shard (K7). */
export const onDemandDocuments: fc.Arbitrary<Document> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    duration: fc.integer({ min: 17, max: 20 }),
    drain: fc.constantFrom('0s', '2m', '17m'),
    period: fc.constantFrom('1s', '3s', '7777ms'),
    count: fc.constantFrom(undefined, 1, 3, 5),
    size: fc.constantFrom<[string, unknown]>(
      ['1/s', '900KB'],
      ['2/s', { uniform: { min: '10KB', max: '1000KB' } }],
      ['4/s', '1000KB'],
    ),
    arrivals: fc.constantFrom('poisson', 'even'),
    keys,
    listed: producer(1),
    onThrottle: fc.constantFrom('retry', 'drop'),
    functions: fc.record({ f: lambda, g: lambda }),
    mappings: fc.record({ m: mapping, n: mapping }),
    timeline,
  })
  .map((g) => ({
    ...document({
      ...g,
      ...{ duration: g.duration * 60, warmup: '0s', concurrency: 1_000, polling: { period: g.period }, producers: [] },
    }),
    period: '1m',
    streams: {
      s: {
        StreamMode: 'ON_DEMAND',
        consumers: ['fast'],
        ...(g.count === undefined ? {} : { ShardCount: g.count }),
      },
      t: { ShardCount: 1, consumers: ['fast'] },
    },
    producers: {
      p: {
        ...{ stream: 's', rate: g.size[0], bytes: g.size[1], arrivals: g.arrivals, onThrottle: g.onThrottle },
        ...(g.keys === undefined ? {} : { keys: g.keys }),
      },
      q: timed(g.listed, g.duration * 60),
    },
    functions: g.functions,
    mappings: {
      m: { ...g.mappings.m, FilterCriteria: undefined, function: 'f' },
      n: { ...g.mappings.n, FilterCriteria: undefined, function: 'g' },
    },
    timeline: written(g.timeline, g.duration * 60),
  }))
  .filter(isLegal);

/** P4, P11: shards get other lanes while the run goes on. */
export const dividedDocuments = varied(dividingTimeline, fc.array(streamChange, { maxLength: 2 })).filter(isLegal);

/** All families, and the scenarios that the laws are held to. */
export const comparedDocuments: fc.Arbitrary<Document> = fc
  .oneof(
    { arbitrary: scenarioDocuments, weight: 2 },
    { arbitrary: varied(timeline, fc.constant([])), weight: 3 },
    { arbitrary: varied(busyTimeline, fc.array(streamChange, { maxLength: 4 })), weight: 4 },
    { arbitrary: varied(timeline, fc.array(streamChange, { minLength: 2, maxLength: 6 })), weight: 6 },
    { arbitrary: overloadedDocuments, weight: 2 },
    { arbitrary: heavyDocuments, weight: 2 },
    { arbitrary: sparseDocuments, weight: 2 },
    { arbitrary: onDemandDocuments, weight: 1 },
  )
  .filter(isLegal);

function document(g: {
  seed: number;
  duration: number;
  drain: string;
  warmup: string;
  concurrency: number;
  polling: Document;
  producers: readonly Document[];
  functions: Document;
}): Document {
  const setAside = Object.values(g.functions as Record<string, Document>).reduce((sum, one) => {
    const { ProvisionedConcurrentExecutions = 0 } = (one.ProvisionedConcurrencyConfig ?? {}) as Document;
    return sum + Number(one.ReservedConcurrentExecutions ?? ProvisionedConcurrentExecutions);
  }, 0);
  return {
    shardclock: 1,
    name: 'generated',
    seed: g.seed,
    duration: `${g.duration}s`,
    drain: g.drain,
    warmup: g.warmup,
    period: '10s',
    stallAfter: '1s',
    account: { ConcurrentExecutions: Math.max(g.concurrency, 100 + setAside) },
    polling: g.polling,
    producers: Object.fromEntries(g.producers.map((one, index) => [`p${index}`, timed(one, g.duration)])),
    functions: g.functions,
  };
}

/** @param duration seconds */
function timed(producer: Document, duration: number): Document {
  if (!('records' in producer)) return producer;
  const records = (producer.records as { at: number }[]).map((one) => ({ ...one, at: timeOf(one.at, duration) }));
  return { ...producer, records };
}

function timeOf(place: number, duration: number): string {
  return `${Math.floor((place * duration) / 100)}ms`;
}

function isLegal(one: Document): boolean {
  return parseScenario(JSON.stringify(one), { readFile: () => new Uint8Array() }).ok;
}
