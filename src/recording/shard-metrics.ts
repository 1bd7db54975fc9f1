/**
 * AWS's shard-level metrics of a stream, by the names that EnableEnhancedMonitoring takes. A run keeps them where it is
 * asked to.
 */
export const SHARD_METRICS = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
] as const;
export type ShardMetric = (typeof SHARD_METRICS)[number];

/** One shard's, an entry for each period. */
export class ShardColumns {
  readonly #columns: ReadonlyMap<ShardMetric, Float64Array>;

  /** @throws RangeError of a metric that is none */
  constructor(metrics: readonly ShardMetric[], periods: number) {
    const unknown = metrics.find((name) => !SHARD_METRICS.includes(name));
    if (unknown !== undefined) {
      throw new RangeError(`shardMetrics: there is no ${unknown}; expected some of ${SHARD_METRICS.join(', ')}`);
    }
    this.#columns = new Map(
      // Of an age −1 stands for a period without a call.
      metrics.map((name) => [name, new Float64Array(periods).fill(name === 'IteratorAgeMilliseconds' ? -1 : 0)]),
    );
  }

  get isEmpty(): boolean {
    return this.#columns.size === 0;
  }

  get all(): ReadonlyMap<ShardMetric, Float64Array> {
    return this.#columns;
  }

  add(metric: ShardMetric, period: number, amount: number): void {
    const column = this.#columns.get(metric);
    if (column !== undefined) column[period]! += amount;
  }

  /** A period counts in the one before. */
  join(period: number): void {
    for (const [metric, column] of this.#columns) {
      if (metric === 'IteratorAgeMilliseconds') column[period - 1] = Math.max(column[period - 1]!, column[period]!);
      else column[period - 1]! += column[period]!;
    }
  }

  raise(metric: ShardMetric, period: number, value: number): void {
    const column = this.#columns.get(metric);
    if (column !== undefined) column[period] = Math.max(column[period]!, value);
  }
}
