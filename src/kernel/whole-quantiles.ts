import type { Distribution } from './distribution.ts';
import { quantilesOf } from './distribution.ts';

/** What nobody needs to tell from more: in bytes, far above a record's largest size. */
const MOST = 2 ** 31 - 1;

const CELL_BITS = 16;
const CELLS = 2 ** (32 - CELL_BITS);
const UNKNOWN = -1;
const SEVERAL = -2;
/** Quantiles of a law rise but for errors of approximation, which are far smaller than this share. */
const SLACK = 1e-6;

/**
 * Whole numbers from 0 on, drawn from a law by words of 32 bits: each the quantile at the word's place, rounded. Words that
 * lie close together mostly come to the same number. Of each of equal parts of all words it is kept whether they do, worked
 * out when the first of them is drawn; only where they do not is each worked out for itself.
 */
export class WholeQuantiles {
  readonly #quantileOf: (unit: number) => number;
  readonly #isCheap: boolean;
  /** Made when the first is drawn. */
  #cells: Int32Array | null = null;

  constructor(law: Distribution) {
    this.#quantileOf = quantilesOf(law);
    this.#isCheap = law.kind === 'constant' || law.kind === 'uniform' || law.kind === 'empirical';
  }

  /** @param word of a hash, signed or not */
  at(word: number): number {
    if (this.#isCheap) return this.#exact(word >>> 0);
    this.#cells ??= new Int32Array(CELLS).fill(UNKNOWN);
    const known = this.#cells[word >>> CELL_BITS]!;
    if (known >= 0) return known;
    if (known === UNKNOWN) this.#lookInto(this.#cells, word >>> CELL_BITS);
    return this.#exact(word >>> 0);
  }

  #lookInto(cells: Int32Array, cell: number): void {
    const first = cell * 2 ** CELL_BITS;
    const least = rounded(this.#quantile(first) * (1 - SLACK));
    const most = rounded(this.#quantile(first + 2 ** CELL_BITS - 1) * (1 + SLACK));
    cells[cell] = least === most ? least : SEVERAL;
  }

  #exact(word: number): number {
    return rounded(this.#quantile(word));
  }

  #quantile(word: number): number {
    return this.#quantileOf((word + 0.5) / 4294967296);
  }
}

function rounded(value: number): number {
  return Math.min(MOST, Math.max(0, Math.round(value)));
}
