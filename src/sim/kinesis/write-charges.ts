import type { ShardOffers, WholeStretch } from './offers.ts';

/** What a write limit charges the records of a second: to one of its buckets, in records or in bytes (K3). */
export interface Charges {
  /** The records at positions [from, to), at the most. */
  atMost(from: number, to: number): number;
  /** The same records, exactly. */
  of(from: number, to: number): number;
  /** Of each record by its position, exactly; a number: of every one. */
  readonly each: Int32Array | number;
  /** `atMost` is what they are charged. */
  readonly isExact: boolean;
}

export class EqualCharges implements Charges {
  readonly each: number;
  readonly isExact = true;

  constructor(each: number) {
    this.each = each;
  }

  atMost(from: number, to: number): number {
    return (to - from) * this.each;
  }

  of(from: number, to: number): number {
    return (to - from) * this.each;
  }
}

/** Of keys of different lengths: which they are is drawn only where it matters. */
interface KeyLengths {
  /** UTF-8 bytes of the longest. */
  readonly longest: number;
  of(position: number): number;
}

/** Bytes of records whose data or keys differ in size. */
export class UnequalCharges implements Charges {
  /** Of each record's data, or of all. */
  readonly #data: Int32Array | number;
  readonly #keys: KeyLengths | number;
  readonly #count: number;
  readonly #longestKey: number;
  readonly #all: number;
  #each: Int32Array | null = null;
  readonly isExact: boolean;

  constructor(count: number, data: Int32Array | number, keys: KeyLengths | number) {
    this.#count = count;
    this.#data = data;
    this.#keys = keys;
    this.isExact = typeof keys === 'number';
    this.#longestKey = typeof keys === 'number' ? keys : keys.longest;
    this.#all = this.#atMost(0, count);
  }

  atMost(from: number, to: number): number {
    return to - from === this.#count ? this.#all : this.#atMost(from, to);
  }

  of(from: number, to: number): number {
    return sumOf(this.each, from, to);
  }

  get each(): Int32Array {
    if (this.#each === null) {
      const each = new Int32Array(this.#count);
      const [data, keys] = [this.#data, this.#keys];
      for (let i = 0; i < each.length; i++) {
        each[i] = (typeof data === 'number' ? data : data[i]!) + (typeof keys === 'number' ? keys : keys.of(i));
      }
      this.#each = each;
    }
    return this.#each;
  }

  #atMost(from: number, to: number): number {
    const data = this.#data;
    const bytes = typeof data === 'number' ? (to - from) * data : sumOf(data, from, to);
    return bytes + (to - from) * this.#longestKey;
  }
}

/** Data bytes of each record of a stretch. */
export function bytesIn(second: number, offers: ShardOffers, { count, firstIdentity }: WholeStretch): Int32Array {
  const bytes = new Int32Array(count);
  for (let i = 0; i < count; i++) bytes[i] = offers.bytesOf(second, firstIdentity + i);
  return bytes;
}

/**
 * What the records of a stretch are charged; null where one may be larger than its stream takes.
 *
 * @param bytes of data, of each record or of all
 */
export function chargesOf(
  second: number,
  offers: ShardOffers,
  { count, firstIdentity, longestKeyBytes }: WholeStretch,
  bytes: Int32Array | number,
  maximumRecordSize: number,
): Charges | null {
  if (largestOf(bytes) + longestKeyBytes > maximumRecordSize) return null;
  const { constantKeyBytes } = offers;
  if (typeof bytes === 'number' && constantKeyBytes !== null) return new EqualCharges(bytes + constantKeyBytes);
  const keyBytesAt = (place: number) => offers.keyBytesOf(second, firstIdentity + place);
  return new UnequalCharges(count, bytes, constantKeyBytes ?? { longest: longestKeyBytes, of: keyBytesAt });
}

function largestOf(bytes: Int32Array | number): number {
  if (typeof bytes === 'number') return bytes;
  let largest = 0;
  for (let i = 0; i < bytes.length; i++) largest = Math.max(largest, bytes[i]!);
  return largest;
}

function sumOf(sizes: Int32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += sizes[i]!;
  return sum;
}
