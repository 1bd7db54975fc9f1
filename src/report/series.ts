import { MILLISECOND } from '../kernel/time.ts';
import { AGE_CAUSES } from '../recording/causes.ts';
import type { FunctionTally } from '../recording/function-tally.ts';
import { mappingUuid, shardIdOf } from '../recording/identifiers.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import type { ProvisionedTally } from '../recording/provisioned.ts';
import type { Recording, StreamTally } from '../recording/recording.ts';
import type { SampleColumns } from '../recording/sample-columns.ts';
import type { MetricSeries } from './summary.ts';

type Column = readonly (number | null)[];

/** How a column is read: as far as the run went. */
type Read = (column: Float64Array) => Float64Array;

/** M2: AWS's metrics under its namespaces and dimensions, ours under `shardclock`. */
export function metricSeries(recording: Recording): MetricSeries[] {
  return seriesOf(recording, (column) => column.subarray(0, recording.periods));
}

/** The same, but of the period in which the warm-up ends only what is measured (D5): sums and maxima, not averages. */
export function measuredSeries(recording: Recording): MetricSeries[] {
  return seriesOf(recording, (column) => recording.measuredPart.within(column).subarray(0, recording.periods));
}

function seriesOf(recording: Recording, read: Read): MetricSeries[] {
  const { periods } = recording;
  return [
    ...recording.functions.flatMap((target) => functionSeries(target, read, periods)),
    ...recording.mappings.flatMap((mapping) => eventSeries(mapping, read)),
    ...recording.streams.flatMap((stream) => streamSeries(stream, read)),
    ...recording.mappings.flatMap((mapping) => ownSeries(mapping, read, periods)),
    ...recording.streams.flatMap((stream) => shardLevelSeries(stream, read)),
  ];
}

function functionSeries(target: FunctionTally, read: Read, periods: number): MetricSeries[] {
  const metric = metricsOf('AWS/Lambda', { FunctionName: target.settings.name });
  const { durationColumns, ageColumns } = target;
  return [
    metric('Invocations', 'Count', { Sum: [...read(target.invocationColumn)] }),
    metric('Errors', 'Count', { Sum: [...read(target.errorColumn)] }),
    metric('Throttles', 'Count', { Sum: [...read(target.throttleColumn)] }),
    metric('Duration', 'Milliseconds', {
      Maximum: maxima(read(durationColumns.maximum)),
      Average: averages(durationColumns, periods),
    }),
    metric('ConcurrentExecutions', 'Count', {
      Maximum: [...read(target.concurrencyMaximumColumn)],
      Average: [...read(target.concurrencyAreaColumn)],
    }),
    metric('IteratorAge', 'Milliseconds', ageStatistics(ageColumns, read, periods)),
    ...(target.provisioned === null ? [] : provisionedSeries(target.provisioned, metric, read)),
  ];
}

function provisionedSeries(
  provisioned: ProvisionedTally,
  metric: ReturnType<typeof metricsOf>,
  read: Read,
): MetricSeries[] {
  const { allocated, concurrencyMaximumColumn: maximum, concurrencyAreaColumn: average } = provisioned;
  const share = (column: Float64Array) => Array.from(read(column), (level) => level / allocated);
  return [
    metric('ProvisionedConcurrencyInvocations', 'Count', { Sum: [...read(provisioned.invocationColumn)] }),
    metric('ProvisionedConcurrencySpilloverInvocations', 'Count', {
      Sum: [...read(provisioned.spilloverColumn)],
    }),
    metric('ProvisionedConcurrentExecutions', 'Count', {
      Maximum: [...read(maximum)],
      Average: [...read(average)],
    }),
    metric('ProvisionedConcurrencyUtilization', 'Percent', { Maximum: share(maximum), Average: share(average) }),
  ];
}

function eventSeries(mapping: MappingTally, read: Read): MetricSeries[] {
  const metric = metricsOf('AWS/Lambda', { EventSourceMappingUUID: mappingUuid(mapping.settings.name) });
  const { columns } = mapping;
  const sum = (name: string, column: Float64Array) => metric(name, 'Count', { Sum: [...read(column)] });
  return [
    sum('PolledEventCount', columns.polled),
    sum('FilteredOutEventCount', columns.filtered),
    sum('InvokedEventCount', columns.invoked),
    sum('FailedInvokeEventCount', columns.failed),
    sum('DroppedEventCount', columns.dropped),
    sum('OnFailureDestinationDeliveredEventCount', columns.delivered),
  ];
}

function streamSeries(stream: StreamTally, read: Read): MetricSeries[] {
  const metric = metricsOf('AWS/Kinesis', { StreamName: stream.settings.name });
  const sum = (name: string, unit: MetricSeries['Unit'], column: Float64Array) =>
    metric(name, unit, { Sum: [...read(column)] });
  return [
    sum('IncomingRecords', 'Count', stream.putRecords),
    sum('IncomingBytes', 'Bytes', stream.putBytes),
    sum('WriteProvisionedThroughputExceeded', 'Count', stream.refused),
    sum('ReadProvisionedThroughputExceeded', 'Count', stream.readRefused),
    sum('GetRecords.Records', 'Count', stream.readRecords),
    sum('GetRecords.Bytes', 'Bytes', stream.readBytes),
    metric('GetRecords.IteratorAgeMilliseconds', 'Milliseconds', { Maximum: maxima(read(stream.readAge)) }),
  ];
}

/** Enhanced monitoring: those that the run was asked for. */
function shardLevelSeries({ settings, shards }: StreamTally, read: Read): MetricSeries[] {
  return shards.flatMap(({ columns }, shard) => {
    const metric = metricsOf('AWS/Kinesis', { StreamName: settings.name, ShardId: shardIdOf(shard) });
    return [...columns.all].map(([name, column]) => {
      if (name === 'IteratorAgeMilliseconds') return metric(name, 'Milliseconds', { Maximum: maxima(read(column)) });
      return metric(name, name.endsWith('Bytes') ? 'Bytes' : 'Count', { Sum: [...read(column)] });
    });
  });
}

function ownSeries(mapping: MappingTally, read: Read, periods: number): MetricSeries[] {
  const metric = metricsOf('shardclock', { Mapping: mapping.settings.name });
  const { columns, records } = mapping;
  const sum = (name: string, column: Float64Array) => metric(name, 'Count', { Sum: [...read(column)] });
  return [
    sum('RecordsIn', columns.recordsIn),
    sum('RecordsOut', columns.recordsOut),
    sum('Invocations', columns.invocations),
    sum('Errors', columns.errors),
    sum('Throttles', columns.throttles),
    metric('ConcurrentExecutions', 'Count', {
      Maximum: [...read(columns.concurrencyMaximum)],
      Average: [...read(columns.concurrencyArea)],
    }),
    metric('IteratorAge', 'Milliseconds', ageStatistics(columns.iteratorAge, read, periods)),
    metric('Backlog', 'Count', {
      Maximum: [...read(columns.backlogMaximum)],
      Average: [...read(columns.backlogArea)],
    }),
    metric('BacklogAge', 'Milliseconds', { Maximum: maxima(read(columns.backlogAge)) }),
    ...AGE_CAUSES.map((cause, place) =>
      metricsOf('shardclock', { Mapping: mapping.settings.name, Cause: cause })('TimeInSystem', 'Milliseconds', {
        Average: Array.from({ length: periods }, (_, period) => {
          const count = records.periodCount[period]!;
          return count === 0 ? null : meanStretch(records.breakdownIn(period)[place]!, count);
        }),
      }),
    ),
  ];
}

/** M4, in milliseconds: rounding may leave a sum of record-microseconds a hair below 0, where there was nothing of it. */
export function meanStretch(recordTime: number, count: number): number {
  return Math.max(0, recordTime) / (count * MILLISECOND);
}

function metricsOf(Namespace: string, Dimensions: Record<string, string>) {
  return (MetricName: string, Unit: MetricSeries['Unit'], Statistics: Record<string, Column>): MetricSeries => ({
    Namespace,
    MetricName,
    Dimensions,
    Unit,
    Statistics,
  });
}

function ageStatistics(columns: SampleColumns, read: Read, periods: number): Record<string, Column> {
  return {
    Maximum: maxima(read(columns.maximum)),
    Average: averages(columns, periods),
    p99: maxima(read(columns.p99)),
  };
}

/** Microseconds to milliseconds; −1 marks a period without samples. */
export function maxima(column: Float64Array): Column {
  return Array.from(column, (value) => (value < 0 ? null : value / MILLISECOND));
}

function averages(columns: SampleColumns, periods: number): Column {
  return Array.from({ length: periods }, (_, period) =>
    columns.count[period] === 0 ? null : columns.sum[period]! / (columns.count[period]! * MILLISECOND),
  );
}
