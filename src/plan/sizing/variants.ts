import { parseScenario } from '../../scenario/parse.ts';
import { rateOf } from '../../scenario/quantity.ts';
import type { JsonObject, JsonValue, Scenario } from '../../scenario/scenario.ts';
import { PlanInputError } from './plan-input-error.ts';
import type { Searched, SettingValue } from './searched.ts';

/** A value for each setting that is searched, in their order. */
export type Point = readonly SettingValue[];

/** The scenario with other settings and other traffic. */
export class Variants {
  readonly #scenario: Scenario;
  readonly #searched: readonly Searched[];
  readonly #readFile: (name: string) => Uint8Array;
  readonly #made = new Map<string, Scenario | string>();
  readonly #files = new Map<string, Uint8Array>();

  constructor(scenario: Scenario, searched: readonly Searched[], readFile: (name: string) => Uint8Array) {
    this.#scenario = scenario;
    this.#searched = searched;
    this.#readFile = readFile;
  }

  /** Why there is none, where a scenario of these settings would be refused. */
  scenario(point: Point, load: number): Scenario | string {
    const key = keyOf(point, load);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#make(point, load);
    this.#made.set(key, made);
    // Those with long traces are large, and made again soon enough.
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= MOST_KEPT) break;
      this.#made.delete(oldest);
    }
    return made;
  }

  #make(point: Point, load: number): Scenario | string {
    const document = structuredClone(this.#scenario.source.resolved) as MutableObject;
    this.#searched.forEach(({ path }, index) => {
      const owner = path.slice(0, 2).reduce<MutableObject>((value, step) => value[step] as MutableObject, document);
      const value = point[index]!;
      if (value === null) delete owner[path[2]];
      else owner[path[2]] = value;
    });
    if (load !== 1) document.producers = multiplied(document.producers as JsonObject, load);
    const parsed = parseScenario(JSON.stringify(document), { readFile: (name) => this.#read(name) });
    if (parsed.ok) return parsed.scenario;
    return parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  }

  #read(name: string): Uint8Array {
    const bytes = this.#files.get(name) ?? this.#readFile(name);
    this.#files.set(name, bytes);
    return bytes;
  }
}

const MOST_KEPT = 60;

interface MutableObject {
  [key: string]: JsonValue;
}

export function keyOf(point: Point, load: number): string {
  return JSON.stringify([load, ...point]);
}

/** So many times the traffic of each producer. */
function multiplied(producers: JsonObject, load: number): JsonObject {
  const rate = (text: JsonValue) => `${plain(rateOf(text as string)! * load)}/s`;
  return Object.fromEntries(
    Object.entries(producers).map(([name, producer]) => {
      const { rate: constant, phases, trace, ...rest } = producer as JsonObject;
      if (constant !== undefined) return [name, { ...rest, rate: rate(constant) }];
      if (phases !== undefined) {
        const louder = (phases as readonly JsonObject[]).map((phase) => ({
          ...phase,
          rate: rate(phase.rate!),
          ...(phase.rampTo === undefined ? {} : { rampTo: rate(phase.rampTo) }),
        }));
        return [name, { ...rest, phases: louder }];
      }
      if (trace !== undefined) {
        const { scale, ...of } = trace as JsonObject;
        return [name, { ...rest, trace: { ...of, scale: ((scale as number | undefined) ?? 1) * load } }];
      }
      throw PlanInputError.atPath(
        ['producers', name],
        `its records are written out one by one, and cannot be multiplied; --growth and --headroom need a rate, phases or a trace`,
      );
    }),
  );
}

/** As a quantity is written: no exponent, at most 15 digits behind the point. */
function plain(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}
