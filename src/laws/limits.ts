import type { Instant } from '../kernel/time.ts';
import { MILLISECOND, SECOND } from '../kernel/time.ts';
import {
  READ_BYTES_PER_SECOND,
  READ_CALLS_PER_SECOND,
  WRITE_BYTES_PER_SECOND,
  WRITE_RECORDS_PER_SECOND,
} from '../recording/limits.ts';
import { laneOf, law, placeOf, readsInPart } from './law.ts';

export const concurrencyLimit = law(
  'There are never more invocations at once than a pool has slots (L1)',
  ({ recording, trace }) => {
    const { scenario } = recording;
    const reserved = new Map(scenario.functions.map((target) => [target.name, target.reservedConcurrentExecutions]));
    const sum = [...reserved.values()].reduce<number>((total, slots) => total + (slots ?? 0), 0);
    const changes = new Map<string, { at: Instant; by: number }[]>();
    for (const event of trace) {
      if (event.type !== 'invocation' || event.start === event.end) continue;
      const target = scenario.mappings.find(({ name }) => name === event.mapping)!.function;
      const pool = reserved.get(target) === null ? 'unreserved' : target;
      if (!changes.has(pool)) changes.set(pool, []);
      changes.get(pool)!.push({ at: event.start, by: 1 }, { at: event.end, by: -1 });
    }
    return [...changes].flatMap(([pool, steps]) => {
      const limit = pool === 'unreserved' ? scenario.account.concurrentExecutions - sum : reserved.get(pool)!;
      let level = 0;
      let most = 0;
      for (const { by } of steps.sort((a, b) => a.at - b.at || a.by - b.by)) {
        level += by;
        most = Math.max(most, level);
      }
      return most <= limit ? [] : [`${pool}: ${most} at once, with ${limit} slots (L1)`];
    });
  },
);

export const writeLimit = law(
  'In the fullest period a shard accepts no more than its limits and full buckets allow (K3)',
  ({ recording }) =>
    recording.streams.flatMap(({ settings, shards }) => {
      if (!settings.writeLimits || settings.mode === 'ON_DEMAND') return [];
      const seconds = recording.period / SECOND;
      return shards.flatMap(({ peakRecords, peakBytes }, shard) => {
        // A period that the run's end cuts short is measured by its own length, so its rate says little.
        if (peakRecords.at === null || peakRecords.at + recording.period > recording.end) return [];
        const records = peakRecords.rate * seconds;
        const bytes = peakBytes.rate * seconds;
        const isWithin =
          records <= WRITE_RECORDS_PER_SECOND * (seconds + 1) + 0.5 &&
          bytes <=
            WRITE_BYTES_PER_SECOND * seconds + Math.max(WRITE_BYTES_PER_SECOND, settings.maximumRecordSize) + 0.5;
        return isWithin ? [] : [`${settings.name} shard ${shard}: ${records} records, ${bytes} bytes in a period (K3)`];
      });
    }),
);

export const readLimit = law(
  'In the fullest period a shard answers no more calls, and gives no more bytes, than its limits and full buckets allow (K4)',
  ({ recording }) =>
    recording.streams.flatMap(({ settings, shards }) => {
      if (!settings.readLimits) return [];
      const seconds = recording.period / SECOND;
      return shards.flatMap(({ peakCalls, peakReadBytes }, shard) => {
        if (peakCalls.at === null || peakCalls.at + recording.period > recording.end) return [];
        const calls = peakCalls.rate * seconds;
        const bytes = peakReadBytes.rate * seconds;
        const isWithin =
          calls <= READ_CALLS_PER_SECOND * (seconds + 1) + 0.5 &&
          bytes <= READ_BYTES_PER_SECOND * (seconds + 1) + BYTES_PER_CALL + 0.5;
        return isWithin ? [] : [`${settings.name} shard ${shard}: ${calls} calls, ${bytes} bytes in a period (K4)`];
      });
    }),
);

export const retention = law(
  'No invocation starts with a newest record that is past its retention (K5, E2)',
  ({ recording, trace }) =>
    trace.flatMap((event) => {
      if (event.type !== 'invocation' || event.iteratorAgeMs === null) return [];
      const { mapping, stream } = placeOf(recording, event.mapping);
      const taken = mapping.settings.iteratorAge === 'atFinish' ? event.end : event.start;
      const newestArrival = taken - event.iteratorAgeMs * MILLISECOND;
      return newestArrival + stream.settings.retention > event.start
        ? []
        : [`${laneOf(event)}: the invocation at ${event.start} holds records that have expired (K5)`];
    }),
);

export const batchSize = law(
  'No batch is larger than BatchSize, as it is when the batch is cut (P3)',
  ({ recording, trace }) =>
    trace.flatMap((event) => {
      if (event.type !== 'invocation' || event.first === null) return [];
      const { mapping } = placeOf(recording, event.mapping);
      const most = Math.max(...mapping.life.allSettings.map((settings) => settings.batchSize));
      const between = event.last - event.first + 1;
      const fits = readsInPart(mapping) ? event.size <= between : event.size === between;
      const isRight = event.size >= 1 && event.size <= most && fits;
      return isRight ? [] : [`${laneOf(event)}: a batch of ${event.size} records at ${event.start} (P3)`];
    }),
);

/** K4: a response may be so large, and is paid for afterwards. */
const BYTES_PER_CALL = 10 * 1_048_576;
