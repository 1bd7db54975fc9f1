import { resolve } from 'node:path';
import type { SweepPart } from '../index.ts';
import { mergeParts, sweepPartProblems, unknownMapping } from '../index.ts';
import { EXIT, type ExitStatus, Failure, usageError, worst } from './exit.ts';
import { readChecked } from './result-files.ts';
import { STANDARD_INPUT, shownName } from './scenario-files.ts';
import type { SweepTelling } from './sweep-outputs.ts';
import { SweepReport } from './sweep-outputs.ts';
import type { Terminal } from './terminal.ts';

export interface MergeOptions extends SweepTelling {
  /** Files, as typed. */
  readonly parts: readonly string[];
}

/** `shardclock merge`: what the sweep would have said undivided. All parts are read before anything is said. */
export async function merge(options: MergeOptions, terminal: Terminal): Promise<ExitStatus> {
  const { parts: names } = options;
  if (names.filter((name) => name === STANDARD_INPUT).length > 1)
    throw usageError('standard input (-) can be read only once');
  const parts: SweepPart[] = [];
  const statuses: ExitStatus[] = [];
  for (const name of names) {
    try {
      parts.push((await readChecked(name, PART)) as SweepPart);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      terminal.complain(`shardclock: ${error.message}${error.hint === null ? '' : `\n${error.hint}`}`);
      statuses.push(error.status);
    }
  }
  if (statuses.length > 0) return worst(statuses);
  const reads = names.filter((name) => name !== STANDARD_INPUT).map((name) => resolve(name));
  const report = new SweepReport(options, parts[0]!.design.axes.length, reads);
  const merged = mergeParts(parts);
  if (!merged.ok) {
    for (const { part, message } of merged.problems)
      terminal.complain(`${part === null ? 'shardclock' : shownName(names[part]!)}: error: ${message}`);
    return EXIT.input;
  }
  const mappings = merged.sweep.points.flatMap(({ metrics }) => metrics.flatMap(({ mapping }) => mapping ?? []));
  const problem = unknownMapping(report.figures, [...new Set(mappings)]);
  if (problem !== null) throw usageError(`--figure: ${problem}`);
  await report.tell(merged.sweep, terminal);
  return EXIT.done;
}

const PART = {
  what: 'a part of a sweep',
  hint: 'Expected a part as this writes it: shardclock sweep SCENARIO --vary PATH=v1,v2 --part 1/2 -o part-1.json',
  problems: sweepPartProblems,
};
