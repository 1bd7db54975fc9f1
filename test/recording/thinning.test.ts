import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastMissed, valueOfRank } from '../../src/recording/thinning.ts';
import { runs } from '../support/runs.ts';

/** The same by putting them in order. */
function inOrder(errors: readonly number[], most: number): number[] {
  const goes = errors.map(() => 0);
  const order = errors.map((_, i) => i).sort((a, b) => errors[a]! - errors[b]! || a - b);
  for (const i of order) {
    if (goes.reduce((sum, one) => sum + one, 0) >= most) break;
    if (goes[i - 1] !== 1 && goes[i + 1] !== 1) goes[i] = 1;
  }
  return goes;
}

describe('points of a history that are dropped (M4)', () => {
  it('are those that are missed least, no two of them next to one another', () => {
    // Many that are equal, and runs that rise and fall.
    const error = fc.oneof(fc.nat(3), fc.nat(20), fc.double({ min: 0, max: 5, noNaN: true }));
    fc.assert(
      fc.property(fc.array(error, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (errors, most) => {
        expect(
          [...leastMissed(Float64Array.from([...errors, 1]), errors.length, most)].slice(0, errors.length),
        ).toEqual(inOrder(errors, most));
      }),
      { numRuns: runs(2_000) },
    );
  });
});

it('finds the value of a rank without putting all in order', () => {
  const value = fc.oneof(
    fc.nat(3),
    fc.nat(1_000),
    fc.double({ noNaN: true }).map((one) => one + 0),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(5), (values, any, behind) => {
      const place = any % values.length;
      const room = Float64Array.from([...values, ...Array.from({ length: behind }, () => -1)]);
      expect(valueOfRank(room, values.length, place)).toBe(Float64Array.from(values).sort()[place]!);
      expect([...room.subarray(0, values.length)].sort((a, b) => a - b)).toEqual([...values].sort((a, b) => a - b));
    }),
    { numRuns: runs(1_000) },
  );
});
