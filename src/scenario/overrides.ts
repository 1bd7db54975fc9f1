import { parse } from 'yaml';
import type { Path } from './document.ts';
import type { Issue } from './issue.ts';

/** What a `--set PATH=VALUE` says. */
export interface Override {
  readonly path: Path;
  readonly value: unknown;
  readonly issueAt: (column: number, message: string) => Issue;
}

/** Reads `--set` arguments: paths as messages print them, values as YAML. */
export function readOverrides(settings: readonly string[]): { overrides: Override[]; issues: Issue[] } {
  const overrides: Override[] = [];
  const issues: Issue[] = [];
  for (const setting of settings) {
    const issueAt = (column: number, message: string): Issue => ({
      severity: 'error',
      file: '--set',
      line: 1,
      column,
      path: '',
      message,
      excerpt: setting,
    });
    const steps = stepsOf(setting);
    if (steps === null) {
      issues.push(issueAt(1, 'not of the form PATH=VALUE, such as mappings.orders.BatchSize=500'));
      continue;
    }
    try {
      overrides.push({ path: steps.path, value: parse(setting.slice(steps.end + 1)), issueAt });
    } catch {
      issues.push(issueAt(steps.end + 2, 'the value is not YAML'));
    }
  }
  return { overrides, issues };
}

/** Puts overrides into plain data, making maps where there are none; what cannot be put is an issue. */
export function applyOverrides(value: unknown, overrides: readonly Override[]): { value: unknown; issues: Issue[] } {
  const issues: Issue[] = [];
  const root = structuredClone(value);
  for (const { path, value: setting, issueAt } of overrides) {
    let target: unknown = root;
    let isPlaced = true;
    for (const [depth, step] of path.entries()) {
      const isLast = depth === path.length - 1;
      if (Array.isArray(target) && typeof step === 'number' && step <= target.length) {
        if (isLast) target[step] = setting;
        else target = target[step] ??= {};
      } else if (isMap(target) && step !== '__proto__') {
        const key = String(step);
        if (isLast) target[key] = setting;
        else {
          if (!Object.hasOwn(target, key) || target[key] === null) target[key] = {};
          target = target[key];
        }
      } else {
        isPlaced = false;
        break;
      }
    }
    if (!isPlaced) issues.push(issueAt(1, 'there is nothing at this path; list items go by index, from 0'));
  }
  return { value: root, issues };
}

/** The override that put what stands at a path, the last one first. */
export function overrideOf(path: Path, overrides: readonly Override[]): Override | undefined {
  return overrides.findLast((override) => override.path.every((step, i) => String(path[i]) === String(step)));
}

function stepsOf(setting: string): { path: Path; end: number } | null {
  const path: (string | number)[] = [];
  let rest = setting;
  while (rest !== '' && !rest.startsWith('=')) {
    const match =
      /^\.?\["((?:[^"\\]|\\.)*)"\]/.exec(rest) ?? /^\[(\d+)\]/.exec(rest) ?? /^\.?([^.[\]="\s]+)/.exec(rest);
    if (match === null) return null;
    const isIndex = rest.startsWith('[') && !rest.startsWith('["');
    const word = match[1]!;
    path.push(isIndex || /^\d+$/.test(word) ? Number(word) : word);
    rest = rest.slice(match[0].length);
  }
  return rest === '' || path.length === 0 ? null : { path, end: setting.length - rest.length };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
