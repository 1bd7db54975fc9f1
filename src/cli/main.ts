#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { EXIT, Failure } from './exit.ts';
import { keepHeapSmall } from './memory.ts';
import { shellCommand } from './shell-command.ts';
import { prepareEnd } from './terminal.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};
const argv = process.argv.slice(2);
prepareEnd();
keepHeapSmall('whileLoading');
if (argv.length === 1 && argv[0] === '--version') process.stdout.write(`${version}\n`);
else {
  try {
    // Loaded here, so that what needs them not does not wait for them.
    if (argv[0] === 'run') (await import('./run-thread.ts')).startRunThreadAhead();
    const { obey } = await import('./command-line.ts');
    process.exitCode = await obey(argv, version);
  } catch (error) {
    process.exitCode = tellFailure(error);
  }
}

function tellFailure(error: unknown): number {
  if (error instanceof Failure) {
    process.stderr.write(`shardclock: ${error.message}\n${error.hint === null ? '' : `${error.hint}\n`}`);
    return error.status;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const more = argv.includes('--debug') ? stack : '--debug shows where it happened.';
  process.stderr.write(
    `shardclock: internal error: ${message}\nThis is a bug in shardclock. Please report it with the scenario and the command:\n  ${shellCommand(argv)}\n${more}\n`,
  );
  return EXIT.bug;
}
