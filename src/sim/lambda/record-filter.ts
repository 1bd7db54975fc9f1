import type { EventMatcher } from '../../scenario/event-pattern.ts';
import { compilePattern } from '../../scenario/event-pattern.ts';
import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import type { ShardSecond } from '../kinesis/record-log.ts';
import type { LaneEvents } from './event.ts';

/** P10: which records of a shard a mapping keeps. */
export class RecordFilter {
  readonly #matchers: readonly EventMatcher[];
  readonly #events: LaneEvents;

  constructor(filters: readonly string[], events: LaneEvents) {
    this.#matchers = filters.map((filter) => {
      const matcher = compilePattern(filter);
      if (typeof matcher === 'string') throw new Error(`a filter pattern that was checked before: ${matcher}`);
      return matcher;
    });
    this.#events = events;
  }

  /** A record is kept that matches one of the patterns. */
  keeps(second: ShardSecond, position: number): boolean {
    const record = this.#recordAt(second, position);
    return this.#matchers.some((matches) => matches(record));
  }

  /** The record as a pattern sees it: its Kinesis fields beside the others, its data decoded and, where it is JSON, parsed. */
  #recordAt(second: ShardSecond, position: number): JsonObject {
    const { kinesis, ...rest } = this.#events.frameOf(second, position);
    return { ...rest, ...kinesis, data: parsed(this.#events.textOf(second, position)) };
  }
}

function parsed(text: string): JsonValue {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}
