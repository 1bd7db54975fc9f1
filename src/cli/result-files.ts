import type { Summary } from '../index.ts';
import { resultProblems } from '../index.ts';
import { EXIT, Failure } from './exit.ts';
import { readBytes, readStandardInput, textOf } from './files.ts';
import { STANDARD_INPUT, shownName } from './scenario-files.ts';

/** @throws Failure where the file cannot be read, or is no result */
export async function readResult(name: string): Promise<Summary> {
  const shown = shownName(name);
  const text = textOf(name === STANDARD_INPUT ? await readStandardInput() : readBytes(name), shown);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure(EXIT.input, `${shown}: error: not JSON: ${(error as Error).message}`, WHAT_WOULD_DO);
  }
  const problems = resultProblems(value);
  if (problems.length === 0) return value as Summary;
  const told = problems.slice(0, PROBLEMS_TOLD).map((problem) => `${shown}: error: ${problem}`);
  const rest = problems.length - told.length;
  if (rest > 0) told.push(`${shown}: error: and ${rest} more`);
  throw new Failure(EXIT.input, `${shown} is not a result of shardclock\n${told.join('\n')}`, WHAT_WOULD_DO);
}

const PROBLEMS_TOLD = 10;
const WHAT_WOULD_DO = 'Expected a result as this writes it: shardclock run SCENARIO -o result.json';
