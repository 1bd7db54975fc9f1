import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { askTimes, eventsOf, parse, run, timeLine } from '../../support/scenario.ts';

const START = '2026-01-05T09:00:00Z';
const UNIX_START = Date.parse(START) / 1_000;
const everySecond = Array.from({ length: 6 }, (_, i) => ({ at: `${500 + 1_000 * i}ms` }));

describe('the starting position', () => {
  it('TRIM_HORIZON reads from the oldest record, though the mapping is enabled later (P8)', () => {
    const result = run({
      producers: { p: { records: everySecond } },
      mappings: { m: { Enabled: false } },
      timeline: [{ at: '3200ms', enable: 'm' }],
    });
    expect(timeLine(result)).toEqual([
      [4_000_000, 4_100_000, 0, 3],
      [5_000_000, 5_100_000, 4, 4],
      [6_000_000, 6_100_000, 5, 5],
    ]);
    expect(result.m.records).toMatchObject({ arrived: 6, succeeded: 6 });
  });

  it('LATEST reads from its first poll of the shard: what came before is not its own (P8, E9)', () => {
    const result = run({
      polling: { phase: '700ms' },
      producers: { p: { records: [{ at: '500ms' }, { at: '700ms' }, { at: '700001us' }, { at: '1200ms' }] } },
      mappings: { m: { StartingPosition: 'LATEST' } },
    });
    // The record of 0.7 s arrives before the poll of that instant (D4).
    expect(timeLine(result)).toEqual([[1_700_000, 1_800_000, 2, 3]]);
    expect(result.m.records).toMatchObject({ arrived: 2, succeeded: 2 });
    expect(result.summary.streams.s!.recordsPut).toBe(4);
  });

  it('LATEST counts from its first poll, though the mapping was created earlier (P8)', () => {
    const result = run({
      producers: { p: { records: everySecond } },
      mappings: { m: { Enabled: false, StartingPosition: 'LATEST' } },
      timeline: [{ at: '3200ms', enable: 'm' }],
    });
    expect(timeLine(result).map(([start, , first]) => [start, first])).toEqual([
      [5_000_000, 4],
      [6_000_000, 5],
    ]);
    expect(result.m.records.arrived).toBe(2);
  });

  it('LATEST keeps its place through disable and enable (P8, P9)', () => {
    const result = run({
      producers: { p: { records: everySecond } },
      mappings: { m: { StartingPosition: 'LATEST' } },
      timeline: [
        { at: '1200ms', disable: 'm' },
        { at: '3200ms', enable: 'm' },
      ],
    });
    expect(timeLine(result).map(([start, , first, last]) => [start, first, last])).toEqual([
      [1_000_000, 0, 0],
      [4_000_000, 1, 3],
      [5_000_000, 4, 4],
      [6_000_000, 5, 5],
    ]);
  });

  it('AT_TIMESTAMP reads from the first record at or after it, which is in the past (P8)', () => {
    const at = (StartingPositionTimestamp: number) =>
      run({
        start: START,
        producers: { p: { records: [{ at: '0s' }, { at: '1s' }] } },
        mappings: { m: { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp } },
      }).m.records.arrived;
    expect(at(UNIX_START)).toBe(2);
    expect(at(UNIX_START - 3_600)).toBe(2);
    expect(() => at(UNIX_START + 1)).toThrow('StartingPositionTimestamp');
  });

  it('AT_TIMESTAMP holds for a mapping that is enabled later (P8)', () => {
    const result = run({
      start: START,
      producers: { p: { records: everySecond } },
      mappings: {
        m: { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: UNIX_START, Enabled: false },
      },
      timeline: [{ at: '3200ms', enable: 'm' }],
    });
    expect(timeLine(result)[0]).toEqual([4_000_000, 4_100_000, 0, 3]);
  });
});

describe('the life cycle', () => {
  const states = (scenario: ScenarioPart) =>
    eventsOf(run({ producers: { p: { records: [] } }, ...scenario }), 'state').map(({ t, state }) => [t, state]);

  it('Creating → Enabled, or Creating → Disabled (P9)', () => {
    expect(states({})).toEqual([
      [0, 'Creating'],
      [0, 'Enabled'],
    ]);
    expect(states({ mappings: { m: { Enabled: false } } })).toEqual([
      [0, 'Creating'],
      [0, 'Disabled'],
    ]);
  });

  it('transitions last as long as they are told to (P9)', () => {
    expect(
      states({
        mappings: { m: { transitions: '1500ms' } },
        timeline: [
          { at: '3s', disable: 'm' },
          { at: '6s', enable: 'm' },
        ],
      }),
    ).toEqual([
      [0, 'Creating'],
      [1_500_000, 'Enabled'],
      [3_000_000, 'Disabling'],
      [4_500_000, 'Disabled'],
      [6_000_000, 'Enabling'],
      [7_500_000, 'Enabled'],
    ]);
  });

  it('while a transition lasts nothing is polled; it ends before the asks of its instant (P9, D4)', () => {
    const result = run({
      duration: '8s',
      producers: { p: { records: [] } },
      mappings: { m: { transitions: '1s' } },
      timeline: [
        { at: '3s', disable: 'm' },
        { at: '4500ms', enable: 'm' },
      ],
    });
    expect(askTimes(result)).toEqual([1, 2, 6, 7].map((s) => s * 1_000_000));
  });

  it('an enable overtakes a disable that is on its way (P9)', () => {
    expect(
      states({
        mappings: { m: { transitions: '2s' } },
        timeline: [
          { at: '4s', disable: 'm' },
          { at: '5s', enable: 'm' },
        ],
      }),
    ).toEqual([
      [0, 'Creating'],
      [2_000_000, 'Enabled'],
      [4_000_000, 'Disabling'],
      [5_000_000, 'Enabling'],
      [7_000_000, 'Enabled'],
    ]);
  });

  it('a running invocation ends and is checkpointed, the mapping resumes after it (P9)', () => {
    const result = run({
      functions: { f: { duration: '800ms' } },
      mappings: { m: { BatchSize: 1 } },
      producers: { p: { records: [{ at: '500ms', count: 3 }] } },
      timeline: [
        { at: '1500ms', disable: 'm' },
        { at: '5s', enable: 'm' },
      ],
    });
    // The batch of 1.0 s is full, but no ask follows its end at 1.8 s.
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_800_000, 0, 0],
      [5_000_000, 5_800_000, 1, 1],
      [5_800_000, 6_600_000, 2, 2],
    ]);
  });

  it('an invocation that runs through disable and enable is followed as if nothing had been (P9)', () => {
    const result = run({
      functions: { f: { duration: '800ms' } },
      mappings: { m: { BatchSize: 1 } },
      producers: { p: { records: [{ at: '500ms', count: 2 }] } },
      timeline: [
        { at: '1200ms', disable: 'm' },
        { at: '1500ms', enable: 'm' },
      ],
    });
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_800_000, 0, 0],
      [1_800_000, 2_600_000, 1, 1],
    ]);
  });

  it('a batch that backs off is given back on disable and starts with a fresh count (P9, E3)', () => {
    const result = run({
      functions: { f: { duration: '100ms', faults: [{ from: '0s', to: '4s' }] } },
      mappings: { m: { MaximumRetryAttempts: 3 } },
      producers: { p: { records: [{ at: '500ms' }, { at: '2500ms' }] } },
      timeline: [
        { at: '1600ms', disable: 'm' },
        { at: '2700ms', enable: 'm' },
      ],
    });
    // 1.0, 1.35 fail, and the next would be at 1.95; given back at 1.6 s. At 3 s it is cut anew with the other record,
    // fails at 3.1 and 3.45, waits 500 ms, and succeeds at 3.95 + … still in the fault: 3.0, 3.35, 3.95 fail; 5.05 works.
    expect(
      eventsOf(result, 'invocation').map(({ start, first, last, attempt, outcome }) => [
        start,
        first,
        last,
        attempt,
        outcome,
      ]),
    ).toEqual([
      [1_000_000, 0, 0, 1, 'functionError'],
      [1_350_000, 0, 0, 2, 'functionError'],
      [3_000_000, 0, 1, 1, 'functionError'],
      [3_350_000, 0, 1, 2, 'functionError'],
      [3_950_000, 0, 1, 3, 'functionError'],
      [5_050_000, 0, 1, 4, 'success'],
    ]);
    expect(result.m.records).toMatchObject({ succeeded: 2, discarded: { RetryAttemptsExhausted: 0 } });
  });

  it('a batch that is given back is remembered: what it had processed comes as duplicates (P9, E10)', () => {
    const { m } = run({
      functions: {
        f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 2 }, until: '3s' }] },
      },
      producers: {
        p: {
          records: [
            { at: '500ms', count: 4 },
            { at: '2s', count: 2 },
          ],
        },
      },
      timeline: [
        { at: '1200ms', disable: 'm' },
        { at: '4s', enable: 'm' },
      ],
    });
    expect(m.records).toMatchObject({ succeeded: 6, duplicates: 3 });
    expect(m.waitingTimeMs).toMatchObject({ count: 6, min: 500, max: 2_000 });
  });

  it('an enable of an enabled mapping and a disable of a disabled one change nothing (P9)', () => {
    const twice = (mapping: ScenarioPart, entry: ScenarioPart) => {
      const result = run({
        producers: { p: { records: everySecond } },
        mappings: { m: { transitions: '2s', ...mapping } },
        timeline: [entry],
      });
      return { asks: askTimes(result).length, states: eventsOf(result, 'state').map(({ t, state }) => [t, state]) };
    };
    // Asks at 2, 3, … 9 s.
    expect(twice({}, { at: '5500ms', enable: 'm' })).toEqual({
      asks: 8,
      states: [
        [0, 'Creating'],
        [2_000_000, 'Enabled'],
      ],
    });
    expect(twice({ Enabled: false }, { at: '5500ms', disable: 'm' })).toEqual({
      asks: 0,
      states: [
        [0, 'Creating'],
        [2_000_000, 'Disabled'],
      ],
    });
  });

  it('a failed invocation that ends after the disable is not tried again before the enable (P9)', () => {
    const result = run({
      functions: { f: { duration: '800ms', faults: [{ invocations: 1 }] } },
      producers: { p: { records: [{ at: '500ms' }] } },
      timeline: [
        { at: '1200ms', disable: 'm' },
        { at: '4s', enable: 'm' },
      ],
    });
    expect(eventsOf(result, 'invocation').map(({ start, attempt }) => [start, attempt])).toEqual([
      [1_000_000, 1],
      [4_000_000, 1],
    ]);
  });

  it('a throttled batch is given back on disable, out of its line (P9, L2)', () => {
    for (const throttleBackoff of ['queue', undefined]) {
      const result = run({
        functions: { f: { ReservedConcurrentExecutions: 1, duration: '2500ms' } },
        streams: { t: { ShardCount: 1 } },
        producers: { p: { records: [{ at: '500ms' }] }, q: { stream: 't', records: [{ at: '500ms' }] } },
        mappings: { n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON', throttleBackoff } },
        timeline: [
          { at: '2s', disable: 'n' },
          { at: '4200ms', enable: 'n' },
        ],
      });
      // m holds the only slot from 1.0 to 3.5 s; n waits for it from 1 s on, and comes back for it at 5 s.
      expect(timeLine(result)).toEqual([[1_000_000, 3_500_000, 0, 0]]);
      expect(timeLine(result, 'n')).toEqual([[5_000_000, 7_500_000, 0, 0]]);
    }
  });

  it('disabled from the start it does nothing, and says so (P9)', () => {
    const { m } = run({ producers: { p: { records: everySecond } }, mappings: { m: { Enabled: false } } });
    expect(m).toMatchObject({
      state: 'Disabled',
      lastProcessingResult: 'No records processed',
      invocations: 0,
      polls: { asks: 0 },
      records: { arrived: 6, pending: 6 },
    });
  });

  it('a timeline entry at or past the end never happens (P9, D5)', () => {
    const result = run({ duration: '5s', producers: { p: { records: [] } }, timeline: [{ at: '5s', disable: 'm' }] });
    expect(result.m.state).toBe('Enabled');
  });
});

describe('several mappings', () => {
  const two: ScenarioPart = {
    functions: { f: { duration: '100ms' }, g: { duration: '1700ms', faults: [{ invocations: 1 }] } },
    mappings: { n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON', BatchSize: 1 } },
    producers: { p: { records: [{ at: '500ms', count: 2 }, { at: '2500ms' }] } },
  };

  it('of one stream have checkpoints of their own (A2)', () => {
    const result = run(two);
    expect(timeLine(result)).toEqual([
      [1_000_000, 1_100_000, 0, 1],
      [3_000_000, 3_100_000, 2, 2],
    ]);
    expect(timeLine(result, 'n')).toEqual([
      [1_000_000, 2_700_000, 0, 0],
      [2_950_000, 4_650_000, 0, 0],
      [4_650_000, 6_350_000, 1, 1],
      [6_350_000, 8_050_000, 2, 2],
    ]);
  });

  it('one function may be fed by several streams (A2)', () => {
    const result = run({
      streams: { t: { ShardCount: 2 } },
      producers: { p: { records: [{ at: '500ms' }] }, q: { stream: 't', records: [{ at: '1500ms', shard: 1 }] } },
      mappings: { n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
    });
    expect(timeLine(result)).toEqual([[1_000_000, 1_100_000, 0, 0]]);
    expect(timeLine(result, 'n')).toEqual([[2_000_000, 2_100_000, 0, 0]]);
    expect(result.summary.functions.f).toMatchObject({ invocations: 2, coldStarts: 1 });
  });

  it('adding one leaves the outcomes of another as they were (A2, D2)', () => {
    expect(timeLine(run(two))).toEqual(
      timeLine(run({ ...two, mappings: {}, functions: { f: { duration: '100ms' } } })),
    );
  });

  it('every mapping of the scenario is known by its stream and function (A2)', () => {
    expect(parse(two).mappings.map(({ name, stream, function: target }) => [name, stream, target])).toEqual([
      ['m', 's', 'f'],
      ['n', 's', 'g'],
    ]);
  });
});

describe('an invocation that runs when its mapping is disabled', () => {
  it('ends, and nothing is polled after it; what waits is held up by the disabling (P9, M3)', () => {
    const result = run({
      duration: '40s',
      functions: { f: { duration: '3s' } },
      producers: { p: { records: Array.from({ length: 20 }, (_, i) => ({ at: `${500 + 1_000 * i}ms` })) } },
      timeline: [
        { at: '2s', disable: 'm' },
        { at: '30s', enable: 'm' },
      ],
    });
    expect(askTimes(result).filter((at) => at > 2_000_000 && at < 30_000_000)).toEqual([]);
    expect(timeLine(result).map(([start, end]) => [start, end])[0]).toEqual([1_000_000, 4_000_000]);
    expect(result.m.stalls).toMatchObject([{ startSeconds: 2, endSeconds: 30, cause: 'disabled' }]);
    expect(result.m.records).toMatchObject({ arrived: 20, succeeded: 20, duplicates: 0 });
  });

  it('is an update that holds it up where that is what stops it', () => {
    const result = run({
      duration: '40s',
      mappings: { m: { transitions: '20s' } },
      producers: { p: { records: Array.from({ length: 30 }, (_, i) => ({ at: `${20_500 + 500 * i}ms` })) } },
      timeline: [{ at: '22s', update: 'm', set: { BatchSize: 10 } }],
    });
    expect(result.m.stalls).toMatchObject([{ cause: 'updating' }]);
  });

  it('is still disabled while it is being enabled (M3)', () => {
    const result = run({
      duration: '60s',
      mappings: { m: { Enabled: false, transitions: '20s' } },
      producers: { p: { records: [{ at: '24s' }] } },
      timeline: [{ at: '25s', enable: 'm' }],
    });
    expect(result.m.stalls).toMatchObject([{ startSeconds: 24, endSeconds: 45, cause: 'disabled' }]);
  });
});
