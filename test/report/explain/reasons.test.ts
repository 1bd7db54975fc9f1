import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/report/explain/explain.ts';
import type { Finding } from '../../../src/report/explain/explanation.ts';
import { explanationText } from '../../../src/report/explain/explanation-text.ts';
import { run, type ScenarioPart } from '../../support/scenario.ts';

/** What differs from ten minutes of 50 records/s on one shard. */
function found(part: ScenarioPart): { readonly findings: readonly Finding[]; readonly text: string } {
  const { summary } = run({ duration: '10m', producers: { p: { rate: '50/s' } }, ...part });
  return { findings: explain(summary).findings, text: explanationText(summary, { width: 1_000 }) };
}

/** Every setting that some piece of advice changes, by the last step of its path. */
function changed({ findings }: { readonly findings: readonly Finding[] }): (string | undefined)[] {
  return findings.flatMap(({ advice }) => advice.flatMap(({ changes }) => changes.map(({ path }) => path.at(-1))));
}

const causesOf = (findings: readonly Finding[]) => findings.map(({ cause }) => cause);

describe('a mapping that falls behind', () => {
  const slow = { from: '2m', to: '5m', slowdown: 20 };

  test('through a slowdown is explained by it, and by the pace that it leaves', () => {
    const { text } = found({
      producers: { p: { rate: '300/s' } },
      functions: { f: { Timeout: 30, duration: '100ms', faults: [slow] } },
    });
    expect(text).toContain(
      '100 records (BatchSize) take about 2 s while f took 20 times as long, from 00:02:00 (2 m) to 00:05:00 (5 m): 50 records/s',
    );
    const always = found({
      producers: { p: { rate: '300/s' } },
      functions: { f: { duration: '500ms', faults: [{ ...slow, slowdown: 2 }] } },
    });
    expect(always.text).toContain('take about 500 ms: 200 records/s');
  });

  test('by durations that were measured is explained by their mean, whatever the batches', () => {
    const { text } = found({
      producers: {
        p: {
          phases: [
            { duration: '5m', rate: '50/s' },
            { duration: '5m', rate: '400/s' },
          ],
        },
      },
      functions: { f: { duration: { weibull: { scale: '400ms', shape: 60 } } } },
    });
    expect(text).toMatch(/100 records \(BatchSize\) take about 39\d ms: 25\d records\/s/);
  });

  test('where more at once are slower is not advised more of them', () => {
    const dependency = found({
      streams: { s: { ShardCount: 4 } },
      producers: { p: { rate: '800/s' } },
      functions: {
        f: {
          Timeout: 30,
          duration: { base: '30ms', perRecord: '4ms' },
          durationByConcurrency: { saturatesAt: 1, share: '80%' },
        },
      },
    });
    expect(dependency.text).toContain('f gets slower the more of it run at once (durationByConcurrency)');
    expect(changed(dependency)).toEqual([]);
  });

  test('by failures is not said to be slow by a law that would keep up', () => {
    const { text } = found({
      producers: { p: { rate: '400/s' } },
      functions: { f: { duration: { base: '80ms', perRecord: '1ms' }, faults: [{ probability: '20%' }] } },
      mappings: { m: { MaximumRetryAttempts: 2 } },
    });
    expect(text).toMatch(/[\d,]+ of [\d,]+ invocations failed: they took the lanes' time/);
    expect(text).not.toContain('records/s arrived');
  });

  test('with little slots has no use for more lanes', () => {
    const lanes = found({
      account: { ConcurrentExecutions: 200 },
      streams: { s: { ShardCount: 2 } },
      producers: { p: { rate: '600/s' } },
      functions: { f: { duration: '500ms', ReservedConcurrentExecutions: 2 } },
    });
    expect(causesOf(lanes.findings)).toEqual(['queue']);
    expect(changed(lanes)).toEqual(['BatchSize']);
  });

  test('and was off for a moment is told of before the moment', () => {
    const { findings } = found({
      producers: { p: { rate: '300/s' } },
      functions: { f: { duration: '500ms' } },
      timeline: [
        { at: '5m', disable: 'm' },
        { at: '320s', enable: 'm' },
      ],
    });
    expect(causesOf(findings)).toEqual(['queue', 'disabled']);
    expect(findings[0]!.cost.pending).toBeGreaterThan(0);
  });

  test('within one long period is told by the rate of the time that there was', () => {
    const { text } = found({
      period: '1h',
      streams: { s: { writeLimits: 'off' } },
      producers: { p: { rate: '300/s' } },
      functions: { f: { duration: { perRecord: '5ms' } } },
    });
    expect(text).toMatch(/In the busiest period (29|30)\d records\/s arrived there/);
    expect(text).toContain('within the first 10 m, and until the end of the run');
  });
});

describe('uneven load', () => {
  const busy = { f: { duration: { perRecord: '9ms' } } };

  test('is blamed on the key that brings most records, whatever its share of a small producer', () => {
    const { text } = found({
      streams: { s: { ShardCount: 4 } },
      producers: {
        small: { stream: 's', rate: '1/s', keys: { count: 2 } },
        p: { rate: '300/s', keys: { hot: { key: 'x', share: '40%' }, count: 1_000 } },
      },
      functions: busy,
    });
    expect(text).toContain('One key, x, carries 40 % of the records of p');
  });

  test('of listed keys counts each key once', () => {
    const { text } = found({
      streams: { s: { ShardCount: 4 } },
      producers: { p: { rate: '160/s', keys: { list: ['a', 'a', 'a', 'a', 'a', 'a', 'b', 'c'] } } },
      functions: busy,
    });
    expect(text).toContain('The busiest of the keys of p carries 75 % of its records: shard');
  });

  test('of shards with unequal ranges is not blamed on keys that are many', () => {
    const most = (2n ** 128n * 9n) / 10n;
    const { text, ...rest } = found({
      streams: {
        s: {
          ShardCount: undefined,
          shards: [
            { StartingHashKey: '0', EndingHashKey: String(most - 1n) },
            { StartingHashKey: String(most), EndingHashKey: String(2n ** 128n - 1n) },
          ],
        },
      },
      producers: { p: { rate: '200/s', keys: { count: 100_000 } } },
      functions: busy,
    });
    expect(text).toContain('Its shards hold parts of the hash keys that differ: shard 0 is busy');
    expect(text).toContain('Split the busiest shard');
    expect(changed(rest)).not.toContain('keys');
  });

  test('in one shard is that of a lane', () => {
    const { text } = found({
      producers: { p: { rate: '160/s', keys: { hot: { key: 'x', share: '90%' }, count: 1_000 } } },
      functions: busy,
      mappings: { m: { ParallelizationFactor: 10 } },
    });
    expect(text).toMatch(/the busiest lane, of shard 0, is busy 9\d(\.\d)? % of the time, half of all lanes/);
  });
});

describe('a fault', () => {
  test('that lies behind the end of the run, or is a small part of the failures, is not blamed', () => {
    const faults = (from: string, to: string) => [{ from, to, after: '100ms' }, { probability: '3%' }];
    const parts = (from: string, to: string): ScenarioPart => ({
      functions: { f: { duration: '100ms', faults: faults(from, to) } },
      mappings: { m: { MaximumRetryAttempts: 0 } },
    });
    for (const part of [parts('50m', '51m'), parts('60s', '63s')])
      expect(found(part).text).toContain('Of f, 3% of its invocations fail by chance.');
    expect(found(parts('1m', '9m')).text).toContain('Every invocation of f failed from');
  });

  test('of which duplicates are what is missed is told of', () => {
    const { findings } = found({
      thresholds: { 'records.duplicates': ['count == 0'] },
      functions: { f: { duration: '100ms', faults: [{ probability: '2%', responseLost: true }] } },
    });
    expect(causesOf(findings)).toEqual(['functionError']);
    expect(findings[0]!.cost.duplicates).toBeGreaterThan(0);
  });

  test('whose loss a threshold forbids is not answered by giving up more', () => {
    const outage = { functions: { f: { duration: '100ms', faults: [{ from: '1m', to: '8m' }] } } };
    expect(changed(found(outage))).toContain('MaximumRecordAgeInSeconds');
    expect(changed(found({ ...outage, thresholds: { 'records.lost': ['count == 0'] } }))).toEqual([]);
  });

  test('that bisecting meets gives up single records, and a final invocation is never given up', () => {
    const faults = [{ from: '1m', to: '3m' }];
    const bisected = found({
      functions: { f: { duration: '100ms', faults } },
      mappings: { m: { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 10 } },
    });
    expect(bisected.text).toContain('and a record that fails alone is given up after 10 retries');
    const counted = found({
      functions: { f: { duration: '100ms', faults } },
      mappings: { m: { TumblingWindowInSeconds: 30, MaximumRetryAttempts: 2 } },
    });
    expect(counted.text).toContain("No limit ends the retries of a window's final invocation");
  });
});

test('until when it was caught up is told of its own trouble, not of one that came later', () => {
  const pause = [
    { at: '1m', disable: 'm' },
    { at: '2m', enable: 'm' },
  ];
  const poison = { poison: { stream: 's', shard: 0, record: 25_000 } };
  const part = (faults: readonly object[]): ScenarioPart => ({
    timeline: pause,
    functions: { f: { duration: { base: '100ms', perRecord: '10ms' }, faults } },
    mappings: { m: { MaximumRetryAttempts: 2 } },
  });
  const recovery = (faults: readonly object[]) =>
    found(part(faults)).findings.find(({ cause }) => cause === 'disabled')!.cost.recoveryMs;
  expect(recovery([])).toBeGreaterThan(30_000);
  expect(recovery([poison])).toBeNull();
});

test('a role that was given back is not said to lack anything', () => {
  const { text } = found({
    timeline: [
      { at: '2m', role: 'f', set: ['kinesis:DescribeStream'] },
      { at: '5m', role: 'f', set: ['AWSLambdaKinesisExecutionRole'] },
    ],
  });
  expect(text).toContain('for a time it lacked an action that reading s needs.');
  expect(text).not.toContain('needs: OK');
});

test('six mappings call a shard too often however many shards there are (K4)', () => {
  const names = ['m', 'n', 'o', 'q', 'r', 't'];
  const readers = found({
    producers: { p: { rate: '700/s', bytes: '900B' } },
    functions: Object.fromEntries(names.map((name) => [name === 'm' ? 'f' : `f${name}`, { duration: '50ms' }])),
    mappings: Object.fromEntries(
      names.map((name) => [
        name,
        { stream: 's', function: name === 'm' ? 'f' : `f${name}`, StartingPosition: 'LATEST', BatchSize: 1_000 },
      ]),
    ),
  });
  expect(causesOf(readers.findings)).toContain('readLimit');
  expect(changed(readers)).not.toContain('ShardCount');
});

describe('slots that a neighbour holds', () => {
  const neighbours: ScenarioPart = {
    duration: '20m',
    account: { ConcurrentExecutions: 120 },
    streams: { s: { ShardCount: 4 }, jobs: { ShardCount: 13 } },
    producers: {
      p: { rate: '100/s' },
      job: {
        stream: 'jobs',
        phases: [
          { duration: '1m', rate: '0/s' },
          { duration: '19m', rate: '9000/s' },
        ],
      },
    },
    functions: { f: { duration: '100ms' }, g: { Timeout: 300, duration: { base: '2s', perRecord: '20ms' } } },
    mappings: {
      m: {},
      n: { stream: 'jobs', function: 'g', StartingPosition: 'TRIM_HORIZON', ParallelizationFactor: 10 },
    },
  };

  test('are kept by a part of its own for its own lanes alone, or by a quota for the lanes of all', () => {
    const { findings } = found(neighbours);
    const own = findings.find(({ mapping, cause }) => mapping === 'm' && cause === 'throttle')!;
    const changes = own.advice.flatMap((advice) => advice.changes.map(({ path, to }) => [path.join('.'), to]));
    expect(changes).toEqual([
      ['functions.f.ReservedConcurrentExecutions', 4],
      ['account.ConcurrentExecutions', 134],
    ]);
  });
});

describe('causes beside the plain ones', () => {
  test('records that a window makes too old are a loss, and its age limit is named', () => {
    const { findings, text } = found({
      mappings: { m: { BatchSize: 10_000, MaximumBatchingWindowInSeconds: 120, MaximumRecordAgeInSeconds: 60 } },
    });
    expect(causesOf(findings)).toEqual(['recordAge']);
    expect(findings[0]!.cost.recordsLost).toBeGreaterThan(1_000);
    expect(text).toContain('a batch gathers for longer than its first records may be old');
    expect(text).not.toContain('nothing was lost');
  });

  test('an update that makes batches smaller is what a lane is slow by', () => {
    const update = { at: '2m', update: 'm', set: { BatchSize: 5 } };
    const { text, ...rest } = found({ functions: { f: { duration: '200ms' } }, timeline: [update] });
    expect(text).toContain('The timeline sets BatchSize 5 at 00:02:00 (2 m).');
    expect(changed(rest)).toEqual(['timeline']);
  });

  test('who has too few slots and too slow lanes hears of both', () => {
    const { findings } = found({
      streams: { s: { ShardCount: 4 } },
      producers: { p: { rate: '800/s' } },
      functions: { f: { duration: '1s', ReservedConcurrentExecutions: 2 } },
    });
    expect(causesOf(findings)).toEqual(['throttle', 'queue']);
  });

  test('batches that run into their Timeout are no slow ones', () => {
    const { findings } = found({
      producers: { p: { rate: '100/s' } },
      functions: { f: { duration: { base: '2s', perRecord: '20ms' } } },
      mappings: { m: { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 } },
    });
    expect(causesOf(findings)).toEqual(['functionError']);
    expect(findings[0]!.advice[0]!.changes[0]!.path.at(-1)).toBe('Timeout');
  });

  test('where nothing came, or nothing was let through, it says so', () => {
    expect(found({ mappings: { m: { Enabled: false, StartingPosition: 'LATEST' } } }).text).toContain(
      'm: Enabled is false',
    );
    const filtered = found({
      mappings: { m: { FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["none"]}' }] } } },
    });
    expect(filtered.text).toContain('Its filter let none of them through.');
  });
});
