import { describe, expect, test } from 'vitest';
import { gridOf, readAxes } from '../../src/scenario/axes.ts';
import { formatIssue } from '../../src/scenario/issue.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { SMALL } from './reading.ts';

const changes = (...texts: string[]) => {
  const { axes, issues } = readAxes(texts);
  expect(issues).toEqual([]);
  return axes.map(({ values }) => values.map(({ change }) => change));
};
const refused = (texts: readonly string[], set: readonly string[] = []) =>
  readAxes(texts, set).issues.map((issue) => formatIssue(issue).split('\n')[0]);

describe('an axis', () => {
  test('takes values as --set does, and commas in brackets and quotes divide none', () => {
    expect(changes('a.b=1, 2')).toEqual([['a.b=1', 'a.b=2']]);
    expect(changes('a={ x: 1, y: [2, 3] },{ x: 2 }')).toEqual([['a={ x: 1, y: [2, 3] }', 'a={ x: 2 }']]);
    expect(changes(`a="x, y",'it''s, so',it's`)).toEqual([['a="x, y"', `a='it''s, so'`, "a=it's"]]);
    expect(readAxes(['a["b.c"][0]=1'])).toMatchObject({ axes: [{ path: 'a["b.c"][0]', values: [{ value: 1 }] }] });
  });

  test('takes ranges, from its first value up to its last, with one unit', () => {
    expect(changes('a=4..16:4')).toEqual([['a=4', 'a=8', 'a=12', 'a=16']]);
    expect(changes('a=1..4:2,10')).toEqual([['a=1', 'a=3', 'a=10']]);
    expect(changes('a=-1..1')).toEqual([['a=-1', 'a=0', 'a=1']]);
    expect(changes('a=100..200ms:50ms', 'b=1/s..2/s')).toEqual([
      ['a=100ms', 'a=150ms', 'a=200ms'],
      ['b=1/s', 'b=2/s'],
    ]);
    // 0.1 + 0.2 is not 0.3 in binary.
    expect(changes('a=0.1..0.4:0.1')).toEqual([['a=0.1', 'a=0.2', 'a=0.3', 'a=0.4']]);
  });

  test.each([
    ['a', '--vary:1:1: error: not of the form PATH=v1,v2'],
    ['a=1,,2', '--vary:1:5: error: expected a value'],
    ['a=1,[', '--vary:1:5: error: the value is not YAML'],
    ['a=5,1..9:4', '--vary:1:5: error: the value 5 stands twice'],
    ['a=9..1', "--vary:1:3: error: expected a range that rises, got '9..1'"],
    ['a=1..9:0', "--vary:1:3: error: expected a step above 0, got '1..9:0'"],
    ['a=1s..9ms', "--vary:1:3: error: expected one unit in a range, got '1s..9ms'"],
    ['a=1..9000', '--vary:1:3: error: a range of 9000 values; expected at most 1000'],
    ['seed=1,2', '--vary:1:1: error: the seed is not varied'],
  ])('%s is refused at its column', (text, message) => {
    expect(refused([text])).toEqual([expect.stringContaining(message)]);
  });

  test('stands once, and is not given by --set as well', () => {
    expect(refused(['a=1', 'a=2'])).toEqual([expect.stringContaining('this setting is varied twice')]);
    expect(refused(['a.b=1'], ['a.b=2'])).toEqual([expect.stringContaining('also given by --set')]);
    expect(refused(['a=1..500', 'b=1..500'])).toEqual([expect.stringContaining('the grid has 250000 points')]);
  });
});

test('a grid has every combination, the last axis changing fastest', () => {
  const points = gridOf(readAxes(['a=1,2', 'b=x,y,z']).axes);
  expect(points.map((point) => point.map(({ value }) => value).join(''))).toEqual(['1x', '1y', '1z', '2x', '2y', '2z']);
});

test('a point is checked like the file, and its problems are said of --vary', () => {
  const parsed = parseScenario(SMALL, { readFile: () => new Uint8Array(), vary: ['mappings.m.BatchSize=0'] });
  expect(parsed.ok ? [] : parsed.issues.map(formatIssue)).toEqual([
    '--vary:1:1: error: mappings.m.BatchSize: expected a whole number from 1 to 10,000, got 0\n  mappings.m.BatchSize=0\n  ^',
  ]);
});
