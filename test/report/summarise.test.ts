import { expect, it } from 'vitest';
import { summarise } from '../../src/report/summarise.ts';
import { run } from '../support/scenario.ts';

it('what other readers ask of every shard loads its read limits too (M3a, K4)', () => {
  const reads = (calls: string, bytes: string) =>
    run({
      streams: { s: { otherReaders: [{ calls, bytes }] } },
      producers: { p: { records: [{ at: '500ms' }] } },
    }).summary.streams.s!.utilization;
  // The mapping asks once a second; one call in ten brings 1 KB.
  expect(reads('1/s', '1MB/s').readCalls).toMatchObject({ worst: 0.4, median: 0.4 });
  expect(reads('1/s', '1MB/s').readBytes!.worst).toBeCloseTo(0.5, 3);
  expect(reads('2/s', '1KB/s').readCalls!.peak).toBeCloseTo(0.6, 12);
});

it('a batch counts once, however often it is tried', () => {
  const { m } = run({
    functions: { f: { duration: '100ms', faults: [{ invocations: 2 }] } },
    producers: { p: { records: [{ at: '500ms' }, { at: '5s' }] } },
  });
  expect(m).toMatchObject({ invocations: 4, batches: 2, fullBatches: 0 });
});

it('the sliver of a period at the end of a run makes no peak of its own (M3a)', () => {
  const { summary } = run({
    duration: '10s',
    period: '5s',
    drain: '10s',
    producers: { p: { records: [{ at: '9950ms' }] } },
  });
  // The run ends at 10.1 s: one call in the last tenth of a second, six in the five seconds before.
  expect(summary.measured.toSeconds).toBe(10.1);
  const { worst, peak, peakAtSeconds } = summary.streams.s!.utilization.readCalls!;
  expect(worst).toBeCloseTo(11 / 10.1 / 5, 12);
  expect([peak, peakAtSeconds]).toEqual([worst, 0]);
});

it('lanes that wait for slots are busy, but it is the slots that bind (M3a, L1)', () => {
  const binding = (ReservedConcurrentExecutions: number) =>
    run({
      duration: '2m',
      streams: { s: { ShardCount: 4 } },
      functions: { f: { duration: '500ms', ReservedConcurrentExecutions } },
      mappings: { m: { BatchSize: 10 } },
      producers: { p: { rate: '100/s' } },
    }).m.utilization.bindsFirst;
  expect([0, 1, 2, 5].map(binding)).toEqual(['slots', 'slots', 'slots', 'laneBusy']);
});

it('of a lane with too many spans the idle ones go first', () => {
  const { summary } = run({ duration: '30m', producers: { p: { rate: '50/s' } } });
  const [lane] = summary.timeline.lanes;
  // About 1,800 invocations with as many pauses between them.
  expect(lane!.spans).toHaveLength(2_000);
  const running = lane!.spans.filter(({ state }) => state === 'running').length;
  expect(running).toBe(summary.mappings.m!.invocations);
});

it('the largest iterator age has its shard and its instant', () => {
  const { m } = run({ producers: { p: { records: [{ at: '500ms' }, { at: '5800ms' }] } } });
  expect(m.iteratorAgeMs.max).toBe(600);
  expect(m.worstIteratorAge).toEqual({ mapping: 'm', shardId: 'shardId-000000000000', atSeconds: 1.1 });
});

it.each([101, -1, Number.NaN])('there is no percentile %s', (percent) => {
  expect(() => summarise(run({ producers: { p: { rate: '1/s' } } }).recording, { percentiles: [50, percent] })).toThrow(
    new RangeError(`percentiles: expected numbers from 0 to 100, got ${percent}`),
  );
});
