import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../src/cli/exit.ts';
import { readResult } from '../../src/cli/result-files.ts';
import { loadScenarios } from '../../src/cli/scenario-files.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { importScenario, parseScenario, simulateSync, summarise, summaryJson } from '../../src/index.ts';
import { mutated } from './mutations.ts';

/** Of each kind. SHARDCLOCK_FUZZ=25000 npm run fuzz: 100,000 in all. */
const INPUTS = Number(process.env.SHARDCLOCK_FUZZ ?? 250);
const LONG = { timeout: 60_000 + INPUTS * 200 };

const SCENARIOS = readdirSync('scenarios')
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join('scenarios', name), 'utf8'));
const CSV = [
  'time,value,key\n',
  ...Array.from({ length: 12 }, (_, i) => `2026-01-05T09:00:${10 + i}Z,${i * 7},k${i}\n`),
].join('');
const CLOUDWATCH = JSON.stringify({
  MetricDataResults: [
    {
      Id: 'm1',
      Label: 'IncomingRecords',
      Timestamps: ['2026-01-05T09:00:00Z', '2026-01-05T09:05:00Z'],
      Values: [300, 12_000.5],
      StatusCode: 'Complete',
    },
  ],
});

const reading = (source: string) => `shardclock: 1
name: files
duration: 1h
streams: { s: { ShardCount: 1 } }
producers: { p: { stream: s, ${source} } }
functions: { f: { duration: 5ms } }
mappings: { m: { stream: s, function: f, StartingPosition: TRIM_HORIZON } }
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardclock-fuzz-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What the command says of a scenario file, and what it would end with. */
async function load(name: string): Promise<{ said: string[]; status: number }> {
  const said: string[] = [];
  const terminal = { complain: (text: string) => said.push(text), note: () => undefined } as unknown as Terminal;
  const { status } = await loadScenarios([join(folder, name)], { set: [], seed: undefined }, terminal);
  return { said, status };
}

/** Each message has its file, line and column, and the file has the line. */
function expectPlaces(said: readonly string[]): void {
  for (const message of said) {
    const place = /^(?:shardclock: )?(.+?):(\d+):(\d+): error: ./.exec(message);
    expect(place, message).not.toBeNull();
    const lines = readFileSync(resolve(folder, place![1]!), 'latin1').split(/\r\n|[\n\r]/);
    expect(Number(place![2])).toBeLessThanOrEqual(lines.length + 1);
  }
}

async function neverCrashes(bytes: fc.Arbitrary<Uint8Array>, name: string, scenario?: string) {
  if (scenario !== undefined) writeFileSync(join(folder, 'scenario.yaml'), scenario);
  await fc.assert(
    fc.asyncProperty(bytes, async (content) => {
      writeFileSync(join(folder, name), content);
      const before = readdirSync(folder).join();
      const { said, status } = await load(scenario === undefined ? name : 'scenario.yaml');
      expect([0, 3, 4]).toContain(status);
      expect(said.length > 0).toBe(status !== 0);
      expectPlaces(said);
      expect(readdirSync(folder).join()).toBe(before);
    }),
    { numRuns: INPUTS },
  );
}

/** One of each kind that import reads. */
const IMPORTED = [
  ...['template.yaml', 'metrics.json', 'enrich.log'].map((name) => readFileSync(join('scenarios/stack', name), 'utf8')),
  readFileSync('scenarios/stack/template.yaml', 'utf8'),
  `service: shop
custom: { batch: { dev: 7 } }
functions:
  enrich: { events: [{ stream: { type: kinesis, arn: !GetAtt S.Arn, batchSize: '\${self:custom.batch.\${sls:stage}}' } }] }
resources: { Resources: { S: { Type: AWS::Kinesis::Stream, Properties: { ShardCount: 2 } } } }
`,
  JSON.stringify({
    EventSourceMappings: [
      {
        ...{ UUID: 'x', BatchSize: 10, State: 'Enabled', StartingPosition: 'LATEST', MaximumRetryAttempts: 3 },
        EventSourceArn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/orders',
        FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:enrich',
        FilterCriteria: { Filters: [{ Pattern: '{"data":{"kind":["a",{"prefix":"b"}]}}' }] },
      },
    ],
  }),
];

describe('whatever a file holds, the command says what is wrong and where', () => {
  it('what is imported', LONG, () => {
    fc.assert(
      fc.property(mutated(IMPORTED), (content) => {
        const text = new TextDecoder().decode(content);
        const result = importScenario([{ name: 'given', text, reference: 'given' }], { dataPrefix: 'made' });
        const lines = text.split('\n').length;
        for (const { file, line, column, message } of result.ok ? result.warnings : result.issues) {
          expect([file, line <= lines && line > 0, column > 0, message !== ''], message).toEqual([
            'given',
            true,
            true,
            true,
          ]);
        }
        if (!result.ok) expect(result.issues.some(({ severity }) => severity === 'error')).toBe(true);
      }),
      { numRuns: INPUTS },
    );
  });

  it('a scenario', LONG, async () => {
    await neverCrashes(mutated(SCENARIOS), 'fuzzed.yaml');
  });

  it('a trace in CSV', LONG, async () => {
    await neverCrashes(
      mutated([CSV]),
      'trace.csv',
      reading('trace: { file: trace.csv, time: time, value: value, period: 1s }'),
    );
  });

  it('metrics of CloudWatch in JSON', LONG, async () => {
    await neverCrashes(
      mutated([CLOUDWATCH]),
      'metrics.json',
      reading('trace: { file: metrics.json, metric: IncomingRecords }'),
    );
  });

  it('a result', LONG, async () => {
    const parsed = parseScenario(reading('rate: 1/s').replace('1h', '2m'), { readFile: () => new Uint8Array() });
    if (!parsed.ok) throw new Error('the scenario is none');
    const result = summaryJson(summarise(simulateSync(parsed.scenario)));
    await fc.assert(
      fc.asyncProperty(mutated([result]), async (content) => {
        const path = join(folder, 'result.json');
        writeFileSync(path, content);
        const failure = await readResult(path).then(
          () => null,
          (error: unknown) => error,
        );
        if (failure === null) return;
        expect(failure).toBeInstanceOf(Failure);
        const { message, status } = failure as Failure;
        expect([3, 4]).toContain(status);
        expect(message).toMatch(/result\.json:\d+:\d+: error: /);
      }),
      { numRuns: INPUTS },
    );
  });
});
