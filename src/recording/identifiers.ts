import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Instant } from '../kernel/time.ts';
import type { Account, MappingSettings } from '../scenario/scenario.ts';

/**
 * K2: the sequence number of the record with an index in its shard, a decimal of 56 digits as AWS prints them. It rises
 * strictly with (arrival, index): in hexadecimal it holds a version, when the shard began, the index and the arrival.
 *
 * @param start microseconds since the Unix epoch at t = 0
 */
export function sequenceNumberOf(record: { shard: number; index: number; arrival: Instant; start: number }): string {
  const shard = BigInt(record.shard);
  const startSeconds = BigInt(Math.max(0, Math.floor(record.start / 1e6)));
  const arrivalSeconds = BigInt(Math.max(0, Math.floor((record.start + record.arrival) / 1e6)));
  let number = 2n;
  number = (number << 36n) | startSeconds;
  number = (number << 4n) | (shard & 15n);
  number = (number << 68n) | BigInt(record.index);
  number = number << 4n;
  number = (number << 36n) | arrivalSeconds;
  number = (number << 32n) | shard;
  return String((number << 4n) | 2n);
}

/** 'shardId-000000000007' */
export function shardIdOf(shard: number): string {
  return `shardId-${String(shard).padStart(12, '0')}`;
}

/** A mapping's UUID: of its name, so that it stays the same from run to run. */
export function mappingUuid(mapping: string): string {
  return nameUuid(`event-source-mapping/${mapping}`);
}

/** A UUID of version 3: the same for the same name. */
export function nameUuid(name: string): string {
  const bytes = md5(new TextEncoder().encode(name));
  bytes[6] = (bytes[6]! & 0x0f) | 0x30; // version 3, by name
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = bytesToHex(bytes);
  return [8, 12, 16, 20, 32].map((end, part, ends) => digits.slice(ends[part - 1] ?? 0, end)).join('-');
}

export function streamArn(account: Account, stream: string): string {
  return `arn:aws:kinesis:${account.region}:${account.id}:stream/${stream}`;
}

/** What a mapping reads. A consumer's ARN ends with when it was registered: the start of the run. */
export function sourceArn(
  account: Account,
  { stream, consumer }: Pick<MappingSettings, 'stream' | 'consumer'>,
  start: number,
): string {
  const arn = streamArn(account, stream);
  return consumer === null ? arn : `${arn}/consumer/${consumer}:${Math.floor(start / 1e6)}`;
}

export function mappingArn(account: Account, mapping: string): string {
  return `arn:aws:lambda:${account.region}:${account.id}:event-source-mapping:${mappingUuid(mapping)}`;
}

/** Who reads a stream for a function: its role, taken on for a session. */
export function roleSessionArn(account: Account, name: string): string {
  return `arn:aws:sts::${account.id}:assumed-role/${name}/${name}`;
}

/** Of an on-failure destination: a name without an ARN is taken for a queue's. */
export function destinationArn(account: Account, destination: string): string {
  return destination.startsWith('arn:') ? destination : `arn:aws:sqs:${account.region}:${account.id}:${destination}`;
}

export function functionArn(account: Account, name: string): string {
  return `arn:aws:lambda:${account.region}:${account.id}:function:${name}`;
}
