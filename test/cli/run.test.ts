import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Summary } from '../../src/index.ts';
import { US_EAST_1 } from '../../src/report/cost/prices.ts';
import { COUNTS, folderWith, SMALL, shardclock, TOO_STRICT, TRACED } from '../support/command.ts';

const CHARTS = [
  'age-breakdown.svg',
  'backlog.svg',
  'batch-size.svg',
  'concurrency.svg',
  'invocations.svg',
  'iterator-age.svg',
  'throughput.svg',
  'timeline.svg',
];
const EVERYTHING = ['charts', 'junit.xml', 'report.html', 'result.json', 'series.csv', 'summary.md', 'trace.ndjson'];

describe('what is printed', () => {
  test('is the summary, with the command that repeats the run, and nothing on standard error', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const words = ['run', 'small.yaml', '-s', '7', '--set', 'mappings.orders-to-enrich.BatchSize=50'];
    const { status, stdout, stderr } = await shardclock(words, { cwd });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Small');
    expect(stdout.replaceAll(/\s*\\?\s+/g, ' ')).toContain(
      'shardclock run small.yaml --seed 7 --set mappings.orders-to-enrich.BatchSize=50',
    );
  });

  test('is for several scenarios one summary after the other', async () => {
    const cwd = folderWith({ 'a.yaml': SMALL.replace('Small', 'First'), 'b.yaml': SMALL.replace('Small', 'Second') });
    const { status, stdout } = await shardclock(['run', 'a.yaml', 'b.yaml'], { cwd });
    expect(status).toBe(0);
    expect(stdout.indexOf('First')).toBeLessThan(stdout.indexOf('Second'));
  });

  test('is nothing with -q', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const ended = await shardclock(['run', '-q', 'small.yaml'], { cwd });
    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('is with -q each threshold that is not met, in a line apart from the result', async () => {
    const strict = TOO_STRICT.replace('drain: 1m', 'drain: 0s').replace(
      "['max < 1ms']",
      "['max < 1ms', 'max < 1h']\n  records.pending: ['count == 9']",
    );
    const cwd = folderWith({ 'strict.yaml': strict, 'small.yaml': SMALL });
    const { status, stdout, stderr } = await shardclock(['run', 'strict.yaml', 'small.yaml', '-q'], { cwd });
    expect(stderr).toMatch(
      /^shardclock: strict\.yaml: IteratorAge max < 1ms is not met: \d.*\nshardclock: strict\.yaml: records\.pending count == 9 is not met: \d+\n$/,
    );
    expect([status, stdout]).toEqual([99, '']);
    const said = await shardclock(['run', 'strict.yaml', '-q', '--json', '-n', '2'], { cwd });
    expect(said.stderr).toContain(
      'strict.yaml: IteratorAge max < 1ms is not met in 2 of 2 replications, seeds 42 and ',
    );
    expect(said.stdout.trimEnd().split('\n')).toHaveLength(2);
  });

  test('has no colour where it is no terminal, progress only if asked for', async () => {
    const cwd = folderWith({ 'small.yaml': TOO_STRICT });
    const { stdout, stderr } = await shardclock(['run', 'small.yaml'], { cwd });
    expect(stdout + stderr).not.toContain('\u001b');
    const { status } = await shardclock(['run', 'small.yaml', '--progress', 'plain', '--no-color'], { cwd });
    expect(status).toBe(99);
  });

  test('is with --json the result and nothing else, on one line', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const { status, stdout, stderr } = await shardclock(['run', 'small.yaml', '--json'], { cwd });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toHaveLength(2);
    const result = JSON.parse(stdout);
    expect(Object.keys(result).slice(0, 8)).toEqual([
      'formatVersion',
      'tool',
      'scenario',
      'measured',
      'partial',
      'digest',
      'thresholds',
      'streams',
    ]);
    expect(result).toMatchObject({ formatVersion: 1, partial: false, scenario: { name: 'Small', seed: '42' } });
  });

  test('is with --json one result a line for several scenarios, whatever else is wrong with them', async () => {
    const cwd = folderWith({ 'a.yaml': SMALL.replace('Small', 'First'), 'b.yaml': TOO_STRICT });
    const { status, stdout } = await shardclock(['run', '--json', 'a.yaml', 'b.yaml'], { cwd });
    expect(status).toBe(99);
    const results = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(results.map((result) => [result.scenario.name, result.thresholds[0].ok])).toEqual([
      ['First', true],
      ['Small', false],
    ]);
  });

  test('is with -o - the result as a file holds it', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const { status, stdout } = await shardclock(['run', 'small.yaml', '-o', '-', '-o', 'r.json'], { cwd });
    expect(status).toBe(0);
    expect(stdout).toBe(readFileSync(join(cwd, 'r.json'), 'utf8'));
    // And so alone, and with --json, whatever else is not written.
    expect((await shardclock(['run', 'small.yaml', '-o', '-'], { cwd })).stdout).toBe(stdout);
    const { stdout: line } = await shardclock(['run', 'small.yaml', '--json'], { cwd });
    expect(JSON.parse(line)).toEqual(JSON.parse(stdout));
  });
});

describe('what is run', () => {
  test('may come from standard input; its files are those of the current folder', async () => {
    const cwd = folderWith({ 'counts.csv': COUNTS });
    const { status, stdout } = await shardclock(['run', '-', '--json'], { cwd, input: TRACED });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).streams.orders.recordsOffered).toBe(1_500);
  });

  test('names its files relative to itself', async () => {
    const cwd = folderWith();
    mkdirSync(join(cwd, 'deep'));
    writeFileSync(join(cwd, 'deep', 'traced.yaml'), TRACED);
    writeFileSync(join(cwd, 'deep', 'counts.csv'), COUNTS);
    const { status, stdout } = await shardclock(['run', 'deep/traced.yaml', '--json'], { cwd });
    expect(status).toBe(0);
    expect(Object.keys(JSON.parse(stdout).scenario.files)).toEqual(['counts.csv']);
  });

  test('follows --seed, --set, --period and --percentiles, which the result records', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const words = ['run', 'small.yaml', '--json', '--set', 'seed=5', '--seed', '6', '--period', '30s'];
    const { stdout } = await shardclock([...words, '--percentiles', '50,99.9', '--set', 'drain=0s'], { cwd });
    const result = JSON.parse(stdout);
    expect(result.scenario.seed).toBe('6');
    expect(result.scenario.resolved).toMatchObject({ seed: '6', period: '30s', drain: '0s' });
    expect(result.series.periodSeconds).toBe(30);
    expect(Object.keys(result.mappings['orders-to-enrich'].iteratorAgeMs)).toContain('p99.9');
  });

  test('is priced by --prices, with --free-tier less; both are said, and kept for verify (C1)', async () => {
    const { shardHour: _, ...kinesis } = US_EAST_1.kinesis;
    const dear = { ...US_EAST_1, date: '2031-02-03', kinesis: { shardHour: 2, ...kinesis } };
    const cwd = folderWith({ 'small.yaml': SMALL, 'dear.json': JSON.stringify(dear) });
    const words = ['run', 'small.yaml', '--prices', 'dear.json', '--free-tier'];
    const { stdout, status } = await shardclock([...words, '-o', 'r.json'], { cwd });
    expect(status).toBe(0);
    expect(stdout).toContain('by us-east-1 prices of 2031-02-03 without what is free: $2,920.00 shards');
    expect(stdout).toContain('Repeat  shardclock run small.yaml --prices dear.json --free-tier\n');
    const { cost } = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8')) as Summary;
    expect(cost).toMatchObject({ freeTier: true, priceList: dear, items: { shardHours: 2_920, lambdaGBSeconds: 0 } });
    expect(await shardclock(['verify', 'r.json'], { cwd })).toMatchObject({ status: 0, stderr: '' });
  });

  test('is not made by prices that are none, or that would be overwritten', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL, 'p.json': '{ "region": "us-east-1" }' });
    const wrong = await shardclock(['run', 'small.yaml', '--prices', 'p.json', '-o', 'r.json'], { cwd });
    expect([wrong.status, wrong.stdout]).toEqual([3, '']);
    expect(wrong.stderr).toContain('p.json:1:1: error: kinesis: is missing; expected a map of prices');
    writeFileSync(join(cwd, 'p.json'), JSON.stringify(US_EAST_1));
    const same = await shardclock(['run', 'small.yaml', '--prices', 'p.json', '-o', 'p.json'], { cwd });
    expect([same.status, same.stderr]).toEqual([2, expect.stringContaining('p.json would be overwritten')]);
  });

  test('is the same for seeds 42 and "42"', async () => {
    const cwd = folderWith({ 'a.yaml': SMALL, 'b.yaml': SMALL.replace('seed: 42', "seed: '42'") });
    const { stdout } = await shardclock(['run', '--json', 'a.yaml', 'b.yaml'], { cwd });
    const [a, b] = stdout.split('\n');
    expect(a).toBe(b);
  });

  test('with --debug is the same run', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const plain = await shardclock(['run', 'small.yaml', '--json'], { cwd });
    const debug = await shardclock(['run', 'small.yaml', '--json', '--debug'], { cwd });
    expect(debug).toEqual(plain);
  });
});

describe('what is written', () => {
  test('has the form that its extension names', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const names = ['r.json', 'r.csv', 'r.ndjson', 'r.html', 'r.svg', 'r.png', 'r.md', 'r.xml'];
    const words = ['run', 'small.yaml', '-q', ...names.flatMap((name) => ['-o', name])];
    const ended = await shardclock(words, { cwd });
    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' });
    const beginning = (name: string) => readFileSync(join(cwd, name), 'utf8').slice(0, 40);
    expect(beginning('r.json')).toMatch(/^\{\n {2}"formatVersion": 1,/);
    expect(beginning('r.html')).toMatch(/^<!doctype html>/i);
    expect(beginning('r.svg')).toMatch(/^<svg /);
    expect(beginning('r.png').slice(1, 4)).toBe('PNG');
    expect(beginning('r.xml')).toMatch(/^<(\?xml|testsuite)/);
    expect(beginning('r.csv')).toMatch(/^\w+/);
    expect(beginning('r.md')).toMatch(/^#/);
    expect(readdirSync(cwd).sort()).toEqual(['small.yaml', ...names].sort());
  });

  test('as the trace is an event a line in the order of virtual time', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    await shardclock(['run', 'small.yaml', '-q', '-o', 'trace.ndjson'], { cwd });
    const text = readFileSync(join(cwd, 'trace.ndjson'), 'utf8');
    expect(text.endsWith('}\n')).toBe(true);
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(200);
    expect(events.every((event, index) => index === 0 || events[index - 1].t <= event.t)).toBe(true);
    expect(new Set(events.map((event) => event.type))).toContain('invocation');
  });

  test('is everything in a folder, which is made', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const { status } = await shardclock(['run', 'small.yaml', '-q', '-o', 'a/b/'], { cwd });
    expect(status).toBe(0);
    expect(readdirSync(join(cwd, 'a/b')).sort()).toEqual(EVERYTHING);
    expect(readdirSync(join(cwd, 'a/b/charts')).sort()).toEqual(CHARTS);
  });

  test('is a folder for each of several scenarios, named after its file', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL, 'strict.yml': TOO_STRICT });
    mkdirSync(join(cwd, 'other'));
    writeFileSync(join(cwd, 'other', 'small.json'), '');
    writeFileSync(join(cwd, 'other', 'small.yaml'), SMALL);
    const words = ['run', 'small.yaml', 'strict.yml', 'other/small.yaml', '-q', '-o', 'out/'];
    const { status } = await shardclock(words, { cwd });
    expect(status).toBe(99);
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['junit.xml', 'small', 'small-2', 'strict']);
    expect(readdirSync(join(cwd, 'out/strict')).sort()).toEqual(EVERYTHING.filter((name) => name !== 'junit.xml'));
  });

  test('is one JUnit report for several scenarios, and for their saved results', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL, 'strict.yaml': TOO_STRICT.replace('Small', 'Strict') });
    await shardclock(['run', 'small.yaml', 'strict.yaml', '-q', '-o', 'out/'], { cwd });
    const junit = readFileSync(join(cwd, 'out/junit.xml'), 'utf8');
    expect(junit).toContain('<testsuites name="shardclock" tests="2" failures="1" errors="0">');
    expect(junit.match(/<testsuite name="[^"]*"/g)).toEqual(['<testsuite name="Small"', '<testsuite name="Strict"']);
    const results = ['out/small/result.json', 'out/strict/result.json'];
    await shardclock(['report', ...results, '-q', '-o', 'again/'], { cwd });
    expect(readFileSync(join(cwd, 'again/junit.xml'), 'utf8')).toBe(junit);
  });

  test('holds the chart that is named, with its title, part and colours', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const words = ['run', 'small.yaml', '-q', '-o', 'r.svg', '--chart', 'backlog', '--title', 'Look'];
    expect((await shardclock([...words, '--from', '30s', '--to', '1m'], { cwd })).stderr).toBe('');
    const light = readFileSync(join(cwd, 'r.svg'), 'utf8');
    expect(light).toContain('Look');
    const { stderr } = await shardclock([...words, '--theme', 'dark', '--from', '5m'], { cwd });
    expect(stderr).toMatch(/^shardclock: --from and --to: the run ends at 2 m 1 s, .*: they show the whole run\n$/);
    expect(readFileSync(join(cwd, 'r.svg'), 'utf8')).not.toBe(light);
  });
});

describe('bad input ends with 3 before anything is run or written', () => {
  test('every problem of every file, with its place', async () => {
    const cwd = folderWith({
      'good.yaml': SMALL,
      'bad.yaml': SMALL.replace('duration: 2m', 'duration: 120').replace('ShardCount', 'ShardCuont'),
      'worse.yaml': SMALL.replace('stream: orders\n', 'stream: odrers\n'),
    });
    const words = ['run', 'good.yaml', 'bad.yaml', 'worse.yaml', '--json', '-o', 'out/'];
    const { status, stdout, stderr } = await shardclock(words, { cwd });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^bad\.yaml:4:11: error: duration: expected a duration with its unit/m);
    expect(stderr).toMatch(/^bad\.yaml:7:\d+: error: .*ShardCuont.*did you mean 'ShardCount'\?/m);
    expect(stderr).toMatch(/^worse\.yaml:14:\d+: error: .*did you mean 'orders'\?/m);
    expect(stderr).toMatch(/^ +\^/m);
    expect(existsSync(join(cwd, 'out'))).toBe(false);
  });

  test.each([
    ['no YAML', 'a: [', /^<stdin>:\d+:\d+: error: /],
    ['nothing', '', /^<stdin>:1:1: error: /],
    ['a bad --set', SMALL, /error: .*BatchSize.*expected a whole number/],
  ])('%s', async (what, input, message) => {
    const set = what === 'a bad --set' ? ['--set', 'mappings.orders-to-enrich.BatchSize=0'] : [];
    const { status, stdout, stderr } = await shardclock(['run', '-', ...set], { input });
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([3, '']);
  });

  test('a file that is no text', async () => {
    const cwd = folderWith();
    writeFileSync(join(cwd, 'utf16.yaml'), Buffer.from('shardclock: 1', 'utf16le').fill(0xff, 0, 2));
    const { status, stderr } = await shardclock(['run', 'utf16.yaml'], { cwd });
    expect([status, stderr]).toEqual([3, 'shardclock: utf16.yaml:1:1: error: expected text in UTF-8\n']);
  });

  test('a scenario whose clock never goes on, by the name of its lane (D6)', async () => {
    const loop = SMALL.replace('enrich: { duration: 120ms }', ENDLESS_FAULT).replace(
      'StartingPosition: TRIM_HORIZON',
      'StartingPosition: TRIM_HORIZON\n    retryBackoff: none',
    );
    const cwd = folderWith({ 'loop.yaml': loop });
    const { status, stdout, stderr } = await shardclock(['run', 'loop.yaml', '-o', 'out/'], { cwd });
    expect(stderr).toMatch(/loop\.yaml: .*orders-to-enrich.*shardId-000000000000/);
    expect([status, stdout]).toEqual([3, '']);
    expect(existsSync(join(cwd, 'out/trace.ndjson'))).toBe(false);
  });
});

const ENDLESS_FAULT = `enrich:
    duration: { uniform: { min: 0ms, max: 0ms } }
    faults: [{ poison: { stream: orders, shard: 0, record: 3 } }]`;

describe('a file that cannot be read or written ends with 4', () => {
  test.each([
    ['missing.yaml', 'cannot read missing.yaml: no such file or folder'],
    ['.', 'cannot read .: it is a folder'],
    ['small.yaml/x.yaml', 'cannot read small.yaml/x.yaml: a part of its path is a file, not a folder'],
  ])('%s', async (name, message) => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    const { status, stdout, stderr } = await shardclock(['run', 'small.yaml', name], { cwd });
    expect([status, stdout, stderr]).toEqual([4, '', `shardclock: ${message}\n`]);
  });

  test('a file that the scenario names, at its place', async () => {
    const cwd = folderWith({ 'traced.yaml': TRACED });
    const { status, stderr } = await shardclock(['validate', 'traced.yaml'], { cwd });
    expect(stderr).toMatch(/^traced\.yaml:9:\d+: error: .*cannot read 'counts\.csv': no such file or folder/);
    expect(status).toBe(4);
  });

  test.each([
    ['nowhere/r.json', 'cannot write nowhere/r.json: there is no folder nowhere'],
    ['small.yaml/r.json', 'cannot write small.yaml/r.json: small.yaml is a file, not a folder'],
    ['small.yaml/', 'small.yaml is a file, not a folder'],
    ['folder.json', 'cannot write folder.json: it is a folder'],
  ])('%s, before anything is run', async (name, message) => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    mkdirSync(join(cwd, 'folder.json'));
    const { status, stdout, stderr } = await shardclock(['run', 'small.yaml', '-o', name], { cwd });
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([4, '']);
    expect(readdirSync(cwd).sort()).toEqual(['folder.json', 'small.yaml']);
  });

  test.skipIf(!existsSync('/dev/full'))('standard output on a full disk', async () => {
    const { spawnSync } = await import('node:child_process');
    const { COMMAND } = await import('../support/command.ts');
    const cwd = folderWith({ 'small.yaml': SMALL });
    const line = `"${process.execPath}" "${COMMAND}" run small.yaml > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', line], { cwd, encoding: 'utf8' });
    expect([status, stderr]).toEqual([4, expect.stringContaining('cannot write to standard output')]);
  });
});

test('a threshold that is not met ends with 99, and the outputs are written', async () => {
  const cwd = folderWith({ 'strict.yaml': TOO_STRICT });
  const { status, stdout } = await shardclock(['run', 'strict.yaml', '-o', 'r.json'], { cwd });
  expect(status).toBe(99);
  expect(stdout).toContain('max < 1ms');
  expect(JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8')).thresholds[0].ok).toBe(false);
});

test('of several problems the gravest gives the status', async () => {
  const cwd = folderWith({ 'bad.yaml': 'x: 1' });
  expect((await shardclock(['validate', 'bad.yaml', 'missing.yaml'], { cwd })).status).toBe(4);
});

test('validate says that a scenario is valid, and runs nothing', async () => {
  const cwd = folderWith({ 'small.yaml': SMALL, 'strict.yaml': TOO_STRICT, 'bad.yaml': 'x: 1' });
  const good = await shardclock(['validate', 'small.yaml', 'strict.yaml'], { cwd });
  expect(good).toEqual({ status: 0, stdout: 'small.yaml: valid\nstrict.yaml: valid\n', stderr: '' });
  const bad = await shardclock(['validate', 'bad.yaml', 'small.yaml'], { cwd });
  expect([bad.status, bad.stdout]).toEqual([3, 'small.yaml: valid\n']);
  expect(bad.stderr).toMatch(/^bad\.yaml:/);
});
