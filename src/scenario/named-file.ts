import type { Path } from './document.ts';
import type { Issue } from './issue.ts';

/** Opens the files that a scenario names, and takes what is worth a warning. */
export interface FileAccess {
  /**
   * Null, and reported, where the file cannot be read.
   * @param at the path of the key that names it
   */
  open(file: string, at: Path): NamedFile | null;
  warn(at: Path, message: string): void;
}

/** A file that a scenario names, with what is wrong in it. */
export class NamedFile {
  readonly name: string;
  readonly text: string;
  readonly #lines: readonly string[];
  readonly #issues: Issue[] = [];
  #unsaid = 0;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.#lines = text.split(/\r?\n/);
  }

  /** The first of them, and how many more there are. */
  get issues(): readonly Issue[] {
    const last = this.#issues.at(-1);
    if (last === undefined || this.#unsaid === 0) return this.#issues;
    return [...this.#issues, { ...last, message: `and ${this.#unsaid} more like these` }];
  }

  /** Line `row` as it stands there, from 1. */
  line(row: number): string {
    return this.#lines[row - 1] ?? '';
  }

  report(place: { readonly line: number; readonly column: number }, message: string): void {
    if (this.#issues.length >= MOST_ISSUES) {
      this.#unsaid++;
      return;
    }
    const excerpt = this.line(place.line).replace(/^\ufeff/, '');
    this.#issues.push({ severity: 'error', file: this.name, ...place, path: '', message, excerpt });
  }
}

const MOST_ISSUES = 20; // a column of the wrong form is wrong in every row
