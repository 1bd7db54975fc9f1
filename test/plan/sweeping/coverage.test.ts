import { describe, expect, test } from 'vitest';
import { headlineFigures } from '../../../src/plan/headline.ts';
import { replicationsOf } from '../../../src/plan/replicating/replications.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { withSeed } from '../../../src/scenario/source.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { meanInterval } from '../../../src/statistics/interval.ts';
import { parse } from '../../support/scenario.ts';

/** Records arrive evenly over each second and wait for the next whole one, then 100 ms more: 600 ms in the mean. */
const KNOWN_MEAN = 600;
const REPETITIONS = 150;
const REPLICATIONS = 4;

/** test/theory/coverage.mjs does this 2,000 times, and for figures that are less even. */
describe('over repetitions of a case with a known mean', () => {
  const scenario = parse({ duration: '4s', drain: '4s', producers: { p: { stream: 's', rate: '5/s' } } });
  const samples = Array.from({ length: REPETITIONS }, (_, repetition) =>
    [...replicationsOf(withSeed(scenario, String(repetition)), REPLICATIONS)].map((one) => {
      const figures = headlineFigures(summarise(simulateSync(one)));
      return figures.find(({ metric, statistic }) => metric === 'timeInSystem{mapping:m}' && statistic === 'avg')!
        .value!;
    }),
  );

  test.each([0.95, 0.8, 0.5])('an interval of %d holds it that often, within three standard errors', (confidence) => {
    const held = samples.filter((some) => {
      const { low, high } = meanInterval(some, confidence);
      return low! <= KNOWN_MEAN && KNOWN_MEAN <= high!;
    }).length;
    const standardError = Math.sqrt((confidence * (1 - confidence)) / REPETITIONS);
    expect(Math.abs(held / REPETITIONS - confidence)).toBeLessThan(3 * standardError);
  });

  test('and the mean of all is that mean, within three standard errors', () => {
    const { mean, standardError } = meanInterval(samples.flat());
    expect(Math.abs(mean! - KNOWN_MEAN)).toBeLessThan(3 * standardError!);
  });
});
