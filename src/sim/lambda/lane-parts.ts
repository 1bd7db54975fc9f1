import type { Instant } from '../../kernel/time.ts';
import type { BacklogWatch } from '../../recording/backlog-watch.ts';
import type { Polling } from '../../scenario/scenario.ts';
import type { DeliveryParts } from './delivery.ts';
import type { PollSchedule } from './poll-schedule.ts';
import type { IteratorParts } from './shard-iterator.ts';
import type { SteadyRows } from './steady-rows.ts';

/** What a lane is built from. */
export interface LaneParts extends IteratorParts, DeliveryParts {
  readonly name: string;
  readonly polling: Polling;
  readonly schedule: PollSchedule;
  readonly owner: LaneOwner;
  /** When the producers stop. */
  readonly duration: Instant;
  /** What the steady paths of all lanes share; null: the run takes none. */
  readonly steadyRows: SteadyRows | null;
}

/** The mapping, as its lanes see it. */
export interface LaneOwner {
  /** One of the lanes was behind, and has come to the newest record. */
  laneCaughtUp(at: Instant): void;
  /** K6: one of the lanes has settled the last record of its closed shard. */
  laneEnded(at: Instant): void;
  /** P9: the invocation that was running when one of the lanes was to stop has ended. */
  laneStopped(at: Instant): void;
  beforeSettling(at: Instant): void;
  readonly backlogWatch: BacklogWatch;
}
