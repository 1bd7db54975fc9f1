import type { Duration, Instant } from '../../kernel/time.ts';
import type { EnvironmentKind } from '../../recording/causes.ts';
import type { InvocationRun } from '../../recording/lane-recorder.ts';
import type { MappingSettings } from '../../scenario/scenario.ts';
import type { Batch } from './batch.ts';
import type { LaneEvents } from './event.ts';
import type { LaneFaults, Verdict } from './faults.ts';
import type { HandlerAnswer } from './handler.ts';
import type { InvocationDraws } from './invocation-draws.ts';
import type { ResponseReading, StateReading } from './item-failures.ts';
import { readResponse, readState, reportedPlaces } from './item-failures.ts';
import type { TumblingWindow } from './tumbling-window.ts';
import { countingResponse } from './tumbling-window.ts';

/** An invocation on its way: everything about it is decided when it starts. */
export interface Invocation extends InvocationRun {
  readonly end: Instant;
  /** The places of the batch's poison records (E10). */
  readonly poison: readonly number[];
  /** Its handler has run to its end, and only its answer was lost (L7): every record is processed. */
  readonly hadEffects: boolean;
  /** P11: the state that its response holds; null where it fails, or there are no windows. */
  readonly reading: StateReading | null;
  /** What its handler threw, and so failed it. */
  readonly thrown?: string;
}

/** What decides of a lane's invocations. */
export interface InvocationParts {
  readonly mapping: MappingSettings;
  readonly faults: LaneFaults;
  readonly draws: InvocationDraws;
  readonly events: LaneEvents;
  /** P11; null: there are none. */
  readonly tumbling: TumblingWindow | null;
}

/** The invocation of a batch that has its slot. */
export interface InvocationStart {
  readonly at: Instant;
  readonly environment: EnvironmentKind;
  readonly timeout: Duration;
  /** Invocations of the function that run, with this one (L5a). */
  readonly running: number;
  /** Invocations of the lane before this one, which place its draws. */
  readonly laneStarts: number;
  /** What the function's faults do to it (L6). */
  readonly verdict: Verdict;
  /** Records of the batch that have been processed before (E10). */
  readonly duplicates: number;
  /** How many of the records at these places are not settled yet (P4). */
  readonly unsettled: (places: readonly number[]) => number;
}

/** L4–L6 */
export function decideInvocation(parts: InvocationParts, batch: Batch, start: InvocationStart): Invocation {
  const { mapping, draws, tumbling } = parts;
  const { timeout, laneStarts, running, verdict } = start;
  const drawn = Math.round(draws.duration(laneStarts, batch, running) * verdict.slowdown);
  const duration = verdict.fails ? (verdict.after ?? drawn) : drawn;
  const decision = duration > timeout ? TIMED_OUT : answer(batch, start, mapping);
  const processed = decision.outcome === 'success' ? batch.size : decision.done;
  const reading =
    tumbling === null || (processed === 0 && decision.outcome !== 'success')
      ? null
      : readState(countingResponse(tumbling.state, processed));
  const invocation = invocationOf(parts, start, { duration, decision, poison: verdict.poison, reading });
  return verdict.responseLost ? { ...invocation, hadEffects: true } : invocation;
}

/** The same where the function's own handler has answered. A fault may slow it down, or lose its answer. */
export function answeredInvocation(
  parts: InvocationParts,
  batch: Batch,
  start: InvocationStart,
  { reply, duration: reported }: HandlerAnswer,
): Invocation {
  const { mapping, draws, events, tumbling } = parts;
  const { slowdown, fails, after } = start.verdict;
  const own = Math.round((reported ?? draws.duration(start.laneStarts, batch, start.running)) * slowdown);
  const duration = fails ? (after ?? own) : own;
  const failed = { duration, poison: [], reading: null };
  if (fails) {
    const decision = duration > start.timeout ? TIMED_OUT : FAILED;
    return { ...invocationOf(parts, start, { ...failed, decision }), hadEffects: reply.kind === 'returned' };
  }
  if (duration > start.timeout) return invocationOf(parts, start, { ...failed, decision: TIMED_OUT });
  if (reply.kind === 'thrown') return invocationOf(parts, start, { ...failed, decision: FAILED });
  const state = tumbling === null ? null : readState(reply.response);
  if (state?.kind === 'missing') return invocationOf(parts, start, { ...failed, decision: MALFORMED });
  const records = recordsOf(batch, events);
  const placeOf = (identifier: string) => records().get(identifier)?.position ?? null;
  const named = reportedPlaces(reply.response, (identifier) => records().get(identifier)?.place ?? null);
  if (!mapping.reportBatchItemFailures) {
    const decision = { ...SUCCEEDED, silentlyLost: start.unsettled(named) };
    return invocationOf(parts, start, { duration, decision, poison: [], reading: state });
  }
  const decision = decisionOf(readResponse(reply.response, placeOf));
  const poison = decision.outcome === 'partialFailure' ? named : [];
  const isProcessed = decision.outcome === 'success' || decision.done > 0;
  return invocationOf(parts, start, { duration, decision, poison, reading: isProcessed ? state : null });
}

/** Where the records of a batch stand in it, and among the lane's own, by their sequence numbers; made when first asked. */
function recordsOf(batch: Batch, events: LaneEvents): () => ReadonlyMap<string, { position: number; place: number }> {
  let found: Map<string, { position: number; place: number }> | null = null;
  return () => {
    if (found !== null) return found;
    found = new Map();
    for (const { second, from, to } of batch.parts) {
      for (let i = from; i < to; i++) {
        const { sequenceNumber } = events.frameOf(second, i).kinesis;
        found.set(sequenceNumber, { position: found.size, place: second.first + i });
      }
    }
    return found;
  };
}

interface Decided {
  /** Of the function's code, were there no Timeout. */
  readonly duration: Duration;
  readonly decision: Answer;
  readonly poison: readonly number[];
  readonly reading: StateReading | null;
}

function invocationOf(
  { draws }: InvocationParts,
  { at, environment, timeout, laneStarts, duplicates }: InvocationStart,
  { duration, decision, poison, reading }: Decided,
): Invocation {
  const coldStart = environment === 'new' ? draws.coldStart(laneStarts) : 0;
  const { outcome, done, silentlyLost } = decision;
  return {
    start: at,
    end: at + coldStart + Math.min(duration, timeout),
    coldStart,
    environment,
    outcome,
    done,
    silentlyLost,
    duplicates,
    poison,
    reading,
    hadEffects: false,
  };
}

/** One that succeeds at its first attempt. */
export function successOf(
  { kind: environment }: { readonly kind: EnvironmentKind },
  { start, coldStart, end }: Pick<Invocation, 'start' | 'coldStart' | 'end'>,
): Invocation {
  const { outcome, done, silentlyLost } = SUCCEEDED;
  return {
    start,
    end,
    coldStart,
    environment,
    outcome,
    done,
    silentlyLost,
    duplicates: 0,
    poison: [],
    reading: null,
    hadEffects: false,
  };
}

type Answer = Pick<InvocationRun, 'outcome' | 'done' | 'silentlyLost'>;
const SUCCEEDED: Answer = { outcome: 'success', done: 0, silentlyLost: 0 };
const FAILED: Answer = { outcome: 'functionError', done: 0, silentlyLost: 0 };
const MALFORMED: Answer = { outcome: 'malformedResponse', done: 0, silentlyLost: 0 };
const TIMED_OUT: Answer = { outcome: 'timeout', done: 0, silentlyLost: 0 };

/** What a function answers that does not run into its Timeout (E5, E6). */
function answer(batch: Batch, { verdict, unsettled }: InvocationStart, mapping: MappingSettings): Answer {
  if (!verdict.fails) return SUCCEEDED;
  if (!verdict.reports) return FAILED;
  if (!mapping.reportBatchItemFailures) return { ...SUCCEEDED, silentlyLost: unsettled(verdict.poison) };
  const places = new Map(verdict.poison.map((place) => [String(place), batch.countBefore(place)]));
  const batchItemFailures = [...places.keys()].map((itemIdentifier) => ({ itemIdentifier }));
  return decisionOf(readResponse({ batchItemFailures }, (identifier) => places.get(identifier) ?? null));
}

function decisionOf(reading: ResponseReading): Answer {
  return { outcome: reading.kind, done: reading.kind === 'partialFailure' ? reading.checkpoint : 0, silentlyLost: 0 };
}
