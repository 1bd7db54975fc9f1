import type { Duration } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ShardOffers } from './offers.ts';
import type { Retry } from './record-log.ts';
import type { Bucket } from './token-bucket.ts';
import { UNIT } from './token-bucket.ts';
import type { Tokens } from './write-limit.ts';
import { PUT_RETRY_DELAYS } from './write-limit.ts';

/** One producer's puts in one second, and those that come back in it; instants count from the second's start. */
export interface LonePuts {
  readonly second: number;
  readonly closes: Duration;
  /** When records are offered, in order, and who they are; null: they are numbered from 0 on. */
  readonly times: Int32Array;
  readonly identities: Float64Array | null;
  readonly count: number;
  readonly retries: readonly Retry[];
  /** Data bytes of each record that is offered, and what it is charged; numbers: of every one. */
  readonly bytes: Int32Array | number;
  readonly charges: Int32Array | number;
  /** Of those that come back the same. */
  readonly offers: Pick<ShardOffers, 'bytesOf' | 'keyBytesOf'>;
  /** The write limit (K3), and what is left of it when the second begins. */
  readonly recordBucket: Bucket;
  readonly byteBucket: Bucket;
  readonly left: Tokens;
  readonly onThrottle: 'retry' | 'drop';
}

/** What became of them. */
export interface PassedPuts {
  readonly count: number;
  readonly times: Int32Array;
  /** Data bytes of each, or of every one. */
  readonly bytes: Int32Array | number;
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

/** After any instant of a second: whole, as those are, so that the engine keeps to whole numbers. */
const NONE: Duration = 2 ** 30;

/** Refused puts that have been tried equally often: they come back in the order in which they were refused. */
class Returning {
  #ats = new Int32Array(64);
  #identities = new Float64Array(64);
  #offeredIn = new Float64Array(64);
  #bytes = new Int32Array(64);
  #charges = new Int32Array(64);
  #first = 0;
  #end = 0;
  /** When the first of them comes back; NONE where there is none. */
  next: Duration = NONE;

  clear(): void {
    this.#first = 0;
    this.#end = 0;
    this.next = NONE;
  }

  add(at: Duration, identity: number, offeredIn: number, bytes: number, charged: number): void {
    if (this.#end === this.#ats.length) this.#grow();
    if (this.#first === this.#end) this.next = at;
    this.#ats[this.#end] = at;
    this.#identities[this.#end] = identity;
    this.#bytes[this.#end] = bytes;
    this.#charges[this.#end] = charged;
    this.#offeredIn[this.#end++] = offeredIn;
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
    const [ats, identities, offeredIn] = [this.#ats, this.#identities, this.#offeredIn];
    const [bytes, charges] = [this.#bytes, this.#charges];
    this.#ats = new Int32Array(2 * ats.length);
    this.#ats.set(ats);
    this.#identities = new Float64Array(2 * ats.length);
    this.#identities.set(identities);
    this.#offeredIn = new Float64Array(2 * ats.length);
    this.#offeredIn.set(offeredIn);
    this.#bytes = new Int32Array(2 * ats.length);
    this.#bytes.set(bytes);
    this.#charges = new Int32Array(2 * ats.length);
    this.#charges.set(charges);
  }
}

/** By how often they have been refused, once to three times; used again for every second. */
const [once, twice, thrice] = [new Returning(), new Returning(), new Returning()] as const;
const returning = [once, twice, thrice] as const;

/** When the first of all comes back. */
function nextReturn(): Duration {
  const sooner = once.next < twice.next ? once.next : twice.next;
  return sooner < thrice.next ? sooner : thrice.next;
}

/**
 * Lets them through the write limit one after another (K3). All wait equally long after the same try, so those who come back
 * stand in three queues that are in order by themselves; of several at one instant, who was refused first goes first, which
 * is who waited longest, and all of them before a record that is offered then.
 */
export function passPuts(puts: LonePuts): PassedPuts {
  const { second, closes, times, identities, count, retries, bytes: sizes, charges, offers } = puts;
  const { recordBucket, byteBucket, left, onThrottle } = puts;
  for (const queue of returning) queue.clear();
  for (const { at, tries, identity, offeredIn } of retries) {
    const size = typeof sizes === 'number' ? sizes : offers.bytesOf(offeredIn, identity);
    const charged = typeof charges === 'number' ? charges : size + offers.keyBytesOf(offeredIn, identity);
    returning[tries - 2]!.add(at - second * SECOND, identity, offeredIn, size, charged);
  }
  const most = count + retries.length;
  const acceptedTimes = new Int32Array(most);
  const acceptedIdentities = new Float64Array(most);
  const acceptedBytes = typeof sizes === 'number' ? null : new Int32Array(most);
  let offeredIn: Float64Array | null = null;
  let taken = 0;
  const refusals: Duration[] = [];
  const losses: Duration[] = [];
  const { depth: recordDepth, rate: recordRate } = recordBucket;
  const { depth: byteDepth, rate: byteRate } = byteBucket;
  let { records, bytes } = left;
  let at = 0;
  for (let next = 0; ; ) {
    const returns = nextReturn();
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
    let size = 0;
    if (typeof sizes !== 'number') size = queue === null ? sizes[next]! : queue.bytes;
    let charged = 0;
    if (typeof charges === 'number') charged = charges;
    else charged = queue === null ? charges[next]! : queue.charged;
    if (records >= UNIT && bytes >= charged * UNIT) {
      records -= UNIT;
      bytes -= charged * UNIT;
      if (offered !== second) offeredIn ??= new Float64Array(most).fill(second);
      if (offeredIn !== null) offeredIn[taken] = offered;
      acceptedTimes[taken] = time;
      if (acceptedBytes !== null) acceptedBytes[taken] = size;
      acceptedIdentities[taken++] = identity;
    } else {
      refusals.push(time);
      const refused = queue === null ? 0 : returning.indexOf(queue) + 1;
      if (onThrottle === 'drop' || refused === returning.length) losses.push(time);
      else returning[refused]!.add(time + PUT_RETRY_DELAYS[refused]!, identity, offered, size, charged);
    }
    if (queue === null) next++;
    else queue.drop();
  }
  return {
    count: taken,
    times: acceptedTimes.subarray(0, taken),
    bytes: acceptedBytes?.subarray(0, taken) ?? (sizes as number),
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
    const next = nextReturn();
    if (next === NONE) return retries;
    const queue = next === thrice.next ? thrice : next === twice.next ? twice : once;
    const { identity, offeredIn } = queue;
    const tries = returning.indexOf(queue) + 2;
    retries.push({ at: second * SECOND + next, tries, producer: 0, identity, offeredIn });
    queue.drop();
  }
}
