import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isFields } from '../../src/scenario/finding.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { settingMeanings } from '../../src/scenario/settings.ts';
import { metrics } from '../import/importing.ts';

const meanings = settingMeanings();

describe('what the schema says of a setting', () => {
  test('is all that there is to say, for every key', () => {
    expect(meanings.length).toBeGreaterThan(100);
    for (const { path, description, expected } of meanings) {
      expect(description, path.join('.')).not.toBe('');
      expect(expected, path.join('.')).not.toMatch(/^expected|Invalid/);
    }
  });

  test('knows defaults, what has to be given, and whose name it is', () => {
    const of = (...path: string[]) => meanings.find((one) => one.path.join('.') === path.join('.'))!;
    expect(of('stallAfter')).toMatchObject({ standard: '10s', isRequired: false, isAws: false });
    expect(of('mappings', 'NAME', 'function')).toMatchObject({ standard: null, isRequired: true });
    expect(of('mappings', 'NAME', 'Enabled')).toMatchObject({ standard: true, isAws: true, expected: 'true or false' });
    expect(of('account', 'ConcurrentExecutions').expected).toBe('a whole number from 1 to 1,000,000');
  });

  test.each([...new Set(meanings.map(({ example }) => example))])('%s is legal in its place', (example) => {
    const shown = parse(example) as Fields;
    const whole = merged(parse(PLACE) as Fields, shown) as Place;
    // What a key stands in place of.
    const { NAME: producer = {} } = (shown.producers ?? {}) as Named;
    if (SOURCES.some((source) => source in producer)) delete whole.producers.NAME!.rate;
    if ('shards' in whole.streams.NAME!) delete whole.streams.NAME!.ShardCount;
    if ('consumer' in whole.mappings.NAME!) delete whole.mappings.NAME!.stream;
    const result = parseScenario(JSON.stringify(whole), { readFile: (name) => new TextEncoder().encode(fileOf(name)) });
    const issues = result.ok ? result.warnings : result.issues;
    expect(issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([]);
  });
});

type Fields = Record<string, unknown>;
type Named = Record<string, Fields>;
type Place = Record<'streams' | 'producers' | 'mappings', Named>;

/** A scenario in which each thing is called NAME, as examples call it; OTHER is what some need beside it. */
const PLACE = `
shardclock: 1
name: where examples stand
duration: 30m
streams: { NAME: { ShardCount: 4, consumers: [analytics] } }
producers:
  NAME: { stream: NAME, rate: 10/s }
  OTHER: { stream: NAME, rate: 1/s, keys: { list: [order-1] } }
functions: { NAME: { duration: 1ms }, OTHER: { duration: 1ms } }
mappings: { NAME: { stream: NAME, function: NAME, StartingPosition: TRIM_HORIZON } }
`;

const SOURCES = ['phases', 'trace', 'arrivalTimes', 'records'];

function merged(under: unknown, over: unknown): unknown {
  if (!isFields(under) || !isFields(over)) return over;
  const entries = Object.entries(over).map(([key, value]) => [key, key in under ? merged(under[key], value) : value]);
  return { ...under, ...Object.fromEntries(entries) };
}

function fileOf(name: string): string {
  if (name === 'metrics.json') return JSON.stringify(metrics({ IncomingRecords: [1, 2] }, '2026-01-05T09:00:00Z'));
  if (/^(durations|cold-starts|sizes)/.test(name)) return '1\n2\n';
  return 'timestamp,value,customer,size,body\n0,1,a,1,x\n300,1,a,1,y\n';
}
