import { describe, expect, test } from 'vitest';
import {
  parseScenario,
  resultJsonSchema,
  resultProblems,
  type Summary,
  simulateSync,
  summarise,
} from '../../src/index.ts';
import { SMALL } from '../support/command.ts';

function smallResult(): Summary {
  const text = SMALL.replace('duration: 120ms', 'duration: 120ms, faults: [{ from: 30s, to: 60s }]');
  const read = parseScenario(text, {
    readFile: () => {
      throw new Error('names no file');
    },
  });
  if (!read.ok) throw new Error(read.issues[0]!.message);
  return JSON.parse(JSON.stringify(summarise(simulateSync(read.scenario), { percentiles: [99.9] })));
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
}

/** Paths of keys that the schema requires and the value lacks, or the other way round. */
function mismatches(value: unknown, schema: Schema, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { properties = {}, required = [], additionalProperties, items, anyOf } = schema;
  if (anyOf !== undefined) return mismatches(value, anyOf.find((one) => one.type !== 'null')!, path);
  if (Array.isArray(value)) return value.flatMap((item, index) => mismatches(item, items!, `${path}.${index}`));
  const missing = required.filter((key) => !(key in value)).map((key) => `${path}.${key} is missing`);
  const other = Object.entries(value).flatMap(([key, part]) => {
    const inner = properties[key] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    return inner === undefined ? [`${path}.${key} is unknown`] : mismatches(part, inner, `${path}.${key}`);
  });
  return [...missing, ...other];
}

describe('the schema of the result', () => {
  test('is met by the result of a run', () => {
    expect(resultProblems(smallResult())).toEqual([]);
  });

  test('knows every key of it, and no other', () => {
    const result = smallResult();
    const { resolved, ...scenario } = result.scenario;
    const mappings = Object.entries(result.mappings).map(([name, mapping]) => [
      name,
      { ...mapping, configuration: {}, api: [] },
    ]);
    const plain = { ...result, scenario: { ...scenario, resolved: {} }, mappings: Object.fromEntries(mappings) };
    expect(mismatches(plain, resultJsonSchema() as Schema)).toEqual([]);
  });

  test('says what is wrong, with its path', () => {
    const result = smallResult();
    expect(resultProblems({ ...result, digest: 5 })).toEqual([
      { path: ['digest'], message: 'expected string, received number' },
    ]);
    expect(resultProblems({ ...result, formatVersion: 2 })).toEqual([
      { path: ['formatVersion'], message: expect.stringContaining('expected 1, got 2') },
    ]);
    expect(resultProblems([])).toEqual([expect.objectContaining({ path: ['tool', 'name'] })]);
  });
});
