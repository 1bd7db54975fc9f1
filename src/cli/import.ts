import { existsSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ImportedFile } from '../index.ts';
import { formatIssue, importScenario } from '../index.ts';
import { EXIT, type ExitStatus, Failure, usageError, worst } from './exit.ts';
import { checkWritable, PendingFile, readBytes, readStandardInput, textOf } from './files.ts';
import { STANDARD_INPUT, shownName } from './scenario-files.ts';
import type { Terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';

export interface ImportVerbOptions {
  /** As typed: FILE, or NAME=FILE. */
  readonly files: readonly string[];
  /** NAME=VALUE */
  readonly parameters: readonly string[];
  readonly out: string | undefined;
  readonly force: boolean;
}

/** `shardclock import`: a scenario of what people have. */
export async function importFiles(options: ImportVerbOptions, terminal: Terminal): Promise<ExitStatus> {
  const out = options.out === '-' ? undefined : options.out;
  if (out !== undefined && !/\.(ya?ml)$/i.test(out))
    throw usageError(`${out}: expected a name that ends in .yaml or .yml`);
  const words = options.files.map(wordOf);
  if (words.filter(({ file }) => file === STANDARD_INPUT).length > 1)
    throw usageError('standard input (-) can be read only once');
  const parameters = parametersOf(options.parameters);
  const { files, statuses } = await readAll(words, out, terminal);
  if (statuses.length > 0) return worst(statuses);
  const prefix = out === undefined ? {} : { dataPrefix: basename(out, extname(out)) };
  const result = importScenario(files, { parameters, ...prefix });
  if (!result.ok) {
    for (const issue of result.issues) terminal.complain(formatIssue(issue));
    return EXIT.input;
  }
  for (const issue of result.warnings) terminal.note(formatIssue(issue));
  if (out === undefined) {
    terminal.print(result.text);
    return EXIT.done;
  }
  const folder = dirname(out);
  const outputs = [...result.dataFiles.map(({ name, text }) => ({ file: join(folder, name), text }))];
  outputs.push({ file: out, text: result.text });
  const sources = words.map(({ file }) => resolve(file));
  writeAll(outputs, { sources, force: options.force });
  terminal.note(`wrote ${outputs.map(({ file }) => file).join(', ')}; try: ${typedCommand(['run', out])}`);
  return EXIT.done;
}

interface Word {
  readonly file: string;
  readonly about: string | null;
}

/** A file may itself have an = in its name. */
function wordOf(word: string): Word {
  const match = existsSync(word) ? null : /^([^=]+)=(.+)$/.exec(word);
  return match === null ? { file: word, about: null } : { file: match[2]!, about: match[1]! };
}

function parametersOf(words: readonly string[]): Record<string, string> {
  const pairs = words.map((word): [string, string] => {
    const end = word.indexOf('=');
    if (end < 1) throw usageError(`--parameter: expected NAME=VALUE, got '${word}'`);
    return [word.slice(0, end), word.slice(end + 1)];
  });
  const names = pairs.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw usageError(`--parameter ${twice} is given twice; expected one value`);
  return Object.fromEntries(pairs);
}

async function readAll(
  words: readonly Word[],
  out: string | undefined,
  terminal: Terminal,
): Promise<{ readonly files: readonly ImportedFile[]; readonly statuses: readonly ExitStatus[] }> {
  const files: ImportedFile[] = [];
  const statuses: ExitStatus[] = [];
  for (const { file, about } of words) {
    try {
      const bytes = file === STANDARD_INPUT ? await readStandardInput() : readBytes(file);
      if (bytes[0] === 0x1f && bytes[1] === 0x8b)
        throw new Failure(EXIT.input, `${shownName(file)}:1:1: error: it is compressed; unpack it first, with gunzip`);
      files.push({
        name: shownName(file),
        text: textOf(bytes, shownName(file)),
        ...(about === null ? {} : { about }),
        ...(file === STANDARD_INPUT ? {} : { reference: referenceTo(file, out) }),
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      terminal.complain(`shardclock: ${error.message}`);
      statuses.push(error.status);
    }
  }
  return { files, statuses };
}

/** As the scenario names it from where it will stand. */
function referenceTo(file: string, out: string | undefined): string {
  const name = isAbsolute(file) || out === undefined ? file : relative(dirname(out), file);
  return name.split(sep).join('/');
}

interface NewFile {
  readonly file: string;
  readonly text: string;
}

/** All of them, or none. */
function writeAll(
  outputs: readonly NewFile[],
  { sources, force }: { readonly sources: readonly string[]; readonly force: boolean },
): void {
  for (const { file } of outputs) {
    if (sources.includes(resolve(file)))
      throw usageError(`${file} would be overwritten by what is made of it`, 'Choose another name after -o.');
    if (existsSync(file) && !force)
      throw new Failure(EXIT.file, `${file} exists already`, 'With --force it is overwritten.');
    checkWritable(file, { makeFolders: true });
  }
  const pending: PendingFile[] = [];
  try {
    for (const { file, text } of outputs) {
      const one = new PendingFile(file);
      pending.push(one);
      one.write(text);
    }
    for (const one of pending) one.keep();
  } catch (error) {
    for (const one of pending) one.drop();
    throw error;
  }
}
