import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { folderWith, SMALL, shardclock } from '../support/command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OWN = SMALL.replace('duration: 120ms', 'duration: 120ms, handler: ./handler.mjs');
const BATCH = 'mapping orders-to-enrich, shardId-00000000000\\d, lane 0, sequence numbers? \\d{56}( to \\d{56})?';

function folder(handler: string, more: Readonly<Record<string, string>> = {}): string {
  return folderWith({ 'own.yaml': OWN, 'handler.mjs': handler, ...more });
}

async function resultOf(cwd: string, words: readonly string[] = []) {
  const ended = await shardclock(['run', 'own.yaml', '--json', ...words], { cwd });
  expect(ended.stderr).toBe('');
  return JSON.parse(ended.stdout);
}

describe('a handler of a scenario', () => {
  test('decides the outcomes; its file is in the result, and verify runs it again', async () => {
    const cwd = folder(`export const handler = async (event) => {
      if (event.Records.length % 10 === 0) throw new Error('ten');
    };`);
    const result = await resultOf(cwd, ['-o', 'r.json']);
    expect(result.mappings['orders-to-enrich'].errors).toBeGreaterThan(3);
    expect(Object.keys(result.scenario.files)).toEqual(['./handler.mjs']);
    expect(result.scenario.resolved.functions.enrich.handler).toBe('./handler.mjs');
    const same = await shardclock(['verify', 'r.json'], { cwd });
    expect([same.status, same.stderr]).toEqual([0, '']);

    mkdirSync(join(cwd, 'elsewhere'));
    const moved = await shardclock(['verify', '../r.json'], { cwd: join(cwd, 'elsewhere') });
    expect([moved.status, moved.stderr]).toEqual([4, expect.stringContaining('handler.mjs: no such file')]);
    const based = await shardclock(['verify', '../r.json', '--base', '..'], { cwd: join(cwd, 'elsewhere') });
    expect(based.status).toBe(0);

    writeFileSync(join(cwd, 'handler.mjs'), 'export const handler = () => {};');
    const changed = await shardclock(['verify', 'r.json'], { cwd });
    expect([changed.status, changed.stdout]).toEqual([98, expect.stringContaining('handler.mjs is not the file')]);
  });

  test('that comes with the package gives the digest that the library gives', async () => {
    const { stdout } = await shardclock(['run', 'scenarios/own-handler.yaml', '--json'], { cwd: ROOT });
    const golden = readFileSync(join(ROOT, 'test/scenarios/golden/own-handler.txt'), 'utf8');
    expect(golden).toContain(`Digest  ${JSON.parse(stdout).digest}`);
  });

  test('that answers otherwise in another run makes verify end with 98', async () => {
    const cwd = folder('export const handler = () => { if (Math.random() < 0.2) throw new Error("by chance"); };');
    await resultOf(cwd, ['-o', 'r.json']);
    const { status, stdout } = await shardclock(['verify', 'r.json'], { cwd });
    expect([status, stdout]).toEqual([98, expect.stringContaining('differs: the run took another course')]);
  });

  test('may be a default export, of CommonJS, or beside a scenario of another folder', async () => {
    const digests: string[] = [];
    for (const [name, text] of [
      ['handler.mjs', 'export const handler = () => { throw 1; };'],
      ['handler.mjs', 'export default () => { throw 1; };'],
      ['handler.cjs', 'exports.handler = () => { throw 1; };'],
      ['handler.cjs', 'module.exports = async () => { throw 1; };'],
    ] as const) {
      const cwd = folderWith();
      mkdirSync(join(cwd, 'deep'));
      writeFileSync(join(cwd, 'deep', name), text);
      writeFileSync(join(cwd, 'deep', 'own.yaml'), OWN.replace('handler.mjs', name));
      const { status, stdout } = await shardclock(['run', 'deep/own.yaml', '--json'], { cwd });
      expect(status).toBe(99); // its threshold is not met where everything fails
      digests.push(JSON.parse(stdout).digest);
      expect(JSON.parse(stdout).functions.enrich).toMatchObject({
        invocations: JSON.parse(stdout).functions.enrich.errors,
      });
    }
    expect(new Set(digests).size).toBe(1);
  });

  test('prints to standard error: the result stays alone', async () => {
    const cwd = folder('export const handler = (event) => console.log("got", event.Records.length);');
    const { status, stdout, stderr } = await shardclock(['run', 'own.yaml', '--json'], { cwd });
    expect(status).toBe(0);
    const { scenario, functions } = JSON.parse(stdout);
    expect(scenario.name).toBe('Small');
    expect(stderr.match(/^got \d+$/gm)!.length).toBe(functions.enrich.invocations); // all of it, to the last
  });
});

describe('the state of its modules belongs to an environment', () => {
  /** Reports how often its module and the one it imports have been called, as its duration. */
  const counting = (imports: string, count: string) => `${imports}
    let calls = 0;
    export const handler = (_, context) => context.shardclock.duration(100 + 10 * ++calls + ${count});`;
  const LISTED = OWN.replace('ShardCount: 2', 'ShardCount: 1')
    .replace('rate: 20/s', 'records: [{ at: 1s }, { at: 3s }, { at: 5s }, { at: 30s }, { at: 32s }]')
    .replace('duration: 120ms', 'duration: 1ms, idleTimeout: 10s');
  const durations = async (cwd: string) => {
    await shardclock(['run', 'own.yaml', '-q', '-o', 't.ndjson'], { cwd });
    const events = readFileSync(join(cwd, 't.ndjson'), 'utf8').trimEnd().split('\n');
    return events
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'invocation')
      .map(({ start, end }) => (end - start) / 1_000);
  };

  test('and starts afresh after a cold start (L4, L7)', async () => {
    const cwd = folder(counting('', '0'), { 'own.yaml': LISTED });
    expect(await durations(cwd)).toEqual([110, 120, 130, 110, 120]);
  });

  test.each([
    ['of ES modules', "import { state } from './state.mjs';", 'state.mjs', 'export const state = { n: 0 };'],
    ['of CommonJS', "import state from './state.cjs';", 'state.cjs', 'exports.n = 0;'],
  ])('also in what it imports %s', async (_, imports, name, text) => {
    const cwd = folder(counting(imports, '++state.n'), { 'own.yaml': LISTED, [name]: text });
    expect(await durations(cwd)).toEqual([111, 122, 133, 111, 122]);
  });

  test('and what runs at once shares none', async () => {
    const cwd = folder(counting('', '0'), {
      'own.yaml': LISTED.replace('ShardCount: 1', 'ShardCount: 3')
        .replace(
          /records: .*\]/,
          'records: [{ at: 1s, shard: 0 }, { at: 1s, shard: 1 }, { at: 1s, shard: 2 }, { at: 3s, shard: 1 }]',
        )
        .replace('drain: 1m', 'polling: { phase: aligned }'),
    });
    expect(await durations(cwd)).toEqual([110, 110, 110, 120]);
  });
});

describe('a handler that does not settle ends with 3, and says which and where', () => {
  test.each([
    ['that loops for ever', 'export const handler = () => { for (;;); };'],
    ['whose promise stays open', 'export const handler = () => new Promise(() => {});'],
    [
      'that hangs later on',
      'let n = 0; export const handler = () => (++n < 30 ? null : new Promise(() => setInterval(() => {}, 10)));',
    ],
  ])('one %s', async (_, handler) => {
    const cwd = folder(handler);
    const words = ['run', 'own.yaml', '-o', 'r.json', '-o', 't.ndjson', '--handler-timeout', '400ms'];
    const { status, stdout, stderr } = await shardclock(words, { cwd });
    expect(stderr).toMatch(
      new RegExp(
        `^shardclock: own\\.yaml: the handler \\./handler\\.mjs of function enrich \\(${BATCH}\\) did not settle within 0\\.4 s of real time\nWith --handler-timeout it may take longer\\.\n$`,
      ),
    );
    expect([status, stdout]).toEqual([3, '']);
    expect(() => readFileSync(join(cwd, 'r.json'))).toThrow();
    expect(() => readFileSync(join(cwd, 't.ndjson'))).toThrow();
  });

  test('in verify too', async () => {
    const cwd = folder(`import { existsSync } from 'node:fs';
      export const handler = () => (existsSync('r.json') ? new Promise(() => {}) : null);`);
    await resultOf(cwd, ['-o', 'r.json']);
    const { status, stderr } = await shardclock(['verify', 'r.json', '--handler-timeout', '400ms'], { cwd });
    expect([status, stderr]).toEqual([3, expect.stringContaining('did not settle within 0.4 s')]);
  });

  test('while one that takes its time within the limit goes on', async () => {
    const cwd = folder(`let n = 0;
      export const handler = () => new Promise((resolve) => setTimeout(resolve, ++n % 50 === 0 ? 300 : 0));`);
    const { status } = await shardclock(['run', 'own.yaml', '-q', '--handler-timeout', '5s'], { cwd });
    expect(status).toBe(0);
  });

  test('has an error in the test report of all, beside those that ended', async () => {
    const never = 'export const handler = () => new Promise(() => {});';
    const cwd = folderWith({ 'small.yaml': SMALL, 'own.yaml': OWN, 'handler.mjs': never });
    const words = ['run', 'own.yaml', 'small.yaml', '-q', '-o', 'out/', '--handler-timeout', '300ms'];
    expect((await shardclock(words, { cwd })).status).toBe(3);
    const junit = readFileSync(join(cwd, 'out/junit.xml'), 'utf8');
    expect(junit).toMatch(/^<testsuites name="shardclock" tests="\d+" failures="\d+" errors="1">$/m);
    expect(
      junit.match(/<error type="run" message="the handler .* did not settle within 0\.3 s of real time"\/>/g),
    ).toHaveLength(1);
    expect(junit.match(/<testsuite /g)).toHaveLength(2);
  });

  test.each(['0s', '10', 'soon'])('--handler-timeout %s is refused', async (time) => {
    const cwd = folder('export const handler = () => {};');
    const { status, stderr } = await shardclock(['run', 'own.yaml', '--handler-timeout', time], { cwd });
    expect([status, stderr]).toEqual([2, expect.stringContaining('--handler-timeout: expected a time')]);
  });
});

describe('a handler that a run cannot go on with ends with 3', () => {
  test.each([
    [
      'throws outside of its answer',
      'export const handler = () => { setTimeout(() => { throw new TypeError("late"); }); return new Promise((r) => setTimeout(r, 200)); };',
      new RegExp(`\\(${BATCH}\\) ended the run: TypeError: late\n$`),
    ],
    [
      'loses a promise that is rejected',
      'export const handler = async () => { Promise.reject(new TypeError("lost")); await new Promise((r) => setTimeout(r, 200)); };',
      new RegExp(`\\(${BATCH}\\) ended the run: TypeError: lost\n$`),
    ],
    [
      'ends the process',
      'export const handler = () => process.exit(0);',
      new RegExp(`\\(${BATCH}\\) ended the run: .*thread ended`),
    ],
    [
      'reports no duration',
      'export const handler = (_, context) => context.shardclock.duration("long");',
      /function enrich: context\.shardclock\.duration: expected a duration .* got 'long' \(mapping/,
    ],
  ])('as it %s', async (_, handler, message) => {
    const { status, stdout, stderr } = await shardclock(['run', 'own.yaml'], { cwd: folder(handler) });
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([3, '']);
  });
});

describe('a file that holds no handler is known before anything is run', () => {
  const PLACE = '^own\\.yaml:11:\\d+: error: functions\\.enrich\\.handler: ';

  test.each([
    ['exports none', 'export const handle = () => {};', 'exports no handler; expected a function'],
    ['exports no function', 'export const handler = { a: 1 };', 'exports no handler; expected a function'],
    ['waits for a callback', 'export const handler = (e, c, done) => done();', 'takes a callback'],
    ['is no JavaScript', 'export const = 5;', 'cannot be loaded: SyntaxError'],
    ['throws', 'throw new RangeError("at once");', 'cannot be loaded: RangeError: at once'],
    ['imports what is not there', 'import "./nothing.mjs";', 'cannot be loaded: Error: Cannot find module'],
    ['never ends', 'for (;;);', 'its module did not settle within 0.5 s of real time'],
  ])('as it %s', async (_, text, message) => {
    const cwd = folder(text, { 'good.yaml': SMALL });
    const words = ['run', 'good.yaml', 'own.yaml', '-o', 'out/', '--handler-timeout', '500ms'];
    const { status, stdout, stderr } = await shardclock(words, { cwd });
    expect(stderr).toMatch(new RegExp(`${PLACE}'\\./handler\\.mjs': ${message}`, 'm'));
    expect(stderr).toMatch(/^ +\^$/m);
    expect([status, stdout]).toEqual([3, '']);
  });

  test('as it is TypeScript, which is to be built before', async () => {
    const cwd = folder('', { 'h.ts': 'export const handler = (): void => undefined;' });
    const { stderr } = await shardclock(['validate', 'own.yaml', '--set', 'functions.enrich.handler=./h.ts'], { cwd });
    expect(stderr).toMatch(/Unknown file extension "\.ts".*; build it to JavaScript first/);
  });

  test('validate says so, too', async () => {
    const cwd = folder('export const handle = () => {};', { 'good.yaml': SMALL });
    const { status, stdout, stderr } = await shardclock(['validate', 'own.yaml', 'good.yaml'], { cwd });
    expect(stderr).toMatch(new RegExp(PLACE));
    expect([status, stdout]).toEqual([3, 'good.yaml: valid\n']);
    writeFileSync(join(cwd, 'handler.mjs'), 'export const handler = () => {};');
    expect((await shardclock(['validate', 'own.yaml'], { cwd })).stdout).toBe('own.yaml: valid\n');
  });

  test('one that is missing ends with 4', async () => {
    const cwd = folderWith({ 'own.yaml': OWN });
    const { status, stderr } = await shardclock(['run', 'own.yaml'], { cwd });
    expect(stderr).toMatch(new RegExp(`${PLACE}cannot read '\\./handler\\.mjs': no such file or folder`));
    expect(status).toBe(4);
  });
});
