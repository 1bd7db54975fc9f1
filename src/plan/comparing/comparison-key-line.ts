import { counted, list } from '../../report/words.ts';
import type { ComparedMetric } from './compared-metric.ts';
import { amount, change, ownName, relativeChange } from './comparison-words.ts';
import type { Pairing } from './pairing.ts';
import type { TooFewRuns } from './too-few-runs.ts';
import { tooFewRuns } from './too-few-runs.ts';

/** What matters most of a comparison: what of B is better or worse, by how much, and what it costs. */
export function keyLine({
  metrics,
  complete,
  pairing,
}: {
  readonly metrics: readonly ComparedMetric[];
  readonly complete: number;
  readonly pairing: Pairing;
}): string {
  if (complete === 0) return 'Nothing to compare: no run of each came to its end.';
  if (metrics.length === 0) return 'Nothing to compare: the results have no metric in common.';
  const compared = metrics.filter(({ difference }) => difference.mean !== null);
  const isSame = ({ a, b, difference }: ComparedMetric) =>
    difference.mean === 0 && !difference.standardError && a.count === b.count;
  const missing = metrics.filter(({ a, b }) => (a.count === 0) !== (b.count === 0));
  if (compared.every(isSame) && missing.length === 0) {
    return `A and B do the same: every figure is equal${complete === 1 || pairing.kind === 'none' ? '' : ' in every pair'}.`;
  }
  const few = tooFewRuns({ metrics, complete, pairing });
  return [complete === 1 ? single(compared) : judgement(compared, few, complete), ...missingWords(missing)].join(' ');
}

/** One run of each shows that there is a difference, not whose doing it is. */
function single(metrics: readonly ComparedMetric[]): string {
  const changed = metrics.filter(({ difference }) => difference.mean !== 0);
  if (changed.length === 0) return 'Every figure that both have is equal.';
  const cost = changed.find(isCost);
  const others = byWeight(changed.filter((metric) => !isCost(metric)));
  const first = [...others.slice(0, 2), ...(cost === undefined ? [] : [cost])].map((metric) => told(metric, metrics));
  const left = changed.length - first.length;
  const rest = left > 0 ? [`${counted(left, 'more figure')} not equal`] : [];
  return `One run of each, so nothing tells a difference from chance. B against A: ${list([...first, ...rest])}.`;
}

function judgement(metrics: readonly ComparedMetric[], few: TooFewRuns | null, complete: number): string {
  const of = (verdict: ComparedMetric['verdict']) =>
    byWeight(metrics.filter((metric) => metric.verdict === verdict && !isCost(metric)));
  const [better, worse] = [of('better'), of('worse')];
  const cost = costWords(metrics.find(isCost));
  if (better.length > 0 && worse.length > 0) {
    return `B is better in some, worse in others. Worse: ${leading(worse, metrics)}. Better: ${leading(better, metrics)}.${cost}`;
  }
  if (worse.length > 0) return `B is worse: ${leading(worse, metrics)}.${cost}`;
  if (better.length > 0) return `B is better: ${leading(better, metrics)}.${cost}`;
  const informational = of('informational');
  if (few !== null) {
    const large = byWeight(few.metrics);
    return `Too few runs to tell: ${leading(large, metrics)} may be chance in ${complete} runs of each; -n ${few.needed} is likely to show it.${cost}`;
  }
  const others = metrics.filter((metric) => !isCost(metric)).length - informational.length;
  const only =
    informational.length === 0 ? '' : `, but in ${leading(informational, metrics)}, neither better nor worse`;
  return `No difference shown in ${counted(others, 'metric')}${only}.${cost}`;
}

/** The first, and how many more there are. */
function leading(shown: readonly ComparedMetric[], all: readonly ComparedMetric[]): string {
  const [first, ...more] = shown as readonly [ComparedMetric, ...ComparedMetric[]];
  return more.length === 0 ? told(first, all) : `${told(first, all)} and ${more.length} more`;
}

/** 'IteratorAge p99 -62 % (1.11 s → 420 ms)'. */
function told(metric: ComparedMetric, all: readonly ComparedMetric[]): string {
  const { a, b, unit, difference, mapping } = metric;
  const several = new Set(all.map((one) => one.mapping).filter((name) => name !== null)).size > 1;
  const whose = several && mapping !== null ? ` of ${mapping}` : '';
  const by = relativeChange(metric) || change(difference.mean!, unit);
  return `${ownName(metric)}${whose} ${by} (${amount(a.mean!, unit)} → ${amount(b.mean!, unit)})`;
}

function costWords(cost: ComparedMetric | undefined): string {
  if (cost === undefined) return '';
  const { verdict, a, b, unit } = cost;
  if (verdict === 'no difference shown') return ' The cost: no difference shown.';
  if (verdict === 'not judged') return '';
  const by = relativeChange(cost);
  return ` B costs ${verdict === 'worse' ? 'more' : 'less'} a month: ${amount(a.mean!, unit)} → ${amount(b.mean!, unit)}${by === '' ? '' : ` (${by})`}.`;
}

function missingWords(missing: readonly ComparedMetric[]): string[] {
  return (['a', 'b'] as const).flatMap((side) => {
    const names = [...new Set(missing.filter((metric) => metric[side].count === 0).map(ownName))];
    return names.length === 0 ? [] : [`${side.toUpperCase()} has no samples of ${list(names)}.`];
  });
}

/** Lost records first, then what stands for how old data gets, then as they come. */
function byWeight(metrics: readonly ComparedMetric[]): ComparedMetric[] {
  const weight = (metric: ComparedMetric) => {
    const place = WEIGHTIEST.indexOf(ownName(metric));
    return place < 0 ? WEIGHTIEST.length : place;
  };
  return [...metrics].sort((one, other) => weight(one) - weight(other));
}

const WEIGHTIEST = [
  'records.lost count',
  'IteratorAge p99',
  'records.pending count',
  'IteratorAge max',
  'IteratorAge p50',
];

function isCost({ metric }: ComparedMetric): boolean {
  return metric === 'cost.month';
}
