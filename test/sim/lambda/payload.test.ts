import { describe, expect, it } from 'vitest';
import { eventRecord } from '../../../src/sim/lambda/event.ts';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, run, timeLine } from '../../support/scenario.ts';

const LIMIT = 6 * 1_024 * 1_024;
const START = '2026-01-05T09:00:00Z';

interface Written {
  readonly at: number;
  readonly key: string;
  readonly bytes: number;
}

function source(shard = 0) {
  return {
    account: { concurrentExecutions: 1_000, id: '123456789012', region: 'us-east-1' },
    stream: 's',
    function: 'f',
    shard,
    start: Date.parse(START) * 1_000,
  };
}

/** The bytes of the event that carries these records, by JSON.stringify of all of it. */
function eventBytes(records: readonly Written[], first = 0): number {
  const Records = records.map(({ at, key, bytes }, i) =>
    eventRecord(source(), {
      index: first + i,
      arrival: at,
      partitionKey: key,
      data: Buffer.alloc(bytes).toString('base64'),
    }),
  );
  return Buffer.byteLength(JSON.stringify({ Records }));
}

function runWith(records: readonly Written[], more: ScenarioPart = {}) {
  return run({
    start: START,
    streams: { s: { writeLimits: 'off', readLimits: 'off', MaxRecordSizeInKiB: 10_240 } },
    producers: { p: { records: records.map(({ at, key, bytes }) => ({ at: `${at}us`, key, bytes: `${bytes}B` })) } },
    mappings: { m: { BatchSize: 10_000 } },
    ...more,
  });
}

/** A record whose event alone has exactly so many bytes: what base64's steps of four leave is put into the key. */
function recordOf(total: number, at = 500_000): Written {
  const bytes = 3 * Math.floor((total - 700) / 4);
  const key = 'k'.repeat(total - eventBytes([{ at, key: '', bytes }]));
  return { at, key, bytes };
}

describe('the event', () => {
  it('has the keys and values of AWS, in its order (A4)', () => {
    const record = eventRecord(source(12), { index: 3, arrival: 1_234_567, partitionKey: 'a"é', data: 'AAA=' });
    const { sequenceNumber } = record.kinesis;
    expect(JSON.stringify(record)).toBe(
      `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"a\\"é","sequenceNumber":"${sequenceNumber}","data":"AAA=","approximateArrivalTimestamp":1767603601.234},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000012:${sequenceNumber}","eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::123456789012:role/f","awsRegion":"us-east-1","eventSourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/s"}`,
    );
  });

  it('its ARNs are of the account and region (A4)', () => {
    const account = { concurrentExecutions: 1_000, id: '999999999999', region: 'eu-central-1' };
    const record = eventRecord({ ...source(), account }, { index: 0, arrival: 0, partitionKey: 'a', data: '' });
    expect(record).toMatchObject({
      awsRegion: 'eu-central-1',
      invokeIdentityArn: 'arn:aws:iam::999999999999:role/f',
      eventSourceARN: 'arn:aws:kinesis:eu-central-1:999999999999:stream/s',
    });
  });
});

describe('the payload limit', () => {
  it('a record whose event has exactly 6 MB is delivered (P5)', () => {
    const record = recordOf(LIMIT);
    expect(eventBytes([record])).toBe(LIMIT);
    const { m } = runWith([record]);
    expect(m.records).toMatchObject({ succeeded: 1, discarded: { PayloadTooLarge: 0 } });
  });

  it('one byte more, and it is discarded as PayloadTooLarge, its successors go on in the same ask (P5)', () => {
    const record = recordOf(LIMIT + 1);
    expect(eventBytes([record])).toBe(LIMIT + 1);
    const small = { at: 600_000, key: 'a', bytes: 10 };
    const result = runWith([small, record, small, small].map((one, i) => ({ ...one, at: 500_000 + i })));
    expect(result.m.records).toMatchObject({ succeeded: 3, discarded: { PayloadTooLarge: 1 }, pending: 0 });
    expect(eventsOf(result, 'discard').map(({ t, first, last, condition }) => [t, first, last, condition])).toEqual([
      [1_100_000, 1, 1, 'PayloadTooLarge'],
    ]);
    // The batch before it is full, since the next record did not fit (P3).
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 0],
      [1_100_000, 1_200_000, 2, 3],
    ]);
  });

  it('two records whose event has exactly 6 MB go together, with one byte more they do not (P3, P5)', () => {
    const first = { at: 500_000, key: 'a', bytes: 2_000_000 };
    const second = (total: number): Written => {
      const bytes = 3 * Math.floor((total - eventBytes([first]) - 700) / 4);
      const missing = total - eventBytes([first, { at: 500_000, key: '', bytes }]);
      return { at: 500_000, key: 'k'.repeat(missing), bytes };
    };
    expect(eventBytes([first, second(LIMIT)])).toBe(LIMIT);
    const together = runWith([first, second(LIMIT)]);
    expect(timeLine(together)).toEqual([[1_000_000, 1_100_000, 0, 1]]);
    expect(together.m.fullBatches).toBe(0);
    const apart = runWith([first, second(LIMIT + 1)]);
    expect(timeLine(apart)).toEqual([
      [1_000_000, 1_100_000, 0, 0],
      [1_100_000, 1_200_000, 1, 1],
    ]);
    expect(apart.m.fullBatches).toBe(1);
  });

  it('batches of many records are cut at the last one that fits (P5)', () => {
    const keys = ['plain', 'é€😀', 'quo"te', 'back\\slash', '\u0007bell', 'x'.repeat(256)];
    const records = Array.from({ length: 2_000 }, (_, i) => ({
      at: 1_000 + i * 300,
      key: keys[i % keys.length]!,
      bytes: 20_000 + ((i * 7_919) % 1_000),
    }));
    const result = runWith(records);
    const batches = timeLine(result);
    expect(batches.length).toBeGreaterThan(5);
    expect(batches.at(-1)![3]).toBe(1_999);
    for (const [, , first, last] of batches) {
      expect(eventBytes(records.slice(first, last + 1), first)).toBeLessThanOrEqual(LIMIT);
      if (last < 1_999) expect(eventBytes(records.slice(first, last + 2), first)).toBeGreaterThan(LIMIT);
    }
  });

  it('equal records are cut at the last one that fits (P5)', () => {
    // All are alike, so their sizes are bounded together first.
    const records = Array.from({ length: 700 }, () => ({ at: 500_000, key: 'partitionKey', bytes: 10_000 }));
    const [batch] = timeLine(runWith(records));
    const size = batch![3] + 1;
    expect(batch).toEqual([1_000_000, 1_100_000, 0, size - 1]);
    expect(eventBytes(records.slice(0, size))).toBeLessThanOrEqual(LIMIT);
    expect(eventBytes(records.slice(0, size + 1))).toBeGreaterThan(LIMIT);
  });

  it('BatchSize decides where it comes first (P3, P5)', () => {
    const records = Array.from({ length: 30 }, () => ({ at: 500_000, key: 'a', bytes: 100_000 }));
    const result = runWith(records, { mappings: { m: { BatchSize: 20 } } });
    expect(timeLine(result).map(([, , first, last]) => [first, last])).toEqual([
      [0, 19],
      [20, 29],
    ]);
  });
});

describe('of the largest event (M3a, P5)', () => {
  const handled = (scenario: ScenarioPart) => {
    let largest = 0;
    const handler = (event: unknown) => {
      largest = Math.max(largest, Buffer.byteLength(JSON.stringify(event)));
    };
    const { m } = run(scenario, {}, { f: handler });
    // Without a handler the lanes take their steady paths.
    expect(run(scenario).m.utilization.payload).toEqual(m.utilization.payload);
    return { largest, told: m.utilization.payload.worst * LIMIT, m };
  };
  const even = (p: ScenarioPart, more: ScenarioPart = {}): ScenarioPart => ({
    start: START,
    duration: '30s',
    producers: { p: { rate: '900/s', arrivals: 'even', ...p } },
    mappings: { m: { BatchSize: 1_000 } },
    ...more,
  });

  it('nearly every byte is told where keys and sizes are of one length: a time may have a digit or two less', () => {
    for (const p of [
      { bytes: '10B', keys: { list: ['a'] } },
      { bytes: '1KB' },
      { bytes: '10B', keys: { list: ['é"\\n'] } },
    ]) {
      const { told, largest } = handled(even(p));
      expect(told).toBeGreaterThanOrEqual(largest);
      expect(told / largest).toBeLessThan(1.0005);
    }
  });

  it('and records that differ count for what they are, on average', () => {
    const unequal = [
      { bytes: { lognormal: { median: '800B', p99: '6KB' } } },
      { bytes: '10B', keys: { list: ['a', 'k'.repeat(256)] } },
      { bytes: '100B', keys: { count: 10_000 }, arrivals: 'poisson' },
      { bytes: '100B', keys: { zipf: { count: 100, exponent: 1.1 } }, arrivals: 'poisson' },
    ];
    for (const p of unequal) {
      const { told, largest } = handled(even(p));
      expect([p, Math.abs(told / largest - 1) < 0.02]).toEqual([p, true]);
    }
  });

  it('written records are known with their keys', () => {
    const records = [{ at: '500ms', count: 500, bytes: '1KB', key: 'a' }];
    const { told, largest } = handled({
      start: START,
      producers: { p: { records } },
      mappings: { m: { BatchSize: 500 } },
    });
    expect(told).toBeGreaterThanOrEqual(largest);
    expect(told / largest).toBeLessThan(1.003);
  });

  it('one that fills the limit is measured', () => {
    const { told, largest } = handled(even({ bytes: '6000B' }, { streams: { s: { writeLimits: 'off' } } }));
    expect(told).toBe(largest);
    expect(told).toBeGreaterThan(0.99 * LIMIT);
  });

  it('binds first only where it is nearer to its limit than the lanes are to theirs', () => {
    const { m } = handled(even({ bytes: '10B', keys: { list: ['a'] } }, { functions: { f: { duration: '200ms' } } }));
    expect(m.utilization.bindsFirst).toBe('laneBusy');
  });
});
