import { z } from 'zod';
import { AGE_CAUSES, LANE_STATES } from '../recording/causes.ts';
import type { JsonObject } from '../scenario/scenario.ts';
import type { CostItem } from './cost/items.ts';
import { COST_ITEM_NAMES, COST_ITEMS } from './cost/items.ts';
import type { Spread, Summary } from './summary.ts';

/** The JSON Schema (draft 7) of the result; it lets keys stand that a later version adds. */
export function resultJsonSchema(): object {
  return z.toJSONSchema(resultSchema, {
    io: 'input',
    target: 'draft-7',
    // Says nothing about JSON; it comes from the compiler's `readonly`.
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
    },
  });
}

export interface ResultProblem {
  /** Keys and indices, from the outermost on. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What keeps a value from being a result; nothing for a result. Keys that are not known may stand. */
export function resultProblems(value: unknown): ResultProblem[] {
  if (!isFields(value) || !isFields(value.tool) || value.tool.name !== 'shardclock')
    return [{ path: ['tool', 'name'], message: "expected 'shardclock'; no result of a run begins like this" }];
  if (value.formatVersion !== 1) {
    const message = `expected 1, got ${JSON.stringify(value.formatVersion)}; written by another version`;
    return [{ path: ['formatVersion'], message }];
  }
  if (typeof value.kind === 'string')
    return [{ path: ['kind'], message: `expected the result of one run, got that of a ${value.kind}` }];
  const read = resultSchema.safeParse(value);
  if (read.success) return [];
  return read.error.issues.map(({ path, message }) => ({
    path: path.map((step) => (typeof step === 'symbol' ? String(step) : step)),
    message: message.replace(/^Invalid input: /, ''),
  }));
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

const number = z.number();
const count = z.int();
const nullable = z.number().nullable();
const text = z.string();

function object<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.object(shape).readonly();
}
function list<T extends z.ZodType>(item: T) {
  return z.array(item).readonly();
}
function byName<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value).readonly();
}
/** Anything, as long as it is a map. */
const json = z.looseObject({}) as unknown as z.ZodType<JsonObject>;

const spread = z
  .object({ count, mean: nullable, min: nullable, p50: nullable, p90: nullable, p99: nullable, max: nullable })
  .catchall(nullable)
  .readonly()
  .meta({
    description: 'A distribution; with count 0 the others are null. --percentiles adds p95, p99.9 and so on.',
  }) as unknown as z.ZodType<Spread>;

const place = object({ mapping: text.nullable(), shardId: text.nullable(), atSeconds: nullable });

const balance = object({
  arrived: count.meta({
    description: 'Records that the mapping has to process: put at or after its starting position (E9).',
  }),
  succeeded: count.meta({ description: 'Records that an invocation processed (E9).' }),
  filtered: count.meta({ description: 'Records that FilterCriteria dropped (P10).' }),
  discarded: object({ RetryAttemptsExhausted: count, RecordAgeExceeded: count, PayloadTooLarge: count }),
  expired: count.meta({ description: 'Records that their retention ended before they were processed (K5).' }),
  pending: count.meta({ description: 'Records that were not settled when the run ended (E9).' }),
  duplicates: count.meta({ description: 'Deliveries of records that had been processed before (E10).' }),
  silentlyLost: count.meta({
    description:
      'Records that the function reported as failed and Lambda took for processed: FunctionResponseTypes was [] (E5).',
  }),
});

const load = object({
  limit: number,
  unit: text,
  median: number,
  worst: number,
  worstShardId: text.nullable(),
  peak: number,
  peakAtSeconds: nullable,
}).meta({ description: 'Shares of a limit; 1 is all of it.' });

const stream = object({
  recordsOffered: count.meta({ description: 'Records that the producers put, each counted once (D3).' }),
  recordsPut: count.meta({ description: 'Records that the stream accepted (K3).' }),
  bytesPut: count,
  writeThrottled: count.meta({ description: 'Puts that were refused, tries of one record counted each (K3).' }),
  lostAtWrite: count.meta({ description: 'Records that were refused for the last time (K3).' }),
  utilization: object({
    writeRecords: load.nullable().meta({ description: 'Records written to a shard, of 1,000 a second (M3a, K3).' }),
    writeBytes: load
      .nullable()
      .meta({ description: 'Bytes written to a shard, keys included, of 1 MB a second (M3a, K3).' }),
    readCalls: load.nullable().meta({ description: 'GetRecords calls of a shard, of 5 a second (M3a, K4).' }),
    readBytes: load
      .nullable()
      .meta({ description: 'Bytes that GetRecords brought from a shard, of 2 MB a second (M3a, K4).' }),
    bindsFirst: text
      .nullable()
      .meta({ description: 'The limit of which the largest share is used, by the worst shard (M3a).' }),
  }),
  shards: byName(
    object({
      openedAtSeconds: number,
      closedAtSeconds: nullable,
      parentShardIds: list(text),
      recordsPut: count,
      bytesPut: count,
      writeThrottled: count,
      lostAtWrite: count,
    }),
  ),
});

const shardSeries = object({
  iteratorAgeMaximumMs: list(nullable),
  backlogAgeMs: list(number),
  backlog: list(number),
}).meta({ description: 'One value a period of the series.' });

const stall = object({
  shardId: text,
  lane: count,
  startSeconds: number,
  endSeconds: nullable,
  cause: z.enum(['functionError', 'throttle', 'readLimit', 'disabled', 'updating', 'role', 'parent']),
  startSequenceNumber: text.nullable(),
  endSequenceNumber: text.nullable(),
  recordsHeld: count.meta({
    description: 'The most records that waited in the stall, those of the batch that is held among them (M3).',
  }),
  recordsLost: count.meta({ description: 'Records that were discarded or expired in the stall (M3).' }),
});

const mapping = object({
  stream: text,
  function: text,
  state: text,
  lastProcessingResult: text,
  configuration: json.meta({ description: 'As GetEventSourceMapping answers.' }),
  api: list(json),
  records: balance,
  polls: object({ asks: count, ticks: count, empty: count, getRecordsCalls: count, refused: count }),
  throughput: object({ recordsInPerSecond: number, recordsOutPerSecond: number, bytesOutPerSecond: number }),
  backlog: object({ mean: number, max: count, end: count }),
  caughtUpAtSeconds: nullable.meta({
    description: 'When the mapping was caught up for good; null if it was not at the end (M7).',
  }),
  invocations: count,
  errors: count.meta({ description: 'Invocations that failed, timeouts included (M2).' }),
  throttles: count.meta({ description: 'Attempts that found no free slot (L2).' }),
  batches: count,
  fullBatches: count.meta({ description: 'Batches that had BatchSize records or no room for the next (P3).' }),
  deliveries: count.meta({ description: 'Records handed to the function, retries included (P3).' }),
  tumblingWindows: object({ closed: count, early: count, open: count, finalInvocations: count }).optional().meta({
    description: 'Tumbling windows that were closed, of these early, still open, and final invocations (P11).',
  }),
  batchSize: spread.meta({ description: 'Records of a batch, one sample an invocation, retries included (P3).' }),
  batchSizes: list(object({ from: count, to: count, count })),
  iteratorAgeMs: spread.meta({
    description: "The age of a batch's last record when its invocation ended, in milliseconds (M1).",
  }),
  worstIteratorAge: place.nullable(),
  durationMs: spread.meta({ description: 'How long the handler ran, in milliseconds, cold starts not included (L5).' }),
  timeInSystemMs: spread.meta({
    description: 'Of each record that succeeded, in milliseconds: arrival to the end of its last invocation (M4).',
  }),
  waitingTimeMs: spread.meta({
    description: 'Of each record, in milliseconds: arrival to the start of its first invocation (M4).',
  }),
  backlogAgeMs: spread.meta({
    description:
      'The age of the oldest unsettled record of each lane, in milliseconds, at the end of every period and of the run (M7).',
  }),
  recoveryMs: spread.meta({
    description:
      'From the end of each fault window until the mapping was next caught up, in milliseconds; windows that it did not recover from have no sample (M7).',
  }),
  recordStatistics: z
    .enum(['each record', 'parts of a batch'])
    .meta({ description: 'How the figures over records were taken (M7).' }),
  ageBreakdownMs: z.record(z.enum(AGE_CAUSES), number).readonly().meta({
    description:
      'Where the time of a record went, means in milliseconds; together they are the mean of timeInSystemMs (M4).',
  }),
  concurrency: object({ mean: number, max: count }),
  utilization: object({
    slots: load.meta({ description: 'Slots in use, of those that the function may use (M3a, L1).' }),
    laneBusy: load.meta({ description: 'Share of the time in which a lane has a batch in hand (M3a, P4).' }),
    payload: load.meta({
      description: 'The largest event, of 6 MB: measured near the limit, else with keys of the mean length (M3a, P5).',
    }),
    fanOutBytes: load.optional().meta({
      description:
        'Bytes delivered by enhanced fan-out, of 2 MB a second of each shard; absent where the mapping polls (M3a, K8).',
    }),
    bindsFirst: text.nullable(),
  }),
  trend: object({
    verdict: z.enum(['rising', 'steady', 'recovering']).nullable(),
    slope: nullable,
    lossBeginsInSeconds: nullable.meta({
      description:
        'Seconds from the end of the measured time until records begin to expire or, where MaximumRecordAgeInSeconds is less than the retention, to be discarded, if IteratorAge goes on rising like that; 0 where they do already, null where it does not rise at the end (M5, K5, E2).',
    }),
    lossBy: z.enum(['RetentionPeriodHours', 'MaximumRecordAgeInSeconds']).optional().meta({
      description: 'The setting by which they are lost then; absent where lossBeginsInSeconds is null (K5, E2).',
    }),
  }).meta({ description: 'Whether IteratorAge rises, over the last half of the run (M5).' }),
  stallsTotal: object({ count, seconds: number, longestSeconds: number, recordsLost: count }),
  stalls: list(stall).meta({ description: 'When lanes stood still for longer than stallAfter, and why (M3).' }),
  destination: list(json),
  shards: byName(
    object({
      records: balance,
      invocations: count,
      errors: count,
      throttles: count,
      iteratorAgeMs: spread,
      batchSize: spread,
      series: shardSeries.nullable(),
    }),
  ),
  shardEnvelope: shardSeries.nullable(),
});

/** A figure for each item of the cost. */
const byItem = () =>
  object(
    Object.fromEntries(
      COST_ITEM_NAMES.map((name) => [name, number.meta({ description: COST_ITEMS[name].description })]),
    ) as Record<CostItem, z.ZodNumber>,
  );

const durationPrices = object({
  GBSecond: number,
  provisionedConcurrencyGBSecond: number,
  provisionedDurationGBSecond: number,
});

const cost = object({
  currency: text,
  prices: text,
  freeTier: z.boolean(),
  perMonth: number.meta({
    description: 'What a month of 730 hours that goes on like the measured time costs, in the currency (C1, C2, C2a).',
  }),
  items: byItem(),
  usage: byItem(),
  run: object({ total: number, items: byItem(), usage: byItem() }),
  priceList: object({
    region: text,
    date: text,
    currency: text,
    kinesis: object({
      shardHour: number,
      millionPutPayloadUnits: number,
      extendedRetentionShardHour: number,
      fanOutConsumerShardHour: number,
      fanOutGB: number,
      longTermRetentionGBMonth: number,
      onDemandStreamHour: number,
      onDemandGBIn: number,
      onDemandGBOut: number,
      onDemandFanOutGB: number,
      onDemandExtendedRetentionGBMonth: number,
    }),
    lambda: object({
      millionRequests: number,
      x86_64: durationPrices,
      arm64: durationPrices,
      freeTier: object({ requests: number, GBSeconds: number }),
    }),
  }),
});

const laneState = z.enum(LANE_STATES);
const lane = object({
  mapping: text,
  shardId: text,
  lane: count,
  spans: list(object({ state: laneState, fromSeconds: number, toSeconds: number })),
  short: object({ stretchSeconds: number, shares: z.partialRecord(laneState, list(number)) })
    .exactOptional()
    .meta({
      description:
        'Spans that are too short to be among those kept: the share of time in each state but idle, of one stretch of the run after the other.',
    }),
  beganSeconds: number
    .exactOptional()
    .meta({ description: 'When its mapping was created, where that was later (P8).' }),
  endedSeconds: number.exactOptional().meta({
    description:
      "When the lane was gone, before the run's end: its shard was read to its end (K6), others went on (P4), its mapping was deleted (P9); 0 where that was never created.",
  }),
});

const provisioned = object({
  allocated: count,
  mean: number,
  max: count,
  utilization: number,
  invocations: count,
  spilloverInvocations: count,
}).meta({ description: 'Absent where nothing is provisioned.' });

export const resultSchema = object({
  formatVersion: z.literal(1),
  tool: object({ name: z.literal('shardclock'), version: text }),
  scenario: object({
    name: text,
    description: text.nullable(),
    sha256: text,
    seed: text,
    start: text,
    durationSeconds: number,
    resolved: json.meta({ description: 'The scenario again, defaults and --set applied.' }),
    files: byName(text),
  }),
  measured: object({ fromSeconds: number, toSeconds: number }),
  partial: z.boolean().meta({ description: 'The run was interrupted: this is a part of it.' }),
  digest: text,
  thresholds: list(
    object({
      metric: text,
      expression: text,
      ok: z.boolean(),
      value: nullable,
      unit: text.meta({ description: 's, count, bytes, or a currency such as USD.' }),
      worst: place.nullable(),
      reason: text
        .exactOptional()
        .meta({ description: 'Why there is no value, where that is not for want of samples.' }),
    }),
  ),
  streams: byName(stream),
  mappings: byName(mapping),
  functions: byName(
    object({
      invocations: count,
      errors: count,
      timeouts: count.exactOptional().meta({
        description: 'Of the errors, those that ran into the Timeout (L5); absent where none did.',
      }),
      throttles: count,
      coldStarts: count,
      durationMs: spread,
      concurrency: object({ mean: number, max: count, limit: count }),
      provisionedConcurrency: provisioned.exactOptional(),
    }),
  ),
  series: object({
    start: text,
    periodSeconds: number,
    metrics: list(
      object({
        Namespace: text,
        MetricName: text,
        Dimensions: byName(text),
        Unit: z.enum(['Milliseconds', 'Count', 'Bytes', 'Percent', 'None']),
        Statistics: byName(list(nullable)),
      }),
    ),
  }),
  timeline: object({
    marks: list(object({ kind: z.enum(['fault', 'timeline']), label: text, fromSeconds: number, toSeconds: number })),
    lanes: list(lane),
  }),
  cost: cost.optional().meta({
    description:
      'What the run costs, and a month at this load: money (items) and amounts (usage) by the price list; absent in older results (C1, C2, C2a).',
  }),
  warnings: list(text),
}).meta({ title: 'A result of shardclock' });

/** Fails to compile where the schema and the type are not the same, in either direction. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Same<z.output<typeof resultSchema>, Summary>;
