import type { SourceText } from './tree.ts';

/** A file of data that the scenario names and that stands beside it. */
export interface DataFile {
  /** As the scenario names it. */
  readonly name: string;
  readonly text: string;
}

/** What the scenario reads beside itself: files that were given, and new ones. */
export class DataFiles {
  readonly made: DataFile[] = [];
  /** Of everything live: they say region and account. */
  readonly arns: readonly string[];
  readonly #references: ReadonlyMap<SourceText, string | null>;
  readonly #prefix: string | null;

  /** @param prefix of new files' names; null: none can be made */
  constructor(references: ReadonlyMap<SourceText, string | null>, prefix: string | null, arns: readonly string[]) {
    this.#references = references;
    this.#prefix = prefix;
    this.arns = arns;
  }

  /** How the scenario names a file that was given; null: it cannot. */
  referenceTo(source: SourceText): string | null {
    return this.#references.get(source) ?? null;
  }

  /** The name of the new file; null where none can be made. */
  add(name: string, text: string): string | null {
    if (this.#prefix === null) return null;
    const safe = name.replaceAll(/[^\w.-]+/g, '-').replace(/^[.-]+/, '');
    let free = `${this.#prefix}.${safe}`;
    for (let count = 2; this.made.some((file) => file.name === free); count++)
      free = `${this.#prefix}.${count}.${safe}`;
    this.made.push({ name: free, text });
    return free;
  }
}
