import { durationOf, rateOf } from '../../scenario/quantity.ts';
import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import type { MappingSummary, Summary } from '../summary.ts';
import type { Change, Setting } from './explanation.ts';

/** The scenario that a result records, in the file's own form. A result of another version may lack a key. */
export class Resolved {
  readonly #root: JsonObject;
  readonly #summary: Summary;

  constructor(summary: Summary) {
    this.#summary = summary;
    this.#root = summary.scenario.resolved;
  }

  /** Null where nothing is there. */
  value(path: readonly string[]): JsonValue {
    let value: JsonValue = this.#root;
    for (const step of path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
        return null;
      value = (value as JsonObject)[step]!;
    }
    return value;
  }

  number(path: readonly string[], otherwise: number): number {
    const value = this.value(path);
    return typeof value === 'number' ? value : otherwise;
  }

  /** Of a text that is a duration. */
  seconds(path: readonly string[], otherwise: number): number {
    return secondsOf(this.value(path)) ?? otherwise;
  }

  items(path: readonly string[]): readonly JsonValue[] {
    const value = this.value(path);
    return Array.isArray(value) ? value : [];
  }

  entries(section: string): (readonly [name: string, value: JsonObject])[] {
    const value = this.value([section]);
    return isObject(value) ? Object.entries(value).map(([name, one]) => [name, isObject(one) ? one : {}]) : [];
  }

  setting(path: readonly string[]): Setting {
    return { path, value: this.value(path) };
  }

  change(path: readonly string[], to: JsonValue): Change {
    return { path, now: this.value(path), to };
  }

  /** Open at the end of the run: a split or a merge leaves closed ones behind. */
  shards(stream: string): number {
    const found = Object.hasOwn(this.#summary.streams, stream)
      ? Object.values(this.#summary.streams[stream]!.shards)
      : [];
    return Math.max(1, found.filter(({ closedAtSeconds }) => closedAtSeconds === null).length);
  }

  /** The timeline without one of its calls. */
  withoutCall(call: JsonValue): Change {
    const path = ['timeline'];
    return this.change(
      path,
      this.items(path).filter((one) => one !== call),
    );
  }

  /** The calls of the timeline that change a stream's shards (K6). */
  resharding(stream: string): readonly JsonObject[] {
    return this.items(['timeline'])
      .filter(isObject)
      .filter(({ split, merge, reshard }) => [split, merge, reshard].includes(stream));
  }

  isOnDemand(stream: string): boolean {
    return this.value(['streams', stream, 'StreamMode']) === 'ON_DEMAND';
  }

  /** Shards × factor, at the end of the run. */
  lanes({ stream }: MappingSummary, mapping: string): number {
    return this.shards(stream) * this.factor(mapping);
  }

  factor(mapping: string): number {
    return this.number(['mappings', mapping, 'ParallelizationFactor'], 1);
  }

  /** Of the mapping's consumer with enhanced fan-out; null where it polls. */
  consumer(mapping: string): string | null {
    const value = this.value(['mappings', mapping, 'consumer']);
    return typeof value === 'string' ? value.slice(value.lastIndexOf('/') + 1) : null;
  }

  destination(mapping: string): string | null {
    const value = this.value(['mappings', mapping, 'DestinationConfig', 'OnFailure', 'Destination']);
    return typeof value === 'string' ? value : null;
  }

  reports(mapping: string): boolean {
    return this.items(['mappings', mapping, 'FunctionResponseTypes']).length > 0;
  }

  bisects(mapping: string): boolean {
    return this.value(['mappings', mapping, 'BisectBatchOnFunctionError']) === true;
  }
}

/** Its base and what each record adds, in milliseconds: means. */
export interface DurationParts {
  readonly base: number;
  readonly perRecord: number;
}

/** Of a batch of so many records. */
export function batchMs({ base, perRecord }: DurationParts, size: number): number {
  return base + size * perRecord;
}

/** Null where the handler's time is not written as plain laws. */
export function durationParts(duration: JsonValue): DurationParts | null {
  if (!isObject(duration)) return both(meanMs(duration), 0);
  const { base, perRecord, perKB } = duration;
  if (base === undefined && perRecord === undefined && perKB === undefined) return both(meanMs(duration), 0);
  if (perKB !== undefined) return null;
  return both(base === undefined ? 0 : meanMs(base), perRecord === undefined ? 0 : meanMs(perRecord));
}

function both(base: number | null, perRecord: number | null): DurationParts | null {
  return base === null || perRecord === null ? null : { base, perRecord };
}

/** z of the 99th percentile. */
const Z99 = 2.3263;

function meanMs(law: JsonValue): number | null {
  const plain = secondsOf(law);
  if (plain !== null) return 1_000 * plain;
  if (!isObject(law)) return null;
  const [form, values] = Object.entries(law)[0] ?? [];
  if (!isObject(values)) return null;
  const at = (key: string) => secondsOf(values[key] ?? null) ?? Number.NaN;
  const mean =
    form === 'uniform'
      ? (at('min') + at('max')) / 2
      : form === 'exponential'
        ? at('mean')
        : form === 'lognormal'
          ? at('median') * Math.exp((Math.log(at('p99') / at('median')) / Z99) ** 2 / 2)
          : Number.NaN;
  return Number.isFinite(mean) ? 1_000 * mean : null;
}

export function secondsOf(value: JsonValue | undefined): number | null {
  const microseconds = typeof value === 'string' ? durationOf(value) : null;
  return microseconds === null ? null : microseconds / 1e6;
}

/** The highest rate that a producer is given, in records a second; null where a file decides. */
export function highestRate(producer: JsonObject): number | null {
  const rates = [
    producer.rate,
    ...listOf(producer.phases).flatMap((phase) => [field(phase, 'rate'), field(phase, 'rampTo')]),
  ]
    .map((rate) => (typeof rate === 'string' ? rateOf(rate) : null))
    .filter((rate) => rate !== null);
  return rates.length === 0 ? null : Math.max(...rates);
}

function field(value: JsonValue, key: string): JsonValue | undefined {
  return isObject(value) ? value[key] : undefined;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
