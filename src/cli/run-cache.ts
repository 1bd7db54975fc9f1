import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CostOptions, RunFigures, RunMemory, Scenario } from '../index.ts';
import { EXIT, Failure } from './exit.ts';
import { checkWritable, PendingFile } from './files.ts';

/**
 * Keeps what runs say in a folder, a file each, under a hash of all that it depends on: the scenario with its seed and the
 * bytes of the files that it names, the prices, and the build of this command. Runs with handlers are not kept: what their
 * modules import is not known.
 */
export class RunCache implements RunMemory {
  readonly folder: string;
  readonly #cost: CostOptions;
  readonly #onFailure: (message: string) => void;
  #isWritable = true;
  #recalled = 0;
  #kept = 0;

  /**
   * @param onFailure is told once, where something cannot be written; nothing is kept from then on
   * @throws Failure where the folder could not be written
   */
  constructor(folder: string, cost: CostOptions, onFailure: (message: string) => void) {
    this.folder = folder;
    this.#cost = cost;
    this.#onFailure = onFailure;
    checkWritable(join(folder, 'runs', 'run.json'), { makeFolders: true });
  }

  /** How many runs it knew. */
  get recalled(): number {
    return this.#recalled;
  }

  /** How many it has kept since. */
  get kept(): number {
    return this.#kept;
  }

  readonly recall = (scenario: Scenario): RunFigures | null => {
    if (!isKept(scenario)) return null;
    const key = this.#keyOf(scenario);
    const file = fileOf(this.folder, key);
    if (!existsSync(file)) return null;
    const figures = entryOf(file, key);
    if (figures !== null) this.#recalled++;
    return figures;
  };

  readonly keep = (scenario: Scenario, figures: RunFigures): void => {
    if (!isKept(scenario) || !this.#isWritable) return;
    const key = this.#keyOf(scenario);
    const file = fileOf(this.folder, key);
    try {
      mkdirSync(dirname(file), { recursive: true });
      const pending = new PendingFile(file);
      const text = JSON.stringify(figures);
      try {
        pending.write(`${JSON.stringify({ key, sha256: sha256(text), figures })}\n`);
        // A torn one is told by its hash.
        pending.keep(false);
      } catch (error) {
        pending.drop();
        throw error;
      }
      this.#kept++;
    } catch (error) {
      this.#isWritable = false;
      this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  };

  #keyOf({ source }: Scenario): string {
    const { prices = null, freeTier = false } = this.#cost;
    return sha256(JSON.stringify([build(), source.sha256, prices, freeTier]));
  }
}

/** The cache of a command that was not told where; null where there cannot be one. */
export function defaultCache(cost: CostOptions, onFailure: (message: string) => void): RunCache | null {
  try {
    const cache = new RunCache(defaultCacheFolder(), cost, onFailure);
    forgetOld(join(cache.folder, 'runs'));
    return cache;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    onFailure(error.message);
    return null;
  }
}

const DAY = 24 * 60 * 60 * 1_000;
/** So long is a run kept where nobody has said where. */
const KEPT_FOR = 60 * DAY;

/** Once a day: what was kept long ago goes, that of builds that are no more with it. Where it cannot, it stays. */
function forgetOld(runs: string): void {
  const mark = join(runs, 'looked-through');
  const now = Date.now();
  const ageOf = (file: string) => now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (ageOf(mark) < DAY) return;
  try {
    mkdirSync(runs, { recursive: true });
    writeFileSync(mark, '');
    for (const name of readdirSync(runs, { recursive: true, encoding: 'utf8' })) {
      const file = join(runs, name);
      if (name.endsWith('.json') && ageOf(file) > KEPT_FOR) unlinkSync(file);
    }
  } catch {
    // Another command may be at it.
  }
}

/** In the user's folder for such things. @throws Failure where the user has none */
function defaultCacheFolder(): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'shardclock');
  if (process.platform === 'darwin') return join(homeFolder(), 'Library', 'Caches', 'shardclock');
  if (process.platform === 'win32' && local !== undefined && isAbsolute(local))
    return join(local, 'shardclock', 'cache');
  return join(homeFolder(), '.cache', 'shardclock');
}

/** HOME may be empty, or relative to wherever one stands; an unknown user has none. */
function homeFolder(): string {
  let folder = '';
  try {
    folder = homedir();
  } catch {
    // Said below.
  }
  if (!isAbsolute(folder)) throw new Failure(EXIT.file, 'no home folder is known');
  return folder;
}

/** Whether all that a run of it depends on is known. */
function isKept({ functions }: Scenario): boolean {
  return functions.every(({ handler }) => handler === null);
}

/** Null for a file that is torn, or of somebody else. */
function entryOf(file: string, key: string): RunFigures | null {
  try {
    const entry: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof entry !== 'object' || entry === null || !('key' in entry) || !('sha256' in entry)) return null;
    if (!('figures' in entry) || entry.key !== key || entry.sha256 !== sha256(JSON.stringify(entry.figures)))
      return null;
    return entry.figures as RunFigures;
  } catch {
    return null;
  }
}

function fileOf(folder: string, key: string): string {
  return join(folder, 'runs', key.slice(0, 2), `${key}.json`);
}

let known: string | null = null;

/** Of the files of this command: a version that is still being worked on gives other figures under the same number. */
function build(): string {
  if (known === null) {
    const folder = dirname(fileURLToPath(import.meta.url));
    const hash = createHash('sha256');
    const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
    for (const name of files.sort()) hash.update(name).update(readFileSync(join(folder, name)));
    known = hash.digest('hex');
  }
  return known;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
