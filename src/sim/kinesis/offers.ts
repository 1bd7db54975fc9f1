import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { JsonValue } from '../../scenario/scenario.ts';
import type { HashKeyRange } from '../../scenario/shard-history.ts';
import type { ArrivalTimes } from './arrival-times.ts';
import { placesOf } from './routing.ts';

/**
 * What one producer offers to one shard: an arrival log that can be asked for any second, again and again, and holds no
 * position. Everything about a record follows from the second and the record's identity in it (D3).
 */
export interface ShardOffers {
  /** Data bytes of every record, null where they differ. */
  readonly constantBytes: number | null;
  /** UTF-8 bytes of every record's partition key, null where they differ. */
  readonly constantKeyBytes: number | null;
  readonly keySizes: KeySizes;
  /** Arrivals keep their distances, and do not scatter (M7). */
  readonly isEven: boolean;
  /** Appends the second's records in order of time. */
  fill(second: number, into: OfferList): void;
  /**
   * The second's records as one stretch, their identities one after another in order of time, of which none needs to be
   * looked at; null where `fill` has to say what they are.
   */
  stretchIn(second: number): WholeStretch | null;
  /** Data before base64, in bytes. */
  bytesOf(second: number, identity: number): number;
  keyOf(second: number, identity: number): string;
  /** As many keys as the producer draws from, each with a number; 0 where they are not numbered. */
  readonly keyCount: number;
  /** The number of a record's key, from 0; where they are numbered. */
  keyNumberOf(second: number, identity: number): number;
  /** Where in the shard's hash-key range a record with a fresh key lies, from 0 to 1; null where its key decides. */
  fractionOf(second: number, identity: number): number | null;
  /** What the record holds, as text; null: zero bytes. */
  dataOf(second: number, identity: number): string | null;
  /** The same as a filter sees it: JSON objects and arrays parsed. Good until the next call. */
  parsedOf(second: number, identity: number): JsonValue;
  /** UTF-8 bytes of the key. */
  keyBytesOf(second: number, identity: number): number;
}

/** Of the partition keys of some records; means as the shares of the keys have them. */
export interface KeySizes {
  /** In UTF-8. */
  readonly mean: number;
  /** In JSON, without the quotes (P5). */
  readonly meanInJson: number;
  readonly longestInJson: number;
  readonly shortestInJson: number;
}

/** Records that lie uniformly in [from, to), microseconds after a second's start (M7). */
export interface WholeStretch {
  readonly count: number;
  readonly from: Duration;
  readonly to: Duration;
  readonly times: ArrivalTimes;
  /** That of the first record. */
  readonly firstIdentity: number;
  /** UTF-8 bytes of the longest partition key that a record may have. */
  readonly longestKeyBytes: number;
}

/** What a producer offers, passed on. */
class Offers implements ShardOffers {
  protected readonly offers: ShardOffers;

  constructor(offers: ShardOffers) {
    this.offers = offers;
  }

  get isEven(): boolean {
    return this.offers.isEven;
  }

  get constantBytes(): number | null {
    return this.offers.constantBytes;
  }

  get constantKeyBytes(): number | null {
    return this.offers.constantKeyBytes;
  }

  get keySizes(): KeySizes {
    return this.offers.keySizes;
  }

  fill(second: number, into: OfferList): void {
    this.offers.fill(second, into);
  }

  stretchIn(second: number): WholeStretch | null {
    return this.offers.stretchIn(second);
  }

  bytesOf(second: number, identity: number): number {
    return this.offers.bytesOf(second, identity);
  }

  keyOf(second: number, identity: number): string {
    return this.offers.keyOf(second, identity);
  }

  get keyCount(): number {
    return this.offers.keyCount;
  }

  keyNumberOf(second: number, identity: number): number {
    return this.offers.keyNumberOf(second, identity);
  }

  fractionOf(second: number, identity: number): number | null {
    return this.offers.fractionOf(second, identity);
  }

  dataOf(second: number, identity: number): string | null {
    return this.offers.dataOf(second, identity);
  }

  parsedOf(second: number, identity: number): JsonValue {
    return this.offers.parsedOf(second, identity);
  }

  keyBytesOf(second: number, identity: number): number {
    return this.offers.keyBytesOf(second, identity);
  }
}

/** What a producer offers to a shard while that is open (K6). */
export class OffersWhileOpen extends Offers {
  readonly #opensAt: Instant;
  readonly #closesAt: Instant;

  constructor(offers: ShardOffers, { opensAt, closesAt }: { readonly opensAt: Instant; readonly closesAt: Instant }) {
    super(offers);
    this.#opensAt = opensAt;
    this.#closesAt = closesAt;
  }

  override fill(second: number, into: OfferList): void {
    const opens = second * SECOND;
    if (opens + SECOND <= this.#opensAt || opens >= this.#closesAt) return;
    this.offers.fill(second, into);
    if (this.#opensAt > opens) into.clipStart(this.#opensAt - opens);
    if (this.#closesAt < opens + SECOND) into.clip(this.#closesAt - opens);
  }

  override stretchIn(second: number): WholeStretch | null {
    const opens = second * SECOND;
    return this.#opensAt <= opens && opens + SECOND <= this.#closesAt ? this.offers.stretchIn(second) : null;
  }
}

/** What a producer has offered to a closed shard, as the shard sees it that takes over from it: it offers nothing more. */
export class InheritedOffers extends Offers {
  readonly #from: { readonly from: number; readonly to: number };
  readonly #to: { readonly from: number; readonly to: number };

  constructor(offers: ShardOffers, from: HashKeyRange, to: HashKeyRange) {
    super(offers);
    this.#from = placesOf(from);
    this.#to = placesOf(to);
  }

  override fill(): void {}

  override stretchIn(): null {
    return null;
  }

  /** Below 0, or 1 and more: it lies in another shard's range. */
  override fractionOf(second: number, identity: number): number | null {
    const fraction = this.offers.fractionOf(second, identity);
    if (fraction === null) return null;
    const place = this.#from.from + fraction * (this.#from.to - this.#from.from);
    return (place - this.#to.from) / (this.#to.to - this.#to.from);
  }
}

/** The records offered in one second, reused from second to second. */
export class OfferList {
  length = 0;
  /** Microseconds after the second's start, 0 to 999,999. */
  times = new Int32Array(64);
  identities = new Float64Array(64);
  /** Of each record, where somebody has worked them out. */
  bytes: Int32Array | null = null;
  /** Whether the records lie uniformly in [from, to), as one stretch; otherwise each arrival is looked at (M7). */
  uniform = false;
  /** Whether the identities are 0, 1, 2, … in order of time. */
  isNumbered = false;
  from: Duration = 0;
  to: Duration = 0;

  clear(): void {
    this.length = 0;
    this.bytes = null;
    this.uniform = false;
    this.isNumbered = false;
  }

  /** The data bytes of each, offered by one producer in a second. */
  workOutBytes(offers: ShardOffers, second: number): Int32Array {
    const bytes = new Int32Array(this.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = offers.bytesOf(second, this.identities[i]!);
    this.bytes = bytes;
    return bytes;
  }

  add(time: Duration, identity: number): void {
    const place = this.growBy(1);
    this.times[place] = time;
    this.identities[place] = identity;
  }

  /** Room for so many more records. @returns the place of the first */
  growBy(count: number): number {
    const place = this.length;
    this.length += count;
    if (this.length > this.times.length) {
      const room = Math.max(this.length, 2 * this.times.length);
      const times = new Int32Array(room);
      times.set(this.times);
      this.times = times;
      const identities = new Float64Array(room);
      identities.set(this.identities);
      this.identities = identities;
    }
    return place;
  }

  /** Drops what lies at or past a time; the list is in order. */
  clip(end: Duration): void {
    while (this.length > 0 && this.times[this.length - 1]! >= end) this.length--;
    this.to = Math.min(this.to, end);
  }

  /** Drops what lies before a time. */
  clipStart(start: Duration): void {
    let dropped = 0;
    while (dropped < this.length && this.times[dropped]! < start) dropped++;
    this.times.copyWithin(0, dropped, this.length);
    this.identities.copyWithin(0, dropped, this.length);
    this.length -= dropped;
    this.isNumbered = this.isNumbered && dropped === 0;
    this.from = Math.max(this.from, start);
  }
}

/** Sorts by time and keeps the order of equal times: a merge of runs that are in order already. */
export function sortByTime(list: OfferList, from: number): void {
  const { times, identities } = list;
  for (let i = from + 1; i < list.length; i++) {
    const time = times[i]!;
    if (times[i - 1]! <= time) continue;
    const identity = identities[i]!;
    let place = i;
    for (; place > from && times[place - 1]! > time; place--) {
      times[place] = times[place - 1]!;
      identities[place] = identities[place - 1]!;
    }
    times[place] = time;
    identities[place] = identity;
  }
}

export function utf8Length(text: string): number {
  return isPlain(text) ? text.length : new TextEncoder().encode(text).length;
}

/** A text as it stands inside the quotes of JSON. */
export function jsonText(text: string): string {
  return isPlain(text) ? text : JSON.stringify(text).slice(1, -1);
}

/** Bytes of the same in UTF-8. */
export function jsonTextBytes(text: string): number {
  return isPlain(text) ? text.length : utf8Length(JSON.stringify(text)) - 2;
}

/** Of characters that are a byte each, and stand for themselves in JSON; long texts are not looked through for that. */
function isPlain(text: string): boolean {
  if (text.length > LONG) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false;
  }
  return true;
}

const LONG = 512; // characters; to encode them costs as much then
