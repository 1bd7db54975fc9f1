import type { Chance } from '../../kernel/chance.ts';
import type { Instant } from '../../kernel/time.ts';
import { SECOND } from '../../kernel/time.ts';
import { READ_BYTES_PER_SECOND, READ_CALLS_PER_SECOND } from '../../recording/limits.ts';
import type { OtherReader } from '../../scenario/scenario.ts';

/** K4: what one call brings, from the GetRecords page of the Kinesis API reference. */
export const RECORDS_PER_CALL = 10_000;
export const BYTES_PER_CALL = 10_485_760;

const CALL = SECOND / READ_CALLS_PER_SECOND; // tokens of the call bucket, refilled one a microsecond
const CALL_DEPTH = READ_CALLS_PER_SECOND * CALL;
const BYTE = 1_000_000; // tokens of the byte bucket, refilled READ_BYTES_PER_SECOND a microsecond
const BYTE_DEPTH = READ_BYTES_PER_SECOND * BYTE;

/** The read limits of one shard, shared by all that poll it (K4). Whole numbers, so that no rounding decides. */
export class ReadLimit {
  readonly #others: Other[];
  #calls = CALL_DEPTH;
  #bytes = BYTE_DEPTH;
  #at: Instant = 0;

  /** @param chance of the shard; places the other readers' calls */
  constructor(otherReaders: readonly OtherReader[], chance: Chance) {
    this.#others = otherReaders
      .filter((reader) => reader.callsPerSecond > 0)
      .map((reader, index) => {
        const interval = SECOND / reader.callsPerSecond;
        return {
          interval,
          phase: chance.unit(index) * interval,
          made: 0,
          bytes: reader.bytesPerSecond / reader.callsPerSecond,
        };
      });
  }

  /** Whether a call is answered; instants never go back. What the others ask for at the same instant goes first. */
  admits(at: Instant): boolean {
    for (;;) {
      const other = this.#nextOther();
      if (other === null || dueAt(other) > at) break;
      if (this.#admits(dueAt(other))) this.#charge(Math.min(Math.floor(other.bytes), this.bytesPerCall));
      other.made++;
    }
    return this.#admits(at);
  }

  /**
   * The most bytes that an admitted call brings: 10 MB less what is missing in the bucket, so that no run of calls takes
   * more than 10 MB at once, whoever makes them (choice).
   */
  get bytesPerCall(): number {
    return BYTES_PER_CALL - Math.ceil((BYTE_DEPTH - this.#bytes) / BYTE);
  }

  /** After an admitted call: what its response held. */
  charge(bytes: number): void {
    this.#charge(bytes);
  }

  #admits(at: Instant): boolean {
    const elapsed = at - this.#at;
    if (elapsed > 0) {
      this.#at = at;
      this.#calls = Math.min(CALL_DEPTH, this.#calls + elapsed);
      this.#bytes = Math.min(BYTE_DEPTH, this.#bytes + elapsed * READ_BYTES_PER_SECOND);
    }
    if (this.#calls < CALL || this.#bytes < 0) return false;
    this.#calls -= CALL;
    return true;
  }

  #charge(bytes: number): void {
    this.#bytes = bytes > READ_BYTES_PER_SECOND ? -bytes * BYTE : this.#bytes - bytes * BYTE;
  }

  #nextOther(): Other | null {
    let next: Other | null = null;
    for (const other of this.#others) if (next === null || dueAt(other) < dueAt(next)) next = other;
    return next;
  }
}

/** Another consumer's calls, evenly spaced. */
interface Other {
  readonly interval: number;
  readonly phase: number;
  readonly bytes: number;
  made: number;
}

function dueAt(other: Other): Instant {
  return Math.floor(other.phase + other.made * other.interval);
}
