import { SECOND } from '../../kernel/time.ts';
import { cannotKeepUp } from '../../report/behind.ts';
import type { Summary, ThresholdResult } from '../../report/summary.ts';
import { VERSION } from '../../report/version.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { withSeed } from '../../scenario/source.ts';
import type { MeanInterval } from '../../statistics/interval.ts';
import { meanInterval } from '../../statistics/interval.ts';
import type { HeadlineFigure, HeadlineMetric } from '../headline.ts';
import { headlineFigures } from '../headline.ts';

/** What the same scenario with other seeds says: plain JSON, keys in this order. */
export interface Replications {
  readonly formatVersion: 1;
  readonly tool: { readonly name: 'shardclock'; readonly version: string };
  readonly scenario: { readonly name: string; readonly seed: string; readonly durationSeconds: number };
  /** How many were wanted, and how many ran to their end: what `metrics` and `thresholds` cover. */
  readonly asked: number;
  readonly complete: number;
  /** Whether some are missing, or cut short. */
  readonly partial: boolean;
  readonly metrics: readonly MetricEstimate[];
  readonly thresholds: readonly ThresholdCount[];
  /** In the order of their seeds, those that were cut short too. */
  readonly replications: readonly ReplicationRow[];
}

/**
 * A metric over the replications: its mean with the 95 % confidence interval of Student's t, and its extremes. `count` is
 * of those that have a value.
 */
export interface MetricEstimate extends HeadlineMetric, MeanInterval {}

/** How many replications met a threshold, and what they measured. */
export interface ThresholdCount {
  readonly metric: string;
  readonly expression: string;
  readonly met: number;
  readonly of: number;
  /** Seeds. */
  readonly notMetBy: readonly string[];
  /** Of `measured`. */
  readonly unit: ThresholdResult['unit'];
  readonly measured: MeanInterval;
}

export interface ReplicationRow {
  readonly seed: string;
  readonly digest: string;
  readonly partial: boolean;
  readonly behind: readonly string[];
  readonly thresholdsMet: boolean;
  /** In the order of `metrics`. */
  readonly values: readonly (number | null)[];
  /** In the order of `thresholds`. */
  readonly measured: readonly (number | null)[];
}

/** What is kept of one run. */
export interface Replication {
  readonly seed: string;
  readonly digest: string;
  readonly partial: boolean;
  /** Mappings that could not keep up. */
  readonly behind: readonly string[];
  readonly figures: readonly HeadlineFigure[];
  readonly thresholds: readonly ThresholdResult[];
}

/** The scenario with each replication's seed. */
export function* replicationsOf(scenario: Scenario, count: number): Generator<Scenario, void> {
  for (let number = 1; number <= count; number++) yield scenarioOfReplication(scenario, number);
}

/** @param number from 1 */
export function scenarioOfReplication(scenario: Scenario, number: number): Scenario {
  return number === 1 ? scenario : withSeed(scenario, replicationSeed(scenario.seed, number));
}

/** @param number from 1 */
export function replicationSeed(seed: string, number: number): string {
  return number === 1 ? seed : `${seed}/${number}`;
}

/** What is kept of a run's result, so that many need little room. */
export function replicationOf(summary: Summary): Replication {
  const { scenario, digest, partial, mappings, thresholds } = summary;
  const behind = Object.keys(mappings).filter((name) => cannotKeepUp(mappings[name]!));
  return { seed: scenario.seed, digest, partial, behind, figures: headlineFigures(summary), thresholds };
}

/** @param seen in the order of their seeds */
export function summariseReplications(
  { name, seed, duration }: Pick<Scenario, 'name' | 'seed' | 'duration'>,
  { asked, seen }: { readonly asked: number; readonly seen: readonly Replication[] },
): Replications {
  const complete = seen.filter(({ partial }) => !partial);
  const [first] = seen;
  return {
    formatVersion: 1,
    tool: { name: 'shardclock', version: VERSION },
    scenario: { name, seed, durationSeconds: duration / SECOND },
    asked,
    complete: complete.length,
    partial: complete.length < asked,
    metrics: (first?.figures ?? []).map(({ value: _, ...metric }, index) => ({
      ...metric,
      ...meanInterval(present(complete.map(({ figures }) => figures[index]!.value))),
    })),
    thresholds: (first?.thresholds ?? []).map(({ metric, expression, unit }, index) => {
      const results = complete.map(({ thresholds }) => thresholds[index]!);
      const notMetBy = complete.filter(({ thresholds }) => !thresholds[index]!.ok).map((one) => one.seed);
      const met = complete.length - notMetBy.length;
      const measured = meanInterval(present(results.map(({ value }) => value)));
      return { metric, expression, met, of: complete.length, notMetBy, unit, measured };
    }),
    replications: seen.map(({ figures, thresholds, ...rest }) => ({
      ...rest,
      thresholdsMet: thresholds.every(({ ok }) => ok),
      values: figures.map(({ value }) => value),
      measured: thresholds.map(({ value }) => value),
    })),
  };
}

function present(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}
