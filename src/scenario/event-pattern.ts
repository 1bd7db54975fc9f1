import type { JsonObject, JsonValue } from './scenario.ts';

/** Whether an event matches a pattern. */
export type EventMatcher = (event: JsonObject) => boolean;

/**
 * P10: a pattern of EventBridge as Lambda documents it for event filtering: null, empty, equals, ignoring case, and, or,
 * $or, anything-but, numeric, exists, prefix and suffix.
 *
 * @returns the matcher, or what is wrong with the text
 */
export function compilePattern(text: string): EventMatcher | string {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    return `is no JSON: ${(error as Error).message}`;
  }
  if (!isObject(pattern)) return 'expected a JSON object';
  try {
    const matcher = fieldsMatcher(pattern, []);
    return (event) => matcher(event);
  } catch (error) {
    if (error instanceof PatternProblem) return error.message;
    throw error;
  }
}

/** The fields of an event that a pattern which is one looks at, those in alternatives included. */
export function fieldsAskedBy(text: string): ReadonlySet<string> {
  const asked = new Set<string>();
  const collect = (pattern: JsonObject): void => {
    for (const [key, value] of Object.entries(pattern)) {
      if (key === '$or') for (const alternative of value as JsonObject[]) collect(alternative);
      else asked.add(key);
    }
  };
  collect(JSON.parse(text) as JsonObject);
  return asked;
}

class PatternProblem extends Error {}

type Matcher = (value: JsonValue | undefined) => boolean;

/** Every key of an object must match. */
function fieldsMatcher(pattern: JsonObject, path: readonly string[]): Matcher {
  const keys = Object.keys(pattern);
  if (keys.length === 0) throw new PatternProblem(`${placeOf(path)}expected at least one key`);
  const parts = keys.map((key): Matcher => {
    if (key === '$or') return orMatcher(pattern[key]!, path);
    const field = fieldMatcher(pattern[key]!, [...path, key]);
    return (value) => field(isObject(value) ? value[key] : undefined);
  });
  // Several objects in an array are alternatives, as EventBridge has it.
  const one: Matcher = (value) => parts.every((part) => part(value));
  return (value) => (Array.isArray(value) ? value.some((item) => one(item)) : one(value));
}

function orMatcher(alternatives: JsonValue, path: readonly string[]): Matcher {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject)) {
    throw new PatternProblem(`${placeOf([...path, '$or'])}expected a list of two or more patterns`);
  }
  const matchers = alternatives.map((pattern) => fieldsMatcher(pattern, path));
  return (value) => matchers.some((matcher) => matcher(value));
}

function fieldMatcher(pattern: JsonValue, path: readonly string[]): Matcher {
  if (isObject(pattern)) return fieldsMatcher(pattern, path);
  if (!Array.isArray(pattern) || pattern.length === 0) {
    throw new PatternProblem(`${placeOf(path)}expected a list of values or rules, or an object`);
  }
  const rules = pattern.map((rule) => ruleMatcher(rule, path));
  return (value) => {
    if (!Array.isArray(value)) return rules.some((rule) => rule(value));
    return value.length === 0
      ? rules.some((rule) => rule(undefined))
      : value.some((item) => rules.some((rule) => rule(item)));
  };
}

/** One alternative of a field: a value, or a rule. */
function ruleMatcher(rule: JsonValue, path: readonly string[]): Matcher {
  if (!isObject(rule)) return equals(rule, path);
  const keys = Object.keys(rule);
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw new PatternProblem(`${placeOf(path)}expected a rule with one key`);
  const operand = rule[key]!;
  switch (key) {
    case 'exists':
      if (typeof operand !== 'boolean') throw new PatternProblem(`${placeOf(path)}exists: expected true or false`);
      return (value) => (value !== undefined && !isObject(value)) === operand;
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
      return textMatcher(key, operand, path);
    case 'anything-but':
      return anythingBut(operand, path);
    case 'numeric':
      return numeric(operand, path);
    default:
      throw new PatternProblem(
        `${placeOf(path)}unknown rule '${key}'; expected prefix, suffix, equals-ignore-case, anything-but, numeric or exists`,
      );
  }
}

function equals(wanted: JsonValue, path: readonly string[]): Matcher {
  if (isObject(wanted) || Array.isArray(wanted)) throw new PatternProblem(`${placeOf(path)}expected a value or a rule`);
  return (value) => value === wanted;
}

function textMatcher(
  key: 'prefix' | 'suffix' | 'equals-ignore-case',
  operand: JsonValue,
  path: readonly string[],
): Matcher {
  if (key !== 'equals-ignore-case' && isObject(operand) && typeof operand['equals-ignore-case'] === 'string') {
    const wanted = operand['equals-ignore-case'].toLowerCase();
    return (value) => typeof value === 'string' && fits(key, value.toLowerCase(), wanted);
  }
  if (typeof operand !== 'string') throw new PatternProblem(`${placeOf(path)}${key}: expected text`);
  const wanted = key === 'equals-ignore-case' ? operand.toLowerCase() : operand;
  return (value) =>
    typeof value === 'string' && fits(key, key === 'equals-ignore-case' ? value.toLowerCase() : value, wanted);
}

function fits(key: 'prefix' | 'suffix' | 'equals-ignore-case', value: string, wanted: string): boolean {
  if (key === 'prefix') return value.startsWith(wanted);
  return key === 'suffix' ? value.endsWith(wanted) : value === wanted;
}

/** A field must be there: what is missing matches nothing but `exists: false`. */
function anythingBut(operand: JsonValue, path: readonly string[]): Matcher {
  const excluded = isObject(operand)
    ? [ruleMatcher(operand, path)]
    : (Array.isArray(operand) ? operand : [operand]).map((value) => equals(value, path));
  if (excluded.length === 0) throw new PatternProblem(`${placeOf(path)}anything-but: expected at least one value`);
  return (value) => value !== undefined && !isObject(value) && !excluded.some((matcher) => matcher(value));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function numeric(operand: JsonValue, path: readonly string[]): Matcher {
  const problem = new PatternProblem(
    `${placeOf(path)}numeric: expected [OPERATOR, NUMBER], once or twice, such as [">", 0, "<=", 5]`,
  );
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) throw problem;
  const tests: ((value: number) => boolean)[] = [];
  for (let place = 0; place < operand.length; place += 2) {
    const compare = COMPARISONS[String(operand[place])];
    const bound = operand[place + 1];
    if (compare === undefined || typeof bound !== 'number') throw problem;
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function placeOf(path: readonly string[]): string {
  return path.length === 0 ? '' : `${path.join('.')}: `;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
