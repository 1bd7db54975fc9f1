import type { Duration } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { Retry } from './record-log.ts';
import type { Bucket } from './token-bucket.ts';
import { UNIT } from './token-bucket.ts';
import type { Tokens } from './write-limit.ts';
import { PUT_RETRY_DELAYS } from './write-limit.ts';

/** One producer's puts of one size in one second, and those that come back in it; instants count from the second's start. */
export interface EqualPuts {
  readonly second: number;
  readonly closes: Duration;
  /** When records are offered, in order, and who they are; null: they are numbered from 0 on. */
  readonly times: Int32Array;
  readonly identities: Float64Array | null;
  readonly count: number;
  readonly retries: readonly Retry[];
  /** The write limit (K3), what a record is charged, and what is left of it when the second begins. */
  readonly recordBucket: Bucket;
  readonly byteBucket: Bucket;
  readonly charged: number;
  readonly left: Tokens;
  readonly onThrottle: 'retry' | 'drop';
}

/** What became of them. */
export interface PassedPuts {
  readonly count: number;
  readonly times: Int32Array;
  readonly identities: Float64Array;
  readonly offeredIn: Float64Array | null;
  readonly refusals: readonly Duration[];
  readonly losses: readonly Duration[];
  /** Those that come back later. */
  readonly retries: readonly Retry[];
  /** Of the write limit, when it was looked at last. */
  readonly left: Tokens;
  readonly at: Duration;
}

/** Refused puts that have been tried equally often: they come back in the order in which they were refused. */
class Returning {
  #ats = new Int32Array(64);
  #identities = new Float64Array(64);
  #offeredIn = new Float64Array(64);
  #first = 0;
  #end = 0;
  /** When the first of them comes back; Infinity where there is none. */
  next: Duration = Number.POSITIVE_INFINITY;

  clear(): void {
    this.#first = 0;
    this.#end = 0;
    this.next = Number.POSITIVE_INFINITY;
  }

  add(at: Duration, identity: number, offeredIn: number): void {
    if (this.#end === this.#ats.length) this.#grow();
    if (this.#first === this.#end) this.next = at;
    this.#ats[this.#end] = at;
    this.#identities[this.#end] = identity;
    this.#offeredIn[this.#end++] = offeredIn;
  }

  get identity(): number {
    return this.#identities[this.#first]!;
  }

  get offeredIn(): number {
    return this.#offeredIn[this.#first]!;
  }

  drop(): void {
    this.#first++;
    this.next = this.#first < this.#end ? this.#ats[this.#first]! : Number.POSITIVE_INFINITY;
  }

  #grow(): void {
    const [ats, identities, offeredIn] = [this.#ats, this.#identities, this.#offeredIn];
    this.#ats = new Int32Array(2 * ats.length);
    this.#ats.set(ats);
    this.#identities = new Float64Array(2 * ats.length);
    this.#identities.set(identities);
    this.#offeredIn = new Float64Array(2 * ats.length);
    this.#offeredIn.set(offeredIn);
  }
}

/** By how often they have been refused, once to three times; used again for every second. */
const [once, twice, thrice] = [new Returning(), new Returning(), new Returning()] as const;
const returning = [once, twice, thrice] as const;

/**
 * Lets them through the write limit one after another (K3). All wait equally long after the same try, so those who come back
 * stand in three queues that are in order by themselves; of several at one instant, who was refused first goes first, which
 * is who waited longest, and all of them before a record that is offered then.
 */
export function passPuts(puts: EqualPuts): PassedPuts {
  const { second, closes, times, identities, count, retries, recordBucket, byteBucket, charged, left, onThrottle } =
    puts;
  for (const queue of returning) queue.clear();
  for (const { at, tries, identity, offeredIn } of retries) {
    returning[tries - 2]!.add(at - second * SECOND, identity, offeredIn);
  }
  const most = count + retries.length;
  const acceptedTimes = new Int32Array(most);
  const acceptedIdentities = new Float64Array(most);
  let offeredIn: Float64Array | null = null;
  let taken = 0;
  const refusals: Duration[] = [];
  const losses: Duration[] = [];
  const { depth: recordDepth, rate: recordRate } = recordBucket;
  const { depth: byteDepth, rate: byteRate } = byteBucket;
  const byteCost = charged * UNIT;
  let { records, bytes } = left;
  let at = 0;
  for (let next = 0; ; ) {
    const returns = Math.min(once.next, twice.next, thrice.next);
    let time = returns;
    let queue: Returning | null = null;
    if (next < count && times[next]! < returns) time = times[next]!;
    else {
      if (next >= count && returns >= closes) break;
      queue = returns === thrice.next ? thrice : returns === twice.next ? twice : once;
    }
    const elapsed = time - at;
    at = time;
    records = Math.min(recordDepth, records + elapsed * recordRate);
    bytes = Math.min(byteDepth, bytes + elapsed * byteRate);
    const identity = queue === null ? (identities?.[next] ?? next) : queue.identity;
    const offered = queue === null ? second : queue.offeredIn;
    if (records >= UNIT && bytes >= byteCost) {
      records -= UNIT;
      bytes -= byteCost;
      if (offered !== second) offeredIn ??= new Float64Array(most).fill(second);
      if (offeredIn !== null) offeredIn[taken] = offered;
      acceptedTimes[taken] = time;
      acceptedIdentities[taken++] = identity;
    } else {
      refusals.push(time);
      const refused = queue === null ? 0 : returning.indexOf(queue) + 1;
      if (onThrottle === 'drop' || refused === returning.length) losses.push(time);
      else returning[refused]!.add(time + PUT_RETRY_DELAYS[refused]!, identity, offered);
    }
    if (queue === null) next++;
    else queue.drop();
  }
  return {
    count: taken,
    times: acceptedTimes.subarray(0, taken),
    identities: acceptedIdentities,
    offeredIn,
    refusals,
    losses,
    retries: inOrder(second),
    left: { records, bytes },
    at,
  };
}

function inOrder(second: number): readonly Retry[] {
  const retries: Retry[] = [];
  for (;;) {
    const next = Math.min(once.next, twice.next, thrice.next);
    if (next === Number.POSITIVE_INFINITY) return retries;
    const queue = next === thrice.next ? thrice : next === twice.next ? twice : once;
    const { identity, offeredIn } = queue;
    const tries = returning.indexOf(queue) + 2;
    retries.push({ at: second * SECOND + next, tries, producer: 0, identity, offeredIn });
    queue.drop();
  }
}
