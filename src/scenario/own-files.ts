import { isFields } from './finding.ts';

/**
 * Of data that shardclock wrote itself, what it is and what takes it; null of anything else. Every key of it is unknown to a
 * scenario, which says nothing of what was mistaken for what.
 */
export function ownFile(value: unknown): string | null {
  if (!isFields(value) || value.formatVersion === undefined || value.shardclock !== undefined) return null;
  if (value.kind === 'sweep part') return 'this is a part of a sweep, no scenario; shardclock merge takes it';
  if (!isFields(value.tool) || value.tool.name !== 'shardclock') return null;
  if (value.digest === undefined) return 'this is what shardclock wrote of several runs, no scenario';
  return 'this is the result of a run, no scenario; shardclock report, explain and verify take it, and what was run is its scenario.resolved';
}
