import { isoTime } from '../kernel/calendar.ts';
import { SECOND } from '../kernel/time.ts';
import type { Overlay, RealMetric } from '../report/overlay.ts';
import type { Issue } from '../scenario/issue.ts';
import { didYouMean } from '../scenario/issue.ts';
import { commonDivisor } from '../scenario/row-period.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { FoundSeries } from './found.ts';
import { nothingFound } from './found.ts';
import { jsonTree } from './json-tree.ts';
import type { WantedMetrics } from './metrics.ts';
import { readMetrics } from './metrics.ts';
import { seriesPeriod } from './series-period.ts';
import { durationText } from './traffic.ts';
import { issueAt, sourceText, treesOf } from './tree.ts';
import { wholeSeries } from './whole-series.ts';

export type OverlayResult =
  | { readonly ok: true; readonly overlay: Overlay }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const COMPARABLE: WantedMetrics = {
  statistics: { IncomingRecords: 'Sum', IteratorAge: 'Maximum', 'GetRecords.IteratorAgeMilliseconds': 'Maximum' },
  otherwise:
    'nothing to compare a run with; expected IncomingRecords, as a Sum, or IteratorAge or GetRecords.IteratorAgeMilliseconds, as a Maximum',
};

/**
 * Reads an answer of CloudWatch's get-metric-data or get-metric-statistics as what was measured while a scenario's time
 * went by. Times are those of the wall: the scenario's `start` is its t = 0.
 */
export function readOverlay(
  { name, text }: { readonly name: string; readonly text: string },
  scenario: Scenario,
): OverlayResult {
  const source = sourceText(name, text.replace(/^\ufeff/, ''), '');
  const found = nothingFound();
  const read = jsonTree(source) ?? treesOf(source);
  if ('issue' in read) return { ok: false, issues: [read.issue] };
  const isAnswer = read.trees.map((tree) => readMetrics(tree, null, found, COMPARABLE)).includes(true);
  if (!isAnswer) {
    const message = 'no answer of get-metric-data or get-metric-statistics; expected MetricDataResults or Datapoints';
    return { ok: false, issues: [issueAt({ source, line: 1, column: 1, path: [] }, message)] };
  }
  const issues: Issue[] = [...found.errors];
  const metrics = ofWholeThings(found.traffic, issues).flatMap((series) => {
    const metric = realMetric(series, found.traffic, scenario);
    if (typeof metric !== 'string') return [metric];
    issues.push(issueAt(series.place, metric));
    return [];
  });
  if (metrics.length === 0 && issues.length === 0) {
    issues.push(...found.warnings.map((warning): Issue => ({ ...warning, severity: 'error' })));
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, overlay: { file: name, metrics } };
}

/** A line for each metric of a stream or function: those of single shards are no streams of their own. */
function ofWholeThings(all: readonly FoundSeries[], issues: Issue[]): FoundSeries[] {
  const things = new Map<string, FoundSeries[]>();
  for (const series of all) {
    const key = JSON.stringify([series.metric, series.about]);
    things.set(key, [...(things.get(key) ?? []), series]);
  }
  return [...things.values()].map((own) => {
    const said: Issue[] = [];
    const { series, points } = wholeSeries(own, said);
    // A shard that is left out is worth no warning here: the line of its stream holds it.
    issues.push(...said.filter(({ severity }) => severity === 'error'));
    return { ...series[0]!, points };
  });
}

/** Or what is wrong with it. */
function realMetric(series: FoundSeries, beside: readonly FoundSeries[], scenario: Scenario): RealMetric | string {
  const { metric, points } = series;
  const period = seriesPeriod(points, beside)?.period;
  if (period === undefined)
    return `${metric}: one value alone does not say how long its period is; expected two or more`;
  if (period % scenario.period !== 0) {
    return `${metric}: its periods of ${durationText(period)} are no whole number of the run's, ${durationText(scenario.period)}; run with --period ${durationText(period)}`;
  }
  const of = subject(series, scenario);
  if ('problem' in of) return of.problem;
  const end = scenario.start + scenario.duration + scenario.drain;
  const within = points.filter(({ at }) => at >= scenario.start && at < end);
  if (within.length === 0) {
    const [first, last] = [points[0]!, points.at(-1)!];
    return `${metric}: nothing of it lies in the run, which begins at ${isoTime(scenario.start)}; it goes from ${isoTime(first.at)} to ${isoTime(last.at)}; expected another start: --set start=${isoTime(first.at)}`;
  }
  const astray = within.find(({ at }) => (at - scenario.start) % scenario.period !== 0);
  if (astray !== undefined) {
    const into = (astray.at - scenario.start) % scenario.period;
    const smaller = durationText(commonDivisor(scenario.period, into));
    return `${metric}: its periods begin ${durationText(into)} into the run's, of ${durationText(scenario.period)}; run with --period ${smaller}, or with --set start=${isoTime(within[0]!.at)}`;
  }
  return {
    metric: metric as RealMetric['metric'],
    of: of.name,
    periodSeconds: period / SECOND,
    points: within.map(({ at, value }) => ({ fromSeconds: (at - scenario.start) / SECOND, value })),
  };
}

/** The stream or function that it is of: the one that its label names, or the only one. */
function subject({ metric, about }: FoundSeries, scenario: Scenario): { name: string } | { problem: string } {
  const what = metric === 'IteratorAge' ? 'function' : 'stream';
  const names = scenario[`${what}s`].map(({ name }) => name);
  const [only] = names;
  if (about !== null && names.includes(about)) return { name: about };
  if (names.length === 1) return { name: only! };
  const list = names.join(', ');
  if (about === null) {
    return {
      problem: `${metric}: which ${what} is this of? The run has ${list}; expected the name in the label, '${only} ${metric}'`,
    };
  }
  return { problem: `${metric}: the run has no ${what} ${about}; it has ${list}${didYouMean(about, names)}` };
}
