import type { z } from 'zod';
import type { Path } from './document.ts';
import { didYouMean } from './issue.ts';
import { scenarioSchema } from './schema.ts';

/** Something of a file that has not the form it should have. */
export interface FormProblem {
  readonly path: Path;
  readonly message: string;
  readonly atKey: boolean;
}

/** A file is read once or twice: compiling code for each of its objects costs more than it saves. */
const ONCE = { jitless: true };

/** Checks plain data against the schema of a scenario, or of another file. */
export function formProblems(value: unknown, schema: z.ZodType = scenarioSchema): FormProblem[] {
  return formOf(value, schema).problems;
}

/** The same, with the data as the schema has it, its defaults put in; undefined where there are problems. */
export function formOf<T extends z.ZodType>(
  value: unknown,
  schema: T,
): { problems: FormProblem[]; data?: z.output<T> } {
  const checked = schema.safeParse(value, ONCE);
  if (checked.success) return { problems: [], data: checked.data };
  const problems = checked.error.issues.flatMap((issue) => problemsOf(issue, [], { value, schema }));
  return { problems: [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()] };
}

interface Checked {
  readonly value: unknown;
  readonly schema: z.core.$ZodType;
}

function problemsOf(issue: z.core.$ZodIssue, base: Path, checked: Checked): FormProblem[] {
  const { value, schema } = checked;
  const path = [...base, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path, schema);
    // A merge key is reported where the text is read.
    return issue.keys
      .filter((key) => key !== '<<')
      .map((key) => {
        const expected = didYouMean(key, known) || `; expected one of ${known.join(', ')}`;
        return { path: [...path, key], message: `unknown key${expected}`, atKey: true };
      });
  }
  if (issue.code === 'invalid_union') {
    const branch = furthestBranch(issue.errors, valueAt(value, path));
    if (branch !== null) return branch.flatMap((inner) => problemsOf(inner, path, checked));
  }
  if (issue.code === 'invalid_key') {
    const why = issue.issues[0]?.message ?? 'expected another name';
    return [{ path, message: `${why}, got ${shown(path.at(-1))}`, atKey: true }];
  }
  const actual = valueAt(value, path);
  if (actual === undefined) {
    return [{ path, message: `is missing; ${issue.message}`, atKey: false }];
  }
  if (issue.message.includes('not supported yet')) return [{ path, message: issue.message, atKey: false }];
  const nearest = issue.code === 'invalid_value' && typeof actual === 'string' ? didYouMean(actual, words(issue)) : '';
  return [{ path, message: `${issue.message}, got ${shown(actual)}${nearest}`, atKey: false }];
}

function words(issue: z.core.$ZodIssueInvalidValue): string[] {
  return issue.values.filter((value) => typeof value === 'string');
}

/**
 * Of a value with several forms, the one it comes nearest: a map is meant as the map and text as the quantity, whatever
 * else they could have been. Null where no form fits even that far.
 */
function furthestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  value: unknown,
): readonly z.core.$ZodIssue[] | null {
  if (typeof value === 'object' && value !== null) {
    return branches.find((issues) => !issues.some(isOfForm)) ?? null;
  }
  return branches.find((issues) => issues.every(({ path, code }) => path.length === 0 && code === 'custom')) ?? null;
}

/** Whether it says that the value as a whole has another form. */
function isOfForm({ path, code }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union');
}

/** The keys that the schema knows at a path. */
function keysAt(path: Path, root: z.core.$ZodType): string[] {
  let schemas = [root];
  for (const step of path) schemas = schemas.flatMap((schema) => childrenOf(schema, step));
  return schemas.flatMap((schema) => Object.keys(shapeOf(schema) ?? {}));
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
  if (typeof value === 'string')
    return `'${Array.from(value).length > 40 ? `${Array.from(value).slice(0, 40).join('')}…` : value}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  return String(value);
}
