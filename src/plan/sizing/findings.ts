import { pathText } from '../../scenario/document.ts';
import type { JsonObject } from '../../scenario/scenario.ts';
import { lowerBound } from '../../statistics/clopper-pearson.ts';
import { replicationSeed } from '../replicating/replications.ts';
import type { Search, SearchParts } from './search.ts';
import type { NotSearched, Searched, SettingValue } from './searched.ts';
import { RANGES } from './searched.ts';
import type { SizedAnswer, SizedSettings, SizedStep, SizedVerdict, Sizing } from './sizing.ts';
import type { Point } from './variants.ts';

/** What a search has found so far. */
export interface PlanFindings {
  readonly search: Search;
  readonly today: Point;
  answer: Point | null;
  nearest: Point | null;
  readonly steps: { readonly index: number; readonly point: Point }[];
  readonly runnersUp: Point[];
  readonly moves: { readonly what: string; readonly point: Point; readonly search: Search }[];
  partial: boolean;
}

export interface SizingSurroundings {
  readonly parts: SearchParts;
  readonly notSearched: readonly NotSearched[];
  readonly growth: number;
  readonly headroom: number;
  readonly criterion: Sizing['criterion'];
  readonly head: Pick<Sizing, 'formatVersion' | 'tool' | 'scenario'>;
}

/** As plain data. */
export function tellSizing(findings: PlanFindings, around: SizingSurroundings): Sizing {
  const { parts, growth, headroom, criterion, head, notSearched } = around;
  const { search, answer, nearest, today, steps, runnersUp, moves, partial } = findings;
  const { searched, trials } = parts;
  const settings = (point: Point) => settingsOf(point, around, search);
  return {
    ...head,
    traffic: { growth, headroom, borne: search.judge.borne },
    criterion,
    currency: trials.currency,
    partial,
    answer: answer === null ? null : answerOf(answer, findings, around),
    nearest: nearest === null ? null : settings(nearest),
    today: settings(today),
    steps:
      answer === null
        ? []
        : steps.map(
            ({ index, point }): SizedStep => ({
              ...settings(point),
              path: pathText(searched[index]!.path),
              from: answer[index]!,
              to: point[index]!,
              isCheaper: search.cost(point) !== null && search.isCheaper(point, answer),
            }),
          ),
    runnersUp: runnersUp.map(settings),
    binds: answer === null ? [] : (trials.of(answer, search.judge.borne)[0]?.fullest ?? []),
    moves: moves.map(({ what, point, search: other }) => ({
      what,
      settings: answer === null ? {} : differences(answer, point, parts),
      costPerMonth: other.cost(point)!,
      runs: other.tally(point).of,
    })),
    searched: searched.map(({ path, today: now, values, isBisected, isNarrowed }) => ({
      path: pathText(path),
      today: now,
      from: values[0]!,
      to: values.at(-1)!,
      values: isBisected ? 'bisected' : values,
      edge:
        answer === null || !isNarrowed
          ? null
          : edgeOf(answer[searched.findIndex((one) => one.path === path)]!, { path, values }),
    })),
    notSearched,
    runs: trials.runs,
    settingsRun: trials.points(null).length,
    settingsRuledOut: search.ruledOut,
  };
}

/** Which end of the values that were asked for a value is, where there are others beyond it. */
function edgeOf(value: SettingValue, { path, values }: Pick<Searched, 'path' | 'values'>): 'least' | 'most' | null {
  const name = path[2];
  // One value alone is not searched.
  if (name === 'StreamMode' || values.length < 2) return null;
  const [least, most] = RANGES[name];
  if (value === values[0] && value !== least) return 'least';
  return value === values.at(-1) && value !== most ? 'most' : null;
}

function settingsOf(point: Point, { parts, criterion }: SizingSurroundings, search: Search): SizedSettings {
  return {
    settings: Object.fromEntries(parts.searched.map(({ path }, index) => [pathText(path), point[index]!])),
    costPerMonth: search.cost(point),
    verdict: verdictOf(point, parts, search, criterion.confidence),
  };
}

function verdictOf(point: Point, { scenario, trials }: SearchParts, search: Search, confidence: number): SizedVerdict {
  const breach = search.breach(point);
  if (breach !== null) {
    const { metric, expression } = scenario.thresholds[breach.threshold]!;
    return {
      kind: 'fails',
      metric,
      expression,
      value: breach.value,
      unit: trials.units[breach.threshold]!,
      seed: replicationSeed(scenario.seed, breach.number),
      load: breach.load,
    };
  }
  const why = search.shortfall(point);
  if (why !== null) return { kind: 'ruledOut', why };
  const { of } = search.tally(point);
  return of === 0 ? { kind: 'notRun' } : { kind: 'meets', runs: of, atLeast: lowerBound(of, of, confidence) };
}

function answerOf(point: Point, { search, today }: PlanFindings, around: SizingSurroundings): SizedAnswer {
  const { parts } = around;
  const { scenario, searched, trials } = parts;
  const { borne, paid } = search.judge;
  const costs = trials.of(point, paid).flatMap((trial) => (trial === undefined ? [] : [trial.cost]));
  const runs = trials.of(point, borne).filter((trial) => trial !== undefined);
  const changed = searched.filter(({ path }, index) => point[index] !== today[index] && !isIdle(point, path, parts));
  const chosen = (one: (typeof searched)[number]) => point[searched.indexOf(one)]!;
  const part: Record<string, Record<string, Record<string, SettingValue>>> = {};
  for (const one of changed) {
    const [section, owner, name] = one.path;
    part[section] ??= {};
    part[section][owner] ??= {};
    part[section][owner][name] = chosen(one);
  }
  return {
    ...settingsOf(point, around, search),
    set: changed.map((one) => `${pathText(one.path)}=${chosen(one)}`),
    part: part as JsonObject,
    costRange: { min: Math.min(...costs), max: Math.max(...costs) },
    thresholds: scenario.thresholds.map(({ metric, expression, operator }, index) => {
      const values = runs.map(({ values: all }) => all[index]!).filter((value) => value !== null);
      const worst = operator.startsWith('>') ? Math.min(...values) : Math.max(...values);
      const known = values.length === 0 ? null : worst;
      return { metric, expression, worst: known, unit: trials.units[index]! };
    }),
  };
}

/** The number of shards of a stream on demand. */
function isIdle(point: Point, path: readonly string[], { searched }: SearchParts): boolean {
  return (
    path[2] === 'ShardCount' &&
    searched.some(
      ({ path: other }, index) => other[1] === path[1] && other[2] === 'StreamMode' && point[index] === 'ON_DEMAND',
    )
  );
}

function differences(answer: Point, point: Point, { searched }: SearchParts): Record<string, SettingValue> {
  return Object.fromEntries(
    searched.flatMap(({ path }, index) => (answer[index] === point[index] ? [] : [[pathText(path), point[index]!]])),
  );
}
