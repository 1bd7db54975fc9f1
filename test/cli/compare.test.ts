import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { obey } from '../../src/cli/command-line.ts';
import { summarise } from '../../src/report/summarise.ts';
import { summaryJson } from '../../src/report/summary-json.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { folderWith, LONG, SMALL, shardclock, signalAfter } from '../support/command.ts';

const BATCH = 'mappings.orders-to-enrich.BatchSize=5';

describe('compare of two scenarios', () => {
  test('tells, writes and judges what differs, whatever the number of threads (D1)', async () => {
    const cwd = folderWith({ 'a.yaml': SMALL });
    const words = ['compare', 'a.yaml', 'a.yaml', '--set-b', BATCH, '-n', '5', '--fail-on', 'cost.month > +0.01'];
    const told = await shardclock([...words, '-j', '1', '-o', 'c/'], { cwd });
    expect([told.status, told.stderr]).toEqual([98, '']);
    expect(told.stdout).toMatch(/^B .*\n/);
    expect(told.stdout).toContain('✗ fail on cost.month > +0.01: true');
    expect(told.stdout).toContain('5 pairs of runs, each pair on the same records');
    expect(readdirSync(join(cwd, 'c'))).toEqual(['charts', 'comparison.html', 'comparison.json', 'comparison.md']);
    const page = readFileSync(join(cwd, 'c', 'comparison.html'), 'utf8');
    expect(page).toContain('<figure id="chart-iterator-age">');
    expect(readFileSync(join(cwd, 'c', 'charts', 'iterator-age.svg'), 'utf8')).toContain('mean and range of 5 runs');
    const printed = await shardclock([...words, '-j', '3', '--json'], { cwd });
    const saved = JSON.parse(readFileSync(join(cwd, 'c', 'comparison.json'), 'utf8'));
    expect(JSON.parse(printed.stdout)).toEqual(saved);
    // Where no text tells it.
    expect(printed.stderr).toMatch(/^shardclock: fail on cost\.month > \+0\.01: true\n {2}cost\.month: worse, \+/);
    expect(saved.settings).toEqual([{ path: 'mappings.orders-to-enrich.BatchSize', a: 100, b: 5 }]);
    expect(saved.a.runs.map(({ seed }: { seed: string }) => seed)).toEqual(['42', '42/2', '42/3', '42/4', '42/5']);
    const alone = await shardclock(['run', 'a.yaml', '-s', '42/3', '--json'], { cwd });
    expect(JSON.parse(alone.stdout).digest).toBe(saved.a.runs[2].digest);
  });

  test('with --warn-on says so and ends with 0', async () => {
    const cwd = folderWith({ 'a.yaml': SMALL });
    const words = ['compare', '-', 'a.yaml', '--set-b', BATCH, '-n', '1', '--warn-on', 'Invocations > +1%'];
    const { status, stdout, stderr } = await shardclock([...words, '-o', '-'], { cwd, input: SMALL });
    expect(stderr).toMatch(/^shardclock: warn on Invocations > \+1%: true\n/);
    expect([status, JSON.parse(stdout).conditions[0].holds]).toEqual([0, true]);
  });

  test('says where nothing can be drawn, its runs being over', async () => {
    const cwd = folderWith({ 'a.yaml': SMALL });
    const words = ['compare', 'a.yaml', 'a.yaml', '-n', '1', '-q', '--from', '2h', '-o', 'c.svg'];
    const { status, stderr } = await shardclock(words, { cwd });
    expect(stderr).toMatch(
      /^shardclock: --from and --to: the run ends at 2 m \d+ s, and charts were asked for from 2 h on/,
    );
    expect(status).toBe(0);
  });

  test('says every problem of both before anything runs, and writes nothing', async () => {
    const broken = SMALL.replace('ShardCount: 2', 'ShardCount: 0');
    const cwd = folderWith({ 'a.yaml': broken, 'b.yaml': SMALL.replace('20/s', '20') });
    const words = ['compare', 'a.yaml', 'b.yaml', '--set', 'sead=1', '--set-b', 'x', '-o', 'c.json'];
    const { status, stdout, stderr } = await shardclock(words, { cwd });
    expect([status, stdout, existsSync(join(cwd, 'c.json'))]).toEqual([3, '', false]);
    expect(stderr.match(/^\S+:\d+:\d+: error: /gm)).toEqual([
      'a.yaml:7:25: error: ',
      '--set:1:1: error: ',
      expect.stringMatching(/^b\.yaml:9:/),
      '--set-b:1:1: error: ',
    ]);
  });

  test('on Ctrl-C ends the runs, tells the pairs that had ended, and ends with 130', async () => {
    const handler = "console.log('begun'); export const handler = () => undefined;";
    const cwd = folderWith({
      'long.yaml': LONG.replace('enrich: {', 'enrich: { handler: ./h.mjs,'),
      'h.mjs': handler,
    });
    const ended = await shardclock(['compare', 'long.yaml', 'long.yaml', '-j', '2', '-o', 'c.json'], {
      cwd,
      meanwhile: (child) => signalAfter(child, 'begun', 4, 'SIGINT'), // the first two are the check
    });
    expect(ended.stderr).toContain('interrupted; what the 0 pairs that had ended say is the result, marked partial');
    expect(ended.stdout).toContain('Nothing to compare');
    expect(JSON.parse(readFileSync(join(cwd, 'c.json'), 'utf8'))).toMatchObject({ partial: true, complete: 0 });
    expect(ended.status).toBe(130);
  });
});

/** Refused in this process, before there is anything to run. */
const refused = (...words: string[]) => expect(obey(['compare', ...words], '0.0.0')).rejects;

test('compare of two results has no intervals, and takes no options of runs', async () => {
  const summaryOf = (set: string[]) => {
    const parsed = parseScenario(SMALL, { readFile: () => new Uint8Array(), set });
    if (!parsed.ok) throw new Error('not a scenario');
    return summaryJson(summarise(simulateSync(parsed.scenario)));
  };
  const cwd = folderWith({ 'a.yaml': SMALL, 'a.json': summaryOf([]), 'b.json': summaryOf([BATCH]) });
  const { status, stdout } = await shardclock(
    ['compare', 'a.json', 'b.json', '--fail-on', 'Invocations > +10%', '-o', 'c.md'],
    { cwd },
  );
  expect(stdout).toContain('differences without intervals, and none is judged');
  expect(status).toBe(98);
  expect(readFileSync(join(cwd, 'c.md'), 'utf8')).toContain('| mappings.orders-to-enrich.BatchSize | 100 | 5 |');
  const [scenario, a, b] = ['a.yaml', 'a.json', 'b.json'].map((name) => join(cwd, name)) as [string, string, string];
  await refused(a, b, '-n', '5').toThrow('--replications is for scenarios');
  await refused(a, scenario).toThrow(`${scenario} is a scenario, ${a} a saved result; expected two of a kind`);
  await refused(a, b, '--fail-on', 'worse').toThrow('--fail-on:1:1: error: one run of each tells no difference');
  await refused(a, b, '-o', join(cwd, 'x', '..', 'a.json')).toThrow('would be overwritten');
});

test.each([
  [['a.yaml'], 'compare: expected two scenarios, or two results'],
  [['a.yaml', 'b.yaml', 'c.yaml'], "unexpected 'c.yaml'"],
  [['-', '-'], 'standard input (-) can be read only once'],
  [['a.yaml', 'b.yaml', '-o', 'c.csv'], 'c.csv: a comparison is not written as .csv'],
  [['a.yaml', 'b.yaml', '-o', '.'], '. is a folder'],
  [['a.yaml', 'b.yaml', '--theme', 'dark'], '--title, --from, --to and --theme are for charts, and none is written'],
  [['a.yaml', 'b.yaml', '--fail-on', 'Errrs worse'], "--fail-on:1:1: error: unknown metric 'Errrs'"],
  [['a.yaml', 'b.yaml', '--chart', 'backlog'], 'unknown option --chart'],
])('compare %j is a wrong command line', async (words, message) => {
  await refused(...words).toMatchObject({ status: 2, message: expect.stringContaining(message) });
});
