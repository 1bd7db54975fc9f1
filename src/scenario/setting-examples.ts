import { parse } from 'yaml';
import type { Path } from './document.ts';
import type { JsonValue } from './scenario.ts';

/** A legal value at a path. */
export interface WholeExample {
  readonly path: Path;
  readonly value: JsonValue;
}

/**
 * What shows a setting that says nothing alone: the value that it is a part of, or itself where any other would not do. Null
 * where the key and a value are enough.
 */
export function wholeExample(path: Path): WholeExample | null {
  for (let length = path.length; length > 0; length--) {
    const outer = path.slice(0, length);
    const value = WHOLE[placeOf(outer)]
      ?.map((text) => parse(text) as JsonValue)
      .find((one) => holds(one, path.slice(length)));
    if (value !== undefined) return { path: outer, value };
  }
  return null;
}

function holds(value: unknown, path: Path): boolean {
  let held = value;
  for (const step of path) {
    if (typeof held !== 'object' || held === null || !Object.hasOwn(held, step)) return false;
    held = (held as Record<string | number, unknown>)[step];
  }
  return true;
}

function placeOf(path: Path): string {
  return path.filter((step) => typeof step === 'string').join('.');
}

/** The plain value first, which stands for the setting itself. */
function laws(plain: string, more: string, file: string): string[] {
  return [
    plain,
    `{ uniform: { min: ${plain}, max: ${more} } }`,
    `{ exponential: { mean: ${plain} } }`,
    `{ lognormal: { median: ${plain}, p99: ${more} } }`,
    `{ weibull: { shape: 1.5, scale: ${plain} } }`,
    `{ empirical: ${file} }`,
  ];
}

/** By where they stand, the first that holds a key for that key. */
const WHOLE: Readonly<Record<string, readonly string[]>> = {
  'streams.NAME.shards': [
    `[
      { StartingHashKey: '0', EndingHashKey: '170141183460469231731687303715884105727' },
      { StartingHashKey: '170141183460469231731687303715884105728', EndingHashKey: '340282366920938463463374607431768211455' },
    ]`,
  ],
  'streams.NAME.otherReaders': ['[{ calls: 1/s, bytes: 200KB/s }]'],
  'producers.NAME.phases': ['[{ duration: 5m, rate: 200/s, rampTo: 400/s, name: ramp }]'],
  'producers.NAME.trace': [
    '{ file: counts.csv, time: timestamp, value: value, period: 5m, scale: 2 }',
    '{ file: metrics.json, metric: IncomingRecords }',
  ],
  'producers.NAME.arrivalTimes': ['{ file: requests.csv, time: timestamp, key: customer, bytes: size }'],
  'producers.NAME.records': ['[{ at: 2s, key: order-1, bytes: 1KB, count: 500 }]', '[{ at: 2s, shard: 0 }]'],
  'producers.NAME.bytes': laws('1KB', '6KB', 'sizes.csv'),
  'producers.NAME.data': [`{ template: { order: '\${index}', customer: '\${key}' } }`, '{ file: orders.ndjson }'],
  'producers.NAME': ['{ arrivalTimes: { file: requests.csv, time: timestamp }, data: { column: body } }'],
  'producers.NAME.keys': [
    '{ count: 10000 }',
    '{ zipf: { count: 10000, exponent: 1.1 } }',
    '{ hot: { key: order-1, share: 30% }, count: 1000 }',
    '{ list: [order-1, order-2] }',
  ],
  'functions.NAME.duration': [
    ...laws('120ms', '400ms', 'durations.csv'),
    '{ base: 40ms, perRecord: 0.5ms }',
    '{ perKB: 0.1ms }',
  ],
  'functions.NAME.duration.base': laws('40ms', '400ms', 'durations.csv'),
  'functions.NAME.duration.perRecord': laws('0.5ms', '5ms', 'durations.csv'),
  'functions.NAME.duration.perKB': laws('0.1ms', '1ms', 'durations.csv'),
  'functions.NAME.durationByMemory': [
    '{ at: 512, cpuShare: 80% }',
    '{ at: 512, cpuShare: 80%, fullAt: 3538 }',
    '{ at: 512, measured: [{ MemorySize: 128, duration: 900ms }, { MemorySize: 1024, duration: 120ms }] }',
  ],
  'functions.NAME.durationByConcurrency': ['{ saturatesAt: 20, share: 60% }'],
  'functions.NAME.coldStart': laws('600ms', '2s', 'cold-starts.csv'),
  'functions.NAME.faults': [
    '[{ probability: 1% }]',
    '[{ from: 20m, to: 25m, after: 3s }]',
    '[{ from: 20m, until: 25m }]',
    '[{ from: 20m, to: 25m, slowdown: 5 }]',
    '[{ poison: { oneIn: 1000000 } }]',
    '[{ poison: { stream: NAME, shard: 0, record: 1234 } }]',
    '[{ poison: { key: order-1 } }]',
    '[{ poison: { oneIn: 1000000 }, fail: record }]',
    '[{ invocations: 2 }]',
    '[{ probability: 1%, responseLost: true }]',
  ],
  'mappings.NAME': [
    '{ consumer: NAME/analytics }',
    '{ StartingPosition: LATEST }',
    '{ StartingPosition: AT_TIMESTAMP, StartingPositionTimestamp: 0 }',
  ],
  'mappings.NAME.FilterCriteria': [`{ Filters: [{ Pattern: '{"partitionKey":["order-1"]}' }] }`],
  timeline: [
    '[{ at: 20m, disable: NAME }]',
    '[{ at: 20m, enable: NAME }]',
    '[{ at: 20m, update: NAME, set: { BatchSize: 500 } }]',
    '[{ at: 20m, delete: NAME }]',
    '[{ at: 20m, create: second, mapping: { stream: NAME, function: OTHER, StartingPosition: LATEST } }]',
    '[{ at: 20m, split: NAME, shard: 0 }]',
    "[{ at: 20m, split: NAME, shard: 0, NewStartingHashKey: '40000000000000000000000000000000000000' }]",
    '[{ at: 20m, merge: NAME, shards: [0, 1] }]',
    '[{ at: 20m, reshard: NAME, ShardCount: 8 }]',
    '[{ at: 20m, role: NAME, set: [kinesis:DescribeStream] }]',
  ],
};
