import type { Summary } from '../../report/summary.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { replicationsOf } from '../replicating/replications.ts';
import type { RunMany } from '../run-many.ts';
import { oneByOne } from '../run-many.ts';
import type { ComparedRun } from './compared-run.ts';
import { comparedRunOf, sourceOfScenario, sourceOfSummary } from './compared-run.ts';
import type { Comparison } from './comparison.ts';
import { comparisonOf } from './comparison.ts';
import type { Condition } from './condition.ts';

export interface CompareOptions {
  /** How many runs of each, a whole number from 1; by default 10. With one nothing is judged. */
  readonly replications?: number;
  /** Who runs them, in pairs: the first of A, the first of B, the second of A; by default `oneByOne()`. */
  readonly runMany?: RunMany;
  /** Read by `readCondition`. */
  readonly conditions?: readonly Condition[];
}

export const DEFAULT_REPLICATIONS = 10;

/**
 * Runs two scenarios several times and says what tells B from A. Where their seeds are the same, so are the seeds of each
 * pair of runs, and as far as their traffic is (D3), the very records: the differences of the pairs are judged by Student's
 * t. Otherwise Welch's t judges. Over all metrics together a verdict is chance in at most 5 % of all comparisons (Holm).
 *
 * @throws RangeError where `replications` is no whole number from 1
 * @throws RunawayError, HandlerError as `simulate` does
 */
export async function compare(a: Scenario, b: Scenario, options: CompareOptions = {}): Promise<Comparison> {
  const { replications: asked = DEFAULT_REPLICATIONS, runMany = oneByOne(), conditions = [] } = options;
  if (!Number.isSafeInteger(asked) || asked < 1) {
    throw new RangeError(`replications: expected a whole number from 1, got ${asked}`);
  }
  const runs: [ComparedRun[], ComparedRun[]] = [[], []];
  let taken = 0;
  for await (const summary of runMany(pairsOf(a, b, asked))) runs[taken++ % 2]!.push(comparedRunOf(summary));
  return comparisonOf(
    { source: sourceOfScenario(a), runs: runs[0] },
    { source: sourceOfScenario(b), runs: runs[1] },
    { asked, conditions },
  );
}

/** The first replication of A, the first of B, the second of A and so on, so that an interruption leaves whole pairs. */
export function* pairsOf(a: Scenario, b: Scenario, count: number): Generator<Scenario, void> {
  const ofB = replicationsOf(b, count);
  for (const scenario of replicationsOf(a, count)) {
    yield scenario;
    yield ofB.next().value!;
  }
}

/** What tells the result of one run from that of another: differences without intervals, of which nothing is judged. */
export function compareResults(a: Summary, b: Summary, options: Pick<CompareOptions, 'conditions'> = {}): Comparison {
  const side = (summary: Summary) => ({ source: sourceOfSummary(summary), runs: [comparedRunOf(summary)] });
  return comparisonOf(side(a), side(b), { asked: 1, conditions: options.conditions ?? [] });
}
