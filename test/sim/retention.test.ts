import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../support/scenario.ts';
import { eventsOf, run, seriesOf, timeLine } from '../support/scenario.ts';

const S = 1_000_000;
const DAY = 86_400 * S;

/** A day and a bit, of which the trace keeps few lines: no ask but each hour. */
function long(scenario: ScenarioPart) {
  return run({ duration: '25h', period: '1h', polling: { period: '1h' }, ...scenario });
}

describe('retention', () => {
  it('a record that is never processed expires at arrival + retention, to the microsecond (K5, E2)', () => {
    const result = long({
      producers: { p: { records: [{ at: '1500001us' }] } },
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
    });
    expect(eventsOf(result, 'expire').map(({ t, first, last }) => [t, first, last])).toEqual([[DAY + 1_500_001, 0, 0]]);
    expect(result.m.records).toMatchObject({ arrived: 1, succeeded: 0, expired: 1, pending: 0 });
  });

  it('RetentionPeriodHours says how long (K5)', () => {
    const result = long({
      duration: '49h',
      streams: { s: { RetentionPeriodHours: 48 } },
      producers: { p: { records: [{ at: '1s' }] } },
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
    });
    expect(eventsOf(result, 'expire').map(({ t }) => t)).toEqual([2 * DAY + 1 * S]);
  });

  it('a record of a batch that backs off is gone at its retention, attempt or not (K5, E2)', () => {
    const result = long({
      duration: '86401s',
      producers: { p: { records: [{ at: '0s' }, { at: '30m' }] } },
      polling: { period: '1h', phase: '45m' },
      functions: { f: { duration: '0ms', faults: [{ from: '0s' }] } },
      mappings: { m: { retryBackoff: { initial: '1h', factor: 1, maximum: '1h' } } },
    });
    const attempts = timeLine(result);
    // Attempts at 45 min, 1 h 45, … 23 h 45.
    expect(attempts).toHaveLength(24);
    expect(attempts.every(([, , first, last]) => first === 0 && last === 1)).toBe(true);
    expect(result.m.records).toMatchObject({ expired: 1, pending: 1 });
  });

  it('a batch whose last record is gone is settled then, and the lane asks at its next tick (E2, P3)', () => {
    const result = long({
      duration: '25h',
      producers: { p: { records: [{ at: '0s' }, { at: '30m' }, { at: '1h' }] } },
      polling: { period: '1h', phase: '45m' },
      functions: { f: { duration: '0ms', faults: [{ from: '0s', to: '1445m' }] } },
      mappings: { m: { retryBackoff: { initial: '1h', factor: 1, maximum: '1h' } } },
    });
    const last = eventsOf(result, 'invocation').slice(24);
    // The batch has the records of 0 s and 30 min; the third is taken at the tick of 24 h 45 min.
    expect(eventsOf(result, 'expire').map(({ t, first, last: end }) => [t, first, end])).toEqual([
      [DAY + 1_800 * S, 0, 1],
    ]);
    expect(last.map(({ start, first, attempt, size }) => [start, first, attempt, size])).toEqual([
      [DAY + 2_700 * S, 2, 1, 1],
    ]);
  });

  it('the rest of a batch goes on, not refilled, its attempts kept (E2)', () => {
    const result = long({
      duration: '25h',
      producers: { p: { records: [{ at: '0s' }, { at: '44m' }] } },
      polling: { period: '1h', phase: '45m' },
      functions: { f: { duration: '0ms', faults: [{ from: '0s', to: '1450m' }] } },
      mappings: { m: { retryBackoff: { initial: '55m', factor: 1, maximum: '55m' } } },
    });
    // Attempts at 45 min + k · 55 min: the 26th, k = 25, at 23 h 40; the 27th at 24 h 35 has the record of 44 min only.
    const attempts = eventsOf(result, 'invocation');
    expect(
      attempts.slice(25).map(({ start, first, last, attempt, outcome }) => [start, first, last, attempt, outcome]),
    ).toEqual([
      [85_200 * S, 0, 1, 26, 'functionError'],
      [88_500 * S, 1, 1, 27, 'success'],
    ]);
    expect(eventsOf(result, 'expire').map(({ t, first, last }) => [t, first, last])).toEqual([[88_500 * S, 0, 0]]);
  });

  it('an invocation that is already running may still finish an expired record (K5)', () => {
    const result = long({
      producers: { p: { records: [{ at: '500s' }] } },
      functions: { f: { duration: '800s', Timeout: 900 } },
      mappings: { m: { Enabled: false } },
      timeline: [{ at: '1410m', enable: 'm' }],
      polling: { period: '1h', phase: '0s' },
    });
    // Taken at 24 h, 500 s before it is gone; done after 800 s.
    expect(timeLine(result)).toEqual([[DAY, DAY + 800 * S, 0, 0]]);
    expect(result.m.records).toMatchObject({ succeeded: 1, expired: 0 });
  });

  it('at the very instant of arrival + retention a record can be read no more (K5, D4)', () => {
    const outcome = (at: string) =>
      long({
        producers: { p: { records: [{ at }] } },
        mappings: { m: { Enabled: false } },
        timeline: [{ at: '24h', enable: 'm' }],
      }).m.records;
    expect(outcome('0s')).toMatchObject({ succeeded: 0, expired: 1 });
    expect(outcome('1us')).toMatchObject({ succeeded: 1, expired: 0 });
  });

  it('a disabled mapping loses its records all the same, polled or not (K5, P9)', () => {
    const { m } = long({
      duration: '24h',
      drain: '5m',
      producers: { p: { records: [{ at: '1s' }, { at: '2s' }, { at: '10m' }] } },
      mappings: { m: { Enabled: false } },
    });
    expect(m.records).toMatchObject({ arrived: 3, expired: 2, pending: 1 });
  });

  it('a throttled batch expires in its line (K5, L1, L2)', () => {
    for (const throttleBackoff of ['queue', { initial: '1h', factor: 1, maximum: '1h' }]) {
      const result = long({
        producers: { p: { records: [{ at: '3s' }] } },
        functions: { f: { ReservedConcurrentExecutions: 0 } },
        mappings: { m: { throttleBackoff } },
      });
      expect(eventsOf(result, 'expire').map(({ t }) => t)).toEqual([DAY + 3 * S]);
      expect(result.m).toMatchObject({ invocations: 0, records: { expired: 1, pending: 0 } });
    }
  });

  it('the shard behind a poison record goes on when that has expired, with what is still kept (E1, E2, K5)', () => {
    // One record every 10 min, the first of them poison. It is gone at 24 h, which is a tick.
    const result = long({
      duration: '1470m',
      polling: { period: '1m' },
      producers: { p: { records: Array.from({ length: 140 }, (_, i) => ({ at: `${i * 10}m` })) } },
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 0 } }] } },
    });
    const succeeded = eventsOf(result, 'invocation').filter(({ outcome }) => outcome === 'success');
    expect(succeeded.map(({ start, first, last }) => [start, first, last])).toEqual([
      [DAY, 1, 100],
      [DAY + 100_000, 101, 139],
    ]);
    expect(result.m.records).toMatchObject({ arrived: 140, succeeded: 139, expired: 1, pending: 0 });
  });

  it('unread records expire behind a blocked batch (K5, E9)', () => {
    const result = long({
      duration: '37h',
      producers: { p: { records: [{ at: '12h' }, { at: '730m' }, { at: '740m' }] } },
      mappings: { m: { BatchSize: 1 } },
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
    });
    expect(eventsOf(result, 'expire').reduce((sum, { size }) => sum + size, 0)).toBe(3);
    expect(result.m.records).toMatchObject({ expired: 3, pending: 0 });
    // Each is tried until its own retention is over, never at or past it.
    for (const { start, first } of eventsOf(result, 'invocation')) {
      expect(start).toBeLessThan(DAY + 43_200 * S + first * 600 * S);
    }
  });

  it('a record that expires while an invocation holds it is gone at the end of that, and the lane goes on (K5, P3)', () => {
    const result = long({
      producers: { p: { records: [{ at: '500s' }, { at: '86890s' }] } },
      polling: { period: '10s' },
      functions: { f: { duration: '0s', Timeout: 900, faults: [{ from: '0s', after: '100s', to: '86990s' }] } },
      mappings: { m: { Enabled: false, BatchSize: 1 } },
      timeline: [{ at: '86860s', enable: 'm' }],
    });
    // The first runs from 86,860 s to 86,960 s; its retention ends at 86,900 s.
    expect(timeLine(result).slice(0, 2)).toEqual([
      [86_860 * S, 86_960 * S, 0, 0],
      [86_960 * S, 87_060 * S, 1, 1],
    ]);
    expect(eventsOf(result, 'expire').map(({ t, first, last }) => [t, first, last])).toEqual([[86_960 * S, 0, 0]]);
    expect(result.m.records).toMatchObject({ expired: 1, succeeded: 1 });
  });

  it('records that wait in a batch leave the backlog when their retention ends, each for itself (K5, M7)', () => {
    const { m } = long({
      duration: '26h',
      producers: { p: { records: [{ at: '0s' }, { at: '1h' }, { at: '1470m' }] } },
      polling: { period: '2h', phase: '90m' },
      functions: { f: { duration: '0s', ReservedConcurrentExecutions: 0 } },
      mappings: { m: { throttleBackoff: 'queue' } },
    });
    expect(m.records).toMatchObject({ expired: 2, pending: 1 });
    expect(m.backlog.mean).toBeCloseTo((24 + 24 + 1.5) / 26, 9);
    expect(m.backlog.max).toBe(2);
  });

  describe('the highest backlog is that before records expire, also within a second (K5, M7)', () => {
    const failing = { functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } } };
    const records = [
      { at: '900ms', count: 300 },
      { at: '86400500ms', count: 200 },
    ];

    it.each([
      ['of a batch that is retried', failing],
      ['of what nobody reads', { mappings: { m: { Enabled: false } } }],
    ])('%s', (_, scenario) => {
      const result = long({ producers: { p: { records } }, polling: { period: '1s' }, ...scenario });
      expect(result.m.records.expired).toBe(300);
      expect(result.m.backlog.max).toBe(500);
      expect(seriesOf(result, 'Backlog', 'Maximum')[24]).toBe(500);
    });

    it('of a mapping that is created later, and finds what has come before', () => {
      const mapping = { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON', Enabled: false };
      const { summary } = long({
        producers: { p: { records: [records[0], { at: '86400700ms', count: 200 }] } },
        functions: { g: { duration: '0s' } },
        timeline: [{ at: '86400600ms', create: 'later', mapping }],
      });
      expect(summary.mappings.later!.backlog.max).toBe(500);
    });

    it('where others arrive at the instant at which they expire, they are gone by then (D4)', () => {
      const at = [{ ...records[0]! }, { at: '86400900ms', count: 200 }];
      expect(long({ producers: { p: { records: at } }, polling: { period: '1s' }, ...failing }).m.backlog.max).toBe(
        300,
      );
    });

    it('what an invocation holds past its retention stays until that has failed', () => {
      const { m } = long({
        producers: { p: { records: [...records, { at: '86860s', count: 50 }] } },
        polling: { period: '10s', phase: '0s' },
        functions: { f: { duration: '0s', Timeout: 900, faults: [{ from: '0s', after: '700s' }] } },
        mappings: { m: { Enabled: false, BatchSize: 1_000 } },
        timeline: [{ at: '86200s', enable: 'm' }],
      });
      expect(m.records.expired).toBe(300);
      expect(m.backlog.max).toBe(550); // from 86,200 s to 86,900 s
    });
  });

  it('a period has at its beginning what was left of the one before: no maximum is below its average (M2, M7)', () => {
    const result = long({
      producers: { p: { records: [{ at: '900ms', count: 300 }] } },
      functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
    });
    const [average, maximum] = ['Average', 'Maximum'].map((statistic) => seriesOf(result, 'Backlog', statistic));
    expect(average![24]).toBeCloseTo((300 * 0.9) / 3_600, 9);
    expect(maximum!.slice(23)).toEqual([300, 300]);
  });
});
