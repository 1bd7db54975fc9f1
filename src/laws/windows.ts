import type { Instant } from '../kernel/time.ts';
import { MILLISECOND } from '../kernel/time.ts';
import { Divisions, forget } from './divisions.ts';
import { laneOf, law, placeOf } from './law.ts';

export const tumblingWindows = law(
  'The records of an invocation belong to its window, and no window begins before the final invocation of the one before has succeeded, of which there is one for each window that is closed (P11)',
  ({ recording, trace }) => {
    const breaches: string[] = [];
    const open = new Map<string, Instant>();
    const closed = new Map<string, number>();
    const divisions = new Divisions(recording);
    for (const event of trace) {
      if (event.type === 'state') divisions.enter(event.mapping);
      // P4: with other lanes, the window that was open is given up.
      if (event.type === 'poll' && divisions.begins(event)) forget(open, `${event.mapping} ${event.shardId} `);
      if (event.type !== 'invocation' || event.window === undefined) continue;
      const lane = laneOf(event);
      const { start, end } = event.window;
      if (event.iteratorAgeMs !== null) {
        const { mapping } = placeOf(recording, event.mapping);
        const taken = mapping.settings.iteratorAge === 'atFinish' ? event.end : event.start;
        const newestArrival = taken - Math.round(event.iteratorAgeMs * MILLISECOND);
        if (newestArrival < start || newestArrival >= end) {
          breaches.push(`${lane}: a record of ${newestArrival} in the window from ${start} to ${end} (P11)`);
        }
      }
      const before = open.get(lane) ?? start;
      if (before !== start) {
        breaches.push(`${lane}: the window from ${start} begins before that from ${before} is closed (P11)`);
      }
      open.set(lane, start);
      if (!event.isFinalInvokeForWindow || event.outcome !== 'success') continue;
      open.delete(lane);
      if (event.start >= recording.measuredFrom) closed.set(event.mapping, (closed.get(event.mapping) ?? 0) + 1);
    }
    for (const { settings, windows } of recording.mappings) {
      const count = closed.get(settings.name) ?? 0;
      if (count !== windows.closed) {
        breaches.push(`${settings.name}: ${count} windows closed in the trace, ${windows.closed} counted (P11)`);
      }
    }
    return breaches;
  },
);

export const stateCarriedWhole = law(
  'A window begins with an empty state; only an invocation that succeeded, in whole or in part, changes it (P11)',
  ({ recording, trace }) => {
    const breaches: string[] = [];
    const known = new Map<string, string | null>();
    const divisions = new Divisions(recording);
    for (const event of trace) {
      if (event.type === 'state') divisions.enter(event.mapping);
      if (event.type === 'poll' && divisions.begins(event)) forget(known, `${event.mapping} ${event.shardId} `);
      if (event.type !== 'invocation' || event.state === undefined) continue;
      const lane = laneOf(event);
      const state = JSON.stringify(event.state);
      const expected = known.get(lane) === undefined ? '{}' : known.get(lane)!;
      if (expected !== null && state !== expected) {
        breaches.push(
          `${lane}: the invocation at ${event.start} is given the state ${state}, expected ${expected} (P11)`,
        );
      }
      const isChanged = event.outcome === 'success' || event.outcome === 'partialFailure';
      const isClosed = event.outcome === 'success' && event.isFinalInvokeForWindow === true;
      known.set(lane, isClosed ? '{}' : isChanged ? null : state);
    }
    return breaches;
  },
);
