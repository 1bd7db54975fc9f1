import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import { ListedTimes } from './arrival-times.ts';
import type { OfferList, ShardOffers } from './offers.ts';
import type { LogPosition, Retry, ShardSecond } from './record-log.ts';
import {
  clearReturning,
  inOrder,
  MOST_TRIES,
  NONE,
  nextReturn,
  returningAt,
  returningFor,
  takeReturning,
} from './returning-puts.ts';
import type { WriteLimit } from './write-limit.ts';
import { PUT_RETRY_DELAYS } from './write-limit.ts';

/** The columns of a second while it is being made. */
class Accepted {
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

/** Puts in order of time: whose each is, and which of that producer's records. */
interface PutOrder {
  readonly times: Int32Array;
  readonly producers: Uint16Array;
  readonly identities: Float64Array;
}

/**
 * Several producers' records in order of time; at one microsecond the producer named first in the file goes first. One list
 * after the other is merged with those before it.
 */
export function mergedOrder(lists: readonly OfferList[], total: number): PutOrder {
  if (total === 0) return NO_PUTS;
  const order = ROOM.take(total);
  let left = lists.reduce((count, { length }) => count + Number(length > 0), 0);
  let from = left > 1 ? SPARE[0]!.withRoom(total) : order;
  let into = left > 1 ? SPARE[1]!.withRoom(total) : order;
  let end = 0;
  for (let p = 0; p < lists.length; p++) {
    const list = lists[p]!;
    if (list.length === 0) continue;
    left--;
    const begin = end;
    end += list.length;
    for (let i = begin; i < end; i++) {
      from.times[i] = list.times[i - begin]!;
      from.producers[i] = p;
      from.identities[i] = list.identities[i - begin]!;
    }
    if (begin === 0) continue;
    if (left === 0) into = order;
    mergeInto(into, from, begin, end);
    [from, into] = [into, from];
  }
  return order;
}

/**
 * Merges the puts at places [0, begin) and [begin, end), each in order. Which of the two has the next one no processor could
 * foresee, so nothing branches on it.
 */
function mergeInto(into: PutOrder, { times, producers, identities }: PutOrder, begin: number, end: number): void {
  let a = 0;
  let b = begin;
  let place = 0;
  for (; a < begin && b < end; place++) {
    const isLater = (times[b]! - times[a]!) >> 31; // -1: the later list's comes first
    const next = a ^ ((a ^ b) & isLater);
    into.times[place] = times[next]!;
    into.producers[place] = producers[next]!;
    into.identities[place] = identities[next]!;
    a += 1 + isLater;
    b -= isLater;
  }
  for (let next = a < begin ? a : b; place < end; place++, next++) {
    into.times[place] = times[next]!;
    into.producers[place] = producers[next]!;
    into.identities[place] = identities[next]!;
  }
}

class PutColumns implements PutOrder {
  times = new Int32Array(0);
  producers = new Uint16Array(0);
  identities = new Float64Array(0);
  #taken = 0;

  /** For so many puts, what was here being lost. */
  withRoom(total: number): this {
    if (total > this.times.length) {
      this.times = new Int32Array(total);
      this.producers = new Uint16Array(total);
      this.identities = new Float64Array(total);
    }
    return this;
  }

  /** Columns for so many puts, to be kept; those of many seconds share arrays, which cost more than they hold where few come. */
  take(total: number): PutOrder {
    if (this.#taken + total > this.times.length) {
      this.times = new Int32Array(Math.max(SHARED, total));
      this.producers = new Uint16Array(Math.max(SHARED, total));
      this.identities = new Float64Array(Math.max(SHARED, total));
      this.#taken = 0;
    }
    const [from, to] = [this.#taken, this.#taken + total];
    this.#taken = to;
    return {
      times: this.times.subarray(from, to),
      producers: this.producers.subarray(from, to),
      identities: this.identities.subarray(from, to),
    };
  }
}

const NO_PUTS: PutOrder = new PutColumns();
const SHARED = 4_096;
const ROOM = new PutColumns();
/** What is merged lies here in between. */
const SPARE = [new PutColumns(), new PutColumns()];

/** What a producer does with a shard, and how it takes a refusal. */
export interface ShardProducer {
  readonly offers: ShardOffers;
  readonly onThrottle: 'retry' | 'drop';
}

/** A second's puts of several producers, those that were refused before among them. */
export interface MergedPuts {
  readonly second: number;
  readonly closes: Instant;
  /** Those that offer records to the shard, and behind them those of its parents, whose refused puts come back to it. */
  readonly producers: readonly ShardProducer[];
  /** Of those that offer records, in their order. */
  readonly lists: readonly OfferList[];
  readonly offered: number;
  readonly retries: readonly Retry[];
  /** Data bytes of every record, null where they differ. */
  readonly constantBytes: number | null;
  readonly maximumRecordSize: number;
}

/** What became of a second's puts. */
export interface Passed
  extends Pick<ShardSecond, 'count' | 'times' | 'bytes' | 'producers' | 'identities' | 'offeredIn'>,
    Pick<ShardSecond, 'offered' | 'offeredTimes' | 'refusals' | 'losses'>,
    Pick<LogPosition, 'retries'> {
  readonly limit: WriteLimit | null;
}

/** Of each record of an order. */
interface PutSizes {
  /** Of its data; a number: of every one's. */
  readonly bytes: Int32Array | number;
  /** Bytes of data and key (K3), good until the next order is looked at; null where nothing limits them. */
  readonly charges: Int32Array | null;
}

/** Used again for every second: what is charged is not kept. */
let charged = new Int32Array(64);

export function sizesOf(puts: MergedPuts, order: PutOrder, isLimited: boolean): PutSizes {
  const { second, producers, constantBytes } = puts;
  const { producers: whose, identities } = order;
  const count = whose.length;
  const bytes = constantBytes ?? new Int32Array(count);
  if (typeof bytes !== 'number') {
    for (let i = 0; i < count; i++) bytes[i] = dataBytesOf(producers[whose[i]!]!.offers, second, identities[i]!);
  }
  if (!isLimited) return { bytes, charges: null };
  if (charged.length < count) charged = new Int32Array(2 * count);
  const charges = charged;
  for (let i = 0; i < count; i++) {
    const keyBytes = keyBytesOf(producers[whose[i]!]!.offers, second, identities[i]!);
    charges[i] = (typeof bytes === 'number' ? bytes : bytes[i]!) + keyBytes;
  }
  return { bytes, charges };
}

function dataBytesOf(offers: ShardOffers, offeredIn: number, identity: number): number {
  return offers.constantBytes ?? offers.bytesOf(offeredIn, identity);
}

function keyBytesOf(offers: ShardOffers, offeredIn: number, identity: number): number {
  return offers.constantKeyBytes ?? offers.keyBytesOf(offeredIn, identity);
}

/** The usual second: no put has been refused before, and none is now. Null where it is not like that: nothing is charged. */
export function takeMerged(
  puts: MergedPuts,
  order: PutOrder,
  { bytes, charges }: PutSizes,
  limit: WriteLimit | null,
): Passed | null {
  const { second, offered: count, retries, maximumRecordSize } = puts;
  if (retries.length > 0) return null;
  if (limit !== null) {
    for (let i = 0; i < count; i++) if (charges![i]! > maximumRecordSize) return null;
    if (!limit.acceptsAll(second * SECOND, order.times, count, charges!)) return null;
  }
  const times = new ListedTimes(order.times);
  return {
    count,
    times,
    bytes,
    producers: order.producers,
    identities: order.identities,
    offeredIn: null,
    offered: count,
    offeredTimes: times,
    refusals: [],
    losses: [],
    limit,
    retries,
  };
}

/**
 * Offers and retries in order of time through the write limits (K3), at one instant those that come back first. What parents
 * have left comes in an order of its own, and before what is refused now.
 */
export function passMerged(puts: MergedPuts, order: PutOrder, sizes: PutSizes, limit: WriteLimit | null): Passed {
  const { second, producers, lists, offered, retries: before, constantBytes, maximumRecordSize } = puts;
  const opens = second * SECOND;
  const closes = Math.min(SECOND, puts.closes - opens);
  const several = lists.length > 1 || before.some(({ producer }) => producer > 0);
  const made = new Accepted(offered + before.length, several, constantBytes === null);
  const refusals: Duration[] = [];
  const losses: Duration[] = [];
  let late = false;
  clearReturning();

  const put = (
    time: Duration,
    tries: number,
    producer: number,
    identity: number,
    offeredIn: number,
    bytes: number,
    charge: number,
  ): void => {
    if (limit !== null) {
      if (charge > maximumRecordSize) {
        losses.push(time);
        return;
      }
      if (!limit.accepts(opens + time, charge)) {
        refusals.push(time);
        if (producers[producer]!.onThrottle === 'drop' || tries >= MOST_TRIES) losses.push(time);
        else {
          const at = time + PUT_RETRY_DELAYS[tries - 1]!;
          returningFor(tries + 1).add(at, producer, identity, offeredIn, bytes, charge);
        }
        return;
      }
    }
    if (offeredIn !== second && !late) {
      late = true;
      made.noteLateOffers(second);
    }
    made.add(time, producer, identity, bytes, offeredIn);
  };

  let waiting = 0;
  for (let next = 0; ; ) {
    const returns = nextReturn();
    const waits = waiting < before.length ? before[waiting]!.at - opens : NONE;
    const first = Math.min(returns, waits);
    if (next < offered && order.times[next]! < first) {
      const bytes = typeof sizes.bytes === 'number' ? sizes.bytes : sizes.bytes[next]!;
      const charge = sizes.charges?.[next] ?? bytes;
      put(order.times[next]!, 1, order.producers[next]!, order.identities[next]!, second, bytes, charge);
      next++;
    } else if (next >= offered && first >= closes) break;
    else if (waits <= returns) {
      const { tries, producer, identity, offeredIn } = before[waiting++]!;
      const { offers } = producers[producer]!;
      const bytes = dataBytesOf(offers, offeredIn, identity);
      put(waits, tries, producer, identity, offeredIn, bytes, bytes + keyBytesOf(offers, offeredIn, identity));
    } else {
      const queue = returningAt(returns);
      const { tries, producer, identity, offeredIn, bytes, charged } = queue;
      queue.drop();
      put(returns, tries, producer, identity, offeredIn, bytes, charged);
    }
  }

  const offeredTimes = new ListedTimes(order.times);
  const left = takeReturning(second);
  const retries = waiting === before.length ? left : inOrder([...before.slice(waiting), ...left]);
  return { ...made.finish(constantBytes), offered, offeredTimes, refusals, losses, limit, retries };
}
