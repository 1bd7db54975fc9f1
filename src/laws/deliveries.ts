import type { BalanceTally, MappingTally } from '../recording/mapping-tally.ts';
import type { InvocationEvent } from './lanes.ts';
import { follow, followInvocations, hasOtherLanes, lanesOf } from './lanes.ts';
import type { Run } from './law.ts';
import { byMapping, law } from './law.ts';

export const atLeastOnce = law(
  'Every record that counts as succeeded was in an invocation that processed it (E9, E10)',
  (run) => {
    const processed = processedOf(run);
    if (processed === null) return [];
    return run.recording.mappings.flatMap((mapping) => {
      const { name } = mapping.settings;
      const succeeded = totalOf(mapping, (balance) => balance.succeeded);
      const count = processed.get(name) ?? 0;
      return count >= succeeded && (count === succeeded || comesAgain(mapping))
        ? []
        : [`${name}: ${succeeded} records count as succeeded, and ${count} were processed (E10)`];
    });
  },
);

const REASONS = [
  ['RetryAttemptsExhausted', (balance) => balance.discardedRetryAttempts],
  ['RecordAgeExceeded', (balance) => balance.discardedRecordAge],
  ['PayloadTooLarge', (balance) => balance.discardedPayload],
  ['expired', (balance) => balance.expired],
] as const satisfies readonly (readonly [string, (balance: BalanceTally) => number])[];

export const nothingLostWithoutReason = law(
  'No record is lost but for a reason that the trace names: a discard with its condition, or its retention (E2, E3, K5, P5)',
  (run) => {
    const named = byMapping(run, () => new Map<string, number>());
    follow(run, {
      event: (event, { mapping: { settings } }) => {
        if (event.type !== 'discard' && event.type !== 'expire') return;
        const counts = named.get(settings.name)!;
        const reason = event.type === 'discard' ? event.condition : 'expired';
        counts.set(reason, (counts.get(reason) ?? 0) + event.size);
      },
    });
    return run.recording.mappings.flatMap((mapping) => {
      const { name } = mapping.settings;
      return REASONS.flatMap(([reason, pick]) => {
        const lost = totalOf(mapping, pick);
        const count = named.get(name)!.get(reason) ?? 0;
        return lost === count || (lost < count && comesAgain(mapping))
          ? []
          : [`${name}: ${lost} records are lost as ${reason}, the trace names ${count} (E9)`];
      });
    });
  },
);

export const attemptsWithinLimit = law(
  'An unchanged piece is invoked at most MaximumRetryAttempts + 1 times; the final invocation of a window has no limit (E3, P11)',
  (run) => {
    const breaches: string[] = [];
    const most = byMapping(run, ({ life }) => {
      const limits = life.allSettings.map((one) => one.maximumRetryAttempts);
      return limits.includes(-1) ? Number.POSITIVE_INFINITY : Math.max(...limits) + 1;
    });
    followInvocations(run, ({ first, last, attempt }, { name, mapping: { settings } }) => {
      if (first === null || attempt <= most.get(settings.name)!) return;
      breaches.push(`${name}: records ${first} to ${last} are invoked for the ${attempt}th time (E3)`);
    });
    return breaches;
  },
);

export const throttlesAreNoAttempts = law(
  'An attempt follows the one before or begins a fresh count, however often the batch was throttled between (L2, E3)',
  (run) => {
    const breaches: string[] = [];
    const before = lanesOf(run).map(() => 0);
    followInvocations(run, ({ attempt, start }, { number, name }) => {
      if (attempt !== 1 && attempt !== before[number]! + 1) {
        breaches.push(`${name}: attempt ${attempt} at ${start} follows attempt ${before[number]} (L2)`);
      }
      before[number] = attempt;
    });
    return breaches;
  },
);

/** How many records of each mapping an invocation has processed to its settling; null where they are not listed. */
function processedOf(run: Run): ReadonlyMap<string, number> | null {
  let areListed = true;
  const settled = new Map<number, Set<number>>();
  const counts = new Map<string, number>();
  let last: InvocationEvent | null = null;
  follow(run, {
    event: (event, { shard, mapping: { settings } }) => {
      if (event.type === 'invocation') {
        areListed &&= event.records !== undefined;
        last = event;
      }
      const done =
        event.type === 'invocation' && event.outcome === 'success'
          ? event.size
          : event.type === 'split' && event.by === 'itemFailures'
            ? event.lower
            : 0;
      if (done === 0) return;
      const ofShard = settled.get(shard.number) ?? new Set();
      settled.set(shard.number, ofShard);
      const before = ofShard.size;
      for (const { index } of last?.records?.slice(0, done) ?? []) ofShard.add(index);
      counts.set(settings.name, (counts.get(settings.name) ?? 0) + ofShard.size - before);
    },
  });
  return areListed ? counts : null;
}

function totalOf({ lanes }: MappingTally, pick: (balance: BalanceTally) => number): number {
  return lanes.reduce((sum, { balance }) => sum + pick(balance), 0);
}

/** P4: what other lanes had settled is delivered again. */
function comesAgain({ life }: MappingTally): boolean {
  return hasOtherLanes(life.allSettings);
}
