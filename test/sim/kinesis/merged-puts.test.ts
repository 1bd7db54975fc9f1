import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MergedPuts } from '../../../src/sim/kinesis/merged-puts.ts';
import { mergedOrder, passMerged, sizesOf, takeMerged } from '../../../src/sim/kinesis/merged-puts.ts';
import type { ShardOffers } from '../../../src/sim/kinesis/offers.ts';
import { OfferList } from '../../../src/sim/kinesis/offers.ts';
import { WriteLimit } from '../../../src/sim/kinesis/write-limit.ts';
import { runs } from '../../support/runs.ts';

const SECOND = 1_000_000;

/** Times on a coarse grid, so that several producers' records meet at one instant, and any others. */
const time = fc.oneof(
  fc.nat(19).map((step) => step * 50_000),
  fc.nat(999_999),
);
const listsOfTimes = fc.array(fc.array(time, { maxLength: 40 }), { minLength: 1, maxLength: 5 });

function listOf(times: readonly number[], producer: number): OfferList {
  const list = new OfferList();
  for (const [i, one] of [...times].sort((a, b) => a - b).entries()) list.add(one, 1_000 * producer + i);
  return list;
}

interface Sizes {
  readonly data: readonly (number | null)[];
  readonly keys: readonly (number | null)[];
}

/** Of a producer whose records all have so many bytes of data and of key; null: they differ. */
function producerOf({ data, keys }: Sizes, p: number) {
  const offers = {
    constantBytes: data[p % data.length]!,
    constantKeyBytes: keys[p % keys.length]!,
    bytesOf: (_: number, identity: number) => data[p % data.length] ?? 40 + ((identity * 31) % 60),
    keyBytesOf: (_: number, identity: number) => keys[p % keys.length] ?? 1 + ((identity * 7) % 9),
  };
  return { offers: offers as unknown as ShardOffers, onThrottle: p % 2 === 0 ? ('retry' as const) : ('drop' as const) };
}

describe('puts of several producers (K3)', () => {
  it('are taken up in order of time, and of one instant those of the producer that is named first', () => {
    fc.assert(
      fc.property(fc.array(listsOfTimes, { minLength: 1, maxLength: 3 }), (seconds) => {
        // Those of one second stay as they are when those of the next are merged.
        const merged = seconds.map((times) => {
          const lists = times.map(listOf);
          const total = lists.reduce((sum, { length }) => sum + length, 0);
          const expected = lists
            .flatMap((list, p) =>
              Array.from({ length: list.length }, (_, i) => [list.times[i]!, p, list.identities[i]!]),
            )
            .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!);
          return { order: mergedOrder(lists, total), expected };
        });
        for (const { order, expected } of merged) {
          expect(order.times.length).toBe(expected.length);
          expect([...order.times].map((one, i) => [one, order.producers[i], order.identities[i]])).toEqual(expected);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it('are all taken where each one would be', () => {
    const size = fc.constantFrom(50, 90, null);
    const sizes = fc.record({
      data: fc.array(size, { minLength: 1, maxLength: 3 }),
      keys: fc.array(fc.constantFrom(4, null), { minLength: 1, maxLength: 3 }),
    });
    const rates = fc.record({ records: fc.constantFrom(1_000, 90, 20), bytes: fc.constantFrom(100_000, 8_000, 1_500) });
    const largest = fc.constantFrom(1_024, 97);
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(listsOfTimes, sizes, fc.option(rates), largest, (times, of, some, maximumRecordSize) => {
        const lists = times.map(listOf);
        const offered = lists.reduce((sum, { length }) => sum + length, 0);
        const producers = lists.map((_, p) => producerOf(of, p));
        const data = new Set(producers.map(({ offers }) => offers.constantBytes));
        const puts: MergedPuts = {
          second: 3,
          closes: Number.POSITIVE_INFINITY,
          producers,
          lists,
          offered,
          retries: [],
          constantBytes: data.size === 1 ? [...data][0]! : null,
          maximumRecordSize,
        };
        const limit = () => some && new WriteLimit(some, maximumRecordSize, { records: 9e6, bytes: 9e8 }, 3 * SECOND);
        const order = mergedOrder(lists, offered);
        const sizeOf = sizesOf(puts, order, some !== null);
        order.producers.forEach((p, i) => {
          const { offers } = producers[p]!;
          const bytes = offers.bytesOf(3, order.identities[i]!);
          expect(typeof sizeOf.bytes === 'number' ? sizeOf.bytes : sizeOf.bytes[i]).toBe(bytes);
          if (some !== null) expect(sizeOf.charges![i]).toBe(bytes + offers.keyBytesOf(3, order.identities[i]!));
        });
        const plain = passMerged(puts, order, sizeOf, limit());
        const all = takeMerged(puts, order, sizeOf, limit());
        if (plain.refusals.length + plain.losses.length > 0) {
          refused++;
          expect(all).toBeNull();
          return;
        }
        taken++;
        const seen = ({ times: arrivals, offeredTimes, limit: left, ...rest }: typeof plain) => ({
          times: [...arrivals.all()],
          offeredTimes: [...offeredTimes.all()],
          left: left?.leftAt(4 * SECOND),
          ...rest,
          // Of lone producers' records nobody asks whose they are.
          producers: lists.length === 1 ? null : rest.producers,
        });
        expect(seen(all!)).toEqual(seen(plain));
      }),
      { numRuns: runs(400) },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(30);
  });
});
