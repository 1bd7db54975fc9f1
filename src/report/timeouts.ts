import { SECOND } from '../kernel/time.ts';
import type { FunctionTally } from '../recording/function-tally.ts';
import type { Summary } from './summary.ts';
import { counted, seconds } from './words.ts';

/** Whether what fails of a function is its Timeout (L5): at least half of its errors. */
export function failsByTimeout({ functions }: Summary, name: string): boolean {
  if (!Object.hasOwn(functions, name)) return false;
  const { errors, timeouts = 0 } = functions[name]!;
  return timeouts > 0 && 2 * timeouts >= errors;
}

/** M6: one that usually runs into its Timeout gets nothing done. */
export function timeoutWarning({ settings, timeouts, invocations }: FunctionTally): string[] {
  const { name, timeout } = settings;
  if (timeouts === 0 || 2 * timeouts < invocations) return [];
  const share = timeouts === invocations ? (timeouts === 1 ? 'its only' : 'all of its') : 'at least half of its';
  const count = share === 'its only' ? 'invocation' : counted(invocations, 'invocation');
  return [
    `Function ${name}: ${share} ${count} ran into its Timeout of ${seconds(timeout / SECOND)} and failed: it takes longer than that.`,
  ];
}
