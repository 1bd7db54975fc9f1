import type { Instant } from '../kernel/time.ts';
import { MILLISECOND } from '../kernel/time.ts';
import type { StreamSettings } from '../scenario/scenario.ts';

/** C2: on-demand streams are billed by KB, written and read. */
export const KILOBYTE = 1_024;
const PUT_PAYLOAD_UNIT = 25 * KILOBYTE;

/** Bytes that what is written to a stream is billed by. */
export function writeUnit({ mode }: Pick<StreamSettings, 'mode'>): number {
  return mode === 'ON_DEMAND' ? KILOBYTE : PUT_PAYLOAD_UNIT;
}

/** C2: every record is rounded up, and is at least one. */
export function unitsIn(bytes: number, unit: number): number {
  return Math.max(1, Math.ceil(bytes / unit));
}

/** C2a: INIT and handler together, rounded up. */
export function billedMilliseconds(start: Instant, end: Instant): number {
  return Math.ceil((end - start) / MILLISECOND);
}
