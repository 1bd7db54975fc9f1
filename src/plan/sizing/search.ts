import { SECOND } from '../../kernel/time.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { Arithmetic } from './arithmetic.ts';
import type { Judge } from './judge.ts';
import { firstBreach, pressureOf } from './judge.ts';
import type { Searched, SettingValue } from './searched.ts';
import type { Trial, Trials } from './trials.ts';
import { keyOf, type Point, type Variants } from './variants.ts';

/** What searches of one plan share. */
export interface SearchParts {
  readonly scenario: Scenario;
  readonly searched: readonly Searched[];
  readonly variants: Variants;
  readonly trials: Trials;
  readonly arithmetic: Arithmetic;
  /** Replications that some setting failed in, the latest first: the next one is likely to. */
  readonly hard: number[];
}

/** A run that did not meet a threshold. */
export interface Breach {
  readonly number: number;
  readonly threshold: number;
  readonly value: number | null;
  readonly load: number;
}

/** Replications that a setting has to pass before it counts, until the answer is looked at more closely. */
export const SCREENING = 20;
/** The same for the steps on the way to it. */
const GLANCE = 6;
const MOST_HARD = 12;
/** As cheap: half a cent. */
const AS_CHEAP = 0.005;
const MOST_ROUNDS = 12;
const SLOTS = 'ReservedConcurrentExecutions';

/** Looks for the cheapest settings that meet what a judge asks. */
export class Search {
  readonly #parts: SearchParts;
  readonly judge: Judge;
  readonly #shortfalls = new Map<string, string | null>();
  /** By whose runs costs are means; null: they are those of the first run. */
  #measure: Point | null = null;

  constructor(parts: SearchParts, judge: Judge) {
    this.#parts = parts;
    this.judge = judge;
  }

  /** Nothing known speaks against it, and it has been looked at more than once. */
  hasPassed(point: Point): boolean {
    return (
      this.isAskedFor(point) &&
      this.breach(point) === null &&
      this.tally(point).of >= GLANCE &&
      this.shortfall(point) === null
    );
  }

  /** Whether each setting that is narrowed has one of its values; today's, which are run to be compared with, may have others. */
  isAskedFor(point: Point): boolean {
    return this.#parts.searched.every(
      ({ values, isNarrowed }, index) => !isNarrowed || values.includes(point[index]!) || this.#isIdle(point, index),
    );
  }

  /** What arithmetic, or the form of a scenario, has against a setting. */
  shortfall(point: Point): string | null {
    const { variants, arithmetic } = this.#parts;
    const key = keyOf(point, 0);
    const known = this.#shortfalls.get(key);
    if (known !== undefined) return known;
    const scenario = variants.scenario(point, this.judge.borne);
    const found = typeof scenario === 'string' ? scenario : arithmetic.shortfall(scenario, this.judge.borne);
    this.#shortfalls.set(key, found);
    return found;
  }

  /** How many settings arithmetic has ruled out. */
  get ruledOut(): number {
    return [...this.#shortfalls.values()].filter((why) => why !== null).length;
  }

  /**
   * Of a month with the traffic that is paid for, in the scenario's own seed, which soon finds the way; null: not known yet.
   * Once it goes by means, the mean over that seed and the next, as many as screening takes. What was not run with all of
   * them is taken to differ from the measure by what both differ in the first: most of chance is the same for both.
   */
  cost(point: Point): number | null {
    const first = this.#parts.trials.of(point, this.judge.paid)[0]?.cost ?? null;
    if (this.#measure === null || first === null) return first;
    const ofMeasure = this.#parts.trials.of(this.#measure, this.judge.paid)[0]!.cost;
    return this.#meanCost(point) ?? this.#meanCost(this.#measure)! + first - ofMeasure;
  }

  /** From now on costs are means, for which these settings are run as often as it takes. */
  async goByMeans(measure: Point, others: readonly Point[] = []): Promise<void> {
    const numbers = Array.from({ length: SCREENING }, (_, index) => index + 1);
    await this.#parts.trials.run(
      [measure, ...others].flatMap((point) => numbers.map((number) => ({ point, load: this.judge.paid, number }))),
    );
    this.#measure = measure;
  }

  #meanCost(point: Point): number | null {
    const costs = this.#parts.trials.of(point, this.judge.paid).slice(0, SCREENING);
    let sum = 0;
    for (let index = 0; index < SCREENING; index++) {
      const trial = costs[index];
      if (trial === undefined) return null;
      sum += trial.cost;
    }
    return sum / SCREENING;
  }

  /** The first run known that does not meet a threshold. */
  breach(point: Point): Breach | null {
    for (const load of this.#loads()) {
      for (const [index, trial] of this.#parts.trials.of(point, load).entries()) {
        if (trial === undefined) continue;
        const threshold = firstBreach(trial, this.#parts.scenario.thresholds, this.judge);
        if (threshold !== null) return { number: index + 1, threshold, value: trial.values[threshold]!, load };
      }
    }
    return null;
  }

  /** Runs at the traffic to be borne, and how many of them met every threshold. */
  tally(point: Point): { readonly met: number; readonly of: number } {
    const trials = this.#parts.trials.of(point, this.judge.borne).filter((trial) => trial !== undefined);
    const met = trials.filter((trial) => firstBreach(trial, this.#parts.scenario.thresholds, this.judge) === null);
    return { met: met.length, of: trials.length };
  }

  /** Whether a setting meets everything in so many replications; it ends with the first that does not. */
  async passes(point: Point, count: number): Promise<boolean> {
    if (this.shortfall(point) !== null) return false;
    return this.passesRuns(point, count);
  }

  /** The same whatever arithmetic says. */
  async passesRuns(point: Point, count: number): Promise<boolean> {
    const { trials, hard } = this.#parts;
    const { borne, paid } = this.judge;
    for (const [index, numbers] of portions(count, hard).entries()) {
      const both =
        index === 0 || (count > SCREENING && paid !== borne) ? numbers.filter((one) => one <= SCREENING) : [];
      await trials.run([
        ...numbers.map((number) => ({ point, load: borne, number })),
        ...both.map((number) => ({ point, load: paid, number })),
      ]);
      const breach = this.breach(point);
      if (breach === null) continue;
      if (breach.number > 1 && !hard.includes(breach.number)) hard.unshift(breach.number);
      return false;
    }
    return true;
  }

  /** A setting that meets what is asked, from one that may not, in the same stream modes; or what comes nearest to it. */
  async reach(start: Point): Promise<{ readonly point: Point; readonly isReached: boolean }> {
    let best = this.repaired(start);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (await this.passes(best, GLANCE)) return { point: best, isReached: true };
      let hasMoved = false;
      for (const [index, { isBisected, path }] of this.#parts.searched.entries()) {
        if (path[2] === 'StreamMode') continue;
        const candidates = this.#wide(best, index).filter((point) => this.shortfall(point) === null);
        for (const [place, point] of candidates.entries()) {
          await this.#firstRuns(isBisected ? [point] : candidates);
          // More of it would do as well, and cost more.
          if (isBisected && this.#pressure(point) <= 1) candidates.splice(place + 1);
        }
        const nearest = candidates.reduce(
          (least, point) => (this.#pressure(point) < this.#pressure(least) - 1e-9 ? point : least),
          best,
        );
        if (nearest === best) continue;
        best = nearest;
        hasMoved = true;
        if (this.#pressure(best) <= 1 && (await this.passes(best, GLANCE))) return { point: best, isReached: true };
      }
      if (!hasMoved) break;
    }
    return { point: best, isReached: false };
  }

  /** Cheaper and cheaper settings, as long as a step of one of them is one. @param isNear only the next steps are tried */
  async descend(start: Point, { isNear = false } = {}): Promise<Point> {
    let best = start;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      let hasImproved = false;
      for (const [index, { isBisected, path }] of this.#parts.searched.entries()) {
        if (path[2] === SLOTS) continue; // They cost nothing: how many it takes is a question of the end.
        const isWide = round === 0 && !isNear;
        const candidates = isBisected ? await this.#bisected(best, index, isWide) : this.#grid(best, index, isWide);
        const next = await this.#firstBetter(candidates, best);
        if (next === null) continue;
        best = next;
        hasImproved = true;
      }
      if (!hasImproved) break;
    }
    return best;
  }

  /** The fewest slots set aside with which it goes as well, and is as cheap. */
  async withFewestSlots(start: Point): Promise<Point> {
    let best = start;
    for (const [index, { path, isBisected }] of this.#parts.searched.entries()) {
      if (path[2] !== SLOTS) continue;
      const candidates = isBisected ? await this.#bisected(best, index, true) : this.#grid(best, index, true);
      best = (await this.#firstBetter(candidates, best)) ?? best;
    }
    return best;
  }

  /**
   * Two settings at once, where their costs alone let one expect something cheaper: a step of each, and of a mapping's own
   * any values. What larger batches save may take half of the lanes, and not the next number of them.
   */
  async descendByPairs(start: Point): Promise<Point> {
    const { searched } = this.#parts;
    const now = this.cost(start)!;
    const steps = searched.map(({ path }, index) => (path[2] === SLOTS ? [] : this.neighbours(start, index)));
    const values = searched.map(({ path }, index) =>
      path[0] === 'mappings' ? this.#grid(start, index, true) : steps[index]!,
    );
    await this.#firstRuns(values.flat().filter((point) => this.shortfall(point) === null));
    const gain = (point: Point) => (this.cost(point) ?? now) - now;
    const pairs: Point[] = [];
    for (const [i, { path }] of searched.entries()) {
      for (const [j, { path: otherPath }] of searched.entries()) {
        if (j <= i) continue;
        const isOneMapping = path[0] === 'mappings' && path[1] === otherPath[1];
        const from = isOneMapping ? values : steps;
        for (const one of from[i]!) {
          for (const other of from[j]!) {
            const [own, others] = [gain(one), gain(other)];
            if (isOneMapping ? own >= 0 && others >= 0 : own + others >= 0) continue;
            pairs.push(one.map((value, index) => (index === j ? other[j]! : value)));
          }
        }
      }
    }
    return (await this.#firstBetter(pairs, start)) ?? start;
  }

  /** One step down and one up. */
  neighbours(point: Point, index: number): Point[] {
    const { values } = this.#parts.searched[index]!;
    if (this.#isIdle(point, index)) return [];
    const place = values.indexOf(point[index]!);
    if (place < 0) return [];
    return [values[place - 1], values[place + 1]].flatMap((value) =>
      value === undefined ? [] : [this.#with(point, index, value)],
    );
  }

  /** Whether one is to be preferred: cheaper, else nearer to what is there today, else with fewer slots set aside. */
  compare(a: Point, b: Point): number {
    const difference = this.cost(a)! - this.cost(b)!;
    if (Math.abs(difference) > AS_CHEAP) return difference;
    return this.#changes(a) - this.#changes(b) || this.#slots(a) - this.#slots(b);
  }

  /** Cheaper by more than what is as cheap. */
  isCheaper(a: Point, b: Point): boolean {
    return this.cost(a)! < this.cost(b)! - AS_CHEAP;
  }

  /** The same with as many shards as arithmetic says it takes. */
  repaired(point: Point): Point {
    let repaired = point;
    for (const [index, { path }] of this.#parts.searched.entries()) {
      if (path[2] !== 'ShardCount' || this.#isIdle(point, index)) continue;
      const least = this.#leastPossible(repaired, index);
      const { values } = this.#parts.searched[index]!;
      if (least !== null && least > values.indexOf(repaired[index]!)) {
        repaired = this.#with(repaired, index, values[least]!);
      }
    }
    return repaired;
  }

  async #firstBetter(candidates: readonly Point[], best: Point): Promise<Point | null> {
    const possible = candidates.filter((point) => this.shortfall(point) === null);
    await this.#firstRuns(possible);
    const better = possible.filter((point) => this.compare(point, best) < 0).sort((a, b) => this.compare(a, b));
    for (const point of better) if (await this.passes(point, GLANCE)) return point;
    return null;
  }

  async #firstRuns(points: readonly Point[]): Promise<void> {
    await this.#parts.trials.run(this.#loads().flatMap((load) => points.map((point) => ({ point, load, number: 1 }))));
  }

  #loads(): number[] {
    return [...new Set([this.judge.borne, this.judge.paid])];
  }

  /** Every value, or those two steps away. */
  #grid(point: Point, index: number, isWide: boolean): Point[] {
    const { values } = this.#parts.searched[index]!;
    const place = values.indexOf(point[index]!);
    const near = values.filter((_, other) => other !== place && (isWide || place < 0 || Math.abs(other - place) <= 2));
    return near.map((value) => this.#with(point, index, value));
  }

  /**
   * The least value with which the point passes, and the two above it. Where a smaller one passed before, all of them are
   * halved; else the one below it says whether that is worth it.
   */
  async #bisected(point: Point, index: number, isWide: boolean): Promise<Point[]> {
    if (this.#isIdle(point, index)) return [];
    const { values, path } = this.#parts.searched[index]!;
    const at = (place: number) => this.#with(point, index, values[place]!);
    const least = this.#leastPossible(point, index);
    if (least === null) return [];
    let high = values.indexOf(point[index]!);
    if (high < 0) high = path[2] === SLOTS ? this.#mostUseful(point, index) : values.length - 1;
    if (path[2] === SLOTS) high = Math.min(high, Math.max(least, this.#mostUseful(point, index)));
    if (high <= least) return point[index] === values[least] ? [] : [at(least)];
    const passes = (place: number) => this.passes(at(place), GLANCE);
    if (point[index] === null && !(await passes(high))) return [];
    if (!isWide && point[index] !== null && !(await passes(high - 1)))
      return [high - 1, high + 1].filter((place) => place < values.length).map(at);
    const found = await leastThatPasses(least, high, passes);
    const saturation = this.#saturation(path);
    const more = path[2] === SLOTS && saturation !== null ? [values.indexOf(saturation)] : [];
    return [...new Set([found, found + 1, found + 2, high, ...more])]
      .filter((place) => place >= least && place < values.length)
      .map(at);
  }

  /** The first place with which arithmetic has nothing against the point; null: there is none. */
  #leastPossible(point: Point, index: number): number | null {
    const { values } = this.#parts.searched[index]!;
    const isPossible = (place: number) => this.shortfall(this.#with(point, index, values[place]!)) === null;
    // Doubling from below: what is far too large is as impossible as what is too small.
    let high = 0;
    while (high < values.length - 1 && !isPossible(high)) high = Math.min(values.length - 1, 2 * high + 1);
    if (!isPossible(high)) return null;
    let low = high === 0 ? -1 : Math.floor((high - 1) / 2);
    if (low >= 0 && isPossible(low)) return low;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (isPossible(middle)) high = middle;
      else low = middle;
    }
    return high;
  }

  /** Of slots: as many as there are lanes; more are never used. */
  #mostUseful(point: Point, index: number): number {
    const { searched, variants } = this.#parts;
    const { values, path } = searched[index]!;
    const scenario = variants.scenario(point, this.judge.borne);
    if (typeof scenario === 'string') return values.length - 1;
    let lanes = 0;
    for (const mapping of scenario.mappings) {
      if (mapping.function !== path[1]) continue;
      const stream = scenario.streams.find(({ name }) => name === mapping.stream)!;
      if (stream.mode === 'ON_DEMAND') return values.length - 1;
      lanes += stream.shards.length * mapping.mostLanes;
    }
    const place = values.findIndex((value) => (value as number) >= lanes);
    return place < 0 ? values.length - 1 : place;
  }

  /** Far apart, where nothing is known yet. */
  #wide(point: Point, index: number): Point[] {
    const { values, isBisected, path } = this.#parts.searched[index]!;
    if (this.#isIdle(point, index)) return [];
    if (!isBisected) return this.#grid(point, index, true);
    const least = this.#leastPossible(point, index) ?? 0;
    const places: number[] = [];
    for (let step = 1; least + step - 1 < values.length && step <= FARTHEST; step *= 2) places.push(least + step - 1);
    const saturation = this.#saturation(path);
    if (saturation !== null) places.push(values.indexOf(saturation));
    return [...new Set(places)].filter((place) => place >= 0).map((place) => this.#with(point, index, values[place]!));
  }

  #saturation(path: Searched['path']): number | null {
    if (path[2] !== SLOTS) return null;
    return this.#parts.scenario.functions.find(({ name }) => name === path[1])?.duration.saturation?.at ?? null;
  }

  #pressure(point: Point): number {
    if (this.shortfall(point) !== null) return Number.POSITIVE_INFINITY;
    const { thresholds } = this.#parts.scenario;
    const trials = this.#loads()
      .flatMap((load) => this.#parts.trials.of(point, load))
      .filter((trial): trial is Trial => trial !== undefined);
    if (trials.length === 0) return Number.POSITIVE_INFINITY;
    const ofTrial = (trial: Trial) =>
      thresholds.reduce((most, threshold, index) => {
        const factor = this.judge.looser[index]!;
        return factor === null ? most : Math.max(most, pressureOf(threshold, trial.values[index]!, factor));
      }, 0);
    return Math.max(...trials.map(ofTrial));
  }

  /** A stream that changes its mode gets the shards that it takes; on demand it begins with those of today. */
  #with(point: Point, index: number, value: SettingValue): Point {
    const { searched } = this.#parts;
    const changed = point.map((old, other) => (other === index ? value : old));
    const { path } = searched[index]!;
    if (path[2] !== 'StreamMode') return changed;
    const shards = searched.findIndex((other) => other.path[1] === path[1] && other.path[2] === 'ShardCount');
    if (shards < 0) return changed;
    const today = searched[shards]!.today;
    const count = value === 'ON_DEMAND' ? today : (today ?? searched[shards]!.values[0]!);
    const begun = changed.map((old, other) => (other === shards ? count : old));
    return value === 'ON_DEMAND' ? begun : this.repaired(begun);
  }

  /** On demand, the number of shards is the stream's own business. */
  #isIdle(point: Point, index: number): boolean {
    const { searched } = this.#parts;
    const { path } = searched[index]!;
    if (path[2] !== 'ShardCount') return false;
    const mode = searched.findIndex((other) => other.path[1] === path[1] && other.path[2] === 'StreamMode');
    return mode >= 0 && point[mode] === 'ON_DEMAND';
  }

  #slots(point: Point): number {
    return this.#parts.searched.reduce(
      (sum, { path }, index) => (path[2] === SLOTS ? sum + ((point[index] as number | null) ?? SECOND) : sum),
      0,
    );
  }

  #changes(point: Point): number {
    // Without slots set aside, it is not within bounds that were given for them.
    const isKept = ({ today, isNarrowed }: Searched, index: number) =>
      today === point[index] && !(today === null && isNarrowed);
    return this.#parts.searched.filter((one, index) => !isKept(one, index)).length;
  }
}

const FARTHEST = 64;

/**
 * The least place from `low` to `high` that passes, if none below one that fails does; `high` passes.
 */
export async function leastThatPasses(
  low: number,
  high: number,
  passes: (place: number) => Promise<boolean>,
): Promise<number> {
  let [fails, good] = [low - 1, high];
  while (good - fails > 1) {
    const middle = (fails + good) >> 1;
    if (await passes(middle)) good = middle;
    else fails = middle;
  }
  return good;
}

/** Replications in the order in which they are run: the first, those that were hard for others, the next ones, more and more. */
function portions(count: number, hard: readonly number[]): number[][] {
  const seen = new Set<number>();
  const ends = [1, 0, GLANCE, SCREENING, 60, 140, 300, Number.POSITIVE_INFINITY];
  return ends.flatMap((end) => {
    const numbers =
      end === 0 ? hard.slice(0, MOST_HARD) : Array.from({ length: Math.min(end, count) }, (_, i) => i + 1);
    const fresh = numbers.filter((number) => !seen.has(number));
    for (const number of fresh) seen.add(number);
    return fresh.length === 0 ? [] : [fresh];
  });
}
