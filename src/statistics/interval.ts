/** What independent samples say of the mean that they are drawn around. */
export interface MeanInterval {
  readonly count: number;
  /** Null without samples, as are `min` and `max`. */
  readonly mean: number | null;
  /** Of the mean; null with fewer than two samples, as are `low` and `high`. */
  readonly standardError: number | null;
  /** Ends of the confidence interval. */
  readonly low: number | null;
  readonly high: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * Mean, standard error and Student's confidence interval of samples that are independent of each other.
 *
 * @param confidence between 0 and 1; default 0.95
 */
export function meanInterval(samples: readonly number[], confidence = 0.95): MeanInterval {
  const count = samples.length;
  if (count === 0) {
    return { count, mean: null, standardError: null, low: null, high: null, min: null, max: null };
  }
  const min = samples.reduce((least, sample) => Math.min(least, sample));
  const max = samples.reduce((most, sample) => Math.max(most, sample));
  // Rounding could carry the mean of equal samples past them.
  const mean = Math.min(max, Math.max(min, samples.reduce((sum, sample) => sum + sample, 0) / count));
  if (count === 1) return { count, mean, standardError: null, low: null, high: null, min, max };
  const squares = samples.reduce((sum, sample) => sum + (sample - mean) * (sample - mean), 0);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  const half = quantileOfCount((1 + confidence) / 2, count) * standardError;
  return { count, mean, standardError, low: mean - half, high: mean + half, min, max };
}

/** Many metrics of as many runs ask for the same one. */
function quantileOfCount(p: number, count: number): number {
  if (lastAsked?.p !== p || lastAsked.count !== count) lastAsked = { p, count, value: studentQuantile(p, count - 1) };
  return lastAsked.value;
}

let lastAsked: { readonly p: number; readonly count: number; readonly value: number } | null = null;

/**
 * The quantile of Student's t distribution, its relative error below 1e-9.
 *
 * With t = √ν tan θ the probability of [−t, t] is a constant times the integral of cos^(ν−1) from 0 to θ. That is
 * smooth for every ν, and concave in θ, so that Newton's steps from 0 never pass the root.
 *
 * @param p between 0 and 1, both exclusive
 * @param degreesOfFreedom at least 1, not necessarily whole
 */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  if (!(p > 0 && p < 1) || !(degreesOfFreedom >= 1) || degreesOfFreedom === Number.POSITIVE_INFINITY) {
    throw new RangeError('expected 0 < p < 1 and 1 ≤ degreesOfFreedom < ∞');
  }
  if (p < 0.5) return -studentQuantile(1 - p, degreesOfFreedom);
  const power = degreesOfFreedom - 1;
  const share = (2 * p - 1) / ((2 * gammaRatio(degreesOfFreedom / 2)) / Math.sqrt(Math.PI));
  let angle = 0;
  let integral = 0;
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = angle + (share - integral) / cosinePower(angle, power);
    // Beyond the last bit, steps of rounding go on for ever.
    if (!(next - angle > 1e-15 * next)) break;
    integral += integralOf((at) => cosinePower(at, power), angle, next);
    angle = next;
  }
  // The last digits are those of the machine's Math, and results are the same everywhere (D1).
  return Number((Math.sqrt(degreesOfFreedom) * Math.tan(angle)).toPrecision(12));
}

const MOST_STEPS = 200;

/**
 * How probable it is that Student's t lies at least as far from 0 as `t`, on either side, within 1e-5.
 *
 * @param degreesOfFreedom at least 1, not necessarily whole
 */
export function studentTails(t: number, degreesOfFreedom: number): number {
  if (Number.isNaN(t) || !(degreesOfFreedom >= 1) || degreesOfFreedom === Number.POSITIVE_INFINITY) {
    throw new RangeError('expected a number and 1 ≤ degreesOfFreedom < ∞');
  }
  const root = Math.sqrt(degreesOfFreedom);
  // Beyond so many standard deviations there is nothing to integrate.
  const angle = Math.min(Math.atan(Math.abs(t) / root), FARTHEST / root);
  const power = degreesOfFreedom - 1;
  const within = integralOf((at) => cosinePower(at, power), 0, angle);
  const outside = 1 - (within * 2 * gammaRatio(degreesOfFreedom / 2)) / Math.sqrt(Math.PI);
  // Of the last digits see the quantile.
  return Number(Math.min(1, Math.max(0, outside)).toFixed(12));
}

const FARTHEST = 9;

/** cos(angle)^power, also where the angle is small and the power large. */
function cosinePower(angle: number, power: number): number {
  const sine = Math.sin(angle);
  return Math.exp((power / 2) * Math.log1p(-sine * sine));
}

/** Γ(a + ½) / Γ(a): its asymptotic series for a large a, from which Γ(a + 1) = a Γ(a) leads down to a small one. */
function gammaRatio(a: number): number {
  let factor = 1;
  let large = a;
  for (; large < LARGE; large++) factor *= large / (large + 0.5);
  const x = 1 / large;
  const series = 1 + x * (-1 / 8 + x * (1 / 128 + x * (5 / 1_024 + x * (-21 / 32_768 - x * (399 / 262_144)))));
  return factor * Math.sqrt(large) * series;
}

const LARGE = 100;

/** Gauss and Legendre's rule with five points, in pieces. */
function integralOf(of: (at: number) => number, from: number, to: number): number {
  const width = (to - from) / PIECES;
  let sum = 0;
  for (let piece = 0; piece < PIECES; piece++) {
    const middle = from + (piece + 0.5) * width;
    for (const [offset, weight] of POINTS) sum += weight * of(middle + (offset * width) / 2);
  }
  return (sum * width) / 2;
}

const PIECES = 32;
const POINTS: readonly (readonly [offset: number, weight: number])[] = [-1, 1].flatMap((sign) => [
  [(sign * Math.sqrt(5 - 2 * Math.sqrt(10 / 7))) / 3, (322 + 13 * Math.sqrt(70)) / 900] as const,
  [(sign * Math.sqrt(5 + 2 * Math.sqrt(10 / 7))) / 3, (322 - 13 * Math.sqrt(70)) / 900] as const,
  // Of the middle, half from each side.
  [0, 64 / 225] as const,
]);
