import type { Path } from './document.ts';
import { plainValue } from './document.ts';
import type { Issue } from './issue.ts';
import { strayPath } from './override-paths.ts';

/** What a `--set PATH=VALUE` says. */
export interface Override {
  readonly path: Path;
  readonly value: unknown;
  readonly issueAt: (column: number, message: string) => Issue;
}

/** An override that has been put into a scenario's data. */
export interface AppliedOverride extends Override {
  /** How many steps of the path lead to what the override brought along: fewer than all where it made maps on its way. */
  readonly depth: number;
}

/**
 * Reads `--set` arguments: paths as messages print them, values as YAML.
 *
 * @param file what messages call where they stand
 */
export function readOverrides(settings: readonly string[], file = '--set'): { overrides: Override[]; issues: Issue[] } {
  const overrides: Override[] = [];
  const issues: Issue[] = [];
  for (const setting of settings) {
    const issueAt = issuesOf(setting, file);
    const steps = stepsOf(setting);
    if (steps === null) {
      issues.push(issueAt(1, 'not of the form PATH=VALUE, such as mappings.orders.BatchSize=500'));
      continue;
    }
    const read = plainValue(setting.slice(steps.end + 1));
    if ('problem' in read) issues.push(issueAt(steps.end + 2, `the value is not YAML: ${read.problem}`));
    else overrides.push({ path: steps.path, value: read.value, issueAt });
  }
  return { overrides, issues };
}

/** What is wrong with a setting that was typed, at one of its columns. */
export function issuesOf(setting: string, file: string): Override['issueAt'] {
  return (column, message) => ({ severity: 'error', file, line: 1, column, path: '', message, excerpt: setting });
}

/** Puts overrides into plain data, which changes, making maps and lists where there are none; what cannot be put is an issue. */
export function applyOverrides(
  root: unknown,
  overrides: readonly Override[],
): { applied: AppliedOverride[]; issues: Issue[] } {
  const applied: AppliedOverride[] = [];
  const issues: Issue[] = [];
  for (const override of overrides) {
    const stray = strayPath(root, override.path);
    if (stray !== null) {
      issues.push(override.issueAt(1, stray));
      continue;
    }
    const depth = put(root, override);
    if (depth === null)
      issues.push(override.issueAt(1, 'there is nothing at this path; list items go by index, from 0'));
    else applied.push({ ...override, depth });
  }
  return { applied, issues };
}

/** The override that put what stands at a path, the last one first. */
export function overrideOf(path: Path, overrides: readonly AppliedOverride[]): AppliedOverride | undefined {
  return overrides.findLast((override) =>
    override.path.slice(0, override.depth).every((step, i) => String(path[i]) === String(step)),
  );
}

/** The depth of what it brought along, or null. */
function put(root: unknown, { path, value }: Override): number | null {
  let target = root;
  let made: number | null = null;
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    if (!holds(target, step)) return null;
    const key = step as string;
    if (isLast) {
      target[key] = value;
      return made ?? path.length;
    }
    if (!Object.hasOwn(target, key) || target[key] === null) {
      target[key] = typeof path[index + 1] === 'number' ? [] : {};
      made ??= index + 1;
    }
    target = target[key];
  }
  return null;
}

function holds(target: unknown, step: string | number): target is Record<string, unknown> {
  if (Array.isArray(target)) return typeof step === 'number' && step <= target.length;
  return typeof target === 'object' && target !== null && step !== '__proto__';
}

/** The path before the first `=`, which stands at `end`; null where there is none. */
export function stepsOf(setting: string): { path: Path; end: number } | null {
  const path: (string | number)[] = [];
  let rest = setting;
  while (rest !== '' && !rest.startsWith('=')) {
    const quoted = /^\.?\["((?:[^"\\]|\\.)*)"\]/.exec(rest);
    const index = /^\[(\d{1,9})\]/.exec(rest);
    const plain = (path.length === 0 ? /^([^.[\]="\s]+)/ : /^\.([^.[\]="\s]+)/).exec(rest);
    const match = quoted ?? index ?? plain;
    if (match === null) return null;
    const isNumber = match === index || (match === plain && /^(0|[1-9]\d{0,8})$/.test(match[1]!));
    path.push(isNumber ? Number(match[1]) : match === quoted ? unquoted(match[1]!) : match[1]!);
    rest = rest.slice(match[0].length);
  }
  return rest === '' || path.length === 0 ? null : { path, end: setting.length - rest.length };
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
