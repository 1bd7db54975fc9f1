import type { MappingTally, Recording } from '../recording/recording.ts';
import type { TraceEvent } from '../recording/trace.ts';

/** A run with everything it left behind. */
export interface Run {
  readonly recording: Recording;
  /** All of its events, in their order; some laws look at the single records that `traceRecords` lists. */
  readonly trace: readonly TraceEvent[];
}

/** What must hold of every run: a law answers with each breach in words, and with nothing where it holds. */
export interface Law {
  (run: Run): readonly string[];
  /** What it says, with the rules of the model that it stands for. */
  readonly rule: string;
}

export function law(rule: string, breaches: (run: Run) => readonly string[]): Law {
  return Object.assign((run: Run) => breaches(run), { rule });
}

export function laneOf(event: { mapping: string; shardId: string; lane: number }): string {
  return `${event.mapping} ${event.shardId} lane ${event.lane}`;
}

export function placeOf(recording: Recording, name: string) {
  const mapping = recording.mappings.find(({ settings }) => settings.name === name) as MappingTally;
  const stream = recording.streams.find(({ settings }) => settings.name === mapping.settings.stream)!;
  return { mapping, stream };
}

/** P4, P10: of a shard's records not all are the lane's, or not all kept. */
export function readsInPart({ life }: MappingTally): boolean {
  return life.allSettings.some(({ parallelizationFactor, filters }) => parallelizationFactor > 1 || filters.length > 0);
}
