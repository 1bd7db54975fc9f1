import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, recordsEvery, run } from '../../support/scenario.ts';

/** A record just before each whole second, so that a healthy run invokes once a second from 1 s on. */
function everySecond(faults: readonly ScenarioPart[], more: ScenarioPart = {}, seconds = 8) {
  return run({
    duration: `${seconds + 1}s`,
    functions: { f: { duration: '100ms', faults } },
    mappings: { m: { MaximumRetryAttempts: 0 } },
    producers: { p: { records: recordsEvery(1_000_000, 900_000, seconds) } },
    ...more,
  });
}

const failures = (result: ReturnType<typeof run>, mapping = 'm') =>
  eventsOf(result, 'invocation', mapping)
    .filter(({ outcome }) => outcome !== 'success')
    .map(({ start, end }) => [start / 1_000, end / 1_000]);

describe('windows', () => {
  it('are [from, to), by the start of the invocation (L6)', () => {
    expect(failures(everySecond([{ from: '3s', to: '5s' }]))).toEqual([
      [3_000, 3_100],
      [4_000, 4_100],
    ]);
  });

  it('an invocation that starts before one and ends in it does not fail (L6)', () => {
    expect(failures(everySecond([{ from: '3050ms', to: '3900ms' }]))).toEqual([]);
  });

  it('without an end they last until the end of the run (L6)', () => {
    expect(failures(everySecond([{ from: '7s' }]))).toEqual([
      [7_000, 7_100],
      [8_000, 8_100],
    ]);
  });

  it('without `after` a failing invocation lasts its drawn duration, with it so long (L6)', () => {
    expect(failures(everySecond([{ from: '3s', to: '4s', after: '700ms' }]))).toEqual([[3_000, 3_700]]);
    expect(failures(everySecond([{ from: '3s', to: '4s', after: '0s' }]))).toEqual([[3_000, 3_000]]);
  });
});

describe('the order of faults', () => {
  it('the first failing one decides (L6)', () => {
    expect(
      failures(
        everySecond([
          { from: '3s', to: '5s', after: '200ms' },
          { from: '4s', to: '6s', after: '300ms' },
        ]),
      ),
    ).toEqual([
      [3_000, 3_200],
      [4_000, 4_200],
      [5_000, 5_300],
    ]);
  });

  it('a slowdown multiplies the drawn duration and the search goes on (L6)', () => {
    const result = everySecond([
      { from: '2s', to: '4s', slowdown: 3 },
      { from: '3s', to: '4s', slowdown: 2 },
      { from: '3s', to: '5s' },
      { from: '4s', to: '6s', slowdown: 5 },
    ]);
    expect(eventsOf(result, 'invocation').map(({ start, end, outcome }) => [(end - start) / 1_000, outcome])).toEqual([
      [100, 'success'],
      [300, 'success'],
      [600, 'functionError'],
      [100, 'functionError'],
      [500, 'success'],
      [100, 'success'],
      [100, 'success'],
      [100, 'success'],
    ]);
  });

  it('a slowdown leaves an `after` alone (L6)', () => {
    expect(
      failures(
        everySecond([
          { from: '0s', slowdown: 3 },
          { from: '3s', to: '4s', after: '200ms' },
        ]),
      ),
    ).toEqual([[3_000, 3_200]]);
  });
});

describe('invocations: n', () => {
  it("counts the function's starts, over all its lanes and mappings (L6)", () => {
    const result = run({
      streams: { s: { ShardCount: 2 }, t: { ShardCount: 1 } },
      functions: { f: { duration: '100ms', faults: [{ invocations: 3 }] } },
      mappings: { n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
      producers: {
        p: { records: [0, 1].map((shard) => ({ at: '500ms', shard })) },
        q: { stream: 't', records: [{ at: '500ms' }] },
      },
    });
    expect(failures(result)).toHaveLength(2);
    expect(failures(result, 'n')).toHaveLength(1);
    expect(result.summary.functions.f).toMatchObject({ invocations: 6, errors: 3 });
  });

  it('counts retries as starts too (L6)', () => {
    const result = run({
      functions: { f: { duration: '100ms', faults: [{ invocations: 2 }] } },
      producers: { p: { records: [{ at: '500ms' }] } },
    });
    expect(failures(result)).toEqual([
      [1_000, 1_100],
      [1_350, 1_450],
    ]);
  });
});

describe('poison', () => {
  const records = { p: { records: [{ at: '500ms', count: 5 }] } };

  it('fails every batch that holds it, until its end (L6)', () => {
    const result = run({
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 3 }, until: '2s' }] } },
      mappings: { m: { BatchSize: 2 } },
      producers: records,
    });
    // Batches [0, 1], [2, 3], [4]. The second runs at 1.1, 1.45, 2.05 s.
    expect(
      eventsOf(result, 'invocation').map(({ start, first, last, outcome }) => [start / 1_000, first, last, outcome]),
    ).toEqual([
      [1_000, 0, 1, 'success'],
      [1_100, 2, 3, 'functionError'],
      [1_450, 2, 3, 'functionError'],
      [2_050, 2, 3, 'success'],
      [2_150, 4, 4, 'success'],
    ]);
  });

  it('of a record is poison in its own shard and stream only (L6)', () => {
    const result = run({
      streams: { s: { ShardCount: 2 } },
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 1, record: 0 } }] } },
      mappings: { m: { MaximumRetryAttempts: 0 } },
      producers: { p: { records: [0, 1].map((shard) => ({ at: '500ms', shard })) } },
    });
    expect(Object.values(result.m.shards).map(({ errors }) => errors)).toEqual([0, 1]);
  });

  it('of a key is poison in every stream the function reads (L6)', () => {
    const keyed = ['good', 'bad', 'good', 'bad', 'bad'].map((key) => ({ at: '500ms', key }));
    const result = run({
      streams: { t: { ShardCount: 3 } },
      functions: { f: { duration: '10ms', faults: [{ poison: { key: 'bad' } }] } },
      mappings: {
        m: { BatchSize: 1, MaximumRetryAttempts: 0 },
        n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON', BatchSize: 1, MaximumRetryAttempts: 0 },
      },
      producers: { p: { records: keyed }, q: { stream: 't', records: keyed } },
    });
    for (const mapping of [result.m, result.summary.mappings.n!]) {
      expect(mapping.records).toMatchObject({ succeeded: 2, discarded: { RetryAttemptsExhausted: 3 } });
    }
  });

  it('oneIn n is drawn by (seed, function, stream, record): a share of 1/n of the records (L6)', () => {
    // 40,000 records, one a batch, 1 in 20. Binomial: 2,000 ± 43.6; four standard errors.
    const result = run({
      duration: '100s',
      drain: '10m',
      functions: { f: { duration: '1ms', faults: [{ poison: { oneIn: 20 } }] } },
      streams: { s: { writeLimits: 'off' } },
      mappings: { m: { BatchSize: 1, MaximumRetryAttempts: 0 } },
      producers: { p: { rate: '400/s', arrivals: 'even', bytes: '10B' } },
    });
    expect(result.m.invocations).toBe(40_000);
    expect(Math.abs(result.m.errors - 2_000)).toBeLessThan(4 * Math.sqrt(40_000 * 0.05 * 0.95));
  });

  it('oneIn meets the same records whatever the batch size and the attempt (L6, D2, D3)', () => {
    const poisoned = (BatchSize: number) => {
      const result = run({
        duration: '20s',
        drain: '1h',
        functions: { f: { duration: '1ms', faults: [{ poison: { oneIn: 50 } }] } },
        mappings: { m: { BatchSize, MaximumRetryAttempts: 1 } },
        producers: { p: { rate: '100/s' } },
      });
      return eventsOf(result, 'discard').map(({ first, last }) => [first, last]);
    };
    const single = poisoned(1).map(([first]) => first!);
    expect(single.length).toBeGreaterThan(10);
    const inPairs = poisoned(2);
    for (const [first, last] of inPairs)
      expect(single.some((record) => record >= first! && record <= last!)).toBe(true);
    for (const record of single)
      expect(inPairs.some(([first, last]) => record >= first! && record <= last!)).toBe(true);
  });

  it('oneIn 1 makes every record poison (L6)', () => {
    const { m } = run({
      functions: { f: { duration: '100ms', faults: [{ poison: { oneIn: 1 } }] } },
      mappings: { m: { MaximumRetryAttempts: 0 } },
      producers: records,
    });
    expect(m.records.discarded.RetryAttemptsExhausted).toBe(5);
  });
});

describe('probability', () => {
  it('fails that share of the invocations (L6)', () => {
    // 10,000 independent invocations at 30 %: 3,000 ± 45.8; four standard errors.
    const result = run({
      duration: '1000s',
      drain: '1h',
      functions: { f: { duration: '1ms', faults: [{ probability: '30%' }] } },
      mappings: { m: { BatchSize: 1, MaximumRetryAttempts: 0 } },
      producers: { p: { rate: '10/s', arrivals: 'even' } },
    });
    expect(result.m.invocations).toBe(10_000);
    expect(Math.abs(result.m.errors - 3_000)).toBeLessThan(4 * Math.sqrt(10_000 * 0.3 * 0.7));
  });

  it('another function, mapping or fault changes none of its draws (D2, L6)', () => {
    const outcomes = (more: ScenarioPart = {}, faults: readonly ScenarioPart[] = []) =>
      eventsOf(
        run({
          duration: '60s',
          functions: {
            f: { duration: { exponential: { mean: '50ms' } }, faults: [...faults, { probability: '30%' }] },
          },
          producers: { p: { rate: '5/s' } },
          ...more,
        }),
        'invocation',
      ).map(({ start, end, outcome }) => [start, end, outcome]);
    const alone = outcomes();
    expect(
      outcomes({
        functions: {
          f: { duration: { exponential: { mean: '50ms' } }, faults: [{ probability: '30%' }] },
          g: { duration: { exponential: { mean: '70ms' } }, faults: [{ probability: '50%' }] },
        },
        mappings: { n: { stream: 's', function: 'g', StartingPosition: 'LATEST' } },
      }),
    ).toEqual(alone);
    // A fault that never applies is tried first, and draws from its own.
    expect(outcomes({}, [{ probability: '0%' }, { from: '2h' }])).toEqual(alone);
  });
});

describe('duplicates', () => {
  it('a poisoned invocation that runs into the Timeout has processed nothing (E10, L5)', () => {
    const { m } = run({
      functions: { f: { faults: [{ poison: { stream: 's', shard: 0, record: 1 }, until: '3s', after: '5s' }] } },
      producers: { p: { records: [{ at: '500ms', count: 4 }] } },
    });
    // From 1 to 4 s, as long as the Timeout allows; then from 4.25 s.
    expect(m.records).toMatchObject({ succeeded: 4, duplicates: 0 });
    expect(m.invocations).toBe(2);
  });

  it('a record that two faults in turn keep from being processed comes again as a duplicate once it was (E10)', () => {
    const { m } = run({
      duration: '20s',
      functions: {
        f: {
          duration: '100ms',
          faults: [
            { poison: { stream: 's', shard: 0, record: 1 }, until: '5s' },
            { poison: { stream: 's', shard: 0, record: 2 }, until: '8s' },
          ],
        },
      },
      producers: { p: { records: [{ at: '500ms', count: 4 }] } },
    });
    // Records 0 and 3 come again at 1.35, 1.95, 3.05 and 5.15 s; at 9.25 s record 1 too, processed in between.
    expect(m.records).toMatchObject({ succeeded: 4, duplicates: 4 * 2 + 3 });
  });

  it('what outlives the poison record of its batch comes again as a duplicate (E10, E2)', () => {
    const { m } = run({
      duration: '26h',
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 0 } }] } },
      mappings: { m: { Enabled: false } },
      producers: { p: { records: [{ at: '500ms' }, { at: '650s' }] } },
      timeline: [{ at: '700s', enable: 'm' }],
    });
    // Every attempt after the first brings record 1 again, the last one alone.
    expect(m.records).toMatchObject({ succeeded: 1, expired: 1, duplicates: m.invocations - 1 });
    expect(m.deliveries).toBe(2 * m.invocations - 1);
  });
});

it('where the response is lost, all of the batch has been processed: it comes again as duplicates (L7, E10)', () => {
  const duplicates = (fault: ScenarioPart, more: ScenarioPart = {}) =>
    everySecond([fault], { mappings: { m: { MaximumRetryAttempts: 2 } }, ...more }).m.records.duplicates;
  expect(duplicates({ invocations: 2 })).toBe(0);
  expect(duplicates({ invocations: 2, responseLost: true })).toBe(2);
  expect(duplicates({ invocations: 2, responseLost: true, after: '40s' })).toBe(2); // a timeout, too (L5)
  // Poison or not: the function has run.
  const poison = { poison: { stream: 's', shard: 0, record: 3 } };
  expect([duplicates(poison), duplicates({ ...poison, responseLost: true })]).toEqual([0, 2]);
});

it('the duration is base + perRecord · records + perKB · KB of data (L5)', () => {
  const result = run({
    functions: { f: { duration: { base: '40ms', perRecord: '1500us', perKB: '2ms' } } },
    mappings: { m: { BatchSize: 3 } },
    producers: {
      p: {
        records: [
          { at: '500ms', count: 3, bytes: '512B' },
          { at: '1500ms', bytes: '4KB' },
        ],
      },
    },
  });
  // 40 + 4.5 + 1.5 · 2 = 47.5 ms; 40 + 1.5 + 4 · 2 = 49.5 ms.
  expect(eventsOf(result, 'invocation').map(({ start, end }) => end - start)).toEqual([47_500, 49_500]);
});

it('a drawn duration has its law, one draw an invocation (L5)', () => {
  // Mean of 5,000 exponential draws of mean 20 ms: standard error 0.283 ms; four of them.
  const { m } = run({
    duration: '5000s',
    drain: '10s',
    functions: { f: { duration: { exponential: { mean: '20ms' } } } },
    producers: { p: { rate: '1/s', arrivals: 'even' } },
  });
  expect(m.invocations).toBe(5_000);
  expect(Math.abs(m.durationMs.mean! - 20)).toBeLessThan(4 * (20 / Math.sqrt(5_000)));
});
