import { z } from 'zod';
import { duration, hashKey, name, object, whole } from './field.ts';
import type { mapping } from './mapping-schema.ts';
import { isGrant } from './role.ts';

const EXPECTED_ROLE = 'expected a list of actions such as [kinesis:GetRecords], or [AWSLambdaKinesisExecutionRole]';

/** A3 */
export const role = () =>
  z.array(
    z.string({ error: EXPECTED_ROLE }).refine(isGrant, {
      error: 'expected an action such as kinesis:GetRecords or kinesis:*, or AWSLambdaKinesisExecutionRole',
    }),
    { error: EXPECTED_ROLE },
  );

/** What is changed while a run goes on. Every entry has `at` and one of the other names. */
export function timelineEntry(form: typeof mapping) {
  return object('an entry such as { at: 20m, disable: NAME }', {
    at: duration().meta({ description: 'When, since the start of the run.' }),
    enable: name('a mapping').optional().meta({ description: 'The mapping to enable.' }),
    disable: name('a mapping').optional().meta({ description: 'The mapping to disable.' }),
    update: name('a mapping').optional().meta({ description: 'The mapping whose settings change, to those of set.' }),
    delete: name('a mapping').optional().meta({ description: 'The mapping to delete.' }),
    create: z
      .string({ error: 'expected a name for the mapping' })
      .regex(/^[^\s{}]{1,128}$/, { error: 'expected a name of 1 to 128 characters, without blanks or braces' })
      .optional()
      .meta({ description: 'A new mapping, by the name that it is to have; mapping holds its settings.' }),
    mapping: form.optional().meta({ description: 'The settings of a mapping that is created.' }),
    split: name('a stream').optional().meta({ description: 'The stream of which a shard is split in two (K6).' }),
    shard: whole(0, 999_999).optional().meta({ description: 'The number of the shard to split.' }),
    NewStartingHashKey: hashKey('first')
      .optional()
      .meta({ description: 'Where the upper half of the split shard begins; absent: in the middle.' }),
    merge: name('a stream').optional().meta({ description: 'The stream of which two shards become one (K6).' }),
    shards: z
      .array(whole(0, 999_999), { error: 'expected the numbers of two shards, such as [0, 1]' })
      .length(2, { error: 'expected the numbers of two shards, such as [0, 1]' })
      .optional()
      .meta({ description: 'The numbers of the two shards to merge.' }),
    reshard: name('a stream').optional().meta({ description: 'The stream that gets another number of shards (K6).' }),
    ShardCount: whole(1, 10_000).optional().meta({ description: 'How many shards it has then, all of one size.' }),
    role: name('a function').optional().meta({ description: 'The function whose role changes, to that of set.' }),
    set: z
      .union([changes(form), role()], { error: 'expected a map of settings, or of a role the list of its actions' })
      .optional()
      .meta({ description: 'What update or role changes.', examples: [{ BatchSize: 500 }] }),
  });
}

/** What AWS's UpdateEventSourceMapping takes; the values have the ranges of the mapping's own. */
function changes({ shape }: typeof mapping) {
  return object('a map of settings', {
    Enabled: shape.Enabled.unwrap().optional().meta({ description: 'Whether it reads from then on (P9).' }),
    BatchSize: shape.BatchSize.unwrap().optional().meta({ description: 'Most records of a batch (P3).' }),
    MaximumBatchingWindowInSeconds: shape.MaximumBatchingWindowInSeconds.unwrap()
      .optional()
      .meta({ description: 'How long records are gathered into a batch, in seconds (P6).' }),
    ParallelizationFactor: shape.ParallelizationFactor.unwrap().optional().meta({
      description: 'Lanes of each shard (P4); what was settled past its lowest unsettled record comes again.',
    }),
    TumblingWindowInSeconds: shape.TumblingWindowInSeconds.unwrap()
      .optional()
      .meta({ description: 'How long a state is carried from batch to batch, in seconds (P11); 0: never.' }),
    MaximumRetryAttempts: shape.MaximumRetryAttempts.unwrap()
      .optional()
      .meta({ description: '−1: until success or until the records expire (E3).' }),
    MaximumRecordAgeInSeconds: shape.MaximumRecordAgeInSeconds.unwrap()
      .optional()
      .meta({ description: 'Older records are discarded before an attempt (E2); −1: never.' }),
    BisectBatchOnFunctionError: shape.BisectBatchOnFunctionError.unwrap()
      .optional()
      .meta({ description: 'Whether a failed batch of two or more records is split in two (E4).' }),
    FunctionResponseTypes: shape.FunctionResponseTypes.unwrap()
      .optional()
      .meta({ description: 'Whether the function may report the records of a batch that failed (E5).' }),
    FilterCriteria: shape.FilterCriteria.unwrap()
      .optional()
      .meta({ description: 'Which records reach the function (P10).' }),
    DestinationConfig: shape.DestinationConfig.unwrap()
      .optional()
      .meta({ description: 'Where discarded records are reported (E8); { OnFailure: {} }: nowhere.' }),
  });
}

export type TimelineDocument = z.output<ReturnType<typeof timelineEntry>>;
export type ChangesDocument = z.output<ReturnType<typeof changes>>;
