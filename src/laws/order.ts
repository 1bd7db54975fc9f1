import type { Instant } from '../kernel/time.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import { Divisions, forget } from './divisions.ts';
import { laneOf, law, placeOf, readsInPart } from './law.ts';

export const order = law(
  'In a lane, batches begin in the order of their records, and none before the one before is settled; where a change of the factor or of the tumbling window has made other lanes, they begin again (O1, O2, O3, E1)',
  ({ recording, trace }) => {
    const breaches: string[] = [];
    const settledTo = new Map<string, number>();
    const startedTo = new Map<string, number>();
    const divisions = new Divisions(recording);
    const roleChanges = recording.scenario.timeline.filter(({ kind }) => kind === 'role').map(({ at }) => at);
    for (const event of trace) {
      while (roleChanges.length > 0 && event.t >= roleChanges[0]!) {
        roleChanges.shift();
        startedTo.clear(); // A3: polling may have stopped and begun again
      }
      if (event.type === 'state') {
        // P9: a batch that was given back is cut again, with a fresh count.
        if (event.state === 'Enabled') forget(startedTo, `${event.mapping} `);
        divisions.enter(event.mapping);
        continue;
      }
      if (event.type === 'poll') {
        if (!divisions.begins(event)) continue;
        for (const places of [settledTo, startedTo]) forget(places, `${event.mapping} ${event.shardId} `);
        continue;
      }
      if (event.first === null) continue; // P11: a final invocation has no records
      const lane = laneOf(event);
      const settled = settledTo.get(lane) ?? -1;
      if (event.type === 'invocation') {
        if (event.first <= settled) {
          breaches.push(`${lane}: record ${event.first} comes again after it was settled (O2)`);
        }
        const started = startedTo.get(lane) ?? -1;
        if (event.first <= started && event.last > started) {
          breaches.push(
            `${lane}: the attempt at ${event.start} has new records beside those from ${event.first} on (E1, E2)`,
          );
        }
        startedTo.set(lane, Math.max(started, event.last));
        if (event.outcome !== 'success') continue;
      }
      if (event.type === 'throttle') continue;
      // Of a slice, or with a filter, not all records between two indices of the shard are the lane's (P4, P10).
      const isSlice = readsInPart(placeOf(recording, event.mapping).mapping);
      if (event.type === 'split') {
        if (event.by === 'itemFailures' && !isSlice)
          settledTo.set(lane, Math.max(settled, event.first + event.lower - 1));
        continue;
      }
      if (event.first > settled + 1 && settledTo.has(lane) && !isSlice) {
        breaches.push(`${lane}: records ${settled + 1} to ${event.first - 1} were passed over (O2)`);
      }
      settledTo.set(lane, Math.max(settled, event.last));
    }
    return breaches;
  },
);

export const oneBatchInFlight = law('A lane has one invocation at a time (P4)', ({ trace }) => {
  const breaches: string[] = [];
  const busyUntil = new Map<string, Instant>();
  for (const event of trace) {
    if (event.type !== 'invocation') continue;
    const lane = laneOf(event);
    if (event.start < (busyUntil.get(lane) ?? 0)) {
      breaches.push(`${lane}: an invocation starts at ${event.start}, before ${busyUntil.get(lane)} (P4)`);
    }
    busyUntil.set(lane, event.end);
  }
  return breaches;
});

export const parentsFirst = law(
  'No record of a shard is delivered before every record of the shards it was made of is settled (K6, O1)',
  ({ recording, trace }) => {
    const begun = new Map<string, Instant>();
    const settled = new Map<string, Instant>();
    for (const event of trace) {
      if (!('shardId' in event) || event.type === 'poll' || event.type === 'split') continue;
      const shard = `${event.mapping} ${event.shardId}`;
      const at = event.type === 'invocation' ? event.start : event.t;
      begun.set(shard, Math.min(begun.get(shard) ?? at, at));
      settled.set(shard, Math.max(settled.get(shard) ?? event.t, event.t));
    }
    return recording.mappings.flatMap(({ settings: { name } }) => {
      const { shards } = placeOf(recording, name).stream.settings;
      return shards.flatMap(({ parents }, number) => {
        const child = `${name} ${shardIdOf(number)}`;
        return parents.flatMap((parent) => {
          const before = settled.get(`${name} ${shardIdOf(parent)}`);
          const first = begun.get(child);
          return before === undefined || first === undefined || first >= before
            ? []
            : [`${child}: begins at ${first}, before shard ${parent} is settled at ${before} (K6)`];
        });
      });
    });
  },
);

export const checkpointsNeverGoBack = law(
  'What a lane has settled stays so: it never settles an earlier record after a later one, but where other lanes have taken over (O3, P4)',
  ({ recording, trace }) => {
    const breaches: string[] = [];
    const checkpoints = new Map<string, number>();
    const divisions = new Divisions(recording);
    for (const event of trace) {
      if (event.type === 'state') divisions.enter(event.mapping);
      if (event.type === 'poll' && divisions.begins(event)) forget(checkpoints, `${event.mapping} ${event.shardId} `);
      const settles = event.type === 'discard' || (event.type === 'invocation' && event.outcome === 'success');
      if (!settles || event.first === null) continue;
      const lane = laneOf(event);
      const checkpoint = checkpoints.get(lane) ?? -1;
      if (event.first <= checkpoint) {
        breaches.push(`${lane}: record ${event.first} is settled at ${event.t}, after record ${checkpoint} (O3)`);
      }
      checkpoints.set(lane, Math.max(checkpoint, event.last));
    }
    return breaches;
  },
);
