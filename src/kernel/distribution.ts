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
