import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../../src/kernel/chance.ts';
import { FoundTimes, ListedTimes } from '../../../src/sim/kinesis/arrival-times.ts';
import { TimeFinder } from '../../../src/sim/kinesis/time-finder.ts';
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
        (stretch, positions, times) => {
          const finder = () => new TimeFinder(new Chance('times'));
          const all = new FoundTimes(finder(), stretch).all();
          expect([...all]).toEqual([...all].sort((a, b) => a - b));
          const found = new FoundTimes(finder(), stretch);
          for (const position of positions.filter((one) => one < stretch.count)) {
            expect(found.at(position)).toBe(all[position]);
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

describe('a write level that nobody works out until it matters (K3)', () => {
  const RATES = { records: 1_000, bytes: 1_048_576 };
  const seconds = fc.array(
    fc.record({
      count: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 700, max: 1_100 }), fc.constantFrom(0, 5)),
      // Spread over the second, or all near its end.
      from: fc.constantFrom(0, 0, 0, 900_000),
      charged: fc.constantFrom(20, 1_000, 1_049, 1_500, 30_000),
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
        all.forEach(({ count, from, charged }, second) => {
          const opens = second * 1_000_000;
          const found = new FoundTimes(finder, { second, ordinal: 0, from, to: 1_000_000, count });
          const times = new ListedTimes(found.all());
          const after = level.after({ opens, times: found, count, charged });
          expect(after !== null).toBe(exact.acceptsAll(opens, times.all(), count, charged));
          if (after === null) for (let i = 0; i < count; i++) exact.accepts(opens + times.at(i), charged);
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
      level = level.after({ opens: second * 1_000_000, times: untouched, count: 500, charged: 1_016 })!;
      expect(level).not.toBeNull();
    }
  });
});
