import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERBS } from '../src/cli/options.ts';
import { COMMAND } from './support/command.ts';
import { svgTexts } from './support/svg-texts.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = [...README.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
  language: match[1]!,
  text: match[2]!,
}));
const scenarios = textsOf('yaml');
const [smallest = ''] = scenarios;

/** A user's folder: the smallest scenario in it, and the package installed. */
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardclock-readme-'));
  writeFileSync(join(folder, 'orders.yaml'), smallest);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const part of ['scenarios', 'src/report/cost'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  install();
  const bin = join(folder, 'node_modules', '.bin', 'shardclock');
  const main = join(folder, 'node_modules', 'shardclock', 'dist', 'cli', 'main.js');
  writeFileSync(bin, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(bin, 0o755);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A copy of what is published, with what is installed beside it, and with what the programs are written for. */
function install(): void {
  const { files, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const installed = join(folder, 'node_modules', 'shardclock');
  for (const part of ['package.json', ...files]) cpSync(join(ROOT, part), join(installed, part), { recursive: true });
  for (const name of [...Object.keys(dependencies), 'vitest', 'fast-check', '@types']) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
}

describe('every command of the README does what it says', () => {
  const lines = textsOf('sh').flatMap((text) => text.trimEnd().split('\n'));
  const printed = new Map<string, string>();
  test.each(lines)('%s', { timeout: 60_000 }, (line) => {
    // The clone is installed, and this is a part of its tests.
    const command = line.replace(/^npm ci && /, '').replace(/^npm test$/, 'true');
    const { status, stdout, stderr } = run('sh', ['-c', command]);
    printed.set(line, stdout);
    expect(status, stderr).toBe(Number(/# status (\d+)/.exec(line)?.[1] ?? 0));
  });

  test('and has written what it names', () => {
    const names = lines.flatMap((line) => [...line.matchAll(/-o (\S+)/g)].map((match) => match[1]!));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(existsSync(join(folder, name)), name).toBe(true);
  });

  test('what plan answers is quoted to the letter', () => {
    const [, answer = ''] = [...printed].find(([line]) => line.includes('shardclock plan'))!;
    expect(answer).toContain(textsOf('text').find((text) => text.startsWith('✓ The cheapest'))!);
  });

  test('each verb is named, and no other', () => {
    const table = README.slice(README.indexOf('| verb |'), README.indexOf('| status |'));
    const named = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) =>
      [...row[1]!.matchAll(/`([a-z]+)/g)].map((match) => match[1]!),
    );
    expect(named.sort()).toEqual([...VERBS].sort());
  });
});

describe('every scenario of the README', () => {
  test.each(scenarios.map((text) => [/name: (.*)/.exec(text)![1]!, text]))('%s is valid and runs', (_, text) => {
    writeFileSync(join(folder, 'scenario.yaml'), text);
    const { status, stderr } = run(process.execPath, [COMMAND, 'run', 'scenario.yaml']);
    expect(stderr).toBe('');
    expect([0, 99]).toContain(status);
  });

  test('the smallest is small, and its output is quoted to the letter', () => {
    expect(smallest.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
    const { stdout } = run(process.execPath, [COMMAND, 'run', 'orders.yaml']);
    expect(stdout).toContain(textsOf('text')[0]!.trimEnd());
    expect(stdout).toContain(
      textsOf('text')
        .find((text) => text.startsWith('Cost: '))!
        .trimEnd(),
    );
  });
});

test('what explain says in the README is what it says', () => {
  const quoted = textsOf('text').find((text) => text.startsWith('events-to-index: '))!;
  run(process.execPath, [COMMAND, 'run', 'scenarios/too-little-concurrency.yaml', '-q', '-o', 'explained.json']);
  const { status, stdout } = run(process.execPath, [COMMAND, 'explain', 'explained.json']);
  expect(stdout).toContain(quoted.trimEnd());
  expect(status).toBe(0);
});

test('what compare says of a larger batch is quoted to the letter', () => {
  const quoted = textsOf('text').find((text) => text.startsWith('B is '))!;
  const written = readFileSync(join(folder, 'compared.md'), 'utf8');
  expect(written).toContain(`**${quoted.trimEnd().replaceAll('\n', ' ')}**`);
});

test('what sweep says in the README is what it says', () => {
  const quoted = textsOf('text').find((text) => text.startsWith('  BatchSize'))!;
  const line = textsOf('sh').find((text) => text.includes('-o sizes.png'))!;
  const { stdout } = run('sh', ['-c', line.split('\n')[0]!]);
  expect(stdout).toContain(quoted.trimEnd());
  // What is merged covers all that was divided.
  expect(readFileSync(join(folder, 'merged.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(3);
});

test('what import makes of the stack is quoted to the letter', () => {
  const quoted = textsOf('text').find((text) => text.startsWith('functions:\n'))!;
  const stack = ['template.yaml', 'metrics.json', 'enrich.log'].map((name) => `scenarios/stack/${name}`);
  const { status, stdout } = run(process.execPath, [COMMAND, 'import', ...stack]);
  expect(stdout).toContain(quoted);
  expect(status).toBe(0);
});

test('how far the run is from what was measured is said in these words', () => {
  const quoted = textsOf('text').find((text) => text.startsWith('  IteratorAge of production-enrich'))!;
  const drawn = svgTexts(readFileSync(join(folder, 'beside.svg'), 'utf8'))
    .map(({ text }) => text)
    .join(' ');
  expect(drawn).toContain(quoted.trim().replaceAll(/\s+/g, ' '));
});

describe('every program of the README', () => {
  const programs = textsOf('ts');
  const fileOf = (index: number) => `program-${index}${programs[index]!.includes("from 'vitest'") ? '.test' : ''}`;

  test('is well-typed', { timeout: 60_000 }, () => {
    programs.forEach((text, index) => {
      writeFileSync(join(folder, `${fileOf(index)}.ts`), text);
    });
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
    const form = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--outDir', '.'];
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const files = programs.map((_, index) => `${fileOf(index)}.ts`);
    const { status, stdout } = run(process.execPath, [tsc, '--ignoreConfig', ...strict, ...form, ...files]);
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  test.each(programs.map((_, index) => fileOf(index)))('%s runs', { timeout: 120_000 }, (file) => {
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const words = file.endsWith('.test')
      ? [vitest, 'run', '--root', folder, '--testTimeout', '60000', `${file}.js`]
      : [`${file}.js`];
    const { status, stdout, stderr } = run(process.execPath, words);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(file.endsWith('.test') ? /1 passed/ : /true/);
  });
});

test("what it says to install into a project of one's own is a copy of this package, under its name", () => {
  expect(README).toContain('`npm install --install-links path/to/clone`');
  expect(README).not.toContain('`npm install path/to/clone`');
  // As `folder` has it: the programs above import it by this name.
  const { name, bin, exports } = JSON.parse(readFileSync(join(folder, 'node_modules/shardclock/package.json'), 'utf8'));
  expect([name, Object.keys(bin), exports['.'].default]).toEqual(['shardclock', ['shardclock'], './dist/index.js']);
});

describe('the pictures of the README', () => {
  test('every file and folder that it links to is there', () => {
    const links = [...README.matchAll(/(?:\]\(|src(?:set)?=")([^)"]+)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !link.startsWith('#') && !existsSync(join(ROOT, link)))).toEqual([]);
  });

  test('its house has the rooms of src, and no other', () => {
    const house = textsOf('text').find((text) => text.startsWith('src/\n'))!;
    const rooms = [...house.matchAll(/^ {2}(\w+)\/ /gm)].map((match) => match[1]!);
    const real = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.sort()).toEqual(real.map(({ name }) => name).sort());
  });
});

function textsOf(language: string): string[] {
  return blocks.filter((block) => block.language === language).map(({ text }) => text);
}

function run(command: string, words: readonly string[]) {
  const { CI: _, VITEST: _v, ...env } = process.env;
  return spawnSync(command, words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache') },
  });
}
