import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/scenario/event-pattern.ts';
import type { JsonObject, JsonValue } from '../../src/scenario/scenario.ts';

function matches(pattern: JsonValue, event: JsonObject): boolean {
  const matcher = compilePattern(JSON.stringify(pattern));
  if (typeof matcher === 'string') throw new Error(matcher);
  return matcher(event);
}

describe('a pattern (P10)', () => {
  // The operators of Lambda's table of filter rule syntax, each with what it takes and what it leaves.
  it.each<[string, JsonObject, JsonObject[], JsonObject[]]>([
    ['null', { a: [null] }, [{ a: null }], [{ a: '' }, { a: 0 }, {}]],
    ['empty', { a: [''] }, [{ a: '' }], [{ a: ' ' }, { a: null }, {}]],
    ['equals', { a: ['Alice'] }, [{ a: 'Alice' }, { a: 'Alice', b: 1 }], [{ a: 'alice' }, { b: 'Alice' }]],
    ['equals a number', { a: [100] }, [{ a: 100 }], [{ a: '100' }, { a: 101 }]],
    ['equals a boolean', { a: [true] }, [{ a: true }], [{ a: 'true' }, { a: false }]],
    ['ignoring case', { a: [{ 'equals-ignore-case': 'alice' }] }, [{ a: 'ALICE' }], [{ a: 'bob' }, { a: 1 }]],
    ['and', { a: ['x'], b: ['y'] }, [{ a: 'x', b: 'y' }], [{ a: 'x' }, { a: 'x', b: 'z' }]],
    ['or', { a: ['Credit', 'Debit'] }, [{ a: 'Credit' }, { a: 'Debit' }], [{ a: 'Cash' }]],
    ['$or', { $or: [{ a: ['x'] }, { b: ['y'] }] }, [{ a: 'x' }, { b: 'y' }], [{ a: 'y', b: 'x' }]],
    ['$or beside a field', { c: [1], $or: [{ a: ['x'] }, { b: ['y'] }] }, [{ c: 1, b: 'y' }], [{ a: 'x' }, { c: 1 }]],
    ['anything-but', { a: [{ 'anything-but': ['Raining'] }] }, [{ a: 'Sunny' }, { a: 5 }], [{ a: 'Raining' }, {}]],
    ['anything-but one value', { a: [{ 'anything-but': 3 }] }, [{ a: 4 }, { a: '3' }], [{ a: 3 }]],
    ['anything-but prefix', { a: [{ 'anything-but': { prefix: 'eu-' } }] }, [{ a: 'us-1' }], [{ a: 'eu-1' }, {}]],
    ['numeric equals', { a: [{ numeric: ['=', 100] }] }, [{ a: 100 }], [{ a: 99 }, { a: '100' }, {}]],
    ['numeric range', { a: [{ numeric: ['>', 10, '<=', 20] }] }, [{ a: 10.5 }, { a: 20 }], [{ a: 10 }, { a: 21 }]],
    ['exists', { a: [{ exists: true }] }, [{ a: 1 }, { a: null }], [{}, { a: { b: 1 } }]],
    ['does not exist', { a: [{ exists: false }] }, [{}, { b: 1 }], [{ a: 1 }, { a: null }]],
    ['prefix', { a: [{ prefix: 'us-' }] }, [{ a: 'us-east-1' }], [{ a: 'eu-us-' }, { a: 1 }]],
    ['suffix', { a: [{ suffix: '.png' }] }, [{ a: 'x.png' }], [{ a: 'x.PNG' }]],
    ['suffix ignoring case', { a: [{ suffix: { 'equals-ignore-case': '.png' } }] }, [{ a: 'x.PNG' }], [{ a: 'x.gif' }]],
    ['nested', { a: { b: { c: [1] } } }, [{ a: { b: { c: 1 } } }], [{ a: { b: { c: 2 } } }, { a: 1 }]],
    ['any item of a list', { a: ['x'] }, [{ a: ['w', 'x'] }], [{ a: ['w'] }, { a: [] }]],
    ['any object of a list', { a: { b: ['x'] } }, [{ a: [{ b: 'w' }, { b: 'x' }] }], [{ a: [{ b: 'w' }] }]],
  ])('%s', (_name, pattern, taken, left) => {
    for (const event of taken) expect(matches(pattern, event), JSON.stringify(event)).toBe(true);
    for (const event of left) expect(matches(pattern, event), JSON.stringify(event)).toBe(false);
  });

  it.each([
    ['{', 'is no JSON'],
    ['[]', 'expected a JSON object'],
    ['{}', 'expected at least one key'],
    ['{"a":"x"}', 'a: expected a list of values or rules, or an object'],
    ['{"a":[]}', 'a: expected a list of values or rules, or an object'],
    ['{"a":{"b":1}}', 'a.b: expected a list of values or rules, or an object'],
    ['{"a":[{"prefx":"x"}]}', "a: unknown rule 'prefx'; expected prefix,"],
    ['{"a":[{"prefix":1}]}', 'a: prefix: expected text'],
    ['{"a":[{"prefix":"a","suffix":"b"}]}', 'a: expected a rule with one key'],
    ['{"a":[{"exists":"yes"}]}', 'a: exists: expected true or false'],
    ['{"a":[{"numeric":["~",1]}]}', 'a: numeric: expected [OPERATOR, NUMBER]'],
    ['{"a":[{"numeric":[">"]}]}', 'a: numeric: expected [OPERATOR, NUMBER]'],
    ['{"a":[{"anything-but":[]}]}', 'a: anything-but: expected at least one value'],
    ['{"a":[["x"]]}', 'a: expected a value or a rule'],
    ['{"$or":[{"a":[1]}]}', '$or: expected a list of two or more patterns'],
  ])('%s is refused', (text, problem) => {
    expect(compilePattern(text)).toContain(problem);
  });
});
