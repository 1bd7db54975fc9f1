import { counted, list, seconds, whole } from '../../report/words.ts';
import type { JsonValue } from '../../scenario/scenario.ts';
import { settingWord } from '../setting-words.ts';
import { type ComparedMetric, isJudged } from './compared-metric.ts';
import type { ComparedSide, Comparison } from './comparison.ts';
import { amount, change, ownName, relativeChange } from './comparison-words.ts';
import type { JudgedCondition } from './condition.ts';
import { tooFewRuns } from './too-few-runs.ts';

const MOST_SETTINGS = 30;
const LONGEST_VALUE = 40; // characters

/** 'A  Orders, seed 42, 30 m', and what B is. */
export function sideWords({ a, b }: Comparison): string[] {
  const words = ({ name, seed, durationSeconds }: ComparedSide) => `${name}, seed ${seed}, ${seconds(durationSeconds)}`;
  return [
    `A  ${words(a)}`,
    `B  ${words(b)}`,
    ...(
      [
        ['A', a],
        ['B', b],
      ] as const
    ).flatMap(([side, { ownMappings }]) =>
      ownMappings.length === 0 ? [] : [`Only in ${side}, and not compared: ${list(ownMappings)}`],
    ),
  ];
}

/** Which runs stand beside which. */
export function pairingWords({ pairing: { kind, because, sameTotals }, asked, complete }: Comparison): string {
  const pairs = asked === 1 ? 'One run of each' : counted(complete, 'pair of runs', 'pairs of runs');
  switch (kind) {
    case 'records':
      return `${pairs}, ${asked === 1 ? '' : 'each pair '}on the same records: seed, producers and hash-key ranges are the same.`;
    case 'seed': {
      const what = sameTotals
        ? 'the same number of records in every second, in other shards'
        : 'the same seed only, so the records differ';
      return `${pairs}, ${asked === 1 ? '' : 'each pair '}with ${what}: ${list(because.slice(0, 5))}${because.length > 5 ? ' and more' : ''}.`;
    }
    case 'none':
      return asked === 1
        ? 'One run of each, not paired: their seeds differ, and the records with them.'
        : `${counted(complete, 'run')} of each, not paired: their seeds differ, and the records with them.`;
  }
}

export function partialWords({ partial, complete, asked }: Comparison): string[] {
  if (!partial || asked === 1) return [];
  return [`Interrupted: ${whole(complete)} of ${whole(asked)} pairs ran to their end, which is what follows.`];
}

/** Path and both values. */
export function settingRows({ settings }: Comparison): [path: string, a: string, b: string][] {
  return settings.slice(0, MOST_SETTINGS).map(({ path, a, b }) => [path, valueWords(a), valueWords(b)]);
}

/** How many more there are. */
export function settingsLeft({ settings }: Comparison): number {
  return Math.max(0, settings.length - MOST_SETTINGS);
}

function valueWords(value: JsonValue | undefined): string {
  if (value === undefined) return '–';
  const text = settingWord(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}

export interface TableRow {
  /** Name, A, B, difference, half of its interval, share of A. */
  readonly cells: readonly [string, string, string, string, string, string];
  readonly verdict: ComparedMetric['verdict'];
  /** Large, but not told from chance by so few runs. */
  readonly isUndecided: boolean;
}

/** What people read of it; the sign is coloured where there are colours. */
export const VERDICT_WORDS: Readonly<Record<ComparedMetric['verdict'], string>> = {
  better: '✓ better',
  worse: '✗ worse',
  informational: 'differs',
  'no difference shown': 'no difference shown',
  'not judged': '',
};

/** In place of 'no difference shown', where the difference is large; a terminal has room for the sign alone. */
export const TOO_FEW_WORDS = '? too few runs';

export interface MetricGroup {
  readonly title: string;
  /** What is shown or not judged, then, of which no difference is shown. */
  readonly told: readonly TableRow[];
  /** What takes one line together: equal in every run, without samples. */
  readonly left: readonly string[];
}

/** Those of each mapping, then those of the whole run. */
export function metricGroups(comparison: Comparison): MetricGroup[] {
  const { metrics, asked, pairing } = comparison;
  const undecided = tooFewRuns(comparison)?.metrics ?? [];
  const row = (metric: ComparedMetric) => rowOf(metric, undecided.includes(metric));
  const groups = new Map<string, ComparedMetric[]>();
  for (const metric of metrics) {
    const title = metric.mapping ?? 'Whole run';
    groups.set(title, [...(groups.get(title) ?? []), metric]);
  }
  return [...groups].map(([title, all]) => {
    const compared = all.filter(({ difference }) => difference.mean !== null);
    const told = compared.filter((metric) => !isSame(metric));
    const same = compared.filter(isSame);
    const zero = same.filter(({ a }) => a.min === 0 && a.max === 0);
    const others = same.filter((metric) => !zero.includes(metric));
    const where = asked === 1 ? '' : pairing.kind === 'none' ? ' in every run' : ' in every pair';
    const line = (words: string, of: readonly ComparedMetric[]) =>
      of.length === 0 ? [] : [`${words}: ${of.map(ownName).join(', ')}`];
    return {
      title,
      told: [
        ...told.filter(({ verdict }) => verdict !== 'no difference shown'),
        ...told.filter(({ verdict }) => verdict === 'no difference shown'),
      ].map(row),
      left: [
        ...fewerSamples(told, comparison),
        ...line(`The same${where}`, others),
        ...line(`0${asked === 1 ? ' in both' : ' in every run'}`, zero),
        ...(['a', 'b'] as const).flatMap((side) =>
          line(
            `No samples in ${side.toUpperCase()}`,
            all.filter((metric) => metric[side].count === 0 && metric[side === 'a' ? 'b' : 'a'].count > 0),
          ),
        ),
        ...line(
          'No samples in either',
          all.filter(({ a, b }) => a.count === 0 && b.count === 0),
        ),
      ],
    };
  });
}

/** Of which means and intervals are of fewer runs than there are. */
function fewerSamples(told: readonly ComparedMetric[], { complete, pairing }: Comparison): string[] {
  const groups = new Map<string, string[]>();
  for (const metric of told) {
    const { a, b } = metric;
    if (Math.min(a.count, b.count) >= complete) continue;
    const of = `of ${counted(complete, pairing.kind === 'none' ? 'run' : 'pair')}`;
    const often = a.count === b.count ? whole(a.count) : `${whole(a.count)} (A) and ${whole(b.count)} (B)`;
    const words = `Samples in ${often} ${of} only`;
    groups.set(words, [...(groups.get(words) ?? []), ownName(metric)]);
  }
  return [...groups].map(([words, names]) => `${words}: ${names.join(', ')}`);
}

function isSame({ difference: { mean, standardError } }: ComparedMetric): boolean {
  return mean === 0 && !standardError;
}

function rowOf(metric: ComparedMetric, isUndecided: boolean): TableRow {
  const { a, b, difference, unit, verdict } = metric;
  const { mean, low, high } = difference;
  const half = low === null || high === null ? '' : `± ${amount((high - low) / 2, unit, 2)}`;
  return {
    cells: [
      ownName(metric),
      amount(a.mean!, unit),
      amount(b.mean!, unit),
      change(mean!, unit),
      half,
      relativeChange(metric),
    ],
    verdict,
    isUndecided,
  };
}

export function thresholdWords({ a, b, complete }: Comparison): string[] {
  if (a.thresholdsMet === null && b.thresholdsMet === null) return [];
  const words = ({ thresholdsMet }: ComparedSide) =>
    thresholdsMet === null
      ? 'has none'
      : complete === 1
        ? thresholdsMet === 1
          ? 'met all'
          : 'did not meet all'
        : `met all in ${whole(thresholdsMet)} of ${counted(complete, 'run')}`;
  return [`Thresholds: A ${words(a)}, B ${words(b)}.`];
}

/** How to read the figures. */
export function explanation(comparison: Comparison): string[] {
  const { asked, complete, pairing, metrics } = comparison;
  if (complete === 0 || metrics.length === 0) return [];
  if (asked === 1)
    return [
      'One run of each: differences without intervals, and none is judged; that takes several runs of a scenario.',
    ];
  if (complete === 1) return ['One pair: differences without intervals, and none is judged.'];
  if (metrics.every(isSame)) return [];
  const law = pairing.kind === 'none' ? "Welch's t" : "Student's t, in pairs";
  const judged = metrics.filter(isJudged).length;
  const isCertain = metrics.some(
    ({ verdict, difference: { mean, standardError } }) =>
      verdict === 'no difference shown' && mean !== 0 && standardError === 0,
  );
  const few = tooFewRuns(comparison);
  return [
    ...(few === null
      ? []
      : [
          `?: the difference is large, but ${whole(complete)} runs of each do not tell it from chance; -n ${few.needed} is likely to.`,
        ]),
    ...(isCertain
      ? [`± 0: the difference is the same each time, which ${whole(complete)} runs are too few to rely on.`]
      : []),
    `±: half of the 95 % confidence interval of the mean difference (${law}).`,
    `A verdict on any of the ${counted(judged, 'metric')} is chance in at most 5 % of all comparisons (Holm), so that an interval without 0 may still show no difference.`,
  ];
}

/** 'fail on IteratorAge.p99 worse: true'. */
export function conditionWords({ kind, expression, holds }: JudgedCondition): string {
  return `${kind} on ${expression.trim()}: ${holds ? 'true' : 'not true'}`;
}
