import { describe, expect, it } from 'vitest';
import { laws } from '../../../src/laws/laws.ts';
import { readState } from '../../../src/sim/lambda/item-failures.ts';
import { countingResponse, TumblingWindow } from '../../../src/sim/lambda/tumbling-window.ts';
import type { ScenarioPart, SmallRun } from '../../support/scenario.ts';
import { askTimes, eventsOf, finalsOf, run, timeLine } from '../../support/scenario.ts';

const START = '2020-12-09T07:04:00Z';

/** Records at these seconds, windows of 60 s, and a run that starts where one begins. */
function windowed(seconds: readonly number[], more: ScenarioPart & { mapping?: ScenarioPart } = {}) {
  const { mapping, ...rest } = more;
  return run({
    start: START,
    duration: '5m',
    producers: { p: { records: seconds.map((at) => ({ at: `${at}s` })) } },
    mappings: { m: { TumblingWindowInSeconds: 60, ...mapping } },
    ...rest,
  });
}

/** Every invocation, final ones included, as 'start: first-last' or 'start: final', in seconds. */
function story({ trace }: Pick<SmallRun, 'trace'>): string[] {
  return trace.flatMap((event) => {
    if (event.type !== 'invocation') return [];
    const what = event.first === null ? 'final' : `${event.first}-${event.last}`;
    return [`${event.start / 1e6}: ${what}${event.outcome === 'success' ? '' : ' fails'}`];
  });
}

const BUCKET = { DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::lost' } } };

/** The event of each discarded batch, as a bucket is told of it (E8). */
function payloads({ recording }: SmallRun): Record<string, unknown>[] {
  return recording.mappings[0]!.messages.map(({ payload }) => payload as Record<string, unknown>);
}

function windowAround(seconds: number, length: number) {
  const source = {
    account: { concurrentExecutions: 1_000, id: '123456789012', region: 'us-east-1' },
    stream: 'lambda-stream',
    function: 'f',
    shard: 6,
    start: seconds * 1e6,
  };
  return new TumblingWindow(length * 1e6, source);
}

describe('a tumbling window', () => {
  it('of 120 s around 1607497475 is 07:04:00–07:06:00 on 2020-12-09 (P11)', () => {
    expect(windowAround(1_607_497_475, 120).fieldsOf(0, false).window).toEqual({
      start: '2020-12-09T07:04:00Z',
      end: '2020-12-09T07:06:00Z',
    });
  });

  it('begins with its first microsecond and ends before its last (P11)', () => {
    const at = (arrival: number) => windowAround(1_607_497_440, 120).fieldsOf(arrival, false).window.start;
    expect([-1, 0, 119_999_999, 120_000_000].map(at)).toEqual([
      '2020-12-09T07:02:00Z',
      '2020-12-09T07:04:00Z',
      '2020-12-09T07:04:00Z',
      '2020-12-09T07:06:00Z',
    ]);
  });

  it('shows in the event beside the records, in the order of AWS (A4, P11)', () => {
    const window = windowAround(1_607_497_475, 120);
    window.carry({ kind: 'state', state: { 1: 282, 2: 715 }, isTooLarge: false });
    expect(JSON.stringify(window.fieldsOf(0, false))).toBe(
      '{"window":{"start":"2020-12-09T07:04:00Z","end":"2020-12-09T07:06:00Z"},"state":{"1":282,"2":715},"shardId":"shardId-000000000006","eventSourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/lambda-stream","isFinalInvokeForWindow":false,"isWindowTerminatedEarly":false}',
    );
  });

  it('is aligned to the epoch, not to the start of the run (P11)', () => {
    const result = windowed([0.5, 30.5], { start: '2020-12-09T07:04:40Z' });
    expect(result.trace.flatMap((event) => (event.type === 'invocation' ? [event.window] : []))[0]).toEqual({
      start: -40_000_000,
      end: 20_000_000,
    });
    expect(story(result)).toEqual(['1: 0-0', '31: final', '31.1: 1-1', '200: final']);
  });

  it('cuts a batch at its end; the final invocation follows at once, then the next window (P11, P3)', () => {
    const result = windowed([59.2, 59.4, 60, 60.2], { polling: { phase: '500ms' } });
    expect(story(result)).toEqual(['59.5: 0-1', '60.5: final', '60.6: 2-3', '240: final']);
    const together = windowed([59.2, 59.4, 59.6, 59.9, 60.2]);
    expect(story(together)).toEqual(['60: 0-3', '61: final', '61.1: 4-4', '240: final']);
    // Read together, with nothing between: what is cut off is not full, and yet nothing waits for a tick.
    const cut = windowed([59.9, 60.2], { polling: { phase: '500ms' } });
    expect(story(cut)).toEqual(['60.5: 0-0', '60.6: final', '60.7: 1-1', '240: final']);
    expect(askTimes(cut).filter((t) => t > 60e6 && t < 61e6)).toEqual([60_500_000, 60_700_000]);
    expect(cut.m.fullBatches).toBe(0);
  });

  it('takes as many batches as its records need (P11, P3)', () => {
    const result = windowed([10.1, 10.2, 10.3, 10.4, 10.5], { mapping: { BatchSize: 2 } });
    expect(story(result)).toEqual(['11: 0-1', '11.1: 2-3', '11.2: 4-4', '180: final']);
  });

  it('ends two minutes after its end without new records, on the microsecond (P11)', () => {
    expect(story(windowed([10.5]))).toEqual(['11: 0-0', '180: final']);
    expect(story(windowed([10.5, 178.5]))).toEqual(['11: 0-0', '179: final', '179.1: 1-1']);
    // At one instant the window comes before the poll (D4).
    expect(story(windowed([10.5, 179.5]))).toEqual(['11: 0-0', '180: final', '181: 1-1']);
  });

  it('without a record is not invoked, nor is one whose records never reached the function (P11)', () => {
    expect(story(windowed([200.5], { duration: '6m' }))).toEqual(['201: 0-0']);
    const tooOld = windowed([10.5, 300.5], {
      duration: '10m',
      mapping: { MaximumRecordAgeInSeconds: 60 },
      timeline: [
        { at: '5s', disable: 'm' },
        { at: '100s', enable: 'm' },
      ],
    });
    expect(eventsOf(tooOld, 'discard')).toHaveLength(1);
    expect(story(tooOld)).toEqual(['301: 1-1', '480: final']);
  });

  it('is ended by a record that a filter drops (P11, P10)', () => {
    const key = (name: string, at: number) => ({ at: `${at}s`, key: name });
    const result = windowed([], {
      producers: { p: { records: [key('a', 10.5), key('b', 70.5), key('b', 130.5), key('a', 190.5)] } },
      mapping: { FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["a"]}' }] } },
    });
    expect(story(result)).toEqual(['11: 0-0', '71: final', '191: 3-3']);
    expect(result.m.records).toMatchObject({ succeeded: 2, filtered: 2 });
  });

  it('of which all records are dropped is none; the next may begin in the same ask (P11, P10)', () => {
    const key = (name: string, at: number) => ({ at: `${at}s`, key: name });
    const result = windowed([], {
      producers: { p: { records: [key('b', 59.1), key('b', 59.2), key('a', 60.2)] } },
      polling: { phase: '500ms' },
      timeline: [
        { at: '50s', disable: 'm' },
        { at: '60.3s', enable: 'm' },
      ],
      mapping: { FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["a"]}' }] } },
    });
    expect(story(result)).toEqual(['60.5: 2-2', '240: final']);
  });

  it('goes with what a batching window holds when its end has been read (P11, P6)', () => {
    const result = windowed([50.5, 52.5, 61.5], { mapping: { MaximumBatchingWindowInSeconds: 45 } });
    // The windows of 0 s and 45 s; at 62 s the record of 61.5 s ends both.
    expect(story(result)).toEqual(['62: 0-1', '62.1: final', '107.2: 2-2', '240: final']);
    // The two waited in the batching window from 51 s and 53 s until 62 s, the third from 62.2 s until 107.2 s.
    expect(result.m.ageBreakdownMs.window).toBeCloseTo((11_000 + 9_000 + 45_000) / 3, 6);
  });

  it('has a final invocation whose response is lost tried again: it holds no records to come twice (P11, L7)', () => {
    const result = windowed([10.5], { functions: { f: { faults: [{ from: '70s', to: '72s', responseLost: true }] } } });
    expect(story(result).slice(0, 2)).toEqual(['11: 0-0', '180: final']);
    const lost = windowed([10.5, 70.5], {
      functions: { f: { duration: '100ms', faults: [{ from: '70s', to: '71.2s', responseLost: true }] } },
    });
    expect(story(lost)).toEqual(['11: 0-0', '71: final fails', '71.35: final', '71.45: 1-1', '240: final']);
    expect(lost.m.records).toMatchObject({ succeeded: 2, duplicates: 0 });
  });

  it('waits for a batching window that outlasts it (P11, P6)', () => {
    const result = windowed([10.5], { duration: '10m', mapping: { MaximumBatchingWindowInSeconds: 300 } });
    expect(story(result)).toEqual(['300: 0-0', '300.1: final']);
  });

  it('keeps what comes after it waiting while it fails, and must succeed, whatever the retries (P11, E1, E3)', () => {
    const result = windowed([10.5, 70.5, 71.5], {
      functions: { f: { duration: '100ms', faults: [{ from: '70s', to: '75s' }] } },
      mapping: { MaximumRetryAttempts: 0, MaximumRecordAgeInSeconds: 60 },
    });
    expect(story(result)).toEqual([
      '11: 0-0',
      '71: final fails',
      '71.35: final fails',
      '71.95: final fails',
      '73.05: final fails',
      '75.15: final',
      '75.25: 1-2',
      '240: final',
    ]);
    expect(result.m).toMatchObject({
      invocations: 8,
      errors: 4,
      tumblingWindows: { closed: 2, early: 0, open: 0, finalInvocations: 6 },
    });
    expect(result.m.records).toMatchObject({ succeeded: 3, pending: 0 });
  });

  it('waits for a slot as every invocation does (P11, L2)', () => {
    const result = windowed([], {
      functions: { f: { duration: '1500ms', ReservedConcurrentExecutions: 1 } },
      streams: { s: { ShardCount: 1 }, t: { ShardCount: 1 } },
      producers: {
        p: { records: [{ at: '10.5s' }, { at: '70.5s' }] },
        q: { stream: 't', records: [{ at: '69.5s' }] },
      },
      mappings: {
        m: { TumblingWindowInSeconds: 60, throttleBackoff: 'queue' },
        n: { stream: 't', function: 'f', StartingPosition: 'TRIM_HORIZON' },
      },
    });
    const throttles = result.trace.filter(({ type }) => type === 'throttle');
    expect(throttles).toMatchObject([{ t: 71_000_000, mapping: 'm', size: 0, first: null, last: null }]);
    expect(finalsOf(result).map(({ start }) => start)[0]).toBe(71_500_000);
    expect(result.m).toMatchObject({ throttles: 1, errors: 0 });
  });

  it('is kept through disable and enable, its state too (P11, P9)', () => {
    const result = windowed([10.5, 50.5, 55.5], {
      mapping: { MaximumRetryAttempts: 0, ...BUCKET },
      functions: { f: { duration: '100ms', faults: [{ poison: { stream: 's', shard: 0, record: 2 } }] } },
      timeline: [
        { at: '20s', disable: 'm' },
        { at: '53s', enable: 'm' },
      ],
    });
    expect(story(result)).toEqual(['11: 0-0', '53: 1-1', '56: 2-2 fails', '180: final']);
    expect(payloads(result)[0]).toMatchObject({ state: { records: 2 } });
    const late = windowed([10.5], {
      duration: '10m',
      timeline: [
        { at: '20s', disable: 'm' },
        { at: '400500ms', enable: 'm' },
      ],
    });
    expect(story(late)).toEqual(['11: 0-0', '400.5: final']);
    expect(windowed([10.5], { timeline: [{ at: '20s', disable: 'm' }] }).m.tumblingWindows).toMatchObject({ open: 1 });
  });

  it('has its final invocation tried afresh after disable and enable (P11, P9)', () => {
    const result = windowed([10.5, 70.5], {
      functions: { f: { duration: '100ms', faults: [{ from: '70s', to: '75s' }] } },
      timeline: [
        { at: '71s', disable: 'm' },
        { at: '80s', enable: 'm' },
      ],
      polling: { phase: '900ms' },
    });
    expect(story(result)).toEqual(['10.9: 0-0', '70.9: final fails', '80.9: final', '81: 1-1', '240: final']);
    expect(finalsOf(result).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it('waits for its records behind a failing batch, however late (P11, E1)', () => {
    const result = windowed([10.5, 30.5], {
      duration: '10m',
      functions: { f: { duration: '100ms', faults: [{ from: '5s', to: '200s' }] } },
    });
    const invocations = story(result).filter((text) => !text.endsWith('fails'));
    // The second record is of the same window, which ended 140 s before it is read.
    expect(invocations.map((text) => text.split(': ')[1])).toEqual(['0-0', '1-1', 'final']);
    expect(result.m.tumblingWindows).toEqual({ closed: 1, early: 0, open: 0, finalInvocations: 1 });
  });

  it('that is open keeps a draining run going (P11, D5)', () => {
    const result = windowed([10.5], { duration: '30s', drain: '10m' });
    expect(result.recording.end).toBe(180_100_000);
    expect(windowed([10.5], { duration: '30s', drain: '1m' }).m.tumblingWindows).toMatchObject({ open: 1, closed: 0 });
    const isOff = { duration: '30s', drain: '10m', timeline: [{ at: '20s', disable: 'm' }] };
    expect(windowed([10.5], isOff).recording.end).toBe(30_000_000);
  });

  it('has no sample of IteratorAge and batch size for its final invocation, and is no batch (P11, M1)', () => {
    const { m } = windowed([10.5, 70.5]);
    expect(m).toMatchObject({ invocations: 4, batches: 2, deliveries: 2, errors: 0 });
    expect(m.iteratorAgeMs).toMatchObject({ count: 2, max: 700 });
    expect(m.batchSize).toMatchObject({ count: 2, min: 1 });
    expect(m.durationMs.count).toBe(4);
  });

  it('opens a stall when its final invocation fails, which names no records (P11, M3)', () => {
    const { m } = windowed([10.5, 70.5, 71.5], {
      functions: { f: { duration: '100ms', faults: [{ from: '70s', to: '100s' }] } },
    });
    expect(m.stalls).toMatchObject([{ startSeconds: 71, cause: 'functionError', startSequenceNumber: null }]);
    expect(m.stalls[0]!.recordsHeld).toBe(2);
  });

  it('makes what comes after its final invocation wait in the queue (P11, M4)', () => {
    const { m } = windowed([10.5, 70.5], { functions: { f: { duration: '10s', Timeout: 30 } } });
    // The first waits 0.5 s for its tick; the second 0.5 s, and 10 s behind the final invocation.
    expect(m.ageBreakdownMs).toMatchObject({ tick: 500, queue: 5_000, processing: 10_000 });
  });

  it('ends with its shard; the children begin after its final invocation, with windows of their own (P11, K6)', () => {
    const split = { at: '20s', split: 's', shard: 0 };
    const early = windowed([10.5, 30.5], { timeline: [split] });
    // The shard is closed when its last record has been settled already.
    expect(story(early).slice(0, 3)).toEqual(['11: 0-0', '20: final', '31: 0-0']);
    const late = windowed([10.5, 19.95, 30.5], { timeline: [split], functions: { f: { duration: '2s' } } });
    expect(story(late).slice(0, 4)).toEqual(['11: 0-0', '20: 1-1', '22: final', '31: 0-0']);
    const [final, ofChild] = late.trace.filter((event) => event.type === 'invocation').slice(2);
    expect(final).toMatchObject({ shardId: 'shardId-000000000000', isFinalInvokeForWindow: true });
    expect(ofChild!.shardId).not.toBe('shardId-000000000000');
    const off = { timeline: [split, { at: '15s', disable: 'm' }, { at: '25500ms', enable: 'm' }] };
    expect(story(windowed([10.5, 30.5], off)).slice(0, 3)).toEqual(['11: 0-0', '25.5: final', '31: 0-0']);
    for (const result of [early, late]) expect(laws.tumblingWindows(result)).toEqual([]);
  });

  it('of a consumer with enhanced fan-out ends with its shard at once (P11, K6, K8)', () => {
    const result = windowed([10.5], {
      streams: { s: { ShardCount: 1, consumers: ['c'] } },
      mappings: { m: { stream: undefined, consumer: 's/c', TumblingWindowInSeconds: 60 } },
      timeline: [{ at: '20s', split: 's', shard: 0 }],
    });
    expect(story(result)).toEqual(['10.57: 0-0', '20: final']);
  });

  it('of enhanced fan-out ends in the same way (P11, K8)', () => {
    const result = windowed([10.5, 70.5], {
      streams: { s: { ShardCount: 1, consumers: ['c'] } },
      mappings: { m: { stream: undefined, consumer: 's/c', TumblingWindowInSeconds: 60 } },
    });
    expect(story(result)).toEqual(['10.57: 0-0', '70.57: final', '70.67: 1-1', '240: final']);
  });
});

describe('the state of a tumbling window', () => {
  const discarding = (faults: ScenarioPart[], mapping: ScenarioPart = {}, seconds = [10.5, 20.5, 30.5, 61.5]) =>
    windowed(seconds, {
      functions: { f: { duration: '100ms', faults } },
      mapping: { MaximumRetryAttempts: 0, ...BUCKET, ...mapping },
    });

  it('goes from invocation to invocation: how many records the window has had (P11)', () => {
    const result = discarding([{ from: '25s', to: '32s' }]);
    expect(payloads(result).map(({ state, window }) => ({ state, window }))).toEqual([
      { state: { records: 2 }, window: { start: START, end: '2020-12-09T07:05:00Z' } },
    ]);
  });

  it('is what it was after an invocation that failed, and fresh in the next window (P11)', () => {
    const poison = (record: number) => ({ poison: { stream: 's', shard: 0, record } });
    const result = discarding([poison(1), poison(2), poison(3)]);
    expect(payloads(result).map(({ state }) => state)).toEqual([{ records: 1 }, { records: 1 }, {}]);
  });

  it('takes in what lies before a checkpoint (P11, E5)', () => {
    const poison = { poison: { stream: 's', shard: 0, record: 2 }, fail: 'record' };
    const result = discarding([poison], { FunctionResponseTypes: ['ReportBatchItemFailures'] }, [10.1, 10.2, 10.3]);
    expect(payloads(result)).toMatchObject([{ state: { records: 2 }, isFinalInvokeForWindow: false }]);
  });

  it('takes in each half of a batch that was split (P11, E4)', () => {
    const poison = { poison: { stream: 's', shard: 0, record: 3 } };
    const result = discarding([poison], { BisectBatchOnFunctionError: true }, [10.1, 10.2, 10.3, 10.4]);
    expect(payloads(result)).toMatchObject([{ state: { records: 3 } }]);
  });

  it('counts into the payload with all that stands beside the records (P11, P5)', () => {
    const bytesOf = (result: SmallRun) => Buffer.byteLength(JSON.stringify(payloads(result)[0]));
    const of = (bytes: number, mapping: ScenarioPart = {}) =>
      windowed([], {
        streams: { s: { ShardCount: 1, MaxRecordSizeInKiB: 10_240, writeLimits: 'off', readLimits: 'off' } },
        producers: { p: { records: [{ at: '500ms', key: 'k', bytes: `${bytes}B` }] } },
        functions: { f: { duration: '100ms', faults: [{ probability: '100%' }] } },
        mapping: { MaximumRetryAttempts: 0, ...BUCKET, ...mapping },
      });
    const limit = 6 * 1_048_576;
    const small = bytesOf(of(3));
    const most = 3 + 3 * Math.floor((limit - small) / 4);
    const fits = of(most);
    expect(fits.m.records.discarded).toMatchObject({ RetryAttemptsExhausted: 1, PayloadTooLarge: 0 });
    expect(limit - bytesOf(fits)).toBeLessThan(4);
    const exceeds = of(most + 3);
    expect(exceeds.m.records.discarded).toMatchObject({ RetryAttemptsExhausted: 0, PayloadTooLarge: 1 });
    expect(bytesOf(exceeds) - limit).toBeLessThanOrEqual(4);
    // Without windows the same record fits.
    expect(of(most + 3, { TumblingWindowInSeconds: 0 }).m.records.discarded.PayloadTooLarge).toBe(0);
  });

  it('that a response lacks is a failure (P11)', () => {
    for (const response of [undefined, null, '', 'state', 1, {}, { State: 1 }, { state: undefined }]) {
      expect(readState(response)).toEqual({ kind: 'missing' });
    }
    expect(readState({ state: () => 1 })).toEqual({ kind: 'missing' });
  });

  it('is any JSON, as it comes back from its text (P11)', () => {
    for (const state of [null, 0, '', [], { a: [1, null] }]) {
      expect(readState({ state, batchItemFailures: [] })).toEqual({ kind: 'state', state, isTooLarge: false });
    }
    expect(readState({ state: { a: undefined, b: 1 } })).toMatchObject({ state: { b: 1 } });
  });

  it('is too large above 1 MB of JSON in UTF-8, quotes included (P11)', () => {
    const isTooLarge = (state: string) => {
      const reading = readState({ state });
      return reading.kind === 'state' && reading.isTooLarge;
    };
    expect(isTooLarge('x'.repeat(1_048_574))).toBe(false);
    expect(isTooLarge('x'.repeat(1_048_575))).toBe(true);
    expect(isTooLarge('é'.repeat(524_287))).toBe(false);
    expect(isTooLarge(`${'é'.repeat(524_287)}x`)).toBe(true);
  });

  it('that is too large ends the window early; then the same window goes on with a fresh one (P11)', () => {
    const window = windowAround(1_607_497_475, 120);
    window.enter(0);
    window.open();
    window.carry({ kind: 'state', state: 'large', isTooLarge: true });
    expect(window.fieldsOf(0, true)).toMatchObject({
      state: 'large',
      isFinalInvokeForWindow: true,
      isWindowTerminatedEarly: true,
    });
    window.close();
    expect(window.isOpen).toBe(false);
    window.enter(1_000_000);
    expect(window.fieldsOf(0, false)).toMatchObject({
      window: { start: '2020-12-09T07:04:00Z' },
      state: {},
      isWindowTerminatedEarly: false,
    });
  });

  it('of the function of the model counts on from whatever it was (P11)', () => {
    expect(countingResponse({}, 3)).toEqual({ state: { records: 3 } });
    expect(countingResponse({ records: 3 }, 4)).toEqual({ state: { records: 7 } });
    expect(countingResponse('text', 1)).toEqual({ state: { records: 1 } });
  });
});

describe('a final invocation in the trace', () => {
  it('has no records, no age and its window; the others say that they are not final (P11)', () => {
    const result = windowed([10.5, 70.5]);
    expect(finalsOf(result)[0]).toEqual({
      ...{ t: 71_100_000, type: 'invocation', mapping: 'm', shardId: 'shardId-000000000000', lane: 0 },
      ...{ start: 71_000_000, end: 71_100_000, attempt: 1, size: 0, first: null, last: null },
      ...{ startSequenceNumber: null, endSequenceNumber: null, outcome: 'success', iteratorAgeMs: null },
      window: { start: 0, end: 60_000_000 },
      isFinalInvokeForWindow: true,
    });
    expect(eventsOf(result, 'invocation').map(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow)).toEqual([
      false,
      false,
    ]);
    expect(timeLine(result)).toHaveLength(2);
  });

  it('is in the digest: a run without windows has another (P11, D1)', () => {
    const digest = (seconds: number) =>
      windowed([10.5], { mapping: { TumblingWindowInSeconds: seconds } }).recording.digest;
    expect(digest(60)).not.toBe(digest(0));
    expect(digest(60)).toBe(digest(60));
  });
});

it('a final invocation that fails is a stall only where records wait behind it (M3, P11)', () => {
  const failing = { f: { duration: '100ms', faults: [{ from: '60s' }] } };
  const alone = windowed([5, 6], { functions: failing });
  expect(alone.m.errors).toBeGreaterThan(3);
  expect(alone.m.stalls).toEqual([]);
  const followed = windowed([5, 6, 100], { functions: failing });
  expect(followed.m.stalls).toMatchObject([{ cause: 'functionError', endSeconds: null, recordsHeld: 1 }]);
});
