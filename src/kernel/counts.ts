import type { Draws } from './chance.ts';
import { hash, mix } from './chance.ts';

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
 * Binomial(n, ½) at a node of a place, as `binomialHalf` draws it: most of what a run draws is drawn here. The words stay in
 * variables, the tables lie in one array, and nothing is called that the engine would not write in line.
 *
 * @param base0 of the place, as `base1`; `low` and `high` name the node
 */
export const halvedAt = (n: number, base0: number, base1: number, low: number, high: number): number => {
  const a = hash(base0, base1, low, high);
  const b = mix(a ^ base1);
  if (n > 32) return n < 1 << LARGEST_POWER ? halved(n, a, b) : halvedMany(n, a, b);
  return n === 0 ? 0 : ones(mix(mix(a) + b) & ~(-2 << (n - 1)));
};

/** From the words of a node on; fewer than the largest table is for. */
const halved = (n: number, first: number, second: number): number => {
  let a = first | 0;
  const b = second | 0;
  let left = n | 0;
  let heads = 0;
  while (left > 64) {
    const power = 31 - Math.clz32(left);
    left -= 1 << power;
    heads = (heads + tabled(power, a, b)) | 0;
    a = (a + 2 * STEP) | 0;
  }
  for (; left > 0; left -= 32) {
    heads = (heads + ones(mix(mix(a) + b) & (left >= 32 ? -1 : (1 << left) - 1))) | 0;
    a = (a + STEP) | 0;
  }
  return heads;
};

const halvedMany = (n: number, first: number, b: number): number => {
  let a = first;
  let left = n;
  let heads = 0;
  for (; left >= 1 << LARGEST_POWER; left -= 1 << LARGEST_POWER) {
    heads += tabled(LARGEST_POWER, a, b);
    a = (a + 2 * STEP) | 0;
  }
  return heads + halved(left, a, b);
};

/** Binomial(2^power, ½) of two words of a node. Whether a column or its alias is drawn is not foreseen, so nothing branches. */
const tabled = (power: number, a: number, b: number): number => {
  if (SIZES[power] === 0) layOut(power);
  const column = (((mix(mix(a) + b) >>> 0) + 0.5) * UNIT * SIZES[power]!) | 0;
  const unit = ((mix(mix(a + STEP) + b) >>> 0) + 0.5) * UNIT;
  const place = 2 * (STARTS[power]! + column);
  return FIRSTS[power]! + column + Number(unit >= COLUMNS[place]!) * COLUMNS[place + 1]!;
};

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

/** From one word to the next, as in `Draws`. */
const STEP = 0x9e3779b1;
/** 2^-32, exact. */
const UNIT = 1 / 4294967296;
/**
 * The tables of halves one after another: each column's share, and how far from it its alias is. Of each power: where its columns start, how
 * many they are (0: it has not been laid out yet), and the first of its values.
 */
const STARTS = Int32Array.from({ length: LARGEST_POWER + 2 }, (_, power) => roomFor(power));
const SIZES = new Int32Array(LARGEST_POWER + 1);
const FIRSTS = new Int32Array(LARGEST_POWER + 1);
const COLUMNS = new Float64Array(2 * STARTS[LARGEST_POWER + 1]!);

/** Columns of the tables of smaller powers, at most. */
function roomFor(power: number): number {
  return power === 0 ? 0 : roomFor(power - 1) + 2 * reachOf(Math.sqrt(2 ** (power - 1)) / 2) + 1;
}

function layOut(power: number): void {
  const { first, keep, alias } = halfTable(power);
  FIRSTS[power] = first;
  SIZES[power] = keep.length;
  keep.forEach((share, column) => {
    COLUMNS[2 * (STARTS[power]! + column)] = share;
    COLUMNS[2 * (STARTS[power]! + column) + 1] = alias[column]! - column;
  });
}

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

/** What lies 9 standard deviations and 20 from the mode has a weight of less than 1e-16. */
function reachOf(deviation: number): number {
  return Math.ceil(9 * deviation) + 20;
}

/** Weights from the mode outwards by p(k + 1) / p(k). */
function tableAround(mode: number, deviation: number, ratio: (k: number) => number, most: number): AliasTable {
  const reach = reachOf(deviation);
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
  readonly first: number;
  /** The share of its own that a column has; the rest is its alias's. */
  readonly keep: Float64Array;
  readonly alias: Int32Array;

  constructor(first: number, weights: Float64Array) {
    const size = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.first = first;
    this.keep = weights.map((weight) => (weight * size) / total);
    this.alias = Int32Array.from(weights, (_, index) => index);
    const poor: number[] = [];
    const rich: number[] = [];
    for (let i = 0; i < size; i++) (this.keep[i]! < 1 ? poor : rich).push(i);
    while (poor.length > 0 && rich.length > 0) {
      const taker = poor.pop()!;
      const giver = rich[rich.length - 1]!;
      this.alias[taker] = giver;
      this.keep[giver]! += this.keep[taker]! - 1;
      if (this.keep[giver]! < 1) poor.push(rich.pop()!);
    }
    for (const left of [...poor, ...rich]) this.keep[left] = 1;
  }

  draw(draws: Draws): number {
    const column = Math.floor(draws.unit() * this.keep.length);
    return this.first + (draws.unit() < this.keep[column]! ? column : this.alias[column]!);
  }
}

/** How many bits of a 32-bit word are set. */
const ones = (word: number): number => {
  let x = (word - ((word >>> 1) & 0x55555555)) | 0;
  x = ((x & 0x33333333) + ((x >>> 2) & 0x33333333)) | 0;
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
};
