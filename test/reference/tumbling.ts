import type { Duration, Instant } from '../../src/kernel/time.ts';
import type { MappingSettings, Scenario } from '../../src/scenario/scenario.ts';
import { shardIdOf } from './event.ts';
import type { Item } from './item.ts';
import type { PutRecord } from './shards.ts';

/** P11: without new records a window ends so long after its end. */
export const PATIENCE: Duration = 120_000_000;

/** P11: a window of which some records have been handed over. */
export interface OpenWindow {
  readonly start: Instant;
  readonly end: Instant;
  /** Records that its state takes in. */
  records: number;
}

/** P11: when the window of a record begins, on a grid that the Unix epoch is on; null without windows. */
export function windowStart(
  { start }: Scenario,
  { tumblingWindow }: Pick<MappingSettings, 'tumblingWindow'>,
  record: PutRecord,
): Instant | null {
  if (tumblingWindow === 0) return null;
  const now = start + record.arrival;
  return now - (((now % tumblingWindow) + tumblingWindow) % tumblingWindow) - start;
}

/** P11: what the trace says beside the rest where the mapping has windows. */
export function traced(window: OpenWindow | null, isFinal: boolean) {
  if (window === null) return {};
  return { window: { start: window.start, end: window.end }, isFinalInvokeForWindow: isFinal };
}

/** P5: bytes of an event beside its records and what stands around them in every event. */
export function besideRecords(
  scenario: Scenario,
  settings: MappingSettings,
  shard: number,
  open: OpenWindow | null,
): number {
  if (settings.tumblingWindow === 0) return 0;
  const { region, id } = scenario.account;
  const beside = {
    window: { start: 'yyyy-mm-ddThh:mm:ssZ', end: 'yyyy-mm-ddThh:mm:ssZ' },
    state: open === null || open.records === 0 ? {} : { records: open.records },
    shardId: shardIdOf(shard),
    eventSourceARN: `arn:aws:kinesis:${region}:${id}:stream/${settings.stream}`,
    isFinalInvokeForWindow: false,
    isWindowTerminatedEarly: false,
  };
  // Both have braces, and a comma joins them.
  return JSON.stringify(beside).length - 2 + 1;
}

/** P11: of the records that have been read and not taken, the first is of a later window. */
export function isReadToItsEnd(window: Instant, read: readonly Item[]): boolean {
  return read.length > 0 && read[0]!.window! > window;
}
