import type { Draws } from './chance.ts';

/*
 * Exact random counts, from + − × ÷ and integers alone: sums of tables for powers of two, where the count is too large
 * for its bits to be drawn one by one.
 */

/** Binomial(n, ½): how many of n fair coins show heads. */
export function binomialHalf(n: number, draws: Draws): number {
  let left = n;
  let heads = 0;
  for (; left >= 1 << LARGEST_POWER; left -= 1 << LARGEST_POWER) heads += halfTable(LARGEST_POWER).draw(draws);
  while (left > 64) {
    const power = 31 - Math.clz32(left);
    left -= 1 << power;
    heads += halfTable(power).draw(draws);
  }
  for (; left >= 32; left -= 32) heads += ones(draws.next());
  return left === 0 ? heads : heads + ones(draws.next() & ((1 << left) - 1));
}

/**
 * Binomial(n, p). Each of the n draws a uniform number bit by bit and compares it with p; all that still tie are halved
 * together, so a few bits settle them.
 */
export function binomial(n: number, p: number, draws: Draws): number {
  if (p >= 1) return n;
  let tied = n;
  let below = 0;
  let rest = p;
  while (tied > 0 && rest > 0) {
    rest *= 2;
    const ones = binomialHalf(tied, draws);
    if (rest >= 1) {
      rest -= 1;
      below += tied - ones;
      tied = ones;
    } else tied -= ones;
  }
  return below;
}

/** Poisson(mean): one table for each bit of its whole part, and a thinned Poisson(1) for the rest. */
export function poisson(mean: number, draws: Draws): number {
  let whole = Math.floor(mean);
  const fraction = mean - whole;
  let count = fraction > 0 ? binomial(poissonTable(0).draw(draws), fraction, draws) : 0;
  for (; whole >= 2 ** LARGEST_POWER; whole -= 2 ** LARGEST_POWER) count += poissonTable(LARGEST_POWER).draw(draws);
  for (let power = 0; whole > 0; power++) {
    if (whole % 2 === 1) count += poissonTable(power).draw(draws);
    whole = Math.floor(whole / 2);
  }
  return count;
}

const LARGEST_POWER = 20;
/** By power, made when first asked for. */
const halfTables: (AliasTable | null)[] = Array.from({ length: LARGEST_POWER + 1 }, () => null);
const poissonTables: (AliasTable | null)[] = Array.from({ length: LARGEST_POWER + 1 }, () => null);

function halfTable(power: number): AliasTable {
  return halfTables[power] ?? makeHalfTable(power);
}

function makeHalfTable(power: number): AliasTable {
  const n = 2 ** power;
  const table = tableAround(n / 2, Math.sqrt(n) / 2, (k) => (n - k) / (k + 1), n);
  halfTables[power] = table;
  return table;
}

function poissonTable(power: number): AliasTable {
  return poissonTables[power] ?? makePoissonTable(power);
}

function makePoissonTable(power: number): AliasTable {
  const mean = 2 ** power;
  const table = tableAround(mean, Math.sqrt(mean), (k) => mean / (k + 1), Number.POSITIVE_INFINITY);
  poissonTables[power] = table;
  return table;
}

/** Weights from the mode outwards by p(k + 1) / p(k); what lies 9 standard deviations and 20 out has less than 1e-16. */
function tableAround(mode: number, deviation: number, ratio: (k: number) => number, most: number): AliasTable {
  const reach = Math.ceil(9 * deviation) + 20;
  const first = Math.max(0, mode - reach);
  const last = Math.min(most, mode + reach);
  const weights = new Float64Array(last - first + 1);
  weights[mode - first] = 1;
  for (let k = mode; k < last; k++) weights[k + 1 - first] = weights[k - first]! * ratio(k);
  for (let k = mode; k > first; k--) weights[k - 1 - first] = weights[k - first]! / ratio(k - 1);
  return new AliasTable(first, weights);
}

/** Walker's alias method: any discrete law in two words and two look-ups. */
class AliasTable {
  readonly #first: number;
  readonly #keep: Float64Array;
  readonly #alias: Int32Array;

  constructor(first: number, weights: Float64Array) {
    const size = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#first = first;
    this.#keep = weights.map((weight) => (weight * size) / total);
    this.#alias = Int32Array.from(weights, (_, index) => index);
    const poor: number[] = [];
    const rich: number[] = [];
    for (let i = 0; i < size; i++) (this.#keep[i]! < 1 ? poor : rich).push(i);
    while (poor.length > 0 && rich.length > 0) {
      const taker = poor.pop()!;
      const giver = rich[rich.length - 1]!;
      this.#alias[taker] = giver;
      this.#keep[giver]! += this.#keep[taker]! - 1;
      if (this.#keep[giver]! < 1) poor.push(rich.pop()!);
    }
    for (const left of [...poor, ...rich]) this.#keep[left] = 1;
  }

  draw(draws: Draws): number {
    const column = Math.floor(draws.unit() * this.#keep.length);
    return this.#first + (draws.unit() < this.#keep[column]! ? column : this.#alias[column]!);
  }
}

/** How many bits of a 32-bit word are set. */
function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
