import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COUNTS, folderWith, SMALL, shardclock, TOO_STRICT, TRACED } from '../support/command.ts';

/** A folder with a result of `scenario` in r.json. */
async function withResult(scenario: string, words: readonly string[] = []): Promise<string> {
  const cwd = folderWith({ 'scenario.yaml': scenario, 'counts.csv': COUNTS });
  await shardclock(['run', 'scenario.yaml', '-q', '-o', 'r.json', ...words], { cwd });
  return cwd;
}

function edit(cwd: string, change: (text: string) => string): void {
  const file = join(cwd, 'r.json');
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

describe('verify', () => {
  test('a result of the same run ends with 0, whatever its thresholds say', async () => {
    const changes = ['--set', 'mappings.orders-to-enrich.BatchSize=7', '-s', 'x y', '--percentiles', '95,99.9'];
    const cwd = await withResult(TOO_STRICT, changes);
    const { status, stdout, stderr } = await shardclock(['verify', 'r.json'], { cwd });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^same: \S+\n$/);
    expect(status).toBe(0);
  });

  test('a result of another run ends with 98 and what differs', async () => {
    const cwd = await withResult(SMALL);
    edit(cwd, (text) => text.replaceAll('"seed": "42"', '"seed": "43"'));
    const { status, stdout } = await shardclock(['verify', 'r.json'], { cwd });
    expect(stdout).toMatch(/^differs: the run took another course\n +digest in the result +\S+\n +digest of this run/);
    expect(stdout).toMatch(/recordsPut: \d+ → \d+/);
    expect(status).toBe(98);
  });

  test('a figure that the run does not give is a difference too', async () => {
    const cwd = await withResult(SMALL);
    edit(cwd, (text) => text.replace(/"recordsOffered": \d+/, '"recordsOffered": 1'));
    const { status, stdout } = await shardclock(['verify', 'r.json'], { cwd });
    expect(stdout).toMatch(/^differs: the digests are equal, but .*\n +streams\.orders\.recordsOffered: 1 → \d+\n$/);
    expect(status).toBe(98);
  });

  test('a result of before there were costs is the same, and so said; it can be reported', async () => {
    const cwd = await withResult(SMALL);
    edit(cwd, (text) => {
      const { cost: _, ...rest } = JSON.parse(text);
      return JSON.stringify(rest);
    });
    const { status, stdout } = await shardclock(['verify', 'r.json'], { cwd });
    expect(stdout).toMatch(/^same: \S+\nThe result holds no cost: it is older than that figure\.\n$/);
    expect(status).toBe(0);
    const reported = await shardclock(['report', 'r.json'], { cwd });
    expect([reported.status, reported.stderr]).toEqual([0, '']);
    expect(reported.stdout).not.toContain('Cost');
  });

  test('a result of another version is named as such', async () => {
    const cwd = await withResult(SMALL);
    edit(cwd, (text) => text.replace(/"version": "[^"]+"/, '"version": "9.9.9"'));
    const { status, stdout } = await shardclock(['verify', 'r.json'], { cwd });
    expect(stdout).toContain('The result was made by version 9.9.9');
    expect(status).toBe(0);
  });

  test('finds the files of the scenario in --base, and says which one is another', async () => {
    const cwd = await withResult(TRACED);
    mkdirSync(join(cwd, 'data'));
    renameSync(join(cwd, 'counts.csv'), join(cwd, 'data', 'counts.csv'));
    const missing = await shardclock(['verify', 'r.json'], { cwd });
    expect(missing.stderr).toMatch(/cannot read counts\.csv: no such file or folder\n.*--base DIR/);
    expect(missing.status).toBe(4);
    const found = await shardclock(['verify', 'r.json', '--base', 'data'], { cwd });
    expect([found.status, found.stderr]).toEqual([0, '']);
    const nowhere = await shardclock(['verify', 'r.json', '--base', 'dat'], { cwd });
    expect([nowhere.status, nowhere.stderr]).toEqual([4, 'shardclock: --base dat: there is no such folder\n']);
    writeFileSync(join(cwd, 'data', 'counts.csv'), COUNTS.replace('600', '601'));
    const changed = await shardclock(['verify', 'r.json', '--base', 'data'], { cwd });
    expect(changed.stdout).toContain(`differs: ${join('data', 'counts.csv')} is not the file`);
    expect(changed.status).toBe(98);
  });

  test('a partial result cannot be verified', async () => {
    const cwd = await withResult(SMALL);
    edit(cwd, (text) => text.replace('"partial": false', '"partial": true'));
    const { status, stderr } = await shardclock(['verify', 'r.json'], { cwd });
    expect(stderr).toContain('r.json is the partial result of an interrupted run');
    expect(status).toBe(3);
  });
});

describe('report', () => {
  test('writes from the result what run wrote, but for the trace', async () => {
    const cwd = await withResult(SMALL, ['-o', 'ran/']);
    const { status, stdout, stderr } = await shardclock(['report', 'r.json', '-o', 'again/'], { cwd });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Small');
    for (const name of ['result.json', 'series.csv', 'summary.md', 'report.html', 'junit.xml', 'charts/timeline.svg'])
      expect(readFileSync(join(cwd, 'again', name)).equals(readFileSync(join(cwd, 'ran', name)))).toBe(true);
  });

  test('prints the result again with --json, from standard input too', async () => {
    const cwd = await withResult(SMALL);
    const text = readFileSync(join(cwd, 'r.json'), 'utf8');
    const { status, stdout } = await shardclock(['report', '-', '--json'], { cwd, input: text });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(text));
  });

  test('judges nothing: a threshold that was not met does not end it with 99', async () => {
    const cwd = await withResult(TOO_STRICT);
    const { status, stdout } = await shardclock(['report', 'r.json', 'r.json'], { cwd });
    expect(stdout).toContain('max < 1ms');
    expect(status).toBe(0);
  });

  test.each([
    ['no JSON', '{', /error: not JSON/],
    ['something else', '{"a": 1}', /not a result of shardclock\n.*tool\.name: expected 'shardclock'/],
    ['another format', '{"tool":{"name":"shardclock"},"formatVersion":2}', /formatVersion: expected 1, got 2/],
    ['a part of one', '{"tool":{"name":"shardclock"},"formatVersion":1}', /scenario: expected/],
  ])('%s is no result and ends with 3', async (_, input, message) => {
    const { status, stdout, stderr } = await shardclock(['report', '-'], { input });
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([3, '']);
  });

  test('a result that is missing ends with 4', async () => {
    const { status } = await shardclock(['report', 'r.json'], { cwd: folderWith() });
    expect(status).toBe(4);
  });
});
