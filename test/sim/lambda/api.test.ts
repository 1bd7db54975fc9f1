import { describe, expect, it } from 'vitest';
import type { ScenarioPart } from '../../support/scenario.ts';
import { askTimes, eventsOf, recordsEvery, run, timeLine } from '../../support/scenario.ts';

const START = '2026-01-05T09:00:00Z';
const UNIX_START = Date.parse(START) / 1_000;
const SECOND = 1_000_000;
/** A record at each half second: 0.5 s, 1.5 s, … */
const everySecond = { p: { records: recordsEvery(SECOND, SECOND / 2, 9) } };
/** A second function for mappings that the timeline creates. */
const functions = { f: { duration: '100ms' }, g: { duration: '100ms' } };
const second = { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' };

const states = (of: ReturnType<typeof run>, mapping = 'm') =>
  eventsOf(of, 'state', mapping).map(({ t, state }) => [t / SECOND, state]);

describe('a mapping that the timeline creates', () => {
  const create = (mapping: ScenarioPart, more: ScenarioPart = {}) =>
    run({
      start: START,
      functions,
      producers: everySecond,
      timeline: [{ at: '3200ms', create: 'second', mapping: { ...second, ...mapping } }],
      ...more,
    });

  it('does not poll before, and with TRIM_HORIZON then reads from the oldest record kept (A1, P8)', () => {
    const result = create({});
    expect(askTimes(result, 'second')[0]).toBeGreaterThanOrEqual(3.2 * SECOND);
    expect(eventsOf(result, 'invocation', 'second')[0]).toMatchObject({ start: 4 * SECOND, first: 0, last: 3 });
    expect(result.summary.mappings.second!.records).toMatchObject({ arrived: 9, succeeded: 9 });
  });

  it('LATEST reads what comes after its first poll (A1, P8)', () => {
    const result = create({ StartingPosition: 'LATEST' });
    const [first] = askTimes(result, 'second');
    expect(result.summary.mappings.second!.records.arrived).toBe(9 - Math.round(first! / SECOND));
  });

  it('AT_TIMESTAMP reads from the first record at or after it (A1, P8)', () => {
    const at = (seconds: number) =>
      create({ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: UNIX_START + seconds }).summary.mappings
        .second!.records.arrived;
    expect(at(1.5)).toBe(8);
    expect(at(1.6)).toBe(7);
    expect(at(-60)).toBe(9);
    expect(() => at(3.3)).toThrow(`expected at most ${UNIX_START + 3.2}, when the mapping is created`);
  });

  it('does not count what has expired by then (K5, P8)', () => {
    const result = create(
      {},
      {
        duration: '25h',
        producers: { p: { records: [{ at: '0s' }, { at: '10m' }, { at: '10m' }, { at: '2h' }] } },
        timeline: [{ at: '1450m', create: 'second', mapping: second }],
      },
    );
    // The records of 10 minutes are 24 hours old when it is created, and gone with that.
    expect(result.summary.mappings.second!.records).toMatchObject({ arrived: 1, expired: 0, succeeded: 1 });
    expect(result.summary.mappings.second!.backlog.max).toBe(1);
  });

  it('its backlog counts from when it is created (M7)', () => {
    const result = create(
      { Enabled: false },
      { duration: '10s', producers: { p: { records: [{ at: '1s', count: 5 }] } } },
    );
    expect(result.summary.mappings.second!.backlog).toEqual({ mean: (5 * 6.8) / 10, max: 5, end: 5 });
  });

  it('what waited before counts as not polled, and a stall begins when it is created (M3, M4)', () => {
    const result = create({ transitions: '2s' }, { stallAfter: '1s', producers: { p: { records: [{ at: '1s' }] } } });
    const { ageBreakdownMs, stalls } = result.summary.mappings.second!;
    expect(ageBreakdownMs.notPolling).toBe(4_200);
    expect(stalls).toMatchObject([{ startSeconds: 3.2, cause: 'disabled' }]);
  });

  it('goes through Creating for as long as transitions last (P9)', () => {
    expect(states(create({ transitions: '2s' }), 'second')).toEqual([
      [3.2, 'Creating'],
      [5.2, 'Enabled'],
    ]);
    expect(states(create({ Enabled: false }), 'second')).toEqual([
      [3.2, 'Creating'],
      [3.2, 'Disabled'],
    ]);
  });

  it('draws as if it had been there from the start (D2)', () => {
    const polling = { phase: 'spread' };
    const late = create({}, { polling });
    const early = run({ functions, polling, producers: everySecond, mappings: { second } });
    expect(timeLine(late)).toEqual(timeLine(early));
    expect(timeLine(late, 'second').at(-1)).toEqual(timeLine(early, 'second').at(-1));
  });

  it('a consumer with enhanced fan-out takes what is kept (K8, P8)', () => {
    const result = create(
      { stream: undefined, consumer: 's/fast' },
      { streams: { s: { ShardCount: 1, consumers: ['fast'] } } },
    );
    expect(timeLine(result, 'second')[0]).toEqual([3.2 * SECOND, 3.3 * SECOND, 0, 2]);
    expect(result.summary.mappings.second!.records.succeeded).toBe(9);
  });

  it('each slice of a shard finds its place (P4, P8)', () => {
    const result = create({ ParallelizationFactor: 3 }, { producers: { p: { rate: '20/s' } }, drain: '10s' });
    const { records } = result.summary.mappings.second!;
    expect(records.succeeded).toBe(result.m.records.succeeded);
  });
});

describe('an update', () => {
  it('holds for batches cut after it (A1, P3)', () => {
    const result = run({
      producers: {
        p: {
          records: [
            { at: '500ms', count: 10 },
            { at: '2500ms', count: 10 },
          ],
        },
      },
      timeline: [{ at: '2s', update: 'm', set: { BatchSize: 4 } }],
    });
    expect(eventsOf(result, 'invocation').map(({ size }) => size)).toEqual([10, 4, 4, 2]);
  });

  it('goes through Updating, in which nothing is polled, back to where it was (P9)', () => {
    const result = run({
      duration: '9s',
      producers: { p: { records: [] } },
      mappings: { m: { transitions: '1500ms' } },
      timeline: [
        { at: '3s', update: 'm', set: { BatchSize: 4 } },
        { at: '6s', disable: 'm' },
        { at: '8s', update: 'm', set: { BatchSize: 5 } },
      ],
    });
    expect(states(result)).toEqual([
      [0, 'Creating'],
      [1.5, 'Enabled'],
      [3, 'Updating'],
      [4.5, 'Enabled'],
      [6, 'Disabling'],
      [7.5, 'Disabled'],
      [8, 'Updating'],
    ]);
    expect(askTimes(result)).toEqual([2, 5].map((s) => s * SECOND));
  });

  it('with transitions of 0 costs an idle mapping nothing (P9)', () => {
    const scenario = { producers: everySecond };
    const updated = run({ ...scenario, timeline: [{ at: '3200ms', update: 'm', set: { BatchSize: 99 } }] });
    expect(timeLine(updated)).toEqual(timeLine(run(scenario)));
  });

  it('a running invocation ends and is checkpointed; what follows obeys the new settings (P9, E3)', () => {
    const result = run({
      functions: { f: { duration: '2s', faults: [{ from: '0s' }] } },
      producers: { p: { records: [{ at: '500ms' }] } },
      timeline: [{ at: '2s', update: 'm', set: { MaximumRetryAttempts: 0 } }],
    });
    expect(timeLine(result)).toEqual([[1 * SECOND, 3 * SECOND, 0, 0]]);
    expect(result.m.records.discarded.RetryAttemptsExhausted).toBe(1);
  });

  it('a batch that backs off is given back, and cut again with a fresh count (P9)', () => {
    const result = run({
      functions: { f: { duration: '0ms', faults: [{ from: '0s' }] } },
      mappings: { m: { retryBackoff: { initial: '10s' } } },
      producers: { p: { records: [{ at: '500ms', count: 3 }] } },
      timeline: [{ at: '2500ms', update: 'm', set: { BatchSize: 2, MaximumRetryAttempts: 1 } }],
    });
    expect(eventsOf(result, 'invocation').map(({ start, size, attempt }) => [start / SECOND, size, attempt])).toEqual([
      [1, 3, 1],
      [3, 2, 1],
    ]);
  });

  it('whether responses are read is decided when the invocation starts (E5)', () => {
    const result = run({
      functions: { f: { duration: '2s', faults: [{ poison: { stream: 's', shard: 0, record: 1 }, fail: 'record' }] } },
      producers: { p: { records: [{ at: '500ms', count: 2 }] } },
      timeline: [{ at: '2s', update: 'm', set: { FunctionResponseTypes: ['ReportBatchItemFailures'] } }],
    });
    expect(result.m.records).toMatchObject({ succeeded: 2, silentlyLost: 1 });
  });

  it('discarded records go to the destination that is in force (E8)', () => {
    const discardingAt = (at: string) =>
      run({
        functions: { f: { duration: '100ms', faults: [{ from: '0s' }] } },
        mappings: { m: { MaximumRetryAttempts: 0 } },
        producers: { p: { records: [{ at: '500ms' }] } },
        timeline: [{ at, update: 'm', set: { DestinationConfig: { OnFailure: { Destination: 'dlq' } } } }],
      }).m.destination.length;
    expect(discardingAt('900ms')).toBe(1);
    expect(discardingAt('1200ms')).toBe(0);
  });

  it('a window opens anew with its new length (P6)', () => {
    const result = run({
      mappings: { m: { MaximumBatchingWindowInSeconds: 5 } },
      producers: { p: { records: [{ at: '500ms' }] } },
      timeline: [{ at: '2500ms', update: 'm', set: { MaximumBatchingWindowInSeconds: 1 } }],
    });
    expect(timeLine(result)).toEqual([[3_500_000, 3_600_000, 0, 0]]);
  });

  it('of filters leaves what was dropped settled, though it is read again (P10, P9)', () => {
    const filter = (kind: string) => ({ Filters: [{ Pattern: JSON.stringify({ partitionKey: [{ prefix: kind }] }) }] });
    const result = run({
      functions: { f: { duration: '0ms', faults: [{ from: '0s', to: '2s' }] } },
      mappings: { m: { FilterCriteria: filter('a'), retryBackoff: { initial: '20s', maximum: '20s' } } },
      producers: { p: { records: ['a1', 'b1', 'b2', 'a2', 'ab'].map((key) => ({ at: '500ms', key })) } },
      timeline: [{ at: '2500ms', update: 'm', set: { FilterCriteria: filter('ab') } }],
    });
    // The first batch holds a1, a2 and ab; b1 and b2 are settled with its cut, a1 and a2 with the next.
    expect(eventsOf(result, 'invocation').map(({ size, first }) => [size, first])).toEqual([
      [3, 0],
      [1, 4],
    ]);
    expect(result.m.records).toMatchObject({ arrived: 5, succeeded: 1, filtered: 4, pending: 0 });
  });

  it('without filters again does not bring back what was dropped (P10, P9)', () => {
    const result = run({
      functions: { f: { duration: '0ms', faults: [{ from: '0s', to: '2s' }] } },
      mappings: {
        m: {
          FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["a"]}' }] },
          retryBackoff: { initial: '20s', maximum: '20s' },
        },
      },
      producers: { p: { records: ['a', 'b', 'a'].map((key) => ({ at: '500ms', key })) } },
      timeline: [{ at: '2500ms', update: 'm', set: { FilterCriteria: {} } }],
    });
    expect(eventsOf(result, 'invocation').map(({ size }) => size)).toEqual([2, 2]);
    expect(result.m.records).toMatchObject({ succeeded: 2, filtered: 1, pending: 0 });
  });

  it('Enabled in it disables and enables, with the other settings (A1)', () => {
    const result = run({
      producers: everySecond,
      timeline: [
        { at: '2500ms', update: 'm', set: { Enabled: false, BatchSize: 2 } },
        { at: '4s', update: 'm', set: { Enabled: true } },
      ],
    });
    expect(states(result).slice(2)).toEqual([
      [2.5, 'Disabling'],
      [2.5, 'Disabled'],
      [4, 'Enabling'],
      [4, 'Enabled'],
    ]);
    expect(eventsOf(result, 'invocation').map(({ size }) => size)).toEqual([1, 1, 2, 1, 1, 1, 1, 1]);
  });

  it('a stall while it lasts is one of updating, and its time one of not polling (M3, M4)', () => {
    const result = run({
      duration: '60s',
      stallAfter: '5s',
      mappings: { m: { transitions: '20s' } },
      producers: { p: { records: [{ at: '32s' }] } },
      timeline: [{ at: '30s', update: 'm', set: { BatchSize: 2 } }],
    });
    expect(result.m.stalls).toMatchObject([{ startSeconds: 32, endSeconds: 50, cause: 'updating', recordsHeld: 1 }]);
    expect(result.m.ageBreakdownMs.notPolling).toBe(18_000);
  });
});

describe('a mapping that is deleted', () => {
  it('polls no more, and its unsettled records stay pending, whatever becomes of them (A1, K5)', () => {
    const result = run({
      duration: '30h',
      producers: { p: { records: [{ at: '500ms' }, { at: '2500ms' }, { at: '3500ms' }] } },
      mappings: { m: { Enabled: false } },
      timeline: [{ at: '3s', delete: 'm' }],
    });
    expect(result.m).toMatchObject({ state: 'Deleted', records: { arrived: 2, pending: 2, expired: 0 } });
    expect(result.m.backlog.end).toBe(2);
    expect(result.m.stalls).toEqual([]);
    expect(result.summary.warnings).toContain(
      'Mapping m was deleted with 2 records pending, which it will never process.',
    );
  });

  it('a running invocation ends and is checkpointed (P9)', () => {
    const deletedAt = (at: string, faults: ScenarioPart[] = []) =>
      run({
        functions: { f: { duration: '2s', faults } },
        producers: { p: { records: [{ at: '500ms' }, { at: '1500ms' }] } },
        timeline: [{ at, delete: 'm' }],
      });
    const success = deletedAt('2s');
    expect(timeLine(success)).toEqual([[1 * SECOND, 3 * SECOND, 0, 0]]);
    expect(success.m.records).toMatchObject({ arrived: 2, succeeded: 1, pending: 1 });
    const failure = deletedAt('2s', [{ from: '0s' }]);
    expect(timeLine(failure).length).toBe(1);
    expect(failure.m.records).toMatchObject({ arrived: 2, succeeded: 0, pending: 2 });
    expect(failure.m.lastProcessingResult).toBe('PROBLEM: Function call failed');
  });

  it('is Deleting for as long as transitions last, and then gone (P9)', () => {
    const result = run({
      producers: everySecond,
      mappings: { m: { transitions: '2s' } },
      timeline: [{ at: '5200ms', delete: 'm' }],
    });
    expect(states(result).slice(2)).toEqual([
      [5.2, 'Deleting'],
      [7.2, 'Deleted'],
    ]);
    expect(result.m.records.arrived).toBe(7);
  });

  it('keeps no run from its end (D5)', () => {
    const result = run({
      duration: '5s',
      drain: '48h',
      producers: { p: { records: [{ at: '500ms' }] } },
      mappings: { m: { Enabled: false } },
      timeline: [{ at: '6s', delete: 'm' }],
    });
    expect(result.recording.end).toBe(6 * SECOND);
  });

  it('gives its stream and function free for another (A1)', () => {
    const result = run({
      functions,
      producers: everySecond,
      mappings: { m: { function: 'g' } },
      timeline: [
        { at: '3s', delete: 'm' },
        { at: '3s', create: 'second', mapping: second },
      ],
    });
    expect(result.summary.mappings.second).toMatchObject({ state: 'Enabled', records: { arrived: 9 } });
  });
});

describe('the answers', () => {
  const api = (timeline: ScenarioPart[], more: ScenarioPart = {}) =>
    run({ start: START, functions, producers: everySecond, timeline, ...more });

  it('show each call of the timeline, its parameters and the state that it leads to (A1)', () => {
    const { m } = api([
      { at: '1s', disable: 'm' },
      { at: '2500ms', update: 'm', set: { BatchSize: 7, MaximumRecordAgeInSeconds: 60 } },
      { at: '4s', enable: 'm' },
      { at: '6s', enable: 'm' },
      { at: '7s', delete: 'm' },
    ]);
    const { UUID } = m.api[0]!.parameters as { UUID: string };
    expect(m.api.map(({ atSeconds, call, parameters }) => [atSeconds, call, parameters])).toEqual([
      [1, 'UpdateEventSourceMapping', { UUID, Enabled: false }],
      [2.5, 'UpdateEventSourceMapping', { UUID, BatchSize: 7, MaximumRecordAgeInSeconds: 60 }],
      [4, 'UpdateEventSourceMapping', { UUID, Enabled: true }],
      [6, 'UpdateEventSourceMapping', { UUID, Enabled: true }],
      [7, 'DeleteEventSourceMapping', { UUID }],
    ]);
    const answers = m.api.map(({ answer }) => answer as ScenarioPart);
    expect(answers.map(({ State }) => State)).toEqual(['Disabling', 'Updating', 'Enabling', 'Enabled', 'Deleting']);
    expect(answers.map(({ BatchSize }) => BatchSize)).toEqual([100, 7, 7, 7, 7]);
    expect(answers.map(({ LastModified }) => LastModified)).toEqual([1, 2.5, 4, 4, 7].map((s) => UNIX_START + s));
    expect(answers[1]).toMatchObject({ MaximumRecordAgeInSeconds: 60, StateTransitionReason: 'User action' });
  });

  it('LastProcessingResult is that of the moment (A1)', () => {
    const { recording, m } = api([{ at: '3500ms', update: 'm', set: { BatchSize: 7 } }], {
      functions: { f: { duration: '100ms', faults: [{ from: '2500ms', to: '3500ms' }] } },
      mappings: { m: { retryBackoff: { initial: '1s' } } },
    });
    const at = (seconds: number) => recording.mapping('m').get(seconds * SECOND).LastProcessingResult;
    expect([0.9, 1.2, 3, 3.2, 3.9, 4.2].map(at)).toEqual([
      'No records processed',
      'OK',
      'OK',
      'PROBLEM: Function call failed',
      'PROBLEM: Function call failed',
      'OK',
    ]);
    expect(m.api[0]!.answer).toMatchObject({ LastProcessingResult: 'PROBLEM: Function call failed' });
  });

  it('a second mapping of one stream and function is a conflict, and comes to nothing (A1)', () => {
    const result = api([{ at: '3s', create: 'second', mapping: { ...second, function: 'f' } }]);
    const uuid = (result.m.configuration as ScenarioPart).UUID;
    expect(result.summary.mappings.second).toMatchObject({
      state: 'NotCreated',
      records: { arrived: 0 },
      api: [
        {
          atSeconds: 3,
          call: 'CreateEventSourceMapping',
          parameters: { FunctionName: 'f', BatchSize: 100, StartingPosition: 'TRIM_HORIZON', Enabled: true },
          error: {
            Error: {
              Code: 'ResourceConflictException',
              Message: `The event source arn (" arn:aws:kinesis:us-east-1:123456789012:stream/s ") and function (" f ") provided mapping already exists. Please update or delete the existing mapping with UUID ${uuid}`,
            },
            ResponseMetadata: { HTTPStatusCode: 409 },
          },
        },
      ],
    });
    expect(askTimes(result, 'second')).toEqual([]);
  });

  it('a second mapping that reads as one consumer is one too, whatever its function (A1, K8)', () => {
    const result = api(
      [
        { at: '3s', create: 'second', mapping: { ...second, stream: undefined, consumer: 's/fast' } },
        { at: '4s', delete: 'm' },
        { at: '5s', create: 'third', mapping: { ...second, stream: undefined, consumer: 's/fast' } },
      ],
      {
        streams: { s: { ShardCount: 1, consumers: ['fast'] } },
        mappings: { m: { stream: undefined, consumer: 's/fast' } },
      },
    );
    expect(result.summary.mappings.second).toMatchObject({ state: 'NotCreated' });
    expect(result.summary.mappings.second!.api[0]!.error).toMatchObject({
      Error: { Code: 'ResourceConflictException' },
    });
    expect(result.summary.mappings.third).toMatchObject({ state: 'Enabled' });
  });

  it('another consumer of the stream is no conflict (A1)', () => {
    const result = api(
      [{ at: '3s', create: 'second', mapping: { function: 'f', consumer: 's/fast', StartingPosition: 'LATEST' } }],
      { streams: { s: { ShardCount: 1, consumers: ['fast'] } } },
    );
    expect(result.summary.mappings.second!.state).toBe('Enabled');
  });

  it('a mapping that is not there is not found; one that is being deleted is in use (A1)', () => {
    const { summary } = api([
      { at: '1s', disable: 'second' },
      { at: '2s', create: 'second', mapping: { ...second, transitions: '1s' } },
      { at: '5s', delete: 'second' },
      { at: '5500ms', enable: 'second' },
      { at: '5600ms', delete: 'second' },
      { at: '7s', update: 'second', set: { BatchSize: 1 } },
    ]);
    const errors = summary.mappings.second!.api.map(({ error }) => (error as { Error: ScenarioPart })?.Error);
    const gone = { Code: 'ResourceNotFoundException', Message: 'The resource you requested does not exist.' };
    expect(errors).toEqual([
      gone,
      undefined,
      undefined,
      { Code: 'ResourceInUseException', Message: 'Cannot update the event source mapping because it is in use.' },
      { Code: 'ResourceInUseException', Message: 'Cannot delete the event source mapping because it is in use.' },
      gone,
    ]);
    expect(summary.mappings.second!.configuration).toMatchObject({ Error: gone });
  });

  it('of the library are those of create, update, get and list, at any time (A1)', () => {
    const { recording } = api(
      [
        { at: '2s', create: 'second', mapping: { ...second, function: 'f', stream: 't', BatchSize: 5 } },
        { at: '3s', update: 'second', set: { BatchSize: 6 } },
        { at: '4s', delete: 'second' },
      ],
      { streams: { s: { ShardCount: 1 }, t: { ShardCount: 1 } } },
    );
    const mapping = recording.mapping('second');
    expect(mapping.create()).toMatchObject({ State: 'Creating', BatchSize: 5, LastModified: UNIX_START + 2 });
    expect(mapping.updates()).toMatchObject([{ State: 'Updating', BatchSize: 6 }]);
    expect(mapping.deletions()).toMatchObject([{ State: 'Deleting' }]);
    const found = (at: number) => mapping.get(at * SECOND);
    expect(found(1.999999)).toMatchObject({ Error: { Code: 'ResourceNotFoundException' } });
    expect(found(2)).toMatchObject({ State: 'Enabled', BatchSize: 5 });
    expect(found(3)).toMatchObject({ State: 'Enabled', BatchSize: 6, LastModified: UNIX_START + 3 });
    expect(mapping.get()).toMatchObject({ ResponseMetadata: { HTTPStatusCode: 404 } });
    const listed = (at: number) => mapping.list(at * SECOND).EventSourceMappings.map(({ BatchSize }) => BatchSize);
    expect([listed(1), listed(2), listed(3.5), listed(4)]).toEqual([[100], [100, 5], [100, 6], [100]]);
    expect(recording.mapping('m').create()).toMatchObject({ State: 'Creating', LastModified: UNIX_START });
    expect(() => recording.mapping('x')).toThrow("no mapping 'x'");
  });
});

describe("a function's role (A3)", () => {
  const ALL = [
    'GetRecords',
    'GetShardIterator',
    'DescribeStream',
    'DescribeStreamSummary',
    'ListShards',
    'ListStreams',
  ];
  const actions = (...names: string[]) => names.map((name) => `kinesis:${name}`);
  const withRole = (Role: string[], more: ScenarioPart = {}) =>
    run({ functions: { f: { duration: '100ms', Role } }, producers: everySecond, ...more });
  const refusal =
    'Cannot access stream arn:aws:kinesis:us-east-1:123456789012:stream/s. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.';

  it('must allow every action that polling needs, or the file is refused in the words of AWS', () => {
    for (const missing of ALL) {
      const role = actions(...ALL.filter((name) => name !== missing));
      expect(() => withRole(role)).toThrow(
        `${refusal} (InvalidParameterValueException: the role lacks kinesis:${missing})`,
      );
    }
    const roles = [
      actions(...ALL),
      ['AWSLambdaKinesisExecutionRole'],
      ['kinesis:*'],
      ['*'],
      ['kinesis:get*', 'Kinesis:*s*'],
    ];
    expect(withRole(roles[0]!).m.records.succeeded).toBe(9);
    for (const role of roles.slice(1)) expect(withRole(role).m.state).toBe('Enabled');
    expect(() => withRole(['AWSLambdaBasicExecutionRole'])).toThrow(refusal);
  });

  it('of a consumer must allow SubscribeToShard too', () => {
    const fanOut = {
      streams: { s: { ShardCount: 1, consumers: ['fast'] } },
      mappings: { m: { stream: undefined, consumer: 's/fast' } },
    };
    expect(() => withRole(actions(...ALL), fanOut)).toThrow('the role lacks kinesis:SubscribeToShard');
    expect(withRole(actions(...ALL, 'SubscribeToShard'), fanOut).m.state).toBe('Enabled');
  });

  it('that allows too little makes a create on the timeline fail', () => {
    const { summary } = run({
      functions: { ...functions, g: { duration: '1ms', Role: ['kinesis:GetRecords'] } },
      timeline: [
        { at: '2s', create: 'second', mapping: second },
        { at: '3s', role: 'g', set: ['AWSLambdaKinesisExecutionRole'] },
        { at: '4s', create: 'third', mapping: second },
      ],
      producers: everySecond,
    });
    expect(summary.mappings.second!.api).toMatchObject([
      {
        error: {
          Error: { Code: 'InvalidParameterValueException', Message: refusal },
          ResponseMetadata: { HTTPStatusCode: 400 },
        },
      },
    ]);
    expect(summary.mappings.third!.state).toBe('Enabled');
  });

  it('taken away stops polling with a PROBLEM result, and given back starts it again (M3, M4)', () => {
    const result = run({
      duration: '40s',
      stallAfter: '5s',
      producers: { p: { records: [{ at: '500ms' }, { at: '11s' }] } },
      timeline: [
        { at: '10s', role: 'f', set: ['kinesis:DescribeStream*'] },
        { at: '30s', role: 'f', set: ['kinesis:*'] },
      ],
    });
    const problem =
      'PROBLEM: User: arn:aws:sts::123456789012:assumed-role/f/f is not authorized to perform: kinesis:GetRecords on resource: arn:aws:kinesis:us-east-1:123456789012:stream/s';
    expect(askTimes(result).filter((at) => at >= 10 * SECOND && at < 30 * SECOND)).toEqual([]);
    const at = (seconds: number) => result.recording.mapping('m').get(seconds * SECOND);
    expect(at(9)).toMatchObject({ State: 'Enabled', LastProcessingResult: 'OK' });
    expect(at(20)).toMatchObject({ State: 'Enabled', LastProcessingResult: problem });
    expect(at(30)).toMatchObject({ LastProcessingResult: 'OK' });
    expect(result.m.stalls).toMatchObject([{ startSeconds: 11, endSeconds: 30, cause: 'role' }]);
    expect(result.m.ageBreakdownMs.notPolling).toBe(19_000 / 2);
    expect(result.m.records.succeeded).toBe(2);
  });

  it('keeps a mapping that is enabled meanwhile from polling', () => {
    const result = run({
      producers: everySecond,
      mappings: { m: { Enabled: false } },
      timeline: [
        { at: '2s', role: 'f', set: [] },
        { at: '3s', enable: 'm' },
        { at: '6s', role: 'f', set: ['*'] },
      ],
    });
    expect(askTimes(result)[0]).toBe(6 * SECOND);
    expect(states(result).at(-1)).toEqual([3, 'Enabled']);
  });

  it('taken away and given back starts nothing that is disabled, and its result stays as it was', () => {
    const result = run({
      producers: everySecond,
      timeline: [
        { at: '2500ms', disable: 'm' },
        { at: '4s', role: 'f', set: [] },
        { at: '5s', role: 'f', set: ['*'] },
      ],
    });
    expect(askTimes(result).filter((at) => at > 2.5 * SECOND)).toEqual([]);
    const at = (seconds: number) => result.recording.mapping('m').get(seconds * SECOND);
    expect(at(4.5)).toMatchObject({ State: 'Disabled', LastProcessingResult: 'OK' });
    expect(at(6)).toMatchObject({ State: 'Disabled', LastProcessingResult: 'OK' });
  });

  it('an invocation that runs when it is taken away still ends; the result stays a PROBLEM (P9)', () => {
    const result = run({
      functions: { f: { duration: '2s' } },
      producers: { p: { records: [{ at: '500ms' }] } },
      timeline: [{ at: '2s', role: 'f', set: [] }],
    });
    expect(result.m.records.succeeded).toBe(1);
    expect(result.m.lastProcessingResult).toMatch(/^PROBLEM: User: .* kinesis:GetRecords /);
  });
});
