import type { ShardSecond } from '../kinesis/record-log.ts';
import type { ShardCursor } from '../kinesis/shard.ts';
import type { RecordFilter } from './record-filter.ts';

/**
 * P10: which of a lane's records its filter has dropped, by their places in the lane. They are settled at once, so what is
 * read again after a batch was given back must not be counted a second time.
 */
export class DroppedRecords {
  #filter: RecordFilter | null;
  /** Past the last one dropped. */
  #to = 0;
  #sinceLook = 0;
  #ahead = 0;
  /** Of the records before `to`, the ones that an earlier filter has dropped; null where the filter has not changed. */
  #earlier: { readonly to: number; readonly indices: Set<number> } | null = null;

  /** @param filter null: every record is kept */
  constructor(filter: RecordFilter | null) {
    this.#filter = filter;
  }

  get to(): number {
    return this.#to;
  }

  /** How many of them lie ahead of the lane, to be read again. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Whether records need to be looked at one by one. */
  get isPossible(): boolean {
    return this.#filter !== null || this.#ahead > 0;
  }

  keeps(second: ShardSecond, position: number): boolean {
    return this.#filter === null || this.#filter.keeps(second, position);
  }

  /** Whether it has been dropped before. */
  has(index: number, second: ShardSecond, position: number): boolean {
    if (index >= this.#to) return false;
    const earlier = this.#earlier;
    return earlier !== null && index < earlier.to ? earlier.indices.has(index) : !this.keeps(second, position);
  }

  /** Those from a place on, as the cursor that comes by them and goes on from there. */
  *from(walk: ShardCursor): Generator<ShardCursor> {
    for (; walk.index < this.#to; walk.moveTo(walk.index + 1)) {
      if (this.has(walk.index, walk.second, walk.position)) yield walk;
    }
  }

  /** @param isCounted it was not settled before (P4) */
  drop(index: number, isCounted: boolean): void {
    if (isCounted) this.#sinceLook++;
    if (index >= this.#to) this.#to = index + 1;
    else this.#earlier?.indices.add(index);
  }

  /** Those that lie ahead become more, or fewer. */
  lieAhead(more: number): void {
    this.#ahead += more;
  }

  /** How many have been counted since the last look. */
  takeCount(): number {
    const count = this.#sinceLook;
    this.#sinceLook = 0;
    return count;
  }

  /** The mapping's filters change; what the one before has dropped is given. */
  change(filter: RecordFilter | null, indices: Set<number>): void {
    this.#earlier = { to: this.#to, indices };
    this.#filter = filter;
  }
}
