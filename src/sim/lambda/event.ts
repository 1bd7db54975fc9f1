import type { Instant } from '../../kernel/time.ts';
import { MILLISECOND, NEVER, SECOND } from '../../kernel/time.ts';
import { sequenceNumberOf, shardIdOf, streamArn } from '../../recording/identifiers.ts';
import type { TracedRecord } from '../../recording/trace.ts';
import type { Account, JsonValue } from '../../scenario/scenario.ts';
import { jsonTextBytes } from '../kinesis/offers.ts';
import type { RecordLog, ShardSecond } from '../kinesis/record-log.ts';
import { indexIn } from '../kinesis/record-log.ts';

/** What an event says of every record of a mapping. */
export interface EventSource {
  readonly account: Account;
  readonly stream: string;
  readonly function: string;
  readonly shard: number;
  /** Microseconds since the Unix epoch at t = 0. */
  readonly start: number;
}

/** What an event says of one record. */
export interface EventRecord {
  readonly index: number;
  readonly arrival: Instant;
  readonly partitionKey: string;
  /** Base64. */
  readonly data: string;
}

/** Records of one second: positions [from, to) in it. */
interface RecordRange {
  readonly second: ShardSecond;
  readonly from: number;
  readonly to: number;
}

/** A4: the event that a lane's function is invoked with. */
export type KinesisEvent = { Records: KinesisEventRecord[] } & Partial<WindowFields>;

/** What it holds beside its records where the mapping has tumbling windows (P11), keys in AWS's order. */
export type WindowFields = {
  readonly window: { readonly start: string; readonly end: string };
  readonly state: JsonValue;
  readonly shardId: string;
  readonly eventSourceARN: string;
  readonly isFinalInvokeForWindow: boolean;
  readonly isWindowTerminatedEarly: boolean;
};

export type KinesisEventRecord = ReturnType<typeof eventRecord>;

/** The events of one lane. */
export class LaneEvents {
  readonly source: EventSource;
  readonly #log: RecordLog;

  constructor(source: EventSource, log: RecordLog) {
    this.source = source;
    this.#log = log;
  }

  /** A4 */
  eventOf(parts: readonly RecordRange[], fields: Partial<WindowFields> = {}): KinesisEvent {
    const Records: KinesisEventRecord[] = [];
    for (const { second, from, to } of parts) {
      for (let position = from; position < to; position++) Records.push(this.#recordAt(second, position));
    }
    return { Records, ...fields };
  }

  /** As the trace lists them. */
  tracedRecords(parts: readonly RecordRange[]): TracedRecord[] {
    const { shard, start } = this.source;
    return parts.flatMap(({ second, from, to }) =>
      Array.from({ length: to - from }, (_, i) => {
        const index = indexIn(second, from + i);
        const arrival = second.second * SECOND + second.times.at(from + i);
        const sequenceNumber = sequenceNumberOf({ shard, index, arrival, start });
        return { index, sequenceNumber, partitionKey: this.#log.keyOf(second, from + i), arrival };
      }),
    );
  }

  /** What a record holds as a filter sees it: JSON objects and arrays parsed, else text. Good until the next call. */
  parsedOf(second: ShardSecond, position: number): JsonValue {
    return this.#log.parsedOf(second, position);
  }

  keyOf(second: ShardSecond, position: number): string {
    return this.#log.keyOf(second, position);
  }

  /** The number of a record's key among `keyCount`; −1 where it has none. */
  keyNumberOf(second: ShardSecond, position: number): number {
    return this.#log.keyNumberOf(second, position);
  }

  get keyCount(): number {
    return this.#log.keyCount;
  }

  /** What every record of an event says alike, its Kinesis fields beside the others. */
  get constantFields() {
    const { kinesis, ...rest } = eventRecord(this.source, { index: 0, arrival: 0, partitionKey: '', data: '' });
    const { kinesisSchemaVersion } = kinesis;
    const { eventID: _, ...fields } = rest;
    return { kinesisSchemaVersion, ...fields };
  }

  /** One record of an event, without its data. */
  frameOf(second: ShardSecond, position: number): KinesisEventRecord {
    return this.#record(second, position, '');
  }

  #recordAt(second: ShardSecond, position: number): KinesisEventRecord {
    const text = this.#log.dataOf(second, position);
    const bytes = typeof second.bytes === 'number' ? second.bytes : second.bytes[position]!;
    const data = text === null ? base64OfZeros(bytes) : base64(new TextEncoder().encode(text));
    return this.#record(second, position, data);
  }

  #record(second: ShardSecond, position: number, data: string): KinesisEventRecord {
    return eventRecord(this.source, {
      index: indexIn(second, position),
      arrival: second.second * SECOND + second.times.at(position),
      partitionKey: this.#log.keyOf(second, position),
      data,
    });
  }
}

/** A4: one entry of the event's Records, keys in AWS's order. */
export function eventRecord(source: EventSource, record: EventRecord) {
  const { account, shard, start } = source;
  const sequenceNumber = sequenceNumberOf({ shard, index: record.index, arrival: record.arrival, start });
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.partitionKey,
      sequenceNumber,
      data: record.data,
      approximateArrivalTimestamp: Math.floor((start + record.arrival) / MILLISECOND) / 1_000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardIdOf(shard)}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: `arn:aws:iam::${account.id}:role/${source.function}`,
    awsRegion: account.region,
    eventSourceARN: streamArn(account, source.stream),
  };
}

/** Sizes of one mapping's events, in bytes of JSON in UTF-8 (P5). */
export class EventSize {
  readonly #source: EventSource;
  /** A record without its data, key and time. */
  readonly #frame: number;
  /** Of the longest key, the latest time and a comma. */
  readonly #most: number;
  /** By so much the longest key is longer than they are on average. */
  readonly slack: number;
  /** Of each key; null: they differ. */
  readonly #key: number | null;
  /** Where the second of the epoch begins that was asked about last, in milliseconds, and its digits. */
  #lastSecond = 0;
  #digits = 1;
  /** What `atMost` was last asked about, and answered. */
  #lastBytes = -1;
  #lastMost = 0;

  /** @param records what is known of those that there may be */
  constructor(source: EventSource, { keys, until }: RecordBounds = NO_BOUNDS) {
    this.#source = source;
    const last = source.start + until;
    const isKnown = source.start >= 0 && until !== NEVER;
    const timestamp = isKnown ? String(Math.floor(last / SECOND)).length + '.000'.length : LONGEST_TIMESTAMP;
    this.#most = keys.longestInJson + timestamp + 1;
    this.slack = keys.longestInJson - keys.meanInJson;
    this.#key = keys.alikeInJson;
    const empty = eventRecord(source, { index: 0, arrival: 0, partitionKey: '', data: '' });
    this.#frame = jsonBytes(empty) - String(empty.kinesis.approximateArrivalTimestamp).length;
  }

  /** Bytes of the event around its records: {"Records":[]}, or more with tumbling windows (P11). */
  envelope(fields: WindowFields | null): number {
    return fields === null ? 14 : jsonBytes({ Records: [], ...fields });
  }

  /** Bytes that the record at a position of a second adds, without the comma between two. */
  record(second: ShardSecond, position: number, log: Pick<RecordLog, 'keyOf'>): number {
    const { bytes } = second;
    const data = typeof bytes === 'number' ? bytes : bytes[position]!;
    const key = this.#key ?? jsonTextBytes(log.keyOf(second, position));
    const arrival = second.second * SECOND + second.times.at(position);
    return this.#frame + base64Length(data) + key + this.#timestampLength(arrival);
  }

  /** Characters of an arrival as AWS has it: a number of seconds with up to three decimals. */
  #timestampLength(arrival: Instant): number {
    const milliseconds = Math.floor((this.#source.start + arrival) / MILLISECOND);
    let rest = milliseconds - this.#lastSecond;
    if (rest < 0 || rest >= 1_000) {
      const seconds = Math.floor(milliseconds / 1_000);
      this.#lastSecond = 1_000 * seconds;
      this.#digits = String(seconds).length;
      rest = milliseconds - this.#lastSecond;
    }
    return this.#digits + decimalsLength(rest);
  }

  /** The records at positions [from, to) of a second add no more. */
  mostIn({ bytes }: Pick<ShardSecond, 'bytes'>, from: number, to: number): number {
    if (typeof bytes === 'number') return (to - from) * this.atMost(bytes);
    let data = 0;
    for (let i = from; i < to; i++) data += base64Length(bytes[i]!);
    return (to - from) * this.atMost(0) + data;
  }

  /** No record with so many data bytes adds more, the comma before it included. */
  atMost(dataBytes: number): number {
    if (dataBytes !== this.#lastBytes) {
      this.#lastBytes = dataBytes;
      this.#lastMost = this.#frame + base64Length(dataBytes) + this.#most;
    }
    return this.#lastMost;
  }
}

/** What bounds the bytes that a record adds to an event (P5). */
interface RecordBounds {
  /** Bytes of JSON, without the quotes. */
  readonly keys: { readonly longestInJson: number; readonly meanInJson: number; readonly alikeInJson: number | null };
  /** No record arrives later. */
  readonly until: Instant;
}

const LONGEST_KEY = 256 * 6; // every character as \u00XX
const LONGEST_TIMESTAMP = 16;
const NO_BOUNDS: RecordBounds = {
  keys: { longestInJson: LONGEST_KEY, meanInJson: LONGEST_KEY, alikeInJson: null },
  until: NEVER,
};

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 8_192) binary += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  return btoa(binary);
}

/** As base64 of so many zero bytes, at once for records of megabytes. */
function base64OfZeros(bytes: number): string {
  const padding = (3 - (bytes % 3)) % 3;
  return 'A'.repeat(base64Length(bytes) - padding) + '='.repeat(padding);
}

function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

/** Characters that the thousandths of a second take behind the seconds, the point among them. */
function decimalsLength(thousandths: number): number {
  if (thousandths % 10 !== 0) return 4;
  if (thousandths % 100 !== 0) return 3;
  return thousandths === 0 ? 0 : 2;
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
