import { studentTails } from '../../statistics/interval.ts';
import { type ComparedMetric, isJudged } from './compared-metric.ts';
import type { Pairing } from './pairing.ts';

/** Of A's mean: a difference that a reader would not take for none. */
const LARGE = 0.1;

const ALPHA = 0.05;

/** What is compared, as far as it says how many runs are few. */
export interface ComparedRuns {
  readonly metrics: readonly ComparedMetric[];
  readonly complete: number;
  readonly pairing: Pairing;
}

/** Large differences that so few runs do not tell from chance, and a number of runs of each that should. */
export interface TooFewRuns {
  readonly metrics: readonly ComparedMetric[];
  readonly needed: number;
}

/** Null where a few more runs are not likely to show more. */
export function tooFewRuns(compared: ComparedRuns): TooFewRuns | null {
  const found = compared.metrics.flatMap((metric) => {
    const needed = isLarge(metric) ? runsNeeded(metric, compared) : null;
    return needed === null ? [] : [{ metric, needed }];
  });
  if (found.length === 0) return null;
  return { metrics: found.map(({ metric }) => metric), needed: Math.max(...found.map(({ needed }) => needed)) };
}

function isLarge({ verdict, difference: { mean }, relative }: ComparedMetric): boolean {
  return verdict === 'no difference shown' && mean !== 0 && Math.abs(relative ?? 1) >= LARGE;
}

/** So many runs, or times those that there are, are a few more. */
const FEW_MORE = { runs: 30, times: 3 };

/**
 * If mean and spread stay what they are, as does the share of the runs that have samples, and no other of the metrics that
 * are judged is shown before it (Holm).
 */
function runsNeeded({ difference }: ComparedMetric, { metrics, complete, pairing }: ComparedRuns): number | null {
  const { mean, standardError, count } = difference;
  if (mean === null || standardError === null) return null;
  const bar = ALPHA / metrics.filter(isJudged).length;
  const deviation = standardError * Math.sqrt(count);
  const sampled = (runs: number) => Math.floor((runs * count) / complete);
  const chance = (runs: number) =>
    standardError <= 1e-9 * Math.abs(mean)
      ? 2 ** (1 - runs)
      : studentTails((mean * Math.sqrt(runs)) / deviation, pairing.kind === 'none' ? 2 * (runs - 1) : runs - 1);
  const most = Math.max(FEW_MORE.runs, FEW_MORE.times * complete);
  for (let runs = complete + 1; runs <= most; runs++) if (chance(sampled(runs)) <= bar) return runs;
  return null;
}
