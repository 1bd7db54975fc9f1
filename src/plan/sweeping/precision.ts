import { didYouMean } from '../../scenario/issue.ts';
import { meanInterval } from '../../statistics/interval.ts';
import type { FigureName } from '../figure-name.ts';
import { isNamed, readFigureName } from '../figure-name.ts';
import type { HeadlineFigure } from '../headline.ts';

/** How well the mean of a figure is to be known: half of its 95 % interval at most this share of it. */
export interface PrecisionGoal extends FigureName {
  /** 0.05 is 5 %. */
  readonly halfWidth: number;
}

/** Before so many no interval is believed: of few runs it is small by chance too often. */
export const FEWEST_REPLICATIONS = 10;

/** `IteratorAge p99=5%`. @returns what is wrong with it, where it is none */
export function readPrecisionGoal(text: string): PrecisionGoal | string {
  const match = /^(.*)=\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text);
  if (match === null) return `expected a figure and a share of its mean, such as 'IteratorAge p99=5%', got '${text}'`;
  const [, figure = '', share = ''] = match;
  const halfWidth = Number(share) / 100;
  if (!(halfWidth > 0 && halfWidth < 1)) return `expected a share above 0% and below 100%, got '${share}%'`;
  const name = readFigureName(figure);
  return typeof name === 'string' ? name : { ...name, halfWidth };
}

/**
 * The first replication with which every goal is met; null where none of these is. It looks at the replications in their
 * order alone, so it is the same whatever ran beside what, and however many more there are.
 */
export function metAfter(
  runs: readonly { readonly figures: readonly HeadlineFigure[] }[],
  goals: readonly PrecisionGoal[],
): number | null {
  for (let count = Math.min(FEWEST_REPLICATIONS, runs.length); count <= runs.length; count++) {
    if (count >= FEWEST_REPLICATIONS && shortfall(runs.slice(0, count), goals) <= 1) return count;
  }
  return null;
}

/**
 * The widest interval as a multiple of what its goal allows: above 1 it is too wide. Of a figure that a run has no value
 * of, it is infinite.
 */
export function shortfall(
  runs: readonly { readonly figures: readonly HeadlineFigure[] }[],
  goals: readonly PrecisionGoal[],
): number {
  const figures = runs[0]?.figures ?? [];
  const ratios = goals.flatMap((goal) =>
    figures.flatMap((figure, index) => {
      if (!isNamed(figure, goal)) return [];
      const values = runs.flatMap((run) => run.figures[index]!.value ?? []);
      const { mean, low, high } = meanInterval(values);
      if (values.length < runs.length || mean === null || low === null || high === null)
        return [Number.POSITIVE_INFINITY];
      const half = (high - low) / 2;
      return [half === 0 ? 0 : half / (goal.halfWidth * Math.abs(mean))];
    }),
  );
  return Math.max(0, ...ratios);
}

/** What is wrong with goals for a scenario with these mappings; null: nothing. */
export function unknownMapping(names: readonly FigureName[], mappings: readonly string[]): string | null {
  const wrong = names.find(({ mapping }) => mapping !== null && !mappings.includes(mapping));
  if (wrong?.mapping == null) return null;
  return `there is no mapping '${wrong.mapping}'${didYouMean(wrong.mapping, mappings)}`;
}
