import type { CostOptions, RunMany, Scenario, Summary } from '../index.ts';
import type { LocatedHandler } from './handlers.ts';
import { handlerFiles } from './handlers.ts';
import type { RunRequest } from './simulation.ts';
import { FIGURES_ALONE } from './simulation.ts';
import type { Terminal } from './terminal.ts';
import { Threads } from './threads.ts';

export interface ManyRunsOptions {
  readonly jobs: number | undefined;
  /** Milliseconds of real time. */
  readonly handlerTimeout: number | undefined;
  readonly cost: CostOptions;
  readonly debug: boolean;
  /** Of all the scenarios that will be run. */
  readonly handlers: readonly LocatedHandler[];
  /** For the progress. */
  readonly label: string;
}

/** Runs for the library, on threads: one set of them after another. */
export class ManyRuns {
  readonly #options: ManyRunsOptions;
  readonly #terminal: Terminal;
  #threads: Threads | null = null;
  #isStopped = false;

  constructor(options: ManyRunsOptions, terminal: Terminal) {
    this.#options = options;
    this.#terminal = terminal;
  }

  readonly runMany: RunMany = (scenarios) => this.#run([...scenarios]);

  /** Ends the runs that are under way, and begins no other. */
  stop(): void {
    this.#isStopped = true;
    this.#threads?.stop();
  }

  async *#run(scenarios: readonly Scenario[]): AsyncGenerator<Summary, void> {
    if (this.#isStopped || scenarios.length === 0) return;
    const { jobs, handlerTimeout, label } = this.#options;
    const threads = new Threads({ runs: scenarios.length, jobs, handlerTimeout });
    this.#threads = threads;
    try {
      const requests = scenarios.map((scenario) => this.#requestOf(scenario));
      for await (const ended of threads.run(requests, this.#terminal.progress(label))) {
        if (!('summary' in ended)) throw ended.error;
        yield ended.summary;
      }
    } finally {
      this.#threads = null;
      await threads.close();
    }
  }

  #requestOf(scenario: Scenario): RunRequest {
    const { cost, debug, handlers } = this.#options;
    const own = scenario.functions.flatMap(
      ({ name, handler }) => handlers.find((one) => one.function === name && one.name === handler) ?? [],
    );
    return { ...FIGURES_ALONE, scenario, handlers: handlerFiles(own), cost, debug };
  }
}
