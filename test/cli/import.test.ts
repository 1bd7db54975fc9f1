import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
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

describe('import', () => {
  test('prints a scenario that runs as it is', async () => {
    const cwd = folderWith({ 't.yaml': TEMPLATE, 'm.json': METRICS });
    const { status, stdout, stderr } = await shardclock(['import', 't.yaml', 'm.json'], { cwd });
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('t.yaml:3:3: warning: Resources.Enrich: no file says'),
    ]);
    expect(await shardclock(['validate', '-'], { cwd, input: stdout })).toMatchObject({ status: 0, stderr: '' });
    expect((await shardclock(['run', '-', '-q'], { cwd, input: stdout })).status).toBe(0);
  });

  test('writes it with its data beside it, and names what it read from there', async () => {
    const cwd = folderWith({ 't.yaml': TEMPLATE, 'm.json': METRICS, 'r.log': LOG });
    const made = await shardclock(['import', 't.yaml', 'm.json', 'Enrich=r.log', '-o', 'out/peak.yaml', '-q'], { cwd });
    expect(made).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['peak.Enrich.durations.csv', 'peak.yaml']);
    const text = readFileSync(join(cwd, 'out/peak.yaml'), 'utf8');
    expect(text).toContain('trace: { file: ../m.json, metric: IncomingRecords }');
    expect(text).toContain('duration: { empirical: peak.Enrich.durations.csv }');
    expect((await shardclock(['run', resolve(cwd, 'out/peak.yaml'), '-q'])).status).toBe(0);
  });

  test('overwrites nothing unless told to, and never what it reads', async () => {
    const cwd = folderWith({ 't.yaml': TEMPLATE, 'r.log': LOG, 'peak.Enrich.durations.csv': 'mine' });
    const words = ['import', 't.yaml', 'r.log', '-o', 'peak.yaml'];
    const refused = await shardclock(words, { cwd });
    expect([refused.status, refused.stderr]).toEqual([
      4,
      expect.stringContaining('peak.Enrich.durations.csv exists already'),
    ]);
    expect(existsSync(join(cwd, 'peak.yaml'))).toBe(false);
    expect((await shardclock([...words, '--force'], { cwd })).status).toBe(0);
    const self = await shardclock(['import', 't.yaml', '-o', 't.yaml', '--force'], { cwd });
    expect([self.status, self.stderr]).toEqual([2, expect.stringContaining('t.yaml would be overwritten')]);
    expect(readFileSync(join(cwd, 't.yaml'), 'utf8')).toBe(TEMPLATE);
  });

  test('refuses what AWS would, at its place, and writes nothing', async () => {
    const cwd = folderWith({ 't.yaml': TEMPLATE.replace('BatchSize: 10', 'ParallelizationFactor: 50') });
    const { status, stdout, stderr } = await shardclock(['import', 't.yaml', '-o', 'peak.yaml'], { cwd });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^t\.yaml:7:\d+: error: Resources\.Enrich\..*: expected a whole number from 1 to 10, got 50\n {2}.*\n +\^$/m,
    );
    expect(readdirSync(cwd)).toEqual(['t.yaml']);
  });

  test('takes parameters, and standard input', async () => {
    const input = `Parameters: { Batch: { Type: Number } }\n${TEMPLATE.replace('BatchSize: 10', 'BatchSize: !Ref Batch')}`;
    const { status, stdout, stderr } = await shardclock(['import', '-', '-p', 'Batch=25', '-q'], { input });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('BatchSize: 25 # line 8, Batch, given on the command line');
  });

  test.each([
    [['import'], 2, 'import: expected a file'],
    [['import', 't.yaml', '-o', 'x.json'], 2, 'x.json: expected a name that ends in .yaml or .yml'],
    [['import', 't.yaml', '-p', 'x'], 2, "--parameter: expected NAME=VALUE, got 'x'"],
    [['import', 't.yaml', '-p', 'x=1', '-p', 'x=2'], 2, '--parameter x is given twice'],
    [['import', '-', '-'], 2, 'standard input (-) can be read only once'],
    [['import', 'none.yaml', 'zip.gz'], 4, 'none.yaml: no such file or folder'],
    [['import', 'zip.gz'], 3, 'zip.gz:1:1: error: it is compressed'],
    [['import', 't.yaml', 'Nobody=r.log'], 3, 'no function here is called Nobody; there is Enrich'],
  ])('%j ends with %i', async (words, expected, message) => {
    const cwd = folderWith({ 't.yaml': TEMPLATE, 'r.log': LOG });
    writeFileSync(join(cwd, 'zip.gz'), Buffer.from([0x1f, 0x8b, 8, 0]));
    const { status, stdout, stderr } = await shardclock(words, { cwd });
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(message);
  });
});

test('run --overlay says how far the run is from what was measured, and refuses what does not lie in it', async () => {
  const cwd = folderWith({ 't.yaml': TEMPLATE, 'm.json': METRICS });
  expect((await shardclock(['import', 't.yaml', 'm.json', '-o', 'peak.yaml', '-q'], { cwd })).status).toBe(0);
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
