/** What a metric is counted in, and by what its thresholds can be narrowed: `IteratorAge{mapping:m}`. */
export interface Metric {
  readonly unit: 'Milliseconds' | 'Count' | 'Bytes';
  readonly selectors: readonly ('mapping' | 'function' | 'stream')[];
}

const ofLambda = { selectors: ['mapping', 'function'] } as const;
const ofMapping = { selectors: ['mapping', 'function', 'stream'] } as const;
const ofStream = { selectors: ['stream'] } as const;

/** The metrics that thresholds can name: AWS's by its names (M2), and ours. */
export const METRICS: ReadonlyMap<string, Metric> = new Map<string, Metric>([
  ['Invocations', { unit: 'Count', ...ofLambda }],
  ['Errors', { unit: 'Count', ...ofLambda }],
  ['Throttles', { unit: 'Count', ...ofLambda }],
  ['ConcurrentExecutions', { unit: 'Count', ...ofLambda }],
  ['Duration', { unit: 'Milliseconds', selectors: ['function'] }],
  ['IteratorAge', { unit: 'Milliseconds', ...ofMapping }],
  ['IncomingRecords', { unit: 'Count', ...ofStream }],
  ['IncomingBytes', { unit: 'Bytes', ...ofStream }],
  ['WriteProvisionedThroughputExceeded', { unit: 'Count', ...ofStream }],
  ['ReadProvisionedThroughputExceeded', { unit: 'Count', ...ofStream }],
  ['GetRecords.Records', { unit: 'Count', ...ofStream }],
  ['GetRecords.Bytes', { unit: 'Bytes', ...ofStream }],
  ['GetRecords.IteratorAgeMilliseconds', { unit: 'Milliseconds', ...ofStream }],
  ['PolledEventCount', { unit: 'Count', ...ofMapping }],
  ['FilteredOutEventCount', { unit: 'Count', ...ofMapping }],
  ['InvokedEventCount', { unit: 'Count', ...ofMapping }],
  ['FailedInvokeEventCount', { unit: 'Count', ...ofMapping }],
  ['DroppedEventCount', { unit: 'Count', ...ofMapping }],
  ['OnFailureDestinationDeliveredEventCount', { unit: 'Count', ...ofMapping }],
  ['backlogAge', { unit: 'Milliseconds', ...ofMapping }],
  ['recovery', { unit: 'Milliseconds', ...ofMapping }],
  ['timeInSystem', { unit: 'Milliseconds', ...ofMapping }],
  ['waitingTime', { unit: 'Milliseconds', ...ofMapping }],
  ['caughtUp', { unit: 'Milliseconds', ...ofMapping }],
  ['backlog', { unit: 'Count', ...ofMapping }],
  ['records.lost', { unit: 'Count', ...ofMapping }],
  ['records.discarded', { unit: 'Count', ...ofMapping }],
  ['records.duplicates', { unit: 'Count', ...ofMapping }],
  ['records.pending', { unit: 'Count', ...ofMapping }],
]);

/** Named by CONTRACT, of a later version. */
export const LATER_METRICS: ReadonlySet<string> = new Set(['cost.month']);
