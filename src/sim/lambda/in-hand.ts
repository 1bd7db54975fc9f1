import type { Duration, Instant } from '../../kernel/time.ts';
import type { LaneRecorder } from '../../recording/lane-recorder.ts';
import type { Batch } from './batch.ts';
import type { Inheritance } from './inheritance.ts';
import type { Settlements } from './settlements.ts';

export interface InHandParts {
  readonly shard: { readonly retention: Duration };
  readonly recorder: LaneRecorder;
  readonly settlements: Settlements;
  readonly inheritance: Inheritance | null;
}

/** What a lane has taken from its shard and not settled: a batch, or the pieces it was split into (E4, E5). */
export class InHand {
  readonly #retention: Duration;
  readonly #recorder: LaneRecorder;
  readonly #settlements: Settlements;
  readonly #inheritance: Inheritance | null;
  #piece: Batch | null = null;
  /** The pieces that come after it, the next one last. */
  #rest: Batch[] = [];
  /** Records counted as expired, of which the digest and the trace have not heard yet. */
  #unnoted: { readonly piece: Batch; readonly first: number; last: number; size: number }[] = [];

  constructor(parts: InHandParts) {
    this.#retention = parts.shard.retention;
    this.#recorder = parts.recorder;
    this.#settlements = parts.settlements;
    this.#inheritance = parts.inheritance;
  }

  /** The one that is worked on, or that a window gathers. */
  get piece(): Batch | null {
    return this.#piece;
  }

  get pieces(): readonly Batch[] {
    return this.#piece === null ? [] : [this.#piece, ...this.#rest];
  }

  /** Records of all pieces. */
  get size(): number {
    let size = this.#piece === null ? 0 : this.#piece.size;
    for (const piece of this.#rest) size += piece.size;
    return size;
  }

  /** Arrival of the oldest record that is not settled yet (P4); null without one. */
  get oldestArrival(): Instant | null {
    const arrivals = this.pieces.flatMap((piece) => {
      if (piece.size === 0) return []; // it has no first record
      return (this.#inheritance === null ? piece.firstArrival : this.#inheritance.firstUnsettled(piece.parts)) ?? [];
    });
    return arrivals.length === 0 ? null : Math.min(...arrivals);
  }

  take(batch: Batch | null): void {
    this.#piece = batch;
  }

  /** E4: the lower records come first, the others wait. */
  split(piece: Batch, lower: number): void {
    const [first, second] = piece.splitAt(lower);
    this.#rest.push(second);
    this.#piece = first;
  }

  /** E5: the first records are done. @returns these */
  advance(piece: Batch, done: number): Batch {
    const [before, rest] = piece.splitAt(done);
    this.#piece = rest;
    return before;
  }

  /** The piece is settled: on to the next that has not expired altogether. */
  next(): Batch | null {
    if (this.#rest.length === 0) {
      this.#piece = null;
      return null;
    }
    this.#piece = this.#rest.pop()!;
    this.passEmpty();
    return this.#piece;
  }

  /** On to the first piece of which something is left; a final one has no records. */
  passEmpty(): void {
    while (this.#piece?.size === 0 && !this.#piece.isFinal) this.#piece = this.#rest.pop() ?? null;
  }

  letGo(): void {
    this.#piece = null;
    this.#rest = [];
  }

  /**
   * K5: counts records as gone at the end of their retention, or with the end of the invocation that held them then.
   *
   * @param isRunning an invocation holds the first piece
   */
  countExpired(until: Instant, isRunning: boolean): void {
    if (until < this.#retention || this.#piece === null) return;
    if (!isRunning) this.#countIn(this.#piece, until);
    for (const piece of this.#rest) this.#countIn(piece, until);
  }

  /** What has been counted is noted down, in the order of the records. */
  noteExpired(at: Instant): void {
    if (this.#unnoted.length === 0) return;
    this.#unnoted.sort((one, other) => one.first - other.first);
    for (const records of this.#unnoted) this.#recorder.notedExpired(at, records);
    this.#unnoted = [];
  }

  #countIn(piece: Batch, until: Instant): void {
    if (piece.size === 0) return;
    const notBefore = piece.releasedAt - this.#retention;
    const gone = piece.takeUntil(until - this.#retention, notBefore);
    const expired = gone === null ? null : this.#settlements.expired(gone, this.#retention, notBefore);
    if (expired === null) return;
    const before = this.#unnoted.find((one) => one.piece === piece);
    if (before === undefined) this.#unnoted.push({ piece, ...expired });
    else {
      before.last = expired.last;
      before.size += expired.size;
    }
  }
}
