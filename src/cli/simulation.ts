import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { CostOptions, Scenario, ShardMetric, Summary } from '../index.ts';
import { EXIT, Failure } from './exit.ts';
import { PendingFile } from './files.ts';
import { HandlerWatch } from './handler-watch.ts';
import { keepHeapSmall } from './memory.ts';
import { RunGauge } from './run-gauge.ts';
import { takeRunThread } from './run-thread.ts';
import type { Answer, HandlerFile, Job } from './worker.ts';

export interface RunRequest {
  readonly scenario: Scenario;
  readonly handlers: readonly HandlerFile[];
  readonly percentiles: readonly number[];
  readonly shardMetrics: readonly ShardMetric[];
  readonly cost: CostOptions;
  readonly debug: boolean;
  /** Whether what each lane did when is wanted: much of a large result. */
  readonly spans: boolean;
  /** Where the trace goes, line by line, while the run makes it. */
  readonly traceFiles: readonly string[];
}

/** Of a run that only its figures are wanted of. */
export const FIGURES_ALONE: Pick<RunRequest, 'percentiles' | 'shardMetrics' | 'spans' | 'traceFiles'> = {
  percentiles: [],
  shardMetrics: [],
  spans: false,
  traceFiles: [],
};

/** Something in shardclock broke; the stack is for those who mend it. */
export class RunBug extends Error {
  override readonly name = 'RunBug';

  constructor(message: string, stack: string) {
    super(message);
    this.stack = stack;
  }
}

/** Runs scenarios, one at a time, in a thread of their own, so that this one can hear Ctrl-C. */
export class Simulation {
  #worker: Worker | null = takeRunThread();
  #gauge = new RunGauge();
  #isStopped = false;
  /** Milliseconds of real time. */
  readonly #handlerTimeout: number;

  /** @param handlerTimeout how long a handler may take to settle, or to load; milliseconds of real time */
  constructor(handlerTimeout: number = HANDLER_TIMEOUT) {
    this.#handlerTimeout = handlerTimeout;
  }

  /** Loads the code of a function. @returns what is wrong with it; null: nothing */
  async load(handler: HandlerFile): Promise<string | null> {
    const answer = await this.#ask({ kind: 'load', handlers: [handler], watch: new HandlerWatch().memory });
    if (answer.kind === 'loaded') return null;
    if (answer.kind === 'bug') throw new RunBug(answer.message, answer.stack);
    return answer.kind === 'stopped' ? answer.message : null;
  }

  /**
   * @throws Failure where the scenario never ends, a handler cannot be gone on with, or the trace cannot be written
   * @throws RunBug
   */
  async run(request: RunRequest): Promise<Summary> {
    const { scenario, handlers, percentiles, shardMetrics, cost, debug, spans, traceFiles } = request;
    this.#gauge = new RunGauge();
    if (this.#isStopped) this.#gauge.stop();
    const traces: PendingFile[] = [];
    try {
      for (const file of traceFiles) traces.push(new PendingFile(file));
      const summary = summaryOf(
        await this.#ask({
          kind: 'run',
          scenario,
          handlers,
          percentiles,
          shardMetrics,
          cost,
          debug,
          spans,
          traces: traces.map(({ descriptor }, index) => ({ descriptor, file: traceFiles[index]! })),
          gauge: this.#gauge.memory,
          watch: new HandlerWatch().memory,
        }),
      );
      for (const trace of traces) trace.keep();
      return summary;
    } finally {
      this.#gauge = new RunGauge();
      for (const trace of traces) trace.drop();
    }
  }

  /** How much of the present run is done, 0 to 1; 0 without one. */
  get share(): number {
    return this.#gauge.share;
  }

  /** Ends the run early; what it has done so far is its result. */
  stop(): void {
    this.#isStopped = true;
    this.#gauge.stop();
  }

  /** Ends the thread and gives its memory back; a run after it starts another. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  async #ask(job: Job): Promise<Answer> {
    this.#worker ??= takeRunThread();
    const worker = this.#worker;
    const waiting = new AbortController();
    const { signal } = waiting;
    const watch = new HandlerWatch(job.watch);
    const exit = once(worker, 'exit', { signal }).then(() => {
      throw new Error("the run's thread ended without a result");
    });
    keepHeapSmall('whileRunning');
    worker.postMessage(job);
    try {
      // `once` also rejects where the thread ends by an error, its memory used up for example.
      const answer = once(worker, 'message', { signal }).then(([message]) => message as Answer);
      if (job.handlers.length === 0) return await Promise.race([answer, exit]);
      const ended = await Promise.race([answer, exit, watch.overdue(this.#handlerTimeout, signal)]);
      if (typeof ended !== 'string') return ended;
      await this.close();
      const message = `${ended} did not settle within ${this.#handlerTimeout / 1_000} s of real time`;
      return { kind: 'stopped', message, hint: 'With --handler-timeout it may take longer.' };
    } catch (error) {
      this.#worker = null;
      const thrown = error instanceof Error ? error : new Error(String(error));
      if (job.handlers.length === 0 || isOutOfMemory(thrown)) throw new RunBug(thrown.message, thrown.stack ?? '');
      return { kind: 'stopped', message: outsideOfAnswer(thrown, watch, job.handlers) };
    } finally {
      exit.catch(() => undefined);
      waiting.abort();
    }
  }
}

/** Milliseconds of real time. */
const HANDLER_TIMEOUT = 10_000;

/** With handlers in it a thread ends by itself only through them: what is ours is caught there. */
function outsideOfAnswer({ name, message }: Error, watch: HandlerWatch, handlers: readonly HandlerFile[]): string {
  const who = watch.waitingFor ?? `the code of ${handlers.map((handler) => handler.name).join(', ')}`;
  return `${who} ended the run: ${name}: ${message}`;
}

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function summaryOf(answer: Answer): Summary {
  switch (answer.kind) {
    case 'finished':
      return answer.summary;
    case 'stopped':
      throw new Failure(EXIT.input, answer.message, answer.hint ?? null);
    case 'unwritable':
      throw new Failure(EXIT.file, answer.message);
    case 'bug':
      throw new RunBug(answer.message, answer.stack);
    case 'loaded':
      throw new Error('nothing was to be loaded');
  }
}
