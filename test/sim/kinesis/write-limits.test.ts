import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, run, seriesOf, timeLine } from '../../support/scenario.ts';

/** What arrives in a run that reads each record on its own tick of 1 ms: [arrival in ms, how many]. */
function accepted(producer: ScenarioPart, more: ScenarioPart = {}) {
  const result = run({
    duration: '3s',
    drain: '1m',
    period: '100ms',
    functions: { f: { duration: '0ms' } },
    mappings: { m: { BatchSize: 10_000 } },
    ...more,
    producers: { p: producer },
  });
  const arrivals = seriesOf(result, 'IncomingRecords', 'Sum').flatMap((count, period) =>
    count! > 0 ? [[period * 100, count]] : [],
  );
  return { ...result.summary.streams.s!, arrivals, result };
}

describe('the record bucket', () => {
  it('takes 1,000 at once, then one each millisecond (K3)', () => {
    const stream = accepted({
      onThrottle: 'drop',
      bytes: '1B',
      records: [{ at: '100ms', count: 1_001 }, { at: '100999us' }, { at: '101ms' }, { at: '101001us' }],
    });
    // Full at 100 ms: 1,000 pass, one is refused. 999 µs refill 0.999; 1 µs later there is 1; it is charged.
    expect(stream).toMatchObject({ recordsOffered: 1_004, recordsPut: 1_001, writeThrottled: 3, lostAtWrite: 3 });
  });

  it('is one second deep: after a pause it holds 1,000 again and no more (K3)', () => {
    const stream = accepted({
      onThrottle: 'drop',
      bytes: '1B',
      records: [
        { at: '0s', count: 1_500 },
        { at: '2500ms', count: 1_500 },
      ],
    });
    expect(stream).toMatchObject({ recordsPut: 2_000, lostAtWrite: 1_000 });
  });

  it('each shard has its own (K3)', () => {
    const stream = accepted(
      {
        onThrottle: 'drop',
        bytes: '1B',
        records: [
          { at: '0s', shard: 0, count: 1_200 },
          { at: '0s', shard: 1, count: 900 },
        ],
      },
      { streams: { s: { ShardCount: 2 } } },
    );
    expect(Object.values(stream.shards).map(({ recordsPut }) => recordsPut)).toEqual([1_000, 900]);
  });
});

describe('the byte bucket', () => {
  it("counts the data and the key's UTF-8 bytes (K3)", () => {
    // 1,048,576 B = 1,024 records of 1,022 B of data and a key of 2 B: € has 3 bytes, so one such record is too much.
    const put = (key: string) =>
      accepted({ onThrottle: 'drop', bytes: '524286B', records: [{ at: '0s', key, count: 2 }] }).recordsPut;
    expect(put('ab')).toBe(2);
    expect(put('é')).toBe(2);
    expect(put('€')).toBe(1);
    expect(put('abc')).toBe(1);
  });

  it('refills with 1 MB/s, to the microsecond (K3)', () => {
    // Two records of 524,288 B empty it; half a second later, and not 1 µs before, there is room for a third.
    const put = (third: string) =>
      accepted({
        onThrottle: 'drop',
        bytes: '524287B',
        records: [
          { at: '0s', key: 'a', count: 2 },
          { at: third, key: 'a' },
        ],
      }).recordsPut;
    expect(put('500ms')).toBe(3);
    expect(put('499999us')).toBe(2);
  });

  it('a refused record is charged to neither bucket (K3)', () => {
    // Bytes refuse the second record; the 999 small ones that follow still have their tokens.
    const stream = accepted({
      onThrottle: 'drop',
      records: [
        { at: '0s', key: 'a', bytes: '900000B' },
        { at: '0s', key: 'a', bytes: '900000B' },
        { at: '0s', key: 'a', bytes: '1B', count: 1_000 },
      ],
    });
    expect(stream).toMatchObject({ recordsPut: 1_000, lostAtWrite: 2 });
  });

  it('MaxRecordSizeInKiB bounds a record and deepens the bucket (K3)', () => {
    const put = (MaxRecordSizeInKiB: number, bytes: string, count = 1) =>
      accepted(
        { onThrottle: 'drop', bytes, records: [{ at: '0s', key: 'a', count }] },
        { streams: { s: { MaxRecordSizeInKiB } } },
      );
    expect(put(1_024, '1048575B').recordsPut).toBe(1);
    expect(put(1_024, '1048576B')).toMatchObject({ recordsPut: 0, lostAtWrite: 1 });
    expect(put(2_048, '2097151B').recordsPut).toBe(1);
    expect(put(2_048, '2097152B').recordsPut).toBe(0);
    expect(put(2_048, '1048575B', 3)).toMatchObject({ recordsPut: 2, lostAtWrite: 1 });
  });
});

describe('tries', () => {
  it('a refused record is tried again 100, 200 and 400 ms after each refusal (K3)', () => {
    // One record of 1 MB empties the bucket. At 0 the second, of 0.65 MB, is refused; so it is at 0.1 s and at 0.3 s
    // (0.3 MB refilled), and accepted at 0.7 s.
    const stream = accepted({
      records: [
        { at: '0s', key: 'a', bytes: '1048575B' },
        { at: '0s', key: 'a', bytes: '681573B' },
      ],
    });
    expect(stream).toMatchObject({ recordsOffered: 2, recordsPut: 2, writeThrottled: 3, lostAtWrite: 0 });
    expect(stream.arrivals).toEqual([
      [0, 1],
      [700, 1],
    ]);
  });

  it('it is lost after the third try (K3)', () => {
    // 0.71 MB would need 0.71 s: one more than the last try comes after.
    const stream = accepted({
      records: [
        { at: '0s', key: 'a', bytes: '1048575B' },
        { at: '0s', key: 'a', bytes: '744488B' },
      ],
    });
    expect(stream).toMatchObject({ recordsOffered: 2, recordsPut: 1, writeThrottled: 4, lostAtWrite: 1 });
  });

  it('drop loses it at once (K3)', () => {
    const stream = accepted({
      onThrottle: 'drop',
      records: [
        { at: '0s', key: 'a', bytes: '1048575B' },
        { at: '0s', key: 'a', bytes: '1000B' },
      ],
    });
    expect(stream).toMatchObject({ recordsPut: 1, writeThrottled: 1, lostAtWrite: 1 });
  });

  it('its arrival is the try that succeeds, and later records do not wait for it (K3, D3)', () => {
    const { result } = accepted(
      {
        records: [
          { at: '0s', key: 'a', bytes: '1048575B' },
          { at: '1ms', key: 'b', bytes: '100000B' },
          { at: '50ms', key: 'c', bytes: '100B' },
        ],
      },
      {
        polling: { period: '1ms' },
        streams: { s: { readLimits: 'off' } },
        functions: { f: { duration: '0ms', faults: [{ poison: { key: 'b' } }] } },
        mappings: { m: { MaximumRetryAttempts: 0 } },
      },
    );
    // b is refused at 1 ms and accepted at 101 ms: the shard's record 2, after c.
    expect(eventsOf(result, 'invocation').map(({ start, first, outcome }) => [start, first, outcome])).toEqual([
      [0, 0, 'success'],
      [50_000, 1, 'success'],
      [101_000, 2, 'functionError'],
    ]);
  });

  it('a try across a whole second keeps its record (K3)', () => {
    const { result, ...stream } = accepted({
      records: [
        { at: '950ms', key: 'a', bytes: '1048575B' },
        { at: '950ms', key: 'a', bytes: '100000B' },
      ],
    });
    // Refused at 0.95 s, there are 104,857 B at 1.05 s.
    expect(stream).toMatchObject({ recordsPut: 2, writeThrottled: 1 });
    expect(timeLine(result).map(([start, , first, last]) => [start, first, last])).toEqual([
      [1_000_000, 0, 0],
      [2_000_000, 1, 1],
    ]);
  });

  it('a try past duration is still made while the run drains (K3, D5)', () => {
    const { result, ...stream } = accepted(
      {
        records: [
          { at: '950ms', key: 'a', bytes: '1048575B' },
          { at: '950ms', key: 'a', bytes: '100000B' },
        ],
      },
      { duration: '1s' },
    );
    expect(stream).toMatchObject({ recordsPut: 2, lostAtWrite: 0 });
    expect(result.recording.end).toBe(2_000_000);
    expect(result.m.records).toMatchObject({ arrived: 2, succeeded: 2, pending: 0 });
  });

  it('every offered record is accepted, lost, or on its way to be tried again (K3, E9)', () => {
    const { result, ...stream } = accepted({ rate: '1500/s', bytes: '100B' });
    expect(stream.recordsOffered).toBe(stream.recordsPut + stream.lostAtWrite);
    expect(stream.lostAtWrite).toBeGreaterThan(0);
    // Full at the start and 1,000/s after it: at most 1,000 · (3 + 0.7) + 1,000.
    expect(stream.recordsPut).toBeLessThanOrEqual(4_700);
    expect(stream.recordsPut).toBeGreaterThanOrEqual(4_000 - 60);
    expect(result.m.records.arrived).toBe(stream.recordsPut);
  });

  it('writeLimits: off refuses nothing (K3)', () => {
    expect(
      accepted({ records: [{ at: '0s', bytes: '1MB', count: 5_000 }] }, { streams: { s: { writeLimits: 'off' } } }),
    ).toMatchObject({ recordsPut: 5_000, writeThrottled: 0 });
  });

  it('refused puts are counted in their period (K3, M2)', () => {
    const { result } = accepted({
      records: [
        { at: '0s', key: 'a', bytes: '1048575B' },
        { at: '0s', key: 'a', bytes: '681573B' },
      ],
    });
    const refused = seriesOf(result, 'WriteProvisionedThroughputExceeded', 'Sum');
    expect(refused.slice(0, 8)).toEqual([1, 1, 0, 1, 0, 0, 0, 0]);
    expect(seriesOf(result, 'IncomingBytes', 'Sum').slice(0, 8)).toEqual([1_048_575, 0, 0, 0, 0, 0, 0, 681_573]);
  });
});
