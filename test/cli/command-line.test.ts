import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OPTIONS, VERBS } from '../../src/cli/options.ts';
import { folderWith, SMALL, shardclock } from '../support/command.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

test('--version prints the version of the package, and soon', async () => {
  const began = performance.now();
  const { status, stdout, stderr } = await shardclock(['--version']);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  // Half a second is promised; the machine that runs the tests may be busy with others of them.
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each([[['--help']], [['-h']]])('%s names every verb and every exit status', async (words) => {
  const { status, stdout, stderr } = await shardclock(words);
  expect([status, stderr]).toEqual([0, '']);
  for (const word of ['run', 'validate', 'report', 'verify', 'plan', 'init', 'schema', 'completion']) {
    expect(stdout).toContain(`shardclock ${word}`);
  }
  for (const number of [0, 1, 2, 3, 4, 98, 99, 130, 143]) expect(stdout).toMatch(new RegExp(`^.*\\b${number}  `, 'm'));
});

test('options may stand before the verb, flags too', async () => {
  const cwd = folderWith({ 'a.yaml': SMALL });
  const seedOf = async (...words: string[]) => {
    const { status, stdout, stderr } = await shardclock(words, { cwd });
    return { status, stderr, seed: /"seed":"(\w+)"/.exec(stdout)?.[1] };
  };
  expect(await seedOf('-q', '--no-color', '--json', 'run', 'a.yaml')).toEqual({ status: 0, stderr: '', seed: '42' });
  expect(await seedOf('--seed', '3', '--json', 'run', 'a.yaml')).toEqual({ status: 0, stderr: '', seed: '3' });
  expect(await seedOf('--json', '-s=run', 'run', 'a.yaml')).toEqual({ status: 0, stderr: '', seed: 'run' });
});

test('help of a verb explains its options, in English wherever it is asked for', async () => {
  const german = { env: { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' } };
  const { status, stdout } = await shardclock(['run', '--help'], german);
  expect(status).toBe(0);
  for (const option of ['--seed', '--set', '--out', '--json', '--chart', '--percentiles', '--no-color', '--debug'])
    expect(stdout).toContain(option);
  expect(stdout).toContain('Show help');
  expect(stdout).not.toContain('--part');
});

describe.each(VERBS)('help of %s', (verb) => {
  const options = OPTIONS[verb];
  const texts = Object.values(options).map(({ describe }) => describe ?? '');

  test('names no option that the verb does not have', () => {
    const named = texts.flatMap((text) => [...text.matchAll(/(?<!run )--([a-z-]+)/g)].map((match) => match[1]!));
    expect(named.filter((name) => !Object.hasOwn(options, name))).toEqual([]);
    expect(texts.some((text) => text.includes('-o -')) && !options.json).toBe(false);
  });

  test('names a trace where there is a run to trace', () => {
    expect(texts.some((text) => text.includes('.ndjson'))).toBe(verb === 'run');
  });
});

describe('a wrong command line ends with 2, a message and a hint on standard error', () => {
  test.each([
    [[], 'expected a command\nshardclock --help lists the commands.'],
    [['rnu', 'x.yaml'], "unknown command 'rnu'; did you mean 'run'?"],
    [['orders.yaml'], "unknown command 'orders.yaml'\nDid you mean: shardclock run orders.yaml"],
    [['sweep', 'x.yaml'], 'sweep: expected what is varied'],
    [['run'], 'run: expected a file\nshardclock run --help says more.'],
    [['verify'], 'verify: expected a file'],
    [['run', 'x.yaml', '--what'], 'unknown option --what'],
    [['run', 'x.yaml', '--perod', '1m'], "unknown option --perod; did you mean '--period'?"],
    [['run', 'x.yaml', '-o'], '-o needs a value'],
    [['run', 'x.yaml', '--json=maybe'], "--json takes no value, got 'maybe'"],
    [['run', 'x.yaml', '-q=5'], "-q takes no value, got '5'"],
    [['run', 'x.yaml', '-n', '0'], "--replications: expected a whole number from 1 to 10,000, got '0'"],
    [['run', 'x.yaml', '-n', '2.5'], "--replications: expected a whole number from 1 to 10,000, got '2.5'"],
    [['run', 'x.yaml', '-j', 'all'], "--jobs: expected a whole number from 1 to 1,000, got 'all'"],
    [['run', 'x.yaml', '-n', '5', '-o', 'r.json'], '5 replications cannot share r.json\nName a folder'],
    [['run', 'x.yaml', '-n', '5', '-o', '-'], '5 replications cannot share standard output'],
    [['sweep', 'x.yaml', '--vary', 'a=1', '--part', '3/2'], '--part: expected i/n, from 1/n to n/n'],
    [['run', 'x.yaml', '-s', '1', '-s', '2'], '--seed is given 2 times; expected one'],
    [['run', 'x.yaml', '--seed', ''], '--seed: expected a number or text, got nothing'],
    [['run', 'x.yaml', ''], 'run: expected a file, got an empty name'],
    [['compare', 'x.yaml', ''], 'compare: expected a file, got an empty name'],
    [['merge', ''], 'merge: expected a file, got an empty name'],
    [['verify', 'r.json', '--base', ''], '--base: expected a file or a folder, got an empty name'],
    [['plan', 'x.yaml', '-o', 'p.json', '-o', ''], '--out: expected a file or a folder, got an empty name'],
    [
      ['validate', 'x.yaml', '--seed', '1e3'],
      "--seed: '1e3' is text here, and the number 1000 in a file; expected 1000",
    ],
    [['plan', 'x.yaml', '-s', '007'], "--seed: '007' is text here, and the number 7 in a file"],
    [['run', 'x.yaml', '--percentiles', '50,100'], '--percentiles: expected numbers between 0 and 100'],
    [['run', 'x.yaml', '--period', '60'], '--period: expected a time with its unit'],
    [['run', 'x.yaml', '--period', '0s'], '--period: expected a time above 0s'],
    [['run', 'x.yaml', '--from', 'soon'], '--from: expected a time with its unit'],
    [['run', 'x.yaml', '--from', '10m', '--to', '5m'], '--to: expected a time after --from'],
    [['run', 'x.yaml', '--theme', 'blue'], "--theme: expected light or dark, got 'blue'"],
    [['run', 'x.yaml', '--progress', 'some'], "--progress: expected auto, plain or none, got 'some'"],
    [['run', 'x.yaml', '--chart', 'iterator_age'], "there is no chart 'iterator_age'; did you mean 'iterator-age'?"],
    [['run', 'x.yaml', '-o', 'result'], 'result: no extension\nThe extension says what is written'],
    [['run', 'x.yaml', '-o', 'result.pdf'], 'result.pdf: unknown form .pdf'],
    [['run', 'x.yaml', '-o', '.'], '. is a folder'],
    [['run', 'x.yaml', 'y.yaml', '-o', 'r.json'], '2 inputs cannot share r.json\nName a folder'],
    [['run', 'x.yaml', 'y.yaml', '-o', '-'], '2 inputs cannot share standard output'],
    [['run', 'x.yaml', '--chart', 'backlog'], '--chart says what an .svg or .png holds, and none is written'],
    [['run', 'x.yaml', '--title', 'A', '-o', 'r.json'], '--title, --from, --to and --theme are for charts'],
    [['run', '-', '-'], 'standard input (-) can be read only once'],
    [['report', 'r.json', '-o', 'trace.ndjson'], 'trace.ndjson: a saved result holds no trace'],
    [['schema', 'scenario'], "unexpected 'scenario'"],
    [['init', 'no-such-story'], "there is no template 'no-such-story'"],
    [['init', '-o', 'orders.txt'], 'orders.txt: expected a name that ends in .yaml or .yml'],
  ])('shardclock %j', async (words, message) => {
    const { status, stdout, stderr } = await shardclock(words, { cwd: folderWith() });
    expect(stderr).toContain(`shardclock: ${message}`.replace('shardclock: there', 'there'));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).not.toContain('    at ');
  });

  test('behind -- every word is a file, whatever it begins with', async () => {
    const cwd = folderWith({ 'small.yaml': SMALL, '-odd.yaml': SMALL, 'bad.yaml': SMALL.replace('seed:', 'sed:') });
    const odd = await shardclock(['validate', '--', '-odd.yaml', 'small.yaml'], { cwd });
    expect(odd).toEqual({ status: 0, stdout: '-odd.yaml: valid\nsmall.yaml: valid\n', stderr: '' });
    const bad = await shardclock(['validate', 'small.yaml', '--', 'bad.yaml'], { cwd });
    expect([bad.status, bad.stderr]).toEqual([3, expect.stringContaining("sed: unknown key; did you mean 'seed'?")]);
    const none = await shardclock(['run', 'small.yaml', '--', '--json'], { cwd });
    expect([none.status, none.stderr]).toEqual([4, expect.stringContaining('cannot read --json')]);
  });

  test('an output in place of the scenario is refused, by whatever path it is named', async () => {
    const cwd = folderWith({ 'orders.json': '{}', 'small.yaml': SMALL });
    const { status, stderr } = await shardclock(['run', 'small.yaml', '-o', './x/../small.json'], { cwd });
    expect([status, stderr]).toEqual([4, expect.stringContaining('there is no folder')]);
    const json = JSON.stringify({
      shardclock: 1,
      name: 'J',
      duration: '1s',
      streams: { s: { ShardCount: 1 } },
      producers: { p: { stream: 's', rate: '1/s' } },
      functions: { f: { duration: '1ms' } },
      mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
    });
    const folder = folderWith({ 'orders.json': json });
    const refused = await shardclock(['run', 'orders.json', '-o', './orders.json'], { cwd: folder });
    expect(refused.stderr).toContain('./orders.json would be overwritten by what is made of it');
    expect(refused.status).toBe(2);
    expect(readFileSync(`${folder}/orders.json`, 'utf8')).toBe(json);
  });
});

describe('completion', () => {
  test('prints a script that asks the command', async () => {
    const { status, stdout } = await shardclock(['completion'], { env: { SHELL: '/bin/bash' } });
    expect(status).toBe(0);
    expect(stdout).toContain('shardclock --get-yargs-completions');
  });

  test('says with --help what the script is for', async () => {
    const { status, stdout } = await shardclock(['completion', '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^shardclock completion\n\nPrint the script that completes/);
    expect(stdout).toContain('shardclock completion >> ~/.bashrc');
  });

  test.each([
    [['ru'], ['run']],
    [['run', '--ch'], ['--chart']],
    [['run', 'x.yaml', '--chart', 'batch'], ['batch-size']],
    [
      ['run', 'x.yaml', '--theme', ''],
      ['light', 'dark'],
    ],
    [['run', ''], []],
    [['run', '--repl'], ['--replications']],
    [['run', '--par'], []],
    [['init', 'mini'], ['minimal']],
  ])('of %j is %j', async (words, expected) => {
    const { status, stdout } = await shardclock(['--get-yargs-completions', 'shardclock', ...words]);
    expect([status, stdout.split('\n').filter(Boolean)]).toEqual([0, expected]);
  });
});
