import type { BalanceTally } from '../recording/recording.ts';
import type { TraceEvent } from '../recording/trace.ts';
import type { Run } from './law.ts';
import { laneOf, law, placeOf } from './law.ts';

export const atLeastOnce = law(
  'Every record that counts as succeeded was in an invocation that processed it (E9, E10)',
  (run) =>
    run.recording.mappings.flatMap(({ settings: { name }, lanes }) => {
      const settled = processedOf(run, name);
      if (settled === null) return [];
      const succeeded = lanes.reduce((sum, { balance }) => sum + balance.succeeded, 0);
      return settled.size >= succeeded && (settled.size === succeeded || comesAgain(run, name))
        ? []
        : [`${name}: ${succeeded} records count as succeeded, and ${settled.size} were processed (E10)`];
    }),
);

const REASONS = [
  ['RetryAttemptsExhausted', (balance) => balance.discardedRetryAttempts],
  ['RecordAgeExceeded', (balance) => balance.discardedRecordAge],
  ['PayloadTooLarge', (balance) => balance.discardedPayload],
  ['expired', (balance) => balance.expired],
] as const satisfies readonly (readonly [string, (balance: BalanceTally) => number])[];

export const nothingLostWithoutReason = law(
  'No record is lost but for a reason that the trace names: a discard with its condition, or its retention (E2, E3, K5, P5)',
  (run) =>
    run.recording.mappings.flatMap(({ settings: { name }, lanes }) =>
      REASONS.flatMap(([reason, pick]) => {
        const lost = lanes.reduce((sum, { balance }) => sum + pick(balance), 0);
        const named = run.trace.reduce((sum, event) => sum + (isLoss(event, name, reason) ? event.size : 0), 0);
        return lost === named || (lost < named && comesAgain(run, name))
          ? []
          : [`${name}: ${lost} records are lost as ${reason}, the trace names ${named} (E9)`];
      }),
    ),
);

export const attemptsWithinLimit = law(
  'An unchanged piece is invoked at most MaximumRetryAttempts + 1 times; the final invocation of a window has no limit (E3, P11)',
  ({ recording, trace }) =>
    trace.flatMap((event) => {
      if (event.type !== 'invocation' || event.first === null) return [];
      const limits = placeOf(recording, event.mapping).mapping.life.allSettings.map((one) => one.maximumRetryAttempts);
      if (limits.includes(-1) || event.attempt <= Math.max(...limits) + 1) return [];
      return [
        `${laneOf(event)}: records ${event.first} to ${event.last} are invoked for the ${event.attempt}th time (E3)`,
      ];
    }),
);

export const throttlesAreNoAttempts = law(
  'An attempt follows the one before or begins a fresh count, however often the batch was throttled between (L2, E3)',
  ({ trace }) => {
    const breaches: string[] = [];
    const before = new Map<string, number>();
    for (const event of trace) {
      if (event.type !== 'invocation') continue;
      const lane = laneOf(event);
      const last = before.get(lane) ?? 0;
      if (event.attempt !== 1 && event.attempt !== last + 1) {
        breaches.push(`${lane}: attempt ${event.attempt} at ${event.start} follows attempt ${last} (L2)`);
      }
      before.set(lane, event.attempt);
    }
    return breaches;
  },
);

/** Shard and index of each record that an invocation has processed to its settling; null where they are not listed. */
function processedOf({ trace }: Run, mapping: string): Set<string> | null {
  const settled = new Set<string>();
  let last: Extract<TraceEvent, { type: 'invocation' }> | null = null;
  for (const event of trace) {
    if (event.type === 'state' || event.mapping !== mapping) continue;
    if (event.type === 'invocation') {
      if (event.records === undefined) return null;
      last = event;
    }
    const done =
      event.type === 'invocation' && event.outcome === 'success'
        ? event.size
        : event.type === 'split' && event.by === 'itemFailures'
          ? event.lower
          : 0;
    for (const { index } of last?.records?.slice(0, done) ?? []) settled.add(`${event.shardId} ${index}`);
  }
  return settled;
}

function isLoss(
  event: TraceEvent,
  mapping: string,
  reason: string,
): event is Extract<TraceEvent, { type: 'discard' | 'expire' }> {
  if (event.type === 'expire') return event.mapping === mapping && reason === 'expired';
  return event.type === 'discard' && event.mapping === mapping && event.condition === reason;
}

/** P4: what other lanes had settled is delivered again. */
function comesAgain({ recording }: Run, name: string): boolean {
  const all = placeOf(recording, name).mapping.life.allSettings;
  return (
    new Set(all.map(({ parallelizationFactor: factor, tumblingWindow }) => `${factor} ${tumblingWindow}`)).size > 1
  );
}
