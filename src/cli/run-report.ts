import type { Overlay, Replication, Summary, TestSuite } from '../index.ts';
import {
  erroredSuite,
  replicationOf,
  replicationsText,
  summariseReplications,
  summaryJson,
  summaryText,
  testSuite,
  unmetInReplications,
  unmetThresholds,
} from '../index.ts';
import { EXIT, type ExitStatus, worst } from './exit.ts';
import { sizeOf } from './files.ts';
import type { Output, OutputPlan } from './outputs.ts';
import type { DrawingOptions } from './render.ts';
import { tellFailure } from './run-failure.ts';
import type { LoadedScenario } from './scenario-files.ts';
import { shownName } from './scenario-files.ts';
import { shellCommand } from './shell-command.ts';
import type { RunRequest } from './simulation.ts';
import type { Terminal } from './terminal.ts';
import type { EndedRun } from './threads.ts';

export interface ReportOptions {
  readonly seed: string | undefined;
  readonly set: readonly string[];
  readonly out: readonly string[];
  readonly json: boolean;
  /** A file. */
  readonly prices: string | undefined;
  readonly freeTier: boolean;
  readonly drawing: DrawingOptions;
  /** How often each scenario is run. */
  readonly replications: number;
  readonly debug: boolean;
}

export interface PlannedRun extends RunRequest {
  readonly loaded: LoadedScenario;
  /** Which of the scenarios, from 0, and which of its replications, from 1. */
  readonly input: number;
  readonly number: number;
  readonly outputs: readonly Output[];
  /** Drawn over the charts, and spoken of. */
  readonly overlay: Overlay | undefined;
}

/** Writes, tells and judges runs as they end, and keeps little of them. */
export class RunReport {
  readonly #options: ReportOptions;
  readonly #plan: OutputPlan;
  readonly #terminal: Terminal;
  readonly #statuses: ExitStatus[] = [];
  readonly #suites: TestSuite[] = [];
  readonly #givenUp = new Set<number>();
  /** Of the scenario whose runs are ending now. */
  #current: { readonly loaded: LoadedScenario; readonly input: number; readonly seen: Replication[] } | null = null;
  #hasPrinted = false;
  #isPartial = false;
  #taken = 0;

  constructor(options: ReportOptions, plan: OutputPlan, terminal: Terminal) {
    this.#options = options;
    this.#plan = plan;
    this.#terminal = terminal;
  }

  get status(): ExitStatus {
    return worst(this.#statuses);
  }

  /** Whether a result is of less than was asked for. */
  get isPartial(): boolean {
    return this.#isPartial;
  }

  /** How many runs have ended. */
  get taken(): number {
    return this.#taken;
  }

  /** Of a scenario, one of whose replications has no result, no others are needed. */
  hasGivenUp(input: number): boolean {
    return this.#givenUp.has(input);
  }

  async take({ run, ...ended }: EndedRun<PlannedRun>): Promise<void> {
    this.#taken++;
    if (this.#current?.input !== run.input) {
      await this.#endScenario();
      this.#current = { loaded: run.loaded, input: run.input, seen: [] };
    }
    if (this.hasGivenUp(run.input)) return;
    try {
      if (!('summary' in ended)) throw ended.error;
      await this.#write(run, ended.summary);
    } catch (error) {
      this.#statuses.push(this.#complain(error, run));
      this.#givenUp.add(run.input);
      if (this.#plan.ofAll.length > 0) this.#suites.push(errorOf(error, run));
    }
  }

  /** After the last run. */
  async end(): Promise<void> {
    await this.#endScenario();
    if (this.#plan.ofAll.length > 0) (await rendering()).writeShared(this.#plan.ofAll, this.#suites);
  }

  async #write({ outputs, ...run }: PlannedRun, summary: Summary): Promise<void> {
    const { overlay } = run;
    this.#isPartial ||= summary.partial;
    const drawing = overlay === undefined ? this.#options.drawing : { ...this.#options.drawing, overlay };
    if (outputs.length > 0) {
      const { tellBeyondEnd, writeOutputs } = await rendering();
      await writeOutputs(outputs, summary, drawing);
      if (run.number === 1) tellBeyondEnd(summary, drawing, this.#terminal);
    }
    const isMet = summary.thresholds.every(({ ok }) => ok);
    if (this.#options.replications === 1) this.#complainQuietly(run.loaded, unmetThresholds(summary));
    if (this.#options.replications > 1) {
      this.#current!.seen.push(replicationOf(summary));
      if (this.#options.json) this.#terminal.print(JSON.stringify(summary));
    } else {
      this.#tell(summary, this.#commandOf(run));
      if (overlay !== undefined) await this.#tellOverlay(summary, overlay);
    }
    if (this.#plan.ofAll.length > 0) this.#suites.push(testSuite(summary));
    noteLargeTraces(outputs, this.#terminal);
    this.#statuses.push(isMet ? EXIT.done : EXIT.threshold);
  }

  /** Of replications: what they say together. */
  async #endScenario(): Promise<void> {
    const current = this.#current;
    if (current === null || this.#options.replications === 1 || this.hasGivenUp(current.input)) return;
    const { loaded, input, seen } = current;
    const replications = summariseReplications(loaded.scenario, { asked: this.#options.replications, seen });
    this.#isPartial ||= replications.partial;
    const tables = this.#plan.tables[input]!;
    if (tables.length > 0) (await rendering()).writeTables(tables, replications);
    const { width, color, quiet } = this.#terminal;
    this.#complainQuietly(loaded, unmetInReplications(replications));
    if (!this.#options.json && !quiet) this.#print(replicationsText(replications, { width, color }));
  }

  /** What is wrong is said, even where nothing else is. */
  #complainQuietly({ name }: LoadedScenario, unmet: readonly string[]): void {
    if (!this.#terminal.quiet) return;
    for (const threshold of unmet) this.#terminal.complain(`shardclock: ${shownName(name)}: ${threshold}`);
  }

  #tell(summary: Summary, command: string): void {
    const { json, out } = this.#options;
    const { width, color, quiet } = this.#terminal;
    if (json) this.#terminal.print(JSON.stringify(summary));
    else if (out.includes('-')) this.#terminal.print(summaryJson(summary));
    else if (!quiet) this.#print(summaryText(summary, { width, color, command }));
  }

  /** How far apart they are: beside the summary, or apart from a result that others read. */
  async #tellOverlay(summary: Summary, overlay: Overlay): Promise<void> {
    const { json, out } = this.#options;
    const { tellOverlay } = await import('./overlay.ts');
    tellOverlay(summary, overlay, { isApart: json || out.includes('-') }, this.#terminal);
  }

  /** A block of text, a blank line before each but the first. */
  #print(text: string): void {
    this.#terminal.print(this.#hasPrinted ? `\n${text}` : text);
    this.#hasPrinted = true;
  }

  #complain(error: unknown, run: Omit<PlannedRun, 'outputs'>): ExitStatus {
    const name = shownName(run.loaded.name);
    const { replications, debug } = this.#options;
    const who = replications > 1 ? `${name}, seed ${run.scenario.seed}` : name;
    return tellFailure(error, { who, seed: run.scenario.seed, command: this.#commandOf(run), debug }, this.#terminal);
  }

  /** What repeats a run. */
  #commandOf({ loaded, scenario, number }: Omit<PlannedRun, 'outputs'>): string {
    const { seed, set, prices, freeTier } = this.#options;
    const seedWords = seed === undefined && number === 1 ? [] : ['--seed', scenario.seed];
    const changes = set.flatMap((change) => ['--set', change]);
    const priceWords = [...(prices === undefined ? [] : ['--prices', prices]), ...(freeTier ? ['--free-tier'] : [])];
    return shellCommand(['run', loaded.name, ...seedWords, ...changes, ...priceWords]);
  }
}

/** As a test report has it. */
function errorOf(error: unknown, { scenario }: PlannedRun): TestSuite {
  return erroredSuite(scenario.name, scenario.seed, error instanceof Error ? error.message : String(error));
}

/** Loaded where something is written: it brings the charts with it. */
function rendering(): Promise<typeof import('./render.ts')> {
  return import('./render.ts');
}

/** A folder for everything has the trace in it, which nobody may have expected to be so large. */
function noteLargeTraces(outputs: readonly Output[], terminal: Terminal): void {
  for (const { form, file } of outputs) {
    const bytes = form === 'ndjson' ? sizeOf(file) : 0;
    if (bytes >= LARGE) terminal.note(`shardclock: the trace ${file} is ${Math.round(bytes / 2 ** 20)} MB`);
  }
}

const LARGE = 20 * 2 ** 20; // bytes
