import type { ResultProblem, Summary } from '../index.ts';
import { formatIssue, resultProblems } from '../index.ts';
import { EXIT, Failure } from './exit.ts';
import { readBytes, readStandardInput, textOf } from './files.ts';
import { type Place, placeOf, placeOfFault } from './json-place.ts';
import { STANDARD_INPUT, shownName } from './scenario-files.ts';

/** @throws Failure where the file cannot be read, or is no result */
export async function readResult(name: string): Promise<Summary> {
  return (await readChecked(name, {
    what: 'a result of shardclock',
    hint: 'Expected a result as this writes it: shardclock run SCENARIO -o result.json',
    problems: resultProblems,
  })) as Summary;
}

/** A kind of file of ours. */
interface ResultKind {
  readonly what: string;
  readonly hint: string;
  readonly problems: (value: unknown) => readonly ResultProblem[];
}

/**
 * Reads JSON that we wrote.
 *
 * @throws Failure where the file cannot be read, or is not of the kind
 */
export async function readChecked(name: string, { what, hint, problems: problemsOf }: ResultKind): Promise<unknown> {
  const shown = shownName(name);
  const text = textOf(name === STANDARD_INPUT ? await readStandardInput() : readBytes(name), shown);
  const told = (place: Place, path: string, message: string) =>
    formatIssue({ severity: 'error', file: shown, ...place, path, message, excerpt: lineOf(text, place) });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const place = placeOfFault(text);
    const message = place.column > lineOf(text, place).length ? 'not JSON: it ends too soon' : 'not JSON from here on';
    throw new Failure(EXIT.input, `${shown} is not ${what}\n${told(place, '', message)}`, hint);
  }
  const problems = problemsOf(value);
  if (problems.length === 0) return value;
  const lines = problems
    .slice(0, PROBLEMS_TOLD)
    .map(({ path, message }) => told(placeOf(text, path), path.join('.'), message));
  const rest = problems.length - lines.length;
  if (rest > 0) lines.push(`${shown}: error: and ${rest} more`);
  throw new Failure(EXIT.input, `${shown} is not ${what}\n${lines.join('\n')}`, hint);
}

function lineOf(text: string, { line }: Place): string {
  return text.split('\n')[line - 1]?.replace(/\r$/, '') ?? '';
}

const PROBLEMS_TOLD = 10;
