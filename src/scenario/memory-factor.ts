import { shareOf, wholeDuration } from './quantity.ts';
import type { FunctionDocument } from './schema.ts';

type DurationByMemory = NonNullable<FunctionDocument['durationByMemory']>;

/** AWS: "At 1,769 MB, a function has the equivalent of one vCPU"; code that runs on one gains nothing from more. */
export const ONE_PROCESSOR = 1_769; // MB

/**
 * L5a: what a MemorySize multiplies the duration by. The processor's part goes like 1 / MemorySize, and so does what lies
 * between two sizes that were measured. Only whole and rational arithmetic, so that it is the same everywhere.
 */
export function memoryFactor(model: DurationByMemory, memorySize: number): number {
  const { at, measured } = model;
  if (measured !== undefined) return measuredAt(measured, memorySize) / measuredAt(measured, at);
  const share = shareOf(model.cpuShare!)!;
  const full = model.fullAt ?? ONE_PROCESSOR;
  return 1 - share + (share * Math.min(at, full)) / Math.min(memorySize, full);
}

/** Microseconds; of a size that lies between those that were measured. */
function measuredAt(measured: NonNullable<DurationByMemory['measured']>, memorySize: number): number {
  const rows = measured
    .map((row) => ({ size: row.MemorySize, time: wholeDuration(row.duration) }))
    .sort((a, b) => a.size - b.size);
  const next = rows.findIndex(({ size }) => size >= memorySize);
  const [low, high] = [rows[Math.max(0, next - 1)]!, rows[next]!];
  if (low.size === high.size || high.size === memorySize) return high.time;
  const part = (1 / low.size - 1 / memorySize) / (1 / low.size - 1 / high.size);
  return low.time + part * (high.time - low.time);
}
