import type { Instant } from '../../kernel/time.ts';
import type { EarlierTry } from '../../recording/record-statistics.ts';
import type { Batch } from './batch.ts';

/** Of the records with indices [first, last] in the shard, as far as they are the lane's. */
interface TriedRecords extends EarlierTry {
  readonly first: number;
  readonly last: number;
}

/** M4: what records that were given back (P9) have been through with the batch that they were cut into before. */
export class EarlierTries {
  #tries: TriedRecords[] = [];

  get isEmpty(): boolean {
    return this.#tries.length === 0;
  }

  /** A piece of a batch that was cut is given back. */
  note(piece: Batch, at: Instant): void {
    if (piece.size === 0 || piece.isFinal) return;
    const throttled = piece.throttled + (piece.throttles > 0 ? at - piece.waitingSince : 0);
    this.#tries.push({ first: piece.first, last: piece.last, from: piece.cutAt, to: at, throttled });
  }

  /** A batch in pieces, each of which has the same tries behind it, as it is settled. */
  divide(batch: Batch): readonly (readonly [Batch, readonly EarlierTry[]])[] {
    const edges = new Set(this.#tries.flatMap(({ first, last }) => [first - 1, last]));
    const divided: [Batch, readonly EarlierTry[]][] = [];
    let rest = batch;
    for (const edge of [...edges].sort((a, b) => a - b)) {
      if (edge < rest.first || edge >= rest.last) continue;
      const [piece, after] = rest.splitAt(rest.countThrough(edge));
      divided.push([piece, this.#of(piece)]);
      rest = after;
    }
    divided.push([rest, this.#of(rest)]);
    this.#tries = this.#tries.filter(({ last }) => last > batch.last);
    return divided;
  }

  #of(piece: Batch): readonly EarlierTry[] {
    return this.#tries.filter(({ first, last }) => first <= piece.first && piece.last <= last);
  }
}
