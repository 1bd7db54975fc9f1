import type { Scenario } from '../../src/scenario/scenario.ts';
import type { PutRecord } from './shards.ts';

/** P5: bytes of the JSON of an event that holds records of these sizes. */
export function eventBytes(recordBytes: readonly number[]): number {
  const commas = Math.max(0, recordBytes.length - 1);
  return '{"Records":[]}'.length + recordBytes.reduce((sum, bytes) => sum + bytes, 0) + commas;
}

/** A4: one entry of the event's Records, written out but for its data. */
function entryOf(scenario: Scenario, stream: string, target: string, record: PutRecord) {
  const { account } = scenario;
  const sequenceNumber = sequenceNumberOf(scenario, record);
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.key,
      sequenceNumber,
      data: '',
      approximateArrivalTimestamp: Math.floor((scenario.start + record.arrival) / 1_000) / 1_000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardIdOf(record.shard)}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: `arn:aws:iam::${account.id}:role/${target}`,
    awsRegion: account.region,
    eventSourceARN: `arn:aws:kinesis:${account.region}:${account.id}:stream/${stream}`,
  };
}

/** Bytes of one entry, every base64 letter of its data being one. */
export function recordBytes(scenario: Scenario, stream: string, target: string, record: PutRecord): number {
  const json = JSON.stringify(entryOf(scenario, stream, target, record));
  return new TextEncoder().encode(json).length + 4 * Math.ceil(record.bytes / 3);
}

/** A4: the event with its data. */
export function eventOf(scenario: Scenario, stream: string, target: string, records: readonly PutRecord[]) {
  return {
    Records: records.map((record) => {
      const entry = entryOf(scenario, stream, target, record);
      const data = Buffer.from(record.data ?? new Uint8Array(record.bytes)).toString('base64');
      return { ...entry, kinesis: { ...entry.kinesis, data } };
    }),
  };
}

export function shardIdOf(shard: number): string {
  return `shardId-${String(shard).padStart(12, '0')}`;
}

/** K2, in AWS's form: version, start of the shard, index and arrival as bits one after another. */
export function sequenceNumberOf(
  scenario: Scenario,
  record: { shard: number; index: number; arrival: number },
): string {
  const seconds = (microseconds: number) => Math.max(0, Math.floor(microseconds / 1_000_000));
  const bits = [
    [2, 4],
    [seconds(scenario.start), 36],
    [record.shard % 16, 4],
    [record.index, 68],
    [0, 4],
    [seconds(scenario.start + record.arrival), 36],
    [record.shard, 32],
    [2, 4],
  ] as const;
  return String(BigInt(`0b${bits.map(([value, width]) => value.toString(2).padStart(width, '0')).join('')}`));
}
