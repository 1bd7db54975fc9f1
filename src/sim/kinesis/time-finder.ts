import type { Chance } from '../../kernel/chance.ts';
import { firstBase, hash, mix, STEP, secondBase } from '../../kernel/chance.ts';
import { halvedAt } from '../../kernel/counts.ts';
import type { Duration } from '../../kernel/time.ts';

/** A stretch of a second that holds so many records, uniformly. */
export interface Stretch {
  readonly second: number;
  /** Which of the second's stretches; the others' draws do not depend on it. */
  readonly ordinal: number;
  readonly from: Duration;
  readonly to: Duration;
  readonly count: number;
}

const LEAF = 8;
const DEEPEST = 20;
/** Down to here no rounding lifts a record of an early half to the middle. */
const EXACT_DEPTH = 10;
/** The share of a stretch that a part at a depth has. */
const PART = Float64Array.from({ length: DEEPEST + 1 }, (_, depth) => 2 ** -depth);
/** 2^-32, exact. */
const UNIT = 1 / 4294967296;

/*
 * What is kept of a stretch lies in one row of whole numbers: the words its draws begin with, the way that was walked last,
 * and the leaf that was drawn last. Readers go on in time, so the next way shares its upper nodes with the last one, and
 * what lies off the way is seldom asked for again: it would be drawn once more, the same.
 */
const SECOND_AT = 0;
const ORDINAL = 1;
const BASE_0 = 2;
const BASE_1 = 3;
/** Down to where the last way is known, and the node it comes to there. */
const DEPTH = 4;
const NODE = 5;
/** Positions of the records in the leaf; without one both are 0. */
const LEAF_FIRST = 6;
const LEAF_END = 7;
/** By depth, how many records the early half of the way's node holds. */
const EARLY = 8;
const LEAF_TIMES = EARLY + DEEPEST;
const ROW = LEAF_TIMES + LEAF;
/** Rows of a finder; the seconds of its stretches take turns. */
const ROWS = 2;

/**
 * Where the records of a stretch of time lie (D3): it is halved again and again, the records with it as fair coins fall,
 * until few are left, which are drawn in their part and put in order. Each node is keyed by its place, numbered as in a heap
 * from 1 on, so that any part can be looked at without the others. One finder serves a shard's readers.
 */
export class TimeFinder {
  readonly #chance: Chance;
  readonly #rows = new Int32Array(ROWS * ROW).fill(-1);

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** The arrival of the record at a position of a stretch. */
  at(stretch: Stretch, position: number): Duration {
    const rows = this.#rows;
    const row = this.#rowOf(stretch.second, stretch.ordinal);
    if (position < rows[row + LEAF_FIRST]! || position >= rows[row + LEAF_END]!) {
      let node = 1;
      let depth = 0;
      let first = 0;
      let { count } = stretch;
      while (count > LEAF && depth < DEEPEST) {
        const early = this.#early(row, node, depth, count);
        depth++;
        // Which half it is is not foreseen, so nothing branches on it.
        const isLate = Number(position >= first + early);
        node = 2 * node + isLate;
        first += isLate * early;
        count = early + isLate * (count - 2 * early);
      }
      if (count > LEAF) return this.#crowdAt(stretch, node, count)[position - first]!;
      this.#turnToLeaf(row, stretch, node, depth, first, count);
    }
    return rows[row + LEAF_TIMES + position - rows[row + LEAF_FIRST]!]!;
  }

  /** The arrivals of the records at positions [from, to), into an array from a place on: leaf by leaf. */
  copy(stretch: Stretch, from: number, to: number, into: Int32Array, place: number): void {
    const rows = this.#rows;
    const begin = place - from;
    for (let position = from; position < to; position++) {
      into[begin + position] = this.at(stretch, position);
      const row = (stretch.second % ROWS) * ROW;
      const first = rows[row + LEAF_FIRST]!;
      const end = Math.min(to, rows[row + LEAF_END]!);
      if (position < first) continue; // of a crowd
      for (; position + 1 < end; position++)
        into[begin + position + 1] = rows[row + LEAF_TIMES + position + 1 - first]!;
    }
  }

  /** The arrival of a stretch's first record, or of its last. The way to others stays as it is: who reads on goes there. */
  edge({ second, ordinal, from, to, count: all }: Stretch, isLast: boolean): Duration {
    const rows = this.#rows;
    const row = this.#rowOf(second, ordinal);
    const base0 = rows[row + BASE_0]!;
    const base1 = rows[row + BASE_1]!;
    const known = rows[row + DEPTH]!;
    const way = rows[row + NODE]!;
    let node = 1;
    let depth = 0;
    let count = all;
    while (count > LEAF && depth < DEEPEST) {
      const isOnWay = depth < known && way >> (known - depth) === node;
      const early = isOnWay ? rows[row + EARLY + depth]! : halvedAt(count, base0, base1, node, 0);
      const isLate = isLast ? early < count : early === 0;
      node = 2 * node + Number(isLate);
      count = isLate ? count - early : early;
      depth++;
    }
    const width = (to - from) * PART[depth]!;
    const start = from + (node - (1 << depth)) * width;
    let a = hash(base0, base1, node, 0);
    const b = mix(a ^ base1);
    let word = mix(mix(a) + b) >>> 0;
    for (let i = 1; i < count; i++) {
      a = (a + STEP) | 0;
      const other = mix(mix(a) + b) >>> 0;
      if (isLast ? other > word : other < word) word = other;
    }
    return timeOf(word, start, width);
  }

  /** How many records of a stretch come before a whole microsecond. */
  before(stretch: Stretch, time: Duration): number {
    const { from, to } = stretch;
    if (time <= from) return 0;
    if (time >= to) return stretch.count;
    const rows = this.#rows;
    const row = this.#rowOf(stretch.second, stretch.ordinal);
    let node = 1;
    let depth = 0;
    let first = 0;
    let { count } = stretch;
    while (count > LEAF && depth < DEEPEST) {
      // A record is drawn in [start, middle) or [middle, end) and rounded down: one of the later half may come before `time`
      // only where the half begins before it.
      const width = (to - from) * PART[depth + 1]!;
      const middle = from + (2 * (node - (1 << depth)) + 1) * width;
      const early = this.#early(row, node, depth, count);
      depth++;
      if (time === middle && depth < EXACT_DEPTH) return first + early;
      const isLate = Number(time > Math.floor(middle));
      node = 2 * node + isLate;
      first += isLate * early;
      count = early + isLate * (count - 2 * early);
    }
    if (count === 0) return first;
    if (count > LEAF) return first + this.#crowdAt(stretch, node, count).filter((one) => one < time).length;
    this.#turnToLeaf(row, stretch, node, depth, first, count);
    const leaf = row + LEAF_TIMES;
    let found = 0;
    while (found < count && rows[leaf + found]! < time) found++;
    return first + found;
  }

  /** Every arrival of a stretch, in order, into an array from a place on. */
  fill(stretch: Stretch, into: Int32Array, place: number): void {
    const base0 = firstBase(this.#chance, stretch.second, stretch.ordinal);
    const base1 = secondBase(base0, this.#chance, stretch.ordinal);
    fillNode(stretch, base0, base1, 1, 0, place, stretch.count, into);
  }

  /** How many records of a node lie in its early half: as it was on the last way, or drawn, and the way leads here then. */
  #early(row: number, node: number, depth: number, count: number): number {
    const rows = this.#rows;
    const known = rows[row + DEPTH]!;
    if (depth < known && rows[row + NODE]! >> (known - depth) === node) return rows[row + EARLY + depth]!;
    const early = halvedAt(count, rows[row + BASE_0]!, rows[row + BASE_1]!, node, 0);
    rows[row + EARLY + depth] = early;
    rows[row + DEPTH] = depth + 1;
    rows[row + NODE] = 2 * node;
    return early;
  }

  /** `first`: the position of the leaf's first record. No two leaves with records have the same. */
  #turnToLeaf(row: number, { from, to }: Stretch, node: number, depth: number, first: number, count: number): void {
    const rows = this.#rows;
    if (rows[row + LEAF_FIRST] === first && rows[row + LEAF_END] === first + count) return;
    rows[row + LEAF_FIRST] = first;
    rows[row + LEAF_END] = first + count;
    const width = (to - from) * PART[depth]!;
    const start = from + (node - (1 << depth)) * width;
    drawLeaf(start, width, rows[row + BASE_0]!, rows[row + BASE_1]!, node, row + LEAF_TIMES, count, rows);
  }

  /** The records of a smallest part that are too many for a leaf. */
  #crowdAt({ second, ordinal, from, to }: Stretch, node: number, count: number): Int32Array {
    const base0 = firstBase(this.#chance, second, ordinal);
    const base1 = secondBase(base0, this.#chance, ordinal);
    const width = (to - from) * PART[DEEPEST]!;
    const crowd = new Int32Array(count);
    drawLeaf(from + (node - (1 << DEEPEST)) * width, width, base0, base1, node, 0, count, crowd);
    return crowd;
  }

  #rowOf(second: number, ordinal: number): number {
    const row = (second % ROWS) * ROW;
    const rows = this.#rows;
    if (rows[row + SECOND_AT] !== second || rows[row + ORDINAL] !== ordinal) {
      rows[row + SECOND_AT] = second;
      rows[row + ORDINAL] = ordinal;
      const base0 = firstBase(this.#chance, second, ordinal);
      rows[row + BASE_0] = base0;
      rows[row + BASE_1] = secondBase(base0, this.#chance, ordinal);
      rows[row + DEPTH] = 0;
      rows[row + LEAF_FIRST] = 0;
      rows[row + LEAF_END] = 0;
    }
    return row;
  }
}

function fillNode(
  stretch: Stretch,
  base0: number,
  base1: number,
  node: number,
  depth: number,
  first: number,
  count: number,
  into: Int32Array,
): void {
  if (count <= LEAF || depth >= DEEPEST) {
    const width = (stretch.to - stretch.from) * PART[depth]!;
    const start = stretch.from + (node - (1 << depth)) * width;
    drawLeaf(start, width, base0, base1, node, first, count, into);
    return;
  }
  const early = halvedAt(count, base0, base1, node, 0);
  if (early > 0) fillNode(stretch, base0, base1, 2 * node, depth + 1, first, early, into);
  if (early < count) fillNode(stretch, base0, base1, 2 * node + 1, depth + 1, first + early, count - early, into);
}

/** Times with who drew them as their last digit, so that no two are equal, and beyond them what comes after any. */
const KEY_BITS = 3; // LEAF
const BEYOND = 0x7fffffff;
const keys = new Int32Array(LEAF);

/**
 * The records of one of the smallest parts, in order, into an array from a place on. Each goes where as many are before it
 * as are less: no processor could foresee which these are, so nothing branches on it.
 */
const drawLeaf = (
  start: number,
  width: number,
  base0: number,
  base1: number,
  node: number,
  first: number,
  count: number,
  into: Int32Array,
): void => {
  let a = hash(base0, base1, node, 0);
  const b = mix(a ^ base1);
  if (count > LEAF) {
    // A crowd in a part that is not halved any more.
    for (let place = first; place < first + count; place++, a = (a + STEP) | 0) {
      into[place] = timeOf(mix(mix(a) + b), start, width);
    }
    into.subarray(first, first + count).sort();
    return;
  }
  for (let i = 0; i < count; i++, a = (a + STEP) | 0) {
    keys[i] = (timeOf(mix(mix(a) + b), start, width) << KEY_BITS) + i;
  }
  for (let i = count; i < LEAF; i++) keys[i] = BEYOND;
  const key0 = keys[0]!;
  const key1 = keys[1]!;
  const key2 = keys[2]!;
  const key3 = keys[3]!;
  const key4 = keys[4]!;
  const key5 = keys[5]!;
  const key6 = keys[6]!;
  const key7 = keys[7]!;
  for (let i = 0; i < count; i++) {
    const key = keys[i]!;
    const before =
      Number(key0 < key) +
      Number(key1 < key) +
      Number(key2 < key) +
      Number(key3 < key) +
      Number(key4 < key) +
      Number(key5 < key) +
      Number(key6 < key) +
      Number(key7 < key);
    into[first + before] = key >> KEY_BITS;
  }
};

/** When the record comes that has drawn a word, in a part of the second: whole microseconds. */
const timeOf = (word: number, start: number, width: number): Duration => {
  return Math.floor(start + ((word >>> 0) + 0.5) * UNIT * width);
};
