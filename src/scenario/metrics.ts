/** What a metric is counted in, and by what its thresholds can be narrowed: `IteratorAge{mapping:m}`. */
export interface Metric {
  /** What it measures, with the rules that it follows. */
  readonly description: string;
  readonly unit: 'Milliseconds' | 'Count' | 'Bytes' | 'Money';
  readonly selectors: readonly ('mapping' | 'function' | 'stream')[];
  /** Each sample is of an invocation, a record or a fault window, so that there is none at the end of the run. */
  readonly isOfSamples?: true;
}

const ofLambda = { selectors: ['mapping', 'function'] } as const;
const ofMapping = { selectors: ['mapping', 'function', 'stream'] } as const;
const ofStream = { selectors: ['stream'] } as const;

/** The metrics that thresholds can name: AWS's by its names (M2), and ours. */
export const METRICS: ReadonlyMap<string, Metric> = new Map<string, Metric>([
  [
    'Invocations',
    {
      description:
        'Invocations of the function that started in the period, failed ones included, throttled ones not (M2).',
      unit: 'Count',
      ...ofLambda,
    },
  ],
  [
    'Errors',
    {
      description: 'Invocations that ended with a function error or at their Timeout, filed at their start (M2).',
      unit: 'Count',
      ...ofLambda,
    },
  ],
  [
    'Throttles',
    {
      description: 'Attempts that found no free slot (L2); they count neither as Invocations nor as Errors.',
      unit: 'Count',
      ...ofLambda,
    },
  ],
  [
    'ConcurrentExecutions',
    {
      description: 'Slots in use at once (L1); of several functions, by all of them together.',
      unit: 'Count',
      ...ofLambda,
    },
  ],
  [
    'Duration',
    {
      description: 'How long the handler ran, a cold start not included (L4, L5).',
      unit: 'Milliseconds',
      selectors: ['function'],
      isOfSamples: true,
    },
  ],
  [
    'IteratorAge',
    {
      description:
        "The age of a batch's last record when its invocation ended, failed ones included; where no invocation ends it has no samples (M1).",
      unit: 'Milliseconds',
      ...ofMapping,
      isOfSamples: true,
    },
  ],
  ['IncomingRecords', { description: 'Records that the stream accepted (K3).', unit: 'Count', ...ofStream }],
  [
    'IncomingBytes',
    { description: 'Bytes of data that the stream accepted, keys not counted (K3).', unit: 'Bytes', ...ofStream },
  ],
  [
    'WriteProvisionedThroughputExceeded',
    {
      description:
        'Puts that a shard refused because its write limit was used up, tries of one record counted each (K3).',
      unit: 'Count',
      ...ofStream,
    },
  ],
  [
    'ReadProvisionedThroughputExceeded',
    {
      description:
        'GetRecords calls that a shard refused because its readers together had used up its read limit (K4).',
      unit: 'Count',
      ...ofStream,
    },
  ],
  ['GetRecords.Records', { description: 'Records that GetRecords calls brought (P7).', unit: 'Count', ...ofStream }],
  ['GetRecords.Bytes', { description: 'Bytes that GetRecords calls brought (P7).', unit: 'Bytes', ...ofStream }],
  [
    'GetRecords.IteratorAgeMilliseconds',
    {
      description: 'The age of the last record of a GetRecords call; 0 when it has caught up (M2).',
      unit: 'Milliseconds',
      ...ofStream,
    },
  ],
  ['PolledEventCount', { description: 'Records that the mapping read (P7).', unit: 'Count', ...ofMapping }],
  [
    'FilteredOutEventCount',
    {
      description: 'Records that FilterCriteria dropped before they counted into a batch (P10).',
      unit: 'Count',
      ...ofMapping,
    },
  ],
  [
    'InvokedEventCount',
    { description: 'Records that were handed to the function, retries included (P3).', unit: 'Count', ...ofMapping },
  ],
  [
    'FailedInvokeEventCount',
    {
      description: 'Records of invocations that failed: of a partial failure those from the checkpoint on (M2, E5).',
      unit: 'Count',
      ...ofMapping,
    },
  ],
  [
    'DroppedEventCount',
    {
      description: 'Records that were discarded or expired, with no destination to tell of them (E8).',
      unit: 'Count',
      ...ofMapping,
    },
  ],
  [
    'OnFailureDestinationDeliveredEventCount',
    {
      description: 'Discarded records that a message to the on-failure destination tells of (E8).',
      unit: 'Count',
      ...ofMapping,
    },
  ],
  [
    'backlogAge',
    {
      description:
        'The age of the oldest unsettled record of a lane, at the end of each period and of the run; a lane that stands still shows here, where IteratorAge has no samples (M7).',
      unit: 'Milliseconds',
      ...ofMapping,
    },
  ],
  [
    'recovery',
    {
      description:
        'From the end of a fault window until the mapping was caught up; no value where it was not, after one of them (M7).',
      unit: 'Milliseconds',
      ...ofMapping,
      isOfSamples: true,
    },
  ],
  [
    'timeInSystem',
    {
      description: 'Of each record that succeeded: from its arrival to the end of its last invocation (M4).',
      unit: 'Milliseconds',
      ...ofMapping,
      isOfSamples: true,
    },
  ],
  [
    'waitingTime',
    {
      description: 'Of each record: from its arrival to the start of its first invocation (M4).',
      unit: 'Milliseconds',
      ...ofMapping,
      isOfSamples: true,
    },
  ],
  [
    'caughtUp',
    {
      description: 'When the mapping was caught up for good, as a time of the run; no value where it never was (M7).',
      unit: 'Milliseconds',
      ...ofMapping,
    },
  ],
  ['backlog', { description: 'Records that have arrived and are not settled (M7).', unit: 'Count', ...ofMapping }],
  [
    'records.lost',
    {
      description:
        'Records that nobody will process: discarded, expired, lost at write, or silently lost (E2, E3, E5, K3, K5).',
      unit: 'Count',
      ...ofMapping,
    },
  ],
  [
    'records.discarded',
    {
      description: 'Records that were given up: after their retries, as too old, or as too large (E2, E3, P5).',
      unit: 'Count',
      ...ofMapping,
    },
  ],
  [
    'records.duplicates',
    { description: 'Deliveries of records that had been processed before (E10).', unit: 'Count', ...ofMapping },
  ],
  [
    'records.pending',
    { description: 'Records that were not settled when the run ended (E9).', unit: 'Count', ...ofMapping },
  ],
  [
    'cost.month',
    {
      description: 'What a month of 730 hours at this load costs, in the currency of the prices (C1, C2, C2a).',
      unit: 'Money',
      selectors: [],
    },
  ],
]);
