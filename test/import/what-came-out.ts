import type { Scenario } from '../../src/scenario/scenario.ts';
import { settingMeanings } from '../../src/scenario/settings.ts';

/** A line for each mapping: its stream and shards, its function, every setting that is not AWS's default, the traffic. */
export function whatCameOut({ source, streams }: Scenario): string {
  const { mappings, functions, producers } = source.resolved as unknown as Resolved;
  return Object.values(mappings)
    .map(({ stream, consumer, function: target, ...settings }) => {
      const name = stream ?? String(consumer).split('/')[0]!;
      const shards = streams.find((one) => one.name === name)!.shards.length;
      const { duration, coldStart, ...ofFunction } = functions[String(target)]!;
      const { stream: _, trace, rate, bytes } = producers[String(name)]!;
      const { Filters: filters } = settings.FilterCriteria as { Filters: { Pattern: string }[] };
      return [
        `${consumer ?? stream} ×${shards} → ${target}`,
        ...changed('mappings', { ...settings, FilterCriteria: { Filters: [] } }),
        ...filters.map(({ Pattern }) => `Pattern ${Pattern}`),
        ...changed('functions', ofFunction),
        `duration ${JSON.stringify(duration)}${coldStart === '0ms' ? '' : ` + ${JSON.stringify(coldStart)}`}`,
        `${trace === undefined ? rate : 'trace'} of ${bytes === undefined ? 'data' : bytes}`,
      ].join(', ');
    })
    .join(' | ');
}

interface Resolved {
  readonly mappings: Readonly<Record<string, Settings>>;
  readonly functions: Readonly<Record<string, Settings>>;
  readonly producers: Readonly<Record<string, Settings>>;
}

type Settings = Readonly<Record<string, unknown>>;

function changed(section: string, settings: Settings): string[] {
  const standards = new Map(
    settingMeanings().map(({ path, standard }) => [`${path[0]}.${path.slice(2).join('.')}`, standard]),
  );
  return Object.entries(settings)
    .filter(
      ([key, value]) =>
        /^[A-Z]/.test(key) && JSON.stringify(value) !== JSON.stringify(standards.get(`${section}.${key}`)),
    )
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
}
