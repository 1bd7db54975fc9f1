import { describe, expect, test } from 'vitest';
import { run, type ScenarioPart } from '../support/scenario.ts';

const poisoned = (record: number, more: ScenarioPart = {}) =>
  run({
    drain: '1m',
    producers: { p: { records: [{ at: '1s', count: 5 }] } },
    functions: { f: { faults: [{ poison: { stream: 's', shard: 0, record }, until: '5s' }] } },
    ...more,
  });

describe('a poison record by its index', () => {
  test('that never comes is told, with what did (M6, D3)', () => {
    expect(poisoned(5).summary.warnings).toEqual([
      'Function f: the poison record 5 of shard 0 of s never came: the shard got 5 records, 0 to 4.',
    ]);
    expect(poisoned(0, { producers: { p: { records: [] } } }).summary.warnings).toEqual([
      'Function f: the poison record 0 of shard 0 of s never came: the shard got no records.',
    ]);
  });

  test('that comes is not (M6)', () => {
    const { summary } = poisoned(4);
    expect(summary.functions.f!.errors).toBeGreaterThan(0);
    expect(summary.warnings).toEqual([]);
  });
});
