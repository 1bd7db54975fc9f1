import type { Scenario } from '../../scenario/scenario.ts';
import { scenarioOfReplication } from '../replicating/replications.ts';
import type { RunMany } from '../run-many.ts';
import { oneByOne } from '../run-many.ts';
import { settingNames, settingsText } from '../setting-words.ts';
import type { Grid } from './grid.ts';
import type { PrecisionGoal } from './precision.ts';
import { unknownMapping } from './precision.ts';
import type { PartNumber, RunPlace } from './sweep-design.ts';
import { designOf, replicationsOfPoint, runsByPoint, wantedRuns } from './sweep-design.ts';
import type { SweepPart } from './sweep-part.ts';
import type { Sweep } from './sweep-result.ts';
import { summariseSweep } from './sweep-result.ts';
import type { RunFigures, SweptRun } from './swept-run.ts';
import { runFiguresOf } from './swept-run.ts';

export interface SweepOptions {
  /**
   * How many runs of each point, a whole number from 1; default 10. With `until` at most so many; default 100.
   */
  readonly replications?: number;
  /** Goals that end the runs of a point once all are met, at 10 replications the soonest. */
  readonly until?: readonly PrecisionGoal[];
  /** Who runs them; by default `oneByOne()`. */
  readonly runMany?: RunMany;
  /** What remembers runs from one sweep to the next. */
  readonly memory?: RunMemory;
}

/** Remembers what runs said. What it recalls must be what it was given for the same scenario, seed included. */
export interface RunMemory {
  readonly recall: (scenario: Scenario) => RunFigures | null;
  readonly keep: (scenario: Scenario, figures: RunFigures) => void;
}

/** A run of a sweep failed: `message` says which and why; `cause` is what was thrown. */
export class SweepError extends Error {
  override readonly name = 'SweepError';

  constructor(which: string, cause: unknown) {
    super(`${which}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const DEFAULT_REPLICATIONS = 10;
const DEFAULT_MOST_REPLICATIONS = 100;

/**
 * Runs a scenario at every point of a grid, replication i with the same seed at each of them (common random numbers). The
 * same grid and options give the same result, whoever runs what beside what, in parts or after an interruption.
 *
 * @returns for each point means with 95 % confidence intervals (Student's t), and how many runs met each threshold
 * @throws RangeError where an option is out of its range, or a goal names a mapping that there is not
 * @throws SweepError where a run throws as `simulate` does
 */
export async function sweep(grid: Grid, options: SweepOptions = {}): Promise<Sweep> {
  return summariseSweep(await sweepPart(grid, { ...options, part: WHOLE }));
}

/**
 * Runs one part of a sweep, to be joined with the others by `mergeParts`: every n-th run, or with goals the runs of every
 * n-th point.
 *
 * @throws as `sweep` does
 */
export async function sweepPart(grid: Grid, options: SweepOptions & { readonly part: PartNumber }): Promise<SweepPart> {
  const { part, until = [], runMany = oneByOne(), memory } = options;
  const { replications = until.length > 0 ? DEFAULT_MOST_REPLICATIONS : DEFAULT_REPLICATIONS } = options;
  checkOptions(grid, { replications, until, part });
  const design = designOf(grid, { replications, until });
  const names = settingNames(design.axes.map(({ path }) => path));
  const scenarioAt = ({ point, number }: RunPlace) => scenarioOfReplication(grid.points[point]!.scenario, number);
  let runs: SweptRun[] = [];
  let isInterrupted = false;
  while (!isInterrupted) {
    const wanted = wantedRuns(design, part, runs);
    if (wanted.length === 0) break;
    const missing: RunPlace[] = [];
    for (const place of wanted) {
      const known = memory?.recall(scenarioAt(place)) ?? null;
      if (known === null) missing.push(place);
      else runs.push({ ...place, ...known });
    }
    let ended = 0;
    const which = () => {
      const place = missing[Math.min(ended, missing.length - 1)]!;
      return `${settingsText(names, design.points[place.point]!.values)}, seed ${scenarioAt(place).seed}`;
    };
    try {
      for await (const summary of missing.length === 0 ? [] : runMany(each(missing, scenarioAt))) {
        const place = missing[ended]!;
        const figures = runFiguresOf(summary);
        // One that was cut short says nothing that another such run would say.
        if (figures.partial) isInterrupted = true;
        else {
          runs.push({ ...place, ...figures });
          memory?.keep(scenarioAt(place), figures);
        }
        ended++;
      }
    } catch (error) {
      throw new SweepError(which(), error);
    }
    isInterrupted ||= ended < missing.length;
  }
  // What was run beyond the replication that met the goals does not count.
  runs = runsByPoint(design, runs).flatMap((some) =>
    until.length === 0 ? some : some.slice(0, replicationsOfPoint(design, some) ?? some.length),
  );
  return { formatVersion: 1, kind: 'sweep part', part, partial: isInterrupted, design, runs };
}

const WHOLE: PartNumber = { number: 1, of: 1 };

function* each<T, U>(items: Iterable<T>, of: (item: T) => U): Generator<U, void> {
  for (const item of items) yield of(item);
}

function checkOptions(
  { points }: Grid,
  { replications, until, part }: Required<Pick<SweepOptions, 'replications' | 'until'>> & { readonly part: PartNumber },
): void {
  if (!Number.isSafeInteger(replications) || replications < 1)
    throw new RangeError(`replications: expected a whole number from 1, got ${replications}`);
  if (!Number.isSafeInteger(part.of) || !Number.isSafeInteger(part.number) || part.number < 1 || part.number > part.of)
    throw new RangeError(`part: expected a whole number from 1 to ${part.of}, got ${part.number}`);
  const wrong = points.map(({ scenario }) =>
    unknownMapping(
      until,
      scenario.mappings.map(({ name }) => name),
    ),
  );
  const problem = wrong.find((one) => one !== null);
  if (problem !== undefined) throw new RangeError(`until: ${problem}`);
}
