import { describe, expect, it } from 'vitest';
import { Chance, Draws, firstBase, secondBase } from '../../src/kernel/chance.ts';
import { binomial, binomialHalf, halvedAt, poisson } from '../../src/kernel/counts.ts';

const N = 100_000;

describe('a chance', () => {
  it('depends on the seed, the names and the place, and on nothing drawn before (D2)', () => {
    const chance = new Chance('42').fork('lane', 'm');
    const tenth = chance.unit(10);
    chance.unit(3);
    chance.fork('other').unit(10);
    expect(chance.unit(10)).toBe(tenth);
    expect(new Chance('42', 'lane', 'm').unit(10)).toBe(tenth);
    expect(new Chance('43', 'lane', 'm').unit(10)).not.toBe(tenth);
    expect(chance.unit(11)).not.toBe(tenth);
  });

  it('names are told apart, however they are cut (D2)', () => {
    const units = [['ab', 'c'], ['a', 'bc'], ['abc'], ['a', 'b', 'c'], ['c', 'ab']].map((names) =>
      new Chance(...names).unit(0),
    );
    expect(new Set(units).size).toBe(units.length);
  });

  it('is uniform on (0, 1), never 0 or 1 (D2)', () => {
    const chance = new Chance('uniform');
    const buckets = new Array<number>(100).fill(0);
    for (let place = 0; place < N; place++) {
      const unit = chance.unit(place);
      expect(unit > 0 && unit < 1).toBe(true);
      buckets[Math.floor(unit * 100)]! += 1;
    }
    // χ² with 99 degrees of freedom: mean 99, deviation √198. Four of them.
    const chiSquare = buckets.reduce((sum, count) => sum + (count - N / 100) ** 2 / (N / 100), 0);
    expect(Math.abs(chiSquare - 99)).toBeLessThan(4 * Math.sqrt(198));
  });

  it('neighbouring places, forks and seeds are uncorrelated (D2)', () => {
    const chance = new Chance('a');
    const fork = chance.fork('1');
    const seed = new Chance('b');
    const pairs: readonly ((place: number) => number)[] = [
      (place) => chance.unit(place + 1),
      (place) => chance.unit(place + 4_294_967_296),
      (place) => fork.unit(place),
      (place) => seed.unit(place),
    ];
    for (const other of pairs) {
      let sum = 0;
      for (let place = 0; place < N; place++) sum += (chance.unit(place) - 0.5) * (other(place) - 0.5);
      // The product of two has deviation 1/12; four standard errors.
      expect(Math.abs(sum / N)).toBeLessThan((4 * (1 / 12)) / Math.sqrt(N));
    }
  });

  it('places above 2^32 have numbers of their own', () => {
    const chance = new Chance('far');
    expect(chance.unit(2 ** 40 + 7)).not.toBe(chance.unit(7));
  });
});

describe('draws', () => {
  it('begin anew at a place, whatever came before (D3)', () => {
    const chance = new Chance('x');
    const draws = new Draws();
    draws.seek(chance, 5, 0);
    const first = [draws.next(), draws.next(), draws.next()];
    draws.seek(chance, 6, 0);
    draws.next();
    draws.node(3, 0);
    draws.next();
    draws.seek(chance, 5, 0);
    expect([draws.next(), draws.next(), draws.next()]).toEqual(first);
    expect(new Set(first).size).toBe(3);
  });
});

/** Mean and variance of n draws, each from a place of its own. */
function moments(n: number, draw: (draws: Draws) => number): { mean: number; variance: number } {
  const chance = new Chance('moments');
  const draws = new Draws();
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    draws.seek(chance, i, 0);
    const value = draw(draws);
    sum += value;
    squares += value * value;
  }
  const mean = sum / n;
  return { mean, variance: (squares - n * mean * mean) / (n - 1) };
}

/** Four standard errors: of the mean √(σ²/n), of the variance √((μ₄ − σ⁴)/n) and what the mean's own error adds to it. */
function expectMoments(
  n: number,
  found: { mean: number; variance: number },
  law: { mean: number; variance: number; fourth: number },
) {
  expect(Math.abs(found.mean - law.mean)).toBeLessThanOrEqual(4 * Math.sqrt(law.variance / n));
  expect(Math.abs(found.variance - law.variance)).toBeLessThanOrEqual(
    4 * Math.sqrt((law.fourth - law.variance ** 2) / n) + (16 * law.variance) / n,
  );
}

describe('counts', () => {
  const n = 40_000;

  it.each([0.01, 0.5, 1, 2.75, 17, 1_000.5, 123_456.7])(
    'Poisson(%d) has mean and variance of its rate (D3)',
    (rate) => {
      const found = moments(n, (draws) => poisson(rate, draws));
      expectMoments(n, found, { mean: rate, variance: rate, fourth: rate + 3 * rate * rate });
    },
  );

  it('Poisson(0) is 0 (D3)', () => {
    expect(moments(100, (draws) => poisson(0, draws))).toEqual({ mean: 0, variance: 0 });
  });

  it('Poisson(2) has its probabilities (D3)', () => {
    const counts = new Array<number>(20).fill(0);
    const chance = new Chance('pmf');
    const draws = new Draws();
    for (let i = 0; i < n; i++) {
      draws.seek(chance, i, 0);
      counts[poisson(2, draws)]! += 1;
    }
    let probability = Math.exp(-2);
    for (let k = 0; k < 7; k++) {
      expect(Math.abs(counts[k]! - n * probability)).toBeLessThan(4 * Math.sqrt(n * probability * (1 - probability)));
      probability *= 2 / (k + 1);
    }
  });

  it.each([
    [1, 0.5],
    [7, 0.25],
    [100, 0.013],
    [5_000, 0.7],
    [3_000_000, 1 / 3],
  ])('Binomial(%i, %d) has its mean and variance, and stays in its range (D3)', (trials, p) => {
    const found = moments(n, (draws) => {
      const count = binomial(trials, p, draws);
      if (count < 0 || count > trials || !Number.isInteger(count)) throw new Error(`${count} of ${trials}`);
      return count;
    });
    const variance = trials * p * (1 - p);
    expectMoments(n, found, {
      mean: trials * p,
      variance,
      fourth: variance * (1 + 3 * (trials - 2) * p * (1 - p)),
    });
  });

  it('Binomial with p of 0 or 1 leaves nothing to chance (D3)', () => {
    const draws = new Draws();
    draws.seek(new Chance('0'), 0, 0);
    expect([binomial(9, 0, draws), binomial(9, 1, draws), binomial(0, 0.3, draws)]).toEqual([0, 9, 0]);
  });

  it.each([1, 31, 32, 33, 64, 65, 1_000, 2 ** 20, 2 ** 21 + 77])(
    'Binomial(%i, ½) has its mean and variance (D3)',
    (trials) => {
      const found = moments(n, (draws) => binomialHalf(trials, draws));
      const variance = trials / 4;
      expectMoments(n, found, { mean: trials / 2, variance, fourth: variance * (1 + (3 * (trials - 2)) / 4) });
    },
  );
});

it('halves drawn at a node are those that its draws would give, however many (D3)', () => {
  const chance = new Chance('halves');
  const draws = new Draws();
  const counts = [
    0,
    1,
    31,
    32,
    33,
    63,
    64,
    65,
    96,
    127,
    128,
    1_000,
    65_535,
    2 ** 20 - 1,
    2 ** 20,
    5_000_000,
    2 ** 32 + 77,
  ];
  for (let place = 0; place < 200; place++) {
    const base0 = firstBase(chance, place, place % 3);
    const base1 = secondBase(base0, chance, place % 3);
    for (const count of counts) {
      const [low, high] = [(place * 2_654_435_761) | 0, place % 7];
      draws.seek(chance, place, place % 3);
      draws.node(low, high);
      expect(halvedAt(count, base0, base1, low, high), String(count)).toBe(binomialHalf(count, draws));
    }
    counts.splice(16); // thousands of the largest table: once
  }
});
