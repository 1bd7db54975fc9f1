import { decimal, duration, money, percent } from '../../report/words.ts';
import { ownMetric } from '../figure-name.ts';
import type { HeadlineMetric } from '../headline.ts';
import type { ComparedMetric } from './compared-metric.ts';

/** A value of a metric, with its unit. */
export function amount(value: number, unit: HeadlineMetric['unit'], digits = 4): string {
  if (unit === 'Milliseconds') return duration(value);
  if (unit === 'Count') return decimal(value, digits);
  return value < 0 ? `-${money(-value, unit)}` : money(value, unit);
}

/** The same with its sign: what a metric changes by. */
export function change(value: number, unit: HeadlineMetric['unit'], digits = 3): string {
  return `${value > 0 ? '+' : ''}${amount(value, unit, digits)}`;
}

/** '+12 %'; '' where A's mean is 0, of which nothing is a share. */
export function relativeChange({ relative }: Pick<ComparedMetric, 'relative'>): string {
  if (relative === null) return '';
  if (relative === 0) return '0 %';
  if (Math.abs(relative) < 0.001) return percent(Math.abs(relative));
  return `${relative > 0 ? '+' : '-'}${percent(Math.abs(relative))}`;
}

/** 'IteratorAge p99', 'Errors': without the mapping, which stands beside it, and of what is counted without a statistic. */
export function ownName(figure: HeadlineMetric): string {
  const { statistic } = figure;
  const own = ownMetric(figure);
  return /^(sum|count)$/.test(statistic) || own === 'cost.month' ? own : `${own} ${statistic}`;
}
