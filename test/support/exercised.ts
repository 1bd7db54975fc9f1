import type { JsonObject, JsonValue, Scenario } from '../../src/scenario/scenario.ts';

/** Which values of which setting some scenarios had, and which values of two settings one mapping met together. */
export class Exercised {
  /** Of each mapping, the values by their settings. */
  readonly #seen: ReadonlyMap<string, string>[] = [];

  /** Notes each mapping that a scenario begins with, its function, its stream, and what all mappings share. */
  note({ source: { resolved }, mappings: built }: Scenario): void {
    const { mappings = {}, functions, streams, polling = {}, account = {} } = resolved as Record<string, JsonObject>;
    for (const { name, function: target, stream, isCreatedLater } of built) {
      if (isCreatedLater) continue;
      this.#seen.push(
        new Map([
          ...settingsOf('', mappings[name] as JsonObject),
          ...settingsOf('function.', functions![target] as JsonObject),
          ...settingsOf('stream.', streams![stream] as JsonObject),
          ...settingsOf('polling.', polling),
          ...settingsOf('account.', account),
        ]),
      );
    }
  }

  /** A line for each setting with its values and how often they came, then how many of the pairs of values met. */
  lines(): string[] {
    const names = [...new Set(this.#seen.flatMap((values) => [...values.keys()]))];
    const settings = names
      .map((name) => ({ name, values: this.#valuesOf(name) }))
      .filter(({ values }) => new Set(values).size > 1);
    const pairs = settings.flatMap((one, place) =>
      settings.slice(place + 1).map((other) => {
        const met = new Set(one.values.map((value, i) => `${value} with ${other.values[i]}`)).size;
        const possible = new Set(one.values).size * new Set(other.values).size;
        return { name: `${one.name} with ${other.name}`, met, possible };
      }),
    );
    const sum = (pick: (pair: (typeof pairs)[number]) => number) => pairs.reduce((all, pair) => all + pick(pair), 0);
    const few = pairs.filter(({ met, possible }) => met < possible / 2);
    return [
      ...settings.map(({ name, values }) => `${name}: ${counted(values)}`),
      `of ${pairs.length} pairs of settings, ${sum(({ met }) => met)} of ${sum(({ possible }) => possible)} pairs of values met`,
      ...few.map(({ name, met, possible }) => `fewer than half met, ${met} of ${possible}: ${name}`),
    ];
  }

  #valuesOf(name: string): string[] {
    return this.#seen.map((values) => values.get(name) ?? 'absent');
  }
}

/** The values that came most often, each with how often. */
function counted(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const list = [...counts].sort(([, one], [, other]) => other - one).map(([value, count]) => `${value} ×${count}`);
  return `${list.slice(0, 12).join(', ')}${list.length > 12 ? `, and ${list.length - 12} more` : ''}`;
}

type Setting = readonly [name: string, value: string];

/** What names a part of the scenario is no setting; a list of faults counts by their kinds. */
const NAMES = new Set(['stream', 'function', 'handler', 'shards']);

function settingsOf(prefix: string, part: JsonObject): Setting[] {
  return Object.entries(part)
    .filter(([name]) => !NAMES.has(name))
    .map(([name, value]) => [`${prefix}${name}`, name === 'faults' ? kinds(value!) : text(value!)]);
}

function kinds(faults: JsonValue): string {
  const names = (faults as JsonObject[]).map((fault) => {
    const kind = ['slowdown', 'probability', 'poison', 'invocations'].find((key) => fault[key] !== undefined);
    return `${kind ?? 'outage'}${fault.responseLost === true ? ' with its response lost' : ''}`;
  });
  return [...new Set(names)].sort().join(' and ') || 'none';
}

function text(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
