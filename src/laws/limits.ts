import type { Instant } from '../kernel/time.ts';
import { MILLISECOND, SECOND } from '../kernel/time.ts';
import {
  READ_BYTES_PER_SECOND,
  READ_CALLS_PER_SECOND,
  WRITE_BYTES_PER_SECOND,
  WRITE_RECORDS_PER_SECOND,
} from '../recording/limits.ts';
import type { Peak } from '../recording/peak.ts';
import { readsInPart } from './lanes.ts';
import { byMapping, law } from './law.ts';
import { ofInvocations, walkingLaw } from './walking-law.ts';

export const concurrencyLimit = walkingLaw(
  'There are never more invocations at once than a pool has slots (L1)',
  (run) => {
    const { scenario } = run.recording;
    const reserved = new Map(scenario.functions.map((target) => [target.name, target.reservedConcurrentExecutions]));
    const sum = [...reserved.values()].reduce<number>((total, slots) => total + (slots ?? 0), 0);
    const pools = new Map<string, { starts: Instant[]; ends: Instant[] }>();
    const poolOf = byMapping(run, ({ settings: { function: target } }) => {
      const name = reserved.get(target) === null ? 'unreserved' : target;
      const pool = pools.get(name) ?? { starts: [], ends: [] };
      pools.set(name, pool);
      return pool;
    });
    return {
      event: ofInvocations(({ start, end }, { mapping: { settings } }) => {
        if (start === end) return;
        const { starts, ends } = poolOf.get(settings.name)!;
        starts.push(start);
        ends.push(end);
      }),
      breaches: () =>
        [...pools].flatMap(([pool, { starts, ends }]) => {
          const limit = pool === 'unreserved' ? scenario.account.concurrentExecutions - sum : reserved.get(pool)!;
          const most = mostAtOnce(Float64Array.from(starts).sort(), Float64Array.from(ends).sort());
          return most <= limit ? [] : [`${pool}: ${most} at once, with ${limit} slots (L1)`];
        }),
    };
  },
);

/** One that ends at an instant makes room for one that starts then. */
function mostAtOnce(starts: Float64Array, ends: Float64Array): number {
  let ended = 0;
  let most = 0;
  starts.forEach((start, begun) => {
    while (ends[ended]! <= start) ended++;
    most = Math.max(most, begun + 1 - ended);
  });
  return most;
}

export const writeLimit = law(
  'In the fullest period a shard accepts no more than its limits and full buckets allow (K3)',
  ({ recording }) =>
    recording.streams.flatMap(({ settings, shards }) => {
      if (!settings.writeLimits || settings.mode === 'ON_DEMAND') return [];
      return shards.flatMap(({ peakRecords, peakBytes }, shard) => {
        const records = amountOf(peakRecords);
        const bytes = amountOf(peakBytes);
        const depth = Math.max(WRITE_BYTES_PER_SECOND, settings.maximumRecordSize);
        const isWithin =
          records <= WRITE_RECORDS_PER_SECOND * (secondsOf(peakRecords) + 1) + 0.5 &&
          bytes <= WRITE_BYTES_PER_SECOND * secondsOf(peakBytes) + depth + 0.5;
        return isWithin ? [] : [`${settings.name} shard ${shard}: ${records} records, ${bytes} bytes in a period (K3)`];
      });
    }),
);

export const readLimit = law(
  'In the fullest period a shard answers no more calls, and gives no more bytes, than its limits and full buckets allow (K4)',
  ({ recording }) =>
    recording.streams.flatMap(({ settings, shards }) => {
      if (!settings.readLimits) return [];
      return shards.flatMap(({ peakCalls, peakReadBytes }, shard) => {
        const calls = amountOf(peakCalls);
        const bytes = amountOf(peakReadBytes);
        const isWithin =
          calls <= READ_CALLS_PER_SECOND * (secondsOf(peakCalls) + 1) + 0.5 &&
          bytes <= READ_BYTES_PER_SECOND * (secondsOf(peakReadBytes) + 1) + BYTES_PER_CALL + 0.5;
        return isWithin ? [] : [`${settings.name} shard ${shard}: ${calls} calls, ${bytes} bytes in a period (K4)`];
      });
    }),
);

/** In the fullest period, or what of it was measured. */
function amountOf(peak: Peak): number {
  return peak.rate * secondsOf(peak);
}

function secondsOf({ length }: Peak): number {
  return length / SECOND;
}

export const retention = walkingLaw(
  'No invocation starts with a newest record that is past its retention (K5, E2)',
  () => {
    const breaches: string[] = [];
    return {
      event: ofInvocations(({ start, end, iteratorAgeMs }, { name, mapping: { settings }, stream }) => {
        if (iteratorAgeMs === null) return;
        const taken = settings.iteratorAge === 'atFinish' ? end : start;
        const newestArrival = taken - iteratorAgeMs * MILLISECOND;
        if (newestArrival + stream.settings.retention > start) return;
        breaches.push(`${name}: the invocation at ${start} holds records that have expired (K5)`);
      }),
      breaches: () => breaches,
    };
  },
);

export const batchSize = walkingLaw('No batch is larger than BatchSize, as it is when the batch is cut (P3)', (run) => {
  const breaches: string[] = [];
  const bounds = byMapping(run, (mapping) => ({
    most: Math.max(...mapping.life.allSettings.map((settings) => settings.batchSize)),
    isPart: readsInPart(mapping),
  }));
  return {
    event: ofInvocations(({ first, last, size, start }, { name, mapping: { settings } }) => {
      if (first === null) return;
      const { most, isPart } = bounds.get(settings.name)!;
      const between = last - first + 1;
      const fits = isPart ? size <= between : size === between;
      if (size < 1 || size > most || !fits) breaches.push(`${name}: a batch of ${size} records at ${start} (P3)`);
    }),
    breaches: () => breaches,
  };
});

/** K4: a response may be so large, and is paid for afterwards. */
const BYTES_PER_CALL = 10 * 1_048_576;
