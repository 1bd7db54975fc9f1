import type { Duration } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { Retry } from './record-log.ts';
import { PUT_RETRY_DELAYS } from './write-limit.ts';

/** After any instant of a second: whole, as those are, so that the engine keeps to whole numbers. */
export const NONE: Duration = 2 ** 30;

/** A put that is refused at the last of so many tries is lost. */
export const MOST_TRIES = PUT_RETRY_DELAYS.length + 1;

/** Refused puts that have been tried equally often (K3): they come back in the order in which they were refused. */
export class Returning {
  /** Which try of theirs it will be, from 2. */
  readonly tries: number;
  #ats = new Int32Array(64);
  #producers = new Uint16Array(64);
  #identities = new Float64Array(64);
  #offeredIn = new Float64Array(64);
  #bytes = new Int32Array(64);
  #charges = new Int32Array(64);
  #first = 0;
  #end = 0;
  /** When the first of them comes back; NONE where there is none. */
  next: Duration = NONE;

  constructor(tries: number) {
    this.tries = tries;
  }

  clear(): void {
    this.#first = 0;
    this.#end = 0;
    this.next = NONE;
  }

  add(at: Duration, producer: number, identity: number, offeredIn: number, bytes: number, charged: number): void {
    if (this.#end === this.#ats.length) this.#grow();
    if (this.#first === this.#end) this.next = at;
    this.#ats[this.#end] = at;
    this.#producers[this.#end] = producer;
    this.#identities[this.#end] = identity;
    this.#bytes[this.#end] = bytes;
    this.#charges[this.#end] = charged;
    this.#offeredIn[this.#end++] = offeredIn;
  }

  get producer(): number {
    return this.#producers[this.#first]!;
  }

  get identity(): number {
    return this.#identities[this.#first]!;
  }

  get offeredIn(): number {
    return this.#offeredIn[this.#first]!;
  }

  get bytes(): number {
    return this.#bytes[this.#first]!;
  }

  get charged(): number {
    return this.#charges[this.#first]!;
  }

  drop(): void {
    this.#first++;
    this.next = this.#first < this.#end ? this.#ats[this.#first]! : NONE;
  }

  #grow(): void {
    const room = 2 * this.#ats.length;
    this.#ats = longer(this.#ats, new Int32Array(room));
    this.#producers = longer(this.#producers, new Uint16Array(room));
    this.#identities = longer(this.#identities, new Float64Array(room));
    this.#offeredIn = longer(this.#offeredIn, new Float64Array(room));
    this.#bytes = longer(this.#bytes, new Int32Array(room));
    this.#charges = longer(this.#charges, new Int32Array(room));
  }
}

function longer<Column extends Int32Array | Uint16Array | Float64Array>(column: Column, room: Column): Column {
  room.set(column);
  return room;
}

/**
 * By their next try; used again for every second. All wait equally long after the same try, so that each of these is in order
 * by itself: a list of all of them would have to be searched for the place of every put that is refused.
 */
const [second, third, fourth] = [new Returning(2), new Returning(3), new Returning(4)] as const;
const returning = [second, third, fourth] as const;

export function clearReturning(): void {
  for (const queue of returning) queue.clear();
}

/** Those that come back for a try. */
export function returningFor(tries: number): Returning {
  return returning[tries - 2]!;
}

/** When the first of all comes back. */
export function nextReturn(): Duration {
  const sooner = second.next < third.next ? second.next : third.next;
  return sooner < fourth.next ? sooner : fourth.next;
}

/** Who comes back then: of several at one instant, who was refused first, which is who waited longest. */
export function returningAt(next: Duration): Returning {
  return next === fourth.next ? fourth : next === third.next ? third : second;
}

/** Takes all out that are left, in order. @param opened the second in which they were refused */
export function takeReturning(opened: number): Retry[] {
  const retries: Retry[] = [];
  for (let next = nextReturn(); next !== NONE; next = nextReturn()) {
    const queue = returningAt(next);
    const { tries, producer, identity, offeredIn } = queue;
    retries.push({ at: opened * SECOND + next, tries, producer, identity, offeredIn });
    queue.drop();
  }
  return retries;
}

/** By their time, at one instant as they stand. */
export function inOrder(retries: Retry[]): Retry[] {
  return retries.sort((one, other) => one.at - other.at);
}
