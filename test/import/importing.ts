import type { ImportedFile, ImportOptions } from '../../src/import/import-scenario.ts';
import { importScenario } from '../../src/import/import-scenario.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

export interface Imported {
  readonly text: string;
  readonly scenario: Scenario;
  /** The sections of the scenario's file, defaults filled in. */
  readonly streams: Readonly<Record<string, Settings>>;
  readonly producers: Readonly<Record<string, Settings>>;
  readonly functions: Readonly<Record<string, Settings>>;
  readonly mappings: Readonly<Record<string, Settings>>;
  readonly dataFiles: Readonly<Record<string, string>>;
  /** 'template.yaml:3:4 message' */
  readonly warnings: readonly string[];
}

type Settings = Readonly<Record<string, unknown>>;

/** Imports texts by the names of their files, and reads the scenario that it makes. */
export function imported(texts: Readonly<Record<string, string | object>>, options: ImportOptions = {}): Imported {
  const files = filesOf(texts);
  const result = importScenario(files, options);
  if (!result.ok) throw new Error(result.issues.map(({ line, message }) => `${line} ${message}`).join('\n'));
  const dataFiles = Object.fromEntries(result.dataFiles.map(({ name, text }) => [name, text]));
  const given = Object.fromEntries(files.map(({ name, text }) => [name, text]));
  const parsed = parseScenario(result.text, { readFile: (name) => Buffer.from({ ...given, ...dataFiles }[name]!) });
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  const { streams, producers, functions, mappings } = parsed.scenario.source.resolved as unknown as Imported;
  const warnings = result.warnings.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  return { text: result.text, scenario: parsed.scenario, streams, producers, functions, mappings, dataFiles, warnings };
}

/** 'template.yaml:3:4 message' of every error. */
export function refusal(texts: Readonly<Record<string, string | object>>, options: ImportOptions = {}): string[] {
  const result = importScenario(filesOf(texts), options);
  if (result.ok) throw new Error('it was imported');
  return result.issues
    .filter(({ severity }) => severity === 'error')
    .map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}

/** `NAME=FILE` says what a file is of. */
function filesOf(texts: Readonly<Record<string, string | object>>): ImportedFile[] {
  return Object.entries(texts).map(([word, content]) => {
    const [name, about] = word.split('=').reverse();
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
    return { name: name!, text, reference: name!, ...(about === undefined ? {} : { about }) };
  });
}

/** A template with a stream and a function, and what else is to stand in it. */
export function template({ event = '', head = '', more = '', stream = 'ShardCount: 2', target = '' } = {}): string {
  return `${head}
Resources:
  Orders:
    Type: AWS::Kinesis::Stream
    Properties: { ${stream} }
  Enrich:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 10
      ${target}
      Events:
        Order:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Orders.Arn
            StartingPosition: TRIM_HORIZON
            ${event}
${more}`;
}

/** An answer of get-event-source-mapping. */
export function mappingAnswer(settings: object = {}): object {
  return {
    UUID: '14e0db71-5d35-4eb5-b481-8945cf9d10c2',
    BatchSize: 100,
    EventSourceArn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/app-Orders-1A2B3C4D5E6F',
    FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:app-Enrich-9Z8Y7X6W5V4U',
    State: 'Enabled',
    StartingPosition: 'TRIM_HORIZON',
    MaximumRetryAttempts: -1,
    ...settings,
  };
}

/** An answer of get-metric-data: by label, a value for each period of five minutes. */
export function metrics(series: Readonly<Record<string, readonly number[]>>, start = '2026-11-27T11:00:00+00:00') {
  const first = Date.parse(start);
  return {
    MetricDataResults: Object.entries(series).map(([Label, Values], i) => ({
      ...{ Id: `m${i}`, Label, Values, StatusCode: 'Complete' },
      Timestamps: Values.map((_, k) => new Date(first + k * 300_000).toISOString()),
    })),
  };
}
