import type { Scenario } from '../scenario/scenario.ts';
import type { BacklogWatch } from './backlog-watch.ts';
import type { Digest } from './digest.ts';
import type { FunctionTally } from './function-tally.ts';
import type { TimelineRoom } from './lane-timeline.ts';
import type { LaneTally, MappingTally } from './mapping-tally.ts';
import type { BatchTimes } from './record-statistics.ts';
import type { RecorderClock } from './recorder-clock.ts';
import type { StreamTally } from './recording.ts';
import type { SteadyRecorder } from './steady-recorder.ts';
import type { TraceEvent } from './trace.ts';

/** Where a lane's notes go. */
export interface LanePlace {
  readonly lane: LaneTally;
  readonly mapping: MappingTally;
  /** Of the mapping. */
  readonly backlog: BacklogWatch;
  readonly function: FunctionTally;
  readonly stream: StreamTally;
  readonly scenario: Scenario;
  readonly timeline: TimelineRoom;
  readonly stalls: number;
}

/** What all lanes share. */
export interface SharedNotes {
  readonly digest: Digest;
  readonly trace: ((event: TraceEvent) => void) | null;
  /** The trace lists the records of each invocation. */
  readonly tracesRecords: boolean;
  /** The lane's number over all mappings. */
  readonly lane: number;
  readonly clock: RecorderClock;
  /** Of the batch that is settled at last. */
  readonly times: BatchTimes;
  /** Of the mapping. */
  readonly steady: SteadyRecorder;
}
