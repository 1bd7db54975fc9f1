import { shardIdOf } from '../recording/identifiers.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import type { TracedRecord } from '../recording/trace.ts';
import type { StreamSettings } from '../scenario/scenario.ts';
import type { TracedShard } from './lanes.ts';
import { hasOtherLanes, lanesOf } from './lanes.ts';
import { byMapping } from './law.ts';
import { ofInvocations, walkingLaw } from './walking-law.ts';

export const orderPerPartitionKey = walkingLaw(
  'First deliveries of one partition key to one mapping are in the order of its sequence numbers, across resharding too (O1)',
  (run) => {
    const breaches: string[] = [];
    const lateComers = byMapping(run, mayComeLate);
    const shards = new Map<string, TracedShard>(lanesOf(run).map(({ shard }) => [shard.name, shard]));
    /** Of each shard, what has been delivered, and the last of each key. */
    const known = [...shards.values()].map(() => ({ delivered: new Set<number>(), latest: new Map<string, number>() }));
    return {
      event: ofInvocations(({ records = [], start }, { mapping: { settings }, stream, shard }) => {
        const { delivered, latest } = known[shard.number]!;
        const heirs = heirsOf(stream.settings).get(shard.shardId)!;
        for (const { index, partitionKey } of records) {
          if (delivered.has(index)) continue;
          delivered.add(index);
          const who = () => `${settings.name}, partition key '${partitionKey}'`;
          const before = latest.get(partitionKey) ?? -1;
          if (index < before && !lateComers.get(settings.name)) {
            breaches.push(
              `${who()}: record ${index} of ${shard.shardId} comes for the first time at ${start}, after record ${before} (O1)`,
            );
          }
          latest.set(partitionKey, Math.max(before, index));
          for (const heir of heirs) {
            const number = shards.get(`${settings.name} ${heir}`)?.number;
            const later = number === undefined ? undefined : known[number]!.latest.get(partitionKey);
            if (later === undefined) continue;
            breaches.push(
              `${who()}: record ${index} of ${shard.shardId} comes at ${start}, after record ${later} of its child ${heir} (O1, K6)`,
            );
            break;
          }
        }
      }),
      breaches: () => breaches,
    };
  },
);

export const keyOrderUnderRetries = walkingLaw(
  'No record of a partition key is delivered while an earlier one of the key, which has been, is not settled; but both together may come again (O2, E1, E10)',
  (run) => {
    const breaches: string[] = [];
    /** Of each lane, the records that have been delivered and are not settled, with their keys. */
    const unsettled = lanesOf(run).map(() => new Map<number, string>());
    let last: readonly TracedRecord[] = [];
    return {
      divided: ({ lanes }) => {
        for (const { number } of lanes.values()) unsettled[number]!.clear();
      },
      event: (event, { number, name }) => {
        const open = unsettled[number]!;
        if (event.type === 'invocation') {
          if (event.records === undefined) return;
          breaches.push(...passedOver(event.records, open).map((what) => `${name}: at ${event.start} ${what} (O2)`));
          last = event.records;
          for (const { index, partitionKey } of last) {
            if (event.outcome === 'success') open.delete(index);
            else open.set(index, partitionKey);
          }
        } else if (event.type === 'split') {
          if (event.by === 'itemFailures') for (const { index } of last.slice(0, event.lower)) open.delete(index);
        } else if (event.type === 'discard' || event.type === 'expire') {
          for (const index of open.keys()) if (index >= event.first && index <= event.last) open.delete(index);
        }
      },
      breaches: () => breaches,
    };
  },
);

/** Records of the same keys that should have come before, or with, those of a batch. */
function passedOver(records: readonly TracedRecord[], open: ReadonlyMap<number, string>): string[] {
  if (open.size === 0) return [];
  const here = new Set(records.map(({ index }) => index));
  const first = new Map<string, number>();
  for (const { index, partitionKey } of records) if (!first.has(partitionKey)) first.set(partitionKey, index);
  return [...open].flatMap(([index, key]) => {
    const later = first.get(key);
    return later === undefined || index > later || here.has(index)
      ? []
      : [`record ${later} of partition key '${key}' is delivered, and record ${index} of it is not settled`];
  });
}

/** Of each shard, those that were made of it, and of these. */
function heirsOf(settings: StreamSettings): ReadonlyMap<string, readonly string[]> {
  const known = HEIRS.get(settings);
  if (known !== undefined) return known;
  const heirs = settings.shards.map(() => new Set<string>());
  settings.shards.forEach((_, shard) => {
    const toVisit = [...settings.shards[shard]!.parents];
    for (let next = toVisit.pop(); next !== undefined; next = toVisit.pop()) {
      heirs[next]!.add(shardIdOf(shard));
      toVisit.push(...settings.shards[next]!.parents);
    }
  });
  const found = new Map(heirs.map((all, shard) => [shardIdOf(shard), [...all]]));
  HEIRS.set(settings, found);
  return found;
}

const HEIRS = new WeakMap<StreamSettings, ReadonlyMap<string, readonly string[]>>();

/** P4: records that no invocation was given, for their age or a filter, may be given with other settings and other lanes. */
function mayComeLate({ life: { allSettings } }: MappingTally): boolean {
  const choices = new Set(
    allSettings.map(({ filters, maximumRecordAge }) => JSON.stringify([filters, maximumRecordAge])),
  );
  return hasOtherLanes(allSettings) && choices.size > 1;
}
