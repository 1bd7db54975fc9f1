import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Summary } from '../../report/summary.ts';
import type { Replication } from '../replicating/replications.ts';
import { replicationOf } from '../replicating/replications.ts';
import type { WarmUpSample } from './warm-up.ts';
import { warmUpSamples } from './warm-up.ts';

/** What is kept of one run of a sweep: plain JSON, the same whenever and wherever it was run. */
export interface SweptRun extends Replication {
  /** Of the grid, from 0. */
  readonly point: number;
  /** Of the replication, from 1. */
  readonly number: number;
  readonly warmUp: readonly WarmUpSample[];
  /** By which its cost is: results by different ones are not put together. */
  readonly prices: Pricing | null;
}

export interface Pricing {
  /** Region and day: 'us-east-1 2026-11-28'. */
  readonly prices: string;
  readonly currency: string;
  readonly freeTier: boolean;
  /** Of the price list. */
  readonly sha256: string;
}

/** What a run says, whatever its place in a grid. */
export type RunFigures = Omit<SweptRun, 'point' | 'number'>;

export function runFiguresOf(summary: Summary): RunFigures {
  const { cost } = summary;
  const prices =
    cost === undefined
      ? null
      : {
          prices: cost.prices,
          currency: cost.currency,
          freeTier: cost.freeTier,
          sha256: bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(cost.priceList)))),
        };
  return { ...replicationOf(summary), warmUp: warmUpSamples(summary), prices };
}
