import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, LONG, SMALL, shardclock, signalAfter, TOO_STRICT } from '../support/command.ts';

/** Its handler remembers, where only a thread of its own keeps others from seeing it, how often it was called. */
const HANDLED = SMALL.replace('enrich: {', 'enrich: { handler: ./counting.mjs,');
const COUNTING = `globalThis.calls = 0;
export const handler = () => {
  if (++globalThis.calls % 7 === 0) throw new Error('every seventh');
};
`;
const FAILING = SMALL.replace('120ms }', '120ms, faults: [{ probability: 5% }] }').replace('max < 10s', 'max < 1100ms');

describe('the number of threads is seen in nothing (D1)', () => {
  test('neither in the results of several scenarios, run several times', async () => {
    const cwd = folderWith({ 'a.yaml': FAILING, 'b.yaml': HANDLED, 'counting.mjs': COUNTING });
    const words = ['run', 'a.yaml', 'b.yaml', '-n', '3', '--json', '-j'];
    const [one, four] = [await shardclock([...words, '1'], { cwd }), await shardclock([...words, '4'], { cwd })];
    expect(four).toEqual(one);
    const seeds = one.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).scenario.seed);
    expect(seeds).toEqual(['42', '42/2', '42/3', '42', '42/2', '42/3']);
    const alone = await shardclock(['run', 'b.yaml', '--json', '--seed', '42/3'], { cwd });
    expect(one.stdout.trimEnd().split('\n').at(-1)).toBe(alone.stdout.trimEnd());
  });

  test('nor in the summary and the tables', async () => {
    const cwd = folderWith({ 'a.yaml': FAILING });
    const words = ['run', 'a.yaml', '-n', '5', '-o'];
    const one = await shardclock([...words, '1.csv', '-j', '1'], { cwd });
    const four = await shardclock([...words, '4.csv', '-j', '4'], { cwd });
    expect(four).toEqual(one);
    expect(readFileSync(join(cwd, '4.csv'), 'utf8')).toBe(readFileSync(join(cwd, '1.csv'), 'utf8'));
    expect(one.stdout).toMatch(/^Small\n5 replications of 2 m, seeds 42, 42\/2 to 42\/5\n/);
    const met = Number(/met in (\d) of 5 replications/.exec(one.stdout)![1]);
    expect(met).toBeGreaterThan(0);
    expect(met).toBeLessThan(5);
    expect(one.status).toBe(99);
  });
});

test('a folder holds all of each replication, and tables of them', async () => {
  const cwd = folderWith({ 'a.yaml': TOO_STRICT });
  const { status, stdout } = await shardclock(['run', 'a.yaml', '-q', '-n', '2', '-o', 'r/'], { cwd });
  expect([status, stdout]).toEqual([99, '']);
  const folders = ['replication-1', 'replication-2'];
  expect(readdirSync(join(cwd, 'r')).sort()).toEqual([
    'junit.xml',
    ...folders,
    'replications.csv',
    'replications.json',
  ]);
  const table = JSON.parse(readFileSync(join(cwd, 'r', 'replications.json'), 'utf8'));
  expect(table).toMatchObject({ asked: 2, complete: 2, thresholds: [{ met: 0, of: 2, notMetBy: ['42', '42/2'] }] });
  for (const [index, folder] of folders.entries()) {
    expect(readdirSync(join(cwd, 'r', folder)).sort()).toEqual([
      'charts',
      'report.html',
      'result.json',
      'series.csv',
      'summary.md',
      'trace.ndjson',
    ]);
    const result = JSON.parse(readFileSync(join(cwd, 'r', folder, 'result.json'), 'utf8'));
    expect(result.digest).toBe(table.replications[index].digest);
  }
  expect(readFileSync(join(cwd, 'r', 'junit.xml'), 'utf8')).toContain('tests="2" failures="2"');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s ends those that run, begins no other, writes what there is and ends with %i',
  async (signal, status) => {
    const handler = "console.log('begun'); export const handler = () => undefined;";
    const cwd = folderWith({
      'long.yaml': LONG.replace('enrich: {', 'enrich: { handler: ./h.mjs,'),
      'h.mjs': handler,
    });
    const ended = await shardclock(['run', 'long.yaml', '-n', '5', '-j', '2', '-o', 't.csv'], {
      cwd,
      meanwhile: (child) => signalAfter(child, 'begun', 3, signal), // the first is the check
    });
    expect(ended.stderr).toContain('interrupted; ');
    expect(ended.stderr).toContain('; 3 more runs were not run');
    expect(ended.stdout).toContain('Interrupted: 0 of them ran to their end, which is what follows; 2 cut short.');
    const rows = readFileSync(join(cwd, 't.csv'), 'utf8').trimEnd().split('\r\n').slice(1);
    expect(rows.map((row) => row.split(',')[3])).toEqual(['true', 'true']);
    expect(ended.status).toBe(status);
  },
);

test('where a replication has no result its seed is told, and there is no table', async () => {
  const cwd = folderWith({ 'a.yaml': HANDLED, 'counting.mjs': 'export const handler = () => { for (;;); };' });
  const words = ['run', 'a.yaml', '-n', '3', '-j', '1', '-o', 't.csv', '--handler-timeout', '200ms'];
  const { status, stdout, stderr } = await shardclock(words, { cwd });
  expect([status, stdout]).toEqual([3, '']);
  expect(stderr.match(/^shardclock: a\.yaml, seed 42: .* did not settle/gm)).toHaveLength(1);
  expect(existsSync(join(cwd, 't.csv'))).toBe(false);
});
