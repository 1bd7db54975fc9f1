import type { Axis } from '../../scenario/axes.ts';
import { gridOf, MOST_POINTS, numberOfPoints, readAxes, VARY } from '../../scenario/axes.ts';
import type { Issue } from '../../scenario/issue.ts';
import { formatIssue } from '../../scenario/issue.ts';
import type { ParseOptions, ParseResult } from '../../scenario/parse.ts';
import { parseScenario } from '../../scenario/parse.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { settingNames, settingsText } from '../setting-words.ts';

/** One scenario with some of its settings varied: every combination of their values. */
export interface Grid {
  readonly axes: readonly Axis[];
  /** All combinations, the last axis changing fastest; their seeds are the same. */
  readonly points: readonly GridPoint[];
}

export interface GridPoint {
  /** Of the axes, in their order. */
  readonly values: readonly unknown[];
  readonly scenario: Scenario;
  /** As `parseScenario` gives it. */
  readonly issueAt: (ParseResult & { ok: true })['issueAt'];
}

export interface GridOptions extends Omit<ParseOptions, 'vary'> {
  /** Axes, `PATH=v1,v2` or `PATH=4..16:4`; at least one. */
  readonly vary: readonly string[];
}

export type GridResult =
  | { readonly ok: true; readonly grid: Grid; readonly warnings: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Reads a scenario at every point of a grid, or says everything that is wrong with it at any of them. What is wrong at some
 * points only says at how many, and which is the first. It never throws.
 */
export function parseGrid(text: string, options: GridOptions): GridResult {
  const { vary, ...rest } = options;
  const { axes, issues } = readAxes(vary, options.set);
  const none = vary.length > 0 ? [] : [nothingVaried()];
  // What is wrong elsewhere is said too, as far as the axes that can be read go.
  const points = (numberOfPoints(axes) > MOST_POINTS ? [[]] : gridOf(axes)).map((point) => ({
    values: point.map(({ value }) => value),
    parsed: parseScenario(text, { ...rest, vary: point.map(({ change }) => change) }),
  }));
  const found = points.map(({ values, parsed }) => ({ values, issues: parsed.ok ? parsed.warnings : parsed.issues }));
  const all = together(found, axes);
  const read = points.flatMap(({ values, parsed }) =>
    parsed.ok ? [{ values, scenario: parsed.scenario, issueAt: parsed.issueAt }] : [],
  );
  const problems = [...issues, ...none];
  return read.length === points.length && problems.length === 0
    ? { ok: true, grid: { axes, points: read }, warnings: all }
    : { ok: false, issues: [...all, ...problems] };
}

/** Each issue once, in the order in which points have them. */
function together(
  found: readonly { readonly values: readonly unknown[]; readonly issues: readonly Issue[] }[],
  axes: readonly Axis[],
): Issue[] {
  const byText = new Map<string, { issue: Issue; points: number; first: readonly unknown[] }>();
  for (const { values, issues } of found) {
    for (const [text, issue] of new Map(issues.map((one) => [sameText(one), one]))) {
      const known = byText.get(text);
      if (known === undefined) byText.set(text, { issue, points: 1, first: values });
      else known.points++;
    }
  }
  const names = settingNames(axes.map(({ path }) => path));
  return [...byText.values()].map(({ issue, points, first }) => {
    // With one axis the value that it is about stands in the message.
    if (points === found.length || (axes.length === 1 && issue.file === VARY)) return issue;
    const where = `at ${points} of the ${found.length} grid points, the first ${settingsText(names, first)}`;
    return { ...issue, message: `${issue.message} (${where})` };
  });
}

/** Of an issue that does not speak of the value, that of the first value is enough. */
function sameText(issue: Issue): string {
  return formatIssue(issue.file === VARY ? { ...issue, excerpt: '' } : issue);
}

function nothingVaried(): Issue {
  const message = 'nothing is varied; expected axes, such as mappings.orders.BatchSize=100,500';
  return { severity: 'error', file: VARY, line: 1, column: 1, path: '', message, excerpt: '' };
}
