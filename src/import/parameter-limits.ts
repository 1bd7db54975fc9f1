import type { Tree } from './tree.ts';
import { at, itemsOf, textOf } from './tree.ts';

/** What CloudFormation would have against a value that is given for a parameter of a template; empty: nothing. */
export function parameterProblems(parameter: Tree, given: string): string[] {
  const type = textOf(at(parameter, 'Type')) ?? 'String';
  const isList = /^(CommaDelimitedList|List<)/.test(type);
  const values = isList ? given.split(',').map((item) => item.trim()) : [given];
  const limit = (key: string) => at(parameter, key);
  const isNumber = /Number/.test(type);
  const problems: string[] = [];
  for (const value of values) {
    const said = (what: string, tree: Tree | undefined) => {
      const why = textOf(at(parameter, 'ConstraintDescription'));
      problems.push(`expected ${what}, got '${value}' (${placed(tree ?? parameter)}${why === null ? '' : `: ${why}`})`);
    };
    const number = isNumber && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim()) ? Number(value) : null;
    if (isNumber && number === null) {
      said('a number', limit('Type'));
      continue;
    }
    const allowed = itemsOf(limit('AllowedValues')).flatMap((item) => textOf(item) ?? []);
    const isAllowed = (one: string) => one === value || (number !== null && Number(one) === number);
    if (allowed.length > 0 && !allowed.some(isAllowed))
      said(allowed.length === 1 ? allowed[0]! : `one of ${allowed.join(', ')}`, limit('AllowedValues'));
    const pattern = textOf(limit('AllowedPattern'));
    if (pattern !== null && !matches(value, pattern)) said(`what matches ${pattern}`, limit('AllowedPattern'));
    for (const [key, word, isWithin] of RANGES) {
      const bound = Number(textOf(limit(key)) ?? Number.NaN);
      const measured = key.endsWith('Length') ? value.length : number;
      if (measured === null || Number.isNaN(bound) || isWithin(measured, bound)) continue;
      said(`${word} ${bound}${key.endsWith('Length') ? ' characters' : ''}`, limit(key));
    }
  }
  return problems;
}

const RANGES: readonly (readonly [key: string, word: string, isWithin: (value: number, bound: number) => boolean])[] = [
  ['MinLength', 'at least', (value, bound) => value >= bound],
  ['MaxLength', 'at most', (value, bound) => value <= bound],
  ['MinValue', 'at least', (value, bound) => value >= bound],
  ['MaxValue', 'at most', (value, bound) => value <= bound],
];

/** The whole value has to match. A pattern that only Java understands is not judged. */
function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(value);
  } catch {
    return true;
  }
}

function placed({ place: { source, line, column, path } }: Tree): string {
  return `${String(path.at(-1) ?? '')}, ${source.name}:${line}:${column}`;
}
