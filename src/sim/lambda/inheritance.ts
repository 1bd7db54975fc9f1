import type { Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ShardSecond } from '../kinesis/record-log.ts';
import { indexIn, placeInWhole } from '../kinesis/record-log.ts';
import type { CursorPlace, Shard } from '../kinesis/shard.ts';
import type { Slices } from '../kinesis/slice-log.ts';
import type { Batch, BatchPart } from './batch.ts';
import type { ProcessedRecords } from './processed.ts';

/** What a lane leaves when its shard is divided anew. All are indices in the shard. */
export interface FormerLane {
  /** Its first unsettled record, or the next to come. It settles its records in order. */
  readonly settledTo: number;
  /** Past that, what a filter has dropped (P10). */
  readonly dropped: ReadonlySet<number>;
  /** Past the last record that an invocation has started with. */
  readonly startedTo: number;
  readonly processed: ProcessedRecords;
  /** Past the last record that it knows anything about. */
  readonly reach: number;
}

/** Where a lane begins whose shard is divided anew while its mapping goes on (P4). */
export interface LaneStart {
  readonly at: Instant;
  /** The shard's lowest unsettled record, as a place in its log; null: LATEST has not polled yet (P8). */
  readonly from: CursorPlace | null;
  readonly inheritance: Inheritance;
  /** What the lane's tally has counted before, and its integral over time in record-microseconds. */
  readonly arrived: number;
  readonly recordTime: number;
  /** M7: of the lanes before, the one that has been behind for longest. */
  readonly caughtUpAt: Instant;
}

/** The lanes that a shard had until it was divided anew. */
interface FormerDivision {
  readonly slices: Slices;
  readonly lanes: readonly FormerLane[];
  /** Index past the last record of which they have known anything. */
  readonly reach: number;
}

/**
 * P4: what has become of a shard's records before its mapping's factor changed. New lanes begin at the lowest record that
 * is not settled; those beyond it that are settled come again, as duplicates.
 */
export class Inheritance {
  readonly #shard: Shard;
  readonly #divisions: readonly FormerDivision[];
  readonly reach: number;

  constructor(shard: Shard, divisions: readonly FormerDivision[]) {
    this.#shard = shard;
    this.#divisions = divisions;
    this.reach = Math.max(0, ...divisions.map(({ reach }) => reach));
  }

  /** With the lanes of one division more; of those before, what still reaches past its lowest unsettled record. */
  after(slices: Slices, lanes: readonly FormerLane[]): Inheritance {
    const reach = Math.max(...lanes.map((lane) => lane.reach));
    const from = Math.min(...lanes.map(({ settledTo }) => settledTo));
    const before = this.#divisions.filter((division) => division.reach > from);
    return new Inheritance(this.#shard, [...before, { slices, lanes, reach }]);
  }

  /** Whether a record has been settled. */
  isRepeat(second: ShardSecond, position: number): boolean {
    const index = indexIn(second, position);
    return this.#some(second, position, ({ settledTo, dropped }) => index < settledTo || dropped.has(index));
  }

  /** The parts without the records that are settled. */
  withoutRepeats(parts: readonly BatchPart[]): readonly BatchPart[] {
    return this.#without(parts, (second, position) => this.isRepeat(second, position));
  }

  /** The parts without the records that an invocation has started with, or that are settled. */
  withoutStarted(parts: readonly BatchPart[]): readonly BatchPart[] {
    return this.#without(parts, (second, position) => {
      const index = indexIn(second, position);
      return this.#some(
        second,
        position,
        ({ settledTo, dropped, startedTo }) => index < Math.max(settledTo, startedTo) || dropped.has(index),
      );
    });
  }

  /** How many of a batch's records are duplicates when they are delivered now (E10); `own` are those of the lane itself. */
  countDuplicates(batch: Batch, own: ProcessedRecords): number {
    if (batch.first >= this.reach) return own.countIn(batch);
    const rest = this.#without(batch.parts, (second, position) => {
      const index = indexIn(second, position);
      if (own.has(index)) return true;
      return this.#some(
        second,
        position,
        ({ settledTo, dropped, processed }) => index < settledTo || dropped.has(index) || processed.has(index),
      );
    });
    return batch.size - sizeOf(rest);
  }

  /** When the first of the records arrived that are not settled; null without one. */
  firstUnsettled(parts: readonly BatchPart[]): Instant | null {
    const [first] = this.withoutRepeats(parts);
    return first === undefined ? null : first.second.second * SECOND + first.second.times.at(first.from);
  }

  #some(second: ShardSecond, position: number, holds: (lane: FormerLane) => boolean): boolean {
    const index = indexIn(second, position);
    const whole = second.slice?.whole ?? second;
    const place = second.slice === null ? position : placeInWhole(second.slice, position);
    return this.#divisions.some(({ slices, lanes, reach }) => {
      return index < reach && holds(lanes[slices.of(this.#shard.log, whole, place)]!);
    });
  }

  #without(
    parts: readonly BatchPart[],
    isOut: (second: ShardSecond, position: number) => boolean,
  ): readonly BatchPart[] {
    const [head] = parts;
    if (head === undefined || indexIn(head.second, head.from) >= this.reach) return parts;
    const kept: BatchPart[] = [];
    for (const part of parts) {
      const { second, from, to } = part;
      for (let i = from, start = from; i <= to; i++) {
        if (i < to && !isOut(second, i)) continue;
        if (i > start) kept.push({ ...part, from: start, to: i });
        start = i + 1;
      }
    }
    return kept;
  }
}

export function sizeOf(parts: readonly BatchPart[]): number {
  return parts.reduce((sum, { from, to }) => sum + to - from, 0);
}
