import type { EventQueue } from '../../kernel/event-queue.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import type { BacklogWatch } from '../../recording/backlog-watch.ts';
import { KILOBYTE, unitsIn } from '../../recording/billing.ts';
import { EVENT_PAYLOAD } from '../../recording/limits.ts';
import type { SteadyRecorder, SteadySizes } from '../../recording/steady-recorder.ts';
import type { MappingSettings, Polling } from '../../scenario/scenario.ts';
import type { Delivery } from './delivery.ts';
import type { EventSize } from './event.ts';
import type { LaneHandler } from './handler.ts';
import type { InvocationParts } from './invocation.ts';
import type { ConstantDuration } from './invocation-draws.ts';
import type { LambdaFunction } from './lambda-function.ts';
import type { PollSchedule } from './poll-schedule.ts';
import type { IteratorParts } from './shard-iterator.ts';
import type { SteadyRows } from './steady-rows.ts';

/** What a steady path is built from. */
export interface SteadyParts extends IteratorParts, Omit<InvocationParts, 'tumbling'> {
  readonly actor: number;
  readonly queue: EventQueue;
  readonly target: LambdaFunction<Delivery>;
  readonly polling: Polling;
  readonly schedule: PollSchedule;
  readonly handler: LaneHandler | null;
  /** Those of all lanes; null: the run takes no steady path. */
  readonly steadyRows: SteadyRows | null;
  readonly owner: {
    laneCaughtUp(at: Instant): void;
    beforeSettling(at: Instant): void;
    readonly backlogWatch: BacklogWatch;
  };
}

const UNKNOWN = -1;
/** Durations of smaller batches are kept. */
const KEPT = 1_025;

/** What the steady paths of a mapping's lanes in one stream have in common: of all lanes' objects these are touched most. */
export class SteadyShared implements SteadySizes {
  readonly recorder: SteadyRecorder;
  readonly queue: EventQueue;
  readonly mapping: MappingSettings;
  readonly target: LambdaFunction<Delivery>;
  readonly polling: Polling;
  readonly owner: SteadyParts['owner'];
  readonly watch: BacklogWatch;
  readonly hasFaults: boolean;
  /** Null: it is drawn. */
  readonly #constantDuration: ConstantDuration | null;
  /** By the number of records, where it has been worked out and nothing else matters. */
  readonly #durations: Float64Array;
  readonly retention: Duration;
  /** M3 */
  readonly stallAfter: Duration;
  /** Of every record; null: they differ. */
  readonly bytes: number | null;
  readonly eventSize: EventSize;
  /** Bytes of the event around its records (P5). */
  readonly envelope: number;
  /** At the most, of the event with one such record (P5). */
  readonly #eventBytes: number;
  /** As many as are sure to fit an event (P5). */
  readonly mostRecords: number;
  /** As which it is billed when it is read; 0 where it is not (C2). */
  readonly kilobytes: number;
  /** M1 */
  readonly isAgeAtStart: boolean;

  constructor(parts: SteadyParts, bytes: number | null) {
    this.recorder = parts.recorder.steady.recorder;
    this.queue = parts.queue;
    this.mapping = parts.mapping;
    this.target = parts.target;
    this.polling = parts.polling;
    this.owner = parts.owner;
    this.watch = parts.owner.backlogWatch;
    this.hasFaults = !parts.faults.areNone;
    this.#constantDuration = parts.draws.constant;
    const isOfSize = this.#constantDuration !== null && (bytes !== null || this.#constantDuration.isOfSizeAlone);
    this.#durations = new Float64Array(isOfSize ? KEPT : 0).fill(UNKNOWN);
    this.retention = parts.shard.retention;
    this.stallAfter = parts.recorder.stallWatch.stallAfter;
    this.bytes = bytes;
    this.eventSize = parts.eventSize;
    this.envelope = parts.eventSize.envelope(null);
    this.#eventBytes = parts.eventSize.atMost(bytes ?? 0);
    this.mostRecords = Math.floor((EVENT_PAYLOAD - this.envelope) / this.#eventBytes);
    this.kilobytes = parts.shard.isOnDemand ? unitsIn(bytes ?? 0, KILOBYTE) : 0;
    this.isAgeAtStart = parts.mapping.iteratorAge === 'atInvoke';
  }

  get isDurationConstant(): boolean {
    return this.#constantDuration !== null;
  }

  /** How long an invocation with so many records and bytes takes, where that is constant. */
  durationOf(size: number, bytes: number): Duration {
    const durations = this.#durations;
    if (size < durations.length && durations[size] !== UNKNOWN) return durations[size]!;
    const duration = this.#constantDuration!.of({ size, bytes });
    if (size < durations.length) durations[size] = duration;
    return duration;
  }

  /** A record is gone once it is so old, by its retention or by the settings in force (K5, E2). */
  get goneAfter(): Duration {
    const { maximumRecordAge } = this.mapping;
    return maximumRecordAge === null ? this.retention : Math.min(this.retention, maximumRecordAge);
  }

  payloadOf(size: number): number {
    return this.envelope + size * this.#eventBytes;
  }

  isOf(parts: SteadyParts, bytes: number | null): boolean {
    const isAlike = this.owner === parts.owner && this.mapping === parts.mapping && this.bytes === bytes;
    return isAlike && this.#eventBytes === parts.eventSize.atMost(bytes ?? 0);
  }
}
