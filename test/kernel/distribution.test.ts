import { describe, expect, it } from 'vitest';
import { Chance } from '../../src/kernel/chance.ts';
import type { Distribution } from '../../src/kernel/distribution.ts';
import { quantileOf } from '../../src/kernel/distribution.ts';
import { exp, ln, pow } from '../../src/kernel/elementary.ts';
import { WholeQuantiles } from '../../src/kernel/whole-quantiles.ts';

describe('elementary functions', () => {
  const points = Array.from({ length: 2_000 }, (_, i) => 10 ** (-12 + i * 0.012) * (1 + (i % 7) / 9));

  it('ln agrees with the logarithm to 1e-15 of its value (D1)', () => {
    for (const x of points)
      expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(2e-15 * Math.max(1e-3, Math.abs(Math.log(x))));
    expect(ln(1)).toBe(0);
  });

  it('exp agrees with the exponential to 1e-15 (D1)', () => {
    for (let x = -600; x <= 600; x += 0.37) expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(2e-15);
    expect(exp(0)).toBe(1);
  });

  it('pow agrees with the power to 1e-13 (D1)', () => {
    for (const x of [1e-6, 0.3, 1, 2, 12.5, 9_999]) {
      for (const y of [-3, -0.5, 0, 0.1, 1, 2.7]) expect(Math.abs(pow(x, y) / x ** y - 1)).toBeLessThan(1e-13);
    }
  });
});

describe('quantiles', () => {
  const laws: readonly [Distribution, number, number][] = [
    [{ kind: 'constant', value: 7 }, 0.3, 7],
    [{ kind: 'uniform', min: 10, max: 30 }, 0.25, 15],
    [{ kind: 'exponential', mean: 100 }, 0.5, 100 * Math.LN2],
    [{ kind: 'lognormal', median: 40, p99: 400 }, 0.5, 40],
    [{ kind: 'lognormal', median: 40, p99: 400 }, 0.99, 400],
    [{ kind: 'lognormal', median: 40, p99: 400 }, 0.01, 4],
    [{ kind: 'lognormal', median: 40, p99: 40 }, 0.9, 40],
    [{ kind: 'weibull', shape: 2, scale: 10 }, 1 - Math.exp(-1), 10],
    [{ kind: 'weibull', shape: 2, scale: 10 }, 1 - Math.exp(-4), 20],
    [{ kind: 'empirical', values: [1, 2, 3, 10] }, 0.24, 1],
    [{ kind: 'empirical', values: [1, 2, 3, 10] }, 0.25, 2],
    [{ kind: 'empirical', values: [1, 2, 3, 10] }, 0.99, 10],
  ];

  it.each(laws)('%j at %d (L5)', (law, unit, value) => {
    expect(quantileOf(law, unit) / value).toBeCloseTo(1, 8);
  });

  it.each(laws.map(([law]) => [law]))('%j never falls (L5)', (law) => {
    let before = Number.NEGATIVE_INFINITY;
    for (let unit = 0.0005; unit < 1; unit += 0.001) {
      const value = quantileOf(law, unit);
      expect(value).toBeGreaterThanOrEqual(before);
      before = value;
    }
  });
});

describe('whole quantiles', () => {
  const laws: readonly Distribution[] = [
    { kind: 'constant', value: 7.5 },
    { kind: 'uniform', min: 0.2, max: 3_000 },
    { kind: 'exponential', mean: 100 },
    { kind: 'exponential', mean: 0.3 },
    { kind: 'lognormal', median: 512, p99: 3_072 },
    { kind: 'lognormal', median: 1_024, p99: 1_048_576 },
    { kind: 'lognormal', median: 40, p99: 40 },
    { kind: 'weibull', shape: 0.4, scale: 700 },
    { kind: 'empirical', values: [1, 2, 3, 10] },
  ];

  it.each(laws)('of %j are the quantiles, rounded, and no larger than fits (L5)', (law) => {
    const whole = new WholeQuantiles(law);
    const chance = new Chance('whole', law.kind);
    const expected = (word: number) =>
      Math.min(2 ** 31 - 1, Math.max(0, Math.round(quantileOf(law, (word + 0.5) / 4294967296))));
    const wrong: number[] = [];
    const check = (word: number) => {
      if (whole.at(word | 0) !== expected(word)) wrong.push(word);
    };
    for (let place = 0; place < 20_000; place++) check(chance.word(place) >>> 0);
    // Where approximations meet and at the ends, every word of some cells, twice: first drawn and then known.
    for (const unit of [0, 0.02425, 0.5, 1 - 0.02425, 0.99, 1 - 2 ** -15]) {
      const from = Math.floor(unit * 65_536) * 65_536;
      for (let word = from - 70; word < from + 140_000; word += 13) {
        if (word >= 0 && word < 4294967296) check(word);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('moments', () => {
  const n = 200_000;
  const sigma = Math.log(3) / 2.3263478740408408; // of a lognormal with p99 three times its median
  const laws: readonly [Distribution, { mean: number; variance: number }][] = [
    [
      { kind: 'uniform', min: 10, max: 30 },
      { mean: 20, variance: 400 / 12 },
    ],
    [
      { kind: 'exponential', mean: 50 },
      { mean: 50, variance: 2_500 },
    ],
    [
      { kind: 'lognormal', median: 100, p99: 300 },
      {
        mean: 100 * Math.exp(sigma ** 2 / 2),
        variance: (Math.exp(sigma ** 2) - 1) * (100 * Math.exp(sigma ** 2 / 2)) ** 2,
      },
    ],
    // Γ(1.5) = √π / 2, Γ(2) = 1.
    [
      { kind: 'weibull', shape: 2, scale: 10 },
      { mean: 5 * Math.sqrt(Math.PI), variance: 100 - 25 * Math.PI },
    ],
    [
      { kind: 'empirical', values: [1, 2, 3, 10] },
      { mean: 4, variance: 12.5 },
    ],
  ];

  it.each(laws)('%j has its mean and variance (L5)', (law, { mean, variance }) => {
    const chance = new Chance(JSON.stringify(law));
    let sum = 0;
    let squares = 0;
    for (let place = 0; place < n; place++) {
      const value = quantileOf(law, chance.unit(place)) - mean;
      sum += value;
      squares += value * value;
    }
    // Four standard errors of the mean; of the variance, whose fourth moments are at most 20 σ⁴ here, too.
    expect(Math.abs(sum / n)).toBeLessThan(4 * Math.sqrt(variance / n));
    expect(Math.abs(squares / n - variance)).toBeLessThan(4 * variance * Math.sqrt(20 / n));
  });
});
