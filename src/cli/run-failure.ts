import { EXIT, type ExitStatus, Failure } from './exit.ts';
import { RunBug } from './simulation.ts';
import type { Terminal } from './terminal.ts';

export interface FailedRun {
  /** As its user knows it. */
  readonly who: string;
  readonly seed: string;
  /** What repeats it. */
  readonly command: string;
  readonly debug: boolean;
}

/** Why a run has no result. */
export function tellFailure(error: unknown, { who, seed, command, debug }: FailedRun, terminal: Terminal): ExitStatus {
  if (error instanceof Failure) {
    terminal.complain(`shardclock: ${who}: ${error.message}${error.hint === null ? '' : `\n${error.hint}`}`);
    return error.status;
  }
  if (!(error instanceof RunBug)) throw error;
  terminal.complain(
    [
      `shardclock: internal error: ${error.message}`,
      'This is a bug in shardclock. Please report it with the scenario and:',
      `  seed     ${seed}`,
      `  command  ${command}`,
      ...(debug && error.stack ? [error.stack] : ['--debug shows where it happened.']),
    ].join('\n'),
  );
  return EXIT.bug;
}
