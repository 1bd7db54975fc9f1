import { COST_ITEMS } from '../cost/items.ts';
import { AGE_CAUSE_WORDS, LIMIT_WORDS, STALL_CAUSE_WORDS } from '../phrases.ts';

/** Words that a summary prints for what has a name: 'lane busy' for `laneBusy`. */
export const LABELS_OF_NAMES: readonly (readonly [label: string, name: string])[] = [
  ...named(LIMIT_WORDS),
  ...named(AGE_CAUSE_WORDS),
  ...named(STALL_CAUSE_WORDS),
  ['invocations timed out', 'timeout'],
  ...Object.entries(COST_ITEMS).map(([name, { words }]) => [words, name] as const),
  ['What binds first', 'bindsFirst'],
  ['time in system', 'timeInSystemMs'],
  ['waiting time', 'waitingTimeMs'],
  ['batch size', 'batchSize'],
  ['duration', 'durationMs'],
  ['backlog', 'backlog'],
  ['Trend of IteratorAge', 'trend'],
  ['offered', 'recordsOffered'],
  ['put', 'recordsPut'],
  ['puts throttled', 'writeThrottled'],
  ['lost at write', 'lostAtWrite'],
  ['discarded after their retries', 'RetryAttemptsExhausted'],
  ['discarded as too old', 'RecordAgeExceeded'],
  ['discarded as too large', 'PayloadTooLarge'],
  ['pending at the end', 'pending'],
  ['silently lost', 'silentlyLost'],
  ['delivered again after they had been processed', 'duplicates'],
  ['held up', 'recordsHeld'],
  ['stalls', 'stalls'],
  ['stall', 'stalls'],
  ['caught up', 'caughtUpAtSeconds'],
  ['errors', 'Errors'],
  ['throttles', 'Throttles'],
  ['invocations', 'Invocations'],
  ['Cost', 'cost.month'],
];

/** Words that a summary prints for what has no name of its own. */
export const LABEL_MEANINGS: readonly (readonly [labels: readonly string[], meaning: string])[] = [
  [
    ['worst', 'median', 'peak'],
    'Beside a limit (M3a): how much of it was used, 100 % is all. "worst" is the shard, or lane, that used most of it, on average over the measured time; "median" the one in the middle; "peak" the highest share of any in one `period` of the scenario, or in what of it was measured and the shard was there, and when that began. What is not by shard has its mean instead of worst and median.',
  ],
  [
    ['mean', 'average', 'avg', 'on average'],
    'The sum of all samples through their number; of what lasts, such as concurrency and backlog, over the measured time (D5).',
  ],
  [
    ['p50', 'p90', 'p99', 'percentile'],
    'A percentile: so many percent of the samples are at most that large; p50 is the median. Within 1 % (M7).',
  ],
  [['max', 'min'], 'The largest and the smallest sample, exact (M7).'],
  [['sum', 'count', 'end'], 'The sum of all samples, how many there are, and the value at the end of the run (M2).'],
  [
    ['lost'],
    'Beside a stall: records that were discarded or expired in it (M3). Of a whole run: discarded, expired, lost at write and silently lost together (M2, E9).',
  ],
  [
    ['discarded'],
    'Given up by the mapping: RetryAttemptsExhausted, RecordAgeExceeded or PayloadTooLarge (E2, E3, P5).',
  ],
  [
    ['stalled for', 'from', 'because'],
    'How long a lane was held up, since when in the run, and by what most of the time (M3).',
  ],
  [['still behind'], 'The mapping was not caught up at the end of the run: older records waited (M7).'],
  [
    ['rising', 'recovering', 'steady'],
    'Where the largest IteratorAge of each minute went in the second half of the run (M5).',
  ],
  [
    ['rate', 'throughput'],
    'Records that arrived for the mapping and records that it processed, a second of the measured time on average (M7).',
  ],
  [
    ['windows', 'final invocation', 'final invocations'],
    'Tumbling windows that ended, and the invocations that end them (P11).',
  ],
  [['last result'], "The mapping's LastProcessingResult, in AWS's words (A1)."],
  [['cold starts', 'coldStarts'], 'Invocations that needed a new environment (L4).'],
  [['all else'], 'Causes of the age that have less than 0.5 % of it each, together (M4).'],
  [['Digest'], 'A hash of all that happened in the run, in its order: two runs with the same one are the same (D1).'],
  [['Repeat'], 'The command that makes the same run again, to the byte (D1).'],
  [['lane'], 'What processes one batch at a time: a shard, or with a ParallelizationFactor a part of one (P4).'],
];

/** How messages and thresholds print one statistic of a metric: 'IteratorAge p99', 'IteratorAge.p99', 'IteratorAge{mapping:m} max'. */
export function withoutStatistic(name: string): { readonly metric: string; readonly statistic: string | null } {
  const [, metric = name, statistic = null] =
    /^([\w.]+?)(?:\{[^}]*\})?(?:[ .](avg|mean|min|max|sum|count|end|p\(?\d+(?:\.\d+)?\)?))?$/.exec(name) ?? [];
  return { metric, statistic: statistic?.startsWith('p') ? 'percentile' : statistic };
}

function named(words: Readonly<Record<string, string>>): (readonly [label: string, name: string])[] {
  return Object.entries(words).map(([name, label]) => [label, name] as const);
}
