import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/cli/exit.ts';
import { importFiles } from '../../src/cli/import.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { folderWith, shardclock } from '../support/command.ts';

const TEMPLATE = `Resources:
  Orders: { Type: AWS::Kinesis::Stream, Properties: { ShardCount: 1 } }
  Enrich:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Order: { Type: Kinesis, Properties: { Stream: !GetAtt Orders.Arn, StartingPosition: LATEST, BatchSize: 10 } }
`;
const METRICS = JSON.stringify({
  Label: 'IncomingRecords',
  Datapoints: [0, 60].map((at) => ({ Timestamp: new Date(at * 1_000).toISOString(), Sum: 600, Unit: 'Count' })),
});
const report = (ms: number) =>
  `REPORT RequestId: x-${ms}\tDuration: ${ms} ms\tBilled Duration: 100 ms\tMemory Size: 128 MB\n`;
const LOG = report(20) + report(30);

/** What the verb says and ends with, in this process; files stand in `cwd`. */
async function imported(
  cwd: string,
  files: readonly string[],
  more: { out?: string; force?: boolean; parameters?: string[] } = {},
) {
  const [said, printed]: [string[], string[]] = [[], []];
  const say = (text: string) => said.push(text);
  const terminal = { complain: say, note: say, print: (text: string) => printed.push(text), quiet: false };
  const place = (word: string) => word.replace(/(?<=^|=)(?=[^=]+$)/, word.startsWith('-') ? '' : `${cwd}/`);
  const options = {
    ...{ parameters: more.parameters ?? [], force: more.force ?? false, files: files.map(place) },
    out: more.out === undefined ? undefined : join(cwd, more.out),
  };
  try {
    const status = await importFiles(options, terminal as unknown as Terminal);
    return { status: status as number, said: said.join('\n'), printed: printed.join('') };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { status: error.status as number, said: `${said.join('\n')}${error.message}`, printed: printed.join('') };
  }
}

describe('import', () => {
  test('prints a scenario that runs as it is', async () => {
    const cwd = folderWith({ 't.yaml': TEMPLATE, 'm.json': METRICS });
    const { status, stdout, stderr } = await shardclock(['import', 't.yaml', 'm.json'], { cwd });
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('t.yaml:3:3: warning: Resources.Enrich: no file says'),
    ]);
    expect(await shardclock(['run', '-', '-q'], { cwd, input: stdout })).toMatchObject({ status: 0, stderr: '' });
  });

  test('writes it with its data beside it, and names what it read from there', async () => {
    const cwd = folderWith({ 't.yaml': TEMPLATE, 'm.json': METRICS, 'r.log': LOG });
    const { status, said, printed } = await imported(cwd, ['t.yaml', 'Enrich=r.log'], { out: 'out/peak.yaml' });
    expect([status, printed]).toEqual([0, '']);
    expect(said).toMatch(/out\/peak\.yaml; try: .+ run \S+out\/peak\.yaml$/);
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['peak.Enrich.durations.csv', 'peak.yaml']);
    const text = readFileSync(join(cwd, 'out/peak.yaml'), 'utf8');
    expect(text).toContain('duration: { empirical: peak.Enrich.durations.csv }');
  });

  test('overwrites nothing unless told to, and never what it reads', async () => {
    const cwd = folderWith({ 't.yaml': TEMPLATE, 'r.log': LOG, 'peak.Enrich.durations.csv': 'mine' });
    const refused = await imported(cwd, ['t.yaml', 'r.log'], { out: 'peak.yaml' });
    expect([refused.status, refused.said]).toEqual([4, expect.stringContaining('durations.csv exists already')]);
    expect(existsSync(join(cwd, 'peak.yaml'))).toBe(false);
    expect((await imported(cwd, ['t.yaml', 'r.log'], { out: 'peak.yaml', force: true })).status).toBe(0);
    const self = await imported(cwd, ['t.yaml'], { out: 't.yaml', force: true });
    expect([self.status, self.said]).toEqual([2, expect.stringContaining('t.yaml would be overwritten')]);
    expect(readFileSync(join(cwd, 't.yaml'), 'utf8')).toBe(TEMPLATE);
  });

  test('refuses what AWS would, at its place, and writes nothing', async () => {
    const cwd = folderWith({ 't.yaml': TEMPLATE.replace('BatchSize: 10', 'ParallelizationFactor: 50') });
    const { status, said, printed } = await imported(cwd, ['t.yaml'], { out: 'peak.yaml' });
    expect([status, printed]).toEqual([3, '']);
    expect(said).toMatch(
      /t\.yaml:7:\d+: error: Resources\.Enrich\..*: expected a whole number from 1 to 10, got 50\n {2}.*\n +\^$/m,
    );
    expect(readdirSync(cwd)).toEqual(['t.yaml']);
  });

  test('takes parameters, standard input, and names files from where it writes', async () => {
    const input = `Parameters: { Batch: { Type: Number } }\n${TEMPLATE.replace('BatchSize: 10', 'BatchSize: !Ref Batch')}`;
    const cwd = folderWith({ 'm.json': METRICS });
    const words = ['import', '-', 'm.json', '-p', 'Batch=25', '-q', '-o', 'out/peak.yaml'];
    expect(await shardclock(words, { cwd, input })).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const text = readFileSync(join(cwd, 'out/peak.yaml'), 'utf8');
    expect(text).toContain('BatchSize: 25 # <stdin>:8, Batch, given on the command line');
    expect(text).toContain('trace: { file: ../m.json, metric: IncomingRecords }');
  });

  test.each<[readonly string[], { out?: string; parameters?: string[] }, number, string]>([
    [['t.yaml'], { out: 'x.json' }, 2, 'x.json: expected a name that ends in .yaml or .yml'],
    [['t.yaml'], { parameters: ['x'] }, 2, "--parameter: expected NAME=VALUE, got 'x'"],
    [['t.yaml'], { parameters: ['x=1', 'x=2'] }, 2, '--parameter x is given twice'],
    [['t.yaml'], { parameters: ['x=1'] }, 3, '--parameter:1:1: error: no file has a parameter x'],
    [['-', '-'], {}, 2, 'standard input (-) can be read only once'],
    [['none.yaml', 'zip.gz'], {}, 4, 'none.yaml: no such file or folder'],
    [['zip.gz'], {}, 3, 'zip.gz:1:1: error: it is compressed'],
    [['t.yaml', 'Nobody=r.log'], {}, 3, 'no function here is called Nobody; there is Enrich'],
  ])('%j with %j ends with %i', async (files, more, expected, message) => {
    const cwd = folderWith({ 't.yaml': TEMPLATE, 'r.log': LOG });
    writeFileSync(join(cwd, 'zip.gz'), Buffer.from([0x1f, 0x8b, 8, 0]));
    const { status, said, printed } = await imported(cwd, files, more);
    expect([status, printed]).toEqual([expected, '']);
    expect(said).toContain(message);
  });
});

test('run --overlay says how far the run is from what was measured, and refuses what does not lie in it', async () => {
  const cwd = folderWith({ 't.yaml': TEMPLATE, 'm.json': METRICS });
  expect((await imported(cwd, ['t.yaml', 'm.json'], { out: 'peak.yaml' })).status).toBe(0);
  const words = ['run', 'peak.yaml', '--overlay', 'm.json'];
  const { status, stdout, stderr } = await shardclock([...words, '--json'], { cwd });
  expect([status, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ partial: false })]);
  expect(stderr).toBe(
    'Beside m.json\n  IncomingRecords of Orders in 2 periods of 60 s: simulated and real are the\n    same.\n',
  );
  const late = await shardclock([...words, '--set', 'start=2026-01-01'], { cwd });
  expect([late.status, late.stdout]).toEqual([3, '']);
  expect(late.stderr).toMatch(/^m\.json:1:1: error: IncomingRecords: nothing of it lies in the run/m);
});
