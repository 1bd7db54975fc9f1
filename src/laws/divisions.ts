import type { Recording } from '../recording/recording.ts';
import { placeOf } from './law.ts';

/** P4: which lanes a shard has; they change with its mapping's factor, or its tumbling window. */
export class Divisions {
  readonly #recording: Recording;
  /** Of each mapping, how many of its stages have been entered. */
  readonly #entered = new Map<string, number>();
  /** Of each shard, how many had been when it was last polled. */
  readonly #atPoll = new Map<string, number>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  enter(mapping: string): void {
    this.#entered.set(mapping, (this.#entered.get(mapping) ?? 0) + 1);
  }

  /** Whether a shard that is polled may have other lanes since it was polled last. */
  begins({ mapping: name, shardId }: { mapping: string; shardId: string }): boolean {
    const shard = `${name} ${shardId}`;
    const now = this.#entered.get(name) ?? 0;
    const before = this.#atPoll.get(shard) ?? now;
    this.#atPoll.set(shard, now);
    if (before === now) return false;
    const { stages } = placeOf(this.#recording, name).mapping.life;
    const since = stages.slice(Math.max(0, before - 1), now).map(({ settings }) => settings);
    return (
      new Set(since.map(({ parallelizationFactor: factor, tumblingWindow }) => `${factor} ${tumblingWindow}`)).size > 1
    );
  }
}

export function forget(places: Map<string, unknown>, prefix: string): void {
  for (const lane of places.keys()) if (lane.startsWith(prefix)) places.delete(lane);
}
