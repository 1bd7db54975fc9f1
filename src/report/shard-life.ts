import type { Duration, Instant } from '../kernel/time.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import type { Recording } from '../recording/recording.ts';
import type { ShardSettings } from '../scenario/shard-history.ts';
import { openShards } from '../scenario/shard-history.ts';

/** How long a shard took records between two instants (K6). */
export function openTime(
  { opensAt, closesAt }: Pick<ShardSettings, 'opensAt' | 'closesAt'>,
  from: Instant,
  to: Instant,
): Duration {
  return Math.max(0, Math.min(closesAt, to) - Math.max(opensAt, from));
}

/** How long a shard was read, or a lane of it there, between two instants: also after it was closed, to an end of its own. */
export function readTime({ opensAt }: ShardSettings, endedAt: Instant, from: Instant, to: Instant): Duration {
  return openTime({ opensAt, closesAt: endedAt }, from, to);
}

/** The most lanes that a mapping had at once: its open shards times its largest factor (P4). */
export function mostLanes({ settings }: MappingTally, { scenario, end }: Recording): number {
  const { shards } = scenario.streams.find(({ name }) => name === settings.stream)!;
  const instants = new Set([0, ...shards.map(({ opensAt }) => opensAt)]);
  const open = [...instants].filter((at) => at < end || at === 0).map((at) => openShards(shards, at).length);
  return Math.max(...open) * settings.mostLanes;
}
