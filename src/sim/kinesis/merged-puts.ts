import type { Duration } from '../../kernel/time.ts';
import { ListedTimes } from './arrival-times.ts';
import type { OfferList } from './offers.ts';
import type { Retry } from './record-log.ts';

/** The columns of a second while it is being made. */
export class Accepted {
  count = 0;
  readonly #times: Int32Array;
  readonly #identities: Float64Array;
  readonly #bytes: Int32Array | null;
  readonly #producers: Uint16Array | null;
  #offeredIn: Float64Array | null = null;

  constructor(most: number, several: boolean, varied: boolean) {
    this.#times = new Int32Array(most);
    this.#identities = new Float64Array(most);
    this.#bytes = varied ? new Int32Array(most) : null;
    this.#producers = several ? new Uint16Array(most) : null;
  }

  noteLateOffers(second: number): void {
    this.#offeredIn = new Float64Array(this.#times.length).fill(second);
  }

  add(time: Duration, producer: number, identity: number, bytes: number, offeredIn: number): void {
    const place = this.count++;
    this.#times[place] = time;
    this.#identities[place] = identity;
    if (this.#bytes !== null) this.#bytes[place] = bytes;
    if (this.#producers !== null) this.#producers[place] = producer;
    if (this.#offeredIn !== null) this.#offeredIn[place] = offeredIn;
  }

  finish(constantBytes: number | null) {
    return {
      count: this.count,
      times: new ListedTimes(this.#times.subarray(0, this.count)),
      bytes: this.#bytes?.subarray(0, this.count) ?? constantBytes ?? 0,
      producers: this.#producers,
      identities: this.#identities,
      offeredIn: this.#offeredIn,
    };
  }
}

/** Several producers' records in order of time; at one microsecond the producer named first in the file goes first. */
export function mergedOrder(lists: readonly OfferList[], total: number) {
  const times = new Int32Array(total);
  const producers = new Uint16Array(total);
  const identities = new Float64Array(total);
  const heads = lists.map(() => 0);
  for (let i = 0; i < total; i++) {
    let first = -1;
    for (let p = 0; p < lists.length; p++) {
      if (heads[p]! >= lists[p]!.length) continue;
      if (first < 0 || lists[p]!.times[heads[p]!]! < lists[first]!.times[heads[first]!]!) first = p;
    }
    const head = heads[first]!++;
    times[i] = lists[first]!.times[head]!;
    producers[i] = first;
    identities[i] = lists[first]!.identities[head]!;
  }
  return { times, producers, identities };
}

export function insertByTime(retries: Retry[], retry: Retry): void {
  let place = retries.length;
  while (place > 0 && retries[place - 1]!.at > retry.at) place--;
  retries.splice(place, 0, retry);
}
