import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance, Draws } from '../../../src/kernel/chance.ts';
import { FoundTimes, ListedTimes, SharedRoom } from '../../../src/sim/kinesis/arrival-times.ts';
import { boundsOf, HalvedSpace } from '../../../src/sim/kinesis/halved-space.ts';
import { KeyedSpace } from '../../../src/sim/kinesis/keyed-space.ts';
import { KeyTable } from '../../../src/sim/kinesis/keys.ts';
import { TimeFinder } from '../../../src/sim/kinesis/time-finder.ts';
import { EqualCharges, UnequalCharges } from '../../../src/sim/kinesis/write-charges.ts';
import { WriteLevel } from '../../../src/sim/kinesis/write-level.ts';
import { WriteLimit } from '../../../src/sim/kinesis/write-limit.ts';
import { runs } from '../../support/runs.ts';

const stretches = fc.record({
  second: fc.integer({ min: 0, max: 100_000 }),
  ordinal: fc.constant(0),
  from: fc.constantFrom(0, 250_000, 123_457),
  to: fc.constantFrom(1_000_000, 500_000, 777_777),
  count: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3_000 })),
});

describe('arrivals that are found where somebody looks (D3)', () => {
  it('are those that are drawn when all are asked for, in whatever order one looks', () => {
    fc.assert(
      fc.property(
        stretches,
        fc.array(fc.nat(2_999), { maxLength: 20 }),
        fc.array(fc.integer({ min: -5, max: 1_000_005 }), { maxLength: 20 }),
        fc.tuple(fc.boolean(), fc.boolean()),
        (stretch, positions, times, [isEachLookedAt, isCountedFirst]) => {
          const finder = () => new TimeFinder(new Chance('times'));
          const all = new FoundTimes(finder(), stretch, new SharedRoom()).all();
          expect([...all]).toEqual([...all].sort((a, b) => a - b));
          const room = new SharedRoom();
          const found = new FoundTimes(finder(), stretch, room, isEachLookedAt);
          if (isCountedFirst) expect(found.before(stretch.to)).toBe(stretch.count);
          new FoundTimes(finder(), { ...stretch, second: stretch.second + 1 }, room).all(); // beside it in the room
          const ends = [0, stretch.count - 1].filter((one) => one >= 0);
          const wanted = [...positions.slice(0, 3), ...ends, ...positions.slice(3), ...ends];
          for (const position of wanted.filter((one) => one < stretch.count)) {
            expect(found.at(position)).toBe(all[position]);
            const some = new Int32Array(23);
            found.copy(position, Math.min(position + 20, stretch.count), some, 3);
            expect([...some]).toEqual([0, 0, 0, ...Array.from({ length: 20 }, (_, i) => all[position + i] ?? 0)]);
          }
          // Beside others, the very instants of arrivals, and those at which the stretch is halved.
          const { from, to } = stretch;
          const halves = [0.5, 0.25, 0.75, 0.625].map((share) => Math.floor(from + share * (to - from)));
          for (const time of [...times, ...[...all].slice(0, 5), ...halves]) {
            const before = all.filter((one) => one < time).length;
            expect(found.before(time), String(time)).toBe(before);
          }
        },
      ),
      { numRuns: runs(400) },
    );
  });
});

it('arrivals that crowd even the smallest parts are found as well (D3)', () => {
  const stretch = { second: 5, ordinal: 0, from: 0, to: 1_000_000, count: 12_000_000 };
  const found = new FoundTimes(new TimeFinder(new Chance('crowd')), stretch, new SharedRoom());
  const few = new Int32Array(40);
  for (const position of [0, 1, 7_777, 6_000_000, 11_999_960]) {
    found.copy(position, position + 40, few, 0);
    few.forEach((time, i) => {
      expect(found.at(position + i)).toBe(time);
      expect(found.before(time)).toBeLessThanOrEqual(position + i);
      expect(found.before(time + 1)).toBeGreaterThan(position + i);
    });
  }
});

describe('a write level that nobody works out until it matters (K3)', () => {
  const RATES = { records: 1_000, bytes: 1_048_576 };
  const seconds = fc.array(
    fc.record({
      count: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 700, max: 1_100 }), fc.nat(40)),
      // Spread over the second, or all near its end.
      from: fc.constantFrom(0, 0, 0, 900_000),
      charged: fc.constantFrom(20, 1_000, 1_049, 1_500, 30_000),
      // Sizes and keys that are all alike, or differ.
      spread: fc.constantFrom(0, 0, 10, 700),
      keys: fc.constantFrom<(number | null)[]>([0], [16], [null, 1], [null, 40], [null, 256]),
    }),
    { minLength: 1, maxLength: 60 },
  );

  it('takes what the buckets take, and leaves what they leave', () => {
    fc.assert(
      fc.property(seconds, fc.constantFrom(1_048_576, 10_485_760), (all, maximumRecordSize) => {
        const finder = new TimeFinder(new Chance('levels'));
        const exact = new WriteLimit(RATES, maximumRecordSize);
        const copyOf = (limit: WriteLimit, at = 0) => limit.holding(limit.leftAt(at), at);
        let level = WriteLevel.of(copyOf(exact), 0);
        all.forEach(({ count, from, charged, spread, keys }, second) => {
          const opens = second * 1_000_000;
          const found = new FoundTimes(finder, { second, ordinal: 0, from, to: 1_000_000, count }, new SharedRoom());
          const times = new ListedTimes(found.all());
          const data = Int32Array.from({ length: count }, (_, i) => charged + ((i * 7_919) % (spread + 1)));
          const keyOf = (i: number) => keys[0] ?? (i * 31) % (keys[1]! + 1);
          const each = data.map((bytes, i) => bytes + keyOf(i));
          const isEqual = spread === 0 && keys[0] !== null;
          const charges = isEqual
            ? new EqualCharges(charged + keys[0]!)
            : new UnequalCharges(count, spread === 0 ? charged : data, keys[0] ?? { longest: keys[1]!, of: keyOf });
          const after = level.after(opens, found, count, charges);
          let areAllTaken = true;
          for (let i = 0; i < count; i++) areAllTaken = exact.accepts(opens + times.at(i), each[i]!) && areAllTaken;
          expect(after !== null).toBe(areAllTaken);
          level = after ?? WriteLevel.of(copyOf(exact, opens + 1_000_000), opens + 1_000_000);
        });
        const end = all.length * 1_000_000;
        const left = level.limit();
        expect(left.leftAt(end)).toEqual(exact.leftAt(end));
      }),
      { numRuns: runs(300) },
    );
  });

  it('is not worked out where few records come', () => {
    const untouched = {
      at: () => 0,
      before: (time: number) => (time * 500) / 1_000_000,
      copy: () => expect.fail('drawn'),
      all: () => expect.fail('drawn'),
    };
    let level = WriteLevel.of(new WriteLimit(RATES, 1_048_576), 0);
    for (let second = 0; second < 10; second++) {
      level = level.after(second * 1_000_000, untouched, 500, new EqualCharges(1_016))!;
      expect(level).not.toBeNull();
    }
  });
});

describe('records over the hash-key space (D3)', () => {
  it('are as many in a range, asked alone, as where all of a stream is divided at once', () => {
    const places = fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }), { minLength: 1, maxLength: 12 });
    // Beside others, bounds at which the space is halved, and some that lie close together.
    const close = fc.constantFrom([2n ** 127n, 2n ** 126n, 2n ** 127n + 2n ** 79n], [2n ** 100n, 2n ** 100n + 1n, 7n]);
    fc.assert(
      fc.property(fc.oneof(places, close), fc.nat(100_000), fc.nat(1_000), (cuts, count, second) => {
        const starts = [0n, ...[...cuts].sort((a, b) => (a < b ? -1 : 1))];
        const ranges = starts.map((start, i) => ({
          startingHashKey: start,
          endingHashKey: (starts[i + 1] ?? 2n ** 128n) - 1n,
        }));
        const cell = { from: 0, to: 1_000_000, count, ordinal: 0 };
        const halves = new HalvedSpace(new Chance('space'), ranges);
        const before = halves.dividedOf(second, cell)!;
        let sum = 0;
        for (const range of ranges) {
          const [from, to] = boundsOf(range);
          const [first, last] = [halves.placeOf(from), halves.placeOf(to)];
          const alone = halves.countAlone(second, cell, first, last);
          expect(before[last]! - before[first]!).toBe(alone);
          sum += alone;
        }
        expect(sum).toBe(count);
      }),
      { numRuns: runs(200) },
    );
  });

  it('are as many of named keys in a shard, asked alone, as where all of a stream is divided at once', () => {
    const law = fc.oneof(
      fc.record({ kind: fc.constant('uniform' as const), count: fc.integer({ min: 1, max: 200 }) }),
      fc.record({
        kind: fc.constant('zipf' as const),
        count: fc.integer({ min: 1, max: 200 }),
        exponent: fc.constantFrom(0.8, 2),
      }),
    );
    const cuts = fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }), { maxLength: 30 });
    fc.assert(
      fc.property(law, cuts, fc.nat(20_000), fc.nat(1_000), (keys, all, count, second) => {
        const starts = [0n, ...[...all].sort((a, b) => (a < b ? -1 : 1))];
        const ranges = starts.map((start, i) => ({
          startingHashKey: start,
          endingHashKey: (starts[i + 1] ?? 2n ** 128n) - 1n,
        }));
        const table = new KeyTable(keys);
        const cell = { from: 0, to: 1_000_000, count, ordinal: 0 };
        const space = new KeyedSpace(table, new Chance('space'), new Draws(), ranges);
        const before = space.dividedOf(second, cell)!;
        let sum = 0;
        for (const { first, end } of ranges.map((range) => table.within(range))) {
          const [from, to] = [space.placeFrom(first), space.placeFrom(end)];
          const alone = space.countAlone(second, cell, from, to);
          expect(before[to]! - before[from]!).toBe(alone);
          if (first === end) expect(alone).toBe(0);
          sum += alone;
        }
        expect(sum).toBe(count);
        // One bound is asked about alone as it is among others.
        const [one] = ranges.map((range) => table.within(range).end);
        const range = { startingHashKey: 0n, endingHashKey: ranges[0]!.endingHashKey };
        const lone = new KeyedSpace(table, new Chance('space'), new Draws(), [range]);
        const [from, to] = [lone.placeFrom(0), lone.placeFrom(one!)];
        expect(lone.countBetween(second, cell, from, to)).toBe(before[space.placeFrom(one!)]!);
      }),
      { numRuns: runs(200) },
    );
  });
});
