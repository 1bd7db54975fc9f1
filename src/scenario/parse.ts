import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { FileAccess } from './build.ts';
import { buildScenario } from './build.ts';
import { standingOf } from './cloudformation.ts';
import type { Path } from './document.ts';
import { SourceDocument } from './document.ts';
import { formProblems } from './form.ts';
import type { Issue } from './issue.ts';
import type { Override } from './overrides.ts';
import { applyOverrides, overrideOf, readOverrides } from './overrides.ts';
import { findings } from './references.ts';
import type { JsonObject, Scenario } from './scenario.ts';
import { scenarioSchema } from './schema.ts';
import { TraceFileError } from './trace-files.ts';

export interface ParseOptions {
  /** Gives the bytes of a file that the scenario names, by its name as written; throws where there is none. */
  readonly readFile: (name: string) => Uint8Array;
  /** What messages call the text; default 'scenario'. */
  readonly file?: string;
  /** `PATH=VALUE`, checked like the file. */
  readonly set?: readonly string[];
  /** Wins over the file's seed and over `set`. */
  readonly seed?: string;
}

export type ParseResult =
  | { readonly ok: true; readonly scenario: Scenario; readonly warnings: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Reads a scenario in YAML or JSON, or says everything that is wrong with it, in the order of the file. */
export function parseScenario(text: string, options: ParseOptions): ParseResult {
  const document = new SourceDocument(options.file ?? 'scenario', text);
  if (document.issues.length > 0) return { ok: false, issues: document.issues };
  if (document.value === null || document.value === undefined) {
    return { ok: false, issues: [document.issue([], 'is empty; expected a scenario')] };
  }
  const read = readOverrides([...(options.set ?? [])]);
  const applied = applyOverrides(document.value, read.overrides);
  const place = placer(document, read.overrides);
  const { value, issues } = withoutUnused(applied.value, place);
  if (options.seed !== undefined && isFields(value)) value.seed = options.seed;

  issues.push(...read.issues, ...applied.issues);
  issues.push(...formProblems(value).map(({ path, message, atKey }) => place(path, message, { atKey })));
  issues.push(...findings(value).map(({ path, message, severity }) => place(path, message, { severity })));
  const errors = issues.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { ok: false, issues: inFileOrder(issues) };

  const resolved = scenarioSchema.parse(value);
  const files = new ScenarioFiles(options.readFile, place);
  try {
    const scenario = buildScenario(resolved, files);
    const content = { ...resolved, seed: scenario.seed } as unknown as JsonObject;
    const digest = sha256(new TextEncoder().encode(JSON.stringify([content, files.digests])));
    const source = { resolved: content, sha256: bytesToHex(digest), files: files.digests };
    return { ok: true, scenario: { ...scenario, source }, warnings: inFileOrder([...issues, ...files.warnings]) };
  } catch (error) {
    if (error instanceof TraceFileError) return { ok: false, issues: [...inFileOrder(issues), error.issue] };
    if (error instanceof MissingFile) return { ok: false, issues: [...inFileOrder(issues), error.issue] };
    throw error;
  }
}

interface PlaceOptions {
  readonly atKey?: boolean;
  readonly severity?: Issue['severity'] | undefined;
}
type Place = (path: Path, message: string, options?: PlaceOptions) => Issue;

/** Issues stand in the file, or in the `--set` that put the value there. */
function placer(document: SourceDocument, overrides: readonly Override[]): Place {
  return (path, message, { atKey = false, severity = 'error' } = {}) => {
    const override = overrideOf(path, overrides);
    if (override !== undefined) {
      const inFile = document.issue(path, message, severity);
      return { ...override.issueAt(1, message), path: inFile.path, severity };
    }
    return atKey ? document.keyIssue(path, message, severity) : document.issue(path, message, severity);
  };
}

/** Takes out what CloudFormation knows and this model does not use, with a warning, and refuses what comes later. */
function withoutUnused(raw: unknown, place: Place): { value: unknown; issues: Issue[] } {
  const issues: Issue[] = [];
  if (!isFields(raw)) return { value: raw, issues };
  const clean = (section: string, entry: unknown, path: Path): void => {
    if (!isFields(entry)) return;
    for (const key of Object.keys(entry)) {
      const standing = standingOf(section, key, entry[key]);
      if (standing === null) continue;
      if (standing.kind === 'later') issues.push(place([...path, key], standing.message, { atKey: true }));
      else {
        issues.push(place([...path, key], 'has no effect on a simulation', { atKey: true, severity: 'warning' }));
      }
      delete entry[key];
    }
  };
  for (const section of ['streams', 'producers', 'functions', 'mappings']) {
    const entries = raw[section];
    if (!isFields(entries)) continue;
    for (const [name, entry] of Object.entries(entries)) clean(section, entry, [section, name]);
  }
  if (Array.isArray(raw.timeline)) {
    raw.timeline.forEach((entry, index) => {
      const before = issues.length;
      clean('timeline', entry, ['timeline', index]);
      if (issues.length > before) raw.timeline = (raw.timeline as unknown[]).filter((other) => other !== entry);
    });
  }
  return { value: raw, issues };
}

class MissingFile extends Error {
  readonly issue: Issue;

  constructor(issue: Issue) {
    super(issue.message);
    this.issue = issue;
  }
}

class ScenarioFiles implements FileAccess {
  readonly digests: Record<string, string> = {};
  readonly warnings: Issue[] = [];
  readonly #readFile: (name: string) => Uint8Array;
  readonly #place: Place;

  constructor(readFile: (name: string) => Uint8Array, place: Place) {
    this.#readFile = readFile;
    this.#place = place;
  }

  text(file: string, at: Path): string {
    let bytes: Uint8Array;
    try {
      bytes = this.#readFile(file);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new MissingFile(this.#place(at, `cannot read '${file}': ${why}`));
    }
    this.digests[file] = bytesToHex(sha256(bytes));
    return new TextDecoder().decode(bytes);
  }

  warn(at: Path, message: string): void {
    this.warnings.push(this.#place(at, message, { severity: 'warning' }));
  }
}

function inFileOrder(issues: readonly Issue[]): Issue[] {
  return [...issues].sort((a, b) => a.line - b.line || a.column - b.column);
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
