import { summarise } from '../report/summarise.ts';
import type { Summary } from '../report/summary.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SimulateOptions } from '../sim/simulate.ts';
import { simulate } from '../sim/simulate.ts';

/**
 * Runs scenarios and gives their results in the same order, whatever runs beside what. It may end early, after a result
 * that is marked partial, when it is interrupted.
 */
export type RunMany = (scenarios: Iterable<Scenario>) => AsyncIterable<Summary>;

/**
 * One after another, in this thread.
 *
 * @param options of each run; `signal` ends the one that is running and starts no other. A handler is shared by all runs,
 * and what it remembers with it; `{ makeHandler }` makes one for each environment of each run.
 */
export function oneByOne(options: SimulateOptions = {}): RunMany {
  return async function* run(scenarios) {
    for (const scenario of scenarios) {
      if (options.signal?.aborted) return;
      yield summarise(await simulate(scenario, options));
    }
  };
}
