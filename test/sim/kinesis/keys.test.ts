import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyTable } from '../../../src/sim/kinesis/keys.ts';
import { runs } from '../../support/runs.ts';

const laws = fc.oneof(
  fc.record({ kind: fc.constant('uniform' as const), count: fc.integer({ min: 1, max: 300 }) }),
  fc.record({
    kind: fc.constant('zipf' as const),
    count: fc.integer({ min: 1, max: 300 }),
    exponent: fc.constantFrom(0.5, 1, 3),
  }),
  fc.record({
    kind: fc.constant('hot' as const),
    key: fc.constantFrom('hot', 'partitionKey-3'),
    share: fc.constantFrom(0.01, 0.5, 0.999),
    count: fc.integer({ min: 1, max: 300 }),
  }),
);
const unit = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  fc.constantFrom(0, 2 ** -33, 1 - 2 ** -33),
);

it('a key is the first below whose share all of those before it, and its own, lie (K2)', () => {
  fc.assert(
    fc.property(laws, fc.nat(299), fc.nat(299), fc.array(unit, { minLength: 1, maxLength: 30 }), (law, a, b, units) => {
      const table = new KeyTable(law);
      const keys = table.names.length;
      const first = Math.min(a, b) % keys;
      const end = first + 1 + (Math.abs(a - b) % (keys - first));
      // Where the share of the keys [first, key] ends, of those of [first, end).
      const shareTo = (key: number) => table.shareBefore(key + 1, first, end);
      for (const one of units) {
        const key = table.pick(one, first, end);
        expect(key).toBeGreaterThanOrEqual(first);
        expect(key).toBeLessThan(end);
        // The shares are rounded once more than the table's own sums.
        if (key < end - 1) expect(shareTo(key)).toBeGreaterThanOrEqual(one - 1e-12);
        if (key > first) expect(shareTo(key - 1)).toBeLessThanOrEqual(one + 1e-12);
      }
    }),
    { numRuns: runs(500) },
  );
});
