import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KinesisEvent, KinesisEventRecord } from '../../src/sim/lambda/event.ts';
import type { Handler } from '../../src/sim/lambda/handler.ts';
import type { ScenarioPart } from '../support/scenario.ts';
import { eventsOf, run } from '../support/scenario.ts';

/**
 * What the real service did, recorded by LocalStack's tests. Each entry has the mapping it was recorded with, and what
 * came of it.
 */
const data = process.env.SHARDCLOCK_DATA;
const everything = (): Record<string, { 'recorded-content': Recorded }> =>
  JSON.parse(readFileSync(join(data!, 'cli/localstack/test_lambda_integration_kinesis.snapshot.json'), 'utf8'));
const recorded = (entry: string): Recorded =>
  Object.entries(everything()).find(([name]) => name.endsWith(`::${entry}`))![1]['recorded-content'];
interface Recorded {
  readonly [part: string]: unknown;
}

const SETTINGS = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
  'TumblingWindowInSeconds',
];

/** The settings that an entry was recorded with, as a scenario writes them. */
function settingsOf(created: unknown): ScenarioPart {
  const answer = created as Record<string, unknown>;
  const { FilterCriteria, DestinationConfig } = answer as {
    FilterCriteria?: { Filters: { Pattern: unknown }[] };
    DestinationConfig: { OnFailure: { Destination?: string } };
  };
  const destination = DestinationConfig.OnFailure.Destination?.replace('<partition>', 'aws')
    .replace('<region>', 'us-east-1')
    .replace('<resource:1>', 'failures');
  return {
    ...Object.fromEntries(SETTINGS.map((key) => [key, answer[key]])),
    ...(FilterCriteria === undefined
      ? {}
      : {
          FilterCriteria: {
            Filters: FilterCriteria.Filters.map(({ Pattern }) => ({ Pattern: JSON.stringify(Pattern) })),
          },
        }),
    ...(destination === undefined ? {} : { DestinationConfig: { OnFailure: { Destination: destination } } }),
  };
}

/** An error without what only concerns its way over the network. */
function withoutHeaders({ ResponseMetadata, ...error }: Recorded): Recorded {
  const { HTTPHeaders: _, ...rest } = ResponseMetadata as Recorded;
  return { ...error, ResponseMetadata: rest };
}

/** A recorded value with its placeholders as what may stand there; sequence numbers are compared by themselves. */
function like(value: unknown): unknown {
  if (value === '<approximate-arrival-timestamp>' || value === '<datetime>') return expect.any(Number);
  if (typeof value === 'string') {
    if (!/<|111111111111/.test(value)) return value;
    const known = value
      .replaceAll('<partition>', 'aws')
      .replaceAll('<region>', 'us-east-1')
      .replaceAll('111111111111', '123456789012')
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/<timestamp:[^>]*>/g, '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z')
      .replace(/<(start-)?sequence-number:\d+>/g, '\\d{56}')
      .replace(/<uuid:\d+>/g, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
      .replace(/<[^>]*>/g, '[\\w-]+');
    return expect.stringMatching(new RegExp(`^${known}$`));
  }
  if (Array.isArray(value)) return value.map(like);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, like(part)]));
}

/** The message that an on-failure destination received: to SQS, SNS or S3. */
function messageOf(entry: Recorded): unknown {
  const queue = (entry.sqs_payload ?? entry.record_age_exceeded_payload) as { Messages: { Body: unknown }[] };
  if (queue !== undefined) return queue.Messages[0]!.Body;
  return (entry.failure_sns_message as { Message: unknown } | undefined)?.Message ?? entry.record_body;
}

const always = [{ from: '0s' }];
const START = '2022-07-13T13:48:01Z';

function observed(entry: string, more: ScenarioPart & { mapping?: ScenarioPart }, handler?: Handler) {
  const { mapping, files, ...rest } = more as ScenarioPart & { mapping?: ScenarioPart; files?: Record<string, string> };
  return run(
    {
      start: START,
      duration: '90s',
      functions: { f: { duration: '0ms' } },
      mappings: { m: { ...settingsOf(recorded(entry).create_event_source_mapping_response), ...mapping } },
      ...rest,
    },
    files,
    handler === undefined ? {} : { f: handler },
  );
}

/** A handler that keeps its events, and then answers as another does. */
function keeping(answer: Handler = () => undefined): { readonly events: KinesisEvent[]; readonly handler: Handler } {
  const events: KinesisEvent[] = [];
  return {
    events,
    handler: (event, context) => {
      events.push(structuredClone(event));
      return answer(event, context);
    },
  };
}

/** The producer that puts what was recorded: each record once, with its key and its data. */
function puts(records: readonly KinesisEventRecord[], at: (place: number) => string = () => '5s') {
  const once = records.filter(
    ({ eventID }, place) => records.findIndex((other) => other.eventID === eventID) === place,
  );
  return {
    producers: {
      p: {
        records: once.map(({ kinesis }, place) => ({ at: at(place), key: kinesis.partitionKey })),
        data: { file: 'data.txt' },
      },
    },
    files: { 'data.txt': once.map(({ kinesis }) => `${atob(kinesis.data)}\n`).join('') },
  };
}

/** Records as they were delivered: their keys in their order, and the same one where the recorded are the same. */
function expectDelivered(delivered: readonly KinesisEventRecord[], expected: readonly KinesisEventRecord[]): void {
  expect(delivered).toEqual(like(expected));
  const places = (records: readonly KinesisEventRecord[]) => {
    const numbers = records.map(({ kinesis }) => kinesis.sequenceNumber);
    return numbers.map((number) => numbers.indexOf(number));
  };
  expect(places(delivered)).toEqual(places(expected));
  for (const { eventID, kinesis } of delivered) expect(eventID.endsWith(`:${kinesis.sequenceNumber}`)).toBe(true);
  // Some of the recorded events had their keys sorted.
  const [first] = expected;
  if (Object.keys(first!)[0] !== 'kinesis') return;
  expect(Object.keys(delivered[0]!)).toEqual(Object.keys(first!));
  expect(Object.keys(delivered[0]!.kinesis)).toEqual(Object.keys(first!.kinesis));
}

const recordsOf = (events: readonly { readonly Records: readonly KinesisEventRecord[] }[]) =>
  events.flatMap(({ Records }) => Records);

/** Every delivery as the indices of its records. */
function deliveriesOf(of: Pick<ReturnType<typeof run>, 'trace'>): number[][] {
  return eventsOf(of, 'invocation').map(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
}

describe.skipIf(data === undefined)('recorded on AWS', () => {
  it('every mapping of the recording is created with the answer that AWS gave (A1)', () => {
    const entries = Object.entries(everything()).flatMap(([name, { 'recorded-content': content }]) =>
      Object.entries(content)
        .filter(([part]) => part.startsWith('create'))
        .map(([part, answer]) => [`${name} ${part}`, answer] as const),
    );
    expect(entries.length).toBe(29);
    for (const [name, answer] of entries) {
      const producers = { p: { records: [] } };
      const { recording } = run({ producers, mappings: { m: { ...settingsOf(answer), FilterCriteria: undefined } } });
      const { ResponseMetadata: _, FilterCriteria: _f, ...recordedAnswer } = answer as Recorded;
      const made = JSON.stringify(recording.mapping('m').create()).replaceAll('111111111111', '123456789012');
      expect(JSON.parse(made), name).toEqual(like(recordedAnswer));
    }
  });

  it('a filter is part of the answer (A1, P10)', () => {
    const created = recorded('test_kinesis_event_filtering_json_pattern').create_event_source_mapping_response;
    const { FilterCriteria } = created as { FilterCriteria: { Filters: { Pattern: unknown }[] } };
    const producers = { p: { records: [], data: { template: {} } } };
    const { Filters } = run({ producers, mappings: { m: settingsOf(created) } })
      .recording.mapping('m')
      .create().FilterCriteria as typeof FilterCriteria;
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern as string))).toEqual(
      FilterCriteria.Filters.map(({ Pattern }) => Pattern),
    );
  });

  it('a mapping that has processed a record, as it is read afterwards (A1)', () => {
    const entry = 'test_kinesis_empty_provided';
    const { recording } = observed(entry, { producers: { p: { records: [{ at: '5s' }] } } });
    const { ResponseMetadata: _, ...answer } = recorded(entry).get_esm_result as Recorded;
    expect(recording.mapping('m').get()).toEqual(like(answer));
  });

  it('a second mapping of one stream and function is refused in these words (A1)', () => {
    const { create, error } = recorded('test_duplicate_event_source_mappings') as { create: unknown; error: Recorded };
    const settings = settingsOf(create);
    const { recording } = run({
      producers: { p: { records: [] } },
      mappings: { m: settings },
      timeline: [{ at: '1s', create: 'second', mapping: { stream: 's', function: 'f', ...settings } }],
    });
    expect(recording.mapping('second').create()).toEqual(like(withoutHeaders(error)));
  });

  it('there is no mapping of a stream that there is not (A1)', () => {
    const { Error: error } = recorded('test_esm_with_not_existing_kinesis_stream').error as {
      Error: { Message: string };
    };
    const [, stream] = /stream\/(.*)$/.exec(error.Message)!;
    const mapping = { stream, function: 'f', StartingPosition: 'LATEST' };
    const message = error.Message.replace('<partition>', 'aws')
      .replace('<region>', 'us-east-1')
      .replace('111111111111', '123456789012');
    expect(() =>
      run({ producers: { p: { records: [] } }, timeline: [{ at: '1s', create: 'second', mapping }] }),
    ).toThrow(message);
  });

  it('LATEST: ten records put at once come in one batch, in order (P3, P8)', () => {
    for (const entry of ['test_create_kinesis_event_source_mapping', 'test_disable_kinesis_event_source_mapping']) {
      const result = observed(entry, { producers: { p: { records: [{ at: '5s', count: 10, key: 'test' }] } } });
      expect(deliveriesOf(result)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    }
  });

  it.each([
    ['test_create_kinesis_event_source_mapping', (entry: Recorded) => [entry.kinesis_records]],
    [
      'test_kinesis_event_source_mapping_with_async_invocation',
      (entry: Recorded) => (entry.invocation_events as { event: unknown }[]).map(({ event }) => event),
    ],
    [
      'test_kinesis_event_source_trim_horizon',
      (entry: Recorded) => (entry.invocation_events as { event: unknown }[]).map(({ event }) => event),
    ],
    ['test_disable_kinesis_event_source_mapping', (entry: Recorded) => entry.invocation_events as unknown[]],
    ...[
      'empty_string_success',
      'empty_list_success',
      'null_success',
      'empty_dict_success',
      'empty_batch_item_failure_success',
      'null_batch_item_failure_success',
    ].map(
      (name) =>
        [
          `test_kinesis_report_batch_item_success_scenarios[${name}]`,
          (entry: Recorded) => entry.kinesis_events as unknown[],
        ] as const,
    ),
  ] as const)('%s: these very events (A4)', (entry, eventsIn) => {
    const expected = eventsIn(recorded(entry)) as KinesisEvent[];
    const { events, handler } = keeping();
    observed(entry, { functions: { f: { duration: '2s' } }, ...puts(recordsOf(expected)) }, handler);
    expect(events.map(({ Records }) => Records.length)).toEqual(expected.map(({ Records }) => Records.length));
    expectDelivered(recordsOf(events), recordsOf(expected));
    for (const event of events) expect(Object.keys(event)).toEqual(Object.keys(expected[0]!));
  });

  it('two hundreds of tens: each batch is invoked after the one before it has ended (P4, O2)', () => {
    for (const entry of [
      'test_kinesis_event_source_mapping_with_async_invocation',
      'test_kinesis_event_source_trim_horizon',
    ]) {
      const events = recorded(entry).invocation_events as { event: { Records: unknown[] } }[];
      const sizes = events.map(({ event }) => event.Records.length);
      const count = sizes.reduce((sum, size) => sum + size, 0);
      const result = observed(entry, {
        functions: { f: { duration: '2s' } },
        producers: { p: { records: [{ at: '5s', count, key: 'test_0' }] } },
      });
      const invocations = eventsOf(result, 'invocation');
      expect(invocations.map(({ size }) => size)).toEqual(sizes);
      for (let i = 1; i < invocations.length; i++)
        expect(invocations[i]!.start).toBeGreaterThanOrEqual(invocations[i - 1]!.end);
    }
  });

  it('after it is disabled, nothing more is delivered (P9)', () => {
    const result = observed('test_disable_kinesis_event_source_mapping', {
      producers: {
        p: {
          records: [
            { at: '5s', count: 10 },
            { at: '30s', count: 10 },
          ],
        },
      },
      timeline: [{ at: '20s', disable: 'm' }],
    });
    expect(deliveriesOf(result)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    expect(result.m.records.pending).toBe(10);
  });

  it.each([
    ['an SQS queue', 'test_kinesis_event_source_mapping_with_on_failure_destination_config'],
    ['an SNS topic', 'test_kinesis_event_source_mapping_with_sns_on_failure_destination_config'],
    ['an S3 bucket, with the event', 'test_kinesis_event_source_mapping_with_s3_on_failure_destination'],
  ])('one retry, then a message to %s (E3, E8)', (_, entry) => {
    const message = messageOf(recorded(entry));
    const text = { input: 'hello', value: 'world', raise_error: 1 };
    const spaced = JSON.stringify(text).replaceAll(':', ': ').replaceAll(',', ', ');
    const result = run(
      {
        start: START,
        duration: '90s',
        functions: { f: { duration: '0ms', faults: always } },
        mappings: { m: settingsOf(recorded(entry).create_event_source_mapping_response) },
        producers: {
          p: { records: [{ at: '5s', key: 'custom' }], data: { file: 'one.ndjson' } },
        },
      },
      { 'one.ndjson': `${spaced}\n` },
    );
    expect(deliveriesOf(result)).toEqual([[0], [0]]);
    expect(result.m.destination).toEqual([like(message)]);
  });

  it('what a filter drops is not delivered (P10)', () => {
    const entry = 'test_kinesis_event_filtering_json_pattern';
    const two = settingsOf(recorded(entry).create_event_source_mapping_2_response);
    const { events, handler } = keeping();
    const result = run(
      {
        duration: '30s',
        functions: { f: { duration: '0ms' }, g: { duration: '0ms' } },
        mappings: {
          m: settingsOf(recorded(entry).create_event_source_mapping_response),
          second: { stream: 's', function: 'g', ...two },
        },
        producers: { p: { records: [{ at: '5s' }], data: { file: 'one.ndjson' } } },
      },
      { 'one.ndjson': '{"event_type": "function_1", "message": "foo"}\n' },
      { f: handler },
    );
    const payload = recordsOf(events).map(({ kinesis }) => JSON.parse(atob(kinesis.data)));
    expect(payload).toEqual(JSON.parse(recorded(entry)['kinesis-record-lambda-payload'] as string));
    expect(result.m.records).toMatchObject({ succeeded: 1, filtered: 0 });
    expect(result.summary.mappings.second!.records).toMatchObject({ succeeded: 0, filtered: 1 });
  });

  it('two functions on one stream both get the record (A2)', () => {
    const entry = recorded('test_create_kinesis_event_source_mapping_multiple_lambdas_single_kinesis_event_stream');
    const expected = ['a', 'b'].map((which) => entry[`kinesis_records-${which}`] as KinesisEvent);
    const [a, b] = [keeping(), keeping()];
    const { files, producers } = puts(recordsOf(expected));
    const result = run(
      {
        duration: '30s',
        functions: { f: { duration: '0ms' }, g: { duration: '0ms' } },
        mappings: {
          m: settingsOf(entry['create_event_source_mapping_response-a']),
          second: { stream: 's', function: 'g', ...settingsOf(entry['create_event_source_mapping_response-b']) },
        },
        producers,
      },
      files,
      { f: a.handler, g: b.handler },
    );
    expectDelivered(recordsOf(a.events), expected[0]!.Records);
    expectDelivered(recordsOf(b.events), expected[1]!.Records);
    for (const name of ['m', 'second']) expect(result.summary.mappings[name]!.records.succeeded).toBe(1);
  });

  it('the last of six is always reported: deliveries 1, 1, 1, 1, 1, 5 and one message (E3, E5, E8)', () => {
    const entry = recorded('test_kinesis_report_batch_item_failures');
    const expected = (entry.kinesis_records as KinesisEvent).Records;
    const { events, handler } = keeping(({ Records }) => ({
      batchItemFailures: Records.filter(({ kinesis }) => JSON.parse(atob(kinesis.data)).should_fail).map(
        ({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber }),
      ),
    }));
    const result = observed('test_kinesis_report_batch_item_failures', puts(expected), handler);
    expectDelivered(recordsOf(events), expected);
    expect(result.m.destination).toEqual([like(messageOf(entry))]);
  });

  it.each<[string, Handler]>([
    ['empty_string_item_identifier_failure', () => ({ batchItemFailures: [{ itemIdentifier: '' }] })],
    ['null_item_identifier_failure', () => ({ batchItemFailures: [{ itemIdentifier: null }] })],
    ['invalid_key_foo_failure', () => ({ batchItemFailures: [{ foo: 'bar' }] })],
    ['invalid_key_foo_null_value_failure', () => ({ batchItemFailures: [{ foo: null }] })],
    ['item_identifier_not_present_failure', () => ({ batchItemFailures: [{ itemIdentifier: '123' }] })],
    [
      'unhandled_exception_in_function',
      () => {
        throw new Error('as it comes');
      },
    ],
  ])('%s: three deliveries, then one message (E3, E6, E8)', (name, answer) => {
    const entry = `test_kinesis_report_batch_item_failure_scenarios[${name}]`;
    const expected = recorded(entry).kinesis_events as KinesisEvent[];
    const { events, handler } = keeping(answer);
    const result = observed(entry, puts(recordsOf(expected)), handler);
    expect(events.length).toBe(3);
    expectDelivered(recordsOf(events), recordsOf(expected));
    expect(result.m.destination).toEqual([like(messageOf(recorded(entry)))]);
  });

  it.each<[string, unknown]>([
    ['empty_string_success', ''],
    ['empty_list_success', []],
    ['null_success', null],
    ['empty_dict_success', {}],
    ['empty_batch_item_failure_success', { batchItemFailures: [] }],
    ['null_batch_item_failure_success', { batchItemFailures: null }],
  ])('%s: one delivery (E6)', (name, response) => {
    const entry = `test_kinesis_report_batch_item_success_scenarios[${name}]`;
    const { events, handler } = keeping(() => response);
    const result = observed(entry, { producers: { p: { records: [{ at: '5s', key: 'test' }] } } }, handler);
    expect(events.length).toBe((recorded(entry).kinesis_events as unknown[]).length);
    expect(result.m.records.succeeded).toBe(1);
  });

  it('a mapping that has found nothing is Enabled, its last result OK (A1)', () => {
    const entry = 'test_kinesis_empty_provided';
    const { lastProcessingResult, state } = observed(entry, { producers: { p: { records: [{ at: '5s' }] } } }).m;
    expect(recorded(entry).get_esm_result).toMatchObject({ LastProcessingResult: lastProcessingResult, State: state });
  });

  it('an always failing function: a record that becomes 60 s old is tried 8 times (E2, E7)', () => {
    const entry = 'test_kinesis_maximum_record_age_exceeded[expire-while-retrying]';
    const result = observed(entry, {
      functions: { f: { duration: '0ms', faults: always } },
      producers: { p: { records: [{ at: '5s' }] } },
    });
    expect(result.m.destination).toEqual([like(messageOf(recorded(entry)))]);
  });

  it('a record that is too old before it is read is never delivered (E2, E8)', () => {
    const entry = 'test_kinesis_maximum_record_age_exceeded[expire-before-ingestion]';
    const result = observed(entry, {
      mapping: { Enabled: false },
      producers: { p: { records: [{ at: '5s' }] } },
      timeline: [{ at: '70s', enable: 'm' }],
    });
    expect(result.m.invocations).toBe(0);
    expect(result.m.destination).toEqual([like(messageOf(recorded(entry)))]);
  });

  it('one record that is too old and five fresh ones: one message, and exactly the five are delivered (E2, E8)', () => {
    const entry = 'test_kinesis_maximum_record_age_exceeded_discard_records';
    const expected = recorded(entry).Records as KinesisEventRecord[];
    const tooOld = { ...expected[0]!, eventID: 'the one that is too old' };
    const { events, handler } = keeping();
    const result = observed(
      entry,
      {
        mapping: { Enabled: false },
        ...puts([tooOld, ...expected], (place) => (place === 0 ? '5s' : '65s')),
        timeline: [{ at: '70s', enable: 'm' }],
      },
      handler,
    );
    expect(deliveriesOf(result)).toEqual([[1, 2, 3, 4, 5]]);
    expectDelivered(recordsOf(events), expected);
    expect(result.m.destination).toEqual([like(messageOf(recorded(entry)))]);
  });
});
