import type { Batch } from './batch.ts';

/**
 * E10: which records of a lane, by their places in it, a failed invocation has processed all the same. Batches come in the order of their
 * records, so everything below an index has been, but for the poison records in it.
 */
export class ProcessedRecords {
  /** Index after the last record that an invocation with poison in it has seen. */
  #end = 0;
  readonly #unprocessed = new Set<number>();

  /** An invocation has failed by poison: every other record of its batch is processed. */
  note(first: number, last: number, poison: readonly number[]): void {
    const isPoison = new Set(poison);
    for (const index of this.#unprocessed) {
      if (index < first || (index <= last && !isPoison.has(index))) this.#unprocessed.delete(index);
    }
    for (const index of poison) if (index >= this.#end) this.#unprocessed.add(index);
    this.#end = Math.max(this.#end, last + 1);
  }

  /** How many of a batch's records have been processed before. */
  countIn(batch: Batch): number {
    if (batch.place >= this.#end) return 0;
    let count = 0;
    for (const { second, from, to } of batch.parts) {
      const first = second.first + from;
      const end = Math.min(second.first + to, this.#end);
      if (end <= first) break;
      count += end - first;
      for (const index of this.#unprocessed) if (index >= first && index < end) count--;
    }
    return count;
  }
}
