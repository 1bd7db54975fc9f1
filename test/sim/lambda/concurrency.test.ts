import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEVER } from '../../../src/kernel/time.ts';
import type { Invocable } from '../../../src/sim/lambda/concurrency.ts';
import { SlotPool } from '../../../src/sim/lambda/concurrency.ts';
import { Environment, Environments } from '../../../src/sim/lambda/environments.ts';
import { runs } from '../../support/runs.ts';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, parse, run, timeLine } from '../../support/scenario.ts';

/** One record for each of `shards` shards at 500 ms, so that all lanes want a slot at 1 s. */
function shards(count: number, more: ScenarioPart = {}) {
  return run({
    streams: { s: { ShardCount: count } },
    producers: { p: { records: Array.from({ length: count }, (_, shard) => ({ at: '500ms', shard })) } },
    ...more,
  });
}

const starts = (result: ReturnType<typeof run>) =>
  eventsOf(result, 'invocation').map(({ shardId, start }) => [Number(shardId.slice(-2)), start]);

describe('slots', () => {
  it("a function's reserved part bounds it (L1)", () => {
    const result = shards(5, { functions: { f: { duration: '100ms', ReservedConcurrentExecutions: 2 } } });
    expect(result.m.concurrency.max).toBe(2);
    expect(result.m.throttles).toBeGreaterThan(0);
    expect(result.m.records.succeeded).toBe(5);
    expect(result.summary.functions.f!.concurrency.limit).toBe(2);
  });

  it('functions without one share what the account leaves (L1)', () => {
    const result = run({
      account: { ConcurrentExecutions: 102 },
      functions: {
        f: { duration: '2s' },
        g: { duration: '2s' },
        h: { duration: '1s', ReservedConcurrentExecutions: 2 },
      },
      streams: { s: { ShardCount: 80 } },
      mappings: {
        n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' },
        o: { stream: 's', function: 'h', StartingPosition: 'TRIM_HORIZON' },
      },
      producers: { p: { records: Array.from({ length: 80 }, (_, shard) => ({ at: '500ms', shard })) } },
      duration: '2s',
    });
    const { f, g, h } = result.summary.functions;
    expect([f!.concurrency.limit, g!.concurrency.limit, h!.concurrency.limit]).toEqual([100, 100, 2]);
    // Mappings in file order (D4): all 80 lanes of m, 20 of n, 2 of o.
    expect([f!.concurrency.max, g!.concurrency.max, h!.concurrency.max]).toEqual([80, 20, 2]);
    expect([f!.throttles, g!.throttles]).toEqual([0, 60 + 60 + 60]); // at 1.0, 1.25 and 1.75 s
  });

  it('at least 100 stay unreserved (L1)', () => {
    const reserving = (ReservedConcurrentExecutions: number) => () =>
      parse({
        account: { ConcurrentExecutions: 200 },
        functions: { f: { ReservedConcurrentExecutions } },
        producers: { p: { records: [] } },
      });
    expect(reserving(100)).not.toThrow();
    expect(reserving(101)).toThrow('100');
  });

  it('0 reserved blocks all: nothing but throttles, never an invocation (L1, L2)', () => {
    const result = shards(1, {
      duration: '20s',
      functions: { f: { duration: '100ms', ReservedConcurrentExecutions: 0 } },
      mappings: { m: { MaximumRetryAttempts: 0 } },
    });
    // 1.0, 1.25, 1.75, 2.75, 4.75, 8.75, 16.75: waits of 250 ms doubled each time.
    expect(eventsOf(result, 'throttle').map(({ t }) => t)).toEqual(
      [1, 1.25, 1.75, 2.75, 4.75, 8.75, 16.75].map((s) => s * 1_000_000),
    );
    expect(result.m).toMatchObject({
      invocations: 0,
      errors: 0,
      throttles: 7,
      records: { pending: 1, discarded: { RetryAttemptsExhausted: 0 } },
    });
  });

  it('a slot is held from start to end, the cold start included (L1, L4)', () => {
    const result = shards(2, {
      functions: { f: { duration: '100ms', coldStart: '900ms', ReservedConcurrentExecutions: 1 } },
      mappings: { m: { throttleBackoff: 'queue' } },
    });
    expect(starts(result)).toEqual([
      [0, 1_000_000],
      [1, 2_000_000],
    ]);
    // The second runs in the environment of the first: 100 ms. 1.1 s of one slot in 10 s.
    expect(result.m.concurrency.mean).toBeCloseTo(0.11, 12);
    expect(result.m.concurrency.max).toBe(1);
  });
});

describe('throttles', () => {
  it('throttleBackoff doubles from 250 ms to 60 s (L2)', () => {
    const result = shards(1, {
      duration: '300s',
      functions: { f: { duration: '100ms', ReservedConcurrentExecutions: 0 } },
    });
    const times = eventsOf(result, 'throttle').map(({ t }) => t);
    const waits = times.slice(1).map((t, i) => (t - times[i]!) / 1_000);
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('its settings are obeyed (L2)', () => {
    const result = shards(1, {
      functions: { f: { duration: '100ms', ReservedConcurrentExecutions: 0 } },
      mappings: { m: { throttleBackoff: { initial: '100ms', factor: 3, maximum: '1s' } } },
    });
    expect(
      eventsOf(result, 'throttle')
        .map(({ t }) => t)
        .slice(0, 6),
    ).toEqual([1_000_000, 1_100_000, 1_400_000, 2_300_000, 3_300_000, 4_300_000]);
  });

  it('a throttle is no attempt, and the wait starts anew once the batch has been accepted (L2, E3)', () => {
    const result = run({
      polling: { period: '500ms' },
      streams: { s: { ShardCount: 2 } },
      functions: {
        f: {
          duration: '600ms',
          ReservedConcurrentExecutions: 1,
          faults: [{ poison: { stream: 's', shard: 1, record: 0 }, until: '2s' }],
        },
      },
      mappings: { m: { MaximumRetryAttempts: 1 } },
      producers: {
        p: {
          records: [
            { at: '700ms', shard: 0 },
            { at: '700ms', shard: 1 },
            { at: '2400ms', shard: 0 },
          ],
        },
      },
    });
    // Shard 0 runs from 1.0 to 1.6 s and from 2.5 to 3.1 s. Shard 1 is throttled at 1.0 and 1.25, runs from 1.75 to 2.35
    // and fails; its retry is throttled at 2.6, 250 ms later at 2.85, 500 ms later it runs.
    expect(eventsOf(result, 'throttle').map(({ shardId, t }) => [Number(shardId.slice(-2)), t])).toEqual([
      [1, 1_000_000],
      [1, 1_250_000],
      [1, 2_600_000],
      [1, 2_850_000],
    ]);
    expect(
      eventsOf(result, 'invocation').map(({ shardId, start, attempt, outcome }) => [
        Number(shardId.slice(-2)),
        start,
        attempt,
        outcome,
      ]),
    ).toEqual([
      [0, 1_000_000, 1, 'success'],
      [1, 1_750_000, 1, 'functionError'],
      [0, 2_500_000, 1, 'success'],
      [1, 3_350_000, 2, 'success'],
    ]);
    expect(result.m).toMatchObject({ invocations: 4, errors: 1, throttles: 4 });
    // M4, of shard 1's record: 0.3 s to the tick, 0.75 + 0.75 s throttled, 0.6 + 0.25 s of a failed attempt and its
    // backoff, 0.6 s of work; the other two have 0.3 and 0.1 s to the tick and 0.6 s of work.
    const { tick, throttle, retry, processing } = result.m.ageBreakdownMs;
    expect(tick * 3).toBeCloseTo(700, 9);
    expect(throttle * 3).toBeCloseTo(1_500, 9);
    expect(retry * 3).toBeCloseTo(850, 9);
    expect(processing * 3).toBeCloseTo(1_800, 9);
  });

  it('queue takes the next slot freed, first come first served (L2)', () => {
    const result = shards(4, {
      functions: { f: { duration: '300ms', ReservedConcurrentExecutions: 1 } },
      mappings: { m: { throttleBackoff: 'queue' } },
    });
    expect(starts(result)).toEqual([
      [0, 1_000_000],
      [1, 1_300_000],
      [2, 1_600_000],
      [3, 1_900_000],
    ]);
    expect(result.m.throttles).toBe(3);
  });

  it('who joined the line first is served first, whatever the file or shard order (L2, D4)', () => {
    const result = run({
      polling: { phase: 'aligned', period: '500ms' },
      streams: { s: { ShardCount: 3 } },
      functions: { f: { duration: '1700ms', ReservedConcurrentExecutions: 1 } },
      mappings: { m: { throttleBackoff: 'queue' } },
      producers: {
        p: {
          records: [
            { at: '400ms', shard: 1 },
            { at: '900ms', shard: 2 },
            { at: '1400ms', shard: 0 },
          ],
        },
      },
    });
    expect(starts(result)).toEqual([
      [1, 500_000],
      [2, 2_200_000],
      [0, 3_900_000],
    ]);
  });

  it('a freed slot goes to the line before a lane that asks at that instant (D4, L2)', () => {
    const result = run({
      streams: { s: { ShardCount: 2 } },
      functions: { f: { duration: '1s', ReservedConcurrentExecutions: 1 } },
      mappings: { m: { throttleBackoff: 'queue' } },
      producers: {
        p: {
          records: [
            { at: '500ms', shard: 0 },
            { at: '500ms', shard: 1 },
            { at: '1500ms', shard: 0 },
          ],
        },
      },
    });
    // At 2 s shard 0's first batch ends and its next ask comes; shard 1 has waited since 1 s.
    expect(starts(result)).toEqual([
      [0, 1_000_000],
      [1, 2_000_000],
      [0, 3_000_000],
    ]);
  });

  it('retryBackoff never applies to a throttle (L2)', () => {
    const result = shards(1, {
      functions: { f: { duration: '100ms', ReservedConcurrentExecutions: 0 } },
      mappings: { m: { retryBackoff: { initial: '1ms', factor: 1, maximum: '1ms' } } },
    });
    expect(
      eventsOf(result, 'throttle')
        .slice(0, 2)
        .map(({ t }) => t),
    ).toEqual([1_000_000, 1_250_000]);
  });

  it('no slot is used twice and none is lost (L1)', () => {
    const pool = new SlotPool<string>(2);
    const target: Invocable = { nextStart: (at) => (pool.hasFree ? at : NEVER) };
    pool.take();
    expect(pool.hasFree).toBe(true);
    pool.take();
    expect(pool.hasFree).toBe(false);
    pool.join('a', target);
    pool.join('b', target);
    expect([pool.serve(5), pool.nextServe(5)]).toEqual([null, NEVER]);
    pool.release();
    expect([pool.nextServe(5), pool.serve(5)]).toEqual([5, 'a']);
    pool.leave('b', target);
    expect([pool.serve(5), pool.nextServe(5), pool.isAwaited, pool.used]).toEqual([null, NEVER, false, 1]);
  });

  it('whoever joins, leaves and is served, the lines serve as one list would (L2)', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ does: fc.constant('join'), of: fc.nat(2) }) },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('serve'), of: fc.nat(2) }) },
      fc.record({ does: fc.constant('leave'), of: fc.nat(200) }),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 400 }), fc.nat(3), (steps, shut) => {
        const pool = new SlotPool<number>(1);
        const targets: Invocable[] = [0, 1, 2].map((target) => ({
          nextStart: (at) => (target === shut ? NEVER : at),
        }));
        const line: { readonly waiter: number; readonly target: number }[] = [];
        steps.forEach(({ does, of }, waiter) => {
          if (does === 'join') {
            pool.join(waiter, targets[of]!);
            line.push({ waiter, target: of });
          } else if (does === 'leave') {
            const [gone] = line.length === 0 ? [] : line.splice(of % line.length, 1);
            if (gone !== undefined) pool.leave(gone.waiter, targets[gone.target]!);
            pool.leave(waiter, targets[0]!); // who does not stand there
          } else {
            const place = line.findIndex(({ target }) => target !== shut);
            const [first] = place < 0 ? [] : line.splice(place, 1);
            expect(pool.serve(7)).toBe(first?.waiter ?? null);
          }
          expect(pool.isAwaited).toBe(line.length > 0);
          expect(pool.nextServe(7)).toBe(line.some(({ target }) => target !== shut) ? 7 : NEVER);
        });
      }),
      { numRuns: runs(100) },
    );
  });
});

describe('environments', () => {
  const cold = (records: readonly ScenarioPart[], more: ScenarioPart = {}) =>
    run({
      functions: { f: { duration: '100ms', coldStart: '300ms', idleTimeout: '2s', ...more } },
      producers: { p: { records } },
    });

  it('the first invocation starts one, the next finds it warm (L4)', () => {
    const result = cold([{ at: '500ms' }, { at: '1500ms' }]);
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_400_000, 0, 0],
      [2_000_000, 2_100_000, 1, 1],
    ]);
    expect(result.summary.functions.f!.coldStarts).toBe(1);
  });

  it('an idle one goes after idleTimeout, at that very instant (L4, D4)', () => {
    // Left at 1.4 s; 1.6 s later, at 3.0 s, it is there; with an idleTimeout of just 1.6 s it is gone.
    const second = (idleTimeout: string) => timeLine(cold([{ at: '500ms' }, { at: '2500ms' }], { idleTimeout }))[1];
    expect(second('1600001us')).toEqual([3_000_000, 3_100_000, 1, 1]);
    expect(second('1600ms')).toEqual([3_000_000, 3_400_000, 1, 1]);
  });

  it('IteratorAge and concurrency include the cold start, Duration does not (L4, M1)', () => {
    const result = cold([{ at: '500ms' }]);
    expect(result.m.iteratorAgeMs.max).toBe(900);
    expect(result.m.durationMs.max).toBe(100);
    expect(result.m.concurrency.mean).toBeCloseTo(0.04, 12);
    expect(result.m.ageBreakdownMs).toMatchObject({ tick: 500, coldStart: 300, processing: 100 });
  });

  it('the one used last is used first (L4)', () => {
    const environments = new Environments(100);
    const [early, late] = [new Environment('new'), new Environment('new')];
    environments.giveBack(early, 0);
    environments.giveBack(late, 50);
    // At 120 the one of 0 would be gone, the one of 50 is warm.
    expect(environments.take(120)).toBe(late);
    expect(environments.take(120)!.kind).toBe('new');
    environments.giveBack(late, 130);
    expect(environments.take(230)).not.toBe(late);
  });

  it('as many are warm as ran at once before, each lane finding one (L4)', () => {
    const result = run({
      streams: { s: { ShardCount: 3 } },
      functions: { f: { duration: '100ms', coldStart: '300ms', idleTimeout: '2s' } },
      producers: {
        p: {
          records: [
            { at: '500ms', shard: 0 },
            { at: '500ms', shard: 1 },
            ...[0, 1, 2].map((shard) => ({ at: '1500ms', shard })),
            { at: '3500ms', shard: 0 },
            { at: '5500ms', shard: 1 },
          ],
        },
      },
    });
    // 1 s: two cold. 2 s: two warm, the third cold. 4 s: warm (left at 2.4). 6 s: warm (left at 4.1).
    expect(result.summary.functions.f!.coldStarts).toBe(3);
  });
});

describe('timeout', () => {
  it('ends an invocation as an error (L5)', () => {
    const result = run({
      functions: { f: { duration: '1500ms', Timeout: 1 } },
      mappings: { m: { MaximumRetryAttempts: 0 } },
      producers: { p: { records: [{ at: '500ms' }] } },
    });
    expect(eventsOf(result, 'invocation').map(({ start, end, outcome }) => [start, end, outcome])).toEqual([
      [1_000_000, 2_000_000, 'timeout'],
    ]);
    expect(result.m).toMatchObject({ errors: 1, records: { discarded: { RetryAttemptsExhausted: 1 } } });
  });

  it('does not count the cold start (L4, L5)', () => {
    const result = run({
      functions: { f: { duration: '900ms', Timeout: 1, coldStart: '5s' } },
      producers: { p: { records: [{ at: '500ms' }] } },
    });
    expect(eventsOf(result, 'invocation').map(({ end, outcome }) => [end, outcome])).toEqual([[6_900_000, 'success']]);
  });

  it('cuts a failing invocation short too (L5, L6)', () => {
    const result = run({
      functions: { f: { duration: '100ms', Timeout: 1, faults: [{ from: '0s', after: '30s' }] } },
      mappings: { m: { MaximumRetryAttempts: 0 } },
      producers: { p: { records: [{ at: '500ms' }] } },
    });
    expect(eventsOf(result, 'invocation').map(({ end, outcome }) => [end, outcome])).toEqual([[2_000_000, 'timeout']]);
  });

  it('a slowdown can bring it about (L5, L6)', () => {
    const outcomes = (slowdown: number) =>
      eventsOf(
        run({
          functions: { f: { duration: '400ms', Timeout: 1, faults: [{ from: '0s', slowdown }] } },
          mappings: { m: { MaximumRetryAttempts: 0 } },
          producers: { p: { records: [{ at: '500ms' }] } },
        }),
        'invocation',
      ).map(({ end, outcome }) => [end, outcome]);
    expect(outcomes(2)).toEqual([[1_800_000, 'success']]);
    expect(outcomes(3)).toEqual([[2_000_000, 'timeout']]);
  });
});
