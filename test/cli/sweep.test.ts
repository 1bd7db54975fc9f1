import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, SMALL, shardclock } from '../support/command.ts';

const VARIED = ['sweep', 'a.yaml', '--vary', 'mappings.orders-to-enrich.BatchSize=5,50', '-n', '3'];

test('threads, parts, an interruption and a torn cache are seen in no byte (D1)', async () => {
  const cwd = folderWith({ 'a.yaml': SMALL });
  const words = [...VARIED, '-q', '--cache', 'kept', '-o'];
  const cut = await shardclock([...words, 'cut.json', '-j', '1'], {
    cwd,
    meanwhile: (child) => {
      const watch = setInterval(() => {
        if (filesIn(join(cwd, 'kept')).length === 0) return;
        clearInterval(watch);
        child.kill('SIGINT');
      }, 5);
      child.on('close', () => clearInterval(watch));
    },
  });
  expect(cut.stderr).toContain('marked partial; the same command goes on from there');
  expect(cut.status).toBe(130);
  expect(JSON.parse(read(cwd, 'cut.json')).partial).toBe(true);

  // The interrupted one left some runs. One of what is kept gets torn, and one is what another run said.
  const part = (number: number) => ['--part', `${number}/2`, '-j', '1', '-o', `part-${number}.json`];
  const one = await shardclock([...VARIED, '--cache', 'kept', ...part(1)], { cwd });
  expect(one.stdout).toContain('part 1 of 2, 3 runs');
  const [first = '', second = '', ...others] = filesIn(join(cwd, 'kept'));
  expect(others.length).toBeGreaterThan(0);
  truncateSync(first, 100);
  copyFileSync(others[0]!, second);
  const resumed = await shardclock([...VARIED, '--cache', 'kept', '-j', '2', '-o', 'resumed.json'], { cwd });
  expect(resumed.stderr).toBe(`shardclock: ${others.length} of 6 runs were kept in kept from before\n`);
  expect(resumed.status).toBe(0);
  await shardclock([...VARIED, '--no-cache', '-q', ...part(2)], { cwd });
  const merged = await shardclock(['merge', 'part-2.json', 'part-1.json', '-o', 'merged.json'], { cwd });
  expect(merged).toEqual({ status: 0, stdout: resumed.stdout, stderr: '' });
  expect(read(cwd, 'merged.json')).toBe(read(cwd, 'resumed.json'));

  const alone = await shardclock(['merge', 'part-2.json', 'a.yaml', '--json'], { cwd });
  expect(alone.stderr).toContain('a.yaml is not a part of a sweep\na.yaml:1:1: error: not JSON from here on');
  expect([alone.status, alone.stdout]).toEqual([3, '']);
});

test.each(['', 'home'])(
  "without a home folder nothing is kept, and nothing is written where one stands: HOME='%s'",
  async (home) => {
    const cwd = folderWith({ 'a.yaml': SMALL });
    const words = ['sweep', 'a.yaml', '--vary', 'mappings.orders-to-enrich.BatchSize=10', '-n', '1'];
    const env = { HOME: home, USERPROFILE: home, LOCALAPPDATA: home, XDG_CACHE_HOME: home };
    const { status, stderr } = await shardclock(words, { cwd, env });
    expect(stderr).toBe('shardclock: what is run is not kept: no home folder is known\n');
    expect([status, readdirSync(cwd)]).toEqual([0, ['a.yaml']]);
  },
);

test('what was kept more than two months ago goes, looked for once a day', async () => {
  const cwd = folderWith({ 'a.yaml': SMALL });
  const runs = join(cwd, 'cache', 'shardclock', 'runs');
  const sweep = (batchSize: number) =>
    shardclock(['sweep', 'a.yaml', '--vary', `mappings.orders-to-enrich.BatchSize=${batchSize}`, '-n', '1', '-q'], {
      cwd,
      env: { XDG_CACHE_HOME: join(cwd, 'cache') },
    });
  const kept = () => readdirSync(runs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  expect(await sweep(10)).toEqual({ status: 0, stdout: '', stderr: '' });
  const [first] = kept() as [string];
  const aged = new Date('2020-01-01T00:00:00Z');
  utimesSync(join(runs, first), aged, aged);
  await sweep(20);
  expect(kept()).toContain(first); // looked through a moment ago
  utimesSync(join(runs, 'looked-through'), aged, aged);
  await sweep(30);
  expect(kept()).not.toContain(first);
  expect(kept()).toHaveLength(2);
});

test('thresholds are counted and do not set the status; a folder holds all of a sweep', async () => {
  const cwd = folderWith({ 'a.yaml': SMALL.replace('max < 10s', 'max < 1ms') });
  const words = ['sweep', 'a.yaml', '--no-cache', '-n', '2', '-o', 'all/'];
  const vary = ['--vary', 'streams.orders.ShardCount=1,2'];
  const { status, stdout } = await shardclock([...words, ...vary], { cwd });
  expect(stdout).toContain('✗ 0 of 2');
  expect(status).toBe(0);
  expect(filesIn(join(cwd, 'all')).map((file) => file.slice(cwd.length + 5))).toEqual([
    'charts/line.svg',
    'charts/pareto.svg',
    'sweep.csv',
    'sweep.json',
    'sweep.md',
  ]);
});

test('a handler is run anew each time, and one that fails says at which point', async () => {
  const handler = 'export const handler = (event) => { if (event.Records.length > 9) for (;;); };';
  const cwd = folderWith({ 'a.yaml': SMALL.replace('enrich: {', 'enrich: { handler: ./h.mjs,'), 'h.mjs': handler });
  const words = ['sweep', 'a.yaml', '--vary', 'mappings.orders-to-enrich.BatchSize=9,50', '-n', '1', '-j', '1'];
  const more = ['--cache', 'kept', '--handler-timeout', '300ms', '-o', 's.json'];
  const { status, stdout, stderr } = await shardclock([...words, ...more], { cwd });
  expect(stderr).toMatch(/^shardclock: a\.yaml: BatchSize 50, seed 42: .*did not settle/m);
  expect([status, stdout]).toEqual([3, '']);
  expect(existsSync(join(cwd, 's.json'))).toBe(false);
  expect(filesIn(join(cwd, 'kept'))).toEqual([]);
});

test.each([
  [
    3,
    ['--vary', 'mappings.orders-to-enrich.BatchSize=5,0'],
    /^--vary:1:1: error: .*BatchSize: expected a whole number/,
  ],
  [2, ['--vary', 'warmup=0s,1s', '-o', 's.html'], /s\.html: a sweep is not written as \.html/],
  [4, ['--vary', 'warmup=0s,1s', '--cache', 'a.yaml/kept'], /cannot write a\.yaml\/kept/],
])('ends with %i before anything runs: %j', async (expected, words, message) => {
  const cwd = folderWith({ 'a.yaml': SMALL });
  const { status, stdout, stderr } = await shardclock(['sweep', 'a.yaml', ...words], { cwd });
  expect(stderr).toMatch(message);
  expect([status, stdout]).toEqual([expected, '']);
  expect(readdirSync(cwd)).toEqual(['a.yaml']);
});

function read(cwd: string, file: string): string {
  return readFileSync(join(cwd, file), 'utf8');
}

/** Of all folders in it, but those that are not whole. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
