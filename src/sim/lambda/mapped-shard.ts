import type { Instant } from '../../kernel/time.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import type { MappingSettings } from '../../scenario/scenario.ts';
import type { ShardSettings } from '../../scenario/shard-history.ts';
import type { CursorPlace, Shard } from '../kinesis/shard.ts';
import { ShardCursor } from '../kinesis/shard.ts';
import { Slices } from '../kinesis/slice-log.ts';
import type { LaneStart } from './inheritance.ts';
import { Inheritance } from './inheritance.ts';
import type { Lane } from './poller.ts';
import type { ShardBuffer } from './shard-buffer.ts';

/** One lane that is to be made. */
export interface LanePlan {
  readonly slices: Slices;
  readonly slice: number;
  /** How often the shard has been divided anew before. */
  readonly divisions: number;
  /** Null: the lane is one of the first. */
  readonly start: LaneStart | null;
}

export interface MappedShardParts {
  readonly shard: Shard;
  /** Of the shard. */
  readonly range: ShardSettings;
  /** How many its stream has. */
  readonly shards: number;
  /** The mapping's, those in force. */
  readonly settings: MappingSettings;
  readonly buffer: ShardBuffer;
  /** One for each lane that the shard may have. */
  readonly recorders: readonly LaneRecorder[];
  readonly makeLane: (plan: LanePlan) => Lane;
}

/** One shard of a mapping's stream, and the lanes that read it (P4). */
export class MappedShard {
  readonly #parts: MappedShardParts;
  /** Those that there are. */
  #lanes: readonly Lane[];
  /** And of those that there were, the last of each number. */
  readonly #all: Lane[];
  #slices: Slices;
  #tumblingWindow: number;
  #divisions = 0;
  #inheritance: Inheritance;

  constructor(parts: MappedShardParts) {
    this.#parts = parts;
    const { settings, range, shards, shard } = parts;
    this.#slices = new Slices(settings.parallelizationFactor, range, shards);
    this.#tumblingWindow = settings.tumblingWindow;
    this.#inheritance = new Inheritance(shard, []);
    for (const recorder of parts.recorders.slice(this.#slices.factor)) recorder.retire(shard.opensAt);
    this.#all = this.#make(() => null);
    this.#lanes = [...this.#all];
  }

  get opensAt(): Instant {
    return this.#parts.shard.opensAt;
  }

  /** By number. */
  get parents(): readonly number[] {
    return this.#parts.range.parents;
  }

  get lanes(): readonly Lane[] {
    return this.#lanes;
  }

  /** The mapping's settings ask for other lanes than there are. */
  get isOutOfDate(): boolean {
    const { parallelizationFactor, tumblingWindow } = this.#parts.settings;
    return this.#slices.factor !== parallelizationFactor || this.#tumblingWindow !== tumblingWindow;
  }

  /** P4: other lanes take over at the shard's lowest unsettled record. No invocation is running, and nothing polls. */
  divide(at: Instant): void {
    const { settings, range, shards, recorders, buffer } = this.#parts;
    const { lanes } = this;
    const hasBegun = lanes.every(({ iterator }) => iterator.base !== null);
    const left = lanes.map((lane) => lane.retire(at));
    const lowest = left.reduce((least, { settledTo }, i) => (settledTo < left[least]!.settledTo ? i : least), 0);
    const from = hasBegun ? this.#placeOf(left[lowest]!) : null;
    const history = recorders[lowest]!.history;
    const caughtUpAt = Math.min(...lanes.map((lane) => lane.caughtUpAt));
    if (from !== null) buffer.goBackTo(from);

    this.#inheritance = this.#inheritance.after(this.#slices, left);
    this.#slices = new Slices(settings.parallelizationFactor, range, shards);
    this.#tumblingWindow = settings.tumblingWindow;
    this.#divisions++;
    recorders.forEach((recorder, number) => {
      if (number < this.#slices.factor) recorder.takeOver(at, history.copy());
      else recorder.retire(at);
    });
    const before = this.#all.map(({ iterator }) => iterator.totalsBefore(at));
    const made = this.#make((slice) => {
      const { arrived, recordTime } = before[slice] ?? { arrived: 0, recordTime: 0 };
      return { at, from, inheritance: this.#inheritance, arrived, recordTime, caughtUpAt };
    });
    this.#all.splice(0, made.length, ...made);
    this.#lanes = made;
  }

  #placeOf({ settledTo, place }: { settledTo: number; place: CursorPlace }): CursorPlace {
    const cursor = new ShardCursor(this.#parts.shard.log);
    cursor.goBackTo(place);
    cursor.moveTo(settledTo);
    return cursor.place;
  }

  #make(startOf: (slice: number) => LaneStart | null): Lane[] {
    return Array.from({ length: this.#slices.factor }, (_, slice) =>
      this.#parts.makeLane({ slices: this.#slices, slice, divisions: this.#divisions, start: startOf(slice) }),
    );
  }
}
