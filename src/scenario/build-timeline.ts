import type { Duration } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import { wholeDuration } from './quantity.ts';
import type { JsonObject, MappingChanges, TimelineEntry } from './scenario.ts';
import { streamChangeOf } from './stream-changes.ts';
import type { ChangesDocument, TimelineDocument } from './timeline-schema.ts';

/** In order of time, then as written. */
export function timelineOf(entries: readonly TimelineDocument[]): TimelineEntry[] {
  return entries.map(entryOf).sort((a, b) => a.at - b.at);
}

/** MaximumRecordAgeInSeconds: −1 stands for no limit. */
export function recordAgeOf(seconds: number): Duration | null {
  return seconds < 0 ? null : seconds * SECOND;
}

function entryOf(entry: TimelineDocument): TimelineEntry {
  const at = wholeDuration(entry.at);
  const streamChange = streamChangeOf(entry);
  if (streamChange !== null) return { kind: 'streamChange', at, ...streamChange };
  const { enable, disable, update, create, role, set } = entry;
  if (enable !== undefined) return { kind: 'enable', at, mapping: enable };
  if (disable !== undefined) return { kind: 'disable', at, mapping: disable };
  if (create !== undefined) return { kind: 'create', at, mapping: create };
  if (role !== undefined) return { kind: 'role', at, function: role, role: Array.isArray(set) ? set : [] };
  if (update === undefined) return { kind: 'delete', at, mapping: entry.delete! };
  const changes = set as ChangesDocument;
  return { kind: 'update', at, mapping: update, changes: changesOf(changes), parameters: changes as JsonObject };
}

function changesOf(set: ChangesDocument): MappingChanges {
  const {
    Enabled: enabled,
    BatchSize: batchSize,
    MaximumBatchingWindowInSeconds: window,
    ParallelizationFactor: parallelizationFactor,
    TumblingWindowInSeconds: tumblingWindow,
    MaximumRetryAttempts: maximumRetryAttempts,
    MaximumRecordAgeInSeconds: age,
    BisectBatchOnFunctionError: bisectBatchOnFunctionError,
    FunctionResponseTypes: responses,
    FilterCriteria: criteria,
    DestinationConfig: destination,
  } = set;
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(window === undefined ? {} : { batchingWindow: window * SECOND }),
    ...(parallelizationFactor === undefined ? {} : { parallelizationFactor }),
    ...(tumblingWindow === undefined ? {} : { tumblingWindow: tumblingWindow * SECOND }),
    ...(maximumRetryAttempts === undefined ? {} : { maximumRetryAttempts }),
    ...(age === undefined ? {} : { maximumRecordAge: recordAgeOf(age) }),
    ...(bisectBatchOnFunctionError === undefined ? {} : { bisectBatchOnFunctionError }),
    ...(responses === undefined ? {} : { reportBatchItemFailures: responses.length > 0 }),
    ...(criteria === undefined ? {} : { filters: criteria.Filters.map(({ Pattern }) => Pattern) }),
    ...(destination === undefined ? {} : { onFailureDestination: destination.OnFailure?.Destination ?? null }),
  };
}
