import type { Path } from './document.ts';
import { SourceDocument } from './document.ts';
import type { Fields } from './finding.ts';
import { isFields } from './finding.ts';
import { didYouMean } from './issue.ts';
import type { NamedFile } from './named-file.ts';
import type { CountOptions, CountRow, Counts } from './trace-files.ts';
import { countsOf, MOST_RECORDS } from './trace-files.ts';
import { wallTimeOf } from './wall-time.ts';

/**
 * An answer of CloudWatch's get-metric-data or get-metric-statistics, datapoints in any order: the first is t = 0. Null,
 * and reported, where it is neither, or holds no counts of the metric.
 */
export function countsOfCloudWatch(file: NamedFile, metric: string, options: CountOptions): Counts | null {
  const answer = jsonOf(file);
  if (answer === undefined) return null;
  const report = reporter(file);
  const { MetricDataResults: results, Datapoints: datapoints, NextToken: token } = isFields(answer) ? answer : {};
  if (typeof token === 'string') {
    report(['NextToken'], `NextToken: ${A_PART}`);
    return null;
  }
  let points: readonly Point[] | null;
  if (Array.isArray(results)) points = pointsOfResults(results, metric, report);
  else if (Array.isArray(datapoints)) points = pointsOfStatistics(answer as Fields, datapoints, metric, report);
  else {
    report([], 'no answer of get-metric-data or get-metric-statistics; expected MetricDataResults or Datapoints');
    return null;
  }
  if (points === null) return null;
  const rows = points.flatMap((point) => rowOf(point, options.scale, report) ?? []);
  return file.issues.length > 0 ? null : countsOf(file, rows, options);
}

/** What is wrong with an answer that CloudWatch says has more to come, or that it could not give whole. */
export const A_PART = 'this is a part of the answer only; ask for the whole of it';

type Report = (path: Path, message: string) => void;

interface Point {
  readonly at: unknown;
  readonly value: unknown;
  readonly atPath: Path;
  readonly valuePath: Path;
}

function jsonOf(file: NamedFile): unknown {
  try {
    return JSON.parse(file.text.replace(/^\ufeff/, '')) as unknown;
  } catch {
    // The engine's own message differs from version to version.
    const [issue] = new SourceDocument(file.name, file.text).issues;
    file.report({ line: issue?.line ?? 1, column: issue?.column ?? 1 }, 'no JSON');
    return undefined;
  }
}

/** Reads the places of the values only once something is wrong. */
function reporter(file: NamedFile): Report {
  let document: SourceDocument | undefined;
  return (path, message) => {
    document ??= new SourceDocument(file.name, file.text);
    file.report(document.issue(path, message), message);
  };
}

function pointsOfResults(results: readonly unknown[], metric: string, report: Report): Point[] | null {
  const labelOf = (result: unknown) => text(isFields(result) ? (result.Label ?? result.Id) : '');
  const labels = results.map(labelOf);
  const byLabel = labels.indexOf(metric);
  const index = byLabel >= 0 ? byLabel : results.findIndex((result) => isFields(result) && result.Id === metric);
  const result = results[index];
  if (!isFields(result)) {
    report(
      ['MetricDataResults'],
      `no metric '${metric}'; the metrics are ${labels.join(', ')}${didYouMean(metric, labels)}`,
    );
    return null;
  }
  const path: Path = ['MetricDataResults', index];
  const label = labels[index]!;
  if (countsNothing(label)) {
    report([...path, 'Label'], `${label} does not count records; expected a metric such as IncomingRecords`);
    return null;
  }
  const second = byLabel < 0 ? -1 : labels.indexOf(label, index + 1);
  if (second >= 0) {
    report(['MetricDataResults', second], `a second series of ${label}; expected one, or the Id of one as the metric`);
    return null;
  }
  const { Timestamps: times, Values: values, StatusCode: status } = result;
  if (typeof status === 'string' && status !== 'Complete') {
    report([...path, 'StatusCode'], `${status}: ${A_PART}`);
    return null;
  }
  if (!Array.isArray(times) || !Array.isArray(values) || times.length !== values.length || times.length === 0) {
    report(path, 'expected as many Timestamps as Values, at least one');
    return null;
  }
  return times.map((at, i) => {
    return { at, value: values[i], atPath: [...path, 'Timestamps', i], valuePath: [...path, 'Values', i] };
  });
}

/** A get-metric-data answer says neither statistic nor unit: only AWS's names tell what is no count of arrivals. */
function countsNothing(label: string): boolean {
  return /bytes|milliseconds|latency|duration|utilization|percent|iops|charges|\bage\b|iteratorage|exceeded|success$|\bavg\b|average/i.test(
    label,
  );
}

function pointsOfStatistics(
  answer: Fields,
  datapoints: readonly unknown[],
  metric: string,
  report: Report,
): Point[] | null {
  const label = text(answer.Label);
  const first = isFields(datapoints[0]) ? datapoints[0] : {};
  const statistics = Object.keys(first).filter((key) => key !== 'Timestamp' && key !== 'Unit');
  const unit = first.Unit === undefined ? 'no unit' : text(first.Unit);
  const described = `${label} (${statistics.join(', ') || 'no statistic'}, in ${unit})`;
  if (datapoints.length === 0) {
    report(['Datapoints'], `no datapoints of ${label}`);
    return null;
  }
  if (!statistics.includes('Sum') || unit !== 'Count') {
    report(['Datapoints', 0], `${described} does not count records; expected a Sum, in Count`);
    return null;
  }
  if (label !== metric) {
    report(['Label'], `no metric '${metric}'; the file holds ${described}${didYouMean(metric, [label])}`);
    return null;
  }
  return datapoints.map((point, i) => {
    const { Timestamp, Sum } = isFields(point) ? point : {};
    const path: Path = ['Datapoints', i];
    return { at: Timestamp, value: Sum, atPath: [...path, 'Timestamp'], valuePath: [...path, 'Sum'] };
  });
}

function rowOf({ at, value, atPath, valuePath }: Point, scale: number, report: Report): CountRow | null {
  const time = typeof at === 'string' || typeof at === 'number' ? wallTimeOf(String(at)) : null;
  if (time === null) report(atPath, `expected a time such as 2026-01-05T09:00:00Z, got ${text(at)}`);
  if (typeof value !== 'number' || !(value >= 0 && value * scale <= MOST_RECORDS)) {
    report(valuePath, `expected a number of records from 0 up, got ${text(value)}`);
    return null;
  }
  return time === null ? null : { at: time, value };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
