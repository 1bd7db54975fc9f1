import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { laws } from '../../src/laws/laws.ts';
import type { TraceEvent } from '../../src/recording/trace.ts';
import type { MappingSettings } from '../../src/scenario/scenario.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { scenarioOf } from '../support/arbitrary-scenario.ts';
import { Exercised } from '../support/exercised.ts';
import { runs as numberOf, timeout } from '../support/runs.ts';
import { differences } from './compare.ts';
import { shardIdOf } from './event.ts';
import { handlersFor } from './handlers.ts';
import { runReference } from './reference.ts';
import { comparedDocuments, crowdedDocuments, dividedDocuments, onDemandDocuments } from './scenarios.ts';

/** What is set otherwise than by default, by the name of its setting. */
const SETTINGS: Readonly<Record<string, (mapping: MappingSettings) => boolean>> = {
  consumer: ({ consumer }) => consumer !== null,
  LATEST: ({ startingPosition }) => startingPosition.kind === 'LATEST',
  Enabled: ({ enabled }) => !enabled,
  BatchSize: ({ batchSize }) => batchSize !== 100,
  MaximumRetryAttempts: ({ maximumRetryAttempts }) => maximumRetryAttempts !== -1,
  MaximumRecordAgeInSeconds: ({ maximumRecordAge }) => maximumRecordAge !== null,
  BisectBatchOnFunctionError: ({ bisectBatchOnFunctionError }) => bisectBatchOnFunctionError,
  FunctionResponseTypes: ({ reportBatchItemFailures }) => reportBatchItemFailures,
  DestinationConfig: ({ onFailureDestination }) => onFailureDestination !== null,
  MaximumBatchingWindowInSeconds: ({ batchingWindow }) => batchingWindow > 0,
  ParallelizationFactor: ({ parallelizationFactor }) => parallelizationFactor > 1,
  FilterCriteria: ({ filters }) => filters.length > 0,
  TumblingWindowInSeconds: ({ tumblingWindow }) => tumblingWindow > 0,
  retryBackoff: ({ retryBackoff }) => retryBackoff === null || retryBackoff.factor === 3,
  throttleBackoff: ({ throttleBackoff }) => throttleBackoff === null,
  fetchLimit: ({ fetchLimit }) => fetchLimit === 'batchSize',
  iteratorAge: ({ iteratorAge }) => iteratorAge === 'atInvoke',
  transitions: ({ transitions }) => transitions > 0,
};

const exercised = new Exercised();
afterAll(() => console.log(['settings of the compared runs:', ...exercised.lines()].join('\n')));

/** As a trace is that lists none. */
function withoutRecords(event: TraceEvent): TraceEvent {
  if (event.type !== 'invocation') return event;
  const { records: _, state: __, ...rest } = event;
  return rest as TraceEvent;
}

/** @param debug every lane is looked at after every event: of a thousand lanes that takes longer than all else */
function compare(document: Record<string, unknown>, { debug = true } = {}) {
  const scenario = scenarioOf(document);
  exercised.note(scenario);
  const trace: TraceEvent[] = [];
  const handlers = handlersFor(scenario);
  const listed: TraceEvent[] = [];
  const recording = simulateSync(scenario, {
    handlers,
    trace: (event) => {
      listed.push(event);
      trace.push(withoutRecords(event));
    },
    traceRecords: true,
    debug,
  });
  const reference = runReference(scenario, handlers);
  expect(differences(scenario, reference, { recording, trace }), JSON.stringify(document)).toEqual([]);
  for (const [name, law] of Object.entries(laws)) expect(law({ recording, trace: listed }), name).toEqual([]);
  return { scenario, recording, trace };
}

describe('the simulator and the rules once more, written plainly, agree on every event, balance and age', () => {
  it('of scenarios that are generated anew each time', { timeout: timeout(120_000) }, () => {
    fc.assert(
      fc.property(comparedDocuments, (document) => {
        compare(document);
      }),
      { numRuns: numberOf(40) },
    );
  });

  it('of many in which things go wrong, and every two settings of a mapping meet', { timeout: 120_000 }, () => {
    const runs = fc.sample(comparedDocuments, { numRuns: 80, seed: 42 }).map((document) => compare(document));

    const share = (holds: (event: TraceEvent) => boolean) =>
      runs.filter(({ trace }) => trace.some(holds)).length / runs.length;
    expect(share((event) => event.type === 'invocation' && event.attempt > 1)).toBeGreaterThan(0.3);
    expect(share(({ type }) => type === 'discard')).toBeGreaterThan(0.1);
    expect(share(({ type }) => type === 'throttle')).toBeGreaterThan(0.1);
    expect(share(({ type }) => type === 'split')).toBeGreaterThan(0.05);
    expect(share((event) => event.type === 'state' && event.state === 'Disabling')).toBeGreaterThan(0.05);
    expect(share(({ type }) => type === 'expire')).toBeGreaterThan(0.05);
    expect(share((event) => event.type === 'invocation' && event.outcome === 'malformedResponse')).toBeGreaterThan(
      0.02,
    );
    expect(share((event) => event.type === 'invocation' && event.first === null)).toBeGreaterThan(0.05);
    expect(share((event) => event.type === 'state' && event.state === 'Updating')).toBeGreaterThan(0.05);
    expect(share((event) => event.type === 'state' && event.state === 'Deleted')).toBeGreaterThan(0.03);
    expect(share((event) => event.type === 'invocation' && event.mapping === 'created')).toBeGreaterThan(0.03);
    expect(runs.filter(({ scenario }) => scenario.timeline.some(({ kind }) => kind === 'role')).length).toBeGreaterThan(
      5,
    );

    const readsChildren = ({ scenario: { streams, mappings }, trace }: (typeof runs)[number]) =>
      trace.some((event) => {
        if (event.type !== 'poll') return false;
        const read = mappings.find(({ name }) => name === event.mapping)!.stream;
        const { shards } = streams.find(({ name }) => name === read)!;
        return shards.some(({ parents }, shard) => parents.length > 0 && shardIdOf(shard) === event.shardId);
      });
    expect(runs.filter(readsChildren).length / runs.length).toBeGreaterThan(0.05);

    const spillsOver = ({ recording }: (typeof runs)[number]) =>
      recording.functions.some(({ provisioned }) => provisioned !== null && provisioned.spillovers > 0);
    expect(runs.filter(spillsOver).length / runs.length).toBeGreaterThan(0.05);

    const mappings = runs.flatMap(({ scenario }) => scenario.mappings);
    const names = Object.keys(SETTINGS);
    const missing = names.flatMap((one, place) =>
      names
        .slice(place + 1)
        .filter((other) => !mappings.some((mapping) => SETTINGS[one]!(mapping) && SETTINGS[other]!(mapping)))
        .map((other) => `${one} with ${other}`),
    );
    expect(missing).toEqual(['ParallelizationFactor with TumblingWindowInSeconds']); // P11: refused
  });

  it('of shards that get other lanes, with another factor or tumbling window (P4, P11)', { timeout: 120_000 }, () => {
    const runs = fc.sample(dividedDocuments, { numRuns: 40, seed: 7 }).map((document) => compare(document));
    const isUpdate = ({ scenario }: (typeof runs)[number]) => scenario.timeline.some(({ kind }) => kind === 'update');
    expect(runs.filter(isUpdate).length).toBeGreaterThan(30);
    // Lanes that are not there from the start have records of their own.
    const hasOthers = ({ recording }: (typeof runs)[number]) =>
      recording.mappings.some(({ life, lanes }) => {
        const { parallelizationFactor: factor } = life.allSettings[0]!;
        return lanes.some(({ lane, balance }) => lane >= factor && balance.succeeded > 0);
      });
    expect(runs.filter(hasOthers).length).toBeGreaterThan(4);
  });

  it('of on-demand streams, whose shards halve of themselves (K7)', { timeout: 120_000 }, () => {
    const halvings = fc
      .sample(onDemandDocuments, { numRuns: 6, seed: 7 })
      .map((document) => compare(document, { debug: false }))
      .map(({ scenario, recording }) => recording.streams[0]!.shards.length - scenario.streams[0]!.shards.length);
    expect(halvings.filter((number) => number > 0).length).toBeGreaterThan(1);
  });

  it('of records that are exactly as old as they may be when they are asked for, or a moment younger (E2)', () => {
    const { trace } = compare({
      shardclock: 1,
      name: 'exactly as old',
      duration: '70s',
      drain: '1m',
      polling: { phase: 'aligned' },
      streams: { s: { ShardCount: 1 } },
      producers: {
        p: {
          stream: 's',
          records: [
            { at: '1s', key: 'a' },
            { at: '1000001us', key: 'b' },
          ],
        },
      },
      functions: { f: { duration: '50ms' } },
      mappings: {
        m: {
          ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', Enabled: false },
          MaximumRecordAgeInSeconds: 60,
        },
      },
      timeline: [{ at: '61s', enable: 'm' }],
    });
    expect(trace.filter(({ type }) => type === 'discard')).toMatchObject([{ t: 61_000_000, first: 0, size: 1 }]);
    expect(trace.filter(({ type }) => type === 'invocation')).toMatchObject([{ start: 61_000_000, first: 1, size: 1 }]);
  });

  it.each([
    ['a batch in line for a slot is gone', { ReservedConcurrentExecutions: 0 }],
    ['an invocation ends', { duration: '300ms' }],
  ])('of unread records that are gone when %s: nothing reads on, the run is over (D4, D5, K5)', (_, target) => {
    const { recording, trace } = compare({
      ...{ shardclock: 1, name: 'gone', duration: '86400s', drain: '1h', polling: { phase: 'aligned' } },
      streams: { s: { ShardCount: 1 } },
      // The first five: what waits is looked at only where it could be the most so far.
      producers: {
        p: {
          stream: 's',
          records: [
            { at: '0s', count: 5 },
            { at: '61100ms', count: 1 },
            { at: '61900ms', count: 3 },
          ],
        },
      },
      functions: { f: { duration: '50ms', ...target } },
      mappings: {
        m: {
          ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', Enabled: false, BatchSize: 1 },
          throttleBackoff: 'queue',
        },
      },
      timeline: [{ at: '86461s', enable: 'm' }],
    });
    expect(recording.end).toBe(86_461_900_000);
    expect(trace.filter(({ type, t }) => type === 'poll' && t === recording.end)).toEqual([]);
  });

  it('of an even record that comes just where a ramp begins at nothing: once (D3)', () => {
    const { recording } = compare({
      ...{ shardclock: 1, name: 'ramp', duration: '20s', polling: { phase: 'aligned' } },
      streams: { s: { ShardCount: 2 } },
      producers: {
        p: {
          ...{ stream: 's', arrivals: 'even' },
          phases: [
            { duration: '3500ms', rate: '1/s' },
            { duration: '2s', rate: '0/s', rampTo: '1/s' },
          ],
        },
      },
      functions: { f: { duration: '50ms' } },
      mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
    });
    expect(recording.mappings[0]!.arrived).toBe(4);
  });

  it.each([
    ['all of them are gone', '86461s', [], 86_461_900_000],
    ['one is still to be invoked', '86461s', [{ at: '86390s' }], 86_701_050_000],
    ['they were read before', '86300s', [], 86_461_900_000],
  ])('of what a window gathers while the run drains: %s (D5, K5, P6)', (_, enabled, later, end) => {
    const { recording } = compare({
      ...{ shardclock: 1, name: 'gathered', duration: '86400s', drain: '1h', polling: { phase: 'aligned' } },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: [{ at: '61100ms', count: 1 }, { at: '61900ms', count: 3 }, ...later] } },
      functions: { f: { duration: '50ms', ReservedConcurrentExecutions: 1 } },
      mappings: {
        m: {
          ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', Enabled: false, BatchSize: 10 },
          MaximumBatchingWindowInSeconds: 240,
        },
      },
      timeline: [{ at: enabled, enable: 'm' }],
    });
    expect(recording.end).toBe(end);
  });

  it('of a reader whose calls are always refused: the run is over when the last record is gone (D5, K4, K5)', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const mapping = (name: string) => ({ stream: 's', function: name, StartingPosition: 'TRIM_HORIZON' });
    const { recording } = compare({
      ...{
        shardclock: 1,
        name: 'refused',
        duration: '30m',
        drain: '30h',
        polling: { phase: 'aligned', period: '10m' },
      },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: [{ at: '300ms', count: 2 }, { at: '29m' }] } },
      functions: Object.fromEntries(names.map((name) => [name, { duration: '50ms' }])),
      mappings: Object.fromEntries(names.map((name) => [name, mapping(name)])),
    });
    expect(recording.end).toBe((24 * 3_600 + 29 * 60) * 1_000_000);
    expect(recording.mappings.at(-1)!.lanes[0]!.balance.expired).toBe(3);
  });

  // Record 6 is in an invocation from 89,605 s to 90,405 s; at 90,000 s all are gone but for it.
  it.each([
    ['it fails', {}, [], '93300s'],
    ['the run ends before it', {}, [], '90300s'],
    ['the run ends before it, the others being unread', { BatchSize: 7 }, [], '90300s'],
    ['it fails after polling has stopped', {}, [{ at: '90100s', disable: 'm' }], '93300s'],
    ['it fails after polling has stopped', { BatchSize: 7 }, [{ at: '90100s', disable: 'm' }], '93300s'],
    ['it fails after the deletion', {}, [{ at: '90100s', delete: 'm' }], '93300s'],
    [
      'it fails after the deletion, the others being unread',
      { BatchSize: 7 },
      [{ at: '90100s', delete: 'm' }],
      '93300s',
    ],
    ['other lanes go on', {}, [{ at: '90100s', update: 'm', set: { ParallelizationFactor: 2 } }], '93300s'],
  ])('of what an invocation holds while the pieces behind it expire: %s (K5, E4, P9): %o', (_, more, timeline, end) => {
    const { recording } = compare({
      ...{ shardclock: 1, name: 'held', duration: '4400s', drain: `${Number.parseInt(end, 10) - 4_400}s` },
      polling: { phase: 'aligned' },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: [{ at: '3600s', count: 12 }] } },
      functions: {
        f: {
          ...{ duration: '1s', Timeout: 900 },
          faults: [
            { poison: { stream: 's', shard: 0, record: 6 }, until: '88000s' },
            { from: '88000s', to: '95000s', after: '800s' },
          ],
        },
      },
      mappings: {
        m: {
          ...{
            stream: 's',
            function: 'f',
            StartingPosition: 'TRIM_HORIZON',
            BisectBatchOnFunctionError: true,
            ...more,
          },
          retryBackoff: { initial: '86000s', factor: 1, maximum: '86000s' },
        },
      },
      timeline,
    });
    const { expired, pending } = recording.mappings[0]!.lanes[0]!.balance;
    expect(expired + pending).toBe(6);
    expect(expired).toBeGreaterThan(4);
  });

  it('of a closed shard whose last records are gone with the batch before them: nobody asks it again (D4, K5, K6)', () => {
    const { trace } = compare({
      ...{ shardclock: 1, name: 'closed', duration: '20m', drain: '30h', polling: { phase: 'aligned', period: '10m' } },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: [{ at: '0s', count: 3 }, { at: '15m' }] } },
      functions: { f: { duration: '50ms', ReservedConcurrentExecutions: 0 } },
      mappings: {
        m: {
          ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', BatchSize: 1, throttleBackoff: 'queue' },
        },
      },
      timeline: [{ at: '12m', split: 's', shard: 0 }],
    });
    const asks = trace.filter((event) => event.type === 'poll' && event.shardId === shardIdOf(0));
    expect(asks).toMatchObject([{ t: 0, found: 1 }]);
  });

  it('of a refused call that polling has stopped after: what is unread waits for the tick again (M4, K4, P9)', () => {
    const { recording } = compare({
      ...{ shardclock: 1, name: 'refused', duration: '10s', polling: { phase: 'aligned' } },
      streams: { s: { ShardCount: 1, writeLimits: 'off', MaxRecordSizeInKiB: 10_240 } },
      producers: { p: { stream: 's', records: [{ at: '500ms', bytes: '4MB', count: 3 }] } },
      functions: { f: { duration: '400ms' } },
      mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
      // The second record is in an invocation until 1.8 s; with it came a refused call.
      timeline: [{ at: '1600ms', update: 'm', set: { MaximumRetryAttempts: 1 } }],
    });
    expect(recording.mappings[0]!.lanes[0]!.balance.succeeded).toBe(3);
  });

  it('of records that expire in an open window before polling stops: nothing is given back (K5, P6, P9)', () => {
    const { recording } = compare({
      ...{ shardclock: 1, name: 'gathered', duration: '90200s', period: '10m', polling: { phase: 'aligned' } },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: [{ at: '3590s', count: 3 }] } },
      functions: { f: { duration: '50ms' } },
      mappings: {
        m: {
          ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', Enabled: false },
          MaximumBatchingWindowInSeconds: 300,
        },
      },
      // They are gone at 89,990 s, and the end of a period counts them.
      timeline: [
        { at: '89900s', enable: 'm' },
        { at: '90100s', disable: 'm' },
      ],
    });
    expect(recording.mappings[0]!.lanes[0]!.balance).toMatchObject({ expired: 3, pending: 0 });
  });

  it('of other lanes that have nothing before them but what a filter dropped: the run does not wait for that (K5, P4, P10, D5)', () => {
    const { recording } = compare({
      ...{ shardclock: 1, name: 'repeats', duration: '4400s', drain: '87000s' },
      polling: { phase: 'aligned', period: '20m' },
      streams: { s: { ShardCount: 1 } },
      producers: {
        p: {
          stream: 's',
          records: [
            { at: '3700s', key: 'b' },
            { at: '4300s', key: 'c' },
          ],
        },
      },
      functions: { f: { duration: '1s', faults: [{ probability: '100%' }] } },
      mappings: {
        m: {
          ...{ stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' },
          retryBackoff: { initial: '80000s', factor: 1, maximum: '80000s' },
          FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["b"]}' }] },
        },
      },
      // They wait for their tick at 91,200 s; the first record is gone at 90,100 s, the dropped one, which is settled, later.
      timeline: [{ at: '90050s', update: 'm', set: { ParallelizationFactor: 2 } }],
    });
    expect(recording.end).toBe(90_100_000_000);
  });

  it('of records that would be gone at the very end of the run: they are pending (D5, K5)', () => {
    const { recording } = compare({
      ...{ shardclock: 1, name: 'at the end', duration: '90300s', polling: { phase: 'aligned', period: '10m' } },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: [{ at: '3700s' }, { at: '3900s' }] } },
      functions: { f: { duration: '50ms', ReservedConcurrentExecutions: 0 } },
      mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', throttleBackoff: 'queue' } },
    });
    expect(recording.mappings[0]!.lanes[0]!.balance).toMatchObject({ expired: 1, pending: 1 });
  });

  it('of updates that undo each other before the mapping polls again: no other lanes are made (P4, P9, P11)', () => {
    const { trace } = compare({
      ...{ shardclock: 1, name: 'undone', duration: '12s', polling: { phase: 'aligned' } },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: ['4300ms', '5300ms', '6300ms'].map((at) => ({ at })) } },
      functions: { f: { duration: '50ms' } },
      mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', transitions: '3s' } },
      timeline: [
        { at: '4s', update: 'm', set: { TumblingWindowInSeconds: 1 } },
        { at: '6500ms', update: 'm', set: { TumblingWindowInSeconds: 0 } },
      ],
    });
    // One batch across the ends of windows that there never were.
    expect(trace.filter(({ type }) => type === 'invocation')).toMatchObject([{ first: 0, size: 3 }]);
  });

  it('of a consumer whose 2 MB/s are used up when its mapping is changed, and off for a moment (K8, P9)', () => {
    compare({
      ...{ shardclock: 1, name: 'used up', duration: '10s', polling: { phase: 'aligned' } },
      streams: { s: { ShardCount: 1, writeLimits: 'off', consumers: ['fast'] } },
      producers: { p: { stream: 's', records: [{ at: '500ms', count: 24, bytes: '300KB' }] } },
      functions: { f: { duration: '10ms' } },
      mappings: { m: { consumer: 's/fast', function: 'f', StartingPosition: 'TRIM_HORIZON', BatchSize: 2 } },
      timeline: [
        { at: '600ms', update: 'm', set: { BatchSize: 1 } },
        { at: '1100ms', disable: 'm' },
        { at: '1300ms', enable: 'm' },
      ],
    });
  });

  it.each(['poisson', 'even'])('of puts that are refused for their bytes or for their number (K3): %s', (arrivals) => {
    for (const [rate, bytes] of [
      ['25/s', '100KB'],
      ['1800/s', '1B'],
    ] as const) {
      const { recording } = compare({
        shardclock: 1,
        name: 'refused',
        duration: '6s',
        streams: { s: { ShardCount: 1 } },
        producers: { p: { stream: 's', rate, bytes, arrivals } },
        functions: { f: { duration: '50ms' } },
        mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', BatchSize: 1_000 } },
      });
      expect(recording.streams[0]!.shards[0]!.total.refused, bytes).toBeGreaterThan(20);
    }
  });

  it('of a tick at the very instant of the settling (P1, D4)', () => {
    const { trace } = compare({
      ...{ shardclock: 1, name: 'ticks', duration: '5s', drain: '5s', polling: { phase: 'aligned' } },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: [{ at: '500ms' }, { at: '1500ms' }] } },
      functions: { f: { duration: '1s' } },
      mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
    });
    expect(trace.filter(({ type }) => type === 'invocation')).toMatchObject([
      { start: 1_000_000 },
      { start: 2_000_000 },
    ]);
  });

  it('of poison that ends in timeouts until later: nothing is processed by them (E10)', () => {
    const { recording } = compare({
      ...{ shardclock: 1, name: 'timeouts', duration: '20s', drain: '10s' },
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', records: [{ at: '500ms', count: 3 }] } },
      functions: {
        f: {
          ...{ Timeout: 1, duration: '50ms' },
          faults: [{ poison: { stream: 's', shard: 0, record: 1 }, after: '5s', until: '6s' }],
        },
      },
      mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
    });
    const [{ balance }] = recording.mappings[0]!.lanes as unknown as [{ balance: Record<string, number> }];
    expect(balance).toMatchObject({ succeeded: 3, duplicates: 0 });
  });

  it('of a thousand environments and more (L3)', { timeout: 120_000 }, () => {
    const documents = fc.sample(crowdedDocuments, { numRuns: 5, seed: 7 });
    for (const isQueue of [true, false]) {
      const document = documents.find((one) => (scenarioOf(one).mappings[0]!.throttleBackoff === null) === isQueue)!;
      const [target] = compare(document, { debug: false }).recording.functions;
      expect(target!.scalingThrottles, isQueue ? 'in line' : 'by backoff').toBeGreaterThan(100);
    }
  });
});
