import { extname, resolve } from 'node:path';
import type { CostOptions, Grid, PartNumber, PrecisionGoal, SweepPart } from '../index.ts';
import {
  formatIssue,
  parseGrid,
  readPrecisionGoal,
  SweepError,
  summariseSweep,
  sweepPart,
  sweepPartJson,
  unknownMapping,
} from '../index.ts';
import { EXIT, type ExitStatus, Failure, usageError } from './exit.ts';
import { readBytes, readStandardInput, textOf, writeWhole } from './files.ts';
import type { LocatedHandler } from './handlers.ts';
import { checkHandlers, handlersOf } from './handlers.ts';
import { Interruption } from './interruption.ts';
import { ManyRuns } from './many-runs.ts';
import { checkFiles } from './outputs.ts';
import { defaultCache, RunCache } from './run-cache.ts';
import { FilesOfScenario, STANDARD_INPUT, shownName } from './scenario-files.ts';
import { RunBug, Simulation } from './simulation.ts';
import type { SweepTelling } from './sweep-outputs.ts';
import { SweepReport } from './sweep-outputs.ts';
import type { Terminal } from './terminal.ts';

export interface SweepCommandOptions extends SweepTelling {
  /** As typed, like all that follow. */
  readonly scenario: string;
  readonly vary: readonly string[];
  readonly set: readonly string[];
  readonly seed: string | undefined;
  readonly until: readonly string[];
  /** Undefined: as many as the library takes. */
  readonly replications: number | undefined;
  readonly jobs: number | undefined;
  readonly part: PartNumber | undefined;
  /** A folder. */
  readonly cache: string | undefined;
  readonly noCache: boolean;
  /** A file. */
  readonly prices: string | undefined;
  readonly freeTier: boolean;
  /** Milliseconds of real time. */
  readonly handlerTimeout: number | undefined;
  readonly debug: boolean;
}

/** `shardclock sweep`: every point is checked, then all are run, told and written. Thresholds do not set its status. */
export async function sweepScenario(options: SweepCommandOptions, terminal: Terminal): Promise<ExitStatus> {
  const { scenario: name, jobs, handlerTimeout, debug, part } = options;
  if (options.vary.length === 0)
    throw usageError('sweep: expected what is varied', 'Add: --vary mappings.orders.BatchSize=100,500');
  if (options.cache !== undefined && options.noCache) throw usageError('--cache and --no-cache exclude each other');
  if (options.cache !== undefined && debug) throw usageError('--debug checks every run, so it takes none from --cache');
  const until = options.until.map(precisionGoal);
  const interruption = new Interruption();
  const loaded = await loadGrid(options, terminal);
  if ('status' in loaded) return loaded.status;
  const { grid, handlers, reads } = loaded;
  const cost = await costOptions(options, terminal);
  if ('status' in cost) return cost.status;
  if (options.prices !== undefined) reads.push(resolve(options.prices));
  const report = part === undefined ? new SweepReport(options, grid.axes.length, reads) : null;
  if (part !== undefined) checkPartOutputs(options, reads);
  checkNames(grid, [...until, ...(report?.figures ?? [])]);
  if (handlers.length > 0) {
    const status = await handlersStatus(handlers, handlerTimeout, terminal);
    if (status !== EXIT.done) return status;
  }
  const cache = cacheOf(options, cost, terminal);
  const runs = new ManyRuns({ jobs, handlerTimeout, cost, debug, handlers, label: shownName(name) }, terminal);
  interruption.guard(() => runs.stop());
  const swept = await ranPart(grid, {
    ...(options.replications === undefined ? {} : { replications: options.replications }),
    until,
    runMany: runs.runMany,
    ...(cache === null ? {} : { memory: cache }),
    part: part ?? { number: 1, of: 1 },
  });
  if (swept instanceof Failure) {
    terminal.complain(
      `shardclock: ${shownName(name)}: ${swept.message}${swept.hint === null ? '' : `\n${swept.hint}`}`,
    );
    return swept.status;
  }
  noteCache(cache, swept, terminal);
  await (report === null ? tellPart(swept, options, terminal) : report.tell(summariseSweep(swept), terminal));
  const signal = interruption.status();
  if (signal === null || !swept.partial) return EXIT.done;
  const onward = cache === null || handlers.length > 0 ? '' : '; the same command goes on from there';
  terminal.complain(`shardclock: interrupted; the result is of what was run until then, marked partial${onward}`);
  return signal;
}

function precisionGoal(text: string): PrecisionGoal {
  const goal = readPrecisionGoal(text);
  if (typeof goal === 'string') throw usageError(`--until: ${goal}`);
  return goal;
}

interface LoadedGrid {
  readonly grid: Grid;
  /** Of all points, each once. */
  readonly handlers: readonly LocatedHandler[];
  /** Full paths of the files that it was made of. */
  readonly reads: string[];
}

/** What is wrong at any point is said on the terminal. */
async function loadGrid(
  { scenario: name, vary, set, seed }: SweepCommandOptions,
  terminal: Terminal,
): Promise<LoadedGrid | { readonly status: ExitStatus }> {
  const bytes = name === STANDARD_INPUT ? await readStandardInput() : readBytes(name);
  const files = new FilesOfScenario(name);
  const answer = parseGrid(textOf(bytes, shownName(name)), {
    readFile: (file) => files.read(file),
    file: shownName(name),
    ...{ set, vary },
    ...(seed === undefined ? {} : { seed }),
  });
  if (!answer.ok) {
    for (const issue of answer.issues) terminal.complain(formatIssue(issue));
    return { status: files.statusOfIssues };
  }
  for (const issue of answer.warnings) terminal.note(formatIssue(issue));
  const handlers = answer.grid.points.flatMap((point) => handlersOf(point, files.folder));
  const byName = new Map(handlers.map((handler) => [JSON.stringify([handler.function, handler.name]), handler]));
  return { grid: answer.grid, handlers: [...byName.values()], reads: files.paths };
}

async function costOptions(
  { prices: file, freeTier }: SweepCommandOptions,
  terminal: Terminal,
): Promise<CostOptions | { readonly status: ExitStatus }> {
  if (file === undefined) return { freeTier };
  // Reading a price file takes modules that nothing else needs.
  const { readPriceFile } = await import('./price-files.ts');
  const { prices, status } = readPriceFile(file, terminal);
  return status === EXIT.done ? { prices, freeTier } : { status };
}

/** Figures that no point has would never be told. */
function checkNames({ points }: Grid, names: Parameters<typeof unknownMapping>[0]): void {
  const mappings = [...new Set(points.flatMap(({ scenario }) => scenario.mappings.map((mapping) => mapping.name)))];
  const problem = unknownMapping(names, mappings);
  if (problem !== null) throw usageError(problem);
}

async function handlersStatus(
  handlers: readonly LocatedHandler[],
  handlerTimeout: number | undefined,
  terminal: Terminal,
): Promise<ExitStatus> {
  const simulation = new Simulation(handlerTimeout);
  try {
    return await checkHandlers(handlers, simulation, terminal);
  } finally {
    await simulation.close();
  }
}

function cacheOf(
  { cache, noCache, debug }: SweepCommandOptions,
  cost: CostOptions,
  terminal: Terminal,
): RunCache | null {
  if (noCache || debug) return null;
  const note = (message: string) => terminal.note(`shardclock: what is run is not kept: ${message}`);
  return cache === undefined ? defaultCache(cost, note) : new RunCache(cache, cost, note);
}

/** A run that fails ends the sweep; what others said is kept. */
async function ranPart(grid: Grid, options: Parameters<typeof sweepPart>[1]): Promise<SweepPart | Failure> {
  try {
    return await sweepPart(grid, options);
  } catch (error) {
    if (!(error instanceof SweepError)) throw error;
    const { cause, message } = error;
    if (cause instanceof Failure) return new Failure(cause.status, message, cause.hint);
    throw cause instanceof RunBug ? new RunBug(message, cause.stack ?? '') : cause;
  }
}

function noteCache(cache: RunCache | null, { runs }: SweepPart, terminal: Terminal): void {
  if (cache === null || cache.recalled === 0) return;
  const { recalled, folder } = cache;
  terminal.note(`shardclock: ${recalled} of ${runs.length} runs were kept in ${folder} from before`);
}

/** A part has no figures of its own. */
function checkPartOutputs(
  { out, json, figure, chart, title, theme }: SweepCommandOptions,
  reads: readonly string[],
): void {
  const files = out.filter((name) => name !== '-');
  const other = files.find((name) => extname(name).toLowerCase() !== '.json');
  if (other !== undefined)
    throw usageError(`${other}: a part of a sweep is written as .json`, 'merge joins the parts, and writes all else.');
  if (out.length === 0 && !json)
    throw usageError('--part: expected where its runs are to be written', 'Add: -o part.json');
  if (figure.length > 0 || [chart, title, theme].some((value) => value !== undefined))
    throw usageError('--figure, --chart, --title and --theme are for the whole sweep', 'Give them to merge.');
  checkFiles(
    files.map((file) => ({ file, inFolder: false })),
    reads,
  );
}

function tellPart(swept: SweepPart, { out, json }: SweepCommandOptions, terminal: Terminal): void {
  const files = out.filter((name) => name !== '-');
  for (const file of files) writeWhole(file, sweepPartJson(swept));
  if (json) terminal.print(JSON.stringify(swept));
  else if (out.includes('-')) terminal.print(sweepPartJson(swept));
  else if (!terminal.quiet) {
    const { part, runs, design } = swept;
    terminal.print(
      `${design.scenario.name}: part ${part.number} of ${part.of}, ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} of a grid of ${design.points.length} points, in ${files.join(', ')}`,
    );
  }
}
