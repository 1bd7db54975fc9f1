import type { Instant } from '../../src/kernel/time.ts';
import { SECOND } from '../../src/kernel/time.ts';
import type { Scenario, StreamSettings } from '../../src/scenario/scenario.ts';
import type { HashKeyRange } from '../../src/scenario/shard-history.ts';
import type { Offer } from './arrivals.ts';
import { allOffers, fractionOf, hashKeyOf } from './arrivals.ts';

/** A record that a shard accepted. */
export interface PutRecord {
  readonly shard: number;
  /** Among the records that the shard accepted, from 0 (D3). */
  readonly index: number;
  readonly arrival: Instant;
  readonly key: string;
  /** Where in the shard's hash-key range a fresh key lies, from 0 to 1; null where the key itself decides. */
  readonly place: number | null;
  readonly bytes: number;
  /** What a filter looks at (P10), before base64. */
  readonly data: string | null;
}

/** What became of everything that was offered to a shard: the times of each. */
export interface PutShard {
  readonly offered: readonly Instant[];
  readonly records: readonly PutRecord[];
  readonly refused: readonly Instant[];
  readonly lost: readonly Instant[];
}

/** A shard's buckets, and what became of what was offered to it. */
interface Shard {
  readonly offered: Instant[];
  readonly records: PutRecord[];
  readonly refused: Instant[];
  readonly lost: Instant[];
  // Tokens are millionths, so that a microsecond's refill is a whole number.
  readonly recordTokens: Bucket;
  readonly byteTokens: Bucket;
}

const DELAYS = [100_000, 200_000, 400_000]; // K3
const RECORDS_PER_SECOND = 1_000; // K3
const BYTES_PER_SECOND = 1_048_576; // K3

/** K3: all offers of a run, each put in order of time, an earlier offer's retry first. */
export function putAll(scenario: Scenario, stream: StreamSettings): PutShard[] {
  const byteDepth = Math.max(BYTES_PER_SECOND, stream.maximumRecordSize);
  const shards = stream.shards.map((): Shard => {
    const tokens = {
      recordTokens: new Bucket(RECORDS_PER_SECOND * 1e6, RECORDS_PER_SECOND),
      byteTokens: new Bucket(byteDepth * 1e6, BYTES_PER_SECOND),
    };
    return { offered: [], records: [], refused: [], lost: [], ...tokens };
  });
  const pending = allOffers(scenario, stream).map((offer) => ({ offer, at: offer.at, tries: 0 }));
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { at, tries } = next;
    const offer = whereOpen(next.offer, at, stream);
    const shard = shards[offer.shard]!;
    const { records, refused, lost, recordTokens, byteTokens } = shard;
    if (tries === 0) shard.offered.push(at);
    const charged = offer.bytes + new TextEncoder().encode(offer.key).length;
    if (stream.writeLimits && charged > stream.maximumRecordSize) {
      lost.push(at);
      continue;
    }
    recordTokens.refill(at);
    byteTokens.refill(at);
    if (stream.writeLimits && (recordTokens.level < 1e6 || byteTokens.level < charged * 1e6)) {
      refused.push(at);
      if (offer.onThrottle === 'drop' || tries === DELAYS.length) lost.push(at);
      else {
        const again = { offer, at: at + DELAYS[tries]!, tries: tries + 1 };
        const place = pending.findIndex((other) => other.at > again.at || (other.at === again.at && other.tries === 0));
        pending.splice(place < 0 ? pending.length : place, 0, again);
      }
      continue;
    }
    recordTokens.level -= 1e6;
    byteTokens.level -= charged * 1e6;
    const { key, place, bytes, data } = offer;
    records.push({ shard: offer.shard, index: records.length, arrival: at, key, place, bytes, data });
  }
  return shards;
}

/** K6: a record that comes back after its shard was closed goes on to the child that holds its key. */
function whereOpen(offer: Offer, at: Instant, stream: StreamSettings): Offer {
  const { shards } = stream;
  let { shard, place } = offer;
  while (at >= shards[shard]!.closesAt) {
    const parent = shards[shard]!;
    const children = shards.flatMap(({ parents }, number) => (parents.includes(shard) ? [number] : []));
    if (place === null) {
      const hash = hashKeyOf(offer.key);
      const isInside = parent.startingHashKey <= hash && hash <= parent.endingHashKey;
      const sought = isInside ? hash : parent.startingHashKey;
      shard = children.find((c) => shards[c]!.startingHashKey <= sought && sought <= shards[c]!.endingHashKey)!;
      continue;
    }
    const [from, to] = edges(parent);
    const inSpace = from + place * (to - from);
    shard = children.find((c) => edges(shards[c]!)[0] <= inSpace && inSpace < edges(shards[c]!)[1])!;
    const [first, last] = edges(shards[shard]!);
    place = (inSpace - first) / (last - first);
  }
  return { ...offer, shard, place };
}

/** Of a range in the hash-key space, from 0 to 1. */
function edges({ startingHashKey, endingHashKey }: HashKeyRange): [number, number] {
  const end = endingHashKey + 1n;
  return [fractionOf(startingHashKey), end === 2n ** 128n ? 1 : fractionOf(end)];
}

/** A token bucket, full at the start. */
class Bucket {
  level: number;
  readonly #depth: number;
  readonly #perMicrosecond: number;
  #at: Instant = 0;

  constructor(depth: number, perMicrosecond: number) {
    this.level = depth;
    this.#depth = depth;
    this.#perMicrosecond = perMicrosecond;
  }

  refill(at: Instant): void {
    this.level = Math.min(this.#depth, this.level + (at - this.#at) * this.#perMicrosecond);
    this.#at = at;
  }
}

/** Another consumer's calls of one shard: every interval, from a seeded phase (K4). */
export interface OtherCalls {
  readonly interval: number;
  readonly phase: number;
  readonly bytes: number;
}

/** K4: the read limits that all consumers of a shard without fan-out share. */
export class ReadLimit {
  readonly #calls = new Bucket(5 * 1e6, 5);
  readonly #bytes = new Bucket(2_097_152 * 1e6, 2_097_152);

  admits(at: Instant): boolean {
    this.#calls.refill(at);
    this.#bytes.refill(at);
    if (this.#calls.level < 1e6 || this.#bytes.level < 0) return false;
    this.#calls.level -= 1e6;
    return true;
  }

  /** A call brings as much less than 10 MB as is missing in the bucket. */
  get most(): number {
    return Math.floor((this.#bytes.level + 8 * 1_048_576 * 1e6) / 1e6);
  }

  charge(bytes: number): void {
    this.#bytes.level = bytes > 2_097_152 ? -bytes * 1e6 : this.#bytes.level - bytes * 1e6;
  }
}

/** When another reader makes its next call. */
export function callTime(other: OtherCalls, made: number): Instant {
  return Math.floor(other.phase + made * other.interval);
}

export function otherCalls(stream: StreamSettings, unit: (place: number) => number): OtherCalls[] {
  return stream.otherReaders
    .filter((reader) => reader.callsPerSecond > 0)
    .map((reader, index) => {
      const interval = SECOND / reader.callsPerSecond;
      return {
        interval,
        phase: unit(index) * interval,
        bytes: Math.floor(reader.bytesPerSecond / reader.callsPerSecond),
      };
    });
}
