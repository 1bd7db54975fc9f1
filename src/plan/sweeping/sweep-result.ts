import { counted, duration, percent } from '../../report/words.ts';
import { figureText } from '../figure-name.ts';
import type { MetricEstimate, ReplicationRow, ThresholdCount } from '../replicating/replications.ts';
import { summariseReplications } from '../replicating/replications.ts';
import { settingNames, settingsText } from '../setting-words.ts';
import type { PrecisionGoal } from './precision.ts';
import { metAfter } from './precision.ts';
import type { SweepDesign } from './sweep-design.ts';
import { replicationsOfPoint, runsByPoint } from './sweep-design.ts';
import type { Pricing, SweptRun } from './swept-run.ts';
import type { WarmUpFinding } from './warm-up.ts';
import { warmUpFindings } from './warm-up.ts';

/** What a sweep says: plain JSON, keys in this order. */
export interface Sweep {
  readonly formatVersion: 1;
  readonly kind: 'sweep';
  readonly tool: SweepDesign['tool'];
  readonly scenario: SweepDesign['scenario'];
  readonly axes: SweepDesign['axes'];
  /** Of each point; with goals at most. */
  readonly replications: number;
  readonly until: readonly PrecisionGoal[];
  /** By which the cost is; null where there is none. */
  readonly prices: Pricing | null;
  /** Whether runs are missing. */
  readonly partial: boolean;
  readonly warnings: readonly string[];
  /** All combinations of the axes' values, the last axis changing fastest. */
  readonly points: readonly SweepPoint[];
}

export interface SweepPoint {
  /** Of the axes, in their order. */
  readonly values: readonly unknown[];
  readonly durationSeconds: number;
  /** Of its scenario with the first seed. */
  readonly sha256: string;
  /** How many runs its figures are of. */
  readonly complete: number;
  /** Whether runs are missing. */
  readonly partial: boolean;
  /** How many of the runs met every threshold. */
  readonly thresholdsMet: number;
  /** In how many of the runs a mapping was behind at the end and did not catch up. */
  readonly behind: number;
  /**
   * Whether it meets every threshold in every run, and no other such point is as good in both `cost.month` and
   * `IteratorAge p99` (the means; of several mappings the highest) and better in one of them.
   */
  readonly onFront: boolean;
  readonly metrics: readonly MetricEstimate[];
  readonly thresholds: readonly ThresholdCount[];
  readonly replications: readonly ReplicationRow[];
}

/** What runs say together. Those of a point that were run beyond what its goals need do not count. */
export function summariseSweep({
  design,
  runs,
}: {
  readonly design: SweepDesign;
  readonly runs: readonly SweptRun[];
}): Sweep {
  const { tool, scenario, axes, replications, until } = design;
  const byPoint = runsByPoint(design, runs);
  const points = design.points.map(({ values, durationSeconds, sha256 }, index) => {
    const all = byPoint[index]!;
    const needed = replicationsOfPoint(design, all);
    const seen = all.slice(0, needed ?? all.length);
    const { metrics, thresholds, ...rest } = summariseReplications({ ...scenario, duration: 0 }, { asked: 0, seen });
    return {
      ...{ values, durationSeconds, sha256, complete: seen.length, partial: needed === null },
      thresholdsMet: rest.replications.filter(({ thresholdsMet }) => thresholdsMet).length,
      behind: rest.replications.filter(({ behind }) => behind.length > 0).length,
      ...{ metrics, thresholds, replications: rest.replications },
      warmUp: warmUpFindings(seen.map(({ warmUp }) => warmUp)),
    };
  });
  const front = frontOf(
    points.map(({ metrics, complete, thresholdsMet }) =>
      thresholdsMet < complete ? NOWHERE : { cost: monthlyCost(metrics), age: worstAge(metrics) },
    ),
  );
  return {
    formatVersion: 1,
    kind: 'sweep',
    ...{ tool, scenario, axes, replications, until },
    prices: runs[0]?.prices ?? null,
    partial: points.some(({ partial }) => partial),
    warnings: [...warmUpWarnings(design, points), ...precisionWarnings(design, byPoint)],
    points: points.map(({ warmUp: _, metrics, thresholds, replications: rows, ...point }, index) => ({
      ...point,
      onFront: front[index]!,
      ...{ metrics, thresholds, replications: rows },
    })),
  };
}

export function monthlyCost(metrics: readonly MetricEstimate[]): number | null {
  return metrics.find(({ metric }) => metric === 'cost.month')?.mean ?? null;
}

/** The mean of IteratorAge p99, in milliseconds, of the mapping that has the highest. */
export function worstAge(metrics: readonly MetricEstimate[]): number | null {
  const ages = metrics
    .filter(({ metric, statistic, mapping }) => statistic === 'p99' && metric === `IteratorAge{mapping:${mapping}}`)
    .flatMap(({ mean }) => mean ?? []);
  return ages.length === 0 ? null : Math.max(...ages);
}

const NOWHERE = { cost: null, age: null };

function frontOf(points: readonly { readonly cost: number | null; readonly age: number | null }[]): boolean[] {
  return points.map(({ cost, age }) => {
    if (cost === null || age === null) return false;
    return !points.some(
      (other) =>
        other.cost !== null &&
        other.age !== null &&
        other.cost <= cost &&
        other.age <= age &&
        (other.cost < cost || other.age < age),
    );
  });
}

interface JudgedPoint {
  readonly values: readonly unknown[];
  readonly warmUp: readonly WarmUpFinding[];
}

/** One for all points: the one where the beginning differs most. */
function warmUpWarnings({ axes }: SweepDesign, points: readonly JudgedPoint[]): string[] {
  const names = settingNames(axes.map(({ path }) => path));
  const found = points.flatMap(({ values, warmUp }) => warmUp.map((finding) => ({ values, ...finding })));
  const away = ({ firstMs, restMs }: WarmUpFinding) => Math.abs(firstMs - restMs) / restMs;
  const [worst] = [...found].sort((a, b) => away(b) - away(a));
  if (worst === undefined) return [];
  const where = points.filter(({ warmUp }) => warmUp.length > 0).length;
  const rising = points.filter(({ warmUp }) => warmUp.some(({ isRising }) => isRising)).length;
  const few = where - rising;
  const at = `${worst.mapping}, ${settingsText(names, worst.values)}: ${duration(worst.firstMs)} in the first fifth, ${duration(worst.restMs)} after it`;
  const subject = `at ${where} of ${counted(points.length, 'point')}`;
  if (few === 0)
    return [`IteratorAge still rises at the end ${subject}: its mean depends on how long is measured (worst: ${at}).`];
  const rest = rising === 0 ? '' : ` At ${rising} of them it still rises at the end, where no warm-up helps.`;
  return [
    `The warm-up looks too short ${subject}: the first fifth of what is measured is unlike the rest (worst: ${at}). Set a longer warmup.${rest}`,
  ];
}

function precisionWarnings(design: SweepDesign, byPoint: readonly SweptRun[][]): string[] {
  const { until, replications } = design;
  if (until.length === 0) return [];
  const short = byPoint.filter(
    (runs) => runs.length >= replications && metAfter(runs.slice(0, replications), until) === null,
  ).length;
  if (short === 0) return [];
  const goals = until.map((goal) => `${figureText(goal)} to ${percent(goal.halfWidth)}`).join(', ');
  return [
    `${replications} replications are too few for ${goals} at ${short} of ${counted(byPoint.length, 'point')}: -n allows more.`,
  ];
}
