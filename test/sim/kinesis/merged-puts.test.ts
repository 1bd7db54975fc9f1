import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MergedPuts } from '../../../src/sim/kinesis/merged-puts.ts';
import { mergedOrder, passMerged, sizesOf, takeMerged } from '../../../src/sim/kinesis/merged-puts.ts';
import type { ShardOffers } from '../../../src/sim/kinesis/offers.ts';
import { OfferList } from '../../../src/sim/kinesis/offers.ts';
import type { Retry } from '../../../src/sim/kinesis/record-log.ts';
import { PUT_RETRY_DELAYS, WriteLimit } from '../../../src/sim/kinesis/write-limit.ts';
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

type Order = ReturnType<typeof mergedOrder>;

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

  it('fare as if each were taken up alone, second after second, those that parents have left among them', () => {
    // Two own producers and one of a parent; what it has left may be for any try, and need not come back in this second.
    const left = fc.array(fc.record({ at: time, tries: fc.integer({ min: 2, max: 4 }) }), { maxLength: 20 });
    const seconds = fc.array(fc.tuple(fc.array(time, { maxLength: 30 }), fc.array(time, { maxLength: 30 })), {
      minLength: 1,
      maxLength: 4,
    });
    const sizes = fc.record({
      data: fc.array(fc.constantFrom(50, 90, null), { minLength: 1, maxLength: 3 }),
      keys: fc.array(fc.constantFrom(4, null), { minLength: 1, maxLength: 3 }),
    });
    const closing = fc.constantFrom(Number.POSITIVE_INFINITY, 420_000, 600_000);
    fc.assert(
      fc.property(seconds, left, sizes, fc.integer({ min: 1, max: 25 }), closing, (all, parents, of, rate, closes) => {
        const producers = [0, 1, 2].map((p) => producerOf(of, p));
        const data = new Set(producers.map(({ offers }) => offers.constantBytes));
        const rates = { records: rate, bytes: 4_000 };
        const limit = new WriteLimit(rates, 97);
        const plain = new WriteLimit(rates, 97);
        const inOrder = (retries: readonly Retry[]) => [...retries].sort((one, other) => one.at - other.at);
        let retries: readonly Retry[] = inOrder(
          parents.map(({ at, tries }, i) => ({
            at: at + (i % 3) * 150_000,
            tries,
            producer: 2,
            identity: 9_000 + i,
            offeredIn: -1,
          })),
        );
        all.forEach((times, second) => {
          const lists = times.map(listOf);
          const puts: MergedPuts = {
            ...{ second, producers, lists, retries, maximumRecordSize: 97 },
            closes: second === all.length - 1 ? second * SECOND + closes : Number.POSITIVE_INFINITY,
            offered: times.flat().length,
            constantBytes: data.size === 1 ? [...data][0]! : null,
          };
          const order = mergedOrder(lists, puts.offered);
          const made = passMerged(puts, order, sizesOf(puts, order, true), limit);
          const taken = Array.from({ length: made.count }, (_, i) => [
            ...[made.times.at(i), made.producers![i], made.identities![i], made.offeredIn?.[i] ?? second],
            typeof made.bytes === 'number' ? made.bytes : made.bytes[i],
          ]);
          const expected = plainly(puts, order, plain);
          const { refusals, losses } = made;
          expect({ taken, refusals, losses, retries: made.retries }).toEqual(expected);
          retries = made.retries;
        });
      }),
      { numRuns: runs(400) },
    );
  });
});

/** As K3 says it: one list of all, in order of time, who was refused first before others, a retry before an offer. */
function plainly(
  { second, closes, producers, retries, maximumRecordSize }: MergedPuts,
  order: Order,
  limit: WriteLimit,
) {
  const opens = second * SECOND;
  const offers = Array.from(order.times, (time, i) => ({
    ...{ at: opens + time, tries: 1, producer: order.producers[i]!, identity: order.identities[i]!, offeredIn: second },
  }));
  const due: Retry[] = [...retries, ...offers];
  const [taken, refusals, losses]: [unknown[], number[], number[]] = [[], [], []];
  for (;;) {
    due.sort((a, b) => a.at - b.at || Number(a.tries === 1) - Number(b.tries === 1)); // stable
    const next = due[0];
    const end = Math.min(closes, opens + SECOND);
    if (next === undefined || (next.at >= end && !due.some(({ tries }) => tries === 1))) break;
    due.shift();
    const { at, tries, producer, identity, offeredIn } = next;
    const { offers: own, onThrottle } = producers[producer]!;
    const bytes = own.bytesOf(offeredIn, identity);
    const charge = bytes + own.keyBytesOf(offeredIn, identity);
    if (charge > maximumRecordSize) losses.push(at - opens);
    else if (limit.accepts(at, charge)) taken.push([at - opens, producer, identity, offeredIn, bytes]);
    else {
      refusals.push(at - opens);
      const delay = onThrottle === 'drop' ? undefined : PUT_RETRY_DELAYS[tries - 1];
      if (delay === undefined) losses.push(at - opens);
      else due.push({ ...next, at: at + delay, tries: tries + 1 });
    }
  }
  return { taken, refusals, losses, retries: due };
}
