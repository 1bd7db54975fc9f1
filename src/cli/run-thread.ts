import { Worker } from 'node:worker_threads';
import { RUN_YOUNG_GENERATION } from './memory.ts';

/** One that has been started before anybody asked for it. */
let ahead: Worker | null = null;

/** Lets a thread for a run load while this one still reads the command line and the scenario: most of a short run is that. */
export function startRunThreadAhead(): void {
  ahead = start();
  ahead.unref(); // where the command comes to no run, nobody waits for it
}

/** A thread that runs scenarios, as `worker.ts` says. */
export function takeRunThread(): Worker {
  const worker = ahead ?? start();
  ahead = null;
  worker.ref();
  // What handlers print is no result. Who listens waits for the thread, too.
  worker.stdout.on('data', (chunk: Uint8Array) => process.stderr.write(chunk));
  return worker;
}

function start(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: RUN_YOUNG_GENERATION },
    stdout: true,
  });
}
