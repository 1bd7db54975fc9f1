import { parentPort } from 'node:worker_threads';
import type { Scenario, ShardMetric, Summary } from '../index.ts';
import { summarise } from '../report/summarise.ts';
import { RunawayError, simulateSync } from '../sim/simulate.ts';
import { Failure } from './exit.ts';
import { LineWriter } from './files.ts';
import { RunGauge } from './run-gauge.ts';

/** What a run's thread is asked to do. */
export interface Job {
  readonly scenario: Scenario;
  readonly percentiles: readonly number[];
  readonly shardMetrics: readonly ShardMetric[];
  readonly debug: boolean;
  /** Open files, and their names for messages. */
  readonly traces: readonly { readonly descriptor: number; readonly file: string }[];
  /** Of a RunGauge. */
  readonly gauge: SharedArrayBuffer;
}

export type Answer =
  | { readonly kind: 'finished'; readonly summary: Summary }
  /** The scenario never lets the clock go on (D6). */
  | { readonly kind: 'runaway'; readonly message: string }
  /** The trace's file. */
  | { readonly kind: 'unwritable'; readonly message: string }
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string };

parentPort?.on('message', (job: Job) => {
  parentPort?.postMessage(answer(job));
});

function answer(job: Job): Answer {
  try {
    return { kind: 'finished', summary: run(job) };
  } catch (error) {
    if (error instanceof RunawayError) return { kind: 'runaway', message: error.message };
    if (error instanceof Failure) return { kind: 'unwritable', message: error.message };
    const thrown = error instanceof Error ? error : new Error(String(error));
    return { kind: 'bug', message: thrown.message, stack: thrown.stack ?? '' };
  }
}

function run({ scenario, percentiles, shardMetrics, debug, traces, gauge: memory }: Job): Summary {
  const gauge = new RunGauge(memory);
  const writers = traces.map(({ descriptor, file }) => new LineWriter(descriptor, file));
  const horizon = scenario.duration + scenario.drain;
  const recording = simulateSync(scenario, {
    ...(writers.length === 0 ? {} : { trace: (event) => writeLine(writers, event) }),
    onProgress: (now) => {
      gauge.share = now / horizon;
    },
    signal: {
      get aborted() {
        return gauge.isStopped;
      },
    },
    shardMetrics,
    debug,
  });
  for (const writer of writers) writer.flush();
  return summarise(recording, { percentiles });
}

function writeLine(writers: readonly LineWriter[], event: object): void {
  const line = JSON.stringify(event);
  for (const writer of writers) writer.line(line);
}
