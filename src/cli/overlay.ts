import type { Overlay, Summary } from '../index.ts';
import { formatIssue, overlayText, readOverlay } from '../index.ts';
import { readBytes, textOf } from './files.ts';
import type { LoadedScenario } from './scenario-files.ts';
import type { Terminal } from './terminal.ts';

/** The file as each scenario sees it, by their own time; null where it is wrong, which is said. */
export function loadOverlays(
  file: string,
  scenarios: readonly LoadedScenario[],
  terminal: Terminal,
): readonly Overlay[] | null {
  const text = textOf(readBytes(file), file);
  const overlays: Overlay[] = [];
  const problems = new Set<string>();
  for (const { scenario } of scenarios) {
    const result = readOverlay({ name: file, text }, scenario);
    if (result.ok) overlays.push(result.overlay);
    else for (const issue of result.issues) problems.add(formatIssue(issue));
  }
  for (const problem of problems) terminal.complain(problem);
  return problems.size > 0 ? null : overlays;
}

/** How far apart they are: with the summary, or `isApart` from a result that stands alone on standard output. */
export function tellOverlay(
  summary: Summary,
  overlay: Overlay,
  { isApart }: { readonly isApart: boolean },
  terminal: Terminal,
): void {
  if (terminal.quiet) return;
  const { width, color } = terminal;
  if (isApart) terminal.note(overlayText(summary, overlay, { width, color: false }).trimEnd());
  else terminal.print(`\n${overlayText(summary, overlay, { width, color })}`);
}
