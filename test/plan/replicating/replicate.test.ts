import { describe, expect, test } from 'vitest';
import { headlineFigures } from '../../../src/plan/headline.ts';
import { replicate } from '../../../src/plan/replicating/replicate.ts';
import { replicationOf, replicationsOf, summariseReplications } from '../../../src/plan/replicating/replications.ts';
import { replicationsCsv, replicationsJson } from '../../../src/plan/replicating/replications-table.ts';
import { replicationsText } from '../../../src/plan/replicating/replications-text.ts';
import type { RunMany } from '../../../src/plan/run-many.ts';
import { oneByOne } from '../../../src/plan/run-many.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { parse } from '../../support/scenario.ts';

/** Half a minute in which one invocation in five fails. */
const UNSTEADY = {
  seed: 'a',
  duration: '30s',
  drain: '30s',
  producers: { p: { stream: 's', rate: '20/s' } },
  functions: { f: { duration: '100ms', faults: [{ probability: '20%' }] } },
  thresholds: { IteratorAge: ['max < 3s'], Errors: ['sum >= 0'] },
};

describe('a replication', () => {
  test("is the scenario itself first, then with '/' and its number behind the seed (D1)", async () => {
    const scenario = parse(UNSTEADY);
    const seeds = [...replicationsOf(scenario, 3)].map(({ seed }) => seed);
    expect(seeds).toEqual(['a', 'a/2', 'a/3']);
    const { replications } = await replicate(scenario, { replications: 2 });
    for (const { seed, digest } of replications) {
      expect(simulateSync(parse({ ...UNSTEADY, seed })).digest).toBe(digest);
    }
    expect(replications[0]!.digest).not.toBe(replications[1]!.digest);
  });

  test('is what the file with its seed is, as the result records it', () => {
    const scenario = parse({ ...UNSTEADY, seed: 42 });
    const [, second] = replicationsOf(scenario, 2);
    const reread = parseScenario(JSON.stringify(second!.source.resolved), { readFile: () => new Uint8Array() });
    expect(reread).toMatchObject({ ok: true, scenario: { seed: '42/2', source: second!.source } });
  });

  test.each([0, -1, 1.5, Number.NaN])('is counted in whole numbers from 1: %d is refused', async (replications) => {
    await expect(replicate(parse(UNSTEADY), { replications })).rejects.toThrow('expected a whole number from 1');
  });
});

describe('a headline figure', () => {
  test('is what a threshold of its name measures', () => {
    const plain = parse({ ...UNSTEADY, warmup: '5s' });
    const figures = headlineFigures(summarise(simulateSync(plain)));
    expect(figures.length).toBeGreaterThan(10);
    const asked: Record<string, string[]> = {};
    for (const { metric, statistic, unit } of figures) {
      asked[metric] = [...(asked[metric] ?? []), `${statistic} >= 0${unit === 'Milliseconds' ? 's' : ''}`];
    }
    const judged = summarise(simulateSync(parse({ ...UNSTEADY, warmup: '5s', thresholds: asked }))).thresholds;
    const measured = judged.map(({ value, unit }) => (unit === 's' ? value! * 1_000 : value!));
    figures.forEach(({ metric, statistic, value }, index) => {
      expect(measured[index], `${metric} ${statistic}`).toBeCloseTo(value!, 6);
    });
  });
});

describe('replications together', () => {
  test('give mean, interval and extremes of each metric, and count who met each threshold', async () => {
    const { metrics, thresholds, replications, ...rest } = await replicate(parse(UNSTEADY), { replications: 6 });
    expect(rest).toMatchObject({ asked: 6, complete: 6, partial: false, scenario: { seed: 'a', durationSeconds: 30 } });
    const column = metrics.findIndex(({ metric, statistic }) => `${metric} ${statistic}` === 'Errors{mapping:m} sum');
    const errors = replications.map(({ values }) => values[column]!);
    expect(new Set(errors).size).toBeGreaterThan(1);
    const mean = errors.reduce((sum, value) => sum + value) / 6;
    const { standardError, low, high, ...estimate } = metrics[column]!;
    expect(estimate).toMatchObject({ count: 6, min: Math.min(...errors), max: Math.max(...errors) });
    expect(estimate.mean).toBeCloseTo(mean, 10);
    expect(standardError! ** 2).toBeCloseTo(errors.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 30, 8);
    expect((high! - low!) / 2 / standardError!).toBeCloseTo(2.570582, 5);
    const [age, always] = thresholds;
    expect(always).toMatchObject({ met: 6, of: 6, notMetBy: [] });
    const missed = replications.filter(({ thresholdsMet }) => !thresholdsMet).map(({ seed }) => seed);
    expect(missed.length).toBeGreaterThan(0);
    expect(missed.length).toBeLessThan(6);
    expect(age).toMatchObject({ met: 6 - missed.length, of: 6, notMetBy: missed });
  });

  test('are the same whoever runs them, as long as it keeps their order (D1)', async () => {
    const backwards: RunMany = async function* run(scenarios) {
      const all = [...scenarios].reverse().map((scenario) => summarise(simulateSync(scenario)));
      yield* all.reverse();
    };
    const scenario = parse(UNSTEADY);
    const one = await replicate(scenario, { replications: 3 });
    expect(await replicate(scenario, { replications: 3, runMany: backwards })).toEqual(one);
    expect(JSON.parse(replicationsJson(one))).toEqual(one);
  });

  test('may be run with handlers, each replication with its own', async () => {
    const runMany = oneByOne({ handlers: { f: { makeHandler: () => failingOnce() } } });
    const { metrics } = await replicate(parse({ ...UNSTEADY, functions: { f: { duration: '100ms' } } }), {
      replications: 3,
      runMany,
    });
    expect(metrics.find(({ metric }) => metric === 'Errors{mapping:m}')).toMatchObject({ min: 1, max: 1 });
  });

  test('of which some are cut short or missing say so, and count the others only', () => {
    const scenario = parse(UNSTEADY);
    const seen = [...replicationsOf(scenario, 3)].map((one) => replicationOf(summarise(simulateSync(one))));
    const cut = [seen[0]!, seen[1]!, { ...seen[2]!, partial: true }];
    const replications = summariseReplications(scenario, { asked: 5, seen: cut });
    expect(replications).toMatchObject({ asked: 5, complete: 2, partial: true });
    expect(replications.metrics.every(({ count }) => count === 2)).toBe(true);
    expect(replications.thresholds[1]).toMatchObject({ met: 2, of: 2 });
    expect(replications.replications.map(({ partial }) => partial)).toEqual([false, false, true]);
    const text = replicationsText(replications).replaceAll(/\s+/g, ' ');
    expect(text).toContain('! Interrupted: 2 of them ran to their end, which is what follows; 1 cut short.');
    const none = summariseReplications(scenario, { asked: 5, seen: cut.slice(2) });
    expect(replicationsText(none)).toContain('Interrupted: 0 of them ran to their end');
  });

  test('say of how many runs a figure is, where the others have no samples of it', async () => {
    const slow = { f: { Timeout: 900, duration: { lognormal: { median: '40s', p99: '400s' } } } };
    const replications = await replicate(parse({ ...UNSTEADY, drain: '0s', functions: slow }), { replications: 6 });
    const { count } = replications.metrics.find(({ statistic }) => statistic === 'p99')!;
    expect(count).toBeGreaterThan(0);
    expect(replicationsText(replications)).toContain(`  Samples in ${count} of 6 runs only: IteratorAge p50, `);
  });

  test('read as a table for people and one for programs', async () => {
    const replications = await replicate(parse(UNSTEADY), { replications: 4 });
    const text = replicationsText(replications);
    expect(text).toMatch(/^healthy\n4 replications of 30 s, seeds a, a\/2 to a\/4\n/);
    expect(text).toMatch(/^ {2}✗ IteratorAge max < 3s +met in \d of 4 /m);
    expect(text).toMatch(/^ {4}not met: seeds? a/m);
    expect(text).toMatch(/^ {2}IteratorAge p99 +[\d.]+ m?s +± [\d.]+ m?s +[\d.]+ m?s +[\d.]+ m?s$/m);
    expect(text).toMatch(/^ {2}0 in every run: Throttles, /m);
    for (const width of [40, 60, 80]) {
      const lines = replicationsText(replications, { width }).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    const [header, ...rows] = replicationsCsv(replications).trimEnd().split('\r\n');
    expect(rows.map((row) => row.split(',').slice(0, 2))).toEqual([
      ['1', 'a'],
      ['2', 'a/2'],
      ['3', 'a/3'],
      ['4', 'a/4'],
    ]);
    expect(new Set([header!, ...rows].map((row) => row.split(',').length)).size).toBe(1);
  });
});

/** Fails at its first invocation. */
function failingOnce() {
  let calls = 0;
  return () => {
    if (calls++ === 0) throw new Error('not yet');
    return null;
  };
}
