import type { Chance } from '../../kernel/chance.ts';
import { firstBase, secondBase } from '../../kernel/chance.ts';
import { halvedAt } from '../../kernel/counts.ts';
import type { HashKeyRange } from '../../scenario/shard-history.ts';
import type { Cell } from './cells.ts';
import { DividedSpace } from './divided-space.ts';
import { fractionOf } from './partition.ts';

/** A node this deep holds less than 2^-48 of the space; it goes whole to the shard it begins in. */
const DEEPEST = 48;

/** Powers of two. */
export const POWERS = Float64Array.from({ length: DEEPEST + 1 }, (_, depth) => 2 ** depth);

/** The space of a producer with a fresh key for each record: it is halved again and again, as fair coins fall (D3). */
export class HalvedSpace extends DividedSpace {
  readonly #chance: Chance;
  /** Where shards begin and end, ascending. */
  readonly #bounds: Float64Array;

  /** @param ranges of all shards of the stream, those that are closed or still to open included */
  constructor(chance: Chance, ranges: readonly HashKeyRange[]) {
    const bounds = Float64Array.from(new Set(ranges.flatMap(boundsOf))).sort();
    super(bounds.length);
    this.#chance = chance;
    this.#bounds = bounds;
  }

  /** The place of a bound among all of the stream's. */
  placeOf(bound: number): number {
    return this.#bounds.indexOf(bound);
  }

  protected divide(second: number, { ordinal, count }: Cell, before: Int32Array): void {
    const bounds = this.#bounds;
    const last = bounds.length - 1;
    if (bounds[0] === 0) before[0] = 0;
    if (bounds[last] === 1) before[last] = count;
    const base0 = firstBase(this.#chance, second, ordinal);
    const base1 = secondBase(base0, this.#chance, ordinal);
    this.#divide(before, base0, base1, 0, 0, count, 0, bounds[0] === 0 ? 1 : 0, bounds[last] === 1 ? last : last + 1);
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

  countAlone(second: number, { ordinal, count }: Cell, fromPlace: number, toPlace: number): number {
    const [from, to] = [this.#bounds[fromPlace]!, this.#bounds[toPlace]!];
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

/** A range as a part of the whole space, from 0 to 1. */
export function boundsOf({ startingHashKey, endingHashKey }: HashKeyRange): [from: number, to: number] {
  return [fractionOf(startingHashKey), endingHashKey === 2n ** 128n - 1n ? 1 : fractionOf(endingHashKey + 1n)];
}
