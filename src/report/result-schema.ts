import { z } from 'zod';
import { AGE_CAUSES } from '../recording/causes.ts';
import type { JsonObject } from '../scenario/scenario.ts';
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

/** What keeps a value from being a result, each with its path; nothing for a result. Keys that are not known may stand. */
export function resultProblems(value: unknown): string[] {
  if (!isFields(value) || !isFields(value.tool) || value.tool.name !== 'shardclock')
    return ["tool.name: expected 'shardclock'; no result of a run begins like this"];
  if (value.formatVersion !== 1)
    return [`formatVersion: expected 1, got ${JSON.stringify(value.formatVersion)}; written by another version`];
  const read = resultSchema.safeParse(value);
  if (read.success) return [];
  return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message.replace(/^Invalid input: /, '')}`);
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
  arrived: count,
  succeeded: count,
  filtered: count,
  discarded: object({ RetryAttemptsExhausted: count, RecordAgeExceeded: count, PayloadTooLarge: count }),
  expired: count,
  pending: count,
  duplicates: count,
  silentlyLost: count,
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
  recordsOffered: count,
  recordsPut: count,
  bytesPut: count,
  writeThrottled: count,
  lostAtWrite: count,
  utilization: object({
    writeRecords: load.nullable(),
    writeBytes: load.nullable(),
    readCalls: load.nullable(),
    readBytes: load.nullable(),
    bindsFirst: text.nullable(),
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
  cause: z.enum(['functionError', 'throttle', 'readLimit', 'disabled', 'parent']),
  startSequenceNumber: text.nullable(),
  endSequenceNumber: text.nullable(),
  recordsHeld: count,
  recordsLost: count,
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
  caughtUpAtSeconds: nullable,
  invocations: count,
  errors: count,
  throttles: count,
  batches: count,
  fullBatches: count,
  deliveries: count,
  batchSize: spread,
  batchSizes: list(object({ from: count, to: count, count })),
  iteratorAgeMs: spread,
  worstIteratorAge: place.nullable(),
  durationMs: spread,
  timeInSystemMs: spread,
  waitingTimeMs: spread,
  backlogAgeMs: spread,
  recoveryMs: spread,
  recordStatistics: z.enum(['each record', 'parts of a batch']),
  ageBreakdownMs: z.record(z.enum(AGE_CAUSES), number).readonly(),
  concurrency: object({ mean: number, max: count }),
  utilization: object({ slots: load, laneBusy: load, payload: load, bindsFirst: text.nullable() }),
  trend: object({
    verdict: z.enum(['rising', 'steady', 'recovering']).nullable(),
    slope: nullable,
    lossBeginsInSeconds: nullable,
  }),
  stallsTotal: object({ count, seconds: number, longestSeconds: number, recordsLost: count }),
  stalls: list(stall),
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

const lane = object({
  mapping: text,
  shardId: text,
  lane: count,
  spans: list(
    object({
      state: z.enum(['idle', 'window', 'running', 'backingOff', 'throttled', 'blocked']),
      fromSeconds: number,
      toSeconds: number,
    }),
  ),
});

const provisioned = object({
  allocated: count,
  mean: number,
  max: count,
  utilization: number,
  invocations: count,
  spilloverInvocations: count,
}).meta({ description: 'Absent where nothing is provisioned.' });

const resultSchema = object({
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
      unit: z.enum(['s', 'count', 'bytes']),
      worst: place.nullable(),
    }),
  ),
  streams: byName(stream),
  mappings: byName(mapping),
  functions: byName(
    object({
      invocations: count,
      errors: count,
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
  warnings: list(text),
}).meta({ title: 'A result of shardclock' });

/** Fails to compile where the schema and the type are not the same, in either direction. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Same<z.output<typeof resultSchema>, Summary>;
