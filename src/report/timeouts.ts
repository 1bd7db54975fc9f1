import { SECOND } from '../kernel/time.ts';
import type { FunctionTally } from '../recording/function-tally.ts';
import type { JsonValue } from '../scenario/scenario.ts';
import type { Summary } from './summary.ts';
import { counted, seconds } from './words.ts';

/** Whether what fails of a function is its Timeout (L5): a result counts errors, and does not say of which kind they are. */
export function failsByTimeout({ functions, scenario }: Summary, name: string): boolean {
  if (!Object.hasOwn(functions, name)) return false;
  const { errors, durationMs } = functions[name]!;
  const settings = fieldOf(fieldOf(scenario.resolved, 'functions'), name);
  const timeout = fieldOf(settings, 'Timeout');
  const timeoutMs = 1_000 * (typeof timeout === 'number' ? timeout : DEFAULT_TIMEOUT);
  if (errors === 0 || durationMs.max === null || durationMs.max < timeoutMs) return false;
  // At least half of all invocations, whatever else fails.
  if (durationMs.p50! >= NEARLY * timeoutMs) return true;
  const faults = fieldOf(settings, 'faults');
  const canFail = Array.isArray(faults) && faults.some((fault) => fieldOf(fault, 'slowdown') === undefined);
  return !canFail && fieldOf(settings, 'handler') === undefined;
}

const DEFAULT_TIMEOUT = 3; // s, AWS's

/** A percentile is within 1 % (M7), and nothing lasts longer than the Timeout. */
const NEARLY = 0.99;

/** M6: one whose usual duration is above its Timeout gets nothing done. */
export function timeoutWarning({ settings, errors, invocations, duration }: FunctionTally): string[] {
  const { name, timeout } = settings;
  if (errors === 0 || (duration.quantile(50) ?? 0) < NEARLY * timeout || duration.quantile(100)! < timeout) return [];
  const share = errors === invocations ? (errors === 1 ? 'its only' : 'all of its') : 'at least half of its';
  const count = share === 'its only' ? 'invocation' : counted(invocations, 'invocation');
  return [
    `Function ${name}: ${share} ${count} ran into its Timeout of ${seconds(timeout / SECOND)} and failed: it takes longer than that.`,
  ];
}

function fieldOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return (value as { readonly [key: string]: JsonValue })[key];
}
