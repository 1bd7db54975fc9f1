import type { JsonObject } from '../../scenario/scenario.ts';
import type { NotSearched, SettingValue } from './searched.ts';
import type { Fullest } from './trials.ts';

/** What `plan` found: plain JSON, keys in this order, the same whoever ran it. */
export interface Sizing {
  readonly formatVersion: 1;
  readonly tool: { readonly name: 'shardclock'; readonly version: string };
  readonly scenario: {
    readonly name: string;
    readonly seed: string;
    readonly durationSeconds: number;
    readonly sha256: string;
  };
  /** Each producer's traffic is multiplied by `growth`; that is what is paid for. By `borne` it is in what must go well. */
  readonly traffic: { readonly growth: number; readonly headroom: number; readonly borne: number };
  /** Of all runs at least this share meets every threshold, with this confidence: so many runs, every one of which does. */
  readonly criterion: { readonly share: number; readonly confidence: number; readonly runs: number };
  readonly currency: string;
  /** The search was interrupted: what is here is what was known by then. */
  readonly partial: boolean;
  /** Null where no setting that was looked at meets the thresholds. */
  readonly answer: SizedAnswer | null;
  /** Without an answer: what came nearest. */
  readonly nearest: SizedSettings | null;
  /** The settings that the scenario has, under the same traffic. */
  readonly today: SizedSettings;
  /** One step of each setting from the answer, down and up. Whatever is cheaper does not meet the thresholds. */
  readonly steps: readonly SizedStep[];
  /** The next cheapest that were looked at and meet the thresholds in a few runs. */
  readonly runnersUp: readonly SizedSettings[];
  /** Which limits the answer comes nearest to (M3a). */
  readonly binds: readonly Fullest[];
  /** What the answer would be if one thing that was asked for were not. */
  readonly moves: readonly SizedMove[];
  readonly searched: readonly SearchedRange[];
  readonly notSearched: readonly NotSearched[];
  /** How many runs it took, and how many settings were looked at with them. */
  readonly runs: number;
  readonly settingsRun: number;
  /** Settings that arithmetic alone ruled out. */
  readonly settingsRuledOut: number;
}

export interface SizedSettings {
  /** By path: 'streams.orders.ShardCount'. Those that are searched, in their order; null: not set. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  /**
   * Of a month with the traffic that is paid for: the mean over twenty runs, or of what has had fewer the answer's and by
   * what both differ in the first. Without an answer that of the scenario's own seed. Null: not run.
   */
  readonly costPerMonth: number | null;
  readonly verdict: SizedVerdict;
}

export type SizedVerdict =
  /** In every one of so many runs; `atLeast` is the share of all runs that this shows, with the criterion's confidence. */
  | { readonly kind: 'meets'; readonly runs: number; readonly atLeast: number }
  | {
      readonly kind: 'fails';
      readonly metric: string;
      readonly expression: string;
      /** In `unit`; null: no samples. */
      readonly value: number | null;
      readonly unit: string;
      readonly seed: string;
      /** So many times the scenario's traffic. */
      readonly load: number;
    }
  /** Without a run: a limit of the service, or what AWS would refuse. */
  | { readonly kind: 'ruledOut'; readonly why: string }
  | { readonly kind: 'notRun' };

export interface SizedAnswer extends SizedSettings {
  /** As `--set` takes them: 'streams.orders.ShardCount=6'; only those that differ from the scenario's. */
  readonly set: readonly string[];
  /** The same as a part of a scenario file. */
  readonly part: JsonObject;
  readonly costRange: { readonly min: number; readonly max: number };
  /** Of each threshold, the worst that any run measured. */
  readonly thresholds: readonly {
    readonly metric: string;
    readonly expression: string;
    readonly worst: number | null;
    readonly unit: string;
  }[];
}

export interface SizedStep extends SizedSettings {
  /** Of the one that differs from the answer. */
  readonly path: string;
  readonly from: SettingValue;
  readonly to: SettingValue;
  readonly isCheaper: boolean;
}

export interface SizedMove {
  /** What is otherwise: 'IteratorAge max < 60s a quarter looser'. */
  readonly what: string;
  /** Those of its settings that differ from the answer's. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly costPerMonth: number;
  /** Runs that it was looked at with, every one of them met. */
  readonly runs: number;
}

interface SearchedRange {
  readonly path: string;
  readonly today: SettingValue;
  readonly from: SettingValue;
  readonly to: SettingValue;
  /** Each whole number, halved and looked at from both sides; or the values that were looked at. */
  readonly values: 'bisected' | readonly SettingValue[];
  /** The answer has the least, or the most, of what bounds that were given allow: beyond them may lie something better. */
  readonly edge: 'least' | 'most' | null;
}
