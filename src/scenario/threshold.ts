import { didYouMean } from './issue.ts';
import { METRICS } from './metrics.ts';
import { durationOf, sizeOf } from './quantity.ts';
import type { Statistic, Threshold } from './scenario.ts';

/** A metric as a threshold names it: `IteratorAge` or `IteratorAge{mapping:orders-to-enrich}`. */
export function readMetric(metric: string): Pick<Threshold, 'metric' | 'name' | 'selector' | 'unit'> | string {
  const match = /^([^{}]+?)(?:\{\s*(mapping|function|stream)\s*:\s*([^{}]+?)\s*\})?$/.exec(metric.trim());
  if (match === null) return "not a metric; expected a name such as IteratorAge, or 'IteratorAge{mapping:NAME}'";
  const [, name = '', by, value] = match;
  const known = METRICS.get(name);
  if (known === undefined) return `unknown metric '${name}'${didYouMean(name, METRICS.keys())}`;
  if (by !== undefined && !known.selectors.includes(by as 'mapping')) {
    const expected = known.selectors.length === 0 ? `'${name}' alone` : known.selectors.join(' or ');
    return `${name} cannot be narrowed by ${by}; expected ${expected}`;
  }
  const selector = by === undefined ? null : { by: by as 'mapping', value: value! };
  return { metric, name, selector, unit: known.unit };
}

/** `max < 60s`: a statistic of a metric, a comparison and a value in its unit. */
export function readExpression(
  expression: string,
  { name, unit }: Pick<Threshold, 'name' | 'unit'>,
): Pick<Threshold, 'statistic' | 'operator' | 'value'> | string {
  const match = /^\s*(\S+?)\s*(<=|>=|==|!=|<|>)\s*(.+?)\s*$/.exec(expression);
  if (match === null) return "expected a statistic, a comparison and a value, such as 'max < 60s'";
  const [, word = '', operator, amount = ''] = match;
  const statistic = statisticOf(word);
  if (statistic === null) {
    return `unknown statistic '${word}'; expected one of ${STATISTICS.join(', ')}, p(99.9)${didYouMean(word, STATISTICS)}`;
  }
  if (statistic.kind === 'end' && METRICS.get(name)!.isOfSamples) {
    return `${name} has samples, none of them at the end; expected one of ${STATISTICS.filter((one) => one !== 'end').join(', ')}, p(99.9)`;
  }
  if (unit === 'Money' && statistic.kind === 'count')
    return "money is not counted; expected another statistic, such as 'max < 300'";
  const isCount = statistic.kind === 'count' || unit === 'Count' || unit === 'Money';
  const value = isCount ? countOf(amount) : unit === 'Bytes' ? sizeOf(amount) : milliseconds(amount);
  if (value === null) {
    return `expected ${isCount ? 'a plain number such as 100' : unit === 'Bytes' ? 'a size such as 1MB' : 'a duration with its unit, such as 60s'}, got '${amount}'`;
  }
  return { statistic, operator: operator as Threshold['operator'], value };
}

const STATISTICS = ['avg', 'min', 'max', 'sum', 'count', 'p50', 'p90', 'p99', 'end'];

function statisticOf(word: string): Statistic | null {
  const percentile = /^p(?:(\d{1,2}(?:\.\d+)?)|\((\d{1,3}(?:\.\d+)?)\))$/.exec(word);
  if (percentile !== null) {
    const p = Number(percentile[1] ?? percentile[2]);
    return p > 0 && p <= 100 ? { kind: 'percentile', p } : null;
  }
  return /^(avg|min|max|sum|count|end)$/.test(word) ? { kind: word as 'avg' } : null;
}

function countOf(amount: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(amount) ? Number(amount) : null;
}

function milliseconds(amount: string): number | null {
  const duration = durationOf(amount);
  return duration === null ? null : duration / 1_000;
}
