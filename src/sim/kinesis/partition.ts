import { md5 } from '@noble/hashes/legacy.js';
import type { HashKeyRange } from '../../scenario/shard-history.ts';

/** K1: a partition key's place in the hash-key space, an unsigned 128-bit integer. */
export function hashKeyOf(partitionKey: string): bigint {
  let hashKey = 0n;
  for (const byte of md5(new TextEncoder().encode(partitionKey))) hashKey = (hashKey << 8n) | BigInt(byte);
  return hashKey;
}

/** The index of the shard that takes a hash key; the ranges tile the space in order. */
export function shardOf(hashKey: bigint, shards: readonly HashKeyRange[]): number {
  let low = 0;
  let high = shards.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hashKey > shards[middle]!.endingHashKey) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function holds(range: HashKeyRange, hashKey: bigint): boolean {
  return range.startingHashKey <= hashKey && hashKey <= range.endingHashKey;
}

/** The hash-key space as a number from 0 to 1, of which a shard's range is a part. Good to 53 bits. */
export function fractionOf(hashKey: bigint): number {
  return Number(hashKey >> 75n) / 2 ** 53;
}
