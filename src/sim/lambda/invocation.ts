import type { Duration, Instant } from '../../kernel/time.ts';
import type { EnvironmentKind } from '../../recording/causes.ts';
import type { InvocationRun } from '../../recording/lane-recorder.ts';
import type { MappingSettings } from '../../scenario/scenario.ts';
import type { Batch } from './batch.ts';
import type { LaneFaults, Verdict } from './faults.ts';
import type { InvocationDraws } from './invocation-draws.ts';
import { readResponse } from './item-failures.ts';

/** An invocation on its way: everything about it is decided when it starts. */
export interface Invocation extends InvocationRun {
  readonly end: Instant;
  /** The places of the batch's poison records (E10). */
  readonly poison: readonly number[];
}

/** What decides of a lane's invocations. */
export interface InvocationParts {
  readonly mapping: MappingSettings;
  readonly faults: LaneFaults;
  readonly draws: InvocationDraws;
}

/** The invocation of a batch that has its slot. */
export interface InvocationStart {
  readonly at: Instant;
  readonly environment: EnvironmentKind;
  readonly timeout: Duration;
  /** Invocations before this one: of the function, and of the lane, which places its draws. */
  readonly functionStarts: number;
  readonly laneStarts: number;
  /** Records of the batch that have been processed before (E10). */
  readonly duplicates: number;
}

/** L4–L6 */
export function decideInvocation(parts: InvocationParts, batch: Batch, start: InvocationStart): Invocation {
  const { mapping, faults, draws } = parts;
  const { at, environment, timeout, functionStarts, laneStarts, duplicates } = start;
  const coldStart = environment === 'new' ? draws.coldStart(laneStarts) : 0;
  const verdict = faults.judge({ start: at, batch, functionStarts, laneStarts });
  const drawn = Math.round(draws.duration(laneStarts, batch) * verdict.slowdown);
  const handler = verdict.fails ? (verdict.after ?? drawn) : drawn;
  const { outcome, done, silentlyLost } = handler > timeout ? TIMED_OUT : answer(batch, verdict, mapping);
  return {
    start: at,
    end: at + coldStart + Math.min(handler, timeout),
    coldStart,
    environment,
    outcome,
    done,
    silentlyLost,
    duplicates,
    poison: verdict.poison,
  };
}

type Answer = Pick<InvocationRun, 'outcome' | 'done' | 'silentlyLost'>;
const SUCCEEDED: Answer = { outcome: 'success', done: 0, silentlyLost: 0 };
const FAILED: Answer = { outcome: 'functionError', done: 0, silentlyLost: 0 };
const TIMED_OUT: Answer = { outcome: 'timeout', done: 0, silentlyLost: 0 };

/** What a function answers that does not run into its Timeout (E5, E6). */
function answer(batch: Batch, verdict: Verdict, mapping: MappingSettings): Answer {
  if (!verdict.fails) return SUCCEEDED;
  if (!verdict.reports) return FAILED;
  if (!mapping.reportBatchItemFailures) return { ...SUCCEEDED, silentlyLost: verdict.poison.length };
  const places = new Map(verdict.poison.map((place) => [String(place), batch.countBefore(place)]));
  const batchItemFailures = [...places.keys()].map((itemIdentifier) => ({ itemIdentifier }));
  const reading = readResponse({ batchItemFailures }, (identifier) => places.get(identifier) ?? null);
  return { outcome: reading.kind, done: reading.kind === 'partialFailure' ? reading.checkpoint : 0, silentlyLost: 0 };
}
