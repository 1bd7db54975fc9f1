import { describe, expect, it } from 'vitest';
import { PUT_RETRY_DELAYS, WriteLimit } from '../../../src/sim/kinesis/write-limit.ts';

const RATES = { records: 10, bytes: 1_000 };
/** 10 records and 1,000 B a second, records of up to 400 B. */
const limit = (left: { records: number; bytes: number; at: number } | null = null) =>
  new WriteLimit(
    RATES,
    400,
    left === null ? null : { records: left.records * 1_000_000, bytes: left.bytes * 1_000_000 },
    left?.at ?? 0,
  );
const empty = (at = 0) => limit({ records: 0, bytes: 0, at });

/** Whole records and bytes that are left. */
function leftAt(some: WriteLimit, at: number): { records: number; bytes: number } {
  const { records, bytes } = some.leftAt(at);
  return { records: Math.floor(records / 1_000_000), bytes: Math.floor(bytes / 1_000_000) };
}

/** How many records of so many bytes it takes at one instant. */
function takes(some: WriteLimit, at: number, bytes: number): number {
  let count = 0;
  while (count < 10_000 && some.accepts(at, bytes)) count++;
  return count;
}

it('a refused put is tried again after 100, 200 and 400 ms (K3)', () => {
  expect(PUT_RETRY_DELAYS).toEqual([100_000, 200_000, 400_000]);
});

describe('the two buckets of a shard (K3)', () => {
  it('begin full, one second deep', () => {
    expect(takes(limit(), 0, 1)).toBe(10);
    expect(takes(limit(), 0, 300)).toBe(3);
    expect(takes(limit(), 0, 1_000)).toBe(1);
    expect(takes(limit(), 0, 1_001)).toBe(0);
    expect(leftAt(limit(), 0)).toEqual(RATES);
  });

  it('hold a record of the largest size, where that is more than a second brings', () => {
    const deep = new WriteLimit(RATES, 2_500);
    expect(leftAt(deep, 0)).toEqual({ records: 10, bytes: 2_500 });
    expect(deep.maximumRecordSize).toBe(2_500);
    expect([deep.accepts(0, 2_500), deep.accepts(2_499_999, 2_500), deep.accepts(2_500_000, 2_500)]).toEqual([
      ...[true, false, true],
    ]);
  });

  it('refill to the microsecond, and not past their depth', () => {
    const some = empty();
    expect([some.accepts(99_999, 1), some.accepts(100_000, 1), some.accepts(199_999, 1)]).toEqual([false, true, false]);
    expect(some.accepts(200_000, 0)).toBe(true);
    expect(takes(some, 60_000_000, 0)).toBe(10);
    const bytes = empty();
    expect([bytes.accepts(399_999, 400), bytes.accepts(400_000, 400), bytes.accepts(400_000, 1)]).toEqual([
      ...[false, true, false],
    ]);
    expect(takes(bytes, 60_000_000, 100)).toBe(10);
  });

  it('are not drained by looking back', () => {
    const some = limit({ records: 1, bytes: 50, at: 1_000_000 });
    expect(some.accepts(500_000, 50)).toBe(true);
    expect(leftAt(some, 1_000_000)).toEqual({ records: 0, bytes: 0 });
  });

  it('charge a refused record to neither', () => {
    const bytes = limit({ records: 5, bytes: 10, at: 0 });
    expect(bytes.accepts(0, 11)).toBe(false);
    expect(leftAt(bytes, 0)).toEqual({ records: 5, bytes: 10 });
    const records = limit({ records: 0, bytes: 10, at: 0 });
    expect(records.accepts(0, 3)).toBe(false);
    expect(leftAt(records, 0)).toEqual({ records: 0, bytes: 10 });
  });

  it('charge an accepted record to both', () => {
    const some = limit();
    expect(some.accepts(0, 7)).toBe(true);
    expect(leftAt(some, 0)).toEqual({ records: 9, bytes: 993 });
  });

  it('begin at an instant with what is left', () => {
    const some = limit({ records: 2, bytes: 50, at: 1_000_000 });
    expect(leftAt(some, 1_000_000)).toEqual({ records: 2, bytes: 50 });
    expect(leftAt(some, 1_150_000)).toEqual({ records: 3, bytes: 200 });
    expect(leftAt(some, 1_199_999)).toEqual({ records: 3, bytes: 249 });
    expect(leftAt(some, 500_000)).toEqual({ records: 2, bytes: 50 });
    expect(leftAt(some, 9_000_000)).toEqual(RATES);
    expect(some.accepts(1_000_000, 50)).toBe(true); // none of this has charged anything
  });
});

describe('records of one size, asked for together (K3)', () => {
  const times = Int32Array.of(0, 0, 100_000, 250_000, 900_000);

  it.each([
    [0, 0, 100, 2, 1_000_000],
    [3, 1_000, 100, 5, 1_000_000],
    [2, 200, 100, 2, 1_000_000],
    [2, 199, 100, 2, 1_000_000],
    [1, 1_000, 100, 2, 1_000_000],
    [2, 1_000, 100, 4, 1_000_000],
    [1, 1_000, 0, 3, 1_000_000],
    [0, 1_000, 0, 5, 500_000],
    [2, 1_000, 350, 4, 1_000_000],
    [2, 1_000, 400, 4, 1_000_000],
    [10, 1_000, 300, 5, 1_000_000],
    [5, 1_000, 500, 3, 1_000_000],
    [5, 0, 0, 5, 1_000_000],
    [9, 900, 1, 0, 1_000_000],
  ])('%i records and %i B left, records of %i B: %i of them as one by one', (records, bytes, size, count, at) => {
    const [together, singly] = [limit({ records, bytes, at }), limit({ records, bytes, at })];
    const before = limit({ records, bytes, at });
    const single = [...times.subarray(0, count)].every((time) => singly.accepts(1_000_000 + time, size));
    expect(together.acceptsAll(1_000_000, times, count, size)).toBe(single);
    for (const later of [1_900_000, 1_950_000, 2_500_000]) {
      expect(together.leftAt(later)).toEqual((single ? singly : before).leftAt(later));
    }
  });

  it('one for which exactly enough is left is taken, one for which a microsecond is missing is not', () => {
    const single = (time: number, bytes: number) => empty().acceptsAll(0, Int32Array.of(time), 1, bytes);
    expect([single(100_000, 0), single(99_999, 0)]).toEqual([true, false]);
    expect([single(400_000, 400), single(399_999, 400)]).toEqual([true, false]);
  });

  it('fill the buckets before each, not past their depth', () => {
    const some = limit();
    const late = Int32Array.from({ length: 11 }, () => 900_000);
    expect(some.acceptsAll(60_000_000, late, 11, 0)).toBe(false);
    expect(some.acceptsAll(60_000_000, late, 10, 100)).toBe(true);
    expect(leftAt(some, 60_900_000)).toEqual({ records: 0, bytes: 0 });
    expect(limit().acceptsAll(60_000_000, late, 6, 200)).toBe(false);
  });
});

describe('a stream that takes more (K7)', () => {
  it('does so from that instant on: what was refilled before came at the old rates', () => {
    const some = empty();
    some.turnTo({ records: 20, bytes: 5_000 }, 500_000);
    expect(leftAt(some, 500_000)).toEqual({ records: 5, bytes: 500 });
    expect(leftAt(some, 600_000)).toEqual({ records: 7, bytes: 1_000 });
    expect(leftAt(some, 9_000_000)).toEqual({ records: 20, bytes: 5_000 });
  });

  it.each([[{ records: 20, bytes: 1_000 }], [{ records: 10, bytes: 5_000 }]])('in records or in bytes: %o', (rates) => {
    const some = limit();
    some.turnTo(rates, 0);
    expect(leftAt(some, 0)).toEqual(RATES);
    expect(leftAt(some, 60_000_000)).toEqual(rates);
  });

  it('still holds a record of the largest size', () => {
    const deep = new WriteLimit(RATES, 2_500);
    deep.turnTo({ records: 20, bytes: 2_000 }, 0);
    expect(leftAt(deep, 60_000_000)).toEqual({ records: 20, bytes: 2_500 });
  });

  it('is as it was where the rates are the same', () => {
    const some = empty();
    some.turnTo({ ...RATES }, 500_000);
    expect(some.leftAt(700_000)).toEqual(empty().leftAt(700_000));
  });
});

describe('a limit of the same rates', () => {
  it('holds what it is given, and goes its own way', () => {
    const some = limit({ records: 2, bytes: 50, at: 100 });
    const other = some.holding(some.leftAt(150_100), 150_100);
    expect(other.maximumRecordSize).toBe(400);
    expect(other.leftAt(200_000)).toEqual(some.leftAt(200_000));
    expect(other.accepts(200_000, 50)).toBe(true);
    expect(leftAt(some, 200_000)).toEqual({ records: 3, bytes: 249 });
    expect(leftAt(other, 200_000)).toEqual({ records: 2, bytes: 199 });
  });
});
