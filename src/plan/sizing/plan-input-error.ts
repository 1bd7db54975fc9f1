import type { Path } from '../../scenario/document.ts';
import { pathText } from '../../scenario/document.ts';
import type { Issue } from '../../scenario/issue.ts';

/** Something that was asked for and cannot be done: the message is for whoever asked. */
export class PlanInputError extends Error {
  override readonly name = 'PlanInputError';
  /** Where in the scenario it lies, and what is wrong there; null: in an option. */
  readonly inScenario: { readonly path: Path; readonly message: string } | null;
  /** Everything that is wrong with `within`, each with its place; empty: something else is. */
  readonly issues: readonly Issue[];

  constructor(
    message: string,
    { inScenario = null, issues = [] }: Partial<Pick<PlanInputError, 'inScenario' | 'issues'>> = {},
  ) {
    super(message);
    this.inScenario = inScenario;
    this.issues = issues;
  }

  static atPath(path: Path, message: string): PlanInputError {
    return new PlanInputError(`${pathText(path)}: ${message}`, { inScenario: { path, message } });
  }

  static ofIssues(issues: readonly Issue[]): PlanInputError {
    const lines = issues.map(({ file, excerpt, message }) => `${file} ${excerpt}: ${message}`);
    return new PlanInputError(lines.join('\n'), { issues });
  }
}
