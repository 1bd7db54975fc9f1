import type { Duration, Instant } from '../kernel/time.ts';
import { MILLISECOND } from '../kernel/time.ts';
import type { JsonValue } from '../scenario/scenario.ts';
import type { DiscardCondition, Outcome } from './causes.ts';
import { sequenceNumberOf, shardIdOf } from './identifiers.ts';
import type { TracedRecord, TraceEvent } from './trace.ts';

/** What the trace has of an invocation beside its records. */
export interface TracedInvocation {
  /** P11; null where the mapping has no tumbling windows. */
  readonly window: { readonly start: Instant; readonly end: Instant } | null;
  /** What it lists of the records; null where it does not. */
  readonly given: { readonly records: readonly TracedRecord[]; readonly state?: JsonValue } | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type InvocationEvent = Extract<TraceEvent, { readonly type: 'invocation' }>;

/** Records of a shard by their indices, both inclusive. */
interface IndexRange {
  readonly first: number;
  readonly last: number;
  readonly size: number;
}

/** A batch as the trace has it. */
interface TracedBatch extends IndexRange {
  readonly firstArrival: Instant;
  readonly lastArrival: Instant;
  /** Of this piece since its count began. */
  readonly invocations: number;
  /** P11: without records, so that its first and its last are not to be asked for. */
  readonly isFinal: boolean;
}

/**
 * What the trace says of one lane. An invocation's properties are written out one by one, in the order of the trace's lines:
 * put together from parts, they took half of a traced run's time and memory, and made all who read them slow.
 */
export class LaneTracer {
  readonly #trace: (event: TraceEvent) => void;
  readonly #mapping: string;
  readonly #shard: number;
  readonly #shardId: string;
  readonly #lane: number;
  readonly #start: number;

  /** @param place `start`: microseconds since the Unix epoch at t = 0 */
  constructor(
    trace: (event: TraceEvent) => void,
    { mapping, shard, lane, start }: { mapping: string; shard: number; lane: number; start: number },
  ) {
    this.#trace = trace;
    this.#mapping = mapping;
    this.#shard = shard;
    this.#shardId = shardIdOf(shard);
    this.#lane = lane;
    this.#start = start;
  }

  polled(t: Instant, found: number): void {
    this.#trace({ ...this.#event(t, 'poll'), found });
  }

  throttled(t: Instant, batch: TracedBatch): void {
    this.#trace({
      ...this.#event(t, 'throttle'),
      ...(batch.isFinal ? { size: 0, first: null, last: null } : rangeOf(batch)),
    });
  }

  /** @param iteratorAge null without records */
  invoked(
    batch: TracedBatch,
    { start, end, outcome }: { readonly start: Instant; readonly end: Instant; readonly outcome: Outcome },
    iteratorAge: Duration | null,
    { window, given }: TracedInvocation,
  ): void {
    const isEmpty = iteratorAge === null;
    const event = {
      t: end,
      type: 'invocation',
      mapping: this.#mapping,
      shardId: this.#shardId,
      lane: this.#lane,
      start,
      end,
      attempt: batch.invocations,
      size: batch.size,
      first: isEmpty ? null : batch.first,
      last: isEmpty ? null : batch.last,
      startSequenceNumber: isEmpty ? null : this.#sequenceNumber(batch.first, batch.firstArrival),
      endSequenceNumber: isEmpty ? null : this.#sequenceNumber(batch.last, batch.lastArrival),
      outcome,
      iteratorAgeMs: isEmpty ? null : iteratorAge / MILLISECOND,
    } as Mutable<InvocationEvent>;
    if (window !== null) {
      event.window = window;
      event.isFinalInvokeForWindow = batch.isFinal;
    }
    if (given !== null) event.records = given.records;
    if (given?.state !== undefined) event.state = given.state;
    this.#trace(event);
  }

  split(t: Instant, batch: TracedBatch, lower: number, by: 'bisect' | 'itemFailures'): void {
    this.#trace({ ...this.#event(t, 'split'), ...rangeOf(batch), lower, by });
  }

  discarded(t: Instant, records: IndexRange, condition: DiscardCondition): void {
    this.#trace({ ...this.#event(t, 'discard'), ...rangeOf(records), condition });
  }

  expired(t: Instant, records: IndexRange): void {
    this.#trace({ ...this.#event(t, 'expire'), ...rangeOf(records) });
  }

  #event<Type extends TraceEvent['type']>(t: Instant, type: Type) {
    return { t, type, mapping: this.#mapping, shardId: this.#shardId, lane: this.#lane };
  }

  #sequenceNumber(index: number, arrival: Instant): string {
    return sequenceNumberOf({ shard: this.#shard, index, arrival, start: this.#start });
  }
}

function rangeOf({ size, first, last }: IndexRange): IndexRange {
  return { size, first, last };
}
