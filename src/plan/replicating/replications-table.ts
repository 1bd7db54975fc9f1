import { csvOf } from '../../report/csv.ts';
import { readableJson } from '../../report/summary-json.ts';
import type { Replications } from './replications.ts';

/**
 * A row a replication as CSV (RFC 4180): its number, seed and digest, and each metric, named as in
 * `IteratorAge{mapping:m} p99 (Milliseconds)`, then what each threshold measured. What has no samples is empty.
 */
export function replicationsCsv({ metrics, thresholds, replications }: Replications): string {
  const header = [
    'replication',
    'seed',
    'digest',
    'partial',
    'thresholdsMet',
    ...metrics.map(({ metric, statistic, unit }) => `${metric} ${statistic} (${unit})`),
    ...thresholds.map(({ metric, expression, unit }) => `${metric} ${expression} (${unit})`),
  ];
  const rows = replications.map(({ seed, digest, partial, thresholdsMet, values, measured }, index) => [
    index + 1,
    seed,
    digest,
    partial,
    thresholdsMet,
    ...values,
    ...measured,
  ]);
  return csvOf([header, ...rows]);
}

/** As a file, indented so that two of them can be compared line by line. */
export function replicationsJson(replications: Replications): string {
  return readableJson(replications);
}
