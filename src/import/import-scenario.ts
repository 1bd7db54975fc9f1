import type { Issue } from '../scenario/issue.ts';
import { parseScenario } from '../scenario/parse.ts';
import { compose } from './compose.ts';
import type { DataFile } from './data-files.ts';
import { DataFiles } from './data-files.ts';
import type { Found } from './found.ts';
import { nothingFound } from './found.ts';
import { Join } from './join.ts';
import { Parameters } from './parameters.ts';
import { readFileInto } from './read-file.ts';
import { nameAll } from './scenario-names.ts';
import { addStandIns } from './stand-ins.ts';
import type { SourceText, Tree } from './tree.ts';
import { issueAt, placeAt, sourceText } from './tree.ts';

/** A file to import. */
export interface ImportedFile {
  /** What messages and comments call it. */
  readonly name: string;
  readonly text: string;
  /** The stream or function that it is of, where the file itself does not say. */
  readonly about?: string;
  /** How the scenario would name it, relative to where it will stand; absent: it cannot be read from there. */
  readonly reference?: string;
}

export interface ImportOptions {
  /** Values of a template's parameters, of pseudo parameters (`AWS::Region`) and of imports, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * What the names of data files beside the scenario begin with. Without it none is made: durations become a law through
   * their quantiles.
   */
  readonly dataPrefix?: string;
}

export type ImportResult =
  | {
      readonly ok: true;
      /** The scenario: YAML with comments. */
      readonly text: string;
      /** Files that it names and that are to stand beside it. */
      readonly dataFiles: readonly DataFile[];
      readonly warnings: readonly Issue[];
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Makes one scenario of templates, answers of the AWS CLI, CloudWatch metrics and log lines. What the files do not say is
 * marked in the text and named in a warning; what AWS would refuse, and a file of which nothing can be used, is an error.
 */
export function importScenario(files: readonly ImportedFile[], options: ImportOptions = {}): ImportResult {
  const found = nothingFound();
  const parameters = new Parameters(options.parameters ?? {});
  const sources = files.map(({ name, text }) => sourceText(name, text.replace(/^\ufeff/, ''), labelOf(name, files)));
  files.forEach(({ about }, i) => {
    readFileInto(sources[i]!, about ?? null, parameters, found);
  });
  found.errors.push(...parameters.issues);
  if (sources.length === 0)
    found.errors.push(issueAt(placeAt(sourceText('', '', ''), 0), 'no file; expected one or more'));
  if (found.errors.length > 0) return refused([...found.errors, ...found.warnings], files);
  const join = new Join(found);
  addStandIns(join);
  nameAll(join);
  const references = new Map(files.map(({ reference }, i) => [sources[i]!, reference ?? null]));
  const dataFiles = new DataFiles(references, options.dataPrefix ?? null, liveArns(found));
  const { draft, errors } = compose(join, sources, dataFiles);
  const { text } = draft;
  const all = [...found.warnings, ...join.warnings, ...draft.warnings];
  const wrong = [...join.errors, ...errors, ...unusedFiles(sources, join, found)];
  if (wrong.length === 0)
    wrong.push(
      ...problemsOf(String(text), { dataFiles, files, source: sources[0]!, originOf: (path) => text.originOf(path) }),
    );
  if (wrong.length > 0) return refused([...wrong, ...found.warnings, ...join.warnings], files);
  return { ok: true, text: String(text), dataFiles: dataFiles.made, warnings: inOrder(all, files) };
}

/** What AWS, and so a scenario, would refuse, at its place in the file that says it. */
function problemsOf(
  text: string,
  of: {
    readonly dataFiles: DataFiles;
    readonly files: readonly ImportedFile[];
    /** Where to point at if nothing says where a value comes from. */
    readonly source: SourceText;
    readonly originOf: (path: string) => Tree | undefined;
  },
): Issue[] {
  const { dataFiles, files, source, originOf } = of;
  const encoder = new TextEncoder();
  const readFile = (name: string): Uint8Array => {
    const content =
      dataFiles.made.find((file) => file.name === name)?.text ??
      files.find(({ reference }) => reference === name)?.text;
    if (content === undefined) throw new Error('no such file');
    return encoder.encode(content);
  };
  const parsed = parseScenario(text, { readFile, file: 'the scenario made of them' });
  if (parsed.ok) return [];
  return parsed.issues
    .filter(({ severity }) => severity === 'error')
    .map((issue) => {
      // A trace that is one of the files has places of its own.
      const given = files.find(({ reference }) => reference === issue.file);
      if (given !== undefined) return { ...issue, file: given.name };
      const origin = originOf(issue.path);
      if (origin === undefined) {
        const message = issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`;
        return issueAt({ source, line: 1, column: 1, path: [] }, message);
      }
      const message = origin.via === null ? issue.message : `${issue.message} (${origin.via})`;
      return issueAt(origin.place, message);
    });
}

/** A file that says nothing of what was made is a mistake of whoever gave it. */
function unusedFiles(sources: readonly SourceText[], join: Join, found: Found): Issue[] {
  const used = new Set([...join.mappings, ...join.streams, ...join.functions].flatMap((thing) => [...thing.sources]));
  const reasons = [...join.warnings, ...found.warnings];
  return sources
    .filter((source) => !used.has(source) && !join.errors.some(({ file }) => file === source.name))
    .map((source) => {
      const reason = reasons.find(({ file }) => file === source.name);
      if (reason === undefined) {
        return issueAt(
          { source, line: 1, column: 1, path: [] },
          'says nothing of a Kinesis stream that is read, nor of a function that reads one',
        );
      }
      return { ...reason, severity: 'error', message: `${reason.message}, and the file holds nothing else to import` };
    });
}

function liveArns(found: Found): string[] {
  return [...found.streams, ...found.functions, ...found.mappings].flatMap(({ arn }) => arn ?? []);
}

/** Without the folder, where that is clear enough. */
function labelOf(name: string, files: readonly ImportedFile[]): string {
  const base = (path: string) => path.split('/').at(-1)!;
  if (files.length === 1) return '';
  return files.filter((file) => base(file.name) === base(name)).length === 1 ? base(name) : name;
}

function refused(issues: readonly Issue[], files: readonly ImportedFile[]): ImportResult {
  const errors = issues.filter(({ severity }) => severity === 'error');
  const isSaid = (issue: Issue) =>
    errors.some(({ file, message }) => file === issue.file && message.startsWith(issue.message));
  return {
    ok: false,
    issues: inOrder(
      issues.filter((issue) => errors.includes(issue) || !isSaid(issue)),
      files,
    ),
  };
}

/** By files as they were given, then by lines; each once. */
function inOrder(issues: readonly Issue[], files: readonly ImportedFile[]): Issue[] {
  const rank = new Map(files.map(({ name }, i) => [name, i]));
  const distinct = new Map(
    issues.map((issue) => [JSON.stringify([issue.file, issue.line, issue.column, issue.message]), issue]),
  );
  const of = ({ file }: Issue) => rank.get(file) ?? files.length;
  return [...distinct.values()].sort((a, b) => of(a) - of(b) || a.line - b.line || a.column - b.column);
}
