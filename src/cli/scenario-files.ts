import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { ParseResult, Scenario } from '../index.ts';
import { formatIssue, parseScenario } from '../index.ts';
import { EXIT, type ExitStatus, Failure, usageError, worst } from './exit.ts';
import { readBytes, readNamedFile, readStandardInput, textOf } from './files.ts';
import type { LocatedHandler } from './handlers.ts';
import { handlersOf } from './handlers.ts';
import type { Terminal } from './terminal.ts';

/** What stands for standard input where a file is named. */
export const STANDARD_INPUT = '-';

/** Where what is wrong with scenarios is said. */
export type Speech = Pick<Terminal, 'complain' | 'note'>;

export interface ScenarioChanges {
  readonly set: readonly string[];
  readonly seed: string | undefined;
}

export interface LoadedScenario {
  /** As it was typed. */
  readonly name: string;
  readonly scenario: Scenario;
  /** Full paths of the files that it was made of. */
  readonly reads: readonly string[];
  readonly handlers: readonly LocatedHandler[];
  /** An error at a path of it, for what shows only when it is used. */
  readonly issueAt: (ParseResult & { readonly ok: true })['issueAt'];
}

/** Reads and checks every scenario before it returns; what is wrong with any of them is said on the terminal. */
export async function loadScenarios(
  names: readonly string[],
  changes: ScenarioChanges,
  terminal: Speech,
): Promise<{ readonly loaded: readonly LoadedScenario[]; readonly status: ExitStatus }> {
  if (names.filter((name) => name === STANDARD_INPUT).length > 1)
    throw usageError('standard input (-) can be read only once');
  const loaded: LoadedScenario[] = [];
  const statuses: ExitStatus[] = [];
  for (const name of names) {
    try {
      const bytes = name === STANDARD_INPUT ? await readStandardInput() : readBytes(name);
      const one = loadScenario(textOf(bytes, shownName(name)), name, changes, terminal);
      if ('status' in one) statuses.push(one.status);
      else loaded.push(one);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      terminal.complain(`shardclock: ${error.message}`);
      statuses.push(error.status);
    }
  }
  return { loaded, status: worst(statuses) };
}

function loadScenario(
  text: string,
  name: string,
  changes: ScenarioChanges,
  terminal: Speech,
): LoadedScenario | { readonly status: ExitStatus } {
  const files = new FilesOfScenario(name);
  const { set, seed } = changes;
  const answer = parseScenario(text, {
    readFile: (file) => files.read(file),
    file: shownName(name),
    set,
    ...(seed === undefined ? {} : { seed }),
  });
  if (!answer.ok) {
    for (const issue of answer.issues) terminal.complain(formatIssue(issue));
    return { status: files.statusOfIssues };
  }
  for (const issue of answer.warnings) terminal.note(formatIssue(issue));
  const { scenario, issueAt } = answer;
  return { name, scenario, reads: files.paths, handlers: handlersOf(answer, files.folder), issueAt };
}

/** The files that a scenario names, found beside its own. */
export class FilesOfScenario {
  readonly folder: string;
  /** Full paths of all that was read, its own first. */
  readonly paths: string[];
  readonly #known = new Map<string, Uint8Array>();
  #isUnreadable = false;

  /** @param name as it was typed */
  constructor(name: string) {
    this.folder = name === STANDARD_INPUT ? '.' : dirname(name);
    this.paths = name === STANDARD_INPUT ? [] : [resolve(name)];
  }

  /** @throws where the file cannot be read */
  read(file: string): Uint8Array {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const path = isAbsolute(file) ? file : join(this.folder, file);
    this.paths.push(resolve(path));
    try {
      const bytes = readNamedFile(path);
      this.#known.set(file, bytes);
      return bytes;
    } catch (error) {
      this.#isUnreadable = true;
      throw error;
    }
  }

  /** What the command ends with where the scenario has issues. */
  get statusOfIssues(): ExitStatus {
    return this.#isUnreadable ? EXIT.file : EXIT.input;
  }
}

export function shownName(name: string): string {
  return name === STANDARD_INPUT ? '<stdin>' : name;
}
