import type { Summary } from '../../report/summary.ts';
import { VERSION } from '../../report/version.ts';
import { list } from '../../report/words.ts';
import type { ComparedMetric } from './compared-metric.ts';
import { comparedMetrics } from './compared-metric.ts';
import type { ComparedRun, ComparedSource } from './compared-run.ts';
import type { ComparedCurves } from './comparison-curves.ts';
import { curvesOf } from './comparison-curves.ts';
import { keyLine } from './comparison-key-line.ts';
import type { Condition, JudgedCondition } from './condition.ts';
import { judgeCondition } from './condition.ts';
import type { Pairing } from './pairing.ts';
import { pairingOf } from './pairing.ts';
import type { SettingDifference } from './setting-differences.ts';
import { settingDifferences } from './setting-differences.ts';

/** What tells B from A: plain JSON, keys in this order. */
export interface Comparison {
  readonly formatVersion: 1;
  readonly tool: { readonly name: 'shardclock'; readonly version: string };
  /** What matters most, in one or two sentences. */
  readonly keyLine: string;
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  readonly pairing: Pairing;
  /** How many runs of each were wanted, and how many of both ran to their end: what `metrics` covers. */
  readonly asked: number;
  readonly complete: number;
  /** Whether some are missing, or cut short. */
  readonly partial: boolean;
  /** What an interval holds the true difference with; and, all metrics together, with what no verdict is chance. */
  readonly confidence: 0.95;
  /** What makes figures less comparable than they look. */
  readonly notes: readonly string[];
  readonly settings: readonly SettingDifference[];
  readonly metrics: readonly ComparedMetric[];
  /** In the order given. */
  readonly conditions: readonly JudgedCondition[];
  readonly iteratorAge: ComparedCurves;
}

export interface ComparedSide {
  readonly name: string;
  readonly seed: string;
  readonly sha256: string;
  readonly durationSeconds: number;
  /** Its mappings that the other has not. */
  readonly ownMappings: readonly string[];
  /** In how many of the complete runs every threshold was met; null without thresholds. */
  readonly thresholdsMet: number | null;
  /** In the order of their seeds, those that were cut short too. */
  readonly runs: readonly { readonly seed: string; readonly digest: string; readonly partial: boolean }[];
}

/** One side's runs, in the order of their seeds. */
export interface Side {
  readonly source: ComparedSource;
  readonly runs: readonly ComparedRun[];
}

/**
 * What the runs of two sides say together. Runs that were cut short do not count, but where it is one of each.
 *
 * @param asked how many runs of each were wanted
 */
export function comparisonOf(
  a: Side,
  b: Side,
  { asked, conditions }: { readonly asked: number; readonly conditions: readonly Condition[] },
): Comparison {
  const pairing = pairingOf(a.source, b.source);
  const [runsOfA, runsOfB] = counted(a.runs, b.runs, asked);
  const complete = Math.min(runsOfA.length, runsOfB.length);
  const metrics = comparedMetrics(runsOfA, runsOfB, pairing);
  const partial = complete < asked || [...runsOfA, ...runsOfB].some((run) => run.partial);
  return {
    formatVersion: 1,
    tool: { name: 'shardclock', version: VERSION },
    keyLine: keyLine({ metrics, complete, pairing }),
    a: sideOf(a, runsOfA, b),
    b: sideOf(b, runsOfB, a),
    pairing,
    asked,
    complete,
    partial,
    confidence: 0.95,
    notes: [...behindNotes(runsOfA, runsOfB), ...notesOf(runsOfA[0], runsOfB[0])],
    settings: settingDifferences(a.source, b.source),
    metrics,
    conditions: conditions.map((condition) => judgeCondition(condition, metrics, complete)),
    iteratorAge: curvesOf(runsOfA, runsOfB),
  };
}

/** As many of A as of B: those whose partner was cut short are left out with it. */
function counted(
  a: readonly ComparedRun[],
  b: readonly ComparedRun[],
  asked: number,
): [a: readonly ComparedRun[], b: readonly ComparedRun[]] {
  if (asked === 1) return [a, b];
  const isWhole = (index: number) => a[index]?.partial === false && b[index]?.partial === false;
  return [a.filter((_, index) => isWhole(index)), b.filter((_, index) => isWhole(index))];
}

function sideOf({ source, runs }: Side, counting: readonly ComparedRun[], other: Side): ComparedSide {
  const { name, seed, sha256, durationSeconds, mappings } = source;
  const hasThresholds = counting.some(({ thresholds }) => thresholds.length > 0);
  return {
    name,
    seed,
    sha256,
    durationSeconds,
    ownMappings: mappings.filter((mapping) => !other.source.mappings.includes(mapping)),
    thresholdsMet: hasThresholds ? counting.filter(({ thresholds }) => thresholds.every(({ ok }) => ok)).length : null,
    runs: runs.map((run) => ({ seed: run.seed, digest: run.digest, partial: run.partial })),
  };
}

function behindNotes(...sides: readonly (readonly ComparedRun[])[]): string[] {
  return sides.flatMap((runs, side) => {
    const late = runs.filter(({ behind }) => behind.length > 0);
    if (late.length === 0) return [];
    const names = [...new Set(late.flatMap(({ behind }) => behind))];
    const often = runs.length === 1 ? '' : ` in ${late.length} of ${runs.length} runs`;
    const whose = names.length === 1 ? 'its' : 'their';
    return [
      `${side === 0 ? 'A' : 'B'} cannot keep up${often} (${list(names)}): ${whose} backlog still grows at the end, so ${whose} ages rise with the length of the run.`,
    ];
  });
}

function notesOf(a: ComparedRun | undefined, b: ComparedRun | undefined): string[] {
  if (a === undefined || b === undefined) return [];
  const length = ({ measured: { fromSeconds, toSeconds } }: Pick<Summary, 'measured'>) => toSeconds - fromSeconds;
  const cut = [a, b].flatMap(({ partial }, index) => (partial ? [index === 0 ? 'A' : 'B'] : []));
  return [
    ...(cut.length === 0 ? [] : [`${cut.join(' and ')} was interrupted: what is compared is a part of the run.`]),
    ...(a.prices === b.prices
      ? []
      : [`The costs are by other prices: A's by ${a.prices ?? 'none'}, B's by ${b.prices ?? 'none'}.`]),
    ...(Math.abs(length(a) - length(b)) > 0.1 * Math.max(length(a), length(b))
      ? ['One ran longer than the other, so that what is counted over a run is not of the same time.']
      : []),
  ];
}
