import { describe, expect, it } from 'vitest';
import { summaryMarkdown } from '../../../src/report/markdown.ts';
import { resultProblems } from '../../../src/report/result-schema.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { summaryText } from '../../../src/report/text.ts';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, run, seriesOf } from '../../support/scenario.ts';

const provisioned = (ProvisionedConcurrentExecutions: number) => ({
  ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions },
});

/** One record for each of `count` shards at 500 ms, so that all lanes want an environment at 1 s. */
function shards(count: number, target: ScenarioPart, more: ScenarioPart = {}) {
  return run({
    streams: { s: { ShardCount: count } },
    producers: { p: { records: Array.from({ length: count }, (_, shard) => ({ at: '500ms', shard })) } },
    functions: { f: { duration: '100ms', coldStart: '300ms', ...target } },
    mappings: { m: { throttleBackoff: 'queue' } },
    ...more,
  });
}

/** Start and end of each invocation in milliseconds, by shard. */
const times = (result: ReturnType<typeof run>, mapping = 'm') =>
  eventsOf(result, 'invocation', mapping)
    .map(({ shardId, start, end }) => [Number(shardId.slice(-4)), start / 1_000, end / 1_000])
    .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);

describe('provisioned concurrency', () => {
  it('is used first and never cold; what it has no room for spills over to other environments (L4)', () => {
    const result = shards(3, provisioned(2));
    expect(times(result)).toEqual([
      [0, 1_000, 1_100],
      [1, 1_000, 1_100],
      [2, 1_000, 1_400],
    ]);
    expect(result.summary.functions.f).toMatchObject({
      invocations: 3,
      coldStarts: 1,
      concurrency: { max: 3 },
      provisionedConcurrency: {
        allocated: 2,
        max: 2,
        mean: (2 * 100) / 10_000,
        utilization: 100 / 10_000,
        invocations: 2,
        spilloverInvocations: 1,
      },
    });
    expect(summaryText(result.summary, { width: 200 })).toContain(
      'at most 3 of 1,000; 2 provisioned, 1 % of that in use on average, 1 invocation spilled over',
    );
    expect(summaryMarkdown(result.summary)).toContain(
      '- f: 2 provisioned, 1 % of that in use on average, 1 invocation spilled over',
    );
    expect(resultProblems(JSON.parse(summaryJson(result.summary)))).toEqual([]);
  });

  it('comes before an environment that another invocation has left warm (L4)', () => {
    // Shard 1 spills over at 1 s. At 2 s one invocation finds both, one idle provisioned and one warm.
    const result = shards(2, provisioned(1), {
      producers: { p: { records: [0, 1, 0].map((shard, i) => ({ at: i < 2 ? '500ms' : '1500ms', shard })) } },
    });
    expect(result.summary.functions.f!.provisionedConcurrency).toMatchObject({
      invocations: 2,
      spilloverInvocations: 1,
    });
  });

  it('never goes, however long it is idle (L4)', () => {
    const result = shards(
      1,
      { ...provisioned(1), idleTimeout: '0s' },
      {
        producers: { p: { records: [{ at: '500ms' }, { at: '8500ms' }] } },
      },
    );
    expect(times(result)).toEqual([
      [0, 1_000, 1_100],
      [0, 9_000, 9_100],
    ]);
    expect(result.summary.functions.f!.coldStarts).toBe(0);
  });

  it('needs nothing of the bucket of new environments (L3, L4)', () => {
    const account = { ConcurrentExecutions: 2_000 };
    const more = { account, duration: '3s' };
    expect(shards(1_010, provisioned(10), more).summary.functions.f).toMatchObject({ throttles: 0, coldStarts: 1_000 });
    expect(shards(1_010, provisioned(9), more).summary.functions.f).toMatchObject({ throttles: 1, coldStarts: 1_001 });
  });

  it('is part of what is reserved (L1)', () => {
    const result = shards(4, { ReservedConcurrentExecutions: 3, ...provisioned(2) });
    // Shard 3 waits for the first slot freed, which is a provisioned environment.
    expect(times(result)).toEqual([
      [0, 1_000, 1_100],
      [1, 1_000, 1_100],
      [2, 1_000, 1_400],
      [3, 1_100, 1_200],
    ]);
    expect(result.summary.functions.f).toMatchObject({ throttles: 1, concurrency: { max: 3, limit: 3 } });
  });

  it('may be all that is reserved: then nothing spills over (L1, L4)', () => {
    const result = shards(3, { ReservedConcurrentExecutions: 2, ...provisioned(2) });
    expect(times(result).at(-1)).toEqual([2, 1_100, 1_200]);
    expect(result.summary.functions.f).toMatchObject({
      throttles: 1,
      coldStarts: 0,
      provisionedConcurrency: { invocations: 3, spilloverInvocations: 0 },
    });
  });

  it('is set aside from the unreserved pool, used or not (L1)', () => {
    const result = shards(
      103,
      { duration: '1s' },
      {
        account: { ConcurrentExecutions: 110 },
        functions: { f: { duration: '1s' }, g: { duration: '1s', ...provisioned(8) } },
        mappings: {
          m: { throttleBackoff: 'queue' },
          n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON', Enabled: false },
        },
      },
    );
    const { f, g } = result.summary.functions;
    expect(f).toMatchObject({ throttles: 1, concurrency: { max: 102, limit: 102 } });
    expect(g).toMatchObject({ invocations: 0, concurrency: { limit: 110 } });
  });

  it('leaves the slots of the pool to others (L1)', () => {
    // 102 shards of f take all slots; g has its two, and no more.
    const result = shards(
      102,
      {},
      {
        account: { ConcurrentExecutions: 104 },
        functions: { f: { duration: '1s' }, g: { duration: '1s', ...provisioned(2) } },
        mappings: { n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON', throttleBackoff: 'queue' } },
        duration: '2s',
      },
    );
    const { f, g } = result.summary.functions;
    expect(f).toMatchObject({ throttles: 0, concurrency: { max: 102 } });
    expect(g).toMatchObject({ throttles: 100, concurrency: { max: 2 } });
    expect(result.m.utilization.slots).toMatchObject({ limit: 102, worst: 0.5 });
    expect(result.summary.mappings.n!.utilization.slots).toMatchObject({ limit: 104, worst: 0.5 });
  });

  it("has AWS's metrics, and only where it is set (M2, L4)", () => {
    const result = shards(3, { ...provisioned(2), coldStart: '1s' }, { period: '1s', duration: '3s' });
    expect(seriesOf(result, 'ProvisionedConcurrencyInvocations', 'Sum')).toEqual([0, 2, 0]);
    expect(seriesOf(result, 'ProvisionedConcurrencySpilloverInvocations', 'Sum')).toEqual([0, 1, 0]);
    expect(seriesOf(result, 'ProvisionedConcurrentExecutions', 'Maximum')).toEqual([0, 2, 0]);
    expect(seriesOf(result, 'ProvisionedConcurrencyUtilization', 'Maximum')).toEqual([0, 1, 0]);
    expect(seriesOf(result, 'ProvisionedConcurrencyUtilization', 'Average')).toEqual([0, 0.1, 0]);
    expect(seriesOf(result, 'ConcurrentExecutions', 'Maximum', 'AWS/Lambda')).toEqual([0, 3, 1]);
    const names = (of: typeof result) =>
      of.summary.series.metrics
        .filter(({ MetricName }) => MetricName.startsWith('Provisioned'))
        .map(({ MetricName, Unit, Dimensions }) => [MetricName, Unit, Dimensions.FunctionName]);
    expect(names(result)).toEqual([
      ['ProvisionedConcurrencyInvocations', 'Count', 'f'],
      ['ProvisionedConcurrencySpilloverInvocations', 'Count', 'f'],
      ['ProvisionedConcurrentExecutions', 'Count', 'f'],
      ['ProvisionedConcurrencyUtilization', 'Percent', 'f'],
    ]);
    const without = shards(3, {});
    expect(names(without)).toEqual([]);
    expect(without.summary.functions.f).not.toHaveProperty('provisionedConcurrency');
  });

  it('is counted from the end of the warm-up on (D5, L4)', () => {
    const result = shards(2, provisioned(1), {
      warmup: '2s',
      producers: { p: { records: [0, 1, 0].map((shard, i) => ({ at: i < 2 ? '500ms' : '2500ms', shard })) } },
    });
    expect(result.summary.functions.f!.provisionedConcurrency).toEqual({
      allocated: 1,
      mean: 100 / 8_000,
      max: 1,
      utilization: 100 / 8_000,
      invocations: 1,
      spilloverInvocations: 0,
    });
  });
});

describe('cold starts', () => {
  it('follow their distribution, one draw for each that happens (L4)', () => {
    const count = 400;
    const result = shards(count, { coldStart: { lognormal: { median: '600ms', p99: '2s' } } });
    const sorted = times(result)
      .map(([, start, end]) => end! - start! - 100)
      .sort((a, b) => a - b);
    // Standard errors of the share below a quantile p: √(p (1 − p) / n).
    const below = (bound: number) => sorted.filter((wait) => wait < bound).length / count;
    expect(Math.abs(below(600) - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / count));
    expect(Math.abs(below(2_000) - 0.99)).toBeLessThan(4 * Math.sqrt(0.0099 / count));
    expect(result.summary.functions.f).toMatchObject({ coldStarts: count, durationMs: { min: 100, max: 100 } });
  });

  it('come again with every environment that has gone, each drawn anew (L4)', () => {
    const result = shards(
      1,
      { coldStart: { uniform: { min: '1ms', max: '500ms' } }, idleTimeout: '1s' },
      {
        producers: { p: { records: [{ at: '500ms' }, { at: '3500ms' }, { at: '6500ms' }] } },
      },
    );
    const waits = times(result).map(([, start, end]) => end! - start! - 100);
    expect(waits.every((wait) => wait >= 1 && wait <= 500)).toBe(true);
    expect(new Set(waits).size).toBe(3);
  });
});
