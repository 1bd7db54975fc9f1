import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/report/explain/explain.ts';
import type { Advice, Cost, Finding } from '../../../src/report/explain/explanation.ts';
import { summarise } from '../../../src/report/summarise.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { run, type ScenarioPart } from '../../support/scenario.ts';
import { shippedFile, shippedScenario } from '../../support/shipped-scenarios.ts';

const POISON = { poison: { stream: 's', shard: 0, record: 5 } };

/** What differs from ten minutes of 50 records/s on one shard. */
const SMALL_RUNS: Readonly<Record<string, ScenarioPart>> = {
  'an outage with an age limit': {
    duration: '20m',
    functions: { f: { duration: '100ms', faults: [{ from: '1m', to: '6m' }] } },
    mappings: { m: { MaximumRecordAgeInSeconds: 60 } },
  },
  'an outage with a limit on retries': {
    functions: { f: { duration: '100ms', faults: [{ from: '1m', to: '3m' }] } },
    mappings: { m: { MaximumRetryAttempts: 2 } },
  },
  'an outage that is caught up slowly': {
    duration: '60m',
    functions: {
      f: { duration: { base: '100ms', perRecord: '14ms' }, Timeout: 10, faults: [{ from: '2m', to: '12m' }] },
    },
  },
  'poison, its batch bisected and retried for ever': {
    functions: { f: { duration: '100ms', faults: [POISON] } },
    mappings: { m: { BisectBatchOnFunctionError: true } },
  },
  'poison that is reported and not heard': {
    functions: { f: { duration: '100ms', faults: [{ ...POISON, fail: 'record' }] } },
  },
  'a Timeout that is too short': { functions: { f: { Timeout: 1, duration: { base: '100ms', perRecord: '18ms' } } } },
  'no slot at all': { functions: { f: { ReservedConcurrentExecutions: 0, duration: '100ms' } } },
  'a reserved part that is too small, and no room for more of it': {
    account: { ConcurrentExecutions: 101 },
    streams: { s: { ShardCount: 4 } },
    producers: { p: { rate: '40/s' } },
    functions: { f: { ReservedConcurrentExecutions: 1, duration: '900ms' } },
    mappings: { m: { BatchSize: 20 } },
  },
  'other readers': {
    streams: { s: { ShardCount: 1, otherReaders: [{ calls: '4/s', bytes: '1.95MB/s' }] } },
    producers: { p: { rate: '500/s' } },
    functions: { f: { duration: '10ms' } },
  },
  'never enabled': { mappings: { m: { Enabled: false } } },
  'a batch that is too small': {
    producers: { p: { rate: '200/s' } },
    functions: { f: { duration: { base: '900ms', perRecord: '1ms' } } },
  },
  'a hot key that the function cannot keep up with': {
    streams: { s: { ShardCount: 4 } },
    producers: { p: { rate: '400/s', keys: { hot: { key: 'a', share: '60%' }, count: 1_000 } } },
    functions: { f: { duration: { perRecord: '6ms' } } },
  },
  'too few shards for what is written': {
    duration: '1m',
    producers: { p: { rate: '1500/s' } },
    functions: { f: { duration: '10ms' } },
  },
  'a hot key that its shard cannot take': {
    duration: '1m',
    streams: { s: { ShardCount: 4 } },
    producers: { p: { rate: '2500/s', keys: { hot: { key: 'a', share: '60%' }, count: 1_000 } } },
    functions: { f: { duration: '10ms' } },
  },
  'a slow dependency': {
    duration: '30m',
    producers: { p: { rate: '200/s' } },
    functions: {
      f: {
        Timeout: 30,
        duration: { base: '60ms', perRecord: '2ms' },
        faults: [{ from: '5m', to: '15m', slowdown: 5 }],
      },
    },
  },
  'measured durations': {
    producers: { p: { rate: '400/s' } },
    functions: { f: { duration: { weibull: { scale: '400ms', shape: 40 } } } },
  },
  'invocations that fail by chance': {
    streams: { s: { ShardCount: 2 } },
    producers: { p: { rate: '800/s' } },
    functions: { f: { duration: { base: '80ms', perRecord: '1ms' }, faults: [{ probability: '20%' }] } },
    mappings: { m: { MaximumRetryAttempts: 2 } },
  },
  'tumbling windows that cannot keep up': {
    streams: { s: { ShardCount: 2 } },
    producers: { p: { rate: '300/s' } },
    functions: { f: { Timeout: 30, duration: { base: '60ms', perRecord: '8ms' } } },
    mappings: { m: { TumblingWindowInSeconds: 60 } },
  },
  'fewer shards under load': {
    streams: { s: { ShardCount: 8 } },
    producers: { p: { rate: '2400/s' } },
    functions: { f: { Timeout: 30, duration: { base: '60ms', perRecord: '1.8ms' } } },
    timeline: [{ at: '2m', reshard: 's', ShardCount: 4 }],
  },
  'a merge that is too much for one shard': {
    streams: { s: { ShardCount: 3 } },
    producers: { p: { rate: '1700/s', keys: { zipf: { count: 5_000, exponent: 1 } } } },
    functions: { f: { Timeout: 60, duration: { base: '60ms', perRecord: '0.1ms' } } },
    timeline: [{ at: '4m', merge: 's', shards: [1, 2] }],
  },
  'a poison key that is tried again and again': {
    duration: '60m',
    streams: { s: { ShardCount: 4 } },
    producers: { p: { rate: '100/s', keys: { count: 2_000 } } },
    functions: { f: { duration: '60ms', faults: [{ poison: { key: 'partitionKey-17' } }] } },
    mappings: { m: { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 50 } },
  },
  'shards whose parts differ': {
    streams: {
      s: {
        ShardCount: undefined,
        shards: [
          { StartingHashKey: '0', EndingHashKey: '272225893536750770770699685945414569164' },
          {
            StartingHashKey: '272225893536750770770699685945414569165',
            EndingHashKey: '340282366920938463463374607431768211455',
          },
        ],
      },
    },
    producers: { p: { rate: '300/s', keys: { count: 100_000 } } },
    functions: { f: { duration: { perRecord: '5ms' } } },
  },
  'cold starts': {
    duration: '60m',
    thresholds: { IteratorAge: ['max < 5s'] },
    producers: { p: { rate: '0.002/s' } },
    functions: { f: { duration: '60ms', coldStart: '10s', idleTimeout: '1m' } },
  },
  'a window that is too long': {
    thresholds: { timeInSystem: ['avg < 400ms'] },
    mappings: { m: { MaximumBatchingWindowInSeconds: 40 } },
  },
  'polls that are too rare': { thresholds: { timeInSystem: ['avg < 400ms'] } },
};

/** Of the examples, those whose runs are short, and the one that the picture shows. */
const TRIED = [
  'few-keys',
  'noisy-neighbour',
  'on-demand',
  'partial-responses',
  'poison',
  'reshard',
  'ticket-sale',
  'too-little-concurrency',
];

describe('each piece of advice, taken by itself, at least halves what it is to lower', () => {
  test.each(TRIED)('in scenarios/%s.yaml', { timeout: 240_000 }, (name) => {
    expect(tried(summarise(simulateSync(shippedScenario(name))))).toBeGreaterThan(0);
  });

  test.each(Object.entries(SMALL_RUNS))('%s', (_, part) => {
    expect(tried(run({ duration: '10m', producers: { p: { rate: '50/s' } }, ...part }).summary)).toBeGreaterThan(0);
  });
});

/** How many pieces were tried. */
function tried(before: Summary): number {
  let pieces = 0;
  for (const finding of explain(before).findings) {
    for (const advice of finding.advice) {
      if (advice.lowers === null) continue;
      const after = summarise(simulateSync(changed(before, advice)));
      const label = advice.changes.map(({ path, to }) => `${path.join('.')}=${JSON.stringify(to)}`).join(' ');
      const was = figure(before, finding, advice.lowers);
      expect(was, label).toBeGreaterThan(0);
      expect(figure(after, finding, advice.lowers), `${advice.lowers} with ${label}`).toBeLessThanOrEqual(was / 2);
      pieces++;
    }
  }
  return pieces;
}

/** The scenario of a result, with one piece of advice taken. */
function changed(summary: Summary, { changes }: Advice): Scenario {
  const document = JSON.parse(JSON.stringify(summary.scenario.resolved));
  for (const { path, now, to } of changes) {
    let target = document;
    for (const step of path.slice(0, -1)) target = target[step] ??= {};
    expect(target[path.at(-1)!] ?? null).toEqual(now);
    if (to === null) delete target[path.at(-1)!];
    else target[path.at(-1)!] = to;
  }
  const parsed = parseScenario(JSON.stringify(document), { readFile: shippedFile });
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return parsed.scenario;
}

/** What the mapping, or the stream, of a finding paid in this run. */
function figure(summary: Summary, { mapping, stream, cause }: Finding, cost: keyof Cost): number {
  if (mapping === null) {
    const { lostAtWrite, writeThrottled } = summary.streams[stream]!;
    return cost === 'refusedWrites' ? writeThrottled : lostAtWrite;
  }
  const { records, iteratorAgeMs, backlogAgeMs, recoveryMs, errors, throttles, polls } = summary.mappings[mapping]!;
  const { RetryAttemptsExhausted, RecordAgeExceeded } = records.discarded;
  const figures: Partial<Record<keyof Cost, number>> = {
    recordsLost: RetryAttemptsExhausted + RecordAgeExceeded + records.expired + records.silentlyLost,
    expired: records.expired,
    silentlyLost: records.silentlyLost,
    oldestMs: Math.max(iteratorAgeMs.max ?? 0, backlogAgeMs.max ?? 0),
    recoveryMs: recoveryMs.max ?? 0,
    pending: records.pending,
    errors,
    throttles,
    refusedReads: polls.refused,
  };
  const value = figures[cost];
  if (value === undefined) throw new Error(`nothing measures ${cost} of ${cause}`);
  return value;
}
