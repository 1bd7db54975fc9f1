import { describe, expect, it } from 'vitest';
import type { ScenarioPart, SmallRun } from '../support/scenario.ts';
import { eventsOf, run } from '../support/scenario.ts';

/** Everything that goes wrong, several shards, a few seeds. */
const troubled = (seed: number): ScenarioPart => ({
  seed,
  duration: '5m',
  drain: '1h',
  polling: { phase: 'spread' },
  streams: { s: { ShardCount: 3, otherReaders: [{ calls: '3/s', bytes: '1MB/s' }] } },
  functions: {
    f: {
      duration: { exponential: { mean: '300ms' } },
      coldStart: '200ms',
      idleTimeout: '3s',
      ReservedConcurrentExecutions: 2,
      faults: [{ probability: '15%' }, { from: '60s', to: '70s' }, { poison: { oneIn: 200 } }],
    },
  },
  mappings: { m: { BatchSize: 10, MaximumRetryAttempts: 2, transitions: '700ms' } },
  timeline: [
    { at: '30s', disable: 'm' },
    { at: '45s', enable: 'm' },
    { at: '100s', disable: 'm' },
    { at: '101s', enable: 'm' },
  ],
  producers: { p: { rate: '30/s' } },
});

const lanesOf = (result: SmallRun) => {
  const shards = new Set(eventsOf(result, 'invocation').map(({ shardId }) => shardId));
  return [...shards].map((shardId) => ({
    invocations: eventsOf(result, 'invocation')
      .filter((event) => event.shardId === shardId)
      .sort((a, b) => a.start - b.start),
    discards: eventsOf(result, 'discard').filter((event) => event.shardId === shardId),
  }));
};

describe.each([1, 2, 3])('in a troubled run, seed %i', (seed) => {
  const result = run(troubled(seed));

  it('something does go wrong', () => {
    expect(result.m.errors).toBeGreaterThan(20);
    expect(result.m.throttles).toBeGreaterThan(20);
    expect(result.m.records.discarded.RetryAttemptsExhausted).toBeGreaterThan(0);
    expect(result.m.records.duplicates).toBeGreaterThan(0);
  });

  it('in a lane all first deliveries are in sequence order, none left out (O1)', () => {
    for (const { invocations } of lanesOf(result)) {
      let next = 0;
      let number = 0n;
      for (const { first, last, startSequenceNumber, endSequenceNumber } of invocations) {
        expect(first).toBeLessThanOrEqual(next);
        if (last >= next) {
          expect(BigInt(endSequenceNumber)).toBeGreaterThan(number);
          number = BigInt(endSequenceNumber);
          next = last + 1;
        }
        expect(BigInt(startSequenceNumber)).toBeLessThanOrEqual(BigInt(endSequenceNumber));
      }
      expect(next).toBeGreaterThan(2_000);
    }
  });

  it('one batch is in flight at a time in each lane (P4, O2)', () => {
    for (const { invocations } of lanesOf(result)) {
      invocations.slice(1).forEach(({ start }, i) => {
        expect(start).toBeGreaterThanOrEqual(invocations[i]!.end);
      });
    }
  });

  it('no record starts before every earlier one is settled (O2)', () => {
    for (const { invocations, discards } of lanesOf(result)) {
      let settled = 0;
      for (const { start, first, last, outcome } of invocations) {
        for (const discard of discards) if (discard.t <= start) settled = Math.max(settled, discard.last + 1);
        expect(first).toBe(settled);
        if (outcome === 'success') settled = last + 1;
      }
    }
  });

  it('a checkpoint never goes back: what has succeeded is not delivered again (O3)', () => {
    for (const { invocations } of lanesOf(result)) {
      let checkpoint = 0;
      for (const { first, last, outcome } of invocations) {
        expect(first).toBeGreaterThanOrEqual(checkpoint);
        if (outcome === 'success') checkpoint = last + 1;
      }
    }
  });

  it('no more slots are used than there are (L1)', () => {
    const changes = eventsOf(result, 'invocation')
      .flatMap(({ start, end }) => [
        { at: start, by: 1 },
        { at: end, by: -1 },
      ])
      .sort((a, b) => a.at - b.at || a.by - b.by);
    let used = 0;
    let most = 0;
    for (const { by } of changes) {
      used += by;
      most = Math.max(most, used);
    }
    expect(most).toBe(2);
    expect(result.m.concurrency.max).toBe(2);
  });

  it('everything that arrived is settled once (E9)', () => {
    const { arrived, succeeded, discarded, expired, pending } = result.m.records;
    expect(arrived).toBe(result.summary.streams.s!.recordsPut);
    expect(succeeded + discarded.RetryAttemptsExhausted + expired + pending).toBe(arrived);
    expect(pending).toBe(0);
    const delivered = eventsOf(result, 'invocation')
      .filter(({ outcome }) => outcome === 'success')
      .reduce((sum, { size }) => sum + size, 0);
    expect(delivered).toBe(succeeded);
  });

  it('the trace is in the order of virtual time (O1)', () => {
    result.trace.slice(1).forEach(({ t }, i) => {
      expect(t).toBeGreaterThanOrEqual(result.trace[i]!.t);
    });
  });
});

it('records of one key keep their order, whichever shard they share (O1, K1)', () => {
  const result = run({
    streams: { s: { ShardCount: 2 } },
    functions: { f: { duration: '100ms', faults: [{ invocations: 3 }] } },
    mappings: { m: { BatchSize: 2 } },
    producers: { p: { records: ['a', 'abc', 'a', 'abc', 'a', 'a'].map((key, i) => ({ at: `${500 + i}ms`, key })) } },
  });
  // a (0c…) goes to shard 0: its records 0, 2, 4 and 5; abc (90…) to shard 1.
  for (const [shard, count] of [
    [0, 4],
    [1, 2],
  ] as const) {
    const successes = eventsOf(result, 'invocation').filter(
      ({ shardId, outcome }) => shardId.endsWith(String(shard)) && outcome === 'success',
    );
    expect(
      successes.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
    ).toEqual(Array.from({ length: count }, (_, i) => i));
  }
});
