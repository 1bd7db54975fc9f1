import type { MappingTally } from '../recording/mapping-tally.ts';
import type { Recording } from '../recording/recording.ts';
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

/** What is found once for each mapping of a run, by its name. */
export function byMapping<T>({ recording }: Run, find: (mapping: MappingTally) => T): ReadonlyMap<string, T> {
  return new Map(recording.mappings.map((mapping) => [mapping.settings.name, find(mapping)]));
}
