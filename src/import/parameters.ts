import type { Issue } from '../scenario/issue.ts';
import { didYouMean } from '../scenario/issue.ts';
import { parameterProblems } from './parameter-limits.ts';
import type { Tree } from './tree.ts';

/** Values that were given for parameters of templates, for pseudo parameters, imports and variables. */
export class Parameters {
  readonly #given: ReadonlyMap<string, string>;
  readonly #known = new Set<string>();
  readonly #refused: Issue[] = [];

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

  /** The same of one of a template, which says what it may be. */
  declareOf(name: string, parameter: Tree): void {
    this.declare(name);
    const given = this.#given.get(name);
    if (given === undefined) return;
    for (const problem of parameterProblems(parameter, given))
      this.#refused.push(this.#issue(name, given, name.length + 2, problem));
  }

  /** Those that no file knows of, and those that a file does not take. */
  get issues(): readonly Issue[] {
    const unknown = [...this.#given].filter(([name]) => !this.#known.has(name));
    return [
      ...unknown.map(([name, value]) =>
        this.#issue(name, value, 1, `no file has a parameter ${name}${didYouMean(name, this.#known)}`),
      ),
      ...this.#refused,
    ];
  }

  #issue(name: string, value: string, column: number, message: string): Issue {
    const excerpt = `${name}=${value}`;
    return { severity: 'error', file: '--parameter', line: 1, column, path: '', message, excerpt };
  }
}
