import type { Path } from '../../scenario/document.ts';
import { pathText } from '../../scenario/document.ts';
import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import type { ComparedSource } from './compared-run.ts';

/** A setting that is not the same in two scenarios, defaults filled in. */
export interface SettingDifference {
  /** As `--set` takes it: mappings.orders-to-enrich.BatchSize. Of a file that has other contents, `files.` and its name. */
  readonly path: string;
  /** Absent where the scenario has nothing there; of a file, its SHA-256 (hex). */
  readonly a?: JsonValue;
  readonly b?: JsonValue;
}

/** In the order of A's file, what only B has last. Name and description set nothing. */
export function settingDifferences(a: ComparedSource, b: ComparedSource): SettingDifference[] {
  const settings = ({ resolved: { name: _, description: _d, ...rest } }: ComparedSource): JsonObject => rest;
  const files = Object.entries(a.files).flatMap(([name, hash]): SettingDifference[] => {
    const other = b.files[name];
    return other === undefined || other === hash ? [] : [{ path: pathText(['files', name]), a: hash, b: other }];
  });
  return [...differences(settings(a), settings(b), []), ...files];
}

function differences(a: JsonValue | undefined, b: JsonValue | undefined, path: Path): SettingDifference[] {
  if (isMap(a) && isMap(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].flatMap((key) => differences(a[key], b[key], [...path, key]));
  }
  // Lists of another length have other things at every place.
  if (isListOfMaps(a) && isListOfMaps(b) && a.length === b.length) {
    return a.flatMap((item, index) => differences(item, b[index], [...path, index]));
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  return [{ path: pathText(path), ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) }];
}

function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfMaps(value: JsonValue | undefined): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every(isMap);
}
