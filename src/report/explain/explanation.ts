import type { StallCause } from '../../recording/causes.ts';
import type { JsonValue } from '../../scenario/scenario.ts';
import type { AgeBreakdown, Spread, ThresholdResult } from '../summary.ts';

/** What a result comes to, in plain words and with the figures behind them. */
export interface Explanation {
  /** The scenario's. */
  readonly name: string;
  readonly partial: boolean;
  /** What statistics cover. */
  readonly from: Moment;
  readonly to: Moment;
  /** Those that were not met, and how many there are in all. */
  readonly missed: readonly ThresholdResult[];
  readonly thresholds: number;
  /** The most important first; none of a healthy run. */
  readonly findings: readonly Finding[];
  /** Mappings without a finding, in file order. */
  readonly healthy: readonly HealthyMapping[];
}

/** A point in virtual time. */
export interface Moment {
  /** Since the start of the run. */
  readonly seconds: number;
  /** ISO 8601 in UTC, to the second. */
  readonly wallTime: string;
}

/**
 * A stall's cause (M3), or what costs without one: `queue`, lanes that are slower than what arrives; `writeLimit`, puts
 * that a stream refused; `silentLoss`, failures that were reported and not heard; `payload`, records too large for an
 * event; `window`, a batching window that makes most of an age that missed its threshold, `tick`, the polls that do,
 * `coldStart`, the cold starts that do; `recordAge`, records too old for their setting though nothing held them up.
 */
export type FindingCause =
  | StallCause
  | 'queue'
  | 'writeLimit'
  | 'silentLoss'
  | 'payload'
  | 'window'
  | 'tick'
  | 'coldStart'
  | 'recordAge';

/** One thing that went wrong, in one mapping or stream. */
export interface Finding {
  readonly cause: FindingCause;
  readonly stream: string;
  /** Null: it befell the stream, whoever reads it. */
  readonly mapping: string | null;
  /** In a few words, as a heading. */
  readonly headline: string;
  /** Whole sentences: what happened, and why. */
  readonly what: string;
  readonly why: string;
  /** Null where it has no beginning that the result knows. */
  readonly since: Moment | null;
  /** Null: not over at the end of the run, or not known. */
  readonly until: Moment | null;
  readonly cost: Cost;
  /** Those that govern it, with their present values. */
  readonly settings: readonly Setting[];
  /** What would have changed it, the best first. */
  readonly advice: readonly Advice[];
}

/**
 * What it cost, in records unless it says otherwise. Failed invocations, throttles and refused reads stand with the finding
 * that tells of them, where there is one; they, and what only a mapping as a whole has (age, recovery, pending, expired),
 * else with the mapping's first finding, and are null or 0 with its others.
 */
export interface Cost {
  /** The most that waited in one stall, what was held among them, or at once. */
  readonly recordsHeld: number;
  readonly discarded: number;
  readonly expired: number;
  readonly silentlyLost: number;
  readonly lostAtWrite: number;
  /** The sum of these four. */
  readonly recordsLost: number;
  readonly duplicates: number;
  /** Unsettled at the end of a mapping that is behind. */
  readonly pending: number;
  /** How old data became. */
  readonly oldestMs: number | null;
  /** From the end of the trouble until the mapping was caught up. */
  readonly recoveryMs: number | null;
  /** Invocations. */
  readonly errors: number;
  /** Attempts. */
  readonly throttles: number;
  /** GetRecords calls. */
  readonly refusedReads: number;
  /** Puts. */
  readonly refusedWrites: number;
}

/** A setting by its path in a scenario, with its value; null where it is left out. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: JsonValue;
}

/** Something to try. */
export interface Advice {
  /** None where no setting would do; `to` null: leave it out. */
  readonly changes: readonly Change[];
  /** Whole sentences: what it does, and what that costs. */
  readonly effect: string;
  readonly tradeOff: string;
  /** The figure of the finding's cost, or of the mapping, that it lowers; null where it changes what is known, not what happens. */
  readonly lowers: keyof Cost | null;
}

export interface Change {
  readonly path: readonly string[];
  readonly now: JsonValue;
  readonly to: JsonValue;
}

export interface HealthyMapping {
  readonly mapping: string;
  readonly records: number;
  /** Arrival to the end of its last invocation. */
  readonly timeInSystemMs: Spread;
  readonly ageBreakdownMs: AgeBreakdown;
  readonly iteratorAgeMs: Spread;
  /** Whole sentences. */
  readonly words: string;
}
