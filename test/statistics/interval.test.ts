import { describe, expect, test } from 'vitest';
import { meanInterval, studentQuantile } from '../../src/statistics/interval.ts';

describe("the quantile of Student's t", () => {
  // Published tables, three decimals or more.
  test.each([
    [0.975, 1, 12.7062],
    [0.975, 2, 4.302653],
    [0.975, 3, 3.182446],
    [0.975, 10, 2.228139],
    [0.975, 19, 2.093024],
    [0.975, 30, 2.042272],
    [0.995, 1, 63.656741],
    [0.995, 9, 3.249836],
    [0.9, 120, 1.288646],
    [0.9995, 5, 6.868827],
  ])('at %d with %d degrees of freedom is in the tables', (p, degrees, expected) => {
    expect(studentQuantile(p, degrees)).toBeCloseTo(expected, 4);
    expect(studentQuantile(1 - p, degrees)).toBeCloseTo(-expected, 4);
  });

  test('takes the finite series of its distribution back to p, for every whole number of degrees', () => {
    for (const degrees of [1, 2, 3, 4, 5, 8, 13, 19, 50, 99, 333, 1_000]) {
      for (const p of [0.51, 0.75, 0.9, 0.975, 0.995, 0.9995]) {
        const within = shareWithin(studentQuantile(p, degrees), degrees);
        expect(Math.abs(within - (2 * p - 1)), `p ${p}, ${degrees}`).toBeLessThan(1e-10);
      }
    }
  });

  test('falls with the degrees of freedom, also between whole ones, to that of the normal distribution', () => {
    const degrees = [1, 1.3, 2, 2.5, 3, 7.7, 8, 40, 40.5, 41, 1e4, 1e8];
    const values = degrees.map((one) => studentQuantile(0.975, one));
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(values.at(-1)).toBeCloseTo(1.959964, 6);
    // At 2.5, by the midpoint rule over the density itself.
    const at = studentQuantile(0.975, 2.5);
    const steps = 200_000;
    let area = 0;
    for (let i = 0; i < steps; i++) area += (1 + ((i + 0.5) * at) ** 2 / steps ** 2 / 2.5) ** -1.75;
    const density = 0.9190625268488832 / (Math.sqrt(2.5 * Math.PI) * 0.9064024770554771); // Γ(1.75), Γ(1.25)
    expect((2 * density * area * at) / steps).toBeCloseTo(0.95, 8);
  });

  test.each([
    [0, 5],
    [1, 5],
    [0.5, 0.5],
    [Number.NaN, 5],
    [0.5, Number.POSITIVE_INFINITY],
  ])('refuses p %d with %d degrees of freedom', (p, degrees) => {
    expect(() => studentQuantile(p, degrees)).toThrow(RangeError);
  });
});

describe('the interval of a mean', () => {
  test('is the mean ± t times the standard error', () => {
    const { count, mean, standardError, low, high, min, max } = meanInterval([4, 8, 6, 2]);
    expect([count, mean, min, max]).toEqual([4, 5, 2, 8]);
    // Squares 1 + 9 + 1 + 9 over 3, over 4.
    expect(standardError).toBeCloseTo(Math.sqrt(20 / 12), 12);
    expect(high! - mean!).toBeCloseTo(3.182446305 * Math.sqrt(20 / 12), 8);
    expect(mean! - low!).toBeCloseTo(high! - mean!, 12);
  });

  test('has no width for equal samples, none at all for one, and nothing for none', () => {
    expect(meanInterval([0.1, 0.1, 0.1])).toMatchObject({ mean: 0.1, standardError: 0, low: 0.1, high: 0.1 });
    expect(meanInterval([7])).toEqual({
      count: 1,
      mean: 7,
      standardError: null,
      low: null,
      high: null,
      min: 7,
      max: 7,
    });
    expect(meanInterval([])).toMatchObject({ count: 0, mean: null, min: null, max: null });
  });

  test('holds the true mean in 95 % of all cases', () => {
    // Sums of two uniform numbers of a congruential generator, mean 1; 500 sets of 5: σ of the share is 1 %.
    let state = 0;
    const uniform = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    let held = 0;
    for (let set = 0; set < 500; set++) {
      const { low, high } = meanInterval(Array.from({ length: 5 }, () => uniform() + uniform()));
      if (low! <= 1 && 1 <= high!) held++;
    }
    expect(Math.abs(held / 500 - 0.95)).toBeLessThan(0.03);
  });
});

/** P(|T| < t): the finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4. */
function shareWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const squared = Math.cos(angle) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (squared * (k - 1)) / k;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
