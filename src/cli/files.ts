import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXIT, Failure } from './exit.ts';

/** @throws Failure where the file cannot be read */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw fileFailure(error, `cannot read ${file}`);
  }
}

/** Bytes of a file; 0 of a pipe or a device. */
export function sizeOf(file: string): number {
  return statSync(file).size;
}

/** For the reader of a scenario, who says which file and where it is named. */
export function readNamedFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw isSystemError(error) ? new Error(`${reasonOf(error)}; looked for ${file}`) : error;
  }
}

/** @throws Failure where these bytes are no text */
export function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(EXIT.input, `${file}:${placeOfNoText(bytes)}: error: expected text in UTF-8`);
  }
}

/** Line and column of the first byte that no character begins or goes on with. */
function placeOfNoText(bytes: Uint8Array): string {
  const isText = (part: Uint8Array) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(part);
      return true;
    } catch {
      return false;
    }
  };
  let line = 1;
  for (let from = 0; ; line++) {
    const end = bytes.indexOf(10, from);
    const part = bytes.subarray(from, end < 0 ? bytes.length : end);
    if (!isText(part)) {
      let length = part.length;
      while (!isText(part.subarray(0, length))) length--;
      return `${line}:${new TextDecoder().decode(part.subarray(0, length)).length + 1}`;
    }
    if (end < 0) return `${line}:1`;
    from = end + 1;
  }
}

let standardInput: Promise<Uint8Array> | null = null;

/** Whoever asks again gets the same. */
export function readStandardInput(): Promise<Uint8Array> {
  standardInput ??= allOfStandardInput();
  return standardInput;
}

async function allOfStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  } catch (error) {
    throw fileFailure(error, 'cannot read standard input');
  }
  return Buffer.concat(chunks);
}

/** A failure of the file system, in words. Anything else passes through as it is. */
function fileFailure(error: unknown, doing: string): unknown {
  if (!isSystemError(error)) return error;
  return new Failure(EXIT.file, `${doing}: ${reasonOf(error)}`);
}

function reasonOf(error: Error & { readonly code: string }): string {
  return REASONS[error.code] ?? error.message;
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'a part of its path is a file, not a folder',
  ENOSPC: 'no space left on the device',
  EMFILE: 'too many files are open',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EINVAL: 'the name is not a valid one',
};

/**
 * Finds out, before any work is done, whether `file` could be written. Folders that are missing count as writable with
 * `makeFolders`, where the nearest one that exists is.
 *
 * @throws Failure where it could not
 */
export function checkWritable(file: string, options: { readonly makeFolders: boolean }): void {
  const doing = `cannot write ${file}`;
  try {
    if (existsSync(file)) {
      if (statSync(file).isDirectory()) throw new Failure(EXIT.file, `${doing}: it is a folder`);
      accessSync(file, constants.W_OK);
      if (!statSync(file).isFile()) return;
    }
    let folder = dirname(existsSync(file) ? realpathSync(file) : file);
    while (options.makeFolders && !existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
    if (!existsSync(folder)) throw new Failure(EXIT.file, `${doing}: there is no folder ${folder}`);
    if (!statSync(folder).isDirectory()) throw new Failure(EXIT.file, `${doing}: ${folder} is a file, not a folder`);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileFailure(error, doing);
  }
}

/** Writes a file, and the folders that it lacks, so that nobody ever sees a part of it. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const pending = new PendingFile(file);
  try {
    pending.write(content);
    pending.keep();
  } catch (error) {
    pending.drop();
    throw error;
  }
}

/** @throws Failure where the file exists already, or cannot be written */
export function writeNew(file: string, content: string): void {
  if (existsSync(file)) throw new Failure(EXIT.file, `${file} exists already`, 'With --force it is overwritten.');
  checkWritable(file, { makeFolders: true });
  writeWhole(file, content);
}

/** A file that grows beside its place under a name of its own, and takes its place when it is whole. */
export class PendingFile {
  /** Open for writing; of the whole process, its threads included. */
  readonly descriptor: number;
  readonly #file: string;
  readonly #target: string;
  readonly #temporary: string | null;
  #open = true;

  constructor(file: string) {
    this.#file = file;
    try {
      mkdirSync(dirname(file), { recursive: true });
      this.#target = existsSync(file) ? realpathSync(file) : file;
      const before = existsSync(file) ? statSync(file) : null;
      // A pipe or a device cannot be replaced, only written to.
      this.#temporary =
        before === null || before.isFile()
          ? join(dirname(this.#target), `.${basename(this.#target)}.${process.pid}-${++PendingFile.#made}.tmp`)
          : null;
      this.descriptor =
        this.#temporary === null
          ? openSync(this.#target, 'w')
          : openSync(this.#temporary, 'wx', before === null ? 0o666 : before.mode & 0o777);
    } catch (error) {
      throw fileFailure(error, `cannot write ${file}`);
    }
    PendingFile.#unfinished.add(this);
  }

  write(content: string | Uint8Array): void {
    try {
      writeFileSync(this.descriptor, content);
    } catch (error) {
      throw fileFailure(error, `cannot write ${this.#file}`);
    }
  }

  /** @param isSafe whether it is to outlast a failure of the machine, for which the disk is waited for */
  keep(isSafe = true): void {
    try {
      if (isSafe && fstatSync(this.descriptor).isFile()) fsyncSync(this.descriptor);
      this.#close();
      if (this.#temporary !== null) renameSync(this.#temporary, this.#target);
      PendingFile.#unfinished.delete(this);
    } catch (error) {
      throw fileFailure(error, `cannot write ${this.#file}`);
    }
  }

  /** Leaves things as they were before. */
  drop(): void {
    PendingFile.#unfinished.delete(this);
    this.#close();
    if (this.#temporary !== null && existsSync(this.#temporary)) unlinkSync(this.#temporary);
  }

  static #made = 0;
  static readonly #unfinished = new Set<PendingFile>();

  /** For the end of the process, however it comes. */
  static dropUnfinished(): void {
    for (const file of PendingFile.#unfinished) file.drop();
  }

  #close(): void {
    if (this.#open) closeSync(this.descriptor);
    this.#open = false;
  }
}

/** Gathers lines and writes them in large pieces, waiting for each: what a run makes never piles up in memory. */
export class LineWriter {
  readonly #descriptor: number;
  readonly #file: string;
  #lines: string[] = [];
  #length = 0;

  constructor(descriptor: number, file: string) {
    this.#descriptor = descriptor;
    this.#file = file;
  }

  line(text: string): void {
    this.#lines.push(text, '\n');
    this.#length += text.length + 1;
    if (this.#length >= PIECE) this.flush();
  }

  flush(): void {
    const bytes = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#length = 0;
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(this.#descriptor, bytes, from);
    } catch (error) {
      throw fileFailure(error, `cannot write ${this.#file}`);
    }
  }
}

const PIECE = 1 << 18; // characters
