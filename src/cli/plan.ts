import { dirname, resolve } from 'node:path';
import type { CostOptions, RunMany, Sizing } from '../index.ts';
import {
  formatIssue,
  PlanInputError,
  plannedScenario,
  plan as planScenario,
  sizingJson,
  sizingMarkdown,
  sizingText,
} from '../index.ts';
import { EXIT, type ExitStatus, Failure, usageError, worst } from './exit.ts';
import { checkWritable, readBytes, textOf, writeWhole } from './files.ts';
import { checkHandlers, handlerFiles } from './handlers.ts';
import { Interruption } from './interruption.ts';
import { readPriceFile } from './price-files.ts';
import type { LoadedScenario } from './scenario-files.ts';
import { FilesOfScenario, loadScenarios, STANDARD_INPUT, shownName } from './scenario-files.ts';
import { FIGURES_ALONE } from './simulation.ts';
import type { Terminal } from './terminal.ts';
import { Threads } from './threads.ts';
import { typedCommand } from './typed-command.ts';

export interface PlanVerbOptions {
  readonly scenario: string;
  readonly seed: string | undefined;
  readonly set: readonly string[];
  /** So many times the scenario's traffic. */
  readonly growth: number | undefined;
  /** Shares: 0.3 for 30 %. */
  readonly headroom: number | undefined;
  readonly confidence: number | undefined;
  readonly within: readonly string[];
  /** A file. */
  readonly prices: string | undefined;
  readonly freeTier: boolean;
  /** How many runs go on at once; undefined: one for each processor core. */
  readonly jobs: number | undefined;
  readonly out: readonly string[];
  readonly json: boolean;
  /** Milliseconds of real time; undefined: the default. */
  readonly handlerTimeout: number | undefined;
  readonly debug: boolean;
}

/** `shardclock plan`: the cheapest settings that meet the thresholds. */
export async function plan(options: PlanVerbOptions, terminal: Terminal): Promise<ExitStatus> {
  const { scenario: name, seed, set, jobs, handlerTimeout, within } = options;
  const { growth = 1, headroom = 0, confidence = 0.95 } = options;
  if (headroom > MOST_HEADROOM) throw usageError(`--headroom: expected at most ${100 * MOST_HEADROOM}%`);
  if (confidence <= 0 || confidence > SUREST) throw usageError(`--confidence: expected more than 0% and at most 99.9%`);
  const outputs = formsOf(options.out);
  const interruption = new Interruption();
  const threads = new Threads({ runs: Number.POSITIVE_INFINITY, jobs, handlerTimeout, staysOpen: true });
  const progress = terminal.progress(shownName(name));
  let runs = 0;
  try {
    const { loaded, status } = await loadScenarios([name], { set, seed }, terminal);
    const prices = options.prices === undefined ? null : readPriceFile(options.prices, terminal);
    const one = loaded[0];
    if (one === undefined) return worst([status, prices?.status ?? EXIT.done]);
    const handled = await checkHandlers(one.handlers, threads.first, terminal);
    const checked = worst([prices?.status ?? EXIT.done, handled]);
    if (checked !== EXIT.done) return checked;
    checkOutputs(outputs, one, options.prices);
    interruption.guard(() => threads.stop());
    progress.follow(() => ({ share: null, done: `${runs} runs done ` }));
    const cost: CostOptions = { prices: prices?.prices, freeTier: options.freeTier };
    const runMany = manyRuns(threads, { loaded: one, cost, debug: options.debug }, () => runs++);
    const files = new FilesOfScenario(name);
    const readFile = (file: string) => files.read(file);
    const asked = { growth, headroom, confidence, within, readFile, runMany };
    const sizing = await planScenario(one.scenario, asked).catch(inputErrorOf);
    if (sizing instanceof PlanInputError) return tellInputError(sizing, one, terminal);
    progress.end();
    write(outputs, sizing, { ...options, loaded: one });
    tell(sizing, options, terminal);
    const signal = interruption.status();
    if (signal === null || !sizing.partial) return sizing.answer === null ? EXIT.threshold : EXIT.done;
    terminal.complain('shardclock: interrupted; what was known until then is the result, marked partial');
    return signal;
  } finally {
    progress.end();
    await threads.close();
  }
}

function inputErrorOf(error: unknown): PlanInputError {
  if (error instanceof PlanInputError) return error;
  throw error;
}

/** Where it is wrong: in the scenario, or in --within. */
function tellInputError(
  { message, inScenario, issues }: PlanInputError,
  { name, issueAt }: LoadedScenario,
  terminal: Terminal,
): ExitStatus {
  const placed = inScenario === null ? issues : [issueAt(inScenario.path, inScenario.message)];
  if (placed.length === 0) throw new Failure(EXIT.input, `${shownName(name)}: ${message}`);
  for (const issue of placed) terminal.complain(formatIssue(issue));
  return EXIT.input;
}

const MOST_HEADROOM = 10;
const SUREST = 0.999;

interface RunSurroundings {
  readonly loaded: LoadedScenario;
  readonly cost: CostOptions;
  readonly debug: boolean;
}

/** Runs on threads of their own. */
function manyRuns(threads: Threads, { loaded, cost, debug }: RunSurroundings, count: () => void): RunMany {
  const handlers = handlerFiles(loaded.handlers);
  return async function* run(scenarios) {
    const requests = function* requests() {
      for (const scenario of scenarios) yield { ...FIGURES_ALONE, scenario, handlers, cost, debug };
    };
    for await (const ended of threads.run(requests())) {
      if (!('summary' in ended)) throw ended.error;
      count();
      yield ended.summary;
    }
  };
}

type Form = 'json' | 'md' | 'yaml';

interface PlanOutput {
  readonly file: string;
  readonly form: Form;
}

function formsOf(out: readonly string[]): PlanOutput[] {
  return [...new Set(out)]
    .filter((file) => file !== '-')
    .map((file) => {
      const extension = /\.(json|md|ya?ml)$/i.exec(file)?.[1]?.toLowerCase();
      if (extension === undefined)
        throw usageError(
          `${file}: a plan is written as .json, .md, or as a .yaml of the scenario with the answer`,
          `What happens with it: ${typedCommand(['run', 'planned.yaml', '-o', 'report.html'])}`,
        );
      return { file, form: extension === 'json' || extension === 'md' ? extension : 'yaml' };
    });
}

function checkOutputs(
  outputs: readonly PlanOutput[],
  { name, scenario, reads }: LoadedScenario,
  prices: string | undefined,
): void {
  const sources = prices === undefined ? reads : [...reads, resolve(prices)];
  for (const { file, form } of outputs) {
    if (sources.includes(resolve(file)))
      throw usageError(`${file} would be overwritten by what is made of it`, 'Choose another name after -o.');
    checkWritable(file, { makeFolders: false });
    const { folder } = new FilesOfScenario(name);
    const names = Object.keys(scenario.source.files);
    if (form === 'yaml' && names.length > 0 && resolve(dirname(file)) !== resolve(folder))
      throw usageError(
        `${file} would not find ${names[0]}, which is named relative to the scenario`,
        `Write it beside the scenario, in ${folder}.`,
      );
  }
}

function write(
  outputs: readonly PlanOutput[],
  sizing: Sizing,
  { loaded, set, seed }: Pick<PlanVerbOptions, 'set' | 'seed'> & { readonly loaded: LoadedScenario },
): void {
  for (const { file, form } of outputs) {
    if (form === 'json') writeWhole(file, sizingJson(sizing));
    else if (form === 'md') writeWhole(file, sizingMarkdown(sizing));
    else if (sizing.answer !== null) {
      const { name, scenario } = loaded;
      const base = name === STANDARD_INPUT ? scenario.source.resolved : textOf(readBytes(name), name);
      const seeded = seed === undefined ? [] : [`seed=${JSON.stringify(seed)}`];
      writeWhole(file, plannedScenario(base, [...set, ...seeded, ...sizing.answer.set]));
    }
  }
}

function tell(sizing: Sizing, { scenario, json, out }: PlanVerbOptions, terminal: Terminal): void {
  const { width, color, quiet } = terminal;
  if (json) terminal.print(JSON.stringify(sizing));
  else if (out.includes('-')) terminal.print(sizingJson(sizing));
  else if (!quiet) terminal.print(sizingText(sizing, { width, color }));
  if (quiet && sizing.answer === null && !sizing.partial)
    terminal.complain(`shardclock: ${shownName(scenario)}: no settings within these bounds meet the thresholds`);
}
