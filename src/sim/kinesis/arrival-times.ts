import type { Chance, Draws } from '../../kernel/chance.ts';
import { binomialHalf } from '../../kernel/counts.ts';
import type { Duration } from '../../kernel/time.ts';

/** When the records of a second arrive, in order, as microseconds after its start. */
export interface ArrivalTimes {
  /** The arrival of the record at a position, from 0. */
  at(position: number): Duration;
  /** How many come before so many whole microseconds after the second's start. */
  before(time: Duration): number;
  /** Every arrival; an array that is not to be changed. */
  all(): Int32Array;
}

/** Arrivals that are written down. */
export class ListedTimes implements ArrivalTimes {
  readonly #times: Int32Array;
  /** The last answer: who asks mostly goes on in time. */
  #before = 0;

  constructor(times: Int32Array) {
    this.#times = times;
  }

  at(position: number): Duration {
    return this.#times[position]!;
  }

  before(time: Duration): number {
    const times = this.#times;
    let place = this.#before;
    if (place > 0 && times[place - 1]! >= time) place = lowerBound(times, time);
    else {
      const near = Math.min(times.length, place + 8);
      while (place < near && times[place]! < time) place++;
      if (place === near && place < times.length) place = lowerBound(times, time);
    }
    this.#before = place;
    return place;
  }

  all(): Int32Array {
    return this.#times;
  }
}

/** Of a second without records. */
export const NO_TIMES: ArrivalTimes = new ListedTimes(new Int32Array(0));

function lowerBound(times: Int32Array, time: Duration): number {
  const count = times.length;
  if (count === 0 || time > times[count - 1]!) return count;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** So many records are drawn sooner than looked for. */
export const FEW = 32;
const LEAF = 8;
const DEEPEST = 20;
/** Down to here no rounding lifts a record of an early half to the middle. */
const EXACT_DEPTH = 10;
/** The share of a stretch that a part at a depth has. */
const PART = Float64Array.from({ length: DEEPEST + 1 }, (_, depth) => 2 ** -depth);

/** A stretch of a second that holds so many records, uniformly. */
export interface Stretch {
  readonly second: number;
  /** Which of the second's stretches; the others' draws do not depend on it. */
  readonly ordinal: number;
  readonly from: Duration;
  readonly to: Duration;
  readonly count: number;
}

/**
 * Where the records of a stretch of time lie (D3): it is halved again and again, the records with it as fair coins fall,
 * until few are left, which are drawn in their part and put in order. Each node is keyed by its place, so that any part can
 * be looked at without the others. One finder serves a shard's readers: nodes of the stretches asked for last are kept.
 */
export class TimeFinder {
  readonly #chance: Chance;
  readonly #draws: Draws;
  readonly #known: KnownNodes[] = [];
  #last: KnownNodes | null = null;

  constructor(chance: Chance, draws: Draws) {
    this.#chance = chance;
    this.#draws = draws;
  }

  /** The arrivals of a stretch: found as far as somebody looks, or, where they are few, all at once. */
  timesOf(stretch: Stretch): ArrivalTimes {
    if (stretch.count === 0) return NO_TIMES;
    if (stretch.count > FEW) return new FoundTimes(this, stretch);
    const all = new Int32Array(stretch.count);
    this.fill(stretch, all, 0);
    return new ListedTimes(all);
  }

  /** The arrival of the record at a position of a stretch. */
  at(stretch: Stretch, position: number): Duration {
    const known = this.#knownOf(stretch);
    if (position < known.leafFirst || position >= known.leafEnd) {
      let node = 1;
      let depth = 0;
      let first = 0;
      let count = stretch.count;
      while (count > LEAF && depth < DEEPEST) {
        const early = this.#early(known, node, depth, count);
        depth++;
        if (position < first + early) {
          node = 2 * node;
          count = early;
        } else {
          node = 2 * node + 1;
          first += early;
          count -= early;
        }
      }
      this.#turnToLeaf(known, stretch, node, depth, first, count);
    }
    return known.leaf[position - known.leafFirst]!;
  }

  /** How many records of a stretch come before a whole microsecond. */
  before(stretch: Stretch, time: Duration): number {
    const { from, to } = stretch;
    if (time <= from) return 0;
    if (time >= to) return stretch.count;
    const known = this.#knownOf(stretch);
    let node = 1;
    let depth = 0;
    let first = 0;
    let count = stretch.count;
    while (count > LEAF && depth < DEEPEST) {
      // A record is drawn in [start, middle) or [middle, end) and rounded down: one of the later half may come before `time`
      // only where the half begins before it.
      const width = (to - from) * PART[depth + 1]!;
      const middle = from + (2 * (node - (1 << depth)) + 1) * width;
      const early = this.#early(known, node, depth, count);
      depth++;
      if (time === middle && depth < EXACT_DEPTH) return first + early;
      if (time <= Math.floor(middle)) {
        node = 2 * node;
        count = early;
      } else {
        node = 2 * node + 1;
        first += early;
        count -= early;
      }
    }
    if (count === 0) return first;
    this.#turnToLeaf(known, stretch, node, depth, first, count);
    let found = 0;
    while (found < count && known.leaf[found]! < time) found++;
    return first + found;
  }

  /** Every arrival of a stretch, in order, into an array from a place on. */
  fill(stretch: Stretch, into: Int32Array, place: number): void {
    this.#draws.seek(this.#chance, stretch.second, stretch.ordinal);
    this.#fillNode(stretch, 1, 0, place, stretch.count, into);
  }

  #fillNode(stretch: Stretch, node: number, depth: number, first: number, count: number, into: Int32Array): void {
    if (count <= LEAF || depth >= DEEPEST) {
      this.#drawLeaf(stretch, node, depth, first, count, into);
      return;
    }
    this.#draws.node(node, 0);
    const early = binomialHalf(count, this.#draws);
    if (early > 0) this.#fillNode(stretch, 2 * node, depth + 1, first, early, into);
    if (early < count) this.#fillNode(stretch, 2 * node + 1, depth + 1, first + early, count - early, into);
  }

  /** The records of one of the smallest parts. The draws stand at the stretch. */
  #drawLeaf({ from, to }: Stretch, node: number, depth: number, first: number, count: number, into: Int32Array): void {
    const width = (to - from) * PART[depth]!;
    const start = from + (node - (1 << depth)) * width;
    this.#draws.node(node, 0);
    for (let i = 0; i < count; i++) {
      const time = Math.floor(start + this.#draws.unit() * width);
      let place = first + i;
      for (; place > first && into[place - 1]! > time; place--) into[place] = into[place - 1]!;
      into[place] = time;
    }
  }

  #early(known: KnownNodes, node: number, depth: number, count: number): number {
    if (depth < KEPT_DEPTH) {
      const early = known.early[node]!;
      if (early >= 0) return early;
    }
    this.#draws.seek(this.#chance, known.second, known.ordinal);
    this.#draws.node(node, 0);
    const early = binomialHalf(count, this.#draws);
    if (depth < KEPT_DEPTH) known.early[node] = early;
    return early;
  }

  /** A node is numbered as in a heap from 1 on; `first` is the position of its first record. */
  #turnToLeaf(known: KnownNodes, stretch: Stretch, node: number, depth: number, first: number, count: number): void {
    known.leafFirst = first;
    known.leafEnd = first + count;
    const slot = node % KEPT_LEAVES;
    known.leaf = known.leaves[slot]!;
    if (known.leafNodes[slot] === node) return;
    if (known.leaf.length < count) {
      known.leaf = new Int32Array(count);
      known.leaves[slot] = known.leaf;
    }
    known.leafNodes[slot] = node;
    this.#draws.seek(this.#chance, stretch.second, stretch.ordinal);
    this.#drawLeaf(stretch, node, depth, 0, count, known.leaf);
  }

  #knownOf({ second, ordinal }: Stretch): KnownNodes {
    const last = this.#last;
    if (last !== null && last.second === second && last.ordinal === ordinal) return last;
    const place = second % KEPT_STRETCHES;
    this.#known[place] ??= new KnownNodes();
    const known = this.#known[place];
    if (known.second !== second || known.ordinal !== ordinal) known.turnTo(second, ordinal);
    this.#last = known;
    return known;
  }
}

const KEPT_STRETCHES = 4;
const KEPT_DEPTH = 7;
const KEPT_LEAVES = 8;

/** What has been drawn of a stretch: how many records the early half of each upper node has, and some leaves. */
class KnownNodes {
  second = -1;
  ordinal = 0;
  /** -1: not drawn yet. */
  readonly early = new Int32Array(2 ** KEPT_DEPTH);
  readonly leafNodes = new Int32Array(KEPT_LEAVES);
  readonly leaves = Array.from({ length: KEPT_LEAVES }, () => new Int32Array(LEAF));
  /** The one that was looked at last, and the positions in it. */
  leaf = this.leaves[0]!;
  leafFirst = 0;
  leafEnd = 0;

  turnTo(second: number, ordinal: number): void {
    this.second = second;
    this.ordinal = ordinal;
    this.early.fill(-1);
    this.leafNodes.fill(0);
    this.leafFirst = 0;
    this.leafEnd = 0;
  }
}

/** The arrivals of one stretch, found as far as somebody looks. */
export class FoundTimes implements ArrivalTimes {
  readonly #finder: TimeFinder;
  readonly #stretch: Stretch;
  #all: Int32Array | null = null;
  /** Of the first record, the last one, and the two that were asked for last: they are asked for again. -1: not looked up. */
  #first: Duration = -1;
  #last: Duration = -1;
  #lately = -1;
  #latelyAt: Duration = 0;
  #before = -1;
  #beforeAt: Duration = 0;

  constructor(finder: TimeFinder, stretch: Stretch) {
    this.#finder = finder;
    this.#stretch = stretch;
  }

  at(position: number): Duration {
    if (this.#all !== null) return this.#all[position]!;
    if (position === 0) {
      if (this.#first < 0) this.#first = this.#finder.at(this.#stretch, 0);
      return this.#first;
    }
    if (position === this.#stretch.count - 1) {
      if (this.#last < 0) this.#last = this.#finder.at(this.#stretch, position);
      return this.#last;
    }
    if (position === this.#lately) return this.#latelyAt;
    if (position === this.#before) return this.#beforeAt;
    this.#before = this.#lately;
    this.#beforeAt = this.#latelyAt;
    this.#lately = position;
    this.#latelyAt = this.#finder.at(this.#stretch, position);
    return this.#latelyAt;
  }

  before(time: Duration): number {
    return this.#all === null ? this.#finder.before(this.#stretch, time) : lowerBound(this.#all, time);
  }

  all(): Int32Array {
    if (this.#all === null) {
      this.#all = new Int32Array(this.#stretch.count);
      this.#finder.fill(this.#stretch, this.#all, 0);
    }
    return this.#all;
  }
}
