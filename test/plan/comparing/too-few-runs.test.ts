import { describe, expect, test } from 'vitest';
import { compare } from '../../../src/plan/comparing/compare.ts';
import { comparedMetrics } from '../../../src/plan/comparing/compared-metric.ts';
import type { ComparedRun } from '../../../src/plan/comparing/compared-run.ts';
import { comparisonText } from '../../../src/plan/comparing/comparison-text.ts';
import { readCondition } from '../../../src/plan/comparing/condition.ts';
import type { Pairing } from '../../../src/plan/comparing/pairing.ts';
import { tooFewRuns } from '../../../src/plan/comparing/too-few-runs.ts';
import { parse } from '../../support/scenario.ts';

const PAIRED: Pairing = { kind: 'records', because: [], sameTotals: true };

/** Of each run the values of some metrics; null: no samples. */
function neededFor(a: (number | null)[][], b: (number | null)[][]): number | null {
  const runs = (rows: (number | null)[][]) =>
    rows.map((values): ComparedRun => {
      const figures = values.map((value, index) => ({
        metric: `m${index}`,
        statistic: 'avg',
        mapping: null,
        unit: 'Count',
        value,
      }));
      return { figures } as unknown as ComparedRun;
    });
  const metrics = comparedMetrics(runs(a), runs(b), PAIRED);
  return tooFewRuns({ metrics, complete: a.length, pairing: PAIRED })?.needed ?? null;
}

describe('the runs that are likely to show a large difference', () => {
  const A = [10, 10, 10, 10].map((value) => [value]);
  const B = [11, 14, 10, 15].map((value) => [value]);
  const alone = neededFor(A, B)!;

  test('are not more where other metrics are the same in every run (Holm)', () => {
    const beside = (rows: number[][]) => rows.map((values) => [...values, 7, 8, 9]);
    expect(alone).toBeGreaterThan(4);
    expect(neededFor(beside(A), beside(B))).toBe(alone);
  });

  test('are as many more as there are runs without samples', () => {
    const halfOf = (rows: number[][]) => [...rows, ...rows.map(() => [null])];
    expect(neededFor(halfOf(A), halfOf(B))).toBe(2 * alone);
  });
});

describe('where some runs have no samples', () => {
  const slow = { f: { Timeout: 900, duration: { lognormal: { median: '60s', p99: '400s' } } } };
  const scenario = (functions: object) =>
    parse({ seed: 1, duration: '20s', producers: { p: { rate: '20/s' } }, functions });
  const read = readCondition('IteratorAge.p99 > +10%', 'fail');
  const conditions = read.ok ? [read.condition] : [];

  test('the gate is closed where most have none, and the table tells of how many runs its figures are', async () => {
    const comparison = await compare(scenario({ f: { Timeout: 900, duration: '1s' } }), scenario(slow), {
      replications: 10,
      conditions,
    });
    const age = comparison.metrics.find(({ metric, statistic }) => /^IteratorAge/.test(metric) && statistic === 'p99')!;
    const { onlyInA, onlyInB } = age;
    expect(onlyInA).toBeGreaterThanOrEqual(5);
    expect([onlyInB, age.b.count]).toEqual([0, 10 - onlyInA]);
    expect(comparison.conditions).toMatchObject([
      { holds: true, because: [`IteratorAge p99 of m: no samples in B in ${onlyInA} of 10 runs`] },
    ]);
    expect(comparisonText(comparison)).toContain(`Samples in ${10 - onlyInA} of 10 pairs only: IteratorAge p50`);
  });
});
