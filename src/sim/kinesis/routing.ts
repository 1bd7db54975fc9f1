import type { Instant } from '../../kernel/time.ts';
import type { HashKeyRange, ShardSettings } from '../../scenario/shard-history.ts';
import { openShards } from '../../scenario/shard-history.ts';
import { fractionOf, shardOf } from './partition.ts';

/** The open shards of a stream between two changes of them (K6). */
export class Epoch {
  readonly from: Instant;
  readonly #numbers: readonly number[];
  readonly #ranges: readonly HashKeyRange[];
  /** Where each shard but the first begins, from 0 to 1. */
  readonly #places: Float64Array;

  constructor(from: Instant, open: readonly { readonly number: number; readonly shard: HashKeyRange }[]) {
    this.from = from;
    this.#numbers = open.map(({ number }) => number);
    this.#ranges = open.map(({ shard }) => shard);
    this.#places = Float64Array.from(this.#ranges.slice(1), (range) => fractionOf(range.startingHashKey));
  }

  /** The one shard that is open; null where there are more. */
  get only(): number | null {
    return this.#numbers.length === 1 ? this.#numbers[0]! : null;
  }

  has(number: number): boolean {
    return this.#numbers.includes(number);
  }

  /** The shard that takes a hash key. */
  ofHashKey(hashKey: bigint): number {
    return this.#numbers[shardOf(hashKey, this.#ranges)]!;
  }

  /** The shard that takes a place of the hash-key space, from 0 to 1. */
  ofPlace(place: number): number {
    let shard = 0;
    for (let end = this.#places.length; shard < end; ) {
      const middle = (shard + end) >> 1;
      if (this.#places[middle]! <= place) shard = middle + 1;
      else end = middle;
    }
    return this.#numbers[shard]!;
  }
}

/** Which shard of a stream takes a record (K1), which changes as shards are split and merged (K6). */
export class Routing {
  readonly shards: readonly ShardSettings[];
  readonly epochs: readonly Epoch[];
  /** Of each shard, looked up for record after record. */
  readonly #places: readonly Places[];

  constructor(shards: readonly ShardSettings[]) {
    this.shards = shards;
    const changes = [...new Set([0, ...shards.map(({ opensAt }) => opensAt)])].sort((a, b) => a - b);
    this.epochs = changes.map((at) => new Epoch(at, openShards(shards, at)));
    this.#places = shards.map(placesOf);
  }

  /** What holds for a record that arrives at an instant. */
  at(instant: Instant): Epoch {
    let place = this.epochs.length - 1;
    while (this.epochs[place]!.from > instant) place--;
    return this.epochs[place]!;
  }

  /** Where a shard's hash-key range lies in the space, from 0 to 1. */
  placesOf(number: number): Places {
    return this.#places[number]!;
  }
}

interface Places {
  readonly from: number;
  readonly to: number;
}

/** Where a hash-key range lies in the space, from 0 to 1. */
export function placesOf({ startingHashKey, endingHashKey }: HashKeyRange): Places {
  const end = endingHashKey + 1n;
  return { from: fractionOf(startingHashKey), to: end >> 128n === 1n ? 1 : fractionOf(end) };
}
