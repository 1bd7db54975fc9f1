import type { MappingSummary } from './summary.ts';

/** A backlog that ends so near its highest has not begun to shrink. */
const NEARLY = 0.9;

/** Whether a mapping was behind at the end of the run, and no nearer to catching up: its IteratorAge depends on how long is run. */
export function cannotKeepUp({ caughtUpAtSeconds, state, backlog, trend }: MappingSummary): boolean {
  if (caughtUpAtSeconds !== null || state === 'Deleted' || backlog.end === 0) return false;
  return trend.verdict === 'rising' || backlog.end >= NEARLY * backlog.max;
}
