import { shardIdOf } from '../recording/identifiers.ts';
import type { TracedRecord } from '../recording/trace.ts';
import type { StreamSettings } from '../scenario/scenario.ts';
import { Divisions, forget } from './divisions.ts';
import type { Run } from './law.ts';
import { laneOf, law, placeOf } from './law.ts';

export const orderPerPartitionKey = law(
  'First deliveries of one partition key to one mapping are in the order of its sequence numbers, across resharding too (O1)',
  (run) => {
    const breaches: string[] = [];
    const delivered = new Set<string>();
    const latest = new Map<string, number>();
    for (const event of run.trace) {
      if (event.type !== 'invocation' || event.records === undefined) continue;
      const { mapping } = event;
      const heirs = heirsOf(run, mapping).get(event.shardId)!;
      for (const { index, partitionKey } of event.records) {
        if (!isNew(delivered, `${mapping} ${event.shardId} ${index}`)) continue;
        const who = `${mapping}, partition key '${partitionKey}'`;
        const place = (shardId: string) => `${mapping} ${shardId} ${partitionKey}`;
        const before = latest.get(place(event.shardId)) ?? -1;
        if (index < before && !mayComeLate(run, mapping)) {
          breaches.push(
            `${who}: record ${index} of ${event.shardId} comes for the first time at ${event.start}, after record ${before} (O1)`,
          );
        }
        latest.set(place(event.shardId), Math.max(before, index));
        const heir = heirs.find((shardId) => latest.has(place(shardId)));
        if (heir !== undefined) {
          breaches.push(
            `${who}: record ${index} of ${event.shardId} comes at ${event.start}, after record ${latest.get(place(heir))} of its child ${heir} (O1, K6)`,
          );
        }
      }
    }
    return breaches;
  },
);

export const keyOrderUnderRetries = law(
  'No record of a partition key is delivered while an earlier one of the key, which has been, is not settled; but both together may come again (O2, E1, E10)',
  (run) => {
    const breaches: string[] = [];
    /** Of each lane, the records that have been delivered and are not settled, with their keys. */
    const unsettled = new Map<string, Map<number, string>>();
    const divisions = new Divisions(run.recording);
    let last: readonly TracedRecord[] = [];
    for (const event of run.trace) {
      if (event.type === 'state') divisions.enter(event.mapping);
      if (event.type === 'poll' && divisions.begins(event)) forget(unsettled, `${event.mapping} ${event.shardId} `);
      if (event.type === 'state' || event.type === 'poll' || event.type === 'throttle') continue;
      const lane = laneOf(event);
      const open = unsettled.get(lane) ?? new Map<number, string>();
      unsettled.set(lane, open);
      if (event.type === 'invocation') {
        if (event.records === undefined) continue;
        breaches.push(...passedOver(event.records, open).map((what) => `${lane}: at ${event.start} ${what} (O2)`));
        last = event.records;
        for (const { index, partitionKey } of last) {
          if (event.outcome === 'success') open.delete(index);
          else open.set(index, partitionKey);
        }
      } else if (event.type === 'split') {
        if (event.by === 'itemFailures') for (const { index } of last.slice(0, event.lower)) open.delete(index);
      } else for (const index of open.keys()) if (index >= event.first && index <= event.last) open.delete(index);
    }
    return breaches;
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
function heirsOf({ recording }: Run, name: string): ReadonlyMap<string, readonly string[]> {
  const { settings } = placeOf(recording, name).stream;
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
function mayComeLate({ recording }: Run, name: string): boolean {
  const all = placeOf(recording, name).mapping.life.allSettings;
  const values = (pick: (settings: (typeof all)[number]) => unknown) =>
    new Set(all.map((one) => JSON.stringify(pick(one)))).size;
  const hasOtherLanes =
    values(({ parallelizationFactor, tumblingWindow }) => [parallelizationFactor, tumblingWindow]) > 1;
  return hasOtherLanes && values(({ filters, maximumRecordAge }) => [filters, maximumRecordAge]) > 1;
}

function isNew(seen: Set<string>, what: string): boolean {
  if (seen.has(what)) return false;
  seen.add(what);
  return true;
}
