import { A_PART } from '../scenario/cloudwatch.ts';
import type { Issue } from '../scenario/issue.ts';
import { wallTimeOf } from '../scenario/wall-time.ts';
import type { Found, FoundSeries, SeriesPoint, Statistic } from './found.ts';
import type { ListTree, Tree } from './tree.ts';
import { at, entriesOf, issueAt, itemsOf, textOf } from './tree.ts';

/** Which metrics are read, by AWS's name, each as this statistic. */
export interface WantedMetrics {
  readonly statistics: Readonly<Record<string, Statistic>>;
  /** What is said of the others. */
  readonly otherwise: string;
}

/** What says how much traffic there is. */
const TRAFFIC: WantedMetrics = {
  statistics: { IncomingRecords: 'Sum', IncomingBytes: 'Sum' },
  otherwise: 'no traffic of a stream; expected IncomingRecords, as a Sum',
};

/** Reads CloudWatch's get-metric-data or get-metric-statistics into `found`. False where the tree is neither. */
export function readMetrics(tree: Tree, about: string | null, found: Found, wanted = TRAFFIC): boolean {
  const results = at(tree, 'MetricDataResults');
  const datapoints = at(tree, 'Datapoints');
  if (results?.kind === 'list') readResults({ tree, results, about }, wanted, found);
  else if (datapoints?.kind === 'list') readDatapoints({ tree, results: datapoints, about }, wanted, found);
  else return false;
  return true;
}

interface Answer {
  readonly tree: Tree;
  readonly results: ListTree;
  readonly about: string | null;
}

function readResults({ tree, results, about }: Answer, wanted: WantedMetrics, found: Found): void {
  const names = Object.keys(wanted.statistics);
  const token = at(tree, 'NextToken');
  if (token !== undefined && textOf(token) !== null) found.errors.push(partIssue(token, 'NextToken'));
  refuseMessages(tree, found);
  const labels = results.items.map((result) => textOf(at(result, 'Label')) ?? textOf(at(result, 'Id')) ?? '');
  const before = found.traffic.length;
  let isOther = false;
  for (const [index, result] of results.items.entries()) {
    const label = labels[index]!;
    const id = textOf(at(result, 'Id')) ?? '';
    const metric = names.find((name) => label.split(/[^\w.]+/).includes(name)) ?? names.find((name) => id === name);
    if (metric === undefined) continue;
    const statistic = STATISTIC.exec(label)?.[0] ?? wanted.statistics[metric]!;
    if (statistic !== wanted.statistics[metric]) {
      const message = `${label}: it is said to be of the statistic ${statistic}; expected ${wanted.statistics[metric]}`;
      found.warnings.push(issueAt(result.place, message, 'warning'));
      isOther = true;
      continue;
    }
    refuseIncomplete(result, found);
    const times = itemsOf(at(result, 'Timestamps'));
    const values = itemsOf(at(result, 'Values'));
    const points = pointsOf(
      times.map((time, i) => [time, values[i]] as const),
      found,
    );
    const isOnly = labels.filter((one) => one === label).length === 1;
    if (points.length === 0) found.warnings.push(issueAt(result.place, `${label} has no values`, 'warning'));
    else {
      found.traffic.push({
        ...{
          place: result.place,
          metric,
          statistic: wanted.statistics[metric]!,
          shard: SHARD.exec(label)?.[1] ?? null,
          label: isOnly ? label : id,
          points,
          isReadable: tree.place.path.length === 0,
        },
        // 'orders IncomingRecords' is what CloudWatch itself calls one of several.
        about: about ?? streamIn(label, metric),
      });
    }
  }
  if (found.traffic.length > before || isOther) return;
  const message =
    results.items.length === 0
      ? 'no metric in it; expected IncomingRecords'
      : `${[...new Set(labels)].join(', ')}: ${wanted.otherwise}`;
  found.warnings.push(issueAt((results.items[0] ?? results).place, message, 'warning'));
}

/** A message is of something that went wrong, and the rest is there all the same. */
function refuseMessages(holder: Tree, found: Found): void {
  for (const message of itemsOf(at(holder, 'Messages'))) {
    const said = ['Code', 'Value'].flatMap((key) => textOf(at(message, key)) ?? []);
    found.errors.push(partIssue(message, said.join(': ') || 'Messages'));
  }
}

/** Of one metric: an answer with a part of its values looks like any other. */
function refuseIncomplete(result: Tree, found: Found): void {
  const status = at(result, 'StatusCode');
  const code = textOf(status);
  if (status !== undefined && code !== null && code !== 'Complete') found.errors.push(partIssue(status, code));
  refuseMessages(result, found);
}

function partIssue(tree: Tree, what: string): Issue {
  return issueAt(tree.place, `${what}: ${A_PART}`);
}

/** By which a label may name the statistic beside the metric, as CloudWatch writes them. */
const STATISTIC = /(?<![\w.-])(?:Sum|Average|Minimum|Maximum|SampleCount|p\d+(?:\.\d+)?)(?![\w.-])/;

/** With what separates it from the words around it: 'orders/shardId-000000000000 IncomingRecords'. */
const SHARD = /[^\w.\s]*(shardId-\d+)[^\w.\s]*/;

function streamIn(label: string, metric: string): string | null {
  const words = label
    .replace(SHARD, ' ')
    .replace(STATISTIC, ' ')
    .split(/\s+/)
    .filter((word) => word !== metric && /^[\w.-]+$/.test(word));
  return words.length === 1 ? words[0]! : null;
}

function readDatapoints({ tree, results: datapoints, about }: Answer, wanted: WantedMetrics, found: Found): void {
  const label = textOf(at(tree, 'Label')) ?? '';
  const [first] = datapoints.items;
  const statistics = entriesOf(first)
    .map(([key]) => key)
    .filter((key) => key !== 'Timestamp' && key !== 'Unit');
  const statistic = Object.hasOwn(wanted.statistics, label) ? wanted.statistics[label]! : null;
  if (statistic === null || !statistics.includes(statistic)) {
    const shown = `${label} (${statistics.join(', ') || 'no datapoints'})`;
    const message = `${shown}: ${wanted.otherwise}`;
    found.warnings.push(issueAt((first ?? datapoints).place, message, 'warning'));
    return;
  }
  const points = pointsOf(
    datapoints.items.map((point) => [at(point, 'Timestamp'), at(point, statistic)] as const),
    found,
  );
  if (points.length === 0) return;
  const isReadable = tree.place.path.length === 0;
  const series: FoundSeries = {
    ...{ place: tree.place, metric: label, statistic, label, about, points, isReadable },
    shard: null, // such an answer does not say
  };
  found.traffic.push(series);
}

/** In order of time; what is no time or no count is an error. */
function pointsOf(pairs: readonly (readonly [Tree | undefined, Tree | undefined])[], found: Found): SeriesPoint[] {
  const points: SeriesPoint[] = [];
  for (const [time, amount] of pairs) {
    const text = textOf(time);
    const moment = text === null ? null : wallTimeOf(text);
    const value = amount?.kind === 'value' && typeof amount.value === 'number' ? amount.value : Number.NaN;
    if (time !== undefined && moment === null)
      found.errors.push(
        issueAt(time.place, `expected a time such as 2026-01-05T09:00:00Z, got ${text ?? 'something else'}`),
      );
    else if (!(value >= 0)) {
      const place = amount?.place ?? time?.place;
      if (place !== undefined) found.errors.push(issueAt(place, 'expected a number from 0 up'));
    } else if (moment !== null) points.push({ at: moment, value });
  }
  return points.sort((a, b) => a.at - b.at);
}
