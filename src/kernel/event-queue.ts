import type { Instant } from './time.ts';
import { NEVER } from './time.ts';

/**
 * What happens next, where each of a fixed number of actors has at most one thing ahead of it. Ties at one instant go by
 * `rank`, then by actor: the written order of the model (D4). Ranks are whole numbers below 16, actors below 2^27; an
 * actor's lower number goes first.
 *
 * The turn whose event is being handled keeps its place until its actor's next one is known: to put that in its place costs
 * less than to take one out and put another in.
 */
export class EventQueue {
  /** A heap of four children a node, behind which nothing lies ahead: when each turn is, its rank and actor as one number. */
  readonly #at: Float64Array;
  readonly #tie: Int32Array;
  /** Where each actor stands in it (−1: nowhere). */
  readonly #place: Int32Array;
  #size = 0;
  /** Whose event is being handled; −1: it has another turn ahead, or none. */
  #handled = -1;

  constructor(actors: number) {
    this.#at = new Float64Array(actors + CHILDREN).fill(NEVER);
    this.#tie = new Int32Array(actors + CHILDREN).fill(LAST);
    this.#place = new Int32Array(actors).fill(-1);
  }

  /** The actor whose turn is next, −1 when nothing is ahead. It stays scheduled until it is moved or cancelled. */
  get next(): number {
    return this.#size === 0 ? -1 : this.#tie[0]! & ACTOR;
  }

  /** When that turn is, and its rank; of a queue that has one. */
  get nextAt(): Instant {
    return this.#at[0]!;
  }

  get nextRank(): number {
    return this.#tie[0]! >> ACTOR_BITS;
  }

  /** When an actor's turn is; NEVER without one. */
  timeOf(actor: number): Instant {
    const place = this.#place[actor]!;
    return place < 0 || actor === this.#handled ? NEVER : this.#at[place]!;
  }

  /** Of an actor that has a turn. */
  rankOf(actor: number): number {
    return this.#tie[this.#place[actor]!]! >> ACTOR_BITS;
  }

  /** Its event is being handled: unless it is scheduled before `handled` is called, its actor has nothing ahead. */
  handle(actor: number): void {
    this.#handled = actor;
  }

  handled(): void {
    if (this.#handled >= 0) this.cancel(this.#handled);
  }

  /** Sets an actor's one turn, in place of the one it had. */
  schedule(actor: number, at: Instant, rank: number): void {
    if (actor === this.#handled) this.#handled = -1;
    const tie = (rank << ACTOR_BITS) | actor;
    const place = this.#place[actor]!;
    if (place >= 0) this.#move(place, at, tie);
    else this.#rise(this.#size++, at, tie);
  }

  cancel(actor: number): void {
    if (actor === this.#handled) this.#handled = -1;
    const place = this.#place[actor]!;
    if (place < 0) return;
    this.#place[actor] = -1;
    const last = --this.#size;
    const at = this.#at[last]!;
    const tie = this.#tie[last]!;
    this.#at[last] = NEVER;
    this.#tie[last] = LAST;
    if (place < last) this.#move(place, at, tie);
  }

  #move(from: number, at: Instant, tie: number): void {
    if (from === 0 || !this.#rise(from, at, tie)) this.#sink(from, at, tie);
  }

  /** @returns whether it has left its place for a higher one */
  #rise(from: number, at: Instant, tie: number): boolean {
    const ats = this.#at;
    const ties = this.#tie;
    const places = this.#place;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      const above = ats[parent]!;
      const aboveTie = ties[parent]!;
      if (above < at || (above === at && aboveTie < tie)) break;
      ats[place] = above;
      ties[place] = aboveTie;
      places[aboveTie & ACTOR] = place;
      place = parent;
    }
    ats[place] = at;
    ties[place] = tie;
    places[tie & ACTOR] = place;
    return place !== from;
  }

  #sink(from: number, at: Instant, tie: number): void {
    const ats = this.#at;
    const ties = this.#tie;
    const places = this.#place;
    const size = this.#size;
    let place = from;
    for (;;) {
      const first = CHILDREN * place + 1;
      if (first >= size) break;
      // Which of the children is first is not foreseen, so nothing branches on it.
      const one = first + isSooner(ats[first]!, ties[first]!, ats[first + 1]!, ties[first + 1]!);
      const other = first + 2 + isSooner(ats[first + 2]!, ties[first + 2]!, ats[first + 3]!, ties[first + 3]!);
      const least = one + (other - one) * isSooner(ats[one]!, ties[one]!, ats[other]!, ties[other]!);
      const leastAt = ats[least]!;
      const leastTie = ties[least]!;
      if (at < leastAt || (at === leastAt && tie < leastTie)) break;
      ats[place] = leastAt;
      ties[place] = leastTie;
      places[leastTie & ACTOR] = place;
      place = least;
    }
    ats[place] = at;
    ties[place] = tie;
    places[tie & ACTOR] = place;
  }
}

/** 1 where the second of two turns comes sooner, else 0. */
const isSooner = (at: Instant, tie: number, otherAt: Instant, otherTie: number): number => {
  return Number(otherAt < at) | (Number(otherAt === at) & Number(otherTie < tie));
};

const CHILDREN = 4;
/** Of places without a turn, those behind the last one: after any other. */
const LAST = 2 ** 31 - 1;
const ACTOR_BITS = 27;
const ACTOR = 2 ** ACTOR_BITS - 1;
