import type { Duration, Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import { EVENT_PAYLOAD } from '../../recording/limits.ts';
import type { RecordLog, ShardSecond } from '../kinesis/record-log.ts';
import { bytesOf, indexIn } from '../kinesis/record-log.ts';
import type { CursorPlace, ShardCursor } from '../kinesis/shard.ts';
import type { EventSize } from './event.ts';

/** The records of one second that belong to a batch: positions [from, to) in it. */
export interface BatchPart {
  readonly second: ShardSecond;
  readonly from: number;
  readonly to: number;
  /** When the lane read them. */
  readonly joinedAt: Instant;
}

/** Records that leave a batch before it is settled (E2), or that one is rid of. */
export interface TakenRecords {
  readonly parts: readonly BatchPart[];
  readonly first: number;
  readonly last: number;
  readonly size: number;
  readonly firstArrival: Instant;
  readonly lastArrival: Instant;
  /** Sum of their arrivals, none of them counted as before the instant given. */
  readonly arrivals: number;
}

/**
 * What is known of records, of which there is at least one.
 *
 * @param notBefore as which an earlier arrival is counted
 */
export function takenRecords(parts: readonly BatchPart[], notBefore: Instant): TakenRecords {
  let size = 0;
  let arrivals = 0;
  for (const { second, from, to } of parts) {
    const opens = second.second * SECOND;
    const times = second.times.all();
    for (let i = from; i < to; i++) arrivals += Math.max(opens + times[i]!, notBefore);
    size += to - from;
  }
  const [first, last] = [parts[0]!, parts[parts.length - 1]!];
  return {
    ...{ parts, size, arrivals },
    first: indexIn(first.second, first.from),
    last: indexIn(last.second, last.to - 1),
    firstArrival: first.second.second * SECOND + first.second.times.at(first.from),
    lastArrival: last.second.second * SECOND + last.second.times.at(last.to - 1),
  };
}

const NOTHING = { parts: 0, size: 0, bytes: 0 };

/** A run of records that a lane took together, or a piece of one (E4, E5), on its way to being settled. */
export class Batch {
  readonly parts: BatchPart[];
  /** Where the lane's cursor stood before; a batch that is given back is read from there again (P9). */
  readonly before: CursorPlace;
  /** When it was complete: with a window, later than its first records were read (P6). */
  cutAt: Instant;
  /** It could hold no more: BatchSize records, or the next did not fit (P5). */
  readonly filled: boolean;
  /** P3: filled, and not short for another reason. */
  readonly full: boolean;
  size: number;
  bytes: number;
  /** The event's bytes, measured or bounded (P5). */
  readonly payload: number;
  readonly isMeasured: boolean;
  /** P11: it has no records, and what asks for its first or last is not asked. */
  readonly isFinal: boolean;

  /** Invocations of this piece since its count began (E3). */
  invocations = 0;
  /** Throttled attempts in a row (L2). */
  throttles = 0;
  /** It is a part of the batch that was cut. */
  isPiece = false;
  /** Something has kept it from being settled at its first attempt. */
  isHindered = false;
  /** Waited for a slot, in all. */
  throttled: Duration = 0;
  waitingSince: Instant = 0;
  /** End of the last invocation that held its records; until then none of them could expire (K5). */
  releasedAt: Instant = 0;
  /** Asked for again and again; -1: not looked up. */
  #firstArrival: Instant = -1;
  #lastArrival: Instant = -1;

  constructor(cut: {
    parts: BatchPart[];
    before: CursorPlace;
    cutAt: Instant;
    filled: boolean;
    full: boolean;
    payload: number;
    isMeasured?: boolean;
    isFinal?: boolean;
    /** So many of its parts are known to come to so much. */
    gathered?: { readonly parts: number; readonly size: number; readonly bytes: number };
  }) {
    this.parts = cut.parts;
    this.before = cut.before;
    this.cutAt = cut.cutAt;
    this.filled = cut.filled;
    this.full = cut.full;
    this.payload = cut.payload;
    this.isMeasured = cut.isMeasured ?? false;
    this.isFinal = cut.isFinal ?? false;
    const { parts: before, size, bytes } = cut.gathered ?? NOTHING;
    this.size = size;
    this.bytes = bytes;
    for (let i = before; i < cut.parts.length; i++) {
      const { second, from, to } = cut.parts[i]!;
      this.size += to - from;
      this.bytes += bytesOf(second, from, to);
    }
  }

  /** Its first `count` records and the others, each with a fresh count; what has gone by for them goes on. */
  splitAt(count: number): [Batch, Batch] {
    const lower: BatchPart[] = [];
    const upper: BatchPart[] = [];
    let left = count;
    for (const part of this.parts) {
      const { from, to } = part;
      const middle = Math.min(to, from + left);
      if (middle > from) lower.push({ ...part, to: middle });
      if (to > middle) upper.push({ ...part, from: middle });
      left -= middle - from;
    }
    return [this.#piece(lower), this.#piece(upper)];
  }

  #piece(parts: BatchPart[]): Batch {
    const piece = new Batch({ ...this, parts });
    piece.throttled = this.throttled;
    piece.isHindered = true;
    piece.isPiece = true;
    piece.releasedAt = this.releasedAt;
    return piece;
  }

  /** Place of the first record among the lane's own, which follow one another. */
  get place(): number {
    return this.parts[0]!.second.first + this.parts[0]!.from;
  }

  /** The place after its last record; with a filter, not all places between are its own. */
  get endPlace(): number {
    const { second, to } = this.parts[this.parts.length - 1]!;
    return second.first + to;
  }

  /** Index in the shard of the first record, and of the last. */
  get first(): number {
    const { second, from } = this.parts[0]!;
    return indexIn(second, from);
  }

  get last(): number {
    const { second, to } = this.parts[this.parts.length - 1]!;
    return indexIn(second, to - 1);
  }

  /** Index in the shard of the record at a place among the lane's own, which the batch holds. */
  indexOf(place: number): number {
    const { second } = this.parts.find(({ second: { first }, to }) => place < first + to)!;
    return indexIn(second, place - second.first);
  }

  /** The place among the lane's own of the record with an index in the shard; null where the batch does not hold it. */
  placeOf(index: number): number | null {
    for (const { second, from, to } of this.parts) {
      if (index < indexIn(second, from) || index > indexIn(second, to - 1)) continue;
      if (second.slice === null) return index;
      for (let position = from; position < to; position++) {
        if (indexIn(second, position) === index) return second.first + position;
      }
      return null;
    }
    return null;
  }

  get firstArrival(): Instant {
    if (this.#firstArrival < 0) {
      const { second, from } = this.parts[0]!;
      this.#firstArrival = second.second * SECOND + second.times.at(from);
    }
    return this.#firstArrival;
  }

  get lastArrival(): Instant {
    if (this.#lastArrival < 0) {
      const { second, to } = this.parts[this.parts.length - 1]!;
      this.#lastArrival = second.second * SECOND + second.times.at(to - 1);
    }
    return this.#lastArrival;
  }

  /**
   * Takes away the records that arrived at or before an instant, from the front; null where there are none.
   *
   * @param notBefore as which an earlier arrival is counted
   */
  takeUntil(instant: Instant, notBefore: Instant): TakenRecords | null {
    if (this.firstArrival > instant) return null;
    const parts: BatchPart[] = [];
    while (this.parts.length > 0) {
      const part = this.parts[0]!;
      const { second, from, to } = part;
      const keep = Math.min(to, Math.max(from, second.times.before(instant - second.second * SECOND + 1)));
      this.bytes -= bytesOf(second, from, keep);
      if (keep > from) parts.push({ ...part, to: keep });
      if (keep < to) {
        this.parts[0] = { ...part, from: keep };
        break;
      }
      this.parts.shift();
    }
    const taken = takenRecords(parts, notBefore);
    this.#firstArrival = -1;
    this.size -= taken.size;
    return taken;
  }

  /** Its records in some of its parts alone, for whoever counts them. */
  within(parts: readonly BatchPart[]): Batch {
    return new Batch({ ...this, parts: [...parts] });
  }

  /** How many of its records have an index in the shard up to this one. */
  countThrough(index: number): number {
    let count = 0;
    for (const { second, from, to } of this.parts) {
      for (let position = from; position < to; position++, count++) if (indexIn(second, position) > index) return count;
    }
    return count;
  }

  /** How many of its records lie before a place. */
  countBefore(place: number): number {
    return this.parts.reduce((sum, { second, from, to }) => {
      return sum + Math.max(0, Math.min(second.first + to, place) - (second.first + from));
    }, 0);
  }

  /** The parts without the records before a place. */
  partsFrom(index: number): readonly BatchPart[] {
    if (index <= this.place) return this.parts;
    return this.parts
      .filter(({ second, to }) => second.first + to > index)
      .map((part) => ({ ...part, from: Math.max(part.from, index - part.second.first) }));
  }

  /** The places of the records that carry a partition key. */
  withKey(log: RecordLog, partitionKey: string): readonly number[] {
    const indices: number[] = [];
    for (const { second, from, to } of this.parts) {
      for (let i = from; i < to; i++) if (log.keyOf(second, i) === partitionKey) indices.push(second.first + i);
    }
    return indices;
  }
}

export interface CutLimits {
  readonly batchSize: number;
  /** The index after the last record the lane holds in its buffer, or in its buffer of a tumbling window (P11). */
  readonly end: number;
  /** Bytes of the event around its records (P5). */
  readonly envelope: number;
  /** A refused call makes the batch count as short (P7). */
  readonly refused: boolean;
  /** What the window has gathered so far (P6), not to be used any more; null: nothing. */
  readonly gathered: Batch | null;
  /**
   * P10: passes over what a filter drops, but not past the place `end`, and says how many of the next records of the
   * second are kept, at most `most`. Null: all are.
   */
  readonly skim: ((end: number, most: number) => number) | null;
}

/**
 * P3: the longest run of unread records that is at most BatchSize and fits the payload, what is gathered included.
 * 'tooLarge' says that the next record exceeds the payload limit alone (P5), null that there is none. Sizes are bounded first, and records measured one
 * by one only where the bound could exceed the limit.
 */
export function cutBatch(
  cursor: ShardCursor,
  log: RecordLog,
  size: EventSize,
  at: Instant,
  limits: CutLimits,
): Batch | 'tooLarge' | null {
  const { gathered, batchSize, envelope, end, skim } = limits;
  const room = batchSize - (gathered === null ? 0 : gathered.size);
  if (room <= 0 || end <= cursor.index) return gathered;
  const before = gathered === null ? cursor.place : gathered.before;
  // A batch that goes on gathering is not needed any more: its parts, of which there may be as many as records, are gone on with.
  const parts: BatchPart[] = gathered === null ? [] : gathered.parts;
  const known = gathered === null ? NOTHING : { parts: parts.length, size: gathered.size, bytes: gathered.bytes };
  let taken = 0;
  let payload = gathered === null ? envelope : gathered.payload;
  let exact = false;
  let fits = true;
  while (taken < room && fits) {
    const run = skim === null ? end - cursor.index : skim(end, room - taken);
    if (run <= 0) break;
    const { second, position } = cursor;
    let to = Math.min(second.count, position + Math.min(run, room - taken));
    const bound = size.mostIn(second, position, to);
    if (!exact && payload + bound > EVENT_PAYLOAD) {
      exact = true;
      payload = parts.reduce((sum, part) => measured(part, sum, { size, envelope }, log).payload, envelope);
    }
    if (exact) {
      const part = { second, from: position, to, joinedAt: at };
      const measure = measured(part, payload, { size, envelope }, log);
      payload = measure.payload;
      fits = measure.to === to;
      to = measure.to;
    } else payload += bound;
    if (to === position) break;
    parts.push({ second, from: position, to, joinedAt: at });
    taken += to - position;
    cursor.moveTo(second.first + to);
  }
  if (parts.length === 0) return fits ? null : 'tooLarge';
  if (taken === 0 && fits) return gathered;
  const filled = taken === room || !fits;
  return new Batch({
    parts,
    before,
    cutAt: at,
    filled,
    full: filled && !limits.refused,
    payload,
    isMeasured: exact,
    gathered: known,
  });
}

/** Record by record, until the next would not fit. */
function measured(
  { second, from, to }: BatchPart,
  before: number,
  { size, envelope }: { readonly size: EventSize; readonly envelope: number },
  log: RecordLog,
): { to: number; payload: number } {
  let payload = before;
  for (let i = from; i < to; i++) {
    const more = size.record(second, i, log) + (payload === envelope ? 0 : 1);
    if (payload + more > EVENT_PAYLOAD) return { to: i, payload };
    payload += more;
  }
  return { to, payload };
}
