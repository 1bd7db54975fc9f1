import { existsSync, readFileSync } from 'node:fs';
import { didYouMean, explainableNames, explainName, explanationText, nameText } from '../index.ts';
import { EXIT, type ExitStatus, Failure, usageError, worst } from './exit.ts';
import { readResult } from './result-files.ts';
import { STANDARD_INPUT } from './scenario-files.ts';
import type { Terminal } from './terminal.ts';

/** The rules of the model, shipped beside the code that keeps them. */
const MODEL = new URL('../sim/MODEL.md', import.meta.url);

/** `shardclock explain`: what a result comes to, or what a name means, in plain words. */
export async function explain(subjects: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  if (subjects.filter((one) => one === STANDARD_INPUT).length > 1)
    throw usageError('standard input (-) can be read only once');
  const unknown = subjects.filter((one) => !isResult(one) && explainName(one) === null);
  if (unknown.length > 0) throw unknownNames(unknown);
  const told: string[] = [];
  const statuses: ExitStatus[] = [];
  for (const subject of subjects) {
    try {
      told.push(await explained(subject, terminal));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      terminal.complain(`shardclock: ${error.message}${error.hint === null ? '' : `\n${error.hint}`}`);
      statuses.push(error.status);
    }
  }
  if (told.length > 0) terminal.print(told.join('\n'));
  return worst([EXIT.done, ...statuses]);
}

/** What is named like a result or is a file is one; anything else is a name. */
function isResult(subject: string): boolean {
  return subject === STANDARD_INPUT || subject.endsWith('.json') || existsSync(subject);
}

async function explained(subject: string, { width, color }: Terminal): Promise<string> {
  if (isResult(subject)) return explanationText(await readResult(subject), { width, color });
  return nameText(explainName(subject)!, { model: readFileSync(MODEL, 'utf8'), width, color });
}

function unknownNames(names: readonly string[]): Failure {
  const known = explainableNames();
  return usageError(
    [...new Set(names)].map((name) => `explain: nothing is called '${name}'${didYouMean(name, known)}`).join('\n'),
    'Expected a result such as result.json, or a setting, a metric, a cause or a word of a summary: BatchSize, IteratorAge, readLimit, "lane busy".',
  );
}
