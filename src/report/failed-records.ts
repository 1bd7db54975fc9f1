import { mappingUuid } from '../recording/identifiers.ts';
import { findSeries, total } from './charts/series.ts';
import type { Summary } from './summary.ts';

/**
 * How many records the invocations of a mapping left to be tried again or discarded: of its measured time, all that
 * tells of responses that name failed items, which are no errors (E5, M2). Null where only errors can have done it. A
 * period in which the warm-up ends is left out.
 */
export function failedRecords(summary: Summary, mapping: string): number | null {
  const { configuration, errors } = summary.mappings[mapping]!;
  const types = configuration.FunctionResponseTypes;
  if (errors > 0 && !(Array.isArray(types) && types.length > 0)) return null;
  const { measured, series } = summary;
  const failed =
    findSeries(summary, {
      namespace: 'AWS/Lambda',
      name: 'FailedInvokeEventCount',
      dimensions: { EventSourceMappingUUID: mappingUuid(mapping) },
      statistic: 'Sum',
    }) ?? [];
  return total(failed, { from: Math.ceil(measured.fromSeconds / series.periodSeconds), to: failed.length });
}
