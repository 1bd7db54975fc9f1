import { expect, test } from 'vitest';
import { run, type ScenarioPart } from '../support/scenario.ts';

/** A mapping that is deleted after 10 s, and another that is created after 20 s for the same function. */
function told(mapping: ScenarioPart, { entry = {}, rate = '10/s' }: { entry?: ScenarioPart; rate?: string } = {}) {
  const create = { create: 'n', mapping: { stream: 's', function: 'f', ...mapping } };
  const { summary } = run({
    duration: '60s',
    period: '5s',
    functions: { g: { duration: '100ms' } },
    producers: {
      p: {
        phases: [
          { duration: '10s', rate: '10/s' },
          { duration: '10s', rate },
          { duration: '40s', rate: '10/s' },
        ],
      },
    },
    timeline: [
      { at: '10s', delete: 'm' },
      { at: '20s', ...create, ...entry },
    ],
  });
  return summary.warnings.filter((warning) => warning.includes('does not begin where'));
}

test('what arrives between a mapping that is deleted and one that takes its place is told, with its time (A1, P8)', () => {
  expect(told({ StartingPosition: 'LATEST' })).toEqual([
    'Mapping n does not begin where m was deleted: its StartingPosition is LATEST, and records of stream s that arrived from 10 s until its first poll after 20 s are in the balance of neither. AT_TIMESTAMP with the time of the deletion takes them.',
  ]);
  expect(told({ StartingPosition: 'LATEST', transitions: '5s' })[0]).toContain(
    'until its first poll after 25 s are in',
  );
  expect(told({ StartingPosition: 'LATEST', Enabled: false })[0]).toContain('from 10 s until 1 m are in');
  const at = (StartingPositionTimestamp: number) => ({ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp });
  expect(told(at(15))[0]).toContain(
    'is AT_TIMESTAMP, and records of stream s that arrived from 10 s until 15 s are in',
  );
  expect(told(at(10))).toEqual([]);
});

test('nothing is said where nothing is between them, or they have nothing to do with each other', () => {
  expect(told({ StartingPosition: 'TRIM_HORIZON' })).toEqual([]);
  expect(told({ StartingPosition: 'LATEST' }, { rate: '0/s' })).toEqual([]);
  expect(told({ StartingPosition: 'LATEST', function: 'g' })).toEqual([]);
  expect(told({ StartingPosition: 'LATEST' }, { entry: { at: '10s' } })).toEqual([]);
});
