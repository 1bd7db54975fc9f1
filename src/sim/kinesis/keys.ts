import { pow } from '../../kernel/elementary.ts';
import type { KeyLaw } from '../../scenario/scenario.ts';
import type { HashKeyRange } from '../../scenario/shard-history.ts';
import type { KeySizes } from './offers.ts';
import { jsonTextBytes, utf8Length } from './offers.ts';
import { fractionOf, hashKeyOf } from './partition.ts';

/**
 * A producer's partition keys in the order of their hash keys, with their shares of its records. Where a key is drawn, or
 * a count divided, it is by these cumulated shares.
 */
export class KeyTable {
  readonly names: readonly string[];
  /** UTF-8 bytes of each name. */
  readonly lengths: Uint16Array;
  readonly #hashKeys: readonly bigint[];
  readonly #fractions: Float64Array;
  /** Entry i is the share of the keys before the i-th, in the units of the law's weights. */
  readonly #cumulated: Float64Array;
  /** Bytes of each name in JSON; null: not worked out yet. */
  #jsonLengths: Uint16Array | null = null;
  /** All have the same share. */
  readonly #areAlike: boolean;
  /** By equal parts of all shares: a key near which those of a part lie. Made when the first key is drawn. */
  #guide: Int32Array | null = null;

  constructor(law: Exclude<KeyLaw, { kind: 'fresh' }>) {
    const keys = weightedKeys(law)
      .map(({ name, weight }) => ({ name, weight, hashKey: hashKeyOf(name) }))
      .sort((a, b) => (a.hashKey < b.hashKey ? -1 : a.hashKey > b.hashKey ? 1 : 0));
    this.names = keys.map((key) => key.name);
    this.lengths = Uint16Array.from(this.names, utf8Length);
    this.#hashKeys = keys.map((key) => key.hashKey);
    this.#fractions = Float64Array.from(this.#hashKeys, fractionOf);
    this.#cumulated = new Float64Array(keys.length + 1);
    keys.forEach((key, index) => {
      this.#cumulated[index + 1] = this.#cumulated[index]! + key.weight;
    });
    this.#areAlike = law.kind === 'uniform';
  }

  /** The keys whose records a shard takes: their first position and the one after the last. */
  within(range: HashKeyRange): { first: number; end: number } {
    return { first: this.#firstFrom(range.startingHashKey), end: this.#firstFrom(range.endingHashKey + 1n) };
  }

  /** The position of the first key whose hash key is at least so large. */
  #firstFrom(least: bigint): number {
    let low = 0;
    let high = this.#hashKeys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#hashKeys[middle]! < least) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of the records of the keys [first, end). */
  sizesWithin(first: number, end: number): KeySizes {
    this.#jsonLengths ??= Uint16Array.from(this.names, jsonTextBytes);
    const inJson = this.#jsonLengths;
    const all = this.#cumulated[end]! - this.#cumulated[first]!;
    let [bytes, jsonBytes] = [0, 0];
    for (let key = first; key < end; key++) {
      const share = (this.#cumulated[key + 1]! - this.#cumulated[key]!) / all;
      bytes += share * this.lengths[key]!;
      jsonBytes += share * inJson[key]!;
    }
    const longestInJson = longestOf(inJson.subarray(first, end));
    const shortestInJson = inJson.subarray(first, end).reduce((least, one) => Math.min(least, one), longestInJson);
    // Shares of one length make that length, however they are rounded.
    const areAlike = this.lengths.subarray(first, end).every((one) => one === this.lengths[first]);
    return {
      mean: areAlike ? (this.lengths[first] ?? 0) : bytes,
      meanInJson: shortestInJson === longestInJson ? longestInJson : jsonBytes,
      longestInJson,
      shortestInJson,
    };
  }

  /** The position of the first key at or past a place in the space, 0 to 1. */
  positionAt(fraction: number): number {
    let low = 0;
    let high = this.#fractions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#fractions[middle]! < fraction) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of the records of the keys [first, end), the share that the keys before `middle` have. */
  shareBefore(middle: number, first: number, end: number): number {
    const from = this.#cumulated[first]!;
    return (this.#cumulated[middle]! - from) / (this.#cumulated[end]! - from);
  }

  /** The key below which a share `unit` of the records of the keys [first, end) lies. */
  pick(unit: number, first: number, end: number): number {
    // Each has a share of 1: the cumulated ones are the places themselves.
    if (this.#areAlike) return Math.min(end - 1, Math.floor(first + unit * (end - first)));
    const cumulated = this.#cumulated;
    const guide = this.#guide ?? this.#makeGuide();
    const from = cumulated[first]!;
    const target = from + unit * (cumulated[end]! - from);
    const part = Math.min(guide.length - 1, Math.floor((target / cumulated[cumulated.length - 1]!) * guide.length));
    let key = Math.min(end - 1, Math.max(first, guide[part]!));
    while (key > first && cumulated[key]! > target) key--;
    while (key < end - 1 && cumulated[key + 1]! <= target) key++;
    return key;
  }

  /** As many parts as keys, so that one or two lie in each; a heavy one reaches over many. */
  #makeGuide(): Int32Array {
    const cumulated = this.#cumulated;
    const keys = this.names.length;
    const guide = new Int32Array(Math.min(keys, MOST_PARTS));
    const all = cumulated[keys]!;
    let key = 0;
    for (let part = 0; part < guide.length; part++) {
      while (key < keys - 1 && cumulated[key + 1]! <= (part / guide.length) * all) key++;
      guide[part] = key;
    }
    this.#guide = guide;
    return guide;
  }
}

/** Of keys of these lengths that of the longest. */
export function longestOf(lengths: Uint16Array): number {
  return lengths.reduce((longest, length) => Math.max(longest, length), 0);
}

/** Of a guide to more keys than that: 256 KB. */
const MOST_PARTS = 65_536;

function weightedKeys(law: Exclude<KeyLaw, { kind: 'fresh' }>): { name: string; weight: number }[] {
  switch (law.kind) {
    case 'uniform':
      return numbered(law.count, () => 1);
    case 'zipf':
      return numbered(law.count, (index) => 1 / pow(index + 1, law.exponent));
    case 'hot': {
      const others = numbered(law.count, () => (1 - law.share) / law.count);
      const same = others.find((key) => key.name === law.key);
      if (same) same.weight += law.share;
      else others.push({ name: law.key, weight: law.share });
      return others.filter((key) => key.weight > 0);
    }
    case 'list': {
      const weights = new Map<string, number>();
      for (const name of law.keys) weights.set(name, (weights.get(name) ?? 0) + 1);
      return [...weights].map(([name, weight]) => ({ name, weight }));
    }
  }
}

function numbered(count: number, weight: (index: number) => number): { name: string; weight: number }[] {
  return Array.from({ length: count }, (_, index) => ({ name: `partitionKey-${index}`, weight: weight(index) }));
}
