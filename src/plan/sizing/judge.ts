import type { Threshold } from '../../scenario/scenario.ts';
import type { Trial } from './trials.ts';

/** What a setting has to meet. */
export interface Judge {
  /** So many times the scenario's traffic must be borne. */
  readonly borne: number;
  /** So many times the scenario's traffic is paid for, and must be borne too. */
  readonly paid: number;
  /** By how much each threshold's bound is multiplied; null: it is left out. */
  readonly looser: readonly (number | null)[];
}

/** The first threshold that a run does not meet, or null. */
export function firstBreach(trial: Trial, thresholds: readonly Threshold[], { looser }: Judge): number | null {
  const breach = thresholds.findIndex((threshold, index) => {
    const factor = looser[index];
    if (factor === null || factor === undefined) return false;
    return !(trial.isMet[index]! || (factor !== 1 && pressureOf(threshold, trial.values[index]!, factor) <= 1));
  });
  return breach < 0 ? null : breach;
}

/** How near a run came to what it must meet: 1 at the bound, more beyond it. Says which way is better. */
export function pressureOf({ operator, value: bound, unit }: Threshold, value: number | null, factor = 1): number {
  if (value === null) return FAR;
  const measured = unit === 'Milliseconds' ? 1_000 * value : value;
  switch (operator) {
    case '<':
    case '<=': {
      const most = bound * factor;
      return most > 0 ? measured / most : measured > 0 ? 1 + measured : 0;
    }
    case '>':
    case '>=':
      return measured > 0 ? bound / factor / measured : FAR;
    case '==':
      return measured === bound ? 0 : 1 + Math.abs(measured - bound);
    case '!=':
      return measured === bound ? 2 : 0;
  }
}

const FAR = 1e9;

/** A quarter more room; a bound of nothing has no quarter, and goes. */
export function looserBy({ operator, value }: Threshold): number | null {
  return operator === '==' || operator === '!=' || value === 0 ? null : A_NOTCH;
}

const A_NOTCH = 1.25;
