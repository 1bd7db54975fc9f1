import type { Chance } from '../../kernel/chance.ts';
import { firstBase, secondBase } from '../../kernel/chance.ts';
import { halvedAt } from '../../kernel/counts.ts';
import type { HashKeyRange } from '../../scenario/shard-history.ts';
import type { Cell } from './cells.ts';
import { fractionOf } from './partition.ts';

/** A node this deep holds less than 2^-48 of the space; it goes whole to the shard it begins in. */
const DEEPEST = 48;

/** Powers of two. */
export const POWERS = Float64Array.from({ length: DEEPEST + 1 }, (_, depth) => 2 ** depth);

const KEPT_CELLS = 8;

/**
 * How a cell's records fall over the hash-key space, halved again and again (D3). All shards of a stream ask about the same
 * second at about the same time: it is then divided among all of them at once. A reader far behind is answered alone.
 */
export class HalvedSpace {
  readonly #chance: Chance;
  /** Where shards begin and end, ascending. */
  readonly #bounds: Float64Array;
  readonly #divided: DividedCell[] = [];
  #newest = -1;

  /** @param ranges of all shards of the stream, those that are closed or still to open included */
  constructor(chance: Chance, ranges: readonly HashKeyRange[]) {
    this.#chance = chance;
    this.#bounds = Float64Array.from(new Set(ranges.flatMap(boundsOf))).sort();
  }

  /** The place of a bound among all of the stream's. */
  placeOf(bound: number): number {
    return this.#bounds.indexOf(bound);
  }

  /** How many of a cell's records lie before each bound; null for one so old that it is not divided among all any more. */
  dividedOf(second: number, { ordinal, count }: Cell): Int32Array | null {
    const place = (second + ordinal) % KEPT_CELLS;
    const known = this.#divided[place];
    if (known !== undefined && known.second === second && known.ordinal === ordinal) return known.before;
    if (second < this.#newest) return null;
    this.#newest = second;
    const bounds = this.#bounds;
    const last = bounds.length - 1;
    const before = known?.before ?? new Int32Array(bounds.length);
    this.#divided[place] = { second, ordinal, before };
    if (bounds[last] === 1) before[last] = count;
    const base0 = firstBase(this.#chance, second, ordinal);
    const base1 = secondBase(base0, this.#chance, ordinal);
    this.#divide(before, base0, base1, 0, 0, count, 0, bounds[0] === 0 ? 1 : 0, bounds[last] === 1 ? last : last + 1);
    return before;
  }

  /** `first` and `end`: the bounds that lie inside the node; `less`: records before it. */
  #divide(
    before: Int32Array,
    base0: number,
    base1: number,
    depth: number,
    index: number,
    count: number,
    less: number,
    first: number,
    end: number,
  ): void {
    const bounds = this.#bounds;
    if (end - first <= 1) {
      if (first < end) before[first] = less + countBefore(bounds[first]!, base0, base1, depth, index, count);
      return;
    }
    if (count === 0 || depth === DEEPEST) {
      before.fill(less + count, first, end);
      return;
    }
    const middle = (index + 0.5) / POWERS[depth]!;
    let later = first;
    for (let beyond = end; later < beyond; ) {
      const between = (later + beyond) >> 1;
      if (bounds[between]! < middle) later = between + 1;
      else beyond = between;
    }
    const node = POWERS[depth]! + index;
    const lower = halvedAt(count, base0, base1, node | 0, (node / 4294967296) | 0);
    this.#divide(before, base0, base1, depth + 1, 2 * index, lower, less, first, later);
    if (later < end && bounds[later] === middle) before[later++] = less + lower;
    this.#divide(before, base0, base1, depth + 1, 2 * index + 1, count - lower, less + lower, later, end);
  }

  /** How many of a cell's records lie from one place to another. */
  countBetween(second: number, { ordinal, count }: Cell, from: number, to: number): number {
    const base0 = firstBase(this.#chance, second, ordinal);
    const base1 = secondBase(base0, this.#chance, ordinal);
    const end = to === 1 ? count : countBefore(to, base0, base1, 0, 0, count);
    return from === 0 ? end : end - countBefore(from, base0, base1, 0, 0, count);
  }
}

/** Of a node's records, how many lie before a place inside of it: the way down to the place. */
function countBefore(place: number, base0: number, base1: number, depth: number, index: number, count: number): number {
  let node = POWERS[depth]! + index;
  let inside = place * POWERS[depth]! - index; // from 0 to 1, exact, as everything that follows
  let less = 0;
  let left = count;
  for (let deep = depth; left > 0 && deep < DEEPEST; deep++) {
    const lower = halvedAt(left, base0, base1, node | 0, (node / 4294967296) | 0);
    node *= 2;
    inside *= 2;
    if (inside < 1) {
      left = lower;
      continue;
    }
    less += lower;
    if (inside === 1) return less;
    left -= lower;
    node += 1;
    inside -= 1;
  }
  return less + left;
}

interface DividedCell {
  readonly second: number;
  readonly ordinal: number;
  readonly before: Int32Array;
}

/** A range as a part of the whole space, from 0 to 1. */
export function boundsOf({ startingHashKey, endingHashKey }: HashKeyRange): [from: number, to: number] {
  return [fractionOf(startingHashKey), endingHashKey === 2n ** 128n - 1n ? 1 : fractionOf(endingHashKey + 1n)];
}
