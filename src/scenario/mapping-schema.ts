import { z } from 'zod';
import { duration, flag, name, number, object, oneOf, percent, text, whole } from './field.ts';

function backoff(defaults: { initial: string; factor: number; maximum: string }) {
  return {
    initial: duration().default(defaults.initial).meta({ description: 'The first wait.' }),
    factor: number(1, 1_000).default(defaults.factor).meta({ description: 'What each wait multiplies the last by.' }),
    maximum: duration().default(defaults.maximum).meta({ description: 'The longest wait.' }),
  };
}

const DOUBLING = { initial: '250ms', factor: 2, maximum: '60s' };

const destination = object('{ OnFailure: { Destination } }', {
  OnFailure: object('{}', {
    Destination: name('a queue, topic or bucket, or its ARN')
      .min(1, { error: 'expected the name of a queue, topic or bucket, or its ARN' })
      .optional()
      .meta({ description: 'Where a message about each discarded batch goes, by name or ARN.' }),
  })
    .optional()
    .meta({ description: 'Of records that are discarded.' }),
});

function recordAge() {
  const error = 'expected -1 or a whole number from 60 to 604,800';
  return z.int({ error }).refine((age) => age === -1 || (age >= 60 && age <= 604_800), { error });
}

/** An event source mapping, with AWS's settings and the model's own. */
export const mapping = object('a map of mapping settings', {
  stream: name('a stream').optional().meta({ description: 'The stream that is read.' }),
  consumer: text('expected STREAM/CONSUMER', /^.+\/[^/]+$/)
    .optional()
    .meta({
      description: 'In place of a stream: one of its consumers with enhanced fan-out, as STREAM/CONSUMER (K8).',
      examples: ['orders/analytics'],
    }),
  function: name('a function').meta({ description: 'The function that is invoked.' }),
  StartingPosition: oneOf('TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP').meta({ description: 'Where reading begins (P8).' }),
  StartingPositionTimestamp: number(0, 9_000_000_000)
    .optional()
    .meta({ description: 'Unix seconds, for AT_TIMESTAMP; not after the start of the run.' }),
  Enabled: flag().default(true).meta({ description: 'Whether it reads from the start (P9).' }),
  BatchSize: whole(1, 10_000)
    .default(100)
    .meta({ description: 'Most records of a batch (P3).', examples: [500] }),
  MaximumBatchingWindowInSeconds: whole(0, 300)
    .default(0)
    .meta({ description: 'How long records are gathered into a batch, in seconds (P6).', examples: [5] }),
  ParallelizationFactor: whole(1, 10)
    .default(1)
    .meta({
      description: 'Batches of one shard that are processed at once, each of its own partition keys (P4).',
      examples: [4],
    }),
  MaximumRetryAttempts: whole(-1, 10_000)
    .default(-1)
    .meta({
      description: 'Retries of a failed batch until it is given up; −1: until it succeeds or its records expire (E3).',
      examples: [5],
    }),
  MaximumRecordAgeInSeconds: recordAge()
    .default(-1)
    .meta({ description: 'Older records are discarded before an attempt (E2); −1: never.', examples: [3_600] }),
  BisectBatchOnFunctionError: flag()
    .default(false)
    .meta({ description: 'Whether a failed batch of two or more records is split in two (E4).' }),
  FunctionResponseTypes: z
    .array(oneOf('ReportBatchItemFailures'), { error: 'expected [] or [ReportBatchItemFailures]' })
    .max(1, { error: 'expected [] or [ReportBatchItemFailures]' })
    .default([])
    .meta({ description: 'Whether the function may report the records of a batch that failed (E5).' }),
  TumblingWindowInSeconds: whole(0, 900)
    .default(0)
    .meta({
      description: 'How long a state is carried from batch to batch, in seconds (P11); 0: never.',
      examples: [60],
    }),
  FilterCriteria: object('{ Filters: [{ Pattern }] }', {
    Filters: z
      .array(
        object('{ Pattern }', {
          Pattern: z
            .string({ error: 'expected a pattern, JSON as text' })
            .max(4_096, { error: 'expected at most 4,096 characters' })
            .meta({ description: 'A pattern of EventBridge, JSON as text.' }),
        }),
        { error: 'expected a list of { Pattern }' },
      )
      .max(5, { error: 'expected at most 5 filters' })
      .default([])
      .meta({ description: 'A record is kept that matches one of them.' }),
  })
    .default(() => ({ Filters: [] }))
    .meta({ description: 'Which records reach the function (P10).' }),
  DestinationConfig: destination.optional().meta({ description: 'Where discarded records are reported (E8).' }),
  retryBackoff: z
    .union(
      [
        oneOf('none'),
        object('none, or { initial, factor, maximum, jitter }', {
          ...backoff(DOUBLING),
          jitter: percent().default('0%').meta({ description: 'Each wait is drawn from ± this share around it.' }),
        }),
      ],
      { error: 'expected none, or { initial, factor, maximum, jitter }' },
    )
    .default({ ...DOUBLING, jitter: '0%' })
    .meta({ description: 'Waits between the attempts of a failing batch (E7), or none: tried again at once.' }),
  throttleBackoff: z
    .union([oneOf('queue'), object('queue, or { initial, factor, maximum }', backoff(DOUBLING))], {
      error: 'expected queue, or { initial, factor, maximum }',
    })
    .default(DOUBLING)
    .meta({
      description: 'Waits of a throttled batch (L2), or queue: it takes the next freed slot, first come first served.',
    }),
  fetchLimit: z
    .union([z.literal(10_000), z.literal('batchSize')], { error: 'expected 10000 or batchSize' })
    .default(10_000)
    .meta({ description: 'Most records of one GetRecords call (P7).' }),
  iteratorAge: oneOf('atFinish', 'atInvoke').default('atFinish').meta({ description: 'When the age is taken (M1).' }),
  transitions: duration().default('0s').meta({ description: 'How long Creating, Enabling and Disabling last (P9).' }),
});

export type MappingDocument = z.output<typeof mapping>;
