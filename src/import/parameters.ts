import type { Issue } from '../scenario/issue.ts';
import { didYouMean } from '../scenario/issue.ts';

/** Values that were given for parameters of templates, for pseudo parameters, imports and variables. */
export class Parameters {
  readonly #given: ReadonlyMap<string, string>;
  readonly #known = new Set<string>();

  constructor(given: Readonly<Record<string, string>>) {
    this.#given = new Map(Object.entries(given));
  }

  /** Of the one that a file asks for. */
  get(name: string): string | undefined {
    this.#known.add(name);
    return this.#given.get(name);
  }

  /** A file has this parameter, whether or not anything here depends on it. */
  declare(name: string): void {
    this.#known.add(name);
  }

  /** Those that no file knows of. */
  get issues(): readonly Issue[] {
    return [...this.#given]
      .filter(([name]) => !this.#known.has(name))
      .map(([name, value]) => ({
        ...{ severity: 'error', file: '--parameter', line: 1, column: 1, path: '', excerpt: `${name}=${value}` },
        message: `no file has a parameter ${name}${didYouMean(name, this.#known)}`,
      }));
  }
}
