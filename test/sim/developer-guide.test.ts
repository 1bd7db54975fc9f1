import { expect, it } from 'vitest';
import { run } from '../support/scenario.ts';

/**
 * The developer guide of November 2018: its example of a mapping, created for my-function with a batch size of 500 and the
 * timestamp 1541139109, disabled; then enabled; then deleted. The UUID is the simulator's own.
 */
const at = (unixTime: number) => `${Math.round((unixTime - 1_541_139_100) * 1e6)}us`;

const guide = run({
  start: '2018-11-02T06:11:40Z', // 1541139100
  duration: '16h',
  account: { region: 'us-east-2' },
  streams: { 'lambda-stream': { ShardCount: 1 } },
  producers: { p: { stream: 'lambda-stream', records: [{ at: '8999ms' }, { at: '9s' }, { at: '2h' }] } },
  functions: { 'my-function': { duration: '100ms' } },
  timeline: [
    {
      at: at(1_541_139_209.351),
      create: 'guide',
      mapping: {
        stream: 'lambda-stream',
        function: 'my-function',
        Enabled: false,
        BatchSize: 500,
        StartingPosition: 'AT_TIMESTAMP',
        StartingPositionTimestamp: 1_541_139_109,
      },
    },
    { at: at(1_541_190_239.996), enable: 'guide' },
    { at: at(1_541_190_241.5), delete: 'guide' },
  ],
});

const UUID = guide.recording.mapping('guide').create().UUID;
const ANSWER = {
  UUID,
  BatchSize: 500,
  EventSourceArn: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
  FunctionArn: 'arn:aws:lambda:us-east-2:123456789012:function:my-function',
  LastModified: 1_541_139_209.351,
  LastProcessingResult: 'No records processed',
  State: 'Creating',
  StateTransitionReason: 'User action',
};

it('create, enable and delete answer as in the developer guide of 2018 (A1, P9)', () => {
  const mapping = guide.recording.mapping('guide');
  expect(mapping.create()).toMatchObject(ANSWER);
  expect(mapping.create().StartingPositionTimestamp).toBe(1_541_139_109);
  expect(mapping.updates()).toMatchObject([{ ...ANSWER, State: 'Enabling', LastModified: 1_541_190_239.996 }]);
  expect(mapping.deletions()).toMatchObject([
    { ...ANSWER, State: 'Deleting', LastModified: 1_541_190_241.5, LastProcessingResult: 'OK' },
  ]);
  expect(guide.summary.mappings.guide!.api.map(({ call }) => call)).toEqual([
    'CreateEventSourceMapping',
    'UpdateEventSourceMapping',
    'DeleteEventSourceMapping',
  ]);
});

it('reads from the timestamp, although it is enabled half a day later (P8, P9)', () => {
  expect(guide.summary.mappings.guide!.records).toMatchObject({ arrived: 2, succeeded: 2 });
  const disabled = guide.recording.mapping('guide').get(2 * 3_600 * 1_000_000);
  expect(disabled).toMatchObject({ ...ANSWER, State: 'Disabled' });
});
