import type { Prices } from '../index.ts';
import { formatIssue, readPrices } from '../index.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { readBytes, textOf } from './files.ts';
import type { Terminal } from './terminal.ts';

/** What is wrong with the prices is said on the terminal. */
export function readPriceFile(
  file: string,
  terminal: Terminal,
): { readonly prices: Prices | undefined; readonly status: ExitStatus } {
  const read = readPrices(textOf(readBytes(file), file), file);
  if (read.ok) return { prices: read.prices, status: EXIT.done };
  for (const issue of read.issues) terminal.complain(formatIssue(issue));
  return { prices: undefined, status: EXIT.input };
}
