import type { z } from 'zod';
import type { Path } from './document.ts';
import { didYouMean } from './issue.ts';
import { scenarioSchema } from './schema.ts';

/** Something of a scenario that has not the form it should have. */
export interface FormProblem {
  readonly path: Path;
  readonly message: string;
  readonly atKey: boolean;
}

/** Checks plain data against the schema. */
export function formProblems(value: unknown): FormProblem[] {
  const checked = scenarioSchema.safeParse(value);
  return checked.success ? [] : checked.error.issues.flatMap((issue) => problemsOf(issue, [], value));
}

function problemsOf(issue: z.core.$ZodIssue, base: Path, value: unknown): FormProblem[] {
  const path = [...base, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    return issue.keys.map((key) => {
      const expected = didYouMean(key, known) || `; expected one of ${known.join(', ')}`;
      return { path: [...path, key], message: `unknown key${expected}`, atKey: true };
    });
  }
  if (issue.code === 'invalid_union') {
    const branch = furthestBranch(issue.errors, valueAt(value, path));
    if (branch !== null) return branch.flatMap((inner) => problemsOf(inner, path, value));
  }
  const actual = valueAt(value, path);
  if (actual === undefined) {
    return [{ path, message: `is missing; ${issue.message}`, atKey: false }];
  }
  return [{ path, message: `${issue.message}, got ${shown(actual)}`, atKey: false }];
}

/** Of a value with several forms, the one it comes nearest: a map is meant as the map, whatever else it could have been. */
function furthestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  value: unknown,
): readonly z.core.$ZodIssue[] | null {
  const isMap = typeof value === 'object' && value !== null;
  const fitting = branches.filter((issues) => {
    const failsAtTop = issues.some(
      ({ path, code }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value'),
    );
    return isMap ? !failsAtTop : issues.every(({ path }) => path.length === 0);
  });
  if (isMap) return fitting[0] ?? null;
  return branches.find((issues) => issues.some(({ code }) => code === 'invalid_format')) ?? null;
}

/** The keys that the schema knows at a path. */
function keysAt(path: Path): string[] {
  let schemas: z.core.$ZodType[] = [scenarioSchema];
  for (const step of path) schemas = schemas.flatMap((schema) => childrenOf(schema, step));
  return schemas.flatMap((schema) => (shapeOf(schema) === null ? [] : Object.keys(shapeOf(schema)!)));
}

function childrenOf(schema: z.core.$ZodType, step: string | number): z.core.$ZodType[] {
  const def = definitionOf(schema);
  const shape = shapeOf(schema);
  if (shape !== null) return unwrapped(shape[String(step)]);
  if (def.type === 'record') return unwrapped(def.valueType as z.core.$ZodType);
  if (def.type === 'array') return unwrapped(def.element as z.core.$ZodType);
  return [];
}

function unwrapped(schema: z.core.$ZodType | undefined): z.core.$ZodType[] {
  if (schema === undefined) return [];
  const def = definitionOf(schema);
  if (def.innerType !== undefined) return unwrapped(def.innerType as z.core.$ZodType);
  if (def.type === 'union') return (def.options as z.core.$ZodType[]).flatMap((option) => unwrapped(option));
  return [schema];
}

function shapeOf(schema: z.core.$ZodType): Record<string, z.core.$ZodType> | null {
  const def = definitionOf(schema);
  return def.type === 'object' ? (def.shape as Record<string, z.core.$ZodType>) : null;
}

/** What zod keeps of a schema; its public type names only the kind. */
function definitionOf(schema: z.core.$ZodType): Readonly<Record<string, unknown>> {
  return schema._zod.def as unknown as Record<string, unknown>;
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  return String(value);
}
