import type { Duration } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ShardOffers } from './offers.ts';
import type { Retry } from './record-log.ts';
import type { Returning } from './returning-puts.ts';
import { clearReturning, MOST_TRIES, nextReturn, returningAt, returningFor, takeReturning } from './returning-puts.ts';
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

/** Lets them through the write limit one after another (K3), those that come back before a record that is offered then. */
export function passPuts(puts: LonePuts): PassedPuts {
  const { second, closes, times, identities, count, retries, bytes: sizes, charges, offers } = puts;
  const { recordBucket, byteBucket, left, onThrottle } = puts;
  clearReturning();
  for (const { at, tries, identity, offeredIn } of retries) {
    const size = typeof sizes === 'number' ? sizes : offers.bytesOf(offeredIn, identity);
    const charged = typeof charges === 'number' ? charges : size + offers.keyBytesOf(offeredIn, identity);
    returningFor(tries).add(at - second * SECOND, 0, identity, offeredIn, size, charged);
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
      queue = returningAt(returns);
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
      const tries = queue === null ? 1 : queue.tries;
      if (onThrottle === 'drop' || tries === MOST_TRIES) losses.push(time);
      else returningFor(tries + 1).add(time + PUT_RETRY_DELAYS[tries - 1]!, 0, identity, offered, size, charged);
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
    retries: takeReturning(second),
    left: { records, bytes },
    at,
  };
}
