import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { VARY } from './axes.ts';
import { buildScenario, checkFiles } from './build.ts';
import { dropModeDetails, withoutUnused } from './cloudformation.ts';
import type { Path } from './document.ts';
import { pathText, SourceDocument } from './document.ts';
import type { Fields } from './finding.ts';
import { fields, isFields } from './finding.ts';
import { formOf } from './form.ts';
import type { Issue } from './issue.ts';
import type { FileAccess } from './named-file.ts';
import { NamedFile } from './named-file.ts';
import type { AppliedOverride, Override } from './overrides.ts';
import { applyOverrides, overrideOf, readOverrides } from './overrides.ts';
import { ownFile } from './own-files.ts';
import { findings } from './references.ts';
import type { JsonObject, Scenario } from './scenario.ts';
import type { ScenarioDocument } from './schema.ts';
import { scenarioSchema } from './schema.ts';
import { sourceOf } from './source.ts';

export interface ParseOptions {
  /** Gives the bytes of a file that the scenario names, by its name as written; throws where there is none. */
  readonly readFile: (name: string) => Uint8Array;
  /** What messages call the text; default 'scenario'. */
  readonly file?: string;
  /** `PATH=VALUE`, checked like the file. */
  readonly set?: readonly string[];
  /** More of them, put in after `set`: one point of a grid, which messages say of `--vary`. */
  readonly vary?: readonly string[];
  /** Wins over the file's seed and over `set`. */
  readonly seed?: string;
}

export type ParseResult =
  | {
      readonly ok: true;
      readonly scenario: Scenario;
      readonly warnings: readonly Issue[];
      /** An error at the value of a path, for what shows only when a file is used: a module that cannot be loaded. */
      readonly issueAt: (path: Path, message: string) => Issue;
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Reads a scenario in YAML or JSON, or says everything that is wrong with it and with the files it names: first its own
 * problems in the order of its lines, then those of `set`, then those of each file.
 *
 * @throws TypeError where it is no text at all
 */
export function parseScenario(text: string, options: ParseOptions): ParseResult {
  if (typeof text !== 'string') throw new TypeError(`parseScenario: expected a scenario's text, got ${String(text)}`);
  const file = options.file ?? 'scenario';
  const document = new SourceDocument(file, text);
  const read = bothOf(readOverrides(options.set ?? []), readOverrides(options.vary ?? [], VARY));
  if (document.value === null || document.value === undefined) {
    const empty = document.issues.length > 0 ? [] : [document.issue([], 'is empty; expected a scenario')];
    return { ok: false, issues: inFileOrder([...document.issues, ...empty, ...read.issues], file) };
  }
  const own = ownFile(document.value);
  if (own !== null) return { ok: false, issues: [document.issue([], own)] };
  const checked = check(document, read.overrides, options.seed);
  const { value, problems, place } = checked;
  const issues = [
    ...document.issues,
    ...read.issues,
    ...checked.issues,
    ...(document.duplicates.length === 0 ? problems.map(place) : issuesOfTurns()),
  ];
  const files = new ScenarioFiles(options.readFile, place);
  if (issues.some(isError)) {
    checkFiles(value, (path) => problems.some((problem) => isWithin(problem.path, path)), files);
    return { ok: false, issues: inFileOrder([...issues, ...files.issues], file) };
  }
  const resolved = withoutIdleBytes(checked.data!);
  const scenario = buildScenario(resolved, files);
  const all = inFileOrder([...issues, ...files.issues], file);
  if (all.some(isError)) return { ok: false, issues: all };
  const { $schema: _, ...rest } = resolved;
  const content = { ...rest, seed: scenario.seed } as unknown as JsonObject;
  const source = sourceOf(content, files.digests);
  const issueAt = (path: Path, message: string) => place({ path, message });
  return { ok: true, scenario: { ...scenario, source }, warnings: all, issueAt };

  /** Whichever of several with the same key counts: what is wrong within one of them, and what is wrong with each. */
  function issuesOfTurns(): Issue[] {
    const others = turnsOf(document).map((turn) =>
      check(new SourceDocument(file, text, turn), read.overrides, options.seed),
    );
    return agreed([checked, ...others], document.duplicates);
  }
}

/** What is wrong with the data of a scenario, and where. */
interface Checked {
  readonly value: unknown;
  /** As the schema has it; undefined where its form is wrong. */
  readonly data: ScenarioDocument | undefined;
  readonly problems: readonly Problem[];
  readonly place: (problem: Problem) => Issue;
  /** Of changes that cannot be made. */
  readonly issues: readonly Issue[];
}

function check(document: SourceDocument, overrides: readonly Override[], seed: string | undefined): Checked {
  const { applied, issues } = applyOverrides(document.value, overrides);
  for (const { path } of overrides) dropModeDetails(document.value, path);
  const { value, found, empty } = withoutUnused(document.value);
  if (seed !== undefined && isFields(value)) Object.assign(value, { seed });
  const form = formOf(value, scenarioSchema);
  const ofValue: Problem[] = [...form.problems, ...findings(value)];
  const problems = [
    ...found,
    ...ofValue.filter(({ path }) => !empty.some((entry) => isWithin(path, entry)) && !mayBeMerged(value, path)),
  ];
  return { value, data: form.data, problems, place: placer(document, applied), issues };
}

/** Whether a map with a merge key, which is refused where the text is read, would have had what a problem misses. */
function mayBeMerged(value: unknown, path: Path): boolean {
  const at = (steps: Path) =>
    fields(steps.reduce<unknown>((held, step) => (held as Fields | undefined | null)?.[step], value));
  const [own, outer] = [at(path), at(path.slice(0, -1))];
  return '<<' in own || ('<<' in outer && !(String(path.at(-1)) in outer));
}

const MOST_TURNS = 10; // each checks the whole scenario once more

/** 1 for a key that stands twice, 1 and 2 for one that stands three times. */
function turnsOf({ duplicates }: SourceDocument): number[] {
  const times = new Map<string, number>();
  for (const path of duplicates) times.set(pathText(path), (times.get(pathText(path)) ?? 0) + 1);
  return Array.from({ length: Math.min(MOST_TURNS, Math.max(...times.values())) }, (_, index) => index + 1);
}

function agreed(all: readonly Checked[], duplicates: readonly Path[]): Issue[] {
  const said = all.map(({ problems }) => new Set(problems.map((problem) => JSON.stringify(problem))));
  const issues = all.flatMap(({ problems, place }) =>
    problems
      .filter(
        (problem) =>
          duplicates.some((path) => isWithin(problem.path, path)) ||
          said.every((one) => one.has(JSON.stringify(problem))),
      )
      .map(place),
  );
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

type ReadOverrides = ReturnType<typeof readOverrides>;

function bothOf(a: ReadOverrides, b: ReadOverrides): ReadOverrides {
  return { overrides: [...a.overrides, ...b.overrides], issues: [...a.issues, ...b.issues] };
}

/** Where data or a column says how large a record is, `bytes` has no default. */
function withoutIdleBytes(document: ScenarioDocument): ScenarioDocument {
  const producers = Object.entries(document.producers).map(([name, producer]) => {
    const { bytes: _, ...rest } = producer;
    return [name, producer.data === undefined && producer.arrivalTimes?.bytes === undefined ? producer : rest];
  });
  return { ...document, producers: Object.fromEntries(producers) };
}

/** Something that is wrong, or worth knowing, at a path of the data. */
interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly atKey?: boolean;
  readonly severity?: Issue['severity'];
}

/** Problems stand in the file, or in the `--set` that put the value there. */
function placer(document: SourceDocument, overrides: readonly AppliedOverride[]): (problem: Problem) => Issue {
  return ({ path, message, atKey = false, severity = 'error' }) => {
    const issue = atKey ? document.keyIssue(path, message, severity) : document.issue(path, message, severity);
    const override = overrideOf(path, overrides);
    return override === undefined ? issue : { ...override.issueAt(1, message), path: issue.path, severity };
  };
}

class ScenarioFiles implements FileAccess {
  readonly digests: Record<string, string> = {};
  readonly #readFile: (name: string) => Uint8Array;
  readonly #place: (problem: Problem) => Issue;
  readonly #own: Issue[] = [];
  readonly #files = new Map<string, NamedFile>();

  constructor(readFile: (name: string) => Uint8Array, place: (problem: Problem) => Issue) {
    this.#readFile = readFile;
    this.#place = place;
  }

  /** Of the scenario about its files, then of the files. */
  get issues(): readonly Issue[] {
    return [...this.#own, ...[...this.#files.values()].flatMap(({ issues }) => issues)];
  }

  open(name: string, at: Path): NamedFile | null {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    try {
      const bytes = this.#readFile(name);
      if (!ArrayBuffer.isView(bytes)) throw new Error(`expected readFile to give its bytes, got ${kindOf(bytes)}`);
      const file = new NamedFile(name, new TextDecoder().decode(bytes));
      this.digests[name] = bytesToHex(sha256(bytes));
      this.#files.set(name, file);
      return file;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#own.push(this.#place({ path: at, message: `cannot read '${name}': ${why}` }));
      return null;
    }
  }

  warn(path: Path, message: string): void {
    this.#own.push(this.#place({ path, message, severity: 'warning' }));
  }
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'a string';
  return typeof (value as { readonly then?: unknown } | null)?.then === 'function' ? 'a promise' : 'something else';
}

function isError({ severity }: Issue): boolean {
  return severity === 'error';
}

function isWithin(path: Path, outer: Path): boolean {
  return path.length >= outer.length && outer.every((step, i) => step === path[i]);
}

/** The scenario's own file first, then the others as they come; each by its lines. */
function inFileOrder(issues: readonly Issue[], first: string): Issue[] {
  const files = [...new Set([first, ...issues.map(({ file }) => file)])];
  const rank = new Map(files.map((file, i) => [file, i]));
  return [...issues].sort((a, b) => rank.get(a.file)! - rank.get(b.file)! || a.line - b.line || a.column - b.column);
}
