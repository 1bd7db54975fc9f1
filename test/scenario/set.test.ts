import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathText } from '../../src/scenario/document.ts';
import { readOverrides } from '../../src/scenario/overrides.ts';
import { messages, SMALL, valid } from './reading.ts';

const set = (...settings: string[]) => valid(SMALL, { set: settings });
const refused = (...settings: string[]) => messages(SMALL, { set: settings });

describe('--set', () => {
  it('replaces what the file says, and what it leaves out', () => {
    expect(set('mappings.m.BatchSize=500', 'polling.period=2s')).toMatchObject({
      mappings: [{ batchSize: 500 }],
      polling: { period: 2_000_000, phase: { kind: 'spread' } },
    });
    expect(set('mappings.m.StartingPosition=LATEST').mappings[0]!.startingPosition).toEqual({ kind: 'LATEST' });
  });

  it('takes YAML', () => {
    expect(set('mappings.m.retryBackoff={ initial: 1s, factor: 3 }').mappings[0]!.retryBackoff).toMatchObject({
      initial: 1_000_000,
      factor: 3,
    });
    expect(set('streams.extra={ShardCount: 1}').streams.map(({ name }) => name)).toEqual(['orders', 'extra']);
    expect(set('description=a=b').description).toBe('a=b');
  });

  it('names list items by index and names with dots in ["…"]', () => {
    const text = `${SMALL}timeline: [{ at: 1m, disable: m }, { at: 2m, enable: m }]\n`;
    expect(valid(text, { set: ['timeline[1].at=5m'] }).timeline[1]).toMatchObject({ at: 300_000_000 });
    expect(valid(text, { set: ['timeline.1.at=5m'] }).timeline[1]).toMatchObject({ at: 300_000_000 });
    expect(valid(text, { set: ['timeline[2]={ at: 9m, disable: m }'] }).timeline).toHaveLength(3);
    expect(set('timeline[0]={ at: 9m, disable: m }').timeline).toHaveLength(1);
    expect(set('thresholds["records.lost"]=["count == 0"]').thresholds).toMatchObject([{ name: 'records.lost' }]);
    expect(set('thresholds.["records.lost"]=["count == 0"]').thresholds).toHaveLength(1);
  });

  it('goes by the last of two at one path', () => {
    expect(set('mappings.m.BatchSize=1', 'mappings.m.BatchSize=2').mappings[0]!.batchSize).toBe(2);
  });

  it('may mend what is wrong in the file', () => {
    expect(messages(SMALL.replace('1h', '5'), { set: ['duration=5m'] })).toEqual([]);
  });

  it.each([
    ['mappings.m.BatchSiz=5', "--set:1:1: error: mappings.m.BatchSiz: unknown key; did you mean 'BatchSize'?"],
    [
      'mappings.m.BatchSize=0',
      '--set:1:1: error: mappings.m.BatchSize: expected a whole number from 1 to 10,000, got 0',
    ],
    [
      'period=60',
      '--set:1:1: error: period: expected a duration with its unit, such as 250ms, 10s, 5m, 2h or 7d, got 60',
    ],
    ['mappings.m.stream=x', "--set:1:1: error: mappings.m.stream: unknown stream 'x'; expected one of orders"],
    ['streams.a={ RetentionPeriodHours: 24 }', '--set:1:1: error: streams.a: expected ShardCount or shards'],
    ['name', '--set:1:1: error: not of the form PATH=VALUE, such as mappings.orders.BatchSize=500'],
    ['=5', '--set:1:1: error: not of the form PATH=VALUE, such as mappings.orders.BatchSize=500'],
    ['a b=5', '--set:1:1: error: not of the form PATH=VALUE, such as mappings.orders.BatchSize=500'],
    ['duration.x=5', '--set:1:1: error: there is nothing at this path; list items go by index, from 0'],
    ['timeline[3].at=5m', '--set:1:1: error: there is nothing at this path; list items go by index, from 0'],
    ['__proto__.x=5', '--set:1:1: error: there is nothing at this path; list items go by index, from 0'],
    ['seed=[1', '--set:1:6: error: the value is not YAML: this [ is never closed; expected ]'],
    ['functions.enrich.Tags=[]', '--set:1:1: warning: functions.enrich.Tags: has no effect on a simulation'],
  ])('%s is reported', (setting, message) => {
    expect(refused(setting)).toEqual([message]);
  });

  it('is reported after the file, with the other problems', () => {
    expect(messages(`${SMALL}sed: 1\n`, { set: ['period=60', 'x'] })).toEqual([
      "f.yaml:15:1: error: sed: unknown key; did you mean 'seed'?",
      '--set:1:1: error: not of the form PATH=VALUE, such as mappings.orders.BatchSize=500',
      '--set:1:1: error: period: expected a duration with its unit, such as 250ms, 10s, 5m, 2h or 7d, got 60',
    ]);
  });

  it('reads the paths that messages print', () => {
    const step = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('orders-to-enrich', 'records.lost', 'a"b', 'a\\b', '='),
    );
    const path = fc.tuple(step, fc.array(fc.oneof(step, fc.nat(1_000)), { maxLength: 4 }));
    fc.assert(
      fc.property(path, ([first, rest]) => {
        const { overrides } = readOverrides([`${pathText([first, ...rest])}=1`]);
        expect(overrides[0]?.path.map(String)).toEqual([first, ...rest].map(String));
      }),
    );
  });
});
