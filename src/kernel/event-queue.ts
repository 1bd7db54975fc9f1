import type { Instant } from './time.ts';
import { NEVER } from './time.ts';

/**
 * What happens next, where each of a fixed number of actors has at most one thing ahead of it. Ties at one instant go by
 * `rank`, then by actor: the written order of the model (D4). Ranks and actors are whole numbers; an actor's lower
 * number goes first.
 */
export class EventQueue {
  readonly #at: Float64Array;
  readonly #rank: Uint8Array;
  /** A binary heap of actors, its size, and where each actor stands in it (−1: nowhere). */
  readonly #heap: Int32Array;
  readonly #place: Int32Array;
  #size = 0;

  constructor(actors: number) {
    this.#at = new Float64Array(actors).fill(NEVER);
    this.#rank = new Uint8Array(actors);
    this.#heap = new Int32Array(actors);
    this.#place = new Int32Array(actors).fill(-1);
  }

  /** The actor whose turn is next, −1 when nothing is ahead. It stays scheduled until it is moved or cancelled. */
  get next(): number {
    return this.#size === 0 ? -1 : this.#heap[0]!;
  }

  /** When an actor's turn is; NEVER without one. */
  timeOf(actor: number): Instant {
    return this.#at[actor]!;
  }

  rankOf(actor: number): number {
    return this.#rank[actor]!;
  }

  /** Sets an actor's one turn, in place of the one it had. */
  schedule(actor: number, at: Instant, rank: number): void {
    this.#at[actor] = at;
    this.#rank[actor] = rank;
    let place = this.#place[actor]!;
    if (place < 0) {
      place = this.#size++;
      this.#heap[place] = actor;
      this.#place[actor] = place;
    }
    this.#sink(this.#rise(place));
  }

  cancel(actor: number): void {
    const place = this.#place[actor]!;
    this.#at[actor] = NEVER;
    if (place < 0) return;
    this.#place[actor] = -1;
    const moved = this.#heap[--this.#size]!;
    if (moved === actor) return;
    this.#heap[place] = moved;
    this.#place[moved] = place;
    this.#sink(this.#rise(place));
  }

  #before(a: number, b: number): boolean {
    const atA = this.#at[a]!;
    const atB = this.#at[b]!;
    if (atA !== atB) return atA < atB;
    const ranks = this.#rank[a]! - this.#rank[b]!;
    return ranks !== 0 ? ranks < 0 : a < b;
  }

  #rise(from: number): number {
    const actor = this.#heap[from]!;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent]!;
      if (!this.#before(actor, above)) break;
      this.#heap[place] = above;
      this.#place[above] = place;
      place = parent;
    }
    this.#heap[place] = actor;
    this.#place[actor] = place;
    return place;
  }

  #sink(from: number): void {
    const actor = this.#heap[from]!;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(this.#heap[child + 1]!, this.#heap[child]!)) child++;
      const below = this.#heap[child]!;
      if (!this.#before(below, actor)) break;
      this.#heap[place] = below;
      this.#place[below] = place;
      place = child;
    }
    this.#heap[place] = actor;
    this.#place[actor] = place;
  }
}
