import type { Duration, Instant } from '../kernel/time.ts';
import { NEVER, SECOND } from '../kernel/time.ts';

/** Inclusive at both ends. */
export interface HashKeyRange {
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
}

/** A shard over the run: it takes records from `opensAt` on, before `closesAt` (K6). */
export interface ShardSettings extends HashKeyRange {
  readonly opensAt: Instant;
  readonly closesAt: Instant;
  /** The shards it was made of, by number; none of those that the stream begins with. */
  readonly parents: readonly number[];
}

/** What the timeline does to a stream, as AWS's SplitShard, MergeShards and UpdateShardCount. */
export type StreamChange =
  | { readonly kind: 'split'; readonly shard: number; readonly newStartingHashKey: bigint | null }
  | { readonly kind: 'merge'; readonly shards: readonly [number, number] }
  | { readonly kind: 'reshard'; readonly shardCount: number };

const HASH_KEY_SPACE = 2n ** 128n; // K1

/** The shards that a stream begins with. */
function firstShards(ranges: readonly HashKeyRange[]): ShardSettings[] {
  return ranges.map((range) => ({ ...range, opensAt: 0, closesAt: NEVER, parents: [] }));
}

/** K1: shard i has [⌊i·2^128/n⌋, ⌊(i+1)·2^128/n⌋ − 1]. */
export function evenRanges(count: number): HashKeyRange[] {
  const n = BigInt(count);
  return Array.from({ length: count }, (_, i) => ({
    startingHashKey: (BigInt(i) * HASH_KEY_SPACE) / n,
    endingHashKey: ((BigInt(i) + 1n) * HASH_KEY_SPACE) / n - 1n,
  }));
}

/** Shards that are open at an instant, with their numbers, in order of their hash keys. */
export function openShards(shards: readonly ShardSettings[], at: Instant): { number: number; shard: ShardSettings }[] {
  return shards
    .map((shard, number) => ({ number, shard }))
    .filter(({ shard }) => shard.opensAt <= at && at < shard.closesAt)
    .sort((a, b) => (a.shard.startingHashKey < b.shard.startingHashKey ? -1 : 1));
}

/** One stream from the start of the run on, changed in order of time (K6). */
export class ShardHistory {
  readonly #shards: ShardSettings[];
  /** When UpdateShardCount was called. */
  readonly #updates: Instant[] = [];

  constructor(ranges: readonly HashKeyRange[]) {
    this.#shards = firstShards(ranges);
  }

  get shards(): readonly ShardSettings[] {
    return this.#shards;
  }

  /** @returns null, or why AWS would refuse it; then nothing has changed */
  change(at: Instant, change: StreamChange): string | null {
    if (change.kind === 'split') return this.#split(at, change.shard, change.newStartingHashKey);
    if (change.kind === 'merge') return this.#merge(at, change.shards);
    return this.#updateShardCount(at, change.shardCount);
  }

  /** K7: without AWS's limits on how often. */
  halve(at: Instant, shard: number): void {
    const problem = this.#split(at, shard, null);
    if (problem !== null) throw new Error(problem);
  }

  #split(at: Instant, number: number, newStart: bigint | null): string | null {
    const problem = this.#notOpen(at, number);
    if (problem !== null) return problem;
    const { startingHashKey: start, endingHashKey: end } = this.#shards[number]!;
    if (start === end) return `shard ${number} holds one hash key and cannot be split (K6)`;
    const middle = newStart ?? start + (end - start + 1n) / 2n;
    if (middle <= start || middle > end) {
      return `NewStartingHashKey must lie inside shard ${number}: expected a hash key from '${start + 1n}' to '${end}', got '${middle}' (K6)`;
    }
    this.#replace(at, [
      { startingHashKey: start, endingHashKey: middle - 1n },
      { startingHashKey: middle, endingHashKey: end },
    ]);
    return null;
  }

  #merge(at: Instant, [one, other]: readonly [number, number]): string | null {
    const problem = this.#notOpen(at, one) ?? this.#notOpen(at, other);
    if (problem !== null) return problem;
    const [lower, upper] = [this.#shards[one]!, this.#shards[other]!].sort((a, b) =>
      a.startingHashKey < b.startingHashKey ? -1 : 1,
    ) as [ShardSettings, ShardSettings];
    if (lower.endingHashKey + 1n !== upper.startingHashKey) {
      return `shards ${one} and ${other} are not adjacent: expected two whose hash-key ranges follow one another (K6)`;
    }
    this.#replace(at, [{ startingHashKey: lower.startingHashKey, endingHashKey: upper.endingHashKey }]);
    return null;
  }

  #updateShardCount(at: Instant, target: number): string | null {
    const open = openShards(this.#shards, at).length;
    if (target > 2 * open) {
      return `UpdateShardCount at most doubles a stream: it has ${open} open shards then, expected at most ${2 * open}, got ${target} (K6)`;
    }
    if (target < open / 2) {
      return `UpdateShardCount at most halves a stream: it has ${open} open shards then, expected at least ${Math.ceil(open / 2)}, got ${target} (K6)`;
    }
    const recent = this.#updates.filter((update) => update > at - DAY);
    if (recent.length >= UPDATES_A_DAY) {
      return `UpdateShardCount can be called ${UPDATES_A_DAY} times in 24 hours (K6)`;
    }
    this.#updates.push(at);
    this.#replace(at, evenRanges(target));
    return null;
  }

  /** Closes whatever the ranges overlap, unless it is the same already, and opens them, the lowest first. */
  #replace(at: Instant, ranges: readonly HashKeyRange[]): void {
    const open = openShards(this.#shards, at);
    const isOpen = (range: HashKeyRange) =>
      open.some(
        ({ shard }) => shard.startingHashKey === range.startingHashKey && shard.endingHashKey === range.endingHashKey,
      );
    for (const range of ranges.filter((one) => !isOpen(one))) {
      const parents = open
        .filter(
          ({ shard }) => shard.startingHashKey <= range.endingHashKey && range.startingHashKey <= shard.endingHashKey,
        )
        .map(({ number }) => number)
        .sort((a, b) => a - b);
      for (const parent of parents) this.#shards[parent] = { ...this.#shards[parent]!, closesAt: at };
      this.#shards.push({ ...range, opensAt: at, closesAt: NEVER, parents });
    }
  }

  #notOpen(at: Instant, number: number): string | null {
    const shard = this.#shards[number];
    const open = openShards(this.#shards, at).map((one) => one.number);
    if (shard !== undefined && open.includes(number)) return null;
    const why = shard === undefined ? 'there is no' : 'already closed:';
    const known = open.length > 8 ? `${open.slice(0, 8).join(', ')}, …` : open.join(', ');
    return `${why} shard ${number}; expected one that is open then: ${known} (K6)`;
  }
}

const DAY: Duration = 24 * 3_600 * SECOND;
const UPDATES_A_DAY = 10;
