import type { ChartName, Summary } from '../index.ts';
import { summaryJson, summaryText } from '../index.ts';
import { EXIT, type ExitStatus, Failure, worst } from './exit.ts';
import { Interruption } from './interruption.ts';
import type { Output } from './outputs.ts';
import { checkOutputs, planOutputs } from './outputs.ts';
import type { DrawingOptions } from './render.ts';
import { writeOutputs } from './render.ts';
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
  readonly out: readonly string[];
  readonly json: boolean;
  readonly chart: ChartName | undefined;
  readonly drawing: DrawingOptions;
  readonly debug: boolean;
}

/** `shardclock run`: all scenarios are checked, then each runs, is told and written. */
export async function run(options: RunOptions, terminal: Terminal): Promise<ExitStatus> {
  const { scenarios: names, json, seed } = options;
  const interruption = new Interruption();
  const plans = planOutputs({
    out: options.out,
    inputs: names,
    chart: options.chart,
    drawing: options.drawing,
    hasTrace: true,
  });
  const set = options.period === undefined ? options.set : [...options.set, `period=${options.period}`];
  const statuses: ExitStatus[] = [];
  // Its thread starts while this one reads and checks.
  const simulation = new Simulation();
  try {
    const { loaded, status } = await loadScenarios(names, { set, seed }, terminal);
    if (status !== EXIT.done) return status;
    checkOutputs(
      plans,
      loaded.flatMap((one) => one.reads),
    );
    interruption.guard(() => simulation.stop());
    for (const [index, one] of loaded.entries()) {
      if (interruption.status() !== null) break;
      if (index > 0 && !json && !terminal.quiet) terminal.print('');
      const outputs = plans[index]!;
      statuses.push(await runOne(one, { outputs, simulation, options, set }, terminal));
    }
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

interface Surroundings {
  readonly outputs: readonly Output[];
  readonly simulation: Simulation;
  readonly options: RunOptions;
  readonly set: readonly string[];
}

async function runOne(one: LoadedScenario, around: Surroundings, terminal: Terminal): Promise<ExitStatus> {
  const { outputs, simulation, options, set } = around;
  const { scenario, name } = one;
  const seed = options.seed === undefined ? [] : ['--seed', options.seed];
  const command = shellCommand(['run', name, ...seed, ...set.flatMap((change) => ['--set', change])]);
  try {
    const summary = await simulation.run(
      {
        scenario,
        percentiles: options.percentiles,
        debug: options.debug,
        traceFiles: outputs.filter((output) => output.form === 'ndjson').map((output) => output.file),
      },
      terminal.progress(shownName(name)),
    );
    await writeOutputs(outputs, summary, options.drawing);
    tell(summary, { options, command }, terminal);
    return summary.thresholds.every((threshold) => threshold.ok) ? EXIT.done : EXIT.threshold;
  } catch (error) {
    if (error instanceof Failure) {
      terminal.complain(`shardclock: ${shownName(name)}: ${error.message}`);
      return error.status;
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
    return EXIT.bug;
  }
}

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
}

function interruptedNote(unstarted: number): string {
  const rest =
    unstarted === 0 ? '' : `; ${unstarted} more ${unstarted === 1 ? 'scenario was' : 'scenarios were'} not run`;
  return `shardclock: interrupted; what was simulated until then is the result, marked partial${rest}`;
}
