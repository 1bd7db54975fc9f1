import type { Instant } from '../../src/kernel/time.ts';
import { SECOND } from '../../src/kernel/time.ts';
import type { Scenario, StreamSettings } from '../../src/scenario/scenario.ts';
import type { HashKeyRange, ShardSettings } from '../../src/scenario/shard-history.ts';
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

const MINUTE = 60 * SECOND;

/** K7: the shards that on-demand streams come to have, and what they take in each minute, found minute by minute. */
export function adapted(scenario: Scenario): Scenario {
  const end = scenario.duration + scenario.drain;
  return { ...scenario, streams: scenario.streams.map((stream) => adaptedStream(scenario, stream, end)) };
}

function adaptedStream(scenario: Scenario, settings: StreamSettings, end: Instant): StreamSettings {
  if (settings.mode === 'PROVISIONED') return settings;
  let stream: StreamSettings = { ...settings, capacity: [Math.max(4, settings.shards.length)] };
  const halvings = new Map<number, Instant>();
  // What is offered depends on the shards, never on what they take.
  let offeredTo = stream;
  let offers = allOffers(scenario, stream);
  for (let from = 0; from < end; from += MINUTE) {
    for (const [shard, at] of halvings) if (at === from) stream = { ...stream, shards: halved(stream, shard, at) };
    if (stream.shards !== offeredTo.shards) [offeredTo, offers] = [stream, allOffers(scenario, stream)];
    if (from >= scenario.duration) continue;
    const took = putAll(scenario, stream, { offers, until: from + MINUTE }).map(({ records }) =>
      records.filter(({ arrival }) => arrival >= from && arrival < from + MINUTE),
    );
    for (const [number, { opensAt, closesAt }] of stream.shards.entries()) {
      if (opensAt > from || closesAt <= from + MINUTE || halvings.has(number)) continue;
      const bytes = took[number]!.reduce((sum, one) => sum + chargedFor(one), 0);
      const at = from + 16 * MINUTE;
      if (bytes > 500 * 1_024 * 60 && at < end) halvings.set(number, at);
    }
    const charged = took.flat().reduce((sum, one) => sum + chargedFor(one), 0);
    const megabytes = charged / 1_048_576 / 60;
    const capacity = Math.max(stream.capacity!.at(-1)!, 2 * megabytes, (2 * took.flat().length) / 1_000 / 60);
    stream = { ...stream, capacity: [...stream.capacity!, capacity] };
  }
  return stream;
}

/** K6: two children in its place, the lower first. */
function halved({ shards }: StreamSettings, number: number, at: Instant): ShardSettings[] {
  const { startingHashKey, endingHashKey } = shards[number]!;
  const middle = (startingHashKey + endingHashKey + 1n) / 2n;
  const child = { opensAt: at, closesAt: Number.POSITIVE_INFINITY, parents: [number] };
  return [
    ...shards.map((one, i) => (i === number ? { ...one, closesAt: at } : one)),
    { ...child, startingHashKey, endingHashKey: middle - 1n },
    { ...child, startingHashKey: middle, endingHashKey },
  ];
}

/** K3, K7: what a shard takes in a minute, by the limits' own units. */
function ratesIn({ capacity }: StreamSettings, range: HashKeyRange, minute: number) {
  if (capacity === null) return { records: RECORDS_PER_SECOND, bytes: BYTES_PER_SECOND };
  const share = Number(range.endingHashKey - range.startingHashKey + 1n) / 2 ** 128;
  const units = Math.max(1, capacity[Math.min(minute, capacity.length - 1)]! * share);
  return { records: Math.ceil(units * RECORDS_PER_SECOND), bytes: Math.ceil(units * BYTES_PER_SECOND) };
}

/** K3: all offers of a run, or those before an instant, each put in order of time, an earlier offer's retry first. */
export function putAll(
  scenario: Scenario,
  stream: StreamSettings,
  { offers = allOffers(scenario, stream), until = Number.POSITIVE_INFINITY } = {},
): PutShard[] {
  const shards = stream.shards.map((range): Shard => {
    const rates = (minute: number) => ratesIn(stream, range, minute);
    const opens = Math.floor(range.opensAt / MINUTE);
    const tokens = {
      recordTokens: new Bucket((minute) => rates(minute).records, 0, opens),
      byteTokens: new Bucket((minute) => rates(minute).bytes, stream.maximumRecordSize, opens),
    };
    return { offered: [], records: [], refused: [], lost: [], ...tokens };
  });
  const pending = offers.map((offer) => ({ offer, at: offer.at, tries: 0 }));
  for (let next = pending.shift(); next !== undefined && next.at < until; next = pending.shift()) {
    const { at, tries } = next;
    const offer = whereOpen(next.offer, at, stream);
    const shard = shards[offer.shard]!;
    const { records, refused, lost, recordTokens, byteTokens } = shard;
    if (tries === 0) shard.offered.push(at);
    const charged = chargedFor(offer);
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

/** A token bucket one second deep, or deeper where one record needs it; full at the start. */
class Bucket {
  level: number;
  readonly #rateIn: (minute: number) => number;
  readonly #leastDepth: number;
  #at: Instant = 0;

  /** @param rateIn tokens a second, in each minute of the run */
  constructor(rateIn: (minute: number) => number, leastDepth = 0, opens = 0) {
    this.#rateIn = rateIn;
    this.#leastDepth = leastDepth;
    this.level = Math.max(rateIn(opens), leastDepth) * 1e6;
    this.#at = opens * MINUTE;
  }

  refill(at: Instant): void {
    while (this.#at < at) {
      const minute = Math.floor(this.#at / MINUTE);
      const rate = this.#rateIn(minute);
      const until = Math.min(at, (minute + 1) * MINUTE);
      const depth = Math.max(rate, this.#leastDepth) * 1e6;
      this.level = Math.min(depth, this.level + (until - this.#at) * rate);
      this.#at = until;
    }
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
  readonly #calls = new Bucket(() => 5);
  readonly #bytes = new Bucket(() => 2_097_152);

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

/** K3 */
function chargedFor({ bytes, key }: { readonly bytes: number; readonly key: string }): number {
  return bytes + new TextEncoder().encode(key).length;
}
