import { SECOND } from '../../kernel/time.ts';
import { iteratorAgeLimits } from '../../report/charts/iterator-age.ts';
import type { Limit } from '../../report/charts/limit-rules.ts';
import { highest } from '../../report/charts/series.ts';
import type { Summary, TimelineMark } from '../../report/summary.ts';
import type { ComparedRun } from './compared-run.ts';

/** IteratorAge over time of both sides, in the same periods. */
export interface ComparedCurves {
  readonly periodSeconds: number;
  readonly measured: Summary['measured'];
  /** Of A, then what B has besides. */
  readonly marks: readonly TimelineMark[];
  /** Thresholds on IteratorAge, in milliseconds. */
  readonly limits: readonly Limit[];
  /** How many runs of each. */
  readonly runs: number;
  readonly a: ComparedCurve;
  readonly b: ComparedCurve;
}

/** Of each period the largest IteratorAge of all mappings, in milliseconds: over the runs its mean and its extremes. */
export interface ComparedCurve {
  readonly mean: readonly (number | null)[];
  readonly lowest: readonly (number | null)[];
  readonly highest: readonly (number | null)[];
}

/** Where periods are not of one length, those of the longer ones. */
export function curvesOf(a: readonly ComparedRun[], b: readonly ComparedRun[]): ComparedCurves {
  const all = [...a, ...b];
  const periodSeconds = all.reduce((longest, run) => Math.max(longest, run.periodSeconds), 0) || DEFAULT_PERIOD;
  const firsts = [...a.slice(0, 1), ...b.slice(0, 1)];
  const limits = new Map(firsts.flatMap(iteratorAgeLimits).map((limit) => [limit.label, limit]));
  const marks = new Map(firsts.flatMap((run) => run.marks).map((mark) => [JSON.stringify(mark), mark]));
  return {
    periodSeconds,
    measured: {
      fromSeconds: all.reduce(
        (first, { measured }) => Math.min(first, measured.fromSeconds),
        all.length === 0 ? 0 : Number.MAX_VALUE,
      ),
      toSeconds: all.reduce((last, { measured }) => Math.max(last, measured.toSeconds), 0),
    },
    marks: [...marks.values()],
    limits: [...limits.values()],
    runs: a.length,
    a: curveOf(a, periodSeconds),
    b: curveOf(b, periodSeconds),
  };
}

const DEFAULT_PERIOD = 60;

function curveOf(runs: readonly ComparedRun[], periodSeconds: number): ComparedCurve {
  const curves = runs.map((run) => inPeriods(run, periodSeconds));
  const length = Math.max(0, ...curves.map((values) => values.length));
  const columns = Array.from({ length }, (_, index) =>
    curves.map((values) => values[index] ?? null).filter((value) => value !== null),
  );
  const of = (pick: (column: readonly number[]) => number) =>
    columns.map((column) => (column.length === 0 ? null : pick(column)));
  return {
    mean: of((column) => column.reduce((sum, value) => sum + value, 0) / column.length),
    lowest: of((column) => column.reduce((least, value) => Math.min(least, value))),
    highest: of((column) => column.reduce((most, value) => Math.max(most, value))),
  };
}

/** The highest of the run's own periods that reach into each. */
function inPeriods({ iteratorAgeMs, periodSeconds: own }: ComparedRun, periodSeconds: number): (number | null)[] {
  if (own === periodSeconds) return [...iteratorAgeMs];
  const [length, ownLength] = [periodSeconds, own].map((seconds) => Math.round(seconds * SECOND)) as [number, number];
  return Array.from({ length: Math.ceil((iteratorAgeMs.length * ownLength) / length) }, (_, index) => {
    const reach = iteratorAgeMs.slice(
      Math.floor((index * length) / ownLength),
      Math.ceil(((index + 1) * length) / ownLength),
    );
    return highest(reach.map((value) => [value]))[0] ?? null;
  });
}
