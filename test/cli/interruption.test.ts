import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND, type Ended, folderWith, LONG, SMALL, shardclock, TOO_STRICT } from '../support/command.ts';

/** Sends the signal once the run is under way: its trace, still under a name of its own, has grown. */
function interrupted(cwd: string, words: readonly string[], signals: readonly NodeJS.Signals[]): Promise<Ended> {
  return shardclock(words, {
    cwd,
    meanwhile: (child) => {
      const watch = setInterval(() => {
        const trace = readdirSync(cwd).find((name) => name.endsWith('.tmp'));
        if (trace === undefined || statSync(join(cwd, trace)).size === 0) return;
        clearInterval(watch);
        for (const signal of signals) child.kill(signal);
      }, 20);
      child.on('close', () => clearInterval(watch));
    },
  });
}

const preloaded = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

/** For node before the command: SIGINT comes when a file with such a name is opened. */
function interruptedAt(name: RegExp): string {
  return preloaded(`import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { openSync } = fs;
let isSent = false;
fs.openSync = (file, ...rest) => {
  if (!isSent && ${name}.test(file)) isSent = process.emit('SIGINT');
  return openSync(file, ...rest);
};
syncBuiltinESMExports();`);
}

/** It comes when the thread of a run is ended. */
const INTERRUPTED_AFTER_RUN = `import { Worker } from 'node:worker_threads';
const { terminate } = Worker.prototype;
Worker.prototype.terminate = function () {
  process.emit('SIGINT');
  return terminate.call(this);
};`;

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143], // of a terminal that was closed
] as const)(
  '%s in the middle of a run ends it with %i; its partial result is whole and says so',
  async (signal, expected) => {
    const cwd = folderWith({ 'long.yaml': LONG, 'small.yaml': SMALL });
    const words = ['run', 'long.yaml', '-o', 't.ndjson', '-o', 'r.json', '-o', 'r.svg'];
    const { status, stdout, stderr } = await interrupted(cwd, words, [signal]);
    expect(stderr).toContain('interrupted');
    expect(status).toBe(expected);
    expect(stdout).toContain('Small');
    const result = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8'));
    expect(result.partial).toBe(true);
    expect(result.measured.toSeconds).toBeLessThan(365 * 86_400);
    expect(result.streams.orders.recordsPut).toBeGreaterThan(0);
    const lines = readFileSync(join(cwd, 't.ndjson'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1)!).t).toBeGreaterThan(0);
    expect(readdirSync(cwd).sort()).toEqual(['long.yaml', 'r.json', 'r.svg', 'small.yaml', 't.ndjson']);
  },
);

test('what was not begun is not run, and --json stays pure', async () => {
  const cwd = folderWith({ 'long.yaml': LONG, 'small.yaml': SMALL });
  const words = ['run', 'long.yaml', '--json', '-o', 't.ndjson'];
  const one = await interrupted(cwd, words, ['SIGINT']);
  expect(JSON.parse(one.stdout)).toMatchObject({ partial: true });
  expect(one.status).toBe(130);
});

describe('where all runs are over when the signal comes, nothing is partial, and the status is what they say', () => {
  const few =
    '--confidence 20% --within BatchSize=100 --within ShardCount=2 --within ParallelizationFactor=1 --within MaximumBatchingWindowInSeconds=0 --within StreamMode=PROVISIONED';
  test.each([
    ['run small.yaml -o out.html -o out.json', 0],
    ['run strict.yaml --json -o out.svg', 99],
    ['run small.yaml -n 2 -o out.csv', 0],
    ['run small.yaml strict.yaml -o results/', 99],
    ['compare small.yaml strict.yaml -n 2 -o out.json', 0],
    [`plan small.yaml ${few} -o out.json`, 0],
    ['sweep small.yaml --no-cache --vary mappings.orders-to-enrich.BatchSize=10,20 -n 2 -o out.json', 0],
  ])('%s', async (line, expected) => {
    const words = line.split(' ');
    const files = { 'small.yaml': SMALL, 'strict.yaml': TOO_STRICT };
    const whole = await shardclock(words, { cwd: folderWith(files) });
    const preload = interruptedAt(/(^|results\/)\.(out|junit)\./);
    const ended = await shardclock(words, { cwd: folderWith(files), preload });
    expect(ended).toEqual(whole);
    expect([ended.status, ended.stderr]).toEqual([expected, '']);
  });

  test('verify r.json', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL });
    await shardclock(['run', 'small.yaml', '-o', 'r.json'], { cwd });
    const ended = await shardclock(['verify', 'r.json'], { cwd, preload: preloaded(INTERRUPTED_AFTER_RUN) });
    expect(ended).toEqual({ status: 0, stdout: expect.stringMatching(/^same: /), stderr: '' });
  });
});

test('what is said of an interruption between scenarios is what their results say', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const cwd = folderWith(Object.fromEntries(names.map((name) => [`${name}.yaml`, SMALL])));
  const words = ['run', ...names.map((name) => `${name}.yaml`), '-q', '-j', '1', '-o', 'out/'];
  const { status, stderr } = await shardclock(words, { cwd, preload: interruptedAt(/a\/\.result/) });
  const results = names.map((name) => join(cwd, 'out', name, 'result.json')).filter((file) => existsSync(file));
  const isPartial = results.some((file) => JSON.parse(readFileSync(file, 'utf8')).partial);
  expect(results.length).toBeLessThan(names.length);
  expect(stderr.includes('marked partial')).toBe(isPartial);
  expect(stderr).toContain(`; ${names.length - results.length} more scenarios were not run\n`);
  expect(status).toBe(130);
});

test('the second signal ends the process at once and leaves nothing half-written', async () => {
  const cwd = folderWith({ 'long.yaml': LONG });
  const { status } = await interrupted(
    cwd,
    ['run', 'long.yaml', '-o', 't.ndjson', '-o', 'r.html'],
    ['SIGINT', 'SIGTERM'],
  );
  expect([130, 143]).toContain(status);
  expect(readdirSync(cwd).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a signal while standard input is waited for ends the command', async () => {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [COMMAND, 'run', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  setTimeout(() => child.kill('SIGINT'), 3_000); // time enough to have begun, on a busy machine too
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(status).toBe(130);
});

test('a closed pipe ends the command quietly with 0', async () => {
  const cwd = folderWith({ 'a.yaml': SMALL, 'b.yaml': SMALL });
  const line = `{ "${process.execPath}" "${COMMAND}" run --json a.yaml b.yaml a.yaml b.yaml; echo "status $?" >&2; } | head -c 1`;
  const { spawnSync } = await import('node:child_process');
  const { stdout, stderr } = spawnSync('sh', ['-c', line], { cwd, encoding: 'utf8' });
  expect(stdout).toBe('{');
  expect(stderr).toBe('status 0\n');
});

test('a bug ends with 1, the seed and the command, and shows its stack only with --debug', async () => {
  const cwd = folderWith({ 'small.yaml': SMALL, 'package.json': '{ "type": "module", "version": "0.0.0" }' });
  const dist = dirname(dirname(COMMAND));
  cpSync(dist, join(cwd, 'dist'), { recursive: true });
  symlinkSync(join(dirname(dist), 'node_modules'), join(cwd, 'node_modules'));
  const command = join(cwd, 'dist', 'cli', 'main.js');
  for (const body of [
    "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => { throw new Error('out of order'); });",
    "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => parentPort.postMessage({ kind: 'bug', message: 'out of order', stack: 'Error: out of order\\n    at here' }));",
  ]) {
    writeFileSync(join(cwd, 'dist', 'cli', 'worker.js'), body);
    const { status, stdout, stderr } = await shardclock(['run', 'small.yaml', '-o', 'r.json'], { cwd, command });
    expect(stderr).toContain('internal error: out of order\nThis is a bug in shardclock.');
    expect(stderr).toMatch(/seed +42\n +command +shardclock run small\.yaml\n/);
    expect(stderr).not.toContain('    at ');
    expect([status, stdout]).toEqual([1, '']);
    expect(existsSync(join(cwd, 'r.json'))).toBe(false);
    const debug = await shardclock(['run', 'small.yaml', '--debug'], { cwd, command });
    expect(debug.stderr).toContain('    at ');
  }
});
