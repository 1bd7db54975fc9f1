import type { Duration, Instant } from '../../kernel/time.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import type { Discard } from '../../recording/mapping-tally.ts';
import type { BatchTimes } from '../../recording/record-statistics.ts';
import type { Batch, BatchPart, TakenRecords } from './batch.ts';
import { takenRecords } from './batch.ts';
import type { Inheritance } from './inheritance.ts';
import { sizeOf } from './inheritance.ts';

/**
 * What a lane settles, as its mapping counts it: what had been settled before the shard was divided anew comes again, and
 * changes no balance (P4).
 */
export class Settlements {
  readonly #recorder: LaneRecorder;
  readonly #inheritance: Inheritance | null;
  /** What the lane's tally held before it began. */
  readonly #before: number;
  #repeats = 0;

  /** @param inheritance null: the lane is the first */
  constructor(recorder: LaneRecorder, inheritance: Inheritance | null) {
    this.#recorder = recorder;
    this.#inheritance = inheritance;
    this.#before = recorder.tally.balance.settled;
  }

  /** Records that the lane has settled, those included that were so before. */
  get count(): number {
    return this.#recorder.tally.balance.settled - this.#before + this.#repeats;
  }

  succeeded(batch: Batch, times: BatchTimes): void {
    const parts = this.#take(batch.parts);
    if (parts === batch.parts) this.#recorder.succeeded(batch, times);
    else if (parts.length > 0) this.#recorder.succeeded(batch.within(parts), times);
  }

  discarded(at: Instant, records: Omit<TakenRecords, 'arrivals'>, discard: Discard): void {
    this.#recorder.discarded(at, records, discard, sizeOf(this.#take(records.parts)));
  }

  /**
   * K5: counts records as gone at the end of their retention.
   *
   * @param notBefore as which an earlier arrival is counted
   * @returns the ones that were not settled before; null without one
   */
  expired(records: TakenRecords, retention: Duration, notBefore: Instant): TakenRecords | null {
    const parts = this.#take(records.parts);
    if (parts.length === 0) return null;
    const counted = parts === records.parts ? records : takenRecords(parts, notBefore);
    this.#recorder.expired(counted.size, counted.arrivals + counted.size * retention);
    return counted;
  }

  /** Settled records that the lane passes over. */
  pass(repeats: number): void {
    this.#repeats += repeats;
  }

  #take(parts: readonly BatchPart[]): readonly BatchPart[] {
    if (this.#inheritance === null) return parts;
    const rest = this.#inheritance.withoutRepeats(parts);
    if (rest !== parts) this.#repeats += sizeOf(parts) - sizeOf(rest);
    return rest;
  }
}
