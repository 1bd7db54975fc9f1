import type { Instant } from '../kernel/time.ts';
import type { FunctionTally, SlotsOfAll } from './function-tally.ts';
import type { MappingTally } from './mapping-tally.ts';
import type { MeasuredPart } from './measured-part.ts';
import type { StreamTally } from './recording.ts';

/**
 * D5: a run that drains ends with the instant at which nothing is pending any more, and what ends then belongs to it. Where a
 * period begins with that instant, it has been noted there, as nobody could know that the run would end: it is joined to the
 * period before, which is the run's last one.
 */
export function joinLastInstant(
  streams: readonly StreamTally[],
  mappings: readonly MappingTally[],
  functions: readonly FunctionTally[],
  run: {
    readonly slotsOfAll: SlotsOfAll | null;
    readonly measuredPart: MeasuredPart;
    /** The one that has begun. */
    readonly period: number;
    readonly end: Instant;
  },
): void {
  const { slotsOfAll, measuredPart, period, end } = run;
  const joinCounts = (columns: readonly Float64Array[]) => {
    for (const column of columns) {
      measuredPart.join(column, column[period]!);
      column[period - 1]! += column[period]!;
      column[period] = 0;
    }
  };
  const raise = (column: Float64Array, value: number) => {
    column[period - 1] = Math.max(column[period - 1]!, value);
  };
  for (const stream of streams) {
    joinCounts(stream.counts);
    raise(stream.readAge, stream.readAge[period]!);
    for (const { columns } of stream.shards) columns.join(period);
  }
  for (const target of functions) {
    raise(target.concurrencyMaximumColumn, target.concurrency.closePeriod(end).maximum);
    target.joinAges(period);
    if (target.provisioned === null) continue;
    joinCounts([target.provisioned.invocationColumn, target.provisioned.spilloverColumn]);
    raise(target.provisioned.concurrencyMaximumColumn, target.provisioned.concurrency.closePeriod(end).maximum);
  }
  if (slotsOfAll !== null) raise(slotsOfAll.concurrencyMaximumColumn, slotsOfAll.concurrency.closePeriod(end).maximum);
  for (const { columns, durationColumns, concurrency, lanes } of mappings) {
    joinCounts([...columns.counts, columns.recordsOut, columns.invocations, columns.errors, columns.invoked]);
    raise(columns.concurrencyMaximum, concurrency.closePeriod(end).maximum);
    raise(columns.backlogMaximum, columns.backlogMaximum[period]!);
    columns.iteratorAge.join(period);
    durationColumns.join(period);
    for (const { ageMaximum } of lanes) raise(ageMaximum, ageMaximum[period]!);
  }
}
