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

/** M2: AWS's metrics under its namespaces and dimensions, ours under `shardclock`. */
export function metricSeries(recording: Recording): MetricSeries[] {
  const { periods } = recording;
  return [
    ...recording.functions.flatMap((target) => functionSeries(target, periods)),
    ...recording.mappings.flatMap((mapping) => eventSeries(mapping, periods)),
    ...recording.streams.flatMap((stream) => streamSeries(stream, periods)),
    ...recording.mappings.flatMap((mapping) => ownSeries(mapping, periods)),
    ...recording.streams.flatMap((stream) => shardLevelSeries(stream, periods)),
  ];
}

function functionSeries(target: FunctionTally, periods: number): MetricSeries[] {
  const metric = metricsOf('AWS/Lambda', { FunctionName: target.settings.name });
  const { durationColumns, ageColumns } = target;
  return [
    metric('Invocations', 'Count', { Sum: counts(target.invocationColumn, periods) }),
    metric('Errors', 'Count', { Sum: counts(target.errorColumn, periods) }),
    metric('Throttles', 'Count', { Sum: counts(target.throttleColumn, periods) }),
    metric('Duration', 'Milliseconds', {
      Maximum: maxima(durationColumns.maximum, periods),
      Average: averages(durationColumns, periods),
    }),
    metric('ConcurrentExecutions', 'Count', {
      Maximum: counts(target.concurrencyMaximumColumn, periods),
      Average: counts(target.concurrencyAreaColumn, periods),
    }),
    metric('IteratorAge', 'Milliseconds', ageStatistics(ageColumns, periods)),
    ...(target.provisioned === null ? [] : provisionedSeries(target.provisioned, metric, periods)),
  ];
}

function provisionedSeries(
  provisioned: ProvisionedTally,
  metric: ReturnType<typeof metricsOf>,
  periods: number,
): MetricSeries[] {
  const { allocated, concurrencyMaximumColumn: maximum, concurrencyAreaColumn: average } = provisioned;
  const share = (column: Float64Array) => Array.from(column.subarray(0, periods), (level) => level / allocated);
  return [
    metric('ProvisionedConcurrencyInvocations', 'Count', { Sum: counts(provisioned.invocationColumn, periods) }),
    metric('ProvisionedConcurrencySpilloverInvocations', 'Count', {
      Sum: counts(provisioned.spilloverColumn, periods),
    }),
    metric('ProvisionedConcurrentExecutions', 'Count', {
      Maximum: counts(maximum, periods),
      Average: counts(average, periods),
    }),
    metric('ProvisionedConcurrencyUtilization', 'Percent', { Maximum: share(maximum), Average: share(average) }),
  ];
}

function eventSeries(mapping: MappingTally, periods: number): MetricSeries[] {
  const metric = metricsOf('AWS/Lambda', { EventSourceMappingUUID: mappingUuid(mapping.settings.name) });
  const { columns } = mapping;
  const sum = (name: string, column: Float64Array) => metric(name, 'Count', { Sum: counts(column, periods) });
  return [
    sum('PolledEventCount', columns.polled),
    sum('FilteredOutEventCount', columns.filtered),
    sum('InvokedEventCount', columns.invoked),
    sum('FailedInvokeEventCount', columns.failed),
    sum('DroppedEventCount', columns.dropped),
    sum('OnFailureDestinationDeliveredEventCount', columns.delivered),
  ];
}

function streamSeries(stream: StreamTally, periods: number): MetricSeries[] {
  const metric = metricsOf('AWS/Kinesis', { StreamName: stream.settings.name });
  const sum = (name: string, unit: MetricSeries['Unit'], column: Float64Array) =>
    metric(name, unit, { Sum: counts(column, periods) });
  return [
    sum('IncomingRecords', 'Count', stream.putRecords),
    sum('IncomingBytes', 'Bytes', stream.putBytes),
    sum('WriteProvisionedThroughputExceeded', 'Count', stream.refused),
    sum('ReadProvisionedThroughputExceeded', 'Count', stream.readRefused),
    sum('GetRecords.Records', 'Count', stream.readRecords),
    sum('GetRecords.Bytes', 'Bytes', stream.readBytes),
    metric('GetRecords.IteratorAgeMilliseconds', 'Milliseconds', { Maximum: maxima(stream.readAge, periods) }),
  ];
}

/** Enhanced monitoring: those that the run was asked for. */
function shardLevelSeries({ settings, shards }: StreamTally, periods: number): MetricSeries[] {
  return shards.flatMap(({ columns }, shard) => {
    const metric = metricsOf('AWS/Kinesis', { StreamName: settings.name, ShardId: shardIdOf(shard) });
    return [...columns.all].map(([name, column]) => {
      if (name === 'IteratorAgeMilliseconds') return metric(name, 'Milliseconds', { Maximum: maxima(column, periods) });
      return metric(name, name.endsWith('Bytes') ? 'Bytes' : 'Count', { Sum: counts(column, periods) });
    });
  });
}

function ownSeries(mapping: MappingTally, periods: number): MetricSeries[] {
  const metric = metricsOf('shardclock', { Mapping: mapping.settings.name });
  const { columns, records } = mapping;
  const sum = (name: string, column: Float64Array) => metric(name, 'Count', { Sum: counts(column, periods) });
  return [
    sum('RecordsIn', columns.recordsIn),
    sum('RecordsOut', columns.recordsOut),
    sum('Invocations', columns.invocations),
    sum('Errors', columns.errors),
    sum('Throttles', columns.throttles),
    metric('ConcurrentExecutions', 'Count', {
      Maximum: counts(columns.concurrencyMaximum, periods),
      Average: counts(columns.concurrencyArea, periods),
    }),
    metric('IteratorAge', 'Milliseconds', ageStatistics(columns.iteratorAge, periods)),
    metric('Backlog', 'Count', {
      Maximum: counts(columns.backlogMaximum, periods),
      Average: counts(columns.backlogArea, periods),
    }),
    metric('BacklogAge', 'Milliseconds', { Maximum: maxima(columns.backlogAge, periods) }),
    ...AGE_CAUSES.map((cause, place) =>
      metricsOf('shardclock', { Mapping: mapping.settings.name, Cause: cause })('TimeInSystem', 'Milliseconds', {
        Average: Array.from({ length: periods }, (_, period) => {
          const count = records.periodCount[period]!;
          return count === 0 ? null : records.breakdownIn(period)[place]! / (count * MILLISECOND);
        }),
      }),
    ),
  ];
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

function ageStatistics(columns: SampleColumns, periods: number): Record<string, Column> {
  return {
    Maximum: maxima(columns.maximum, periods),
    Average: averages(columns, periods),
    p99: maxima(columns.p99, periods),
  };
}

function counts(column: Float64Array, periods: number): Column {
  return [...column.subarray(0, periods)];
}

/** Microseconds to milliseconds; −1 marks a period without samples. */
export function maxima(column: Float64Array, periods: number): Column {
  return Array.from(column.subarray(0, periods), (value) => (value < 0 ? null : value / MILLISECOND));
}

function averages(columns: SampleColumns, periods: number): Column {
  return Array.from({ length: periods }, (_, period) =>
    columns.count[period] === 0 ? null : columns.sum[period]! / (columns.count[period]! * MILLISECOND),
  );
}
