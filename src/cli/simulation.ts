import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Scenario, ShardMetric, Summary } from '../index.ts';
import { EXIT, Failure } from './exit.ts';
import { PendingFile } from './files.ts';
import { keepHeapSmall, RUN_YOUNG_GENERATION } from './memory.ts';
import { RunGauge } from './run-gauge.ts';
import type { Progress } from './terminal.ts';
import type { Answer, Job } from './worker.ts';

export interface RunRequest {
  readonly scenario: Scenario;
  readonly percentiles: readonly number[];
  readonly shardMetrics: readonly ShardMetric[];
  readonly debug: boolean;
  /** Where the trace goes, line by line, while the run makes it. */
  readonly traceFiles: readonly string[];
}

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
  #worker: Worker | null = startWorker();
  #gauge = new RunGauge();
  #isStopped = false;

  /**
   * @throws Failure where the scenario never ends, or its trace cannot be written
   * @throws RunBug
   */
  async run(request: RunRequest, progress: Progress): Promise<Summary> {
    const { scenario, percentiles, shardMetrics, debug, traceFiles } = request;
    this.#gauge = new RunGauge();
    if (this.#isStopped) this.#gauge.stop();
    const clock = setInterval(() => progress.show(this.#gauge.share), 100);
    const traces: PendingFile[] = [];
    try {
      for (const file of traceFiles) traces.push(new PendingFile(file));
      const summary = summaryOf(
        await this.#ask({
          scenario,
          percentiles,
          shardMetrics,
          debug,
          traces: traces.map(({ descriptor }, index) => ({ descriptor, file: traceFiles[index]! })),
          gauge: this.#gauge.memory,
        }),
      );
      for (const trace of traces) trace.keep();
      return summary;
    } finally {
      clearInterval(clock);
      progress.end();
      for (const trace of traces) trace.drop();
    }
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
    this.#worker ??= startWorker();
    const worker = this.#worker;
    const waiting = new AbortController();
    const { signal } = waiting;
    const exit = once(worker, 'exit', { signal }).then(() => {
      throw new Error("the run's thread ended without a result");
    });
    keepHeapSmall('whileRunning');
    worker.postMessage(job);
    try {
      // `once` also rejects where the thread ends by an error, its memory used up for example.
      const [answer] = await Promise.race([once(worker, 'message', { signal }), exit]);
      return answer as Answer;
    } catch (error) {
      this.#worker = null;
      const thrown = error instanceof Error ? error : new Error(String(error));
      throw new RunBug(thrown.message, thrown.stack ?? '');
    } finally {
      exit.catch(() => undefined);
      waiting.abort();
    }
  }
}

function startWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: RUN_YOUNG_GENERATION },
  });
}

function summaryOf(answer: Answer): Summary {
  switch (answer.kind) {
    case 'finished':
      return answer.summary;
    case 'runaway':
      throw new Failure(EXIT.input, answer.message);
    case 'unwritable':
      throw new Failure(EXIT.file, answer.message);
    case 'bug':
      throw new RunBug(answer.message, answer.stack);
  }
}
