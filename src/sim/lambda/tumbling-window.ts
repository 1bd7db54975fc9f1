import { isoTime } from '../../kernel/calendar.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { MINUTE } from '../../kernel/time.ts';
import { shardIdOf, streamArn } from '../../recording/identifiers.ts';
import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import type { CursorPlace } from '../kinesis/shard.ts';
import { Batch } from './batch.ts';
import type { EventSource, WindowFields } from './event.ts';
import type { StateReading } from './item-failures.ts';

/** P11: without new records a window ends so long after its end. */
const WAIT_FOR_RECORDS: Duration = 2 * MINUTE;

/** From its start on, and before its end. The first of a run may start before it. */
export interface WindowBounds {
  readonly start: Instant;
  readonly end: Instant;
}

/**
 * P11: the tumbling window that a lane is in, and the state that is carried through it. Records of a shard come in the
 * order of their arrival, so none is ever late: when a window has been closed, all of its records have been taken.
 */
export class TumblingWindow {
  readonly #length: Duration;
  readonly #source: EventSource;
  /** Of the batch in hand, and of what has been invoked since the last final invocation. */
  #bounds: WindowBounds | null = null;
  #isOpen = false;
  #state: JsonValue = {};
  #isTerminatedEarly = false;

  constructor(length: Duration, source: EventSource) {
    this.#length = length;
    this.#source = source;
  }

  /** Null between two windows. */
  get bounds(): WindowBounds | null {
    return this.#bounds;
  }

  /** An invocation has had records of it; the final invocation is still to come. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Its state has become too large. */
  get isTerminatedEarly(): boolean {
    return this.#isTerminatedEarly;
  }

  get state(): JsonValue {
    return this.#state;
  }

  /** When the window ends that the next record joins, which arrived at an instant. */
  endFor(arrival: Instant): Instant {
    return (this.#bounds ?? this.#boundsOf(arrival)).end;
  }

  /** When it ends if no new record is read. */
  get deadline(): Instant {
    return this.#bounds!.end + WAIT_FOR_RECORDS;
  }

  /** A batch has been cut, or has grown. */
  enter(firstArrival: Instant): void {
    this.#bounds ??= this.#boundsOf(firstArrival);
  }

  /** An invocation begins that holds records of it. */
  open(): void {
    this.#isOpen = true;
  }

  /** The batch is settled or given back: a window that no invocation has had records of is no window. */
  leave(): void {
    if (!this.#isOpen) this.#bounds = null;
  }

  carry({ state, isTooLarge }: Extract<StateReading, { kind: 'state' }>): void {
    this.#state = state;
    this.#isTerminatedEarly = isTooLarge;
  }

  /** The final invocation has succeeded. After an early end the same window goes on with a fresh state. */
  close(): void {
    this.#bounds = null;
    this.#isOpen = false;
    this.#state = {};
    this.#isTerminatedEarly = false;
  }

  /** A4, for the window that the lane is in, or for that of a record that arrived at an instant. */
  fieldsOf(arrival: Instant, isFinal: boolean): WindowFields {
    const { account, stream, shard, start } = this.#source;
    const bounds = this.#bounds ?? this.#boundsOf(arrival);
    return {
      window: { start: isoTime(start + bounds.start), end: isoTime(start + bounds.end) },
      state: this.#state,
      shardId: shardIdOf(shard),
      eventSourceARN: streamArn(account, stream),
      isFinalInvokeForWindow: isFinal,
      isWindowTerminatedEarly: this.#isTerminatedEarly,
    };
  }

  /** Windows follow one another from the Unix epoch on. */
  #boundsOf(arrival: Instant): WindowBounds {
    const { start } = this.#source;
    const from = Math.floor((start + arrival) / this.#length) * this.#length - start;
    return { start: from, end: from + this.#length };
  }
}

/**
 * P11 (choice): the final invocation of a window, which has no records.
 *
 * @param asksOn more has been read, so the lane asks again as soon as it is over (P3)
 */
export function finalBatch(at: Instant, before: CursorPlace, asksOn: boolean): Batch {
  return new Batch({ parts: [], before, cutAt: at, filled: true, full: asksOn, payload: 0, isFinal: true });
}

/** P11 (choice): what the model's function answers, how many records of the window it has been given: { records: n }. */
export function countingResponse(state: JsonValue, records: number): JsonObject {
  const before = typeof state === 'object' && state !== null && 'records' in state ? Number(state.records) : 0;
  return { state: { records: before + records } };
}
