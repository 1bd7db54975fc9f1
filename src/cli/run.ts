import { resolve } from 'node:path';
import type { ChartName, CostOptions, Overlay, ShardMetric } from '../index.ts';
import { replicationsOf } from '../index.ts';
import { EXIT, type ExitStatus, usageError, worst } from './exit.ts';
import { checkHandlers, handlerFiles } from './handlers.ts';
import { Interruption } from './interruption.ts';
import type { OutputForm, OutputPlan } from './outputs.ts';
import { checkOutputs, planOutputs } from './outputs.ts';
import type { PlannedRun, ReportOptions } from './run-report.ts';
import { RunReport } from './run-report.ts';
import type { LoadedScenario } from './scenario-files.ts';
import type { Terminal } from './terminal.ts';
import { Threads } from './threads.ts';

export interface RunOptions extends ReportOptions {
  readonly scenarios: readonly string[];
  readonly period: string | undefined;
  readonly percentiles: readonly number[];
  readonly shardMetrics: readonly ShardMetric[];
  readonly chart: ChartName | undefined;
  /** A file of what CloudWatch measured. */
  readonly overlay: string | undefined;
  /** How many runs go on at once; undefined: one for each processor core. */
  readonly jobs: number | undefined;
  /** Milliseconds of real time; undefined: the default. */
  readonly handlerTimeout: number | undefined;
}

/** `shardclock run`: all scenarios are checked, then each runs, is told and written. */
export async function run(options: RunOptions, terminal: Terminal): Promise<ExitStatus> {
  const { scenarios: names, seed, replications, jobs, handlerTimeout } = options;
  if (options.overlay !== undefined && replications > 1) {
    throw usageError('--overlay is drawn over one run of a scenario, not over --replications');
  }
  const interruption = new Interruption();
  const plan = planOutputs({
    out: options.out,
    inputs: names,
    replications,
    chart: options.chart,
    drawing: options.drawing,
    hasTrace: true,
  });
  const set = options.period === undefined ? options.set : [...options.set, `period=${options.period}`];
  const runs = names.length * replications;
  const threads = new Threads({ runs, jobs, handlerTimeout });
  // Reading takes more modules than all else, and the thread loads its own meanwhile.
  const { loadScenarios, shownName } = await import('./scenario-files.ts');
  const report = new RunReport({ ...options, set }, plan, terminal);
  try {
    const { loaded, status } = await loadScenarios(names, { set, seed }, terminal);
    const handlers = loaded.flatMap((one) => one.handlers);
    const prices = options.prices === undefined ? null : await pricesIn(options.prices, terminal);
    const cost = { prices: prices?.prices, freeTier: options.freeTier };
    const checked = worst([
      ...[status, prices?.status ?? EXIT.done],
      await checkHandlers(handlers, threads.first, terminal),
    ]);
    if (checked !== EXIT.done) return checked;
    const overlays = options.overlay === undefined ? [] : await overlaysIn(options.overlay, loaded, terminal);
    if (overlays === null) return EXIT.input;
    checkOutputs(plan, [
      ...loaded.flatMap((one) => one.reads),
      ...[options.prices, options.overlay].flatMap((file) => (file === undefined ? [] : [resolve(file)])),
    ]);
    // Each of several runs with handlers has a thread that nobody has used before.
    if (runs > 1 && handlers.length > 0) await threads.first.close();
    interruption.guard(() => threads.stop());
    const progress = terminal.progress(names.length === 1 ? shownName(names[0]!) : `${names.length} scenarios`);
    for await (const ended of threads.run(plannedRuns(loaded, { plan, report, options, cost, overlays }), progress)) {
      await report.take(ended);
    }
    await report.end();
  } finally {
    await threads.close();
  }
  const signal = interruption.status();
  const unstarted = runs - report.taken;
  // One that came when all was simulated, and was only to be written, has cut nothing short.
  if (signal === null || (unstarted === 0 && !report.isPartial)) return report.status;
  const cut = report.isPartial ? ['what was simulated until then is the result, marked partial'] : [];
  const left = unstarted === 0 ? [] : [unstartedWords(unstarted, replications > 1 ? 'run' : 'scenario')];
  terminal.complain(`shardclock: interrupted; ${[...cut, ...left].join('; ')}`);
  return worst([report.status, signal]);
}

interface Surroundings {
  readonly plan: OutputPlan;
  readonly report: RunReport;
  readonly options: RunOptions;
  readonly cost: CostOptions;
  /** For each of the scenarios; empty without. */
  readonly overlays: readonly (Overlay | undefined)[];
}

/** Outputs that say what each lane did when. */
const WITH_SPANS: ReadonlySet<OutputForm> = new Set<OutputForm>(['json', 'html', 'svg', 'png']);

/** Made one by one, as they are about to begin. */
function* plannedRuns(
  loaded: readonly LoadedScenario[],
  { plan, report, options, cost, overlays }: Surroundings,
): Generator<PlannedRun, void> {
  const { replications, percentiles, shardMetrics, debug } = options;
  for (const [input, one] of loaded.entries()) {
    const handlers = handlerFiles(one.handlers);
    let number = 0;
    for (const scenario of replicationsOf(one.scenario, replications)) {
      const outputs = plan.each[input * replications + number++]!;
      if (report.hasGivenUp(input)) break;
      const traceFiles = outputs.filter(({ form }) => form === 'ndjson').map(({ file }) => file);
      const spans = options.json || options.out.includes('-') || outputs.some(({ form }) => WITH_SPANS.has(form));
      const request = { scenario, handlers, percentiles, shardMetrics, cost, debug, spans, traceFiles };
      yield { ...request, input, number, outputs, loaded: one, overlay: overlays[input] };
    }
  }
}

/** So does reading what was measured. */
async function overlaysIn(file: string, loaded: readonly LoadedScenario[], terminal: Terminal) {
  const { loadOverlays } = await import('./overlay.ts');
  return loadOverlays(file, loaded, terminal);
}

/** Reading a price file takes modules that no run needs. */
async function pricesIn(file: string, terminal: Terminal) {
  const { readPriceFile } = await import('./price-files.ts');
  return readPriceFile(file, terminal);
}

function unstartedWords(count: number, noun: string): string {
  return `${count} more ${count === 1 ? `${noun} was` : `${noun}s were`} not run`;
}
