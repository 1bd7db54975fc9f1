import type { DifferenceInterval } from '../../statistics/difference.ts';
import { holmAdjusted, pairedDifference, unpairedDifference } from '../../statistics/difference.ts';
import type { MeanInterval } from '../../statistics/interval.ts';
import { meanInterval } from '../../statistics/interval.ts';
import type { HeadlineMetric } from '../headline.ts';
import type { ComparedRun } from './compared-run.ts';
import type { Pairing } from './pairing.ts';

export interface ComparedMetric extends HeadlineMetric {
  readonly a: MeanInterval;
  readonly b: MeanInterval;
  /** In how many runs A has samples and B none, and the other way round: with pairs, they are not in the means. */
  readonly onlyInA: number;
  readonly onlyInB: number;
  /** B − A. */
  readonly difference: DifferenceInterval;
  /** Of A's mean; null where that is 0. */
  readonly relative: number | null;
  /** Holm's, over all metrics that differ in any run: a difference is shown where it is at most 5 %. */
  readonly adjustedPValue: number | null;
  readonly verdict: Verdict;
}

/**
 * `better`, `worse`: B's mean is, and it is no chance. `informational`: it is another and no chance, but neither better nor
 * worse. `not judged`: one run of each, or one side has no samples.
 */
export type Verdict = 'better' | 'worse' | 'informational' | 'no difference shown' | 'not judged';

/** The metrics that both sides have, in A's order, judged together. */
export function comparedMetrics(
  a: readonly ComparedRun[],
  b: readonly ComparedRun[],
  pairing: Pairing,
): ComparedMetric[] {
  return judged(metricsOf(a, b, pairing));
}

const ALPHA = 0.05;

type Measured = Omit<ComparedMetric, 'adjustedPValue' | 'verdict'>;

/** Of the metrics that both have. */
function metricsOf(a: readonly ComparedRun[], b: readonly ComparedRun[], pairing: Pairing): Measured[] {
  const inB = new Map(b[0]?.figures.map((figure, index) => [nameOf(figure), index]));
  return (a[0]?.figures ?? []).flatMap(({ value: _, ...metric }, index) => {
    const other = inB.get(nameOf(metric));
    if (other === undefined) return [];
    const valuesOfA = a.map(({ figures }) => figures[index]!.value);
    const valuesOfB = b.map(({ figures }) => figures[other]!.value);
    return [{ ...metric, ...measured(valuesOfA, valuesOfB, pairing) }];
  });
}

/** Amounts in two currencies are two metrics. */
function nameOf({ metric, statistic, unit }: HeadlineMetric): string {
  return `${metric} ${statistic} ${unit}`;
}

function measured(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
  { kind }: Pairing,
): Pick<Measured, 'a' | 'b' | 'onlyInA' | 'onlyInB' | 'difference' | 'relative'> {
  // Where one of a pair has no samples, the other has no partner.
  const hasPartner = (index: number) =>
    kind === 'none' || ((a[index] ?? null) !== null) === ((b[index] ?? null) !== null);
  const anyPair = a.some((value, index) => value !== null && (b[index] ?? null) !== null);
  const kept = (values: readonly (number | null)[]) =>
    values.filter((value, index): value is number => value !== null && (!anyPair || hasPartner(index)));
  const [ofA, ofB] = [kept(a), kept(b)];
  const [mean, other] = [meanInterval(ofA), meanInterval(ofB)];
  const inPairs = kind !== 'none' && ofA.length === ofB.length;
  const difference = inPairs ? pairedDifference(ofA, ofB) : unpairedDifference(mean, other);
  const relative = difference.mean === null || mean.mean === 0 ? null : difference.mean / Math.abs(mean.mean!);
  return { a: mean, b: other, ...oneSided(a, b, kind), difference, relative };
}

/** Without pairs, by how many runs one has samples in more than the other. */
function oneSided(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
  kind: Pairing['kind'],
): Pick<Measured, 'onlyInA' | 'onlyInB'> {
  const [inA, inB] = [a, b].map((values) => values.map((value) => value !== null)) as [boolean[], boolean[]];
  if (kind !== 'none') {
    return {
      onlyInA: inA.filter((has, index) => has && inB[index] === false).length,
      onlyInB: inB.filter((has, index) => has && inA[index] === false).length,
    };
  }
  const more = inA.filter(Boolean).length - inB.filter(Boolean).length;
  return { onlyInA: Math.max(0, more), onlyInB: Math.max(0, -more) };
}

/** What is the same in every run is no hypothesis: no draw of chance could have shown a difference. */
function judged(metrics: readonly Measured[]): ComparedMetric[] {
  const tested = metrics.filter(isJudged);
  const adjusted = holmAdjusted(tested.map(({ difference }) => difference.pValue!));
  return metrics.map((metric) => {
    const { pValue, mean } = metric.difference;
    const place = tested.indexOf(metric);
    const adjustedPValue = pValue === null ? null : place < 0 ? 1 : adjusted[place]!;
    return { ...metric, adjustedPValue, verdict: verdictOf(metric.metric, mean, adjustedPValue) };
  });
}

/** Differs in any run, of several. */
export function isJudged({ difference: { pValue, mean, standardError } }: Pick<ComparedMetric, 'difference'>): boolean {
  return pValue !== null && (mean !== 0 || standardError !== 0);
}

function verdictOf(metric: string, mean: number | null, adjustedPValue: number | null): Verdict {
  if (mean === null || adjustedPValue === null) return 'not judged';
  if (mean === 0 || adjustedPValue > ALPHA) return 'no difference shown';
  if (!isLowerBetter(metric)) return 'informational';
  return mean < 0 ? 'better' : 'worse';
}

/** Of ages, errors and money less is better; how often and how widely a function runs shows in them and in the cost. */
export function isLowerBetter(metric: string): boolean {
  return !/^(Invocations|ConcurrentExecutions)\b/.test(metric);
}
