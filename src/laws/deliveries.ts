import type { BalanceTally, MappingTally } from '../recording/mapping-tally.ts';
import type { InvocationEvent, Lane, LaneEvent } from './lanes.ts';
import { hasOtherLanes, lanesOf } from './lanes.ts';
import { byMapping } from './law.ts';
import { ofInvocations, walkingLaw } from './walking-law.ts';

export const atLeastOnce = walkingLaw(
  'Every record that counts as succeeded was in an invocation that processed it (E9, E10)',
  (run) => {
    const processed = new Processed();
    return {
      event: (event, lane) => processed.see(event, lane),
      breaches: () => {
        const { counts, areListed } = processed;
        if (!areListed) return [];
        return run.recording.mappings.flatMap((mapping) => {
          const { name } = mapping.settings;
          const succeeded = totalOf(mapping, (balance) => balance.succeeded);
          const count = counts.get(name) ?? 0;
          return count >= succeeded && (count === succeeded || comesAgain(mapping))
            ? []
            : [`${name}: ${succeeded} records count as succeeded, and ${count} were processed (E10)`];
        });
      },
    };
  },
);

const REASONS = [
  ['RetryAttemptsExhausted', (balance) => balance.discardedRetryAttempts],
  ['RecordAgeExceeded', (balance) => balance.discardedRecordAge],
  ['PayloadTooLarge', (balance) => balance.discardedPayload],
  ['expired', (balance) => balance.expired],
] as const satisfies readonly (readonly [string, (balance: BalanceTally) => number])[];

export const nothingLostWithoutReason = walkingLaw(
  'No record is lost but for a reason that the trace names: a discard with its condition, or its retention (E2, E3, K5, P5)',
  (run) => {
    const named = byMapping(run, () => new Map<string, number>());
    return {
      event: (event, { mapping: { settings } }) => {
        if (event.type !== 'discard' && event.type !== 'expire') return;
        const counts = named.get(settings.name)!;
        const reason = event.type === 'discard' ? event.condition : 'expired';
        counts.set(reason, (counts.get(reason) ?? 0) + event.size);
      },
      breaches: () =>
        run.recording.mappings.flatMap((mapping) => {
          const { name } = mapping.settings;
          return REASONS.flatMap(([reason, pick]) => {
            const lost = totalOf(mapping, pick);
            const count = named.get(name)!.get(reason) ?? 0;
            return lost === count || (lost < count && comesAgain(mapping))
              ? []
              : [`${name}: ${lost} records are lost as ${reason}, the trace names ${count} (E9)`];
          });
        }),
    };
  },
);

export const attemptsWithinLimit = walkingLaw(
  'An unchanged piece is invoked at most MaximumRetryAttempts + 1 times; the final invocation of a window has no limit (E3, P11)',
  (run) => {
    const breaches: string[] = [];
    const most = byMapping(run, ({ life }) => {
      const limits = life.allSettings.map((one) => one.maximumRetryAttempts);
      return limits.includes(-1) ? Number.POSITIVE_INFINITY : Math.max(...limits) + 1;
    });
    return {
      event: ofInvocations(({ first, last, attempt }, { name, mapping: { settings } }) => {
        if (first === null || attempt <= most.get(settings.name)!) return;
        breaches.push(`${name}: records ${first} to ${last} are invoked for the ${attempt}th time (E3)`);
      }),
      breaches: () => breaches,
    };
  },
);

export const throttlesAreNoAttempts = walkingLaw(
  'An attempt follows the one before or begins a fresh count, however often the batch was throttled between (L2, E3)',
  (run) => {
    const breaches: string[] = [];
    const before = lanesOf(run).map(() => 0);
    return {
      event: ofInvocations(({ attempt, start }, { number, name }) => {
        if (attempt !== 1 && attempt !== before[number]! + 1) {
          breaches.push(`${name}: attempt ${attempt} at ${start} follows attempt ${before[number]} (L2)`);
        }
        before[number] = attempt;
      }),
      breaches: () => breaches,
    };
  },
);

/** How many records of each mapping an invocation has processed to its settling. */
class Processed {
  readonly counts = new Map<string, number>();
  /** Whether the trace lists the records. */
  areListed = true;
  readonly #settled = new Map<number, Set<number>>();
  #last: InvocationEvent | null = null;

  see(event: LaneEvent, { shard, mapping: { settings } }: Lane): void {
    if (event.type === 'invocation') {
      this.areListed &&= event.records !== undefined;
      this.#last = event;
    }
    const done =
      event.type === 'invocation' && event.outcome === 'success'
        ? event.size
        : event.type === 'split' && event.by === 'itemFailures'
          ? event.lower
          : 0;
    if (done === 0 || !this.areListed) return;
    const ofShard = this.#settled.get(shard.number) ?? new Set();
    this.#settled.set(shard.number, ofShard);
    const before = ofShard.size;
    for (const { index } of this.#last?.records?.slice(0, done) ?? []) ofShard.add(index);
    this.counts.set(settings.name, (this.counts.get(settings.name) ?? 0) + ofShard.size - before);
  }
}

function totalOf({ lanes }: MappingTally, pick: (balance: BalanceTally) => number): number {
  return lanes.reduce((sum, { balance }) => sum + pick(balance), 0);
}

/** P4: what other lanes had settled is delivered again. */
function comesAgain({ life }: MappingTally): boolean {
  return hasOtherLanes(life.allSettings);
}
