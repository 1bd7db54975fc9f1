import type { LaneSpans, Summary } from '../summary.ts';
import type { TimeRange } from './time-range.ts';

/** Seconds; `isOpen` at the end of the run. */
export interface ShardLife extends TimeRange {
  readonly isOpen: boolean;
}

/** When a mapping's shard took records (K6), and there was the mapping (A1): in the whole run, where the result does not tell. */
export function shardLife(summary: Summary, name: string, shardId: string): ShardLife {
  const mapping = summary.mappings[name];
  const shard = mapping === undefined ? undefined : summary.streams[mapping.stream]?.shards[shardId];
  const closed = shard?.closedAtSeconds ?? null;
  const created = mapping?.api.find(({ call, error }) => call === 'CreateEventSourceMapping' && error === undefined);
  const from = Math.max(shard?.openedAtSeconds ?? 0, created === undefined ? 0 : Number(created.atSeconds));
  return { from, to: closed ?? summary.measured.toSeconds, isOpen: closed === null };
}

/**
 * When there was such a lane, in order of time: one outlives its closed shard until it has read all of it, and those of
 * a larger ParallelizationFactor come and go with it (P4). What is left out of the spans of a lane was in its life.
 */
export function laneLives(summary: Summary, lane: LaneSpans, isCut: boolean): TimeRange[] {
  const [first] = lane.spans;
  const { from, to, isOpen } = shardLife(summary, lane.mapping, lane.shardId);
  const { beganSeconds = 0, endedSeconds } = lane;
  if (first === undefined) return endedSeconds === undefined ? [{ from, to }] : [];
  if (isCut) {
    const last = isOpen ? to : Math.max(to, lane.spans.at(-1)!.toSeconds);
    return [{ from: Math.max(from, beganSeconds), to: endedSeconds ?? last }];
  }
  const lives = [{ from: first.fromSeconds, to: first.toSeconds }];
  for (const { fromSeconds, toSeconds } of lane.spans.slice(1)) {
    const last = lives.at(-1)!;
    if (last.to === fromSeconds) last.to = toSeconds;
    else lives.push({ from: fromSeconds, to: toSeconds });
  }
  return lives;
}
