import { AGE_CAUSES, type AgeCause, type LaneState } from '../../src/recording/causes.ts';
import type {
  LaneSpan,
  MappingSummary,
  MetricSeries,
  ShardSeries,
  Spread,
  Summary,
  ThresholdResult,
  TimelineMark,
} from '../../src/report/summary.ts';

/** What a made-up run looks like; the rest follows from it by rules of thumb, enough to draw every chart. */
export interface MadeUpRun {
  readonly name?: string;
  readonly hours: number;
  readonly periodSeconds?: number;
  readonly warmupSeconds?: number;
  readonly marks?: readonly TimelineMark[];
  readonly thresholds?: readonly Partial<ThresholdResult>[];
  readonly mappings: readonly MadeUpMapping[];
  /** By function; default 1,000. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly causesOverTime?: boolean;
}

interface MadeUpMapping {
  readonly name: string;
  readonly function: string;
  readonly shards: number;
  /** Records a second on each shard; 0: nothing happens. */
  readonly rate: number;
  /** Blocked in [from, to) hours. */
  readonly blocked?: Readonly<Record<number, readonly [from: number, to: number]>>;
  /** Throttled in [from, to) hours. */
  readonly throttled?: readonly [from: number, to: number];
  readonly batchSize?: number;
}

export function madeUpSummary(run: MadeUpRun): Summary {
  const period = run.periodSeconds ?? 60;
  const seconds = run.hours * 3_600;
  const periods = Math.ceil(seconds / period);
  const made = run.mappings.map((mapping) => madeUpMapping(mapping, { periods, period, seconds }));
  const functions = [...new Set(run.mappings.map((mapping) => mapping.function))];
  return {
    formatVersion: 1,
    tool: { name: 'shardclock', version: '0.0.0' },
    scenario: {
      name: run.name ?? 'A made-up run',
      description: null,
      sha256: '0'.repeat(64),
      seed: '42',
      start: '2026-01-05T09:00:00Z',
      durationSeconds: seconds,
      resolved: { shardclock: 1 },
      files: {},
    },
    measured: { fromSeconds: run.warmupSeconds ?? 0, toSeconds: seconds },
    partial: false,
    digest: 'shardclock1:00000000000000000000000000000000',
    thresholds: (run.thresholds ?? []).map((threshold) => ({
      metric: 'IteratorAge',
      expression: 'max < 60s',
      ok: true,
      value: 1,
      unit: 's',
      worst: null,
      ...threshold,
    })),
    streams: {},
    mappings: Object.fromEntries(run.mappings.map((mapping, index) => [mapping.name, made[index]!.summary])),
    functions: Object.fromEntries(
      functions.map((name) => [
        name,
        {
          invocations: 0,
          errors: 0,
          throttles: 0,
          coldStarts: 0,
          durationMs: spread(0),
          concurrency: { mean: 1, max: 1, limit: run.limits?.[name] ?? 1_000 },
        },
      ]),
    ),
    series: {
      start: '2026-01-05T09:00:00Z',
      periodSeconds: period,
      metrics: [
        ...functions.flatMap((name) =>
          functionMetrics(
            name,
            made.filter((_, index) => run.mappings[index]!.function === name),
          ),
        ),
        ...made.flatMap((one, index) => one.metrics(run.mappings[index]!.name, run.causesOverTime !== false)),
      ],
    },
    timeline: {
      marks: run.marks ?? [],
      lanes: run.mappings.flatMap((mapping, index) =>
        made[index]!.lanes.map((spans, shard) => ({ mapping: mapping.name, shardId: shardId(shard), lane: 0, spans })),
      ),
    },
    warnings: [],
  };
}

/** The runs that every chart must look right for. */
export const MADE_UP_RUNS = {
  poisoned: {
    name: 'One poison record with the defaults',
    hours: 26,
    marks: [
      { kind: 'fault', label: 'enrich: poison record 1234 of orders shard 0', fromSeconds: 3_600, toSeconds: 93_600 },
    ],
    thresholds: [{ ok: false }, { expression: 'p99 < 2h' }],
    mappings: [{ name: 'orders-to-enrich', function: 'enrich', shards: 4, rate: 20, blocked: { 0: [1, 25.05] } }],
    limits: { enrich: 10 },
  },
  short: {
    name: 'Steady',
    hours: 1 / 6,
    marks: [
      { kind: 'fault', label: 'enrich: outage', fromSeconds: 120, toSeconds: 240 },
      { kind: 'timeline', label: 'disable orders-to-enrich', fromSeconds: 570, toSeconds: 570 },
    ],
    thresholds: [{ expression: 'max < 5s' }],
    mappings: [{ name: 'orders-to-enrich', function: 'enrich', shards: 1, rate: 40, blocked: { 0: [2 / 60, 4 / 60] } }],
    limits: { enrich: 3 },
  },
  wide: {
    name: 'Two hundred shards for three days',
    hours: 72,
    marks: [
      { kind: 'fault', label: 'enrich: slow dependency (× 5)', fromSeconds: 0, toSeconds: 259_200 },
      { kind: 'fault', label: 'enrich: outage', fromSeconds: 90_000, toSeconds: 93_600 },
      ...Array.from({ length: 12 }, (_, index) => ({
        kind: 'timeline' as const,
        label: `${index % 2 === 0 ? 'disable' : 'enable'} orders-to-enrich`,
        fromSeconds: 150_000 + index * 3_600,
        toSeconds: 150_000 + index * 3_600,
      })),
    ],
    mappings: [
      {
        name: 'orders-to-enrich',
        function: 'enrich',
        shards: 200,
        rate: 100,
        blocked: { 17: [10, 20], 130: [30, 33], 199: [50, 72] },
        throttled: [25, 26],
      },
    ],
    limits: { enrich: 150 },
  },
  several: {
    name: 'Three mappings, two functions',
    hours: 6,
    marks: [
      { kind: 'fault', label: 'archive: every 50th invocation', fromSeconds: 3_600, toSeconds: 7_200 },
      { kind: 'fault', label: 'enrich: outage', fromSeconds: 4_000, toSeconds: 5_000 },
      { kind: 'timeline', label: 'disable clicks-to-archive', fromSeconds: 4_500, toSeconds: 4_500 },
      { kind: 'timeline', label: 'enable clicks-to-archive', fromSeconds: 20_000, toSeconds: 20_000 },
      { kind: 'timeline', label: 'disable clicks-to-archive again, for good', fromSeconds: 21_500, toSeconds: 21_500 },
    ],
    thresholds: [
      { metric: 'IteratorAge{mapping:clicks-to-archive}', expression: 'max < 2m' },
      { expression: 'p99 < 100s' },
    ],
    mappings: [
      { name: 'orders-to-enrich', function: 'enrich', shards: 2, rate: 40, blocked: { 1: [1.1, 1.4] } },
      { name: 'clicks-to-archive', function: 'archive', shards: 4, rate: 200, batchSize: 500, throttled: [2, 2.5] },
      { name: 'clicks-to-enrich', function: 'enrich', shards: 4, rate: 200, throttled: [3, 3.2] },
    ],
    limits: { enrich: 5, archive: 20 },
  },
  nothing: {
    name: 'Nothing happens',
    hours: 1,
    marks: [{ kind: 'timeline', label: 'disable orders-to-enrich', fromSeconds: 0, toSeconds: 0 }],
    mappings: [{ name: 'orders-to-enrich', function: 'enrich', shards: 2, rate: 0 }],
  },
  longNames: {
    name: 'A scenario whose author wanted to say everything in its name, the streams, the function, the team, the ticket and the year, on one line',
    hours: 2,
    marks: [
      {
        kind: 'fault',
        label: 'enrichment-of-the-checkout-orders-with-customer-data-production: outage of a dependency downstream',
        fromSeconds: 6_000,
        toSeconds: 7_200,
      },
      {
        kind: 'fault',
        label: 'enrichment-of-the-checkout-orders: every 1,000th record is poison',
        fromSeconds: 0,
        toSeconds: 7_200,
      },
    ],
    thresholds: [{ expression: 'max < 24h' }],
    mappings: [
      {
        name: 'production-checkout-orders-stream-to-enrichment-of-customer-data-eu',
        function: 'enrichment-of-the-checkout-orders-with-customer-data-production',
        shards: 2,
        rate: 20,
      },
      {
        name: 'production-checkout-orders-stream-to-enrichment-of-customer-data-us',
        function: 'enrichment-of-the-checkout-orders-with-customer-data-production',
        shards: 2,
        rate: 20,
      },
      { name: 'tüv "prüft" <b>& zählt</b>', function: 'größe', shards: 1, rate: 3 },
    ],
  },
} satisfies Readonly<Record<string, MadeUpRun>>;

interface Time {
  readonly periods: number;
  readonly period: number;
  readonly seconds: number;
}

interface Made {
  readonly invoked: readonly number[];
  readonly throttles: readonly number[];
  readonly maxima: readonly number[];
  readonly summary: MappingSummary;
  readonly lanes: readonly (readonly LaneSpan[])[];
  metrics(name: string, causesOverTime: boolean): MetricSeries[];
}

function functionMetrics(name: string, mappings: readonly Made[]): MetricSeries[] {
  const metric = (MetricName: string, Statistics: MetricSeries['Statistics']): MetricSeries => ({
    Namespace: 'AWS/Lambda',
    MetricName,
    Dimensions: { FunctionName: name },
    Unit: 'Count',
    Statistics,
  });
  const added = (of: (made: Made) => readonly number[]) =>
    of(mappings[0]!).map((_, index) => mappings.reduce((all, made) => all + of(made)[index]!, 0));
  return [
    metric('Throttles', { Sum: added((made) => made.throttles) }),
    metric('ConcurrentExecutions', {
      Average: added((made) => made.invoked).map((value) => (value * 0.12) / 60),
      Maximum: added((made) => made.maxima),
    }),
  ];
}

function madeUpMapping(mapping: MadeUpMapping, time: Time): Made {
  const noise = generator(mapping.name);
  const shards = Array.from({ length: mapping.shards }, (_, shard) => madeUpShard(mapping, shard, time, noise));
  const whole = (of: (shard: MadeUpShard, period: number) => number) =>
    Array.from({ length: time.periods }, (_, index) => shards.reduce((all, shard) => all + of(shard, index), 0));
  const batchSize = mapping.batchSize ?? 100;
  const invoked = whole((shard, index) => shard.invocations[index]!);
  const errors = whole((shard, index) => shard.errors[index]!);
  const throttles = whole((shard, index) => shard.throttles[index]!);
  const sum = (values: readonly (number | null)[]) => values.reduce<number>((all, value) => all + (value ?? 0), 0);
  const count = sum(invoked);
  const arrived = sum(whole((shard, index) => shard.in[index]!));
  const causes: Partial<Record<AgeCause, number>> =
    count === 0 ? {} : { tick: 420, queue: 65, throttle: 20, retry: 900, processing: 130 };
  const means = Object.fromEntries(
    AGE_CAUSES.map((cause) => [cause, causes[cause] ?? 0]),
  ) as MappingSummary['ageBreakdownMs'];
  const shardEntries = shards.map((shard, index) => [
    shardId(index),
    {
      records: balance(0),
      invocations: 1,
      errors: 0,
      throttles: 0,
      iteratorAgeMs: spread(1),
      batchSize: spread(1),
      series: shard.series,
    },
  ]);
  const load = { limit: 1, unit: 'share', median: 0, worst: 0, worstShardId: null, peak: 0, peakAtSeconds: null };
  return {
    invoked,
    throttles,
    maxima: invoked.map((value) =>
      value === 0 ? 0 : Math.min(mapping.shards, 1 + Math.floor(noise() * mapping.shards)),
    ),
    lanes: shards.map((shard) => shard.spans),
    summary: {
      stream: 'orders',
      function: mapping.function,
      state: 'Enabled',
      lastProcessingResult: 'OK',
      configuration: {},
      api: [],
      records: balance(arrived),
      polls: { asks: 0, ticks: 0, empty: 0, getRecordsCalls: 0, refused: 0 },
      throughput: { recordsInPerSecond: 0, recordsOutPerSecond: 0, bytesOutPerSecond: 0 },
      backlog: { mean: 0, max: 0, end: 0 },
      caughtUpAtSeconds: null,
      invocations: count,
      errors: sum(errors),
      throttles: sum(throttles),
      batches: 0,
      fullBatches: 0,
      deliveries: 0,
      batchSize: spread(count),
      batchSizes:
        count === 0
          ? []
          : Array.from({ length: 50 }, (_, index) => ({
              from: Math.floor((index * batchSize) / 50) + 1,
              to: Math.floor(((index + 1) * batchSize) / 50),
              count: index === 49 ? 400 : Math.round(1_500 * Math.exp(-((index - 18) ** 2) / 60)),
            })),
      iteratorAgeMs: spread(count),
      worstIteratorAge: null,
      durationMs: spread(count),
      timeInSystemMs: spread(count),
      waitingTimeMs: spread(count),
      backlogAgeMs: spread(count),
      recoveryMs: spread(0),
      recordStatistics: 'each record',
      ageBreakdownMs: means,
      concurrency: { mean: 0, max: 0 },
      utilization: { slots: load, laneBusy: load, payload: load, bindsFirst: null },
      trend: { verdict: null, slope: null, lossBeginsInSeconds: null },
      stallsTotal: { count: 0, seconds: 0, longestSeconds: 0, recordsLost: 0 },
      stalls: [],
      destination: [],
      shards: Object.fromEntries(shardEntries),
      shardEnvelope: null,
    },
    metrics(name, causesOverTime) {
      const Dimensions = { Mapping: name };
      const metric = (
        MetricName: string,
        Statistics: MetricSeries['Statistics'],
        more = {},
        Unit: MetricSeries['Unit'] = 'Count',
      ) => ({
        Namespace: 'shardclock',
        MetricName,
        Dimensions: { ...Dimensions, ...more },
        Unit,
        Statistics,
      });
      const settled = whole((shard, index) => shard.out[index]!);
      return [
        metric('RecordsIn', { Sum: whole((shard, index) => shard.in[index]!) }),
        metric('RecordsOut', { Sum: settled }),
        metric('Invocations', { Sum: invoked }),
        metric('Errors', { Sum: errors }),
        metric('Throttles', { Sum: throttles }),
        ...(causesOverTime
          ? AGE_CAUSES.map((cause) =>
              metric(
                'TimeInSystem',
                {
                  Average: settled.map((records, index) => {
                    const trouble = (errors[index] ?? 0) > 0 ? 1 : 0;
                    const scale = cause === 'retry' ? trouble : cause === 'queue' ? 1 + 20 * trouble : 1;
                    return records === 0 ? null : (causes[cause] ?? 0) * scale * (0.9 + 0.2 * noise());
                  }),
                },
                { Cause: cause },
                'Milliseconds',
              ),
            )
          : []),
      ];
    },
  };
}

interface MadeUpShard {
  readonly series: ShardSeries;
  readonly in: readonly number[];
  readonly out: readonly number[];
  readonly invocations: readonly number[];
  readonly errors: readonly number[];
  readonly throttles: readonly number[];
  readonly spans: readonly LaneSpan[];
}

function madeUpShard(mapping: MadeUpMapping, shard: number, time: Time, noise: () => number): MadeUpShard {
  const blocked = mapping.blocked?.[shard];
  const within = (window: readonly [number, number] | undefined, index: number) => {
    const hour = (index * time.period) / 3_600;
    return window !== undefined && hour >= window[0] && hour < window[1];
  };
  const age: (number | null)[] = [];
  const backlog: number[] = [];
  const lists = {
    in: [] as number[],
    out: [] as number[],
    invocations: [] as number[],
    errors: [] as number[],
    throttles: [] as number[],
  };
  let behind = 0;
  for (let index = 0; index < time.periods; index++) {
    const arrived = Math.round(mapping.rate * time.period * (0.9 + 0.2 * noise()) * (1 + 0.5 * Math.sin(index / 200)));
    const isBlocked = within(blocked, index);
    const isThrottled = within(mapping.throttled, index) && noise() < 0.5;
    const out = isBlocked ? 0 : Math.min(behind + arrived, arrived * 8);
    behind += arrived - out;
    lists.in.push(arrived);
    lists.out.push(out);
    lists.invocations.push(arrived === 0 ? 0 : isBlocked ? 1 : Math.ceil(out / 60));
    lists.errors.push(isBlocked && arrived > 0 ? 1 : 0);
    lists.throttles.push(isThrottled ? Math.ceil(3 * noise()) : 0);
    backlog.push(behind);
    age.push(arrived === 0 ? null : 400 + 900 * noise() + (mapping.rate === 0 ? 0 : (behind / mapping.rate) * 1_000));
  }
  return {
    ...lists,
    series: { iteratorAgeMaximumMs: age, backlogAgeMs: age.map((value) => value ?? 0), backlog },
    spans: spansOf(mapping, blocked, time, noise),
  };
}

function spansOf(
  mapping: MadeUpMapping,
  blocked: readonly [number, number] | undefined,
  time: Time,
  noise: () => number,
): LaneSpan[] {
  const spans: LaneSpan[] = [];
  let at = 0;
  const push = (state: LaneState, length: number) => {
    const end = Math.min(at + length, time.seconds);
    if (end > at) spans.push({ state, fromSeconds: at, toSeconds: end });
    at = end;
  };
  if (mapping.rate === 0) push('idle', time.seconds);
  const step = Math.max(1, time.seconds / 700);
  while (at < time.seconds) {
    if (blocked !== undefined && at >= blocked[0] * 3_600 && at < blocked[1] * 3_600) {
      push('blocked', step * 0.3);
      push('backingOff', Math.min(60, step * 5));
    } else if (
      mapping.throttled !== undefined &&
      at >= mapping.throttled[0] * 3_600 &&
      at < mapping.throttled[1] * 3_600
    ) {
      push('throttled', step * 2 * noise());
      push('running', step * noise());
    } else {
      push('running', step * noise());
      push('idle', step * 3 * noise());
    }
  }
  return spans;
}

function shardId(index: number): string {
  return `shardId-${String(index).padStart(12, '0')}`;
}

function spread(count: number): Spread {
  return count === 0
    ? { count, mean: null, min: null, p50: null, p90: null, p99: null, max: null }
    : { count, mean: 40, min: 1, p50: 40, p90: 80, p99: 99, max: 100 };
}

function balance(arrived: number): MappingSummary['records'] {
  return {
    arrived,
    succeeded: arrived,
    filtered: 0,
    discarded: { RetryAttemptsExhausted: 0, RecordAgeExceeded: 0, PayloadTooLarge: 0 },
    expired: 0,
    pending: 0,
    duplicates: 0,
    silentlyLost: 0,
  };
}

/** Numbers in [0, 1) that are the same for the same name. */
function generator(name: string): () => number {
  let state = [...name].reduce((all, character) => (all * 31 + character.codePointAt(0)!) >>> 0, 7);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
