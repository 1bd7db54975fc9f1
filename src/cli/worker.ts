import { parentPort } from 'node:worker_threads';
import type { CostOptions, Handler, Handlers, Scenario, ShardMetric, Summary } from '../index.ts';
import { summarise } from '../report/summarise.ts';
import { batchName, HandlerError } from '../sim/handlers.ts';
import { RunawayError, simulate, simulateSync } from '../sim/simulate.ts';
import { EXIT, Failure } from './exit.ts';
import { LineWriter } from './files.ts';
import { HandlerWatch } from './handler-watch.ts';
import { RunGauge } from './run-gauge.ts';

/** What a run's thread is asked to do. */
export type Job = RunJob | LoadJob;

interface RunJob {
  readonly kind: 'run';
  readonly scenario: Scenario;
  readonly percentiles: readonly number[];
  readonly shardMetrics: readonly ShardMetric[];
  readonly cost: CostOptions;
  readonly debug: boolean;
  readonly spans: boolean;
  /** Open files, and their names for messages. */
  readonly traces: readonly { readonly descriptor: number; readonly file: string }[];
  readonly handlers: readonly HandlerFile[];
  /** Of a RunGauge. */
  readonly gauge: SharedArrayBuffer;
  /** Of a HandlerWatch. */
  readonly watch: SharedArrayBuffer;
}

/** To see whether a file holds a handler. */
interface LoadJob {
  readonly kind: 'load';
  readonly handlers: readonly [HandlerFile];
  /** Of a HandlerWatch. */
  readonly watch: SharedArrayBuffer;
}

/** Where the code of a function lies. */
export interface HandlerFile {
  readonly function: string;
  /** As the scenario names it. */
  readonly name: string;
  /** Its full path. */
  readonly file: string;
}

export type Answer =
  | { readonly kind: 'finished'; readonly summary: Summary }
  | { readonly kind: 'loaded' }
  /** The scenario never lets the clock go on (D6), or a handler cannot be gone on with. */
  | { readonly kind: 'stopped'; readonly message: string; readonly hint?: string }
  /** The trace's file. */
  | { readonly kind: 'unwritable'; readonly message: string }
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string };

parentPort?.on('message', async (job: Job) => {
  const given = await answer(job);
  // The thread may be ended as soon as it has answered, and with it what handlers have printed and nobody has read.
  if (job.handlers.length > 0) await Promise.all([process.stdout, process.stderr].map(written));
  parentPort?.postMessage(given);
});

/** Everything that has been printed has been taken. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

async function answer(job: Job): Promise<Answer> {
  try {
    if (job.kind === 'run') return { kind: 'finished', summary: await run(job) };
    await load(job);
    return { kind: 'loaded' };
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error));
    if (thrown instanceof Failure && thrown.status === EXIT.file)
      return { kind: 'unwritable', message: thrown.message };
    const isInput = thrown instanceof RunawayError || thrown instanceof HandlerError || thrown instanceof Failure;
    if (isInput) return { kind: 'stopped', message: thrown.message };
    return { kind: 'bug', message: thrown.message, stack: thrown.stack ?? '' };
  }
}

async function load({ handlers: [{ file }], watch: memory }: LoadJob): Promise<void> {
  const { checkHandlerFile } = await import('./handler-files.ts');
  await watched(new HandlerWatch(memory), 'its module', () => checkHandlerFile(file));
}

async function run(job: RunJob): Promise<Summary> {
  const { scenario, percentiles, shardMetrics, cost, debug, spans, traces, handlers } = job;
  const gauge = new RunGauge(job.gauge);
  const writers = traces.map(({ descriptor, file }) => new LineWriter(descriptor, file));
  const horizon = scenario.duration + scenario.drain;
  const options = {
    ...(writers.length === 0 ? {} : { trace: (event: object) => writeLine(writers, event) }),
    onProgress: (now: number) => {
      gauge.share = now / horizon;
    },
    signal: {
      get aborted() {
        return gauge.isStopped;
      },
    },
    shardMetrics,
    debug,
  };
  const recording =
    handlers.length === 0
      ? simulateSync(scenario, options)
      : await simulate(scenario, { ...options, handlers: await loaded(handlers, new HandlerWatch(job.watch)) });
  for (const writer of writers) writer.flush();
  return summarise(recording, { percentiles, spans, ...cost });
}

/** Each environment of a function has a module of its own. */
async function loaded(files: readonly HandlerFile[], watch: HandlerWatch): Promise<Handlers> {
  const { checkHandlerFile, freshHandler } = await import('./handler-files.ts');
  // A thread that has not checked them begins the run in the state of one that has.
  for (const { name, function: target, file } of files) {
    await watched(watch, `the handler ${name} of function ${target} (its module)`, () => checkHandlerFile(file));
  }
  return Object.fromEntries(
    files.map(({ function: target, name, file }) => {
      const who = `the handler ${name} of function ${target}`;
      const makeHandler = async (): Promise<Handler> => {
        const handler = await watched(watch, `${who} (its module)`, () => freshHandler(file));
        return (event, context) =>
          watched(watch, `${who} (${batchName(event, context)})`, () => handler(event, context));
      };
      return [target, { makeHandler }];
    }),
  );
}

async function watched<T>(watch: HandlerWatch, what: string, act: () => T): Promise<Awaited<T>> {
  watch.begin(what);
  try {
    return await act();
  } finally {
    watch.end();
  }
}

function writeLine(writers: readonly LineWriter[], event: object): void {
  const line = JSON.stringify(event);
  for (const writer of writers) writer.line(line);
}
