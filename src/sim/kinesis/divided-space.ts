import type { Cell } from './cells.ts';

const KEPT_CELLS = 8;

/**
 * How a cell's records fall over the hash-key space, at whose bounds shards begin and end. All shards of a stream ask about
 * the same second at about the same time: it is then divided among all of them at once. A reader far behind is answered
 * alone.
 */
export abstract class DividedSpace {
  readonly #bounds: number;
  readonly #divided: DividedCell[] = [];
  #newest = -1;

  /** @param bounds how many */
  protected constructor(bounds: number) {
    this.#bounds = bounds;
  }

  /** How many of a cell's records lie from one bound to another, by their places among all. */
  countBetween(second: number, cell: Cell, from: number, to: number): number {
    const before = this.dividedOf(second, cell);
    return before === null ? this.countAlone(second, cell, from, to) : before[to]! - before[from]!;
  }

  /** How many of a cell's records lie before each bound; null for one so old that it is not divided among all any more. */
  dividedOf(second: number, cell: Cell): Int32Array | null {
    const { ordinal } = cell;
    const place = (second + ordinal) % KEPT_CELLS;
    const known = this.#divided[place];
    if (known !== undefined && known.second === second && known.ordinal === ordinal) return known.before;
    if (second < this.#newest) return null;
    this.#newest = second;
    const before = known?.before ?? new Int32Array(this.#bounds);
    this.#divided[place] = { second, ordinal, before };
    this.divide(second, cell, before);
    return before;
  }

  /** @param before is filled, for each bound */
  protected abstract divide(second: number, cell: Cell, before: Int32Array): void;

  /** The same as `countBetween`, looking at nothing else. */
  abstract countAlone(second: number, cell: Cell, from: number, to: number): number;
}

interface DividedCell {
  readonly second: number;
  readonly ordinal: number;
  readonly before: Int32Array;
}
