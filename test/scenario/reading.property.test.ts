import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/scenario/scenario.ts';
import { scenarioDocuments } from '../support/arbitrary-scenario.ts';
import { read, SMALL, valid } from './reading.ts';

/** Ways to each map in a document that knows its keys: not those whose keys are names, nor a template of data. */
function strictMaps(value: JsonValue, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => strictMaps(item, [...path, i]));
  if (typeof value !== 'object' || value === null || path.at(-1) === 'template') return [];
  const isOfNames =
    path.length === 1 && ['streams', 'producers', 'functions', 'mappings', 'thresholds'].includes(String(path[0]));
  const inner = Object.entries(value).flatMap(([key, item]) => strictMaps(item as JsonValue, [...path, key]));
  return isOfNames ? inner : [path, ...inner];
}

function changed(
  document: JsonObject,
  path: readonly (string | number)[],
  change: (map: Record<string, unknown>) => void,
) {
  const copy = structuredClone(document) as Record<string, unknown>;
  let target: unknown = copy;
  for (const step of path) target = (target as Record<string | number, unknown>)[step];
  change(target as Record<string, unknown>);
  return copy;
}

const documents = scenarioDocuments.map((document) => JSON.parse(JSON.stringify(document)) as JsonObject);

/** A value of any kind at some place of a document, or a key that is none of its own. */
function spoilt(document: JsonObject, place: number, key: string, value: JsonValue): JsonValue {
  const copy = structuredClone(document) as JsonObject;
  const maps: Record<string, JsonValue>[] = [];
  const collect = (one: JsonValue): void => {
    if (typeof one !== 'object' || one === null) return;
    if (!Array.isArray(one)) maps.push(one as Record<string, JsonValue>);
    for (const part of Object.values(one)) collect(part);
  };
  collect(copy);
  const map = maps[place % maps.length]!;
  const keys = Object.keys(map);
  map[place % 3 === 0 || keys.length === 0 ? key : keys[place % keys.length]!] = value;
  return copy;
}

describe('reading', () => {
  it('says the same of what JSON.stringify has written, which is not read as YAML, and of the same as YAML', () => {
    const key = fc.oneof(fc.constantFrom('<<', '__proto__', 'a\u2028b', '7'), fc.string({ unit: 'binary' }));
    let wrong = 0;
    fc.assert(
      fc.property(documents, fc.nat(), key, fc.option(fc.jsonValue()), (document, place, name, value) => {
        for (const one of [document, spoilt(document, place, name, value as JsonValue)]) {
          const text = JSON.stringify(one);
          const [asJson, asYaml] = [read(text), read(`${text}\n`)];
          const shown = ({ issueAt: _, ...rest }: Partial<typeof asJson> & { issueAt?: unknown }) => rest;
          expect(shown(asJson)).toEqual(shown(asYaml));
          if (!asJson.ok) wrong++;
          if (!asJson.ok || !asYaml.ok) continue;
          const path = ['mappings', Object.keys((document as { mappings: object }).mappings)[0]!];
          expect(asJson.issueAt(path, 'here')).toEqual(asYaml.issueAt(path, 'here'));
        }
      }),
    );
    expect(wrong).toBeGreaterThan(20);
    const twice = '{"shardclock":1,"name":"a","name":"b"}';
    const { issues = [] } = read(twice) as { issues?: readonly { message: string }[] };
    expect(issues.map(({ message }) => message)).toContainEqual(expect.stringContaining('stands here again'));
    const deep = `{"shardclock":${'['.repeat(2_000)}${']'.repeat(2_000)}}`;
    expect(read(deep)).toEqual(read(`${deep}\n`));
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (text, set) => {
        expect(read(text, { set })).toHaveProperty('ok');
      }),
    );
  });

  it('never throws, whatever the YAML', () => {
    const line = fc.tuple(
      fc.nat(4),
      fc.constantFrom(
        'a:',
        '- b',
        '? ',
        ': ',
        '&x',
        '*x',
        '<<: *x',
        '{',
        '}',
        '[',
        ']',
        '"',
        '|',
        '!!map',
        '...',
        '---',
        '\t',
        '%TAG',
        'streams:',
        'mappings:',
        'm: 5',
        '#',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.map(([indent, word]) => ' '.repeat(indent) + word).join('\n');
        expect(read(text)).toHaveProperty('ok');
        expect(read(SMALL + text)).toHaveProperty('ok');
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever stands in place of a value', () => {
    fc.assert(
      fc.property(documents, fc.nat(), fc.nat(), fc.jsonValue(), (document, map, key, value) => {
        const paths = [...strictMaps(document), ['streams'], ['functions'], ['mappings'], ['producers']];
        const path = paths[map % paths.length]!;
        const text = JSON.stringify(
          changed(document, path, (target) => {
            const keys = Object.keys(target);
            if (keys.length > 0) target[keys[key % keys.length]!] = value;
          }),
        );
        const result = read(text);
        if (!result.ok) expect(result.issues.some(({ severity }) => severity === 'error')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('reports every unknown key, at its place', () => {
    fc.assert(
      fc.property(
        documents,
        fc.nat(),
        fc.constantFrom('extra', 'batchSize', 'toString', 'constructor', '__proto__', ''),
        (document, map, key) => {
          const path = strictMaps(document)[map % strictMaps(document).length]!;
          const text = JSON.stringify(
            changed(document, path, (target) => {
              Object.defineProperty(target, key, { value: 1, enumerable: true });
            }),
            null,
            2,
          );
          const result = read(text);
          const found = result.ok ? [] : result.issues.filter(({ message }) => message.startsWith('unknown key'));
          expect(found).toHaveLength(1);
          expect(found[0]!.excerpt.slice(found[0]!.column - 1)).toMatch(new RegExp(`^"${key}"`));
        },
      ),
    );
  });

  it('of the resolved scenario gives the scenario again', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const scenario = valid(JSON.stringify(document));
        expect(valid(JSON.stringify(scenario.source.resolved))).toEqual(scenario);
        expect(valid(JSON.stringify(scenario.source.resolved, null, 1))).toEqual(scenario);
      }),
    );
  });

  it('issues stand at a line and column of their file', () => {
    fc.assert(
      fc.property(documents, fc.nat(), (document, map) => {
        const path = strictMaps(document)[map % strictMaps(document).length]!;
        const text = JSON.stringify(
          changed(document, path, (target) => Object.assign(target, { at: [], rate: {}, x: 1 })),
          null,
          2,
        );
        const result = read(text);
        const lines = text.split('\n');
        for (const { line, column, excerpt, file } of result.ok ? [] : result.issues) {
          expect(file).toBe('f.yaml');
          expect(lines[line - 1]).toBe(excerpt);
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual(excerpt.length + 1);
        }
      }),
    );
  });
});
