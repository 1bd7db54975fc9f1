import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/report/explain/explain.ts';
import type { Finding, FindingCause } from '../../../src/report/explain/explanation.ts';
import { explanationText } from '../../../src/report/explain/explanation-text.ts';
import { run, type ScenarioPart } from '../../support/scenario.ts';

const LONG_ENOUGH = { duration: '10m', producers: { p: { rate: '50/s' } } };

function found(part: ScenarioPart): { readonly findings: readonly Finding[]; readonly text: string } {
  const { summary } = run({ ...LONG_ENOUGH, ...part });
  return { findings: explain(summary).findings, text: explanationText(summary, { width: 1_000 }) };
}

function causesOf({ findings }: { readonly findings: readonly Finding[] }): FindingCause[] {
  return findings.map(({ cause }) => cause);
}

/** What the first piece of advice would set, by the last step of each path. */
function firstChanges({ advice }: Finding): Record<string, unknown> {
  return Object.fromEntries((advice[0]?.changes ?? []).map(({ path, to }) => [path.at(-1), to]));
}

const faulty = (faults: unknown[], more: ScenarioPart = {}) => ({ f: { duration: '100ms', faults, ...more } });
const POISON = [{ poison: { stream: 's', shard: 0, record: 5 } }];

describe('an outage with a limit on the age of records', () => {
  test('is told by how long nothing got through, which no single stall shows', () => {
    const outage = faulty([{ from: '2m', to: '8m', after: '1s' }]);
    const { findings, text } = found({ functions: outage, mappings: { m: { MaximumRecordAgeInSeconds: 60 } } });
    expect(findings).toMatchObject([{ cause: 'functionError' }]);
    expect(findings[0]!.headline).toMatch(/^failures let nothing through for 6 m, [\d,]+ records lost in all$/);
    expect(text).toContain('nothing got through from 00:02:00 (2 m) to 00:08:00 (8 m)');
    expect(findings[0]!.until!.seconds).toBe(480);
    // Nothing comes through while it is disabled, either, but that is no failure.
    const disabled = found({
      functions: faulty([{ from: '1m', to: '70s' }]),
      mappings: { m: { MaximumRetryAttempts: 1 } },
      timeline: [
        { at: '2m', disable: 'm' },
        { at: '8m', enable: 'm' },
      ],
    });
    expect(disabled.text).not.toContain('got through');
    const untilItSucceeds = found({ functions: outage });
    expect(untilItSucceeds.findings[0]!.headline).toMatch(/^failures stopped it for /);
    expect(untilItSucceeds.text).not.toContain('got through');
  });
});

test('what a rising age leads to is told with the limit that comes first (M5, E2)', () => {
  const { text } = found({
    functions: { f: { duration: '1s' } },
    mappings: { m: { MaximumRecordAgeInSeconds: 600 } },
    producers: { p: { rate: '150/s' } },
  });
  expect(text).toMatch(
    /If it goes on like that, records begin to be discarded \(MaximumRecordAgeInSeconds\) [12]\d m( \d+ s)? after the end/,
  );
});

describe('a healthy run', () => {
  test('has no finding, and one line for its mapping', () => {
    const { findings, text } = found({});
    expect(findings).toEqual([]);
    expect(text).toMatch(
      /^m: Nothing stalled and nothing was lost of [\d,]+ records\. A record took \d+ ms on average/m,
    );
    expect(text.trimEnd().split('\n')).toHaveLength(4);
  });

  test('names what governs its age', () => {
    expect(found({}).text).toContain('waiting for a poll (polling.period)');
    const windowed = found({ mappings: { m: { MaximumBatchingWindowInSeconds: 20 } } });
    expect(windowed.text).toContain('in the batching window (MaximumBatchingWindowInSeconds)');
  });

  test('says so of a run without records', () => {
    const { findings, text } = found({ producers: { p: { rate: '0/s' } } });
    expect(findings).toEqual([]);
    expect(text).toContain('m: No record arrived.');
  });
});

describe('a function that fails', () => {
  test('on a poison record with nothing to end the retries: both what finds it and what gives it up', () => {
    const { findings, text } = found({ functions: faulty(POISON) });
    expect(causesOf({ findings })).toEqual(['functionError']);
    expect(findings[0]!.since!.seconds).toBeLessThan(2);
    expect(findings[0]!.until).toBeNull();
    expect(firstChanges(findings[0]!)).toEqual({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 5 });
    expect(text).toContain('record 5 of shard 0, which always fails');
    expect(text).toContain('MaximumRetryAttempts and MaximumRecordAgeInSeconds are both -1');
    expect(findings[0]!.advice.flatMap(({ changes }) => changes.map(({ path }) => path.at(-1)))).toContain(
      'MaximumRecordAgeInSeconds',
    );
  });

  test('with bisecting on, the limit on retries is what is missing', () => {
    const { findings } = found({
      functions: faulty(POISON),
      mappings: { m: { BisectBatchOnFunctionError: true } },
    });
    expect(firstChanges(findings[0]!)).toEqual({ MaximumRetryAttempts: 5 });
  });

  test('with whole batches given up, bisecting is what is missing, and nothing tells of the loss', () => {
    const { findings, text } = found({ functions: faulty(POISON), mappings: { m: { MaximumRetryAttempts: 2 } } });
    expect(causesOf({ findings })).toEqual(['functionError']);
    expect(firstChanges(findings[0]!)).toEqual({ BisectBatchOnFunctionError: true });
    expect(findings[0]!.cost.discarded).toBeGreaterThan(1);
    expect(text).toContain('dropped without a trace');
    const reported = found({
      functions: faulty(POISON),
      mappings: { m: { MaximumRetryAttempts: 2, DestinationConfig: { OnFailure: { Destination: 'dlq' } } } },
    });
    expect(reported.text).not.toContain('dropped without a trace');
  });

  test('with bisecting and a limit there is nothing left to change', () => {
    const { findings, text } = found({
      functions: faulty(POISON),
      mappings: {
        m: {
          MaximumRetryAttempts: 1,
          BisectBatchOnFunctionError: true,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          DestinationConfig: { OnFailure: { Destination: 'dlq' } },
        },
      },
    });
    expect(text).toContain('only the record that failed alone was given up');
    expect(findings[0]!.cost.recordsLost).toBe(1);
    expect(findings[0]!.advice).toEqual([]);
  });

  test('in an outage without a limit nothing is lost, and the wait for its end is told', () => {
    const { findings, text } = found({ drain: '10m', functions: faulty([{ from: '2m', to: '5m' }]) });
    expect(causesOf({ findings })).toEqual(['functionError']);
    expect(text).toContain('failures stopped it for');
    expect(text).toContain('nothing lost');
    expect(text).toContain('Every invocation of f failed from 00:02:00 (2 m) to 00:05:00 (5 m).');
    expect(findings[0]!.cost.recordsLost).toBe(0);
    expect(findings[0]!.cost.oldestMs).toBeGreaterThan(170_000);
  });

  test('in an outage longer than the limits, the limits are what cost the records', () => {
    const outage = faulty([{ from: '1m', to: '6m' }]);
    const aged = found({ functions: outage, mappings: { m: { MaximumRecordAgeInSeconds: 60 } } });
    expect(firstChanges(aged.findings[0]!)).toEqual({ MaximumRecordAgeInSeconds: 600 });
    expect(aged.findings[0]!.cost.recordsLost).toBeGreaterThan(1_000);
    const retried = found({ functions: outage, mappings: { m: { MaximumRetryAttempts: 2 } } });
    expect(firstChanges(retried.findings[0]!)).toEqual({ MaximumRetryAttempts: -1 });
  });

  test('at its Timeout, the Timeout and the size of a batch are named', () => {
    const { findings, text } = found({
      functions: { f: { Timeout: 1, duration: { base: '100ms', perRecord: '25ms' } } },
    });
    expect(causesOf({ findings })).toEqual(['functionError']);
    expect(text).toContain('f ran into its Timeout of 1 s');
    expect(findings[0]!.advice.map(({ changes }) => changes[0]?.path.at(-1))).toEqual(['Timeout', 'BatchSize']);
  });

  test('by timeouts long after its first invocation has failed', () => {
    const faults = [{ invocations: 1 }, { from: '3m', to: '6m', slowdown: 3 }];
    const { text } = found({ functions: { f: { duration: '500ms', Timeout: 1, faults } } });
    expect(text).toContain('m: timeouts stopped it');
    expect(text).not.toContain('its first');
    const first = found({ stallAfter: '1ms', functions: faulty([{ invocations: 1 }]) });
    expect(first.text).toContain('Of f, its first invocation fails.');
  });

  test('now and then, without a stall and without a loss, is not a finding', () => {
    const { findings, text } = found({ functions: faulty([{ probability: '2%' }]) });
    expect(findings).toEqual([]);
    expect(text).toMatch(/[\d,]+ invocations had to be tried again/);
  });
});

describe('a function that is throttled', () => {
  test('by its reserved part: as many slots as lanes', () => {
    const { findings, text } = found({
      streams: { s: { ShardCount: 4 } },
      functions: { f: { ReservedConcurrentExecutions: 1, duration: '2s' } },
    });
    expect(causesOf({ findings })).toEqual(['throttle']);
    expect(firstChanges(findings[0]!)).toEqual({ ReservedConcurrentExecutions: 4 });
    expect(text).toContain('f may run 1 at once (ReservedConcurrentExecutions)');
    expect(text).toContain('4 lanes');
  });

  test('by none at all: nothing is ever invoked', () => {
    const { findings, text } = found({ functions: { f: { ReservedConcurrentExecutions: 0, duration: '1s' } } });
    expect(causesOf({ findings })).toEqual(['throttle']);
    expect(firstChanges(findings[0]!)).toEqual({ ReservedConcurrentExecutions: 1 });
    expect(text).toContain('still waiting at the end');
  });

  test('by what the account has left: a part of its own, or a higher quota', () => {
    const { findings } = found({
      account: { ConcurrentExecutions: 110 },
      streams: { s: { ShardCount: 30 } },
      functions: { f: { duration: '1s' }, g: { duration: '1s', ReservedConcurrentExecutions: 10 } },
      mappings: { m: { ParallelizationFactor: 10 } },
      producers: { p: { rate: '2000/s' } },
    });
    expect(causesOf({ findings })).toContain('throttle');
    const throttled = findings.find(({ cause }) => cause === 'throttle')!;
    expect(firstChanges(throttled)).toEqual({ ConcurrentExecutions: 310 });
    // Its lanes have too much to do for one a shard.
    expect(throttled.advice.some(({ changes }) => changes[0]?.path.at(-1) === 'ParallelizationFactor')).toBe(false);
  });
});

describe('what else holds a mapping up', () => {
  test('a mapping that is behind at the end is not said to have caught up, though it did after an earlier fault', () => {
    const { findings, text } = found({
      duration: '12m',
      functions: {
        f: {
          duration: '100ms',
          faults: [
            { from: '2m', to: '3m' },
            { from: '8m', to: '12m' },
          ],
        },
      },
    });
    expect(findings[0]!.cost).toMatchObject({ pending: expect.any(Number), recoveryMs: null });
    expect(findings[0]!.cost.pending).toBeGreaterThan(0);
    expect(text).not.toMatch(/Cost:[^.]*caught up/);
  });

  test('the read limit: fan-out, the other readers, or more shards', () => {
    const { findings, text } = found({
      streams: { s: { ShardCount: 1, otherReaders: [{ calls: '4/s', bytes: '1.95MB/s' }] } },
      producers: { p: { rate: '500/s' } },
      functions: { f: { duration: '10ms' } },
    });
    expect(causesOf({ findings })).toContain('readLimit');
    const refused = findings.find(({ cause }) => cause === 'readLimit')!;
    expect(firstChanges(refused)).toEqual({ consumers: ['m'], stream: null, consumer: 's/m' });
    expect(refused.advice[1]!.changes[0]!.path).toEqual(['streams', 's', 'otherReaders']);
    expect(refused.cost.refusedReads).toBeGreaterThan(0);
    expect(text).toContain('GetRecords calls were refused');
  });

  test('the timeline, by name and time', () => {
    const timeline = [
      { at: '2m', disable: 'm' },
      { at: '4m', enable: 'm' },
    ];
    const { findings, text } = found({ timeline });
    expect(causesOf({ findings })).toEqual(['disabled']);
    expect(text).toContain('the timeline has it disabled at 2m and enabled at 4m');
    expect(findings[0]!.since!.seconds).toBeCloseTo(120, 0);
    expect(findings[0]!.until!.seconds).toBeCloseTo(240, 0);
  });

  test('lanes that an update made, among all of them; and how old what waited was', () => {
    const timeline = [
      { at: '60s', update: 'm', set: { ParallelizationFactor: 3 } },
      { at: '100s', disable: 'm' },
      { at: '110s', enable: 'm' },
    ];
    const { findings, text } = found({ stallAfter: '1s', timeline, duration: '3m' });
    expect(text).toContain('All 3 lanes were not read');
    expect(findings[0]!.cost.oldestMs).toBeGreaterThan(10_000);
  });

  test('its creation, where nobody has disabled it', () => {
    const { text } = found({ mappings: { m: { transitions: '60s' } } });
    expect(text).toContain('Nothing failed: to create it takes 1 m (transitions).');
    expect(text).not.toContain('Nothing in the scenario says');
  });

  test('a mapping that is deleted has no finding, and calls that are refused are no reason (P9, A1)', () => {
    const timeline = [
      { at: '2m', delete: 'm' },
      { at: '3m', disable: 'm' },
    ];
    expect(found({ timeline }).findings).toEqual([]);
    const off = found({ timeline: [{ at: '1m', disable: 'm' }, ...timeline] });
    expect(off.text).toContain('the timeline has it disabled at 1m and deleted at 2m.');
    expect(off.text).toContain("what it leaves unread is nobody's");
    expect(off.text).not.toContain('reads on from where it stopped');
  });

  test('a mapping that is never enabled', () => {
    const { findings, text } = found({ mappings: { m: { Enabled: false } } });
    expect(causesOf({ findings })).toEqual(['disabled']);
    expect(text).toContain('it starts with Enabled: false. It is never enabled again.');
    expect(firstChanges(findings[0]!)).toEqual({ Enabled: true });
  });

  test('records that expire while it is off: the retention', () => {
    const { findings } = found({
      duration: '30h',
      producers: { p: { rate: '1/m' } },
      timeline: [
        { at: '1h', disable: 'm' },
        { at: '29h', enable: 'm' },
      ],
    });
    expect(findings[0]!.cause).toBe('disabled');
    expect(findings[0]!.cost.expired).toBeGreaterThan(0);
    expect(firstChanges(findings[0]!)).toEqual({ RetentionPeriodHours: 168 });
  });

  test('its own slowness: what would keep pace, and no more than that', () => {
    const { findings, text } = found({
      producers: { p: { rate: '200/s' } },
      functions: { f: { duration: { base: '900ms', perRecord: '1ms' } } },
    });
    expect(causesOf({ findings })).toEqual(['queue']);
    expect(text).toContain('100 records (BatchSize) take about 1 s: 100 records/s');
    expect(firstChanges(findings[0]!)).toEqual({ BatchSize: 500 });
    const [, factor] = findings[0]!.advice;
    expect(factor!.changes[0]).toEqual({ path: ['mappings', 'm', 'ParallelizationFactor'], now: 1, to: 3 });
  });

  test('a parent shard, and before it what held the parent up', () => {
    const { findings, text } = found({
      producers: { p: { rate: '100/s' } },
      functions: { f: { duration: { perRecord: '12ms' } } },
      timeline: [{ at: '2m', reshard: 's', ShardCount: 2 }],
    });
    expect(causesOf({ findings })).toEqual(['queue', 'parent']);
    expect(findings[1]!.since!.seconds).toBeCloseTo(120, 0);
    expect(text).toMatch(/2 of 3 shards waited for their parent shards: the first from 00:02:00/);
  });

  test('a stream that grows after its load', () => {
    const { findings, text } = found({
      streams: { s: { StreamMode: 'ON_DEMAND' } },
      producers: { p: { rate: '600/s', bytes: '10KB' } },
      functions: { f: { duration: '20ms' } },
      duration: '1m',
    });
    expect(causesOf({ findings })).toContain('writeLimit');
    expect(firstChanges(findings[0]!)).toEqual({ StreamMode: 'PROVISIONED', ShardCount: 8 });
    expect(text).toContain('An on-demand stream takes 4 MB a second at the start');
  });

  test('a hot key: finer keys, since no factor divides one', () => {
    const { findings, text } = found({
      streams: { s: { ShardCount: 4 } },
      producers: { p: { rate: '400/s', keys: { hot: { key: 'a', share: '60%' }, count: 1_000 } } },
      functions: { f: { duration: { perRecord: '6ms' } } },
    });
    expect(causesOf({ findings })).toEqual(['queue']);
    expect(text).toContain('One key, a, carries 60 % of the records of p');
    expect(findings[0]!.advice[0]!.changes[0]!.path).toEqual(['producers', 'p', 'keys']);
    expect(findings[0]!.advice.some(({ changes }) => changes.some(({ path }) => path.at(-1) === 'ShardCount'))).toBe(
      false,
    );
  });

  test('a threshold on the age that a window alone breaks, or the polls alone', () => {
    const thresholds = { timeInSystem: ['avg < 400ms'] };
    const windowed = found({ thresholds, mappings: { m: { BatchSize: 10_000, MaximumBatchingWindowInSeconds: 40 } } });
    expect(causesOf(windowed)).toEqual(['window']);
    expect(firstChanges(windowed.findings[0]!)).toEqual({ MaximumBatchingWindowInSeconds: 10 });
    const polled = found({ thresholds });
    expect(causesOf(polled)).toEqual(['tick']);
    expect(firstChanges(polled.findings[0]!)).toMatchObject({ consumer: 's/m' });
  });
});

describe('records that are lost', () => {
  test('in silence: the setting that listens to the function, and a limit on retries', () => {
    const { findings, text } = found({
      functions: faulty([{ poison: { stream: 's', shard: 0, record: 5 }, fail: 'record' }]),
    });
    expect(causesOf({ findings })).toEqual(['silentLoss']);
    expect(findings[0]!.cost).toMatchObject({ silentlyLost: 1, recordsLost: 1 });
    expect(firstChanges(findings[0]!)).toEqual({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2,
    });
    expect(text).toContain('1 record silently lost');
  });

  test('at write: more shards, and tries again where it was for a moment', () => {
    const { findings, text } = found({ producers: { p: { rate: '1500/s', onThrottle: 'drop' } }, duration: '1m' });
    expect(causesOf({ findings })).toEqual(['writeLimit']);
    expect(findings[0]!.mapping).toBeNull();
    expect(findings[0]!.cost.lostAtWrite).toBeGreaterThan(10_000);
    expect(firstChanges(findings[0]!)).toEqual({ ShardCount: 2 });
    expect(findings[0]!.advice).toHaveLength(1);
    expect(text).toContain('stream s: ');
    const moment = found({
      duration: '5m',
      producers: {
        p: {
          phases: [
            { duration: '2m', rate: '900/s' },
            { duration: '1s', rate: '2500/s' },
            { duration: '117s', rate: '700/s' },
          ],
          onThrottle: 'drop',
        },
      },
      functions: { f: { duration: '10ms' } },
      mappings: { m: { BatchSize: 1_000 } },
    });
    expect(moment.findings[0]!.advice[1]!.changes).toEqual([
      { path: ['producers', 'p', 'onThrottle'], now: 'drop', to: 'retry' },
    ]);
  });

  test('at write by a hot key: more shards would not help, and are not named', () => {
    const { findings } = found({
      duration: '1m',
      streams: { s: { ShardCount: 4 } },
      producers: { p: { rate: '2500/s', keys: { hot: { key: 'a', share: '60%' }, count: 1_000 } } },
      functions: { f: { duration: '10ms' } },
    });
    const [first] = findings;
    expect(first!.cause).toBe('writeLimit');
    expect(first!.advice.flatMap(({ changes }) => changes.map(({ path }) => path.at(-1)))).toEqual(['keys']);
  });

  test('as too large for an event', () => {
    const { findings, text } = found({
      duration: '1m',
      streams: { s: { ShardCount: 1, MaxRecordSizeInKiB: 10_240 } },
      producers: { p: { records: [{ at: '1s', bytes: '5MB' }], rate: undefined } },
    });
    expect(causesOf({ findings })).toEqual(['payload']);
    expect(findings[0]!.cost.discarded).toBe(1);
    expect(text).toContain('up to 10 MB (MaxRecordSizeInKiB)');
  });
});

describe('the order and the form', () => {
  test('what is lost comes before what is late', () => {
    const { findings } = found({
      functions: {
        f: { duration: '100ms', faults: POISON },
        g: { duration: { perRecord: '30ms' } },
      },
      mappings: {
        n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' },
        m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', MaximumRetryAttempts: 1 },
      },
    });
    expect(findings.map(({ mapping, cause }) => [mapping, cause])).toEqual([
      ['m', 'functionError'],
      ['n', 'queue'],
    ]);
  });

  test('times are those of the run and of its start', () => {
    const { findings } = found({ start: '2026-01-05T23:58:00Z', functions: faulty([{ from: '1m', to: '5m' }]) });
    const [{ since }] = findings as [Finding];
    expect(since!.wallTime.startsWith('2026-01-05T23:59:0')).toBe(true);
    const { text } = found({ start: '2026-01-05T23:58:00Z', functions: faulty([{ from: '1m', to: '5m' }]) });
    expect(text).toContain('from 2026-01-05 23:59:00 (1 m) to 2026-01-06 00:03:00 (5 m)');
  });

  test('an interrupted run and a missed threshold are said first', () => {
    const { summary } = run({ ...LONG_ENOUGH, thresholds: { IteratorAge: ['max < 1ms'] } });
    const text = explanationText({ ...summary, partial: true });
    expect(text.split('\n').slice(2, 4)).toEqual([
      'The run was interrupted: this is a part of it.',
      expect.stringMatching(/^Not met: IteratorAge max < 1ms \(/),
    ]);
  });

  test('a reason that has been told is not told again', () => {
    const { text } = found({
      functions: { f: { duration: '2s', ReservedConcurrentExecutions: 1 } },
      streams: { s: { ShardCount: 3 }, t: { ShardCount: 3 } },
      producers: { p: { rate: '50/s' }, q: { stream: 't', rate: '50/s' } },
      mappings: { n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
    });
    expect(text).toContain('Why, and what to try: as with ');
    expect(text.match(/ReservedConcurrentExecutions 6 \(now 1\)/g)).toHaveLength(1);
  });
});
