import type { Chance, Draws } from '../../kernel/chance.ts';
import { binomial } from '../../kernel/counts.ts';
import type { HashKeyRange } from '../../scenario/shard-history.ts';
import type { Cell } from './cells.ts';
import { DividedSpace } from './divided-space.ts';
import { POWERS } from './halved-space.ts';
import type { KeyTable } from './keys.ts';

/** A part of the space with keys on both sides of its middle, and with bounds inside. */
interface Node {
  /** Names its draws. */
  readonly low: number;
  readonly high: number;
  /** Of the records of its keys, what those before the middle have. */
  readonly share: number;
  /** The places of the bounds inside: [first, end), and from `middle` on those that do not lie before the middle. */
  readonly first: number;
  readonly middle: number;
  readonly end: number;
  /** The one at `middle` is the middle itself. */
  readonly isBound: boolean;
  lower: Node | null;
  upper: Node | null;
}

/**
 * The space of a producer with named keys: it is halved again and again, the records with it as their keys' shares are, each
 * node keyed by its place (D3). Which parts there are to be divided is the same in every second.
 */
export class KeyedSpace extends DividedSpace {
  readonly #chance: Chance;
  readonly #draws: Draws;
  readonly #keys: KeyTable;
  /** Positions among the keys where shards begin and end, ascending. */
  readonly #bounds: readonly number[];
  readonly #root: Node | null;

  /** @param ranges of all shards of the stream, those that are closed or still to open included */
  constructor(keys: KeyTable, chance: Chance, draws: Draws, ranges: readonly HashKeyRange[]) {
    const within = ranges.map((range) => keys.within(range));
    const bounds = [...new Set(within.flatMap(({ first, end }) => [first, end]))].sort((a, b) => a - b);
    super(bounds.length);
    this.#keys = keys;
    this.#chance = chance;
    this.#draws = draws;
    this.#bounds = bounds;
    this.#root = this.#nodeOf(0, 0, 0, keys.names.length);
  }

  /** The place of the first bound at or after a position. */
  placeFrom(position: number): number {
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bounds[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  protected divide(second: number, { ordinal, count }: Cell, before: Int32Array): void {
    const keys = this.#keys.names.length;
    this.#bounds.forEach((bound, place) => {
      before[place] = bound === keys ? count : 0;
    });
    this.#draws.seek(this.#chance, second, ordinal);
    if (this.#root !== null) this.#divideNode(this.#root, count, 0, before);
  }

  /** `less`: records before the node. */
  #divideNode(node: Node, count: number, less: number, before: Int32Array): void {
    if (count === 0) {
      before.fill(less, node.first, node.end);
      return;
    }
    const lower = this.#lowerOf(node, count);
    if (node.isBound) before[node.middle] = less + lower;
    if (node.lower !== null) this.#divideNode(node.lower, lower, less, before);
    if (node.upper !== null) this.#divideNode(node.upper, count - lower, less + lower, before);
  }

  countAlone(second: number, { ordinal, count }: Cell, from: number, to: number): number {
    if (from === to) return 0;
    this.#draws.seek(this.#chance, second, ordinal);
    return this.#countBefore(to, count) - this.#countBefore(from, count);
  }

  #countBefore(place: number, all: number): number {
    if (this.#bounds[place] === this.#keys.names.length) return all;
    let count = all;
    let less = 0;
    for (let node = this.#root; node !== null && count > 0; ) {
      const lower = this.#lowerOf(node, count);
      if (place < node.middle) {
        count = lower;
        node = node.lower;
        continue;
      }
      less += lower;
      if (node.isBound && place === node.middle) return less;
      count -= lower;
      node = node.upper;
    }
    return less;
  }

  #lowerOf({ low, high, share }: Node, count: number): number {
    this.#draws.node(low, high);
    return binomial(count, share, this.#draws);
  }

  /** Of the keys [first, end); null where no bound lies inside, or nothing could be told apart any more. */
  #nodeOf(depth: number, index: number, first: number, end: number): Node | null {
    const places = { first: this.placeFrom(first + 1), end: this.placeFrom(end) };
    if (places.first === places.end || depth === POWERS.length) return null;
    const middle = this.#keys.positionAt((index + 0.5) / POWERS[depth]!);
    if (middle === first) return this.#nodeOf(depth + 1, 2 * index + 1, first, end);
    if (middle === end) return this.#nodeOf(depth + 1, 2 * index, first, end);
    const name = POWERS[depth]! + index;
    const later = this.placeFrom(middle);
    return {
      ...places,
      low: name | 0,
      high: (name / 4294967296) | 0,
      share: this.#keys.shareBefore(middle, first, end),
      middle: later,
      isBound: this.#bounds[later] === middle,
      lower: this.#nodeOf(depth + 1, 2 * index, first, middle),
      upper: this.#nodeOf(depth + 1, 2 * index + 1, middle, end),
    };
  }
}
