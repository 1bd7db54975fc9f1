import { describe, expect, test } from 'vitest';
import type { ComparedMetric } from '../../../src/plan/comparing/compared-metric.ts';
import { conditionProblem, judgeCondition, readCondition } from '../../../src/plan/comparing/condition.ts';
import { pairedDifference } from '../../../src/statistics/difference.ts';
import { meanInterval } from '../../../src/statistics/interval.ts';

function conditionOf(expression: string) {
  const read = readCondition(expression, 'fail');
  if (!read.ok) throw new Error(read.issue.message);
  return read.condition;
}

describe('a condition', () => {
  test.each([
    ['worse', { metric: null, statistic: null, mapping: null }],
    [' IteratorAge.p99 worse', { metric: 'IteratorAge', statistic: 'p99', mapping: null }],
    ['IteratorAge p99 worse', { metric: 'IteratorAge', statistic: 'p99', mapping: null }],
    ['IteratorAge better', { metric: 'IteratorAge', statistic: null, mapping: null }],
    ['IteratorAge{mapping:a.b-c}.p99 worse', { metric: 'IteratorAge', statistic: 'p99', mapping: 'a.b-c' }],
    ['IteratorAge{mapping: m} p99 worse', { metric: 'IteratorAge', statistic: 'p99', mapping: 'm' }],
    ['records.lost differs', { metric: 'records.lost', statistic: null, mapping: null }],
    ['records.lost.count>+0', { metric: 'records.lost', statistic: 'count', mapping: null }],
    ['cost.month > +10%', { test: { kind: 'change', direction: 'rise', amount: 0.1, isShare: true } }],
    ['cost.month > +12.50', { test: { kind: 'change', direction: 'rise', amount: 12.5, isShare: false } }],
    ['timeInSystem.avg < -1.5s', { test: { kind: 'change', direction: 'fall', amount: 1_500, isShare: false } }],
    ['Invocations < - 5 %', { test: { kind: 'change', direction: 'fall', amount: 0.05, isShare: true } }],
  ])('%j is read', (expression, expected) => {
    expect(conditionOf(expression)).toMatchObject(expected);
  });

  test.each([
    ['', 1, 'expected worse, better or differs, or a metric before it'],
    ['IteratorAge.p98 worse', 1, "unknown metric 'IteratorAge.p98'; did you mean 'IteratorAge.p99'?"],
    ['  Errros worse', 3, "unknown metric 'Errros'; did you mean 'Errors'?"],
    ['IteratorAge.p99', 16, "expected worse, better, differs, or a change such as '> +10%', got ''"],
    ['IteratorAge.p99 wrose', 17, "got 'wrose'"],
    ['IteratorAge.p99 > 10%', 17, "expected a rise such as '> +10%' or a fall such as '< -10%'"],
    ['IteratorAge.p99 < +10%', 17, 'expected a rise'],
    ['IteratorAge.p99 >= +10%', 17, 'expected a rise'],
    ['IteratorAge.p99 > +500', 17, "a duration with its unit such as 500ms, got '500'"],
    ['Errors > +5s', 8, "a plain number such as 100, got '5s'"],
    ['Invocations worse', 13, 'Invocations is neither better nor worse'],
    ['cost.month{mapping:m} > +1', 1, 'cost.month is of the whole run'],
    ['worse and IteratorAge worse', 1, "unknown metric 'worse'"],
  ])('%j is refused at its place', (expression, column, message) => {
    const read = readCondition(expression, 'warn');
    expect(read).toMatchObject({ ok: false, issue: { file: '--warn-on', line: 1, column, excerpt: expression } });
    expect(!read.ok && read.issue.message).toContain(message);
  });

  test('is refused where it could never be judged', () => {
    const problem = (expression: string, sides: Parameters<typeof conditionProblem>[1]) =>
      conditionProblem(conditionOf(expression), sides)?.message ?? null;
    expect(problem('IteratorAge worse', { shared: ['m'], runs: 1 })).toContain('one run of each tells no difference');
    expect(problem('IteratorAge > +10%', { shared: ['m'], runs: 1 })).toBeNull();
    expect(problem('Errors{mapping:n} worse', { shared: ['m'], runs: 2 })).toContain("no mapping 'n' is in both");
    expect(problem('Errors worse', { shared: [], runs: 2 })).toContain('no mapping is in both');
    expect(problem('records.lost worse', { shared: [], runs: 2 })).toBeNull();
  });
});

describe('a condition is true', () => {
  const metric = (a: number[], b: number[], verdict: ComparedMetric['verdict'], mapping = 'm'): ComparedMetric => {
    const difference = pairedDifference(a.slice(0, b.length), b.slice(0, a.length));
    const mean = meanInterval(a);
    const relative = difference.mean === null || mean.mean === 0 ? null : difference.mean / mean.mean!;
    const name = { metric: `IteratorAge{mapping:${mapping}}`, statistic: 'p99', mapping, unit: 'Milliseconds' };
    const [onlyInA, onlyInB] = [Math.max(0, a.length - b.length), Math.max(0, b.length - a.length)];
    return {
      ...name,
      a: mean,
      b: meanInterval(b),
      onlyInA,
      onlyInB,
      difference,
      relative,
      adjustedPValue: null,
      verdict,
    };
  };
  const holds = (expression: string, ...metrics: ComparedMetric[]) =>
    judgeCondition(conditionOf(expression), metrics, 2).holds;

  test('by a verdict of the metric that it names', () => {
    const [worse, better] = [metric([10, 11], [20, 22], 'worse'), metric([20, 22], [10, 11], 'better', 'n')];
    expect(holds('worse', worse)).toBe(true);
    expect(holds('worse', better)).toBe(false);
    expect(holds('differs', better)).toBe(true);
    expect(holds('IteratorAge{mapping:n}.p99 worse', worse, better)).toBe(false);
    expect(holds('IteratorAge.p50 worse', worse)).toBe(false);
    expect(judgeCondition(conditionOf('worse'), [worse, better], 2).because).toEqual([
      'IteratorAge p99 of m: worse, +100 % (10.5 ms → 21 ms)',
    ]);
  });

  test('by a change that is large enough, and no chance', () => {
    const shown = metric([10, 11], [20, 22], 'worse');
    expect(holds('IteratorAge > +90%', shown)).toBe(true);
    expect(holds('IteratorAge > +100%', shown)).toBe(false);
    expect(holds('IteratorAge > +10ms', shown)).toBe(true);
    expect(holds('IteratorAge > +11ms', shown)).toBe(false);
    expect(holds('IteratorAge < -1ms', shown)).toBe(false);
    expect(holds('IteratorAge > +10%', { ...shown, verdict: 'no difference shown' })).toBe(false);
    // Of one run each nothing is judged: the figures count.
    const notJudged: ComparedMetric = { ...shown, verdict: 'not judged' };
    expect(judgeCondition(conditionOf('IteratorAge > +10%'), [notJudged], 1).holds).toBe(true);
    // Of several it is not judged where one alone has samples.
    expect(holds('IteratorAge > +10%', notJudged)).toBe(false);
    expect(holds('IteratorAge > +1000%', metric([0, 0], [1, 1], 'worse'))).toBe(true);
    expect(holds('IteratorAge > +0%', metric([0, 0], [0, 0], 'not judged'))).toBe(false);
  });

  test('where one of the two has no samples in half of the runs or more', () => {
    const some = { ...metric([10, 11], [10, 11], 'no difference shown'), onlyInA: 2 };
    const because = (complete: number, onlyIn = {}) =>
      judgeCondition(conditionOf('IteratorAge > +10%'), [{ ...some, ...onlyIn }], complete).because;
    expect(because(4)).toEqual(['IteratorAge p99 of m: no samples in B in 2 of 4 runs']);
    expect(because(4, { onlyInA: 0, onlyInB: 3 })).toEqual(['IteratorAge p99 of m: no samples in A in 3 of 4 runs']);
    expect(because(5)).toEqual([]);
    expect(judgeCondition(conditionOf('better'), [some], 4).holds).toBe(false);
  });

  test('where one of the two has no samples', () => {
    const missing = metric([10, 11], [], 'not judged');
    expect(judgeCondition(conditionOf('IteratorAge worse'), [missing], 2).because).toEqual([
      'IteratorAge p99 of m: no samples in B',
    ]);
    expect(holds('better', missing)).toBe(false);
    expect(holds('worse', metric([], [], 'not judged'))).toBe(false);
  });
});
