import { SECOND } from '../../kernel/time.ts';
import { highest, mappingSeries } from '../../report/charts/series.ts';
import type { Summary, TimelineMark } from '../../report/summary.ts';
import type { JsonObject, Scenario } from '../../scenario/scenario.ts';
import type { Replication } from '../replicating/replications.ts';
import { replicationOf } from '../replicating/replications.ts';

/** Where the runs of one side come from. */
export interface ComparedSource {
  readonly name: string;
  readonly seed: string;
  readonly sha256: string;
  readonly durationSeconds: number;
  readonly resolved: JsonObject;
  /** File name as written → SHA-256 (hex). */
  readonly files: Readonly<Record<string, string>>;
  /** Names. */
  readonly mappings: readonly string[];
}

export function sourceOfScenario({ name, seed, duration, source, mappings }: Scenario): ComparedSource {
  return {
    name,
    seed,
    sha256: source.sha256,
    durationSeconds: duration / SECOND,
    resolved: source.resolved,
    files: source.files,
    mappings: mappings.map((mapping) => mapping.name),
  };
}

export function sourceOfSummary({ scenario, mappings }: Summary): ComparedSource {
  const { name, seed, sha256, durationSeconds, resolved, files } = scenario;
  return { name, seed, sha256, durationSeconds, resolved, files, mappings: Object.keys(mappings) };
}

/** What a comparison keeps of one run. */
export interface ComparedRun extends Replication {
  readonly measured: Summary['measured'];
  readonly marks: readonly TimelineMark[];
  /** What its prices are called; null where the result holds no cost. */
  readonly prices: string | null;
  readonly periodSeconds: number;
  /** The largest IteratorAge of each period, of all mappings; null where no invocation ended. */
  readonly iteratorAgeMs: readonly (number | null)[];
}

export function comparedRunOf(summary: Summary): ComparedRun {
  const ages = Object.keys(summary.mappings).map(
    (name) => mappingSeries(summary, name, 'IteratorAge', 'Maximum') ?? [],
  );
  return {
    ...replicationOf(summary),
    measured: summary.measured,
    marks: summary.timeline.marks,
    prices: summary.cost?.prices ?? null,
    periodSeconds: summary.series.periodSeconds,
    iteratorAgeMs: highest(ages),
  };
}
