import fc from 'fast-check';
import { expect, it } from 'vitest';
import { passPuts } from '../../../src/sim/kinesis/lone-puts.ts';
import type { Retry } from '../../../src/sim/kinesis/record-log.ts';
import { PUT_RETRY_DELAYS, WriteLimit } from '../../../src/sim/kinesis/write-limit.ts';
import { runs } from '../../support/runs.ts';

const SECOND = 1_000_000;

/** As K3 says it: offers and retries one by one, by their time, who was refused first before others, a retry before an offer. */
function plainly(
  limit: WriteLimit,
  second: number,
  times: readonly number[],
  before: readonly Retry[],
  drops: boolean,
  chargedOf: (offeredIn: number, identity: number) => number,
) {
  const put = (at: number, tries: number, identity: number, offeredIn: number) => ({ at, tries, identity, offeredIn });
  const offers = times.map((time, identity) => put(second * SECOND + time, 1, identity, second));
  const due = [...before.map((one) => put(one.at, one.tries, one.identity, one.offeredIn)), ...offers];
  const [taken, refusals, losses]: [unknown[], number[], number[]] = [[], [], []];
  for (;;) {
    due.sort((a, b) => a.at - b.at || Number(a.tries === 1) - Number(b.tries === 1)); // stable
    const next = due[0];
    if (next === undefined || next.at >= (second + 1) * SECOND) break;
    due.shift();
    const time = next.at - second * SECOND;
    if (limit.accepts(next.at, chargedOf(next.offeredIn, next.identity)))
      taken.push([time, next.identity, next.offeredIn]);
    else {
      refusals.push(time);
      const delay = drops ? undefined : PUT_RETRY_DELAYS[next.tries - 1];
      if (delay === undefined) losses.push(time);
      else due.push({ ...next, at: next.at + delay, tries: next.tries + 1 });
    }
  }
  return { taken, refusals, losses, retries: due.map((one) => ({ ...one, producer: 0 })) };
}

it('puts of a lone producer fare as if each were taken up alone, second after second (K3)', () => {
  // Times on a coarse grid, so that offers and retries of all kinds meet at one instant.
  const time = fc.oneof(
    fc.integer({ min: 0, max: 19 }).map((step) => step * 50_000),
    fc.nat(999_999),
  );
  const seconds = fc.array(fc.array(time, { maxLength: 30 }), { minLength: 1, maxLength: 5 });
  // Alike, or data or keys that differ.
  const sizes = fc.record({ data: fc.constantFrom(0, 7, 150), key: fc.constantFrom(0, 31) });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 1, max: 15 }), fc.boolean(), sizes, (all, rate, drops, { data, key }) => {
      const plain = new WriteLimit({ records: rate, bytes: 900 }, 400);
      let limit = new WriteLimit({ records: rate, bytes: 900 }, 400);
      let retries: readonly Retry[] = [];
      all.forEach((unordered, second) => {
        const times = [...unordered].sort((a, b) => a - b);
        const bytesOf = (offeredIn: number, identity: number) => 84 + ((offeredIn + identity * 31) % (data + 1));
        const keyBytesOf = (offeredIn: number, identity: number) => 16 + ((offeredIn * 7 + identity) % (key + 1));
        const chargedOf = (offeredIn: number, identity: number) =>
          bytesOf(offeredIn, identity) + keyBytesOf(offeredIn, identity);
        const each = (of: (offeredIn: number, identity: number) => number) =>
          Int32Array.from(times, (_, identity) => of(second, identity));
        const expected = plainly(plain, second, times, retries, drops, chargedOf);
        const { left, at, ...passed } = passPuts({
          ...{ second, closes: SECOND, times: Int32Array.from(times), identities: null, count: times.length, retries },
          ...{ recordBucket: limit.recordBucket, byteBucket: limit.byteBucket, bytes: data === 0 ? 84 : each(bytesOf) },
          ...{ charges: data + key === 0 ? 100 : each(chargedOf), offers: { bytesOf, keyBytesOf } },
          ...{ left: limit.leftAt(second * SECOND), onThrottle: drops ? 'drop' : 'retry' },
        });
        const taken = [...passed.times].map((one, i) => [one, passed.identities[i], passed.offeredIn?.[i] ?? second]);
        const offeredIn = (i: number) => passed.offeredIn?.[i] ?? second;
        taken.forEach((_, i) => {
          const size = typeof passed.bytes === 'number' ? passed.bytes : passed.bytes[i];
          expect(size).toBe(bytesOf(offeredIn(i), passed.identities[i]!));
        });
        const { refusals, losses } = passed;
        expect({ taken, refusals, losses, retries: passed.retries }).toEqual(expected);
        expect(passed.count).toBe(taken.length);
        limit = limit.holding(left, second * SECOND + at);
        expect(limit.leftAt((second + 1) * SECOND)).toEqual(plain.leftAt((second + 1) * SECOND));
        retries = passed.retries;
      });
    }),
    { numRuns: runs(300) },
  );
});
