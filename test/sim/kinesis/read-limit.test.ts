import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../../src/kernel/chance.ts';
import { BYTES_PER_CALL, ReadLimit } from '../../../src/sim/kinesis/read-limit.ts';

const MEGABYTE = 1_048_576;
const CHANCE = new Chance('s');
const limit = (...others: ConstructorParameters<typeof ReadLimit>[0]) => new ReadLimit(others, CHANCE);

/** How many calls are answered at one instant. */
function answers(some: ReadLimit, at: number): number {
  let count = 0;
  while (count < 100 && some.admits(at)) count++;
  return count;
}

describe('the call bucket (K4)', () => {
  it('holds 5, and is refilled with one in 200 ms', () => {
    const some = limit();
    expect(answers(some, 0)).toBe(5);
    expect([some.admits(199_999), some.admits(200_000), some.admits(399_999)]).toEqual([false, true, false]);
    expect(answers(some, 800_000)).toBe(3);
    expect(answers(some, 60_000_000)).toBe(5);
  });
});

describe('the byte bucket (K4)', () => {
  const charged = (bytes: number) => {
    const some = limit();
    some.admits(0);
    some.charge(bytes);
    return some;
  };

  it.each([
    [1_000, 0],
    [2 * MEGABYTE, 0],
    [2 * MEGABYTE + 1, 1_000_001],
    [10 * MEGABYTE, 5_000_000],
  ])('after a response of %i B the next call is answered after %i µs', (bytes, wait) => {
    expect(wait === 0 ? true : charged(bytes).admits(wait - 1)).toBe(wait === 0);
    expect(charged(bytes).admits(wait)).toBe(true);
  });

  it.each([
    [0, 0],
    [3, 3],
    [2 * MEGABYTE, 2 * MEGABYTE],
    [2 * MEGABYTE + 1, 4 * MEGABYTE + 1],
  ])('after a response of %i B the next may bring %i B less than 10 MB', (bytes, missing) => {
    expect(charged(bytes).bytesPerCall).toBe(10 * MEGABYTE - missing);
  });

  it('is refilled with 2 MB/s, and not past its depth; what is missing is whole bytes', () => {
    const some = charged(3);
    expect(some.admits(1)).toBe(true);
    expect(some.bytesPerCall).toBe(BYTES_PER_CALL - 1); // 0.9 of one
    some.admits(2);
    expect(some.bytesPerCall).toBe(BYTES_PER_CALL);
    some.charge(MEGABYTE);
    some.admits(500_001);
    expect(some.bytesPerCall).toBe(BYTES_PER_CALL - 3);
    some.admits(60_000_000);
    expect(some.bytesPerCall).toBe(BYTES_PER_CALL);
  });

  it('two big calls at one instant share what the bucket and 8 MB beyond it hold', () => {
    const some = limit();
    expect(some.admits(0) && some.bytesPerCall).toBe(10 * MEGABYTE);
    some.charge(2 * MEGABYTE);
    expect(some.admits(0) && some.bytesPerCall).toBe(8 * MEGABYTE);
    some.charge(8 * MEGABYTE);
    expect(some.admits(3_999_999)).toBe(false);
    expect(some.admits(4_000_000)).toBe(true);
  });
});

describe('other readers (K4)', () => {
  const phase = (place: number, interval: number) => Math.floor(CHANCE.unit(place) * interval);

  it('call once in an interval, from a phase within it', () => {
    const once = () => limit({ callsPerSecond: 2, bytesPerSecond: 200_001 });
    const first = phase(0, 500_000);
    expect(answers(once(), first - 1)).toBe(5);
    expect(answers(once(), first)).toBe(4);
    const missing = (at: number) => {
      const some = once();
      some.admits(at);
      return BYTES_PER_CALL - some.bytesPerCall;
    };
    const second = Math.floor(CHANCE.unit(0) * 500_000 + 500_000);
    // A call brings 100,000 B and a half: 100,000.
    expect([first - 1, first, second - 1, second, second + 500_000].map(missing)).toEqual([
      0, 100_000, 0, 100_000, 100_000,
    ]);
  });

  it('one that makes no calls takes no place among them', () => {
    const some = limit({ callsPerSecond: 0, bytesPerSecond: 1_000 }, { callsPerSecond: 1, bytesPerSecond: 1_000 });
    const first = phase(0, 1_000_000);
    expect(some.admits(first - 1)).toBe(true);
    expect(some.bytesPerCall).toBe(BYTES_PER_CALL);
    some.admits(first);
    expect(some.bytesPerCall).toBe(BYTES_PER_CALL - 1_000);
  });

  it('what they ask for at the same instant goes first', () => {
    const some = limit({ callsPerSecond: 1, bytesPerSecond: 3_000_000 });
    const first = phase(0, 1_000_000);
    expect(some.admits(first - 1)).toBe(true);
    expect(some.admits(first)).toBe(false);
  });

  it.each(['a', 'b', 'c', 'd', 'e'])('take their turns in time, whoever is named first: seed %s', (seed) => {
    const chance = new Chance(seed);
    const bytes = [400_000, 900_000];
    const turns = bytes
      .flatMap((size, place) => [0, 1, 2].map((turn) => ({ at: Math.floor((chance.unit(place) + turn) * 1e6), size })))
      .sort((a, b) => a.at - b.at);
    let [before, missing] = [0, 0];
    for (const { at, size } of turns) {
      missing = Math.max(0, missing - ((at - before) * 2 * MEGABYTE) / 1e6) + size;
      before = at;
      const some = new ReadLimit(
        bytes.map((bytesPerSecond) => ({ callsPerSecond: 1, bytesPerSecond })),
        chance,
      );
      some.admits(at);
      expect(BYTES_PER_CALL - some.bytesPerCall).toBe(Math.ceil(missing));
    }
  });

  it('at one instant take their turns in file order (D4)', () => {
    const chance = new Chance('1510'); // with which both begin at 656 µs
    const readers = [10, 1].map((size) => ({ callsPerSecond: 1_000, bytesPerSecond: 1_000 * size * MEGABYTE }));
    const missing = (others: typeof readers) => {
      const some = new ReadLimit(others, chance);
      some.admits(656);
      return BYTES_PER_CALL - some.bytesPerCall;
    };
    // The first is brought 10 MB and the other refused, or 1 MB and the other the 9 MB that are left.
    expect(missing(readers)).toBe(12 * MEGABYTE);
    expect(missing([...readers].reverse())).toBe(11 * MEGABYTE);
  });

  it('are brought 10 MB at most, and nothing where they are refused', () => {
    const some = () => limit({ callsPerSecond: 0.1, bytesPerSecond: 2 * MEGABYTE });
    const first = phase(0, 10_000_000);
    expect([first, first + 4_999_999, first + 5_000_000].map((at) => some().admits(at))).toEqual([false, false, true]);
    const blocked = limit({ callsPerSecond: 1, bytesPerSecond: 1_000 });
    blocked.admits(0);
    blocked.charge(10 * MEGABYTE);
    expect([4_999_999, 5_000_000].map((at) => blocked.admits(at))).toEqual([false, true]);
  });
});

describe('what readers take of a shard (K4)', () => {
  const SPAN = 20_000_000;

  it('in any w seconds is at most 2 MB·w + 10 MB and 5·w + 5 calls, whoever calls and when', () => {
    const calls = fc.array(fc.tuple(fc.nat(SPAN), fc.nat(12 * MEGABYTE)), { minLength: 1, maxLength: 60 });
    const bursts = fc.array(fc.tuple(fc.constantFrom(0, 1_000_000, 6_000_000), fc.nat(12 * MEGABYTE)), {
      maxLength: 20,
    });
    const others = fc.array(
      fc.record({ callsPerSecond: fc.constantFrom(0.2, 1, 3), bytesPerSecond: fc.nat(4 * MEGABYTE) }),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(calls, bursts, others, (some, more, otherReaders) => {
        const shared = new ReadLimit(otherReaders, CHANCE);
        const taken: { at: number; bytes: number }[] = [];
        for (const [at, wanted] of [...some, ...more].sort(([a], [b]) => a - b)) {
          if (!shared.admits(at)) continue;
          const bytes = Math.min(wanted, shared.bytesPerCall);
          shared.charge(bytes);
          taken.push({ at, bytes });
        }
        taken.forEach((first, i) => {
          let bytes = 0;
          for (let j = i; j < taken.length; j++) {
            bytes += taken[j]!.bytes;
            const w = (taken[j]!.at - first.at) / 1e6;
            expect(bytes).toBeLessThanOrEqual(2 * MEGABYTE * w + 10 * MEGABYTE);
            expect(j - i + 1).toBeLessThanOrEqual(5 * w + 5);
          }
        });
      }),
      { numRuns: 1_000 },
    );
  });
});
