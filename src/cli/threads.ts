import { availableParallelism } from 'node:os';
import type { Summary } from '../index.ts';
import type { RunRequest } from './simulation.ts';
import { Simulation } from './simulation.ts';
import type { Progress } from './terminal.ts';

export interface ThreadsOptions {
  /** How many runs there will be. */
  readonly runs: number;
  /** How many of them at once; undefined: as many as there are processor cores. */
  readonly jobs: number | undefined;
  /** How long a handler may take to settle, in milliseconds of real time; undefined: the default. */
  readonly handlerTimeout: number | undefined;
  /** Whether threads wait for more runs when there is none to do; default false. */
  readonly staysOpen?: boolean;
}

/** What became of a run. */
export type EndedRun<R> = { readonly run: R } & ({ readonly summary: Summary } | { readonly error: unknown });

/** Runs on several threads at once, told in their own order, so that nobody sees how many threads there were. */
export class Threads {
  /** Starts while its owner reads and checks; loads handlers for that. */
  readonly first: Simulation;
  readonly #options: ThreadsOptions;
  readonly #jobs: number;
  readonly #all: Simulation[];
  #isStopped = false;

  constructor(options: ThreadsOptions) {
    this.#options = options;
    this.#jobs = Math.min(options.runs, options.jobs ?? availableParallelism());
    this.first = new Simulation(options.handlerTimeout);
    this.#all = [this.first];
  }

  /**
   * Gives the ends of runs in the order of the requests. Runs that have ended wait for slower ones before them, but at most
   * one a thread, so that results do not pile up. A thread without a further run to do is closed.
   */
  async *run<R extends RunRequest>(requests: Iterable<R>, progress?: Progress): AsyncGenerator<EndedRun<R>, void> {
    const ahead = lookingAhead(requests);
    const idle = [...this.#all];
    const begun: Promise<EndedRun<R>>[] = [];
    let done = 0;
    const one = async (simulation: Simulation, request: R): Promise<EndedRun<R>> => {
      const ended = await endOf(simulation, request);
      done++;
      // What handlers leave in packages and globals must not depend on which run came before (D1).
      const isLast = !ahead.hasNext() && this.#options.staysOpen !== true;
      if (request.handlers.length > 0 || isLast) await simulation.close();
      idle.push(simulation);
      begin();
      return ended;
    };
    const begin = (): void => {
      while (!this.#isStopped && begun.length < 2 * this.#jobs && ahead.hasNext()) {
        const simulation = idle.pop() ?? this.#another();
        if (simulation === null) return;
        begun.push(one(simulation, ahead.next()));
      }
    };
    const { runs } = this.#options;
    progress?.follow(() => ({
      share: (done + this.#all.reduce((sum, { share }) => sum + share, 0)) / runs,
      done: runs === 1 ? '' : `${done} of ${runs} runs done, `,
    }));
    try {
      for (begin(); begun.length > 0; begin()) {
        const ended = await begun[0]!;
        begun.shift();
        progress?.hide();
        yield ended;
      }
    } finally {
      progress?.end();
    }
  }

  /** Begins no further run, and ends the present ones early; what they have done so far is their results. */
  stop(): void {
    this.#isStopped = true;
    for (const simulation of this.#all) simulation.stop();
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((simulation) => simulation.close()));
  }

  #another(): Simulation | null {
    if (this.#all.length >= this.#jobs) return null;
    const simulation = new Simulation(this.#options.handlerTimeout);
    this.#all.push(simulation);
    return simulation;
  }
}

async function endOf<R extends RunRequest>(simulation: Simulation, run: R): Promise<EndedRun<R>> {
  try {
    return { run, summary: await simulation.run(run) };
  } catch (error) {
    return { run, error };
  }
}

/** Takes the next one a step early, to know whether there is one. */
function lookingAhead<T>(items: Iterable<T>): { hasNext(): boolean; next(): T } {
  const iterator = items[Symbol.iterator]();
  let step = iterator.next();
  return {
    hasNext: () => step.done !== true,
    next() {
      if (step.done === true) throw new Error('there is no next one');
      const { value } = step;
      step = iterator.next();
      return value;
    },
  };
}
