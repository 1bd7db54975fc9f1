import { expect, it } from 'vitest';
import type { ScenarioPart } from '../support/scenario.ts';
import { askTimes, eventsOf, run, timeLine } from '../support/scenario.ts';

const oneSlot = (more: ScenarioPart = {}) => ({ f: { duration: '100ms', ReservedConcurrentExecutions: 1, ...more } });
const shardsAndStarts = (result: ReturnType<typeof run>) =>
  eventsOf(result, 'invocation').map(({ shardId, start, end }) => [Number(shardId.slice(-2)), start, end]);

it('the timeline comes before the polls of its instant (D4, P9)', () => {
  const result = run({
    duration: '6s',
    producers: { p: { records: [] } },
    timeline: [
      { at: '2s', disable: 'm' },
      { at: '4s', enable: 'm' },
    ],
  });
  expect(askTimes(result)).toEqual([0, 1_000_000, 4_000_000, 5_000_000]);
});

it('entries of one instant happen as written (D4, P9)', () => {
  const state = (...verbs: string[]) =>
    run({ producers: { p: { records: [] } }, timeline: verbs.map((verb) => ({ at: '2s', [verb]: 'm' })) }).m.state;
  expect(state('disable', 'enable')).toBe('Enabled');
  expect(state('enable', 'disable')).toBe('Disabled');
});

it('a disable comes before the end of an invocation at its instant: no ask follows (D4, P9)', () => {
  const result = run({
    duration: '5s',
    functions: { f: { duration: '500ms' } },
    mappings: { m: { BatchSize: 1 } },
    producers: { p: { records: [{ at: '500ms', count: 2 }] } },
    timeline: [{ at: '1500ms', disable: 'm' }],
  });
  expect(timeLine(result)).toEqual([[1_000_000, 1_500_000, 0, 0]]);
});

it('arrivals come before the polls of their instant (D4)', () => {
  const result = run({ duration: '3s', producers: { p: { records: [{ at: '1s' }] } } });
  expect(timeLine(result)).toEqual([[1_000_000, 1_100_000, 0, 0]]);
});

it("an invocation of 0 µs ends at its start, before another lane's poll (D4)", () => {
  const result = run({
    streams: { s: { ShardCount: 5 } },
    functions: oneSlot({ duration: '0ms' }),
    producers: { p: { records: [0, 1, 2, 3, 4].map((shard) => ({ at: '500ms', shard })) } },
  });
  expect(shardsAndStarts(result)).toEqual([0, 1, 2, 3, 4].map((shard) => [shard, 1_000_000, 1_000_000]));
  expect(result.m.throttles).toBe(0);
  expect(result.m.concurrency.max).toBe(1);
});

it('an invocation end frees its slot for a lane that polls at that instant (D4, L1)', () => {
  const result = run({
    streams: { s: { ShardCount: 2 } },
    functions: oneSlot({ duration: '1s' }),
    producers: {
      p: {
        records: [
          { at: '500ms', shard: 1 },
          { at: '1500ms', shard: 0 },
        ],
      },
    },
  });
  // Shard 1 runs from 1 to 2 s; shard 0, although the earlier shard, polls after that end.
  expect(shardsAndStarts(result)).toEqual([
    [1, 1_000_000, 2_000_000],
    [0, 2_000_000, 3_000_000],
  ]);
  expect(result.m.throttles).toBe(0);
});

it('retries come before the polls of their instant (D4)', () => {
  const result = run({
    streams: { s: { ShardCount: 2 } },
    functions: oneSlot({ faults: [{ poison: { stream: 's', shard: 1, record: 0 }, until: '1500ms' }] }),
    mappings: { m: { retryBackoff: { initial: '900ms', factor: 1, maximum: '900ms' } } },
    producers: {
      p: {
        records: [
          { at: '500ms', shard: 1 },
          { at: '1500ms', shard: 0 },
        ],
      },
    },
  });
  // Shard 1 fails from 1.0 to 1.1 s; its retry at 2.0 s takes the slot, the poll of shard 0 at 2.0 s is throttled.
  expect(shardsAndStarts(result)).toEqual([
    [1, 1_000_000, 1_100_000],
    [1, 2_000_000, 2_100_000],
    [0, 2_250_000, 2_350_000],
  ]);
});

it('throttle re-tries come before the polls of their instant (D4, L2)', () => {
  const result = run({
    streams: { s: { ShardCount: 3 } },
    functions: oneSlot({ duration: '900ms' }),
    mappings: { m: { throttleBackoff: { initial: '1s', factor: 1, maximum: '1s' } } },
    producers: {
      p: {
        records: [
          { at: '500ms', shard: 1 },
          { at: '500ms', shard: 2 },
          { at: '1500ms', shard: 0 },
        ],
      },
    },
  });
  expect(shardsAndStarts(result)).toEqual([
    [1, 1_000_000, 1_900_000],
    [2, 2_000_000, 2_900_000],
    [0, 3_000_000, 3_900_000],
  ]);
});

it('polls of one instant go by mapping in file order, then by shard (D4)', () => {
  const result = run({
    streams: { s: { ShardCount: 3 } },
    functions: { g: { duration: '100ms' } },
    mappings: { a: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' } },
    duration: '1s',
    producers: { p: { records: [] } },
  });
  expect(
    result.trace.flatMap((event) => (event.type === 'poll' ? [[event.mapping, Number(event.shardId.slice(-2))]] : [])),
  ).toEqual([
    ['m', 0],
    ['m', 1],
    ['m', 2],
    ['a', 0],
    ['a', 1],
    ['a', 2],
  ]);
});

it('the ask that follows a full batch joins the polls of its instant in shard order (D4, P3)', () => {
  // Shard 0 is full with its batch of 0 µs and asks again at 1 s, before shard 1 asks for the first time at 1 s.
  const result = run({
    duration: '2s',
    streams: { s: { ShardCount: 2 } },
    functions: { f: { duration: '0ms' } },
    mappings: { m: { BatchSize: 1 } },
    producers: {
      p: {
        records: [
          { at: '500ms', shard: 0, count: 2 },
          { at: '500ms', shard: 1 },
        ],
      },
    },
  });
  expect(
    eventsOf(result, 'poll')
      .filter(({ t }) => t === 1_000_000)
      .map(({ shardId, found }) => [Number(shardId.slice(-2)), found]),
  ).toEqual([
    [0, 1],
    [0, 1],
    [0, 0],
    [1, 1],
    [1, 0],
  ]);
});

it('records of one microsecond keep the order of their producers in the file, then of their own (D4, D3)', () => {
  const { m, trace } = run({
    functions: { f: { duration: '0ms', faults: [{ poison: { key: 'first' } }] } },
    mappings: { m: { BatchSize: 1, MaximumRetryAttempts: 0 } },
    producers: {
      p: {
        records: [
          { at: '500ms', key: 'x' },
          { at: '500ms', key: 'x' },
        ],
      },
      a: {
        stream: 's',
        records: [
          { at: '500ms', key: 'first' },
          { at: '400ms', key: 'x' },
        ],
      },
    },
  });
  expect(m.records.discarded.RetryAttemptsExhausted).toBe(1);
  expect(eventsOf({ trace }, 'discard').map(({ first }) => first)).toEqual([3]);
});

it('a throttle waits for its backoff or a freed slot, so it never runs away (D6, L2)', () => {
  for (const throttleBackoff of ['queue', { initial: '1ms', factor: 1, maximum: '1ms' }]) {
    const { m } = run({
      duration: '5s',
      functions: { f: { duration: '0ms', ReservedConcurrentExecutions: 0 } },
      mappings: { m: { throttleBackoff } },
      producers: { p: { records: [{ at: '500ms' }] } },
    });
    expect(m.throttles).toBe(throttleBackoff === 'queue' ? 1 : 4_000);
  }
});

it('timeline entries of one instant come in the order of their mappings (D4)', () => {
  const { trace } = run({
    producers: { p: { records: [] } },
    functions: { g: { duration: '100ms' } },
    mappings: { n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' } },
    timeline: [
      { at: '2s', disable: 'n' },
      { at: '2s', disable: 'm' },
    ],
  });
  const states = trace.filter((event) => event.type === 'state' && event.t > 0);
  expect(states.map(({ mapping }) => mapping)).toEqual(['m', 'm', 'n', 'n']);
});
