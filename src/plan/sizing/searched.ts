import { EVENT_PAYLOAD } from '../../recording/limits.ts';
import { UNRESERVED } from '../../scenario/account.ts';
import { STREAM_MODES } from '../../scenario/cloudformation.ts';
import { ONE_PROCESSOR } from '../../scenario/memory-factor.ts';
import type { JsonObject, JsonValue, Scenario } from '../../scenario/scenario.ts';

/** A value of a setting as a scenario file holds it; null: the file says nothing. */
export type SettingValue = number | string | null;

export const SEARCHED_SETTINGS = [
  'StreamMode',
  'ShardCount',
  'MemorySize',
  'BatchSize',
  'ParallelizationFactor',
  'MaximumBatchingWindowInSeconds',
  'ReservedConcurrentExecutions',
] as const;
export type SearchedName = (typeof SEARCHED_SETTINGS)[number];

/** A setting that may be another one. */
export interface Searched {
  readonly path: readonly [section: 'streams' | 'mappings' | 'functions', owner: string, name: SearchedName];
  readonly today: SettingValue;
  /** In order; today's is among them where it is allowed. */
  readonly values: readonly SettingValue[];
  /** Each whole number in a range: what holds of one, holds of those above it, as a rule; else each value is looked at. */
  readonly isBisected: boolean;
  /** Values that it might have are left out, because they were not asked for. */
  readonly isNarrowed: boolean;
}

/** A setting that stays as it is, and why. */
export interface NotSearched {
  readonly path: readonly string[];
  readonly why: string;
}

/** What is searched where nothing else is said: AWS's ranges, in steps. */
const STEPS = {
  BatchSize: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
  ParallelizationFactor: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  MaximumBatchingWindowInSeconds: [0, 1, 2, 5, 10, 20, 30, 60, 120, 300],
  MemorySize: [128, 192, 256, 384, 512, 768, 1_024, 1_280, 1_536, 1_769, 2_048, 3_008, 4_096, 6_144, 8_192, 10_240],
} as const;

/** What AWS allows. */
export const RANGES: Readonly<Record<Exclude<SearchedName, 'StreamMode'>, readonly [least: number, most: number]>> = {
  ShardCount: [1, 10_000],
  MemorySize: [128, 10_240],
  BatchSize: [1, 10_000],
  ParallelizationFactor: [1, 10],
  MaximumBatchingWindowInSeconds: [0, 300],
  ReservedConcurrentExecutions: [1, 1_000_000],
};

/** What of a scenario is searched, in the order in which it is, and what not. */
export function searchedIn(scenario: Scenario): { searched: Searched[]; notSearched: NotSearched[] } {
  const searched: Searched[] = [];
  const notSearched: NotSearched[] = [];
  const { resolved } = scenario.source;
  const mapped = scenario.mappings.filter(({ isCreatedLater }) => !isCreatedLater);
  const leave = (path: readonly string[], why: string) => notSearched.push({ path, why });
  const add = (path: Searched['path'], values: readonly SettingValue[], isBisected = false) => {
    const today = valueIn(resolved, path);
    searched.push({
      path,
      today,
      isBisected,
      isNarrowed: false,
      values: today === null ? values : withToday(values, today),
    });
  };
  for (const { name } of scenario.streams.filter((one) => mapped.some(({ stream }) => stream === one.name))) {
    if (scenario.timeline.some((entry) => entry.kind === 'streamChange' && entry.stream === name)) {
      leave(['streams', name], 'the timeline changes its shards');
      continue;
    }
    if (objectAt(resolved, ['streams', name]).shards !== undefined) {
      leave(['streams', name], 'its shards are written out');
      continue;
    }
    add(['streams', name, 'StreamMode'], STREAM_MODES);
    add(['streams', name, 'ShardCount'], upTo(RANGES.ShardCount), true);
  }
  for (const target of scenario.functions.filter(({ name }) => mapped.some((mapping) => mapping.function === name))) {
    const path = ['functions', target.name, 'MemorySize'] as const;
    const model = objectAt(resolved, ['functions', target.name]).durationByMemory;
    if (model === undefined) leave(path, 'without durationByMemory nothing says how long it takes with another');
    else
      add(
        path,
        STEPS.MemorySize.filter((size) => isOfUse(model as JsonObject, size)),
      );
  }
  for (const { name, stream, tumblingWindow } of mapped) {
    const updated = (key: string) =>
      scenario.timeline.some(
        (entry) => entry.kind === 'update' && entry.mapping === name && entry.parameters[key] !== undefined,
      );
    for (const key of ['BatchSize', 'ParallelizationFactor', 'MaximumBatchingWindowInSeconds'] as const) {
      const path = ['mappings', name, key] as const;
      if (updated(key)) leave(path, 'the timeline changes it');
      else if (key === 'ParallelizationFactor' && tumblingWindow > 0) leave(path, 'with a tumbling window it is 1');
      else add(path, key === 'BatchSize' ? fitting(STEPS.BatchSize, stream, scenario) : STEPS[key]);
    }
  }
  const most = scenario.account.concurrentExecutions - UNRESERVED;
  for (const target of scenario.functions.filter(({ name }) => mapped.some((mapping) => mapping.function === name))) {
    const path = ['functions', target.name, 'ReservedConcurrentExecutions'] as const;
    if (target.reservedConcurrentExecutions === 0) leave(path, 'it is 0, which blocks the function');
    else add(path, upTo([Math.max(1, target.provisionedConcurrentExecutions), Math.max(1, most)]), true);
  }
  return { searched, notSearched };
}

/** Null where the file says nothing. */
function valueIn(root: JsonObject, path: readonly string[]): SettingValue {
  const value = objectAt(root, path.slice(0, -1))[path.at(-1)!];
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

function objectAt(root: JsonObject, path: readonly string[]): JsonObject {
  return path.reduce<JsonObject>((value, step) => value[step] as JsonObject, root);
}

/** Within what was measured; past `fullAt`, more only costs more. */
function isOfUse({ measured, fullAt }: JsonObject, size: number): boolean {
  if (!Array.isArray(measured)) return size <= ((fullAt as number | undefined) ?? ONE_PROCESSOR);
  const sizes = measured.map((row) => (row as JsonObject).MemorySize as number);
  return size >= Math.min(...sizes) && size <= Math.max(...sizes);
}

/** P5: up to the first that no event has room for; larger ones are the same. */
function fitting(sizes: readonly number[], stream: string, { producers }: Scenario): number[] {
  const own = producers.filter((producer) => producer.stream === stream);
  const least = Math.min(
    ...own.map(({ bytes, data }) => (data === null && bytes.kind === 'constant' ? bytes.value : 0)),
  );
  const most = EVENT_PAYLOAD / (Math.max(1, least) * BASE64);
  const first = sizes.findIndex((size) => size >= most);
  return first < 0 || own.length === 0 ? [...sizes] : sizes.slice(0, first + 1);
}

const BASE64 = 4 / 3;

export function upTo([least, most]: readonly [number, number], step = 1): number[] {
  return Array.from({ length: Math.floor((most - least) / step) + 1 }, (_, index) => least + index * step);
}

function withToday(values: readonly SettingValue[], today: JsonValue): readonly SettingValue[] {
  if (values.includes(today as SettingValue) || typeof today !== 'number') return values;
  return [...(values as readonly number[]), today].sort((a, b) => a - b);
}
