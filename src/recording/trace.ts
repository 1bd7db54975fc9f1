import type { JsonValue } from '../scenario/scenario.ts';
import type { DiscardCondition, MappingState, Outcome } from './causes.ts';

/** One line of the trace; times are whole microseconds, `first` and `last` indices in the shard. */
export type TraceEvent =
  | (InLane & { readonly type: 'poll'; readonly found: number })
  | (InLane & (Records | NoRecords) & { readonly type: 'throttle' })
  | (InLane &
      Records &
      Invocation & {
        readonly startSequenceNumber: string;
        readonly endSequenceNumber: string;
        readonly iteratorAgeMs: number;
      })
  /** The final one of a tumbling window (P11): it has no records, so no first, no last and no age. */
  | (InLane &
      NoRecords &
      Invocation & {
        readonly startSequenceNumber: null;
        readonly endSequenceNumber: null;
        readonly iteratorAgeMs: null;
      })
  | (InLane & Records & { readonly type: 'discard'; readonly condition: DiscardCondition })
  | (InLane & Records & { readonly type: 'expire' })
  /** A failed piece goes on in two: its first `lower` records, which by 'itemFailures' are done, and the others (E4, E5). */
  | (InLane & Records & { readonly type: 'split'; readonly lower: number; readonly by: 'bisect' | 'itemFailures' })
  | { readonly t: number; readonly type: 'state'; readonly mapping: string; readonly state: MappingState };

interface InLane {
  readonly t: number;
  readonly mapping: string;
  readonly shardId: string;
  readonly lane: number;
}

interface Invocation {
  readonly type: 'invocation';
  readonly start: number;
  readonly end: number;
  readonly attempt: number;
  readonly outcome: Outcome;
  /** P11; only where the mapping has tumbling windows. The first window of a run may start before it. */
  readonly window?: { readonly start: number; readonly end: number };
  readonly isFinalInvokeForWindow?: boolean;
  /** Each record that the function was given, and in a tumbling window its state; only where the run is asked for them. */
  readonly records?: readonly TracedRecord[];
  readonly state?: JsonValue;
}

/** A record of an invocation. */
export interface TracedRecord {
  /** In its shard. */
  readonly index: number;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** When it arrived, in microseconds of the run. */
  readonly arrival: number;
}

interface NoRecords {
  readonly size: 0;
  readonly first: null;
  readonly last: null;
}

interface Records {
  readonly size: number;
  readonly first: number;
  readonly last: number;
}
