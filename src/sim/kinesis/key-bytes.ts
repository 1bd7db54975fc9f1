import type { KeySizes, ShardOffers } from './offers.ts';
import { utf8Length } from './offers.ts';
import type { ShardSecond } from './record-log.ts';

/** UTF-8 bytes of the partition keys of a shard's records, which count in its write limits (K3). */
export class KeyBytes {
  readonly #offers: readonly ShardOffers[];
  /** By producer; null: not worked out yet. */
  #sizes: readonly KeySizes[] | null = null;

  /** @param offers of each producer of the shard */
  constructor(offers: readonly ShardOffers[]) {
    this.#offers = offers;
  }

  get isOfSeveral(): boolean {
    return this.#offers.length > 1;
  }

  /** Of a second's first records, keys of unequal length by their mean (M3a). */
  meanIn({ producers }: Pick<ShardSecond, 'producers'>, count: number): number {
    const sizes = this.#allSizes;
    if (producers === null) return count * (sizes[0]?.mean ?? 0);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += sizes[producers[i]!]!.mean;
    return sum;
  }

  /** Bytes of JSON of the longest key, without its quotes (P5). */
  get longestInJson(): number {
    return this.#allSizes.reduce((longest, sizes) => Math.max(longest, sizes.longestInJson), 0);
  }

  /** The same on average; of several producers the largest mean. */
  get meanInJson(): number {
    return this.#allSizes.reduce((most, sizes) => Math.max(most, sizes.meanInJson), 0);
  }

  /** In JSON, where all keys come to as much; null: they differ. */
  get alikeInJson(): number | null {
    const { longestInJson } = this;
    return this.#allSizes.every(({ shortestInJson }) => shortestInJson >= longestInJson) ? longestInJson : null;
  }

  get #allSizes(): readonly KeySizes[] {
    this.#sizes ??= this.#offers.map(({ keySizes }) => keySizes);
    return this.#sizes;
  }

  /** Of all of them, to the byte. */
  exactIn({ count }: Pick<ShardSecond, 'count'>, keyAt: (position: number) => string): number {
    const own = this.#offers.map(({ constantKeyBytes }) => constantKeyBytes);
    const [first] = own;
    if (first !== null && first !== undefined && own.every((length) => length === first)) return first * count;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += utf8Length(keyAt(i));
    return sum;
  }
}
