import { beforeAll, describe, expect, test } from 'vitest';
import { compare, compareResults } from '../../../src/plan/comparing/compare.ts';
import type { ComparedMetric } from '../../../src/plan/comparing/compared-metric.ts';
import { comparedMetrics } from '../../../src/plan/comparing/compared-metric.ts';
import type { ComparedRun, ComparedSource } from '../../../src/plan/comparing/compared-run.ts';
import { comparedRunOf, sourceOfScenario } from '../../../src/plan/comparing/compared-run.ts';
import type { Comparison } from '../../../src/plan/comparing/comparison.ts';
import { comparisonOf } from '../../../src/plan/comparing/comparison.ts';
import { comparisonChart } from '../../../src/plan/comparing/comparison-chart.ts';
import { comparisonMarkdown } from '../../../src/plan/comparing/comparison-markdown.ts';
import { comparisonJson, comparisonText } from '../../../src/plan/comparing/comparison-text.ts';
import type { Pairing } from '../../../src/plan/comparing/pairing.ts';
import { drawSvg } from '../../../src/report/draw.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { withSeed } from '../../../src/scenario/source.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import type { ScenarioPart } from '../../support/scenario.ts';
import { parse } from '../../support/scenario.ts';
import { svgTexts } from '../../support/svg-texts.ts';

/** Twenty seconds in which chance has a hand in every metric: polls, arrivals, durations, errors, throttles, losses. */
const NOISY = {
  seed: 'a',
  duration: '20s',
  polling: { phase: 'spread' },
  streams: { s: { ShardCount: 2 } },
  producers: { p: { stream: 's', rate: '15/s' } },
  functions: {
    f: {
      ReservedConcurrentExecutions: 1,
      duration: { exponential: { mean: '100ms' } },
      faults: [{ probability: '5%' }],
    },
  },
  mappings: { m: { MaximumRetryAttempts: 1, BatchSize: 10 } },
};

const summaryOf = (part: ScenarioPart) => summarise(simulateSync(parse({ ...NOISY, ...part })));

describe('noise is not called a difference', () => {
  /** A pool of runs with other seeds, of which each comparison draws its own. */
  let pool: ComparedRun[] = [];
  beforeAll(() => {
    const scenario = parse(NOISY);
    pool = Array.from({ length: 100 }, (_, run) =>
      comparedRunOf(summarise(simulateSync(withSeed(scenario, `${run}`)))),
    );
  });

  /** How many of 200 comparisons of the scenario with itself say something, and would of each metric by itself. */
  function wrongOf200(kind: Pairing['kind']): { readonly together: number; readonly single: number } {
    let state = 7;
    const below = (end: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * end);
    };
    let together = 0;
    let single = 0;
    for (let comparison = 0; comparison < 200; comparison++) {
      const left = [...pool];
      const drawn = Array.from({ length: 16 }, () => left.splice(below(left.length), 1)[0]!);
      const metrics = comparedMetrics(drawn.slice(0, 8), drawn.slice(8), { kind, because: [], sameTotals: false });
      if (metrics.some(({ verdict }) => ['better', 'worse', 'informational'].includes(verdict))) together++;
      if (metrics.some(({ difference }) => difference.pValue! <= 0.05)) single++;
    }
    return { together, single };
  }

  test.each(['none', 'seed'] as const)(
    'by at most 5 % ± 3 of 200 comparisons of a scenario with itself: pairing %s',
    (kind) => {
      const { together, single } = wrongOf200(kind);
      expect(together / 200).toBeLessThanOrEqual(0.08);
      // Each metric by itself would be wrong far more often, so that there is something to hold back.
      expect(single / 200).toBeGreaterThan(0.15);
    },
  );
});

describe('a comparison of two scenarios', () => {
  let smaller: Comparison;
  beforeAll(async () => {
    smaller = await compare(
      parse(NOISY),
      parse({ ...NOISY, mappings: { m: { ...NOISY.mappings.m, BatchSize: 2 } }, thresholds: { Errors: ['sum < 9'] } }),
    );
  });

  test('on the same records finds what a setting does, and says how sure it is', () => {
    expect(smaller).toMatchObject({ asked: 10, complete: 10, partial: false, pairing: { kind: 'records' } });
    expect(smaller.settings).toEqual([
      { path: 'mappings.m.BatchSize', a: 10, b: 2 },
      { path: 'thresholds.Errors', b: ['sum < 9'] },
    ]);
    const invocations = metricOf(smaller, 'Invocations{mapping:m}');
    expect(invocations.verdict).toBe('informational');
    expect(invocations.difference.low).toBeGreaterThan(0);
    const errors = metricOf(smaller, 'Errors{mapping:m}');
    expect([errors.verdict, errors.b.mean! > errors.a.mean!]).toEqual(['worse', true]);
    expect(errors.relative).toBeCloseTo(errors.difference.mean! / errors.a.mean!, 12);
    expect(errors.difference.mean).toBeCloseTo(errors.b.mean! - errors.a.mean!, 10);
    expect(smaller.keyLine).toMatch(/^B is worse: /);
    expect([smaller.a.thresholdsMet, smaller.b.thresholdsMet]).toEqual([null, expect.any(Number)]);
    expect(smaller.a.runs.map(({ seed }) => seed)).toEqual(smaller.b.runs.map(({ seed }) => seed));
  });

  test('of a scenario with itself finds every figure equal', async () => {
    const same = await compare(parse(NOISY), parse(NOISY), { replications: 3 });
    expect(same.keyLine).toBe('A and B do the same: every figure is equal in every pair.');
    expect(same.metrics.every(({ verdict }) => verdict === 'no difference shown')).toBe(true);
  });

  test('with chance in nothing needs five runs of each to be sure', async () => {
    const certain = {
      polling: { phase: 'aligned' },
      producers: { p: { stream: 's', rate: '20/s', arrivals: 'even' } },
      mappings: { m: { BatchSize: 10 } },
    };
    const [a, b] = [parse(certain), parse({ ...certain, functions: { f: { duration: '200ms' } } })];
    const verdict = async (replications: number) =>
      metricOf(await compare(a, b, { replications }), 'timeInSystem{mapping:m}').verdict;
    expect([await verdict(2), await verdict(5)]).toEqual(['no difference shown', 'worse']);
  });

  test('says which pairing it had (D3)', () => {
    const pairing = (part: ScenarioPart) => {
      const [a, b] = [parse(NOISY), parse({ ...NOISY, ...part })];
      return comparisonOf(
        { source: sourceOfScenario(a), runs: [] },
        { source: sourceOfScenario(b), runs: [] },
        { asked: 2, conditions: [] },
      ).pairing;
    };
    expect(pairing({ functions: { f: { duration: '1s' } } })).toMatchObject({ kind: 'records', because: [] });
    expect(pairing({ timeline: [{ at: '5s', disable: 'm' }] })).toMatchObject({ kind: 'records' });
    const traffic = pairing({ producers: { p: { stream: 's', rate: '16/s' } }, duration: '30s' });
    expect(traffic).toEqual({ kind: 'seed', because: ['duration', 'producers.p.rate'], sameTotals: false });
    const shards = pairing({ streams: { s: { ShardCount: 4 } } });
    expect(shards).toEqual({ kind: 'seed', because: ['streams.s.ShardCount'], sameTotals: true });
    expect(pairing({ timeline: [{ at: '5s', reshard: 's', ShardCount: 4 }] })).toMatchObject({ sameTotals: true });
    expect(pairing({ seed: 'b' })).toMatchObject({ kind: 'none' });
  });

  test('takes the content of a file for a setting', () => {
    const traced = (name: string, first: number) =>
      sourceOfScenario(
        parse(
          { ...NOISY, producers: { p: { stream: 's', trace: { file: name, time: 't', value: 'n', period: '10s' } } } },
          { [name]: `t,n\n0,${first}\n10,100\n` },
        ),
      );
    const between = (a: ComparedSource, b: ComparedSource) =>
      comparisonOf({ source: a, runs: [] }, { source: b, runs: [] }, { asked: 2, conditions: [] });
    const other = between(traced('a.csv', 100), traced('a.csv', 120));
    expect(other.settings.map(({ path }) => path)).toEqual(['files["a.csv"]']);
    expect(other.pairing).toMatchObject({ kind: 'seed', because: ['files["a.csv"]'] });
    const renamed = between(traced('a.csv', 100), traced('b.csv', 100));
    expect(renamed.settings).toEqual([{ path: 'producers.p.trace.file', a: 'a.csv', b: 'b.csv' }]);
  });

  test('that was interrupted covers the pairs that ran to their end', async () => {
    let run = 0;
    const runMany = async function* cut(scenarios: Iterable<ReturnType<typeof parse>>) {
      for (const scenario of scenarios) {
        const summary = summarise(simulateSync(scenario));
        yield ++run === 6 ? { ...summary, partial: true } : summary;
        if (run === 6) return;
      }
    };
    const cut = await compare(parse(NOISY), parse({ ...NOISY, seed: 'b' }), { replications: 5, runMany });
    expect(cut).toMatchObject({ asked: 5, complete: 2, partial: true });
    expect(metricOf(cut, 'Invocations{mapping:m}').difference.count).toBe(2);
    expect(cut.b.runs.map(({ partial }) => partial)).toEqual([false, false, true]);
    expect(plain(comparisonText(cut))).toContain('Interrupted: 2 of 5 pairs ran to their end, which is what follows.');
    const pair = await compare(parse(NOISY), parse({ ...NOISY, functions: { f: { duration: '1s' } } }), {
      replications: 2,
      runMany: async function* first(scenarios) {
        const [a, b] = [...scenarios].map((scenario) => summarise(simulateSync(scenario)));
        yield* [a!, b!];
      },
    });
    expect(pair.keyLine).toMatch(/^One run of each, so nothing tells a difference from chance\./);
    const none = await compare(parse(NOISY), parse(NOISY), { replications: 2, runMany: async function* () {} });
    expect(none).toMatchObject({ complete: 0, partial: true, metrics: [] });
    expect(comparisonText(none)).toContain('Nothing to compare');
    const texts = svgTexts(await drawSvg(comparisonChart(none))).map(({ text }) => text);
    expect(texts).toContain('No invocations, so no iterator age');
  });

  test('names what only one of them has, and what has no samples', async () => {
    const other = { stream: 's', function: 'g', StartingPosition: 'LATEST' };
    const functions = { ...NOISY.functions, g: { duration: '50ms' } };
    const [a, b] = [
      parse({ ...NOISY, functions, mappings: { m: NOISY.mappings.m, old: other } }),
      parse({ ...NOISY, functions, mappings: { m: { ...NOISY.mappings.m, Enabled: false }, next: other } }),
    ];
    const comparison = await compare(a, b, { replications: 2 });
    expect([comparison.a.ownMappings, comparison.b.ownMappings]).toEqual([['old'], ['next']]);
    expect(comparison.metrics.some(({ mapping }) => mapping === 'old' || mapping === 'next')).toBe(false);
    expect(metricOf(comparison, 'IteratorAge{mapping:m}')).toMatchObject({ verdict: 'not judged', relative: null });
    const text = plain(comparisonText(comparison));
    expect(text).toContain('B has no samples of IteratorAge p50, IteratorAge p99');
    expect(text).toContain('Only in A, and not compared: old Only in B, and not compared: next');
  });

  test('is refused where the number of runs is none', async () => {
    await expect(compare(parse(NOISY), parse(NOISY), { replications: 0 })).rejects.toThrow('a whole number from 1');
  });

  test('reads as a text, as Markdown and as JSON', () => {
    const text = comparisonText(smaller);
    expect(text).toMatch(/^B is worse: .*/);
    expect(plain(text)).toContain('10 pairs of runs, each pair on the same records');
    expect(text).toMatch(/^ {2}Errors +[\d.]+ +[\d.]+ +\+[\d.]+ {2}± [\d.]+ +\+\d+ % {2}✗ worse$/m);
    expect(text).toMatch(/^ {2}No difference shown:$/m);
    expect(text).toMatch(/^Thresholds: A has none, B met all in \d+ of 10 runs\.$/m);
    for (const width of [40, 60, 80, 120]) {
      const lines = comparisonText(smaller, { width }).split('\n');
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width);
    }
    const markdown = comparisonMarkdown(smaller);
    expect(markdown).toMatch(/^\*\*B is worse: /);
    expect(markdown).toContain('| mappings.m.BatchSize | 10 | 2 |');
    expect(markdown).toMatch(/^\| Errors \| .* \| ✗ worse \|$/m);
    expect(JSON.parse(comparisonJson(smaller))).toEqual(smaller);
  });

  test('with few runs says that a large difference cannot be told, and how many runs would', async () => {
    const lasting = (mean: string) => ({
      ...NOISY,
      streams: {},
      mappings: {},
      functions: { f: { duration: { exponential: { mean } } } },
    });
    const [part, slower] = [lasting('100ms'), lasting('250ms')];
    const few = await compare(parse(part), parse(slower), { replications: 2 });
    const needed = Number(
      /^Too few runs to tell: IteratorAge .* in 2 runs of each; -n (\d+) is likely to show it/.exec(few.keyLine)?.[1],
    );
    expect(needed).toBeGreaterThan(2);
    expect(comparisonText(few)).toMatch(/^ {2}IteratorAge p50 .* \+\d+ % {2}\?$/m);
    expect(comparisonMarkdown(few)).toMatch(/^\| IteratorAge p50 .* \| \? too few runs \|$/m);
    const enough = await compare(parse(part), parse(slower), { replications: needed });
    expect(enough.keyLine).toMatch(/^B is worse: IteratorAge/);
    expect(comparisonText(enough)).not.toContain('Too few');
  });

  test('says which side cannot keep up', async () => {
    const { notes } = await compare(parse(NOISY), parse({ ...NOISY, functions: { f: { duration: '2s' } } }), {
      replications: 2,
    });
    expect(notes).toEqual([expect.stringMatching(/^B cannot keep up in 2 of 2 runs \(m\): its backlog still grows/)]);
  });

  test('is drawn as both curves, with the span of their runs behind them', async () => {
    const spec = comparisonChart(smaller, { interactive: true });
    const svg = await drawSvg(spec);
    const texts = svgTexts(svg).map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(['A', 'B', 'Maximum IteratorAge (s)']));
    expect(texts.join(' ')).toContain('mean and range of 10 runs');
    expect(await drawSvg(spec)).toBe(svg);
    const { mean, lowest, highest } = smaller.iteratorAge.b;
    const [period] = mean;
    expect(lowest[0]! < period! && period! < highest[0]!).toBe(true);
  });
});

describe('a comparison of two results', () => {
  test('has differences without intervals, judges nothing, and says so', () => {
    const comparison = compareResults(summaryOf({}), summaryOf({ functions: { f: { duration: '300ms' } } }));
    expect(comparison).toMatchObject({ asked: 1, complete: 1, pairing: { kind: 'records' } });
    for (const { difference, verdict, adjustedPValue } of comparison.metrics) {
      expect(difference).toMatchObject({ low: null, high: null, pValue: null });
      expect([verdict, adjustedPValue]).toEqual(['not judged', null]);
    }
    expect(comparison.keyLine).toMatch(/^One run of each, so nothing tells a difference from chance\. B against A: /);
    expect(plain(comparisonText(comparison))).toContain('differences without intervals, and none is judged');
  });

  test('of one length of period takes those of the longer, where they differ', () => {
    const { iteratorAge } = compareResults(summaryOf({ period: '2s' }), summaryOf({ period: '5s' }));
    expect([iteratorAge.periodSeconds, iteratorAge.a.mean.length, iteratorAge.b.mean.length]).toEqual([5, 4, 4]);
    // The third period of 2 s reaches into both.
    const series = summaryOf({ period: '2s' }).mappings.m!.shards;
    const most = (from: number, to: number) =>
      Math.max(...Object.values(series).flatMap((one) => one.series!.iteratorAgeMaximumMs.slice(from, to) as number[]));
    expect(iteratorAge.a.mean.slice(0, 2)).toEqual([most(0, 3), most(2, 5)]);
  });

  test('notes what makes their figures less comparable', () => {
    const [a, b] = [summaryOf({}), summaryOf({ duration: '40s' })];
    expect(compareResults(a, { ...b, partial: true }).notes).toEqual([
      expect.stringContaining('B was interrupted'),
      expect.stringContaining('One ran longer'),
    ]);
    const { cost, ...free } = a;
    const priced = compareResults(a, free);
    expect(cost).toBeDefined();
    expect(priced.notes).toEqual([expect.stringContaining('by other prices')]);
    expect(priced.metrics.some(({ metric }) => metric === 'cost.month')).toBe(false);
  });
});

function metricOf({ metrics }: Comparison, name: string): ComparedMetric {
  return metrics.find(({ metric }) => metric === name)!;
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
