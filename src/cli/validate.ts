import { EXIT, type ExitStatus, worst } from './exit.ts';
import type { LocatedHandler } from './handlers.ts';
import { checkHandlers } from './handlers.ts';
import type { ScenarioChanges } from './scenario-files.ts';
import { loadScenarios, shownName } from './scenario-files.ts';
import { Simulation } from './simulation.ts';
import type { Terminal } from './terminal.ts';

/** `shardclock validate`: every problem of every file, and nothing is run. */
export async function validate(
  scenarios: readonly string[],
  changes: ScenarioChanges,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { loaded, status } = await loadScenarios(scenarios, changes, terminal);
  const statuses = [status];
  for (const { name, handlers } of loaded) {
    const checked = await loadAll(handlers, terminal);
    if (checked === EXIT.done && !terminal.quiet) terminal.print(`${shownName(name)}: valid`);
    statuses.push(checked);
  }
  return worst(statuses);
}

/** A thread is started only where there is something to load. */
async function loadAll(handlers: readonly LocatedHandler[], terminal: Terminal): Promise<ExitStatus> {
  if (handlers.length === 0) return EXIT.done;
  const simulation = new Simulation();
  try {
    return await checkHandlers(handlers, simulation, terminal);
  } finally {
    await simulation.close();
  }
}
