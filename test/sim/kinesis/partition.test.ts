import { describe, expect, it } from 'vitest';
import { sequenceNumberOf } from '../../../src/recording/identifiers.ts';
import { hashKeyOf, shardOf } from '../../../src/sim/kinesis/partition.ts';
import { eventsOf, parse, run, runWithRecords } from '../../support/scenario.ts';

const SPACE = 2n ** 128n;

describe('hash keys', () => {
  it.each([
    // Of RFC 1321's test suite, and the example of the rule.
    ['', 0xd41d8cd98f00b204e9800998ecf8427en],
    ['a', 0x0cc175b9c0f1b6a831c399e269772661n],
    ['abc', 0x900150983cd24fb0d6963f7d28e17f72n],
    ['message digest', 0xf96b697d7cb7938d525a2f31aaf161d0n],
    ['partitionKey-3', 23140176641896396575145233507194065387n],
  ])('MD5 of %j as an unsigned 128-bit integer (K1)', (key, hashKey) => {
    expect(hashKeyOf(key)).toBe(hashKey);
  });

  it('n shards split the space evenly: shard i holds [⌊i·2^128/n⌋, ⌊(i+1)·2^128/n⌋ − 1] (K1)', () => {
    for (const n of [1, 2, 3, 7, 10_000]) {
      const { shards } = parse({ streams: { s: { ShardCount: n } }, producers: { p: { records: [] } } }).streams[0]!;
      expect(shards).toHaveLength(n);
      for (const i of [0, 1, n - 1].filter((index) => index < n)) {
        expect(shards[i]).toMatchObject({
          startingHashKey: (BigInt(i) * SPACE) / BigInt(n),
          endingHashKey: (BigInt(i + 1) * SPACE) / BigInt(n) - 1n,
        });
      }
    }
  });

  it('the shard whose inclusive range holds a hash key takes it, at both ends of the range (K1)', () => {
    const { shards } = parse({ streams: { s: { ShardCount: 3 } }, producers: { p: { records: [] } } }).streams[0]!;
    shards.forEach(({ startingHashKey, endingHashKey }, index) => {
      expect(shardOf(startingHashKey, shards)).toBe(index);
      expect(shardOf(endingHashKey, shards)).toBe(index);
    });
    expect(shardOf(0n, shards)).toBe(0);
    expect(shardOf(SPACE - 1n, shards)).toBe(2);
  });

  it('a record goes to the shard of its key (K1)', () => {
    // MD5 begins with 0c for a, 90 for abc and f9 for "message digest": quarters 0, 2 and 3 of the space.
    const { m } = run({
      streams: { s: { ShardCount: 4 } },
      producers: { p: { records: ['a', 'abc', 'message digest'].map((key) => ({ at: '1s', key })) } },
    });
    expect(Object.values(m.shards).map(({ records }) => records.arrived)).toEqual([1, 0, 1, 1]);
  });

  it('uneven ranges are taken as written (K1)', () => {
    const border = 0x0cc175b9c0f1b6a831c399e269772661n; // a itself
    const arrived = (first: bigint) =>
      Object.values(
        run({
          streams: {
            s: {
              ShardCount: undefined,
              shards: [
                { StartingHashKey: '0', EndingHashKey: String(first) },
                { StartingHashKey: String(first + 1n), EndingHashKey: String(SPACE - 1n) },
              ],
            },
          },
          producers: { p: { records: [{ at: '1s', key: 'a' }] } },
        }).m.shards,
      ).map(({ records }) => records.arrived);
    expect(arrived(border)).toEqual([1, 0]);
    expect(arrived(border - 1n)).toEqual([0, 1]);
  });

  it('uniform keys spread the records over the shards as their hash keys say (K1)', () => {
    const keys = Array.from({ length: 8 }, (_, i) => `partitionKey-${i}`);
    const expected = [0, 0, 0, 0];
    for (const key of keys) expected[Number(hashKeyOf(key) / (SPACE / 4n))]! += 1;
    const total = 8_000;
    const { m } = run({
      streams: { s: { ShardCount: 4, writeLimits: 'off' } },
      producers: { p: { rate: `${total / 10}/s`, arrivals: 'even', keys: { count: 8 } } },
    });
    Object.values(m.shards).forEach(({ records }, shard) => {
      const share = expected[shard]! / 8;
      expect(Math.abs(records.arrived - total * share)).toBeLessThanOrEqual(4 * Math.sqrt(total * share * (1 - share)));
    });
  });
});

describe('sequence numbers', () => {
  it('rise strictly inside a shard, as decimal strings of 56 digits (K2)', () => {
    const result = run({
      start: '2026-01-05T09:00:00Z',
      mappings: { m: { BatchSize: 1 } },
      functions: { f: { duration: '1ms' } },
      producers: {
        p: {
          records: [
            { at: '500ms', count: 20 },
            { at: '999999us', count: 5 },
            { at: '3s', count: 5 },
          ],
        },
      },
    });
    const numbers = eventsOf(result, 'invocation').map(({ startSequenceNumber }) => startSequenceNumber);
    expect(numbers).toHaveLength(30);
    for (const number of numbers) expect(number).toMatch(/^[1-9]\d{55}$/);
    numbers.slice(1).forEach((number, i) => {
      expect(BigInt(number)).toBeGreaterThan(BigInt(numbers[i]!));
    });
  });

  it('an invocation names its first and its last record (K2)', () => {
    const batches = (BatchSize: number) =>
      eventsOf(
        run({ mappings: { m: { BatchSize } }, producers: { p: { records: [{ at: '1s', count: 3 }] } } }),
        'invocation',
      );
    const single = batches(1).map(({ startSequenceNumber }) => startSequenceNumber);
    const [whole] = batches(3);
    expect([whole!.startSequenceNumber, whole!.endSequenceNumber]).toEqual([single[0], single[2]]);
  });

  it('are of 56 digits from 1970 to 2100 and for every shard and index (K2)', () => {
    for (const start of [0, Date.UTC(2026, 0) * 1_000, Date.UTC(2100, 0) * 1_000]) {
      for (const shard of [0, 9_999]) {
        for (const index of [0, 1e12]) {
          expect(sequenceNumberOf({ shard, index, arrival: 5, start })).toMatch(/^\d{56}$/);
        }
      }
    }
  });
});

it('a record that names its shard lies there, whatever its key; one without goes by the key (K1)', () => {
  const ended = runWithRecords({
    streams: { s: { ShardCount: 2 } },
    producers: {
      p: {
        records: [
          { at: '100ms', key: 'a', shard: 0 },
          { at: '100ms', key: 'a', shard: 1 },
          { at: '200ms', key: 'abc' },
        ],
      },
    },
  });
  const places = eventsOf(ended, 'invocation').flatMap(({ shardId, records }) =>
    records!.map(({ partitionKey }) => [partitionKey, shardId.at(-1)]),
  );
  // MD5 of 'abc' begins with 9: in the upper half.
  expect(places.sort()).toEqual([
    ['a', '0'],
    ['a', '1'],
    ['abc', '1'],
  ]);
});
