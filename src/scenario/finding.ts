import { NEVER } from '../kernel/time.ts';
import type { Path } from './document.ts';
import { didYouMean } from './issue.ts';
import { durationOf } from './quantity.ts';

/** A problem of a scenario that its form alone does not show, with its place. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly severity?: 'warning';
  /** It is the key that is wrong, not what it holds. */
  readonly atKey?: true;
}

/*
 * What a file says before its form is known to be right: whatever is not of the expected form reads as absent.
 */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The named things of a section: streams, producers, functions, mappings. */
export function entries(root: Fields, section: string): [string, Fields][] {
  return Object.entries(fields(root[section])).filter((entry): entry is [string, Fields] => isFields(entry[1]));
}

/** A warning about what lies at or after the latest end of the run; none where it lies before, or nobody can tell. */
export function pastTheEnd(root: Fields, at: number | null, path: Path): Finding[] {
  const end = (durationIn(root, 'duration') ?? Number.POSITIVE_INFINITY) + (durationIn(root, 'drain') ?? 0);
  if (at === null || at < end) return [];
  return [{ path, message: 'the run ends before this', severity: 'warning' }];
}

/** A mapping of the file, or one that the timeline creates, and where it stands. */
export interface PlacedMapping {
  readonly name: string;
  readonly mapping: Fields;
  readonly path: Path;
  /** The index of the entry that creates it; null: it is there from the start. */
  readonly entry: number | null;
}

/** Those of the file, then those that the timeline creates. */
export function allMappings(root: Fields): PlacedMapping[] {
  return [
    ...entries(root, 'mappings').map(([name, mapping]) => ({ name, mapping, path: ['mappings', name], entry: null })),
    ...list(root.timeline).flatMap((item, entry): PlacedMapping[] => {
      const { create: name, mapping } = fields(item);
      if (typeof name !== 'string' || !isFields(mapping)) return [];
      return [{ name, mapping, path: ['timeline', entry, 'mapping'], entry }];
    }),
  ];
}

/** The scenario with all of these under `mappings`, for whoever names one. */
export function withCreated(root: Fields): Fields {
  if (!isFields(root.mappings)) return root;
  const created = list(root.timeline).flatMap((item) => {
    const { create: name, mapping } = fields(item);
    return typeof name === 'string' ? [[name, mapping]] : [];
  });
  return created.length === 0 ? root : { ...root, mappings: { ...Object.fromEntries(created), ...root.mappings } };
}

/** The timeline's entries as the run meets them. */
export function inOrderOfTime(root: Fields): { index: number; entry: Fields }[] {
  return list(root.timeline)
    .map((entry, index) => ({ index, entry }))
    .filter((item): item is { index: number; entry: Fields } => isFields(item.entry))
    .sort((a, b) => (durationIn(a.entry, 'at') ?? NEVER) - (durationIn(b.entry, 'at') ?? NEVER));
}

/** Null where it is absent or no duration. */
export function durationIn(parent: Fields, key: string): number | null {
  const value = parent[key];
  return typeof value === 'string' ? durationOf(value) : null;
}

/** Null where the stream, or its number of shards, is not known. */
export function shardCount(root: Fields, stream: unknown): number | null {
  const { ShardCount, shards, StreamMode } = thing(root, 'streams', stream);
  if (Array.isArray(shards)) return shards.length;
  if (ShardCount === undefined && StreamMode === 'ON_DEMAND') return 4;
  return typeof ShardCount === 'number' && ShardCount > 0 ? ShardCount : null;
}

/** One named thing of a section. */
export function thing(root: Fields, section: string, name: unknown): Fields {
  const all = fields(root[section]);
  return typeof name === 'string' && Object.hasOwn(all, name) ? fields(all[name]) : {};
}

export function unknownName(root: Fields, section: string, name: unknown, path: Path): Finding[] {
  if (typeof name !== 'string' || !isFields(root[section])) return [];
  const names = Object.keys(root[section]);
  if (names.includes(name)) return [];
  const more = names.length > 8 ? ', …' : '';
  const known =
    names.length === 0 ? `there are no ${section}` : `expected one of ${names.slice(0, 8).join(', ')}${more}`;
  return [{ path, message: `unknown ${section.slice(0, -1)} '${name}'; ${known}${didYouMean(name, names)}` }];
}
