import type { ExitStatus } from './exit.ts';
import type { ScenarioChanges } from './scenario-files.ts';
import { loadScenarios, shownName } from './scenario-files.ts';
import type { Terminal } from './terminal.ts';

/** `shardclock validate`: every problem of every file, and nothing is run. */
export async function validate(
  scenarios: readonly string[],
  changes: ScenarioChanges,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { loaded, status } = await loadScenarios(scenarios, changes, terminal);
  if (!terminal.quiet) for (const { name } of loaded) terminal.print(`${shownName(name)}: valid`);
  return status;
}
