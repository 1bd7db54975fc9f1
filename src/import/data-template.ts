import { isFields } from '../scenario/finding.ts';

/** A template of a record's data, as a producer has it. */
type Template = string | number | boolean | null | { [key: string]: Template };

/**
 * Data for patterns to look at: a value that a pattern asks for, or others, at each field that one of them names. Null
 * where no pattern looks at data.
 */
export function dataTemplate(patterns: readonly string[]): Template | null {
  const fields = new Map<string, { readonly path: readonly string[]; readonly rules: unknown[] }>();
  for (const text of patterns) {
    let pattern: unknown;
    try {
      pattern = JSON.parse(text);
    } catch {
      continue; // said where the scenario is checked
    }
    gatherData(pattern, fields);
  }
  if (fields.size === 0) return null;
  const root: { [key: string]: Template } = {};
  for (const { path, rules } of fields.values()) place(root, path, sample(rules));
  return root;
}

type Fields = Map<string, { readonly path: readonly string[]; readonly rules: unknown[] }>;

function gatherData(pattern: unknown, into: Fields): void {
  if (!isFields(pattern)) return;
  if (pattern.data !== undefined) gather(pattern.data, [], into);
  if (Array.isArray(pattern.$or)) for (const one of pattern.$or) gatherData(one, into);
}

function gather(pattern: unknown, path: readonly string[], into: Fields): void {
  if (Array.isArray(pattern)) {
    const key = JSON.stringify(path);
    const field = into.get(key) ?? { path, rules: [] };
    field.rules.push(...(pattern as unknown[]));
    into.set(key, field);
  } else if (isFields(pattern)) {
    for (const [name, part] of Object.entries(pattern)) {
      if (name === '$or' && Array.isArray(part)) for (const one of part) gather(one, path, into);
      else gather(part, [...path, name], into);
    }
  }
}

/** A field that two patterns name, one of them as a map, stays the map. */
function place(root: { [key: string]: Template }, path: readonly string[], value: Template): void {
  if (path.length === 0 || path.includes('__proto__') || path.some(isFilled)) return;
  let target = root;
  for (const step of path.slice(0, -1)) {
    const held = target[step];
    const next = typeof held === 'object' && held !== null ? held : {};
    target[step] = next;
    target = next;
  }
  const last = path.at(-1)!;
  if (typeof target[last] !== 'object' || target[last] === null) target[last] = value;
}

const OTHER = 'other';

function sample(rules: readonly unknown[]): Template {
  const values = rules.map(wanted).filter((value) => value !== undefined);
  const number = values.find((value) => typeof value === 'number');
  if (number !== undefined) return number;
  const flag = values.find((value) => typeof value === 'boolean');
  if (flag !== undefined) return flag;
  const texts = values.filter((value) => typeof value === 'string').filter((text) => !isFilled(text));
  const pickable = [...new Set(texts)].filter((text) => text !== '' && !/[,{}]/.test(text));
  if (pickable.length > 0) return `\${pick:${[...pickable, OTHER].join(',')}}`;
  return texts[0] ?? (values.length > 0 ? null : OTHER);
}

/** Whether a template would take it for something to be filled in. */
function isFilled(text: string): boolean {
  return text.includes('${');
}

/** A value that a rule lets pass. */
function wanted(rule: unknown): string | number | boolean | null | undefined {
  if (!isFields(rule)) return rule as string | number | boolean | null;
  const { prefix, suffix, numeric } = rule;
  const ignoring = rule['equals-ignore-case'];
  for (const text of [prefix, suffix, ignoring]) if (typeof text === 'string') return text;
  if (Array.isArray(numeric)) return fitting(numeric);
  const but = rule['anything-but'];
  if (but !== undefined)
    return Array.isArray(but) ? (but[0] as string) : typeof but === 'object' ? undefined : (but as string);
  return undefined;
}

/** `['>=', 300, '<=', 350]` lets 300 pass. */
function fitting(numeric: readonly unknown[]): number | undefined {
  const [operator, value] = numeric;
  if (typeof value !== 'number') return undefined;
  return operator === '>' ? value + 1 : operator === '<' ? value - 1 : value;
}
