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

  /** How many of the records from `first` to `last` have been processed before. */
  countIn(first: number, last: number): number {
    const end = Math.min(last + 1, this.#end);
    if (end <= first) return 0;
    let count = end - first;
    for (const index of this.#unprocessed) if (index >= first && index < end) count--;
    return count;
  }
}
