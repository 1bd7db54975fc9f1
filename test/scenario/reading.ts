import { formatIssue } from '../../src/scenario/issue.ts';
import type { ParseOptions } from '../../src/scenario/parse.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

/** The smallest legal file; the lines of its sections end it, so that keys of the mapping can be added at its end. */
export const SMALL = `shardclock: 1
name: small
duration: 1h
streams:
  orders: { ShardCount: 2 }
producers:
  checkout: { stream: orders, rate: 10/s }
functions:
  enrich: { duration: 100ms }
mappings:
  m:
    stream: orders
    function: enrich
    StartingPosition: TRIM_HORIZON
`;

export interface Reading extends Partial<Omit<ParseOptions, 'readFile'>> {
  /** The files beside the scenario, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export function read(text: string, { files = {}, ...options }: Reading = {}) {
  const readFile = (name: string) => {
    const content = files[name];
    if (content === undefined) throw new Error('no such file');
    return new TextEncoder().encode(content);
  };
  return parseScenario(text, { file: 'f.yaml', readFile, ...options });
}

export function valid(text: string, options: Reading = {}): Scenario {
  const result = read(text, options);
  if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
  return result.scenario;
}

/** The first lines of all messages: errors where it is wrong, else warnings. */
export function messages(text: string, options: Reading = {}): string[] {
  const result = read(text, options);
  return (result.ok ? result.warnings : result.issues).map((issue) => formatIssue(issue).split('\n')[0]!);
}

/** SMALL with a producer in place of its own. */
export function withProducer(producer: string): string {
  return SMALL.replace('  checkout: { stream: orders, rate: 10/s }', `  checkout: { stream: orders, ${producer} }`);
}

/** SMALL with a function in place of its own. */
export function withFunction(settings: string): string {
  return SMALL.replace('  enrich: { duration: 100ms }', `  enrich: ${settings}`);
}

/** SMALL with more keys of its mapping, each a line from line 15 on, column 5. */
export function withMapping(...lines: readonly string[]): string {
  return SMALL + lines.map((line) => `    ${line}\n`).join('');
}
