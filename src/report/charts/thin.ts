/** Which values are drawn: at most `limit` of them, ascending, the first and the last among them, no peak or dip lost. */
export function thin(values: readonly (number | null)[], limit: number): number[] {
  return thinTogether([values], limit);
}

/**
 * As `thin`, but the same places for all series, so that stacked areas stay aligned. In each of as many equal stretches
 * as the limit allows, every series keeps its highest and its lowest value, and its first gap.
 */
export function thinTogether(series: readonly (readonly (number | null)[])[], limit: number): number[] {
  const length = Math.max(0, ...series.map((values) => values.length));
  if (length <= limit) return Array.from({ length }, (_, index) => index);
  const gaps = series.some((values) => values.includes(null));
  const stretches = Math.max(1, Math.floor((limit - 2) / (series.length * (gaps ? 3 : 2))));
  const kept = new Set([0, length - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    for (const values of series) for (const index of outstanding(values, from, to)) kept.add(index);
  }
  return [...kept].sort((a, b) => a - b);
}

function outstanding(values: readonly (number | null)[], from: number, to: number): number[] {
  let highest = -1;
  let lowest = -1;
  let gap = -1;
  for (let index = from; index < to; index++) {
    const value = values[index] ?? null;
    if (value === null) {
      if (gap < 0) gap = index;
    } else {
      if (highest < 0 || value > values[highest]!) highest = index;
      if (lowest < 0 || value < values[lowest]!) lowest = index;
    }
  }
  return [highest, lowest, gap].filter((index) => index >= 0);
}
