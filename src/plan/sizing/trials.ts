import type { Summary } from '../../report/summary.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { withSeed } from '../../scenario/source.ts';
import { replicationSeed } from '../replicating/replications.ts';
import type { RunMany } from '../run-many.ts';
import type { Variants } from './variants.ts';
import { keyOf, type Point } from './variants.ts';

/** What is kept of one run. */
export interface Trial {
  /** Of a month. */
  readonly cost: number;
  /** Of the thresholds, in their order; times in seconds. */
  readonly values: readonly (number | null)[];
  readonly isMet: readonly boolean[];
  readonly fullest: readonly Fullest[];
}

/** The limit of a stream or a mapping that a run came nearest to (M3a). */
export interface Fullest {
  readonly of: string;
  readonly limit: string;
  /** Of its worst shard, 1 for all of it: over the run, and in the fullest period. */
  readonly share: number;
  readonly peak: number;
}

/** A run that is wanted: the settings, how much traffic, and which replication, from 1. */
export interface Wanted {
  readonly point: Point;
  readonly load: number;
  readonly number: number;
}

/** The runs were interrupted: what is known is all there will be. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Runs each setting, traffic and seed once, however often it is wanted. */
export class Trials {
  readonly #variants: Variants;
  readonly #runMany: RunMany;
  readonly #known = new Map<string, { readonly point: Point; readonly load: number; readonly row: Trial[] }>();
  #runs = 0;
  /** Of the prices that costs are by. */
  currency = 'USD';
  /** Of each threshold: 's', 'count', 'bytes' or a currency. */
  units: readonly string[] = [];

  constructor(variants: Variants, runMany: RunMany) {
    this.#variants = variants;
    this.#runMany = runMany;
  }

  /** How many runs have been made. */
  get runs(): number {
    return this.#runs;
  }

  of(point: Point, load: number): readonly (Trial | undefined)[] {
    return this.#known.get(keyOf(point, load))?.row ?? [];
  }

  /** Settings that have been run with some traffic; null: with any. */
  points(load: number | null): Point[] {
    const all = [...this.#known.values()].filter((one) => load === null || one.load === load);
    return [...new Map(all.map(({ point }) => [keyOf(point, 0), point])).values()];
  }

  /**
   * Every one of these is run, or was before.
   *
   * @throws Interrupted where the runs end before that
   */
  async run(wanted: readonly Wanted[]): Promise<void> {
    const missing = wanted.filter(({ point, load, number }) => this.of(point, load)[number - 1] === undefined);
    const todo = [...new Map(missing.map((one) => [`${keyOf(one.point, one.load)} ${one.number}`, one])).values()];
    if (todo.length === 0) return;
    let done = 0;
    for await (const summary of this.#runMany(this.#scenarios(todo))) {
      const { point, load, number } = todo[done]!;
      if (summary.partial) break;
      const key = keyOf(point, load);
      const known = this.#known.get(key) ?? { point, load, row: [] };
      known.row[number - 1] = trialOf(summary);
      this.#known.set(key, known);
      this.currency = summary.cost!.currency;
      this.units = summary.thresholds.map(({ unit }) => unit);
      this.#runs++;
      done++;
    }
    if (done < todo.length) throw new Interrupted('the runs were interrupted');
  }

  *#scenarios(wanted: readonly Wanted[]): Generator<Scenario, void> {
    for (const { point, load, number } of wanted) {
      const scenario = this.#variants.scenario(point, load);
      if (typeof scenario === 'string') throw new Error(scenario);
      yield withSeed(scenario, replicationSeed(scenario.seed, number));
    }
  }
}

function trialOf({ thresholds, cost, streams, mappings }: Summary): Trial {
  if (cost === undefined) throw new Error('a run without its cost');
  const nearest = (of: string, { bindsFirst, ...limits }: { readonly bindsFirst: string | null }): Fullest[] => {
    const load =
      bindsFirst === null ? undefined : (limits as Record<string, { worst: number; peak: number } | null>)[bindsFirst];
    return load === undefined || load === null ? [] : [{ of, limit: bindsFirst!, share: load.worst, peak: load.peak }];
  };
  return {
    cost: cost.perMonth,
    values: thresholds.map(({ value }) => value),
    isMet: thresholds.map(({ ok }) => ok),
    fullest: [
      ...Object.entries(streams).flatMap(([name, { utilization }]) => nearest(`streams.${name}`, utilization)),
      ...Object.entries(mappings).flatMap(([name, { utilization }]) => nearest(`mappings.${name}`, utilization)),
    ],
  };
}
