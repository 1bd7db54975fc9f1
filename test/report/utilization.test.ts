import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { summarise } from '../../src/report/summarise.ts';
import type { Load, Summary } from '../../src/report/summary.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { scenarioDocuments, scenarioOf } from '../support/arbitrary-scenario.ts';
import { run, type ScenarioPart } from '../support/scenario.ts';

describe('of a shard that is closed (M3a, K6)', () => {
  /** Closed at 10 s with 1,000 records, of which 10 are read and processed a second: it is done with at 100 s. */
  const SPLIT: ScenarioPart = {
    duration: '200s',
    producers: { p: { rate: '100/s', arrivals: 'even' } },
    functions: { f: { duration: '1s' } },
    mappings: { m: { BatchSize: 10, fetchLimit: 'batchSize' } },
    timeline: [{ at: '10s', split: 's', shard: 0 }],
  };

  it('reads are measured until its last record is settled, writes while it was open', () => {
    const { recording, summary, m } = run(SPLIT);
    const { readCalls, writeRecords } = summary.streams.s!.utilization;
    const { readCalls: calls } = recording.streams[0]!.shards[0]!;
    const until = recording.mappings[0]!.lanes[0]!.endedAt;
    expect(until).toBe(101_000_000);
    expect(calls).toBeGreaterThan(100);
    expect(readCalls!.worst).toBeCloseTo(calls / 101 / 5, 12);
    expect(readCalls!.worst).toBeLessThan(0.25);
    expect(writeRecords).toMatchObject({ worst: 0.1, worstShardId: 'shardId-000000000000', peak: 0.1 });
    expect(m.utilization.laneBusy.worst).toBeCloseTo(100 / 101, 12);
  });

  it('one that was closed in the warm-up is not of those measured', () => {
    const { summary, m } = run({
      duration: '15s',
      warmup: '5s',
      producers: {
        p: {
          records: [
            { at: '500ms', key: 'a' },
            { at: '6s', key: 'a', count: 10 },
            { at: '6s', key: 'b', count: 20 },
          ],
        },
      },
      timeline: [{ at: '2s', split: 's', shard: 0 }],
    });
    const { writeRecords, readCalls, readBytes } = summary.streams.s!.utilization;
    expect(writeRecords!.worst).toBeCloseTo(2 / 1_000, 12);
    expect(writeRecords!.median).toBeCloseTo((1 + 2) / 2 / 1_000, 12);
    expect(readCalls!.median).toBeCloseTo(1 / 5, 12);
    expect(readBytes!.median / readBytes!.worst).toBeCloseTo(1.5 / 2, 12);
    expect(m.utilization.laneBusy.median).toBeCloseTo(0.1 / 10, 12);
  });

  it('and with a consumer of its own until then too', () => {
    const { m } = run({
      ...SPLIT,
      streams: { s: { consumers: ['fast'] } },
      producers: { p: { phases: [{ duration: '10s', rate: '100/s' }], arrivals: 'even' } },
      mappings: { m: { stream: undefined, consumer: 's/fast', BatchSize: 10 } },
    });
    const { fanOutBytes, laneBusy } = m.utilization;
    // 101 batches of a second, the first of one record, delivered at 75 ms.
    expect(fanOutBytes!.worst).toBeCloseTo((1_000 * 1_024) / 2_097_152 / 101.075, 12);
    expect(laneBusy.worst).toBeCloseTo(101 / 101.075, 12);
  });

  it('the peak is of the time in the period that the shard was open', () => {
    const { summary } = run({
      duration: '120s',
      producers: { p: { rate: '800/s', arrivals: 'even' } },
      mappings: { m: { BatchSize: 1_000 } },
      timeline: [{ at: '90s', split: 's', shard: 0 }],
    });
    const { writeRecords, readCalls } = summary.streams.s!.utilization;
    expect(writeRecords).toMatchObject({ worst: 0.8, peak: 0.8 });
    // 31 ticks from 60 s on; what the last finds is settled at 90.1 s.
    expect(readCalls!.peak).toBeCloseTo(31 / 30.1 / 5, 12);
  });

  it('no rate is of less than a second', () => {
    const { summary } = run({
      duration: '30s',
      producers: { p: { records: [{ at: '0s', count: 900, bytes: '10B' }] } },
      mappings: { m: { BatchSize: 1_000 } },
      timeline: [{ at: '60ms', split: 's', shard: 0 }],
    });
    expect(summary.streams.s!.utilization.writeRecords).toMatchObject({ worst: 0.9, peak: 0.9 });
  });
});

describe('of the bytes that a shard takes (M3a, K3)', () => {
  const written = (p: ScenarioPart, streams: ScenarioPart = {}) =>
    run({ duration: '60s', streams: { s: streams }, producers: { p: { rate: '900/s', arrivals: 'even', ...p } } })
      .summary.streams.s!.utilization.writeBytes!;

  it('keys count, as the limit counts them', () => {
    const { worst, peak } = written({ bytes: '100B', keys: { list: ['k'.repeat(256)] } });
    expect(worst).toBeCloseTo((900 * 356) / 1_048_576, 12);
    expect(peak).toBe(worst);
    expect(written({ bytes: '100B' }).worst).toBeCloseTo((900 * 116) / 1_048_576, 12);
    expect(written({ bytes: '100B', arrivals: 'poisson', rate: '500/s' }).worst).toBeCloseTo(
      (500 * 116) / 1_048_576,
      2,
    );
  });

  it('of a shard that refuses for its bytes nearly all is in use', () => {
    expect(written({ bytes: '1000B', keys: { list: ['k'.repeat(256)] }, onThrottle: 'drop' }).worst).toBeGreaterThan(
      0.99,
    );
  });

  it('those of unequal length by their mean, as the shard has them', () => {
    const keys = { list: ['a', 'b'.repeat(101), 'b'.repeat(101)] };
    const mean = (1 + 2 * 101) / 3;
    expect(written({ bytes: '100B', keys }).worst).toBeCloseTo((900 * (100 + mean)) / 1_048_576, 12);
    expect(written({ bytes: '100B', keys, arrivals: 'poisson' }).worst).toBeCloseTo(
      (900 * (100 + mean)) / 1_048_576,
      2,
    );
    const records = [
      { at: '1s', count: 10, key: 'a', bytes: '10B' },
      { at: '2s', count: 5, key: 'bbb', bytes: '10B' },
    ];
    expect(written({ rate: undefined, arrivals: undefined, records }).worst).toBeCloseTo(
      (10 * 11 + 5 * 13) / 60 / 1_048_576,
      14,
    );
  });

  it('of several producers each by its own', () => {
    const { summary } = run({
      duration: '60s',
      producers: {
        p: { rate: '100/s', arrivals: 'even', bytes: '100B', keys: { list: ['k'] } },
        q: { stream: 's', rate: '50/s', arrivals: 'even', bytes: '10B', keys: { list: ['k'.repeat(90)] } },
      },
      timeline: [{ at: '30s', split: 's', shard: 0 }],
    });
    const { worst } = summary.streams.s!.utilization.writeBytes!;
    expect(worst).toBeCloseTo((100 * 101 + 50 * 100) / 1_048_576, 12);
  });
});

it('a period that the warm-up ends in is measured from there (M3a, D5)', () => {
  const { summary, m } = run({
    warmup: '50s',
    duration: '60s',
    producers: {
      p: {
        phases: [
          { duration: '50s', rate: '900/s' },
          { duration: '10s', rate: '500/s' },
        ],
        arrivals: 'even',
      },
    },
    functions: { f: { duration: '200ms' } },
    mappings: { m: { BatchSize: 1_000 } },
  });
  const { writeRecords, readCalls } = summary.streams.s!.utilization;
  expect(writeRecords).toMatchObject({ worst: 0.5, peak: 0.5 });
  expect(readCalls).toMatchObject({ worst: 0.2, peak: 0.2 });
  expect(m.utilization.laneBusy.peak).toBeCloseTo(0.2, 12);
});

test('the worst shard never uses more of a limit than it did in its peak period (M3a)', () => {
  const split = fc.record({
    at: fc.integer({ min: 1, max: 80_000 }).map((ms) => `${ms}ms`),
    split: fc.constant('s'),
    shard: fc.constant(0),
  });
  const documents = fc.tuple(scenarioDocuments, fc.option(split), fc.constantFrom('0s', '3s', '4900ms'));
  fc.assert(
    fc.property(documents, ([document, reshard, warmup]) => {
      const timeline = [...(document.timeline as object[]), ...(reshard === null ? [] : [reshard])];
      const summary = summarise(simulateSync(scenarioOf({ ...document, warmup, timeline })));
      for (const [name, { worst, peak, median }] of loadsOf(summary)) {
        expect(peak, name).toBeGreaterThanOrEqual(worst);
        expect(worst, name).toBeGreaterThanOrEqual(median);
      }
    }),
    { numRuns: 40 },
  );
});

function loadsOf({ streams, mappings }: Summary): [string, Load][] {
  return [...Object.values(streams), ...Object.values(mappings)].flatMap(({ utilization }) =>
    Object.entries(utilization).filter(
      (entry): entry is [string, Load] => typeof entry[1] === 'object' && entry[1] !== null,
    ),
  );
}
