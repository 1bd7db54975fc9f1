import { AGE_CAUSES } from '../../src/recording/causes.ts';
import { type ByItem, COST_ITEM_NAMES } from '../../src/report/cost/items.ts';
import { US_EAST_1 } from '../../src/report/cost/prices.ts';
import type {
  AgeBreakdown,
  CostSummary,
  FunctionSummary,
  Load,
  MappingShardSummary,
  MappingSummary,
  RecordBalance,
  ShardSeries,
  Spread,
  StallSummary,
  StreamSummary,
  Summary,
  ThresholdResult,
} from '../../src/report/summary.ts';

/*
 * A healthy little run, written out: 10 minutes of 2 records/s on two shards, polled once a second, everything
 * processed. Each maker takes what a test changes in its part.
 */

export function aSummary(change: Partial<Summary> = {}): Summary {
  return {
    formatVersion: 1,
    tool: { name: 'shardclock', version: '0.1.0' },
    scenario: {
      name: 'A quiet day',
      description: null,
      sha256: '0'.repeat(64),
      seed: '42',
      start: '2026-01-05T09:00:00Z',
      durationSeconds: 600,
      resolved: { shardclock: 1, name: 'A quiet day', stallAfter: '10s' },
      files: {},
    },
    measured: { fromSeconds: 0, toSeconds: 600 },
    partial: false,
    digest: 'v1:0123456789abcdef0123456789abcdef',
    thresholds: [],
    streams: { orders: aStream() },
    mappings: { 'orders-to-enrich': aMapping() },
    functions: { enrich: aFunction() },
    series: {
      start: '2026-01-05T09:00:00Z',
      periodSeconds: 60,
      metrics: [
        {
          Namespace: 'AWS/Lambda',
          MetricName: 'Invocations',
          Dimensions: { FunctionName: 'enrich' },
          Unit: 'Count',
          Statistics: { Sum: Array(10).fill(100) },
        },
        {
          Namespace: 'shardclock',
          MetricName: 'IteratorAge',
          Dimensions: { Mapping: 'orders-to-enrich' },
          Unit: 'Milliseconds',
          Statistics: { Maximum: [900, 850, null, 1_200, 900, 900, 900, 900, 900, 900], p99: Array(10).fill(880) },
        },
      ],
    },
    timeline: { marks: [], lanes: [0, 1].map((shard) => aLane(shard)) },
    cost: aCost(),
    warnings: [],
    ...change,
  };
}

export function aMapping(change: Partial<MappingSummary> = {}): MappingSummary {
  return {
    stream: 'orders',
    function: 'enrich',
    state: 'Enabled',
    lastProcessingResult: 'OK',
    configuration: { BatchSize: 100 },
    api: [],
    records: aBalance(),
    polls: { asks: 1_200, ticks: 1_200, empty: 200, getRecordsCalls: 1_200, refused: 0 },
    throughput: { recordsInPerSecond: 2, recordsOutPerSecond: 2, bytesOutPerSecond: 2_048 },
    backlog: { mean: 1.4, max: 6, end: 0 },
    caughtUpAtSeconds: 1.01,
    invocations: 1_000,
    errors: 0,
    throttles: 0,
    batches: 1_000,
    fullBatches: 0,
    deliveries: 1_200,
    batchSize: aSpread({ mean: 1.2, min: 1, p50: 1, p90: 2, p99: 3, max: 4 }),
    batchSizes: [1, 2, 3, 4].map((size) => ({ from: size, to: size, count: 1_000 / 2 ** size })),
    iteratorAgeMs: aSpread({ mean: 600, min: 130, p50: 610, p90: 850, p99: 880, max: 1_200 }),
    worstIteratorAge: { mapping: 'orders-to-enrich', shardId: 'shardId-000000000001', atSeconds: 180.5 },
    durationMs: aSpread({ mean: 120, min: 120, p50: 120, p90: 120, p99: 120, max: 120 }),
    timeInSystemMs: aSpread({ count: 1_200, mean: 620, min: 121, p50: 615, p90: 1_020, p99: 1_110, max: 1_310 }),
    waitingTimeMs: aSpread({ count: 1_200, mean: 500, min: 1, p50: 495, p90: 900, p99: 990, max: 1_190 }),
    backlogAgeMs: aSpread({ count: 20, mean: 400, min: 0, p50: 400, p90: 900, p99: 1_000, max: 1_000 }),
    recoveryMs: noSpread(),
    recordStatistics: 'each record',
    ageBreakdownMs: aBreakdown({ tick: 500, processing: 120 }),
    concurrency: { mean: 0.2, max: 2 },
    utilization: {
      slots: aLoad({ limit: 1_000, unit: 'slots', worst: 0.0002, peak: 0.0002, worstShardId: null }),
      laneBusy: aLoad({ limit: 1, unit: 'share', median: 0.1, worst: 0.11, peak: 0.15 }),
      payload: aLoad({ limit: 6_291_456, unit: 'B', worst: 0.001, peak: 0.001, worstShardId: null }),
      bindsFirst: 'laneBusy',
    },
    trend: { verdict: 'steady', slope: 0, lossBeginsInSeconds: null },
    stallsTotal: { count: 0, seconds: 0, longestSeconds: 0, recordsLost: 0 },
    stalls: [],
    destination: [],
    shards: { 'shardId-000000000000': aShard(), 'shardId-000000000001': aShard() },
    shardEnvelope: null,
    ...change,
  };
}

/** 2 shards, and little else. */
export function aCost(change: Partial<CostSummary> = {}): CostSummary {
  return {
    currency: 'USD',
    prices: 'us-east-1 2026-11-28',
    freeTier: false,
    perMonth: 23.84,
    items: byItem({ shardHours: 21.9, lambdaRequests: 0.876, lambdaGBSeconds: 1.064 }),
    usage: byItem({ shardHours: 1_460, lambdaRequests: 4_380_000, lambdaGBSeconds: 63_840 }),
    run: {
      total: 0.00544,
      items: byItem({ shardHours: 0.005, lambdaRequests: 0.0002, lambdaGBSeconds: 0.00024 }),
      usage: byItem({ shardHours: 1 / 3, lambdaRequests: 1_000, lambdaGBSeconds: 14.6 }),
    },
    priceList: US_EAST_1,
    ...change,
  };
}

export function byItem(change: Partial<ByItem>): ByItem {
  return { ...(Object.fromEntries(COST_ITEM_NAMES.map((name) => [name, 0])) as unknown as ByItem), ...change };
}

/** A mapping with these stalls and their totals, and what they lost as expired. */
export function aStalledMapping(stalls: readonly StallSummary[], change: Partial<MappingSummary> = {}): MappingSummary {
  const lengths = stalls.map(({ startSeconds, endSeconds }) => (endSeconds ?? 600) - startSeconds);
  const recordsLost = stalls.reduce((sum, stall) => sum + stall.recordsLost, 0);
  return aMapping({
    stalls,
    stallsTotal: {
      count: stalls.length,
      seconds: lengths.reduce((sum, length) => sum + length, 0),
      longestSeconds: Math.max(0, ...lengths),
      recordsLost,
    },
    records: aBalance({ arrived: 1_200 + recordsLost, succeeded: 1_200, expired: recordsLost }),
    ...change,
  });
}

export function aStall(change: Partial<StallSummary> = {}): StallSummary {
  return {
    shardId: 'shardId-000000000000',
    lane: 0,
    startSeconds: 60,
    endSeconds: 120,
    cause: 'functionError',
    startSequenceNumber: '1',
    endSequenceNumber: '2',
    recordsHeld: 60,
    recordsLost: 0,
    ...change,
  };
}

export function aShard(change: Partial<MappingShardSummary> = {}): MappingShardSummary {
  return {
    records: aBalance({ arrived: 600, succeeded: 600 }),
    invocations: 500,
    errors: 0,
    throttles: 0,
    iteratorAgeMs: aSpread({ count: 500, mean: 600, min: 130, p50: 610, p90: 850, p99: 880, max: 900 }),
    batchSize: aSpread({ count: 500, mean: 1.2, min: 1, p50: 1, p90: 2, p99: 3, max: 4 }),
    series: aShardSeries(),
    ...change,
  };
}

function aShardSeries(change: Partial<ShardSeries> = {}): ShardSeries {
  return {
    iteratorAgeMaximumMs: Array(10).fill(900),
    backlogAgeMs: Array(10).fill(400),
    backlog: Array(10).fill(1),
    ...change,
  };
}

export function aStream(change: Partial<StreamSummary> = {}): StreamSummary {
  const shard = {
    openedAtSeconds: 0,
    closedAtSeconds: null,
    parentShardIds: [],
    recordsPut: 600,
    bytesPut: 614_400,
    writeThrottled: 0,
    lostAtWrite: 0,
  };
  return {
    recordsOffered: 1_200,
    recordsPut: 1_200,
    bytesPut: 1_228_800,
    writeThrottled: 0,
    lostAtWrite: 0,
    utilization: {
      writeRecords: aLoad({ limit: 1_000, unit: 'records/s', worst: 0.001, median: 0.001, peak: 0.002 }),
      writeBytes: aLoad({ limit: 1_048_576, unit: 'B/s', worst: 0.001, median: 0.001, peak: 0.002 }),
      readCalls: aLoad({ limit: 5, unit: 'calls/s', worst: 0.2, median: 0.2, peak: 0.2 }),
      readBytes: aLoad({ limit: 2_097_152, unit: 'B/s', worst: 0.0005, median: 0.0005, peak: 0.001 }),
      bindsFirst: 'readCalls',
    },
    shards: { 'shardId-000000000000': shard, 'shardId-000000000001': shard },
    ...change,
  };
}

export function aFunction(change: Partial<FunctionSummary> = {}): FunctionSummary {
  return {
    invocations: 1_000,
    errors: 0,
    throttles: 0,
    coldStarts: 2,
    durationMs: aSpread({ mean: 120, min: 120, p50: 120, p90: 120, p99: 120, max: 120 }),
    concurrency: { mean: 0.2, max: 2, limit: 1_000 },
    ...change,
  };
}

export function aThreshold(change: Partial<ThresholdResult> = {}): ThresholdResult {
  return {
    metric: 'IteratorAge',
    expression: 'max < 60s',
    ok: true,
    value: 1.2,
    unit: 's',
    worst: { mapping: 'orders-to-enrich', shardId: 'shardId-000000000001', atSeconds: 180 },
    ...change,
  };
}

export function aLoad(change: Partial<Load> = {}): Load {
  return {
    limit: 1,
    unit: 'share',
    median: 0,
    worst: 0,
    worstShardId: 'shardId-000000000000',
    peak: 0,
    peakAtSeconds: 120,
    ...change,
  };
}

export function aBalance(change: Partial<RecordBalance> = {}): RecordBalance {
  return {
    arrived: 1_200,
    succeeded: 1_200,
    filtered: 0,
    discarded: { RetryAttemptsExhausted: 0, RecordAgeExceeded: 0, PayloadTooLarge: 0 },
    expired: 0,
    pending: 0,
    duplicates: 0,
    silentlyLost: 0,
    ...change,
  };
}

export function aBreakdown(change: Partial<AgeBreakdown> = {}): AgeBreakdown {
  return { ...(Object.fromEntries(AGE_CAUSES.map((cause) => [cause, 0])) as AgeBreakdown), ...change };
}

export function aSpread(change: Partial<Spread>): Spread {
  return { count: 1_000, mean: 1, min: 1, p50: 1, p90: 1, p99: 1, max: 1, ...change };
}

export function noSpread(): Spread {
  return { count: 0, mean: null, min: null, p50: null, p90: null, p99: null, max: null };
}

function aLane(shard: number): Summary['timeline']['lanes'][number] {
  const spans = Array.from({ length: 100 }, (_, index) => ({
    state: 'running' as const,
    fromSeconds: 6 * index,
    toSeconds: 6 * index + 0.12,
  }));
  return { mapping: 'orders-to-enrich', shardId: `shardId-${String(shard).padStart(12, '0')}`, lane: 0, spans };
}
