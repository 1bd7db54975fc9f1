import type { MetricSeries, Summary } from '../summary.ts';

/** Values of one line or area: one for each period of the summary's series, null where there is none. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export function findSeries(
  summary: Summary,
  metric: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly statistic: string;
  },
): readonly (number | null)[] | null {
  const wanted = Object.entries(metric.dimensions);
  const matches = (series: MetricSeries) =>
    series.Namespace === metric.namespace &&
    series.MetricName === metric.name &&
    Object.keys(series.Dimensions).length === wanted.length &&
    wanted.every(([name, value]) => series.Dimensions[name] === value);
  return summary.series.metrics.find(matches)?.Statistics[metric.statistic] ?? null;
}

/** A mapping's own series, in the namespace shardclock. */
export function mappingSeries(
  summary: Summary,
  mapping: string,
  name: string,
  statistic: string,
): readonly (number | null)[] | null {
  return findSeries(summary, { namespace: 'shardclock', name, dimensions: { Mapping: mapping }, statistic });
}

/** All series as they are, or those with the highest peaks, highest first, and the others. */
export function worstFirst(
  series: readonly Series[],
  limit: number,
  periods: { readonly from: number; readonly to: number },
): { readonly shown: readonly Series[]; readonly others: readonly Series[] } {
  if (series.length <= limit) return { shown: series, others: [] };
  const ranked = series
    .map((one, index) => ({ one, index, peak: peak(one.values, periods) }))
    .sort((a, b) => (a.peak === b.peak ? a.index - b.index : b.peak - a.peak))
    .map(({ one }) => one);
  return { shown: ranked.slice(0, limit), others: ranked.slice(limit) };
}

/** For each period the highest of all, null where none has a value. */
export function highest(lists: readonly (readonly (number | null)[])[]): (number | null)[] {
  const length = Math.max(0, ...lists.map((values) => values.length));
  return Array.from({ length }, (_, index) => {
    let most: number | null = null;
    for (const values of lists) {
      const value = values[index] ?? null;
      if (value !== null && (most === null || value > most)) most = value;
    }
    return most;
  });
}

/** For each period the sum of all; nothing counts as 0. */
export function sum(lists: readonly (readonly (number | null)[])[]): number[] {
  const length = Math.max(0, ...lists.map((values) => values.length));
  return Array.from({ length }, (_, index) => lists.reduce((total, values) => total + (values[index] ?? 0), 0));
}

/** The sum over the periods [from, to). */
export function total(
  values: readonly (number | null)[],
  range: { readonly from: number; readonly to: number },
): number {
  return values.slice(range.from, range.to).reduce<number>((all, value) => all + (value ?? 0), 0);
}

/** The highest value of the periods [from, to); below every number where there is none. */
export function peak(
  values: readonly (number | null)[],
  range: { readonly from: number; readonly to: number },
): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let index = range.from; index < Math.min(range.to, values.length); index++) {
    const value = values[index] ?? null;
    if (value !== null && value > most) most = value;
  }
  return most;
}
