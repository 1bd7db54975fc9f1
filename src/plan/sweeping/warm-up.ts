import type { MappingSummary, Summary } from '../../report/summary.ts';
import { meanInterval } from '../../statistics/interval.ts';

/**
 * How a mapping does at the beginning of the measured time and after it, in one run: the mean of IteratorAge's average in
 * each period of the first fifth, and of the other four. Null where the run cannot tell.
 */
export interface WarmUpSample {
  readonly mapping: string;
  readonly firstMs: number | null;
  readonly restMs: number | null;
  /** M5: whether its age still rises at the end. */
  readonly isRising: boolean;
}

/** A mapping whose measured time does not begin as it goes on. */
export interface WarmUpFinding {
  readonly mapping: string;
  readonly firstMs: number;
  readonly restMs: number;
  readonly isRising: boolean;
}

const FIRST_PART = 5; // a fifth
const FEWEST_PERIODS = 10;
/** More than this share of the records that the rest has in a period, and traffic is not the same. */
const SAME_TRAFFIC = 0.1;
const FEWEST_RUNS = 3;
const CONFIDENCE = 0.99;
/** A difference of less than this share of the rest matters to nobody. */
const SMALL = 0.1;

/**
 * What the warm-up is judged by. A run cannot tell where its traffic changes by more than a tenth, a fault or a timeline
 * entry lies in the measured time, or that has fewer than ten periods: there the beginning is unlike the rest by intention.
 */
export function warmUpSamples(summary: Summary): WarmUpSample[] {
  const { periodSeconds, metrics } = summary.series;
  const { fromSeconds, toSeconds } = summary.measured;
  const from = Math.ceil(fromSeconds / periodSeconds - 1e-9);
  // Producers end with `duration`; a drain is no part of how things go on.
  const to = Math.floor(Math.min(toSeconds, summary.scenario.durationSeconds) / periodSeconds + 1e-9);
  const cut = from + Math.floor((to - from) / FIRST_PART);
  const isMarked = summary.timeline.marks.some(
    (mark) => mark.toSeconds >= fromSeconds && mark.fromSeconds <= toSeconds,
  );
  const canTell = to - from >= FEWEST_PERIODS && !isMarked;
  const own = (mapping: string, name: string, statistic: string) =>
    metrics.find(
      ({ Namespace, MetricName, Dimensions }) =>
        Namespace === 'shardclock' && MetricName === name && Dimensions.Mapping === mapping,
    )?.Statistics[statistic] ?? [];
  return Object.entries(summary.mappings).map(([mapping, { trend }]: [string, MappingSummary]) => {
    const nothing = { mapping, firstMs: null, restMs: null, isRising: trend.verdict === 'rising' };
    const traffic = own(mapping, 'RecordsIn', 'Sum');
    const [before, after] = [mean(traffic.slice(from, cut)), mean(traffic.slice(cut, to))];
    if (!canTell || before === null || after === null) return nothing;
    if (Math.abs(before - after) > SAME_TRAFFIC * after) return nothing;
    const age = own(mapping, 'IteratorAge', 'Average');
    return { ...nothing, firstMs: mean(age.slice(from, cut)), restMs: mean(age.slice(cut, to)) };
  });
}

/**
 * The mappings whose first fifth differs from the rest by more than a tenth, and by more than chance: the 99 % interval of
 * the difference over the replications excludes 0. At least three replications have to tell.
 *
 * @param runs the samples of each
 */
export function warmUpFindings(runs: readonly (readonly WarmUpSample[])[]): WarmUpFinding[] {
  return (runs[0] ?? []).flatMap(({ mapping }, index) => {
    const samples = runs.map((one) => one[index]!);
    const told = samples.flatMap(({ firstMs, restMs }) =>
      firstMs === null || restMs === null ? [] : [{ first: firstMs, rest: restMs }],
    );
    if (told.length < FEWEST_RUNS) return [];
    const difference = meanInterval(
      told.map(({ first, rest }) => first - rest),
      CONFIDENCE,
    );
    const firstMs = mean(told.map(({ first }) => first))!;
    const restMs = mean(told.map(({ rest }) => rest))!;
    const isChance = difference.low! <= 0 && difference.high! >= 0;
    if (isChance || Math.abs(difference.mean!) <= SMALL * restMs) return [];
    const isRising = samples.filter((sample) => sample.isRising).length * 2 > samples.length;
    return [{ mapping, firstMs, restMs, isRising }];
  });
}

function mean(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
}
