/**
 * What is measured. W1 to MOON are the reference workloads that other engines' models of the same system are held to:
 * phases aligned, paced since the last poll, throttled batches in line, no read or write limits; a name with `-defaults`
 * has the defaults of a scenario file instead.
 */
const REFERENCE = [
  { name: 'W1', shards: 100, rate: 500, batch: 100, slots: 60, duration: '600s' },
  { name: 'W1c', shards: 100, rate: 500, batch: 100, slots: 30, duration: '600s' },
  { name: 'W2', shards: 100, rate: 20, batch: 1, slots: 90, duration: '600s' },
  { name: 'W2x', shards: 100, rate: 20, batch: 1, slots: 60, duration: '600s' },
  { name: 'MOON', shards: 1000, rate: 1000, batch: 1000, slots: 300, duration: '24h', time: '200ms' },
];

/** W1 and W2 over longer horizons, and with more shards of the same load; W1 begins at a fifth of its horizon, to end in time. */
const larger = (workload, by, seconds) => [
  { ...workload, name: `${workload.name}-horizon-x${by}`, duration: `${seconds * by}s` },
  {
    ...workload,
    name: `${workload.name}-shards-x${by}`,
    shards: (workload.shards / 5) * by,
    slots: (workload.slots / 5) * by,
    duration: `${seconds}s`,
  },
];
const SIZES = [1, 2, 5, 10];
const LARGER = [REFERENCE[0], REFERENCE[2]].flatMap((workload) => SIZES.flatMap((by) => larger(workload, by, 300)));

/** A minute of what takes long. */
const VARIANTS = [...LARGER, { ...REFERENCE[4], name: 'MOON-minute', duration: '60s' }];

/** One record fails for good, and a day at 1,000 records/s piles up behind it. */
const DAY = `shardclock: 1
name: DAY
duration: 26h
period: 5m
streams:
  s: { ShardCount: 1 }
producers:
  p: { stream: s, rate: 1000/s, arrivals: even }
functions:
  f:
    duration: { base: 20ms, perRecord: 0.1ms }
    faults: [{ poison: { stream: s, shard: 0, record: 60000 } }]
mappings:
  m: { stream: s, function: f, StartingPosition: TRIM_HORIZON, BatchSize: 1000 }
`;

/** Few records each for many shards, as a scenario file has it: a second of a shard is one batch. */
const MANY = `shardclock: 1
name: MANY
duration: 1h
account: { ConcurrentExecutions: 2000 }
streams: { s: { ShardCount: 200 } }
producers: { p: { stream: s, rate: 5000/s } }
functions: { f: { duration: { base: 40ms, perRecord: 0.1ms } } }
mappings: { m: { stream: s, function: f, StartingPosition: TRIM_HORIZON, BatchSize: 100 } }
`;

const SMALLEST = `shardclock: 1
name: SMALLEST
duration: 10m
streams: { s: { ShardCount: 1 } }
producers: { p: { stream: s, rate: 10/s } }
functions: { f: { duration: 100ms } }
mappings: { m: { stream: s, function: f, StartingPosition: TRIM_HORIZON } }
`;

const KEYED = ', keys: { count: 10000 }';

/** What it costs that something looks at single records: ten shards of 500 records/s, batches of 100, 40 minutes. */
const RECORDS = {
  plain: {},
  sizes: { producer: ', bytes: { lognormal: { median: 0.5KB, p99: 3KB } }' },
  keys: { producer: KEYED },
  slices: { mapping: ', ParallelizationFactor: 4' },
  'keyed-slices': { producer: KEYED, mapping: ', ParallelizationFactor: 4' },
  filter: {
    producer: KEYED,
    mapping: `, FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":[{"suffix":"1"}]}' }] }`,
  },
  poison: { faults: ', faults: [{ poison: { oneIn: 100000 } }]', mapping: ', MaximumRetryAttempts: 1' },
};

const TEMPLATE = ", data: { template: { type: '${pick:order,refund,click}', id: '${index}', by: '${key}' } }";

/** Fewer than 10,000,000 records, which are summed one by one: twenty shards of 100 records/s, batches of 100, half an hour. */
const SUMMED = {
  plain: {},
  producers: { rate: '1000/s', producers: '  q: { stream: s, rate: 1000/s }\n' },
  data: {
    rate: '200/s',
    producer: TEMPLATE,
    mapping: `, FilterCriteria: { Filters: [{ Pattern: '{"data":{"type":["order"]}}' }] }`,
  },
  outage: { faults: ', faults: [{ from: 5m, to: 15m }]', mapping: ', ParallelizationFactor: 4' },
};

/** What readers and writers go through where there is too much: ten minutes. */
const BEHIND = {
  /** More than twice what the shards take. */
  refused: { shards: 2, rate: '5000/s', time: '2s' },
  'refused-producers': { shards: 2, rate: '5000/s', producers: '  q: { stream: s, rate: 300/s }\n' },
  'refused-slices': { shards: 2, rate: '5000/s', time: '2s', mapping: ', ParallelizationFactor: 10' },
  'refused-tumbling': {
    shards: 5,
    rate: '5000/s',
    keys: ', keys: { list: [a, b, c] }',
    mapping: ', TumblingWindowInSeconds: 10',
  },
  /** Shards that are behind by different times. */
  even: {
    shards: 20,
    rate: '5000/s, arrivals: even',
    faults: ', faults: [{ poison: { oneIn: 10000 } }]',
    mapping: ', MaximumRecordAgeInSeconds: 60',
  },
  /** Consumers with enhanced fan-out and a window, which ask with every record. */
  'fan-out': { shards: 2, rate: '500/s', consumers: ', consumers: [c]', window: 60, batch: 10_000 },
  /** Batches that fill the payload limit. */
  payload: { shards: 3, rate: '2000/s', window: 5, batch: 5_000 },
};

/** Name to scenario text. */
export const WORKLOADS = new Map([
  ...Object.entries(RECORDS).map(([name, parts]) => [`records-${name}`, ofRecords(name, parts)]),
  ...Object.entries(SUMMED).map(([name, parts]) => [`summed-${name}`, summed(name, parts)]),
  ...Object.entries(BEHIND).map(([name, parts]) => [`behind-${name}`, behind(name, parts)]),
  ['traced-plain', summed('plain', {})],
  ...[...REFERENCE, ...VARIANTS].flatMap((workload) => [
    [workload.name, reference(workload, true)],
    [`${workload.name}-defaults`, reference(workload, false)],
  ]),
  ['MANY', MANY],
  ['DAY', DAY],
  ['SMALLEST', SMALLEST],
]);

/** Whether a workload is run with a trace. */
export const isTraced = (name) => name.startsWith('traced-');

/** Ten times the horizon and ten times the shards, by what grows. */
export const GROWTH = Object.fromEntries(
  ['W1', 'W2'].flatMap((name) =>
    ['horizon', 'shards'].map((kind) => [`${name}, ${kind}`, SIZES.map((by) => `${name}-${kind}-x${by}`)]),
  ),
);

/** Those that the peers know, and over how many seconds they run where that is enough to tell what a batch takes them. */
export const PEER_SECONDS = { W1: 20, W1c: 20, W2: 60, W2x: 60 };

/** Those of a run without names: a few minutes in all. */
export const USUAL = [
  ...['W1', 'W1c', 'W2', 'W2x', 'W1-defaults', 'W2-defaults', 'MOON-minute', 'MANY', 'DAY', 'SMALLEST'],
  ...Object.keys(RECORDS).map((name) => `records-${name}`),
  ...Object.keys(SUMMED).map((name) => `summed-${name}`),
  ...Object.keys(BEHIND).map((name) => `behind-${name}`),
  'traced-plain',
];

function ofRecords(name, { producer = '', faults = '', mapping = '' }) {
  return `shardclock: 1
name: records-${name}
duration: 40m
account: { ConcurrentExecutions: 2000 }
streams: { s: { ShardCount: 10 } }
producers: { p: { stream: s, rate: 5000/s${producer} } }
functions: { f: { duration: { base: 40ms, perRecord: 0.1ms }${faults} } }
mappings:
  m: { stream: s, function: f, StartingPosition: TRIM_HORIZON, BatchSize: 100${mapping} }
`;
}

function summed(name, { rate = '2000/s', producer = '', producers = '', faults = '', mapping = '' }) {
  return `shardclock: 1
name: summed-${name}
duration: 30m
streams: { s: { ShardCount: 20 } }
producers:
  p: { stream: s, rate: ${rate}${producer} }
${producers}functions: { f: { duration: { base: 30ms, perRecord: 0.1ms }${faults} } }
mappings:
  m: { stream: s, function: f, StartingPosition: TRIM_HORIZON, BatchSize: 100${mapping} }
`;
}

function behind(name, parts) {
  const { shards, rate, consumers = '', producers = '', keys = '', time = '200ms', faults = '' } = parts;
  const { mapping = '', window = 0, batch = 100 } = parts;
  const batching = `BatchSize: ${batch}, MaximumBatchingWindowInSeconds: ${window}`;
  return `shardclock: 1
name: behind-${name}
duration: 10m
streams: { s: { ShardCount: ${shards}${consumers} } }
producers:
  p: { stream: s, rate: ${rate}${keys} }
${producers}functions: { f: { duration: ${time}${faults} } }
mappings:
  m: { ${consumers === '' ? 'stream: s' : 'consumer: s/c'}, function: f, StartingPosition: TRIM_HORIZON, ${batching}${mapping} }
`;
}

function reference({ name, shards, rate, batch, slots, duration, time }, peersRules) {
  const limits = peersRules ? ', readLimits: off, writeLimits: off' : '';
  return `shardclock: 1
name: ${name}
duration: ${duration}
account: { ConcurrentExecutions: 2000 }
${peersRules ? 'polling: { phase: aligned, pacing: sincePoll }\n' : ''}streams:
  s: { ShardCount: ${shards}${limits} }
producers:
  p: { stream: s, rate: ${shards * rate}/s }
functions:
  f: { ReservedConcurrentExecutions: ${slots}, duration: ${time ?? '{ base: 40ms, perRecord: 0.1ms }'} }
mappings:
  m: { stream: s, function: f, StartingPosition: TRIM_HORIZON, BatchSize: ${batch}${peersRules ? ', throttleBackoff: queue' : ''} }
`;
}
