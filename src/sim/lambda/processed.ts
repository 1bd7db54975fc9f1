import { indexIn } from '../kinesis/record-log.ts';
import type { Batch, BatchPart } from './batch.ts';

/**
 * E10: which records of a lane, by their index in the shard, a failed invocation has processed all the same. Batches come in
 * the order of their records, so everything below an index has been, but for the poison records in it.
 */
export class ProcessedRecords {
  /** Index after the last record that an invocation with poison in it has seen. */
  #end = 0;
  readonly #unprocessed = new Set<number>();

  /** Whether a record of the lane has been. */
  has(index: number): boolean {
    return index < this.#end && !this.#unprocessed.has(index);
  }

  get end(): number {
    return this.#end;
  }

  /** An invocation has failed by poison, of which the places in the lane are given: every other record of its batch is processed. */
  note(batch: Batch, poison: readonly number[]): void {
    const isPoison = new Set(poison.map((place) => batch.indexOf(place)));
    const { first, last } = batch;
    for (const index of this.#unprocessed) {
      if (index < first || (index <= last && !isPoison.has(index))) this.#unprocessed.delete(index);
    }
    for (const index of isPoison) if (index >= this.#end) this.#unprocessed.add(index);
    this.#end = Math.max(this.#end, last + 1);
  }

  /** How many of a batch's records have been processed before. */
  countIn(batch: Batch): number {
    if (this.#end === 0 || batch.first >= this.#end) return 0;
    return batch.parts.reduce((sum, part) => sum + this.#countIn(part), 0);
  }

  #countIn({ second, from, to }: BatchPart): number {
    let count = 0;
    for (let i = from; i < to && indexIn(second, i) < this.#end; i++) {
      if (!this.#unprocessed.has(indexIn(second, i))) count++;
    }
    return count;
  }
}
