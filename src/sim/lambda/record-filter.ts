import { SECOND } from '../../kernel/time.ts';
import type { EventMatcher } from '../../scenario/event-pattern.ts';
import { compilePattern } from '../../scenario/event-pattern.ts';
import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import type { RecordLog, ShardSecond } from '../kinesis/record-log.ts';
import { indexIn } from '../kinesis/record-log.ts';
import type { EventSource } from './event.ts';
import { eventRecord } from './event.ts';

/** P10: which records of a shard a mapping keeps. */
export class RecordFilter {
  readonly #matchers: readonly EventMatcher[];
  readonly #log: RecordLog;
  readonly #source: EventSource;

  constructor(filters: readonly string[], log: RecordLog, source: EventSource) {
    this.#matchers = filters.map((filter) => {
      const matcher = compilePattern(filter);
      if (typeof matcher === 'string') throw new Error(`a filter pattern that was checked before: ${matcher}`);
      return matcher;
    });
    this.#log = log;
    this.#source = source;
  }

  /** A record is kept that matches one of the patterns. */
  keeps(second: ShardSecond, position: number): boolean {
    const record = this.#recordAt(second, position);
    return this.#matchers.some((matches) => matches(record));
  }

  /** The record as a pattern sees it: its Kinesis fields beside the others, its data decoded and, where it is JSON, parsed. */
  #recordAt(second: ShardSecond, position: number): JsonObject {
    const text = this.#log.dataOf(second, position) ?? '';
    const { kinesis, ...rest } = eventRecord(this.#source, {
      index: indexIn(second, position),
      arrival: second.second * SECOND + second.times[position]!,
      partitionKey: this.#log.keyOf(second, position),
      data: '',
    });
    return { ...rest, ...kinesis, data: parsed(text) };
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
