import seedrandom from 'seedrandom';

/**
 * A named source of random numbers with random access: the number at a place depends on the seed, the name and the place,
 * never on what was drawn before (D2, D3). A place is a whole number from 0 to 2^53 − 1.
 */
export class Chance {
  readonly #names: readonly string[];
  /** Not before somebody draws: many a source is there only to be forked, or for what a scenario does not have. */
  #isSeeded = false;
  #key0 = 0;
  #key1 = 0;

  constructor(...names: readonly string[]) {
    this.#names = names;
  }

  /** Two 32-bit words of key for the counter-based hash; seedrandom makes them of the seed and the names. */
  get key0(): number {
    if (!this.#isSeeded) this.#seed();
    return this.#key0;
  }

  get key1(): number {
    if (!this.#isSeeded) this.#seed();
    return this.#key1;
  }

  #seed(): void {
    const seeded = seedrandom(JSON.stringify(this.#names));
    this.#key0 = seeded.int32();
    this.#key1 = seeded.int32();
    this.#isSeeded = true;
  }

  /** An independent source; its first draw costs microseconds, so fork once for each entity and not for each draw. */
  fork(...names: readonly string[]): Chance {
    return new Chance(...this.#names, ...names);
  }

  /** A number in (0, 1), never 0 or 1: (k + ½) / 2^32. */
  unit(place: number): number {
    return ((this.word(place) >>> 0) + 0.5) / 4294967296;
  }

  /** The 32 bits that it is made of, as a signed number. */
  word(place: number): number {
    return hash(this.key0, this.key1, place | 0, (place / 4294967296) | 0);
  }
}

/**
 * A sequence of 32-bit words that starts at a place of a chance. One object is moved from place to place, so that the
 * thousands of places a shard's second is made of cost no allocation.
 */
export class Draws {
  #base0 = 0;
  #base1 = 0;
  #a = 0;
  #b = 0;
  #count = 0;

  /** Moves to a place named by two whole numbers below 2^32 under the chance's key. */
  seek(chance: Chance, place: number, within: number): void {
    this.#base0 = firstBase(chance, place, within);
    this.#base1 = secondBase(this.#base0, chance, within);
    this.#a = this.#base0;
    this.#b = this.#base1;
    this.#count = 0;
  }

  /** Moves to a node of a tree that belongs to the place last sought. */
  node(low: number, high: number): void {
    this.#a = hash(this.#base0, this.#base1, low, high);
    this.#b = mix(this.#a ^ this.#base1);
    this.#count = 0;
  }

  /** The next word, as a signed 32-bit integer. */
  next(): number {
    const word = mix(mix(this.#a + Math.imul(this.#count, STEP)) + this.#b);
    this.#count = (this.#count + 1) | 0;
    return word;
  }

  /** A number in (0, 1). */
  unit(): number {
    return ((this.next() >>> 0) + 0.5) / 4294967296;
  }
}

/*
 * What `Draws` does, in parts, for the loops that draw most: they keep the words of a place, and those of a node, in
 * variables of their own. A node's i-th word is mix(mix(a + i · STEP) + b).
 */

/** From one word of a node to the next: 0x9e3779b1, signed, so that the engine keeps to whole numbers. */
export const STEP = -0x61c8864f;

/** The two words of a place, from which those of its nodes follow. */
export function firstBase({ key0, key1 }: Chance, place: number, within: number): number {
  return hash(key0, key1, place, within);
}

export function secondBase(base0: number, { key1 }: Chance, within: number): number {
  return mix(base0 ^ Math.imul(within, STEP) ^ key1);
}

/*
 * Constants and not declared functions, as other helpers of the innermost loops are: of a declared one the engine asks at
 * every call whether it is still the same.
 */

/** One 32-bit word of (key, place): two rounds of a finalizer whose avalanche is within 0.2 % of perfect. */
export const hash = (key0: number, key1: number, low: number, high: number): number => {
  return mix(mix((low | 0) + (key0 | 0)) + Math.imul(high, 0x85ebca6b) + (key1 | 0));
};

/** C. Wellons' lowbias32, a bijection of 32-bit words. */
export const mix = (word: number): number => {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
};
