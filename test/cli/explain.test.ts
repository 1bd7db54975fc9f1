import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { placeOf, placeOfFault } from '../../src/cli/json-place.ts';
import { folderWith, SMALL, shardclock } from '../support/command.ts';

const POISON = SMALL.replace(
  'enrich: { duration: 120ms }',
  'enrich: { duration: 120ms, faults: [{ poison: { stream: orders, shard: 0, record: 30 } }] }',
);

async function withResult(scenario: string): Promise<string> {
  const cwd = folderWith({ 'scenario.yaml': scenario });
  await shardclock(['run', 'scenario.yaml', '-q', '-o', 'r.json'], { cwd });
  return cwd;
}

describe('explain RESULT', () => {
  test('says what stalled, why, what it cost and what to try', async () => {
    const cwd = await withResult(POISON);
    const { status, stdout, stderr } = await shardclock(['explain', 'r.json'], { cwd });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^orders-to-enrich: failures stopped it for/m);
    expect(stdout).toMatch(/^ {2}Why: .*record 30 of shard 0/m);
    expect(stdout).toMatch(/^ {2}Cost: /m);
    expect(stdout).toMatch(/^ {2}Try: BisectBatchOnFunctionError true \(now false\)/m);
  });

  test('of a healthy run is short', async () => {
    const cwd = await withResult(SMALL);
    const { status, stdout } = await shardclock(['explain', 'r.json'], { cwd });
    expect(status).toBe(0);
    expect(stdout).toContain('Nothing stalled and nothing was lost');
    expect(stdout.trimEnd().split('\n').length).toBeLessThan(7);
  });

  test('reads standard input, and several files one after another', async () => {
    const cwd = await withResult(SMALL);
    const input = readFileSync(join(cwd, 'r.json'), 'utf8');
    const one = await shardclock(['explain', 'r.json'], { cwd });
    const piped = await shardclock(['explain', '-'], { cwd, input });
    expect(piped.stdout).toBe(one.stdout);
    const two = await shardclock(['explain', 'r.json', 'r.json'], { cwd });
    expect(two.stdout).toBe(`${one.stdout}\n${one.stdout}`);
    const twice = await shardclock(['explain', '-', '-'], { cwd, input });
    expect([twice.status, twice.stderr]).toEqual([2, expect.stringContaining('read only once')]);
  });

  test('a file wins over a name that it has', async () => {
    const cwd = await withResult(SMALL);
    writeFileSync(join(cwd, 'BatchSize'), readFileSync(join(cwd, 'r.json')));
    const { stdout } = await shardclock(['explain', 'BatchSize'], { cwd });
    expect(stdout).toContain('Nothing stalled');
  });

  test('a result that is none ends with 3, at its line and column, and the others are told all the same', async () => {
    const cwd = await withResult(SMALL);
    const text = readFileSync(join(cwd, 'r.json'), 'utf8');
    writeFileSync(join(cwd, 'wrong.json'), text.replace(/"partial": false/, '"partial": 7'));
    writeFileSync(join(cwd, 'cut.json'), text.slice(0, text.indexOf('"partial"')));
    writeFileSync(join(cwd, 'other.json'), '{\n  "a": 1\n}\n');
    const wrong = await shardclock(['explain', 'wrong.json', 'r.json'], { cwd });
    const line = text.split('\n').findIndex((one) => one.includes('"partial"')) + 1;
    expect(wrong.status).toBe(3);
    expect(wrong.stderr).toContain(`wrong.json:${line}:14: error: partial: expected boolean`);
    expect(wrong.stdout).toContain('Nothing stalled');
    const cut = await shardclock(['explain', 'cut.json'], { cwd });
    expect([cut.status, cut.stdout]).toEqual([3, '']);
    expect(cut.stderr).toMatch(/cut\.json:\d+:\d+: error: not JSON: it ends too soon/);
    const other = await shardclock(['explain', 'other.json'], { cwd });
    expect([other.status, other.stderr]).toEqual([
      3,
      expect.stringContaining("other.json:1:1: error: tool.name: expected 'shardclock'"),
    ]);
  });

  test('a result that cannot be read ends with 4', async () => {
    const cwd = folderWith();
    mkdirSync(join(cwd, 'folder.json'));
    for (const name of ['missing.json', 'folder.json']) {
      const { status, stderr } = await shardclock(['explain', name], { cwd });
      expect([status, stderr]).toEqual([4, expect.stringContaining(`cannot read ${name}`)]);
    }
  });
});

describe('explain NAME', () => {
  test('says what it means, with the text of its rule', async () => {
    const { status, stdout, stderr } = await shardclock(['explain', 'BatchSize'], { cwd: folderWith() });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Default: 100. May be a whole number from 1 to 10,000.');
    expect(stdout).toContain('P3: A batch is the longest run of unread records');
    expect(stdout).toContain('Example: mappings: { NAME: { BatchSize: 500 } }\n');
  });

  test.each([
    ['BatchSiz', "nothing is called 'BatchSiz'; did you mean 'BatchSize' or 'batchSize'?"],
    ['throttel', "nothing is called 'throttel'; did you mean 'throttle'?"],
    ['iteratorage', "nothing is called 'iteratorage'; did you mean 'iteratorAge' or 'IteratorAge'?"],
    ['qqqqqqqq', "nothing is called 'qqqqqqqq'\nExpected a result"],
  ])('%s ends with 2', async (name, message) => {
    const { status, stdout, stderr } = await shardclock(['explain', 'BatchSize', name], { cwd: folderWith() });
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
  });

  test('every name that is none is said', async () => {
    const { status, stderr } = await shardclock(['explain', 'Batch', 'BatchSize', 'qqqqqqqq'], { cwd: folderWith() });
    expect(stderr).toContain("nothing is called 'Batch'");
    expect(stderr).toContain("\nexplain: nothing is called 'qqqqqqqq'\nExpected a result");
    expect(status).toBe(2);
  });

  test('nothing at all ends with 2 and what it takes', async () => {
    const { status, stderr } = await shardclock(['explain']);
    expect(stderr).toContain('explain: expected a result, or the name of a setting, a metric or a cause');
    expect(status).toBe(2);
  });

  test('is completed, beside the results that are there', async () => {
    const cwd = folderWith({ 'Batch.json': '', 'Batch.yaml': '' });
    const { stdout } = await shardclock(['--get-yargs-completions', 'shardclock', 'explain', 'Batch'], { cwd });
    expect(stdout.split('\n').filter(Boolean)).toEqual(['BatchSize', 'Batch.json']);
    const none = await shardclock(['--get-yargs-completions', 'shardclock', 'explain', ''], { cwd });
    expect(none.stdout).toBe('');
  });
});

describe('places in JSON', () => {
  const text = '{\n  "a": { "b.c": [1, { "d": null }] },\n  "e\\u0041": true\n}';

  test.each([
    [[], '1:1'],
    [['a'], '2:8'],
    [['a', 'b.c', 1, 'd'], '2:28'],
    [['a', 'b.c', 7], '2:17'],
    [['eA'], '3:14'],
    [['missing'], '1:1'],
  ])('of %j is %s', (path, place) => {
    const { line, column } = placeOf(text, path);
    expect(`${line}:${column}`).toBe(place);
  });

  test.each([
    ['', '1:1'],
    ['{"a": }', '1:7'],
    ['{"a": 1,}', '1:9'],
    ['[1 2]', '1:4'],
    ['[1,\n2', '2:2'],
    ['{} x', '1:4'],
    ['{a: 1}', '1:2'],
    ['"\u0001"', '1:1'],
    ['["\\x"]', '1:2'],
  ])('of the fault in %j is %s', (fault, place) => {
    expect(() => JSON.parse(fault)).toThrow();
    const { line, column } = placeOfFault(fault);
    expect(`${line}:${column}`).toBe(place);
  });
});
