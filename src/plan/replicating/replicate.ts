import type { Scenario } from '../../scenario/scenario.ts';
import type { RunMany } from '../run-many.ts';
import { oneByOne } from '../run-many.ts';
import type { Replication, Replications } from './replications.ts';
import { replicationOf, replicationsOf, summariseReplications } from './replications.ts';

export interface ReplicateOptions {
  /** How many runs, a whole number from 1. */
  readonly replications: number;
  /** Who runs them; by default `oneByOne()`. */
  readonly runMany?: RunMany;
}

/**
 * Runs a scenario several times, each with a seed of its own: the first with the scenario's, the i-th with that, `/` and i.
 *
 * @returns mean, 95 % confidence interval and extremes of the headline metrics, and how many runs met each threshold
 * @throws RangeError where `replications` is no whole number from 1
 * @throws RunawayError, HandlerError as `simulate` does
 */
export async function replicate(scenario: Scenario, options: ReplicateOptions): Promise<Replications> {
  const { replications: asked, runMany = oneByOne() } = options;
  if (!Number.isSafeInteger(asked) || asked < 1) {
    throw new RangeError(`replications: expected a whole number from 1, got ${asked}`);
  }
  const seen: Replication[] = [];
  for await (const summary of runMany(replicationsOf(scenario, asked))) seen.push(replicationOf(summary));
  return summariseReplications(scenario, { asked, seen });
}
