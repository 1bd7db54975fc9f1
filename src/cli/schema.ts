import { resultJsonSchema, scenarioJsonSchema } from '../index.ts';
import type { ExitStatus } from './exit.ts';
import { EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** `shardclock schema`: what an editor needs to complete and check a scenario, or a program to read a result. */
export function schema(options: { readonly result: boolean }, terminal: Terminal): ExitStatus {
  terminal.print(JSON.stringify(options.result ? resultJsonSchema() : scenarioJsonSchema(), null, 2));
  return EXIT.done;
}
