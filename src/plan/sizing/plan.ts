import { unreachable } from '../../kernel/distribution.ts';
import { SECOND } from '../../kernel/time.ts';
import { VERSION } from '../../report/version.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { trialsToShow } from '../../statistics/clopper-pearson.ts';
import type { RunMany } from '../run-many.ts';
import { oneByOne } from '../run-many.ts';
import { Arithmetic } from './arithmetic.ts';
import { type PlanFindings, tellSizing } from './findings.ts';
import type { Judge } from './judge.ts';
import { looserBy } from './judge.ts';
import { PlanInputError } from './plan-input-error.ts';
import { SCREENING, Search, type SearchParts } from './search.ts';
import type { Searched, SettingValue } from './searched.ts';
import { searchedIn } from './searched.ts';
import type { Sizing } from './sizing.ts';
import { Interrupted, Trials } from './trials.ts';
import { type Point, Variants } from './variants.ts';
import { narrowed } from './within.ts';

export interface PlanOptions {
  /** Gives the bytes of a file that the scenario names, by its name as written. Needed only where it names one. */
  readonly readFile?: (name: string) => Uint8Array;
  /** So many times the traffic of every producer is what has to be paid for; above 0, by default 1. */
  readonly growth?: number;
  /** So much more than that, as a share of it, has to be borne, too: 0.3 for 30 %; by default 0. */
  readonly headroom?: number;
  /** Narrows what is searched: 'ShardCount=4..64', 'mappings.m.BatchSize=100,500', 'StreamMode=PROVISIONED'. */
  readonly within?: readonly string[];
  /** That at least 99 % of all runs meet the thresholds; between 0 and 1, by default 0.95. */
  readonly confidence?: number;
  /** Who runs the replications; by default `oneByOne()`. */
  readonly runMany?: RunMany;
}

/** Of all runs, those that have to meet the thresholds. */
const SHARE = 0.99;
const RUNNERS_UP = 3;
/** Of a cost: by so much one seed may show the dearer of two as the cheaper. */
const BY_CHANCE = 0.01;
const MOST_RIVALS = 6;

/**
 * Searches the settings of a scenario's streams, mappings and functions for the cheapest that meet its thresholds.
 *
 * Arithmetic rules out what cannot take, read or process what is offered; the rest is run, with the same seeds for every
 * setting. ShardCount and concurrency are bisected, all others looked at step by step, then two at once. The
 * answer meets every threshold in as many runs as show, by Clopper and Pearson's bound, that at least 99 % of all do; one
 * step of any setting that is cheaper does not.
 *
 * @returns the answer, what is next to it, what binds it and what would move it; no answer where none was found
 * @throws PlanInputError where the scenario has no thresholds, or an option does not fit it
 * @throws RunawayError, HandlerError as `simulate` does
 */
export async function plan(scenario: Scenario, options: PlanOptions = {}): Promise<Sizing> {
  const { growth = 1, headroom = 0, within = [], confidence = 0.95, runMany = oneByOne() } = options;
  if (!(growth > 0 && growth <= 1_000))
    throw new PlanInputError(`growth: expected more than 0 and at most 1000, got ${growth}`);
  if (!(headroom >= 0 && headroom <= 100))
    throw new PlanInputError(`headroom: expected from 0 to 100, got ${headroom}`);
  if (!(confidence > 0 && confidence < 1))
    throw new PlanInputError(`confidence: expected between 0 and 1, got ${confidence}`);
  if (scenario.thresholds.length === 0) {
    throw PlanInputError.atPath(
      ['thresholds'],
      "nothing says what has to be met; add for example thresholds: { IteratorAge: ['max < 60s'], records.lost: ['count == 0'] }",
    );
  }
  const { searched: all, notSearched } = searchedIn(scenario);
  const searched = narrowed(all, within);
  const variants = new Variants(scenario, searched, options.readFile ?? noFiles);
  const trials = new Trials(variants, runMany);
  const parts: SearchParts = { scenario, searched, variants, trials, arithmetic: new Arithmetic(), hard: [] };
  const judge: Judge = { borne: growth * (1 + headroom), paid: growth, looser: scenario.thresholds.map(() => 1) };
  const planner = new Planner(parts, judge, trialsToShow(SHARE, confidence));
  await planner.run();
  return tellSizing(planner.findings, {
    parts,
    notSearched,
    growth,
    headroom,
    criterion: { share: SHARE, confidence, runs: trialsToShow(SHARE, confidence) },
    head: {
      formatVersion: 1,
      tool: { name: 'shardclock', version: VERSION },
      scenario: {
        name: scenario.name,
        seed: scenario.seed,
        durationSeconds: scenario.duration / SECOND,
        sha256: scenario.source.sha256,
      },
    },
  });
}

function noFiles(name: string): Uint8Array {
  throw new Error(`no readFile was given for ${name}`);
}

/** Goes from what is known to the answer, and keeps what it has found when it is interrupted. */
class Planner {
  readonly #parts: SearchParts;
  readonly #search: Search;
  readonly #needed: number;
  readonly findings: PlanFindings;

  constructor(parts: SearchParts, judge: Judge, needed: number) {
    this.#parts = parts;
    this.#search = new Search(parts, judge);
    this.#needed = needed;
    const today = parts.searched.map((one) => one.today);
    this.findings = {
      search: this.#search,
      today,
      answer: null,
      nearest: null,
      steps: [],
      runnersUp: [],
      moves: [],
      partial: false,
    };
  }

  async run(): Promise<void> {
    try {
      await this.#find();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      this.findings.partial = true;
      const { answer } = this.findings;
      if (answer === null || this.#search.tally(answer).of < this.#needed) {
        this.findings.answer = this.#best(this.#passed()) ?? answer;
      }
    }
  }

  async #find(): Promise<void> {
    const { findings } = this;
    const { today } = findings;
    const search = this.#search;
    if (typeof this.#parts.variants.scenario(today, search.judge.borne) !== 'string')
      await search.passesRuns(today, SCREENING);
    // From where nothing is wanting, every step down that goes well is a saving; today's settings may stand anywhere.
    for (const start of [this.#generous('PROVISIONED'), this.#allowed(today), this.#generous('ON_DEMAND')]) {
      const { point, isReached } = await search.reach(start);
      if (isReached) {
        findings.nearest = null;
        findings.answer = point;
        findings.answer = await search.descend(point);
        await this.#settle(findings.answer);
        if (findings.answer !== null) await this.#settleByMeans(findings.answer);
        break;
      }
      findings.nearest ??= point;
    }
    if (findings.answer !== null) await this.#lookAround(findings.answer);
  }

  /** Until the best is confirmed, and none of its steps that are cheaper is. */
  async #settle(start: Point): Promise<void> {
    const { findings } = this;
    const search = this.#search;
    const explored = new Set<string>();
    const paired = new Set<string>();
    for (;;) {
      let best = this.#best(this.#passed());
      if (best === null) {
        // What had passed has failed since: from there on, with the seeds that showed it.
        const { point, isReached } = await search.reach(findings.answer ?? start);
        if (!isReached) {
          findings.answer = null;
          findings.nearest = point;
          return;
        }
        best = point;
      }
      findings.answer = best;
      const key = this.#keyWithoutSlots(best);
      if (!explored.has(key)) {
        explored.add(key);
        const lower = await search.withFewestSlots(await search.descend(best, { isNear: true }));
        if (lower !== best) continue;
      }
      if (!(await search.passes(best, this.#needed))) continue;
      if (!paired.has(key)) {
        paired.add(key);
        if ((await search.descendByPairs(best)) !== best) continue;
      }
      if ((await this.#cheaperStep(best)) === null) return;
    }
  }

  /**
   * One seed's costs have led here: of the settings that are little dearer in it, the one that costs least on average, if
   * less than these, and from there step by step.
   */
  async #settleByMeans(start: Point): Promise<void> {
    const { findings } = this;
    const search = this.#search;
    const bound = (1 + BY_CHANCE) * search.cost(start)!;
    const near = this.#parts.trials
      .points(search.judge.borne)
      .filter((point) => search.isAskedFor(point) && search.breach(point) === null && search.shortfall(point) === null)
      .filter((point) => (search.cost(point) ?? bound) < bound && search.isCheaper(start, point))
      .sort((a, b) => search.compare(a, b))
      .slice(0, MOST_RIVALS);
    const rivals: Point[] = [];
    for (const point of near) if (await search.passes(point, SCREENING)) rivals.push(point);
    await search.goByMeans(start, rivals);
    for (const point of rivals.sort((a, b) => search.compare(a, b))) {
      if (!search.isCheaper(point, start) || !(await search.passes(point, this.#needed))) continue;
      findings.answer = point;
      break;
    }
    for (;;) {
      const step = await this.#cheaperStep(findings.answer!);
      if (step === null) return;
      findings.answer = step;
    }
  }

  /** Settings that nothing known speaks against. */
  #passed(): Point[] {
    return this.#parts.trials.points(this.#search.judge.borne).filter((point) => this.#search.hasPassed(point));
  }

  #keyWithoutSlots(point: Point): string {
    const { searched } = this.#parts;
    return JSON.stringify(point.filter((_, index) => searched[index]!.path[2] !== 'ReservedConcurrentExecutions'));
  }

  /** A step of one setting that is cheaper and meets everything as surely. */
  async #cheaperStep(answer: Point): Promise<Point | null> {
    const search = this.#search;
    for (const index of this.#parts.searched.keys()) {
      for (const point of search.neighbours(answer, index)) {
        if (search.shortfall(point) !== null) continue;
        await search.passes(point, 1);
        if (!search.isCheaper(point, answer) || !(await search.passes(point, this.#needed))) continue;
        // More runs may have shown that it is not.
        if (search.isCheaper(point, answer)) return point;
      }
    }
    return null;
  }

  /** What stands beside the answer. */
  async #lookAround(answer: Point): Promise<void> {
    const { findings } = this;
    const search = this.#search;
    for (const index of this.#parts.searched.keys()) {
      for (const point of search.neighbours(answer, index)) {
        const isScenario = typeof this.#parts.variants.scenario(point, search.judge.borne) !== 'string';
        // Also what arithmetic rules out is run, so that it can be seen to fail; what is not cheaper need not.
        if (isScenario) await search.passesRuns(point, 1);
        if (isScenario && search.isCheaper(point, answer)) await search.passesRuns(point, SCREENING);
        findings.steps.push({ index, point });
      }
    }
    const shown = new Set([this.#keyWithoutSlots(answer)]);
    for (const point of this.#parts.trials.points(search.judge.borne).sort((a, b) => search.compare(a, b))) {
      if (findings.runnersUp.length === RUNNERS_UP) break;
      if (search.compare(point, answer) <= 0 || shown.has(this.#keyWithoutSlots(point))) continue;
      if (!search.isAskedFor(point)) continue;
      if (!(await search.passes(point, SCREENING))) continue;
      shown.add(this.#keyWithoutSlots(point));
      findings.runnersUp.push(point);
    }
    await search.goByMeans(answer, findings.runnersUp);
    findings.runnersUp.sort((a, b) => search.compare(a, b));
    await this.#move(answer);
  }

  /** The same search once more, with one thing less asked for. */
  async #move(answer: Point): Promise<void> {
    const { thresholds } = this.#parts.scenario;
    const { judge } = this.#search;
    const otherwise: [what: string, judge: Judge][] = thresholds.map((threshold, index) => {
      const factor = looserBy(threshold);
      const looser = judge.looser.map((own, other) => (other === index ? factor : own));
      const name = `${threshold.metric} ${threshold.expression}`;
      return [factor === null ? `without ${name}` : `${name} a quarter looser`, { ...judge, looser }];
    });
    if (judge.borne !== judge.paid) otherwise.push(['without headroom', { ...judge, borne: judge.paid }]);
    if (judge.paid !== 1) otherwise.push(['without growth', { ...judge, paid: 1, borne: judge.borne / judge.paid }]);
    for (const [what, other] of otherwise) {
      const search = new Search(this.#parts, other);
      if (!(await search.passes(answer, SCREENING))) continue;
      const point = await search.descend(answer, { isNear: true });
      await search.goByMeans(answer, [point]);
      this.findings.moves.push({ what, point, search });
    }
  }

  #best(points: readonly Point[]): Point | null {
    return points.reduce<Point | null>(
      (best, point) => (best === null || this.#search.compare(point, best) < 0 ? point : best),
      null,
    );
  }

  /** The nearest value that may be. */
  #allowed(point: Point): Point {
    return this.#parts.searched.map(({ values, path, isNarrowed }, index) => {
      const value = point[index]!;
      if (values.includes(value)) return value;
      if (value === null && path[2] === 'ReservedConcurrentExecutions') return isNarrowed ? values.at(-1)! : null;
      return nearestOf(values, value);
    });
  }

  /** Lanes, memory and slots as many as may be, so that only what is not a matter of these keeps it from meeting anything. */
  #generous(mode: 'PROVISIONED' | 'ON_DEMAND'): Point {
    return this.#parts.searched.map(({ path, values, today, isNarrowed }) => {
      switch (path[2]) {
        case 'ParallelizationFactor':
        case 'MemorySize':
          return values.at(-1)!;
        case 'StreamMode':
          return values.includes(mode) ? mode : values[0]!;
        case 'MaximumBatchingWindowInSeconds':
          return values[0]!;
        case 'ShardCount':
          return nearestOf(values, today);
        case 'BatchSize':
          return nearestOf(values, Math.max(100, Number(today)));
        case 'ReservedConcurrentExecutions':
          if (today === null) return isNarrowed ? values.at(-1)! : null;
          return nearestOf(values, Math.max(100, 10 * Number(today)));
        default:
          return unreachable(path[2]);
      }
    });
  }
}

function nearestOf(values: Searched['values'], wanted: SettingValue): SettingValue {
  if (typeof wanted !== 'number') return values.includes(wanted) ? wanted : values[0]!;
  const distance = (value: SettingValue) => Math.abs(Number(value) - wanted);
  return values.reduce((nearest, value) => (distance(value) < distance(nearest) ? value : nearest), values[0]!);
}
