import type { Path } from './document.ts';
import { pathText, plainValue } from './document.ts';
import type { Issue } from './issue.ts';
import { issuesOf, readOverrides, stepsOf } from './overrides.ts';

/** A setting that is varied, and the values it takes. */
export interface Axis {
  /** As messages print it: 'mappings.m.BatchSize'. */
  readonly path: string;
  /** One or more, none of them twice. */
  readonly values: readonly AxisValue[];
}

export interface AxisValue {
  readonly value: unknown;
  /** `PATH=VALUE`, as `--set` takes it. */
  readonly change: string;
}

/** What messages call the place of an axis. */
export const VARY = '--vary';

const MOST_VALUES = 1_000;
export const MOST_POINTS = 10_000;
const EXAMPLE = 'such as mappings.orders.BatchSize=100,500 or streams.orders.ShardCount=4..16:4';

/**
 * Reads axes: `PATH=v1,v2`, each value YAML, or a range `FROM..TO:STEP` of numbers, with one unit where they have one:
 * `100..300ms:50ms`. The step is 1 where there is none; it counts from FROM, and TO may be left out by it.
 *
 * @param set changes of the same scenario, none of which may be of a varied setting
 */
export function readAxes(texts: readonly string[], set: readonly string[] = []): { axes: Axis[]; issues: Issue[] } {
  const axes: Axis[] = [];
  const issues: Issue[] = [];
  const changed = new Set(readOverrides(set).overrides.map(({ path }) => pathText(path)));
  for (const text of texts) {
    const issueAt = issuesOf(text, VARY);
    const steps = stepsOf(text);
    if (steps === null) {
      issues.push(issueAt(1, `not of the form PATH=v1,v2, ${EXAMPLE}`));
      continue;
    }
    const path = pathText(steps.path);
    const wrong = wrongPath(steps.path, axes, changed);
    if (wrong !== null) issues.push(issueAt(1, wrong));
    const values = valuesOf(text, steps.end);
    if ('column' in values) issues.push(issueAt(values.column, values.problem));
    else if (wrong === null) axes.push({ path, values });
  }
  const points = numberOfPoints(axes);
  if (points > MOST_POINTS) {
    const [last = ''] = texts.slice(-1);
    issues.push(issuesOf(last, VARY)(1, `the grid has ${points} points; expected at most ${MOST_POINTS}`));
  }
  return { axes, issues };
}

export function numberOfPoints(axes: readonly Axis[]): number {
  return axes.reduce((product, { values }) => product * values.length, 1);
}

/** All combinations, the last axis changing fastest. */
export function gridOf(axes: readonly Axis[]): AxisValue[][] {
  return axes.reduce<AxisValue[][]>(
    (points, { values }) => points.flatMap((point) => values.map((value) => [...point, value])),
    [[]],
  );
}

function wrongPath(path: Path, axes: readonly Axis[], changed: ReadonlySet<string>): string | null {
  const text = pathText(path);
  if (text === 'seed') return 'the seed is not varied: replication i has the same one at every point';
  if (axes.some((axis) => axis.path === text)) return 'this setting is varied twice; name all its values at once';
  return changed.has(text) ? 'this setting is varied, and also given by --set; expected one of them' : null;
}

interface Fault {
  /** From 1. */
  readonly column: number;
  readonly problem: string;
}

function valuesOf(text: string, end: number): AxisValue[] | Fault {
  const before = text.slice(0, end + 1);
  const values: AxisValue[] = [];
  const seen = new Set<string>();
  for (const { piece, at } of pieces(text, end + 1)) {
    const column = at + 1;
    if (piece === '') return { column, problem: 'expected a value' };
    const range = rangeOf(piece);
    if (typeof range === 'string') return { column, problem: range };
    for (const one of range ?? [piece]) {
      const read = plainValue(one);
      if ('problem' in read) return { column, problem: `the value is not YAML: ${read.problem}` };
      const key = JSON.stringify(read.value);
      if (seen.has(key)) return { column, problem: `the value ${one} stands twice` };
      seen.add(key);
      values.push({ value: read.value, change: `${before}${one}` });
    }
    if (values.length > MOST_VALUES) return { column, problem: `expected at most ${MOST_VALUES} values` };
  }
  return values;
}

/** What stands between commas that are in no bracket and no quotes. */
function pieces(text: string, from: number): { readonly piece: string; readonly at: number }[] {
  const found: { piece: string; at: number }[] = [];
  let depth = 0;
  let quote = '';
  let start = from;
  const end = (to: number) => {
    const raw = text.slice(start, to);
    found.push({ piece: raw.trim(), at: start + (raw.length - raw.trimStart().length) });
    start = to + 1;
  };
  for (let index = from; index < text.length; index++) {
    const sign = text[index]!;
    if (quote !== '') {
      const isEscape = (sign === '\\' && quote === '"') || (sign === "'" && quote === "'" && text[index + 1] === "'");
      if (isEscape) index++;
      else if (sign === quote) quote = '';
    } else if ((sign === '"' || sign === "'") && text.slice(start, index).trim() === '') quote = sign;
    else if (depth > 0 && (sign === '"' || sign === "'")) quote = sign;
    else if (sign === '[' || sign === '{') depth++;
    else if (sign === ']' || sign === '}') depth--;
    else if (sign === ',' && depth <= 0) end(index);
  }
  end(text.length);
  return found;
}

const RANGE = /^(-?\d+(?:\.\d+)?)([A-Za-z%/]*)\.\.(-?\d+(?:\.\d+)?)([A-Za-z%/]*)(?::(-?\d+(?:\.\d+)?)([A-Za-z%/]*))?$/;

/** The values of a range, what is wrong with it, or null where it is none. */
function rangeOf(piece: string): string[] | string | null {
  const match = RANGE.exec(piece);
  if (match === null) return null;
  const [, from = '', ownUnit = '', to = '', unit = '', step = '1', stepUnit = ''] = match;
  if ((ownUnit !== '' && ownUnit !== unit) || (stepUnit !== '' && stepUnit !== unit))
    return `expected one unit in a range, got '${piece}'`;
  // Whole numbers of the smallest decimal place: sums of decimals drift.
  const places = Math.max(...[from, to, step].map((number) => number.split('.')[1]?.length ?? 0));
  const scaled = (number: string) => Math.round(Number(number) * 10 ** places);
  const [first, last, by] = [scaled(from), scaled(to), scaled(step)];
  if (!(by > 0)) return `expected a step above 0, got '${piece}'`;
  if (last < first) return `expected a range that rises, got '${piece}'`;
  const count = Math.floor((last - first) / by) + 1;
  if (count > MOST_VALUES) return `a range of ${count} values; expected at most ${MOST_VALUES}`;
  return Array.from({ length: count }, (_, index) => `${decimalText(first + index * by, places)}${unit}`);
}

function decimalText(scaled: number, places: number): string {
  return String(Number((scaled / 10 ** places).toFixed(places)));
}
