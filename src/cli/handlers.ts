import { isAbsolute, resolve } from 'node:path';
import type { Issue, ParseResult } from '../index.ts';
import { formatIssue } from '../index.ts';
import type { ExitStatus } from './exit.ts';
import { EXIT } from './exit.ts';
import type { Simulation } from './simulation.ts';
import type { Terminal } from './terminal.ts';
import type { HandlerFile } from './worker.ts';

/** The code of a function, and where the scenario names it. */
export interface LocatedHandler extends HandlerFile {
  readonly issue: (message: string) => Issue;
}

/** @param folder that the names are relative to */
export function handlersOf(
  { scenario, issueAt }: Pick<ParseResult & { ok: true }, 'scenario' | 'issueAt'>,
  folder: string,
): LocatedHandler[] {
  return scenario.functions.flatMap(({ name: target, handler: name }) => {
    if (name === null) return [];
    const file = isAbsolute(name) ? name : resolve(folder, name);
    const issue = (message: string) => issueAt(['functions', target, 'handler'], `'${name}': ${message}`);
    return [{ function: target, name, file, issue }];
  });
}

/** Loads every handler before anything is run; what is wrong with any of them is said on the terminal. */
export async function checkHandlers(
  handlers: readonly LocatedHandler[],
  simulation: Simulation,
  terminal: Terminal,
): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.done;
  for (const { issue, ...handler } of handlers) {
    const message = await simulation.load(handler);
    if (message === null) continue;
    terminal.complain(formatIssue(issue(message)));
    status = EXIT.input;
  }
  return status;
}

/** What a run's thread is told of them. */
export function handlerFiles(handlers: readonly LocatedHandler[]): HandlerFile[] {
  return handlers.map(({ issue: _, ...handler }) => handler);
}
