import type { Instant } from '../kernel/time.ts';
import { NEVER } from '../kernel/time.ts';
import { shardIdOf } from '../recording/identifiers.ts';
import type { TraceEvent } from '../recording/trace.ts';
import type { Lane } from './lanes.ts';
import { forget, lanesOf, readsInPart } from './lanes.ts';
import { ofInvocations, walkingLaw } from './walking-law.ts';

export const order = walkingLaw(
  'In a lane, batches begin in the order of their records, and none before the one before is settled; where a change of the factor or of the tumbling window has made other lanes, they begin again (O1, O2, O3, E1)',
  (run) => {
    const { recording } = run;
    const breaches: string[] = [];
    const lanes = lanesOf(run);
    // Of a slice, or with a filter, not all records between two indices of the shard are the lane's (P4, P10).
    const isPart = lanes.map(({ mapping }) => readsInPart(mapping));
    /** Of each lane, the last index that is settled, and the last that an invocation was given; -1: none. */
    const settledTo = lanes.map(() => -1);
    const startedTo = lanes.map(() => -1);
    /** K5: records that an invocation held while later ones expired, and how many of them must still be settled. */
    const held = lanes.map(() => NONE_HELD);
    const settle = (number: number, last: number, count: number) => {
      settledTo[number] = Math.max(settledTo[number]!, last);
      const { left, ...records } = held[number]!;
      if (last <= records.last) held[number] = { ...records, left: left - count };
    };
    const roleChanges = recording.scenario.timeline.filter(({ kind }) => kind === 'role').map(({ at }) => at);
    return {
      state: ({ state, mapping }) => {
        // P9: a batch that was given back is cut again, with a fresh count.
        if (state !== 'Enabled') return;
        for (const lane of lanes) if (lane.mapping.settings.name === mapping) startedTo[lane.number] = -1;
      },
      divided: (shard) => {
        forget(settledTo, shard, -1);
        forget(startedTo, shard, -1);
        forget(held, shard, NONE_HELD);
      },
      event: (event, { number, name }) => {
        while (roleChanges.length > 0 && event.t >= roleChanges[0]!) {
          roleChanges.shift();
          startedTo.fill(-1); // A3: polling may have stopped and begun again
        }
        if (event.type === 'poll' || event.type === 'throttle' || event.first === null) return;
        const settled = settledTo[number]!;
        if (event.type === 'invocation') {
          const { from, last, goneAt } = held[number]!;
          const isHeld = from <= event.first && event.last <= last && event.start < goneAt;
          if (event.first <= settled && !isHeld) {
            breaches.push(`${name}: record ${event.first} comes again after it was settled (O2)`);
          }
          const started = startedTo[number]!;
          if (event.first <= started && event.last > started) {
            breaches.push(
              `${name}: the attempt at ${event.start} has new records beside those from ${event.first} on (E1, E2)`,
            );
          }
          startedTo[number] = Math.max(started, event.last);
          if (event.outcome !== 'success') return;
        }
        if (event.type === 'split') {
          if (event.by === 'itemFailures' && !isPart[number])
            settle(number, event.first + event.lower - 1, event.lower);
          return;
        }
        const [from, last] = [settled + 1, event.first - 1];
        const left = settled >= 0 && !isPart[number] ? last - settled : 0;
        if (event.type === 'expire' && last >= from && held[number]!.left === 0) {
          held[number] = { from, last, goneAt: event.t, left };
        } else if (left > 0) breaches.push(passedOver(name, { from, last }));
        settle(number, event.last, event.size);
      },
      breaches: () => {
        const isLost = ({ number, mapping }: Lane) =>
          held[number]!.left > mapping.lanes.reduce((sum, { balance }) => sum + balance.pending, 0);
        return [...breaches, ...lanes.filter(isLost).map(({ name, number }) => passedOver(name, held[number]!))];
      },
    };
  },
);

const NONE_HELD = { from: 0, last: -1, goneAt: 0, left: 0 };

function passedOver(name: string, { from, last }: { readonly from: number; readonly last: number }): string {
  return `${name}: records ${from} to ${last} were passed over (O2)`;
}

export const oneBatchInFlight = walkingLaw('A lane has one invocation at a time (P4)', (run) => {
  const breaches: string[] = [];
  const busyUntil = lanesOf(run).map(() => 0);
  return {
    event: ofInvocations(({ start, end }, { number, name }) => {
      if (start < busyUntil[number]!) {
        breaches.push(`${name}: an invocation starts at ${start}, before ${busyUntil[number]} (P4)`);
      }
      busyUntil[number] = end;
    }),
    breaches: () => breaches,
  };
});

export const parentsFirst = walkingLaw(
  'No record of a shard is delivered before every record of the shards it was made of is settled (K6, O1)',
  (run) => {
    const seen = new Map<string, { begun: Instant; settled: Instant }>();
    return {
      event: (event, { shard: { name } }) => {
        if (event.type === 'poll' || event.type === 'split') return;
        const begun = begunAt(event);
        const known = seen.get(name);
        if (known === undefined) seen.set(name, { begun, settled: event.t });
        else {
          known.begun = Math.min(known.begun, begun);
          known.settled = Math.max(known.settled, event.t);
        }
      },
      breaches: () =>
        run.recording.mappings.flatMap(({ settings: { name, stream } }) => {
          const { shards } = run.recording.streams.find(({ settings }) => settings.name === stream)!.settings;
          return shards.flatMap(({ parents }, number) => {
            const child = `${name} ${shardIdOf(number)}`;
            return parents.flatMap((parent) => {
              const before = seen.get(`${name} ${shardIdOf(parent)}`)?.settled;
              const first = seen.get(child)?.begun;
              return before === undefined || first === undefined || first >= before
                ? []
                : [`${child}: begins at ${first}, before shard ${parent} is settled at ${before} (K6)`];
            });
          });
        }),
    };
  },
);

/** K5: what has expired unread is told of when its lane is looked at, in whatever order, and nobody has begun with it. */
function begunAt(event: TraceEvent): Instant {
  if (event.type === 'expire') return NEVER;
  return event.type === 'invocation' ? event.start : event.t;
}

export const checkpointsNeverGoBack = walkingLaw(
  'What a lane has settled stays so: it never settles an earlier record after a later one, but where other lanes have taken over (O3, P4)',
  (run) => {
    const breaches: string[] = [];
    const checkpoints = lanesOf(run).map(() => -1);
    return {
      divided: (shard) => forget(checkpoints, shard, -1),
      event: (event, { number, name }) => {
        const settles = event.type === 'discard' || (event.type === 'invocation' && event.outcome === 'success');
        if (!settles || event.first === null) return;
        const checkpoint = checkpoints[number]!;
        if (event.first <= checkpoint) {
          breaches.push(`${name}: record ${event.first} is settled at ${event.t}, after record ${checkpoint} (O3)`);
        }
        checkpoints[number] = Math.max(checkpoint, event.last);
      },
      breaches: () => breaches,
    };
  },
);
