import type { Instant } from '../kernel/time.ts';
import { MILLISECOND } from '../kernel/time.ts';
import { forget, lanesOf } from './lanes.ts';
import { byMapping } from './law.ts';
import { walkingLaw } from './walking-law.ts';

export const tumblingWindows = walkingLaw(
  'The records of an invocation belong to its window, and no window begins before the final invocation of the one before has succeeded, of which there is one for each window that is closed (P11)',
  (run) => {
    const { measuredFrom, mappings } = run.recording;
    const breaches: string[] = [];
    const open = lanesOf(run).map((): Instant | null => null);
    const closed = byMapping(run, () => ({ count: 0 }));
    return {
      // P4: with other lanes, the window that was open is given up.
      divided: (shard) => forget(open, shard, null),
      event: (event, { number, name, mapping: { settings } }) => {
        if (event.type !== 'invocation' || event.window === undefined) return;
        const { start, end } = event.window;
        if (event.iteratorAgeMs !== null) {
          const taken = settings.iteratorAge === 'atFinish' ? event.end : event.start;
          const newestArrival = taken - Math.round(event.iteratorAgeMs * MILLISECOND);
          if (newestArrival < start || newestArrival >= end) {
            breaches.push(`${name}: a record of ${newestArrival} in the window from ${start} to ${end} (P11)`);
          }
        }
        const before = open[number] ?? start;
        if (before !== start) {
          breaches.push(`${name}: the window from ${start} begins before that from ${before} is closed (P11)`);
        }
        open[number] = start;
        if (!event.isFinalInvokeForWindow || event.outcome !== 'success') return;
        open[number] = null;
        if (event.start >= measuredFrom) closed.get(settings.name)!.count++;
      },
      breaches: () => {
        for (const { settings, windows } of mappings) {
          const { count } = closed.get(settings.name)!;
          if (count !== windows.closed) {
            breaches.push(`${settings.name}: ${count} windows closed in the trace, ${windows.closed} counted (P11)`);
          }
        }
        return breaches;
      },
    };
  },
);

export const stateCarriedWhole = walkingLaw(
  'A window begins with an empty state; only an invocation that succeeded, in whole or in part, changes it (P11)',
  (run) => {
    const breaches: string[] = [];
    /** As JSON; null: nobody but the function knows. */
    const known = lanesOf(run).map((): string | null => '{}');
    return {
      divided: (shard) => forget(known, shard, '{}'),
      event: (event, { number, name }) => {
        if (event.type !== 'invocation' || event.state === undefined) return;
        const state = JSON.stringify(event.state);
        const expected = known[number]!;
        if (expected !== null && state !== expected) {
          breaches.push(
            `${name}: the invocation at ${event.start} is given the state ${state}, expected ${expected} (P11)`,
          );
        }
        const isChanged = event.outcome === 'success' || event.outcome === 'partialFailure';
        const isClosed = event.outcome === 'success' && event.isFinalInvokeForWindow === true;
        known[number] = isClosed ? '{}' : isChanged ? null : state;
      },
      breaches: () => breaches,
    };
  },
);
