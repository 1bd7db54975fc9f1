import { resolve } from 'node:path';
import type { ComparedRun, Comparison, Condition, CostOptions, Scenario, Summary } from '../index.ts';
import {
  comparedRunOf,
  compareResults,
  comparisonOf,
  conditionProblem,
  DEFAULT_REPLICATIONS,
  formatIssue,
  pairsOf,
  readCondition,
  sourceOfScenario,
} from '../index.ts';
import type { ComparisonTelling } from './comparison-report.ts';
import { ComparisonReport } from './comparison-report.ts';
import { EXIT, type ExitStatus, Failure, usageError, worst } from './exit.ts';
import { readBytes, readStandardInput } from './files.ts';
import { checkHandlers, handlerFiles } from './handlers.ts';
import { Interruption } from './interruption.ts';
import { readResult } from './result-files.ts';
import { tellFailure } from './run-failure.ts';
import type { LoadedScenario, Speech } from './scenario-files.ts';
import { loadScenarios, STANDARD_INPUT, shownName } from './scenario-files.ts';
import { shellCommand } from './shell-command.ts';
import type { RunRequest } from './simulation.ts';
import { FIGURES_ALONE } from './simulation.ts';
import type { Terminal } from './terminal.ts';
import { Threads } from './threads.ts';

export interface CompareOptions extends ComparisonTelling {
  readonly a: string;
  readonly b: string;
  readonly seed: string | undefined;
  readonly set: readonly string[];
  /** Of B alone, after `set`. */
  readonly setB: readonly string[];
  /** undefined: the default. */
  readonly replications: number | undefined;
  readonly jobs: number | undefined;
  readonly prices: string | undefined;
  readonly freeTier: boolean;
  readonly failOn: readonly string[];
  readonly warnOn: readonly string[];
  /** Milliseconds of real time; undefined: the default. */
  readonly handlerTimeout: number | undefined;
  readonly debug: boolean;
}

/** `shardclock compare`: two scenarios, each run several times, or two saved results. */
export async function compareFiles(options: CompareOptions, terminal: Terminal): Promise<ExitStatus> {
  const { a, b } = options;
  if (a === STANDARD_INPUT && b === STANDARD_INPUT) throw usageError('standard input (-) can be read only once');
  const conditions = conditionsOf(options);
  const report = new ComparisonReport(options);
  const kinds = [await kindOf(a), await kindOf(b)];
  if (kinds.includes('scenario') && kinds.includes('result')) {
    const [scenario, result] = kinds[0] === 'scenario' ? [a, b] : [b, a];
    throw usageError(
      `${shownName(scenario)} is a scenario, ${shownName(result)} a saved result; expected two of a kind`,
      `Run the scenario first: shardclock run ${scenario === STANDARD_INPUT ? 'SCENARIO' : scenario} -o a.json`,
    );
  }
  return kinds.includes('result')
    ? saved(options, { conditions, report }, terminal)
    : simulated(options, { conditions, report }, terminal);
}

interface Prepared {
  readonly conditions: readonly Condition[];
  readonly report: ComparisonReport;
}

/** Results are JSON with a version of their form; null where the file cannot be read, which its reader will say. */
async function kindOf(name: string): Promise<'scenario' | 'result' | null> {
  try {
    const bytes = name === STANDARD_INPUT ? await readStandardInput() : readBytes(name);
    return /^\s*\{.*"formatVersion"\s*:/s.test(new TextDecoder().decode(bytes)) ? 'result' : 'scenario';
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

async function saved(
  options: CompareOptions,
  { conditions, report }: Prepared,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { seed, set, setB, replications, jobs, prices, freeTier, handlerTimeout } = options;
  const forScenarios = {
    ...{ '--seed': seed, '--replications': replications, '--jobs': jobs, '--prices': prices },
    ...{ '--set': set[0], '--set-b': setB[0], '--free-tier': freeTier || undefined },
    '--handler-timeout': handlerTimeout,
  };
  const unused = Object.entries(forScenarios).find(([, value]) => value !== undefined);
  if (unused !== undefined) {
    throw usageError(`${unused[0]} is for scenarios; saved results are compared as they are`);
  }
  const results: Summary[] = [];
  const statuses: ExitStatus[] = [];
  for (const name of [options.a, options.b]) {
    try {
      results.push(await readResult(name));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      terminal.complain(`shardclock: ${error.message}${error.hint === null ? '' : `\n${error.hint}`}`);
      statuses.push(error.status);
    }
  }
  const [a, b] = results;
  if (a === undefined || b === undefined) return worst(statuses);
  const shared = Object.keys(a.mappings).filter((name) => Object.hasOwn(b.mappings, name));
  refuseWrong(conditions, { shared, runs: 1 });
  report.check([options.a, options.b].filter((name) => name !== STANDARD_INPUT).map((name) => resolve(name)));
  return told(compareResults(a, b, { conditions }), report, terminal);
}

async function simulated(
  options: CompareOptions,
  { conditions, report }: Prepared,
  terminal: Terminal,
): Promise<ExitStatus> {
  const asked = options.replications ?? DEFAULT_REPLICATIONS;
  const interruption = new Interruption();
  const threads = new Threads({ runs: 2 * asked, jobs: options.jobs, handlerTimeout: options.handlerTimeout });
  let comparison: Comparison;
  try {
    const read = await loaded(options, terminal);
    const prices = options.prices === undefined ? null : await pricesIn(options.prices, terminal);
    const handlers = read.both.flatMap((one) => one.handlers);
    const checked = worst([
      ...[read.status, prices?.status ?? EXIT.done],
      await checkHandlers(handlers, threads.first, terminal),
    ]);
    if (checked !== EXIT.done) return checked;
    const [a, b] = read.both as [LoadedScenario, LoadedScenario];
    const [sourceOfA, sourceOfB] = [sourceOfScenario(a.scenario), sourceOfScenario(b.scenario)];
    const shared = sourceOfA.mappings.filter((name) => sourceOfB.mappings.includes(name));
    refuseWrong(conditions, { shared, runs: asked });
    report.check([
      ...read.both.flatMap((one) => one.reads),
      ...(options.prices === undefined ? [] : [resolve(options.prices)]),
    ]);
    // Each of several runs with handlers has a thread that nobody has used before.
    if (handlers.length > 0) await threads.first.close();
    interruption.guard(() => threads.stop());
    const cost = { prices: prices?.prices, freeTier: options.freeTier };
    const progress = terminal.progress(`${shownName(options.a)} and ${shownName(options.b)}`);
    const runs: [ComparedRun[], ComparedRun[]] = [[], []];
    for await (const ended of threads.run(requests([a, b], { asked, cost, debug: options.debug }), progress)) {
      const { side, scenario } = ended.run;
      if ('summary' in ended) runs[side].push(comparedRunOf(ended.summary));
      else {
        const name = side === 0 ? options.a : options.b;
        const failed = { who: `${shownName(name)}, seed ${scenario.seed}`, seed: scenario.seed, debug: options.debug };
        return tellFailure(ended.error, { ...failed, command: commandOf(name, side, scenario, options) }, terminal);
      }
    }
    comparison = comparisonOf(
      { source: sourceOfA, runs: runs[0] },
      { source: sourceOfB, runs: runs[1] },
      { asked, conditions },
    );
  } finally {
    await threads.close();
  }
  const status = await told(comparison, report, terminal);
  const signal = interruption.status();
  const { partial, complete } = comparison;
  if (signal === null || !partial) return status;
  terminal.complain(
    `shardclock: interrupted; what the ${complete === 1 ? 'pair' : `${complete} pairs`} that had ended say is the result, marked partial`,
  );
  return worst([status, signal]);
}

interface PairedRun extends RunRequest {
  /** 0 of A, 1 of B. */
  readonly side: 0 | 1;
}

/** Made one by one, as they are about to begin. */
function* requests(
  [a, b]: readonly [LoadedScenario, LoadedScenario],
  { asked, cost, debug }: { readonly asked: number; readonly cost: CostOptions; readonly debug: boolean },
): Generator<PairedRun, void> {
  const handlers = [handlerFiles(a.handlers), handlerFiles(b.handlers)] as const;
  let taken = 0;
  for (const scenario of pairsOf(a.scenario, b.scenario, asked)) {
    const side = (taken++ % 2) as 0 | 1;
    yield { ...FIGURES_ALONE, side, scenario, handlers: handlers[side], cost, debug };
  }
}

/** Both, as far as they can be read; what is wrong with both is said once. */
async function loaded(
  { a, b, seed, set, setB }: CompareOptions,
  terminal: Terminal,
): Promise<{ readonly both: readonly LoadedScenario[]; readonly status: ExitStatus }> {
  const said = new Set<string>();
  const speechOf = (renamed: (text: string) => string): Speech => {
    const once = (say: (text: string) => void) => (text: string) => {
      if (said.has(text)) return;
      said.add(text);
      say(renamed(text));
    };
    return { complain: once((text) => terminal.complain(text)), note: once((text) => terminal.note(text)) };
  };
  const isOfSetB = (text: string) => setB.some((change) => text.includes(`\n  ${change}`));
  const ofA = await loadScenarios([a], { set, seed }, speechOf(String));
  const ofB = await loadScenarios(
    [b],
    { set: [...set, ...setB], seed },
    speechOf((text) => (isOfSetB(text) ? text.replace(/^--set:/, '--set-b:') : text)),
  );
  return { both: [...ofA.loaded, ...ofB.loaded], status: worst([ofA.status, ofB.status]) };
}

function conditionsOf({ failOn, warnOn }: CompareOptions): Condition[] {
  const results = [
    ...failOn.map((expression) => readCondition(expression, 'fail')),
    ...warnOn.map((expression) => readCondition(expression, 'warn')),
  ];
  const issues = results.flatMap((result) => (result.ok ? [] : [formatIssue(result.issue)]));
  if (issues.length > 0) throw usageError(`a condition is wrong\n${issues.join('\n')}`);
  return results.flatMap((result) => (result.ok ? [result.condition] : []));
}

function refuseWrong(conditions: readonly Condition[], sides: Parameters<typeof conditionProblem>[1]): void {
  const problems = conditions.flatMap((condition) => conditionProblem(condition, sides) ?? []);
  if (problems.length > 0) throw usageError(`a condition cannot be judged\n${problems.map(formatIssue).join('\n')}`);
}

async function told(comparison: Comparison, report: ComparisonReport, terminal: Terminal): Promise<ExitStatus> {
  await report.tell(comparison, terminal);
  const fails = comparison.conditions.some(({ kind, holds }) => kind === 'fail' && holds);
  return fails ? EXIT.differs : EXIT.done;
}

/** What repeats a run. */
function commandOf(name: string, side: 0 | 1, scenario: Scenario, options: CompareOptions): string {
  const { set, setB, prices, freeTier } = options;
  const changes = [...set, ...(side === 0 ? [] : setB)].flatMap((one) => ['--set', one]);
  const priceWords = [...(prices === undefined ? [] : ['--prices', prices]), ...(freeTier ? ['--free-tier'] : [])];
  return shellCommand(['run', name, '--seed', scenario.seed, ...changes, ...priceWords]);
}

/** Reading a price file takes modules that no run needs. */
async function pricesIn(file: string, terminal: Terminal) {
  const { readPriceFile } = await import('./price-files.ts');
  return readPriceFile(file, terminal);
}
