import type { ChartName, Overlay, ShardMetric, Summary } from '../index.ts';
import { summaryJson, summaryText } from '../index.ts';
import { EXIT, type ExitStatus, Failure, worst } from './exit.ts';
import { sizeOf } from './files.ts';
import { checkHandlers, handlerFiles } from './handlers.ts';
import { Interruption } from './interruption.ts';
import type { Output } from './outputs.ts';
import { checkOutputs, planOutputs } from './outputs.ts';
import { loadOverlays, tellOverlay } from './overlay.ts';
import type { DrawingOptions } from './render.ts';
import { writeOutputs, writeShared } from './render.ts';
import type { LoadedScenario } from './scenario-files.ts';
import { loadScenarios, shownName } from './scenario-files.ts';
import { shellCommand } from './shell-command.ts';
import { RunBug, Simulation } from './simulation.ts';
import type { Terminal } from './terminal.ts';

export interface RunOptions {
  readonly scenarios: readonly string[];
  readonly seed: string | undefined;
  readonly set: readonly string[];
  readonly period: string | undefined;
  readonly percentiles: readonly number[];
  readonly shardMetrics: readonly ShardMetric[];
  /** A file of what CloudWatch measured. */
  readonly overlay: string | undefined;
  readonly out: readonly string[];
  readonly json: boolean;
  readonly chart: ChartName | undefined;
  readonly drawing: DrawingOptions;
  /** Milliseconds of real time; undefined: the default. */
  readonly handlerTimeout: number | undefined;
  readonly debug: boolean;
}

/** `shardclock run`: all scenarios are checked, then each runs, is told and written. */
export async function run(options: RunOptions, terminal: Terminal): Promise<ExitStatus> {
  const { scenarios: names, json, seed } = options;
  const interruption = new Interruption();
  const plan = planOutputs({
    out: options.out,
    inputs: names,
    chart: options.chart,
    drawing: options.drawing,
    hasTrace: true,
  });
  const set = options.period === undefined ? options.set : [...options.set, `period=${options.period}`];
  const statuses: ExitStatus[] = [];
  const summaries: Summary[] = [];
  // Its thread starts while this one reads and checks.
  const simulation = new Simulation(options.handlerTimeout);
  try {
    const { loaded, status } = await loadScenarios(names, { set, seed }, terminal);
    const handlers = loaded.flatMap((one) => one.handlers);
    const checked = worst([status, await checkHandlers(handlers, simulation, terminal)]);
    if (checked !== EXIT.done) return checked;
    const overlays = loadOverlays(options.overlay, loaded, terminal);
    if (overlays === null) return EXIT.input;
    checkOutputs(
      plan,
      loaded.flatMap((one) => one.reads),
    );
    interruption.guard(() => simulation.stop());
    for (const [index, one] of loaded.entries()) {
      if (interruption.status() !== null) break;
      if (index > 0 && !json && !terminal.quiet) terminal.print('');
      const outputs = plan.each[index]!;
      const isLast = index === loaded.length - 1;
      const { status, summary } = await runOne(
        one,
        { outputs, simulation, isLast, options: withOverlay(options, overlays[index]), set },
        terminal,
      );
      statuses.push(status);
      if (summary !== null && plan.ofAll.length > 0) summaries.push(summary);
    }
    writeShared(plan.ofAll, summaries);
  } finally {
    await simulation.close();
  }
  const signal = interruption.status();
  if (signal !== null) {
    terminal.complain(interruptedNote(names.length - statuses.length));
    statuses.push(signal);
  }
  return worst(statuses);
}

function withOverlay(options: RunOptions, overlay: Overlay | undefined): RunOptions {
  return overlay === undefined ? options : { ...options, drawing: { ...options.drawing, overlay } };
}

interface Surroundings {
  readonly outputs: readonly Output[];
  readonly simulation: Simulation;
  readonly isLast: boolean;
  readonly options: RunOptions;
  readonly set: readonly string[];
}

interface Ended {
  readonly status: ExitStatus;
  /** Null where there is no result. */
  readonly summary: Summary | null;
}

async function runOne(one: LoadedScenario, around: Surroundings, terminal: Terminal): Promise<Ended> {
  const { outputs, simulation, isLast, options, set } = around;
  const { scenario, name } = one;
  const seed = options.seed === undefined ? [] : ['--seed', options.seed];
  const command = shellCommand(['run', name, ...seed, ...set.flatMap((change) => ['--set', change])]);
  try {
    const summary = await simulation.run(
      {
        scenario,
        handlers: handlerFiles(one.handlers),
        percentiles: options.percentiles,
        shardMetrics: options.shardMetrics,
        debug: options.debug,
        traceFiles: outputs.filter((output) => output.form === 'ndjson').map((output) => output.file),
      },
      terminal.progress(shownName(name)),
    );
    if (isLast) await simulation.close(); // Charts take memory too.
    await writeOutputs(outputs, summary, options.drawing);
    tell(summary, { options, command }, terminal);
    noteLargeTraces(outputs, terminal);
    return { status: summary.thresholds.every((threshold) => threshold.ok) ? EXIT.done : EXIT.threshold, summary };
  } catch (error) {
    if (error instanceof Failure) {
      terminal.complain(
        `shardclock: ${shownName(name)}: ${error.message}${error.hint === null ? '' : `\n${error.hint}`}`,
      );
      return { status: error.status, summary: null };
    }
    if (!(error instanceof RunBug)) throw error;
    terminal.complain(
      [
        `shardclock: internal error: ${error.message}`,
        'This is a bug in shardclock. Please report it with the scenario and:',
        `  seed     ${scenario.seed}`,
        `  command  ${command}`,
        ...(options.debug && error.stack ? [error.stack] : ['--debug shows where it happened.']),
      ].join('\n'),
    );
    return { status: EXIT.bug, summary: null };
  }
}

/** A folder for everything has the trace in it, which nobody may have expected to be so large. */
function noteLargeTraces(outputs: readonly Output[], terminal: Terminal): void {
  for (const { form, file } of outputs) {
    const bytes = form === 'ndjson' ? sizeOf(file) : 0;
    if (bytes >= LARGE) terminal.note(`shardclock: the trace ${file} is ${Math.round(bytes / 2 ** 20)} MB`);
  }
}

const LARGE = 20 * 2 ** 20; // bytes

function tell(
  summary: Summary,
  { options, command }: { readonly options: RunOptions; readonly command: string },
  terminal: Terminal,
): void {
  if (options.json) terminal.print(JSON.stringify(summary));
  else if (options.out.includes('-')) terminal.print(summaryJson(summary));
  else if (!terminal.quiet) {
    terminal.print(summaryText(summary, { width: terminal.width, color: terminal.color, command }));
  }
  const { overlay } = options.drawing;
  if (overlay !== undefined)
    tellOverlay(summary, overlay, { isApart: options.json || options.out.includes('-') }, terminal);
}

function interruptedNote(unstarted: number): string {
  const rest =
    unstarted === 0 ? '' : `; ${unstarted} more ${unstarted === 1 ? 'scenario was' : 'scenarios were'} not run`;
  return `shardclock: interrupted; what was simulated until then is the result, marked partial${rest}`;
}
