import type { EventMatcher } from '../../scenario/event-pattern.ts';
import { compilePattern, fieldsAskedBy } from '../../scenario/event-pattern.ts';
import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import type { ShardSecond } from '../kinesis/record-log.ts';
import type { LaneEvents } from './event.ts';

/** P10: which records of a shard a mapping keeps. */
export class RecordFilter {
  readonly #matchers: readonly EventMatcher[];
  readonly #record: FilteredRecord;
  readonly #events: LaneEvents;
  /** Where nothing but a record's key decides, by the number of the key: KEPT, DROPPED, or 0, not asked yet. */
  readonly #byKey: Uint8Array | null;

  constructor(filters: readonly string[], events: LaneEvents) {
    this.#events = events;
    const asked = new Set(filters.flatMap((filter) => [...fieldsAskedBy(filter)]));
    asked.delete('partitionKey');
    this.#byKey = DRAWN.some((field) => asked.has(field)) ? null : new Uint8Array(events.keyCount);
    this.#matchers = filters.map((filter) => {
      const matcher = compilePattern(filter);
      if (typeof matcher === 'string') throw new Error(`a filter pattern that was checked before: ${matcher}`);
      return matcher;
    });
    this.#record = new FilteredRecord(events);
  }

  /** A record is kept that matches one of the patterns. */
  keeps(second: ShardSecond, position: number): boolean {
    const number = this.#byKey === null ? -1 : this.#events.keyNumberOf(second, position);
    if (number < 0) return this.#matches(second, position);
    const known = this.#byKey![number]!;
    if (known > 0) return known === KEPT;
    const isKept = this.#matches(second, position);
    this.#byKey![number] = isKept ? KEPT : DROPPED;
    return isKept;
  }

  #matches(second: ShardSecond, position: number): boolean {
    const fields = this.#record.at(second, position);
    return this.#matchers.some((matches) => matches(fields));
  }
}

const KEPT = 1;
const DROPPED = 2;

/** What differs from record to record, beside the key. */
const DRAWN = ['sequenceNumber', 'approximateArrivalTimestamp', 'eventID', 'data'];

/**
 * A record as a pattern sees it: its Kinesis fields beside the others, its data decoded and, where it is JSON, parsed. What
 * a pattern does not ask for is not worked out: most ask for one field of hundreds of thousands of records.
 */
class FilteredRecord {
  readonly #fields: JsonObject;
  #second: ShardSecond | null = null;
  #position = 0;

  constructor(events: LaneEvents) {
    const [constant, frame] = [events.constantFields, () => events.frameOf(this.#second!, this.#position)];
    const drawn: Readonly<Record<string, () => JsonValue>> = {
      partitionKey: () => events.keyOf(this.#second!, this.#position),
      sequenceNumber: () => frame().kinesis.sequenceNumber,
      approximateArrivalTimestamp: () => frame().kinesis.approximateArrivalTimestamp,
      eventID: () => frame().eventID,
      data: () => events.parsedOf(this.#second!, this.#position),
    };
    const getters = Object.entries(drawn).map(([name, get]) => [name, { get }]);
    this.#fields = Object.create(null, Object.fromEntries(getters));
    Object.assign(this.#fields, constant);
  }

  /** Good until the next call. */
  at(second: ShardSecond, position: number): JsonObject {
    this.#second = second;
    this.#position = position;
    return this.#fields;
  }
}
