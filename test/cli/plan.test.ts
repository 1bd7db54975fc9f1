import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, LONG, SMALL, shardclock, TOO_STRICT } from '../support/command.ts';

const QUICK = SMALL.replace('duration: 2m', 'duration: 10s').replace('max < 10s', 'max < 2s');
const FEW = [
  'ShardCount=1..2',
  'BatchSize=50,100',
  'ParallelizationFactor=1',
  'MaximumBatchingWindowInSeconds=0',
  'StreamMode=PROVISIONED',
].flatMap((one) => ['--within', one]);

test('the number of threads is seen in nothing (D1), and the scenario with the answer meets its thresholds', async () => {
  const cwd = folderWith({ 'a.yaml': `# mine\n${QUICK}` });
  const words = ['plan', 'a.yaml', ...FEW, '--confidence', '20%', '--growth', '2x', '--headroom', '50%', '-o'];
  const one = await shardclock([...words, '1.json', '-o', 'p.yaml', '-o', 'p.md', '-j', '1'], { cwd });
  const two = await shardclock([...words, '2.json', '-j', '2'], { cwd });
  expect(one.stderr).toBe('');
  expect(two).toEqual(one);
  expect(one.status).toBe(0);
  expect(readFileSync(join(cwd, '2.json'), 'utf8')).toBe(readFileSync(join(cwd, '1.json'), 'utf8'));
  const { answer } = JSON.parse(readFileSync(join(cwd, '1.json'), 'utf8'));
  expect(one.stdout.replaceAll(/\s+/g, ' ')).toContain('at 2 times the traffic and with 50 % more of it');
  expect(one.stdout).toContain(`--set ${answer.set[0]}`);
  expect(readFileSync(join(cwd, 'p.yaml'), 'utf8')).toMatch(/^# mine\n/);
  expect(readFileSync(join(cwd, 'p.md'), 'utf8')).toMatch(/^# Small\n/);
  const again = await shardclock(['run', 'p.yaml', '-q', '--set', 'producers.checkout.rate=60/s'], { cwd });
  expect(again.status).toBe(0);
});

describe('what cannot be answered', () => {
  test('where no settings meet the thresholds the status is 99, and what came nearest is told', async () => {
    const cwd = folderWith({ 'a.yaml': TOO_STRICT.replace('duration: 2m', 'duration: 10s') });
    const { status, stdout } = await shardclock(['plan', 'a.yaml', ...FEW, '-o', 'p.yaml'], { cwd });
    expect(status).toBe(99);
    expect(stdout).toContain('✗ No settings within these bounds meet the thresholds.');
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/Nearest to it: .* IteratorAge max < 1ms was /);
    expect(existsSync(join(cwd, 'p.yaml'))).toBe(false);
    const quiet = await shardclock(['plan', 'a.yaml', ...FEW, '-q'], { cwd });
    expect(quiet).toEqual({
      ...{ status: 99, stdout: '' },
      stderr: 'shardclock: a.yaml: no settings within these bounds meet the thresholds\n',
    });
  });

  test.each([
    [
      ['a.yaml', '--set', 'thresholds={}'],
      3,
      '--set:1:1: error: thresholds: nothing says what has to be met; add for example thresholds:',
    ],
    [
      ['a.yaml', '--within', 'ShardCont=4', '--within', 'ShardCount = 4..1'],
      3,
      "--within:1:1: error: no setting that is searched; did you mean 'ShardCount'?\n  ShardCont=4\n  ^\n--within:1:14: error: expected a range that rises, as in ShardCount=1..64, got '4..1'\n  ShardCount = 4..1\n               ^\n",
    ],
    [
      ['a.yaml', '--growth', '2x', '--set', 'producers.checkout={ stream: orders, records: [{ at: 1s }] }'],
      3,
      '--set:1:1: error: producers.checkout: its records are written out one by one',
    ],
    [['a.yaml', '--growth', '2'], 2, "--growth: expected so many times, such as 2x or 1.5x, got '2'"],
    [['a.yaml', '--confidence', '100%'], 2, '--confidence: expected more than 0% and at most 99.9%'],
    [['a.yaml', '-o', 'plan.html'], 2, 'plan.html: a plan is written as .json, .md, or as a .yaml of the scenario'],
    [['a.yaml', '-o', 'a.yaml'], 2, 'a.yaml would be overwritten by what is made of it'],
  ])('%j is refused with %i', async (words, expected, message) => {
    const cwd = folderWith({ 'a.yaml': QUICK });
    const { status, stdout, stderr } = await shardclock(['plan', ...words], { cwd });
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([expected, '']);
  });
});

test('without thresholds it says where they are missing', async () => {
  const cwd = folderWith({ 'a.yaml': QUICK.replace(/^thresholds:[\s\S]*/m, '') });
  const { status, stderr } = await shardclock(['plan', 'a.yaml'], { cwd });
  expect(stderr).toMatch(
    /^a\.yaml:1:1: error: thresholds: nothing says what has to be met; .*\n {2}shardclock: 1\n {2}\^\n$/,
  );
  expect(status).toBe(3);
});

test('Ctrl-C gives what is known so far, marked', async () => {
  const cwd = folderWith({ 'a.yaml': LONG.replace('365d', '60d') });
  const ended = await shardclock(['plan', 'a.yaml', '--progress', 'plain', '-o', 'p.json'], {
    cwd,
    meanwhile: (child) => {
      child.stderr!.once('data', () => child.kill('SIGINT'));
    },
  });
  expect(ended.stderr).toMatch(/a\.yaml: 0 runs done after \d/);
  expect(ended.stdout).toContain('! Interrupted: what follows is what was known by then.');
  expect(ended.status).toBe(130);
  expect(JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'))).toMatchObject({ partial: true, answer: null });
});
