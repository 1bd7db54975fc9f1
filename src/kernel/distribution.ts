import { exp, ln, pow } from './elementary.ts';

/**
 * A law that single values are drawn from. The unit is the owner's: microseconds for a duration, bytes for a size.
 */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'lognormal'; readonly median: number; readonly p99: number }
  | { readonly kind: 'weibull'; readonly shape: number; readonly scale: number }
  /** One of the values, each as likely; sorted, at least one. */
  | { readonly kind: 'empirical'; readonly values: readonly number[] };

/**
 * The value below which a share `unit` of the law lies, 0 < unit < 1. Drawing by inversion takes one number a value, so
 * scenarios that differ in a law still draw the same ranks.
 */
export function quantileOf(law: Distribution, unit: number): number {
  switch (law.kind) {
    case 'constant':
      return law.value;
    case 'uniform':
      return law.min + (law.max - law.min) * unit;
    case 'exponential':
      return -law.mean * ln(1 - unit);
    case 'lognormal':
      return law.p99 === law.median ? law.median : lognormalQuantile(law.median, sigmaOf(law), unit);
    case 'weibull':
      return law.scale * pow(-ln(1 - unit), 1 / law.shape);
    case 'empirical':
      return law.values[Math.floor(unit * law.values.length)]!;
    default:
      return unreachable(law);
  }
}

/** The same for a law that many values are drawn from. */
export function quantilesOf(law: Distribution): (unit: number) => number {
  if (law.kind !== 'lognormal' || law.p99 === law.median) return (unit) => quantileOf(law, unit);
  const { median } = law;
  const sigma = sigmaOf(law);
  return (unit) => lognormalQuantile(median, sigma, unit);
}

function lognormalQuantile(median: number, sigma: number, unit: number): number {
  return median * exp(sigma * normalQuantile(unit));
}

/** The standard deviation of the logarithm. */
function sigmaOf({ median, p99 }: Extract<Distribution, { kind: 'lognormal' }>): number {
  return ln(p99 / median) / Z99;
}

/** For the `default` of a switch that has named every case. */
export function unreachable(value: never): never {
  throw new Error(`a case without code: ${JSON.stringify(value)}`);
}

const Z99 = 2.3263478740408408; // the standard normal's 99th percentile

/** The standard normal's quantile; P. Acklam's rational approximation, relative error below 1.2e-9. */
function normalQuantile(p: number): number {
  if (p < 0.02425) return tail(Math.sqrt(-2 * ln(p)));
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * ln(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}

function tail(q: number): number {
  return (
    (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
      4.374664141464968) *
      q +
      2.938163982698783) /
    ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
  );
}
