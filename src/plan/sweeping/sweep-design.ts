import { SECOND } from '../../kernel/time.ts';
import { VERSION } from '../../report/version.ts';
import type { Grid } from './grid.ts';
import type { PrecisionGoal } from './precision.ts';
import { FEWEST_REPLICATIONS, metAfter, shortfall } from './precision.ts';
import type { SweptRun } from './swept-run.ts';

/** What a sweep is to run, without the runs: plain JSON. Parts of one sweep have the same. */
export interface SweepDesign {
  readonly tool: { readonly name: 'shardclock'; readonly version: string };
  readonly scenario: { readonly name: string; readonly seed: string };
  readonly axes: readonly { readonly path: string; readonly values: readonly unknown[] }[];
  /** Of each point; with goals at most. */
  readonly replications: number;
  readonly until: readonly PrecisionGoal[];
  /** The last axis changing fastest. */
  readonly points: readonly {
    /** Of the axes, in their order. */
    readonly values: readonly unknown[];
    readonly durationSeconds: number;
    /** Of the scenario of the first replication (see the result's `scenario.sha256`). */
    readonly sha256: string;
  }[];
}

/** A part of a sweep that is divided, counted from 1. */
export interface PartNumber {
  readonly number: number;
  readonly of: number;
}

/** A run by its place: the point from 0, the replication from 1. */
export interface RunPlace {
  readonly point: number;
  readonly number: number;
}

export function designOf(
  { axes, points }: Grid,
  { replications, until }: Pick<SweepDesign, 'replications' | 'until'>,
): SweepDesign {
  const [first] = points;
  if (first === undefined) throw new RangeError('a grid has at least one point');
  return {
    tool: { name: 'shardclock', version: VERSION },
    scenario: { name: first.scenario.name, seed: first.scenario.seed },
    axes: axes.map(({ path, values }) => ({ path, values: values.map(({ value }) => value) })),
    replications,
    until,
    points: points.map(({ values, scenario }) => ({
      values,
      durationSeconds: scenario.duration / SECOND,
      sha256: scenario.source.sha256,
    })),
  };
}

/**
 * The runs that are wanted next, given those that are there: with a fixed number of replications all of them, with goals
 * some more of each point that has not met them. None: the part is complete.
 *
 * @param runs by point and number
 */
export function wantedRuns(design: SweepDesign, part: PartNumber, runs: readonly SweptRun[]): RunPlace[] {
  const byPoint = runsByPoint(design, runs);
  return design.points.flatMap((_, point) => {
    const have = byPoint[point]!;
    const numbers = new Set(have.map(({ number }) => number));
    return Array.from({ length: replicationsWanted(design, have) }, (_, index) => ({
      point,
      number: index + 1,
    })).filter((place) => !numbers.has(place.number) && isOfPart(place, design, part));
  });
}

/**
 * How many of the replications of a point count; null while there are too few.
 *
 * @param runs of the point, in the order of their numbers
 */
export function replicationsOfPoint({ replications, until }: SweepDesign, runs: readonly SweptRun[]): number | null {
  const gap = runs.findIndex(({ number }, index) => number !== index + 1);
  const first = runs.slice(0, Math.min(replications, gap < 0 ? runs.length : gap));
  const met = until.length === 0 ? null : metAfter(first, until);
  if (met !== null) return met;
  return first.length < replications ? null : replications;
}

/** @returns for each point its runs in the order of their numbers */
export function runsByPoint({ points }: SweepDesign, runs: readonly SweptRun[]): SweptRun[][] {
  const all: SweptRun[][] = points.map(() => []);
  for (const run of runs) all[run.point]?.push(run);
  return all.map((some) => some.sort((a, b) => a.number - b.number));
}

/**
 * With goals the replications of a point decide how many there are, so a part has whole points; otherwise it has every
 * n-th run, a share of each point.
 */
function isOfPart({ point, number }: RunPlace, { replications, until }: SweepDesign, part: PartNumber): boolean {
  const place = until.length > 0 ? point : point * replications + number - 1;
  return place % part.of === part.number - 1;
}

/** How many runs a point should have next; of a point without goals all. */
function replicationsWanted(design: SweepDesign, have: readonly SweptRun[]): number {
  const { replications, until } = design;
  if (until.length === 0) return replications;
  if (have.length < FEWEST_REPLICATIONS) return Math.min(FEWEST_REPLICATIONS, replications);
  const known = replicationsOfPoint(design, have);
  if (known !== null) return known;
  // An interval narrows with the square root of the runs; but what few of them say of it is not to be trusted far.
  const guess = Math.ceil(have.length * shortfall(have, until) ** 2);
  return Math.min(replications, Math.max(have.length + 1, Math.min(2 * have.length, guess)));
}
