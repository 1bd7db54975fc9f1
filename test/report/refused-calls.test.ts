import { expect, test } from 'vitest';
import { run } from '../support/scenario.ts';

test('a call of the timeline that is refused is told with its answer (M6, A1)', () => {
  const { summary } = run({
    duration: '2m',
    producers: { p: { records: [] } },
    timeline: [
      { at: '5s', create: 'second', mapping: { stream: 's', function: 'f', StartingPosition: 'LATEST' } },
      { at: '10s', update: 'second', set: { BatchSize: 5, MaximumRetryAttempts: 1 } },
      { at: '15s', enable: 'second' },
      { at: '20s', disable: 'm' },
      { at: '90s', delete: 'second' },
    ],
  });
  const gone = 'was refused and changed nothing. ResourceNotFoundException: The resource you requested does not exist.';
  expect(summary.warnings).toEqual([
    expect.stringMatching(
      /^Mapping second: CreateEventSourceMapping at 5 s was refused and changed nothing\. ResourceConflictException: The event source arn .* UUID [-\da-f]+\.$/,
    ),
    `Mapping second: UpdateEventSourceMapping of BatchSize, MaximumRetryAttempts at 10 s ${gone}`,
    `Mapping second: UpdateEventSourceMapping of Enabled at 15 s ${gone}`,
    `Mapping second: DeleteEventSourceMapping at 1 m 30 s ${gone}`,
  ]);
});
