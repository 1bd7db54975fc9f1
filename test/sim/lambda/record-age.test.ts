import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { eventsOf, run, seriesOf, timeLine } from '../../support/scenario.ts';

const DLQ = { DestinationConfig: { OnFailure: { Destination: 'dlq' } } };

function aged(more: { records: ScenarioPart[]; mapping?: ScenarioPart; faults?: ScenarioPart[] } & ScenarioPart) {
  const { records, mapping, faults, ...rest } = more;
  return run({
    duration: '300s',
    functions: { f: { duration: '0ms', faults: faults ?? [] } },
    mappings: { m: { MaximumRecordAgeInSeconds: 60, ...DLQ, ...mapping } },
    producers: { p: { records } },
    ...rest,
  });
}

describe('MaximumRecordAgeInSeconds', () => {
  it('one old record and five fresh ones: one message, and the function sees exactly the five (E2)', () => {
    const result = aged({
      records: [{ at: '0s' }, { at: '65s', count: 5 }],
      mapping: { Enabled: false, BatchSize: 10, MaximumRetryAttempts: 0 },
      timeline: [{ at: '70s', enable: 'm' }],
    });
    expect(timeLine(result)).toEqual([[70_000_000, 70_000_000, 1, 5]]);
    expect(result.recording.mappings[0]!.messages).toMatchObject([
      { at: 70_000_000, condition: 'RecordAgeExceeded', first: 0, last: 0, size: 1, invocations: 0, response: null },
    ]);
    expect(result.m.records).toMatchObject({ succeeded: 5, discarded: { RecordAgeExceeded: 1 } });
  });

  it('an always failing, instant function is invoked 8 times in 60 s (E2, E7)', () => {
    const result = aged({ records: [{ at: '500ms' }], faults: [{ from: '0s' }] });
    // 31.75 s after the first attempt comes the eighth; the ninth would be at 64.75 s, when the record is too old.
    expect(result.m.invocations).toBe(8);
    expect(result.recording.mappings[0]!.messages).toMatchObject([
      { at: 64_750_000, condition: 'RecordAgeExceeded', invocations: 8, response: null },
    ]);
  });

  it('a record is too old when its age is the limit, not before (E2)', () => {
    const at = (second: string) =>
      aged({
        records: [{ at: second }],
        mapping: { Enabled: false },
        timeline: [{ at: '61s', enable: 'm' }],
      }).m.records;
    expect(at('1s')).toMatchObject({ succeeded: 0, discarded: { RecordAgeExceeded: 1 } });
    expect(at('1000001us')).toMatchObject({ succeeded: 1, discarded: { RecordAgeExceeded: 0 } });
  });

  it('is looked at before every attempt, record by record: the rest go on and keep their attempts (E2)', () => {
    const result = aged({
      records: [{ at: '500ms' }, { at: '600ms' }, { at: '20s' }],
      mapping: { Enabled: false, MaximumRetryAttempts: 8 },
      faults: [{ from: '0s' }],
      timeline: [{ at: '30s', enable: 'm' }],
    });
    const attempts = eventsOf(result, 'invocation').map(({ start, size, attempt }) => [start / 1e6, size, attempt]);
    expect(attempts).toEqual([
      [30, 3, 1],
      [30.25, 3, 2],
      [30.75, 3, 3],
      [31.75, 3, 4],
      [33.75, 3, 5],
      [37.75, 3, 6],
      [45.75, 3, 7],
      [61.75, 1, 8],
    ]);
    expect(
      eventsOf(result, 'discard').map(({ t, first, last, condition }) => [t / 1e6, first, last, condition]),
    ).toEqual([
      [61.75, 0, 1, 'RecordAgeExceeded'],
      [93.75, 2, 2, 'RecordAgeExceeded'],
    ]);
  });

  it('what it takes away does not make a batch short: the next ask is at once (P3, E2)', () => {
    const result = aged({
      records: [
        { at: '0s', count: 2 },
        { at: '65s', count: 3 },
      ],
      mapping: { Enabled: false, BatchSize: 3 },
      timeline: [{ at: '70s', enable: 'm' }],
    });
    // [0, 1, 2] without 0 and 1; then [3, 4], short.
    expect(timeLine(result).map(([start, , first, last]) => [start, first, last])).toEqual([
      [70_000_000, 2, 2],
      [70_000_000, 3, 4],
    ]);
  });

  it('with a destination a discard counts as delivered there, without as dropped (M2, E8)', () => {
    const counts = (mapping: ScenarioPart) => {
      const result = run({
        duration: '90s',
        functions: { f: { duration: '0ms', faults: [{ from: '0s' }] } },
        mappings: { m: { MaximumRetryAttempts: 0, ...mapping } },
        producers: { p: { records: [{ at: '500ms', count: 3 }] } },
      });
      return [
        seriesOf(result, 'DroppedEventCount', 'Sum'),
        seriesOf(result, 'OnFailureDestinationDeliveredEventCount', 'Sum'),
      ];
    };
    expect(counts({})).toEqual([
      [3, 0],
      [0, 0],
    ]);
    expect(counts(DLQ)).toEqual([
      [0, 0],
      [3, 0],
    ]);
  });
});
