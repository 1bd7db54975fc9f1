import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { Handlers } from '../../src/sim/handlers.ts';
import type { Handler } from '../../src/sim/lambda/handler.ts';

/** The examples that come with the package. */
const SCENARIOS = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/** Where downloaded data lies that is not shipped with the package; undefined where SHARDCLOCK_DATA names no folder. */
const DATA = process.env.SHARDCLOCK_DATA;

/** Files that a shipped scenario names and that have to be fetched from elsewhere, and where the data folder has them. */
const FETCHED: Readonly<Record<string, string>> = {
  'elb_request_count_8c0756.csv': 'traces/nab/elb_request_count_8c0756.csv',
};

/** Their names, without the extension, in order. */
export function scenarioNames(): string[] {
  return readdirSync(SCENARIOS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

export function scenarioText(name: string): string {
  return readFileSync(join(SCENARIOS, `${name}.yaml`), 'utf8');
}

/** Files that a scenario names and that are neither beside it nor in the data folder. */
export function missingFiles(name: string): string[] {
  return Object.keys(FETCHED).filter(
    (file) => scenarioText(name).includes(`file: ${file}`) && !existsSync(pathOf(file)),
  );
}

export function shippedScenario(name: string): Scenario {
  const parsed = parseScenario(scenarioText(name), { readFile: shippedFile });
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${name}: ${path}: ${message}`).join('\n'));
  return parsed.scenario;
}

/** The code of the functions that a scenario gives one. It keeps nothing, so that one instance does for all environments. */
export async function shippedHandlers({ functions }: Scenario): Promise<Handlers> {
  const handlers: Record<string, Handler> = {};
  for (const { name, handler } of functions) {
    if (handler !== null) handlers[name] = (await import(pathToFileURL(pathOf(handler)).href)).handler;
  }
  return handlers;
}

/** The bytes of a file that a shipped scenario names. */
export function shippedFile(file: string): Uint8Array {
  return readFileSync(pathOf(file));
}

function pathOf(file: string): string {
  const fetched = FETCHED[file];
  return DATA !== undefined && fetched !== undefined ? join(DATA, fetched) : join(SCENARIOS, file);
}
